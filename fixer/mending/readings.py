"""The readings of a damaged text, and the one that is certain."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from fixer.document import Document
from fixer.document.repeated_keys import repeated_keys
from fixer.document.source import Syntax
from fixer.mending.candidate import Candidate
from fixer.mending.json_layout import conflicts
from fixer.mending.shape import ODD, UNDECLARED, Fault, faults


@dataclass(frozen=True)
class Reading:
    """A text that parses, and the candidates that lead to it, each for the text that the one before it makes."""

    document: Document
    steps: tuple[Candidate, ...]

    @property
    def cost(self) -> tuple[int, int]:
        """The number of characters that it changes, and those that it takes away."""
        return sum(step.cost for step in self.steps), -sum(step.growth for step in self.steps)


@dataclass(frozen=True)
class _Judged:
    reading: Reading
    faults: frozenset[Fault]
    conflicts: int

    @property
    def rank(self) -> tuple[int, tuple[int, int]]:
        """The order of readings with the same data, the most natural one first."""
        return self.conflicts, self.reading.cost

    def beats(self, other: "_Judged") -> bool:
        """Whether the template that it reads has only faults that the other one has, too, and fewer of them."""
        if self.faults == other.faults:
            return self.conflicts < other.conflicts
        return self.faults < other.faults and self.conflicts <= other.conflicts

    @cached_property
    def is_possible(self) -> bool:
        """Whether the entries that the repair touches have the structure of a template."""
        touched = owners(self.reading)
        hard = (fault for fault in self.faults if not fault[2].endswith(ODD))
        return not any((section, name) in touched or not name for section, name, _ in hard)


def certain(readings: Iterable[Reading], is_part: bool = False) -> Reading | None:
    """The only possible reading: all texts have the same data, or the structure of a template and the indentation of
    the text speak for one of them. None if there is none. `is_part`: the texts are only the first part of a template.
    """
    judged = possible(readings, is_part)
    best = [each for each in judged if all(each.beats(other) for other in judged if other is not each)]
    return best[0].reading if len(best) == 1 else None


def possible(readings: Iterable[Reading], is_part: bool = False) -> list[_Judged]:
    """The most natural reading for each template that the texts may mean."""
    by_data: dict[str, _Judged] = {}
    for reading in readings:
        data, judged = json.dumps(reading.document.data), _judged(reading, is_part)
        if data not in by_data or judged.rank < by_data[data].rank:
            by_data[data] = judged
    return [each for each in by_data.values() if each.is_possible]


def _judged(reading: Reading, is_part: bool) -> _Judged:
    document = reading.document
    is_json = document.syntax is Syntax.JSON
    repeated = {((*each.place, "")[0], (*each.place, "", "")[1], each.second.key) for each in repeated_keys(document)}
    repeats = frozenset((section, name, f"it has {key} twice") for section, name, key in repeated)
    found = faults(document.data) | repeats
    if is_part:
        found = frozenset(fault for fault in found if not _may_follow(fault[2]))
    return _Judged(reading, found, conflicts(document.text) if is_json else 0)


def _may_follow(fault: str) -> bool:
    """Whether a later part of the template may show that it is no fault."""
    return fault.endswith((UNDECLARED, "has no value", "is not a mapping")) or " has no " in fault


def owners(reading: Reading) -> set[tuple[str, str]]:
    """The entries (section, name) in which a reading changes the text."""
    document = reading.document
    places: set[tuple[str, str]] = set()
    spans = _spans(document)
    for step, later in zip(reading.steps, _shifts(reading.steps), strict=True):
        for splice in step.splices:
            start, end = splice.start + later, splice.start + len(splice.new) + later
            places |= {entry for entry, (first, last) in spans.items() if first - 2 <= end and start <= last + 2}
    return places


def _shifts(steps: Sequence[Candidate]) -> list[int]:
    """How far the places of each step lie apart from the same places of the final text, roughly."""
    return [
        sum(other.growth for other in steps[index + 1 :] if other.start <= step.start)
        for index, step in enumerate(steps)
    ]


def _spans(document: Document) -> dict[tuple[str, str], tuple[int, int]]:
    from fixer.pointer import join

    found = {}
    data = document.data if isinstance(document.data, dict) else {}
    for section, value in data.items():
        for name in value if isinstance(value, dict) else ():
            start, end = document.span(join(section, name))
            found[section, name] = (start, end)
    return found
