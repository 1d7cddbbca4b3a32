"""The manners of `fixer pr`, with real git over HTTP and the stand-in API."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import standin
from checkout import Checkout

from fixer.bot import texts as words
from fixer.bot.remediation import LEFT_ALONE
from fixer.errors import FixerError

BRANCH = "fixer/remediation"


def body_of(github: standin.GitHub) -> str:
    [pull] = github.open()
    return str(pull["body"])


def test_the_first_run_opens_a_pull_request(checkout: Checkout, github: standin.GitHub, example: bytes) -> None:
    said = checkout.pr(labels=("infrastructure", "bot"), reviewers=("grace", "acme/cloud"), draft=True)
    [pull] = github.open()
    assert said == f"opened {github.url}/acme/stacks/pull/1"
    assert pull["title"] == "Repair 3 findings in 1 CloudFormation template"
    assert (pull["base"]["ref"], pull["head"]["ref"], pull["draft"]) == ("main", BRANCH, True)
    assert [label["name"] for label in pull["labels"]] == ["infrastructure", "bot"]
    assert github.pulls[1]["reviewers"] == ["grace", "cloud"]
    assert github.git("log", "--format=%an %s", f"main..{BRANCH}") == f"Ada {pull['title']}\n"
    assert github.git("diff", "--name-only", f"main..{BRANCH}") == "lib/TapStack.json\n"
    for part in (
        "calculated-health-check",
        "```diff",
        "Why it fails",
        "--set permissive-ingress.vpc_cidr",
        "Reproduce",
    ):
        assert part in pull["body"], part
    mark = words.mark_in(pull["body"])
    assert mark and len(mark.fixes) == 3
    assert Path("lib/TapStack.json").read_bytes() == example
    assert checkout.git("status", "--porcelain") == ""
    assert checkout.git("worktree", "list").count("\n") == 1


def test_the_same_findings_again_change_nothing(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    tip, writes = github.tip(BRANCH), github.writes()
    assert checkout.pr().startswith("nothing new: ")
    assert (github.tip(BRANCH), github.writes()) == (tip, writes)


def test_a_branch_is_rebuilt_when_its_base_moves(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    moved = checkout.commit("README.md", "More.\n")
    assert checkout.pr().startswith("updated ")
    assert github.git("rev-parse", f"{BRANCH}^").strip() == moved
    assert len(github.pulls) == 1


def test_new_findings_come_into_the_same_pull_request(
    checkout: Checkout, github: standin.GitHub, example: bytes
) -> None:
    checkout.pr()
    checkout.commit("more/Other Stäck.json", example)
    assert checkout.pr().startswith("updated ")
    [pull] = github.open()
    assert "6 findings in 2 CloudFormation templates" in pull["title"]
    assert "Other Stäck" in pull["body"]
    changed = github.git("-c", "core.quotepath=off", "diff", "--name-only", f"main..{BRANCH}").splitlines()
    assert changed == ["lib/TapStack.json", "more/Other Stäck.json"]


def test_the_work_of_others_is_left_alone_with_one_comment(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    checkout.git("fetch", "--quiet", "origin", BRANCH)
    checkout.git("checkout", "--quiet", "FETCH_HEAD")
    theirs = checkout.commit("notes.txt", "mine\n", BRANCH)
    checkout.git("checkout", "--quiet", "main")
    checkout.commit("README.md", "More.\n")
    for _ in range(2):
        assert "left alone" in checkout.pr()
    assert github.tip(BRANCH) == theirs
    [comment] = github.comments[1]
    assert LEFT_ALONE.format(sha=theirs) in comment["body"]


def test_an_amended_commit_is_the_work_of_others(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    checkout.git("fetch", "--quiet", "origin", BRANCH)
    checkout.git("checkout", "--quiet", "FETCH_HEAD")
    Path("notes.txt").write_text("mine\n")
    checkout.git("add", "notes.txt")
    checkout.git("commit", "--quiet", "--amend", "--no-edit")
    checkout.git("push", "--quiet", "--force", "origin", f"HEAD:{BRANCH}")
    theirs = github.tip(BRANCH)
    checkout.git("checkout", "--quiet", "main")
    assert "left alone" in checkout.pr()
    assert github.tip(BRANCH) == theirs


def test_what_was_turned_down_is_not_offered_again_until_it_changes(
    checkout: Checkout, github: standin.GitHub, example: bytes
) -> None:
    checkout.pr()
    github.pulls[1]["state"] = "closed"
    assert "nothing to repair" in checkout.pr()
    assert len(github.pulls) == 1
    assert github.tip(BRANCH), "a closed pull request keeps its branch"
    changed = example.replace(b'"WriterCPUAlarm"', b'"WriterLoadAlarm"')
    checkout.commit("lib/TapStack.json", changed)
    assert checkout.pr().startswith("opened ")
    [pull] = github.open()
    assert "Repair 1 finding " in pull["title"]
    assert "2 fixes that closed pull requests offered are left out" in pull["body"]


def test_what_was_merged_is_not_turned_down(checkout: Checkout, github: standin.GitHub, example: bytes) -> None:
    checkout.pr()
    github.pulls[1].update(state="closed", merged=True)
    assert checkout.pr().startswith("opened ")


def test_a_pull_request_is_closed_when_nothing_is_left(
    checkout: Checkout, github: standin.GitHub, example: bytes
) -> None:
    checkout.pr()
    repaired = github.git("show", f"{BRANCH}:lib/TapStack.json")
    checkout.commit("lib/TapStack.json", repaired)
    assert "closed " in checkout.pr()
    assert github.pulls[1]["state"] == "closed"
    assert "Nothing is left to repair" in github.comments[1][0]["body"]
    assert not github.tip(BRANCH)
    checkout.commit("lib/TapStack.json", example)
    assert checkout.pr().startswith("opened "), "closing by itself turns nothing down"


def test_two_runs_at_once(checkout: Checkout, github: standin.GitHub, tmp_path: Path) -> None:
    gate = threading.Barrier(2, timeout=60)

    def wait(method: str, path: str, body: object) -> None:
        if method == "GIT" and "info/refs?service=git-receive-pack" in path:
            gate.wait()

    github.faults.append(wait)
    environment_code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from fixer.bot import command, github\nfrom fixer.bot.remediation import Wishes\n"
        "from fixer.settings import Settings\ngithub.WAIT = 0.01\n"
        "command.run(Wishes(()), None, '', lambda folder: Settings(lint=False, cache=False), print)\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", environment_code, "."], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = sorted(run.communicate(timeout=120)[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0], said
    assert len(github.open()) == 1
    assert any("opened" in text for text in said)
    assert any("somebody else" in text or "another run" in text for text in said), said


def test_a_pull_request_per_transform(checkout: Checkout, github: standin.GitHub, example: bytes) -> None:
    checkout.pr(per_transform=True)
    branches = {pull["head"]["ref"] for pull in github.open()}
    assert branches == {f"{BRANCH}-noecho-username", f"{BRANCH}-calculated-health-check"}
    assert all(pull["title"].startswith(pull["head"]["ref"].removeprefix(f"{BRANCH}-")) for pull in github.open())
    repaired = github.git("show", f"{BRANCH}-noecho-username:lib/TapStack.json")
    checkout.commit("lib/TapStack.json", repaired)
    checkout.pr(per_transform=True)
    [left] = github.open()
    assert left["head"]["ref"] == f"{BRANCH}-calculated-health-check"


def test_a_dry_run_tells_all_and_writes_nothing(checkout: Checkout, github: standin.GitHub) -> None:
    said = checkout.pr(dry_run=True, labels=("a",))
    assert "would open a pull request from fixer/remediation to main" in said
    for part in ("labels: a", "Repair 3 findings", "--- a/lib/TapStack.json", "Reproduce it"):
        assert part in said
    assert github.writes() == []
    assert not github.tip(BRANCH)


def test_a_dry_run_needs_no_token(
    checkout: Checkout, github: standin.GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    checkout.git("remote", "set-url", "origin", str(github.bare))
    assert "pull requests are not known" in checkout.pr(dry_run=True)
    with pytest.raises(FixerError, match="GITHUB_TOKEN is not set"):
        checkout.pr()


def test_only_the_paths_are_repaired(checkout: Checkout, github: standin.GitHub, example: bytes) -> None:
    checkout.commit("more/Stack.json", example)
    checkout.pr("more")
    assert github.git("diff", "--name-only", f"main..{BRANCH}") == "more/Stack.json\n"
    with pytest.raises(FixerError, match="outside the repository"):
        checkout.pr("../elsewhere")


def test_what_is_left_is_listed_with_its_command(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.pr()
    assert (
        "fixer apply lib/TapStack.json --select permissive-ingress --write "
        "--set permissive-ingress.vpc_cidr=10.0.0.0/16" in body_of(github)
    )
    assert "fixer apply . --write" in body_of(github)


def test_shallow_clone_detached_head_and_another_default_branch(
    checkout: Checkout, github: standin.GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.commit("README.md", "More.\n")
    github.git("branch", "--move", "main", "trünk")
    github.default_branch = "trünk"
    folder = tmp_path / "shallow clone"
    checkout.git("clone", "--quiet", "--depth=1", "--branch", "trünk", f"{github.url}/acme/stacks.git", str(folder))
    shallow = Checkout(folder, github)
    shallow.git("checkout", "--quiet", "--detach")
    monkeypatch.chdir(folder)
    assert shallow.pr().startswith("opened ")
    [pull] = github.open()
    assert pull["base"]["ref"] == "trünk"
    assert github.git("log", "--format=%s", f"trünk..{BRANCH}").count("\n") == 1
    assert shallow.pr().startswith("nothing new")
    assert shallow.git("rev-parse", "--is-shallow-repository") == "true\n"


def test_hooks_and_identity_are_the_users(checkout: Checkout, github: standin.GitHub) -> None:
    hook = checkout.folder / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\nprintf "\\nTicket: 42\\n" >> "$1"\n')
    hook.chmod(0o755)
    checkout.pr()
    assert "Ticket: 42" in github.git("log", "-1", "--format=%B", BRANCH)
    assert checkout.pr().startswith("nothing new")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo not today >&2; exit 1", "not today"),
        ("echo x >> lib/TapStack.json; git add lib/TapStack.json", "a commit hook changed"),
    ],
)
def test_a_hook_that_refuses_or_changes_stops_before_the_push(
    checkout: Checkout, github: standin.GitHub, script: str, said: str
) -> None:
    hook = checkout.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    with pytest.raises(FixerError, match=said):
        checkout.pr()
    assert not github.tip(BRANCH)
    assert not github.pulls


def test_credentials_that_git_has_are_used_alone(checkout: Checkout, github: standin.GitHub) -> None:
    """As actions/checkout leaves them: two headers of the same name are refused."""
    checkout.git("config", f"http.{github.url}/.extraheader", f"AUTHORIZATION: basic {standin.BASIC}")
    assert checkout.pr().startswith("opened ")


def test_where_git_knows_nobody_fixer_commits(
    checkout: Checkout, github: standin.GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(Path.home(), ".gitconfig").write_text("")
    checkout.pr()
    assert github.git("log", "-1", "--format=%an <%ae>", BRANCH) == "fixer <fixer@users.noreply.github.com>\n"


def test_an_own_branch_without_pull_request_is_used_or_removed(
    checkout: Checkout, github: standin.GitHub, example: bytes
) -> None:
    """As it is left when a run is killed between the push and the pull request."""
    checkout.pr()
    github.pulls.clear()
    assert checkout.pr().startswith("opened ")
    github.pulls.clear()
    checkout.commit("lib/TapStack.json", github.git("show", f"{BRANCH}:lib/TapStack.json"))
    checkout.pr()
    assert not github.tip(BRANCH)


def test_a_branch_of_somebody_else_without_pull_request_is_left(checkout: Checkout, github: standin.GitHub) -> None:
    theirs = checkout.commit("notes.txt", "mine\n", BRANCH)
    assert "left alone" in checkout.pr()
    assert github.tip(BRANCH) == theirs


def test_a_branch_that_leaves_no_place_for_the_bots_is_an_error(checkout: Checkout, github: standin.GitHub) -> None:
    theirs = checkout.commit("notes.txt", "mine\n", "fixer")
    with pytest.raises(FixerError, match="has a branch 'fixer', so that 'fixer/remediation' cannot exist: choose ano"):
        checkout.pr()
    with pytest.raises(FixerError, match="cannot create"):  # The other way round, only git says it.
        checkout.commit("notes.txt", "more\n", "a/b")
        checkout.pr(branch="a")
    assert github.tip("fixer") == theirs and not github.open()
    assert checkout.pr(branch="repairs").startswith("opened ")


def test_the_mark_is_the_last_one(checkout: Checkout) -> None:
    forged = str(words.Mark(frozenset({"f" * 16})))
    real = str(words.Mark(frozenset({"a" * 16})))
    assert words.mark_in(f"{forged}\n{real}\n") == words.Mark(frozenset({"a" * 16}))
    assert words.mark_in("<!-- fixer-bot {broken} -->") is None
    assert words.mark_in("") is None
    assert json.loads(real.partition("bot ")[2].partition(" -->")[0])["version"] == 1


LISTED = """\
### 1. The label of the user name is not clear

**Severity**: Low

Operators read the label in the console and confuse the two users.

**Issue**:
```json
"DBUsername": { "default": "Master username" }
```
**Fix**:
```json
"DBUsername": { "default": "Name of the master user" }
```

### 2. The label of the zone is not clear

**Issue**:
```json
"Nowhere": { "default": "Zone" }
```
**Fix**:
```json
"Nowhere": { "default": "Availability Zone" }
```
"""


def test_a_pull_request_for_a_failure_list_quotes_it_and_says_what_is_left(
    checkout: Checkout, github: standin.GitHub
) -> None:
    assert checkout.pr(select=("as-reviewed",), failures=LISTED).startswith("opened ")
    body = body_of(github)
    assert "**The review says (REVIEW.md, line 1).** Operators read the label in the console" in body
    assert "Repaired: 1 of 2." in body
    assert "The label of the zone is not clear: the faulty fragment is not in the templates" in body
    assert '"default": "Name of the master user"' in github.git("show", f"{BRANCH}:lib/TapStack.json")
    assert checkout.pr(select=("as-reviewed",), failures=LISTED).startswith("nothing new: ")
