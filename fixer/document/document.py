"""The lossless document: text, its data, and RFC 6902 operations as minimal edits of the text."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from fixer import pointer
from fixer.document import json_source as json_text
from fixer.document.edits import compose, splice_text
from fixer.document.operations import DataChange, identical, resolve
from fixer.document.overlay import Overlay
from fixer.document.settle import settle
from fixer.document.source import Entry, Node, Source, Splice, Syntax, Unprovable, position_at
from fixer.document.splice import Splicer
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Edit, Json, Op, Position

_FOREIGN_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(frozen=True, eq=False)
class Document:
    """A template's text and its data. Immutable: operations make a new document.

    `edits` lead from the text that was first parsed to `text` (`edits.apply_edits`, `edits.revert_edits`).
    """

    path: str
    text: str
    data: Json
    syntax: Syntax
    edits: tuple[Edit, ...] = ()
    _first: str = field(default="", repr=False)

    @classmethod
    def of_data(cls, path: str, data: Json) -> "Document":
        """A document that consists of data only: it has no text to locate or edit."""
        return cls(path, "", data, Syntax.JSON)

    def span(self, place: str) -> tuple[int, int]:
        """The characters (start, end) of the value at a pointer. Raises KeyError if there is no value."""
        node, _ = self._locate(place)
        return node.start, node.end

    def position(self, place: str) -> Position:
        """The position that an editor should show for a pointer: a mapping's key or a list item. Raises KeyError."""
        node, entry = self._locate(place)
        return position_at(self.text, entry.start if entry else node.start)

    def apply(self, ops: Iterable[Op]) -> "Document":
        """The document after all of the RFC 6902 operations.

        Every byte outside the changed entries stays the same. The new data is the result of the operations on the old
        data, which is proven by parsing the new text. Raises BadPatch, which names the operation, if an operation is
        malformed or does not apply, or if the text cannot be edited with proof.
        """
        try:
            return self._applied(ops)
        except RecursionError:
            raise BadPatch("cannot edit this place: it is nested too deeply", self.path) from None

    def _applied(self, ops: Iterable[Op]) -> "Document":
        expected, changes = resolve(self.data, ops)
        if not changes:
            return self
        reason = "the result does not have the expected data"
        for attempt in range(self.source.attempts):
            try:
                after = self._attempt(changes, attempt)
            except Unprovable as error:
                reason = str(error)
                continue
            if identical(after.data, expected):
                return after
        raise BadPatch(f"cannot edit this place: {reason}", self.path)

    @cached_property
    def disputed(self) -> str:
        """Why a second, independent reader does not confirm the data; "" if it does. JSON needs only one reader."""
        if self.syntax is Syntax.JSON:
            return ""
        from fixer.document.yaml_witness import dispute

        return dispute(self.text, self.data)

    def _attempt(self, changes: list[DataChange], attempt: int) -> "Document":
        overlay = Overlay(self.source, self.data)
        for change in changes:
            overlay.run(change)
        splices = Splicer(self.source, settle(overlay), attempt).splices()
        try:
            return self._spliced(splices)
        except BadTemplate as error:
            raise Unprovable(f"the result does not parse ({error.message})") from error

    def _spliced(self, splices: list[Splice]) -> "Document":
        text = splice_text(self.text, splices)
        first = self._first if self.edits else self.text
        return Document(
            self.path,
            text,
            _read(text, self.path, self.syntax),
            self.syntax,
            compose(first, self.edits, splices),
            first,
        )

    @cached_property
    def source(self) -> Source:
        """The entries of the text with their places; it is read when it is first asked for."""
        if self.syntax is Syntax.JSON:
            return json_text.JsonSource(self.text, self.data)
        from fixer.document.yaml_source import YamlSource

        return YamlSource(self.text, self.path)

    def _locate(self, place: str) -> tuple[Node, Entry | None]:
        """The node of a place and its entry; what an alias or a merge key brings is where it is written."""
        node, entry = self.source.root, None
        for token in pointer.split(place):
            child = _child(self.source, node, token)
            if child is None and pointer.exists(self.data, place):
                break  # A part of a short tag's value is where the value is.
            if child is None:
                raise KeyError(place)
            node, entry = child.value, child
        return node, entry


def parse(source: str | bytes, path: str) -> Document:
    """The document of a text or of the bytes of a file. Line ends and a byte order mark are kept.

    If the path ends in .json or the text starts with { or [, it is read as JSON and never as YAML. Raises BadTemplate,
    with line and column, for bytes that are not UTF-8 and for text that does not parse.
    """
    text = source if isinstance(source, str) else _decoded(source, path)
    syntax = syntax_of(text, path)
    data = _read(text, path, syntax)
    if syntax is Syntax.JSON:
        json_text.check_depth(text, path, data)
    return Document(path, text, data, syntax)


def _read(text: str, path: str, syntax: Syntax) -> Json:
    if syntax is Syntax.JSON:
        return json_text.read(text, path)
    from fixer.document import yaml_source as yaml_text

    return yaml_text.read(text, path)


def syntax_of(text: str, path: str) -> Syntax:
    """The syntax that a text has or is meant to have (see `parse`)."""
    start = text.removeprefix("\ufeff").lstrip()[:1]
    return Syntax.JSON if path.lower().endswith(".json") or start in ("{", "[") else Syntax.YAML


def _decoded(data: bytes, path: str) -> str:
    for mark, name in _FOREIGN_MARKS:
        if data.startswith(mark):
            raise BadTemplate(f"is {name}; a template must be UTF-8", path, 1, 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        place = position_at(good, len(good))
        raise BadTemplate(f"is not UTF-8 (byte 0x{data[error.start]:02x})", path, place.line, place.column) from None
    if "\0" in text:
        place = position_at(text, text.index("\0"))
        raise BadTemplate("is not text: it contains a null character", path, place.line, place.column)
    return text


def _child(source: Source, node: Node, token: str) -> Entry | None:
    """The entry for a token; the last one of a duplicate key, because that one counts."""
    entries = source.entries(node)
    if isinstance(node.data, dict):
        own = next((entry for entry in reversed(entries) if entry.key == token), None)
    else:
        number = token.isascii() and token.isdigit() and len(token) < 10 and str(int(token)) == token
        own = entries[int(token)] if number and int(token) < len(entries) else None
    others = (_child(source, other, token) for other in source.elsewhere(node)) if own is None else ()
    return own or next((entry for entry in others if entry), None)
