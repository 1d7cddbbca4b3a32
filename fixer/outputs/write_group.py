"""Writes files in groups: all files of a group or none.

Each new text is staged and synced beside its target; then, if no target has changed since it was read, the intent is
recorded, every staged file is renamed onto its target (rename(2) is atomic), and the intent is removed. A run that
finds an intent completes the writes of an earlier, interrupted run.
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixer.errors import FixerError
from fixer.json_file import digest, digest_of

INTENT_PREFIX = ".fixer-intent-"
_STAGED_PREFIX = ".fixer-staged-"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a group: its bytes when it was read, and its new bytes."""

    path: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class _Staged:
    """A change that is ready to be renamed: absolute paths, SHA-256 digests of the bytes before and after."""

    target: str
    staged: str
    before: str
    after: str


class CannotWrite(FixerError):
    """A group that was not written; all of its files are unchanged."""


def write_group(changes: Sequence[FileChange]) -> None:
    """Writes all files or none. Mode, owner and extended attributes are kept; a symbolic link stays, and its target is
    written.

    Raises CannotWrite, which names the file, if a file has changed since it was read, if its folder cannot be written,
    or if the disk is full.
    """
    staged: list[_Staged] = []
    intents: list[Path] = []
    try:
        for change in changes:
            with _told(change.path):
                staged.append(_stage(change))
        for entry, change in zip(staged, changes, strict=True):
            if digest_of(entry.target) != entry.before:
                raise CannotWrite("has changed since it was read, so it was not written", change.path)
        if len(staged) > 1:
            with _told(staged[0].target):
                intents = _record(staged)
    except BaseException:
        _discard(Path(entry.staged) for entry in staged)
        raise
    _rename_all(staged, intents)


def recover(folders: Iterable[str]) -> Iterator[str]:
    """Completes the groups that an interrupted run left in these folders, and removes its unused staged files. Yields a
    sentence for each file that it writes or leaves.
    """
    for folder in sorted({folder or "." for folder in folders}):
        for intent in sorted(Path(folder).glob(INTENT_PREFIX + "*")):
            if not _is_running(intent.name):
                yield from _finish(intent)
        for staged in Path(folder).glob(_STAGED_PREFIX + "*"):
            if not _is_running(staged.name):
                _discard([staged])


def _stage(change: FileChange) -> _Staged:
    target = os.path.realpath(change.path)
    before, after = digest(change.before), digest(change.after)
    folder, name = os.path.split(target)
    staged = os.path.join(folder, f"{_STAGED_PREFIX}{os.getpid()}-{after[:12]}-{name}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(change.after)
            file.flush()
            _keep_attributes(target, staged)
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(staged)
        raise
    return _Staged(target, staged, before, after)


def _keep_attributes(target: str, staged: str) -> None:
    was = os.stat(target)
    now = os.stat(staged)
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        os.chown(staged, was.st_uid, was.st_gid)
    shutil.copystat(target, staged)
    os.utime(staged)


def _rename_all(staged: list[_Staged], intents: list[Path]) -> None:
    """The point of no return: if a write fails or is interrupted from here on, the next run completes it from the
    intent.
    """
    try:
        for entry in staged:
            os.replace(entry.staged, entry.target)
    except OSError as error:
        if not intents:
            _discard(Path(entry.staged) for entry in staged)
        later = "; the next run completes the group" if intents else ""
        raise CannotWrite(f"cannot be written: {error.strerror or error}{later}", entry.target) from error
    for folder in {os.path.dirname(entry.target) for entry in staged}:
        _sync_folder(folder)
    _discard(intents)


def _record(staged: list[_Staged]) -> list[Path]:
    """Writes the same intent to every folder of the group, so that a run in any of them finds it.

    A single rename is atomic; for several, the intent completes the group after an interruption.
    """
    entries = [[entry.target, entry.staged, entry.before, entry.after] for entry in staged]
    name = f"{INTENT_PREFIX}{os.getpid()}-{int(time.time())}.json"
    intents = [Path(folder, name) for folder in sorted({os.path.dirname(entry.target) for entry in staged})]
    try:
        for intent in intents:
            temporary = intent.with_name(f"{_STAGED_PREFIX}{os.getpid()}-{name}")
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(entries, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(intent)
            _sync_folder(str(intent.parent))
    except BaseException:
        _discard([*intents, *(intent.with_name(f"{_STAGED_PREFIX}{os.getpid()}-{name}") for intent in intents)])
        raise
    return intents


def _finish(intent: Path) -> Iterator[str]:
    try:
        entries = [_Staged(*map(str, entry)) for entry in json.loads(intent.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        yield f"{intent}: is not a record of fixer, so it was left alone"
        return
    for entry in entries:
        if not _is_ours(entry):
            continue
        if digest_of(entry.target) == entry.before:
            os.replace(entry.staged, entry.target)
            yield f"{entry.target}: written now to complete an interrupted run"
        else:
            rescued = entry.target + ".fixer-rescued"
            os.replace(entry.staged, rescued)
            yield f"{entry.target}: has changed since a run was interrupted; the text of that run is in {rescued}"
    _discard(Path(folder, intent.name) for folder in {os.path.dirname(entry.target) for entry in entries})


def _is_ours(entry: _Staged) -> bool:
    """Whether the staged file is beside its target and has the name and content that this module gives it. An intent
    from a foreign repository could name other places, and must not move anything there.
    """
    folder, name = os.path.split(entry.staged)
    beside = folder == os.path.dirname(entry.target) and name.startswith(_STAGED_PREFIX)
    return beside and not os.path.islink(entry.staged) and digest_of(entry.staged) == entry.after


def _is_running(name: str) -> bool:
    """Whether the process id in the name of a staged file or an intent belongs to another live process."""
    number = name.removeprefix(INTENT_PREFIX).removeprefix(_STAGED_PREFIX).partition("-")[0]
    if not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _discard(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(f"cannot be written: {error.strerror or error}", path) from error


def _sync_folder(folder: str) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
