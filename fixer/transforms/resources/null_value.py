"""A section, output or property without a value.

Why it fails:
A key that nothing follows is null to YAML and JSON. CloudFormation refuses templates with null values.

What the fix does:
It removes the key. Where the author meant a value, the template does not say which.

What to review:
Nothing was said, nothing is lost. Look whether something was to follow.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per null value that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if place and pointer.get(template.data, place) is None:
            yield ctx.finding(template, place, f"{pointer.split(place)[-1]} has no value", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The key goes."""
    return Patch.of(template.path, pointer.remove(finding.pointer, None), Tier.REVIEW)


TRANSFORM = Transform(
    id="null-value",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3012", "E6003"),
    changes=("-@",),
)
