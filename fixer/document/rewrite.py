"""New data for an old value: what is equal in both keeps its text, comments, quotation marks and blank lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

from fixer.document.slots import Slot, Value
from fixer.document.source import Source
from fixer.model import Json

_LONGEST_COMPARED = 1000
_MOST_PAIRS = 400

Pairs: TypeAlias = Iterator[tuple[int | None, int | None]]
"""Which item of one sequence becomes which of another; None: it has no counterpart."""


@dataclass(frozen=True)
class Rewrite:
    """Writes new data over old values. What the new data does not have is added to `gone`."""

    source: Source
    gone: list[Value]

    def value(self, old: Value | None, new: Json) -> Value:
        """The value with the new data: the old one, changed where it differs, if it is of the same kind."""
        if old is None or old.node is None:
            return Value(new)
        if _text(old.now) == _text(new):
            return old
        if self._can_open(old):
            if isinstance(new, dict) and isinstance(old.data, dict) and self._mapping(old, new):
                return old
            if isinstance(new, list) and isinstance(old.data, list):
                self._sequence(old, new)
                return old
        self.gone.append(old)
        return Value(new)

    def _can_open(self, old: Value) -> bool:
        assert old.node is not None
        if not isinstance(old.data, dict | list) or (old.slots is None and self.source.refusal(old.node)):
            return False
        return bool(old.open(self.source)) and not old.repeated

    def _mapping(self, old: Value, new: dict[str, Json]) -> bool:
        slots = {str(slot.key): slot for slot in old.open(self.source)}
        if not slots.keys() & new.keys():
            return False
        added: dict[str | None, list[Slot]] = {}
        last: str | None = None
        for key, data in new.items():
            if key in slots:
                last = key
                slots[key].value = self.value(slots[key].value, data)
            else:
                added.setdefault(last, []).append(Slot(key, Value(data)))
        self.gone.extend(slot.value for key, slot in slots.items() if key not in new and slot.value.node)
        old.slots = added.get(None, [])
        for key, slot in slots.items():
            old.slots += [slot] if key in new else []
            old.slots += added.get(key, [])
        return True

    def _sequence(self, old: Value, new: list[Json]) -> None:
        slots = old.open(self.source)
        result: list[Slot] = []
        for before, after in _pairs([slot.value.now for slot in slots], new):
            if before is None:
                assert after is not None
                result.append(Slot(None, Value(new[after])))
            elif after is None:
                self.gone.extend([slots[before].value] if slots[before].value.node else [])
            else:
                slots[before].value = self.value(slots[before].value, new[after])
                result.append(slots[before])
        old.slots = result


def likeness(one: Json, other: Json) -> float:
    """How much of two values is equal, from 0 to 1, at their first level."""
    if isinstance(one, dict) and isinstance(other, dict) and (one or other):
        equal = sum(key in other and _text(value) == _text(other[key]) for key, value in one.items())
        return 2 * equal / (len(one) + len(other))
    return float(type(one) is type(other) and _text(one) == _text(other))


def _pairs(old: Sequence[Json], new: Sequence[Json]) -> Pairs:
    """The items of two sequences in their order, equal ones together, then like ones, then those in the same place."""
    ours, theirs = [_text(each) for each in old], [_text(each) for each in new]
    if max(len(ours), len(theirs)) > _LONGEST_COMPARED:
        yield from _in_order(range(len(ours)), range(len(theirs)))
        return
    for name, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if name == "equal":
            yield from zip(range(a, b), range(c, d), strict=True)
        else:
            yield from _like_pairs(old, new, range(a, b), range(c, d))


def _like_pairs(old: Sequence[Json], new: Sequence[Json], ours: range, theirs: range) -> Pairs:
    """Pairs of items without equal ones: the most similar two first, then those before and after them."""
    if ours and theirs and len(ours) * len(theirs) <= _MOST_PAIRS:
        best, at, to = max((likeness(old[at], new[to]), -at, -to) for at in ours for to in theirs)
        if best >= 0.5:
            at, to = -at, -to
            yield from _like_pairs(old, new, range(ours.start, at), range(theirs.start, to))
            yield at, to
            yield from _like_pairs(old, new, range(at + 1, ours.stop), range(to + 1, theirs.stop))
            return
    yield from _in_order(ours, theirs)


def _in_order(ours: range, theirs: range) -> Pairs:
    if len(ours) == len(theirs):
        yield from zip(ours, theirs, strict=True)
    else:
        yield from ((at, None) for at in ours)
        yield from ((None, to) for to in theirs)


def _text(data: Json) -> str:
    return json.dumps(data, sort_keys=True)
