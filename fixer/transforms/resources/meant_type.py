"""Which resource type is meant by a type that does not exist, or by a resource without one."""

from collections.abc import Iterator
from difflib import get_close_matches

from fixer import pointer
from fixer.aws.attributes import attributes
from fixer.aws.schemas import definition, misfit, read_only, resource_types
from fixer.cloudformation.intrinsics import intrinsic_name, mapping
from fixer.cloudformation.name_uses import name_uses
from fixer.cloudformation.near_names import Nearness, how_near, letters
from fixer.cloudformation.template import Template
from fixer.model import Json

_ENOUGH = 3
"""Properties that together tell a type from all others."""
_CERTAIN = (Nearness.SPELLING, Nearness.TYPING, Nearness.DENIED)


def near_types(template: Template, logical_id: str, written: str) -> list[str]:
    """The types that a type which does not exist is near to, and that accept the resource as it is, nearest first.

    Two types are near if all parts of their names but one are the same, and that part differs only in capitals,
    hyphens, one letter, a plural or a word such as Invalid; or if only the service differs.
    """
    by_nearness: dict[int, list[str]] = {}
    for kind in resource_types():
        nearness = _how_near(written, kind)
        if nearness is not None and accepts(template, logical_id, kind):
            by_nearness.setdefault(nearness, []).append(kind)
    return by_nearness[min(by_nearness)] if by_nearness else []


def types_by_properties(template: Template, logical_id: str) -> list[str]:
    """The types that have all properties and attributes of the resource; none if it has too few to tell."""
    body = mapping(template.section("Resources").get(logical_id))
    if len(_properties(body)) < _ENOUGH:
        return []
    return [kind for kind in resource_types() if accepts(template, logical_id, kind)]


def accepts(template: Template, logical_id: str, kind: str) -> bool:
    """Whether the resource can be of a type: the type has every property, takes its value, requires no other, and has
    each attribute that the template reads.
    """
    known = definition(kind, ())
    if known is None:
        return False
    body = mapping(template.section("Resources").get(logical_id))
    written, names = _properties(body), mapping(known.get("properties"))
    if not set(known.get("required") or ()) <= written.keys():
        return False
    if any(name not in names or read_only(kind, (name,)) or misfit(kind, (name,), written[name]) for name in written):
        return False
    given = attributes(kind)
    return not given or set(_read(template, logical_id)) <= given


def _how_near(written: str, kind: str) -> int | None:
    mine, theirs = written.split("::"), kind.split("::")
    if letters(written) == letters(kind):
        return 0
    if len(mine) != len(theirs):
        return None
    different = [pair for pair in zip(mine, theirs, strict=True) if letters(pair[0]) != letters(pair[1])]
    if len(different) != 1:
        return None
    nearness = how_near(*different[0])
    if nearness in _CERTAIN or get_close_matches(different[0][0], different[0][1:], 1, 0.9):
        return 1
    return 2 if len(mine) == 3 and mine[1] == different[0][0] else None


def _properties(body: dict[str, Json]) -> dict[str, Json]:
    properties = mapping(body.get("Properties"))
    return {} if intrinsic_name(properties) else properties


def _read(template: Template, logical_id: str) -> Iterator[str]:
    """The attributes of the resource that the template reads."""
    for use in name_uses(template):
        if use.attribute and use.name == logical_id and pointer.split(use.place)[:2] != ("Resources", logical_id):
            yield use.attribute
