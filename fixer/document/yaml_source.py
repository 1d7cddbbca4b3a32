"""YAML as a source of nodes: how entries are written, replaced and removed in a text whose comments are kept.

An entry of a block mapping or sequence owns the lines from its key or dash to the end of its value, and some comments
(`yaml_comments`). What an entry owns is removed or moved with it; every other comment stays, if need be above the line
that it stood on. An edit that would lose a comment is refused.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from fixer.document.edits import splice_text
from fixer.document.source import Draft, Drafts, Entry, Lifted, Node, Noted, Splice, SpliceKind, Unprovable, position_at
from fixer.document.yaml_comments import Comments, is_virtual, lines_with_comments, missing, take_comment
from fixer.document.yaml_flow import Flow
from fixer.document.yaml_lift import as_deep, lifted
from fixer.document.yaml_lines import Lines, without_blanks
from fixer.document.yaml_nodes import compose
from fixer.document.yaml_quotes import Like, like_of, neighbours_like
from fixer.document.yaml_style import YamlStyle, takes_comment
from fixer.document.yaml_tree import YamlNode
from fixer.model import Json, Position

_DASHES = re.compile(r" *(?:- +)+")


def read(text: str, path: str) -> Json:
    """The data of a YAML text. Raises BadTemplate with line and column if the text is not YAML."""
    return compose(text, path).data


class YamlSource:
    """The nodes of a YAML text that `read` has accepted. See `source.Source`."""

    attempts = 3

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        root = compose(text, path)
        self.root: Node = root
        self.lines = Lines(text)
        self._comments = Comments(self.lines, root)

    def position(self, offset: int) -> Position:
        """Line and column of a character."""
        return position_at(self.text, offset)

    def entries(self, node: Node) -> Sequence[Entry]:
        """The entries of a container in the order of the text, duplicate keys included; none of a scalar."""
        return _yaml(node).entries

    def refusal(self, node: Node) -> str:
        """Why nothing below this node may be edited."""
        return _yaml(node).frozen

    def elsewhere(self, node: Node) -> Sequence[Node]:
        """The node that an alias names, or the mappings that a merge key brings."""
        return _yaml(node).elsewhere

    def virtual(self, node: Node) -> bool:
        """The long form of a short tag has no text of its own."""
        return _yaml(node).pseudo

    def rename(self, entry: Entry, key: str, attempt: int) -> list[Splice]:
        """Writes another key."""
        return [Splice(entry.start, entry.key_end, self._style.key(key))] if entry.key is not None else []

    def comments(self, entry: Entry) -> Noted:
        """The comments above an entry and on the line of its key."""
        return self._comments.of_entry(entry)

    def has_comments(self, entry: Entry) -> bool:
        """Whether any comments belong to an entry."""
        return bool(self._comments.within(self._comments.owned_start(entry), self._comments.owned_end(entry)))

    def checked(self, splices: Sequence[Splice], gone: Sequence[Entry]) -> list[Splice]:
        """The splices, and those that keep the comments in overwritten values."""
        return self._comments.checked(splices, gone, self.lines.newline)

    def lifted(
        self, node: Node, entry: Entry | None, inside: Sequence[Splice], data: Json, moved: bool, stays: bool
    ) -> Lifted:
        """The text of a value for another place, with the comments in it and, if those come along, beside it."""
        old = _yaml(node)
        start, stop = node.start, node.end
        if old.is_block:
            stop = self.lines.end(node.end)
            if entry and old.body == old.start and self.lines.start(entry.key_end) < self.lines.start(old.start):
                start = self.lines.following(self.lines.end(entry.key_end))
        elif moved and not stays and entry and not is_virtual(entry) and self._has_comment(stop):
            stop = max(stop, self._comments.owned_end(entry))
        text = splice_text(self.text, inside, start, stop)
        lines = lines_with_comments(text)
        of_tag = entry is not None and is_virtual(entry) and not old.is_block
        comments = [each for each in self._comments.texts(start, stop) if take_comment(each, lines) and not of_tag]
        return lifted(text, old, entry, data, moved, self.lines, comments)

    def replace(self, node: Node, within: Node | None, draft: Draft, attempt: int) -> list[Splice]:
        """Writes another value in the place of one."""
        if within is None:
            return [self._replace_root(_yaml(node), draft, attempt)]
        entry = next((entry for entry in self.entries(within) if entry.value is node), None)
        if entry is None or is_virtual(entry):
            raise Unprovable("it is part of a short tag")
        old, flow = _yaml(node), _yaml(within).flow
        bare = draft.draft if isinstance(draft, Noted) else draft
        like = like_of(old, bare)
        splice = self._flow.replace(old, bare, like) if flow else self._replace_block(old, entry, bare, attempt, like)
        beside = self.text[splice.end : self.lines.end(splice.end)]
        return [*self._above(entry, [draft], splice.new + beside), splice]

    def _above(self, entry: Entry, drafts: Sequence[Draft], text: str) -> list[Splice]:
        """Writes the comments of drafts that their text does not have above the line of an entry."""
        comments = missing(drafts, text)
        return [self._comments.above(entry.start, comments, self.lines.newline)] if comments else []

    def _replace_root(self, old: YamlNode, draft: Draft, attempt: int) -> Splice:
        if old is not self.root:
            raise Unprovable("nothing of the moved value stays")
        bare: Draft = draft.data if isinstance(draft, Lifted) else draft  # type: ignore[assignment]
        entries: Drafts = list(bare.items()) if isinstance(bare, dict) else []
        entries = [(None, each) for each in bare] if isinstance(bare, list) else entries
        column = self.lines.column(old.start)
        lines = [line for key, each in entries for line in self._style.entry(key, each, column, attempt)]
        text = self._joined(lines).lstrip(" ") or self._style.flow(bare)
        return Splice(old.start, self._stop(old, ""), text, SpliceKind.VALUE)

    def _has_comment(self, offset: int) -> bool:
        """Whether there is a comment beside what ends here."""
        return self.text.startswith("#", self.lines.after_spaces(offset))

    def _replace_block(self, old: YamlNode, entry: Entry, draft: Draft, attempt: int, like: Like) -> Splice:
        start = entry.start + 1 if entry.key is None else self._behind_colon(entry)
        column = self.lines.column(entry.start)
        first, *lines = self._style.entry(
            entry.key, draft, column, attempt, like=like if entry.key is None else {entry.key: like}
        )
        lead = column + 1 if entry.key is None else first.index(":", column + len(self._style.key(entry.key))) + 1
        head = first[lead:]
        lines = as_deep(self.text[old.body : old.end], head, lines)
        stop = self._stop(old, head if lines else "")
        inside = old.first.start if old.is_block else old.start if old.flow else stop
        beside = self._comments.texts(start, min(stop, inside, self.lines.end(start)))
        if lines and not beside and not old.is_block and self._has_comment(stop):
            beside = self._comments.texts(stop, self.lines.end(stop))  # A comment beside one line is about all of them.
            stop = self.lines.end(stop)
        is_new = beside and not take_comment(beside[0], [head, *(line.rstrip() for line in lines)])
        if is_new and takes_comment(first, lines, entry.key is not None):
            head += self._style.gap + beside[0]
        return Splice(start, stop, self._joined([head, *lines]), SpliceKind.VALUE)

    def insert(
        self, container: Node, before: Entry | None, after: Entry | None, drafts: Drafts, attempt: int
    ) -> list[Splice]:
        """Writes new entries between two neighbours that both stay; one of them may be None."""
        near = before or after
        assert near is not None
        if _yaml(container).flow:
            splice = self._flow.insert(_yaml(container), before, near, drafts)
            return [*self._above(near, [draft for _, draft in drafts], ""), splice]
        column, newline = self.lines.column(near.start), self.lines.newline
        gap = newline if self._is_spaced(container, near) else ""
        entries = [self._entry(container, near, key, draft, attempt) for key, draft in drafts]
        if before is not None:
            gap = "" if _yaml(before.value).last.keeps else gap
            at = self.lines.end(before.end)
            return [*self._closed(before), Splice(at, at, "".join(newline + gap + lines for lines in entries))]
        text = "".join(lines + newline + gap for lines in entries)
        if not (lead := self.text[self.lines.start(near.start) : near.start]).strip(" "):
            at = self._comments.owned_start(near)
            return [Splice(at, at, text)]
        if not _DASHES.fullmatch(lead):
            raise Unprovable("the first entry is not on a line of its own")
        return [Splice(near.start, near.start, text.lstrip(" ") + " " * column)]

    def _entry(self, container: Node, near: Entry, key: str | None, draft: Draft, attempt: int) -> str:
        """The lines of a new entry, with its comments."""
        column = self.lines.column(near.start)
        like = neighbours_like(_yaml(container), near, draft)
        text = self._joined(self._style.entry(key, draft, column, attempt, like=like))
        return self._joined([*(" " * column + comment for comment in missing([draft], text)), text])

    def remove(self, container: Node, run: Sequence[Entry], before: Entry | None, after: Entry | None) -> list[Splice]:
        """Removes adjacent entries with what they own."""
        if _yaml(container).flow:
            return [self._flow.remove(run, before, after)]
        first, last = run[0], run[-1]
        if self.text[self.lines.start(first.start) : first.start].strip(" "):
            return [self._remove_behind_dash(first, last, after)]
        for index in range(1, len(run)):
            if self._comments.within(self._comments.owned_end(run[index - 1]), self._comments.owned_start(run[index])):
                head = self.remove(container, run[:index], before, run[index])
                return [*head, *self.remove(container, run[index:], run[index - 1], after)]
        start, end = self._comments.owned_start(first), self._comments.owned_end(last)
        keeps = before is not None and _yaml(before.value).last.keeps
        if after is None:
            start = self.lines.end_above(start if keeps else self.lines.above_blank(start))
            end = self.lines.end_above(self.lines.below_blank(self.lines.following(end))) if keeps else end
            closes = before is not None and _yaml(before.value).last.style in ("|", ">") and end == len(self.text)
            return [Splice(self.lines.following(start) if closes else start, end, "")]
        end = self.lines.following(end)
        if before is None or keeps or self.lines.above_blank(start) < start:
            end = self.lines.below_blank(end)
        return [Splice(start, end, "")]

    def refill(self, container: Node, within: Node | None, drafts: Drafts, attempt: int) -> list[Splice]:
        """Writes the entries of a container that keeps none of its old entries; without drafts it becomes empty."""
        mapping = isinstance(container.data, dict)
        if _yaml(container).flow and not drafts:
            return [Splice(container.start, container.end, "{}" if mapping else "[]", SpliceKind.VALUE)]
        draft: Draft = {str(key): value for key, value in drafts} if mapping else [value for _, value in drafts]
        return self.replace(container, within, draft, attempt)

    @cached_property
    def _style(self) -> YamlStyle:
        return YamlStyle(self.text)

    @cached_property
    def _flow(self) -> Flow:
        return Flow(self._comments, self._style)

    def _joined(self, lines: Sequence[str]) -> str:
        return self.lines.newline.join(lines)

    def _behind_colon(self, entry: Entry) -> int:
        start = self.text.find(":", entry.key_end) + 1
        if not start or not self.lines.is_blank(entry.key_end, start - 1):
            raise Unprovable("the key has no colon")
        return start

    def _stop(self, old: YamlNode, head: str) -> int:
        """Where the text of a replaced value ends: a block includes the comment beside its last line, the text of a |+
        scalar the blank lines below.
        """
        stop = self.lines.end(old.end) if old.is_block else old.end
        keeps = head.endswith("+") and head.split()[-1][0] == "|"
        if old.keeps and not keeps:
            return old.start + len(without_blanks(self.text[old.start : old.end]))
        if keeps and not old.keeps and self.lines.end(stop) == stop:
            below = self.lines.following(stop)
            if (blank := self.lines.below_blank(below)) > below:
                return self.lines.end_above(blank)
        return stop

    def _remove_behind_dash(self, first: Entry, last: Entry, after: Entry | None) -> Splice:
        """Removes the first entries of a container that begins behind a dash: the next one takes their place."""
        if after is None:
            raise Unprovable("the entry is on the line of a dash")
        comments = self._comments.texts(self._comments.owned_end(last), after.start)
        blanks = " " * self.lines.column(first.start)
        return Splice(first.start, after.start, "".join(text + self.lines.newline + blanks for text in comments))

    def _closed(self, before: Entry) -> list[Splice]:
        """A block scalar at the end of a file without a last line end has no line end in its value; if a line follows
        it, |- is needed.
        """
        node = _yaml(before.value).last
        header = re.compile(r"[|>]([-+0-9]*)").match(self.text, node.body)
        if header is None or node.end != len(self.text) or node.style not in ("|", ">") or "-" in header.group(1):
            return []
        if "+" in header.group(1):
            at = self.text.index("+", node.body)
            return [Splice(at, at + 1, "-", SpliceKind.CLOSING)]
        return [Splice(header.end(), header.end(), "-", SpliceKind.CLOSING)]

    def _is_spaced(self, container: Node, near: Entry) -> bool:
        """Whether the entries around a place have blank lines between them."""
        entries = self.entries(container)
        for first in (near.index - 1, near.index):
            if 0 <= first < len(entries) - 1:
                below = self.lines.following(self.lines.end(entries[first].end))
                lines = re.split(r"\r?\n", self.text[below : entries[first + 1].start])
                return not all(line.strip() for line in lines[:-1])
        return False


def _yaml(node: Node) -> YamlNode:
    assert isinstance(node, YamlNode)
    return node
