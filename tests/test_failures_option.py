"""A run with a failure list from start to end: reports, the interactive review, and hostile lists."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from test_cli import fixer

from fixer.model import Outcome
from fixer.report import markdown
from fixer.review.questions import Answer, Choice, Question
from fixer.review.screen import Screen
from fixer.run import commands as run
from fixer.settings import Settings

STACK = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30  # seconds
"""
LIST = """\
# Review

### 1. The queue gives a message away too early

**Severity**: High

The function needs up to two minutes.
Until then no other function may get the message.
A third line.

**Issue**:
```yaml
VisibilityTimeout: 30
```
**Fix**:
```yaml
VisibilityTimeout: 120
```

### 2. The queue keeps messages for a short time only

**Issue**:
```yaml
MessageRetentionPeriod: 60
```
**Fix**:
```yaml
MessageRetentionPeriod: 1209600
```
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("stack.yaml").write_text(STACK)
    Path("REVIEW.md").write_text(LIST)
    return tmp_path


def test_apply_repairs_what_the_list_shows(here: Path) -> None:
    done = fixer("apply", "stack.yaml", "--failures", "REVIEW.md", "--write", "--no-lint", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert Path("stack.yaml").read_text() == STACK.replace("30  #", "120  #")
    again = fixer("apply", "stack.yaml", "--failures", "REVIEW.md", "--no-lint", cwd=Path.cwd())
    assert again.returncode == 0
    assert not again.stdout


def test_json_and_sarif_name_the_line_of_the_list(here: Path) -> None:
    done = fixer("check", "stack.yaml", "--failures", "REVIEW.md", "--no-lint", "--format", "json", cwd=Path.cwd())
    [finding] = json.loads(done.stdout)["templates"][0]["findings"]
    assert finding["review"] == {"path": "REVIEW.md", "line": 3}
    assert finding["message"] == "The queue gives a message away too early"
    done = fixer("check", "stack.yaml", "--failures", "REVIEW.md", "--no-lint", "--format", "sarif", cwd=Path.cwd())
    [result] = json.loads(done.stdout)["runs"][0]["results"]
    assert result["properties"]["review"] == "REVIEW.md:3"
    assert result["fixes"]


def _settings(*paths: str) -> Settings:
    from fixer.cli.given import Given

    return Given(reviews=paths, lint=False, cache=False).settings()


def test_the_pull_request_says_what_the_list_says_and_what_is_left(here: Path) -> None:
    report = run.apply(["stack.yaml"], _settings("REVIEW.md"))
    text = markdown.render(report)
    assert "**The review says (REVIEW.md, line 3).** The function needs up to two minutes. Until then" in text
    assert "A third line" not in text
    assert "Repaired: 1 of 2." in text
    assert re.search(r"- REVIEW.md:\d+: The queue keeps messages for a short time only: ", text)
    assert "the faulty fragment is not in the templates" in text


def test_the_interactive_review_shows_two_lines_and_with_d_all(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        screen = Screen()
        screen._show(question)
        first = capsys.readouterr().out
        assert "The function needs up to two minutes." in first
        assert "A third line." not in first
        screen._review_text(question)
        assert "A third line." in capsys.readouterr().out
        return Answer(Choice.APPLY)

    run.review(["stack.yaml"], _settings("REVIEW.md"), ask)
    assert len(asked) == 1
    assert "VisibilityTimeout: 120" in Path("stack.yaml").read_text()


OPEN = """\
### 1. Open the door

**Fix**:
```yaml
Door:
  Type: AWS::EC2::SecurityGroup
  Properties:
    GroupDescription: door
    SecurityGroupIngress:
      - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
```
"""
BREAK_OUT = """\
### 1. </details><script>alert(1)</script> @octocat [x](https://example.com)

