"""A key pair parameter without a Default, although no instance requires a key pair.

Why it fails:
Every deployment must pass a value for a parameter of type AWS::EC2::KeyPair::KeyName without a Default. An unattended
deployment fails, and so does a deployment to an account or Region that does not have the key pair. Session Manager
connects to instances without a key pair.

What the fix does:
The parameter becomes a String with an empty Default. A new condition tests whether a name is given, and KeyName is
omitted if it is not. A parameter is changed only if each of its uses is the KeyName of an instance, a launch template
or a launch configuration. The transform finds something only if it is selected, or with the requirement `unattended`.

What to review:
A stack that passes a key pair keeps it. CloudFormation no longer checks before the update that the key pair exists: a
wrong name fails when the instance is created.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

_TYPE = "AWS::EC2::KeyPair::KeyName"
_USERS = {
    "AWS::EC2::Instance": ("Properties", "KeyName"),
    "AWS::EC2::LaunchTemplate": ("Properties", "LaunchTemplateData", "KeyName"),
    "AWS::AutoScaling::LaunchConfiguration": ("Properties", "KeyName"),
}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each key pair parameter without a Default."""
    for name, declared in template.section("Parameters").items():
        if mapping(declared).get("Type") == _TYPE and "Default" not in mapping(declared):
            message = f"{name} has no Default, so every deployment must name a key pair, which no instance requires"
            yield ctx.finding(template, pointer.join("Parameters", name), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Gives the parameter an empty Default, and omits KeyName if the parameter is empty."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(finding.seen)
    uses = template.references_to(name)
    if not uses:
        return Patch.none("nothing uses the parameter: `unused-parameter` removes it")
    if other := next((use for use in uses if not _is_key_name(template, use.pointer)), None):
        return Patch.none(f"the parameter is also used at {other.pointer}, where it cannot be omitted")
    if set(declared) & {"AllowedValues", "AllowedPattern", "MinLength"}:
        return Patch.none("the constraints of the parameter do not allow an empty value")
    condition = template.fresh_id(f"Has{_said(name)}", f"Has{name}")
    if condition in template.section("Conditions"):
        return Patch.none("no name is available for the new condition")
    ops: list[Op] = [
        *pointer.replace(f"{finding.pointer}/Type", _TYPE, "String"),
        *pointer.add(f"{finding.pointer}/Default", ""),
        *pointer.add_entry(template.data, "/Conditions", condition, _is_given(name)),
    ]
    reference: Json = {"Ref": name}
    chosen: Json = {"Fn::If": [condition, reference, {"Ref": "AWS::NoValue"}]}
    for use in uses:
        ops += pointer.replace(use.pointer, reference, chosen)
    return Patch.of(template.path, ops, Tier.REVIEW)


def _said(name: str) -> str:
    """What the parameter is called, without Name: KeyPair for KeyName, BastionKeyPair for BastionKeyPairName."""
    stem = name.removesuffix("Name")
    return f"{stem}Pair" if stem.endswith("Key") else stem


def _is_given(name: str) -> Json:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}


def _is_key_name(template: Template, place: str) -> bool:
    """Whether the Ref at the place is the whole value of the KeyName of a resource in _USERS."""
    section, owner, *below = pointer.split(place)
    resource = template.resources.get(owner)
    if section != "Resources" or resource is None or set(mapping(pointer.get(template.data, place))) != {"Ref"}:
        return False
    return _USERS.get(resource.type) == tuple(below)


TRANSFORM = Transform(
    id="optional-key-pair",
    doc=__doc__,
    severity=Severity.ADVICE,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="unattended",
    told_by=(
        Told(
            title=r"\bkey ?-?(?:pairs?|names?|pair ?-?names?)\b.*\b(?:required|mandatory|optional|must exist"
            r"|dependency|no default|without (?:a )?default|not conditional|conditional)\b|\b(?:required"
            r"|mandatory|optional|conditional|unconditional|external)\b.*\bkey ?-?(?:pairs?|name"
            r"|pair ?-?name)\b",
            body=r"\bkey ?-?(?:pair|name)|\bSSH\b",
            example="Key pair parameter is mandatory\nThe KeyName parameter has no default.",
            unlike="Mandatory key policy is absent\nKMS refuses it.",
        ),
        Told(
            title=r"\b(?:conditions?|parameters?|defaults?)\b",
            body=r"\b(?:requires?|required|mandatory) (?:a |an |the )?(?:\w+ )?key ?-?pair|\bHasKey(?:Pair|Name)\b",
            example="Missing conditions\nHasKeyPair is absent: the template required a key pair.",
            unlike="Missing conditions\nIsProduction is absent.",
            ambiguous=True,
        ),
        Told(
            title=r"^(?!.*\b(?:missing|creat\w+|no)\b).*\b(?:key ?-?pairs?|KeyName)\b",
            body=r"\b(?:required|requires|mandatory|must (?:exist|be provided)|without (?:a )?default"
            r"|no default)\b",
            example="KeyName parameter\nIt has no default and must exist.",
            unlike="KeyName parameter\nIts description is short.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:key ?-?pairs?|KeyName|key ?-?pair ?-?name)\b.*\b(?:no|without(?: an?)?|lacks?(?: an?)?"
            r"|missing) defaults?\b",
            example="Key pair has no default",
            unlike="KMS key parameter has no default",
        ),
        Told(
            title=r"\b(?:without an existing|hard dependency on|depends on|dependency on|pre-?existing|relies on"
            r"|existing)\b.*\bkey ?-?pairs?\b",
            example="Stack fails without an existing key pair",
            unlike="Hard dependency on an existing KMS key",
        ),
    ),
    changes=(
        "@/Type",
        "+@/Default",
        "$",
    ),
)
