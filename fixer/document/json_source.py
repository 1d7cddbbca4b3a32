"""JSON (RFC 8259) as a source of nodes: where every value is, and how entries are written, replaced and removed.

The C scanner of the standard library reads the text and reports where each value ends, so Python examines only the
levels that lead to an edited place.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from json.decoder import JSONDecoder, scanstring  # type: ignore[attr-defined]

from fixer.document.edits import splice_text
from fixer.document.json_style import Style, line_indent
from fixer.document.operations import DEEPEST, is_deeper
from fixer.document.source import Draft, Drafts, Entry, Lifted, Node, Noted, Splice, position_at
from fixer.errors import BadTemplate
from fixer.model import Json, Position

_BLANK = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")
_PLAIN_KEY = re.compile(r'"([^"\\]*)"[ \t\n\r]*:[ \t\n\r]*')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|NaN|-?Infinity|[\[\]{}]|-?\d+', re.DOTALL)


class _Constant(ValueError):
    """NaN, Infinity or -Infinity, which Python's reader accepts although they are not JSON."""


def _refuse_constant(name: str) -> Json:
    raise _Constant(name)


_SCAN: Callable[[str, int], tuple[Json, int]] = JSONDecoder(  # The C scanner, called as the decoder calls it.
    parse_constant=_refuse_constant
).scan_once  # type: ignore[attr-defined]


def read(text: str, path: str) -> Json:
    """The data of a JSON text. Raises BadTemplate with line and column if the text is not JSON."""
    start = _blank(text, 1 if text.startswith("\ufeff") else 0)
    try:
        data, end = _SCAN(text, start)
    except json.JSONDecodeError as error:
        raise _bad(text, path, error.pos, _lower(error.msg)) from None
    except StopIteration as stop:
        raise _bad(text, path, int(stop.value), "a value is expected here" if text.strip() else "is empty") from None
    except _Constant as constant:
        name = str(constant)
        raise _bad(text, path, _find(text, lambda token, _: token == name), f"{name} is not a number") from None
    except RecursionError:
        raise _too_deep(text, path) from None
    except ValueError:
        digits = sys.get_int_max_str_digits()
        offset = _find(text, lambda token, _: token[-1].isdigit() and len(token) > digits)
        raise _bad(text, path, offset, f"a number has more than {digits} digits") from None
    if (end := _blank(text, end)) < len(text):
        raise _bad(text, path, end, "there is text after the value")
    return data


def check_depth(text: str, path: str, data: Json) -> None:
    """Raises BadTemplate, with line and column, if the data of a text is nested too deeply."""
    if text.count("[") + text.count("{") > DEEPEST and is_deeper(data, DEEPEST):
        raise _too_deep(text, path)


