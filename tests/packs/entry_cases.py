"""One compact case for each property repair: a small failing template, the result, the patch, and a near miss.

`before` and `near_miss` are built from the entry and the samples below, so that a new entry gets its case with
`pytest tests/packs --update-golden`. A person reads the file before it is committed.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import repair
from fixer.model import Op, Report
from fixer.settings import Settings
from fixer.transforms.properties.entry import Entry, entries

CASES = Path(__file__).parent / "cases"
MARKS = ("=== after\n", "=== patch\n", "=== near miss\n")

VALUES: dict[str, Any] = {
    "aurora*": "aurora-mysql",
    "t3.*": "t3.large",
    "[2-9]": 2,
    "PERSISTENT_*": "PERSISTENT_1",
    "application": "application",
}
"""A value for each pattern of the table that is not a value itself."""

PRESENT: dict[str, Any] = {
    "/Environment/Variables": {"STAGE": "production"},
    "/ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    "/DistributionConfig/ViewerCertificate": {"AcmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/a1"},
    "/LoginProfile": {"Password": "{{resolve:secretsmanager:first-password}}"},
}
"""A value for each pointer that must have one."""

BASE: dict[str, dict[str, Any]] = {
    "cloudfront-tls": {
        "DistributionConfig": {
            "ViewerCertificate": {
                "AcmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/a1",
                "SslSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1",
            }
        }
    },
    "cloudfront-https": {
        "DistributionConfig": {"DefaultCacheBehavior": {"TargetOriginId": "shop", "ViewerProtocolPolicy": "allow-all"}}
    },
    "lambda-url-auth": {"AuthType": "NONE"},
    "cloudfront-https-behaviors": {
        "DistributionConfig": {
            "CacheBehaviors": [
                {"PathPattern": "/api/*", "TargetOriginId": "api", "ViewerProtocolPolicy": "allow-all"},
                {"PathPattern": "/img/*", "TargetOriginId": "img", "ViewerProtocolPolicy": "https-only"},
            ]
        }
    },
    "instance-volume-encryption": {
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}},
            {"DeviceName": "/dev/xvdb", "NoDevice": {}},
        ]
    },
    "launch-configuration-volume-encryption": {
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}},
            {"DeviceName": "/dev/xvdb", "VirtualName": "ephemeral0"},
        ]
    },
    "launch-template-volume-encryption": {
        "LaunchTemplateData": {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": False}}]}
    },
    "auto-scaling-elb-health": {"TargetGroupARNs": [{"Ref": "Given"}], "HealthCheckType": "EC2"},
    "auto-scaling-elb-health-classic": {"LoadBalancerNames": ["shop"]},
    "elbv2-access-logs-off": {"LoadBalancerAttributes": [{"Key": "access_logs.s3.bucket", "Value": "central-logs"}]},
    "alb-drop-invalid-headers": {"LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "30"}]},
    "api-execution-logs": {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "OFF"}]},
    "api-cache-encryption": {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "CachingEnabled": True}]},
    "ecs-efs-encryption": {
        "Volumes": [{"Name": "data", "EFSVolumeConfiguration": {"FilesystemId": "fs-1"}}, {"Name": "scratch"}]
    },
    "codebuild-artifact-encryption": {"Artifacts": {"Type": "S3", "EncryptionDisabled": True}},
    "codebuild-secondary-artifact-encryption": {
        "SecondaryArtifacts": [{"Type": "S3", "ArtifactIdentifier": "docs", "EncryptionDisabled": True}]
    },
    "dlm-copy-encryption": {
        "PolicyDetails": {
            "Actions": [
                {
                    "Name": "copy",
                    "CrossRegionCopy": [{"Target": "eu-west-1", "EncryptionConfiguration": {"Encrypted": False}}],
                }
            ]
        }
    },
    "s3-private-acl": {"AccessControl": "PublicRead"},
    "explicit-name": {"TableName": "orders"},
    "opensearch-application-logs-off": {
        "LogPublishingOptions": {
            "ES_APPLICATION_LOGS": {
                "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:search",
                "Enabled": False,
            }
        }
    },
    "opensearch-audit-logs-off": {
        "LogPublishingOptions": {
            "AUDIT_LOGS": {
                "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:audit",
                "Enabled": False,
            }
        }
    },
    "elasticsearch-primary-count": {
        "ElasticsearchClusterConfig": {"DedicatedMasterEnabled": True, "DedicatedMasterCount": 2}
    },
    "rds-performance-insights": {"DBInstanceClass": "db.m6g.large", "Engine": "postgres"},
    "rds-instance-encryption": {"DBInstanceClass": "db.m6g.large", "Engine": "postgres"},
    "kinesis-encryption-type": {"StreamEncryption": {"KeyId": "alias/orders", "EncryptionType": "NONE"}},
    "rds-replica-backup": {"SourceDBInstanceIdentifier": "orders", "DBInstanceClass": "db.m6g.large"},
    "kms-grants": {
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    },
    "lambda-tracing": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    "step-functions-tracing": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
    "opensearch-audit-logs": {"AdvancedSecurityOptions": {"Enabled": True}},
    "lambda-dead-letters": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    "appsync-logs": {"LogConfig": {"CloudWatchLogsRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}},
    "dynamodb-customer-key": {"TableName": {"Fn::Sub": "${AWS::StackName}-orders"}},
    "elasticache-cluster-backup": {"Engine": "redis"},
    "cognito-mfa": {"MfaConfiguration": "OFF"},
    "redshift-snapshots": {"AutomatedSnapshotRetentionPeriod": 0},
    "msk-transit-encryption": {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT"}}},
    "subnet-public-addresses": {"MapPublicIpOnLaunch": True},
    "batch-privileged": {"ContainerProperties": {"Privileged": True}},
    "redshift-upgrades": {"AllowVersionUpgrade": False},
}
"""The properties of the failing resource, where they cannot be built from the entry."""

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    },
}
OPTIONS = {"s3-access-logs": {"bucket": "new"}, "elbv2-access-logs": {"bucket": "new"}}


@dataclass(frozen=True)
class Case:
    """The texts of one case, as its file holds them."""

    before: str
    after: str
    patch: str
    near_miss: str

    @classmethod
    def read(cls, entry_id: str) -> "Case":
        """The case in the file of an entry."""
        rest = (CASES / f"{entry_id}.txt").read_text(encoding="utf-8")
        parts = []
        for mark in MARKS:
            part, _, rest = rest.partition(mark)
            parts.append(part)
        return cls(parts[0], parts[1], parts[2], rest)

    def write(self, entry_id: str) -> None:
        """Writes the file of an entry."""
        CASES.mkdir(exist_ok=True)
        texts = (self.before, self.after, self.patch, self.near_miss)
        text = texts[0] + "".join(mark + each for mark, each in zip(MARKS, texts[1:], strict=True))
        (CASES / f"{entry_id}.txt").write_text(text, encoding="utf-8")


def settings(entry: Entry) -> Settings:
    """The entry's transform alone, with all that it may do."""
    options = {entry.id: OPTIONS[entry.id]} if entry.id in OPTIONS else {}
    return Settings(select=(entry.id,), unsafe=True, undeployed=True, options=options, lint=False)


