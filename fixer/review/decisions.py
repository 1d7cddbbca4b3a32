"""The decisions of people in reviews: the skipped findings, which are not asked again.

`.fixer/decisions.json` of the repository that a template belongs to holds {"version": 1, "skipped": [{"id", "path",
"place", "seen", "message"}, ...]}. `place` is the pointer with list indices replaced by fingerprints of the items,
`seen` a digest of the value there: a finding is asked again when one of these or the message changes. If the file is
committed, the decisions apply to everybody. A symbolic link that leads out of the repository is never followed.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fixer import json_file
from fixer.engine.renamed import current_ids
from fixer.errors import BadConfig
from fixer.model import Finding
from fixer.outputs.places import Place, place_of, root_of
from fixer.outputs.safe_write import CannotWrite

NAME = Path(".fixer", "decisions.json")
VERSION = 1
_WHAT = "a record of decisions"
_KEYS = ("id", "path", "place", "seen", "message")

Entry = dict[str, str]


@dataclass
class Memory:
    """The earlier decisions about the templates of a review: root of the repository to its entries."""

    entries: dict[Path, list[Entry]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[str]) -> "Memory":
        """The decisions about templates. Raises BadConfig for a file of decisions that cannot be read."""
        roots = {_root(file) for file in files}
        return cls({root: _load(root) for root in sorted(roots)})

    def skipped(self, paths: Mapping[str, str]) -> frozenset[tuple[str, str, str, str, str]]:
        """The skipped findings as `Settings.skipped` holds them; `paths` are the templates, path → file."""
        found = set()
        for path, file in paths.items():
            inside = _inside(file)
            for entry in self.entries.get(_root(file), ()):
                if entry["path"] == inside:
                    found.add((entry["id"], path, entry["place"], entry["seen"], entry["message"]))
        return frozenset(found)

    def forget(self, files: Iterable[str]) -> None:
        """Forgets the decisions about these templates."""
        for file in files:
            root, path = _root(file), _inside(file)
            self.entries[root] = [entry for entry in self.entries.get(root, ()) if entry["path"] != path]

    def save(self, skipped: Iterable[Finding], files: Iterable[str]) -> None:
        """Saves the skipped findings in the templates of a review, in place of the earlier decisions about them."""
        self.forget(files)
        for finding in skipped:
            self.entries.setdefault(_root(finding.path), []).append(_entry(finding))
        for root, entries in self.entries.items():
            entries.sort(key=lambda entry: [entry[key] for key in _KEYS])
            if entries != _load(root):
                _save(root, entries)


def _entry(finding: Finding) -> Entry:
    values = (finding.id, _inside(finding.path), finding.place, finding.seen_digest, finding.message)
    return dict(zip(_KEYS, values, strict=True))


def _root(file: str) -> Path:
    return root_of(Path(os.path.realpath(file)).parent)


def _inside(file: str) -> str:
    return Path(os.path.realpath(file)).relative_to(_root(file)).as_posix()


def _load(root: Path) -> list[Entry]:
    place = _place(root)
    shown = str(root / NAME)
    try:
        with place.folder() as folder:
            data = folder.read(place.name, json_file.LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise BadConfig(f"cannot be read as {_WHAT}: {error.strerror or error}", shown) from error
    document = json_file.parsed(data, VERSION, _WHAT, shown)
    try:
        entries = [{key: _text(entry[key]) for key in _KEYS} for entry in document["skipped"]]
        return [{**entry, "id": new} for entry in entries for new in current_ids(entry["id"])]
    except (KeyError, TypeError) as error:
        raise BadConfig(f"is not {_WHAT}: remove the file to start again", shown) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _save(root: Path, entries: list[Entry]) -> None:
    place = _place(root)
    try:
        if entries:
            data = json.dumps({"version": VERSION, "skipped": entries}, indent=2).encode() + b"\n"
            with place.folder(create=0o777) as folder:
                folder.save(place.name, data, mode=0o666)
        else:
            with contextlib.suppress(FileNotFoundError), place.folder() as folder:
                folder.remove(place.name)
    except OSError as error:
        raise BadConfig(f"cannot be written: {error.strerror or error}", str(root / NAME)) from error


def _place(root: Path) -> Place:
    try:
        return place_of(str(root / NAME), [str(root)])
    except CannotWrite as error:
        raise BadConfig(error.message, error.path) from error
