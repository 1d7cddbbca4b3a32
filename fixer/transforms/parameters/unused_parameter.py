"""A parameter that nothing uses.

Why it fails:
It has no effect: a deployment asks for a value, or relies on a Default, that changes nothing. Often it is a setting
that was meant to take effect.

What the fix does:
It names the place where the parameter seems to belong: a property with the same name, or a literal value that contains
the Default. With --unsafe, or in a review, it removes the parameter, and its name from the groups and labels of
Metadata.AWS::CloudFormation::Interface. It does so last, when nothing else is left to repair. A parameter stays if a
text mentions it (a script with $Stage, or "jobs-{Stage}"), if a name that is not defined is nearly its name, if a rule
or a parent stack uses it, or if another finding names it.

What to review:
Ask whether the parameter was meant to be used. Deployments that pass it must stop passing it: CloudFormation rejects an
update that passes an undeclared parameter before anything changes.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
"""

from collections.abc import Iterator
from dataclasses import replace

from fixer.authoring.context import Context
from fixer.authoring.removal import removal_of, remove_unused, unused_entries
from fixer.cloudformation.passed_parameters import may_be_passed
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.parameters.where_it_belongs import places
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each reported parameter, with the place where it seems to belong."""
    for finding in unused_entries(template, ctx):
        names = removal_of(template, finding, ctx).parameters
        hints = [f"{name} seems to belong at {found[0]}" for name in names if (found := places(template, name))]
        yield replace(finding, message="; ".join([finding.message, *hints]))


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the parameter, or all of them."""
    for name in removal_of(template, finding, ctx).parameters:
        if stack := may_be_passed(ctx.project, template, name):
            return Patch.none(f"the nested stack {stack} passes {name}, perhaps to this template: remove it there too")
    return remove_unused(template, finding, ctx)


TRANSFORM = Transform(
    id="unused-parameter",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    rules=("W2001",),
    told_by=(
        Told(
            title=r"\b(?:unused|unreferenced|never[ -]used|orphaned|dead)\b(?:[ -]\w+){0,3}[ -]parameters?\b"
            r"|\bparameters?\b.*\b(?:unused|never (?:used|referenced)|not (?:used|referenced)|unreferenced"
            r"|defined but not used)\b",
            example="Unused parameter in the template",
            unlike="Unused security group of the parameter store",
        ),
        Told(
            title=r"\bparameters?\b",
            body=r"\bparameters?\b[^\n]{0,60}\b(?:(?:is|was|are|were) )?(?:never|not) (?:used|referenced)\b"
            r"|\bunused parameters?\b",
            example="Parameter issues\nThe parameter is never used.",
            unlike="Parameter issues\nThe parameter is wrong.",
            ambiguous=True,
        ),
    ),
    last=True,
)
