"""A trail whose events do not reach CloudWatch Logs.

Why it fails:
No alarm can watch the events. This is reported by Checkov CKV2_AWS_10; Trivy AWS-0162; the Guard rule
CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED; Security Hub CloudTrail.5.

What the fix does:
It adds a log group that keeps the events for a year, a role that may write to this log group only, and names both in
the trail.

What to review:
CloudWatch Logs charges about 0.50 USD for a GB. The stack needs CAPABILITY_IAM for the role.

References:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.iam import ROLE
from fixer.cloudformation.intrinsics import given
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Transform

_GROUP_ARN, _ROLE_ARN = "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"
_RETENTION = 365


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each trail without a log group."""
    for trail in template.of_type("AWS::CloudTrail::Trail"):
        if trail.properties and not given(trail.properties, _GROUP_ARN):
            yield ctx.finding(template, trail.pointer, "the events of the trail do not reach CloudWatch Logs")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the log group and the role."""
    trail = template.resources[pointer.split(finding.pointer)[1]]
    if _ROLE_ARN in trail.properties or _GROUP_ARN in trail.properties:
        return Patch.none("the trail names a role, or leaves the log group out under a condition: add the log group")
    group = template.fresh_id(f"{trail.logical_id}Events")
    role = template.fresh_id(f"{group}Role")
    arn: Json = {"Fn::GetAtt": [group, "Arn"]}
    convention = Convention(template)
    resources = {
        group: convention.resource("AWS::Logs::LogGroup", {"RetentionInDays": _RETENTION}, condition=trail.condition),
        role: convention.resource(ROLE, _role(arn), condition=trail.condition),
    }
    ops = [op for name, body in resources.items() for op in pointer.add(pointer.join("Resources", name), body)]
    ops += pointer.add(trail.at(_GROUP_ARN), arn)
    ops += pointer.add(trail.at(_ROLE_ARN), {"Fn::GetAtt": [role, "Arn"]})
    note = "CloudWatch Logs charges about 0.50 USD for a GB of events."
    added = tuple(f"+/Resources/{name}" for name in resources)
    return Patch.of(template.path, ops, Tier.REVIEW, [note], changes=added)


def _role(group_arn: Json) -> dict[str, Json]:
    trust: Json = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    actions: list[Json] = ["logs:CreateLogStream", "logs:PutLogEvents"]
    statement: Json = {"Effect": "Allow", "Action": actions, "Resource": group_arn}
    document: Json = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "write-events", "PolicyDocument": document}],
    }


TRANSFORM = Transform(
    id="trail-without-log-group",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    changes=("+@/Properties/CloudWatchLogsLogGroupArn", "+@/Properties/CloudWatchLogsRoleArn"),
    severity=Severity.ADVICE,
    pack="operations",
    controls=("CKV2_AWS_10", "AWS-0162", "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED", "CloudTrail.5"),
)
