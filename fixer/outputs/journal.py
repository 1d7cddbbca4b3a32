"""The journal: a record of each run that wrote files.

A record is kept in the state folder of the user, in the folder of each project that the run wrote in. It holds per
file the digest before, the text after and the text edits between. It is saved before the first file is written, so that
an interrupted run is complete in it; the state of a file is derived from the file itself. A folder `.fixer/journal` in
a repository is never read: only what this user's fixer wrote counts.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fixer import __version__
from fixer.document.edits import revert_edits
from fixer.errors import BadConfig, FixerError
from fixer.json_file import digest
from fixer.model import Edit
from fixer.outputs import intents, state_folder
from fixer.outputs.intents import Entry, Intent
from fixer.outputs.places import Place, are_related, place_of, recorded
from fixer.outputs.safe_write import CannotWrite
from fixer.outputs.write_group import HalfWritten, write_group

KEPT_RUNS = 100
"""How many runs of a project are kept; the oldest ones are forgotten."""

_WHAT = "a record of a run"


@dataclass(frozen=True)
class Written:
    """One file of a run: its place, its digest before (SHA-256 of the bytes), the text after, the edits between them,
    and the ids of the transforms that made them.
    """

    place: Place
    before: str
    after: str
    edits: tuple[Edit, ...]
    ids: tuple[str, ...]

    @property
    def path(self) -> str:
        """The path below the project."""
        return self.place.path

    def bytes(self) -> bytes | None:
        """The bytes of the file now; None if it is gone or if a symbolic link has taken its place."""
        try:
            with self.place.folder() as folder:
                return folder.read(self.place.name)
        except OSError:
            return None


@dataclass(frozen=True)
class Run:
    """A record: the run's id (its time, UTC), its files, and when it was undone ("": not undone)."""

    id: str
    files: tuple[Written, ...]
    undone: str = ""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The projects that the run wrote in."""
        return tuple(sorted({written.place.root for written in self.files}))

    def state(self, written: Written) -> str:
        """The state of a file: "written", "not written" (or undone), "changed since" or "gone"."""
        now = written.bytes()
        if now is None:
            return "gone"
        if now == written.after.encode():
            return "written"
        return "not written" if digest(now) == written.before else "changed since"

    def shown(self, written: Written) -> str:
        """The path of a file: below the project, or whole if the run wrote in several projects."""
        return written.path if len(self.roots) == 1 else str(written.place.file)


@dataclass(frozen=True)
class Edited:
    """A file to write: its path, its bytes when it was read, its new text, the edits between them, and the ids of the
    transforms that made them.
    """

    file: str
    before: bytes
    after: str
    edits: tuple[Edit, ...]
    ids: tuple[str, ...]


def write_groups(groups: Sequence[Sequence[Edited]], folders: Iterable[str] = ()) -> dict[str, FixerError]:
    """Records a run and writes its files; of each group either all or none. Returns the errors of files that were not
    written. `folders` are the folders given as PATH: links that stay in them are followed.

    Raises BadConfig if the record cannot be written; then no file is written.
    """
    failed: dict[str, FixerError] = {}
    placed: list[tuple[Sequence[Edited], list[Place]]] = []
    folders = tuple(folders)
    for group in groups:
        try:
            placed.append((group, [place_of(each.file, folders) for each in group]))
        except CannotWrite as error:
            failed |= {each.file: error for each in group}
    if not placed:
        return failed
    entries = tuple(tuple(map(_entry, *each)) for each in placed)
    run = Run(intents.new_id(), tuple(written for each in placed for written in map(_planned, *each)))
    with intents.begin(Intent(run.id, entries)) as unfinished:
        save(run)
        for (group, _), own in zip(placed, entries, strict=True):
            try:
                write_group(own)
            except CannotWrite as error:
                unfinished.keep |= isinstance(error, HalfWritten)
                failed |= {each.file: error for each in group}
        _settle(run)
    return failed


def write(edited: Edited) -> None:
    """Records and writes one file. Raises FixerError if it cannot be written."""
    for error in write_groups([[edited]]).values():
        raise error


def records(folder: Path) -> list[Run | BadConfig]:
    """The runs recorded for the repository of a folder, oldest first; an error in place of each damaged record. Outside
    of repositories, these are the runs in this folder, in folders above it and in folders below it.
    """
    if not state_folder.exists():
        return []
    found: dict[str, Run | BadConfig] = {}
    for root in state_folder.projects():
        if are_related(root, folder):
            for name in state_folder.names(state_folder.project(root)):
                with contextlib.suppress(FileNotFoundError):
                    found[name] = _load(root, name)
    return [found[name] for name in sorted(found)]


def history(folder: Path) -> list[Run]:
    """The runs recorded for the repository of a folder, oldest first, without damaged records."""
    return [run for run in records(folder) if isinstance(run, Run)]


def chosen(folder: Path, run_id: str = "") -> Run:
    """The run with that id or unique prefix of an id; without an id, the last run that is not undone.

    Raises BadConfig if there is no such run, if there are several, or if the record of the last run is damaged.
    """
    if run_id:
        found = [run for run in history(folder) if run.id.startswith(run_id)]
        if len(found) != 1:
            raise BadConfig(f"{'several runs have' if found else 'no run has'} the id {run_id!r}: run `fixer history`")
        return found[0]
    for run in reversed(records(folder)):
        if isinstance(run, BadConfig):
            raise run
        if not run.undone and any(run.state(each) != "not written" for each in run.files):
            return run
    raise BadConfig("there is nothing to undo: every recorded run is undone or wrote nothing")


def save(run: Run) -> None:
    """Saves a record in each of its projects, and forgets their oldest runs. Raises BadConfig."""
    document: dict[str, object] = {
        "fixer": __version__,
        "run": run.id,
        "undone": run.undone,
        "files": [_as_json(written) for written in run.files],
    }
    try:
        for root in run.roots:
            state_folder.remember(root, run.id)
            state_folder.save(state_folder.project(root), f"{run.id}.json", document)
            for name in state_folder.names(state_folder.project(root))[:-KEPT_RUNS]:
                _remove(root, name)
        state_folder.forget_old_projects()
    except OSError as error:
        raise state_folder.cannot_write(error) from error


def settle(intent: Intent, is_written: bool) -> None:
    """Makes the record of an interrupted run true, once each of its groups is old or new as a whole (`is_written`: at
    least one is new).
    """
    for root in intent.roots:
        for name in ("json", "path"):
            _remove(root, state_folder.staged_for(f"{intent.id}.{name}"))
        with contextlib.suppress(OSError):
            run = _load(root, f"{intent.id}.json")
            if isinstance(run, BadConfig):
                continue
            if not intent.undone:
                _settle(run)
            elif is_written:
                save(Run(run.id, run.files, intent.undone))


def summary(found: Iterable[Run | BadConfig]) -> Iterator[str]:
    """A line per run, newest last: id, state, files, transforms."""
    for run in found:
        if isinstance(run, BadConfig):
            yield f"{Path(run.path).stem}  damaged"
            continue
        states = sorted({run.state(written) for written in run.files})
        state = f"undone {run.undone}" if run.undone else ", ".join(states)
        ids = sorted({each for written in run.files for each in written.ids})
        files = ", ".join(run.shown(written) for written in run.files)
        yield f"{run.id}  {state}  {files}  ({', '.join(ids)})"


def now() -> str:
    """The time, for the mark of an undone run."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _settle(run: Run) -> None:
    """Removes the record of a run that wrote nothing, for example because no group could be written."""
    if all(run.state(written) == "not written" for written in run.files):
        for root in run.roots:
            _remove(root, f"{run.id}.json")


