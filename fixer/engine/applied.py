"""A patch that a round has applied, and the places that it writes."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fixer import pointer
from fixer.model import Finding, Json, Op, Patch
from fixer.pointer import overlap


@dataclass(frozen=True)
class Applied:
    """An applied patch and the finding that it repairs."""

    finding: Finding
    patch: Patch
    changes: tuple[str, ...] = ()
    """What it may change in the resolved template."""

    @property
    def key(self) -> str:
        """The finding's key."""
        return self.finding.key

    def touches(self, path: str, place: str) -> bool:
        """Whether it writes at, above or below a place of a file."""
        return any(overlap(str(op["path"]), place) for op in self.patch.files.get(path, ()) if op["op"] != "test")


def patched(data: Json, ops: Iterable[Op]) -> Json:
    """What `jsonpatch` makes of some data, which stays as it is. What no operation changes is shared with the result:
    most of a large template stays, and a comparison of the two sees at once what is the same object.

    The mappings and lists around a change are copied first. That also keeps apart what a YAML alias repeats: RFC 6902
    has no aliases. Raises JsonPatchException or JsonPointerException for operations that do not apply.
    """
    import jsonpatch

    result: Json = data
    for op in ops:
        if op["op"] == "move" and pointer.parent(str(op["path"])) != pointer.parent(str(op.get("from"))):
            result = _apart(result)  # What it removes from a list moves the places behind it.
        elif op["op"] != "test":
            result = _copied_around(result, str(op["path"]))
        result = jsonpatch.apply_patch(result, [op], in_place=True)
    return result


def _apart(data: Json) -> Json:
    if isinstance(data, dict):
        return {key: _apart(value) for key, value in data.items()}
    return [_apart(item) for item in data] if isinstance(data, list) else data


def _copied_around(data: Json, place: str) -> Json:
    """The data with copies of the mappings and lists above a place; what is below them is the same."""
    try:
        tokens = pointer.split(place)[:-1]
    except ValueError:
        return data  # Not a pointer: the operation does not apply.
    if not isinstance(data, dict | list):
        return data
    top: Json = copy.copy(data)
    holder: Any = top
    for token in tokens:
        key = int(token) if isinstance(holder, list) and token.isdecimal() else token
        try:
            inner = holder[key]
        except (KeyError, IndexError, TypeError):
            break  # There is no such place: the operation does not apply.
        if not isinstance(inner, dict | list):
            break
        holder[key] = copy.copy(inner)
        holder = holder[key]
    return top


def operations(applied: Iterable[Applied]) -> dict[str, list[Op]]:
    """All operations per file, in the order in which they were applied."""
    files: dict[str, list[Op]] = {}
    for each in applied:
        for path, ops in each.patch.files.items():
            files.setdefault(path, []).extend(ops)
    return files


def removed_later(applied: list[Applied]) -> dict[str, tuple[str, ...]]:
    """The key of each finding in whose entry (a resource, an output) a later patch leaves nothing → a note about that,
    because the notes of its patch are about an entry that the result does not have.
    """
    found: dict[str, tuple[str, ...]] = {}
    for index, each in enumerate(applied):
        section_and_name = pointer.split(each.finding.pointer)[:2]
        entry = pointer.join(*section_and_name)
        for later in applied[index + 1 :]:
            ops = later.patch.files.get(each.finding.path, ())
            if any(op["op"] == "remove" and op["path"] == entry for op in ops):
                name = section_and_name[-1]
                found[each.key] = (
                    f"{later.finding.id} then removes {name}, so nothing of this repair and its notes remains.",
                )
    return found
