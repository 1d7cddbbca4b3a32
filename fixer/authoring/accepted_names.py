"""Whether a place of a template accepts what a declaration gives: by the schema of the property, by the attributes of
the resource type, and by the keys of a mapping.
"""

import json
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from fixer import pointer
from fixer.aws.attributes import attribute_format, attributes, identifier, is_known, ref_formats, ref_is_arn
from fixer.aws.schemas import definition, misfit, types
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.name_uses import Kind, NameUse
from fixer.cloudformation.near_names import letters
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

_GENERIC = {"", "Name", "Id", "Arn"}
"""Identifiers of many types."""

_ROLE = "AWS::IAM::Role"
_TOO_GENERAL = {"Resource", "Name", "Type", "Version"}
"""Types whose name says nothing: the ResourceId of an API's method may also be the root of the API."""

_PLAIN = {"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"}


class Fit(IntEnum):
    """How well a declaration fits a place."""

    NO = 0
    UNKNOWN = 1
    YES = 2


def fit(template: Template, use: NameUse, name: str) -> Fit:
    """Whether the place accepts what the declaration of that name gives; YES only with evidence in a schema."""
    if use.kind is Kind.CONDITION:
        return _condition_fit(template, use, name)
    if use.kind is Kind.MAPPING:
        return _mapping_fit(template, use, name)
    resource = template.resources.get(name)
    if resource is None:
        return _parameter_fit(template, use, template.parameter(name) or {}, name)
    owner = pointer.split(use.place)[1]
    if pointer.split(use.place)[0] == "Resources" and (owner == name or owner in template.needs(name)):
        return Fit.NO  # A circle.
    return _attribute_fit(template, use, resource) if use.attribute else _resource_fit(template, use, resource)


def property_of(template: Template, use: NameUse) -> tuple[str, tuple[str, ...]] | None:
    """The type of the resource and the place below Properties whose whole value the use gives; None if it gives only a
    part of a value, or the place is not in the properties of a resource.
    """
    section, owner, *rest = pointer.split(use.function)
    resource = template.resources.get(owner) if section == "Resources" else None
    if resource is None or rest[:1] != ["Properties"]:
        return None
    text = pointer.get(template.data, use.place)
    if use.is_in_text and text not in (f"${{{use.name}}}", f"${{{use.name}.{use.attribute}}}"):
        return None
    place = without_choices(rest[1:])
    return None if any(token.startswith("Fn::") for token in place) else (resource.type, place)


def attributes_that_fit(template: Template, use: NameUse) -> list[str]:
    """The attributes of the resource that the use names and that its place certainly takes: the only ones with the
    format of the property or, where the property takes an ARN of any kind, the ARN. For the value of an output, the
    longest one at the end of the output's name: DNSName for BalancerDNSName.
    """
    found, wanted = property_of(template, use), _definition(template, use)
    resource = template.resources.get(use.name)
    section, name, *rest = pointer.split(use.function)
    if section == "Outputs" and rest == ["Value"] and resource is not None:
        ends = [each for each in attributes(resource.type) if letters(name).endswith(letters(each))]
        return [max(ends, key=len)] if ends else []
    if found is None or wanted is None or resource is None:
        return []
    known = sorted(attributes(resource.type))
    if wished := _format(wanted):
        return [each for each in known if attribute_format(resource.type, each) == wished]
    target = next(token for token in reversed(found[1]) if not token.isdigit())
    return [each for each in known if each.endswith("Arn")] if _takes_arn(target, wanted) else []


def givers(template: Template, resource: Resource, prop: str) -> list[Json]:
    """The references, one for each declaration, that give what a property of a resource names: the VPC for a VpcId, the
    function for the FunctionName of a permission. The schema says what it names, or its own name does.

    Resources that need this one, and roles that do not trust its service, are not among them.
    """
    known = definition(resource.type, (prop,)) or {}
    kind = _format(known).rpartition(".")[0] or _named_kind(resource.type, prop)
    if not kind or "array" in types(known):
        return []
    found: list[Json] = [
        {"Ref": name} for name, each in template.section("Parameters").items() if _gives(each, name, known, prop)
    ]
    for each in template.of_type(kind):
        is_circle = resource.logical_id in {each.logical_id, *template.needs(each.logical_id)}
        if not is_circle and (kind != _ROLE or _trusts(each, resource)):
            wants_arn = _takes_arn(prop, known) and not ref_is_arn(kind)
            found.append({"Fn::GetAtt": [each.logical_id, "Arn"]} if wants_arn else {"Ref": each.logical_id})
    return found


def _named_kind(resource_type: str, prop: str) -> str:
    """The type that a property names by its name: AWS::EC2::RouteTable of RouteTableId; "" if there is none."""
    if prop in ("Role", "RoleArn", "RoleARN"):
        return _ROLE
    bare = re.sub("(Id|Arn|ARN|Name)$", "", prop)
    kind = f"{resource_type.rpartition('::')[0]}::{bare}"
    return kind if bare and kind != resource_type and bare not in _TOO_GENERAL and is_known(kind) else ""


def _gives(declared: Json, name: str, known: dict[str, Any], prop: str) -> bool:
    """Whether a parameter has the type of the property's values, or is text and has the name of the property."""
    kind = str(mapping(declared).get("Type"))
    is_typed = _format(known) != "" and _format_of_type(kind) == _format(known)
    return is_typed or (kind == "String" and letters(name).endswith(letters(prop)))


