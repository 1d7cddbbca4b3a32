"""Suggestions on a pull request of somebody else: exact lines, only lines that it shows, nothing twice."""

import re
from pathlib import Path

import pytest
import standin
from checkout import Checkout

from fixer.bot.suggestions import visible, whole_lines
from fixer.document import parse
from fixer.errors import FixerError
from fixer.model import Edit

PATCH = "@@ -1,3 +1,4 @@\n a\n-b\n+B\n+c\n d\n\\ No newline at end of file\n@@ -10 +11 @@\n-x\n+y"


def test_the_lines_that_a_patch_shows() -> None:
    assert visible(PATCH.replace("\n\\ No newline at end of file", "")) == {1, 2, 3, 4, 11}
    assert visible("") == frozenset()


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([Edit(4, 7, "two", "2")], (2, 2, "2")),
        ([Edit(4, 8, "two\n", "")], (2, 2, "")),
        ([Edit(4, 4, "", "new\n")], (2, 2, "new\ntwo")),
        ([Edit(0, 3, "one", "1"), Edit(8, 13, "three", "3")], (1, 3, "1\ntwo\n3")),
        ([Edit(13, 13, "", "\nfour")], (3, 3, "three\nfour")),
        ([Edit(7, 8, "\n", " ")], (2, 3, "two three")),
    ],
)
def test_edits_as_whole_lines(edits: list[Edit], expected: tuple[int, int, str]) -> None:
    lines = whole_lines("one\ntwo\nthree", edits)
    assert (lines.start, lines.end, lines.text) == expected


def _applied(text: str, comments: list[dict[str, object]]) -> str:
    """The text once the suggestions are committed, as GitHub does it."""
    lines = text.split("\n")
    for each in sorted(comments, key=lambda each: -int(str(each["line"]))):
        found = re.search(r"^(`{3,})suggestion\n(.*?)\n?\1$", str(each["body"]), re.S | re.M)
        assert found
        start, end = int(str(each.get("start_line", each["line"]))), int(str(each["line"]))
        lines[start - 1 : end] = found[2].split("\n") if found[2] else []
    return "\n".join(lines)


@pytest.fixture
def pull(checkout: Checkout, github: standin.GitHub, example: bytes) -> standin.GitHub:
    """Pull request 1 of somebody, which changes lines around one of the findings."""
    text = example.decode()
    changed = text.replace('"Description": "Master username for the Aurora cluster"', '"Description": "The user"')
    assert changed != text
    checkout.git("checkout", "--quiet", "-b", "topic")
    checkout.commit("lib/TapStack.json", changed, "topic")
    github.answer("POST", "/repos/acme/stacks/pulls", {"head": "topic", "base": "main", "title": "Theirs", "body": ""})
    github.git("update-ref", "refs/pull/1/head", github.tip("topic"))
    return github


def test_what_is_shown_gets_a_suggestion_and_the_rest_a_line(checkout: Checkout, pull: standin.GitHub) -> None:
    assert checkout.pr(suggest=1) == f"1 suggested on {pull.url}/acme/stacks/pull/1"
    [review] = pull.reviews[1]
    [comment] = review["comments"]
    assert comment["path"] == "lib/TapStack.json"
    assert "**noecho-username** [review]" in comment["body"]
    assert "**calculated-health-check**" in review["body"]
    before = pull.git("show", "topic:lib/TapStack.json")
    after = _applied(before, review["comments"])
    data = parse(after, "a.json").data
    assert isinstance(data, dict)
    assert '"MaxLength": 16' in after
    assert '"NoEcho": true' not in after.split('"DBInstanceClass"')[0].split('"DBUsername"')[1]


def test_nothing_is_suggested_twice(checkout: Checkout, pull: standin.GitHub) -> None:
    checkout.pr(suggest=1)
    assert checkout.pr(suggest=1).startswith("nothing new to suggest")
    assert len(pull.reviews[1]) == 1


def test_a_dry_run_shows_the_suggestions(checkout: Checkout, pull: standin.GitHub) -> None:
    assert "```suggestion" in checkout.pr(suggest=1, dry_run=True)
    assert 1 not in pull.reviews


def test_files_that_the_pull_request_leaves_alone_get_none(checkout: Checkout, pull: standin.GitHub) -> None:
    Path("other.txt").write_text("x\n")
    checkout.git("checkout", "--quiet", "-b", "two", "main")
    checkout.commit("other.txt", "x\n", "two")
    pull.answer("POST", "/repos/acme/stacks/pulls", {"head": "two", "base": "main", "title": "Two", "body": ""})
    pull.git("update-ref", "refs/pull/2/head", pull.tip("two"))
    assert checkout.pr(suggest=2).startswith("nothing new to suggest")


def test_a_pull_request_that_does_not_exist(checkout: Checkout, github: standin.GitHub) -> None:
    github.faults.append(
        lambda method, path, body: (404, {"message": "Not Found"}, {}) if path.endswith("/pulls/9") else None
    )
    with pytest.raises(FixerError, match="404"):
        checkout.pr(suggest=9)
