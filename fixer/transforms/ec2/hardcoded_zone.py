"""An Availability Zone written out by its name.

Why it fails:
The template works in one region only, and not in every account: which zones an account has differs.

What the fix does:
The name becomes the zone of the same place in the region's list: us-east-1a the first, us-east-1b the second.
Different zones stay different.

What to review:
AvailabilityZone cannot be changed on a subnet, instance or volume: an update replaces them, which is unsafe. The
first zone of an account's list need not be the one whose name ends in a.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d([a-f])")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per zone that cfn-lint reports in a resource."""
    for match, place in ctx.reported(template):
        if isinstance(pointer.get(template.data, place), str):
            yield ctx.finding(template, place, f"{pointer.get(template.data, place)} is one region's zone", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The zone by its place in the region's list."""
    zone = _ZONE.fullmatch(str(finding.seen))
    if zone is None or not finding.pointer.startswith("/Resources/"):
        return Patch.none("the value is not the name of a zone in a resource")
    value: Json = {"Fn::Select": ["abcdef".index(zone[1]), {"Fn::GetAZs": ""}]}
    ops = pointer.replace(finding.pointer, finding.seen, value)
    return Patch.of(template.path, ops, Tier.UNSAFE, undeployed=Tier.REVIEW)


TRANSFORM = Transform(
    id="hardcoded-zone", doc=__doc__, tier=Tier.REVIEW, detect=detect, patch=patch, rules=("W3010",), changes=("@",)
)