def _trusts(role: Resource, resource: Resource) -> bool:
    """Whether the trust policy of a role names the service of a resource."""
    principal = f'"{resource.type.split("::")[1].lower()}.amazonaws.com"'
    return principal in json.dumps(role.properties.get("AssumeRolePolicyDocument"))


def without_choices(tokens: Sequence[str]) -> tuple[str, ...]:
    """A place as the schema knows it: Rules/Fn::If/1/Id is Rules/Id."""
    kept: list[str] = []
    skip = False
    for token in tokens:
        if not skip and token != "Fn::If":
            kept.append(token)
        skip = token == "Fn::If"
    return tuple(kept)


def _condition_fit(template: Template, use: NameUse, name: str) -> Fit:
    """A condition must not depend on itself."""
    section, owner, *_ = pointer.split(use.place)
    if section != "Conditions":
        return Fit.UNKNOWN
    waiting, seen = [name], {name}
    while waiting:
        body = template.section("Conditions").get(waiting.pop())
        inner = {
            str(each["Condition"]) for _, each in pointer.walk(body) if isinstance(each, dict) and "Condition" in each
        }
        waiting += inner - seen
        seen |= inner
    return Fit.NO if owner in seen else Fit.UNKNOWN


def _mapping_fit(template: Template, use: NameUse, name: str) -> Fit:
    """Whether the mapping has the keys of the Fn::FindInMap, as far as they are literal."""
    arguments = sequence(mapping(pointer.get(template.data, use.function)).get("Fn::FindInMap"))
    first, second = (*arguments[1:3], None, None)[:2]
    entries = mapping(template.section("Mappings").get(name))
    if isinstance(first, str):
        entries = {first: entries[first]} if first in entries else {}
    if not entries:
        return Fit.NO
    if isinstance(second, str) and not all(second in mapping(entry) for entry in entries.values()):
        return Fit.NO
    return Fit.YES if isinstance(first, str) or isinstance(second, str) else Fit.UNKNOWN


def _attribute_fit(template: Template, use: NameUse, resource: Resource) -> Fit:
    known = attributes(resource.type)
    if not known:
        return Fit.UNKNOWN
    if use.attribute not in known:
        return Fit.NO
    wanted = _format(_definition(template, use))
    given = attribute_format(resource.type, use.attribute)
    return Fit.NO if wanted and given and wanted != given else Fit.YES


def _resource_fit(template: Template, use: NameUse, resource: Resource) -> Fit:
    """Whether the place takes the result of a Ref to the resource."""
    found = property_of(template, use)
    wanted = _definition(template, use)
    if found is None or wanted is None:
        return Fit.UNKNOWN
    if types(wanted) and "string" not in types(wanted):
        return Fit.NO
    if wished := _format(wanted):
        given = ref_formats(resource.type)
        return Fit.YES if wished in given else Fit.NO if given or is_known(resource.type) else Fit.UNKNOWN
    name = next(token for token in reversed(found[1]) if not token.isdigit())
    if _takes_arn(name, wanted):
        return Fit.YES if ref_is_arn(resource.type) else Fit.NO if is_known(resource.type) else Fit.UNKNOWN
    kind = letters(resource.type.rpartition("::")[2])
    own = identifier(resource.type)
    is_named_after = letters(name).startswith(kind) or (own not in _GENERIC and letters(name) == letters(own))
    return Fit.YES if is_named_after else Fit.UNKNOWN


def _parameter_fit(template: Template, use: NameUse, declared: dict[str, Json], name: str) -> Fit:
    """Whether the place takes the value of the parameter: its type, its Default and its AllowedValues."""
    kind = str(declared.get("Type"))
    is_list = "List<" in kind or kind == "CommaDelimitedList"
    if use.is_in_text and is_list:
        return Fit.NO
    found = property_of(template, use)
    wanted = _definition(template, use)
    if found is None or wanted is None:
        return Fit.UNKNOWN
    accepted = types(wanted)
    if accepted and is_list != ("array" in accepted):
        return Fit.NO
    item = mapping(wanted.get("items")) if is_list else wanted
    wished, special = _format(item), _format_of_type(kind)
    if special and wished:
        return Fit.YES if special == wished else Fit.NO
    values = [declared.get("Default"), *sequence(declared.get("AllowedValues"))]
    if not is_list and any(misfit(*found, value) for value in values if value not in (None, "")):
        return Fit.NO
    target = next((token for token in reversed(found[1]) if not token.isdigit()), "")
    return Fit.YES if letters(name).endswith(letters(target)) or (item.get("enum") and values[0]) else Fit.UNKNOWN


def _definition(template: Template, use: NameUse) -> dict[str, Any] | None:
    found = property_of(template, use)
    return definition(*found) if found else None


def _format(wanted: dict[str, Any] | None) -> str:
    """The format of a definition if it names the value of a resource, as AWS::EC2::VPC.Id; else ""."""
    found = str((wanted or {}).get("format", ""))
    return found if found.startswith("AWS::") else ""


def _format_of_type(parameter_type: str) -> str:
    """The format of the values of a parameter type: AWS::EC2::VPC.Id of AWS::EC2::VPC::Id; "" for a plain type."""
    inner = parameter_type.removeprefix("AWS::SSM::Parameter::Value<").removeprefix("List<").rstrip(">")
    if inner in _PLAIN or inner.count("::") < 3:
        return ""
    head, _, tail = inner.rpartition("::")
    return f"{head}.{tail}"


def _takes_arn(name: str, wanted: dict[str, Any]) -> bool:
    pattern = str(wanted.get("pattern", ""))
    return name.lower().endswith("arn") or pattern.lstrip("^(").startswith("arn:")
