"""Which part of a template a fragment shows: whole sections, entries of a section, or what is inside an entry. Pure."""

from collections.abc import Mapping

from fixer.cloudformation.template import SECTIONS_WITH_IDS
from fixer.document.pattern import GAP, REST, Pattern

SECTIONS = (*SECTIONS_WITH_IDS, "Metadata", "Transform", "AWSTemplateFormatVersion", "Description", "Hooks")
_CONDITION_FUNCTIONS = {"Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition"}
_PARAMETER_TYPES = ("String", "Number", "CommaDelimitedList", "List<")
_PARAMETER_PREFIXES = ("AWS::SSM::Parameter::", "List<")
_PARAMETER_KEYS = {"Default", "AllowedValues", "AllowedPattern", "NoEcho", "MinLength", "MaxLength", "MinValue"}
_RESOURCE_KEYS = {
    "Type",
    "Properties",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "CreationPolicy",
    "UpdatePolicy",
    "Condition",
    "Metadata",
    REST,
}
_SPECIAL_TYPES = (
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::Volume::Id",
    "AWS::EC2::VPC::Id",
    "AWS::Route53::HostedZone::Id",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""


def section_of_entry(value: Pattern) -> str:
    """The section that an entry with this value belongs to; "" if the value does not tell."""
    if not isinstance(value, dict):
        return ""
    if len(value) == 1 and next(iter(value)) in _CONDITION_FUNCTIONS and not isinstance(value.get("Condition"), dict):
        return "Conditions"
    kind = value.get("Type")
    if isinstance(kind, str):
        return _section_of_type(kind, set(value))
    if "Value" in value and set(value) <= {"Description", "Value", "Export", "Condition", REST}:
        return "Outputs" if {"Description", "Export"} & set(value) else ""
    return "Resources" if isinstance(value.get("Properties"), dict) else ""


def _section_of_type(kind: str, keys: set[str]) -> str:
    if kind.startswith(_PARAMETER_PREFIXES) or kind in _PARAMETER_TYPES or kind in _SPECIAL_TYPES:
        return "Parameters"
    return "Resources" if kind.count("::") >= 2 or kind.startswith("Custom::") else ""


def is_section(name: str, value: Pattern) -> bool:
    """Whether a key is that of a section of a template, by its name and value: the Parameters of a nested stack, the
    Resources of a policy and the Rules of a bucket are not.
    """
    if name in SECTIONS_WITH_IDS:
        return value is GAP or (isinstance(value, dict) and all(_may_be_entry(name, each) for each in value.values()))
    return name == "AWSTemplateFormatVersion"


def _may_be_entry(section: str, value: Pattern) -> bool:
    if not isinstance(value, dict):
        return value is GAP
    own = {"Resources": _RESOURCE_KEYS, "Parameters": _PARAMETER_KEYS, "Outputs": {"Value", "Export", "Condition"}}
    if section in own:
        return section_of_entry(value) == section or bool(own[section] & set(value)) or not value
    return section != "Conditions" or section_of_entry(value) == section


def rooted(fragment: Mapping[str, Pattern]) -> dict[str, Pattern] | None:
    """The fragment of a whole template that shows the same; None if some of its keys are neither sections nor entries.

    Entries beside each other may belong to several sections: a parameter, and the resource that uses it.
    """
    whole: dict[str, Pattern] = {}
    for name, value in fragment.items():
        if name == REST:
            continue
        if is_section(name, value):
            whole[name] = _joined(whole.get(name), value)
        elif section := section_of_entry(value):
            whole[section] = _joined(whole.get(section), {name: value})
        elif name not in SECTIONS or isinstance(value, list):
            return None
        else:
            whole[name] = value
    return whole


def _joined(one: Pattern, other: Pattern) -> Pattern:
    return {**one, **other} if isinstance(one, dict) and isinstance(other, dict) else other


def with_properties(fragment: Mapping[str, Pattern], resources: Mapping[str, object]) -> dict[str, Pattern] | None:
    """The fragment with the Properties of each resource below whose logical id it shows properties directly; None if it
    shows none so.
    """
    if "Resources" in fragment and is_section("Resources", fragment["Resources"]):
        inner = fragment["Resources"]
        inside = with_properties(inner, resources) if isinstance(inner, dict) else None
        return {**fragment, "Resources": inside} if inside else None
    changed = {
        name: _moved_down(entry)
        for name, entry in fragment.items()
        if name in resources and isinstance(entry, dict) and "Properties" not in entry and set(entry) - _RESOURCE_KEYS
    }
    return {**fragment, **changed} if changed else None


def _moved_down(entry: dict[str, Pattern]) -> dict[str, Pattern]:
    own: dict[str, Pattern] = {key: value for key, value in entry.items() if key in _RESOURCE_KEYS}
    return {**own, "Properties": {key: value for key, value in entry.items() if key not in own}}
