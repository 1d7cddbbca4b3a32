"""What the bot may see of a checkout: files below it, and settings that the base branch has."""

import os
from dataclasses import replace
from pathlib import Path

from fixer.bot.git import Git
from fixer.inputs.config import FILE_NAME
from fixer.settings import Settings

_SETTINGS = (FILE_NAME, "pyproject.toml")


def confined(settings: Settings, folder: Path) -> Settings:
    """The settings of a run that reads no file outside of the checkout, whatever a template or the settings name: what
    the bot reads may be posted.
    """
    return replace(settings, root=os.path.realpath(folder))


def with_settings_of(tree: Git, base: str) -> None:
    """Gives the checkout the configuration files of a commit: the author of a pull request does not steer the bot."""
    for name in _SETTINGS:
        file = tree.folder / name
        if file.is_symlink() or file.exists():
            file.unlink()
        if tree.says("cat-file", "-t", f"{base}:{name}") == "blob":
            tree.run("checkout", "--quiet", base, "--", name)


def without_escapes(folder: Path) -> None:
    """Removes symbolic links from the temporary folder if they lead out of the checkout or to no file."""
    top = os.path.realpath(folder)
    for parent, folders, files in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *files):
            place = os.path.join(parent, name)
            if os.path.islink(place) and not os.path.realpath(place).startswith(top + os.sep):
                os.unlink(place)
