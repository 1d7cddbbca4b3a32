"""An ARN of an AWS managed policy with a wrong path or name.

Why it fails:
IAM rejects a role whose managed policy does not exist, so the stack fails when it creates the role. For historical
reasons, some policies are under service-role/ and others are not, and one was renamed.

What the fix does:
It corrects the path or name in the ARN, if the table in the module contains the mistake.

What to review:
The role then has the permissions that it was meant to have. Nothing else about it changes.

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
from fixer.model import Finding, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

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
"""Policies under service-role/ that people write without this path."""

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
"""The path and name that is written → the path and name of the policy."""

# Matches "arn:aws:iam::aws:policy/ConfigRole" and "arn:${AWS::Partition}:iam::aws:policy/ConfigRole"; group 2 is the
# path and name. Must not match "arn:aws:iam::123456789012:policy/ConfigRole", a policy of the customer.
_ARN = re.compile(r"(arn:(?:aws[a-z-]*|\$\{AWS::Partition\}):iam::aws:policy/)(.+)")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each ARN in ManagedPolicyArns that the table corrects."""
    for resource in template.of_type("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        for place, value in pointer.walk(
            resource.properties.get("ManagedPolicyArns"), resource.at("ManagedPolicyArns")
        ):
            found = _ARN.fullmatch(value) if isinstance(value, str) else None
            if found and found[2] in _MEANT:
                yield ctx.finding(template, place, f"{found[2]} is not an AWS managed policy")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the ARN with that of the policy that is meant."""
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
    severity=Severity.ERROR,
    told_by=(
        Told(
            title=r"\b(?:invalid|incorrect|wrong|non-?existent|unknown)\b.*\bmanaged polic(?:y|ies)\b"
            r"|\bmanaged polic(?:y|ies)\b.*\b(?:invalid|incorrect|wrong|not found|not exist|does not exist"
            r"|doesn't exist|error)\b",
            body=r"arn:aws|\bAWS[A-Z_]\w+|\bpolicy (?:arn|name|path)|not exist|not found",
            example="Incorrect AWS managed policy ARN\nThe path service-role is absent.",
            unlike="Incorrect managed role\nThe policy is fine.",
        ),
        Told(
            title=r"\b(?:polic(?:y|ies)|arns?|roles?|config)\b",
            body=r"\b(?:incorrect|wrong|invalid|non-?existent)\b[^\n]{0,80}arn:aws:iam::aws:policy/"
            r"|arn:aws:iam::aws:policy/[^\n]{0,120}\b(?:incorrect|wrong|invalid|not attachable|not found"
            r"|does not exist|doesn't exist)\b|\b(?:incorrect|wrong|invalid"
            r"|non-?existent) (?:\w+ ){0,2}managed polic(?:y|ies)\b",
            example="AWS Config role fails\nThe ARN arn:aws:iam::aws:policy/service-role/ConfigRole does not exist.",
            unlike="Config role is too broad\nIt has arn:aws:iam::aws:policy/AdministratorAccess attached.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:typo|misspelled|retired|deprecated|outdated|renamed)\b.*\bmanaged polic(?:y|ies)\b"
            r"|\bmanaged polic(?:y|ies)\b.*\b(?:typo|misspelled|retired|deprecated|renamed|not attachable"
            r"|name changed)\b",
            body=r"arn:aws:iam::aws:policy|\bAWS[A-Z_]\w+",
            example="Deprecated AWS managed policy\nThe ARN ends with service-role/AWSConfigRole.",
            unlike="Managed policy is too broad\nIt is AdministratorAccess.",
        ),
        Told(
            title=r"\b(?:incorrect|wrong|invalid|non-?existent)\b.*\bpolicy arns?\b",
            body=r"arn:aws:iam::aws:policy/",
            example="Incorrect IAM policy ARN\nIt has arn:aws:iam::aws:policy/service-role/ConfigRole.",
            unlike="Incorrect topic policy ARN\nIt names another topic.",
        ),
    ),
    changes=(
        "@",
        "@/..",
    ),
)
