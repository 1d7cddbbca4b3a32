"""The exit codes of every command."""

NOTHING, SOMETHING, ERROR = 0, 1, 2
"""Nothing to do or all done; findings, changes to make, or a repair that failed; an error."""

INTERRUPTED = 130
"""After Ctrl-C: 128 and the number of the signal SIGINT, as shells have it."""
