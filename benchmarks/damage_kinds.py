"""Kinds of damage that people and models do to a correct template, each as RFC 6902 operations.

A kind takes a template and a random generator, and returns the operations of one fault, or [] if the template has no
place for such a fault. The same template and seed give the same fault.
"""

import json
from collections.abc import Callable, Iterator
from random import Random

from fixer import pointer
from fixer.aws.schemas import definition, required, types
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, sequence
from fixer.cloudformation.name_uses import Kind, NameUse, name_uses, with_name
from fixer.cloudformation.template import Template
from fixer.model import Json, Op

Damage = Callable[[Template, Random], list[Op]]

_SUFFIXES = ("Broken", "Nonexistent", "Undefined", "Missing", "Invalid", "Typo")


def _undefined_name(template: Template, random: Random) -> list[Op]:
    uses = [use for use in name_uses(template) if _is_own(template, use) and not use.attribute and not use.is_in_text]
    uses = [use for use in uses if use.kind is Kind.VALUE]
    return _renamed_use(template, random, uses)


def _undefined_condition(template: Template, random: Random) -> list[Op]:
    uses = [use for use in name_uses(template) if use.kind is Kind.CONDITION]
    inner = [use for use in name_uses(template) if use.place.startswith("/Conditions/") and _is_own(template, use)]
    return _renamed_use(template, random, [*uses, *inner])


def _depends_on_nothing(template: Template, random: Random) -> list[Op]:
    waits = [use for use in name_uses(template) if "DependsOn" in pointer.split(use.place)[2:3]]
    if waits and random.random() < 0.7:
        return _renamed_use(template, random, waits)
    free = [each for each in template.resources.values() if "DependsOn" not in each.data]
    if not free:
        return []
    owner = random.choice(free)
    return pointer.add(f"{owner.pointer}/DependsOn", f"NonExistentResource{random.randint(1, 99)}")


def _broken_sub(template: Template, random: Random) -> list[Op]:
    uses = [use for use in name_uses(template) if use.is_in_text and _is_own(template, use)]
    if not uses:
        return []
    use = random.choice(uses)
    text = str(pointer.get(template.data, use.place))
    if random.random() < 0.6:
        return pointer.replace(use.place, text, with_name(text, use.name, _misnamed(use.name, random)))
    return pointer.replace(use.place, text, text.replace(f"${{{use.name}}}", f"${{{use.name}", 1))


def _wrong_attribute(template: Template, random: Random) -> list[Op]:
    uses = [use for use in name_uses(template) if use.attribute and not use.is_in_text and _is_own(template, use)]
    if not uses:
        return []
    use = random.choice(uses)
    wrong = random.choice((f"{use.attribute}Broken", "NonExistentAttribute", use.attribute.lower(), use.attribute[:-1]))
    old = pointer.get(template.data, use.function)
    new: Json = {"Fn::GetAtt": [use.name, *wrong.split(".", 1)[:1]]}
    return pointer.replace(use.function, old, new) if new != old else []


def _missing_required(template: Template, random: Random) -> list[Op]:
    places = [each.at(name) for each in template.resources.values() for name in required(each.type, ())]
    places = [place for place in places if pointer.exists(template.data, place)]
    if random.random() < 0.25:
        places = [f"{each.pointer}/Type" for each in template.resources.values()]
    return _removed(template, random, sorted(places))


def _wrong_property(template: Template, random: Random) -> list[Op]:
    places = [each.at(name) for each in template.resources.values() for name in each.properties]
    places = [place for place in places if definition(_type(template, place), pointer.split(place)[3:])]
    if not places:
        return []
    place = random.choice(places)
    name = pointer.split(place)[-1]
    wrong = random.choice(
        (_slip(name, random), f"{name}s", f"Invalid{name}", name[0].lower() + name[1:], f"{name}Typo")
    )
    seen = pointer.get(template.data, place)
    return pointer.move(place, pointer.sibling(place, wrong), seen) if wrong != name else []


