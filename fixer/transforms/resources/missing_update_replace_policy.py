"""A resource with only one of DeletionPolicy and UpdateReplacePolicy.

Why it fails:
DeletionPolicy applies when a resource is removed from the stack, and UpdateReplacePolicy when an update replaces it. A
template that sets only one of the two loses the data in the other case.

What the fix does:
It adds the other policy with the same value. UpdateReplacePolicy does not support RetainExceptOnCreate: it becomes
Retain.

Why it is safe:
The new policy repeats what the template already says. An update changes only what happens to the resource when it is
removed or replaced. With Delete, nothing is kept that was not kept before.

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
    """Yields a finding for each resource that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the missing policy, with the value of the existing one."""
    resource = mapping(finding.seen)
    stated = [name for name in _TWINS if name in resource]
    if len(stated) != 1 or not isinstance(resource[stated[0]], str):
        return Patch.none("the existing policy is not a plain string")
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
