"""Whether the data of a template holds what a fragment shows. Pure.

Each key of a mapping is there with a matching value. The items of a list are there in their order: without gaps, unless
the fragment has an ellipsis there or the list is of tags, statements or rules. Scalars are equal as CloudFormation
reads them: true and "true", 5 and "5".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fixer import pointer
from fixer.document.pattern import GAP, REST, Pattern, is_cut
from fixer.model import Json

_OPEN_LISTS = ("Tags", "Statement", "Rules", "SecurityGroupIngress", "SecurityGroupEgress")
_MOST_ALIGNMENTS = 20
_LONGEST_SEARCH = 5_000


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A place where a template differs from a fragment. `actual` is None, and `is_missing` set, if nothing is there."""

    place: str
    shown: Pattern
    actual: Json
    is_missing: bool = False


def is_open(name: str) -> bool:
    """Whether a list with this name may have items between those that a fragment shows."""
    return name.endswith(_OPEN_LISTS)


def fits(pattern: Pattern, value: Json, name: str = "") -> bool:
    """Whether a value holds what the pattern shows; `name` is the key of the value, "" if it has none."""
    return next(mismatches(pattern, value, "", name), None) is None


def mismatches(pattern: Pattern, value: Json, place: str, name: str = "") -> Iterator[Mismatch]:
    """The differences between a pattern and the value at a place, in the order of the pattern."""
    if pattern is GAP:
        return
    pattern, value = adjusted(pattern, name, value), _adjusted_value(value, name, pattern)
    if isinstance(pattern, dict):
        yield from _in_mapping(pattern, value, place)
    elif isinstance(pattern, list):
        if not isinstance(value, list):
            yield Mismatch(place, pattern, value)
        elif not alignments(pattern, value, name):
            yield from _in_list(pattern, value, place)
    elif isinstance(value, dict | list) or not same_scalar(pattern, value):
        yield Mismatch(place, pattern, value)


def adjusted(pattern: Pattern, name: str, value: Json) -> Pattern:
    """The pattern in the form of the value, where CloudFormation reads two forms alike: one name or a list of one."""
    if name == "DependsOn" and isinstance(pattern, str) and isinstance(value, list):
        return [pattern]
    if name == "DependsOn" and isinstance(value, str) and isinstance(pattern, list) and len(pattern) == 1:
        return pattern[0]
    return pattern


def _adjusted_value(value: Json, name: str, pattern: Pattern) -> Json:
    if name == "Fn::GetAtt" and isinstance(value, str) and isinstance(pattern, list) and "." in value:
        return [*value.split(".", 1)]
    return value


def _in_mapping(pattern: dict[str, Pattern], value: Json, place: str) -> Iterator[Mismatch]:
    if not isinstance(value, dict):
        yield Mismatch(place, pattern, value)
        return
    for key, inner in pattern.items():
        if key == REST:
            continue
        below = place + pointer.join(key)
        if key not in value:
            yield Mismatch(below, inner, None, is_missing=True)
        else:
            yield from mismatches(inner, value[key], below, key)


def _in_list(pattern: list[Pattern], value: list[Json], place: str) -> Iterator[Mismatch]:
    """The first item that is different; the whole list if its items cannot be compared one by one."""
    if GAP not in pattern and len(pattern) == len(value):
        for index, (shown, actual) in enumerate(zip(pattern, value, strict=True)):
            yield from mismatches(shown, actual, f"{place}/{index}")
    else:
        yield Mismatch(place, pattern, value)


def alignments(pattern: Sequence[Pattern], values: Sequence[Json], name: str = "") -> list[tuple[int, ...]]:
    """The ways in which a list holds the items that a pattern shows: for each item that is not an ellipsis, its index.

    At most twenty are returned; more than one means that the fragment does not say which items it shows.
    """
    search = _Search(pattern, values, is_open(name))
    return search.found


class _Search:
    def __init__(self, pattern: Sequence[Pattern], values: Sequence[Json], free: bool) -> None:
        self._pattern, self._values, self._free = pattern, values, free
        self._fits = lru_cache(maxsize=None)(lambda shown, index: fits(pattern[shown], values[index]))
        self._steps = 0
        self.found: list[tuple[int, ...]] = []
        self._from(0, 0, free, ())

    def _from(self, shown: int, index: int, loose: bool, taken: tuple[int, ...]) -> None:
        """Continues with the item `shown` of the pattern, at the index or, if `loose`, anywhere behind it."""
        self._steps += 1
        if len(self.found) >= _MOST_ALIGNMENTS or self._steps > _LONGEST_SEARCH:
            return
        if shown == len(self._pattern):
            if loose or index == len(self._values):
                self.found.append(taken)
            return
        if self._pattern[shown] is GAP:
            self._from(shown + 1, index, True, taken)
            return
        for at in range(index, len(self._values) if loose else min(index + 1, len(self._values))):
            if self._fits(shown, at):
                self._from(shown + 1, at + 1, self._free, (*taken, at))


def same_scalar(shown: Pattern, actual: Json) -> bool:
    """Whether CloudFormation reads two scalars alike. A text that is cut off with an ellipsis matches its whole."""
    if shown is None or actual is None:
        return shown is actual
    if isinstance(shown, str) and isinstance(actual, str) and is_cut(shown) and shown != actual:
        return _continues(shown.replace("\u2026", "..."), actual)
    one, other = _text(shown), _text(actual)
    if isinstance(shown, bool) or isinstance(actual, bool):
        return one.lower() == other.lower()
    return one == other or (_is_number(shown, actual) and _value(one) == _value(other))


def _continues(shown: str, actual: str) -> bool:
    """Whether the pieces of a cut text occur in the actual one, in their order, the outer ones at its ends."""
    first, *middle, last = shown.split("...")
    if not any(each.strip() for each in (first, *middle, last)):
        return True
    if not actual.startswith(first) or not actual.endswith(last):
        return False
    at = len(first)
    for piece in middle:
        found = actual.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return at <= len(actual) - len(last)


def _text(value: object) -> str:
    """How CloudFormation passes a scalar on; blanks at the ends of lines do not count."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(line.rstrip() for line in str(value).rstrip().split("\n"))


def _is_number(*values: object) -> bool:
    return any(isinstance(value, int | float) for value in values)


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
