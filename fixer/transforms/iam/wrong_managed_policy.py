"""A managed policy of AWS under a path or name that it does not have.

Why it fails:
IAM refuses a role with a managed policy that does not exist: the stack fails when it creates the role. Which policies
stand under service-role/ is a matter of history, and one was renamed.

What the fix does:
The ARN gets the path, or name, that the policy has, where the table in the module knows it.

What to review:
The role then has the permissions that it was to have. Nothing else about it changes.

References:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWS_ConfigRole.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform

_SERVICE_ROLES = (
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerServiceforEC2Role",
    "AmazonRDSEnhancedMonitoringRole",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AWSGlueServiceRole",
    "AWSBackupServiceRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForRestores",
    "AmazonDMSVPCManagementRole",
    "AmazonDMSCloudWatchLogsRole",
    "AWS_ConfigRole",
)
"""Policies that stand under service-role/, and that people write without it."""

_MEANT = {
    **{name: f"service-role/{name}" for name in _SERVICE_ROLES},
    "service-role/ConfigRole": "service-role/AWS_ConfigRole",
    "ConfigRole": "service-role/AWS_ConfigRole",
    "service-role/AWSConfigRole": "service-role/AWS_ConfigRole",
    "AWSConfigRole": "service-role/AWS_ConfigRole",
    "service-role/AWSXRayDaemonWriteAccess": "AWSXRayDaemonWriteAccess",
    "service-role/AWSXrayWriteOnlyAccess": "AWSXrayWriteOnlyAccess",
    "service-role/CloudWatchAgentServerPolicy": "CloudWatchAgentServerPolicy",
    "service-role/AmazonSSMManagedInstanceCore": "AmazonSSMManagedInstanceCore",
    "service-role/AWSLambdaInsightsExecutionRolePolicy": "CloudWatchLambdaInsightsExecutionRolePolicy",
}
"""Path and name as written → as they are."""

_ARN = re.compile(r"(arn:(?:aws[a-z-]*|\$\{AWS::Partition\}):iam::aws:policy/)(.+)")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per ARN in ManagedPolicyArns that the table knows better."""
    for resource in template.of_type("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        for place, value in pointer.walk(
            resource.properties.get("ManagedPolicyArns"), resource.at("ManagedPolicyArns")
        ):
            found = _ARN.fullmatch(value) if isinstance(value, str) else None
            if found and found[2] in _MEANT:
                yield ctx.finding(template, place, f"AWS has no managed policy {found[2]}")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The ARN of the policy that is meant."""
    found = _ARN.fullmatch(str(finding.seen))
    assert found is not None
    meant = found[1] + _MEANT[found[2]]
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, meant), Tier.REVIEW)


TRANSFORM = Transform(
    id="wrong-managed-policy",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    changes=(
        "@",
        "@/..",
    ),
)
