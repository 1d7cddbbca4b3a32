"""The resource schemas inside cfn-lint: which properties are create-only, and which ones name a resource.

The schemas are those of the CloudFormation registry:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

import functools
import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from typing import Any

from fixer.aws.gc_pause import without_collecting
from fixer.aws.patterns import may_contain

Place = tuple[str, ...]
"""A place below Properties, token by token; "*" is any item of a list."""

_REGION = "us-east-1"
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_JSON_TYPES = {
    dict: frozenset({"object"}),
    list: frozenset({"array"}),
    str: _SCALARS,
    bool: frozenset({"boolean", "string"}),
    int: frozenset({"integer", "number", "string"}),
    float: frozenset({"integer", "number", "string"}),
}
"""The JSON types as which CloudFormation, or a transform after it, accepts a value."""

_ALSO_STATEFUL = {
    "AWS::AmazonMQ::Broker",
    "AWS::DocDBElastic::Cluster",
    "AWS::ECR::Repository",
    "AWS::MSK::Cluster",
    "AWS::MemoryDB::Cluster",
    "AWS::OpenSearchServerless::Collection",
    "AWS::RDS::GlobalCluster",
    "AWS::Route53::HostedZone",
    "AWS::Timestream::Database",
    "AWS::Timestream::Table",
}
"""Types that keep data, or that others rely on (a hosted zone's name servers), and that cfn-lint does not list."""

_NAMES = {
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::Cognito::UserPoolDomain": "Domain",
}
"""Properties that are custom names although they are not named after their resource."""

_NO_NAMES = {"AWS::Route53::HostedZone", "AWS::EMR::Cluster", "AWS::EC2::Instance"}
"""Types whose Name need not be unique."""


@dataclass(frozen=True)
class Lifecycle:
    """How a resource type handles updates.

    `create_only`: a change replaces the resource; `conditional`: a change may replace it; `name`: the properties that
    together form its custom name, () if it has none. `replaced_in_place`: CloudFormation deletes it before it creates
    the new one, so that the name is free.
    """

    create_only: tuple[Place, ...]
    conditional: tuple[Place, ...]
    name: tuple[str, ...]
    identifiers: tuple[str, ...]
    replaced_in_place: bool


@functools.lru_cache(maxsize=4096)  # Bounded, because custom types have any name.
def lifecycle(resource_type: str) -> Lifecycle | None:
    """How the type handles updates; None if cfn-lint has no schema (custom resources, third-party types)."""
    schema = _resource_schema(resource_type)
    if schema is None:
        return None
    identifiers = tuple(place[-1] for place in _places(schema, "primaryIdentifier"))
    return Lifecycle(
        _places(schema, "createOnlyProperties"),
        _places(schema, "conditionalCreateOnlyProperties"),
        _custom_name(resource_type, schema),
        identifiers,
        schema.get("replacementStrategy") == "delete_then_create",
    )


@functools.cache
def stateful_types() -> frozenset[str]:
    """The resource types that keep data that cannot be created again: cfn-lint's list and some more."""
    text = resources.files("cfnlint.data.AdditionalSpecs").joinpath("StatefulResources.json").read_text()
    return frozenset(json.loads(text)["ResourceTypes"]) | _ALSO_STATEFUL


def _places(schema: dict[str, Any], key: str) -> tuple[Place, ...]:
    return tuple(tuple(pointer.split("/")[2:]) for pointer in schema.get(key) or ())


def _custom_name(resource_type: str, schema: dict[str, Any]) -> tuple[str, ...]:
    """The primary identifier if the template sets it; else the create-only property that is a name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
    """
    if resource_type in _NO_NAMES:
        return ()
    identifier = _places(schema, "primaryIdentifier")
    given = set(_places(schema, "readOnlyProperties"))
    if identifier and not given & set(identifier):
        return tuple(place[0] for place in identifier)
    called = (_NAMES.get(resource_type, ""), resource_type.rpartition("::")[2] + "Name", "Name")
    create_only = {place[0] for place in _places(schema, "createOnlyProperties") if len(place) == 1}
    return tuple(name for name in called if name in create_only)[:1]


def definition(resource_type: str, place: Place) -> dict[str, Any] | None:
    """The schema of a place below Properties, references followed ("*" or a number: the items of a list); None if the
    type or the place has none, or if the place is one of several alternatives.
    """
    schema = _resource_schema(resource_type)
    found: Any = schema
    for token in place:
        found = _resolved(schema, found)
        if not isinstance(found, dict):
            return None
        found = found.get("items") if token == "*" or token.isdigit() else (found.get("properties") or {}).get(token)
    resolved = _resolved(schema, found)
    return resolved if isinstance(resolved, dict) else None


def types(schema: dict[str, Any]) -> frozenset[str]:
    """The JSON types that a place accepts; empty if the schema does not state them."""
    given = schema.get("type") or ()
    return frozenset([given] if isinstance(given, str) else given)


def _resolved(schema: dict[str, Any] | None, found: Any) -> Any:
    while isinstance(found, dict) and "$ref" in found:
        target: Any = schema
        for token in str(found["$ref"]).removeprefix("#/").split("/"):
            target = target.get(token) if isinstance(target, dict) else None
        found = target
    return found


@functools.lru_cache(maxsize=4096)
def _resource_schema(resource_type: str) -> dict[str, Any] | None:
    if resource_type.startswith(_CUSTOM):
        return None
    with without_collecting():
        from cfnlint.schema import ResourceNotFoundError
        from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
    try:
        found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, resource_type).schema
    except ResourceNotFoundError:
        return None
    return found


