"""Every place of a template that names one of its declarations, with what it may name. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, sub_variables
from fixer.cloudformation.template import Template
from fixer.model import Json

PSEUDO_PARAMETERS = (
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html"""


class Kind(Enum):
    """What a place may name; the value is how a message calls it."""

    PARAMETER = "a parameter"
    VALUE = "a parameter or a resource"
    RESOURCE = "a resource"
    CONDITION = "a condition"
    MAPPING = "a mapping"


_SECTIONS = {
    Kind.PARAMETER: ("Parameters",),
    Kind.VALUE: ("Parameters", "Resources"),
    Kind.RESOURCE: ("Resources",),
    Kind.CONDITION: ("Conditions",),
    Kind.MAPPING: ("Mappings",),
}


@dataclass(frozen=True)
class NameUse:
    """A name in a template. `place` is the pointer of the string that holds it: the name itself, or a text with
    variables. `function` is the pointer of the intrinsic around it, or of the string itself (DependsOn, Condition);
    `attribute` is the attribute that is read with it, "" if none is.
    """

    place: str
    function: str
    name: str
    kind: Kind
    attribute: str = ""

    @property
    def is_in_text(self) -> bool:
        """Whether the name is a variable in the text of a Fn::Sub."""
        return pointer.split(self.place)[-1] == "Fn::Sub" or pointer.split(self.place)[-2:] == ("Fn::Sub", "0")


def name_uses(template: Template) -> Iterator[NameUse]:
    """Every use of a name in Conditions, Rules, Resources and Outputs, in the order of the text."""
    for section in template.data:
        if section in ("Conditions", "Rules"):
            yield from _in(template.data[section], pointer.join(section), Kind.PARAMETER)
        elif section in ("Resources", "Outputs"):
            for name, entry in template.section(section).items():
                yield from _in_entry(section, name, entry)


def declared(template: Template, kind: Kind) -> tuple[str, ...]:
    """The names that a place of that kind may name, without pseudo parameters, in the order of the text."""
    return tuple(name for section in _SECTIONS[kind] for name in template.section(section))


def is_declared(template: Template, use: NameUse) -> bool:
    """Whether the name is that of a declaration that the place may name, or of a pseudo parameter."""
    if use.kind in (Kind.PARAMETER, Kind.VALUE) and use.name in PSEUDO_PARAMETERS:
        return True
    return any(use.name in template.section(section) for section in _SECTIONS[use.kind])


def section_of(template: Template, name: str) -> str:
    """The section that declares a name; "" if none does."""
    sections = ("Parameters", "Resources", "Conditions", "Mappings")
    return next((section for section in sections if name in template.section(section)), "")


def with_name(text: str, name: str, new: str) -> str:
    """The string with another name in place of `name`: as the whole string, or in each variable of a Fn::Sub."""
    if text == name:
        return new
    # For the name Stage: matches "${Stage}", "${ Stage }" and "${Stage.Arn}". Must not match "${StageName}" or the
    # escaped "${!Stage}".
    variable = rf"\$\{{\s*{re.escape(name)}(?=[.}}\s])"
    return re.sub(variable, lambda _: f"${{{new}", text)


def _in_entry(section: str, name: str, entry: Json) -> Iterator[NameUse]:
    place = pointer.join(section, name)
    for key, value in mapping(entry).items():
        below = place + pointer.join(key)
        if key == "Condition" and isinstance(value, str):
            yield NameUse(below, below, value, Kind.CONDITION)
        elif key == "DependsOn" and section == "Resources":
            listed = value if isinstance(value, list) else [value]
            places = [f"{below}/{index}" for index in range(len(listed))] if isinstance(value, list) else [below]
            for each, inner in zip(places, listed, strict=True):
                if isinstance(inner, str):
                    yield NameUse(each, each, inner, Kind.RESOURCE)
        elif key == "Export" and section == "Outputs":
            # The name of an export cannot depend on a resource.
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
            yield from _in(value, below, Kind.PARAMETER)
        else:
            yield from _in(value, below, Kind.VALUE)


def _in(value: Json, place: str, kind: Kind) -> Iterator[NameUse]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in(item, f"{place}/{index}", kind)
    elif isinstance(value, dict):
        if len(value) == 1:
            yield from _called(next(iter(value)), next(iter(value.values())), place, kind)
        for key, item in value.items():
            if not (len(value) == 1 and key in ("Ref", "Fn::GetAtt", "Fn::Sub")):
                yield from _in(item, place + pointer.join(key), kind)


def _called(function: str, argument: Json, place: str, kind: Kind) -> Iterator[NameUse]:
    """The names that the function itself takes; those in its arguments are not among them."""
    below = place + pointer.join(function)
    first = argument[0] if isinstance(argument, list) and argument else None
    match function:
        case "Ref" if isinstance(argument, str):
            yield NameUse(below, place, argument, kind)
        case "Fn::GetAtt" if isinstance(argument, str) and "." in argument:
            name, _, attribute = argument.partition(".")
            yield NameUse(below, place, name, Kind.RESOURCE, attribute)
        case "Fn::GetAtt" if isinstance(first, str) and isinstance(argument, list):
            attribute = ".".join(each for each in argument[1:] if isinstance(each, str))
            yield NameUse(f"{below}/0", place, first, Kind.RESOURCE, attribute)
            yield from _in(argument[1:], below, kind)
        case "Fn::Sub":
            yield from _in_text(argument, place, kind)
        case "Fn::If" if isinstance(first, str):
            yield NameUse(f"{below}/0", place, first, Kind.CONDITION)
        case "Fn::FindInMap" if isinstance(first, str):
            yield NameUse(f"{below}/0", place, first, Kind.MAPPING)
        case "Condition" if isinstance(argument, str) and kind is Kind.PARAMETER:
            yield NameUse(below, place, argument, Kind.CONDITION)
        case "Fn::ValueOf" if isinstance(first, str):
            yield NameUse(f"{below}/0", place, first, Kind.PARAMETER)


def _in_text(argument: Json, place: str, kind: Kind) -> Iterator[NameUse]:
    below = f"{place}/Fn::Sub"
    text, own = argument, {}
    if isinstance(argument, list):
        text = argument[0] if argument else None
        own = mapping(argument[1]) if len(argument) > 1 else {}
        yield from _in(own, f"{below}/1", kind)
        below += "/0"
    for written in dict.fromkeys(sub_variables(text)) if isinstance(text, str) else ():
        if written not in own:
            name, dot, attribute = written.partition(".")
            yield NameUse(below, place, name, Kind.RESOURCE if dot else kind, attribute)
