"""A Ref where an ARN, or another attribute, is asked for.

Why it fails:
Ref of a role returns its name, of a security group in the default VPC its name: a property that takes the ARN, or the
group's id, refuses it when the resource is created.

What the fix does:
Where cfn-lint knows the format that is asked for and the resource that is referred to is of that very type, the Ref
becomes Fn::GetAtt of the attribute (Arn, GroupId).

Why it is safe:
The property now gets what it takes; the reference, and with it the order of creation, stays.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import ref_target
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_FORMAT = re.compile(r"does not match destination format of '([\w:]+)\.(\w+)'")
_ATTRIBUTES = {"Arn": "Arn", "GroupId": "GroupId", "Id": ""}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per Ref that cfn-lint reports."""
    for match, place in ctx.reported(template):
        value = pointer.get(template.data, place)
        if ref_target(value) is not None and _FORMAT.search(match.message):
            yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The attribute, if the resource is of the type that the format names."""
    target = template.resources.get(ref_target(finding.seen) or "")
    wanted = _FORMAT.search(finding.match.message if finding.match else "")
    attribute = _ATTRIBUTES.get(wanted[2], "") if wanted else ""
    if target is None or wanted is None or target.type != wanted[1] or not attribute:
        return Patch.none("which attribute of which resource is meant is not known")
    value: Json = {"Fn::GetAtt": [target.logical_id, attribute]}
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.REVIEW)


TRANSFORM = Transform(
    id="ref-instead-of-attribute",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1041",),
    changes=("@",),
)
