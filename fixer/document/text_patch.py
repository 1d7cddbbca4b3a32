"""Patches of text that does not parse, which has no JSON Pointers: {"line", "column", "old", "new"} in place of
operations of RFC 6902.

Line and column count from 1. Each edit refers to the text that the edits before it make.
"""

from collections.abc import Iterable
from dataclasses import replace

from fixer.document.document import Document, parse
from fixer.document.edits import compose, splice_text
from fixer.document.source import Splice, Syntax, position_at
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Edit, Op

_KEYS = {"line", "column", "old", "new"}


def is_text_patch(ops: Iterable[Op]) -> bool:
    """Whether the operations are edits of text."""
    return any(op.keys() == _KEYS for op in ops)


def as_operations(text: str, edits: Iterable[Edit]) -> tuple[Op, ...]:
    """Edits of a text, which do not overlap, as a patch: the last one first, so that none moves another."""
    ops: list[Op] = []
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        place = position_at(text, edit.start)
        ops.append({"line": place.line, "column": place.column, "old": edit.old, "new": edit.new})
    return tuple(ops)


def opened(text: str, path: str) -> Document:
    """The document of a text; if it does not parse, one without data, to which only text patches apply."""
    try:
        return parse(text, path)
    except BadTemplate:
        return Document(path, text, None, Syntax.JSON)


def text_of(data: bytes, path: str) -> str:
    """The text of the bytes of a file. Raises BadTemplate if they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return parse(data, path).text


def edited(document: Document, ops: Iterable[Op]) -> Document:
    """The document after a text patch, with the edits that lead to it from the first text. It has no data if it does
    not parse. Raises BadPatch for a malformed edit, or if the text does not contain what it replaces.
    """
    first = document._first if document.edits else document.text
    text, edits = document.text, document.edits
    for index, op in enumerate(ops):
        splice = _splice(text, op, index, document.path)
        edits = compose(first, edits, [splice])
        text = splice_text(text, [splice])
    return replace(opened(text, document.path), edits=edits, _first=first)


def _splice(text: str, op: Op, index: int, path: str) -> Splice:
    line, column, old, new = (op.get(name) for name in ("line", "column", "old", "new"))
    is_whole = op.keys() == _KEYS and type(line) is int and type(column) is int
    if not is_whole or not isinstance(old, str) or not isinstance(new, str):
        raise BadPatch(f"edit {index} must have line, column, old and new", path)
    assert isinstance(line, int)
    assert isinstance(column, int)
    start = _offset(text, line, column)
    if start is None or not text.startswith(old, start):
        raise BadPatch(f"edit {index}: the text at {line}:{column} is not {old!r}", path)
    return Splice(start, start + len(old), new)


def _offset(text: str, line: int, column: int) -> int | None:
    """The offset of a place, found as `position_at` counts; None if the text does not have it."""
    start = 1 if text.startswith("\ufeff") else 0
    for _ in range(line - 1):
        ends = [at for end in ("\n", "\r") if (at := text.find(end, start)) >= 0]
        if not ends:
            return None
        start = min(ends) + (2 if text.startswith("\r\n", min(ends)) else 1)
    offset = start + column - 1
    place = position_at(text, offset) if 0 <= offset <= len(text) else None
    return offset if place and (place.line, place.column) == (line, column) else None