def _wrong_type(template: Template, random: Random) -> list[Op]:
    found = [(place, value, kinds) for place, value, kinds in _values(template) if not isinstance(value, str)]
    if not found:
        return []
    place, value, _ = random.choice(found)
    if isinstance(value, list):
        first = value[0] if len(value) == 1 else ", ".join(map(str, value)) if _is_text(value) else json.dumps(value)
        wrong: tuple[Json, ...] = (first, {"Value": value[0]} if value else "")
    elif isinstance(value, dict):
        wrong = (json.dumps(value), [value])
    else:
        wrong = ([value], f"{value} units", "not-a-value", [str(value)])
    return pointer.replace(place, value, random.choice(wrong))


def _wrong_enum(template: Template, random: Random) -> list[Op]:
    found = [(place, value) for place, value, known in _values(template) if known.get("enum") and _is_word(value)]
    if not found:
        return []
    place, value = random.choice(found)
    text = str(value)
    others = (text.swapcase(), text.replace("_", "-"), f"INVALID_{text}", f"{text}_INVALID", _slip(text, random))
    wrong = random.choice(others)
    return pointer.replace(place, value, wrong) if wrong != text else pointer.replace(place, value, f"{text}X")


def _broken_join(template: Template, random: Random) -> list[Op]:
    found = [
        (place, value)
        for place, value in pointer.walk(template.data)
        if pointer.split(place)[-1:] == ("Fn::Join",) and isinstance(value, list) and len(value) == 2
    ]
    if not found:
        return []
    place, value = random.choice(found)
    separator, items = value
    broken: list[Json] = [[separator, *sequence(items)], [items, separator], [items], [separator, "", items]]
    return pointer.replace(place, value, random.choice(broken))


def _circle(template: Template, random: Random) -> list[Op]:
    pairs = [(each, other) for each in template.resources for other in template.needs(each) if other != each]
    pairs = [pair for pair in pairs if "DependsOn" not in template.resources[pair[1]].data]
    if not pairs:
        return []
    owner, needed = random.choice(sorted(pairs))
    waits: tuple[Json, ...] = (owner, [owner])
    return pointer.add(f"/Resources/{needed}/DependsOn", random.choice(waits))


def _wrong_resource_type(template: Template, random: Random) -> list[Op]:
    owner = random.choice(list(template.resources.values()))
    vendor, service, name = (*owner.type.split("::"), "", "")[:3]
    wrong = random.choice(
        (
            f"{vendor}::{service}::{name}s",
            f"{vendor}::{service}::Invalid{name}",
            f"{vendor}::{service}::{name.lower()}",
            f"{vendor}::{service.upper()}::{name}",
            f"{vendor}::{service}::{_slip(name, random)}",
            f"{vendor}::Invalid::{name}",
        )
    )
    return pointer.replace(f"{owner.pointer}/Type", owner.type, wrong) if wrong != owner.type else []


def _missing_parameter(template: Template, random: Random) -> list[Op]:
    used = [name for name in template.section("Parameters") if template.references_to(name)]
    return _removed(template, random, [pointer.join("Parameters", name) for name in used])


def _wrong_section(template: Template, random: Random) -> list[Op]:
    sections = [
        name for name in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs") if name in template.data
    ]
    name = random.choice(sections)
    wrong = random.choice((name[:-1], name.lower(), f"{name}s", _slip(name, random)))
    return pointer.move(f"/{name}", f"/{wrong}", template.data[name])


def _moved_block(template: Template, random: Random) -> list[Op]:
    moves = [move for move in _misplaced(template) if not pointer.exists(template.data, move[1])]
    if not moves:
        return []
    source, target = random.choice(moves)
    return pointer.move(source, target, pointer.get(template.data, source))


