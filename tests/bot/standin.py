"""A small GitHub on 127.0.0.1: repositories behind git's own http-backend, and the part of the API that the bot uses.

Every test makes its own. What the API answers is checked against GitHub's description elsewhere (`proxy`).
"""

import base64
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "ghp_standinsecret0123456789"
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
TIME = "2026-11-24T00:00:00Z"
Reply = tuple[int, Any, dict[str, str]]
Fault = Callable[[str, str, Any], "Reply | None"]
"""(method, path, body) to an answer in place of the right one, or None."""


@dataclass
class GitHub:
    """The state: pull requests by number, comments, and what was asked. `faults` answer before anything else."""

    root: Path
    port: int = 0
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    log: list[tuple[str, str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    default_branch: str = "main"
    shown_api: str = ""

    @property
    def url(self) -> str:
        """The server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """The root of the API, as a GitHub Enterprise server has it."""
        return f"{self.url}/api/v3"

    @property
    def bare(self) -> Path:
        """The bare repository of acme/stacks."""
        return self.root / "acme" / "stacks.git"

    def git(self, *arguments: str) -> str:
        """What git prints in the bare repository."""
        return _git(self.bare, *arguments)

    def tip(self, branch: str) -> str:
        """The commit of a branch, "" if there is none."""
        done = subprocess.run(
            ["git", "rev-parse", "--verify", "-q", f"refs/heads/{branch}"],
            cwd=self.bare, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout.strip()

    def open(self) -> list[dict[str, Any]]:
        """The open pull requests."""
        return [self.pull(number) for number, each in self.pulls.items() if each["state"] == "open"]

    def pull(self, number: int) -> dict[str, Any]:
        """A pull request as the API shows it."""
        return self._shown(number)

    def writes(self) -> list[tuple[str, str]]:
        """(method, path) of what was asked to change."""
        return [(method, path) for method, path, _ in self.log if method not in ("GET", "HEAD")]

    def answer(self, method: str, path: str, body: Any) -> Reply:
        """What the API answers."""
        parts = urlsplit(path)
        for pattern, function in ROUTES:
            found = re.fullmatch(pattern, f"{method} {unquote(parts.path)}")
            if found:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                return function(self, body or {}, query, *found.groups())
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}, {}

    def _shown(self, number: int) -> dict[str, Any]:
        pull = self.pulls[number]
        repository = _repository(self)
        page = f"{self.url}/acme/stacks/pull/{number}"
        api = f"{self.shown_api or self.api}/repos/acme/stacks"
        head = self.tip(pull["branch"]) or pull.get("last", "0" * 40)
        pull["last"] = head
        here = {"repo": repository, "user": _user(), "label": ""}
        link = {"href": page}
        names = ("comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self")
        return {
            "url": f"{api}/pulls/{number}", "id": number, "node_id": "PR", "html_url": page, "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch", "issue_url": f"{api}/issues/{number}",
            "commits_url": f"{api}/pulls/{number}/commits",
            "review_comments_url": f"{api}/pulls/{number}/comments",
            "review_comment_url": f"{api}/pulls/comments{{/number}}", "comments_url": f"{api}/issues/{number}/comments",
            "statuses_url": f"{api}/statuses/{head}", "number": number, "state": pull["state"], "locked": False,
            "title": pull["title"], "user": _user(), "body": pull["body"],
            "labels": [_label(x) for x in pull["labels"]],
            "milestone": None, "active_lock_reason": None, "created_at": TIME, "updated_at": TIME,
            "closed_at": TIME if pull["state"] == "closed" else None, "merged_at": TIME if pull["merged"] else None,
            "merge_commit_sha": None, "assignee": None, "assignees": [], "requested_reviewers": [],
            "requested_teams": [],
            "head": {**here, "label": f"acme:{pull['branch']}", "ref": pull["branch"], "sha": head},
            "base": {**here, "label": f"acme:{pull['base']}", "ref": pull["base"], "sha": self.tip(pull["base"])},
            "_links": dict.fromkeys(names, link), "author_association": "OWNER", "auto_merge": None,
            "draft": pull["draft"],
            "merged": pull["merged"], "mergeable": True, "rebaseable": True, "mergeable_state": "clean",
            "merged_by": None,
            "comments": 0, "review_comments": 0, "maintainer_can_modify": False, "commits": 1, "additions": 1,
            "deletions": 1, "changed_files": 1,
        }  # fmt: skip


def _user() -> dict[str, Any]:
    urls = (
        "url", "html_url", "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url",
        "organizations_url", "repos_url", "events_url", "received_events_url", "avatar_url",
    )  # fmt: skip
    return {
        **dict.fromkeys(urls, "http://127.0.0.1/acme"), "login": "acme", "id": 1, "node_id": "U", "gravatar_id": "",
        "type": "User", "site_admin": False,
    }  # fmt: skip


def _label(name: str) -> dict[str, Any]:
    return {
        "id": 1, "node_id": "L", "url": "http://127.0.0.1/label", "name": name, "description": "", "color": "ffffff",
        "default": False,
    }  # fmt: skip


def _repository(hub: GitHub) -> dict[str, Any]:
    api = f"{hub.shown_api or hub.api}/repos/acme/stacks"
    names = (
        "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents",
        "contributors", "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks",
        "issue_comment", "issue_events", "issues", "keys", "labels", "languages", "merges", "milestones",
        "notifications", "pulls", "releases", "stargazers", "statuses", "subscribers", "subscription", "tags", "teams",
        "trees", "svn", "clone", "mirror", "html",
    )  # fmt: skip
    return {
        **{f"{name}_url": f"{api}/{name}" for name in names}, "url": api, "git_url": f"git:{api}",
        "ssh_url": "git@x:acme",
        "mirror_url": None, "id": 1, "node_id": "R", "name": "stacks", "full_name": "acme/stacks", "owner": _user(),
        "private": False, "description": None, "fork": False, "homepage": None, "language": None, "forks_count": 0,
        "stargazers_count": 0, "watchers_count": 0, "size": 1, "default_branch": hub.default_branch,
        "open_issues_count": 0, "is_template": False, "topics": [], "has_issues": True, "has_projects": True,
        "has_wiki": True, "has_pages": False, "has_downloads": True, "has_discussions": False, "archived": False,
        "disabled": False, "visibility": "public", "pushed_at": TIME, "created_at": TIME, "updated_at": TIME,
        "permissions": {"admin": True, "push": True, "pull": True}, "license": None, "forks": 0, "open_issues": 0,
        "watchers": 0, "subscribers_count": 0, "network_count": 0, "allow_forking": True,
        "web_commit_signoff_required": False,
    }  # fmt: skip


def _invalid(message: str) -> Reply:
    error = {"resource": "PullRequest", "code": "custom", "message": message}
    return 422, {"message": "Validation Failed", "errors": [error], "documentation_url": "https://docs.github.com"}, {}


def _list(hub: GitHub, body: Any, query: dict[str, str]) -> Reply:
    branch = query.get("head", "").partition(":")[2]
    found = [
        hub.pull(number)
        for number, pull in sorted(hub.pulls.items(), reverse=True)
        if pull["state"] == query.get("state", "open") and (not branch or pull["branch"] == branch)
    ]
    return 200, found, {}


def _create(hub: GitHub, body: Any, query: dict[str, str]) -> Reply:
    if any(pull["branch"] == body["head"] and pull["state"] == "open" for pull in hub.pulls.values()):
        return _invalid(f"A pull request already exists for acme:{body['head']}.")
    if not hub.tip(body["head"]):
        return _invalid("head does not exist")
    number = len(hub.pulls) + 1
    hub.pulls[number] = {
        "branch": body["head"], "base": body["base"], "title": body["title"], "body": body.get("body", ""),
        "draft": body.get("draft", False), "state": "open", "merged": False, "labels": [], "reviewers": [],
    }  # fmt: skip
    return 201, hub.pull(number), {}


def _edit(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    hub.pull(int(number))
    hub.pulls[int(number)].update({key: body[key] for key in ("title", "body", "state") if key in body})
    return 200, hub.pull(int(number)), {}


def _issue(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    pull = hub.pulls[int(number)]
    if "labels" in body:
        pull["labels"] = list(body["labels"])
    shown = hub.pull(int(number))
    api = shown["issue_url"]
    issue = {
        key: shown[key]
        for key in (
            "id", "node_id", "number", "title", "state", "locked", "assignee", "assignees", "milestone", "comments",
            "created_at", "updated_at", "closed_at", "author_association", "user", "body", "labels",
            "active_lock_reason",
            "html_url",
        )
    } | {
        "url": api, "repository_url": api.rpartition("/issues")[0], "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments", "events_url": f"{api}/events",
    }  # fmt: skip
    return 200, issue, {}


def _comment(hub: GitHub, number: int, text: str) -> dict[str, Any]:
    page = hub.pull(number)
    return {
        "id": 1, "node_id": "C", "url": f"{page['issue_url']}/comments/1", "html_url": f"{page['html_url']}#1",
        "issue_url": page["issue_url"], "body": text, "user": _user(), "created_at": TIME, "updated_at": TIME,
        "author_association": "OWNER",
    }  # fmt: skip


def _comments(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    return 200, hub.comments.get(int(number), []), {}


def _add_comment(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    made = _comment(hub, int(number), body["body"])
    hub.comments.setdefault(int(number), []).append(made)
    return 201, made, {"Location": made["url"]}


def _reviewers(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    if "nobody" in body.get("reviewers", []):
        return _invalid("Reviews may only be requested from collaborators.")
    hub.pulls[int(number)]["reviewers"] += [*body.get("reviewers", []), *body.get("team_reviewers", [])]
    return 201, _simple(hub.pull(int(number))), {}


def _simple(pull: dict[str, Any]) -> dict[str, Any]:
    return pull


def _files(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    pull = hub.pulls[int(number)]
    spread = f"{pull['base']}...{pull['branch']}"
    names = [name for name in hub.git("diff", "--name-only", "-z", spread).split("\0") if name]
    found = []
    for name in names:
        diff = hub.git("diff", spread, "--", name)
        at = diff.find("\n@@") + 1
        url = f"{hub.url}/raw"
        found.append({
            "sha": "0" * 40, "filename": name, "status": "modified", "additions": 1, "deletions": 1, "changes": 2,
            "blob_url": url, "raw_url": url, "contents_url": url, "patch": diff[at:] if at else "",
        })  # fmt: skip
    return 200, found, {}


def _review_comments(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    page = hub.pull(int(number))
    link = {"href": page["html_url"]}
    found = [
        {
            "url": page["url"], "pull_request_review_id": 1, "id": 1, "node_id": "RC", "diff_hunk": "@@",
            "path": each["path"],
            "commit_id": page["head"]["sha"], "original_commit_id": page["head"]["sha"], "user": _user(),
            "body": each["body"],
            "created_at": TIME, "updated_at": TIME, "html_url": page["html_url"], "pull_request_url": page["url"],
            "author_association": "OWNER", "_links": {"self": link, "html": link, "pull_request": link},
        }
        for review in hub.reviews.get(int(number), [])
        for each in review["comments"]
    ]  # fmt: skip
    return 200, found, {}


def _review(hub: GitHub, body: Any, query: dict[str, str], number: str) -> Reply:
    hub.reviews.setdefault(int(number), []).append(body)
    page = hub.pull(int(number))
    link = {"href": page["html_url"]}
    return 200, {
        "id": 1, "node_id": "RV", "user": _user(), "body": body["body"], "state": "COMMENTED",
        "html_url": page["html_url"],
        "pull_request_url": page["url"], "_links": {"html": link, "pull_request": link}, "submitted_at": TIME,
        "commit_id": page["head"]["sha"], "author_association": "OWNER",
    }, {}  # fmt: skip


def _commit(hub: GitHub, body: Any, query: dict[str, str], sha: str) -> Reply:
    person = {"name": "a", "email": "a@example.com", "date": TIME}
    url = f"{hub.url}/commit/{sha}"
    return 200, {
        "url": url, "sha": sha, "node_id": "C", "html_url": url, "comments_url": url, "author": _user(),
        "committer": _user(),
        "commit": {
            "url": url, "author": person, "committer": person, "message": "m", "comment_count": 0,
            "tree": {"sha": sha, "url": url},
        },
        "parents": [],
    }, {}  # fmt: skip


ROUTES: tuple[tuple[str, Callable[..., Reply]], ...] = (
    (r"GET /repos/acme/stacks", lambda hub, body, query: (200, _repository(hub), {})),
    (r"GET /repos/acme/stacks/pulls", _list),
    (r"POST /repos/acme/stacks/pulls", _create),
    (r"GET /repos/acme/stacks/pulls/(\d+)", lambda hub, body, query, number: (200, hub.pull(int(number)), {})),
    (r"PATCH /repos/acme/stacks/pulls/(\d+)", _edit),
    (r"(?:GET|PATCH) /repos/acme/stacks/issues/(\d+)", _issue),
    (r"GET /repos/acme/stacks/issues/(\d+)/comments", _comments),
    (r"POST /repos/acme/stacks/issues/(\d+)/comments", _add_comment),
    (r"POST /repos/acme/stacks/pulls/(\d+)/requested_reviewers", _reviewers),
    (r"GET /repos/acme/stacks/pulls/(\d+)/files", _files),
    (r"GET /repos/acme/stacks/pulls/(\d+)/comments", _review_comments),
    (r"POST /repos/acme/stacks/pulls/(\d+)/reviews", _review),
    (r"GET /repos/acme/stacks/commits/([0-9a-f]{40})", _commit),
)


@contextmanager
def running(root: Path) -> Iterator[GitHub]:
    """A server with an empty repository acme/stacks, ended afterwards."""
    hub = GitHub(root)
    hub.bare.mkdir(parents=True)
    _git(hub.bare, "init", "--bare", "--quiet", "--initial-branch=main")
    _git(hub.bare, "config", "http.receivepack", "true")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


class _Handler(BaseHTTPRequestHandler):
    hub: GitHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _any(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if ".git/" in self.path:
            self._git(data)
            return
        body = json.loads(data) if data else None
        path = self.path.removeprefix("/api/v3")
        given = self.headers.get("Authorization", "")
        self.hub.log.append((self.command, path, body))
        reply = next((found for fault in [*self.hub.faults] if (found := fault(self.command, path, body))), None)
        if reply is None and given not in (f"token {TOKEN}", f"Bearer {TOKEN}"):
            reply = 401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}, {}
        self._reply(*(reply or self.hub.answer(self.command, path, body)))

    do_GET = do_POST = do_PATCH = _any  # noqa: N815

    def _reply(self, status: int, body: Any, headers: dict[str, str]) -> None:
        if status == 0:
            self.close_connection = True
            self.connection.close()
            return
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _git(self, data: bytes) -> None:
        path, _, query = self.path.partition("?")
        if len(self.headers.get_all("Authorization") or []) > 1:
            self._reply(400, {"message": "Duplicate header: Authorization"}, {})  # As GitHub answers.
            return
        if self.headers.get("Authorization", "").lower() != f"basic {BASIC}".lower():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        reply = next((found for fault in self.hub.faults if (found := fault("GIT", self.path, None))), None)
        if reply:
            self._reply(*reply)
            return
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.hub.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(data)),
            "REMOTE_USER": "acme",
            "REMOTE_ADDR": "127.0.0.1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=data, capture_output=True, env=environment, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
        self.send_response(status)
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
