"""A key pair that whoever deploys must name, though an instance needs none.

Why it fails:
A parameter of the type AWS::EC2::KeyPair::KeyName without a Default stops every deployment that nobody attends, and in
every account and region where no such key pair exists. Instances are reached without one by Session Manager.

What the fix does:
The parameter becomes a String with an empty Default, a condition tells whether a name was given, and KeyName is
left out where none was. Only a parameter whose every use is the KeyName of an instance, a launch template or a launch
configuration is touched. It finds something when it is selected, or with the requirement `unattended`.

What to review:
A stack that passes a key pair keeps it. That the key pair exists is then checked when the instance is created, no
longer before.

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
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Transform

_TYPE = "AWS::EC2::KeyPair::KeyName"
_USERS = {
    "AWS::EC2::Instance": ("Properties", "KeyName"),
    "AWS::EC2::LaunchTemplate": ("Properties", "LaunchTemplateData", "KeyName"),
    "AWS::AutoScaling::LaunchConfiguration": ("Properties", "KeyName"),
}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per key pair that must be given."""
    for name, declared in template.section("Parameters").items():
        if mapping(declared).get("Type") == _TYPE and "Default" not in mapping(declared):
            message = f"{name} must name a key pair, which no instance needs"
            yield ctx.finding(template, pointer.join("Parameters", name), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The parameter with an empty Default, and KeyName only where it is given."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(finding.seen)
    uses = template.references_to(name)
    if not uses:
        return Patch.none("nothing uses it: `unused-parameter` removes it")
    if other := next((use for use in uses if not _is_key_name(template, use.pointer)), None):
        return Patch.none(f"it is used at {other.pointer} too, where it cannot be left out")
    if set(declared) & {"AllowedValues", "AllowedPattern", "MinLength"}:
        return Patch.none("its constraints do not allow that it is empty")
    condition = template.fresh_id("HasKeyPair", "HasKeyName")
    if condition in template.section("Conditions"):
        return Patch.none("no name is free for the condition")
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


def _is_given(name: str) -> Json:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}


def _is_key_name(template: Template, place: str) -> bool:
    """Whether the place is the whole KeyName of something that takes one, as a Ref."""
    section, owner, *below = pointer.split(place)
    resource = template.resources.get(owner)
    if section != "Resources" or resource is None or set(mapping(pointer.get(template.data, place))) != {"Ref"}:
        return False
    return _USERS.get(resource.type) == tuple(below)


TRANSFORM = Transform(
    id="optional-key-pair",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="unattended",
    changes=(
        "@/Type",
        "+@/Default",
        "$",
    ),
)
