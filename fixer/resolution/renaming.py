"""New names for parameters, resources, mappings, conditions and outputs, including all references to them."""

import re
from collections.abc import Mapping

from fixer.model import Json

_BY_FIRST_ARGUMENT = ("Fn::FindInMap", "Fn::If", "Fn::GetAtt")
_SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")


def renamed(data: Json, names: Mapping[str, str], depth: int = 0) -> Json:
    """The template's data with names replaced (old → new) in declarations and in references:
    Ref, Fn::GetAtt, Fn::Sub, Fn::FindInMap, Fn::If, Condition and DependsOn.
    """
    if isinstance(data, list):
        return [renamed(item, names, depth + 1) for item in data]
    if not isinstance(data, dict):
        return data
    result: dict[str, Json] = {}
    for key, value in data.items():
        if depth == 0 and key in _SECTIONS and isinstance(value, dict):
            value = {names.get(name, name): entry for name, entry in value.items()}
        result[key] = _argument(key, value, names) if _names(key) else renamed(value, names, depth + 1)
    return result


def _names(key: str) -> bool:
    return key in ("Ref", "Condition", "DependsOn", "Fn::Sub", *_BY_FIRST_ARGUMENT)


def _argument(key: str, value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        if key == "Fn::Sub":
            return _text(value, names)
        head, dot, rest = value.partition(".") if key == "Fn::GetAtt" else (value, "", "")
        return names.get(head, head) + dot + rest
    if isinstance(value, list) and value:
        first, *others = value
        if key == "DependsOn":
            return [names.get(item, item) if isinstance(item, str) else item for item in value]
        if isinstance(first, str):
            first = _text(first, names) if key == "Fn::Sub" else names.get(first, first)
        return [first, *(renamed(item, names, 1) for item in others)]
    return renamed(value, names, 1)


def _text(text: str, names: Mapping[str, str]) -> str:
    """`${Name}` and `${Name.Attribute}` with the new name; `${!Name}` is text and stays."""
    # Matches "${Name", "${Name.Arn" and "${my-name" up to the dot or brace. Must not match "${!Name".
    return re.sub(r"\$\{([^!.{}][^.{}]*)", lambda match: "${" + names.get(match[1].strip(), match[1]), text)
