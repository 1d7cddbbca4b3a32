"""A bucket with AccessControl, although S3 disables ACLs for new buckets.

Why it fails:
Since April 2023, new buckets have ACLs disabled. A bucket with AccessControl and without OwnershipControls cannot be
created.

What the fix does:
It removes Private, which is the default. A bucket with LogDeliveryWrite gets OwnershipControls that enable ACLs, which
CloudFront's standard logs need. If other buckets of the template deliver their server access logs to it, a statement in
the bucket policy lets logging.s3.amazonaws.com write instead, as AWS recommends. Everything else is only reported,
because somebody must decide on public access.

What to review:
Check for objects that others wrote with their own ACLs, and for users who rely on these ACLs. The bucket policy lets
the logging service write for the stack's own account, as the ACL did. For a deployed bucket this is unsafe: logs are
lost while nobody may write.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence, target_of
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

_POLICY = "AWS::S3::BucketPolicy"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each bucket with an AccessControl that cfn-lint reports."""
    found = set()
    for match, place in ctx.reported(template):
        bucket = template.resources.get(pointer.split(place)[1])
        if bucket and "AccessControl" in bucket.properties and bucket.logical_id not in found:
            found.add(bucket.logical_id)
            value = bucket.properties["AccessControl"]
            message = f"{bucket.logical_id} has AccessControl {value}, but new buckets have ACLs disabled"
            yield ctx.finding(template, bucket.at("AccessControl"), message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes AccessControl, or lets the services that need it keep it."""
    bucket = template.resources[pointer.split(finding.pointer)[1]]
    if _allows_acls(bucket):
        return Patch.none("its OwnershipControls enable ACLs: replace AccessControl with a bucket policy when you can")
    if finding.seen == "Private":
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.REVIEW)
    if finding.seen != "LogDeliveryWrite":
        return Patch.none("you must decide who gets access: grant it in a bucket policy")
    if "OwnershipControls" in bucket.properties:
        return Patch.none("its OwnershipControls disable ACLs: decide which of the two is meant")
    if _has_server_logs(template, bucket) and not _has_cloudfront_logs(template, bucket):
        return _policy_instead(template, finding, bucket)
    rules: Json = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    return Patch.of(template.path, pointer.add(bucket.at("OwnershipControls"), rules), Tier.REVIEW)


def _allows_acls(bucket: Resource) -> bool:
    rules = sequence(mapping(bucket.properties.get("OwnershipControls")).get("Rules"))
    return any(mapping(rule).get("ObjectOwnership") in ("BucketOwnerPreferred", "ObjectWriter") for rule in rules)


def _has_server_logs(template: Template, bucket: Resource) -> bool:
    """Whether another bucket delivers its server access logs to this one."""
    targets = (
        mapping(each.properties.get("LoggingConfiguration")).get("DestinationBucketName")
        for each in template.of_type(bucket.type)
    )
    return any(target_of(target) == bucket.logical_id for target in targets)


def _has_cloudfront_logs(template: Template, bucket: Resource) -> bool:
    """Whether a distribution writes its standard logs to the bucket: CloudFront grants itself access by ACL."""
    for distribution in template.of_type("AWS::CloudFront::Distribution"):
        logging = mapping(distribution.properties.get("DistributionConfig")).get("Logging")
        if any(reference.target == bucket.logical_id for reference in references_in(logging)):
            return True
    return False


def _policy_instead(template: Template, finding: Finding, bucket: Resource) -> Patch:
    ops = pointer.remove(finding.pointer, finding.seen)
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
        ops += pointer.add(pointer.join("Resources", name), body)
        return Patch.of(template.path, ops, Tier.UNSAFE, undeployed=Tier.REVIEW)
    [policy, *others] = policies
    there = mapping(policy.properties.get("PolicyDocument")).get("Statement")
    if others or not isinstance(there, list) or policy.condition != bucket.condition:
        return Patch.none("a statement cannot be added to the existing bucket policy with certainty")
    ops += pointer.add(policy.at("PolicyDocument", "Statement", "-"), statement)
    return Patch.of(template.path, ops, Tier.UNSAFE, undeployed=Tier.REVIEW)


TRANSFORM = Transform(
    id="legacy-bucket-acl",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3045", "W3045"),
    told_by=(
        Told(
            title=r"\b(?:s3|buckets?)\b.*(?<!network )(?<!web )\b(?:ACLs?|AccessControl)\b"
            r"|(?<!network )(?<!web )\b(?:ACLs?|AccessControl)\b.*\b(?:s3|buckets?)\b"
            r"|\bAccessControl\b.*\b(?:deprecated|legacy)\b|\b(?:deprecated|legacy)\b.*\bAccessControl\b",
            body=r"\b(?:AccessControl|ownership|deprecated|legacy|LogDeliveryWrite|ACLs? (?:are|is) disabled"
            r"|does not allow ACLs)\b|E3045|W3045",
            example="Legacy ACL of the S3 bucket\nAccessControl is deprecated.",
            unlike="Network ACL of the subnet",
        ),
    ),
    changes=(
        "-@",
        "+/Resources/AWS::S3::BucketPolicy",
        "/Resources/AWS::S3::BucketPolicy/Properties/PolicyDocument",
        "+@/../OwnershipControls",
        "~/Resources/*",
    ),
)
