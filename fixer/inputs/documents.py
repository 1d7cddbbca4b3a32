"""Documents that people write: requirements and failure lists. Their size, lines and time to read have limits."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from fixer.aws.time_limit import Overrun, within
from fixer.errors import BadConfig
from fixer.inputs.regular_file import read_regular

LONGEST = 1000
"""The characters of a sentence or of a line that are read; a longer one is not a statement of a person."""

_LARGEST = 1_000_000
_SECONDS = 10.0

T = TypeVar("T")


def read_lines(path: str, what: str, read: Callable[[str], Iterable[T]]) -> tuple[T, ...]:
    """What `read` makes of the text of a document; `what` names its kind in errors.

    Raises BadConfig as `read_document` does, and if it takes longer than ten seconds.
    """
    text = read_document(path, what)
    try:
        return within(_SECONDS, lambda: tuple(read(text)))
    except Overrun:
        raise BadConfig(f"takes longer than {_SECONDS:.0f} seconds to read as a {what}: shorten it", path) from None


def read_document(path: str, what: str) -> str:
    """The text of a document; `what` names its kind in errors.

    Raises BadConfig if it cannot be read, is larger than a megabyte, or is not UTF-8 text.
    """
    data = read_regular(path, _LARGEST, f"a {what}", BadConfig)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadConfig("is not UTF-8 text", path) from error
