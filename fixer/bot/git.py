"""Runs the git command, so that hooks, signing and credentials are the user's. No file of the user's checkout changes.

git gets the token in the environment, as a header for one server. The token is never in an argument, a remote or a
file, and it is removed from all output of git.
"""

import base64
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from fixer.errors import BadConfig, FixerError

IDENTITY = ("fixer", "fixer@users.noreply.github.com")
"""The author of commits if git has no identity configured."""

_TIMEOUT = 600.0
_USER = re.compile(r"://[^/@\s]+@")


class GitError(FixerError):
    """A git command that failed. The message is the output of git without secrets."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class Moved(GitError):
    """A push that was refused because the branch has moved: somebody else has pushed."""


@dataclass(frozen=True)
class Commit:
    """A commit: its id, the id of its tree, the ids of its parents, and its message."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str

    def trailer(self, name: str) -> str:
        """The value of the last trailer with that name; "" if there is none."""
        lines = [line for line in self.message.splitlines() if line.startswith(f"{name}: ")]
        return lines[-1].partition(": ")[2].strip() if lines else ""


@dataclass(frozen=True)
class Git:
    """The repository of a folder. `environment` is added to that of every command; `secrets` are never shown."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def run(self, *arguments: str) -> str:
        """The output of the command. Raises GitError if it fails or takes too long, or if git is not installed."""
        environment = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **self.environment}
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except FileNotFoundError as error:
            raise GitError("the git command is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {arguments[0]} took longer than {_TIMEOUT:.0f} seconds") from error
        if done.returncode:
            output = self.shown((done.stderr + done.stdout).decode(errors="replace"))
            raise GitError(f"git {arguments[0]} failed: {_essence(output)}", output)
        return done.stdout.decode(errors="surrogateescape")

    def says(self, *arguments: str) -> str:
        """The output of the command, stripped; "" if it fails."""
        try:
            return self.run(*arguments).strip()
        except GitError:
            return ""

    def shown(self, text: str) -> str:
        """A text without the secrets, and without the credentials in the URL of a remote."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return _USER.sub("://***@", text)

    def root(self) -> Path:
        """The top folder of the checkout. Raises GitError if there is none."""
        return Path(self.run("rev-parse", "--show-toplevel").rstrip("\n"))

    def remote_url(self, remote: str) -> str:
        """The URL of a remote. Raises BadConfig if the remote is not known."""
        if remote not in self.run("remote").splitlines():
            raise BadConfig(f"the repository does not have a remote {remote!r}")
        return self.run("remote", "get-url", remote).strip()

    def check_branch(self, name: str) -> None:
        """Raises BadConfig if git does not accept the name for a branch."""
        try:
            self.run("check-ref-format", "--branch", name)
        except GitError as error:
            raise BadConfig(f"{name!r} is not a valid branch name") from error

    def heads(self, remote: str, *branches: str) -> dict[str, str]:
        """Branch to commit id, for the branches that the remote has."""
        names = [f"refs/heads/{branch}" for branch in branches]
        lines = self.run("ls-remote", "--heads", remote, *names).splitlines()
        found = {name: sha for sha, _, name in (line.partition("\t") for line in lines)}
        return {branch: found[name] for branch, name in zip(branches, names, strict=True) if name in found}

    def fetch(self, remote: str, ref: str) -> None:
        """Fetches the commits of a ref of the remote without changing local refs. A shallow clone stays shallow."""
        self.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, ref)

    def commit(self, sha: str) -> Commit:
        """The commit with that id, which must exist locally."""
        raw = self.run("cat-file", "commit", sha)
        head, _, message = raw.partition("\n\n")
        lines = [line.split(" ", 1) for line in head.splitlines() if " " in line]
        trees = [value for key, value in lines if key == "tree"]
        return Commit(sha, trees[0], tuple(value for key, value in lines if key == "parent"), message)

    def record(self, paths: list[str], message: str) -> Commit:
        """Commits the files, with trailers for tree and parent; hooks and signing are those of the configuration."""
        base = self.run("rev-parse", "HEAD").strip()
        self.run("add", "--", *paths)
        tree = self.run("write-tree").strip()
        git = Git(self.folder, {**self.environment, **self._identity()}, self.secrets)
        git.run("commit", "--quiet", "--message", f"{message}\n\n{TREE}: {tree}\n{BASE}: {base}")
        made = self.commit(self.run("rev-parse", "HEAD").strip())
        if made.tree != tree:
            raise GitError("a commit hook changed the proven repair, so nothing was pushed")
        return made

    def push(self, remote: str, branch: str, sha: str, expected: str) -> None:
        """Moves a branch of the remote to a commit if it is still at `expected` ("": it does not exist).

        Raises Moved if it is not, and GitError if the remote refuses.
        """
        self._pushed(remote, branch, f"{sha}:refs/heads/{branch}", expected)

    def drop(self, remote: str, branch: str, expected: str) -> None:
        """Removes a branch of the remote if it is still at `expected`. The errors are those of `push`."""
        self._pushed(remote, branch, f":refs/heads/{branch}", expected)

    def _pushed(self, remote: str, branch: str, change: str, expected: str) -> None:
        lease = f"--force-with-lease=refs/heads/{branch}:{expected}"
        try:
            self.run("push", "--quiet", lease, remote, change)
        except GitError as error:
            # Without the last condition, a branch "a" of the remote would make a push to "a/b" look like a race.
            words = ("stale info", "fetch first", "non-fast-forward", "cannot lock ref")
            if any(word in error.output for word in words) and "cannot create" not in error.output:
                raise Moved(f"somebody else has pushed to {branch} in the meantime", error.output) from error
            raise

    def _identity(self) -> dict[str, str]:
        if self.says("config", "user.email") or os.environ.get("GIT_AUTHOR_EMAIL"):
            return {}
        return {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in zip(("NAME", "EMAIL"), IDENTITY, strict=True)
        }


TREE, BASE = "Fixer-Tree", "Fixer-Base"


def is_ours(commit: Commit) -> bool:
    """Whether a commit is as `Git.record` made it: not amended, rebased or extended."""
    return commit.trailer(TREE) == commit.tree and (commit.trailer(BASE),) == commit.parents


def opened(folder: Path, remote: str, token: str, server: str) -> Git:
    """The repository of a folder, with the token for a remote on that server (scheme://host[:port]), unless git has its
    own credentials for it.
    """
    git = Git(folder)
    url = git.remote_url(remote)
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if not token or parts.scheme not in ("http", "https") or origin != server:
        return Git(folder, {}, (token,) if token else ())
    if git.says("config", "--get-urlmatch", "http.extraheader", url):
        return Git(folder, {}, (token,))
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    count = int(os.environ.get("GIT_CONFIG_COUNT", "0") or 0)
    environment = {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": f"http.{server}/.extraheader",
        f"GIT_CONFIG_VALUE_{count}": f"AUTHORIZATION: basic {basic}",
    }
    return Git(folder, environment, (token, basic))


def _essence(output: str) -> str:
    """The lines of git's output that explain the error."""
    lines = [line.removeprefix("remote: ").strip() for line in output.splitlines()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "! [", "GH", "hint: Updates"))]
    return "; ".join((telling or [line for line in lines if line])[:4]) or "it gave no reason"
