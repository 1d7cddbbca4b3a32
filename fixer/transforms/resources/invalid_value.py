"""A property value that is not one of the allowed values.

Why it fails:
CloudFormation, or the service behind it, rejects the resource. Most of these values come from another API, or are
another spelling of an allowed value.

What the fix does:
It replaces a known mistake with the value that was meant (ON_DEMAND → PAY_PER_REQUEST, AWS::S3::Bucket →
AWS::S3::Object in the DataResources of a trail, Daily → TwentyFour_Hours). It raises the retention period of logs to
the next larger number of days that is allowed. It corrects a value that differs from exactly one allowed value only in
capitals. Everything else is only reported.

What to review:
Logs that are kept longer cost more. An SSM parameter of type SecureString becomes a String, which everybody with read
access to the parameter can read. This is unsafe: store a secret in Secrets Manager instead.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudtrail-trail-dataresource.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
"""

import ast
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

# Matches "'Daily' is not one of ['One_Hour', 'Six_Hours']" and captures the list, which ends at the first "]" before a
# space or the end. Must not match "'Daily' is not of type 'integer'".
_ALLOWED = re.compile(r" is not one of (\[.*?\])(?: |$)", re.S)
_KNOWN: dict[tuple[str, str, str], str] = {
    ("AWS::DynamoDB::Table", "BillingMode", "ON_DEMAND"): "PAY_PER_REQUEST",
    ("AWS::DynamoDB::GlobalTable", "BillingMode", "ON_DEMAND"): "PAY_PER_REQUEST",
    ("AWS::DynamoDB::Table", "BillingMode", "PAY_PER_USE"): "PAY_PER_REQUEST",
    ("AWS::CloudTrail::Trail", "EventSelectors/*/DataResources/*/Type", "AWS::S3::Bucket"): "AWS::S3::Object",
    ("AWS::Config::ConfigRule", "MaximumExecutionFrequency", "Daily"): "TwentyFour_Hours",
    ("AWS::Config::ConfigRule", "MaximumExecutionFrequency", "Hourly"): "One_Hour",
    ("AWS::Config::DeliveryChannel", "ConfigSnapshotDeliveryProperties/DeliveryFrequency", "Daily"): "TwentyFour_Hours",
    ("AWS::Config::DeliveryChannel", "ConfigSnapshotDeliveryProperties/DeliveryFrequency", "Hourly"): "One_Hour",
}
"""(resource type, place below Properties, value that is written) → the value that is meant."""

_SECURE = ("AWS::SSM::Parameter", "Type", "SecureString")
_NEXT = {("AWS::Logs::LogGroup", "RetentionInDays")}
"""(resource type, place) of the numbers that can be rounded up to the next allowed number."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each literal value that cfn-lint reports."""
    for match, place in ctx.reported(template):
        value = pointer.get(template.data, place)
        if isinstance(value, str | int):
            name = pointer.split(place)[-1]
            yield ctx.finding(template, place, f"{name} does not allow the value {value}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the value with the one that is meant, if that is certain."""
    resource = template.resources.get(pointer.split(finding.pointer)[1])
    starred = "/".join("*" if token.isdigit() else token for token in pointer.split(finding.pointer)[3:])
    kind = (resource.type if resource else "", starred)
    seen = finding.seen
    if (*kind, seen) == _SECURE:
        note = "Everybody who can read the parameter can read its value: store a secret in Secrets Manager instead."
        return Patch.of(template.path, pointer.replace(finding.pointer, seen, "String"), Tier.UNSAFE, [note])
    if isinstance(seen, str) and (meant := _KNOWN.get((*kind, seen))):
        return Patch.of(template.path, pointer.replace(finding.pointer, seen, meant), Tier.SAFE, changes=("@",))
    allowed = _allowed(finding)
    if kind in _NEXT and (days := as_int(seen)) is not None:
        larger = sorted(each for each in allowed if isinstance(each, int) and each > days)
        if larger:
            note = f"Logs are kept for {larger[0]} days, because CloudWatch Logs does not support {days} days."
            value: Json = str(larger[0]) if isinstance(seen, str) else larger[0]
            return Patch.of(template.path, pointer.replace(finding.pointer, seen, value), Tier.REVIEW, [note])
    same = [each for each in allowed if isinstance(each, str) and each.lower() == str(seen).lower()]
    if len(same) != 1:
        return Patch.none("it is not known which of the allowed values is meant")
    return Patch.of(template.path, pointer.replace(finding.pointer, seen, same[0]), Tier.SAFE)


def _allowed(finding: Finding) -> list[Json]:
    """The values that cfn-lint's message lists."""
    listed = _ALLOWED.search(finding.match.message if finding.match else "")
    try:
        return list(ast.literal_eval(listed[1])) if listed else []
    except (ValueError, SyntaxError):
        return []


TRANSFORM = Transform(
    id="invalid-value",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E3030",),
    changes=("@",),
    changes_if_safe=("=@",),
)
