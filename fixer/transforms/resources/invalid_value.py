"""A property value that is not one of the allowed values.

Why it fails:
CloudFormation, or the service behind it, rejects the resource. Most of these values come from another API, or are
another spelling of an allowed value.

What the fix does:
It replaces a known mistake with the value that was meant (ON_DEMAND → PAY_PER_REQUEST, AttributeType String → S,
Daily → TwentyFour_Hours). In the DataResources of a trail, AWS::S3::Bucket becomes AWS::S3::Object if the values fit
and the selector has no other AWS::S3::Object. It raises the retention period of logs to the next larger number of days
that is allowed. It corrects a value that differs from exactly one allowed value only in capitals, hyphens, one wrong
letter or a word such as INVALID, also that of DeletionPolicy and UpdateReplacePolicy. Everything else is only reported,
such as the type SecureString of an SSM parameter, which CloudFormation cannot create.

What to review:
Logs that are kept longer cost more. A trail then records the events of the objects in the buckets.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudtrail-trail-dataresource.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-attributedefinition.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

import ast
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, mapping, sequence
from fixer.cloudformation.near_names import nearest
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

# Matches "'Daily' is not one of ['One_Hour', 'Six_Hours']" and captures the list, which ends at the first "]" before a
# space or the end. Must not match "'Daily' is not of type 'integer'".
_ALLOWED = re.compile(r" is not one of (\[.*?\])(?: |$)", re.S)
_KNOWN: dict[tuple[str, str, str], str] = {
    ("AWS::DynamoDB::Table", "BillingMode", "ON_DEMAND"): "PAY_PER_REQUEST",
    ("AWS::DynamoDB::GlobalTable", "BillingMode", "ON_DEMAND"): "PAY_PER_REQUEST",
    ("AWS::DynamoDB::Table", "BillingMode", "PAY_PER_USE"): "PAY_PER_REQUEST",
    **{
        (f"AWS::DynamoDB::{table}", "AttributeDefinitions/*/AttributeType", written): meant
        for table in ("Table", "GlobalTable")
        for written, meant in (("String", "S"), ("Number", "N"), ("Binary", "B"), ("STRING", "S"), ("NUMBER", "N"))
    },
    **{
        (f"AWS::{service}::ScalingPolicy", "PolicyType", written): "TargetTrackingScaling"
        for service in ("AutoScaling", "ApplicationAutoScaling")
        for written in ("TargetTracking", "TargetTrackingScalingPolicy")
    },
    ("AWS::Config::ConfigRule", "MaximumExecutionFrequency", "Daily"): "TwentyFour_Hours",
    ("AWS::Config::ConfigRule", "MaximumExecutionFrequency", "Hourly"): "One_Hour",
    ("AWS::Config::DeliveryChannel", "ConfigSnapshotDeliveryProperties/DeliveryFrequency", "Daily"): "TwentyFour_Hours",
    ("AWS::Config::DeliveryChannel", "ConfigSnapshotDeliveryProperties/DeliveryFrequency", "Hourly"): "One_Hour",
}
"""(resource type, place below Properties, value that is written) → the value that is meant."""

_SECURE = ("AWS::SSM::Parameter", "Type", "SecureString")
_BUCKET_EVENTS = ("AWS::CloudTrail::Trail", "EventSelectors/*/DataResources/*/Type", "AWS::S3::Bucket")
_NEXT = {("AWS::Logs::LogGroup", "RetentionInDays")}
"""(resource type, place) of the numbers that can be rounded up to the next allowed number."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each value that cfn-lint reports, but for those that `unknown-property` takes."""
    for match, place in ctx.reported(template):
        if match.rule == "E3002" and is_about_properties(match.message):
            continue
        if pointer.split(place)[-1:] == ("Ref",):
            continue  # In a template of AWS SAM: `undefined-name` takes the name.
        value = pointer.get(template.data, place)
        name = pointer.split(place)[-1]
        said = f"the value {value}" if isinstance(value, str | int | float) else "this value"
        message = match.message if match.rule == "E3002" else f"{name} does not allow {said}"
        yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the value with the one that is meant, if that is certain."""
    tokens = pointer.split(finding.pointer)
    resource = template.resources.get(tokens[1]) if len(tokens) > 1 else None
    starred = "/".join("*" if token.isdigit() else token for token in tokens[3:] if token != "Fn::If")
    kind = (resource.type if resource else "", starred)
    seen = finding.seen
    if any(token == "Ref" or (token.startswith("Fn::") and token != "Fn::If") for token in tokens):
        return Patch.none("a function gives the value: correct what it reads")
    if not isinstance(seen, str | int | float) or resource is None:
        return Patch.none("the value is not a plain one, and it is not known what is meant")
    if (*kind, seen) == _SECURE:
        return Patch.none("CloudFormation cannot create a SecureString: keep a secret in Secrets Manager instead")
    if (*kind, seen) == _BUCKET_EVENTS:
        return _object_events(template, finding)
    allowed = _allowed(finding)
    if isinstance(seen, str) and (meant := _KNOWN.get((*kind, seen))):
        return Patch.of(template.path, pointer.replace(finding.pointer, seen, meant), Tier.SAFE, changes=("@",))
    if kind in _NEXT and (days := as_int(seen)) is not None:
        larger = sorted(each for each in allowed if isinstance(each, int) and each > days)
        if larger:
            note = f"Logs are kept for {larger[0]} days, because CloudWatch Logs does not support {days} days."
            value: Json = str(larger[0]) if isinstance(seen, str) else larger[0]
            return Patch.of(template.path, pointer.replace(finding.pointer, seen, value), Tier.REVIEW, [note])
    same = {each for each in allowed if isinstance(each, str) and each.lower() == str(seen).lower()}
    if len(same) == 1:
        return Patch.of(template.path, pointer.replace(finding.pointer, seen, same.pop()), Tier.SAFE)
    close = nearest(str(seen), [each for each in allowed if isinstance(each, str)])
    if len(close) != 1:
        return Patch.none("it is not known which of the allowed values is meant")
    return Patch.of(template.path, pointer.replace(finding.pointer, seen, close[0]), Tier.REVIEW)


def is_about_properties(message: str) -> bool:
    """Whether the message of a match is about a property that does not exist; the rule reports other faults too."""
    return message.startswith("Additional properties are not allowed")


def _object_events(template: Template, finding: Finding) -> Patch:
    """AWS::S3::Object, if the entry then says which objects are meant and no other entry says something else."""
    place = pointer.parent(finding.pointer)
    entry = mapping(pointer.get(template.data, place))
    others = sequence(pointer.get(template.data, pointer.parent(place)))
    if sum(mapping(each).get("Type") in ("AWS::S3::Object", finding.seen) for each in others) > 1:
        return Patch.none("the selector has another entry for S3: merge the values of the two into one AWS::S3::Object")
    values = sequence(entry.get("Values"))
    # Matches "arn:aws:s3", "arn:aws:s3:::" and "arn:aws:s3:::shop/". Must not match "arn:aws:s3:::shop", "shop".
    fit = re.compile(r"arn:[^:]+:s3(:::)?|(arn:[^:]+:s3:::.+|\$\{[^}]+\.Arn\})/.*")
    if not values or not all(fit.fullmatch(_text(each)) for each in values):
        return Patch.none('its Values must be "arn:aws:s3", or the ARN of a bucket followed by "/" and a prefix')
    note = "The trail records the events of the objects in these buckets."
    ops = pointer.replace(finding.pointer, finding.seen, "AWS::S3::Object")
    return Patch.of(template.path, ops, Tier.REVIEW, [note])


def _text(value: Json) -> str:
    text = mapping(value).get("Fn::Sub", value)
    return text if isinstance(text, str) else ""


def _allowed(finding: Finding) -> list[Json]:
    """The values that cfn-lint's message lists."""
    listed = _ALLOWED.search(finding.match.message if finding.match else "")
    if expected := re.match(r"'(\w+)' was expected", finding.match.message if finding.match else ""):
        return [expected[1]]
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
    rules=("E3030", "E3035", "E3036", "E3002"),
    told_by=(
        Told(
            title=r"^(?!.*\b(?:engine|parameter types?|dms|cidr|default|tags?|timeouts?|thresholds?)\b).*"
            r"\b(?:invalid|unsupported|incorrect"
            r"|wrong|disallowed|not allowed)\b.*\b(?:propert(?:y|ies) values?|enum\w*|values?)\b(?! type)",
            body=r"\b(?:not (?:an? )?(?:one of|allowed|valid|supported)|allowed values|valid values"
            r"|must be (?:one of|either)|E3030|unsupported|invalid)\b",
            example="Invalid value of the storage class\nIt must be one of the valid values.",
            unlike="Incorrect values in the test\nThe test checks another account.",
        ),
        Told(
            title=r"\b(?:unsupported|invalid)\b.*\b(?:event selectors?|data ?resources?|resource types? in"
            r"|selectors?)\b|\b(?:event selectors?|data ?resources?)\b.*\b(?:unsupported|invalid)\b",
            body=r"\b(?:unsupported|not supported|invalid|not valid)\b",
            example="Event selectors with an unsupported type\nThe trail says it is not supported.",
            unlike="Event selectors are absent\nThe trail logs nothing.",
        ),
        Told(
            title=r"^(?!.*\bnull\b).*\bvalues?\b.*\bnot (?:allowed|in the (?:list of )?(?:allowed|valid) values"
            r"|one of the allowed)\b",
            body=r"\bE3030\b|\ballowed values\b|\bone of\b",
            example="Property value not in the list of allowed values",
            unlike="Null values are not allowed",
        ),
    ),
    changes=("@",),
    changes_if_safe=("=@",),
)
