"""After all operations: what left one place and appeared in another was moved, and new entries take free places.

A patch may write a move as a removal and an addition: a rule leaves a list and becomes a resource, a value is wrapped.
What was added then has the text of what was removed, and its comments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fixer.document.adoption import Adoption
from fixer.document.operations import identical
from fixer.document.overlay import Overlay
from fixer.document.slots import Slot, Value
from fixer.document.source import Entry, Source


@dataclass
class Settled:
    """The overlay, ready to be spliced.

    The values of `moved` entries are in another place now, those of `lost` ones nowhere. `reused` entries have another
    value now, which keeps the comments around them, apart from those beside it if they are `renamed`, too. The comments
    of `claimed` ones go where `Value.comments_of` says.
    """

    root: Value
    moved: set[Entry]
    lost: list[Entry] = field(default_factory=list)
    reused: set[Entry] = field(default_factory=set)
    renamed: set[Entry] = field(default_factory=set)
    claimed: set[Entry] = field(default_factory=set)


def settle(overlay: Overlay) -> Settled:
    """Finds what was moved, and gives new entries the places of removed ones."""
    source = overlay.source
    settled = Settled(overlay.root, overlay.moved)
    gone = [value for value in overlay.gone if value.entry]
    new = [value for value in overlay.root.walk() if value.node is None] if gone else []
    if new:
        adoption = Adoption(source, new)
        adoption.run(gone)
        settled.moved |= adoption.moved
        settled.lost += adoption.lost
        settled.claimed = {value.comments_of for value in new if value.comments_of}
    there = {entry for value in overlay.root.walk() for entry in (value.entry, value.comments_of) if entry}
    settled.moved &= there  # What was moved may have gone since.
    for value in overlay.root.walk():
        if value.node is not None and value.slots is not None and not source.virtual(value.node):
            _take_places(source, settled, value)
            reused = [(slot, slot.home) for slot in value.slots if slot.home and not slot.stays]
            settled.reused |= {home for _, home in reused}
            settled.renamed |= {home for slot, home in reused if slot.key != home.key}
    return settled


def _take_places(source: Source, settled: Settled, value: Value) -> None:
    """Gives the new entries of a container the places of removed entries: of those in the same gap between the entries
    that stay, and if a new key has no place of its own, of any.
    """
    slots = value.slots
    assert slots is not None and value.node is not None
    if not any(slot.home is None for slot in slots):
        return
    taken = {slot.home for slot in slots}
    free = [entry for entry in source.entries(value.node) if entry not in taken]
    for gone, new in _gaps(free, slots):
        _pair(source, settled, gone, new, near=True)
    loose = [slot for slot in slots if slot.home is None and slot.loose]
    if loose:
        taken = {slot.home for slot in slots}
        _pair(source, settled, [entry for entry in free if entry not in taken], loose, near=False)
        _sort(slots, [slot for slot in loose if slot.home])


def _gaps(free: Sequence[Entry], slots: Sequence[Slot]) -> list[tuple[list[Entry], list[Slot]]]:
    """Between every two entries that stay: which entries have gone, and which slots are new."""
    gaps: list[tuple[list[Entry], list[Slot]]] = []
    start, new = -1, list[Slot]()
    for slot in (*slots, None):
        if slot is not None and slot.home is None:
            new.append(slot)
            continue
        stop = slot.home.index if slot and slot.home else len(free) + len(slots)
        if new:
            gaps.append(([entry for entry in free if start < entry.index < stop], new))
        start, new = stop, []
    return gaps


def _pair(source: Source, settled: Settled, gone: Sequence[Entry], new: Sequence[Slot], near: bool) -> None:
    """Pairs, in order, new entries with removed ones whose values they have, alone or with others. If they are `near`
    each other, any that have no comments.
    """
    if not gone:
        return
    held = [{each.entry for each in slot.value.walk()} | {slot.value.comments_of} for slot in new]
    rest = list(gone)
    for number, slot in enumerate(new):
        later = set().union(*held[number + 1 :])
        own = next((entry for entry in rest if entry in held[number] or _is_renamed(entry, slot)), None)
        free = (entry for entry in rest if near and entry not in settled.moved and entry not in later)
        slot.home = own or next((entry for entry in free if not source.has_comments(entry)), None)
        if slot.home:
            rest = rest[rest.index(slot.home) + 1 :]


def _is_renamed(entry: Entry, slot: Slot) -> bool:
    """Whether an entry is there again with another key. That both are true or empty does not tell."""
    value = slot.value.data
    telling = slot.key is not None and not isinstance(value, bool) and value not in (None, "", [], {})
    return telling and identical(value, entry.value.data)


def _sort(slots: list[Slot], moving: Sequence[Slot]) -> None:
    """Moves slots to where their homes are."""
    for slot in moving:
        slots.remove(slot)
        home = slot.home
        assert home is not None
        later = (index for index, other in enumerate(slots) if other.home and other.home.index > home.index)
        slots.insert(next(later, len(slots)), slot)
