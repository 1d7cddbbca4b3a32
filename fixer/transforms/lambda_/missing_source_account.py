"""A permission for a bucket to invoke a function that any account's bucket of that name would have.

Why it fails:
The ARN of a bucket names no account. When the bucket is deleted and somebody else takes its name, that bucket may
invoke the function.

What the fix does:
It adds SourceAccount with the stack's own account.

What to review:
That the bucket belongs to the account that the stack is in; a bucket of another account could then not invoke the
function. CloudFormation replaces a permission to change it.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per permission that cfn-lint reports."""
    for match, _ in ctx.reported(template):
        place = pointer.join(*match.path[:3])
        yield ctx.finding(template, place, "the permission does not say to which account the bucket belongs", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The stack's own account."""
    ops = pointer.add(f"{finding.pointer}/SourceAccount", {"Ref": "AWS::AccountId"})
    return Patch.of(template.path, ops, Tier.REVIEW)


TRANSFORM = Transform(
    id="missing-source-account",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W3663",),
    changes=("+@/SourceAccount",),
)
