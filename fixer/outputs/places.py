"""The projects that files belong to, and where in a project a file is.

A project is a repository: the nearest folder above a file with `.git`, `.fixer.toml` or `.fixer`. A file outside of
repositories belongs to the folder that was given as PATH, else to its own folder. fixer writes inside of a project
only: a symbolic link that leaves it is refused.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fixer.errors import BadConfig
from fixer.json_file import shown
from fixer.outputs.safe_write import CannotWrite, Folder

_MARKS = (".git", ".fixer.toml", ".fixer")


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A file: the real path of its project, and its own real path below it, with "/" between the parts."""

    root: Path
    path: str

    @property
    def file(self) -> Path:
        """The whole path."""
        return self.root / self.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def folder(self, create: int | None = None) -> Folder:
        """The open folder of the file. Raises OSError if a part of the path is a symbolic link or missing; missing
        folders are created with the mode `create`.
        """
        return Folder(self.root, self.path.rpartition("/")[0], create)


def recorded(root: str, path: str) -> Place:
    """The place in a record. Raises ValueError or TypeError if the path does not stay below an absolute root."""
    place = Place(Path(root), path)
    if not place.root.is_absolute() or {"", ".", ".."} & set(path.split("/")) or b"\0" in os.fsencode(place.file):
        raise ValueError("the path is not below the project")
    return place


def root_of(folder: Path | str) -> Path:
    """The repository that a folder belongs to, else the folder itself; a real path."""
    real = os.path.realpath(folder)
    return Path(_marked(real) or real)


def place_of(file: str, folders: Iterable[str] = ()) -> Place:
    """The place of a file; a symbolic link that stays in the project is followed. `folders`: the folders given as PATH.

    Raises CannotWrite if the file is outside of the project that contains its path.
    """
    try:
        target, way_out = _followed(file)
        root = way_out or os.path.realpath(_project_of(file, folders))
    except ValueError as error:
        raise CannotWrite(f"is not the name of a file: {error}", shown(file)) from error
    if way_out or not _is_inside(target, root):
        kind = "is a symbolic link" if os.path.islink(file) else "is behind a symbolic link"
        raise CannotWrite(f"{kind} to a file outside of {root}: name that file itself to repair it", file)
    return Place(Path(root), Path(os.path.relpath(target, root)).as_posix())


def confined(path: str) -> str:
    """The path. Raises BadConfig if a symbolic link in a repository leads it out of that repository.

    This is for files and folders that a user names for results. A repository must not redirect them.
    """
    target, way_out = _followed(path)
    if way_out:
        raise BadConfig(f"leads out of the repository through a symbolic link, to {target}: choose another place", path)
    return path


def are_related(root: Path, folder: Path | str) -> bool:
    """Whether a folder asks for what was written in a project: it belongs to the same repository, or, outside of
    repositories, it contains the project or is inside it.
    """
    own = root_of(folder)
    if own in (root, root_of(root)):
        return True
    if _marked(str(own)):
        return False
    return own.is_relative_to(root) or (root.is_relative_to(own) and not os.path.lexists(root / ".git"))


def _project_of(file: str, folders: Iterable[str]) -> str:
    own = os.path.dirname(os.path.abspath(file))
    given = (os.path.abspath(folder) for folder in folders)
    around = [folder for folder in given if _is_inside(own, folder)]
    return _marked(os.path.realpath(own)) or max(around, key=len, default=own)


def _followed(path: str) -> tuple[str, str]:
    """The real path, and the repository that a symbolic link on the way leads out of ("": none does)."""
    at = os.sep
    for part in Path(os.getcwd(), path).parts[1:]:
        if part == os.pardir:
            at = os.path.dirname(at)
            continue
        here = os.path.join(at, part)
        at = os.path.realpath(here)
        root = _marked(os.path.dirname(here)) if at != here else ""
        if root and not _is_inside(at, root):
            return at, root
    return at, ""


def _is_inside(path: str, folder: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def _marked(folder: str) -> str:
    """The nearest folder, this one or above it, that is marked as a repository; "" if there is none. A mark in a folder
    of everybody, such as /tmp, may be anybody's and does not count.
    """
    while not any(os.path.exists(os.path.join(folder, mark)) for mark in _MARKS) or _is_public(folder):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def _is_public(folder: str) -> bool:
    try:
        mode = os.stat(folder).st_mode
    except OSError:
        return False
    return bool(mode & stat.S_IWOTH and mode & stat.S_ISVTX)  # Without the latter: a checkout with loose rights.
