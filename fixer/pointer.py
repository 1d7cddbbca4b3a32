"""JSON Pointers (RFC 6901) over template data, and the operations (RFC 6902) that transforms write with them."""

import re
from collections.abc import Collection, Iterator

from fixer.model import Json, Op


def join(*tokens: str | int) -> str:
    """The pointer made of reference tokens, escaped as in RFC 6901, section 3; no tokens: "", the whole document."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def split(pointer: str) -> tuple[str, ...]:
    """The unescaped reference tokens of a pointer; the inverse of `join` for string tokens.

    Raises ValueError if a pointer that is not empty does not start with "/", or has a bad escape (section 3).
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON Pointer must start with '/': {pointer!r}")
    return tuple(_unescape(token) for token in pointer[1:].split("/"))


def parent(pointer: str) -> str:
    """The pointer without its last token; the parent of "" is ""."""
    return pointer.rpartition("/")[0]


def contains(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or lies below it."""
    return inner == outer or inner.startswith(outer + "/")


def overlap(first: str, second: str) -> bool:
    """Whether one of the two places contains the other."""
    return contains(first, second) or contains(second, first)


def get(data: Json, pointer: str) -> Json:
    """The value at the pointer. Raises KeyError if there is none."""
    for token in split(pointer):
        if isinstance(data, dict):
            data = data[token]
        elif isinstance(data, list) and _is_index(token) and int(token) < len(data):
            data = data[int(token)]
        else:
            raise KeyError(pointer)
    return data


def exists(data: Json, pointer: str) -> bool:
    """Whether the document has a value at the pointer."""
    try:
        get(data, pointer)
    except KeyError:
        return False
    return True


def walk(data: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """Every (pointer, value) at and below a place whose value is `data`, parents first, in document order."""
    waiting = [(pointer, data)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        if isinstance(value, dict):
            waiting += [(place + join(key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{place}/{index}", value[index]) for index in range(len(value) - 1, -1, -1)]


def depth(data: Json, most: int) -> int:
    """How many mappings and lists are inside each other, at most `most`. A value that occurs at several places of the
    same level counts once, as aliases of YAML make it.
    """
    level = [data]
    for number in range(most):
        below = {id(each): each for value in level for each in _parts(value) if isinstance(each, dict | list)}
        if not below:
            return number + isinstance(data, dict | list)
        level = list(below.values())
    return most


def _parts(value: Json) -> Collection[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def add(pointer: str, value: Json) -> list[Op]:
    """Operations that add a value (RFC 6902, section 4.1)."""
    return [{"op": "add", "path": pointer, "value": value}]


def replace(pointer: str, old: Json, new: Json) -> list[Op]:
    """Operations that replace a value after testing that it is still what was seen (RFC 6902, sections 4.3, 4.6)."""
    return [{"op": "test", "path": pointer, "value": old}, {"op": "replace", "path": pointer, "value": new}]


def remove(pointer: str, old: Json) -> list[Op]:
    """Operations that remove a value after testing that it is still what was seen (RFC 6902, sections 4.2, 4.6)."""
    return [{"op": "test", "path": pointer, "value": old}, {"op": "remove", "path": pointer}]


def move(source: str, target: str, seen: Json) -> list[Op]:
    """Operations that move a value after testing it, within the same mapping a rename (RFC 6902, sections 4.4, 4.6)."""
    return [{"op": "test", "path": source, "value": seen}, {"op": "move", "from": source, "path": target}]


def sibling(pointer: str, token: str | int) -> str:
    """The place with this token under the same parent."""
    return parent(pointer) + join(token)


def add_entry(data: Json, pointer: str, name: str, value: Json) -> list[Op]:
    """Operations that add an entry to the mapping at the pointer, and the mapping if the document does not have it."""
    return add(pointer + join(name), value) if exists(data, pointer) else add(pointer, {name: value})


def remove_entries(pointer: str, entries: dict[str, Json], names: Collection[str]) -> list[Op]:
    """Operations that remove some of the mapping's `entries`, and the mapping itself if no entry remains."""
    if names and entries.keys() <= set(names):
        return remove(pointer, entries)
    return [op for name in names for op in remove(pointer + join(name), entries[name])]


def _unescape(token: str) -> str:
    if re.search("~(?![01])", token):
        raise ValueError(f"'~' in a JSON Pointer must be followed by 0 or 1: {token!r}")
    return token.replace("~1", "/").replace("~0", "~")


def _is_index(token: str) -> bool:
    return token == "0" or (token.isascii() and token.isdigit() and token[0] != "0")
