"""`fixer pr`: a run of the bot with the options and the environment."""

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
    """Keeps the pull request up to date, or adds suggestions to the pull request with that number. Raises FixerError.

    The paths in `wishes` are relative to the working folder.
    """
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token and not wishes.dry_run:
        raise BadConfig("GITHUB_TOKEN is not set: set it to a token that may push and open pull requests")
    server = os.environ.get("GITHUB_SERVER_URL", SERVER).rstrip("/")
    git = git_command.opened(Path.cwd(), wishes.remote, token, server)
    for name in filter(None, (wishes.branch, wishes.base)):
        git.check_branch(name)
    wanted = replace(wishes, paths=_below(git.root(), wishes.paths))
    hub = Hub(_repository(git.remote_url(wanted.remote), repository, server), token, _api(server)) if token else None
    if number is not None:
        if hub is None:
            raise BadConfig("GITHUB_TOKEN is not set: set it so that fixer can read the pull request")
        suggest(git, hub, wanted, number, settings_of, say)
    else:
        Remediation(git, hub, wanted, settings_of, say).run()


def _below(root: Path, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The PATHs relative to the top of the checkout."""
    found = []
    for path in paths:
        inside = os.path.relpath(os.path.join(os.path.realpath(os.curdir), path), os.path.realpath(root))
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            raise BadConfig("is outside the repository", path)
        found.append(Path(inside).as_posix())
    return tuple(found)


def _repository(url: str, given: str, server: str) -> str:
    """owner/name, from the option or the remote. The token is sent only to its own server."""
    ssh = re.fullmatch(r"(?:ssh://)?(?:[^@/]+@)?([^:/]+)(?::\d+)?[:/](.+)", url) if "http" not in url[:5] else None
    parts = urlsplit(url)
    host = ssh[1] if ssh else parts.netloc.rpartition("@")[2]
    if host != urlsplit(server).netloc and not (ssh and host == urlsplit(server).hostname):
        raise BadConfig(
            f"the remote is on {host or 'no server'}, but GITHUB_SERVER_URL is {server}: the token is not sent there"
        )
    name = given or (ssh[2] if ssh else parts.path).strip("/").removesuffix(".git")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise BadConfig(f"{name!r} is not OWNER/NAME: use --repo OWNER/NAME")
    return name


def _api(server: str) -> str:
    """The URL of the server's API: GITHUB_API_URL, which GitHub Actions sets, or the usual one."""
    if given := os.environ.get("GITHUB_API_URL"):
        return given.rstrip("/")
    return PUBLIC if server == SERVER else f"{server}/api/v3"
