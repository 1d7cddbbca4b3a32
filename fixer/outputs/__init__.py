"""What a run writes: groups of files, the journal, patch files."""
