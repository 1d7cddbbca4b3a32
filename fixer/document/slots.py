"""Values of a changed document and their slots: text of the old document or new data, at each place."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fixer.document.source import Entry, Node, NodeKind, Source, kind_of
from fixer.model import Json


@dataclass(slots=True, eq=False)
class Slot:
    """An entry of an opened container. `home` is the entry of the text whose place it takes; None if it is inserted.

    `loose`: it is at the end only because it is new, so it may take the place of a removed entry.
    """

    key: str | None
    value: "Value"
    home: Entry | None = None
    loose: bool = False

    @property
    def stays(self) -> bool:
        """Whether the value is the one that the text has here (parts of it may have changed)."""
        return self.home is not None and self.home.value is self.value.node


@dataclass(slots=True, eq=False)
class Value:
    """A value of the changed document: text of the old one (`node`, the value of `entry`) or new data; it has `slots`
    once it is opened.
    """

    data: Json
    node: Node | None = None
    slots: list[Slot] | None = None
    entry: Entry | None = None
    repeated: dict[str, Entry] = field(default_factory=dict)
    """The keys that a mapping has more than once, with the second entry of each."""

    within: "Value | None" = None
    """The container that it was in in the text."""

    comments_of: Entry | None = None
    """The removed entry whose comments belong to it now, because it has what that entry had."""

    def copy(self) -> "Value":
        """A copy for a second place."""
        slots = None if self.slots is None else [Slot(slot.key, slot.value.copy(), slot.home) for slot in self.slots]
        return Value(self.data, self.node, slots, self.entry, self.repeated, self.within)

    def open(self, source: Source) -> list[Slot]:
        """The slots of a container. What a merge key adds to a mapping has no slot."""
        if self.slots is None:
            entries = source.entries(self.node) if self.node else ()
            if entries or not self.data:
                values = [Value(each.value.data, each.value, None, each, within=self) for each in entries]
                self.slots = [Slot(each.key, value, each) for each, value in zip(entries, values, strict=True)]
            elif isinstance(self.data, dict):  # New data and the content of a short tag have no text of their own.
                self.slots = [Slot(key, Value(data)) for key, data in self.data.items()]
            elif isinstance(self.data, list):
                self.slots = [Slot(None, Value(data)) for data in self.data]
            self.repeated = _repeated(entries)
        assert self.slots is not None
        return self.slots

    def walk(self) -> Iterator["Value"]:
        """Itself and the values in it as far as they are opened."""
        yield self
        for slot in self.slots or ():
            yield from slot.value.walk()

    @property
    def now(self) -> Json:
        """Its data after all changes."""
        if self.slots is None:
            return self.data
        if kind_of(self.data) is NodeKind.MAPPING:
            return {str(slot.key): slot.value.now for slot in self.slots}
        return [slot.value.now for slot in self.slots]


def _repeated(entries: Sequence[Entry]) -> dict[str, Entry]:
    counts = Counter(entry.key for entry in entries if entry.key is not None)
    if len(counts) == len(entries):
        return {}
    return {entry.key: entry for entry in entries if entry.key is not None and counts[entry.key] > 1}
