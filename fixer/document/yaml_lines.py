"""The lines of a YAML text, and the comments in them.

YAML 1.1 ends a line with more characters than LF and CR LF: CR alone, NEL, and Unicode's line and paragraph separators
(https://yaml.org/spec/1.1/#id871136). A comment ends there too.
"""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

BREAK = r"\n\r\x85\u2028\u2029"
"""The characters of line ends, for a set in a regular expression."""

_BREAKS = re.compile(rf"\r\n|[{BREAK}]")
_BLANKS = re.compile(rf"[ \t{BREAK}]*")
_UNTIL_CONTENT = re.compile(rf"(?:[ \t{BREAK}]+|#[^{BREAK}]*)*")
_COMMENT = re.compile(rf"(?<![^ \t\ufeff{BREAK}])#")  # Matches the "#" in "a # c" and "# c", not that in "a#c".
_SPACE = " \t\n\r\x85\u2028\u2029"


class Lines:
    """Where the lines of a text begin and end. A byte order mark belongs to no line."""

    def __init__(self, text: str) -> None:
        self.text = text

    def start(self, offset: int) -> int:
        """The start of the line of a character."""
        if self._odd is None:
            start = self.text.rfind("\n", 0, offset) + 1
        else:
            before = bisect_right(self._odd[1], offset)
            start = self._odd[1][before - 1] if before else 0
        return 1 if start == 0 and self.text.startswith("\ufeff") else start

    def end(self, offset: int) -> int:
        """The end of the line of a character, before its line end."""
        if self._odd is not None:
            after = bisect_left(self._odd[0], offset)
            return self._odd[0][after] if after < len(self._odd[0]) else len(self.text)
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def following(self, end: int) -> int:
        """The start of the next line, given the end of this one."""
        match = _BREAKS.match(self.text, end)
        return match.end() if match else end

    def after_spaces(self, offset: int) -> int:
        """The next character of the line that is not a space or a tab; the end of the text if there is none."""
        while self.text[offset : offset + 1] in (" ", "\t"):
            offset += 1
        return offset

    @cached_property
    def newline(self) -> str:
        """The line end of new lines: one that all readers of YAML know."""
        if "\r\n" in self.text:
            return "\r\n"
        return "\r" if "\r" in self.text and "\n" not in self.text else "\n"

    def column(self, offset: int) -> int:
        """The column of a character, from 0."""
        return offset - self.start(offset)

    def end_above(self, start: int) -> int:
        """The end of the line above the line that starts here."""
        if start > 1 and self.text[start - 2 : start] == "\r\n":
            return start - 2
        return start - 1 if start > 0 and self.text[start - 1] in _SPACE else start

    def is_blank(self, start: int, end: int) -> bool:
        """Whether there are only blanks and line ends between two places."""
        return not self.text[start:end].strip(_SPACE)

    def above_blank(self, start: int) -> int:
        """The start of the first of the blank lines that stand directly above the line that starts here."""
        while (end := self.end_above(start)) < start and self.is_blank(self.start(end), end):
            start = self.start(end)
        return start

    def below_blank(self, start: int) -> int:
        """The end of the blank lines from this line start on, their line ends included."""
        while start < len(self.text) and self.is_blank(start, end := self.end(start)):
            if (below := self.following(end)) == start:
                break
            start = below
        return start

    @cached_property
    def _odd(self) -> tuple[list[int], list[int]] | None:
        """Where line ends begin and end, if the text has other ones than LF and CR LF."""
        text = self.text
        odd = any(mark in text for mark in "\x85\u2028\u2029") or text.count("\r") != text.count("\r\n")
        if not odd:
            return None
        spans = [match.span() for match in _BREAKS.finditer(text)]
        return [start for start, _ in spans], [end for _, end in spans]


def split_lines(text: str) -> list[str]:
    """The lines of a text without their line ends."""
    return _BREAKS.split(text)


def content(text: str, at: int) -> int:
    """Where the next content begins, after blanks and comments."""
    match = _UNTIL_CONTENT.match(text, at)
    return match.end() if match else at


def after_blanks(text: str, at: int) -> int:
    """The next character that is neither a blank nor a line end."""
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def without_blanks(text: str) -> str:
    """A text without the blanks and line ends at its end."""
    return text.rstrip(_SPACE)


def possible_comments(text: str, start: int, end: int) -> list[int]:
    """Where comments begin between two places, and what looks like comments in the text of scalars."""
    return [match.start() for match in _COMMENT.finditer(text, start, end)]
