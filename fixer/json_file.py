"""Small JSON files with a version: one message per fault when they are read, written completely or not at all."""

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from fixer.errors import BadConfig


def load(file: Path, version: int, what: str) -> dict[str, Any] | None:
    """The object in a file; None if the file does not exist. `what` names the kind of file in errors.

    Raises BadConfig for a file that cannot be read, that is not a JSON object, or that has another version.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror or error}", str(file)) from error
    except (ValueError, RecursionError) as error:
        raise BadConfig(f"is not {what}: it is not JSON", str(file)) from error
    if not isinstance(document, dict) or "version" not in document:
        raise BadConfig(f"is not {what}: it is not a JSON object with a version", str(file))
    if document["version"] != version:
        raise BadConfig(f"is {what} of version {document['version']}; this fixer reads version {version}", str(file))
    return document


def save(file: Path, document: object) -> None:
    """Writes a document beside the file, syncs it, and renames it onto the file. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    staged = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with staged.open("x", encoding="utf-8") as stream:
            json.dump(document, stream, indent=2)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        staged.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            staged.unlink()
        raise


def digest(data: bytes) -> str:
    """The SHA-256 digest of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of(file: Path | str) -> str:
    """The SHA-256 digest of a file; "" if it cannot be read."""
    try:
        return digest(Path(file).read_bytes())
    except OSError:
        return ""
