"""A Fn::Sub in whose text there is nothing to substitute.

Why it fails:
It does not fail, it misleads: whoever reads the template looks for a variable, and whoever changes it believes that
there is one. In a shell script it is a trap: the first ${NAME} that is added is CloudFormation's, and the stack is
refused.

What the fix does:
The text takes the place of the function; ${!Name}, by which Fn::Sub writes ${Name}, becomes that.

Why it is safe:
The value is the same, character by character. Nothing that is deployed changes.

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
    """A finding per place that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The text in the place of the function."""
    place = pointer.parent(finding.pointer)
    text = finding.seen[0] if isinstance(finding.seen, list) and finding.seen else finding.seen
    if not isinstance(text, str):
        return Patch.none("the argument of Fn::Sub is no text")
    old = pointer.get(template.data, place)
    return Patch.of(template.path, pointer.replace(place, old, text.replace("${!", "${")), Tier.SAFE)


TRANSFORM = Transform(id="needless-sub", doc=__doc__, tier=Tier.SAFE, detect=detect, patch=patch, rules=("W1020",))
