"""The text of a YAML value for another place: the same lines in another indentation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fixer.document.source import Entry, Lifted
from fixer.document.yaml_lines import Lines, split_lines
from fixer.document.yaml_tree import YamlNode
from fixer.model import Json

_OTHER_BREAKS = re.compile(r"\r(?!\n)|[\x85\u2028\u2029]")
_FIXED_INDENT = re.compile(r"[|>][-+]?[0-9]")
_FREE_HEADER = re.compile(r"(?:^| )[|>][-+]?$")  # Matches "|" and "!Sub >-", not "|2".


@dataclass(frozen=True, slots=True, eq=False)
class YamlLifted(Lifted):
    """Lifted text as the rest of a line (`head`) and the lines below it, as they were indented; and its comments.

    `column` is where the lines of a block or a block scalar (`is_below`) begin, or the column of the old entry.
    """

    head: str
    below: tuple[str, ...]
    column: int
    is_below: bool

    comments: tuple[str, ...]

    @property
    def is_movable(self) -> bool:
        """Whether its lines mean the same in another indentation, and it may be there twice if it was not moved."""
        if _OTHER_BREAKS.search(self.text) or (not self.moved and re.search(r"(^|\s)&\S", self.text)):
            return False
        assert isinstance(self.node, YamlNode)
        if self.node.pseudo and not self.node.entries:  # It is the text behind a short tag, and begins with that.
            return False
        return not _FIXED_INDENT.match(self.text, self.node.body - self.node.start)

    def at(self, column: int, inner: int) -> tuple[str, list[str]]:
        """The head and the lines below for an entry in a column, whose own lines begin at `inner`."""
        shift = inner - self.column if self.is_below else column - self.column
        return self.head, [_shifted(line, shift, self.column) for line in self.below]


def lifted(
    text: str, node: YamlNode, entry: Entry | None, data: Json, moved: bool, lines: Lines, comments: Sequence[str]
) -> YamlLifted:
    """The lifted text of a node; that of a block without a tag begins with its first line, or with its first entry if
    that is behind a dash.
    """
    head, *below = split_lines(text)
    column, is_below = lines.column(entry.start if entry else node.start), False
    if node.is_block:
        column, is_below = lines.column(node.first.start), True
        if node.start == node.body:
            below = [head if head.startswith(" ") or column == 0 else " " * column + head, *below]
            head = ""
    elif text[node.body - node.start :][:1] in ("|", ">"):
        column, is_below = body_column(below), True
    return YamlLifted(text, node, entry, data, moved, head, tuple(below), column, is_below, tuple(comments))


def body_column(lines: Sequence[str]) -> int:
    """The column of the text of a block scalar, given the lines below its header."""
    filled = next((line for line in lines if line.strip(" ")), "")
    return len(filled) - len(filled.lstrip(" "))


def as_deep(old: str, head: str, lines: list[str]) -> list[str]:
    """The lines of a new block scalar with the indentation of the old one, if `old` is the text of one."""
    if old[:1] not in ("|", ">") or _FIXED_INDENT.match(old) or not _FREE_HEADER.search(head):
        return lines
    column, new = body_column(split_lines(old)[1:]), body_column(lines)
    return [" " * column + line[new:] if line else line for line in lines] if column else lines


def plain(draft: object) -> object:
    """The data of a draft that may be lifted text."""
    return draft.data if isinstance(draft, Lifted) else draft


def _shifted(line: str, shift: int, column: int) -> str:
    blanks = len(line) - len(line.lstrip(" "))
    if blanks == len(line) and blanks <= column:
        return line
    return " " * shift + line if shift >= 0 else line[min(-shift, blanks) :]
