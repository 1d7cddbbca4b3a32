"""From an overlay to text edits: what is kept, removed, inserted, replaced or renamed in which container.

The syntax decides how each of these is written (`source.Source`). Only opened containers are examined.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fixer.document.edits import in_order
from fixer.document.operations import identical
from fixer.document.settle import Settled
from fixer.document.slots import Slot, Value
from fixer.document.source import Draft, Entry, Node, NodeKind, Source, Splice, kind_of


@dataclass
class Splicer:
    """Turns a settled overlay over one source into splices of its text, in one of the source's ways of writing."""

    source: Source
    settled: Settled
    attempt: int = 0
    gone: list[Entry] = field(default_factory=list)
    """The entries that the text has and the result does not."""

    def splices(self) -> list[Splice]:
        """Sorted splices that do not overlap. Raises Unprovable if there are none, or if a comment would be lost."""
        root, old = self.settled.root, self.source.root
        self.gone = list(self.settled.lost)
        if root.node is old:
            splices = self._within(root, None)
        else:
            self.gone += [entry for entry in self.source.entries(old) if entry not in self.settled.moved]
            splices = self.source.replace(old, None, self._draft(root), self.attempt)
        return in_order(self.source.checked(in_order(splices), self.gone))

    def _within(self, value: Value, within: Node | None) -> list[Splice]:
        """The splices inside a value that is at its old place; `within` is its container."""
        node, slots = value.node, value.slots
        if node is None or slots is None:
            return []
        if self.source.virtual(node):
            inside = [slot.value for slot in slots if slot.stays and slot.home and slot.key == slot.home.key]
            if len(inside) == len(slots) == 1 and self._keeps_text(inside[0].node or node, inside[0].slots or ()):
                return self._within(inside[0], within)
            if identical(value.now, node.data):
                return []
            return self.source.replace(node, within, self._draft(value), self.attempt)
        result: list[Splice] = []
        for slot in slots:
            if slot.home is None:
                continue
            if slot.stays and slot.key == slot.home.key:
                result += self._within(slot.value, node)
            else:
                result += self._at_home(node, slot, slot.home)
        return result + self._gaps(node, within, slots)

    def _at_home(self, container: Node, slot: Slot, home: Entry) -> list[Splice]:
        """A renamed key, or another value in the place of one."""
        renamed = slot.key is not None and slot.key != home.key
        result = self.source.rename(home, slot.key or "", self.attempt) if renamed else []
        if slot.stays:
            return [*result, *self._within(slot.value, container)]
        return [*result, *self.source.replace(home.value, container, self._draft(slot.value), self.attempt)]

    def _gaps(self, container: Node, within: Node | None, slots: Sequence[Slot]) -> list[Splice]:
        """The changes between the entries that stay: some entries of the text are removed, some new ones are added."""
        entries = self.source.entries(container)
        if len(entries) == len(slots) and all(slot.home for slot in slots):
            return []
        result: list[Splice] = []
        before: Entry | None = None
        new: list[Slot] = []
        for slot in (*slots, None):
            if slot is not None and slot.home is None:
                new.append(slot)
                continue
            after = slot.home if slot is not None else None
            gone = entries[before.index + 1 if before else 0 : after.index if after else len(entries)]
            result += self._gap(container, within, (before, after), gone, new)
            before, new = after, []
        return result

    def _gap(
        self,
        container: Node,
        within: Node | None,
        around: tuple[Entry | None, Entry | None],
        gone: Sequence[Entry],
        new: Sequence[Slot],
    ) -> list[Splice]:
        drafts = [(slot.key, self._draft(slot.value)) for slot in new]
        self.gone += [entry for entry in gone if entry not in self.settled.moved]
        if not gone and not drafts:
            return []
        if around == (None, None):
            return self.source.refill(container, within, drafts, self.attempt)
        result = self.source.remove(container, gone, *around) if gone else []
        return [*result, *(self.source.insert(container, *around, drafts, self.attempt) if drafts else ())]

    def _draft(self, value: Value) -> Draft:
        """The draft of a value: lifted text where there is some, else data, with the comments that come along."""
        draft = self._bare(value)
        entry = value.comments_of or value.entry
        if entry is None or entry not in self.settled.moved or entry in self.settled.reused:
            return draft
        if entry in self.settled.claimed and value.comments_of is None:
            return draft
        noted = self.source.comments(entry)
        return replace(noted, draft=draft) if noted.above or noted.beside else draft

    def _bare(self, value: Value) -> Draft:
        node, slots = value.node, value.slots
        if node is not None and (slots is None or self._keeps_text(node, slots)):
            entry = value.entry
            inside = in_order(self._within(value, None))
            moved, stays = entry in self.settled.moved, entry in self.settled.reused - self.settled.renamed
            return self.source.lifted(node, entry, inside, value.now, moved, stays)
        if slots is None:
            return _as_draft(value.data)
        if kind_of(value.data) is NodeKind.MAPPING:
            return {str(slot.key): self._draft(slot.value) for slot in slots}
        return [self._draft(slot.value) for slot in slots]

    def _keeps_text(self, node: Node, slots: Sequence[Slot]) -> bool:
        """Whether the text of an opened value is of use for another place: a part of it stays in its place."""
        stays = any(slot.home for slot in slots) or not (slots or self.source.entries(node))
        return stays and not self.source.virtual(node)


def _as_draft(data: object) -> Draft:
    """Data is a draft without lifted text. A type checker cannot see that, because the containers are invariant."""
    return data  # type: ignore[return-value]
