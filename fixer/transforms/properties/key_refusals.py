"""Where a customer managed key would break who reads or writes the data, as far as the template shows. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from collections.abc import Iterator

from fixer.cloudformation.intrinsics import mapping, sequence, target_of
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

BUCKET = "AWS::S3::Bucket"
DELIVERING = {
    "cloudtrail.amazonaws.com": "",  # CloudTrail chooses the encryption of each object itself.
    "config.amazonaws.com": "config",
    "delivery.logs.amazonaws.com": "delivery",
}
"""Services that may deliver to a bucket with the key → the statement that the key policy needs for that ("": none)."""

_DISTRIBUTION = "AWS::CloudFront::Distribution"
_DELIVERIES = (
    "AWS::CloudFront::StreamingDistribution",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Redshift::Cluster",
)
_WITH_POLICY = ("AWS::EC2::FlowLog", "AWS::Config::DeliveryChannel")
"""Types that deliver with the permissions of a service, which the bucket policy shows."""


def refusal(template: Template, resource: Resource, service: str) -> str:
    """Why the resource does not get the template's key; "" if it may."""
    if service == "s3":
        return next(_bucket_reasons(template, resource), "")
    return ""


def admits_everybody(template: Template, bucket: Resource) -> bool:
    """Whether a bucket policy of the template admits every principal without a condition."""
    for policy in template.of_type("AWS::S3::BucketPolicy"):
        if target_of(policy.properties.get("Bucket")) == bucket.logical_id:
            for each in sequence(mapping(policy.properties.get("PolicyDocument")).get("Statement")):
                statement = mapping(each)
                principal = statement.get("Principal")
                is_open = "*" in (principal, mapping(principal).get("AWS")) or mapping(principal).get("AWS") == ["*"]
                if statement.get("Effect") == "Allow" and is_open and not statement.get("Condition"):
                    return True
    return False


def receives_distribution_logs(template: Template, bucket: Resource) -> bool:
    """Whether a CloudFront distribution of the template writes its access logs to the bucket."""
    return any(_mentions(_logging(each), bucket.logical_id) for each in template.of_type(_DISTRIBUTION))


def _logging(distribution: Resource) -> Json:
    return mapping(distribution.properties.get("DistributionConfig")).get("Logging")


def _uses(other: Resource, name: str) -> bool:
    """Whether a resource delivers to the bucket, or reads it, with permissions that the key would not give."""
    if other.type != _DISTRIBUTION:
        return other.type in _DELIVERIES and _mentions(other.data, name)
    config = mapping(other.properties.get("DistributionConfig"))
    return _mentions({key: value for key, value in config.items() if key != "Logging"}, name)


def _bucket_reasons(template: Template, bucket: Resource) -> Iterator[str]:
    name = bucket.logical_id
    if "WebsiteConfiguration" in bucket.properties:
        yield f"{name} is a website: visitors without credentials cannot read objects that a key encrypts"
    if bucket.properties.get("AccessControl") not in (None, "Private", "BucketOwnerFullControl"):
        yield f"the AccessControl of {name} admits others, who could not use the key"
    for other in template.resources.values():
        if _uses(other, name):
            yield f"{other.logical_id} uses {name}, and cannot use a customer managed key there without more changes"
        if other.type == BUCKET and _mentions(other.properties.get("LoggingConfiguration"), name):
            yield f"{name} receives access logs, which S3 cannot deliver to a bucket with a customer managed key"
        if other.type == BUCKET and _mentions(other.properties.get("ReplicationConfiguration"), name):
            yield f"{name} is the target of a replication, whose role would need the key"
        if other.type in _WITH_POLICY and _mentions(other.data, name) and not delivering_services(template, bucket):
            yield f"{other.logical_id} delivers to {name} with permissions that the template does not show"
        if other.type == "AWS::S3::BucketPolicy" and target_of(other.properties.get("Bucket")) == name:
            yield from _policy_reasons(other, name)
    if "ReplicationConfiguration" in bucket.properties:
        yield f"{name} is replicated, and the role of the replication would need the key"


def _policy_reasons(policy: Resource, name: str) -> Iterator[str]:
    for statement in sequence(mapping(policy.properties.get("PolicyDocument")).get("Statement")):
        allowed = mapping(statement)
        if allowed.get("Effect") == "Allow" and not set(_services(allowed.get("Principal"))) <= set(DELIVERING):
            yield f"{policy.logical_id} admits others to {name}: they would need permissions for the key"


def delivering_services(template: Template, bucket: Resource) -> tuple[str, ...]:
    """The services whose deliveries to the bucket need a statement in the key policy (see `DELIVERING`)."""
    found = ["delivery"] if receives_distribution_logs(template, bucket) else []
    for policy in template.of_type("AWS::S3::BucketPolicy"):
        if target_of(policy.properties.get("Bucket")) == bucket.logical_id:
            for statement in sequence(mapping(policy.properties.get("PolicyDocument")).get("Statement")):
                allowed = mapping(statement)
                names = _services(allowed.get("Principal")) if allowed.get("Effect") == "Allow" else []
                found += [DELIVERING[name] for name in names if DELIVERING.get(name)]
    return tuple(dict.fromkeys(found))


def _services(principal: Json) -> list[str]:
    """The services that a principal names; [""] if it names something else too."""
    if set(mapping(principal)) != {"Service"}:
        return [""]
    given = mapping(principal)["Service"]
    return [str(each) for each in (given if isinstance(given, list) else [given])]


def _mentions(value: Json, name: str) -> bool:
    return any(reference.target == name for reference in references_in(value))
