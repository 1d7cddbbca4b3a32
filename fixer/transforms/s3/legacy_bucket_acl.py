"""A bucket with AccessControl, although S3 disables ACLs for new buckets.

Why it fails:
Since April 2023, new buckets have ACLs disabled. A bucket with AccessControl and without OwnershipControls cannot be
created.

What the fix does:
It removes Private, which is the default. A bucket with LogDeliveryWrite gets OwnershipControls that enable ACLs, which
CloudFront's standard logs need. If other buckets of the template deliver their server access logs to it, a statement in
the bucket policy lets logging.s3.amazonaws.com write instead, as AWS recommends. If Application or Classic Load
Balancers write their access logs to it, which never use the ACL, a statement lets Elastic Load Balancing write, unless
the policy already has one, and they wait for the policy. Everything else is only reported, because somebody must decide
on public access.

What to review:
Check for objects that others wrote with their own ACLs, and for users who rely on these ACLs. The bucket policy lets
the logging service write for the stack's own account, as the ACL did. For a deployed bucket this is unsafe: logs are
lost while nobody may write. Server access logs and the logs of these load balancers need a bucket with SSE-S3: a note
says so if the bucket has a KMS key.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.depends_on import depend
from fixer.authoring.naming import Convention
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.s3.log_writers import (
    access_log_objects,
    has_cloudfront_logs,
    has_server_logs,
    is_network,
    kms_notes,
    load_balancers,
)
from fixer.transforms.transform import Told, Transform

_POLICY = "AWS::S3::BucketPolicy"
_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


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
        return Patch.of(template.path, _without_acl(bucket), Tier.REVIEW)
    if finding.seen != "LogDeliveryWrite":
        return Patch.none("you must decide who gets access: grant it in a bucket policy")
    if "OwnershipControls" in bucket.properties:
        return Patch.none("its OwnershipControls disable ACLs: decide which of the two is meant")
    server_logs, balancers = has_server_logs(template, bucket), load_balancers(template, bucket)
    if (server_logs or balancers) and not has_cloudfront_logs(template, bucket):
        if network := [each.logical_id for each in balancers if is_network(each)]:
            return Patch.none(
                f"{', '.join(network)} may be a Network Load Balancer: let delivery.logs.amazonaws.com write its logs "
                "in the bucket policy, and remove AccessControl"
            )
        return _policy_instead(template, bucket, server_logs, balancers)
    rules: Json = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    notes = kms_notes(bucket, server_logs=server_logs, balancers=balancers)
    return Patch.of(template.path, pointer.add(bucket.at("OwnershipControls"), rules), Tier.REVIEW, notes)


def _without_acl(bucket: Resource) -> list[Op]:
    """Removes AccessControl, and the Properties if nothing else is in them."""
    return list(pointer.remove_entries(bucket.at(), bucket.properties, ["AccessControl"]))


def _allows_acls(bucket: Resource) -> bool:
    rules = sequence(mapping(bucket.properties.get("OwnershipControls")).get("Rules"))
    return any(mapping(rule).get("ObjectOwnership") in ("BucketOwnerPreferred", "ObjectWriter") for rule in rules)


def _policy_instead(template: Template, bucket: Resource, server_logs: bool, balancers: list[Resource]) -> Patch:
    """Statements in the bucket policy for the services that write logs, where they are missing."""
    ops = _without_acl(bucket)
    policies = [
        each for each in template.of_type(_POLICY) if ref_target(each.properties.get("Bucket")) == bucket.logical_id
    ]
    statements: list[Json] = [_for_server_logs(bucket)] if server_logs else []
    if balancers and not any(_names_load_balancing(policy) for policy in policies):
        statements.append(_for_load_balancers(bucket, balancers))
    notes = tuple(kms_notes(bucket, server_logs=server_logs, balancers=balancers))
    if not statements:
        return Patch.of(template.path, ops, Tier.UNSAFE, notes, undeployed=Tier.REVIEW)
    if not policies:
        properties: dict[str, Json] = {
            "Bucket": {"Ref": bucket.logical_id},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        }
        name = template.fresh_id(f"{bucket.logical_id}Policy", f"{bucket.logical_id}LogPolicy")
        body = Convention(template).resource(_POLICY, properties, condition=bucket.condition)
        ops += pointer.add(pointer.join("Resources", name), body)
    else:
        [policy, *others] = policies
        name, there = policy.logical_id, mapping(policy.properties.get("PolicyDocument")).get("Statement")
        if others or not isinstance(there, list) or policy.condition != bucket.condition:
            return Patch.none("a statement cannot be added to the existing bucket policy with certainty")
        for statement in statements:
            ops += pointer.add(policy.at("PolicyDocument", "Statement", "-"), statement)
    for each in balancers:  # Elastic Load Balancing tests at once whether it may write.
        if name not in sequence(each.data.get("DependsOn")) and each.data.get("DependsOn") != name:
            if each.logical_id in template.needs(name):
                return Patch.none(f"the bucket policy {name} reads {each.logical_id}, which would have to wait for it")
            ops += depend(each, name)
    return Patch.of(template.path, ops, Tier.UNSAFE, notes, undeployed=Tier.REVIEW)


def _for_server_logs(bucket: Resource) -> Json:
    return {
        "Sid": "AllowServerAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": {"Fn::Sub": f"${{{bucket.logical_id}.Arn}}/*"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }


def _for_load_balancers(bucket: Resource, balancers: list[Resource]) -> Json:
    objects: list[Json] = [
        {"Fn::Sub": text} for text in dict.fromkeys(access_log_objects(bucket.logical_id, each) for each in balancers)
    ]
    return {
        "Sid": "AllowLoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": _DELIVERY},
        "Action": "s3:PutObject",
        "Resource": objects[0] if len(objects) == 1 else objects,
    }


def _names_load_balancing(policy: Resource) -> bool:
    """Whether the policy already has a principal that may be that of Elastic Load Balancing: the service, or an AWS
    account, as older policies have it.
    """
    document = mapping(policy.properties.get("PolicyDocument"))
    allows = [mapping(each) for each in sequence(document.get("Statement")) if mapping(each).get("Effect") == "Allow"]
    return any(_DELIVERY in str(each.get("Principal")) or "AWS" in mapping(each.get("Principal")) for each in allows)


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
        Told(
            title=r"\bLogDeliveryWrite\b|\bObject ?Ownership\b|\bOwnership ?Controls\b",
            body=r"\bAccessControl\b|\bACLs? (?:are|is) disabled|does not allow ACLs",
            example="LogDeliveryWrite needs ownership controls\nThe bucket has AccessControl.",
            unlike="Object ownership of the replicas\nThe destination account owns them.",
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
