"""RFC 6902 operations on data: check them, find what each one changes, compute the expected data."""

import json
import marshal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from fixer import pointer
from fixer.errors import BadPatch
from fixer.model import Json, Op

Tokens: TypeAlias = tuple[str | int, ...]
"""A place in given data: keys and indices, "-" resolved."""

DEEPEST = 500
"""How many levels of containers a document may have. Real templates have fewer than 50."""

_NEEDS = {"add": "value", "replace": "value", "test": "value", "remove": "", "move": "from", "copy": "from"}


@dataclass(frozen=True, slots=True)
class DataChange:
    """One operation that applies. `value` is the new value of add and replace; `origin` is the place that move and copy
    read from.
    """

    number: int
    op: str
    path: Tokens
    value: Json = None
    origin: Tokens = ()

    def refused(self, reason: str) -> BadPatch:
        """The error that this operation is refused."""
        return _bad(self.number, self.op, pointer.join(*self.path), reason)


def resolve(data: Json, ops: Iterable[Op]) -> tuple[Json, list[DataChange]]:
    """The data after the operations, and the changes. The old data stays as it is; unchanged parts are shared.

    Raises BadPatch, which names the operation, if one is malformed or does not apply (RFC 6902, sections 4 and 5).
    """
    patched = _Patched(data)
    changes = [change for number, op in enumerate(ops) for change in patched.run(number, op)]
    return patched.data, changes


