"""Writes a group of files: all of them or none.

Each new text is staged and synced beside its target; then, if no target has changed since it was read, every staged
file is renamed onto its target (rename(2) is atomic). If a rename fails, the files that were written get their former
bytes back. The caller has saved an intent before, so that a later run completes or reverts what a killed run began.
"""

import contextlib
import errno
from collections.abc import Iterator, Sequence
from enum import StrEnum

from fixer.json_file import digest
from fixer.outputs.intents import Entry
from fixer.outputs.safe_write import CannotWrite, Folder


class HalfWritten(CannotWrite):
    """A group whose first files were written and could not be restored. Its intent must be kept."""


class State(StrEnum):
    """What a file of a group contains: the bytes before the run, those after it, or other ones (or it is gone)."""

    OLD = "old"
    NEW = "new"
    CHANGED = "changed"


class OpenFile:
    """A file of a group whose folder is open. Errors of the system are raised as CannotWrite, which names the file."""

    def __init__(self, entry: Entry, folder: Folder) -> None:
        self.entry = entry
        self.name = str(entry.place.file)
        self._folder = folder

    def state(self) -> State:
        """What the file contains now."""
        now = self._folder.digest(self.entry.place.name)
        if now == digest(self.entry.before):
            return State.OLD
        return State.NEW if now == digest(self.entry.after) else State.CHANGED

    def stage(self, data: bytes) -> None:
        """Stages bytes beside the file, with its mode, owner and extended attributes."""
        with _told(self.name):
            self._folder.remove(self.entry.staged)
            self._folder.create(self.entry.staged, data, like=self.entry.place.name)

    def commit(self) -> None:
        """Renames the staged file onto the file."""
        with _told(self.name):
            self._folder.replace(self.entry.staged, self.entry.place.name)

    def discard(self) -> None:
        """Removes the staged file if there is one."""
        with _told(self.name):
            if self._folder.has(self.entry.staged):
                self._folder.remove(self.entry.staged)

    def sync(self) -> None:
        """Makes the rename last."""
        self._folder.sync()


def write_group(entries: Sequence[Entry]) -> None:
    """Writes all files or none. Mode, owner and extended attributes are kept.

    Raises CannotWrite, which names the file, if a file has changed since it was read, if it is immutable, if its folder
    cannot be written, or if the disk is full. Raises HalfWritten if, in addition, written files cannot be restored.
    """
    with opened(entries) as files:
        try:
            for file in files:
                file.stage(file.entry.after)
            for file in files:
                if file.state() is not State.OLD:
                    raise CannotWrite("has changed since it was read, so it was not written", file.name)
        except BaseException:
            _discard(files)
            raise
        _commit(files)


@contextlib.contextmanager
def opened(entries: Sequence[Entry], skip_missing: bool = False) -> Iterator[list[OpenFile]]:
    """The files with their folders open. Raises CannotWrite if a folder is behind a symbolic link, cannot be opened for
    another reason, or is missing; with `skip_missing`, its files are left out.
    """
    with contextlib.ExitStack() as stack:
        folders: dict[str, Folder] = {}
        files: list[OpenFile] = []
        for entry in entries:
            parent = str(entry.place.file.parent)
            if parent not in folders:
                try:
                    folders[parent] = stack.enter_context(entry.place.folder())
                except OSError as error:
                    if skip_missing and error.errno in (errno.ENOENT, errno.ENOTDIR):
                        continue
                    raise _cannot_write(str(entry.place.file), error) from error
            files.append(OpenFile(entry, folders[parent]))
        yield files


def put_back(files: Sequence[OpenFile]) -> None:
    """Gives the written files their former bytes back, the last one first. Raises CannotWrite."""
    for file in reversed(files):
        if file.state() is State.NEW:
            file.stage(file.entry.before)
            file.commit()
            file.sync()


def _discard(files: Sequence[OpenFile]) -> None:
    for file in files:
        with contextlib.suppress(CannotWrite):
            file.discard()


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    """Raises CannotWrite for an error of the system."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: str, error: OSError) -> CannotWrite:
    return CannotWrite(f"cannot be written: {error.strerror or error}", path)


def _commit(files: Sequence[OpenFile]) -> None:
    """The renames: an error or an interrupt between them restores everything."""
    try:
        for file in files:
            file.commit()
    except BaseException as error:
        _revert(files, error)
        raise
    for file in files:
        file.sync()


def _revert(files: Sequence[OpenFile], cause: BaseException) -> None:
    try:
        put_back(files)
    except CannotWrite as error:
        reason = f"{error.message}; the next run of fixer completes or reverts what was begun"
        raise HalfWritten(reason, error.path) from cause
    finally:
        _discard(files)
