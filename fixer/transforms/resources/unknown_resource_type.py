"""A resource type that does not exist, or a resource without a type.

Why it fails:
CloudFormation rejects a template with a type that it does not know.

What the fix does:
It replaces a type that people write by mistake with the right one (AWS::EC2::NATGateway → AWS::EC2::NatGateway). For
AWS::AutoScaling::TargetTrackingScalingPolicy, which is a PolicyType of AWS::AutoScaling::ScalingPolicy, it sets both.
Any other type becomes the only one that is near and that accepts the resource as it is, with its properties and the
attributes that the template reads. Two types are near if they differ in capitals, one letter, a plural or a word such
as Invalid, or only in the service. If no type is near, or the resource has no type, it becomes the only type that has
all of at least three properties: that is unsafe.
It removes an account setting that CloudFormation cannot make, such as the password policy of the account, if nothing
refers to it. The removal is unsafe, because it drops something that the template asks for. Everything else is only
reported.

What to review:
Check that the type is the one that was meant. Make the account setting by other means: the removal leaves the setting
as it is.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import intrinsic_name
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.resources.meant_type import near_types, types_by_properties
from fixer.transforms.resources.wrong_section import in_wrong_section
from fixer.transforms.transform import Told, Transform

_MEANT = {
    "AWS::EC2::NATGateway": "AWS::EC2::NatGateway",
    "AWS::EC2::Vpc": "AWS::EC2::VPC",
    "AWS::EC2::RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::InternetGatewayAttachment": "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::ElasticIP": "AWS::EC2::EIP",
    "AWS::ElasticLoadBalancingV2::ALB": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::CloudWatch::LogGroup": "AWS::Logs::LogGroup",
    "AWS::CloudWatch::EventRule": "AWS::Events::Rule",
    "AWS::StepFunctions::Statemachine": "AWS::StepFunctions::StateMachine",
}
"""The type that is written → the type that is meant."""

_POLICY_TYPES = {
    f"AWS::{service}::{written}": (f"AWS::{service}::ScalingPolicy", kind)
    for service in ("AutoScaling", "ApplicationAutoScaling")
    for written, kind in (
        ("TargetTrackingScalingPolicy", "TargetTrackingScaling"),
        ("StepScalingPolicy", "StepScaling"),
    )
}
"""The type that is written → the type that is meant, and its PolicyType."""

_ACCOUNT = {
    "AWS::IAM::AccountPasswordPolicy": "the account's password policy",
    "AWS::IAM::PasswordPolicy": "the account's password policy",
    "AWS::Config::ConfigurationRecorderStatus": "whether the recorder records (a delivery channel starts it)",
    "AWS::EC2::EBSEncryptionByDefault": "encryption of EBS volumes by default",
}
"""A type that does not exist → the account setting that it was meant to make."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each type that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if is_without_type(template, place, match.message):
            yield ctx.finding(template, place, f"{pointer.split(place)[1]} has no Type", match)
        elif match.rule == "E3006" and place.count("/") == 3 and not in_wrong_section(template, pointer.parent(place)):
            message = f"the resource type {pointer.get(template.data, place)} does not exist"
            yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the type with the one that is meant, or removes the resource."""
    name = pointer.split(finding.pointer)[1]
    if finding.pointer.count("/") == 2:
        return _typed(template, finding)
    if meant := _MEANT.get(str(finding.seen)):
        return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, meant), Tier.REVIEW)
    if policy := _POLICY_TYPES.get(str(finding.seen)):
        return _scaling_policy(template, finding, *policy)
    setting = _ACCOUNT.get(str(finding.seen))
    if setting is None:
        return _near(template, finding)
    if template.references_to(name) or any(
        _depends(resource.data.get("DependsOn"), name) for resource in template.resources.values()
    ):
        return Patch.none("other parts of the template depend on it")
    place = pointer.join("Resources", name)
    note = f"CloudFormation cannot set {setting}: set it by other means."
    return Patch.of(template.path, pointer.remove(place, pointer.get(template.data, place)), Tier.UNSAFE, [note])


def is_without_type(template: Template, place: str, message: str) -> bool:
    """Whether a match says that a resource has no Type; an entry that belongs into another section is not one."""
    if place.count("/") != 2 or not place.startswith("/Resources/") or in_wrong_section(template, place):
        return False
    entry = pointer.get(template.data, place)
    return message.startswith("'Type' is a required property") and isinstance(entry, dict) and "Properties" in entry


def _near(template: Template, finding: Finding) -> Patch:
    """The type that is near to the one that is written, or the only one that has all properties of the resource."""
    name, written = pointer.split(finding.pointer)[1], str(finding.seen)
    found, tier = near_types(template, name, written), Tier.REVIEW
    if not found:
        found, tier = types_by_properties(template, name), Tier.UNSAFE
    if len(found) == 1:
        return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, found[0]), tier)
    return Patch.none(f"it is not known which type is meant{_listed(found)}")


def _typed(template: Template, finding: Finding) -> Patch:
    """Adds the only type that has all properties of the resource."""
    found = types_by_properties(template, pointer.split(finding.pointer)[1])
    if len(found) == 1:
        ops = pointer.add(f"{finding.pointer}/Type", found[0])
        return Patch.of(template.path, ops, Tier.UNSAFE, changes=("+@/Type",))
    return Patch.none(f"it is not known what the entry is: add its Type{_listed(found)}")


def _listed(types: list[str]) -> str:
    return f" ({' or '.join(types)})" if 1 < len(types) < 5 else ""


def _scaling_policy(template: Template, finding: Finding, meant: str, kind: str) -> Patch:
    """The type of scaling policies, with the PolicyType that the wrong type states."""
    ops = pointer.replace(finding.pointer, finding.seen, meant)
    place = pointer.sibling(finding.pointer, "Properties")
    properties = pointer.get(template.data, place) if pointer.exists(template.data, place) else None
    if not isinstance(properties, dict) or intrinsic_name(properties) is not None:
        return Patch.none("the policy has no properties")
    if properties.get("PolicyType", kind) != kind:
        return Patch.none(f"its PolicyType is not {kind}")
    if "PolicyType" not in properties:
        ops += pointer.add(f"{place}/PolicyType", kind)
    return Patch.of(template.path, ops, Tier.REVIEW, changes=("+@/../Properties/PolicyType",))


def _depends(value: Json, name: str) -> bool:
    return name in value if isinstance(value, list) else value == name


TRANSFORM = Transform(
    id="unknown-resource-type",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3006", "E3001"),
    told_by=(
        Told(
            title=r"\b(?:invalid|unknown|unsupported|non-?existent|incorrect|wrong|bogus"
            r"|unrecogni[sz]ed)\b.*\bresource types?\b|\bresource types?\b.*\b(?:does not exist"
            r"|doesn't exist|not exist|invalid|unknown|unrecogni[sz]ed)\b",
            body=r"\bAWS::\w+::\w+[^\n]{0,80}\b(?:not exist|does(?: not|n't) exist|not an? (?:valid|supported"
            r"|recogni[sz]ed)|invalid|unrecogni[sz]ed|no such)\b|\b(?:unrecogni[sz]ed|invalid"
            r"|non-?existent) resource types?\b[^\n]{0,40}AWS::|\bresource types?\b[^\n]{0,60}\b(?:not exist"
            r"|not valid|not found)\b|\b(?:non-?existent|invalid"
            r"|not an? valid) (?:CloudFormation )?resource type\b|E3006",
            example="Invalid resource type for the pool\nAWS::Cognito::Pool does not exist.",
            unlike="Unsupported resource type in the trail\nThe selector takes AWS::S3::Object only.",
        ),
        Told(
            title=r"^(?!.*\b(?:trail|selectors?"
            r"|data ?resources?)\b)(?:.*\bAWS::\w+::\w+\b.*\b(?:not an? (?:valid|supported|recogni[sz]ed)"
            r"|does(?: not|n't) exist|not exist|non-?existent|invalid resource|unrecogni[sz]ed)\b"
            r"|.*\b(?:non-?existent|unsupported|hallucinated|bogus|fictional|made-?up|invented"
            r"|imaginary)\b.*\bresource types?\b)",
            body=r"\bAWS::\w+::\w+",
            example="AWS::IAM::AccountPasswordPolicy is not a valid resource type",
            unlike="AWS::S3::Bucket is not encrypted",
        ),
        Told(
            title=r"^(?!.*\b(?:event selectors?|data ?resources?|trail|selectors?|properties|property)\b).*\S",
            body=r"\bAWS::\w+::\w+\W{0,3} (?:is|are) not an? (?:valid|supported|recogni[sz]ed"
            r"|existing) (?:CloudFormation )?(?:resource )?type\b|\bunrecogni[sz]ed resource types?\b"
            r"|\bAWS::\w+::\w+\W{0,3} does(?: not|n't) exist\b|\bresource type does(?: not|n't) exist\b",
            ambiguous=True,
            example="Password policy fails\nAWS::IAM::PasswordPolicy is not a valid CloudFormation resource type.",
            unlike="Password policy fails\nThe function is not a valid target.",
        ),
    ),
    changes=(
        "@",
        "-@/..",
    ),
)
