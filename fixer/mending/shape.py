"""What is wrong with the structure of a template, as far as the format and the resource schemas tell it.

It decides between readings of a damaged text: a reading that has every fault of another one and more is not meant.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from fixer.aws import schemas
from fixer.cloudformation.intrinsics import mapping
from fixer.model import Json

Fault: TypeAlias = tuple[str, str, str]
"""The section and the name of an entry, and what is wrong in it."""

ODD = "is odd"
"""The end of a fault of a text that a correct template may have, too."""

UNDECLARED = "is not declared"
"""The end of a fault of a name that a later part of the template may declare."""

_SECTIONS = {"AWSTemplateFormatVersion", "Conditions", "Description", "Hooks", "Mappings", "Metadata", "Outputs"}
_SECTIONS |= {"Globals", "Parameters", "Resources", "Rules", "Transform"}
_TEXTS = {"AWSTemplateFormatVersion", "Description"}
_KEYS = {
    "Parameters": {"AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength"}
    | {"MaxValue", "MinLength", "MinValue", "NoEcho", "Type"},
    "Resources": {"Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type"}
    | {"UpdatePolicy", "UpdateReplacePolicy", "Connectors", "IgnoreGlobals"},
    "Outputs": {"Condition", "Description", "Export", "Value"},
}
_NEEDED = {"Parameters": "Type", "Resources": "Type", "Outputs": "Value"}
_NAME = re.compile(r"[A-Za-z0-9]+")
_RESOURCE_TYPE = re.compile(r"[A-Za-z0-9]+(::[A-Za-z0-9@_-]+)+")
_PARAMETER_TYPE = re.compile(r"String|Number|CommaDelimitedList|List<[\w:]+>|AWS::[\w:<>]+")
# A key that only a damaged text has. Matches 'Type"', "Ty pe:" and "- Key". Must not match "aws:SourceArn".
_ODD_KEY = re.compile(r"[\"'\s{}\[\],\\#]|:$|^[-:]")
# An entry that became part of a text. Matches 'x Type: String'. Must not match "Note: this".
_SWALLOWED = re.compile(r"\S\s+(?:- )?[\"']?[A-Z]\w+[\"']?:(?:\s|$)")
FUNCTIONS = {"And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs"}
FUNCTIONS |= {"GetAtt", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select"}
FUNCTIONS |= {"Split", "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll"}
# A tag inside of a text: matches "b - !Ref X". Must not match "Stop!".
_TAG = re.compile(r"(?:^|\s)!(?:Ref|Sub|GetAtt|Join|If|Select|FindInMap|ImportValue|Base64)\b")
# A text that only a damaged file has. Matches ':x', '\\"x' and 'x "'. Must not match "::1".
_ODD_TEXT = re.compile(r"[:\\][^:\d\\/*$]|.*\s[\"']$", re.DOTALL)
# Matches "a:'b" and "'b c". Must not match "don't" and "users' data".
_ODD_APOSTROPHE = re.compile(r"^[^']*(?<!\w)'[^']*$")
_FREE = ("UserData", "ZipFile")


def faults(data: Json) -> frozenset[Fault]:
    """What is wrong with the structure of a template."""
    return frozenset(_faults(data))


def _faults(data: Json) -> Iterator[Fault]:
    if not isinstance(data, dict):
        yield "", "", "it is not a mapping"
        return
    for section, value in data.items():
        if section not in _SECTIONS:
            yield section, "", f"{section} is not a section"
        elif section in _TEXTS:
            if not isinstance(value, str):
                yield section, "", "it is not text"
        elif section != "Transform" and not isinstance(value, dict):
            yield section, "", "it is not a mapping"
        if section != "Metadata":
            yield from ((section, _owner(place), what) for place, what in _odd(value, ()))
        for name, entry in mapping(value).items():
            yield from ((section, name, what) for what in _entry(section, name, entry))
    names = {"AWS::AccountId", *mapping(data.get("Parameters")), *mapping(data.get("Resources"))}
    yield from _unknown_names(data, names)


def is_function(name: str) -> bool:
    """Whether CloudFormation knows a function of this name, without the prefix `Fn::`."""
    return name in FUNCTIONS or name in ("Ref", "Condition")


def _owner(place: tuple[str, ...]) -> str:
    return place[0] if place else ""


def _entry(section: str, name: str, entry: Json) -> Iterator[str]:
    if section in ("Metadata", "Transform", "Globals", "Rules"):
        return
    if not _NAME.fullmatch(name) and not name.startswith("Fn::"):
        yield "its name is not alphanumeric"
    if section == "Mappings":
        yield from ("a mapping has two levels" for row in mapping(entry).values() if not isinstance(row, dict))
    if not isinstance(entry, dict):
        yield "it is not a mapping"
    elif section in _KEYS and not name.startswith("Fn::"):
        yield from (f"it does not take {key}" for key in entry if key not in _KEYS[section])
        if _NEEDED[section] not in entry:
            yield f"it has no {_NEEDED[section]}"
        elif section != "Outputs":
            yield from _typed(section, entry)
    elif section == "Conditions" and len(entry) != 1:
        yield "a condition is one function"


def _typed(section: str, entry: Mapping[str, Json]) -> Iterator[str]:
    kind = entry["Type"]
    if not isinstance(kind, str):
        yield "its type is not text"
    elif section == "Parameters":
        if not _PARAMETER_TYPE.fullmatch(kind):
            yield f"{kind} is not a type"
        yield from (f"{key} is not a plain value" for key, value in entry.items() if isinstance(value, dict))
    elif not _RESOURCE_TYPE.fullmatch(kind):
        yield f"{kind} is not a type"
    elif "Properties" in entry and not isinstance(entry["Properties"], dict):
        yield "its properties are not a mapping"
    elif "Properties" in entry:
        yield from _misfits(kind, (), entry["Properties"])
    elif required := schemas.required(kind, ()):
        yield f"it has no {', '.join(sorted(required))}"


def _misfits(kind: str, place: tuple[str, ...], value: Json) -> Iterator[str]:
    """Where the schema of the type does not take the structure of a value."""
    if isinstance(value, dict) and len(value) == 1 and re.match("Ref$|Fn::", next(iter(value))):
        return
    known = schemas.definition(kind, place)
    if known is None or value is None:
        return
    wanted = schemas.types(known)
    shown = "/".join(place) or "Properties"
    if wanted and not _fits(wanted, value):
        yield f"{shown} is not of type {' or '.join(sorted(wanted))}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from (f"{what} ({index})" for what in _misfits(kind, (*place, "*"), item))
    elif isinstance(value, dict):
        names = known.get("properties") or {}
        closed = known.get("additionalProperties") is False and not known.get("patternProperties")
        yield from (f"{shown} does not take {key}" for key in value if closed and key not in names)
        yield from (f"{shown} has no {key}" for key in known.get("required") or () if key not in value)
        for key, inner in value.items():
            yield from _misfits(kind, (*place, key), inner)
    elif (allowed := known.get("enum")) and str(value) not in map(str, allowed):
        yield f"{shown} does not take {value}"


def _fits(wanted: frozenset[str], value: Json) -> bool:
    if isinstance(value, dict):
        return "object" in wanted
    return "array" in wanted if isinstance(value, list) else bool(wanted - {"object", "array"})


def _odd(value: Json, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Missing values, keys that only a damaged text has, and texts that contain entries."""
    shown = "/".join(place)
    if value is None:
        yield place, f"{shown} has no value"
    elif isinstance(value, str):
        if not any(name in place for name in _FREE):
            if _SWALLOWED.search(value) or _TAG.search(value):
                yield place, f"{shown} contains entries"
            elif _ODD_TEXT.match(value) or (
                "\n" not in value and (value.count('"') % 2 or _ODD_APOSTROPHE.search(value))
            ):
                yield place, f"{shown} {ODD}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _odd(item, (*place, str(index)))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if _ODD_KEY.search(key):
                yield place, f"{shown} does not take {key}"
            if re.match("Ref$|Fn::", key) and len(value) > 1:
                yield place, f"{shown} has keys beside {key}"
            if key.startswith("Fn::") and key[4:] not in FUNCTIONS and not key.startswith("Fn::ForEach::"):
                yield place, f"{key} is not a function"
            yield from _odd(inner, (*place, key))


def _unknown_names(data: Mapping[str, Json], names: set[str]) -> Iterator[Fault]:
    for section in ("Conditions", "Resources", "Outputs"):
        for name, entry in mapping(data.get(section)).items():
            for target in _refs(entry):
                if not isinstance(target, str):
                    yield section, name, "a Ref is not text"
                elif target not in names and not target.startswith("AWS::") and "${" not in target:
                    yield section, name, f"{target} {UNDECLARED}"


def _refs(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        if len(value) == 1 and "Ref" in value:
            yield value["Ref"]
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)
