"""A parameter that nothing uses.

Why it fails:
Whoever deploys the stack is asked for a value, or trusts a Default, that decides nothing: a setting that was meant to
take effect and does not.

What the fix does:
It removes the parameter, and its name from the groups and labels of Metadata.AWS::CloudFormation::Interface.

What to review:
Nothing in the stack depends on it. Whoever passes the parameter must stop: an update that passes one that the
template does not declare is refused before anything changes. One that a parent stack of the project passes is left
alone.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.replace_parameters import without_parameters
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per parameter that cfn-lint reports and no stack passes; one for all, if none is used."""
    for match, place, message in ctx.reported_entries(template, depth=1):
        names = pointer.split(place)[1:] or template.section("Parameters")
        if not any(ctx.project.is_passed(template, name) for name in names):
            yield ctx.finding(template, place, message.replace(".", ""), match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """What was found goes."""
    names = pointer.split(finding.pointer)[1:] or tuple(template.section("Parameters"))
    return Patch.of(template.path, without_parameters(template, names), Tier.REVIEW)


TRANSFORM = Transform(
    id="unused-parameter",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W2001",),
    changes=("-/Parameters/*",),
)