def _remove(root: Path, name: str) -> None:
    with contextlib.suppress(OSError), state_folder.folder(state_folder.project(root)) as here:
        here.remove(name)


def _entry(edited: Edited, place: Place) -> Entry:
    return Entry.of(place, edited.before, edited.after.encode())


def _planned(edited: Edited, place: Place) -> Written:
    return Written(place, digest(edited.before), edited.after, edited.edits, edited.ids)


def _load(root: Path, name: str) -> Run | BadConfig:
    """The run in a record, or an error if it is damaged. Raises OSError if it is gone."""
    folder = state_folder.project(root)
    try:
        document: dict[str, Any] = state_folder.load(folder, name, _WHAT)
        run = Run(document["run"], tuple(_written(each) for each in document["files"]), str(document["undone"]))
        if f"{run.id}.json" != name or root not in run.roots or not intents.is_id(run.id):
            raise ValueError("the record is not that of this run")
    except (BadConfig, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        path = str(state_folder.location() / folder / name)
        return BadConfig("is damaged, so this run cannot be undone: remove the file to undo the run before it", path)
    return run


def _as_json(written: Written) -> dict[str, object]:
    return {
        "root": str(written.place.root),
        "path": written.place.path,
        "before": written.before,
        "after": written.after,
        "edits": [[edit.start, edit.end, edit.old, edit.new] for edit in written.edits],
        "ids": written.ids,
    }


def _written(entry: dict[str, Any]) -> Written:
    """A file of a record. Raises ValueError or TypeError if the edits do not lead from the digest to the text."""
    edits = tuple(Edit(*each) for each in entry["edits"])
    place = recorded(entry["root"], entry["path"])
    written = Written(place, entry["before"], entry["after"], edits, tuple(map(str, entry["ids"])))
    if digest(revert_edits(written.after, edits).encode()) != written.before:
        raise ValueError("the edits do not belong to the text")
    return written
