"""Checkouts in temporary folders, and the removal of those that a killed run has left.

Each temporary folder has a mark: a file with the path of the repository, which the run's process keeps locked. A folder
counts as left only if this user owns it, its mark names this repository, and no process holds the lock.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixer.bot.git import Git

_PREFIX = "fixer-"
_MARK = "made-by-fixer"
_PLACE = "repository"
_LONGEST = 10_000


@contextmanager
def worktree(git: Git, sha: str) -> Iterator[Git]:
    """A checkout of a commit in a temporary folder, which is removed afterwards."""
    remove_left_ones(git)
    parent = Path(tempfile.mkdtemp(prefix=_PREFIX))
    place = parent / _PLACE
    with _marked(parent, _repository(git)):
        try:
            git.run("worktree", "add", "--quiet", "--detach", str(place), sha)
            yield Git(place, git.environment, git.secrets)
        finally:
            _remove(git, parent)


def remove_left_ones(git: Git) -> None:
    """Removes the checkouts of this repository that killed runs have left; worktrees of the user stay."""
    repository = _repository(git)
    for parent in sorted(_candidates(git)):
        with contextlib.suppress(OSError), _unlocked_mark(parent) as named:
            if named and named == repository:
                _remove(git, parent)


def _candidates(git: Git) -> Iterator[Path]:
    """The folders that may be a run's: those around worktrees of the repository, and those in the temporary folder. A
    run may have been killed before git knew its worktree.
    """
    known = git.says("worktree", "list", "--porcelain").splitlines()
    places = [Path(line.removeprefix("worktree ")) for line in known if line.startswith("worktree ")]
    found = {place.parent for place in places if place.name == _PLACE}
    found.update(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"))
    return (each for each in found if each.name.startswith(_PREFIX))


def _repository(git: Git) -> bytes:
    """The path of the repository itself, which all its worktrees share; empty if git does not say it."""
    told = git.says("rev-parse", "--git-common-dir")
    return os.fsencode(os.path.realpath(git.folder / told)) if told else b""


@contextmanager
def _marked(parent: Path, repository: bytes) -> Iterator[None]:
    """Holds the mark of a folder. It is locked before it says anything: an empty mark counts for nothing."""
    handle = os.open(parent / _MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _lock(handle)
        os.write(handle, repository)
        yield
    finally:
        os.close(handle)


@contextmanager
def _unlocked_mark(parent: Path) -> Iterator[bytes]:
    """Locks the mark of a folder and gives what it says. Raises OSError if there is none, or if it is held."""
    status = os.lstat(parent)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PermissionError(f"{parent} is not a folder of this user")
    handle = os.open(parent / _MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        _lock(handle)
        yield os.read(handle, _LONGEST) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    """Raises OSError if another process holds the lock; the kernel lets go of it when its process ends."""
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove(git: Git, parent: Path) -> None:
    """Removes a checkout and what the repository knows of it. Forced twice: also if git was killed while it made it."""
    git.says("worktree", "remove", "--force", "--force", str(parent / _PLACE))
    shutil.rmtree(parent, ignore_errors=True)
    git.says("worktree", "prune")
