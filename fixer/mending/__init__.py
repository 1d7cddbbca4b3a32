"""Text that does not parse, and its repair: edits of the text that the parser confirms."""
