"""Known mistakes: properties that people write but CloudFormation does not have, and their corrections. Data only.

Each row was checked against the resource's page in the template reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
A place is a path below Properties, in which `*` is any item of a list. A property that is not in the table, and that no
unique property of the resource's schema resembles, is reported without a patch.
"""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """MOVE the value to another place, make it an ATTRIBUTE in a list of {Key, Value}, or REMOVE it."""

    MOVE = "move"
    ATTRIBUTE = "attribute"
    REMOVE = "remove"


class Form(StrEnum):
    """How the value changes. FLAG: Enabled or true → true, Disabled or false → false. ONE: the only item of a list."""

    SAME = "same"
    FLAG = "flag"
    ONE = "one"


@dataclass(frozen=True)
class Row:
    """The correction of a property: `to` is its new place, or the attribute; `note` tells what a removal drops."""

    action: Action
    to: str = ""
    form: Form = Form.SAME
    note: str = ""


def _to(place: str, form: Form = Form.SAME) -> Row:
    return Row(Action.MOVE, place, form)


def _remove(note: str) -> Row:
    return Row(Action.REMOVE, note=note)


_CHECK = "AWS::Route53::HealthCheck"
_NO_TAGS = "CloudFormation does not support tags for this resource: tag it by other means."

TABLE: dict[tuple[str, str], Row] = {
    **{
        (_CHECK, name): _to(f"HealthCheckConfig/{name}")
        for name in (
            "AlarmIdentifier", "ChildHealthChecks", "EnableSNI", "FailureThreshold", "FullyQualifiedDomainName",
            "HealthThreshold", "InsufficientDataHealthStatus", "Inverted", "IPAddress", "MeasureLatency", "Port",
            "Regions", "RequestInterval", "ResourcePath", "SearchString", "Type",
        )
    },
    (_CHECK, "Tags"): _to("HealthCheckTags"),
    ("AWS::Route53::HostedZone", "Tags"): _to("HostedZoneTags"),
    ("AWS::Config::ConfigurationRecorder", "RoleArn"): _to("RoleARN"),
    ("AWS::Config::ConfigurationRecorder", "RecordingGroup/IncludeGlobalResources"): _to(
        "RecordingGroup/IncludeGlobalResourceTypes"
    ),
    ("AWS::CloudFront::Distribution", "DistributionConfig/Tags"): _to("Tags"),
    ("AWS::Lambda::Function", "ReservedConcurrencyLimit"): _to("ReservedConcurrentExecutions"),
    ("AWS::Events::Rule", "Targets/*/RetryPolicy/MaximumEventAge"): _to(
        "Targets/*/RetryPolicy/MaximumEventAgeInSeconds"
    ),
    ("AWS::EC2::SecurityGroup", "SecurityGroupEgress/*/SourceSecurityGroupId"): _to(
        "SecurityGroupEgress/*/DestinationSecurityGroupId"
    ),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MonitoringEnabled"): _to(
        "LaunchTemplateData/Monitoring/Enabled", Form.FLAG
    ),
    ("AWS::EC2::FlowLog", "ResourceIds"): _to("ResourceId", Form.ONE),
    ("AWS::KMS::Key", "KeyRotationStatus"): _to("EnableKeyRotation", Form.FLAG),
    ("AWS::KMS::Key", "KeyRotationEnabled"): _to("EnableKeyRotation", Form.FLAG),
    ("AWS::Athena::WorkGroup", "WorkGroupConfiguration/ResultConfigurationUpdates"): _to(
        "WorkGroupConfiguration/ResultConfiguration"
    ),
    ("AWS::DynamoDB::Table", "PointInTimeRecoveryEnabled"): _to(
        "PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", Form.FLAG
    ),
    ("AWS::DynamoDB::Table", "BackupPolicy"): _to("PointInTimeRecoverySpecification"),
    ("AWS::RDS::DBInstance", "PerformanceInsightsEnabled"): _to("EnablePerformanceInsights", Form.FLAG),
    ("AWS::S3::Bucket", "LifecycleConfiguration/Rules/*/NoncurrentVersionExpirations"): _to(
        "LifecycleConfiguration/Rules/*/NoncurrentVersionExpiration", Form.ONE
    ),
    ("AWS::SQS::Queue", "VisibilityTimeoutSeconds"): _to("VisibilityTimeout"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "DeregistrationDelay"): Row(
        Action.ATTRIBUTE, "TargetGroupAttributes/deregistration_delay.timeout_seconds"
    ),
    ("AWS::S3::Bucket", "NotificationConfiguration/CloudWatchConfigurations"): _remove(
        "A bucket cannot notify CloudWatch: use MetricsConfigurations for its request metrics."
    ),
    ("AWS::S3::Bucket", "MfaDelete"): _remove("CloudFormation cannot set MFA delete: the root user must set it."),
    ("AWS::SSM::Parameter", "KeyId"): _remove(
        "CloudFormation cannot create a SecureString, so the key has no effect: store a secret in Secrets Manager."
    ),
    ("AWS::SSM::Parameter", "KmsKeyId"): _remove(
        "CloudFormation cannot create a SecureString, so the key has no effect: store a secret in Secrets Manager."
    ),
    ("AWS::DynamoDB::GlobalTable", "SSESpecification/KMSMasterKeyId"): _remove(
        "A global table has a key for each replica: set Replicas/SSESpecification/KMSMasterKeyId. Until then, a key "
        "that AWS owns or manages encrypts the table."
    ),
    ("AWS::Config::ConfigRule", "Tags"): _remove(_NO_TAGS),
    ("AWS::ElasticBeanstalk::Application", "Tags"): _remove(_NO_TAGS),
}  # fmt: skip
