"""A patch that a round has applied, and the places that it writes."""

from collections.abc import Iterable
from dataclasses import dataclass

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
    """What `jsonpatch` makes of some data. Values that a YAML alias repeats are copied first: RFC 6902 has no aliases.

    Raises JsonPatchException or JsonPointerException for operations that do not apply.
    """
    import jsonpatch

    result: Json = jsonpatch.apply_patch(_apart(data), list(ops), in_place=True)
    return result


def _apart(data: Json) -> Json:
    if isinstance(data, dict):
        return {key: _apart(value) for key, value in data.items()}
    return [_apart(item) for item in data] if isinstance(data, list) else data


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
