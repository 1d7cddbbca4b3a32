"""A report as JSON and back: the frozen values of `fixer.model`, by their type hints."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

from fixer import model
from fixer.model import Report


def encode(report: Report) -> bytes:
    """The report as JSON. Raises TypeError or ValueError for a report that JSON cannot represent, such as one with
    errors.
    """
    return json.dumps(_plain(report), allow_nan=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decode(data: bytes) -> Report:
    """The report in JSON data. Raises ValueError, KeyError, TypeError or RecursionError for any other data."""
    report = _value(Report, json.loads(data.decode("utf-8", "surrogatepass")))
    assert isinstance(report, Report)
    return report


def _plain(value: Any) -> Any:
    if isinstance(value, Enum) or value is None or isinstance(value, str | int | float):
        return value
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _value(hint: Any, data: Any) -> Any:
    """The value with that type hint for the data; raises for data of another shape."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (str, bool, int):
        if type(data) is not hint:
            raise TypeError(f"{data!r} is not a {hint.__name__}")
        return data
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(data)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = _hints(hint)
        if data.keys() != hints.keys():
            raise ValueError(f"{hint.__name__} has other fields")
        return hint(**{name: _value(hints[name], item) for name, item in data.items()})
    if origin is tuple:
        if not isinstance(data, list):
            raise TypeError("a list is expected")
        return tuple(_value(arguments[0], item) for item in data)
    if origin in (dict, Mapping):
        return {key: _value(arguments[1], item) for key, item in data.items()}
    if origin in (types.UnionType, typing.Union):
        return _one_of(arguments, data)
    return data  # Template data: any value that JSON can express.


def _one_of(hints: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in hints:
        return None
    for hint in hints:
        if hint is not type(None):
            try:
                return _value(hint, data)
            except (TypeError, ValueError):
                continue
    raise TypeError(f"{data!r} is not one of {hints}")


@cache
def _hints(cls: type) -> dict[str, Any]:
    """The type hints of a class. Json is recursive, so it is replaced by Any: its data stays as it is."""
    known = {**vars(model), "Json": Any, "Op": Any}
    return typing.get_type_hints(cls, known)
