"""YAML as a source of nodes: how entries are written, replaced and removed in a text whose comments are kept.

An entry of a block mapping or sequence owns the lines from its key or dash to the end of its value, the comment beside
its last line, and the comment lines directly above it, at its indentation and without a blank line between. What an
entry owns is removed with it; every other comment stays. An edit that would lose a comment is refused.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from fixer.document.source import Draft, Drafts, Entry, Node, Splice, Unprovable, position_at
from fixer.document.yaml_nodes import YamlNode, compose
from fixer.document.yaml_style import YamlStyle
from fixer.model import Json, Position

_BLANK_LINE = re.compile(r"[ \t]*(?:\r?\n|$)")


def read(text: str, path: str) -> Json:
    """The data of a YAML text. Raises BadTemplate with line and column if the text is not YAML."""
    return compose(text, path).data


class YamlSource:
    """The nodes of a YAML text that `read` has accepted. See `source.Source`."""

    attempts = 2

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.root: Node = compose(text, path)

    def position(self, offset: int) -> Position:
        """Line and column of a character."""
        return position_at(self.text, offset)

    def entries(self, node: Node) -> Sequence[Entry]:
        """The entries of a container in the order of the text, duplicate keys included; none of a scalar."""
        return _yaml(node).entries

    def refusal(self, node: Node) -> str:
        """Why nothing below this node may be edited."""
        return _yaml(node).frozen

    def virtual(self, node: Node) -> bool:
        """The long form of a short tag has no text of its own."""
        return _yaml(node).pseudo

    def rename(self, entry: Entry, key: str, attempt: int) -> list[Splice]:
        """Writes another key."""
        return [Splice(entry.start, entry.key_end, self._style.key(key))] if entry.key is not None else []

    def replace(self, node: Node, within: Node | None, draft: Draft, attempt: int) -> list[Splice]:
        """Writes another value in the place of one."""
        old = _yaml(node)
        if within is None:
            raise Unprovable("the whole document would be rewritten")
        entry = next((entry for entry in self.entries(within) if entry.value is node), None)
        if entry is None or (entry.start == entry.key_end == node.start and entry.key is not None):
            raise Unprovable("it is part of a short tag")
        if attempt == 0 and (text := self._behind_tag(old, draft)):
            return [Splice(old.body, node.end, text)]
        if _yaml(within).flow:
            return [Splice(node.start, node.end, self._style.flow(draft))]
        cautious = attempt > 0
        same = not isinstance(draft, dict | list) and not old.entries and old.style in ("'", '"') and not old.tag
        if same and isinstance(draft, str) and "\n" not in draft:
            return [Splice(node.start, node.end, self._style.scalar(draft, '"' if cautious else old.style))]
        if entry.key is None:
            return self._replace_item(entry, draft, cautious)
        column = self._column(entry.start)
        head, lines = self._style.value(draft, column, cautious)
        start = self.text.find(":", entry.key_end) + 1
        if not start or self.text[entry.key_end : start - 1].strip():
            raise Unprovable("the key has no colon")
        beside, _, above = self.text[start : node.start].partition("\n")
        if "#" in above and re.search(r"^\s*$", above.rpartition("\n")[0], re.MULTILINE):
            raise Unprovable("a comment between the key and its value would be lost")
        comment = f"  {beside.strip()}" if beside.strip() else ""
        return [Splice(start, self._stop(node), (f" {head}" if head else "") + comment + self._joined("", lines))]

    def _behind_tag(self, old: YamlNode, draft: Draft) -> str:
        """The new text behind a short tag that stays, in the quotation marks of the old text; "" if it has none."""
        mark = self.text[old.body : old.body + 1]
        if not old.tag or mark not in ("'", '"') or not isinstance(draft, dict) or len(draft) != 1:
            return ""
        [(function, value)] = draft.items()
        is_same = function == f"Fn::{old.tag.removeprefix('!')}" and isinstance(value, str) and "\n" not in value
        return self._style.scalar(value, mark) if is_same else ""  # type: ignore[arg-type]

    def insert(
        self, container: Node, before: Entry | None, after: Entry | None, drafts: Drafts, attempt: int
    ) -> list[Splice]:
        """Writes new entries between two neighbours that both stay; one of them may be None."""
        near = before or after
        assert near is not None
        if _yaml(container).flow:
            return self._insert_flow(container, before, after, drafts)
        column, cautious = self._column(near.start), attempt > 0
        newline = self._style.newline
        gap = newline if self._is_spaced(container, near) else ""
        entries = [self._style.entry(key, draft, column, cautious) for key, draft in drafts]
        if before is not None:
            at = self._line_end(before.end)
            text = "".join(newline + gap + newline.join(lines) for lines in entries)
            return [*self._closed_literal(before), Splice(at, at, text)]
        if self.text[self._line_start(near.start) : near.start].strip():
            raise Unprovable("the first entry is on the line of a dash")
        at = self._owned_start(near)
        return [Splice(at, at, "".join(newline.join(lines) + newline + gap for lines in entries))]

    def remove(self, container: Node, run: Sequence[Entry], before: Entry | None, after: Entry | None) -> list[Splice]:
        """Removes adjacent entries with what they own."""
        if _yaml(container).flow:
            return [self._remove_flow(run, before, after)]
        first, last = run[0], run[-1]
        if self.text[self._line_start(first.start) : first.start].strip():
            return [self._remove_behind_dash(first, after)]
        start, end = self._owned_start(first), self._line_end(last.end)
        if after is None:
            start = self._above_blank_lines(start)
            return [Splice(self._end_of_line_above(start), end, "")]
        end = self._next_line(end)
        if before is None or self._above_blank_lines(start) < start:
            end = self._below_blank_lines(end)
        return [Splice(start, end, "")]

    def refill(self, container: Node, within: Node | None, drafts: Drafts, attempt: int) -> list[Splice]:
        """Writes the entries of a container that keeps none of its old entries; without drafts it becomes empty."""
        mapping = isinstance(container.data, dict)
        if _yaml(container).flow and not drafts:
            return [Splice(container.start, container.end, "{}" if mapping else "[]")]
        draft: Draft = {str(key): value for key, value in drafts} if mapping else [value for _, value in drafts]
        return self.replace(container, within, draft, attempt)

    @cached_property
    def _style(self) -> YamlStyle:
        return YamlStyle(self.text)

    def _replace_item(self, entry: Entry, draft: Draft, cautious: bool) -> list[Splice]:
        column = self._column(entry.start)
        lines = self._style.entry(None, draft, column, cautious)
        if "#" in self.text[entry.start : entry.value.start]:
            raise Unprovable("there is a comment between the dash and its value")
        return [Splice(entry.start, self._stop(entry.value), self._joined(lines[0].lstrip(), lines[1:]))]

    def _joined(self, head: str, lines: Sequence[str]) -> str:
        return self._style.newline.join([head, *lines])

    def _stop(self, node: Node) -> int:
        """Where the text of a replaced value ends: a block includes the comment beside its last line."""
        old = _yaml(node)
        return self._line_end(node.end) if old.entries and not old.flow and not old.pseudo else node.end

    def _insert_flow(self, container: Node, before: Entry | None, after: Entry | None, drafts: Drafts) -> list[Splice]:
        texts = [
            (f"{self._style.key(key)}: " if key is not None else "") + self._style.flow(draft) for key, draft in drafts
        ]
        entries = self.entries(container)
        between = self.text[entries[0].end : entries[1].start] if len(entries) > 1 else ", "
        separator = between if "#" not in between else ", "
        if before is not None:
            return [Splice(before.end, before.end, "".join(separator + text for text in texts))]
        assert after is not None
        return [Splice(after.start, after.start, "".join(text + separator for text in texts))]

    def _remove_flow(self, run: Sequence[Entry], before: Entry | None, after: Entry | None) -> Splice:
        start, end = (before.end, run[-1].end) if before else (run[0].start, after.start if after else run[-1].end)
        if "#" in self.text[start:end]:
            raise Unprovable("a comment in flow style could be lost")
        return Splice(start, end, "")

    def _remove_behind_dash(self, first: Entry, after: Entry | None) -> Splice:
        if after is None:
            raise Unprovable("the entry is on the line of a dash")
        if re.search(r"^[ \t]*#", self.text[first.start : after.start], re.MULTILINE):
            raise Unprovable("a comment between the entries would be lost")
        return Splice(first.start, after.start, "")

    def _closed_literal(self, before: Entry) -> list[Splice]:
        """A | scalar at the end of a file without a last line end has no line end in its value; if a line follows it,
        |- is needed.
        """
        node = _yaml(before.value)
        while node.entries:
            node = _yaml(node.entries[-1].value)
        if node.style not in ("|", ">") or node.end != len(self.text) or self.text.endswith("\n"):
            return []
        header = re.compile(r"[|>]([0-9]?)").match(self.text, node.body)
        if header is None or self.text[header.end() : header.end() + 1] in "+-":
            return []
        return [Splice(header.end(), header.end(), "-")]

    def _is_spaced(self, container: Node, near: Entry) -> bool:
        """Whether the entries around a place have blank lines between them."""
        entries = self.entries(container)
        for first in (near.index - 1, near.index):
            if 0 <= first < len(entries) - 1:
                between = self.text[self._line_end(entries[first].end) : entries[first + 1].start]
                return re.search(r"\n[ \t]*\r?\n", between) is not None
        return False

    def _owned_start(self, entry: Entry) -> int:
        """The start of the first line that an entry owns: it owns the comments directly above it."""
        start = self._line_start(entry.start)
        indent = self.text[start : entry.start]
        while start > 0:
            above = self._line_start(start - 1)
            line = self.text[above:start]
            if not line.startswith(indent + "#"):
                break
            start = above
        return start

    def _above_blank_lines(self, start: int) -> int:
        while start > 0 and not self.text[self._line_start(start - 1) : start].strip():
            start = self._line_start(start - 1)
        return start

    def _below_blank_lines(self, end: int) -> int:
        while end < len(self.text) and (match := _BLANK_LINE.match(self.text, end)) and match.end() > end:
            end = match.end()
        return end

    def _end_of_line_above(self, start: int) -> int:
        """The place before the line end that closes the line above."""
        if start == 0:
            return 0
        return start - 2 if self.text[start - 2 : start] == "\r\n" else start - 1

    def _column(self, offset: int) -> int:
        return offset - self._line_start(offset)

    def _line_start(self, offset: int) -> int:
        start = self.text.rfind("\n", 0, offset) + 1
        return 1 if start == 0 and self.text.startswith("\ufeff") else start

    def _line_end(self, offset: int) -> int:
        """The end of the line, without its line end."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1 : end] == "\r" and end > offset else end

    def _next_line(self, end: int) -> int:
        return end + 2 if self.text[end : end + 2] == "\r\n" else min(end + 1, len(self.text))


def _yaml(node: Node) -> YamlNode:
    assert isinstance(node, YamlNode)
    return node
