"""A resource that is kept when it is deleted but not when it is replaced, or the other way round.

Why it fails:
DeletionPolicy speaks of a resource that leaves the stack, UpdateReplacePolicy of one that an update replaces. Who
states one of the two and not the other loses the data in the case that was forgotten.

What the fix does:
It adds the other with the same value. UpdateReplacePolicy knows no RetainExceptOnCreate: it becomes Retain.

Why it is safe:
It repeats what the template says already. An update changes nothing about the resource but what becomes of it at its
end. With Delete, nothing is kept that was not kept before.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform

_TWINS = ("DeletionPolicy", "UpdateReplacePolicy")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per place that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The policy that is missing, as the one that is there."""
    resource = mapping(finding.seen)
    stated = [name for name in _TWINS if name in resource]
    if len(stated) != 1 or not isinstance(resource[stated[0]], str):
        return Patch.none("the policy that is there is no plain value")
    [missing] = set(_TWINS) - set(stated)
    value = resource[stated[0]]
    if missing == "UpdateReplacePolicy" and value == "RetainExceptOnCreate":
        value = "Retain"
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/{missing}", value), Tier.SAFE)


TRANSFORM = Transform(
    id="missing-update-replace-policy",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W3011",),
    changes=(
        "+@/UpdateReplacePolicy",
        "+@/DeletionPolicy",
    ),
)
