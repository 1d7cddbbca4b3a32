"""A possible repair of one fault in a text, and how texts are cut into lines."""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer.document.edits import in_order, splice_text
from fixer.document.source import Splice


@dataclass(frozen=True, slots=True)
class Candidate:
    """Splices of the text that belong to one fault, and the fault as a clause ("a comma is missing").

    `inserted` is the single character that it adds; "" if it does anything else.
    """

    splices: tuple[Splice, ...]
    fault: str

    is_plain: bool = False
    """Whether the text itself shows that the repair is right, whatever comes after it."""

    @property
    def start(self) -> int:
        """The first character that it changes."""
        return self.splices[0].start

    @property
    def end(self) -> int:
        """Where the last change ends, in the text before."""
        return self.splices[-1].end

    @property
    def growth(self) -> int:
        """How much longer the text becomes."""
        return sum(len(each.new) - (each.end - each.start) for each in self.splices)

    @property
    def cost(self) -> int:
        """The number of characters that it removes and adds."""
        return sum(len(each.new) + each.end - each.start for each in self.splices)

    @property
    def inserted(self) -> str:
        """The single character that it adds; "" if it does anything else."""
        first = self.splices[0]
        return first.new if len(self.splices) == 1 and first.start == first.end and len(first.new) == 1 else ""

    def applied(self, text: str) -> str:
        """The text after it."""
        return splice_text(text, self.splices)


def candidate(fault: str, *splices: tuple[int, int, str], is_plain: bool = False) -> Candidate:
    """A candidate of some splices (start, end, new)."""
    return Candidate(tuple(in_order(Splice(*each) for each in splices)), fault, is_plain)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: where it begins, its indentation and its content without the line end."""

    start: int
    indent: str
    content: str

    @property
    def body(self) -> int:
        """Where the content begins."""
        return self.start + len(self.indent)

    @property
    def end(self) -> int:
        """The end of the content."""
        return self.body + len(self.content)


def line_at(text: str, offset: int) -> Line:
    """The line that contains a character."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : len(text) if end < 0 else end].removesuffix("\r")
    content = line.lstrip(" \t\ufeff")
    return Line(start, line[: len(line) - len(content)], content)


def lines_before(text: str, offset: int) -> Iterator[Line]:
    """The lines above the one that contains a character, the nearest one first, without blank ones."""
    start = text.rfind("\n", 0, offset) + 1
    while start > 0:
        line = line_at(text, start - 1)
        if line.content.strip():
            yield line
        start = line.start


def lines_after(text: str, offset: int) -> Iterator[Line]:
    """The lines below the one that contains a character, without blank ones."""
    while (end := text.find("\n", offset)) >= 0 and end + 1 < len(text):
        line = line_at(text, end + 1)
        if line.content.strip():
            yield line
        offset = end + 1
