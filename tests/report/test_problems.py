"""The formats of platforms: GitHub, GitLab, Azure and JUnit say the same, and templates cannot break out of them."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fixer.model import Report
from fixer.report import azure, github, gitlab, junit
from fixer.report.problems import problems
from fixer.run import commands as run
from fixer.settings import Settings

TEMPLATE = """\
Parameters:
  Unused: {Type: String}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Subscription:
    Type: AWS::SNS::Subscription
    DependsOn: Topic
    Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: ops@example.com}
  Record:
    Type: AWS::Route53::RecordSet
    Properties: {HostedZoneId: Z1, Name: a.example.com., Type: A, TTL: 60, ResourceRecords: [nowhere]}
"""
HOSTILE = "x\n::error::y%0A]]>&<failure/>\"';]\x1b[31m\x00\u2028##vso[task.complete]"
RENDERERS: list[Callable[[Report], str]] = [github.render, gitlab.render, azure.render, junit.render]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("problems")
    (folder / "t.yaml").write_text(TEMPLATE)
    (folder / "bad.yaml").write_text("Resources: [AWS::\n")
    return run.check([str(folder)], Settings(cache=False))


def test_each_problem_is_in_each_format(checked: Report) -> None:
    found = list(problems(checked))
    assert [each.id for each in found] == ["unused-parameter", "redundant-depends-on", "E3023", "error"]
    assert [str(each.severity) for each in found] == ["warning", "warning", "error", "error"]
    assert len(github.render(checked).splitlines()) == 4
    assert [line[:40] for line in azure.render(checked).splitlines()][2].startswith("##vso[task.logissue type=error;")
    entries = json.loads(gitlab.render(checked))
    assert [entry["severity"] for entry in entries] == ["major", "major", "critical", "critical"]
    assert all(set(entry) == {"description", "check_name", "fingerprint", "severity", "location"} for entry in entries)
    assert len({entry["fingerprint"] for entry in entries}) == 4
    suites = ElementTree.fromstring(junit.render(checked))
    assert (suites.get("tests"), suites.get("failures"), len(suites)) == ("4", "4", 2)
    assert [len(suite) for suite in suites] == [3, 1]


def test_fingerprints_stay_when_lines_move(checked: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prints = []
    for text in (TEMPLATE, "# a comment\n\n" + TEMPLATE):
        Path("t.yaml").write_text(text)
        entries = json.loads(gitlab.render(run.check(["t.yaml"], Settings(cache=False))))
        prints.append([entry["fingerprint"] for entry in entries])
    assert prints[0] == prints[1]


@pytest.mark.parametrize("render", RENDERERS)
def test_text_of_a_template_does_not_break_out(checked: Report, render: Callable[[Report], str]) -> None:
    template = checked.templates[-1]
    finding = replace(template.resolutions[0].finding, message=HOSTILE)
    wild = replace(template, resolutions=(replace(template.resolutions[0], finding=finding),), unrepaired=())
    text = render(replace(checked, templates=(wild,), errors=()))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028]", text)
    if render is junit.render:
        assert [each.tag for each in ElementTree.fromstring(text).iter()].count("failure") == 1
    elif render is gitlab.render:
        assert len(json.loads(text)) == 1
    else:
        assert len(text.splitlines()) == 1
        assert not text.partition("::" if render is github.render else "]")[2].startswith(("##vso", "::error"))


def test_annotations_that_github_does_not_show_are_counted(checked: Report) -> None:
    template = checked.templates[-1]
    many = replace(checked, templates=(replace(template, resolutions=template.resolutions * 9),))
    assert "::8 more are in the log" not in github.render(many)
    assert "GitHub shows 10 annotations of a kind: 8 more are in the log." in github.render(many)


def test_a_clean_template_is_a_test_that_passes(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("Resources:\n  Topic: {Type: AWS::SNS::Topic}\n")
    suites = ElementTree.fromstring(junit.render(run.check([str(tmp_path)], Settings(lint=False))))
    assert (suites.get("tests"), suites.get("failures"), len(suites[0])) == ("1", "0", 1)
