"""The names of resources that operations change, and what their properties accept. Pure.

The limits are those of the resource schemas:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fixer import pointer
from fixer.aws.patterns import may_contain
from fixer.aws.schemas import definition, lifecycle
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, sequence
from fixer.cloudformation.template import Template
from fixer.model import Json, Op

_SAMPLES = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::StackName": "a",
    "AWS::URLSuffix": "amazonaws.com",
}
"""A value of each pseudo parameter; the shortest for a stack's name, because its length is not known."""


_LIMITS = {
    ("AWS::AutoScaling::LaunchConfiguration", "LaunchConfigurationName"): 255,
    ("AWS::DynamoDB::Table", "TableName"): 255,
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateName"): 128,
    ("AWS::EC2::SecurityGroup", "GroupName"): 255,
    ("AWS::ElasticLoadBalancing::LoadBalancer", "LoadBalancerName"): 32,
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name"): 32,
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Name"): 32,
    ("AWS::Lambda::Function", "FunctionName"): 64,
    ("AWS::RDS::DBSubnetGroup", "DBSubnetGroupName"): 255,
    ("AWS::SQS::Queue", "QueueName"): 80,
}
"""The longest names that the services accept, where the schema does not state them (the page of each type)."""

_SHORT_STACK, _USUAL_STACK = 8, 40
"""Characters: a name that leaves fewer for the name of the stack hardly works, or needs a note."""


@dataclass(frozen=True)
class ChangedNames:
    """Names that change: the `notes` about them, and the `reason` why one would not be valid ("": all may be)."""

    notes: tuple[str, ...] = ()
    reason: str = ""


def changed_names(template: Template, ops: Iterable[Op]) -> ChangedNames:
    """The custom names of resources that the operations change."""
    places = dict.fromkeys(pointer.split(str(op["path"]))[:4] for op in ops if op["op"] != "test")
    named = [place for place in places if _is_name(template, place)]
    after = template.document.apply(list(ops)).data if named else None
    told, notes = [], []
    for place in named:
        resource, name = template.resources[place[1]], place[3]
        known = definition(resource.type, (name,)) or {}
        value = pointer.get(after, pointer.join(*place))
        text = _sample(value)
        what, longest = f"the {name} of {resource.logical_id}", _longest(resource.type, name, known)
        if reason := _broken(f"{what}, as in {text},", text, known, longest):
            return ChangedNames(reason=reason)
        room = longest - len(text) + 1 if longest and "AWS::StackName" in str(value) else _USUAL_STACK
        if room < _SHORT_STACK:
            return ChangedNames(reason=f"{what} may have {longest} characters: {room} remain for the name of the stack")
        if room < _USUAL_STACK:
            notes.append(f"T{what[1:]} leaves {room} characters for the name of the stack.")
        told.append(f"{what} (as in {text}; {_limit(text, longest, known.get('pattern'))})")
    if told:
        notes.insert(0, f"Names change and may become longer; check their lengths: {', '.join(told)}.")
    return ChangedNames(tuple(notes))


def _is_name(template: Template, place: tuple[str, ...]) -> bool:
    resource = template.resources.get(place[1]) if place[:1] == ("Resources",) and len(place) == 4 else None
    if resource is None or place[2] != "Properties":
        return False
    known = lifecycle(resource.type)
    return known is not None and place[3] in known.name


def _longest(resource_type: str, name: str, known: dict[str, Json]) -> int:
    """The most characters that the property accepts; 0 if that is not known."""
    longest = known.get("maxLength")
    limits = [_LIMITS.get((resource_type, name)), longest if isinstance(longest, int) else None]
    return min((each for each in limits if each), default=0)


def _limit(text: str, longest: int, pattern: Json) -> str:
    """What the property accepts, in words."""
    most = f"at most {longest} characters" if longest else "a limited length"
    last = max((index for index, letter in enumerate(text) if letter.islower()), default=0)
    capital = text[:last] + text[last : last + 1].upper() + text[last + 1 :]
    is_lower = isinstance(pattern, str) and may_contain(pattern, text) and not may_contain(pattern, capital)
    return f"{most}, in lower case" if is_lower else most


def _broken(what: str, text: str, known: dict[str, Json], longest: int) -> str:
    """Why a text is not a valid value of the property; "" if it may be one."""
    pattern = known.get("pattern")
    if longest and len(text) > longest:
        return f"{what} would have more than {longest} characters"
    if isinstance(pattern, str) and not may_contain(pattern, text):
        return f"{what} would not match {pattern}"
    return ""


def _sample(value: Json) -> str:
    """An example of the text that an expression gives: pseudo parameters filled in, everything else as "a"."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    argument = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
    match intrinsic_name(value), argument:
        case "Ref", str() as name:
            return _SAMPLES.get(name, "a")
        case "Fn::Sub", str() as text:
            return _sample_of_sub(text, {})
        case "Fn::Sub", [str() as text, own]:
            return _sample_of_sub(text, mapping(own))
        case "Fn::Join", [str() as separator, list() as parts]:
            return separator.join(_sample(part) for part in sequence(parts))
    return "a"


def _sample_of_sub(text: str, own: dict[str, Json]) -> str:
    def one(match: re.Match[str]) -> str:
        return _sample(own[match[1]]) if match[1] in own else _SAMPLES.get(match[1], "a")

    # Matches "${Stage}" and "${AWS::Region}". Must not match "${!Stage}", which stays text.
    return re.sub(r"\$\{([^!}][^}]*)\}", one, text).replace("${!", "${")