def same(one: Json, other: Json) -> bool:
    """JSON equality (RFC 6902, section 4.6): numbers are equal by value; values of different types are never equal."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def is_deeper(data: Json, limit: int) -> bool:
    """Whether data has more levels of containers than a limit."""
    level = [data] if isinstance(data, dict | list) else []
    for _ in range(limit):
        level = [
            child
            for each in level
            for child in (each.values() if each.__class__ is dict else each)
            if child.__class__ is dict or child.__class__ is list  # Faster than isinstance: large templates come here.
        ]
        if not level:
            return False
    return bool(level)


def identical(one: Json, other: Json) -> bool:
    """Whether two data are the same down to the type of each number; the order of keys does not count."""
    try:
        # The order is usually the same. In version 2 of the format, equal data has equal bytes.
        if marshal.dumps(one, 2) == marshal.dumps(other, 2):
            return True
    except ValueError:  # too deep
        pass
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _bad(number: int, op: object, path: object, reason: str) -> BadPatch:
    return BadPatch(f"operation {number} ({op} {path!r}): {reason}")


@dataclass
class _Patched:
    """Data that is being changed. `_own` holds the containers that are already copies, by id; this also keeps the ids
    in use.
    """

    data: Json
    _own: dict[int, Json] = field(default_factory=dict)

    def run(self, number: int, op: Op) -> Iterator[DataChange]:
        name, path = _checked(number, op)
        try:
            yield from self._run(number, op, name, path)
        except LookupError as missing:
            raise _bad(number, name, path, str(missing.args[0])) from None

    def _run(self, number: int, op: Op, name: str, path: str) -> Iterator[DataChange]:
        target = pointer.split(path)
        if name == "test":
            if not same(self._get(target)[1], _value(number, op)):
                raise LookupError("the value there is different")
        elif name in ("add", "replace"):
            value = _value(number, op)
            yield DataChange(number, name, self._put(target, value, insert=name == "add"), value)
        elif name == "remove":
            yield DataChange(number, name, self._remove(target))
        else:
            yield from self._carry(number, name, pointer.split(str(op["from"])), target)

    def _carry(self, number: int, name: str, origin: tuple[str, ...], target: tuple[str, ...]) -> Iterator[DataChange]:
        place, value = self._get(origin)
        if name == "copy":
            yield DataChange(number, name, self._put(target, json.loads(json.dumps(value)), insert=True), origin=place)
        elif origin != target:
            if target[: len(origin)] == origin:
                raise LookupError("a value cannot be moved into itself")
            self._remove(origin)
            yield DataChange(number, name, self._put(target, value, insert=True), origin=place)

    def _get(self, tokens: Iterable[str]) -> tuple[Tokens, Json]:
        place: Tokens = ()
        value = self.data
        for token in tokens:
            step = _step(value, token)
            place, value = (*place, step), value[step]  # type: ignore[index]
        return place, value

    def _open(self, tokens: tuple[str, ...]) -> tuple[Tokens, dict[str, Json] | list[Json]]:
        """The container at a place. Every container on the way to it is our own copy."""
        place: Tokens = ()
        self.data = container = self._copy(self.data)
        for token in tokens:
            step = _step(container, token)
            container[step] = child = self._copy(container[step])  # type: ignore[index]
            place, container = (*place, step), child
        if not isinstance(container, dict | list):
            raise LookupError("its parent is neither a mapping nor a sequence")
        return place, container

    def _copy(self, value: Json) -> Json:
        if not isinstance(value, dict | list) or id(value) in self._own:
            return value
        copied = value.copy()
        self._own[id(copied)] = copied
        return copied

    def _put(self, tokens: tuple[str, ...], value: Json, insert: bool) -> Tokens:
        if is_deeper(value, DEEPEST - len(tokens)):
            raise LookupError("the result is nested too deeply")
        if not tokens:
            self.data = value
            return ()
        place, container = self._open(tokens[:-1])
        last = tokens[-1]
        if isinstance(container, dict) and insert:
            container[last] = value
            return (*place, last)
        if isinstance(container, list) and insert:
            index = len(container) if last == "-" else _index(last, len(container) + 1)
            container.insert(index, value)
            return (*place, index)
        step = _step(container, last)
        container[step] = value  # type: ignore[index]
        return (*place, step)

    def _remove(self, tokens: tuple[str, ...]) -> Tokens:
        if not tokens:
            raise LookupError("the whole document cannot be removed")
        place, container = self._open(tokens[:-1])
        step = _step(container, tokens[-1])
        del container[step]  # type: ignore[arg-type]
        return (*place, step)


def _step(container: Json, token: str) -> str | int:
    if isinstance(container, dict):
        if token not in container:
            raise LookupError(f"there is no key {token!r}")
        return token
    if isinstance(container, list):
        return _index(token, len(container))
    raise LookupError("the path goes through a value that is neither a mapping nor a sequence")


def _index(token: str, length: int) -> int:
    number = token.isascii() and token.isdigit() and (token == "0" or token[0] != "0")
    if not number:
        raise LookupError(f"{token!r} is not an index of a sequence")
    if len(token) > len(str(length)) or int(token) >= length:
        raise LookupError(f"there is no item {token}")
    return int(token)


def _checked(number: int, op: Op) -> tuple[str, str]:
    """The operation's name and path, after a check of its members (RFC 6902, section 4)."""
    if not isinstance(op, dict):
        raise BadPatch(f"operation {number}: an operation must be an object")
    name, path = op.get("op"), op.get("path")
    if not isinstance(name, str) or name not in _NEEDS:
        raise _bad(number, name, path, f"op must be one of {', '.join(_NEEDS)}")
    need = _NEEDS[name]
    if need and need not in op:
        raise _bad(number, name, path, f"it has no {need!r}")
    for member in ("path", "from")[: 2 if need == "from" else 1]:
        place = op.get(member)
        try:
            pointer.split(place if isinstance(place, str) else "no pointer")
        except ValueError:
            raise _bad(number, name, path, f"its {member!r} is not a JSON Pointer") from None
    return name, str(path)


def _value(number: int, op: Op) -> Json:
    """The operation's value as JSON reads it: a copy with joined surrogate pairs."""
    try:
        value: Json = json.loads(json.dumps(op["value"], allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise _bad(number, op["op"], op["path"], f"its value is not JSON: {error}") from None
    return value
