"""What a user can do something about. Anything else is a bug, and shows as one."""


class FixerError(Exception):
    """What a user can do something about. Shown as one line `path:line:column: message`; anything else is a bug.

    line and column count from 1; None where they make no sense.
    """

    def __init__(self, message: str, path: str = "", line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path or None, self.line, self.column) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class BadTemplate(FixerError):
    """A file that cannot be read, parsed, or is no template."""


class BadPatch(FixerError):
    """Operations that are malformed, do not apply, or would edit a place that cannot be edited with proof."""


class BadConfig(FixerError):
    """A setting, option or configuration file that is wrong."""
