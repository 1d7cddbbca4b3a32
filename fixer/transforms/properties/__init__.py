"""Property repairs: a table of wishes, and the engine that makes a transform of each entry. Loaded on demand."""
