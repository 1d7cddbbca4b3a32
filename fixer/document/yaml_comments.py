"""The comments of a YAML text, and to which entry they belong.

An entry owns the comment lines directly above it, at its indentation and without a blank line between, the comment on
the line of its key or dash, and those beside and inside its value.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter

from fixer.document.source import Draft, Entry, Noted, Splice, SpliceKind, Unprovable
from fixer.document.yaml_lift import YamlLifted
from fixer.document.yaml_lines import BREAK, Lines, possible_comments, split_lines
from fixer.document.yaml_tree import YamlNode

_REST = re.compile(r"[ \t]*(?:,?[ \t]*#.*)?", re.DOTALL)
_ANOTHER = re.compile(r"[ \t]+#")
_HEADER = re.compile(rf"[|>][^{BREAK}]*")


class Comments:
    """The comments of one text."""

    def __init__(self, lines: Lines, root: YamlNode) -> None:
        self.lines = lines
        self.text = lines.text
        self.root = root

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where the comments are that begin between two places."""
        if "#" not in self.text[start:end]:
            return []
        found = possible_comments(self.text, start, end)
        if not found:
            return []
        scalars = sorted(_scalars(self.text, self.root, start, end))
        result: list[tuple[int, int]] = []
        for at in found:
            if (not result or at >= result[-1][1]) and not _covers(scalars, at):
                result.append((at, self.lines.end(at)))
        return result

    def texts(self, start: int, end: int) -> list[str]:
        """The comments that begin between two places."""
        return [self.text[first:last].rstrip() for first, last in self.within(start, end)]

    def owned_start(self, entry: Entry) -> int:
        """The start of what an entry owns: of a line of its own, or of its text behind a dash."""
        start = self.lines.start(entry.start)
        indent = self.text[start : entry.start]
        if indent.strip(" "):
            return entry.start
        while (end := self.lines.end_above(start)) < start:
            above = self.lines.start(end)
            if not self.text.startswith(f"{indent}#", above):
                break
            start = above
        return start

    def owned_end(self, entry: Entry) -> int:
        """The end of what an entry owns: that of its last line, unless another entry follows there."""
        end = self.lines.end(entry.end)
        return end if _REST.fullmatch(self.text, entry.end, end) else entry.end

    def of_entry(self, entry: Entry) -> Noted:
        """The comments above an entry, and on the line of its key if its value begins on another line, or behind the
        comma that follows it.
        """
        if is_virtual(entry):
            return Noted(None)
        above = self.texts(self.owned_start(entry), self.lines.start(entry.start))
        beside = self.texts(entry.key_end, min(entry.value.start, self.lines.end(entry.key_end)))
        if self.text.startswith(",", self.lines.after_spaces(entry.end)):
            beside += self.texts(entry.end, self.owned_end(entry))
        return Noted(None, tuple(above), *beside[:1])

    def checked(self, splices: Sequence[Splice], gone: Sequence[Entry], newline: str) -> list[Splice]:
        """The splices, and those that keep the comments in overwritten values. See `source.Source.checked`."""
        owned = _union((self.owned_start(entry), self.owned_end(entry)) for entry in gone)
        written = [line for splice in splices for line in lines_with_comments(splice.new)]
        result = list(splices)
        for splice in splices:
            for start, end in self.within(splice.start, splice.end):
                text = self.text[start:end].rstrip()
                if _covers(owned, start) or take_comment(text, written):
                    continue
                if splice.kind is SpliceKind.VALUE:
                    result.append(self.above(splice.start, [text], newline))
                    continue
                raise Unprovable("a comment would be lost")
        return result

    def above(self, offset: int, comments: Sequence[str], newline: str) -> Splice:
        """Writes comments above the line of a character."""
        start = self.lines.start(offset)
        indent = re.compile(" *").match(self.text, start)
        blanks = indent.group() if indent else ""
        return Splice(start, start, "".join(blanks + comment + newline for comment in comments))


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places in any of the spans, as sorted spans that do not overlap."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            start, before = result.pop()
            end = max(end, before)
        result.append((start, end))
    return result


def _covers(spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a place is in one of the spans, which are sorted and do not overlap."""
    before = bisect_right(spans, at, key=itemgetter(0))
    return before > 0 and at < spans[before - 1][1]


def is_virtual(entry: Entry) -> bool:
    """Whether it is the entry of a short tag, which has no text of its own."""
    return entry.key is not None and entry.key_end == entry.start


def lines_with_comments(text: str) -> list[str]:
    """The lines of a text that may have comments, for `take_comment`."""
    return [line.rstrip() for line in split_lines(text) if "#" in line] if "#" in text else []


def take_comment(comment: str, lines: list[str]) -> bool:
    """Takes the comment off a line that ends with it, apart from other comments; False if there is none."""
    for index, line in enumerate(lines):
        at = line.find(comment)
        while at >= 0:
            before, behind = line[:at], line[at + len(comment) :]
            if before[-1:] in ("", " ", "\t") and (not behind or _ANOTHER.match(behind)):
                lines[index] = before.rstrip(" \t") + behind
                return True
            at = line.find(comment, at + 1)
    return False


def comments_to_keep(draft: Draft) -> Iterator[str]:
    """The comments that must be written with a draft. Those of a value that was copied stay where they were."""
    if isinstance(draft, Noted):
        yield from draft.above
        yield from [draft.beside] if draft.beside else []
        yield from comments_to_keep(draft.draft)
    elif isinstance(draft, YamlLifted):
        yield from draft.comments if draft.moved else ()
    elif isinstance(draft, dict | list):
        inner: Iterable[Draft] = draft.values() if isinstance(draft, dict) else draft
        for each in inner:
            yield from comments_to_keep(each)


def missing(drafts: Iterable[Draft], text: str) -> list[str]:
    """The comments of the drafts that their text does not have."""
    lines = lines_with_comments(text)
    return [each for draft in drafts for each in comments_to_keep(draft) if not take_comment(each, lines)]


def _scalars(text: str, node: YamlNode, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the texts of scalars are that have characters between two places: there, "#" begins no comment."""
    for index in range(bisect_right(node.entries, start, key=attrgetter("end")), len(node.entries)):
        entry = node.entries[index]
        if entry.start >= end:
            break
        if entry.key is not None and entry.key_end > entry.start:
            yield entry.start, entry.key_end
        assert isinstance(entry.value, YamlNode)
        yield from _scalars(text, entry.value, start, end)
    for other in node.elsewhere:
        if node.start <= other.start and other.end <= node.end:  # The mapping of a merge key is written in its place.
            yield from _scalars(text, other, start, end)
    if not node.entries and node.is_scalar:
        header = _HEADER.match(text, node.body) if text[node.body : node.body + 1] in "|>" else None
        yield (header.end() if header else node.body), node.end
