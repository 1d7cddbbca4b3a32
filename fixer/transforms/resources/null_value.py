"""A section, output or property without a value.

Why it fails:
A key without a value is null in YAML and JSON. CloudFormation rejects templates that contain null.

What the fix does:
It removes the key. If the author meant to give it a value, the template does not say which.

What to review:
The key had no value, so nothing is lost. Check whether a value was meant to follow.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each null value that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if match.rule == "E6003" and place and pointer.get(template.data, place) is not None:
            yield ctx.finding(template, place, match.message, match)
        elif place and pointer.get(template.data, place) is None:
            yield ctx.finding(template, place, f"{pointer.split(place)[-1]} has no value", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the key."""
    if finding.seen is not None:
        return Patch.none("the value must be a string, and it is not known which one")
    return Patch.of(template.path, pointer.remove(finding.pointer, None), Tier.REVIEW)


TRANSFORM = Transform(
    id="null-value",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3012", "E6003"),
    told_by=(
        Told(
            title=r"\bnull (?:values?|propert(?:y|ies)|outputs?)\b|\bempty (?:sections?|outputs? sections?"
            r"|(?:resources?|parameters?|mappings?|conditions?|outputs?|properties) sections?)\b"
            r"|\b(?:sections?|outputs?|propert(?:y|ies))\b.*\b(?:is|are) (?:null|empty)\b",
            example="Outputs section is empty",
            unlike="Empty bucket before deletion",
        ),
        Told(
            title=r"^(?!.*\b(?:missing|incomplete)\b).*\S",
            body=r"\W{0,2}null\W{0,2} values are not allowed in templates\b",
            ambiguous=True,
            example="Deployment fails\n'null' values are not allowed in templates.",
            unlike="Deployment fails\nThe value of the test is null.",
        ),
    ),
    changes=("-@",),
)