def play(entry: Entry, text: str, name: str = "template.yaml") -> Report:
    """What the pipeline makes of a text."""
    project = Project.of([Template(name, parse(text, name))])
    return repair(project, (name,), settings(entry))


def operations(report: Report) -> str:
    """The operations of the patches of a report, one a line."""
    ops: list[Op] = []
    for each in sorted(report.resolutions, key=lambda each: each.order):
        ops += [op for patch in each.patches.values() for op in patch] if each.order else []
    return "".join(json.dumps(op) + "\n" for op in ops)


def before(entry: Entry) -> dict[str, Any]:
    """A template in which the entry's property does not satisfy its control."""
    properties: dict[str, Any] = json.loads(json.dumps(BASE.get(entry.id, {})))
    for at, patterns in entry.when.items():
        if patterns[0] and entry.id not in BASE:
            value = PRESENT[at] if patterns[0] == "*" else VALUES.get(patterns[0], patterns[0])
            _put(properties, at, value)
    if entry.id not in BASE and entry.absent_ok:
        _put(properties, entry.at, (not entry.set) if isinstance(entry.set, bool) else entry.bad[0])
    kind = entry.types[0] if entry.id != "explicit-name" else "AWS::DynamoDB::Table"
    return _template(kind, properties)


def near_miss(entry: Entry, after: dict[str, Any]) -> dict[str, Any]:
    """A template that looks as if it failed: a condition chooses between two values that both satisfy the control, or a
    parameter gives the value.
    """
    properties = json.loads(json.dumps(after["Resources"]["Example"].get("Properties", {})))
    if entry.remove:
        properties["TableName"] = {"Ref": "AWS::NoValue"}
        return _template(after["Resources"]["Example"]["Type"], properties)
    place = _place(properties, entry.at)
    value = pointer.get(properties, place)
    chosen: Any = {"Ref": "Given"} if entry.use else {"Fn::If": ["IsProduction", value, value]}
    parent: Any = pointer.get(properties, pointer.parent(place))
    key = pointer.split(place)[-1]
    parent[int(key) if isinstance(parent, list) else key] = chosen
    return _template(after["Resources"]["Example"]["Type"], properties)


