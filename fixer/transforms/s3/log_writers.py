"""Which services of a template write their logs to a bucket, and what they need for it. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
"""

from collections.abc import Iterator

from fixer.cloudformation.intrinsics import literal_text, mapping, sequence, target_of
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

LOAD_BALANCER, CLASSIC = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"
_ACCESS_LOGS = "access_logs.s3"


def has_server_logs(template: Template, bucket: Resource) -> bool:
    """Whether another bucket delivers its server access logs to this one."""
    targets = (
        mapping(each.properties.get("LoggingConfiguration")).get("DestinationBucketName")
        for each in template.of_type(bucket.type)
    )
    return any(target_of(target) == bucket.logical_id for target in targets)


def has_cloudfront_logs(template: Template, bucket: Resource) -> bool:
    """Whether a distribution writes its standard logs to the bucket: CloudFront grants itself access by ACL."""
    for distribution in template.of_type("AWS::CloudFront::Distribution"):
        logging = mapping(distribution.properties.get("DistributionConfig")).get("Logging")
        if any(reference.target == bucket.logical_id for reference in references_in(logging)):
            return True
    return False


def load_balancers(template: Template, bucket: Resource) -> list[Resource]:
    """The load balancers that write their access logs to the bucket. None of them uses its ACL."""
    return [
        each
        for each in template.of_type(LOAD_BALANCER, CLASSIC)
        if target_of(_access_logs(each).get("bucket")) == bucket.logical_id
    ]


def is_network(balancer: Resource) -> bool:
    """Whether it is, or may be, a Network Load Balancer, for which another service delivers the logs."""
    return balancer.type == LOAD_BALANCER and balancer.properties.get("Type", "application") != "application"


def access_log_objects(bucket: str, balancer: Resource) -> str:
    """The ARN of the objects that a load balancer writes to the bucket, as a Fn::Sub string."""
    prefix = _access_logs(balancer).get("prefix", "")
    if not isinstance(prefix, str):
        return f"${{{bucket}.Arn}}/*"
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return f"${{{bucket}.Arn}}/{folder}AWSLogs/${{AWS::AccountId}}/*"


def kms_notes(bucket: Resource, *, server_logs: bool, balancers: list[Resource]) -> Iterator[str]:
    """What keeps logs from a bucket that is encrypted with a KMS key."""
    if not _is_kms(bucket):
        return
    name = bucket.logical_id
    if server_logs:
        yield (
            f"{name} is encrypted with KMS. S3 supports only SSE-S3 (AES256) for server access logs: it delivers none "
            "unless the policy of a key of your own lets logging.s3.amazonaws.com use the key."
        )
    if balancers:
        names = ", ".join(each.logical_id for each in balancers)
        yield (
            f"{name} is encrypted with KMS. {names} can write access logs only to a bucket with SSE-S3 (AES256): "
            "change the encryption of the bucket."
        )


def _access_logs(balancer: Resource) -> dict[str, Json]:
    """The bucket and the prefix of the access logs, as far as they are set."""
    if balancer.type == CLASSIC:
        policy = mapping(balancer.properties.get("AccessLoggingPolicy"))
        names = {"bucket": "S3BucketName", "prefix": "S3BucketPrefix"}
        return {name: policy[key] for name, key in names.items() if key in policy}
    entries = [mapping(each) for each in sequence(balancer.properties.get("LoadBalancerAttributes"))]
    return {
        str(each["Key"]).removeprefix(f"{_ACCESS_LOGS}."): each.get("Value")
        for each in entries
        if literal_text(each.get("Key")).startswith(f"{_ACCESS_LOGS}.")
    }


def _is_kms(bucket: Resource) -> bool:
    rules = sequence(mapping(bucket.properties.get("BucketEncryption")).get("ServerSideEncryptionConfiguration"))
    defaults = (mapping(mapping(rule).get("ServerSideEncryptionByDefault")) for rule in rules)
    return any(str(each.get("SSEAlgorithm")).startswith("aws:kms") for each in defaults)
