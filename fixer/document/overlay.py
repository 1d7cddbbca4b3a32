"""The overlay: which text, old or new, is at each place of a document after operations.

Operations change only the overlay; the text is spliced once, at the end (`splice`). A container is opened, that is, its
entries are looked up in the text, when an operation goes through it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer.document.operations import DataChange, Tokens
from fixer.document.order import Order
from fixer.document.rewrite import Rewrite
from fixer.document.slots import Slot, Value
from fixer.document.source import Entry, Source
from fixer.errors import BadPatch
from fixer.model import Json


class Overlay:
    """The document that is being changed. The changes must be those of `operations.resolve` for the same data.

    `gone` are values of the text that were removed or overwritten, `moved` the entries whose values, or what was in
    them, the document has in another place now.
    """

    def __init__(self, source: Source, data: Json) -> None:
        self.source = source
        self.root = Value(data, source.root)
        self.gone: list[Value] = []
        self.moved: set[Entry] = set()
        self.order = Order(data)

    def run(self, change: DataChange) -> None:
        """Makes one change. Raises BadPatch, with the line, if it cannot be made with proof."""
        step = _Step(self.source, self, change)
        if change.op in ("add", "replace"):
            step.put(change.path, Value(change.value), fresh=True)
        elif change.op == "copy":
            step.put(change.path, step.value(change.origin).copy())
        elif change.op == "remove":
            self.gone.append(step.take(change.path))
        elif not step.rename(change.origin, change.path):
            value = step.take(change.origin)
            self.moved |= {value.entry} if value.entry else set()
            step.put(change.path, value)


@dataclass
class _Step:
    """One change being made."""

    source: Source
    overlay: Overlay
    change: DataChange

    def value(self, path: Tokens) -> Value:
        return list(self._down(path))[-1]

    def put(self, path: Tokens, value: Value, fresh: bool = False) -> None:
        if not path:
            self.overlay.root = self._instead(self.overlay.root, value, fresh)
            return
        container, last = self._open(path[:-1]), path[-1]
        slots = container.slots
        assert slots is not None
        if isinstance(last, int):
            if self.change.op == "replace":
                slots[last].value = self._instead(slots[last].value, value, fresh)
            else:
                slots.insert(last, Slot(None, self._instead(None, value, fresh)))
            return
        slot = self._slot(container, last)
        if slot is not None:
            slot.value = self._instead(slot.value, value, fresh)
            return
        taken = {slot.home for slot in slots}
        free = (entry for entry in self._entries(container) if entry.key == last and entry not in taken)
        self._add(container, path, next(free, None), value, fresh)

    def _add(self, container: Value, path: Tokens, home: Entry | None, value: Value, fresh: bool) -> None:
        """Adds a key; if it was there before, in its old place."""
        slots, key = container.slots, str(path[-1])
        assert slots is not None
        old = next((each for each in self.overlay.gone if home and each.entry is home), None)
        if old:
            self.overlay.gone.remove(old)
        value = self._instead(old, value, fresh)
        if home is not None:
            later = (index for index, slot in enumerate(slots) if slot.home and slot.home.index > home.index)
            slots.insert(next(later, len(slots)), Slot(key, value, home))
            return
        place = self.overlay.order.place(path, [slot.key for slot in slots])
        slots.insert(len(slots) if place is None else place, Slot(key, value, loose=place is None))

    def _instead(self, old: Value | None, value: Value, fresh: bool) -> Value:
        """The value to be written where `old` is, if there is an old one."""
        if fresh:
            return Rewrite(self.source, self.overlay.gone).value(old, value.data)
        if old is not None and old.node is not None:
            self.overlay.gone.append(old)
        return value

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
        if value.slots is None and value.node and (reason := self.source.refusal(value.node)):
            raise self._refused(reason, value.node.start)
        return value.open(self.source)

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
