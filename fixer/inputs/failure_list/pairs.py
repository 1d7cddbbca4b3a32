"""Which faulty fragment and which corrected one belong together."""

import re
from collections.abc import Iterator, Sequence

from fixer.inputs.failure_list.blocks import SUGGESTION
from fixer.model.failures import Fragment, Pair, Role

_NAME = re.compile(r"[A-Za-z][\w:.-]{2,60}")
_NAMES = 2000


def pairs(fragments: Sequence[Fragment]) -> tuple[Pair, ...]:
    """The pairs of fragments, in the order of the corrections.

    As many corrections as faults are paired in their order. Otherwise each fault goes with the correction that shares
    most names with it; a correction that is left is an addition, and of a fault that is left only the fault is known.
    """
    faulty = [each for each in fragments if each.role is Role.FAULTY]
    corrected = [each for each in fragments if each.role is Role.CORRECTED]
    if len(faulty) == len(corrected):
        return tuple(Pair(*each) for each in zip(faulty, corrected, strict=True))
    return tuple(_alike(faulty, corrected))


def _alike(faulty: Sequence[Fragment], corrected: Sequence[Fragment]) -> Iterator[Pair]:
    partners: dict[int, Fragment] = {}
    for fault in faulty:
        free = [index for index in range(len(corrected)) if index not in partners]
        best = max(free, key=lambda index: (_shared(fault, corrected[index]), -index), default=None)
        if best is not None and _shared(fault, corrected[best]):
            partners[best] = fault
    left = [fault for fault in faulty if all(fault is not each for each in partners.values())]
    for index, correction in enumerate(corrected):
        if index in partners or correction.label != SUGGESTION:  # A suggestion replaces lines: it is not an addition.
            yield Pair(partners.get(index), correction)
    yield from (Pair(fault, None) for fault in left)


def _shared(one: Fragment, other: Fragment) -> float:
    """The share of names that two fragments have in common."""
    names, others = (set(_NAME.findall(each.text)[:_NAMES]) for each in (one, other))
    return len(names & others) / (len(names | others) or 1)
