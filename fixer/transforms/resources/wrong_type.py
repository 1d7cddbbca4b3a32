"""A value of the wrong data type, for example a mapping where a list is required.

Why it fails:
Some services accept a number in quotes and others reject it. A list where a mapping is required never works. The
resource cannot be created.

What the fix does:
It rewrites a value that means the same in the required type: "5" as 5, "true" as true, a single value as a list of that
value, Tags as a list of Key and Value or as a mapping, TracingConfig as {Mode: ...}, and a table mapping as its JSON
text. Everything else is only reported.

Why it is safe:
The value means the same. Only literal values are rewritten, and Tags only if all keys are literal and unique.

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

# Matches "'Active' is not of type 'object'" and "[5] is not of type 'integer', 'string'". Must not match
# "{'Mode': 1} is not of type object", which does not name a JSON type in quotes.
_WANTED = re.compile(r" is not of type ((?:'\w+'(?:, )?)+)$")
_WRAPS: dict[tuple[str, tuple[str, ...]], str] = {("AWS::Lambda::Function", ("TracingConfig",)): "Mode"}
"""(resource type, place) → the key of the mapping that a single string stands for."""
_TEXTS = {
    ("AWS::DMS::ReplicationTask", ("TableMappings",)),
    ("AWS::DMS::ReplicationTask", ("ReplicationTaskSettings",)),
}
"""(resource type, place) of the properties whose value is JSON as text."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each value of a resource that cfn-lint reports."""
    for match, place in ctx.reported(template):
        wanted = _wanted(match.message)
        if wanted and pointer.split(place)[:1] == ("Resources",) and pointer.get(template.data, place) is not None:
            name = pointer.split(place)[-1]
            yield ctx.finding(template, place, f"{name} must be of type {' or '.join(wanted)}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Rewrites the value in the required type."""
    resource = template.resources[pointer.split(finding.pointer)[1]]
    place = pointer.split(finding.pointer)[3:]
    for wanted in _wanted(finding.match.message if finding.match else ""):
        value = _as(wanted, finding.seen, resource.type, place)
        if value is not None:
            return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.SAFE)
    return Patch.none("the value cannot be converted to that type with certainty")


def _wanted(message: str) -> list[str]:
    """The JSON types that cfn-lint's message allows, in its order."""
    found = _WANTED.search(message)
    return re.findall(r"'(\w+)'", found[1]) if found else []


def _as(wanted: str, value: Json, resource_type: str, place: tuple[str, ...]) -> Json:
    """The value in a type; None if it cannot be converted with certainty."""
    if intrinsic_name(value) is not None:
        return None
    # The whole text: matches "443" and "-1". Must not match "1.0" or "1e3", and no number that is too long to be exact.
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
    """A list of tags as a mapping; None if a key is not literal or is not unique."""
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
