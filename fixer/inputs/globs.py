"""Glob patterns and folders, walked without going in circles: symbolic links may point to the folder above them."""

import fnmatch
import glob
import os
from collections.abc import Callable, Iterator

_ANY_DEPTH = "**"


def matches(pattern: str) -> list[str]:
    """The paths that match a glob, as `glob.glob` with `recursive` understands it, in the order of their names.

    `**` does not follow symbolic links, and a folder that is reached on several ways counts once.
    """
    *outer, last = pattern.split(os.sep)
    places = [os.sep if pattern.startswith(os.sep) else ""]
    for part in filter(None, outer):
        found = [path for place in places for path in _folders(place, part)]
        places = list({os.path.realpath(path): path for path in reversed(found)}.values())
    return sorted({path for place in places for path in _found(place, last) if path})


def walk(folder: str, enters: Callable[[str], bool]) -> Iterator[tuple[str, list[str]]]:
    """Each folder at and below a path, parents first, with the names of its files, in the order of the names.

    Symbolic links to folders are not followed. `enters` says by the path whether to look into a folder.
    """
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        entries = _entries(place)
        yield place, [entry.name for entry in entries if not _is_folder(entry)]
        inner = [entry for entry in entries if _is_folder(entry) and not entry.is_symlink() and enters(entry.path)]
        waiting += [os.path.join(place, entry.name) for entry in reversed(inner)]


def _folders(place: str, part: str) -> Iterator[str]:
    """The folders that a part of a pattern means in a folder."""
    if part == _ANY_DEPTH:
        yield from (below for below, _ in walk(place, _is_shown))
    else:
        yield from (path for path in _found(place, part) if os.path.isdir(path))


def _found(place: str, part: str) -> Iterator[str]:
    """The paths that the last part of a pattern means in a folder; an empty part means the folder itself."""
    if part == _ANY_DEPTH:
        for below, names in walk(place, _is_shown):
            yield from (below, *(os.path.join(below, name) for name in names if _is_shown(name)))
    elif glob.has_magic(part):
        hidden = part.startswith(".")
        shown = (entry.name for entry in _entries(place) if hidden or _is_shown(entry.name))
        yield from (os.path.join(place, name) for name in shown if fnmatch.fnmatch(name, part))
    elif os.path.lexists(os.path.join(place, part)):
        yield os.path.join(place, part)


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    """What is in a folder, in the order of the names; nothing if it cannot be read."""
    try:
        with os.scandir(folder or os.curdir) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (OSError, ValueError):  # ValueError: a null byte in the path.
        return []


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_shown(path: str) -> bool:
    return not os.path.basename(path).startswith(".")