def _template(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(properties)
    data: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    if '"Given"' in text:
        data["Parameters"] = {"Given": {"Type": "String"}}
    if "IsProduction" in text:
        data["Conditions"] = {"IsProduction": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    resource: dict[str, Any] = {"Type": kind}
    if properties:
        resource["Properties"] = properties
    data["Resources"] = {"Example": resource}
    if '"Role"' in text:
        data["Resources"]["Role"] = ROLE
    return data


def _put(properties: dict[str, Any], at: str, value: Any) -> None:
    tokens = pointer.split(at)
    parent: Any = properties
    for token in tokens[:-1]:
        name = token.removesuffix("?")
        parent = parent.setdefault(name, {})
    parent[tokens[-1]] = value


def _place(data: Any, at: str) -> str:
    """The pointer of the first value that a pointer of the table means."""
    place = ""
    for token in pointer.split(at):
        found: Any = pointer.get(data, place)
        if token.startswith("["):
            key, _, name = token[1:-1].partition("=")
            token = str(next(n for n, each in enumerate(found) if each[key] == name))
        place += pointer.join("0" if token == "*" else token.removesuffix("?"))
    return place


def yaml_text(data: Any, indent: int = 0) -> str:
    """The data as YAML in block style; enough for the templates of these cases."""
    pad = "  " * indent
    if isinstance(data, dict) and data:
        lines = []
        for key, value in data.items():
            name = key if key.replace("_", "").isalnum() or "::" in key else json.dumps(key)
            if isinstance(value, dict | list) and value:
                lines.append(f"{pad}{name}:\n{yaml_text(value, indent + 1)}")
            else:
                lines.append(f"{pad}{name}: {_scalar(value)}\n")
        return "".join(lines)
    if isinstance(data, list):
        return "".join(f"{pad}- {_item(each, indent + 1)}" for each in data)
    return f"{pad}{_scalar(data)}\n"


def _item(value: Any, indent: int) -> str:
    return yaml_text(value, indent).lstrip() if isinstance(value, dict | list) and value else f"{_scalar(value)}\n"


def _scalar(value: Any) -> str:
    is_plain = isinstance(value, str) and value.replace("-", "").replace(".", "").replace(":", "").isalpha()
    return value if is_plain and value.lower() not in ("true", "false", "yes", "no", "on", "off") else json.dumps(value)


def by_id() -> dict[str, Entry]:
    """Every entry by its id."""
    return {entry.id: entry for entry in entries()}
