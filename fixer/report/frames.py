"""A frame: the line of a template at which a finding is, with a mark below it."""

import re

from fixer.model import Position
from fixer.report.text import plain

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s,{}\[\]]+')
_LEAST = 24


def frame(text: str, at: Position, width: int) -> list[str]:
    """The line at a place of the text and a line that marks the token there, at most `width` characters wide; nothing
    if the text has no such line. Of a long line the part around the place is shown.
    """
    lines = text.split("\n")
    if not 1 <= at.line <= len(lines):
        return []
    line = lines[at.line - 1].rstrip("\r")
    start = min(at.column - 1, len(line))
    token = _TOKEN.match(line, start)
    end = token.end() if token else start + 1
    room = max(width - len(str(at.line)) - 3, _LEAST)
    first = 0 if end <= room else max(0, min(start - room // 3, len(line) - room))
    before, marked = (plain(part.replace("\t", " ")) for part in (line[first:start], line[start:end]))
    after = plain(line[end : first + room].replace("\t", " "))
    margin = " " * len(str(at.line))
    shown = f"{before}{marked}{after}"[:room].rstrip()
    carets = "^" * max(1, min(len(marked), room - len(before)))
    return [f"{at.line} | {shown}".rstrip(), f"{margin} | {' ' * len(before)}{carets}"]
