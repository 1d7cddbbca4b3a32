"""The earlier versions of a template in the git repository of its folder.

The git command reads the commits of the current branch, follows renames, and gives at most 50 versions. It reads no
configuration but that of the repository, asks nothing, starts no hook, monitor, filter or pager, and uses no network.
"""

import os
import subprocess
from collections.abc import Iterator
from functools import lru_cache

from fixer.document.first_error import document_of
from fixer.model.versions import Version

MOST_VERSIONS = 50
_SECONDS = 10.0
_LARGEST = 5_000_000
_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "log.showSignature=false",
    "protocol.allow=never",
    "diff.external=",
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_FOREIGN = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG_COUNT",
)


def versions(file: str) -> tuple[Version, ...]:
    """The versions of a file in the commits of the current branch, the newest first, without those that do not parse
    and those that repeat the one after them; none if the file is not in a repository. Raises nothing.
    """
    return _known(os.path.abspath(file), head(file))


@lru_cache(maxsize=64)
def _known(file: str, commit: str) -> tuple[Version, ...]:
    return tuple(_versions(file)) if commit else ()


def head(file: str) -> str:
    """The id of the current commit of a file's repository; "" if there is none."""
    return _git(os.path.dirname(os.path.abspath(file)), "rev-parse", "--verify", "--quiet", "HEAD").decode().strip()


def _versions(file: str) -> Iterator[Version]:
    folder, name = os.path.split(os.path.abspath(file))
    log = _git(
        folder, "log", "-z", "--follow", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--name-only",
        f"--max-count={MOST_VERSIONS}", "--format=%x01%H %cs", "HEAD", "--", name,
    )  # fmt: skip
    before = b""
    for entry in log.split(b"\x01")[1:]:
        words, *paths = [part for part in entry.replace(b"\n", b"\0").split(b"\0") if part]
        commit, _, day = words.decode().partition(" ")
        data = _git(folder, "cat-file", "blob", f"{commit}:{os.fsdecode(paths[-1])}") if paths else b""
        if not data or data == before or len(data) > _LARGEST:
            continue
        before = data
        try:
            document = document_of(data.decode(), name)
        except UnicodeDecodeError:
            continue
        if document is not None:
            yield Version(commit, day, document.data)


def _git(folder: str, *arguments: str) -> bytes:
    """The output of a git command; nothing if it fails or takes too long."""
    own = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    options = [word for each in _CONFIG for word in ("-c", each)]
    try:
        done = subprocess.run(
            ["git", "--no-pager", "--literal-pathspecs", *options, *arguments],
            cwd=folder,
            env={**own, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
