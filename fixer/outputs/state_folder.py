"""The folder of this user in which fixer keeps the state of runs: records of what was written, and unfinished writes.

It is outside all repositories (`~/.local/state/fixer` on Linux, or below XDG_STATE_HOME) and is open to its user only.
Nothing that a repository contains is ever read as state. Layout: `unfinished/` holds a file per run that is writing,
`projects/<digest of the project's real path>/` holds the records of the runs in that project.
"""

import contextlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from fixer import json_file
from fixer.errors import BadConfig
from fixer.outputs.safe_write import Folder

UNFINISHED = "unfinished"
_PROJECTS = "projects"
_PATH = "path.json"
_VERSION = 1
_PRIVATE = 0o700
_LARGEST = 500_000_000
_FORGOTTEN_AFTER = 30 * 86_400


def location() -> Path:
    """The folder; it may be missing. Raises BadConfig if the environment does not define its place."""
    import platformdirs

    folder = platformdirs.user_state_path("fixer", appauthor=False)
    if not folder.is_absolute():
        raise BadConfig(f"the state folder {folder} is not absolute: set HOME or XDG_STATE_HOME to an absolute path")
    return Path(os.path.realpath(folder))


def exists() -> bool:
    """Whether there is state of this user. Raises BadConfig if the folder belongs to somebody else or others may write
    to it.
    """
    folder = location()
    try:
        status = os.stat(folder)
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise BadConfig(
            "the state folder is not private to this user: remove it, or set XDG_STATE_HOME to another folder",
            str(folder),
        )
    return True


def create() -> None:
    """Creates the folder. Raises BadConfig if that is not possible, or if it is not private to this user."""
    try:
        os.makedirs(location(), _PRIVATE, exist_ok=True)
    except OSError as error:
        raise cannot_write(error) from error
    exists()


def cannot_write(error: OSError) -> BadConfig:
    """The error for state that cannot be written; nothing else is written then."""
    reason = f"the state of the run cannot be written: {error.strerror or error}; set XDG_STATE_HOME to another folder"
    return BadConfig(reason, str(error.filename or location()))


def folder(path: str, make: bool = False) -> Folder:
    """An open folder below the state folder. Raises OSError, for example if it is missing and not made."""
    return Folder(location(), path, _PRIVATE if make else None)


def project(root: Path) -> str:
    """The path, below the state folder, of the records of a project."""
    return f"{_PROJECTS}/{json_file.digest(os.fsencode(root))[:32]}"


def names(path: str) -> list[str]:
    """The sorted names of the complete JSON files in a folder below the state folder; none if it is missing."""
    try:
        with folder(path) as here:
            return [name for name in here.names() if name.endswith(".json") and name != _PATH]
    except OSError:
        return []


def load(path: str, name: str, what: str) -> dict[str, object]:
    """The JSON object in a file below the state folder. Raises BadConfig if it is damaged, OSError if it is missing."""
    shown = str(location() / path / name)
    with folder(path) as here:
        return json_file.parsed(here.read(name, _LARGEST), _VERSION, what, shown)


def save(path: str, name: str, document: dict[str, object]) -> None:
    """Writes a JSON file below the state folder, completely or not at all. Raises OSError.

    It is staged under a name of its own, so that the next run can remove what a killed run left.
    """
    with folder(path, make=True) as here:
        here.save(name, encoded(document), staged_for(name))


def staged_for(name: str) -> str:
    """The name under which a file of the state folder is staged."""
    return f"{name}.new"


def encoded(document: dict[str, object]) -> bytes:
    """A document of the state folder as bytes."""
    return json.dumps({"version": _VERSION, **document}).encode() + b"\n"


def remember(root: Path, run_id: str) -> None:
    """Notes which project a folder of records belongs to, at the first run in it. Raises OSError."""
    with folder(project(root), make=True) as here:
        if _PATH not in here.names():
            here.save(_PATH, encoded({"path": str(root)}), staged_for(f"{run_id}.path"))


def projects() -> Iterator[Path]:
    """The projects that have records."""
    with contextlib.suppress(OSError), folder(_PROJECTS) as here:
        for name in here.names():
            with contextlib.suppress(OSError, BadConfig):
                root = Path(str(load(f"{_PROJECTS}/{name}", _PATH, "the path of a project").get("path")))
                if project(root) == f"{_PROJECTS}/{name}":
                    yield root


def forget_old_projects() -> None:
    """Removes the records of projects that have been gone for a month, such as temporary checkouts."""
    for root in projects():
        with contextlib.suppress(OSError):
            records = location() / project(root)
            if not os.path.lexists(root) and records.stat().st_mtime < time.time() - _FORGOTTEN_AFTER:
                for file in records.iterdir():
                    file.unlink()
                records.rmdir()
