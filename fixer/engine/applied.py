"""A patch that a round has applied, and the places that it writes."""

from collections.abc import Iterable
from dataclasses import dataclass

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
