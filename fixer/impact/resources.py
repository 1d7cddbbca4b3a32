"""The effects of a patch on a deployed stack: (before, after) → effects → tier.

The result is what a change set would show, as far as the templates determine it:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html This
module compares resources, and follows a replacement along Ref and Fn::GetAtt into the create-only properties of other
resources; `fixer.impact.interface` compares parameters, outputs and exports.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fixer.aws.schemas import Lifecycle, Place, lifecycle, stateful_types
from fixer.cloudformation.intrinsics import given
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.impact.access import widened
from fixer.impact.comparison import Certainty, Comparison, projected
from fixer.impact.interface import interface_effects
from fixer.model import Effect, EffectKind, Tier

_ATTRIBUTES = ("Metadata", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy")


def impact(before: Project, after: Project, paths: Iterable[str]) -> tuple[Effect, ...]:
    """The effects of an update of the stacks of these templates, in the order of the text, resources first."""
    effects: list[Effect] = []
    for path in paths:
        first, second = before.templates[path], after.templates[path]
        if first.expanded and second.expanded:
            first, second = first.expanded, second.expanded
        resources = _Resources(first, second)
        effects += resources.effects()
        effects += widened(first, second)
        effects += interface_effects(after, first, second, resources.comparison)
    return tuple(effects)


def tier_of(effects: Iterable[Effect]) -> Tier:
    """The mildest tier that a patch with these effects can have."""
    return max((effect.tier for effect in effects), key=lambda tier: tier.rank, default=Tier.SAFE)


def _cannot_exist(resource_type: str) -> bool:
    """Whether no stack has a resource of that type: it has the form of AWS's types and is none of them."""
    is_of_aws = resource_type.startswith("AWS::") and not resource_type.startswith("AWS::Serverless::")
    return is_of_aws and lifecycle(resource_type) is None


@dataclass
class _Resources:
    """The resources of one template before and after."""

    before: Template
    after: Template
    comparison: Comparison = field(init=False)
    whys: dict[str, tuple[EffectKind, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.comparison = Comparison(self.before, self.after)
        while self._spread():
            pass

    def effects(self) -> Iterator[Effect]:
        """One effect per resource that is added, changed or removed."""
        for logical_id, resource in self.after.resources.items():
            if logical_id not in self.before.resources:
                yield self._effect(resource, EffectKind.ADD, resource.type)
            elif logical_id in self.whys:
                yield self._effect(resource, *self.whys[logical_id])
        for logical_id, resource in self.before.resources.items():
            if logical_id not in self.after.resources:
                kept = resource.data.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
                why = "its DeletionPolicy keeps the resource" if kept else resource.type
                yield self._effect(resource, EffectKind.REMOVE, why)

    def _effect(self, resource: Resource, kind: EffectKind, why: str) -> Effect:
        """A new resource may cost or notify. A replacement is `review`, or `unsafe` for a resource that keeps data or
        has a fixed name.
        """
        harmless = kind is EffectKind.UPDATE
        lost = (
            kind in (EffectKind.MAY_REPLACE, EffectKind.REPLACE, EffectKind.REMOVE)
            and resource.type in stateful_types()
        )
        unsafe = lost or kind is EffectKind.REFUSED
        tier = Tier.SAFE if harmless else Tier.UNSAFE if unsafe else Tier.REVIEW
        return Effect(
            self.after.path, "Resources", resource.logical_id, kind, f"{why}; it keeps data" if lost else why, tier
        )

    def _spread(self) -> bool:
        """One pass over the resources that stay; returns whether it found something that may change others."""
        moved = False
        for logical_id, resource in self.after.resources.items():
            old = self.before.resources.get(logical_id)
            found = self._compare(old, resource) if old else None
            if old and found is not None and found != self.whys.get(logical_id):
                self.whys[logical_id] = found
                self.comparison.learn(logical_id, found[0], self._changed(old, resource))
                moved = True
        return moved

    def _changed(self, old: Resource, new: Resource) -> Mapping[str, Certainty]:
        """Property → how certain it is that its value changes; unchanged properties are left out."""
        names = dict.fromkeys([*old.properties, *new.properties])
        compared = {name: self.comparison.of(old.properties.get(name), new.properties.get(name)) for name in names}
        return {name: certainty for name, certainty in compared.items() if certainty is not Certainty.NO}

    def _compare(self, old: Resource, new: Resource) -> tuple[EffectKind, str] | None:
        if old.data is new.data and not self.comparison.concerns(old, new):
            return None
        if old.type != new.type and _cannot_exist(old.type):
            return EffectKind.ADD, new.type
        if old.type != new.type:
            return (
                EffectKind.REFUSED,
                f"its type changes from {old.type} to {new.type}, which no update allows",
            )
        if old.condition != new.condition and new.condition is not None:
            return EffectKind.REMOVE, f"it now exists only if the condition {new.condition} holds"
        if not self.comparison.concerns(old, new):
            return None
        changed = self._changed(old, new)
        if changed:
            return self._replacement(old, new, changed) or (EffectKind.UPDATE, _listed(changed))
        attributes = [name for name in _ATTRIBUTES if old.data.get(name) != new.data.get(name)]
        return (EffectKind.UPDATE, f"{', '.join(attributes)} only") if attributes else None

    def _replacement(
        self, old: Resource, new: Resource, changed: Mapping[str, Certainty]
    ) -> tuple[EffectKind, str] | None:
        rules = lifecycle(new.type)
        if rules is None:
            return (
                EffectKind.MAY_REPLACE,
                f"{_listed(changed)} changes, and fixer does not know how {new.type} handles it",
            )
        kinds = [(EffectKind.REPLACE, rules.create_only), (EffectKind.MAY_REPLACE, rules.conditional)]
        found: list[tuple[EffectKind, str]] = []
        for kind, places in kinds:
            for place in places:
                certainty = self._at(old, new, place) if place[0] in changed else Certainty.NO
                if certainty is not Certainty.NO:
                    sure = kind is EffectKind.REPLACE and certainty is Certainty.YES
                    why = self._why(new, place, kind, certainty)
                    found.append((EffectKind.REPLACE if sure else EffectKind.MAY_REPLACE, why))
        if not found:
            return None
        kind, why = min(found, key=lambda each: each[0] is not EffectKind.REPLACE)
        if kind is EffectKind.REPLACE and (name := self._fixed_name(old, new, rules)):
            return (
                EffectKind.REFUSED,
                f"{why}, and CloudFormation does not replace resources with a custom name ({name})",
            )
        return kind, why

    def _at(self, old: Resource, new: Resource, place: Place) -> Certainty:
        return self.comparison.of(projected(old.properties, place), projected(new.properties, place))

    def _why(self, new: Resource, place: Place, kind: EffectKind, certainty: Certainty) -> str:
        shown = "/".join(place)
        cause = self.comparison.cause(projected(new.properties, place))
        rule = "is create-only" if kind is EffectKind.REPLACE else "may need a new resource"
        doubt = " and may change" if certainty is Certainty.MAYBE and not cause else ""
        return f"{shown} {rule}{doubt}" + (f" and follows {cause}" if cause else "")

    def _fixed_name(self, old: Resource, new: Resource, rules: Lifecycle) -> str:
        """The custom name of a resource, if it has one that does not change; else ""."""
        if rules.replaced_in_place or not rules.name:
            return ""
        if not all(given(new.properties, name) for name in rules.name):
            return ""
        stays = all(self._at(old, new, (name,)) is Certainty.NO for name in rules.name)
        return ", ".join(rules.name) if stays else ""


def _listed(changed: Mapping[str, Certainty]) -> str:
    return ", ".join(changed)
