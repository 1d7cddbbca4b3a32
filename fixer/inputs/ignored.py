"""The files and folders that a walk leaves out: those that `.gitignore` files and the setting `exclude` name.

Sources: https://git-scm.com/docs/gitignore, which also defines the patterns of `exclude`. Files that are named as PATH
are never left out.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv", "vendor", "cdk.out", ".aws-sam"}
_NAME = ".gitignore"
_LARGEST = 100_000


class Ignored:
    """What a walk leaves out; each `.gitignore` is read once. `exclude` are pairs (folder, pattern) of the settings."""

    def __init__(self, exclude: Sequence[tuple[str, str]] = ()) -> None:
        self._exclude: dict[str, GitIgnoreSpec] = {}
        for folder in dict.fromkeys(folder for folder, _ in exclude):
            self._exclude[folder] = _spec([pattern for each, pattern in exclude if each == folder])
        self._read: dict[str, GitIgnoreSpec | None] = {}
        self._above: dict[str, tuple[str, ...]] = {}

    def leaves_out(self, path: str, is_folder: bool) -> bool:
        """Whether a walk leaves out this file or folder. The rule nearest to it decides, as in git."""
        full = os.path.abspath(path)
        if any(_says(spec, folder, full, is_folder) for folder, spec in self._exclude.items()):
            return True
        for folder in self._folders_above(os.path.dirname(full)):
            if folder not in self._read:
                self._read[folder] = _gitignore(folder)
            spec = self._read[folder]
            if spec is not None and (said := _says(spec, folder, full, is_folder)) is not None:
                return said
        return False

    def _folders_above(self, folder: str) -> tuple[str, ...]:
        """A folder and those above it up to the top of its repository, the nearest first; none outside a repository."""
        if folder not in self._above:
            chain = (Path(folder), *Path(folder).parents)
            top = next((at for at, each in enumerate(chain) if (each / ".git").exists()), -1)
            self._above[folder] = tuple(map(str, chain[: top + 1]))
        return self._above[folder]


def _says(spec: "GitIgnoreSpec", folder: str, full: str, is_folder: bool) -> bool | None:
    """What the rules of a folder say about a path: left out, taken in after all, or nothing."""
    inside = os.path.relpath(full, folder)
    if inside.startswith(os.pardir):
        return None
    return spec.check_file(Path(inside).as_posix() + ("/" if is_folder else "")).include


def _gitignore(folder: str) -> "GitIgnoreSpec | None":
    file = os.path.join(folder, _NAME)
    try:
        if not os.path.isfile(file) or os.path.getsize(file) > _LARGEST:
            return None
        return _spec(Path(file).read_text(encoding="utf-8", errors="replace").splitlines())
    except (OSError, ValueError):
        return None


def _spec(patterns: Sequence[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
