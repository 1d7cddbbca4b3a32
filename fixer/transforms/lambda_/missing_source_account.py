"""A Lambda permission for an S3 bucket without SourceAccount.

Why it fails:
The ARN of a bucket does not contain an account. If the bucket is deleted and somebody else creates a bucket with the
same name, that bucket can invoke the function.

What the fix does:
It adds SourceAccount with the account of the stack.

What to review:
Check that the bucket belongs to the account of the stack: a bucket of another account could no longer invoke the
function. CloudFormation replaces the permission to change it.

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
    """Yields a finding for each permission that cfn-lint reports."""
    for match, _ in ctx.reported(template):
        place = pointer.join(*match.path[:3])
        message = "the permission has no SourceAccount, so the bucket may belong to any account"
        yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the account of the stack."""
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
