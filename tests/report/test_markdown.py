"""Markdown for pull requests: what templates say stays text, and long reports stay below the limit."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from fixer.model import Outcome, Report
from fixer.report import github, markdown
from fixer.run import commands as run
from fixer.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "aurora-global-dr"
SETTINGS = Settings(undeployed=True, require={"vpc": "", "dashboard": "", "monitoring": "60", "alerts": ""})
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "@octocat please",
    "Fixes #1 and GH-2 and octocat/hello#3",
    "[click](https://example.com)",
    "![x](https://example.com/x.png)",
    "https://example.com and www.example.com",
    "**bold** _it_ `code` ~~gone~~ | cell",
    "</details></summary><details>",
    "&lt;b&gt; &#64;octocat",
    "$$x$$",
    "line\n# heading\n```\ncode",
    "\\*not\\*",
]


@pytest.fixture(scope="module")
def repaired() -> Report:
    return run.apply([str(EXAMPLE)], SETTINGS)


def _with_message(report: Report, message: str) -> Report:
    """The report with a first finding that says something else, and a last one that is left."""
    first = report.templates[0]
    finding = replace(first.resolutions[0].finding, message=message)
    left = replace(first.resolutions[1], order=0, reason=message, finding=replace(finding, key="other"))
    changed = (replace(first.resolutions[0], finding=finding, notes=(message,)), *first.resolutions[1:], left)
    return replace(report, templates=(replace(first, resolutions=changed), *report.templates[1:]))


def _shown(html: str) -> str:
    """The text that a browser shows."""
    from html import unescape

    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"<!--.*?-->", "", html, flags=re.S)))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_template_says_is_shown_and_nothing_more(text: str) -> None:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    html = parser.render(markdown.inline(text))
    assert set(re.findall(r"</?\w+", html)) <= {"<p", "</p"}
    assert _shown(html).strip() == " ".join(text.split())
    assert not re.search(r"@\w|#\d|://|www\.\w|GH-\d", re.sub(r"<!-- -->", "\0", html))


@pytest.mark.parametrize("text", HOSTILE)
def test_in_the_whole_report_as_well(text: str, repaired: Report) -> None:
    calm = markdown.render(_with_message(repaired, "quiet"), 10**9)  # a longer message must not shorten the rest
    wild = markdown.render(_with_message(repaired, text), 10**9)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tags = [re.findall(r"</?[a-z]\w*", parser.render(each)) for each in (calm, wild)]
    assert tags[0] == tags[1]


def test_one_section_per_patch_with_its_own_diff(repaired: Report) -> None:
    text = markdown.render(repaired, 10**9)
    patches = [each for each in repaired.resolutions if each.order]
    assert text.count("<details>") == text.count("</details>") == len(patches)
    changed = sum(1 for line in re.findall(r"^[+-](?![+-]{2} ).*", text, re.M))
    assert changed > 100
    assert text.count("```diff\n") == len(patches)


def test_long_diffs_go_first_and_the_limit_holds(repaired: Report) -> None:
    whole = len(markdown.render(repaired, 10**9))
    counts = []
    for limit in (whole, whole * 3 // 4, whole // 2, whole // 4, 3000):
        text = markdown.render(repaired, limit)
        assert len(text) <= limit
        assert text.count("<details>") == text.count("</details>")
        counts.append(text.count("```diff\n"))
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[1] < counts[0]
    assert "diff is too long" in markdown.render(repaired, whole // 2)
    assert "More repairs are not shown" in markdown.render(repaired, 3000)


def test_fences_are_longer_than_what_they_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(
        "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Sub x\n"
        "      DisplayName: |\n        ````\n        </details>\n        ````\n"
    )
    text = markdown.render(run.apply(["a.yaml"], Settings(select=("needless-sub",))))
    assert "`````diff\n" in text


def test_annotations_are_escaped(repaired: Report) -> None:
    report = _with_message(repaired, "50% done,\r\n::error::no")
    lines = github.render(report).splitlines()
    shown = [each for each in report.resolutions if each.outcome is not Outcome.APPLIED]
    assert "more are in the log" in lines.pop()
    assert len(lines) == len(shown)
    assert all(re.fullmatch(r"::(error|warning|notice) file=[^:]+,line=\d+,col=\d+,title=[^:]+::.+", x) for x in lines)
    assert "50%25 done,%0D%0A::error::no" in lines[0]
