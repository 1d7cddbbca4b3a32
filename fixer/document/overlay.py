"""The overlay: which text, old or new, is at each place of a document after operations.

Operations change only the overlay; the text is spliced once, at the end (`splice`). A container is opened, that is, its
entries are looked up in the text, when an operation goes through it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fixer.document.operations import DataChange, Tokens
from fixer.document.source import Entry, Node, NodeKind, Source, kind_of
from fixer.errors import BadPatch
from fixer.model import Json

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
)


@dataclass(slots=True, eq=False)
class Slot:
    """An entry of an opened container. `home` is the entry of the text whose place it takes; None if it is inserted."""

    key: str | None
    value: "Value"
    home: Entry | None = None

    @property
    def stays(self) -> bool:
        """Whether the value is the one that the text has here (parts of it may have changed)."""
        return self.home is not None and self.home.value is self.value.node


@dataclass(slots=True, eq=False)
class Value:
    """A value of the changed document: text of the old one (`node`) or new data; it has `slots` once it is opened."""

    data: Json
    node: Node | None = None
    slots: list[Slot] | None = None
    repeated: dict[str, Entry] = field(default_factory=dict)
    """The keys that a mapping has more than once, with the second entry of each."""

    def copy(self) -> "Value":
        """A copy for a second place."""
        slots = None if self.slots is None else [Slot(slot.key, slot.value.copy(), slot.home) for slot in self.slots]
        return Value(self.data, self.node, slots, self.repeated)

    @property
    def now(self) -> Json:
        """Its data after all changes."""
        if self.slots is None:
            return self.data
        if kind_of(self.data) is NodeKind.MAPPING:
            return {str(slot.key): slot.value.now for slot in self.slots}
        return [slot.value.now for slot in self.slots]


@dataclass
class Overlay:
    """The document that is being changed. The changes must be those of `operations.resolve` for the same data."""

    source: Source
    root: Value

    def run(self, change: DataChange) -> None:
        """Makes one change. Raises BadPatch, with the line, if it cannot be made with proof."""
        step = _Step(self.source, self, change)
        if change.op in ("add", "replace"):
            step.put(change.path, Value(change.value))
        elif change.op == "copy":
            step.put(change.path, step.value(change.origin).copy())
        elif change.op == "remove":
            step.take(change.path)
        elif not step.rename(change.origin, change.path):
            step.put(change.path, step.take(change.origin))


@dataclass
class _Step:
    """One change being made."""

    source: Source
    overlay: Overlay
    change: DataChange

    def value(self, path: Tokens) -> Value:
        return list(self._down(path))[-1]

    def put(self, path: Tokens, value: Value) -> None:
        if not path:
            self.overlay.root = value
            return
        container, last = self._open(path[:-1]), path[-1]
        slots = container.slots
        assert slots is not None
        if isinstance(last, int):
            if self.change.op == "replace":
                slots[last].value = value
            else:
                slots.insert(last, Slot(None, value))
            return
        slot = self._slot(container, last)
        if slot is not None:
            slot.value = value
            return
        taken = {slot.home for slot in slots}
        free = (entry for entry in self._entries(container) if entry.key == last and entry not in taken)
        home = next(free, None)
        slots.insert(_place(container, home, last, top=len(path) == 1), Slot(last, value, home))

    def take(self, path: Tokens) -> Value:
        container, last = self._open(path[:-1]), path[-1]
        slots = container.slots
        assert slots is not None
        if isinstance(last, int):
            return slots.pop(last).value
        slot = self._slot(container, last)
        assert slot is not None
        slots.remove(slot)
        return slot.value

    def rename(self, origin: Tokens, path: Tokens) -> bool:
        """Renames a key that is moved within its mapping to an unused key; False if the change is not such a move."""
        old, new = origin[-1:], path[-1:]
        if not old or origin[:-1] != path[:-1] or isinstance(old[0], int):
            return False
        container = self._open(path[:-1])
        slot = self._slot(container, old[0])
        if slot is None or self._slot(container, str(new[0])) is not None:
            return False
        slot.key = str(new[0])
        return True

    def _open(self, path: Tokens) -> Value:
        """The container at a place that is about to change."""
        container = self.value(path)
        self._look(container)
        return container

    def _down(self, path: Tokens) -> Iterator[Value]:
        value = self.overlay.root
        yield value
        for token in path:
            slots = self._look(value)
            slot = slots[token] if isinstance(token, int) else self._slot(value, token)
            assert slot is not None
            value = slot.value
            yield value

    def _look(self, value: Value) -> list[Slot]:
        """The slots of a container; opens it."""
        if value.slots is None:
            if value.node and (reason := self.source.refusal(value.node)):
                raise self._refused(reason, value.node.start)
            entries = self._entries(value)
            if entries or not value.data:
                value.slots = [Slot(entry.key, Value(entry.value.data, entry.value), entry) for entry in entries]
            elif isinstance(value.data, dict):  # New data and the content of a short tag have no text of their own.
                value.slots = [Slot(key, Value(data)) for key, data in value.data.items()]
            elif isinstance(value.data, list):
                value.slots = [Slot(None, Value(data)) for data in value.data]
            value.repeated = _repeated(entries)
        assert value.slots is not None
        return value.slots

    def _entries(self, value: Value) -> list[Entry]:
        return list(self.source.entries(value.node)) if value.node else []

    def _slot(self, container: Value, key: str) -> Slot | None:
        if key in container.repeated:
            raise self._refused(f"the key {key!r} is there more than once", container.repeated[key].start)
        return next((slot for slot in container.slots or () if slot.key == key), None)

    def _refused(self, reason: str, offset: int) -> BadPatch:
        line = self.source.position(offset)
        error = self.change.refused(f"cannot edit this place: {reason} (line {line.line})")
        error.line, error.column = line.line, line.column
        return error


def _repeated(entries: list[Entry]) -> dict[str, Entry]:
    counts = Counter(entry.key for entry in entries if entry.key is not None)
    if len(counts) == len(entries):
        return {}
    return {entry.key: entry for entry in entries if entry.key is not None and counts[entry.key] > 1}


def _place(container: Value, home: Entry | None, key: str, top: bool) -> int:
    """Where a key goes in its mapping: to its old place, for a template section to the usual place, else to the end."""
    slots = container.slots
    assert slots is not None
    if home is not None:
        later = (index for index, slot in enumerate(slots) if slot.home and slot.home.index > home.index)
        return next(later, len(slots))
    if not top or key not in SECTIONS:
        return len(slots)
    rank = SECTIONS.index(key)
    ranks = [SECTIONS.index(slot.key) if slot.key in SECTIONS else None for slot in slots]
    before = [index + 1 for index, other in enumerate(ranks) if other is not None and other < rank]
    after = [index for index, other in enumerate(ranks) if other is not None and other > rank]
    return before[-1] if before else min(after, default=len(slots))
