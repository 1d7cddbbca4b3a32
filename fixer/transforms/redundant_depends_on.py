"""A DependsOn that a Ref, Fn::GetAtt or Fn::Sub enforces already.

Why it fails:
It does not fail, it misleads: CloudFormation creates what a resource refers to first anyhow. A DependsOn that says the
same hides the few that matter, and is forgotten when the reference changes.

What the fix does:
It removes the entry, and DependsOn with its last entry.

Why it is safe:
The dependency stays, by the reference. DependsOn is no property of the resource: nothing that is deployed changes.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.context import Context
from fixer.model import Finding, Patch, Tier
from fixer.template import Template
from fixer.transforms.contract import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per entry that cfn-lint reports, or per DependsOn none of whose entries is needed."""
    for match, place, message in ctx.reported_entries(template, depth=3):
        yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """What was found goes."""
    return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)


TRANSFORM = Transform(
    id="redundant-depends-on", doc=__doc__, tier=Tier.SAFE, detect=detect, patch=patch, rules=("W3005",)
)
