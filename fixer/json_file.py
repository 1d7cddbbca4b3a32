"""Small JSON files with a version: one message per fault when they are read."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

from fixer.errors import BadConfig

LARGEST = 50_000_000
"""The size limit of such a file, in bytes."""


def load(file: Path, version: int, what: str) -> dict[str, Any] | None:
    """The object in a file; None if the file does not exist. `what` names the kind of file in errors.

    Raises BadConfig for a file that cannot be read, that is not a regular file, that is larger than 50 MB, that is not
    a JSON object, or that has another version.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadConfig(f"cannot be read: {getattr(error, 'strerror', None) or error}", shown(file)) from error
    with open(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise BadConfig(f"is not {what}: it is not a regular file", shown(file))
        if status.st_size > LARGEST:
            raise BadConfig(f"is too large for {what}: the limit is {LARGEST // 1_000_000} MB", shown(file))
        data = stream.read(LARGEST)
    return parsed(data, version, what, shown(file))


def parsed(data: bytes, version: int, what: str, path: str) -> dict[str, Any]:
    """The object in the bytes of a file. Raises BadConfig if it is not a JSON object or has another version."""
    try:
        document = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise BadConfig(f"is not {what}: it is not JSON", path) from error
    if not isinstance(document, dict) or "version" not in document:
        raise BadConfig(f"is not {what}: it is not a JSON object with a version", path)
    if type(document["version"]) is not int:
        raise BadConfig(f"is not {what}: its version is not a whole number", path)
    if document["version"] != version:
        found = str(document["version"])[:20]
        raise BadConfig(f"is {what} of version {found}; this fixer reads version {version}", path)
    return document


def shown(file: Path | str) -> str:
    """A path for a message: the name of a file may contain a null byte if it comes from a settings file."""
    return str(file).replace("\0", "\\0")


def digest(data: bytes) -> str:
    """The SHA-256 digest of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
