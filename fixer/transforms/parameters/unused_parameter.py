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
Ask whether the parameter was meant to be used: a note states what its Description asks for. Deployments that pass it
must stop passing it: CloudFormation rejects an update that passes an undeclared parameter before anything changes.

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
from fixer.transforms.resources.wrong_section import in_wrong_section
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each reported parameter, with the place where it seems to belong."""
    for finding in unused_entries(template, ctx):
        if in_wrong_section(template, finding.pointer):
            continue  # It moves to its section first, where something may use it.
        names = removal_of(template, finding, ctx).parameters
        hints = [f"{name} seems to belong at {found[0]}" for name in names if (found := places(template, name))]
        yield replace(finding, message="; ".join([finding.message, *hints]))


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the parameter, or all of them."""
    for name in removal_of(template, finding, ctx).parameters:
        if stack := may_be_passed(ctx.project, template, name):
            return Patch.none(f"the nested stack {stack} passes {name}, perhaps to this template: remove it there too")
    made = remove_unused(template, finding, ctx)
    return replace(made, notes=(*made.notes, *_asked_for(template, finding, ctx))) if made.files else made


def _asked_for(template: Template, finding: Finding, ctx: Context) -> Iterator[str]:
    """A note for each parameter whose Description may be the only trace of a requirement that nothing meets."""
    for name in removal_of(template, finding, ctx).parameters:
        if isinstance(said := (template.parameter(name) or {}).get("Description"), str) and said.strip():
            yield f"{name} asks for {said.strip()!r}, which nothing in the template does: check that it is not needed."


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
