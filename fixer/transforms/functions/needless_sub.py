"""An Fn::Sub whose string has no variable to replace.

Why it fails:
It does not fail, but it misleads: readers look for a variable that is not there, and people who edit the text rely on
it. In a shell script it is also a trap: CloudFormation reads the first ${NAME} that somebody adds as a variable of the
template and rejects the template.

What the fix does:
It replaces the function with its string. ${!Name}, which Fn::Sub turns into the literal text ${Name}, becomes ${Name}.

Why it is safe:
The value stays the same, character by character. Nothing that is deployed changes.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each Fn::Sub that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the function with its string."""
    place = pointer.parent(finding.pointer)
    text = finding.seen[0] if isinstance(finding.seen, list) and finding.seen else finding.seen
    if not isinstance(text, str):
        return Patch.none("the argument of Fn::Sub is not a string")
    old = pointer.get(template.data, place)
    return Patch.of(template.path, pointer.replace(place, old, text.replace("${!", "${")), Tier.SAFE)


TRANSFORM = Transform(id="needless-sub", doc=__doc__, tier=Tier.SAFE, detect=detect, patch=patch, rules=("W1020",))
