"""A value of another type than the property takes.

Why it fails:
A number in quotes is accepted here and refused there; a list where a mapping is asked for never works: the resource
cannot be created.

What the fix does:
Where the value says the same in the type that is asked for, it is written so: "5" as 5, "true" as true, a single
value as a list of it, Tags as a list of Key and Value or as a mapping, TracingConfig as {Mode: ...}, a table mapping
as the JSON text that it is. Anything else is reported only.

Why it is safe:
The value is the same. Only literal values are rewritten, and of Tags only those whose keys are literal and unique.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-tracingconfig.html
"""

import json
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.schemas import definition, types
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_WANTED = re.compile(r" is not of type ((?:'\w+'(?:, )?)+)$")
_WRAPS: dict[tuple[str, tuple[str, ...]], str] = {("AWS::Lambda::Function", ("TracingConfig",)): "Mode"}
_TEXTS = {
    ("AWS::DMS::ReplicationTask", ("TableMappings",)),
    ("AWS::DMS::ReplicationTask", ("ReplicationTaskSettings",)),
}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per value of a resource that cfn-lint reports."""
    for match, place in ctx.reported(template):
        wanted = _wanted(match.message)
        if wanted and pointer.split(place)[:1] == ("Resources",) and pointer.get(template.data, place) is not None:
            name = pointer.split(place)[-1]
            yield ctx.finding(template, place, f"{name} must be of type {' or '.join(wanted)}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The same value in the type that is asked for."""
    resource = template.resources[pointer.split(finding.pointer)[1]]
    place = pointer.split(finding.pointer)[3:]
    for wanted in _wanted(finding.match.message if finding.match else ""):
        value = _as(wanted, finding.seen, resource.type, place)
        if value is not None:
            return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.SAFE)
    return Patch.none("the value cannot be said in that type for certain")


def _wanted(message: str) -> list[str]:
    found = _WANTED.search(message)
    return re.findall(r"'(\w+)'", found[1]) if found else []


def _as(wanted: str, value: Json, resource_type: str, place: tuple[str, ...]) -> Json:
    """The value in a type, None where it cannot be said."""
    if intrinsic_name(value) is not None:
        return None
    if wanted in ("integer", "number") and isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    if wanted == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    if wanted == "string":
        return _as_text(value, (resource_type, place) in _TEXTS)
    if wanted == "array":
        return _as_list(value, types(definition(resource_type, (*place, "*")) or {}), place)
    if wanted == "object":
        wrap = _WRAPS.get((resource_type, place))
        return {wrap: value} if wrap and isinstance(value, str) else _tag_mapping(value, place)
    return None


def _as_text(value: Json, is_document: bool) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    plain = is_document and not any(intrinsic_name(each) for _, each in pointer.walk(value))
    return json.dumps(value) if plain else None


def _as_list(value: Json, items: frozenset[str], place: tuple[str, ...]) -> Json:
    if place[-1:] == ("Tags",) and isinstance(value, dict):
        return [{"Key": key, "Value": each} for key, each in value.items()]
    if isinstance(value, str):
        return [value] if "string" in items else None
    return [value] if isinstance(value, dict) and "object" in items else None


def _tag_mapping(value: Json, place: tuple[str, ...]) -> Json:
    tags = [mapping(each) for each in sequence(value)]
    keys = [tag.get("Key") for tag in tags]
    fit = all(set(tag) == {"Key", "Value"} and isinstance(tag["Key"], str) for tag in tags)
    if place[-1:] != ("Tags",) or not tags or not fit or len(set(map(str, keys))) != len(keys):
        return None
    return {str(tag["Key"]): tag["Value"] for tag in tags}


TRANSFORM = Transform(
    id="wrong-type",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E3012",),
    changes=("@",),
    changes_if_safe=("=@",),
)
