"""New data that has what was removed elsewhere takes over its text and its comments."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from fixer.document.slots import Slot, Value
from fixer.document.source import Entry, Source
from fixer.model import Json

_Path: TypeAlias = "tuple[str | int, ...]"


class Adoption:
    """Finds the new home of removed values among new ones.

    A mapping is found again if most of its entries are in one new mapping, with the same keys and values; a sequence
    only as a whole. Scalars and functions such as {"Ref": "X"} are found again if they have the same key.
    """

    def __init__(self, source: Source, new: Sequence[Value]) -> None:
        self.source = source
        self.moved: set[Entry] = set()
        self.lost: list[Entry] = []
        self._places: list[tuple[Value, _Path]] = []
        self._by_part: defaultdict[str, list[int]] = defaultdict(list)
        self._taken: set[int] = set()
        for root in new:
            for path, data in _containers(root.data if root.slots is None else root.now, root.slots is None):
                for part in _parts(data):
                    self._by_part[part].append(len(self._places))
                self._places.append((root, path))

    def run(self, gone: Sequence[Value]) -> None:
        """Looks for all removed values: for each, then for what is left of the entries of each container."""
        for value in gone:
            self._find(value)
        rest: defaultdict[Value | None, list[Value]] = defaultdict(list)
        for value in gone:
            if value.entry and value.entry.key is not None and value.entry not in self.moved and value.now is not None:
                rest[value.within].append(value)
        for values in rest.values():
            self._find_entries(values)

    def _find_entries(self, values: Sequence[Value]) -> None:
        """Looks for removed entries of one mapping in one new mapping."""
        left = {_entry(str(each.entry.key), each.now): each for each in values if each.entry}
        while left:
            votes = Counter(number for part in left for number in self._by_part[part])
            number, score = max(votes.items(), key=lambda vote: (vote[1], -vote[0]), default=(0, 0))
            target = self._place(*self._places[number]) if score else None
            if target is None:
                return
            theirs = dict(_keyed(target.open(self.source)))
            for part in [part for part in left if number in self._by_part[part]]:
                value = left.pop(part)
                assert value.entry is not None and value.entry.key is not None
                if (slot := theirs.get(value.entry.key)) and slot.value.node is None:
                    slot.value = value
                    self.moved.add(value.entry)

    def _find(self, old: Value) -> None:
        """Looks for a removed value, and if it is nowhere, for the values in it."""
        data = old.now
        number = self._best(data)
        if number is not None and self._take(old, data, *self._places[number]):
            self._taken.add(number)
            return
        if old.node is not None and not self.source.refusal(old.node) and isinstance(old.data, dict | list):
            for slot in old.open(self.source) if old.data else ():
                if isinstance(slot.value.data, dict | list) and slot.value.entry:
                    self._find(slot.value)

    def _best(self, data: Json) -> int | None:
        if not isinstance(data, dict | list) or not data or not _is_telling(data):
            return None
        parts = _parts(data)
        votes = Counter(number for part in parts for number in self._by_part[part] if number not in self._taken)
        number, score = max(votes.items(), key=lambda vote: (vote[1], -vote[0]), default=(0, 0))
        return number if score and score * 2 > len(parts) else None

    def _take(self, old: Value, data: Json, root: Value, path: _Path) -> bool:
        """Puts the text of the old value, or of its parts, in the place below the root."""
        target = self._place(root, path)
        entry = old.entry
        if target is None or target.node is not None or entry is None:
            return False
        if json.dumps(target.now, sort_keys=True) == json.dumps(data, sort_keys=True):
            target.data, target.node, target.slots = old.data, old.node, old.slots
            target.entry, target.repeated = entry, old.repeated
        elif old.node is None or self.source.refusal(old.node) or not self._share(old, target):
            return False
        self.moved.add(entry)
        if target is not root and root.comments_of is None:
            root.comments_of = entry
        elif target.entry is not entry:
            target.comments_of = entry
        return True

    def _place(self, root: Value, path: _Path) -> Value | None:
        """The value at a place below a new one."""
        target = root
        for token in path:
            inner = next((slot.value for key, slot in _keyed(target.open(self.source)) if key == token), None)
            if inner is None:
                return None
            target = inner
        return target

    def _share(self, old: Value, target: Value) -> bool:
        """Gives the target the old values of the keys that are equal in both."""
        if old.repeated or not isinstance(target.data, dict):
            return False
        theirs: dict[str | int, Slot] = dict(_keyed(target.open(self.source)))
        for key, slot in _keyed(old.open(self.source)):
            other = theirs.get(key)
            equal = other is not None and other.value.node is None and _part(other.value.now) == _part(slot.value.now)
            if other is not None and equal:
                other.value = slot.value
                self.moved |= {slot.value.entry} if slot.value.entry else set()
            elif slot.value.entry:
                self.lost.append(slot.value.entry)
        return True


def _keyed(slots: Sequence[Slot]) -> Iterator[tuple[str | int, Slot]]:
    for index, slot in enumerate(slots):
        yield index if slot.key is None else slot.key, slot


def _containers(data: Json, deep: bool, path: _Path = ()) -> Iterator[tuple[_Path, dict[str, Json] | list[Json]]]:
    """The containers at and, if `deep`, below a place."""
    if isinstance(data, dict | list):
        yield path, data
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in pairs if deep else ():
            yield from _containers(value, deep, (*path, key))


def _parts(data: dict[str, Json] | list[Json]) -> list[str]:
    """What is compared: the entries of a mapping, a sequence as a whole."""
    if isinstance(data, list):
        return [_part(data)]
    return [_entry(key, value) for key, value in data.items()]


def _entry(key: str, data: Json) -> str:
    return f"{json.dumps(key)}: {_part(data)}"


def _part(data: Json) -> str:
    return json.dumps(data, sort_keys=True)


def _is_telling(data: dict[str, Json] | list[Json]) -> bool:
    """Whether a value is unlikely to be there twice by chance."""
    if len(data) > 1:
        return True
    values = data.values() if isinstance(data, dict) else data
    names = set(data) if isinstance(data, dict) else set()
    is_function = any(name in ("Ref", "Condition") or str(name).startswith("Fn::") for name in names)
    return not is_function and any(isinstance(value, dict | list) and len(_part(value)) > 20 for value in values)
