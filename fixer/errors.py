"""The errors that a user can do something about. Any other exception is a bug and shows a traceback."""


class FixerError(Exception):
    """An error that a user can do something about. It is shown as one line: `path:line:column: message`.

    line and column count from 1; they are None where they do not apply.
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
    """A file that cannot be read or parsed, or that is not a template."""


class BadPatch(FixerError):
    """Operations that are malformed, that do not apply, or that would edit a place that cannot be edited with proof."""


class BadConfig(FixerError):
    """A setting, option or configuration file that is wrong."""
