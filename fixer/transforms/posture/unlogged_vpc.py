"""A VPC without flow logs.

Why it fails:
Without flow logs, nobody can find out who talked to whom after an incident. This is reported by Checkov CKV2_AWS_11;
Trivy AWS-0178; the Guard rule VPC_FLOW_LOGS_ENABLED; Security Hub EC2.6; CIS 3.7.

What the fix does:
It adds a flow log for the VPC, a log group that keeps it for a year, and a role that may write to this log group only.

What to review:
CloudWatch Logs charges about 0.50 USD for a GB of flow logs. The stack needs CAPABILITY_IAM for the role.

References:
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.iam import ROLE
from fixer.cloudformation.intrinsics import target_of
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Transform

_VPC, _FLOW_LOG, _GROUP = "AWS::EC2::VPC", "AWS::EC2::FlowLog", "AWS::Logs::LogGroup"
_SERVICE = "vpc-flow-logs.amazonaws.com"
_RETENTION = 365
_ACTIONS: list[Json] = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each VPC that no flow log of the project records."""
    logged = {target_of(each.properties.get("ResourceId")) for each in template.of_type(_FLOW_LOG)}
    for vpc in template.of_type(_VPC):
        if vpc.logical_id not in logged:
            yield ctx.finding(template, vpc.pointer, "the traffic of the VPC is not logged")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the flow log, its log group and its role."""
    vpc = template.resources[pointer.split(finding.pointer)[1]]
    convention = Convention(template)
    log = template.fresh_id(f"{vpc.logical_id}FlowLog")
    group, role = template.fresh_id(f"{log}Group"), template.fresh_id(f"{log}Role")
    arn: Json = {"Fn::GetAtt": [group, "Arn"]}
    resources = {
        group: convention.resource(_GROUP, {"RetentionInDays": _RETENTION}, condition=vpc.condition),
        role: convention.resource(ROLE, _role(arn), condition=vpc.condition),
        log: convention.resource(_FLOW_LOG, _flow_log(vpc.logical_id, group, role), condition=vpc.condition),
    }
    ops = [op for name, body in resources.items() for op in pointer.add(pointer.join("Resources", name), body)]
    note = "CloudWatch Logs charges about 0.50 USD for a GB of flow logs."
    changes = tuple(f"+/Resources/{name}" for name in resources)
    return Patch.of(template.path, ops, Tier.REVIEW, [note], changes=changes)


def _flow_log(vpc: str, group: str, role: str) -> dict[str, Json]:
    return {
        "ResourceType": "VPC",
        "ResourceId": {"Ref": vpc},
        "TrafficType": "ALL",
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": {"Ref": group},
        "DeliverLogsPermissionArn": {"Fn::GetAtt": [role, "Arn"]},
    }


def _role(group_arn: Json) -> dict[str, Json]:
    trust: Json = {
        "Effect": "Allow",
        "Principal": {"Service": _SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    statement: Json = {"Effect": "Allow", "Action": _ACTIONS, "Resource": group_arn}
    document: Json = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "write-flow-logs", "PolicyDocument": document}],
    }


TRANSFORM = Transform(
    id="unlogged-vpc",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    severity=Severity.ADVICE,
    pack="operations",
    controls=("CKV2_AWS_11", "AWS-0178", "VPC_FLOW_LOGS_ENABLED", "EC2.6", "CIS-3.7", "W60"),
)
