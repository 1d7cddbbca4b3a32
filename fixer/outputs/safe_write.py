"""Reads and writes files below a folder without following symbolic links.

A path is opened part by part, each part below the handle of the part before it (openat(2) with O_NOFOLLOW). A link, or
a folder that is exchanged for a link at the wrong moment, is an error: no other place is reached. New bytes are staged
under a random name that must not exist, synced, and renamed onto the file.
"""

import contextlib
import errno
import os
import secrets
import stat
import sys
from pathlib import Path, PurePosixPath
from types import TracebackType

from fixer.errors import FixerError
from fixer.json_file import digest

STAGED = ".fixer-staged-"
"""The start of the names of staged files. They never end like the name of a template, so that no run reads them as
templates.
"""

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINKS
_ON_THE_WAY = getattr(os, "O_PATH", os.O_RDONLY) | _FOLDER
_UNSUPPORTED = (errno.EPERM, errno.ENOTSUP, errno.ENODATA, errno.EINVAL, errno.EACCES)


class CannotWrite(FixerError):
    """A file or group that was not written; all of its files are unchanged."""


def staged_name() -> str:
    """A new name for a staged file. It cannot be predicted, so nobody can place a link there."""
    return STAGED + secrets.token_hex(8)


class Folder:
    """An open folder: `path` (relative, "/" between the parts, "" for the root itself) below a root.

    `root` itself must be a real path. Missing folders are created with `create`, a mode. Every method raises OSError.
    """

    def __init__(self, root: Path | str, path: str = "", create: int | None = None) -> None:
        parts = PurePosixPath(path).parts
        if ".." in parts or path.startswith("/") or "\0" in f"{root}{path}":
            raise OSError(errno.EINVAL, "the path is not below the folder")
        self._handle = os.open(root, _ON_THE_WAY if parts else _FOLDER)
        for index, part in enumerate(parts):
            flags = _FOLDER if index == len(parts) - 1 else _ON_THE_WAY
            above, self._handle = self._handle, -1
            try:
                self._handle = _opened(part, flags, above, create)
            finally:
                os.close(above)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._handle)

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of a regular file. A file larger than the limit, a link, a device or a pipe is an error."""
        handle = os.open(name, os.O_RDONLY | _NO_LINKS | getattr(os, "O_NONBLOCK", 0), dir_fd=self._handle)
        with os.fdopen(handle, "rb") as file:
            return read_regular(file.fileno(), limit)

    def digest(self, name: str) -> str:
        """The SHA-256 digest of a file; "" if it cannot be read."""
        try:
            return digest(self.read(name))
        except OSError:
            return ""

    def names(self) -> list[str]:
        """The sorted names in the folder."""
        return sorted(os.listdir(self._handle))

    def create(self, name: str, data: bytes, like: str = "", mode: int = 0o600) -> None:
        """Creates a file, writes and syncs it. It gets the mode, owner and extended attributes of the file `like`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS
        handle = os.open(name, flags, mode, dir_fd=self._handle)
        try:
            _write_all(handle, data)
            if like:
                self._keep_attributes(like, handle)
            os.fsync(handle)
        except BaseException:
            with contextlib.suppress(OSError):
                self.remove(name)
            raise
        finally:
            os.close(handle)

    def replace(self, name: str, target: str) -> None:
        """Renames a file onto another one of this folder (atomic)."""
        os.replace(name, target, src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Removes a file or link; it may be missing."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._handle)

    def sync(self) -> None:
        """Syncs the names in the folder as far as the file system can."""
        with contextlib.suppress(OSError):
            os.fsync(self._handle)

    def save(self, name: str, data: bytes, staged: str = "", mode: int = 0o600) -> None:
        """Writes a file completely or not at all. It may be new; else its mode and owner are kept."""
        staged = staged or staged_name()
        self.remove(staged)
        self.create(staged, data, name if self.has(name) else "", mode)
        try:
            self.replace(staged, name)
        except BaseException:
            with contextlib.suppress(OSError):
                self.remove(staged)
            raise
        self.sync()

    def has(self, name: str) -> bool:
        """Whether there is a regular file of that name."""
        try:
            return stat.S_ISREG(os.stat(name, dir_fd=self._handle, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            return False

    def _keep_attributes(self, like: str, handle: int) -> None:
        source = os.open(like, os.O_RDONLY | _NO_LINKS | getattr(os, "O_NONBLOCK", 0), dir_fd=self._handle)
        try:
            was, now = os.fstat(source), os.fstat(handle)
            if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
                os.fchown(handle, was.st_uid, was.st_gid)
            os.fchmod(handle, stat.S_IMODE(was.st_mode))
            _keep_extended(source, handle)
        finally:
            os.close(source)


def read_regular(handle: int, limit: int | None = None) -> bytes:
    """The bytes of an open regular file. Raises OSError if it is another kind of file, or larger than the limit."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file")
    if limit is not None and status.st_size > limit:
        raise OSError(errno.EFBIG, "File too large")
    with open(handle, "rb", closefd=False) as file:
        data = file.read() if limit is None else file.read(limit + 1)
    if limit is not None and len(data) > limit:
        raise OSError(errno.EFBIG, "File too large")
    return data


def _opened(part: str, flags: int, above: int, create: int | None) -> int:
    if create is not None:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, create, dir_fd=above)
    return os.open(part, flags, dir_fd=above)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _keep_extended(source: int, target: int) -> None:
    """Copies the extended attributes that this user may set (access lists, for example), as shutil.copystat does."""
    if sys.platform != "linux":
        return
    try:
        for name in os.listxattr(source):
            os.setxattr(target, name, os.getxattr(source, name))
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
