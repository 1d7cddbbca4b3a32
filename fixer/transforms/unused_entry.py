"""A condition or a mapping that nothing uses.

Why it fails:
It decides nothing. A condition that was written and is not used is often one that was forgotten where it should be:
the resource that it is called after exists always.

What the fix does:
It removes the condition or mapping, and the section with its last entry.

Why it is safe:
Nothing refers to it: every resource and output stays as it is. Look at what the condition was called before it goes.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.context import Context
from fixer.model import Finding, Patch, Tier
from fixer.template import Template
from fixer.transforms.contract import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per entry that cfn-lint reports, or per section none of whose entries is used."""
    for match, place, message in ctx.reported_entries(template, depth=1):
        yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """What was found goes."""
    return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)


TRANSFORM = Transform(
    id="unused-entry", doc=__doc__, tier=Tier.SAFE, detect=detect, patch=patch, rules=("W7001", "W8001")
)
