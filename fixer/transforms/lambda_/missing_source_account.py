"""A Lambda permission for an S3 bucket without SourceAccount.

Why it fails:
The ARN of a bucket does not contain an account. If the bucket is deleted and somebody else creates a bucket with the
same name, that bucket can invoke the function.

What the fix does:
It adds SourceAccount with the account of the stack, if the bucket belongs to one of the templates or its name contains
the account of the stack. A bucket from elsewhere may belong to another account, so it is only reported.

What to review:
Check that the bucket belongs to the account of the stack: a bucket of another account could no longer invoke the
function. CloudFormation replaces the permission to change it.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

_BUCKET = "AWS::S3::Bucket"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each permission that cfn-lint reports."""
    for match, _ in ctx.reported(template):
        place = pointer.join(*match.path[:3])
        message = "the permission has no SourceAccount, so the bucket may belong to any account"
        yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the account of the stack."""
    if not _is_own(mapping(finding.seen).get("SourceArn"), template, ctx):
        return Patch.none("no template declares the bucket: set SourceAccount to the account that owns it")
    ops = pointer.add(f"{finding.pointer}/SourceAccount", {"Ref": "AWS::AccountId"})
    return Patch.of(template.path, ops, Tier.REVIEW)


def _is_own(arn: Json, template: Template, ctx: Context) -> bool:
    """Whether the bucket belongs to the stack's account: a template declares it, or its name has the account in it."""
    named = {reference.target for reference in references_in(arn)}
    if "AWS::AccountId" in named or any(each.logical_id in named for each in template.of_type(_BUCKET)):
        return True
    # Matches "arn:aws:s3:::orders". Must not match "arn:aws:s3:::${Name}", of which nothing is known.
    literal = re.fullmatch(r"arn:[\w-]+:s3:::([\w.-]+)(/.*)?", arn) if isinstance(arn, str) else None
    names = (bucket.properties.get("BucketName") for _, bucket in ctx.project.of_type(_BUCKET))
    return literal is not None and literal[1] in names


TRANSFORM = Transform(
    id="missing-source-account",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W3663",),
    told_by=(
        Told(
            title=r"\bSource ?Account\b",
            body=r"\bLambda::Permission\b|\blambda permissions?\b|\bInvokeFunction\b|\bpermission (?:for"
            r"|of) (?:the )?(?:s3|bucket)\b",
            example="Lambda permission without SourceAccount\nThe Lambda permission names the bucket only.",
            unlike="Topic policy without SourceAccount\nThe condition is absent.",
        ),
    ),
    changes=("+@/SourceAccount",),
)
