"""A parameter that nothing uses.

Why it fails:
It has no effect: a deployment asks for a value, or relies on a Default, that changes nothing. Often it is a setting
that was meant to take effect.

What the fix does:
It removes the parameter, and its name from the groups and labels of Metadata.AWS::CloudFormation::Interface.

What to review:
Nothing in the stack depends on the parameter. Deployments that pass it must stop passing it: CloudFormation rejects an
update that passes an undeclared parameter before anything changes. A parameter that a parent stack of the project
passes is not changed.

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
    """Yields a finding for each reported parameter that no parent stack passes, or a single one if none is used."""
    for match, place, message in ctx.reported_entries(template, depth=1):
        names = pointer.split(place)[1:] or template.section("Parameters")
        if not any(ctx.project.is_passed(template, name) for name in names):
            # cfn-lint ends these messages with a full stop, and fixer's messages have none.
            yield ctx.finding(template, place, message.replace(".", ""), match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the parameter, or all of them."""
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
