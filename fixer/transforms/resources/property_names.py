"""Which property of a resource type is meant by a name that it does not have."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from fixer.aws.schemas import Place, definition, deprecated, misfit, read_only, required
from fixer.cloudformation.intrinsics import getatt_target, intrinsic_name, mapping, ref_target
from fixer.cloudformation.near_names import Nearness, how_near, letters, nearest
from fixer.cloudformation.template import Template
from fixer.model import Json

_NEAR = 0.8
"""The smallest difflib ratio at which two names are so similar that one is probably a misspelling of the other."""
# Matches "sg-12345678" and "subnet-0123456789abcdef0". Must not match "my-group".
_ID = re.compile(r"[a-z]+-[0-9a-f]{8}(?:[0-9a-f]{9})?")
# Matches cfn-lint's "('Vpc' was unexpected. Did you mean 'VpcId'?)" and captures VpcId. Must not match "('Vpc' was
# unexpected)".
_SUGGESTED = re.compile(r"Did you mean '(\w+)'\?")
_REF_IS_ARN = (
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
)
"""Types, or beginnings of types, whose Ref is an ARN (the page of each type, "Return values")."""
_NAMED_BY_REF: dict[tuple[str, Place], str] = {
    ("AWS::EC2::Instance", ("IamInstanceProfile",)): "AWS::IAM::InstanceProfile"
}
"""Properties that take the name of a resource of a type and not its ARN: the Ref of the resource is right there."""


def properties(resource_type: str, place: Place) -> Mapping[str, Json]:
    """The properties that a template can set at a place, with their schemas."""
    known = (definition(resource_type, place) or {}).get("properties") or {}
    return {
        name: schema
        for name, schema in known.items()
        if not read_only(resource_type, (*place, name)) and not deprecated(resource_type, (*place, name))
    }


def near(resource_type: str, place: Place, name: str, there: Mapping[str, Json], message: str) -> tuple[list[str], str]:
    """(the names that may be meant, the likeliest; "" if it is not certain which). `there` is what is set already."""
    free = [each for each in properties(resource_type, place) if each not in there]
    if same := [each for each in free if letters(each) == letters(name)]:
        return same, same[0] if len(same) == 1 else ""
    if len(denied := nearest(name, free)) == 1 and how_near(name, denied[0]) is Nearness.DENIED:
        return denied, denied[0]
    found = get_close_matches(name, free, 4, _NEAR)
    suggestion = _SUGGESTED.search(message)
    suggested = [suggestion[1]] if suggestion and suggestion[1] in free else []
    missing = [each for each in required(resource_type, place) if each not in there]
    pair = [each for each in missing if each in free and (name.startswith(each) or each.startswith(name))]
    names = list(dict.fromkeys([*found, *suggested, *(pair if len(missing) == 1 else [])]))
    plural = [each for each in names if {each, name} in ({name, name + "s"}, {each, each + "s"})]
    if len(plural) == 1:
        return names, plural[0]
    return names, names[0] if len(names) == 1 else (suggested or [""])[0]


def reshaped(resource_type: str, place: Place, name: str, value: Json) -> tuple[Json, str]:
    """(the value as the property at a place takes it, "") or (None, why it does not take the value)."""
    reason = misfit(resource_type, place, value)
    new = place[-1]
    other: Json = value
    if isinstance(value, list) and len(value) == 1 and name == new + "s":
        other = value[0]
    elif isinstance(value, str) and "," not in value and new == name + "s":
        other = [value]
    if reason and other is not value and not misfit(resource_type, place, other):
        return other, ""
    return (None, f"{new} does not accept the value: {reason}") if reason else (value, "")


def meant(template: Template, resource_type: str, place: Place, name: str, value: Json) -> tuple[Json, str]:
    """Like `reshaped`, and also refused or converted if the two names are about different things, as an ARN and a
    name are.
    """
    new, texts = place[-1], tuple(_leaves(value))
    is_arn = [_is_arn(template, each) for each in texts]
    wants_name = _says(name, "Arn") and not _says(new, "Arn") and not _takes_arn(resource_type, place)
    if wants_name and not all(each is False for each in is_arn):
        target = getatt_target(value) or ("", "")
        resource = template.resources.get(target[0])
        if resource and target[1] == "Arn" and resource.type == _NAMED_BY_REF.get((resource_type, place)):
            return {"Ref": target[0]}, ""
        return None, f"{new} takes a name, and the value may be an ARN: write the name"
    if _says(new, "Arn") and not _says(name, "Arn") and False in is_arn:
        return None, f"{new} takes an ARN, and the value is not one: write the ARN"
    wants_id = _says(name, "Name") and not _says(new, "Name") and re.search("Ids?$", new)
    if wants_id and not all(isinstance(each, str) and _ID.fullmatch(each) for each in texts):
        return None, f"{new} takes ids, and the value may be a name: write the id"
    return reshaped(resource_type, place, name, value)


def _says(name: str, word: str) -> bool:
    return re.search(f"(?:{word}|{word.upper()})s?$", name) is not None


def _takes_arn(resource_type: str, place: Place) -> bool:
    known = definition(resource_type, place) or {}
    said = str(known.get("description")) + str(known.get("pattern")) + str(known.get("format"))
    return re.search(r"\bARN\b|Amazon Resource Name|\^?arn:|\.Arn\b", said) is not None


def _leaves(value: Json) -> Iterator[Json]:
    """The strings and intrinsics of a value; the items of a list."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif not isinstance(value, dict) or intrinsic_name(value) is not None:
        yield value


def _is_arn(template: Template, value: Json) -> bool | None:
    """Whether a value is an ARN; None if it is not known."""
    if isinstance(value, str):
        return value.startswith("arn:")
    if target := getatt_target(value):
        return target[1].endswith("Arn")
    if (name := ref_target(value)) is not None and name in template.resources:
        return template.resources[name].type.startswith(_REF_IS_ARN)
    text = mapping(value).get("Fn::Sub")
    if isinstance(text, str):
        return text.startswith("arn:") or (None if text.startswith("${") else False)
    return None
