"""The value that a review shows at a place: (actual value, faulty fragment, corrected fragment) → value.

Keys and items that only the faulty fragment shows go, those that only the corrected one shows come, and what both show
differently is replaced. What neither shows stays, and an ellipsis is never written.
"""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fixer import pointer
from fixer.cloudformation.intrinsics import intrinsic_name
from fixer.document.pattern import GAP, REST, Pattern, has_gap
from fixer.model import Json
from fixer.transforms.review.listing import Step, steps
from fixer.transforms.review.matching import adjusted, alignments, fits

_ALWAYS = ("Type", "Properties")
"""Keys of an entry that a fragment may leave out without meaning that they go: no entry exists without its Type."""


class Refused(Exception):
    """The fragments do not say for certain what to write; the message says why, and what the review should say."""


@dataclass
class Merge:
    """One merge. `replaces`: a value that only the corrected fragment shows takes the place of another value, and
    `unseen` collects these places; otherwise the other value is a refusal.
    """

    replaces: bool = False
    unseen: list[tuple[str, Json]] = field(default_factory=list)

    def merged(self, actual: Json, faulty: Pattern, corrected: Pattern, place: str, name: str = "") -> Json:
        """The value that the corrected fragment shows where the faulty one stands. Raises Refused."""
        if corrected is GAP or (faulty is not GAP and _alike(faulty, corrected)):
            return actual
        if faulty is GAP:
            if fits(corrected, actual, name):
                return actual
            raise Refused(f"the faulty fragment has an ellipsis where the change is ({place}): show the value there")
        faulty, corrected = adjusted(faulty, name, actual), adjusted(corrected, name, actual)
        if _are_plain(actual, faulty) and isinstance(corrected, dict):
            return self._mapping(actual, faulty, corrected, place)  # type: ignore[arg-type]
        if (
            isinstance(actual, list)
            and isinstance(faulty, list)
            and isinstance(corrected, list)
            and name != "Fn::GetAtt"
        ):
            return self._list(actual, faulty, corrected, place, name)
        if fits(corrected, actual, name) and not isinstance(corrected, dict):
            return actual
        return written(corrected, place)

    def added(self, actual: Json, corrected: Pattern, place: str, name: str = "") -> Json:
        """The value with what a fragment shows and the value lacks. Raises Refused where the value says something
        else.
        """
        if fits(corrected, actual, name):
            return actual
        if _are_plain(actual, corrected):
            return self._with_keys(actual, corrected, place)  # type: ignore[arg-type]
        is_lost = isinstance(actual, list) and not _keeps(actual, corrected)
        is_lost |= isinstance(actual, dict) != isinstance(corrected, dict) and _is_plain(actual)
        if not self.replaces or is_lost:
            raise Refused(
                f"the template has another value at {place or '/'} ({_text(actual)}), which the faulty fragment does "
                "not show: show it there"
            )
        self.unseen.append((place, actual))
        return written(corrected, place)

    def _with_keys(self, actual: dict[str, Json], corrected: dict[str, Pattern], place: str) -> Json:
        result = dict(actual)
        for key, value in corrected.items():
            below = place + pointer.join(key)
            if key != REST:
                result[key] = self.added(actual[key], value, below, key) if key in actual else written(value, below)
        return result

    def _mapping(
        self, actual: dict[str, Json], faulty: dict[str, Pattern], corrected: dict[str, Pattern], place: str
    ) -> Json:
        if _is_function(corrected):
            return written(corrected, place)
        result: dict[str, Json] = {}
        for key, value in actual.items():
            below = place + pointer.join(key)
            if key in faulty and key in corrected:
                result[key] = self.merged(value, faulty[key], corrected[key], below, key)
            elif key in corrected:
                result[key] = self.added(value, corrected[key], below, key)
            elif key not in faulty or key in _ALWAYS or REST in corrected:
                result[key] = value
        for key, shown in corrected.items():
            if key not in actual and key != REST:
                result[key] = written(shown, place + pointer.join(key))
        return result

    def _list(self, actual: list[Json], faulty: list[Pattern], corrected: list[Pattern], place: str, name: str) -> Json:
        """The list for every way in which it holds the faulty items; they must all lead to the same result."""
        found: dict[str, Json] = {}
        for taken in alignments(faulty, actual, name):
            result: Json = list(self._items(actual, steps(faulty, corrected), taken, place))
            found[json.dumps(result)] = result
        if len(found) == 1:
            return next(iter(found.values()))
        what = "items that cannot be told apart" if found else "other items"
        raise Refused(f"the list at {place} has {what}: show more of the item that changes")

    def _items(self, actual: list[Json], plan: Sequence[Step], taken: Sequence[int], place: str) -> Iterator[Json]:
        """The items of the new list: those that the faulty fragment does not show stay where they are. A new item
        follows the item that it follows in the corrected fragment; behind an ellipsis it precedes the next shown item.
        """
        waiting = deque(taken)
        at, behind_gap = 0, True
        for step in plan:
            if step.shows_old:
                index = waiting.popleft()
                yield from actual[at:index]
                at, behind_gap = index + 1, False
                if step.is_new:
                    yield self.merged(actual[index], step.old, step.new, f"{place}/{index}")
            elif step.is_gap:
                behind_gap = True
            elif not any(fits(step.new, item) for item in _others(actual, taken)):
                if behind_gap:
                    end = waiting[0] if waiting else len(actual)
                    yield from actual[at:end]
                    at = end
                yield written(step.new, f"{place}/{at}")
        yield from actual[at:]


def _others(actual: list[Json], taken: Sequence[int]) -> list[Json]:
    """The items of a list that the faulty fragment does not show: a new item may be among them already."""
    return [item for index, item in enumerate(actual) if index not in taken]


def written(corrected: Pattern, place: str) -> Json:
    """The pattern as data to write. Raises Refused if it has an ellipsis."""
    if has_gap(corrected):
        raise Refused(
            f"the corrected fragment has an ellipsis in what it adds at {place or '/'}: show the whole value there"
        )
    data: Json = json.loads(json.dumps(corrected))
    return data


def _alike(one: Pattern, other: Pattern) -> bool:
    """Whether two patterns show the same, so that nothing changes here."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and one == other


def _are_plain(*values: object) -> bool:
    return all(map(_is_plain, values))


def _is_plain(value: object) -> bool:
    """Whether it is a mapping whose keys can change one by one: a function is replaced as a whole."""
    return isinstance(value, dict) and not _is_function(value)


def _is_function(value: dict[str, Pattern]) -> bool:
    name = next(iter(value)) if len(value) == 1 else ""
    return intrinsic_name({name: None}) is not None


def _keeps(actual: list[Json], corrected: Pattern) -> bool:
    """Whether a list that is to be written has all items that are there now, in their order."""
    if not isinstance(corrected, list):
        return False
    rest = iter(json.dumps(item, sort_keys=True) for item in corrected if not has_gap(item))
    return all(json.dumps(item, sort_keys=True) in rest for item in actual)


def _text(value: Json) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
