"""`fixer pr`: from the command line and the environment to a run of the bot."""

import os
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from fixer.bot import git as git_command
from fixer.bot.github import PUBLIC, Hub
from fixer.bot.remediation import Remediation, Say, SettingsOf, Wishes
from fixer.bot.suggestions import suggest
from fixer.errors import BadConfig

SERVER = "https://github.com"


def run(wishes: Wishes, number: int | None, repository: str, settings_of: SettingsOf, say: Say) -> None:
    """Keeps the pull request, or suggests on the one of that number. Raises FixerError.

    The paths of the wishes are relative to the working folder here.
    """
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token and not wishes.dry_run:
        raise BadConfig("GITHUB_TOKEN is not set: it must hold a token that may push and open pull requests")
    server = os.environ.get("GITHUB_SERVER_URL", SERVER).rstrip("/")
    git = git_command.opened(Path.cwd(), wishes.remote, token, server)
    for name in filter(None, (wishes.branch, wishes.base)):
        git.check_branch(name)
    wanted = replace(wishes, paths=_below(git.root(), wishes.paths))
    hub = Hub(_repository(git.remote_url(wanted.remote), repository, server), token, _api(server)) if token else None
    if number is not None:
        if hub is None:
            raise BadConfig("GITHUB_TOKEN is not set: the pull request cannot be read")
        suggest(git, hub, wanted, number, settings_of, say)
    else:
        Remediation(git, hub, wanted, settings_of, say).run()


def _below(root: Path, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The PATHs relative to the top of the checkout."""
    found = []
    for path in paths:
        inside = os.path.relpath(os.path.join(os.path.realpath(os.curdir), path), os.path.realpath(root))
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            raise BadConfig("lies outside of the repository", path)
        found.append(Path(inside).as_posix())
    return tuple(found)


def _repository(url: str, given: str, server: str) -> str:
    """owner/name, from the option, the remote or the environment. A token is for one server: no other gets it."""
    ssh = re.fullmatch(r"(?:ssh://)?(?:[^@/]+@)?([^:/]+)(?::\d+)?[:/](.+)", url) if "http" not in url[:5] else None
    parts = urlsplit(url)
    host = ssh[1] if ssh else parts.netloc.rpartition("@")[2]
    if host != urlsplit(server).netloc and not (ssh and host == urlsplit(server).hostname):
        raise BadConfig(
            f"the remote is on {host or 'no server'}, GITHUB_SERVER_URL is {server}: the token is not sent there"
        )
    name = given or (ssh[2] if ssh else parts.path).strip("/").removesuffix(".git")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise BadConfig(f"{name!r} is no OWNER/NAME: give --repo")
    return name


def _api(server: str) -> str:
    """Where the API of the server is: GITHUB_API_URL, as Actions sets it, or what is usual."""
    if given := os.environ.get("GITHUB_API_URL"):
        return given.rstrip("/")
    return PUBLIC if server == SERVER else f"{server}/api/v3"
