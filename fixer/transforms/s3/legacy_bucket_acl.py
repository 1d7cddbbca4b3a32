"""A bucket with an AccessControl, which new buckets do not take.

Why it fails:
Since April 2023 new buckets have ACLs disabled: one with AccessControl and without OwnershipControls cannot be
created.

What the fix does:
Private, which is the default, is removed. LogDeliveryWrite becomes a statement of the bucket's policy by which
logging.s3.amazonaws.com may write, as AWS advises. Anything else is reported only: public access is to be decided.

What to review:
Objects that others wrote with ACLs of their own, and who relies on them. The policy lets the logging service of the
own account write, as the ACL did.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.intrinsics import mapping, ref_target
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_POLICY = "AWS::S3::BucketPolicy"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per bucket with an AccessControl that cfn-lint reports."""
    found = set()
    for match, place in ctx.reported(template):
        bucket = template.resources.get(pointer.split(place)[1])
        if bucket and "AccessControl" in bucket.properties and bucket.logical_id not in found:
            found.add(bucket.logical_id)
            value = bucket.properties["AccessControl"]
            message = f"{bucket.logical_id} has AccessControl {value}, a legacy that new buckets do not take"
            yield ctx.finding(template, bucket.at("AccessControl"), message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """No AccessControl, and for logs a policy."""
    bucket = template.resources[pointer.split(finding.pointer)[1]]
    ops = pointer.remove(finding.pointer, finding.seen)
    if finding.seen == "Private":
        return Patch.of(template.path, ops, Tier.REVIEW)
    if finding.seen != "LogDeliveryWrite":
        return Patch.none("who is to have access, and how, must be decided: a bucket policy can say it")
    policies = [
        each for each in template.of_type(_POLICY) if ref_target(each.properties.get("Bucket")) == bucket.logical_id
    ]
    statement: Json = {
        "Sid": "AllowServerAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": {"Fn::Sub": f"${{{bucket.logical_id}.Arn}}/*"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    if not policies:
        properties: dict[str, Json] = {
            "Bucket": {"Ref": bucket.logical_id},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }
        name = template.fresh_id(f"{bucket.logical_id}Policy", f"{bucket.logical_id}LogPolicy")
        body = Convention(template).resource(_POLICY, properties, condition=bucket.condition)
        return Patch.of(template.path, [*ops, *pointer.add(pointer.join("Resources", name), body)], Tier.REVIEW)
    [policy, *others] = policies
    there = mapping(policy.properties.get("PolicyDocument")).get("Statement")
    if others or not isinstance(there, list) or policy.condition != bucket.condition:
        return Patch.none("the bucket's policy is not one to which a statement can be added for certain")
    place = policy.at("PolicyDocument", "Statement", "-")
    return Patch.of(template.path, [*ops, *pointer.add(place, statement)], Tier.REVIEW)


TRANSFORM = Transform(
    id="legacy-bucket-acl",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3045", "W3045"),
    changes=(
        "-@",
        "+/Resources/AWS::S3::BucketPolicy",
        "/Resources/AWS::S3::BucketPolicy/Properties/PolicyDocument",
        "+@/../OwnershipControls",
        "~/Resources/*",
    ),
)
