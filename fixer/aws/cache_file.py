"""An entry of a cache on disk: bytes under a key, which count only if they are what was written.

An entry begins with the digest of its key and its content. What is damaged, too large, a link, or another user's is
as if it were not there.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

LARGEST = 64_000_000
"""Bytes of an entry, at most."""

_DIGITS = 64


def read(file: Path, key: str) -> bytes | None:
    """The content of an entry; None if there is none that counts. Never raises."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    known = os.fstat(handle)
    if not stat.S_ISREG(known.st_mode) or known.st_uid != os.getuid() or known.st_size > LARGEST:
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as stream, contextlib.suppress(OSError):
        data = stream.read(LARGEST)
        content = data[_DIGITS:]
        return content if data[:_DIGITS] == _digest(key, content) else None
    return None


def write(file: Path, key: str, content: bytes) -> None:
    """Keeps the content under the key; leaves it out where the file cannot be written. Never raises."""
    if len(content) + _DIGITS > LARGEST:
        return
    with contextlib.suppress(OSError, ValueError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(_digest(key, content) + content)
            os.replace(name, file)
        except BaseException:
            os.unlink(name)
            raise


def _digest(key: str, content: bytes) -> bytes:
    whole = hashlib.sha256(len(key).to_bytes(8, "big") + key.encode("utf-8", "surrogatepass"))
    whole.update(content)
    return whole.hexdigest().encode()
