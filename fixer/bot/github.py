"""GitHub, through PyGithub: what the bot reads and writes there. Only this module imports PyGithub.

PyGithub repeats requests that fail because of a rate limit, after the time that GitHub names, or because of a server
error. Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fixer.errors import FixerError

PUBLIC = "https://api.github.com"
WAIT = 1.0
"""Seconds between two writes, as GitHub recommends, and before a failed request is tried again."""

_CLOSED = 30


class HubError(FixerError):
    """GitHub refused a request or could not be reached. The message contains no secrets."""


class AlreadyThere(HubError):
    """The branch already has a pull request."""


@dataclass(frozen=True)
class Pull:
    """A pull request: number, page, state ("open" or "closed"), whether merged, body, branch and commit of its head,
    and the branch that it goes to.
    """

    number: int
    url: str
    state: str
    merged: bool
    title: str
    body: str
    branch: str
    head: str
    labels: tuple[str, ...] = ()
    base: str = ""


@dataclass(frozen=True)
class Comment:
    """A review comment on lines `start` to `line` (from 1) of a file after the change."""

    path: str
    start: int
    line: int
    body: str


class Hub:
    """A repository on GitHub.

    Every method raises HubError with the message of GitHub.
    """

    def __init__(self, repository: str, token: str, base_url: str = PUBLIC) -> None:
        try:
            from github import Auth, Github, GithubRetry
        except ImportError as error:
            raise FixerError("fixer pr needs PyGithub: run `pip install 'fixer[bot]'`") from error
        logging.getLogger("github").setLevel(logging.CRITICAL)
        self._token = token
        self._name = repository
        retry = GithubRetry(total=4, backoff_factor=WAIT, secondary_rate_wait=60 * WAIT, max_rate_limit_wait=900)
        self._github = Github(
            auth=Auth.Token(token),
            base_url=base_url,
            retry=retry,
            timeout=30,
            per_page=100,
            seconds_between_writes=WAIT,
            seconds_between_requests=None,
        )
        with self._told():
            self._repository = self._github.get_repo(repository)

    @property
    def owner(self) -> str:
        """The owner of the repository."""
        return self._name.partition("/")[0]

    @property
    def default_branch(self) -> str:
        """The default branch."""
        return str(self._repository.default_branch)

    def open_pulls(self, prefix: str) -> list[Pull]:
        """The open pull requests of this repository (not of forks) whose branch starts with that name."""
        with self._told():
            found = [_pull(each) for each in self._repository.get_pulls(state="open") if self._is_own(each)]
        return [pull for pull in found if pull.branch.startswith(prefix)]

    def closed_pulls(self, branch: str) -> list[Pull]:
        """The latest closed pull requests of a branch."""
        with self._told():
            pulls = self._repository.get_pulls(state="closed", head=f"{self.owner}:{branch}")
            return [_pull(each) for _, each in zip(range(_CLOSED), pulls, strict=False) if self._is_own(each)]

    def pull(self, number: int) -> Pull:
        """One pull request."""
        with self._told():
            return _pull(self._repository.get_pull(number))

    def create(self, base: str, branch: str, title: str, body: str, draft: bool) -> Pull:
        """Opens a pull request. Raises AlreadyThere if the branch has one."""
        with self._told():
            made = self._repository.create_pull(base=base, head=branch, title=title, body=body, draft=draft)
            return _pull(made)

    def edit(self, pull: Pull, **changes: Any) -> None:
        """Changes title, body or state."""
        with self._told():
            self._repository.get_pull(pull.number).edit(**changes)

    def label(self, pull: Pull, labels: Iterable[str]) -> None:
        """Adds labels; existing ones stay."""
        wanted = [*pull.labels, *(label for label in labels if label not in pull.labels)]
        if wanted != [*pull.labels]:
            with self._told():
                self._repository.get_issue(pull.number).edit(labels=wanted)

    def ask_for_review(self, pull: Pull, reviewers: Iterable[str]) -> None:
        """Requests a review from people ("name") and teams ("org/team")."""
        names = list(reviewers)
        people = [name for name in names if "/" not in name]
        teams = [name.rpartition("/")[2] for name in names if "/" in name]
        if names:
            given: dict[str, Any] = {"reviewers": people} | ({"team_reviewers": teams} if teams else {})
            with self._told():
                self._repository.get_pull(pull.number).create_review_request(**given)

    def comments(self, pull: Pull) -> list[str]:
        """The texts of the comments on a pull request."""
        with self._told():
            return [str(each.body or "") for each in self._repository.get_issue(pull.number).get_comments()]

    def comment(self, pull: Pull, text: str) -> None:
        """Adds a comment to a pull request."""
        with self._told():
            self._repository.get_issue(pull.number).create_comment(text)

    def patches(self, pull: Pull) -> dict[str, str]:
        """Path to the hunks that a pull request changes."""
        with self._told():
            return {each.filename: each.patch or "" for each in self._repository.get_pull(pull.number).get_files()}

    def review_comments(self, pull: Pull) -> list[str]:
        """The texts of the comments on lines of a pull request."""
        with self._told():
            return [str(each.body or "") for each in self._repository.get_pull(pull.number).get_review_comments()]

    def review(self, pull: Pull, body: str, comments: Iterable[Comment]) -> None:
        """Adds comments on lines of a pull request, in one review that neither approves nor rejects."""
        listed: list[Any] = []
        for each in comments:
            entry: dict[str, Any] = {"path": each.path, "body": each.body, "line": each.line, "side": "RIGHT"}
            if each.start < each.line:
                entry |= {"start_line": each.start, "start_side": "RIGHT"}
            listed.append(entry)
        with self._told():
            pull_request = self._repository.get_pull(pull.number)
            commit = self._repository.get_commit(pull.head)
            pull_request.create_review(commit=commit, body=body, event="COMMENT", comments=listed)

    def _is_own(self, pull: Any) -> bool:
        return pull.head.repo is not None and str(pull.head.repo.full_name).lower() == self._name.lower()

    @contextmanager
    def _told(self) -> Iterator[None]:
        from github import BadCredentialsException, GithubException, RateLimitExceededException, UnknownObjectException
        from requests import RequestException

        try:
            yield
        except BadCredentialsException as error:
            raise HubError("GitHub rejected the token (401)") from error
        except RateLimitExceededException as error:
            raise HubError(f"the rate limit of GitHub is exceeded ({error.status})") from error
        except UnknownObjectException as error:
            raise HubError(f"GitHub does not find {self._name}, or the token has no access to it (404)") from error
        except GithubException as error:
            said = _reasons(error.data)
            kind = AlreadyThere if error.status == 422 and "already exists" in said else HubError
            raise kind(self._shown(f"GitHub refused the request ({error.status}): {said}")) from error
        except RequestException as error:
            raise HubError(self._shown(f"GitHub cannot be reached: {_cause(error)}")) from error

    def _shown(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


def _pull(pull: Any) -> Pull:
    return Pull(
        pull.number,
        pull.html_url,
        pull.state,
        pull.merged_at is not None,
        pull.title,
        pull.body or "",
        pull.head.ref,
        pull.head.sha,
        tuple(label.name for label in pull.labels),
        pull.base.ref,
    )


def _reasons(data: Any) -> str:
    if not isinstance(data, dict):
        return str(data)[:200]
    errors = data.get("errors")
    listed = errors if isinstance(errors, list) else []
    texts = [
        str(each.get("message") or each.get("code") or "") if isinstance(each, dict) else str(each) for each in listed
    ]
    return "; ".join(text for text in [str(data.get("message", "")), *texts] if text)[:500]


def _cause(error: Exception) -> str:
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return str(cause)[:200]
