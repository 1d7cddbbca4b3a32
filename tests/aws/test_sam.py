"""AWS SAM: what its translator makes of a template, and repairs that are proven by it."""

from datetime import date
from pathlib import Path

import pytest

from fixer.aws import sam
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.model import Outcome, Report
from fixer.resolution.resolved_diff import differences
from fixer.run import commands as run
from fixer.settings import Settings

needs_translator = pytest.mark.skipif(not sam.version(), reason="aws-sam-translator is not installed")

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 5
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      BillingMode: %(mode)s
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  List:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: %(code)s
      Handler: app.handler
      Runtime: python3.13
      %(memory)s: 256
      Environment: {Variables: {TABLE: !Ref %(table)s}}
      Events:
        Get: {Type: Api, Properties: {Path: /orders, Method: get}}
Outputs:
  Api: {Value: !Ref ServerlessRestApi}
  Role: {Value: !GetAtt ListRole.Arn}
"""
RIGHT = {"mode": "PAY_PER_REQUEST", "code": "src/", "memory": "MemorySize", "table": "Orders"}


def _template(**values: str) -> Template:
    return Template("stack.yaml", parse(TEMPLATE % {**RIGHT, **values}, "stack.yaml"))


def _apply(folder: Path, text: str) -> tuple[str, Report]:
    file = folder / "stack.yaml"
    file.write_text(text)
    report = run.apply([str(file)], Settings(undeployed=True, today=date(2026, 1, 1), cache=False), write=True)
    return file.read_text(), report


@needs_translator
def test_the_expansion_has_what_sam_generates() -> None:
    expanded = _template().expanded
    assert expanded is not None
    assert {"Orders", "List", "ListRole", "ServerlessRestApi"} <= expanded.resources.keys()
    assert expanded.resources["List"].type == "AWS::Lambda::Function"
    assert expanded.resources["List"].properties["Timeout"] == 5


@needs_translator
def test_another_local_path_is_another_expansion() -> None:
    found = differences(_template(), _template(code="lib/")).differences
    assert {each.place.partition("/Code/")[0] for each in found} == {"/Resources/List/Properties"}
    assert differences(_template(), _template()).is_empty


@needs_translator
def test_a_rejected_template_has_no_expansion() -> None:
    assert _template(memory="Memory").expanded is None
    broken = differences(_template(), _template(memory="Memory"))
    assert [each.reason for each in broken.unresolved] == ["AWS SAM rejects the template after the patch"]


@needs_translator
@pytest.mark.parametrize(
    "wrong", [{"mode": "PAY-PER-REQUEST"}, {"memory": "MemorySizes"}, {"table": "OrdersBroken"}], ids=str
)
def test_a_template_is_repaired(wrong: dict[str, str], tmp_path: Path) -> None:
    after, report = _apply(tmp_path, TEMPLATE % {**RIGHT, **wrong})
    assert after == TEMPLATE % RIGHT
    assert not report.errors


@needs_translator
def test_several_faults_are_repaired_together(tmp_path: Path) -> None:
    wrong = {"mode": "PAY-PER-REQUEST", "memory": "MemorySizes", "table": "OrdersBroken"}
    after, _ = _apply(tmp_path, TEMPLATE % {**RIGHT, **wrong})
    assert after == TEMPLATE % RIGHT


@needs_translator
def test_another_macro_beside_sam_is_not_known(tmp_path: Path) -> None:
    text = TEMPLATE % {**RIGHT, "mode": "PAY-PER-REQUEST"}
    text = text.replace("Transform: AWS::Serverless-2016-10-31", "Transform: [AWS::Serverless-2016-10-31, Ours]")
    after, report = _apply(tmp_path, text)
    assert after == text
    assert all("whose expansion is not known" in each.reason for each in report.resolutions)


def test_without_the_translator_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sam, "version", lambda: "")
    text = TEMPLATE % {**RIGHT, "mode": "PAY-PER-REQUEST"}
    after, report = _apply(tmp_path, text)
    assert after == text
    found = [each for each in report.resolutions if each.finding.id == "invalid-value"]
    assert [each.outcome for each in found] == [Outcome.SKIPPED]
    assert "install fixer[sam]" in found[0].reason
