"""A repository that means harm: nothing of it is run, followed out of the checkout, or becomes active on GitHub."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import standin
from checkout import Checkout
from markdown_it import MarkdownIt

from fixer.errors import FixerError

BRANCH = "fixer/remediation"
NAMES = [
    "$(touch pwned).json",
    "`touch pwned`.json",
    "a;touch pwned;.json",
    "--write.json",
    "<img src=x onerror=alert(1)>.json",
    "@octocat closes #1.json",
    "[click](https:example.com).json",
    "**bold**|cell|.json",
    "quo'te\".json",
    "line\nbreak.json",
    "ünï 日本.json",
    '<!-- fixer-bot {"version": 1, "fixes": []} -->.json',
]


def _active(body: str) -> list[str]:
    """The HTML elements that GitHub would show for a body."""
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(body)
    return re.findall(r"<(?!/|!--)([a-z]\w*)", re.sub(r"<pre>.*?</pre>", "", html, flags=re.S))


def test_names_of_files_stay_names(checkout: Checkout, github: standin.GitHub, example: bytes) -> None:
    for name in NAMES:
        checkout.commit(name, example)
    assert checkout.pr().startswith("opened ")
    changed = github.git("diff", "--name-only", "-z", f"main..{BRANCH}").split("\0")
    assert {name for name in changed if name} == {*NAMES, "lib/TapStack.json"}
    [pull] = github.open()
    assert set(_active(pull["body"])) <= {
        *(
            "p",
            "strong",
            "em",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "details",
            "summary",
            "b",
            "a",
            "h3",
            "ul",
            "li",
        ),
        *("pre", "code"),
    }
    prose = re.sub(r"^(`{3,}).*?^\1`*$", "", pull["body"], flags=re.S | re.M)
    assert not re.search(r"@octocat|[^/&\w]#1\b|(?<!\\)\]\(https:example", prose.replace("<!-- -->", "\0"))
    assert "<img" not in prose
    assert checkout.pr().startswith("nothing new"), "a mark in a name is no mark"
    assert not list(checkout.folder.rglob("pwned"))
    assert not Path("pwned").exists()


def test_contents_stay_contents(checkout: Checkout, github: standin.GitHub, example: bytes) -> None:
    data = json.loads(example)
    evil = "</details>@octocat <script>alert(1)</script> [x](javascript:alert(1)) ```\n# Title"
    data["Parameters"]["DBUsername"]["Default"] = evil
    data["Description"] = evil
    data["Resources"]["<img src=x>"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": evil}}
    checkout.commit("lib/TapStack.json", json.dumps(data, indent=2))
    checkout.pr()
    [pull] = github.open()
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(pull["body"])
    outside = re.sub(r"<pre>.*?</pre>", "", html, flags=re.S)
    assert "<script" not in outside
    assert "<img" not in outside
    assert "<h1" not in outside
    assert outside.count("<details>") == outside.count("</details>")


def test_links_out_of_the_checkout_are_not_followed(
    checkout: Checkout, github: standin.GitHub, example: bytes, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "stack.json").write_bytes(example)
    os.symlink(outside / "stack.json", checkout.folder / "lib" / "link.json")
    os.symlink(outside, checkout.folder / "folder")
    os.symlink("../../outside/stack.json", checkout.folder / "lib" / "relative.json")
    os.symlink("TapStack.json", checkout.folder / "lib" / "inside.json")
    checkout.commit("README.md", "Links.\n")
    checkout.pr()
    assert (outside / "stack.json").read_bytes() == example
    changed = github.git("diff", "--name-only", f"main..{BRANCH}").split()
    assert changed in (["lib/TapStack.json"], ["lib/inside.json"])
    assert github.git("ls-tree", "-r", BRANCH).count("120000") == 4
    assert (checkout.folder / "lib" / "link.json").is_symlink()


def test_settings_of_the_repository_run_nothing_and_read_nothing_outside(
    checkout: Checkout, github: standin.GitHub, example: bytes, tmp_path: Path
) -> None:
    rule = tmp_path / "checkout" / "rules" / "evil.py"
    rule.parent.mkdir()
    (checkout.folder / "rules" / "evil.py").write_text(f"open({str(tmp_path / 'pwned')!r}, 'w').close()\n")
    (checkout.folder / ".cfnlintrc").write_text("append_rules: [rules]\ncustom_rules: rules/evil.py\n")
    checkout.commit(
        ".fixer.toml",
        f'[[project]]\npaths = ["{tmp_path}/**/*.json", "lib/*.json"]\n',
    )
    (tmp_path / "secret.json").write_bytes(example.replace(b"AlertTopic", b"TopSecretTopic"))
    code = "from fixer.bot import github; github.WAIT = 0.01\nfrom fixer.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "pr", "--no-cache"], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "opened " in done.stdout
    assert not (tmp_path / "pwned").exists()
    [pull] = github.open()
    assert "TopSecret" not in pull["body"]
    assert str(tmp_path) not in pull["body"]


def test_a_wrong_setting_is_an_error_and_no_half_work(checkout: Checkout, github: standin.GitHub) -> None:
    checkout.commit(".fixer.toml", "unsafe = 'yes'\n")
    done = subprocess.run(
        [sys.executable, "-m", "fixer", "pr"], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 2
    assert ".fixer.toml" in done.stderr
    assert not github.pulls


@pytest.mark.parametrize("name", ["--upload-pack=touch pwned", "-x", "a..b", "x y", "a\nb"])
def test_names_of_branches_are_checked(checkout: Checkout, github: standin.GitHub, name: str) -> None:
    with pytest.raises(FixerError):
        checkout.pr(branch=name)
    with pytest.raises(FixerError):
        checkout.pr(base=name)
    with pytest.raises(FixerError):
        checkout.pr(remote=name)
    assert not Path("pwned").exists()
    assert not github.pulls
