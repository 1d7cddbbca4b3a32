"""What GitHub, the network and the remote refuse: either the pull request is as described, or the branch is gone."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import standin
from checkout import Checkout, once

from fixer.bot import github as hub_module
from fixer.errors import FixerError

BRANCH = "fixer/remediation"
PULLS = "/repos/acme/stacks/pulls"
LIMIT = {"message": "You have exceeded a secondary rate limit.", "documentation_url": "https://docs.github.com/rest"}
BROKEN: standin.Reply = (502, {"message": "Server Error"}, {})
GONE: standin.Reply = (0, None, {})


def _always(method: str, path: str, reply: standin.Reply) -> standin.Fault:
    def answer(asked: str, at: str, body: Any) -> "standin.Reply | None":
        return reply if asked == method and at.startswith(path) else None

    return answer


def _untouched(checkout: Checkout, github: standin.GitHub) -> bool:
    return not github.tip(BRANCH) and not github.open() and checkout.git("worktree", "list").count("\n") == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((401, {"message": "Bad credentials"}, {}), r"rejected the token \(401\)"),
        ((403, {"message": "Resource not accessible by integration"}, {}), r"\(403\): Resource not accessible"),
        ((404, {"message": "Not Found"}, {}), r"\(404\)"),
        (BROKEN, r"\(502\)|cannot be reached"),
        (GONE, "cannot be reached"),
    ],
)
def test_what_is_refused_when_it_opens_leaves_no_branch(
    checkout: Checkout, github: standin.GitHub, reply: standin.Reply, said: str
) -> None:
    github.faults.append(_always("POST", PULLS, reply))
    with pytest.raises(FixerError, match=said):
        checkout.pr()
    assert _untouched(checkout, github)
    github.faults.clear()
    assert checkout.pr().startswith("opened ")


@pytest.mark.parametrize("reply", [BROKEN, GONE, (404, {"message": "Not Found"}, {}), (401, {"message": "Bad"}, {})])
def test_what_is_refused_at_once_changes_nothing(
    checkout: Checkout, github: standin.GitHub, reply: standin.Reply
) -> None:
    github.faults.append(_always("GET", "/repos/acme/stacks", reply))
    with pytest.raises(FixerError):
        checkout.pr()
    assert _untouched(checkout, github)
    assert github.writes() == []


def test_a_wrong_token_is_told_and_not_shown(
    checkout: Checkout, github: standin.GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong0000000000")
    with pytest.raises(FixerError) as caught:
        checkout.pr()
    assert "ghp_wrong" not in str(caught.value)


def test_a_secondary_rate_limit_is_waited_for(checkout: Checkout, github: standin.GitHub) -> None:
    github.faults.append(once("POST", PULLS, (403, LIMIT, {"Retry-After": "1"})))
    assert checkout.pr().startswith("opened ")
    assert [path for method, path in github.writes() if path == PULLS] == [PULLS] * 2


def test_a_server_that_stumbles_is_asked_again(checkout: Checkout, github: standin.GitHub) -> None:
    github.faults.append(once("GET", PULLS, BROKEN, BROKEN))
    assert checkout.pr().startswith("opened ")


def test_a_pull_request_that_appears_meanwhile_is_updated(checkout: Checkout, github: standin.GitHub) -> None:
    def another_run(method: str, path: str, body: Any) -> None:
        if method == "POST" and path == PULLS and not github.pulls:
            github.answer("POST", PULLS, {**body, "title": "Theirs", "body": ""})

    github.faults.append(another_run)
    assert "which another run opened" in checkout.pr()
    [pull] = github.open()
    assert pull["title"] == "Repair 3 findings in 1 CloudFormation template"


def test_an_update_that_is_refused_puts_the_branch_back(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    tip = github.tip(BRANCH)
    checkout.commit("README.md", "More.\n")
    github.faults.append(_always("PATCH", f"{PULLS}/1", BROKEN))
    with pytest.raises(FixerError):
        checkout.pr()
    assert github.tip(BRANCH) == tip
    github.faults.clear()
    assert checkout.pr().startswith("updated ")


def test_a_reviewer_who_does_not_exist_takes_it_all_back(checkout: Checkout, github: standin.GitHub) -> None:
    with pytest.raises(FixerError, match="collaborators"):
        checkout.pr(reviewers=("nobody",))
    assert _untouched(checkout, github)
    assert checkout.pr().startswith("opened "), "what fixer took back itself was not turned down"


def test_a_push_that_comes_too_late_is_left_to_the_other(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    checkout.commit("README.md", "More.\n")
    other = github.git("rev-parse", "main").strip()

    def another_push(method: str, path: str, body: Any) -> None:
        if method == "GIT" and "git-receive-pack" in path:
            github.git("update-ref", f"refs/heads/{BRANCH}", other)

    github.faults.append(another_push)
    assert "somebody else has pushed to" in checkout.pr()
    assert github.tip(BRANCH) == other


def test_a_protected_branch_is_an_error_with_its_reason(checkout: Checkout, github: standin.GitHub) -> None:
    hook = github.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed for refs/heads/x.' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(FixerError, match="GH006: Protected branch"):
        checkout.pr()
    assert _untouched(checkout, github)


def test_the_network_that_goes_after_the_push_is_told_and_mended_next_time(
    checkout: Checkout, github: standin.GitHub
) -> None:
    """Nothing can be taken back without a network: the error says what is left, and the next run goes on from it."""
    gone = False

    def cut(method: str, path: str, body: Any) -> "standin.Reply | None":
        nonlocal gone
        gone = gone or (method == "POST" and path == PULLS)
        return GONE if gone else None

    github.faults.append(cut)
    with pytest.raises(FixerError, match=r"cannot be reached.*could not be restored"):
        checkout.pr()
    github.faults.clear()
    assert checkout.pr().startswith("opened ")
    assert len(github.open()) == 1


def test_the_token_goes_to_no_other_server(
    checkout: Checkout, github: standin.GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example.com")
    asked = len(github.log)
    with pytest.raises(FixerError, match="the token is not sent there"):
        checkout.pr()
    assert len(github.log) == asked


def test_the_token_is_nowhere_to_be_seen(checkout: Checkout, github: standin.GitHub, tmp_path: Path) -> None:
    """Neither in arguments of git, nor in files of the checkout, nor in what is printed."""
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/arguments\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(wrapper.parent), prepend=":")
        said = checkout.pr()
        github.faults.append(_always("GIT", "/acme", (500, {"message": standin.TOKEN}, {})))
        with pytest.raises(FixerError) as caught:
            checkout.pr()
    seen = [said, str(caught.value), (tmp_path / "arguments").read_text()]
    seen += [file.read_text(errors="replace") for file in (checkout.folder / ".git").rglob("*") if file.is_file()]
    for text in seen:
        assert standin.TOKEN not in text
        assert standin.BASIC not in text


def test_credentials_in_a_remote_are_not_shown(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.git("remote", "set-url", "origin", f"http://ada:hunter2@127.0.0.1:{github.port}/acme/nowhere.git")
    with pytest.raises(FixerError) as caught:
        checkout.pr(base="main", dry_run=True)
    assert "hunter2" not in str(caught.value) + str(getattr(caught.value, "output", ""))


def test_without_pygithub_the_extra_is_named(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "github", None)
    with pytest.raises(FixerError, match=r"fixer\[bot\]"):
        hub_module.Hub("acme/stacks", "token")
