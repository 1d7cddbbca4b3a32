"""The places in files that a sequence of operations has changed, and whether a place is still valid."""

from collections.abc import Iterable, Iterator, Mapping

from fixer import pointer
from fixer.model import Op


class Touched:
    """The places changed so far. Adding or removing a list item moves the items after it, which count as changed."""

    def __init__(self) -> None:
        self._places: dict[str, _Places] = {}

    def __bool__(self) -> bool:
        return bool(self._places)

    def add(self, files: Mapping[str, Iterable[Op]]) -> None:
        """Records the operations per file."""
        for path, ops in files.items():
            places = self._places.setdefault(path, _Places())
            for op in ops:
                for place, first in _written(op):
                    places.add(place, first)

    def hits(self, path: str, place: str) -> bool:
        """Whether the place, one above it or one below it was changed, or it has moved."""
        return path in self._places and self._places[path].hits(place)

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


class _Places:
    """The changed places of one file. A question takes as long as the place is deep, however many places there are."""

    def __init__(self) -> None:
        self._first: dict[str, int | None] = {}
        self._above: set[str] = set()

    def add(self, place: str, first: int | None) -> None:
        """Adds a changed place, or a list whose items move from an index on."""
        known = self._first.get(place, first)
        self._first[place] = None if first is None or known is None else min(first, known)
        self._above.update(_around(place))

    def hits(self, place: str) -> bool:
        """Whether a changed place is at, above or below this one."""
        if place in self._above or place in self._first:
            return True
        for outer in _around(place):
            if outer in self._first:
                first, below = self._first[outer], place[len(outer) + 1 :].partition("/")[0]
                if first is None or not below.isdigit() or int(below) >= first:
                    return True
        return False


def _around(place: str) -> Iterator[str]:
    """The places that contain a place, the nearest first."""
    while place:
        place = pointer.parent(place)
        yield place
