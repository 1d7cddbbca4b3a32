"""The names of resources that operations change, and what their properties accept. Pure.

The limits are those of the resource schemas:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.aws.patterns import may_contain
from fixer.aws.schemas import definition, lifecycle
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, sequence
from fixer.cloudformation.template import Template
from fixer.model import Json, Op

_SAMPLES = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::StackName": "a",
    "AWS::URLSuffix": "amazonaws.com",
}
"""A value of each pseudo parameter; the shortest for a stack's name, because its length is not known."""


@dataclass(frozen=True)
class ChangedName:
    """A name that changes: the `note` about it, and the `reason` why it would not be valid ("": it may be)."""

    note: str
    reason: str = ""


def changed_names(template: Template, ops: Iterable[Op]) -> Iterator[ChangedName]:
    """The custom names of resources that the operations change, in their order."""
    places = dict.fromkeys(pointer.split(str(op["path"]))[:4] for op in ops if op["op"] != "test")
    named = [place for place in places if _is_name(template, place)]
    after = template.document.apply(list(ops)).data if named else None
    for place in named:
        resource, name = template.resources[place[1]], place[3]
        known = definition(resource.type, (name,)) or {}
        text = _sample(pointer.get(after, pointer.join(*place)))
        words = _limit(known.get("maxLength"), known.get("pattern"))
        note = f"The {name} of {resource.logical_id} changes, as in {text}: {words}"
        reason = _broken(f"the {name} of {resource.logical_id}, as in {text},", text, known)
        yield ChangedName(note, reason)


def _is_name(template: Template, place: tuple[str, ...]) -> bool:
    resource = template.resources.get(place[1]) if place[:1] == ("Resources",) and len(place) == 4 else None
    if resource is None or place[2] != "Properties":
        return False
    known = lifecycle(resource.type)
    return known is not None and place[3] in known.name


def _limit(longest: object, pattern: object) -> str:
    """What the property accepts, in words."""
    most = f"at most {longest} characters" if isinstance(longest, int) else "a limited number of characters"
    case = " in lower case" if isinstance(pattern, str) and not may_contain(pattern, "A") else ""
    return f"it may have {most}{case}, so check its length."


def _broken(what: str, text: str, known: dict[str, Json]) -> str:
    """Why a text is not a valid value of the property; "" if it may be one."""
    longest, pattern = known.get("maxLength"), known.get("pattern")
    if isinstance(longest, int) and len(text) > longest:
        return f"{what} would have more than {longest} characters"
    if isinstance(pattern, str) and not may_contain(pattern, text):
        return f"{what} would not match {pattern}"
    return ""


def _sample(value: Json) -> str:
    """An example of the text that an expression gives: pseudo parameters filled in, everything else as "a"."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    argument = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
    match intrinsic_name(value), argument:
        case "Ref", str() as name:
            return _SAMPLES.get(name, "a")
        case "Fn::Sub", str() as text:
            return _sample_of_sub(text, {})
        case "Fn::Sub", [str() as text, own]:
            return _sample_of_sub(text, mapping(own))
        case "Fn::Join", [str() as separator, list() as parts]:
            return separator.join(_sample(part) for part in sequence(parts))
    return "a"


def _sample_of_sub(text: str, own: dict[str, Json]) -> str:
    def one(match: re.Match[str]) -> str:
        return _sample(own[match[1]]) if match[1] in own else _SAMPLES.get(match[1], "a")

    # Matches "${Stage}" and "${AWS::Region}". Must not match "${!Stage}", which stays text.
    return re.sub(r"\$\{([^!}][^}]*)\}", one, text).replace("${!", "${")
