"""Files read without waiting and without an end to fear: regular files up to a size."""

import os
import stat

from fixer.errors import FixerError
from fixer.json_file import shown


def read_regular(path: str, largest: int, what: str, kind: type[FixerError]) -> bytes:
    """The bytes of a regular file. `what` names the kind of file in errors.

    Raises an error of this kind if the file cannot be read, is a device, a pipe or a folder, or has more than `largest`
    bytes. It never waits for a writer.
    """
    data = start_of(path, largest + 1, kind)
    if len(data) > largest:
        raise kind(f"is too large for {what}: the limit is {largest // 1_000_000} MB", shown(path))
    return data


def start_of(path: str, size: int, kind: type[FixerError]) -> bytes:
    """The first bytes of a regular file, at most `size`; raises as `read_regular` does."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise kind("is not a regular file; to pass a stream, give - and redirect standard input", shown(path))
            return stream.read(size)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path.
        raise kind(f"cannot be read: {getattr(error, 'strerror', None) or error}", shown(path)) from error
