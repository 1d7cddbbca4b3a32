"""The record of what runs have written, and undo.

Every run that writes leaves a record in `.fixer/journal/` of the repository that the files belong to (the nearest
folder above them with `.git`, `.fixer.toml` or `.fixer`, else their own): per file the digest before, the text after
and the text edits between. The record is saved before the first file is written, so that an interrupted run is complete
in it; the state of a file is derived from the file itself. Git ignores the folder, because it contains a .gitignore
file.

Undo restores a file byte for byte if it is as the run left it. If the file has changed since, undo reverts each edit
whose lines, including one line around them, are unchanged, and reports the others.
"""

import contextlib
import difflib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fixer import __version__, json_file
from fixer.document.edits import revert_edits
from fixer.errors import BadConfig, FixerError
from fixer.json_file import digest, digest_of
from fixer.model import Edit
from fixer.outputs.write_group import FileChange, write_group

FOLDER = Path(".fixer", "journal")
_MARKS = (".git", ".fixer.toml", ".fixer")
_AROUND = 1


@dataclass(frozen=True)
class Written:
    """One file of a run: its path below the root, its digest before (SHA-256 of the bytes), the text after, the edits
    between them, and the ids of the transforms that made them.
    """

    path: str
    before: str
    after: str
    edits: tuple[Edit, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A record: the run's id (its time, UTC), its repository, its files, and when it was undone ("": not undone)."""

    id: str
    root: Path
    files: tuple[Written, ...]
    undone: str = ""

    @property
    def file(self) -> Path:
        """The record's own file."""
        return self.root / FOLDER / f"{self.id}.json"

    def state(self, written: Written) -> str:
        """The state of a file: "written", "not written" (or undone), "changed since" or "gone"."""
        now = digest_of(self.root / written.path)
        if now == digest(written.after.encode()):
            return "written"
        if now == written.before:
            return "not written"
        return "changed since" if now else "gone"


@dataclass(frozen=True)
class Undone:
    """The result of undo for one file: the number of reverted edits, and the reason for each edit that stays."""

    path: str
    reverted: int
    hindered: tuple[str, ...]


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


def write_groups(groups: Sequence[Sequence[Edited]]) -> dict[str, FixerError]:
    """Records a run and writes its files; of each group either all or none. Returns the errors of files that were not
    written.

    Raises BadConfig if the record cannot be written; then no file is written.
    """
    runs = _record([edited for group in groups for edited in group])
    failed: dict[str, FixerError] = {}
    for group in groups:
        try:
            write_group([FileChange(each.file, each.before, each.after.encode()) for each in group])
        except FixerError as error:
            failed |= {each.file: error for each in group}
    _settle(runs)
    return failed


def write(edited: Edited) -> None:
    """Records and writes one file. Raises FixerError if it cannot be written."""
    for error in write_groups([[edited]]).values():
        raise error


def _record(files: Iterable[Edited]) -> list[Run]:
    """Saves a record of the planned writes in each repository that contains one of the files."""
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"
    by_root: dict[Path, list[Written]] = {}
    for each in files:
        target = Path(each.file).resolve()
        root = root_of(target.parent)
        path = target.relative_to(root).as_posix()
        by_root.setdefault(root, []).append(Written(path, digest(each.before), each.after, each.edits, each.ids))
    runs = [Run(run_id, root, tuple(own)) for root, own in by_root.items()]
    for run in runs:
        _save(run)
    return runs


def _settle(runs: Iterable[Run]) -> None:
    """Removes the records of runs that wrote nothing, for example because no group could be written."""
    for run in runs:
        if all(run.state(written) == "not written" for written in run.files):
            with contextlib.suppress(OSError):
                run.file.unlink()


def root_of(folder: Path) -> Path:
    """The repository that a folder belongs to."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if any((each / mark).exists() for mark in _MARKS)), folder)


def history(folder: Path) -> list[Run]:
    """The runs recorded for the repository of a folder, oldest first. Files that are not records are ignored."""
    root = root_of(folder)
    found = [_load(file, root) for file in sorted((root / FOLDER).glob("*.json"))]
    return [run for run in found if run is not None]


def chosen(folder: Path, run_id: str = "") -> Run:
    """The run with that id or unique prefix of an id; without an id, the last run that is not undone.

    Raises BadConfig if there is no such run, or several.
    """
    runs = history(folder)
    if not run_id:
        left = [run for run in runs if not run.undone and any(run.state(each) != "not written" for each in run.files)]
        if not left:
            raise BadConfig("there is nothing to undo: every recorded run is undone or wrote nothing")
        return left[-1]
    found = [run for run in runs if run.id.startswith(run_id)]
    if len(found) != 1:
        raise BadConfig(f"{'several runs have' if found else 'no run has'} the id {run_id!r}: run `fixer history`")
    return found[0]


def undo(run: Run) -> list[Undone]:
    """Undoes a run as far as the files allow, and marks it as undone. If a file cannot be written, no file is."""
    results: list[Undone] = []
    changes: list[FileChange] = []
    for written in run.files:
        file = run.root / written.path
        if run.state(written) in ("not written", "gone"):
            results.append(Undone(written.path, 0, () if file.exists() else ("the file is gone",)))
            continue
        now = file.read_bytes()
        before, hindered = _reverted(written, now)
        results.append(Undone(written.path, len(written.edits) - len(hindered), hindered))
        if before != now:
            changes.append(FileChange(str(file), now, before))
    write_group(changes)
    part = ", in part" if any(result.hindered for result in results) else ""
    _save(replace(run, undone=datetime.now(UTC).isoformat(timespec="seconds") + part))
    return results


def _reverted(written: Written, now: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes with as many edits reverted as possible, and the reasons for the edits that stay."""
    if now == written.after.encode():
        text = revert_edits(written.after, written.edits)
        if digest(text.encode()) == written.before:
            return text.encode(), ()
    try:
        current = now.decode()
    except UnicodeDecodeError:
        return now, ("the file is no longer UTF-8 text",)
    return _merged(written, current)


def _merged(written: Written, current: str) -> tuple[bytes, tuple[str, ...]]:
    """Reverts the unchanged edits. Edits are compared line by line, including one line around each edit."""
    after, now = _lines(written.after), _lines(current)
    equal = list(difflib.SequenceMatcher(None, after, now, autojunk=False).get_matching_blocks())
    hindered: list[str] = []
    shift = 0
    back: list[tuple[int, int, str]] = []
    for edit in written.edits:
        start, end = edit.start + shift, edit.start + shift + len(edit.new)
        shift += len(edit.new) - len(edit.old)
        moved = _moved(after, now, equal, start, end)
        if moved is None:
            line = written.after.count("\n", 0, start) + 1
            hindered.append(f"the edit at line {line}, or a line beside it, has changed since the run")
        else:
            back.append((moved, moved + len(edit.new), edit.old))
    for begin, stop, old in reversed(back):
        current = current[:begin] + old + current[stop:]
    return current.encode(), tuple(hindered)


def _moved(
    after: Sequence[str], now: Sequence[str], equal: Sequence[difflib.Match], start: int, end: int
) -> int | None:
    """The offset in the current text of characters start to end of the text after; None if their lines have changed."""
    first, last = _line_at(after, start), _line_at(after, max(start, end - 1))
    low, high = max(0, first - _AROUND), min(len(after) - 1, last + _AROUND)
    for block in equal:
        if block.a <= low and high < block.a + block.size:
            line = block.b + first - block.a
            return sum(map(len, now[:line])) + start - sum(map(len, after[:first]))
    return None


def _lines(text: str) -> list[str]:
    """The lines with their line ends. Only a line feed ends a line; the last line may be empty."""
    parts = text.split("\n")
    return [*(part + "\n" for part in parts[:-1]), parts[-1]]


def _line_at(lines: Sequence[str], offset: int) -> int:
    passed = 0
    for index, line in enumerate(lines):
        passed += len(line)
        if offset < passed:
            return index
    return len(lines) - 1


def _save(run: Run) -> None:
    document = {
        "version": 1,
        "fixer": __version__,
        "run": run.id,
        "undone": run.undone,
        "files": [asdict(written) for written in run.files],
    }
    try:
        run.file.parent.mkdir(parents=True, exist_ok=True)
        ignore = run.file.with_name(".gitignore")
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        json_file.save(run.file, document)
    except OSError as error:
        raise BadConfig(f"the journal cannot be written: {error.strerror or error}", str(run.file)) from error


def _load(file: Path, root: Path) -> Run | None:
    """The run in a record file; None if it is damaged or names a file outside the repository."""
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        files = tuple(_written(each) for each in document["files"])
        run = Run(file.stem, root, files, str(document["undone"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    inside = all((root / each.path).resolve().is_relative_to(root) for each in files)
    return run if inside and document.get("version") == 1 else None


def _written(entry: dict[str, Any]) -> Written:
    edits = tuple(Edit(int(each["start"]), int(each["end"]), each["old"], each["new"]) for each in entry["edits"])
    return Written(entry["path"], entry["before"], entry["after"], edits, tuple(entry["ids"]))


def summary(runs: Iterable[Run]) -> Iterator[str]:
    """A line per run, newest last: id, state, files, transforms."""
    for run in runs:
        states = sorted({run.state(written) for written in run.files})
        state = f"undone {run.undone}" if run.undone else ", ".join(states)
        ids = sorted({each for written in run.files for each in written.ids})
        files = ", ".join(written.path for written in run.files)
        yield f"{run.id}  {state}  {files}  ({', '.join(ids)})"