@functools.cache
def resource_types() -> tuple[str, ...]:
    """Every resource type that cfn-lint knows, in alphabetical order."""
    with without_collecting():
        from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
    return tuple(sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types(_REGION)))


def read_only(resource_type: str, place: Place) -> bool:
    """Whether only AWS sets the property at a place."""
    schema = _resource_schema(resource_type)
    return schema is not None and place in _places(schema, "readOnlyProperties")


def misfit(resource_type: str, place: Place, value: Any) -> str:
    """Why the schema at a place below Properties rejects a value, "" if it accepts it. An intrinsic function fits
    everywhere. Words may still differ in capitals, and names may be misspelled, because that is repaired on its own.
    """
    known = definition(resource_type, place)
    return "" if known is None else _misfit(_resource_schema(resource_type), known, value)


def required(resource_type: str, place: Place) -> frozenset[str]:
    """The properties that a mapping at the place must have."""
    return frozenset((definition(resource_type, place) or {}).get("required") or ())


def _misfit(schema: dict[str, Any] | None, known: dict[str, Any], value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1 and re.match("Ref$|Fn::", next(iter(value))):
        return ""
    if (wanted := types(known)) and not wanted & _JSON_TYPES.get(type(value), frozenset()):
        return f"it must be of type {' or '.join(sorted(wanted))}"
    if isinstance(value, dict):
        return _misfit_mapping(schema, known, value)
    if isinstance(value, list):
        items = _resolved(schema, known.get("items"))
        return next(filter(None, (_misfit(schema, items or {}, each) for each in value)), "")
    text = str(value)
    if (allowed := known.get("enum")) and text.lower() not in {str(each).lower() for each in allowed}:
        return f"{text!r} is not an allowed value"
    if isinstance(value, str) and "{{resolve:" not in text and not _matches(known.get("pattern"), text):
        return f"{text!r} does not match {known['pattern']}"
    return ""


def _misfit_mapping(schema: dict[str, Any] | None, known: dict[str, Any], value: dict[str, Any]) -> str:
    names = known.get("properties") or {}
    written = {name.lower() for name in value}
    if missing := [name for name in known.get("required") or () if name.lower() not in written]:
        return f"it must have {missing[0]}"
    by_lower = {name.lower(): name for name in names}
    for name, inner in value.items():
        fitting = by_lower.get(name.lower()) or next(iter(get_close_matches(name, names, 1, 0.8)), None)
        if fitting is None:
            if known.get("additionalProperties") is False and not known.get("patternProperties"):
                return f"it does not take {name}"
        elif reason := _misfit(schema, _resolved(schema, names[fitting]) or {}, inner):
            return reason
    return ""


def _matches(pattern: str | None, text: str) -> bool:
    """Whether the text matches a pattern of a schema, or that cannot be found out."""
    return pattern is None or may_contain(pattern, text)


def deprecated(resource_type: str, place: Place) -> bool:
    """Whether AWS has marked the property at a place as deprecated."""
    schema = _resource_schema(resource_type)
    return schema is not None and place in _places(schema, "deprecatedProperties")
