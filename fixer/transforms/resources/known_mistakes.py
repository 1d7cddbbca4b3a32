"""Known mistakes: properties that people write but CloudFormation does not have, and their corrections. Data only.

Each row was checked against the resource's page in the template reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
A place is a path below Properties, in which `*` is any item of a list. A property that is not in the table, and that no
unique property of the resource's schema resembles, is reported without a patch.
"""

from dataclasses import dataclass
from enum import StrEnum

from fixer.model import Json


class Action(StrEnum):
    """MOVE the value to another place, make it an ATTRIBUTE in a list of {Key, Value}, REMOVE it, or REFUSE a patch."""

    MOVE = "move"
    ATTRIBUTE = "attribute"
    REMOVE = "remove"
    REFUSE = "refuse"


class Form(StrEnum):
    """How the value changes. FLAG: Enabled or true → true, Disabled or false → false. ONE: the only item of a list.
    DAYS: {Days: 30} → 30.
    """

    SAME = "same"
    FLAG = "flag"
    ONE = "one"
    DAYS = "days"


@dataclass(frozen=True)
class Row:
    """The correction of a property: `to` is its new place, or the attribute; `note` states what a removal drops, or why
    there is no patch. A property of the resource with the value in `unless` means that there is no patch.
    """

    action: Action
    to: str = ""
    form: Form = Form.SAME
    note: str = ""
    unless: tuple[str, str] = ("", "")


def formed(value: Json, form: Form) -> Json:
    """The value in the form that the target accepts; None if it has no such form."""
    if form is Form.DAYS:
        return value["Days"] if isinstance(value, dict) and set(value) == {"Days"} else None
    if form is Form.ONE:
        return value[0] if isinstance(value, list) and len(value) == 1 else None if isinstance(value, list) else value
    if form is Form.FLAG and isinstance(value, str):
        return {"enabled": True, "true": True, "disabled": False, "false": False}.get(value.lower())
    return value


def _to(place: str, form: Form = Form.SAME) -> Row:
    return Row(Action.MOVE, place, form)


def _remove(note: str, unless: tuple[str, str] = ("", "")) -> Row:
    return Row(Action.REMOVE, note=note, unless=unless)


def _refuse(note: str) -> Row:
    return Row(Action.REFUSE, note=note)


_ENDPOINT = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
_ONLY_FOR = {
    **dict.fromkeys(("AlarmIdentifier", "InsufficientDataHealthStatus"), ("CLOUDWATCH_METRIC",)),
    **dict.fromkeys(("ChildHealthChecks", "HealthThreshold"), ("CALCULATED",)),
    **dict.fromkeys(
        ("FullyQualifiedDomainName", "IPAddress", "Port", "RequestInterval", "FailureThreshold", "MeasureLatency"),
        _ENDPOINT,
    ),
    "Regions": _ENDPOINT,
    "EnableSNI": ("HTTPS", "HTTPS_STR_MATCH"),
    "ResourcePath": _ENDPOINT[:4],
    "SearchString": ("HTTP_STR_MATCH", "HTTPS_STR_MATCH"),
    "RoutingControlArn": ("RECOVERY_CONTROL",),
}
"""A property of a health check → the Types that take it.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
"""


def other_check(resource_type: str, config: dict[str, Json]) -> str:
    """Why the configuration of a health check is not valid for its Type; "" if it is, or is something else."""
    kind = config.get("Type")
    if resource_type != _CHECK or not isinstance(kind, str):
        return ""
    wrong = [name for name in config if kind.upper() not in _ONLY_FOR.get(name, (kind.upper(),))]
    return f"a health check of Type {kind} does not take {wrong[0]}" if wrong else ""


_CHECK = "AWS::Route53::HealthCheck"
_NO_TAGS = "CloudFormation does not support tags for this resource: tag it by other means."
_NO_SECURE_STRING = (
    "CloudFormation cannot create a SecureString, so it encrypts nothing with this key: store a secret in Secrets "
    "Manager, or remove the key if the value is public"
)

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
    ("AWS::Lambda::Function", "Tracing"): _to("TracingConfig/Mode"),
    ("AWS::Lambda::Function", "Code/InlineCode"): _to("Code/ZipFile"),
    ("AWS::DynamoDB::Table", "Keys"): _to("KeySchema"),
    **{
        (f"AWS::DynamoDB::{table}", f"{index}/*/Keys"): _to(f"{index}/*/KeySchema")
        for table in ("Table", "GlobalTable")
        for index in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    },
    ("AWS::Cognito::UserPool", "PasswordPolicy"): _to("Policies/PasswordPolicy"),
    ("AWS::S3::Bucket", "Versioning"): _to("VersioningConfiguration/Status"),
    ("AWS::S3::Bucket", "Encryption"): _to("BucketEncryption"),
    ("AWS::S3::Bucket", "PublicAccessBlock"): _to("PublicAccessBlockConfiguration"),
    ("AWS::S3::Bucket", "Logging"): _to("LoggingConfiguration"),
    ("AWS::S3::Bucket", "LifecycleConfiguration/Rules/*/Expiration"): _to(
        "LifecycleConfiguration/Rules/*/ExpirationInDays", Form.DAYS
    ),
    **{
        (kind, written): _to(meant)
        for kind in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster")
        for written, meant in (
            ("BackupWindow", "PreferredBackupWindow"), ("MaintenanceWindow", "PreferredMaintenanceWindow"),
            ("SubnetGroupName", "DBSubnetGroupName"), ("Encrypted", "StorageEncrypted"),
        )
    },
    **{
        (kind, "SkipFinalSnapshot"): _refuse("write DeletionPolicy: Delete if no final snapshot is wanted")
        for kind in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
    },
    ("AWS::RDS::DBInstance", "VpcSecurityGroupIds"): _to("VPCSecurityGroups"),
    ("AWS::RDS::DBInstance", "DatabaseName"): _to("DBName"),
    ("AWS::RDS::DBCluster", "DBName"): _to("DatabaseName"),
    ("AWS::SNS::Topic", "KmsKeyId"): _to("KmsMasterKeyId"),
    ("AWS::SQS::Queue", "KmsKeyId"): _to("KmsMasterKeyId"),
    ("AWS::EC2::Instance", "KeyPair"): _to("KeyName"),
    ("AWS::SQS::Queue", "VisibilityTimeoutSeconds"): _to("VisibilityTimeout"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "DeregistrationDelay"): Row(
        Action.ATTRIBUTE, "TargetGroupAttributes/deregistration_delay.timeout_seconds"
    ),
    ("AWS::S3::Bucket", "NotificationConfiguration/CloudWatchConfigurations"): _remove(
        "A bucket cannot notify CloudWatch: use MetricsConfigurations for its request metrics."
    ),
    ("AWS::S3::Bucket", "MfaDelete"): _remove("CloudFormation cannot set MFA delete: the root user must set it."),
    ("AWS::SSM::Parameter", "KeyId"): _refuse(_NO_SECURE_STRING),
    ("AWS::SSM::Parameter", "KmsKeyId"): _refuse(_NO_SECURE_STRING),
    ("AWS::DynamoDB::GlobalTable", "SSESpecification/KMSMasterKeyId"): _refuse(
        "a global table has a key for each replica: move the key to SSESpecification/KMSMasterKeyId of each of the "
        "Replicas"
    ),
    ("AWS::Config::ConfigRule", "Tags"): _remove(_NO_TAGS),
    ("AWS::ElasticBeanstalk::Application", "Tags"): _remove(_NO_TAGS),
}  # fmt: skip
