"""What a run is about to write, kept in the state folder until it is done.

An intent is saved before the first file of a run is staged, and is removed when the run has nothing left to write. It
holds the bytes before and after of each file, so that a later run can complete or revert what a killed run began. The
writing process holds a lock on the file of its intent; the lock ends with the process.
"""

import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from fixer.errors import BadConfig, FixerError
from fixer.json_file import digest
from fixer.outputs import state_folder
from fixer.outputs.places import Place, recorded
from fixer.outputs.safe_write import STAGED, staged_name

_STAGED_NAME = re.compile(re.escape(STAGED) + "[0-9a-f]{16}")
_ID = re.compile("[0-9]{8}T[0-9]{12}-[0-9a-f]{4}")
_WHAT = "a record of an unfinished run"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a group: its place, the name under which it is staged beside it, its bytes before and after."""

    place: Place
    staged: str
    before: bytes
    after: bytes

    @classmethod
    def of(cls, place: Place, before: bytes, after: bytes) -> "Entry":
        """An entry with a new name for its staged file."""
        return cls(place, staged_name(), before, after)


Group = tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """The groups that the run with this id writes; `undone` is "", or the mark of its record once it is undone."""

    id: str
    groups: tuple[Group, ...]
    undone: str = ""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The projects that it writes in."""
        return tuple(sorted({entry.place.root for group in self.groups for entry in group}))


class Unfinished:
    """A saved intent whose lock this process holds. As a context, it is removed at the end, but not if `keep` is set or
    after an interrupt or a bug: then the next run takes care of it.
    """

    def __init__(self, name: str, handle: int) -> None:
        self.name = name
        self.keep = False
        self._handle = handle

    def __enter__(self) -> "Unfinished":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self.keep and (kind is None or issubclass(kind, FixerError)):
            with contextlib.suppress(OSError), state_folder.folder(state_folder.UNFINISHED) as here:
                here.remove(self.name)
        os.close(self._handle)


def new_id() -> str:
    """An id for a run: its time (UTC), and four random digits."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"


def is_id(text: str) -> bool:
    """Whether a text has the form of an id."""
    return _ID.fullmatch(text) is not None


def begin(intent: Intent) -> Unfinished:
    """Saves an intent. Raises BadConfig if that is not possible; then nothing may be written."""
    state_folder.create()
    name = f"{intent.id}{'-undo' if intent.undone else ''}.json"
    staged = state_folder.staged_for(name)
    try:
        with state_folder.folder(state_folder.UNFINISHED, make=True) as here:
            here.create(staged, _encoded(intent))
            handle = _locked(staged)
            if handle is None:
                raise BadConfig("another fixer holds the state of this run: run again")
            here.replace(staged, name)
            here.sync()
    except OSError as error:
        raise state_folder.cannot_write(error) from error
    return Unfinished(name, handle)


def abandoned() -> Iterator[tuple[Unfinished, Intent | BadConfig]]:
    """The intents of processes that no longer run, locked; an error in place of one that is damaged."""
    try:
        if not state_folder.exists():
            return
    except BadConfig:
        return  # Somebody else's folder holds nothing that this user began.
    _remove_staged()
    for name in state_folder.names(state_folder.UNFINISHED):
        with contextlib.suppress(OSError):
            handle = _locked(name)
            if handle is not None:
                yield Unfinished(name, handle), _loaded(name)


def _locked(name: str) -> int | None:
    """A handle that holds the lock of a file in the folder; None if another process holds it or the file is gone.

    Raises OSError if the file system has no locks.
    """
    import fcntl

    path = state_folder.location() / state_folder.UNFINISHED / name
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    is_ours = False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another process may have removed the file between the two calls.
        is_ours = os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except (BlockingIOError, FileNotFoundError):
        return None
    finally:
        if not is_ours:
            os.close(handle)
    return handle if is_ours else None


def _remove_staged() -> None:
    """Removes what was staged here by processes that no longer run: their intents were not complete."""
    with contextlib.suppress(OSError), state_folder.folder(state_folder.UNFINISHED) as here:
        for name in here.names():
            if name.endswith(state_folder.staged_for("")) and (handle := _locked(name)) is not None:
                here.remove(name)
                os.close(handle)


def _encoded(intent: Intent) -> bytes:
    groups = [[_as_json(entry) for entry in group] for group in intent.groups]
    text = json.dumps({"run": intent.id, "undone": intent.undone, "groups": groups})
    return state_folder.encoded({"digest": digest(text.encode()), "intent": text})


def _as_json(entry: Entry) -> dict[str, str]:
    return {
        "root": str(entry.place.root),
        "path": entry.place.path,
        "staged": entry.staged,
        "before": entry.before.decode("latin-1"),  # A character per byte: the bytes need not be UTF-8 text.
        "after": entry.after.decode("latin-1"),
    }


def _loaded(name: str) -> Intent | BadConfig:
    path = str(state_folder.location() / state_folder.UNFINISHED / name)
    try:
        document = state_folder.load(state_folder.UNFINISHED, name, _WHAT)
        text = str(document["intent"])
        if digest(text.encode()) != document["digest"]:
            return _damaged(path)
        intent = json.loads(text)
        groups = tuple(tuple(_entry(each) for each in group) for group in intent["groups"])
        loaded = Intent(intent["run"], groups, intent["undone"])
        known = is_id(loaded.id) and isinstance(loaded.undone, str)
    except (AttributeError, BadConfig, KeyError, TypeError, ValueError, RecursionError):
        return _damaged(path)
    return loaded if known else _damaged(path)


def _entry(each: dict[str, str]) -> Entry:
    if not _STAGED_NAME.fullmatch(each["staged"]):
        raise ValueError("the name of the staged file is not of its form")
    place = recorded(each["root"], each["path"])
    return Entry(place, each["staged"], each["before"].encode("latin-1"), each["after"].encode("latin-1"))


def _damaged(path: str) -> BadConfig:
    return BadConfig(
        "is damaged, so the record of an unfinished run is lost: compare your templates with your version control, "
        "then remove this file",
        path,
    )
