"""A Ref where the property requires an ARN or another attribute.

Why it fails:
Ref on a role returns the role's name, and Ref on a security group in the default VPC also returns a name. A property
that requires the ARN, or the id of the security group, rejects the name when the resource is created.

What the fix does:
If cfn-lint knows the required format, and the referenced resource is of exactly the type that the format names, the Ref
becomes Fn::GetAtt of the attribute (Arn or GroupId).

Why it is safe:
The property gets a value that it accepts. The reference stays, and with it the order in which the resources are
created.

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
from fixer.transforms.transform import Told, Transform

# Matches "{'Ref': 'Role'} does not match destination format of 'AWS::IAM::Role.Arn'". Must not match a format without a
# resource type and an attribute: "... does not match destination format of 'ipv4-network'".
_FORMAT = re.compile(r"does not match destination format of '([\w:]+)\.(\w+)'")
_ATTRIBUTES = {"Arn": "Arn", "GroupId": "GroupId", "Id": ""}
"""The attribute that the format names → the attribute of Fn::GetAtt; "" if no repair is known."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each Ref that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the Ref with the attribute, if the resource is of the type that the format names."""
    target = template.resources.get(ref_target(finding.seen) or "")
    wanted = _FORMAT.search(finding.match.message if finding.match else "")
    attribute = _ATTRIBUTES.get(wanted[2], "") if wanted else ""
    if target is None or wanted is None or target.type != wanted[1] or not attribute:
        return Patch.none("it is not known which attribute of which resource is meant")
    value: Json = {"Fn::GetAtt": [target.logical_id, attribute]}
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.REVIEW)


TRANSFORM = Transform(
    id="ref-instead-of-attribute",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1041",),
    told_by=(
        Told(
            title=r"^(?!.*\bbuckets?\b)(?:.*\bRef\b.*\b(?:instead of|rather than|where)\b.*\b(?:GetAtt|ARNs?"
            r"|attributes?)\b|.*\b(?:should|must|needs?(?: to)?|use)\b.*\bGetAtt\b.*\b(?:instead of"
            r"|rather than|not)\b.*\bRef\b)",
            example="!Ref instead of !GetAtt for the role",
            unlike="GetAtt instead of Ref for the bucket name",
        ),
        Told(
            title=r"^(?!.*\bbuckets?\b).*\b(?:arns?|references?|ref|intrinsic)\b",
            body=r"\bused? \W{0,3}(?:Fn::)?!?Ref\b[^\n]{0,60}\b(?:instead of|rather than)\b[^\n]{0,40}\b(?:GetAtt"
            r"|ARN|attribute)\b",
            example="Wrong reference to the role\nThe model used !Ref instead of !GetAtt Role.Arn.",
            unlike="Wrong reference to the role\nThe name is misspelled.",
            ambiguous=True,
        ),
        Told(
            title=r"^(?!.*\bbuckets?\b)(?:.*\b(?:needs?|requires?|expects?) (?:an? |the )ARN\b.*\bRef\b"
            r"|.*\bRef\b.*\b(?:returns|gives|resolves to) (?:an? |the )?(?:name|id)\b.*\b(?:not|instead of"
            r"|rather than)\b.*\bARN\b)",
            example="The role property needs an ARN but gets a Ref",
            unlike="The role property needs an ARN of another account",
        ),
    ),
    changes=("@",),
)