| **bold** | `code`
</summary>
````
![x](https://example.com/x.png)
````
\x1b[31mred\x1b[0m

**Issue**:
```yaml
VisibilityTimeout: 30
```
**Fix**:
```yaml
VisibilityTimeout: 120
```
"""
PATHS = """\
### 1. Paths

**Fix**:
```json
"../../../etc/passwd": {"Type": "AWS::SNS::Topic"},
"/etc/cron.d/x": {"Type": "AWS::SNS::Topic"}
```

### 2. `/etc/passwd` must be read: !include /etc/passwd

**Issue**:
```yaml
VisibilityTimeout: !include /etc/passwd
```
**Fix**:
```yaml
VisibilityTimeout: !!python/object/apply:os.system ["touch owned"]
```
"""
HOSTILE: list[tuple[str, str]] = [("ports", OPEN), ("paths", PATHS)]


@pytest.mark.parametrize("text", [each[1] for each in HOSTILE], ids=[each[0] for each in HOSTILE])
def test_a_hostile_list_changes_nothing_by_itself(here: Path, text: str) -> None:
    Path("REVIEW.md").write_text(text)
    before = sorted(here.rglob("*"))
    done = fixer(
        "apply", "stack.yaml", "--failures", "REVIEW.md", "--write", "--undeployed", "--no-cache", cwd=Path.cwd()
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "CidrIp" not in Path("stack.yaml").read_text()
    assert "passwd" not in Path("stack.yaml").read_text()
    assert not Path("owned").exists()
    assert [each for each in sorted(here.rglob("*")) if each not in before and ".fixer" not in each.parts] == []


def test_the_text_of_a_list_stays_text_in_the_report(here: Path) -> None:
    Path("REVIEW.md").write_text(BREAK_OUT)
    report = run.apply(["stack.yaml"], _settings("REVIEW.md"))
    assert [each.outcome for each in report.resolutions] == [Outcome.WOULD_APPLY]
    text = markdown.render(report)
    for bad in ("<script", "@octocat", "](https:", "\x1b"):
        assert bad not in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert text.count("</summary>") == 1
    assert "\x1b" not in fixer("apply", "stack.yaml", "--failures", "REVIEW.md", "--no-lint", cwd=Path.cwd()).stdout


def _large(size: int) -> str:
    return OPEN + "x" * size


def _many(size: int) -> str:
    return "".join(f"### {number}. F\n\n**Fix**:\n```yaml\nA: [[[[[[[\n```\n\n" for number in range(1, size // 40))


@pytest.mark.parametrize("made", [_large, _many], ids=["one large text", "many failures"])
def test_a_huge_list_is_answered(here: Path, made: Callable[[int], str]) -> None:
    Path("REVIEW.md").write_text(made(2_000_000))
    done = fixer("check", "stack.yaml", "--failures", "REVIEW.md", "--no-lint", "--no-cache", cwd=Path.cwd())
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr


def test_fragments_of_a_failure_that_a_transform_knows_and_does_not_find_are_not_written(tmp_path: Path) -> None:
    """Else a second run would add the subscription of the review beside that of the transform."""
    (tmp_path / "stack.yaml").write_text(
        "Resources:\n"
        "  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: alerts\n"
        "  Team:\n    Type: AWS::SNS::Subscription\n"
        "    Properties:\n      TopicArn: !Ref Topic\n      Protocol: email\n      Endpoint: ops@example.com\n"
    )
    (tmp_path / "review.md").write_text(
        "### 1. SNS topic without subscription\n\n**Fix**:\n```yaml\nResources:\n"
        "  Other:\n    Type: AWS::SNS::Subscription\n"
        "    Properties:\n      TopicArn: !Ref Topic\n      Protocol: email\n      Endpoint: a@example.com\n```\n"
    )
    mapped = fixer("map", "review.md", "stack.yaml", cwd=tmp_path)
    assert mapped.returncode == 0 and mapped.stdout.startswith("1.  absent  topic-without-subscription")
    done = fixer("apply", "stack.yaml", "--failures", "review.md", cwd=tmp_path)
    assert done.returncode == 0 and "nothing to repair" in done.stderr
    preferred = fixer("apply", "stack.yaml", "--failures", "review.md", "--as-reviewed", cwd=tmp_path)
    assert "+  Other:" in preferred.stdout
