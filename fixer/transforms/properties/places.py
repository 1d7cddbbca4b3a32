"""The places in a resource that a pointer of the table means: items of lists and branches of Fn::If are followed."""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import NO_VALUE, branches, intrinsic_name
from fixer.model import Json

ABSENT: Json = None

_NO_VALUE = "a condition leaves the value out: set it in that branch"


@dataclass(frozen=True)
class Place:
    """A place that a pointer means.

    `at` exists in the template; `missing` are the tokens that are missing below it (() if the place exists), and
    `value` is the value there. `refused` says why the place cannot be changed.
    """

    at: str
    value: Json = ABSENT
    missing: tuple[str, ...] = ()
    refused: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is a value at the place."""
        return not self.missing and not _is_absent(self.value)


def places(value: Json, tokens: tuple[str, ...], at: str) -> Iterator[Place]:
    """The places below `value`, whose pointer is `at`, for the tokens of a pointer of the table."""
    if (both := branches(value)) is not None:
        for index, branch in enumerate(both, 1):
            yield from places(branch, tokens, f"{at}/Fn::If/{index}")
        return
    if _is_absent(value):  # A branch of a Fn::If, or an item of a list.
        if not any(map(_is_optional, tokens)):
            yield Place(at, value, (), _NO_VALUE if "/Fn::If/" in at else "")
        return
    if not tokens:
        yield Place(at, value)
        return
    if name := intrinsic_name(value):
        yield Place(at, value, (), f"{name} gives the whole value: set the property where that value is written")
        return
    if isinstance(value, list):
        yield from _in_list(value, tokens, at)
    elif isinstance(value, dict):
        yield from _in_mapping(value, tokens, at)


def _in_mapping(value: dict[str, Json], tokens: tuple[str, ...], at: str) -> Iterator[Place]:
    first, rest = tokens[0], tokens[1:]
    if first == "*":
        for key, inner in value.items():
            yield from places(inner, rest, at + pointer.join(key))
        return
    if "|" in first:  # The names under which types know the same property.
        for name in first.split("|"):
            if not _is_absent(value.get(name)):
                yield from places(value[name], rest, at + pointer.join(name))
        return
    name = first.removesuffix("?")
    if not _is_absent(value.get(name)):
        yield from places(value[name], rest, at + pointer.join(name))
    elif not any(map(_is_optional, tokens)):
        yield Place(at, ABSENT, tokens)


def _in_list(items: list[Json], tokens: tuple[str, ...], at: str) -> Iterator[Place]:
    first, rest = tokens[0], tokens[1:]
    if first == "*":
        for index, item in enumerate(items):
            yield from places(item, rest, f"{at}/{index}")
    elif first.isdigit():
        if int(first) < len(items):
            yield from places(items[int(first)], rest, f"{at}/{first}")
        else:
            yield Place(at, ABSENT, tokens)
    elif first.startswith("["):
        yield from _named(items, first, rest, at)


def _named(items: list[Json], token: str, rest: tuple[str, ...], at: str) -> Iterator[Place]:
    """The item with that name, or the place behind the last item."""
    key, _, name = token[1:-1].partition("=")
    for index, item in enumerate(items):
        if intrinsic_name(item):
            yield Place(at, items, (), "a function gives items of this list: set the item where they are written")
            return
        if isinstance(item, dict) and str(item.get(key)).lower() == name.lower():
            yield from places(item, rest, f"{at}/{index}")
            return
    yield Place(at, ABSENT, (token, *rest))


def nested(tokens: tuple[str, ...], value: Json) -> Json:
    """The value with the parents that the tokens name: ("A", "0", "B"), 1 gives {"A": [{"B": 1}]}."""
    for token in reversed(tokens):
        if token.startswith("["):
            key, _, name = token[1:-1].partition("=")
            value = [{key: name, **value}] if isinstance(value, dict) else [value]
        else:
            value = [value] if token.isdigit() or token == "*" else {token.removesuffix("?"): value}
    return value


def _is_optional(token: str) -> bool:
    return token.endswith("?") or token == "*"


def _is_absent(value: Json) -> bool:
    return value is None or value == NO_VALUE