def _misplaced(template: Template) -> Iterator[tuple[str, str]]:
    for name in template.section("Parameters") if len(template.section("Parameters")) > 1 else ():
        yield pointer.join("Parameters", name), pointer.join("Resources", name)
    for name in template.section("Outputs") if len(template.section("Outputs")) > 1 else ():
        yield pointer.join("Outputs", name), pointer.join("Resources", name)
    for each in template.resources.values():
        for attribute in ("DeletionPolicy", "DependsOn"):
            if attribute in each.data and each.properties:
                yield f"{each.pointer}/{attribute}", each.at(attribute)
        for prop in list(each.properties)[:2] if len(each.properties) > 2 else ():
            yield each.at(prop), f"{each.pointer}{pointer.join(prop)}"


def _missing_key(template: Template, random: Random) -> list[Op]:
    found = [
        (place, value)
        for place, value in pointer.walk(template.data)
        if pointer.split(place)[-1:] == ("Fn::FindInMap",) and isinstance(value, list) and len(value) == 3
    ]
    found = [(place, value) for place, value in found if isinstance(value[0], str) and isinstance(value[2], str)]
    if not found:
        return []
    place, value = random.choice(found)
    index = random.choice((0, 2))
    wrong = random.choice((_slip(str(value[index]), random), f"{value[index]}Broken", f"{value[index]}s"))
    return pointer.replace(f"{place}/{index}", value[index], wrong)


KINDS: dict[str, Damage] = {
    "undefined-name": _undefined_name,
    "wrong-attribute": _wrong_attribute,
    "missing-required": _missing_required,
    "wrong-property": _wrong_property,
    "wrong-type": _wrong_type,
    "wrong-enum": _wrong_enum,
    "broken-join": _broken_join,
    "broken-sub": _broken_sub,
    "depends-on-nothing": _depends_on_nothing,
    "circle": _circle,
    "wrong-resource-type": _wrong_resource_type,
    "missing-parameter": _missing_parameter,
    "wrong-section": _wrong_section,
    "moved-block": _moved_block,
    "undefined-condition": _undefined_condition,
    "missing-key": _missing_key,
}
"""Every kind of damage that leaves a file that parses."""


def _is_own(template: Template, use: NameUse) -> bool:
    return use.name in template.resources or use.name in template.section("Parameters")


def _renamed_use(template: Template, random: Random, uses: list[NameUse]) -> list[Op]:
    uses = [use for use in uses if pointer.get(template.data, use.place) == use.name]
    if not uses:
        return []
    use = random.choice(uses)
    return pointer.replace(use.place, use.name, _misnamed(use.name, random))


def _misnamed(name: str, random: Random) -> str:
    suffixed = f"{name}{random.choice(_SUFFIXES)}"
    return random.choice((suffixed, suffixed, f"NonExistent{name}", _slip(name, random), f"{name}s", name.lower()))


def _slip(name: str, random: Random) -> str:
    """The name with one typing error: a letter left out, doubled, or swapped with the next one."""
    index = random.randrange(1, max(2, len(name) - 1))
    return random.choice(
        (
            name[:index] + name[index + 1 :],
            name[:index] + name[index : index + 1] + name[index:],
            name[:index] + name[index + 1 : index + 2] + name[index : index + 1] + name[index + 2 :],
        )
    )


def _removed(template: Template, random: Random, places: list[str]) -> list[Op]:
    if not places:
        return []
    place = random.choice(places)
    return pointer.remove(place, pointer.get(template.data, place))


def _values(template: Template) -> Iterator[tuple[str, Json, dict[str, Json]]]:
    """(place, value, schema) of the literal values that the schema knows."""
    for each in template.resources.values():
        for place, value in pointer.walk(each.properties, each.at()):
            below = pointer.split(place)[3:]
            known = definition(each.type, below) if below else None
            is_plain = not any(token == "Ref" or token.startswith("Fn::") for token in below)
            if known and types(known) and is_plain and intrinsic_name(value) is None:
                yield place, value, mapping(known)


def _type(template: Template, place: str) -> str:
    return template.resources[pointer.split(place)[1]].type


def _is_text(value: list[Json]) -> bool:
    return all(isinstance(each, str) for each in value)


def _is_word(value: Json) -> bool:
    return isinstance(value, str) and len(value) > 2
