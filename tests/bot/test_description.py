"""What the bot asks of GitHub, and what the stand-in answers, is what GitHub's own description allows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import proxy
import pytest
import standin
from checkout import Checkout

from fixer.errors import FixerError

BRANCH = "fixer/remediation"


@pytest.fixture
def judged(
    checkout: Checkout, github: standin.GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    with proxy.judging(github, tmp_path) as api:
        monkeypatch.setenv("GITHUB_API_URL", api)
        yield api


def test_a_whole_life_is_as_github_describes_it(
    judged: str, checkout: Checkout, github: standin.GitHub, example: bytes
) -> None:
    assert checkout.pr(labels=("infrastructure",), reviewers=("grace", "acme/cloud"), draft=True).startswith("opened ")
    assert checkout.pr().startswith("nothing new")
    checkout.commit("README.md", "More.\n")
    assert checkout.pr().startswith("updated ")
    checkout.git("fetch", "--quiet", "origin", BRANCH)
    checkout.git("checkout", "--quiet", "FETCH_HEAD")
    checkout.commit("notes.txt", "mine\n", BRANCH)
    checkout.git("checkout", "--quiet", "main")
    assert "left alone" in checkout.pr()
    github.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    github.pulls[1]["state"] = "closed"
    assert "nothing to repair" in checkout.pr()
    checkout.pr(unsafe=True, branch="other")
    repaired = github.git("show", "other:lib/TapStack.json")
    checkout.commit("lib/TapStack.json", repaired)
    assert "closed " in checkout.pr(branch="other")
    methods = {(method, path.rpartition("stacks")[2].partition("?")[0]) for method, path, _ in github.log}
    assert {
        ("POST", "/pulls"),
        ("PATCH", "/pulls/1"),
        ("PATCH", "/issues/1"),
        ("POST", "/issues/1/comments"),
    } <= methods


def test_suggestions_are_as_github_describes_them(
    judged: str, checkout: Checkout, github: standin.GitHub, example: bytes
) -> None:
    changed = example.replace(b'"Master username for the Aurora cluster"', b'"Name of the master user"')
    checkout.git("checkout", "--quiet", "-b", "topic")
    checkout.commit("lib/TapStack.json", changed, "topic")
    github.answer("POST", "/repos/acme/stacks/pulls", {"head": "topic", "base": "main", "title": "Theirs", "body": ""})
    head = github.tip("topic")
    github.git("update-ref", "refs/pull/1/head", head)
    assert "suggested" in checkout.pr(suggest=1)
    [review] = github.reviews[1]
    assert review["event"] == "COMMENT"
    assert all("```suggestion" in comment["body"] for comment in review["comments"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/repos/acme/stacks/pulls", {"title": "no base or head"}),
        ("PATCH", "/repos/acme/stacks/pulls/1", {"state": "ajar"}),
        ("POST", "/repos/acme/stacks/issues/1/comments", {}),
    ],
)
def test_the_judge_refuses_what_the_description_does(judged: str, method: str, path: str, body: Any) -> None:
    """The proof above can fail."""
    headers = {"Authorization": f"token {standin.TOKEN}", "Content-Type": "application/json"}
    with pytest.raises(HTTPError) as caught:
        urlopen(Request(judged + path, json.dumps(body).encode(), headers, method=method))
    assert caught.value.code == 422


def test_the_judge_refuses_an_answer_too(judged: str, checkout: Checkout, github: standin.GitHub) -> None:
    github.faults.append(lambda method, path, body: (200, {"id": "one"}, {}) if path == "/repos/acme/stacks" else None)
    with pytest.raises(FixerError, match="500"):
        checkout.pr()
