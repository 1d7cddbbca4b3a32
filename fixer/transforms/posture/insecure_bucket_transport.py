"""A bucket policy that lets callers use plain HTTP.

Why it fails:
Everybody on the way can read the objects and the signatures of requests. This is reported by Checkov CKV_AWS_379; the
Guard rule S3_BUCKET_SSL_REQUESTS_ONLY; Security Hub S3.5; CIS 2.1.1.

What the fix does:
It adds a statement to the policy that denies every request without TLS. A bucket without a policy stays as it is.

What to review:
Clients that use http:// are denied.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
"""

import json
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, ref_target, sequence
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Transform

_BUCKET = "AWS::S3::Bucket"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each policy of a bucket of the template that does not deny plain HTTP."""
    for policy in template.of_type("AWS::S3::BucketPolicy"):
        document = mapping(policy.properties.get("PolicyDocument"))
        if _bucket(template, policy) and "Statement" in document and "aws:SecureTransport" not in json.dumps(document):
            place = policy.at("PolicyDocument", "Statement")
            yield ctx.finding(template, place, "the bucket policy lets callers use plain HTTP")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the statement."""
    policy = template.resources[pointer.split(finding.pointer)[1]]
    statements = pointer.get(template.data, finding.pointer)
    bucket = _bucket(template, policy)
    assert bucket is not None
    if "WebsiteConfiguration" in bucket.properties:
        return Patch.none(f"{bucket.logical_id} is a website, which S3 serves over plain HTTP only")
    if not isinstance(statements, list) or any(intrinsic_name(each) for each in sequence(statements)):
        return Patch.none("the statements are not a plain list: add one that denies requests without TLS")
    name = bucket.logical_id
    arn: Json = {"Fn::GetAtt": [name, "Arn"]}
    statement: Json = {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    note = f"Clients that use {name} over http:// are denied."
    ops = pointer.add(f"{finding.pointer}/-", statement)
    return Patch.of(template.path, ops, Tier.REVIEW, [note])


def _bucket(template: Template, policy: Resource) -> Resource | None:
    bucket = template.resources.get(ref_target(policy.properties.get("Bucket")) or "")
    return bucket if bucket is not None and bucket.type == _BUCKET else None


TRANSFORM = Transform(
    id="insecure-bucket-transport",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    changes=("@",),
    severity=Severity.ADVICE,
    pack="security",
    controls=("CKV_AWS_379", "S3_BUCKET_SSL_REQUESTS_ONLY", "S3_BUCKET_POLICY_SSL_REQUESTS_ONLY", "S3.5", "CIS-2.1.1"),
)