class JsonSource:
    """The nodes of a JSON text that `read` has accepted. See `source.Source`."""

    attempts = 1

    def __init__(self, text: str, data: Json) -> None:
        self.text = text
        start = _blank(text, 1 if text.startswith("\ufeff") else 0)
        self.root = Node(start, len(text.rstrip(" \t\n\r")), data)
        self._entries: dict[Node, tuple[Entry, ...]] = {}

    def position(self, offset: int) -> Position:
        """Line and column of a character."""
        return position_at(self.text, offset)

    def entries(self, node: Node) -> Sequence[Entry]:
        """The entries of a container in the order of the text, duplicate keys included; none of a scalar."""
        if node not in self._entries:
            self._entries[node] = tuple(self._scan(node)) if isinstance(node.data, dict | list) else ()
        return self._entries[node]

    def refusal(self, node: Node) -> str:
        """JSON has no aliases, so no place is frozen."""
        return ""

    def elsewhere(self, node: Node) -> Sequence[Node]:
        """Every JSON value is written where it counts."""
        return ()

    def virtual(self, node: Node) -> bool:
        """Every JSON value has text of its own."""
        return False

    def rename(self, entry: Entry, key: str, attempt: int) -> list[Splice]:
        """Writes another key."""
        return [Splice(entry.start, entry.key_end, self._style.scalar(key))]

    def replace(self, node: Node, within: Node | None, draft: Draft, attempt: int) -> list[Splice]:
        """Writes another value in the place of one."""
        flat = self._is_flat(within) or (self._is_flat(node) and isinstance(node.data, dict | list) and bool(node.data))
        text = self._style.value(draft, line_indent(self.text, node.start), self._unit(within), flat)
        return [Splice(node.start, node.end, text)]

    def insert(
        self, container: Node, before: Entry | None, after: Entry | None, drafts: Drafts, attempt: int
    ) -> list[Splice]:
        """Writes new entries between two neighbours that both stay; one of them may be None."""
        near = before or after
        assert near is not None
        separator = self._separator(container, near)
        flat = "\n" not in separator
        indent, unit, colon = line_indent(self.text, near.start), self._unit(container), self._colon(near)
        items = [self._style.entry(key, draft, indent, unit, flat, colon) for key, draft in drafts]
        if before is not None:
            return [Splice(before.end, before.end, "".join(separator + item for item in items))]
        return [Splice(near.start, near.start, "".join(item + separator for item in items))]

    def remove(self, container: Node, run: Sequence[Entry], before: Entry | None, after: Entry | None) -> list[Splice]:
        """Removes adjacent entries with the separator before them or, at the start, the one after them."""
        if before is not None:
            return [Splice(before.end, run[-1].end, "")]
        assert after is not None
        return [Splice(run[0].start, after.start, "")]

    def lifted(
        self, node: Node, entry: Entry | None, inside: Sequence[Splice], data: Json, moved: bool, stays: bool
    ) -> Lifted:
        """The text of a value for another place."""
        return Lifted(splice_text(self.text, inside, node.start, node.end), node, entry, data, moved)

    def comments(self, entry: Entry) -> Noted:
        """JSON has no comments."""
        return Noted(None)

    def has_comments(self, entry: Entry) -> bool:
        """JSON has no comments."""
        return False

    def checked(self, splices: Sequence[Splice], gone: Sequence[Entry]) -> list[Splice]:
        """JSON has no comments that could be lost."""
        return list(splices)

    def refill(self, container: Node, within: Node | None, drafts: Drafts, attempt: int) -> list[Splice]:
        """Writes the entries of a container that keeps none of its old entries; without drafts it becomes empty."""
        if not drafts:
            return [Splice(container.start + 1, container.end - 1, "")]
        mapping = self.text[container.start] == "{"
        draft: Draft = {str(key): value for key, value in drafts} if mapping else [value for _, value in drafts]
        text = self._style.value(
            draft, line_indent(self.text, container.start), self._unit(within), self._is_flat(within)
        )
        return [Splice(container.start, container.end, text)]

    @cached_property
    def _style(self) -> Style:
        entries = self.entries(self.root)
        keyed = next((entry for entry in entries if entry.key is not None), None)
        indent = line_indent(self.text, entries[0].start) if entries else ""
        return Style(self.text, self._colon(keyed) if keyed else ": ", indent or "  ")

    def _colon(self, entry: Entry) -> str:
        if entry.key is None:
            return ""
        colon = self.text[entry.key_end : entry.value.start]
        return colon if "\n" not in colon else ": "

    def _unit(self, container: Node | None) -> str:
        """The step of indentation in a container."""
        entries = self.entries(container) if container else ()
        if container and entries and not self._is_flat(container):
            outer, inner = line_indent(self.text, container.start), line_indent(self.text, entries[0].start)
            if inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
        return self._style.unit

    def _is_flat(self, node: Node | None) -> bool:
        return node is not None and self.text.find("\n", node.start, node.end) < 0

    def _separator(self, container: Node, near: Entry) -> str:
        """The text between two entries next to a place."""
        entries = self.entries(container)
        for first in (near.index, near.index - 1, *range(len(entries) - 1)):
            if 0 <= first < len(entries) - 1:
                return self.text[entries[first].end : entries[first + 1].start]
        lead = self.text[container.start + 1 : near.start]
        return "," + lead if "\n" in lead else self._style.comma

    def _scan(self, node: Node) -> list[Entry]:
        text, scan = self.text, _SCAN
        closing = "}" if text[node.start] == "{" else "]"
        at = _blank(text, node.start + 1)
        entries: list[Entry] = []
        while text[at] != closing:
            start, key, key_end = at, None, at
            if closing == "}" and (plain := _PLAIN_KEY.match(text, at)):
                key, key_end, at = plain.group(1), plain.end(1) + 1, plain.end()
            elif closing == "}":
                key, key_end = scanstring(text, at + 1, True)
                at = _blank(text, _blank(text, key_end) + 1)
            value, end = scan(text, at)
            entries.append(Entry(len(entries), key, start, key_end, Node(at, end, value)))
            if (comma := _COMMA.match(text, end)) is not None:
                at = comma.end()
        return entries


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _find(text: str, wanted: Callable[[str, int], bool]) -> int:
    """The place of the first wanted token outside strings; `wanted` gets the token and its depth."""
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        depth += (token in "[{") - (token in "]}")
        if not token.startswith('"') and wanted(token, depth):
            return match.start()
    return 0


def _bad(text: str, path: str, offset: int, reason: str) -> BadTemplate:
    place = position_at(text, min(offset, len(text)))
    return BadTemplate(f"is not valid JSON: {reason}", path, place.line, place.column)


def _too_deep(text: str, path: str) -> BadTemplate:
    return _bad(text, path, _find(text, lambda _, depth: depth > DEEPEST), "is nested too deeply")


def _lower(message: str) -> str:
    return (message[:1].lower() + message[1:]).removesuffix(" starting at").removesuffix(" at")
