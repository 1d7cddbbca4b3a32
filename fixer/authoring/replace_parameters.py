"""Replaces parameters with other values wherever a template uses them. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import as_int, getatt_target, mapping, ref_target, sequence, sub_variables
from fixer.cloudformation.template import Template
from fixer.cloudformation.unused import item_type
from fixer.model import Json, Op

INTERFACE = "AWS::CloudFormation::Interface"

_RULE_FUNCTIONS = ("Ref", "Fn::ValueOf", "Fn::ValueOfAll", "Fn::RefAll")


@dataclass(frozen=True)
class Rewiring:
    """The operations that replace parameters and remove them, or none and the `reason`."""

    ops: tuple[Op, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class _Change:
    place: str
    old: Json
    new: Json


class _Refused(Exception):
    """A use that cannot be rewritten; the message names it."""


def rewire(template: Template, values: Mapping[str, Json], more_to_come: bool = False) -> Rewiring:
    """Replaces parameters with values: an expression for a single value, a list of expressions for a list.

    Every Ref, every ${Name} of a Fn::Sub (not ${!Name}) and every Fn::Select with a literal index is replaced; the
    parameters and their entries in the console's interface and in Rules are removed. A use is refused if no such
    expression exists: in Conditions, which can use only parameters, a list in a string, an index beyond the list.
    `more_to_come`: the same patch adds a parameter, so the section stays.
    """
    try:
        changes = [change for section in ("Resources", "Outputs") for change in _in_section(template, section, values)]
        _check_elsewhere(template, values)
        rules = list(_without_rules(template, values))
    except _Refused as refused:
        return Rewiring(reason=str(refused))
    ops = [op for change in changes for op in pointer.replace(change.place, change.old, change.new)]
    return Rewiring((*ops, *rules, *without_parameters(template, tuple(values), more_to_come)))


def without_parameters(template: Template, names: Sequence[str], more_to_come: bool = False) -> Iterator[Op]:
    """Removes parameters, and their names in Metadata.AWS::CloudFormation::Interface; empty sections are removed too.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
    """
    parameters = template.section("Parameters")
    if more_to_come:
        yield from (op for name in names for op in pointer.remove(pointer.join("Parameters", name), parameters[name]))
    else:
        yield from pointer.remove_entries("/Parameters", parameters, names)
    yield from _without_interface(template, names)


def _in_section(template: Template, section: str, values: Mapping[str, Json]) -> Iterator[_Change]:
    for name, entry in template.section(section).items():
        yield from _changes(template, entry, pointer.join(section, name), values)


def _changes(template: Template, value: Json, place: str, values: Mapping[str, Json]) -> Iterator[_Change]:
    """The places at and below a value that must change; no place is inside another one."""
    if isinstance(value, list):
        if any(isinstance(values.get(ref_target(item) or ""), list) for item in value):
            yield _Change(place, value, [each for item in value for each in _flat(template, item, place, values)])
            return
        for index, item in enumerate(value):
            yield from _changes(template, item, f"{place}/{index}", values)
    elif isinstance(value, dict):
        yield from _in_mapping(template, value, place, values)


def _in_mapping(
    template: Template, value: dict[str, Json], place: str, values: Mapping[str, Json]
) -> Iterator[_Change]:
    name = ref_target(value)
    if name is not None and name in values:
        yield _Change(place, value, _whole(values[name], place))
    elif (chosen := _selected(value, values)) is not None:
        yield _Change(place, value, chosen)
    elif "Fn::Sub" in value and len(value) == 1:
        yield from _in_sub(template, value["Fn::Sub"], f"{place}/Fn::Sub", values)
    else:
        for key, item in value.items():
            below = place + pointer.join(key)
            is_call = len(value) == 1 and key.startswith("Fn::") and isinstance(item, list)
            if is_call:  # A function's arguments are not a list of values: a list among them stays one argument.
                for index, argument in enumerate(sequence(item)):
                    yield from _changes(template, argument, f"{below}/{index}", values)
            else:
                yield from _changes(template, item, below, values)


def _whole(new: Json, place: str) -> Json:
    """The new value. In an output, which is a string, a list is joined."""
    is_output = isinstance(new, list) and re.fullmatch(r"/Outputs/[^/]+/Value", place)
    return {"Fn::Join": [",", new]} if is_output else new


def _flat(template: Template, item: Json, place: str, values: Mapping[str, Json]) -> list[Json]:
    new = values.get(ref_target(item) or "")
    if isinstance(new, list):
        return new
    if list(_changes(template, item, place, values)) and new is None:
        raise _Refused(f"{place} combines parameters in a way that cannot be rewritten")
    return [item if new is None else new]


def _selected(value: dict[str, Json], values: Mapping[str, Json]) -> Json:
    """The item that a Fn::Select takes from a list parameter; None if the value is not such a Fn::Select."""
    arguments = sequence(value.get("Fn::Select"))
    if len(value) != 1 or len(arguments) != 2:
        return None
    name = ref_target(arguments[1])
    items = values.get(name or "")
    if not isinstance(items, list):
        return None
    index = as_int(arguments[0])
    if index is None:
        raise _Refused(f"the index of a Fn::Select from {name} is only known at deployment")
    if not 0 <= index < len(items):
        raise _Refused(f"a Fn::Select takes item {index + 1} of {name}, which has {len(items)}")
    return items[index]


def _in_sub(template: Template, argument: Json, place: str, values: Mapping[str, Json]) -> Iterator[_Change]:
    text = argument[0] if isinstance(argument, list) and argument else argument
    own = mapping(argument[1]) if isinstance(argument, list) and len(argument) > 1 else {}
    if own and not isinstance(text, str):
        raise _Refused(f"the Fn::Sub at {place} cannot be read")
    if isinstance(text, str) and (merged := _without_own(text, own, values)) is not None:
        yield _Change(place, argument, merged)
        return
    if own:
        yield from _changes(template, own, f"{place}/1", values)
    if not isinstance(text, str):
        return
    used = [name for name in dict.fromkeys(sub_variables(text)) if name in values and name not in own]
    if not used:
        return
    new, added = text, {}
    for name in used:
        if isinstance(values[name], list):
            raise _Refused(f"the list {name} is used in a Fn::Sub at {place}")
        short = _short(values[name])
        if short is None or set(sub_variables(short)) & own.keys():
            added[name] = values[name]
        else:
            new = _filled(new, name, short)
    whole = pointer.parent(place)
    if len(used) == 1 and text == f"${{{used[0]}}}":
        yield _Change(whole, {"Fn::Sub": argument}, values[used[0]])
    elif not added:
        yield _Change(place if isinstance(argument, str) else f"{place}/0", text, new)
    elif not own:
        yield _Change(place, argument, [new, added])
    else:
        raise _Refused(f"the variables of the Fn::Sub at {place} cannot be combined with new ones")


def _without_own(text: str, own: Mapping[str, Json], values: Mapping[str, Json]) -> str | None:
    """The string of a Fn::Sub whose own variables all are replaced parameters, filled in: then it needs no variables.
    None if they are not, or if a name would then mean something else.
    """
    sources = {name: ref_target(value) or "" for name, value in own.items()}
    if not own or not all(source in values for source in sources.values()):
        return None
    filled = {name: values[source] for name, source in sources.items()}
    filled |= {name: values[name] for name in sub_variables(text) if name in values and name not in own}
    shorts = {name: _short(value) for name, value in filled.items()}
    if any(isinstance(value, list) for value in filled.values()) or None in shorts.values():
        return None
    # In one pass: what is filled in may have the name of a variable of its own.
    return re.sub(r"\$\{\s*([^!}\s][^}\s]*)\s*\}", lambda match: str(shorts.get(match[1]) or match[0]), text)


def _filled(text: str, name: str, short: str) -> str:
    return re.sub(r"\$\{\s*" + re.escape(name) + r"\s*\}", lambda _: short, text)


def _short(value: Json) -> str | None:
    """The form of an expression in a Fn::Sub: its text, ${Name} or ${Name.Attribute}; None if it has no such form."""
    if isinstance(value, str):
        return value.replace("${", "${!")
    if (name := ref_target(value)) is not None:
        return f"${{{name}}}"
    if isinstance(value, dict) and len(value) == 1 and isinstance(text := value.get("Fn::Sub"), str):
        return text
    attribute = getatt_target(value)
    return f"${{{attribute[0]}.{attribute[1]}}}" if attribute else None


def _check_elsewhere(template: Template, values: Mapping[str, Json]) -> None:
    for name in values:
        for use in template.references_to(name):
            section, owner = use.owner
            if section == "Conditions":
                raise _Refused(f"the condition {owner} depends on {name}")
            if section not in ("Resources", "Outputs", "Rules"):
                raise _Refused(f"{name} is used in {section}")


def _without_rules(template: Template, values: Mapping[str, Json]) -> Iterator[Op]:
    """Removes the Rules about only these parameters, or about all parameters of their types.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
    """
    rules = template.section("Rules")
    parameters = template.section("Parameters")
    types = {item_type(parameters[name]) for name in values}
    known = set(values) | (types - {item_type(each) for name, each in parameters.items() if name not in values})
    gone = []
    for name, rule in rules.items():
        named = set(_named_in_rule(rule))
        if not named & known:
            continue
        if strangers := sorted(named - known):
            raise _Refused(f"the rule {name} also uses {', '.join(strangers)}")
        gone.append(name)
    yield from pointer.remove_entries("/Rules", rules, gone)


def _named_in_rule(rule: Json) -> Iterator[str]:
    for _, value in pointer.walk(rule):
        if not isinstance(value, dict) or len(value) != 1:
            continue
        for function, argument in value.items():
            first = argument[0] if isinstance(argument, list) and argument else argument
            is_pseudo = function == "Ref" and str(first).startswith("AWS::")
            if function in _RULE_FUNCTIONS and isinstance(first, str) and not is_pseudo:
                yield first


def _without_interface(template: Template, names: Sequence[str]) -> Iterator[Op]:
    """Removes the parameters from the console's interface, and the interface itself if it is then empty."""
    interface = _interface(template)
    groups = [mapping(group).get("Parameters") for group in sequence(interface.get("ParameterGroups"))]
    shown = {name for group in groups for name in sequence(group)} | set(mapping(interface.get("ParameterLabels")))
    if not shown or not shown <= set(names) or set(interface) - {"ParameterGroups", "ParameterLabels"}:
        yield from _without_labels(template, names)
        yield from _without_groups(template, names)
    elif len(template.section("Metadata")) == 1:
        yield from pointer.remove("/Metadata", template.data["Metadata"])
    else:
        yield from pointer.remove(pointer.join("Metadata", INTERFACE), interface)


def _without_labels(template: Template, names: Sequence[str]) -> Iterator[Op]:
    labels = mapping(_interface(template).get("ParameterLabels"))
    place = pointer.join("Metadata", INTERFACE, "ParameterLabels")
    yield from pointer.remove_entries(place, labels, [name for name in names if name in labels])


def _without_groups(template: Template, names: Sequence[str]) -> Iterator[Op]:
    groups = sequence(_interface(template).get("ParameterGroups"))
    place = pointer.join("Metadata", INTERFACE, "ParameterGroups")
    kept = [[name for name in sequence(mapping(group).get("Parameters")) if name not in names] for group in groups]
    if groups and not any(kept):
        yield from pointer.remove(place, groups)
        return
    for index in range(len(groups) - 1, -1, -1):
        own = sequence(mapping(groups[index]).get("Parameters"))
        if own and not kept[index]:
            yield from pointer.remove(f"{place}/{index}", groups[index])
            continue
        for item in range(len(own) - 1, -1, -1):
            if own[item] in names:
                yield from pointer.remove(f"{place}/{index}/Parameters/{item}", own[item])


def _interface(template: Template) -> dict[str, Json]:
    return mapping(template.section("Metadata").get(INTERFACE))
