"""The places of a template that name a parameter, a resource or a pseudo parameter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import getatt_target, mapping, ref_target, sub_variables
from fixer.model import Json


@dataclass(frozen=True)
class Reference:
    """A place that names a logical id. `pointer` is the place of the whole intrinsic (or DependsOn or Condition entry).

    kind is "Ref", "GetAtt", "Sub" or "DependsOn"; `attribute` is "" if no attribute is named.
    """

    pointer: str
    kind: str
    target: str
    attribute: str = ""

    @property
    def owner(self) -> tuple[str, str]:
        """(section, logical id) of the entry around it; "" for a part that the place does not have."""
        section, entry, *_ = (*pointer.split(self.pointer), "", "")
        return section, entry

    @property
    def feeds(self) -> str:
        """The property or variable that it sets: the last name on its path; "" if there is none."""
        names = (token for token in reversed(pointer.split(self.pointer)) if _is_name(token))
        return next(names, "")


def references_in(value: Json, place: str = "") -> Iterator[Reference]:
    """Every reference in the value at `place`, in the order of the text."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from references_in(item, f"{place}/{index}")
        return
    if not isinstance(value, dict):
        return
    if (name := ref_target(value)) is not None:
        yield Reference(place, "Ref", name)
        return
    if (attribute := getatt_target(value)) is not None:
        yield Reference(place, "GetAtt", *attribute)
        return
    if "Fn::Sub" in value and len(value) == 1:
        yield from _sub_references(value["Fn::Sub"], place)
        return
    for key, item in value.items():
        if key == "DependsOn" and place.count("/") == 2 and place.startswith("/Resources/"):
            names: Iterable[Json] = item if isinstance(item, list) else [item]
            yield from (Reference(f"{place}/DependsOn", "DependsOn", name) for name in names if isinstance(name, str))
        else:
            yield from references_in(item, place + pointer.join(key))


def _sub_references(argument: Json, place: str) -> Iterator[Reference]:
    text, variables = argument, {}
    if isinstance(argument, list):
        text = argument[0] if argument else None
        variables = mapping(argument[1]) if len(argument) > 1 else {}
        yield from references_in(variables, f"{place}/Fn::Sub/1")
    if isinstance(text, str):
        for name in sub_variables(text):
            if name not in variables:
                target, _, attribute = name.partition(".")
                yield Reference(place, "Sub", target, attribute)


def _is_name(token: str) -> bool:
    return not token.isdigit() and not token.startswith("Fn::")
