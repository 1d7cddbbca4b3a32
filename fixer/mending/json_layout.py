"""The structure of JSON text that its line breaks and indentation show, as evidence besides its brackets."""

import re
from collections.abc import Iterator

# A string, or a bracket outside of strings. Matches "a" and {. Must not match the brace in "{".
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[\[\]{}]|\n[ \t]*(?=\S)')
_OPENERS = {"}": "{", "]": "["}


def first_conflict(text: str) -> int | None:
    """The first place at which the indentation contradicts the brackets; None if there is none."""
    return next(_conflicts(text), None)


def conflicts(text: str) -> int:
    """The number of places at which the indentation contradicts the brackets."""
    return sum(1 for _ in _conflicts(text))


def open_brackets(text: str) -> list[int] | None:
    """The places of the brackets that the text does not close; None if a bracket closes another one."""
    opened: list[int] = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in ("{", "["):
            opened.append(token.start())
        elif mark in ("}", "]") and (not opened or text[opened.pop()] != _OPENERS[mark]):
            return None
    return opened


def _conflicts(text: str) -> Iterator[int]:
    """Each line that does not begin where the brackets around it say: a closing bracket in the column of the line that
    has the opening one, an entry deeper than that line and in the column of the entries before it.
    """
    opened: list[tuple[int, int | None]] = []  # The column of the line of a bracket, and that of its entries.
    column, starts_line = 0, True
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark[0] == "\n":
            column, starts_line = len(mark.expandtabs(8)) - 1, True
            if opened and text[token.end()] not in "]}":
                outer, entries = opened[-1]
                if column <= outer or (entries is not None and column != entries):
                    yield token.end()
                opened[-1] = (outer, column if entries is None else entries)
            continue
        if mark in ("{", "["):
            opened.append((column, None))
        elif mark in ("}", "]"):
            outer, _ = opened.pop() if opened else (-1, None)
            if starts_line and column != outer:
                yield token.start()
        starts_line = False
    if opened:
        yield len(text)
