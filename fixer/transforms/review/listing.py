"""Which items of two lists of a review belong together: the items of the faulty list, and those of the corrected
one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from fixer.document.pattern import GAP, Pattern

_NAMES = (
    "Sid",
    "Key",
    "Id",
    "Name",
    "PolicyName",
    "LogicalId",
    "ParameterKey",
    "AttributeName",
    "IndexName",
    "Priority",
)
"""Keys that name an item of a list."""

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """An item of the faulty list, of the corrected list, or of both, in which case one becomes the other."""

    old: Pattern = None
    new: Pattern = None
    is_old: bool = False
    is_new: bool = False

    @property
    def shows_old(self) -> bool:
        """Whether the faulty list shows this item, and not only an ellipsis."""
        return self.is_old and self.old is not GAP

    @property
    def is_gap(self) -> bool:
        """Whether it is an ellipsis: of the faulty list, or of the corrected list where the faulty one shows
        nothing.
        """
        return self.old is GAP or self.new is GAP


def steps(faulty: Sequence[Pattern], corrected: Sequence[Pattern]) -> list[Step]:
    """The way from one list to the other: equal items first, then those with the same name, then those with
    the same index in equally long runs.
    """
    ones, others = [repr(each) for each in faulty], [repr(each) for each in corrected]
    found: list[Step] = []
    for kind, start, end, low, high in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        old, new = list(faulty[start:end]), list(corrected[low:high])
        if kind == "equal":
            found += [Step(one, other, True, True) for one, other in zip(old, new, strict=True)]
        else:
            found += _changed(old, new)
    return found


def _changed(old: list[Pattern], new: list[Pattern]) -> Iterator[Step]:
    """The way from one run of items to another in which no item is equal."""
    if GAP in old or GAP in new:
        yield from _around_gaps(old, new)
        return
    partners = _partners(old, new)
    if not partners and len(old) == len(new):
        partners = {index: index for index in range(len(old))}
    at = 0
    for index, one in enumerate(old):
        partner = partners.get(index)
        if partner is None:
            yield Step(one, None, True, False)
            continue
        yield from (Step(None, other, False, True) for other in new[at:partner])
        yield Step(one, new[partner], True, True)
        at = partner + 1
    yield from (Step(None, other, False, True) for other in new[at:])


def _around_gaps(old: list[Pattern], new: list[Pattern]) -> Iterator[Step]:
    """Items beside an ellipsis of the corrected list may still be there, so none of them goes."""
    if GAP in new:
        yield from (Step(one, GAP, True, True) for one in old)
        yield from (Step(None, other, False, True) for other in new)
    else:
        # What the faulty list leaves out stays: its ellipsis only says where.
        yield from _changed([each for each in old if each is not GAP], new)


def _partners(old: list[Pattern], new: list[Pattern]) -> dict[int, int]:
    """Index in `old` → index in `new` of the item that it becomes: the choice with the most likeness in which the order
    is the same. Items that share little do not become each other.
    """
    best: dict[tuple[int, int], tuple[float, tuple[tuple[int, int], ...]]] = {}
    for index in range(len(old), -1, -1):
        for at in range(len(new), -1, -1):
            if index == len(old) or at == len(new):
                best[index, at] = 0.0, ()
                continue
            choices = [best[index + 1, at], best[index, at + 1]]
            if likeness := _likeness(old[index], new[at]):
                score, pairs = best[index + 1, at + 1]
                choices.insert(0, (score + likeness, ((index, at), *pairs)))
            best[index, at] = max(choices, key=lambda choice: choice[0])
    return dict(best[0, 0][1])


def _likeness(one: Pattern, other: Pattern) -> float:
    """How much two items have in common: above 1 for the same name, else the share of equal entries if it is half or
    more of the smaller one; 0 for less.
    """
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0.0
    shared = [name for name in _NAMES if name in one and name in other]
    if shared and isinstance(one[shared[0]], str) and one[shared[0]] == other[shared[0]]:
        return 2.0
    equal = sum(key in other and repr(other[key]) == repr(value) for key, value in one.items())
    share = equal / max(min(len(one), len(other)), 1)
    return share if share >= _HALF else 0.0
