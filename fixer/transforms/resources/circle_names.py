"""Breaks a circle: writes the ARN of a bucket, function, queue, topic or trail with a stated name as text.

Only where CloudFormation and the service accept the ARN of something that does not exist yet: the SourceArn of a Lambda
permission, the resources and conditions of policies, and the environment of a Lambda function. A principal must exist.
https://repost.aws/knowledge-center/unable-validate-circular-dependency-cloudformation
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import getatt_target, intrinsic_name, mapping, ref_target, sub_variables
from fixer.cloudformation.references import Reference, references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op, Patch, Tier
from fixer.transforms.resources.circle_permissions import BUCKET, late_permissions, waiting_for
from fixer.transforms.resources.circles import changed, is_closed, orders

_IN_ACCOUNT = "${AWS::Region}:${AWS::AccountId}:"


@dataclass(frozen=True)
class _Kind:
    """What a type of resource gives: its ARN before the name, and the attributes that are its ARN or its name."""

    name: str
    prefix: str
    arns: tuple[str, ...]
    names: tuple[str, ...]


# "" is Ref.
_KINDS = {
    BUCKET: _Kind("BucketName", "arn:${AWS::Partition}:s3:::", ("Arn",), ("",)),
    "AWS::SNS::Topic": _Kind("TopicName", "arn:${AWS::Partition}:sns:" + _IN_ACCOUNT, ("", "TopicArn"), ("TopicName",)),
    "AWS::CloudTrail::Trail": _Kind(
        "TrailName", "arn:${AWS::Partition}:cloudtrail:" + _IN_ACCOUNT + "trail/", ("Arn",), ("",)
    ),
    "AWS::Lambda::Function": _Kind(
        "FunctionName", "arn:${AWS::Partition}:lambda:" + _IN_ACCOUNT + "function:", ("Arn",), ("",)
    ),
    "AWS::SQS::Queue": _Kind("QueueName", "arn:${AWS::Partition}:sqs:" + _IN_ACCOUNT, ("Arn",), ("QueueName",)),
}
_POLICIES = (
    "AWS::IAM::",
    "AWS::KMS::Key",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
)
# Matches "inbox-${AWS::Region}". Must not match "{{resolve:ssm:/inbox}}" or "arn:aws:lambda:...".
_NAME = r"(?:[\w.-]|\$\{[^!}][^}]*\})*"
_PARTS = {"Resource", "NotResource", "Condition"}


def with_written_names(template: Template, members: list[str]) -> Patch | None:
    """Writes out the ARN of the first member for which this breaks the circle. A patch without operations says which
    name is missing; None if no member is closed in by such references only.
    """
    missing = None
    for name in members:
        target, uses = template.resources[name], _uses(template, name, members)
        if not uses or (kind := _KINDS.get(target.type)) is None:
            continue
        text = _text(target.properties.get(kind.name))
        if text is None:
            missing = missing or Patch.none(_why(target, kind.name))
            continue
        if made := _with_text(template, members, uses, text):
            return made
    return missing


def _with_text(template: Template, members: list[str], uses: list[Reference], text: str) -> Patch | None:
    """Writes the uses of a member as text; None if the circle stays closed."""
    target = template.resources[uses[0].target]
    late = [name for name in late_permissions(template, target) if name not in members]
    more = {name: _uses(template, target.logical_id, [name]) for name in late}
    waits = waiting_for(target, [name for name in late if more[name]])
    written = uses + [use for each in more.values() for use in each]
    ops, guarded = _written(template, written, target, text), _guarded(template, written, target)
    involved = [*members, *late]
    if not ops or is_closed(changed(template, ops + waits), involved):
        return None
    places = dict.fromkeys(_outside(each.pointer) for each in written)
    changes = (*places, *(f"+{op['path']}" for op in guarded), *orders(template, involved))
    prop = _KINDS[target.type].name
    notes = [f"If you change the {prop} of {target.logical_id}, change it in these places too."]
    if unsure := [name for name in late if not more[name]]:
        shown = ", ".join(unsure)
        notes.append(f"S3 checks {shown} when it creates {target.logical_id}, so {shown} must be created first.")
    return Patch.of(template.path, ops + guarded + waits, Tier.REVIEW, notes, changes=changes)


def _why(target: Resource, prop: str) -> str:
    if target.properties.get(prop) is None:
        return f"{target.logical_id} has no {prop}, so its ARN cannot be written as text: give it a {prop}"
    return f"the {prop} of {target.logical_id} is not text, so its ARN cannot be written as text: write it as Fn::Sub"


def _guarded(template: Template, uses: list[Reference], target: Resource) -> list[Op]:
    """Adds SourceAccount to Lambda permissions for a bucket: its ARN as text says nothing about who owns the bucket."""
    if target.type != BUCKET:
        return []
    owners = [template.resources[name] for name in dict.fromkeys(each.owner[1] for each in uses)]
    return [
        op
        for owner in owners
        if owner.type == "AWS::Lambda::Permission" and "SourceAccount" not in owner.properties
        for op in pointer.add(owner.at("SourceAccount"), {"Ref": "AWS::AccountId"})
    ]


def _uses(template: Template, name: str, members: list[str]) -> list[Reference]:
    """The references of the other members to a member; none if one of them cannot be written as text."""
    found = [
        each
        for owner in members
        if owner != name
        for each in references_in(template.resources[owner].data, f"/Resources/{owner}")
        if each.target == name
    ]
    return found if all(_may_be_text(template, each) for each in found) else []


def _may_be_text(template: Template, use: Reference) -> bool:
    kind = _KINDS.get(template.resources[use.target].type)
    if kind is None or use.kind == "DependsOn" or use.attribute not in kind.arns + kind.names:
        return False
    owner, place = template.resources[use.owner[1]], pointer.split(use.pointer)[2:]
    if owner.type == "AWS::Lambda::Permission":
        return place[:2] == ("Properties", "SourceArn")
    if owner.type == "AWS::Lambda::Function":
        return place[:3] == ("Properties", "Environment", "Variables")
    return owner.type.startswith(_POLICIES) and bool(_PARTS & set(place[2:]))


def _written(template: Template, uses: list[Reference], target: Resource, name: str) -> list[Op]:
    """The operations that write the references as text; none if a variable of an Fn::Sub has a name of the text."""
    kind, ops = _KINDS[target.type], list[Op]()
    by_place: dict[str, list[Reference]] = {}
    for each in uses:
        by_place.setdefault(each.pointer, []).append(each)
    for place, here in by_place.items():
        texts = {
            f"{each.target}.{each.attribute}".rstrip("."): kind.prefix + name if each.attribute in kind.arns else name
            for each in here
        }
        old = pointer.get(template.data, place)
        new = _value(next(iter(texts.values()))) if here[0].kind != "Sub" else _in_sub(mapping(old)["Fn::Sub"], texts)
        if new is None:
            return []
        ops += pointer.replace(place, old, new)
    return ops


def _in_sub(argument: Json, texts: dict[str, str]) -> Json:
    """An Fn::Sub with some of its variables replaced by text."""
    if isinstance(argument, str):
        return _value(_replaced(argument, texts))
    if not isinstance(argument, list) or not isinstance(argument[0], str):
        return None
    own = mapping(argument[1]) if len(argument) > 1 else {}
    if any(name in own for text in texts.values() for name in sub_variables(text)):
        return None
    return {"Fn::Sub": [_replaced(argument[0], texts), *argument[1:]]}


def _replaced(text: str, texts: dict[str, str]) -> str:
    # Matches "${Inbox.Arn}" and "${ Inbox }". Must not match "${!Inbox}", which is literal text.
    return re.sub(r"\$\{([^!}][^}]*)\}", lambda found: texts.get(found[1].strip(), found[0]), text)


def _value(text: str) -> Json:
    """The text of an Fn::Sub as a value: plain if it has no variables."""
    return {"Fn::Sub": text} if sub_variables(text) else text.replace("${!", "${")


def _text(value: Json) -> str | None:
    """A name (a string, Ref, Fn::GetAtt, Fn::Sub or Fn::Join) as the text of an Fn::Sub; None if it is another value.

    A dynamic reference is not text, because only CloudFormation resolves it. An ARN is not a name.
    """
    text: str | None = None
    argument = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(value, str):
        text = value.replace("${", "${!")
    elif (name := ref_target(value)) is not None:
        text = None if name == "AWS::NoValue" else f"${{{name}}}"
    elif (attribute := getatt_target(value)) is not None:
        text = "${" + ".".join(attribute) + "}"
    elif intrinsic_name(value) == "Fn::Sub" and isinstance(argument, str):
        text = argument
    elif intrinsic_name(value) == "Fn::Join":
        text = _joined(argument)
    return text if text and re.fullmatch(_NAME, text) else None


def _joined(argument: Json) -> str | None:
    match argument:
        case [str() as separator, list() as parts]:
            texts = [_text(part) for part in parts if part != ""]
            known = [each for each in texts if each is not None]
            return separator.join(known) if len(known) == len(parts) else None
    return None


def _outside(place: str) -> str:
    """The place of the value that the functions around a place give."""
    tokens = pointer.split(place)
    inside = [index for index, token in enumerate(tokens) if token.startswith("Fn::")]
    return pointer.join(*tokens[: inside[0]]) if inside else place
