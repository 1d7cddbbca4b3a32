"""A pattern: template data that need not be complete, as a document about templates shows it.

An ellipsis stands for anything: as a value, as any number of items of a list, or as further keys of a mapping. It is
never written to a template.
"""

from collections.abc import Iterator
from enum import Enum
from typing import TypeAlias


class Gap(Enum):
    """An ellipsis."""

    ANYTHING = "..."


GAP = Gap.ANYTHING
REST = "..."
"""The key of an ellipsis among the keys of a mapping; its value is `GAP`."""

ELLIPSES = ("...", "\u2026", "<snip>")
"""How a value or a key is left out."""

Pattern: TypeAlias = "bool | int | float | str | Gap | list[Pattern] | dict[str, Pattern] | None"
"""Template data in which `GAP` stands for anything. Intrinsic functions are in their long form."""


def has_gap(pattern: Pattern) -> bool:
    """Whether there is an ellipsis anywhere in the pattern, also one inside a text."""
    return any(each is GAP or (isinstance(each, str) and is_cut(each)) for each in parts(pattern))


def is_cut(text: str) -> bool:
    """Whether a text leaves something out: it ends with an ellipsis or has one between two words."""
    return "..." in text or "\u2026" in text


def parts(pattern: Pattern) -> Iterator[Pattern]:
    """The pattern and every value in it."""
    waiting = [pattern]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
