"""A value of the wrong data type, for example a mapping where a list is required.

Why it fails:
Some services accept a number in quotes and others reject it. A list where a mapping is required never works. The
resource cannot be created.

What the fix does:
It rewrites a value that means the same in the required type: "5" as 5, "true" as true, a single value as a list of that
value, a list of one value as that value, Tags as a list of Key and Value or as a mapping, TracingConfig as {Mode: ...},
the JSON text of a mapping or list as the mapping or list, and a table mapping as its JSON text. Text with commas
becomes a list of its parts if the items cannot contain a comma: ids, ARNs, IP addresses, host names, or what the
resource's schema says. Everything else is only reported.

Why it is safe:
The value means the same. Only literal values are rewritten, and Tags only if all keys are literal and unique. A repair
is for review if a JSON text contains a function, because the function then gives its value.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-tracingconfig.html
"""

import json
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.schemas import definition, misfit, types
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

# Matches "'Active' is not of type 'object'" and "[5] is not of type 'integer', 'string'". Must not match
# "{'Mode': 1} is not of type object", which does not name a JSON type in quotes.
_WANTED = re.compile(r" is not of type ((?:'\w+'(?:, )?)+)$")
_WRAPS: dict[tuple[str, tuple[str, ...]], str] = {("AWS::Lambda::Function", ("TracingConfig",)): "Mode"}
"""(resource type, place) → the key of the mapping that a single string stands for."""
_LISTED = {
    ("AWS::RDS::DBInstance", ("EnableCloudwatchLogsExports",)),
    ("AWS::RDS::DBCluster", ("EnableCloudwatchLogsExports",)),
    ("AWS::DocDB::DBCluster", ("EnableCloudwatchLogsExports",)),
    ("AWS::Neptune::DBCluster", ("EnableCloudwatchLogsExports",)),
}
"""(resource type, place) of the lists whose items are single words."""
# One item that contains no comma: matches "sg-12345678", "arn:aws:sns:us-east-1:123456789012:a", "10.0.0.0/16",
# "us-east-1a" and "www.example.com". Must not match "a", "Hello world" or "v=spf1".
_ITEM = re.compile(
    r"[a-z]+-[0-9a-f]{8}(?:[0-9a-f]{9})?|arn:[^,\s]+|[0-9.]+(?:/\d+)?|[a-z]{2}(?:-[a-z]+)+-\d[a-z]?"
    r"|(?:[*a-z0-9-]+\.)+[a-z]{2,}"
)
_JSON = {"object": dict, "array": list}
_TEXTS = {
    ("AWS::DMS::ReplicationTask", ("TableMappings",)),
    ("AWS::DMS::ReplicationTask", ("ReplicationTaskSettings",)),
}
"""(resource type, place) of the properties whose value is JSON as text."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each value that cfn-lint reports; `null-value` takes those that are null."""
    for match, place in ctx.reported(template):
        if pointer.get(template.data, place) is not None:
            name = pointer.split(place)[-1] if place else "the template"
            wanted = " or ".join(_wanted(match.message)) or "another type"
            yield ctx.finding(template, place, f"{name} must be of type {wanted}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Rewrites the value in the required type."""
    section, name, *_ = (*pointer.split(finding.pointer), "", "")
    resource = template.resources.get(name) if section == "Resources" else None
    if resource is None:
        return Patch.none("it is not known what the value should be")
    place = pointer.split(finding.pointer)[3:]
    for wanted in _wanted(finding.match.message if finding.match else ""):
        value = _from_json(wanted, finding.seen, resource.type, place)
        if value is None and wanted == "array" and isinstance(finding.seen, str) and "," in finding.seen:
            value = _parts(finding.seen, resource.type, place)
            if value is None:
                return Patch.none("the text has commas, and it is not known whether it is one item: write it as a list")
        elif value is None:
            value = _as(wanted, finding.seen, resource.type, place)
        if value is None:
            value = _only_item(wanted, finding.seen, resource.type, place)
        if value is not None:
            ops = pointer.replace(finding.pointer, finding.seen, value)
            # A function in a JSON text gives its value only now.
            is_text = isinstance(finding.seen, str)
            has_functions = is_text and any(intrinsic_name(each) for _, each in pointer.walk(value))
            return Patch.of(template.path, ops, Tier.REVIEW if has_functions else Tier.SAFE)
    return Patch.none("the value cannot be converted to that type with certainty")


def _from_json(wanted: str, value: Json, resource_type: str, place: tuple[str, ...]) -> Json:
    """The mapping or list that a JSON text is; None if it is none, or if the property does not take it."""
    is_json = isinstance(value, str) and wanted in _JSON and value.lstrip().startswith(("{", "["))
    found = _read(str(value)) if is_json else None
    if found is None or definition(resource_type, place) is None or misfit(resource_type, place, found):
        return None
    return found if intrinsic_name(found) or isinstance(found, _JSON[wanted]) else None


def _only_item(wanted: str, value: Json, resource_type: str, place: tuple[str, ...]) -> Json:
    """The only item of a list, in the type that the property takes; None if the property does not take it."""
    if not isinstance(value, list) or len(value) != 1 or wanted == "array" or definition(resource_type, place) is None:
        return None
    (item,) = value
    if misfit(resource_type, place, item):
        return None
    is_fit = intrinsic_name(item) is not None or wanted == _kind(item)
    return item if is_fit else _as(wanted, item, resource_type, place)


def _read(text: str) -> Json:
    """The value that a JSON text is; None if it is none."""
    try:
        found: Json = json.loads(text)
    except ValueError:
        return None
    return found


def _kind(value: Json) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return kinds.get(type(value), "")


def _parts(text: str, resource_type: str, place: tuple[str, ...]) -> Json:
    """The items of a text with commas; None if an item may contain a comma."""
    parts: list[Json] = [part.strip() for part in text.split(",")]
    inner = (*place, "*")
    known = definition(resource_type, inner) or {}
    if "" in parts or "string" not in types(known) or any(misfit(resource_type, inner, part) for part in parts):
        return None
    is_word = (resource_type, place) in _LISTED and all(re.fullmatch(r"[\w.-]+", str(part)) for part in parts)
    shaped = all(_ITEM.fullmatch(str(part)) for part in parts)
    return parts if is_word or shaped or misfit(resource_type, inner, text) else None


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
    told_by=(
        Told(
            title=r"\b(?:wrong|incorrect|invalid|mismatched) (?:data|value|property) types?\b|\btype mismatch\b"
            r"|\b(?:strings?|lists?|integers?|numbers?|booleans?|objects?|arrays?|map(?:ping)?s?)\b (?:is "
            "|are |was |given |provided |used )?(?:instead of|rather than|where) (?:an? |the )?(?:strings?"
            r"|lists?|integers?|numbers?|booleans?|objects?|arrays?|map(?:ping)?s?)\b",
            example="String instead of a list in the policy",
            unlike="SSM parameter has a wrong name",
        ),
        Told(
            title=r"\b(?:expects?|expected|requires?|must be|should be|needs?) (?:an? |the )?(?:strings?|lists?"
            r"|integers?|numbers?|booleans?|objects?|arrays?)\b[,;]?.*\b(?:but|got|found|instead of"
            r"|rather than|not)\b.*\b(?:strings?|lists?|integers?|numbers?|booleans?|objects?|arrays?)\b"
            r"|\b(?:propert(?:y|ies)|values?)\b.*\bmust be (?:an? )?(?:list|array|integer|boolean|object"
            r"|string)\W*$|\bnot of type '?(?:array|object|string|integer|number|boolean)\b|\b(?:booleans?"
            r"|numbers?|integers?) as (?:an? )?strings?\b",
            example="Property expects a list but got a string",
            unlike="Property expects a list of subnets",
        ),
        Told(
            title=r"\b(?:wrong|incorrect|invalid) (?:data )?types?\b",
            body=r"\bnot of type\b|\bE3012\b|\b(?:must be|expects?|expected|should be) (?:an? )?(?:array|list"
            r"|string|integer|boolean|object)\b",
            ambiguous=True,
            example="Wrong type for SecurityGroupIds\nThe value is not of type 'array'.",
            unlike="Wrong type of instance\nUse a larger one.",
        ),
    ),
    changes=("@",),
    changes_if_safe=("=@",),
)
