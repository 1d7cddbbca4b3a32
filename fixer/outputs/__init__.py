"""The outputs of a run: groups of files, the journal, patch files."""
