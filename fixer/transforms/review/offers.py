"""The changes of a failure list that a template still lacks: planned on the templates as they were, and made later.

A review describes the templates that its author saw. Other repairs of a run change them, so the fragments are matched
against the templates as they were at the start; a change is offered as long as nothing else has changed its place.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fixer import pointer
from fixer.authoring.context import Handled
from fixer.cloudformation.template import Template
from fixer.document.operations import resolve
from fixer.errors import BadPatch
from fixer.model import Json, Op
from fixer.model.failures import Failure
from fixer.transforms.review.plan import Examined, Repair, examined


@dataclass(frozen=True, slots=True)
class Offer:
    """A change that a failure list shows for a template: its place, and its operations or the reason why there are
    none.

    `count` is the number of places at which the fragment stands; `digest` names the failure and its pair of fragments;
    `unseen` says what is overwritten although the faulty fragment does not show it.
    """

    failure: Failure
    digest: str
    place: str
    ops: tuple[Op, ...]
    reason: str
    count: int
    unseen: tuple[str, ...] = ()
    origin: str = ""
    """The key of the place in the template as it was, which stays the same in all rounds."""


@lru_cache(maxsize=64)
def offers(
    path: str,
    failures: tuple[Failure, ...],
    original: tuple[Template, ...],
    current: tuple[Template, ...],
    handled: frozenset[Handled] = frozenset(),
) -> tuple[Offer, ...]:
    """The changes for the template at the path; `handled` are the entries in which another transform repairs a
    failure.
    """
    now = next(each for each in current if each.path == path)
    before = next((each for each in original if each.path == path), now)
    found: dict[tuple[str, str], Offer] = {}
    for each, origin, repair in _repairs(path, failures, original, current, before.data, now.data):
        if not _is_handled(each.failure, repair, handled) and pointer.exists(now.data, repair.place):
            key = before.key_of(origin)
            offer = Offer(
                each.failure,
                digest(each.failure, each.number),
                repair.place,
                repair.ops,
                repair.reason,
                repair.count,
                repair.unseen,
                key,
            )
            found.setdefault((key, offer.digest), offer)
    return tuple(found.values())


def _repairs(
    path: str,
    failures: tuple[Failure, ...],
    original: Sequence[Template],
    current: Sequence[Template],
    before: Json,
    now: Json,
) -> Iterator[tuple[Examined, str, Repair]]:
    """Each pair of fragments, its place in the template as it was, and what is to be done in the template as it is."""
    for each in examined(failures, original):
        for repair in (repair for repair in each.repairs if repair.path == path):
            if not repair.ops or applies(repair.ops, before, now):
                yield each, repair.place, repair
            elif not is_done(repair.ops, before, now):
                yield from ((each, repair.place, again) for again in _again(each, repair, failures, current))


def _is_handled(failure: Failure, repair: Repair, handled: frozenset[Handled]) -> bool:
    """Whether another transform repairs the failure there. If it looks for the failure and does not find it, only a
    value that the faulty fragment shows is a sign that the failure is there; a mere addition may be made differently.
    """
    if not _entries(failure, repair).isdisjoint(handled):
        return True
    is_sought = (failure.path, failure.line, "", "") in handled
    return is_sought and not any(_contradicts(op, repair) for op in repair.ops)


def _contradicts(op: Op, repair: Repair) -> bool:
    """Whether an operation changes a value that the faulty fragment shows."""
    unseen = (each.partition(" was ")[0] for each in repair.unseen)
    return op["op"] in ("replace", "remove", "move") and not any(
        pointer.contains(place, str(op["path"])) for place in unseen
    )


def _entries(failure: Failure, repair: Repair) -> set[Handled]:
    """The entries that a repair writes, as they are named among the handled ones."""
    places = [repair.place, *(place for op in repair.ops for place in _places(op))]
    return {(failure.path, failure.line, repair.path, (*pointer.split(place), "", "")[1]) for place in places}


def _again(
    each: Examined, repair: Repair, failures: tuple[Failure, ...], current: Sequence[Template]
) -> Iterator[Repair]:
    """The same change in the same entry of the templates as they are now, if the fragment still stands there."""
    entry = pointer.split(repair.place)[:2]
    for again in examined(failures, current):
        if (again.failure, again.number) == (each.failure, each.number):
            for other in again.repairs:
                if other.path == repair.path and pointer.split(other.place)[:2] == entry:
                    yield other


def applies(ops: Iterable[Op], before: Json, now: Json) -> bool:
    """Whether operations that were made for some data have the same meaning in its present state."""
    ops = list(ops)
    for op in ops:
        for place in _places(op):
            around = _list_around(before, place)
            if around and not _is_same(before, now, around):
                return False
        if op["op"] == "add" and _is_taken(before, now, str(op["path"])):
            return False
    try:
        resolve(now, ops)
    except BadPatch:
        return False
    return True


def is_done(ops: Sequence[Op], before: Json, now: Json) -> bool:
    """Whether the present data already has what the operations write."""
    try:
        after, _ = resolve(before, ops)
    except BadPatch:
        return False
    places = {_list_around(before, place) or place for op in ops if op["op"] != "test" for place in _places(op)}
    return all(_is_same(after, now, place) for place in places)


def _places(op: Op) -> list[str]:
    return [str(op[name]) for name in ("path", "from") if name in op]


def _list_around(data: Json, place: str) -> str:
    """The outermost list on the way to a place: its items may have moved; "" if there is none."""
    way = ""
    for token in pointer.split(place):
        if isinstance(data, list):
            return way
        if not isinstance(data, dict) or token not in data:
            return ""
        data, way = data[token], way + pointer.join(token)
    return ""


def _is_taken(before: Json, now: Json, place: str) -> bool:
    return not _list_around(before, place) and not pointer.exists(before, place) and pointer.exists(now, place)


def _is_same(one: Json, other: Json, place: str) -> bool:
    exists = pointer.exists(one, place)
    if exists != pointer.exists(other, place):
        return False
    return not exists or pointer.get(one, place) == pointer.get(other, place)


def digest(failure: Failure, number: int) -> str:
    """A name for a pair of fragments, eight hexadecimal digits. It does not depend on the rest of the list."""
    shown = [failure.title, str(number)]
    for pair in failure.pairs:
        shown += [pair.faulty.text if pair.faulty else "", pair.corrected.text if pair.corrected else ""]
    return hashlib.sha256("\0".join(shown).encode("utf-8", "surrogatepass")).hexdigest()[:8]
