"""New names for entries of a template, written as operations: the entry moves, and every reference follows it."""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.template import SECTIONS_WITH_IDS, Template
from fixer.model import Json, Op
from fixer.resolution.renaming import renamed

_INTERFACE = "AWS::CloudFormation::Interface"


def rename_refusal(template: Template, section: str, name: str, new: str) -> str:
    """Why an entry cannot get another name; "" if it can. The templates around this one are not examined."""
    rivals = ("Outputs",) if section == "Outputs" else SECTIONS_WITH_IDS[:4]
    if taken := next((each for each in rivals if new in template.section(each)), None):
        return f"{taken} already has an entry {new}: choose another id"
    if section == "Parameters" and _is_named_in(_beside_interface(template), name):
        return "Metadata names the parameter: rename it there too"
    if place := _scripted(template, name):
        return f"the text at {place} names the id: rename it there too"
    return ""


def rename(template: Template, section: str, name: str, new: str) -> list[Op]:
    """Operations that give an entry another name, in all references too."""
    source, target = pointer.join(section, name), pointer.join(section, new)
    if section == "Outputs":
        return pointer.move(source, target, pointer.get(template.data, source))
    after = renamed(template.data, {name: new})
    moved = pointer.move(source, target, pointer.get(after, target))
    shown = _in_interface(template, name, new) if section == "Parameters" else ()
    return [*_references(template, after, name, new), *shown, *moved]


def _beside_interface(template: Template) -> Json:
    """The Metadata without the part whose form is known, in which a parameter's name can change."""
    return {key: value for key, value in template.section("Metadata").items() if key != _INTERFACE}


def _in_interface(template: Template, name: str, new: str) -> Iterator[Op]:
    """Operations that replace the name of a parameter in the groups and labels of the console.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-cloudformation-interface.html
    """
    interface = mapping(template.section("Metadata").get(_INTERFACE))
    place = pointer.join("Metadata", _INTERFACE)
    for number, group in enumerate(sequence(interface.get("ParameterGroups"))):
        for index, listed in enumerate(sequence(mapping(group).get("Parameters"))):
            if listed == name:
                yield from pointer.replace(f"{place}/ParameterGroups/{number}/Parameters/{index}", name, new)
    labels = mapping(interface.get("ParameterLabels"))
    if name in labels and new not in labels:
        source, target = (f"{place}/ParameterLabels{pointer.join(each)}" for each in (name, new))
        yield from pointer.move(source, target, labels[name])


def _references(template: Template, after: Json, name: str, new: str) -> Iterator[Op]:
    """Operations that replace the id in each string that refers to it, as the renamed data has it."""
    for place, old in pointer.walk(template.data):
        if isinstance(old, str):
            tokens = pointer.split(place)
            is_inside = len(tokens) > 2 and tokens[0] in SECTIONS_WITH_IDS and tokens[1] == name
            there = pointer.join(tokens[0], new, *tokens[2:]) if is_inside else place
            value = pointer.get(after, there)
            if value != old:
                yield from pointer.replace(place, old, value)


def _is_named_in(value: Json, name: str) -> bool:
    """Whether a key or a string in the value is the name."""
    return any(each == name or (isinstance(each, dict) and name in each) for _, each in pointer.walk(value))


def _scripted(template: Template, name: str) -> str:
    """A text with several words that names the id outside of a variable, as "cfn-signal --resource web-server" does."""
    # Matches "--resource web-server". Must not match "my-web-server" or "web-server-2".
    named = re.compile(rf"(?:--resource|-r)[ =]+[\"']?{re.escape(name)}(?![\w-])")
    texts = ((place, value) for place, value in pointer.walk(template.data) if isinstance(value, str))
    return next((place for place, value in texts if named.search(value)), "")
