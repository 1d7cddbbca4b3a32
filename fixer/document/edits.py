"""Text edits: apply them, revert them, and combine successive edits into edits of the first text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from fixer.document.source import Splice, SpliceKind, Unprovable
from fixer.model import Edit

Piece: TypeAlias = tuple[int, int] | str
"""A part of an edited text: characters of the first text (start, end), or new text."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits. They are sorted, do not overlap, and their offsets refer to the text before all of them.

    Raises ValueError if the text does not contain what an edit replaces.
    """
    return _replaced(text, ((edit.start, edit.end, edit.old, edit.new) for edit in edits))


def revert_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text from which `apply_edits` with the same edits made this one. Raises ValueError if that is impossible."""
    return _replaced(text, _backwards(edits))


def splice_text(text: str, splices: Iterable[Splice], start: int = 0, end: int | None = None) -> str:
    """Characters start to end of the text after sorted splices that lie between them."""
    parts: list[str] = []
    for splice in splices:
        parts += (text[start : splice.start], splice.new)
        start = splice.end
    parts.append(text[start:end])
    return "".join(parts)


def in_order(splices: Iterable[Splice]) -> list[Splice]:
    """The splices, sorted; those at one place keep their order. What would close an overwritten value is left out.

    Raises Unprovable if two overlap.
    """
    result: list[Splice] = []
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if not result or result[-1].end <= splice.start:
            result.append(splice)
        elif splice.kind is not SpliceKind.CLOSING:
            raise Unprovable("two of the changes affect the same text")
    return result


def compose(first: str, edits: Sequence[Edit], splices: Sequence[Splice]) -> tuple[Edit, ...]:
    """The edits that lead from the first text to the result of `edits` and `splices`, each as small as possible."""
    pieces = _respliced(list(_pieces(len(first), edits)), splices)
    return tuple(_edits(first, pieces))


def _backwards(edits: Iterable[Edit]) -> Iterator[tuple[int, int, str, str]]:
    shift = 0
    for edit in edits:
        yield edit.start + shift, edit.start + shift + len(edit.new), edit.new, edit.old
        shift += len(edit.new) - len(edit.old)


def _replaced(text: str, edits: Iterable[tuple[int, int, str, str]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, old, new in edits:
        if start < done or text[start:end] != old:
            raise ValueError(f"the text does not contain {old!r} at offset {start}")
        parts += (text[done:start], new)
        done = end
    parts.append(text[done:])
    return "".join(parts)


def _pieces(length: int, edits: Iterable[Edit]) -> Iterator[Piece]:
    done = 0
    for edit in edits:
        yield done, edit.start
        yield edit.new
        done = edit.end
    yield done, length


def _size(piece: Piece) -> int:
    return len(piece) if isinstance(piece, str) else piece[1] - piece[0]


def _cut(piece: Piece, start: int, end: int) -> Piece:
    return piece[start:end] if isinstance(piece, str) else (piece[0] + start, piece[0] + end)


def _respliced(pieces: list[Piece], splices: Iterable[Splice]) -> Iterator[Piece]:
    """The pieces after splices whose offsets refer to the text that the pieces form."""
    queue = iter(pieces)
    piece: Piece = ""
    at = 0
    for splice in splices:
        while at + _size(piece) < splice.start:
            yield piece
            at += _size(piece)
            piece = next(queue)
        yield _cut(piece, 0, splice.start - at)
        yield splice.new
        while at + _size(piece) < splice.end:
            at += _size(piece)
            piece = next(queue)
        piece, at = _cut(piece, splice.end - at, _size(piece)), splice.end
    yield piece
    yield from queue


def _edits(first: str, pieces: Iterable[Piece]) -> Iterator[Edit]:
    done, new = 0, ""
    for piece in (*pieces, (len(first), len(first))):
        if isinstance(piece, str):
            new += piece
        elif piece[0] < piece[1] or piece[0] == len(first):
            yield from _trimmed(done, first[done : piece[0]], new)
            done, new = piece[1], ""


def _trimmed(start: int, old: str, new: str) -> Iterator[Edit]:
    """The edit without the common ends of its old and its new text; none if the texts are equal."""
    if old == new:
        return
    head = _common(old, new)
    old, new = old[head:], new[head:]
    tail = _common(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    yield Edit(start + head, start + head + len(old), old, new)


def _common(one: str, other: str) -> int:
    length = min(len(one), len(other))
    return next((index for index in range(length) if one[index] != other[index]), length)
