"""A failure that a transform repairs, and for which a list shows a repair too: the transform wins by default."""

from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import inspect, repair
from fixer.inputs.failure_list import read
from fixer.model import Outcome, Report, Resolution
from fixer.settings import Settings

STACK = """\
Parameters:
  DBUser:
    Type: String
    NoEcho: true
    MinLength: 1
    MaxLength: 16
    AllowedPattern: '[a-zA-Z][a-zA-Z0-9_]*'
    ConstraintDescription: c
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: mysql
      MasterUsername: !Ref DBUser
      ManageMasterUserPassword: true
      MultiAZ: false
"""
LIST = """\
### 1. NoEcho on the DBUsername parameter is not needed

**Issue**:
```yaml
DBUser:
  Type: String
  NoEcho: true
```
**Fix**:
```yaml
DBUser:
  Type: String
  Default: admin
```

### 2. The database is in one zone

**Issue**:
```yaml
MultiAZ: false
```
**Fix**:
```yaml
MultiAZ: true
```
"""
BOTH = ("noecho-username", "as-reviewed")


def _report(text: str = STACK, select: tuple[str, ...] = BOTH, as_reviewed: bool = False) -> Report:
    project = Project.of([Template("t.yaml", parse(text, "t.yaml"))])
    settings = Settings(select=select, failures=read(LIST), as_reviewed=as_reviewed, unsafe=True)
    return repair(project, ("t.yaml",), settings)


def _by_title(report: Report) -> dict[str, Resolution]:
    return {each.finding.message: each for each in report.resolutions}


def test_the_transform_wins_and_notes_where_the_list_differs() -> None:
    report = _report()
    [transform, shown] = report.resolutions
    assert transform.finding.id == "noecho-username"
    assert shown.finding.message == "The database is in one zone"
    assert "Default" not in report.templates[0].after
    [note] = [each for each in transform.notes if "shows another result" in each]
    assert '/Parameters/DBUser/Default: "admin"' in note
    assert "--as-reviewed prefers it" in note


def test_the_list_is_preferred_if_that_is_asked() -> None:
    report = _report(as_reviewed=True)
    found = _by_title(report)
    own = found["NoEcho on the DBUsername parameter is not needed"]
    assert own.finding.id == "as-reviewed"
    assert own.outcome is Outcome.WOULD_APPLY
    assert any("noecho-username knows this failure" in each for each in own.notes)
    assert "Default: admin" in report.templates[0].after


def test_without_the_transform_the_list_is_used() -> None:
    report = _report(select=("as-reviewed",))
    assert "Default: admin" in report.templates[0].after
    assert not any("knows this failure" in note for each in report.resolutions for note in each.notes)


def test_a_transform_that_finds_nothing_leaves_the_failure_to_the_list() -> None:
    text = STACK.replace("    NoEcho: true\n", "    NoEcho: true\n    Description: password hint\n").replace(
        "!Ref DBUser", "root"
    )
    report = _report(text)
    assert "Default: admin" in report.templates[0].after


def test_check_finds_what_apply_repairs() -> None:
    project = Project.of([Template("t.yaml", parse(STACK, "t.yaml"))])
    report = inspect(project, ("t.yaml",), Settings(select=BOTH, failures=read(LIST)))
    assert [each.finding.id for each in report.resolutions] == ["noecho-username", "as-reviewed"]


def test_without_a_list_nothing_is_found() -> None:
    project = Project.of([Template("t.yaml", parse(STACK, "t.yaml"))])
    assert not list(repair(project, ("t.yaml",), Settings(select=("as-reviewed",))).resolutions)


def test_a_second_run_changes_nothing() -> None:
    after = _report(select=("as-reviewed",)).templates[0].after
    assert not list(_report(after, select=("as-reviewed",)).resolutions)


def test_what_a_transform_looks_for_is_not_added_a_second_time() -> None:
    listed = """\
### 1. SNS topic without subscriptions

**Issue**:
```yaml
Topic:
  Type: AWS::SNS::Topic
```
**Fix**:
```yaml
Topic:
  Type: AWS::SNS::Topic
Mails:
  Type: AWS::SNS::Subscription
  Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: ops@example.com}
```
"""
    text = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
    project = Project.of([Template("t.yaml", parse(text, "t.yaml"))])
    for names, count in ((("as-reviewed",), 1), (("topic-without-subscription", "as-reviewed"), 0)):
        report = repair(project, ("t.yaml",), Settings(select=names, failures=read(listed)))
        assert len(list(report.resolutions)) == count
