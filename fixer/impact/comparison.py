"""Whether a value changes when the stack is updated: because of its text, or because of its references. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from fixer import pointer
from fixer.aws.schemas import Place, lifecycle
from fixer.cloudformation.intrinsics import branches, intrinsic_name, mapping, ref_target
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import EffectKind, Json
from fixer.resolution.equal_values import resolve_alike


class Certainty(Enum):
    """How certain a change is."""

    NO = 0
    MAYBE = 1
    YES = 2


def projected(value: Json, place: Place) -> Json:
    """The part of a property's value that a schema's path names; lists give lists, and an intrinsic on the path gives
    itself.
    """
    if not place or value is None or intrinsic_name(value) is not None:
        return value
    head, *tail = place
    if isinstance(value, list):
        rest = tuple(tail) if head == "*" else place
        return [projected(item, rest) for item in value]
    if head == "*":
        return projected(value, tuple(tail))
    return projected(value.get(head), tuple(tail)) if isinstance(value, dict) else None


@dataclass
class Comparison:
    """Two states of a template, and the changes between them that are known so far.

    `learn` adds resources that are replaced or updated; values that refer to them change with them.
    """

    before: Template
    after: Template
    _replaced: dict[str, Certainty] = field(default_factory=dict)
    _updated: dict[str, frozenset[str]] = field(default_factory=dict)
    _decided: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._decided = frozenset(_decided_otherwise(self.before, self.after))

    def learn(self, logical_id: str, kind: EffectKind, changed: Iterable[str]) -> None:
        """Records what happens to a resource, and which of its properties change."""
        replaced = {
            EffectKind.REPLACE: Certainty.YES,
            EffectKind.REFUSED: Certainty.YES,
            EffectKind.MAY_REPLACE: Certainty.MAYBE,
        }
        self._updated[logical_id] = frozenset(changed)
        if kind in replaced:
            self._replaced[logical_id] = replaced[kind]

    def concerns(self, old: Resource, new: Resource) -> bool:
        """Whether the resource itself differs, or refers to something that may have changed. It is quick: in a large
        template, most resources stay as they are with most patches.
        """
        if old.data is not new.data and json.dumps(old.data) != json.dumps(new.data):
            return True
        changed = self._decided | self._updated.keys()
        return bool(changed) and not changed.isdisjoint(_names_by_resource(self.before)[old.logical_id])

    def of(self, old: Json, new: Json) -> Certainty:
        """Whether a value that was `old` and is `new` changes. Another spelling of the same value changes nothing."""
        if _canonical(old) != _canonical(new) and not resolve_alike(self.before, old, self.after, new):
            return self._differing(old, new)
        found = [self._followed(target, attribute) for target, attribute in _named(new)]
        return max(found, key=lambda certainty: certainty.value, default=Certainty.NO)

    def cause(self, value: Json) -> str:
        """The replaced resource that an unchanged value refers to; "" if there is none."""
        for target, attribute in _named(value):
            if target in self._replaced and self._followed(target, attribute) is not Certainty.NO:
                return target
        return ""

    def _differing(self, old: Json, new: Json) -> Certainty:
        known = (self.before.certain(old), self.after.certain(new))
        if len(known[0]) == len(known[1]) == 1 and _canonical(known[0][0]) == _canonical(known[1][0]):
            return Certainty.NO
        either = [*(branches(old) or ()), *(branches(new) or ())]
        if any(_canonical(branch) in (_canonical(old), _canonical(new)) for branch in either):
            return Certainty.MAYBE
        first, second = self.before.literal(old), self.after.literal(new)
        is_default = ref_target(old) is not None or ref_target(new) is not None
        if is_default and first is not None and _canonical(first) == _canonical(second):
            return Certainty.MAYBE
        return Certainty.YES

    def _followed(self, target: str, attribute: str) -> Certainty:
        """Whether the result of a reference changes although the reference does not."""
        if target in self._decided:
            return Certainty.MAYBE
        changed = self._updated.get(target, frozenset())
        if (certainty := self._replaced.get(target)) is not None:
            resource = self.after.resources[target]
            rules = lifecycle(resource.type)
            is_identity = attribute.endswith("Id") or (rules is not None and attribute in rules.identifiers)
            sure = not attribute or is_identity or attribute in changed
            return certainty if sure else Certainty.MAYBE
        return Certainty.MAYBE if attribute and attribute.partition(".")[0] in changed else Certainty.NO


def _named(value: Json) -> Iterable[tuple[str, str]]:
    """(name, attribute) for everything that a value refers to: logical ids, mappings, conditions."""
    for reference in references_in(value):
        yield reference.target, reference.attribute
    for _, inner in pointer.walk(value):
        if isinstance(inner, dict) and len(inner) == 1:
            for function in ("Fn::FindInMap", "Fn::If"):
                arguments = inner.get(function)
                if isinstance(arguments, list) and arguments and isinstance(arguments[0], str):
                    yield arguments[0], ""


@lru_cache(maxsize=8)
def _names_by_resource(template: Template) -> dict[str, frozenset[str]]:
    """Logical id → all names to which the properties refer."""
    return {
        logical_id: frozenset(name for name, _ in _named(resource.properties))
        for logical_id, resource in template.resources.items()
    }


def _decided_otherwise(before: Template, after: Template) -> Iterable[str]:
    """The parameters, mappings and conditions whose value may change. A Default applies to stacks that pass no value;
    where there was no Default, every stack passes one.
    """
    for name, declared in before.section("Parameters").items():
        other = after.parameter(name)
        had_one = "Default" in mapping(declared)
        if other is not None and had_one and other.get("Default") != mapping(declared)["Default"]:
            yield name
    for section in ("Mappings", "Conditions"):
        for name, declared in before.section(section).items():
            if _canonical(after.section(section).get(name)) != _canonical(declared):
                yield name


def _canonical(value: Json) -> str:
    """For CloudFormation, 5 equals "5", and true equals "true"."""
    return json.dumps(_spelled(value), sort_keys=True)


def _spelled(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
