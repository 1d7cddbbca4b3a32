"""From an overlay to text edits: what is kept, removed, inserted, replaced or renamed in which container.

The syntax decides how each of these is written (`source.Source`). Only opened containers are examined.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fixer.document.edits import in_order, splice_text
from fixer.document.operations import identical
from fixer.document.overlay import Slot, Value
from fixer.document.source import Draft, Entry, Lifted, Node, NodeKind, Source, Splice, kind_of


@dataclass(frozen=True)
class Splicer:
    """Turns an overlay over one source into splices of its text, in one of the source's ways of writing."""

    source: Source
    attempt: int = 0

    def splices(self, root: Value) -> list[Splice]:
        """Sorted splices that do not overlap."""
        if root.node is not self.source.root:
            return in_order(self.source.replace(self.source.root, None, self._draft(root), self.attempt))
        return in_order(self._within(root, None))

    def _within(self, value: Value, within: Node | None) -> Iterator[Splice]:
        """The splices inside a value that is at its old place; `within` is its container."""
        node = value.node
        if node is None or value.slots is None:
            return
        if self.source.virtual(node):
            inside = [slot for slot in value.slots if slot.stays and slot.home and slot.key == slot.home.key]
            if len(inside) == len(value.slots) == 1 and not self.source.virtual(inside[0].value.node or node):
                yield from self._within(inside[0].value, within)
            elif not identical(value.now, node.data):
                yield from self.source.replace(node, within, self._draft(value), self.attempt)
            return
        for slot in value.slots:
            if slot.home is not None:
                yield from self._at_home(node, slot, slot.home)
        yield from self._gaps(node, within, value.slots)

    def _at_home(self, container: Node, slot: Slot, home: Entry) -> Iterator[Splice]:
        if slot.key is not None and slot.key != home.key:
            yield from self.source.rename(home, slot.key, self.attempt)
        if slot.stays:
            yield from self._within(slot.value, container)
        else:
            yield from self.source.replace(home.value, container, self._draft(slot.value), self.attempt)

    def _gaps(self, container: Node, within: Node | None, slots: Sequence[Slot]) -> Iterator[Splice]:
        """The changes between the entries that stay: some entries of the text are removed, some new ones are added."""
        entries = self.source.entries(container)
        before: Entry | None = None
        new: list[Slot] = []
        for slot in (*slots, None):
            if slot is not None and slot.home is None:
                new.append(slot)
                continue
            after = slot.home if slot is not None else None
            first = before.index + 1 if before else 0
            gone = list(entries[first : after.index if after else len(entries)])
            yield from self._gap(container, within, before, after, gone, new)
            before, new = after, []

    def _gap(
        self,
        container: Node,
        within: Node | None,
        before: Entry | None,
        after: Entry | None,
        gone: list[Entry],
        new: list[Slot],
    ) -> Iterator[Splice]:
        for home, slot in zip(gone, new, strict=False):
            # A new entry takes the place of a removed one: key and value are overwritten.
            before = home
            if slot.key is not None:
                yield from self.source.rename(home, slot.key, self.attempt)
            yield from self.source.replace(home.value, container, self._draft(slot.value), self.attempt)
        taken = min(len(gone), len(new))
        gone, drafts = gone[taken:], [(slot.key, self._draft(slot.value)) for slot in new[taken:]]
        if not gone and not drafts:
            return
        if before is None and after is None:
            yield from self.source.refill(container, within, drafts, self.attempt)
        elif gone:
            yield from self.source.remove(container, gone, before, after)
        else:
            yield from self.source.insert(container, before, after, drafts, self.attempt)

    def _draft(self, value: Value) -> Draft:
        """The draft of a value: lifted text where there is some, else data."""
        node = value.node
        if node is not None and (value.slots is None or not self.source.virtual(node)):
            inside = in_order(self._within(value, None))
            return Lifted(splice_text(self.source.text, inside, node.start, node.end), node, value.now)
        if value.slots is None:
            return _as_draft(value.data)
        if kind_of(value.data) is NodeKind.MAPPING:
            return {str(slot.key): self._draft(slot.value) for slot in value.slots}
        return [self._draft(slot.value) for slot in value.slots]


def _as_draft(data: object) -> Draft:
    """Data is a draft without lifted text. A type checker cannot see that, because the containers are invariant."""
    return data  # type: ignore[return-value]
