"""The second reader of YAML: ruamel.yaml, which shares no code with the reader that places the edits.

It keeps the same contract (scalars of YAML 1.1, keys and dates as written, short tags in their long form) with its own
scanner, its own rules for scalars and its own walk. A text that it cannot read, or reads differently, does not count as
proven.
"""

import json
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fixer.document.operations import identical
from fixer.model import Json
from fixer.pointer import join

_CORE = "tag:yaml.org,2002:"
_WITHOUT_PREFIX = ("Ref", "Condition")


@dataclass(frozen=True, slots=True)
class Reading:
    """The second reader's result for a text: the data, or the reason why there is none."""

    data: Json
    reason: str = ""


@lru_cache(maxsize=64)
def read(text: str) -> Reading:
    """The second reader's data of a YAML text. It is cached per text, because a run that repeats a round reads it
    again.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="safe", pure=True, plug_ins=[])
    yaml.version = (1, 1)
    text = text.removeprefix("\ufeff")
    try:
        with warnings.catch_warnings(action="ignore"):  # about spellings that the comparison finds anyway
            return Reading(_value(yaml.compose(text), yaml.constructor))
    except RecursionError:
        return Reading(None, "it is nested too deeply")
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        return Reading(None, (getattr(error, "problem", None) or str(error).partition("\n")[0]) + place)


def dispute(text: str, data: Json) -> str:
    """Why the second reader does not confirm the data that the first reader read from a text; "" if it does."""
    reading = read(text)
    if reading.reason:
        return f"a second YAML reader cannot read the text: {reading.reason}"
    if identical(reading.data, data):
        return ""
    place, first, second = _difference("", data, reading.data)
    if isinstance(first, dict | list) or isinstance(second, dict | list):
        return f"YAML readers disagree on what is at {place or '/'}: write it in a plainer form"
    either = f"{json.dumps(first)} or {json.dumps(second)}"
    return f"YAML readers disagree on whether {place or '/'} is {either}: quote it if it is text, else write it plainly"


def _value(node: Any, scalars: Any) -> Json:
    if node is None:
        raise ValueError("it is empty")
    tag = str(node.tag)
    if tag.startswith("!") and tag[1:].replace("::", "").isalnum():
        return _function(tag[1:], node.value if node.id == "scalar" else _container(node, scalars))
    if node.id == "scalar":
        return _scalar(node, tag, scalars)
    if tag in (_CORE + "map", _CORE + "seq"):
        return _container(node, scalars)
    raise ValueError(f"the tag {tag} is not known (line {node.start_mark.line + 1})")


def _function(name: str, value: Json) -> Json:
    if name == "GetAtt" and isinstance(value, str):
        value = [*value.split(".", 1)]
    return {name if name in _WITHOUT_PREFIX else f"Fn::{name}": value}


def _scalar(node: Any, tag: str, scalars: Any) -> Json:
    """The value of a scalar in ruamel.yaml's YAML 1.1, except that dates and single letters stay text."""
    if tag in (_CORE + "str", _CORE + "timestamp") or (tag == _CORE + "bool" and len(node.value) == 1):
        return str(node.value)
    try:
        value = scalars.construct_object(node)
    except (ValueError, LookupError):  # LookupError: the number "-_", the bool "maybe".
        value = node
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError(f"{node.value!r} has the type {tag} but cannot be read as such (line {node.start_mark.line + 1})")


def _container(node: Any, scalars: Any) -> Json:
    if node.id == "sequence":
        return [_value(item, scalars) for item in node.value]
    own: dict[str, Json] = {}
    merged: dict[str, Json] = {}
    for key, value in node.value:
        if key.id != "scalar":
            raise ValueError(f"a key is not a string (line {key.start_mark.line + 1})")
        if str(key.tag) == _CORE + "merge":
            for source in value.value if value.id == "sequence" else [value]:
                merged = {**_merge_source(source, scalars), **merged}
        else:
            own[str(key.value)] = _value(value, scalars)
    return {**merged, **own}


def _merge_source(node: Any, scalars: Any) -> dict[str, Json]:
    data = _value(node, scalars)
    if node.id != "mapping" or not isinstance(data, dict):
        raise ValueError(f"a merge key (<<) takes mappings only (line {node.start_mark.line + 1})")
    return data


def _difference(place: str, one: Json, other: Json) -> tuple[str, Json, Json]:
    """The first place where two unequal data differ, and their values there."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in (*one, *other):
            if key not in one or key not in other:
                return place + join(key), one, other
        pairs = [(key, one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(index), *pair) for index, pair in enumerate(zip(one, other, strict=True))]
    else:
        return place, one, other
    key, *values = next(pair for pair in pairs if not identical(pair[1], pair[2]))
    return _difference(place + join(key), *values)
