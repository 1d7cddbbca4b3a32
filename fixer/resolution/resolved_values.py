"""Resolved values: template data whose remaining functions only a deployment can evaluate. Pure.

Such a function, with resolved arguments, is a *symbol*: {"Ref": "Vpc"}, {"Fn::GetAtt": ["Role", "Arn"]}. A text that
contains symbols has one form, however it was written: {"Fn::Join": ["", [text, symbol, text...]]}, without two adjacent
texts.
"""

import json
from collections.abc import Iterable

from fixer.cloudformation.intrinsics import NO_VALUE, intrinsic_name, ref_target
from fixer.model import Json


def scalar_text(value: Json) -> str | None:
    """The text that CloudFormation reads a scalar as: 5 is "5", true is "true"; None for any other value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def same(one: Json, other: Json) -> bool:
    """Whether two resolved values are equal for CloudFormation: 5 equals "5", and true equals "true"."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    text = scalar_text(one)
    return text == scalar_text(other) and (text is not None or one is other)


def is_permutation(old: list[Json], new: list[Json]) -> bool:
    """Whether two lists hold the same items, in any order."""
    left = list(new)
    for item in old:
        index = next((index for index, other in enumerate(left) if same(item, other)), None)
        if index is None:
            return False
        del left[index]
    return not left


def is_symbol(value: Json) -> bool:
    """Whether a resolved value is a function that only a deployment can evaluate."""
    return intrinsic_name(value) is not None


def is_concrete(value: Json) -> bool:
    """Whether a resolved value contains no symbol."""
    if isinstance(value, dict):
        return not is_symbol(value) and all(map(is_concrete, value.values()))
    return all(map(is_concrete, value)) if isinstance(value, list) else True


def symbol_name(symbol: Json) -> str:
    """The name of a symbol in scenarios: the name in a Ref, the JSON of any other symbol."""
    return ref_target(symbol) or json.dumps(symbol, sort_keys=True, ensure_ascii=False)


def present(values: Iterable[Json]) -> list[Json]:
    """The values, except AWS::NoValue."""
    return [value for value in values if value != NO_VALUE]


def may_vanish(item: Json) -> bool:
    """Whether an item, as it is written, may be AWS::NoValue."""
    return item == NO_VALUE or (isinstance(item, dict) and "Fn::If" in item)


def joined(parts: Iterable[Json]) -> Json:
    """The text made of texts and symbols: a string if it is known, the symbol if there is nothing else, otherwise the
    form of such texts.
    """
    found: list[Json] = []
    for part in _flat(parts):
        text = scalar_text(part)
        if text is not None and found and isinstance(found[-1], str):
            found[-1] += text
        elif text != "":
            found.append(part if text is None else text)
    if not found:
        return ""
    if len(found) == 1 and (isinstance(found[0], str) or is_symbol(found[0])):
        return found[0]
    return {"Fn::Join": ["", found]}


def around(text: Json, value: str) -> tuple[Json, str | None] | None:
    """The only symbol in a text, and the value that it must have so that the text is `value`; None if there is no such
    value. The result is not a pair if the text has several symbols.
    """
    parts = parts_of(text)
    places = [index for index, part in enumerate(parts) if not isinstance(part, str)]
    if len(places) != 1:
        return None
    before, after = ("".join(map(str, each)) for each in (parts[: places[0]], parts[places[0] + 1 :]))
    inner = value[len(before) : len(value) - len(after)]
    return parts[places[0]], inner if before + inner + after == value else None


def parts_of(text: Json) -> list[Json]:
    """The texts and symbols of a resolved text."""
    arguments = text.get("Fn::Join") if isinstance(text, dict) and len(text) == 1 else None
    if isinstance(arguments, list) and len(arguments) == 2 and arguments[0] == "" and isinstance(arguments[1], list):
        return arguments[1]
    return [text]


def _flat(parts: Iterable[Json]) -> Iterable[Json]:
    for part in parts:
        yield from parts_of(part)
