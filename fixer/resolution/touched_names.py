"""The names that have another meaning in another state of a template. Pure.

A name is touched if its declaration, or something that the declaration depends on, differs. A value that mentions no
touched name resolves to the same in both states. Mentions are searched in the JSON text, which may find too many, but
never too few.
"""

import json
from collections.abc import Iterable
from functools import cached_property

from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Json
from fixer.resolution.resolved_values import scalar_text
from fixer.resolution.subject import Subject


def json_text(value: Json) -> str:
    """The JSON of a value, which differs for different values except in the order of keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def same_text(one: Json, other: Json) -> bool:
    """Whether two values have the same text; for `==`, True equals 1."""
    return one is other or (one == other and json_text(one) == json_text(other))


class TouchedNames:
    """The declarations that differ between two states of a template."""

    def __init__(self, before: Template, after: Template) -> None:
        self._states = (before, after)

    @cached_property
    def by_default(self) -> frozenset[str]:
        """The parameters for which it matters whether a value is passed, because their Default differs between the
        states.
        """
        before, after = (state.section("Parameters") for state in self._states)
        changed = {name for name in before.keys() & after.keys() if _defaults_differ(before[name], after[name])}
        only = before.keys() ^ after.keys()
        return frozenset(changed | {name for name in only if "Default" in mapping({**before, **after}[name])})

    @cached_property
    def shared(self) -> frozenset[str]:
        """The names that stand for one kind of thing in one state and for another in the other."""
        before, after = self._states
        found = set(before.section("Parameters").keys() & after.section("Resources").keys())
        found |= before.section("Resources").keys() & after.section("Parameters").keys()
        old, new = Subject(before), Subject(after)
        both = before.section("Parameters").keys() & after.section("Parameters").keys()
        return frozenset(found | {name for name in both if old.kind(name) != new.kind(name)})

    @cached_property
    def resources(self) -> frozenset[str]:
        """The resources that may exist in one state and not in the other."""
        before, after = (state.section("Resources") for state in self._states)
        conditions = self._needles(self._conditions)
        found = before.keys() ^ after.keys()
        for name in before.keys() & after.keys():
            if before[name] is after[name] and not conditions:
                continue
            one, other = _condition(before[name]), _condition(after[name])
            if one != other or any(needle in str(one) for needle in conditions):
                found.add(name)
        return frozenset(found)

    @property
    def is_nothing(self) -> bool:
        """Whether every name has the same meaning in both states."""
        return not self._all

    def mentioned_in(self, *values: Json) -> bool:
        """Whether one of the values mentions a touched name, so that it may resolve to another value."""
        needles = self._all
        return bool(needles) and any(needle in text for text in map(json_text, values) for needle in needles)

    @cached_property
    def _all(self) -> tuple[str, ...]:
        return self._needles(self._conditions | self._declared | self.resources)

    @cached_property
    def _declared(self) -> frozenset[str]:
        return self._parameters | self._mappings

    @cached_property
    def _parameters(self) -> frozenset[str]:
        before, after = (state.section("Parameters") for state in self._states)
        return frozenset((before.keys() ^ after.keys()) | self.by_default | self.shared)

    @cached_property
    def _mappings(self) -> frozenset[str]:
        """An expression may name a mapping; then every use of a mapping counts."""
        before, after = (state.section("Mappings") for state in self._states)
        found = _differing(before, after)
        extended = any("Transform" in state.data for state in self._states)
        return found | {"Fn::FindInMap"} if found and extended else found

    @cached_property
    def _conditions(self) -> frozenset[str]:
        before, after = (state.section("Conditions") for state in self._states)
        found = set(_differing(before, after))
        left = {name: json_text(after[name]) for name in after.keys() - found}
        while True:
            needles = self._needles(found | self._declared)
            more = {name for name, text in left.items() if any(needle in text for needle in needles)}
            if not more:
                return frozenset(found)
            found |= more
            left = {name: text for name, text in left.items() if name not in more}

    @staticmethod
    def _needles(names: Iterable[str]) -> tuple[str, ...]:
        """The texts to search for; a loop or a macro may declare anything."""
        found = tuple(json.dumps(name, ensure_ascii=False)[1:-1] for name in names)
        return ("",) if any(name.startswith(("Fn::ForEach", "Fn::Transform")) for name in found) else found


def _differing(before: dict[str, Json], after: dict[str, Json]) -> frozenset[str]:
    return frozenset(
        name
        for name in {**before, **after}
        if name not in before or name not in after or not same_text(before[name], after[name])
    )


def _defaults_differ(one: Json, other: Json) -> bool:
    """Only if both states have a Default: a stack that passes no value must be possible in both states."""
    old, new = scalar_text(mapping(one).get("Default")), scalar_text(mapping(other).get("Default"))
    return old is not None and new is not None and old != new


def _condition(entry: Json) -> Json:
    condition = mapping(entry).get("Condition")
    return condition if isinstance(condition, str) else None
