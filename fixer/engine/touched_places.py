"""The places in files that a sequence of operations has changed, and whether a place is still valid."""

from collections.abc import Iterable, Mapping

from fixer import pointer
from fixer.model import Op


class Touched:
    """The places changed so far. Adding or removing a list item moves the items after it, which count as changed."""

    def __init__(self) -> None:
        self._places: dict[str, list[tuple[str, int | None]]] = {}

    def __bool__(self) -> bool:
        return bool(self._places)

    def add(self, files: Mapping[str, Iterable[Op]]) -> None:
        """Records the operations per file."""
        for path, ops in files.items():
            self._places.setdefault(path, []).extend(place for op in ops for place in _written(op))

    def hits(self, path: str, place: str) -> bool:
        """Whether the place, one above it or one below it was changed, or it has moved."""
        return any(_hits(changed, first, place) for changed, first in self._places.get(path, ()))

    def hit_by(self, files: Mapping[str, Iterable[Op]]) -> bool:
        """Whether one of these operations writes or tests where something was changed."""
        return any(
            self.hits(path, place)
            for path, ops in files.items()
            for op in ops
            for place in (str(op["path"]), str(op.get("from", op["path"])))
        )


def _written(op: Op) -> list[tuple[str, int | None]]:
    """(place, None), or (list, first index that moves), for every place that an operation changes."""
    kind, path = op["op"], str(op["path"])
    if kind == "test":
        return []
    if kind == "replace":
        return [(path, None)]
    places = [path, str(op["from"])] if kind == "move" else [path]
    return [_moving(place) for place in places]


def _moving(place: str) -> tuple[str, int | None]:
    """A key that is a number looks like an index; the only effect of that error is that a finding waits for the next
    round.
    """
    last = place.rpartition("/")[2]
    if last == "-":
        return pointer.parent(place), 1_000_000_000
    return (pointer.parent(place), int(last)) if last.isdigit() else (place, None)


def _hits(changed: str, first: int | None, place: str) -> bool:
    if not pointer.overlap(changed, place):
        return False
    below = place[len(changed) + 1 :].partition("/")[0] if len(place) > len(changed) else ""
    return first is None or not below.isdigit() or int(below) >= first
