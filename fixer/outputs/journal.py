"""What was written, and how it is taken back.

Every run that writes leaves a record in `.fixer/journal/` of the repository that the files belong to (the nearest
folder above them with `.git`, `.fixer.toml` or `.fixer`, else their own): per file the digest before, the text after
and the text edits between. The record is there before the first file is written, so that a run that is interrupted
leaves none out; what became of a file is told from the file itself. Git does not see the folder: it ignores itself.

Undo takes a file back byte for byte when it is as the run left it. If it has changed since, each edit whose lines, with
one line around them, are as the run left them is taken back, and the others are reported.
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
    from the one to the other, and the ids of the transforms that asked for them.
    """

    path: str
    before: str
    after: str
    edits: tuple[Edit, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A record: the run's id (its time, UTC), where it is, its files, and whether it was undone ("": no, else when)."""

    id: str
    root: Path
    files: tuple[Written, ...]
    undone: str = ""

    @property
    def file(self) -> Path:
        """The record's own file."""
        return self.root / FOLDER / f"{self.id}.json"

    def state(self, written: Written) -> str:
        """What became of a file: "written", "not written" (or taken back), "changed since" or "gone"."""
        now = digest_of(self.root / written.path)
        if now == digest(written.after.encode()):
            return "written"
        if now == written.before:
            return "not written"
        return "changed since" if now else "gone"


@dataclass(frozen=True)
class Undone:
    """What undo did to one file: how many edits it took back, and for each other one what stands in the way."""

    path: str
    taken_back: int
    hindered: tuple[str, ...]


@dataclass(frozen=True)
class Edited:
    """A file to be written: where it is, the bytes that it was read with, the text that it becomes, the edits between,
    and the ids of the transforms that asked for them.
    """

    file: str
    before: bytes
    after: str
    edits: tuple[Edit, ...]
    ids: tuple[str, ...]


def write_groups(groups: Sequence[Sequence[Edited]]) -> dict[str, FixerError]:
    """Records a run, and writes its files: of each group all or none. Returns the error of each file that was not
    written.

    Raises BadConfig when the record cannot be written: then no file is written.
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
    """Records and writes one file. Raises FixerError when it cannot be written."""
    for error in write_groups([[edited]]).values():
        raise error


def _record(files: Iterable[Edited]) -> list[Run]:
    """Leaves a record of what is about to be written in each repository that has one of the files."""
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
    """Removes the records of runs that wrote nothing in the end, as when no group could be written."""
    for run in runs:
        if all(run.state(written) == "not written" for written in run.files):
            with contextlib.suppress(OSError):
                run.file.unlink()


def root_of(folder: Path) -> Path:
    """The repository that a folder belongs to."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if any((each / mark).exists() for mark in _MARKS)), folder)


def history(folder: Path) -> list[Run]:
    """The runs recorded for the repository of a folder, oldest first. What is no record is left out."""
    root = root_of(folder)
    found = [_load(file, root) for file in sorted((root / FOLDER).glob("*.json"))]
    return [run for run in found if run is not None]


def chosen(folder: Path, run_id: str = "") -> Run:
    """The run with that id, or a start of it that no other has; without one the last that is not undone.

    Raises BadConfig when there is none, or several.
    """
    runs = history(folder)
    if not run_id:
        left = [run for run in runs if not run.undone and any(run.state(each) != "not written" for each in run.files)]
        if not left:
            raise BadConfig("there is nothing to undo: no run is recorded here that wrote and was not undone")
        return left[-1]
    found = [run for run in runs if run.id.startswith(run_id)]
    if len(found) != 1:
        raise BadConfig(f"{'several runs are' if found else 'no run is'} called {run_id!r}: see `fixer history`")
    return found[0]


def undo(run: Run) -> list[Undone]:
    """Takes a run back as far as the files allow; all of it or, where a file cannot be written, none. Marks it."""
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
    """The bytes with as many edits taken back as can be, and what stands in the way of the others."""
    if now == written.after.encode():
        text = revert_edits(written.after, written.edits)
        if digest(text.encode()) == written.before:
            return text.encode(), ()
    try:
        current = now.decode()
    except UnicodeDecodeError:
        return now, ("the file is no UTF-8 text any more",)
    return _merged(written, current)


def _merged(written: Written, current: str) -> tuple[bytes, tuple[str, ...]]:
    """Takes back what is as it was left: compared line by line, with one line around each edit."""
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
            hindered.append(f"what the run wrote at line {line} has changed since, or the lines around it")
        else:
            back.append((moved, moved + len(edit.new), edit.old))
    for begin, stop, old in reversed(back):
        current = current[:begin] + old + current[stop:]
    return current.encode(), tuple(hindered)


def _moved(
    after: Sequence[str], now: Sequence[str], equal: Sequence[difflib.Match], start: int, end: int
) -> int | None:
    """Where the characters start to end of the text after stand in the text of now; None if their lines changed."""
    first, last = _line_at(after, start), _line_at(after, max(start, end - 1))
    low, high = max(0, first - _AROUND), min(len(after) - 1, last + _AROUND)
    for block in equal:
        if block.a <= low and high < block.a + block.size:
            line = block.b + first - block.a
            return sum(map(len, now[:line])) + start - sum(map(len, after[:first]))
    return None


def _lines(text: str) -> list[str]:
    """The lines with their ends, of which there is one more than line feeds; only a line feed ends one."""
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
    """The run that a file records; None for one that is damaged, or that names a file outside the repository."""
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
    """A line per run, newest last: id, what became of it, files, transforms."""
    for run in runs:
        states = sorted({run.state(written) for written in run.files})
        state = f"undone {run.undone}" if run.undone else ", ".join(states)
        ids = sorted({each for written in run.files for each in written.ids})
        files = ", ".join(written.path for written in run.files)
        yield f"{run.id}  {state}  {files}  ({', '.join(ids)})"
