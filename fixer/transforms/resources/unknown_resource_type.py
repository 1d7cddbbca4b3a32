"""A resource of a type that does not exist.

Why it fails:
CloudFormation refuses a template with a type that it does not know.

What the fix does:
A type that people write for another becomes that (AWS::EC2::NATGateway → AWS::EC2::NatGateway). A setting of the
account that CloudFormation cannot make, such as its password policy, is removed if nothing refers to it: that is
unsafe, as something that was asked for is dropped. Anything else is reported only.

What to review:
Set the account's setting by other means: a removal leaves it as it is.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

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
"""What is written → the type that is meant."""

_ACCOUNT = {
    "AWS::IAM::AccountPasswordPolicy": "the account's password policy",
    "AWS::IAM::PasswordPolicy": "the account's password policy",
    "AWS::Config::ConfigurationRecorderStatus": "whether the recorder records (a delivery channel starts it)",
    "AWS::EC2::EBSEncryptionByDefault": "encryption of EBS volumes by default",
}
"""A type that does not exist → what of the account it was to set."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per type that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if pointer.split(place)[-1:] == ("Type",):
            yield ctx.finding(template, place, f"there is no {pointer.get(template.data, place)}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The type that is meant, or nothing."""
    name = pointer.split(finding.pointer)[1]
    if meant := _MEANT.get(str(finding.seen)):
        return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, meant), Tier.REVIEW)
    setting = _ACCOUNT.get(str(finding.seen))
    if setting is None:
        return Patch.none("what was meant is not known")
    if template.references_to(name) or any(
        _depends(resource.data.get("DependsOn"), name) for resource in template.resources.values()
    ):
        return Patch.none("others depend on it")
    place = pointer.join("Resources", name)
    note = f"CloudFormation cannot set {setting}: set it by other means."
    return Patch.of(template.path, pointer.remove(place, pointer.get(template.data, place)), Tier.UNSAFE, [note])


def _depends(value: Json, name: str) -> bool:
    return name in value if isinstance(value, list) else value == name


TRANSFORM = Transform(
    id="unknown-resource-type",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3006",),
    changes=(
        "@",
        "-@/..",
    ),
)
