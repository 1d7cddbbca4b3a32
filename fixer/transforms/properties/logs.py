"""Where logs go: a log group of the template, or a bucket for access logs, with the permission to deliver. Pure."""

from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.depends_on import depend
from fixer.authoring.naming import Convention
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op
from fixer.transforms.properties.companion import Companion

BUCKET = "AWS::S3::Bucket"
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_DISTRIBUTION = "AWS::CloudFront::Distribution"
_GROUP = "AWS::Logs::LogGroup"
_RETENTION = 365
NEW = "new"

_NEEDS_RESOURCE_POLICY = {"opensearch": "es.amazonaws.com"}
"""Services that write to a log group only if a resource policy of CloudWatch Logs allows it.

https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html
"""


def group_for(template: Template, resource: Resource, detail: str, ctx: Context) -> Companion:
    """A new log group for the logs of the resource. `detail` is `SERVICE` or `SERVICE/WHAT`; its ARN is the value."""
    service, _, what = detail.partition("/")
    name = template.fresh_id(f"{resource.logical_id}{what or 'AccessLogs'}")
    group = Convention(template).resource(_GROUP, {"RetentionInDays": _RETENTION}, condition=resource.condition)
    ops: list[Op] = pointer.add(pointer.join("Resources", name), group)
    changes = [f"/Resources/{name}"]
    if principal := _NEEDS_RESOURCE_POLICY.get(service):
        policy = template.fresh_id(f"{name}Policy")
        ops += pointer.add(pointer.join("Resources", policy), _resource_policy(name, principal, resource.condition))
        # The service tries to write when the logs are turned on.
        ops += depend(resource, policy)
        changes += [f"/Resources/{policy}", f"~/Resources/{resource.logical_id}"]
    note = f"CloudWatch Logs charges for what is written; {name} keeps it for {_RETENTION} days."
    return Companion({"Fn::GetAtt": [name, "Arn"]}, tuple(ops), tuple(changes), (note,))


def _resource_policy(group: str, principal: str, condition: str | None) -> Json:
    document = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"'
        + principal
        + '"},"Action":["logs:PutLogEvents","logs:CreateLogStream"],"Resource":"${'
        + group
        + '.Arn}","Condition":{"StringEquals":{"aws:SourceAccount":"${AWS::AccountId}"}}}]}'
    )
    body: dict[str, Json] = {"Type": "AWS::Logs::ResourcePolicy"}
    if condition:
        body["Condition"] = condition
    body["Properties"] = {
        "PolicyName": {"Fn::Sub": f"${{AWS::StackName}}-{group}"},
        "PolicyDocument": {"Fn::Sub": document},
    }
    return body


def bucket_for(template: Template, resource: Resource, detail: str, ctx: Context) -> Companion:
    """The bucket for access logs of a service: the named one, that of the template, or a new one. `detail` is the
    service (`s3`, `elbv2`, `cloudfront`).

    S3 and Elastic Load Balancing cannot deliver logs to a bucket with a customer managed key. As many accounts have one
    bucket for the logs of all stacks, a new one is only created if the user asks for it.
    """
    named = ctx.option("bucket")
    if named and named != NEW:
        return Companion(f"{named}.s3.amazonaws.com" if detail == "cloudfront" else named)
    service = _SERVICES[detail]
    known = _known_bucket(template, detail)
    if known is None and detail != "cloudfront" and named != NEW:
        reason = "which bucket receives the logs is not known: name it, or let a new one be created"
        return Companion(refused=reason, wants=(ctx.want("bucket", "NAME"), ctx.want("bucket", NEW)))
    name = known or template.fresh_id(service.name)
    value: Json = {"Fn::GetAtt": [name, "RegionalDomainName"]} if detail == "cloudfront" else {"Ref": name}
    if known:
        return Companion(value)
    policy = template.fresh_id(f"{service.name}Policy")
    ops: list[Op] = pointer.add(pointer.join("Resources", name), _bucket(service))
    changes = [f"/Resources/{name}"]
    if service.principal:
        ops += pointer.add(pointer.join("Resources", policy), _bucket_policy(name, service))
        changes.append(f"/Resources/{policy}")
        if detail == "elbv2":  # Elastic Load Balancing tries to write when the logs are turned on.
            ops += depend(resource, policy)
            changes.append(f"~/Resources/{resource.logical_id}")
    note = f"{name} keeps the logs for {_RETENTION} days; S3 charges for what it stores."
    return Companion(value, tuple(ops), tuple(changes), (note,))


@dataclass(frozen=True)
class _Service:
    """A service that delivers access logs: the id of its bucket, its principal, the ownership of its objects."""

    name: str
    principal: str
    ownership: str = "BucketOwnerEnforced"


_SERVICES = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    "s3": _Service("AccessLogs", "logging.s3.amazonaws.com"),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    "elbv2": _Service("LoadBalancerLogs", "logdelivery.elasticloadbalancing.amazonaws.com"),
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
    "cloudfront": _Service("DistributionLogs", "", "BucketOwnerPreferred"),
}


def receives_access_logs(template: Template, bucket: Resource) -> bool:
    """Whether other buckets of the template write their access logs to the bucket."""
    given = (each.properties.get("LoggingConfiguration") for each in template.of_type(BUCKET))
    return any(reference.target == bucket.logical_id for value in given for reference in references_in(value))


def _known_bucket(template: Template, detail: str) -> str | None:
    """The bucket of the template that already receives logs of the service."""
    places = {"s3": (BUCKET, "LoggingConfiguration"), "elbv2": (_BALANCER, "LoadBalancerAttributes")}
    kind, name = places.get(detail, (_DISTRIBUTION, "DistributionConfig"))
    for each in template.of_type(kind):
        found = each.properties.get(name)
        if kind == _DISTRIBUTION:
            found = mapping(found).get("Logging")
        for reference in references_in(found):
            other = template.resources.get(reference.target)
            if other is not None and other.type == BUCKET and other.condition is None:
                return other.logical_id
    return None


def _bucket(service: _Service) -> Json:
    protected: Json = dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    expires: Json = {"Id": "ExpireLogs", "Status": "Enabled", "ExpirationInDays": _RETENTION}
    encrypted: Json = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return {
        "Type": BUCKET,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [encrypted]},
            "LifecycleConfiguration": {"Rules": [expires]},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": service.ownership}]},
            "PublicAccessBlockConfiguration": protected,
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    }


def _bucket_policy(bucket: str, service: _Service) -> Json:
    statement: Json = {
        "Sid": "DeliverLogs",
        "Effect": "Allow",
        "Principal": {"Service": service.principal},
        "Action": "s3:PutObject",
        "Resource": {"Fn::Sub": f"${{{bucket}.Arn}}/*"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": bucket},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
