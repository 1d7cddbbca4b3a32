"""A DependsOn that a Ref, Fn::GetAtt or Fn::Sub already enforces.

Why it fails:
It does not fail, but it misleads. CloudFormation always creates a referenced resource first. A DependsOn that says the
same hides the few entries that matter, and people forget it when they change the reference.

What the fix does:
It removes the entry, and DependsOn with its last entry. An entry stays if the reference exists only in one branch of
Fn::If.

Why it is safe:
The reference keeps the dependency. DependsOn is not a property of the resource, so nothing that is deployed changes.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each reported entry, or for DependsOn if all of its entries can go."""
    for match, place, message in ctx.reported_entries(template, depth=3):
        entries = pointer.get(template.data, place)
        if isinstance(entries, list) and any(_is_conditional(template, place, str(each)) for each in entries):
            for single, where in ctx.reported(template):
                if pointer.contains(place, where):
                    yield ctx.finding(template, where, single.message, single)
        else:
            yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the entry, unless the reference exists only in one branch of Fn::If."""
    if isinstance(finding.seen, str) and _is_conditional(template, finding.pointer, finding.seen):
        return Patch.none("the reference is in one branch of Fn::If: DependsOn is needed in the other one")
    return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)


def _is_conditional(template: Template, place: str, target: str) -> bool:
    """Whether every reference of the resource to the target is in a branch of Fn::If."""
    owner = pointer.join(*pointer.split(place)[:2])
    places = [
        pointer.split(reference.pointer)
        for reference in template.references_to(target)
        if reference.kind != "DependsOn" and pointer.contains(owner, reference.pointer)
    ]
    return bool(places) and all("Fn::If" in each for each in places)


TRANSFORM = Transform(
    id="redundant-depends-on",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W3005",),
    told_by=(
        Told(
            title=r"\b(?:redundant|unnecessary|needless|superfluous|unneeded)\b.*\bDepends ?On\b"
            r"|\bDepends ?On\b.*\b(?:redundant|unnecessary|not needed|unneeded|superfluous)\b|\b(?:redundant"
            r"|unnecessary) (?:explicit )?dependenc(?:y|ies)\b",
            body="DependsOn|W3005",
            example="Redundant DependsOn on the role\nDependsOn repeats what GetAtt says.",
            unlike="Missing DependsOn on the gateway",
        ),
        Told(
            title=r"\b(?:obsolete|duplicated?|superfluous)\b.*\b(?:DependsOn|dependenc(?:y|ies))\b"
            r"|\bDepends ?On\b.*\bnot (?:required|needed|necessary)\b",
            body=r"\balready enforced\b|\bimplicit|\bW3005\b",
            ambiguous=True,
            example="Obsolete DependsOn\nThe dependency is already enforced.",
            unlike="Obsolete DependsOn of a package\nThe script installs it.",
        ),
    ),
)
