"""The places where two states of one entry of a template resolve to different values. Pure.

Values are compared part by part, so that only the conditions behind a different part create scenarios.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import partial

from fixer.cloudformation.intrinsics import NO_VALUE, branches, intrinsic_name, mapping, sequence
from fixer.model import Json
from fixer.pointer import join
from fixer.resolution.creation_order import CreationOrder
from fixer.resolution.evaluation import Evaluation
from fixer.resolution.resolved_template import compared
from fixer.resolution.resolved_values import is_permutation, may_vanish, same
from fixer.resolution.scenarios import Budget, Scenario, Unresolvable, every
from fixer.resolution.subject import Subject
from fixer.resolution.touched_names import TouchedNames, same_text
from fixer.resolution.value_diff import Difference, DifferenceKind, value_differences


@dataclass(frozen=True)
class States:
    """Two states of a template, the names with a different meaning in them, and the initial scenario."""

    before: Subject
    after: Subject
    touched: TouchedNames
    root: Scenario

    def evaluations(self, scenario: Scenario) -> tuple[Evaluation, Evaluation]:
        """Both states in one scenario."""
        return Evaluation(self.before, scenario), Evaluation(self.after, scenario)

    def is_untouched(self, old: Json, new: Json) -> bool:
        """Whether two values have the same text and the same meaning, so that they need not be evaluated."""
        return same_text(old, new) and not self.touched.mentioned_in(new)


@dataclass
class EntryDiff:
    """Compares two states of one entry. The results are `differences` and `unresolved` (place → reason)."""

    states: States
    place: str
    differences: dict[str, Difference] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    _budgets: defaultdict[str, Budget] = field(default_factory=lambda: defaultdict(Budget))
    _found: dict[str, tuple[Difference, Scenario, int]] = field(default_factory=dict)

    def compare_entry(self, section: str, name: str, old: Json, new: Json) -> None:
        """Compares an entry of Resources or Outputs; NO_VALUE if one state does not have it."""
        if self.states.is_untouched(old, new):
            return
        try:
            if name.startswith("Fn::"):
                raise Unresolvable(f"{name} cannot be evaluated")
            shared = self._existence(old, new)
            self._settle(self.states.root.weight)
            for scenario in shared:
                self._compare(compared(section, old), compared(section, new), self.place, scenario)
                if section == "Resources":
                    self._compare_order(name, old, new, scenario)
            self._settle(sum(scenario.weight for scenario in shared))
        except Unresolvable as error:
            self._give_up(old, new, self.place, str(error))

    def compare_value(self, old: Json, new: Json) -> None:
        """Compares a value that exists in every scenario."""
        self._compare(old, new, self.place, self.states.root)
        self._settle(self.states.root.weight)

    def _existence(self, old: Json, new: Json) -> list[Scenario]:
        """The scenarios in which the entry exists in both states; if only one state has it, that is a difference."""
        shared = []
        exist = partial(self._exist, old, new)
        for scenario, existing in every(self.states.root, exist, Budget()):
            match existing:
                case (True, True):
                    shared.append(scenario)
                case (True, False):
                    self._record(Difference(self.place, DifferenceKind.REMOVED, old=old), scenario)
                case (False, True):
                    self._record(Difference(self.place, DifferenceKind.ADDED, new=new), scenario)
        return shared

    def _exist(self, old: Json, new: Json, scenario: Scenario) -> tuple[bool, bool]:
        before, after = self.states.evaluations(scenario)
        return old != NO_VALUE and before.exists(old), new != NO_VALUE and after.exists(new)

    def _compare(self, old: Json, new: Json, place: str, scenario: Scenario) -> None:
        if self.states.is_untouched(old, new):
            return
        if _is_data(old) and _is_data(new):
            one, other = mapping(old), mapping(new)
            for key in {**one, **other}:
                self._compare(one.get(key, NO_VALUE), other.get(key, NO_VALUE), place + join(key), scenario)
        elif isinstance(old, list) and isinstance(new, list) and self._are_pairs(old, new):
            for index, (item, counterpart) in enumerate(zip(old, new, strict=True)):
                self._compare(item, counterpart, f"{place}/{index}", scenario)
        else:
            self._evaluate(old, new, place, scenario)

    def _are_pairs(self, old: list[Json], new: list[Json]) -> bool:
        """Whether items with the same index belong together in every scenario."""
        if len(old) != len(new) or is_permutation(old, new):
            return False
        return all(
            self.states.is_untouched(one, other)
            or (_vanish_alike(one, other) and self.states.is_untouched(_choice(one), _choice(other)))
            for one, other in zip(old, new, strict=True)
        )

    def _evaluate(self, old: Json, new: Json, place: str, scenario: Scenario) -> None:
        budget = self._budgets[place]
        try:
            if branches(old) or branches(new):
                for inner, chosen in every(scenario, partial(self._chosen, old, new), budget):
                    self._compare(*chosen, place, inner)
                return
            for inner, resolved in every(scenario, partial(self._resolved, old, new), budget):
                for difference in value_differences(*resolved, place):
                    self._record(difference, inner)
        except Unresolvable as error:
            self._give_up(old, new, place, str(error))

    def _chosen(self, old: Json, new: Json, scenario: Scenario) -> tuple[Json, Json]:
        before, after = self.states.evaluations(scenario)
        return before.chosen(old), after.chosen(new)

    def _resolved(self, old: Json, new: Json, scenario: Scenario) -> tuple[Json, Json]:
        before, after = self.states.evaluations(scenario)
        return before.resolve(old), after.resolve(new)

    def _compare_order(self, name: str, old: Json, new: Json, scenario: Scenario) -> None:
        """A removed or new DependsOn is a difference, unless something else has the same effect."""
        one, other = (mapping(body).get("DependsOn") for body in (old, new))
        place = self.place + "/DependsOn"
        if self.states.is_untouched(one, other):
            return
        try:
            for inner, (lost, gained) in every(scenario, partial(self._reordered, name), self._budgets[place]):
                if lost or gained:
                    self._record(Difference(place, DifferenceKind.ORDER, lost, gained), inner)
        except Unresolvable as error:
            self.unresolved.setdefault(place, str(error))

    def _reordered(self, name: str, scenario: Scenario) -> tuple[list[Json], list[Json]]:
        """The resources that this one no longer waits for, and those that it waits for now."""
        before, after = map(CreationOrder, self.states.evaluations(scenario))
        was, now = before.declared(name), after.declared(name)
        lost = (other for other in sorted(was - now) if not after.is_before(other, name))
        gained = (other for other in sorted(now - was) if not before.is_before(other, name))
        return [*lost], [*gained]

    def _record(self, difference: Difference, scenario: Scenario) -> None:
        first, at, weight = self._found.get(difference.place, (difference, scenario, 0))
        self._found[difference.place] = (first, at, weight + (scenario.weight if _is_like(first, difference) else 0))

    def _settle(self, whole: int) -> None:
        """A difference that is the same in all scenarios (which have this weight together) does not name one."""
        for place, (difference, scenario, weight) in self._found.items():
            shown = difference if weight == whole else replace(difference, scenario=str(scenario))
            self.differences.setdefault(place, shown)
        self._found.clear()

    def _give_up(self, old: Json, new: Json, place: str, reason: str) -> None:
        """Names every place whose text differs, or the given place if no text differs."""
        places = [difference.place for difference in value_differences(old, new, place)]
        for each in places or [place]:
            self.unresolved.setdefault(each, reason)


def _is_like(one: Difference, other: Difference) -> bool:
    return one.kind is other.kind and same(one.old, other.old) and same(one.new, other.new)


def _is_data(value: Json) -> bool:
    """Whether a value is a mapping that does not call a function."""
    return isinstance(value, dict) and intrinsic_name(value) is None and not any(map(_is_function, value))


def _vanish_alike(old: Json, new: Json) -> bool:
    """Whether two different items are absent in the same scenarios."""
    one, other = branches(old), branches(new)
    if not one or not other:
        return not may_vanish(old) and not may_vanish(new)
    nested = any(branch != NO_VALUE and may_vanish(branch) for branch in (*one, *other))
    alike = [branch == NO_VALUE for branch in one] == [branch == NO_VALUE for branch in other]
    return alike and not nested


def _choice(value: Json) -> Json:
    """The condition of a Fn::If."""
    return sequence(mapping(value).get("Fn::If"))[:1]


def _is_function(key: str) -> bool:
    return key.startswith("Fn::")
