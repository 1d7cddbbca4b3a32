"""Texts that do not parse, from the command line to the file: report, diff, patches, undo, review, baseline."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixer.errors import FixerError
from fixer.inputs import baseline
from fixer.model import Outcome
from fixer.outputs import patch_files
from fixer.report import as_json, markdown, sarif
from fixer.review.questions import Answer, Choice, Question, Stopped
from fixer.run import commands
from fixer.settings import Settings

BROKEN = """Description: Note: a topic
Resources:
  Alerts:
    Type: AWS::SNS::Topic
    Type: AWS::SNS::Topic
    Properties:
      DisplayNam: Alerts
"""
REPAIRED = BROKEN.replace("Note: a topic", '"Note: a topic"').replace("    Type: AWS::SNS::Topic\n", "", 1)
WHOLE = REPAIRED.replace("DisplayNam:", "DisplayName:")
ID = "unparsable-template"
SETTINGS = Settings(cache=False, jobs=1)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "stack.yaml").write_text(BROKEN)
    return Path("lib/stack.yaml")


def test_the_text_and_then_the_template_are_repaired(file: Path) -> None:
    report = commands.apply([str(file)], SETTINGS, write=True)
    assert file.read_text() == WHOLE
    assert not report.errors
    found = [(each.finding.id, each.position.line, each.outcome) for each in report.resolutions]
    assert found == [
        (ID, 1, Outcome.APPLIED),
        (ID, 5, Outcome.APPLIED),
        ("unknown-property", 7, Outcome.APPLIED),
    ]
    assert [each.order for each in report.resolutions] == [1, 2, 3]


def test_check_reports_and_changes_nothing(file: Path) -> None:
    report = commands.check([str(file)], SETTINGS)
    assert [each.outcome for each in report.resolutions] == [Outcome.FOUND] * 3
    assert not any(template.changed for template in report.templates)
    assert json.loads(sarif.render(report))["runs"][0]["results"][2]["fixes"]
    assert file.read_text() == BROKEN


def test_every_report_has_the_edits(file: Path) -> None:
    report = commands.apply([str(file)], SETTINGS)
    first = json.loads(as_json.render(report))["templates"][0]["findings"][0]
    edit = {"line": 1, "column": 14, "old": "Note: a topic", "new": '"Note: a topic"'}
    assert first["patches"] == {str(file): [edit]}
    results = json.loads(sarif.render(report))["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == [ID, ID, "unknown-property"]
    assert all("fixes" in result or "fixedWith" in result["properties"] for result in results)
    assert '+Description: "Note: a topic"' in markdown.render(report)


def test_patch_files_repeat_the_run(file: Path) -> None:
    names = patch_files.write_patches(commands.apply([str(file)], SETTINGS), "patches")
    assert [name.partition(".0")[2] for name in names] == [f"1.{ID}.json", "2.unknown-property.json"]
    for name in names:
        patch_files.apply_to(str(file), name, write=True)
    assert file.read_text() == WHOLE


def test_a_text_patch_applies_only_where_its_text_is(file: Path) -> None:
    Path("p.json").write_text('[{"line": 1, "column": 14, "old": "Other", "new": "x"}]')
    with pytest.raises(FixerError, match="the text at 1:14 is not 'Other'"):
        patch_files.apply_to(str(file), "p.json", write=True)
    Path("p.json").write_text('[{"line": 5, "column": 1, "old": "    Type: AWS::SNS::Topic\\n", "new": ""}]')
    with pytest.raises(FixerError, match="not valid YAML"):
        patch_files.apply_to(str(file), "p.json", write=True)
    assert file.read_text() == BROKEN


@pytest.mark.parametrize("settings", [{"safe_only": True}, {"ignore": (ID,)}, {"select": ("bad-rate",)}])
def test_without_the_repair_the_file_is_an_error(file: Path, settings: dict[str, object]) -> None:
    report = commands.apply([str(file)], Settings(cache=False, jobs=1, **settings), write=True)  # type: ignore[arg-type]
    assert "not valid YAML" in str(report.errors[0])
    assert all(each.outcome is Outcome.SKIPPED for each in report.resolutions)
    assert file.read_text() == BROKEN


def test_a_baseline_suppresses_it(file: Path) -> None:
    found = [each.finding for each in commands.check([str(file)], SETTINGS).resolutions]
    Path("baseline.json").write_text(baseline.render(found, "baseline.json"))
    file.write_text("# A line that moves the others.\n" + BROKEN)
    report = commands.apply([str(file)], Settings(cache=False, baseline=baseline.load("baseline.json")), write=True)
    assert not list(report.resolutions)
    assert report.suppressed == 2
    assert report.errors


def test_undo_restores_every_byte(file: Path) -> None:
    file.write_bytes(BROKEN.replace("\n", "\r\n").encode())
    before = file.read_bytes()
    run = [sys.executable, "-m", "fixer"]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([*run, "apply", str(file), "--write"], check=True, capture_output=True, env=here)
    assert file.read_bytes() != before
    subprocess.run([*run, "undo"], check=True, capture_output=True, env=here)
    assert file.read_bytes() == before


def test_a_review_asks_about_the_text_first(file: Path) -> None:
    asked: list[tuple[str, tuple[Choice, ...]]] = []

    def ask(question: Question) -> Answer:
        asked.append((question.resolution.finding.id, question.choices))
        return Answer(Choice.APPLY)

    commands.review([str(file)], SETTINGS, ask)
    assert [name for name, _ in asked] == [ID, ID, "unknown-property"]
    assert Choice.EDIT not in asked[0][1]
    assert file.read_text() == WHOLE


def test_a_skipped_repair_is_remembered_and_the_file_stays(file: Path) -> None:
    answers = iter([Choice.SKIP])
    report = commands.review([str(file)], SETTINGS, lambda question: Answer(next(answers)))
    assert file.read_text() == BROKEN
    assert report.errors
    commands.review([str(file)], SETTINGS, lambda question: pytest.fail("asked again"))


def test_a_person_who_stops_writes_nothing(file: Path) -> None:
    with pytest.raises(Stopped):
        commands.review([str(file)], SETTINGS, lambda question: Answer(Choice.QUIT))
    assert file.read_text() == BROKEN


def test_a_link_out_of_the_project_is_not_repaired(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "other.yaml").write_text(BROKEN)
    (tmp_path / "lib" / ".git").mkdir()
    link = tmp_path / "lib" / "link.yaml"
    link.symlink_to(outside / "other.yaml")
    commands.apply([str(link)], SETTINGS, write=True)
    assert (outside / "other.yaml").read_text() == BROKEN


def test_a_changed_file_is_not_overwritten(file: Path) -> None:
    def ask(question: Question) -> Answer:
        file.write_text(WHOLE + "# changed\n")
        return Answer(Choice.APPLY)

    with pytest.raises(FixerError, match="has changed"):
        commands.review([str(file)], SETTINGS, ask)
    assert file.read_text() == WHOLE + "# changed\n"


def test_a_file_that_is_not_a_template_keeps_its_error(tmp_path: Path) -> None:
    other = tmp_path / "values.yaml"
    other.write_text("note: AWS::X: Resources\nlist: [1\n")
    report = commands.apply([str(other)], SETTINGS, write=True)
    assert "not valid YAML" in str(report.errors[0])
    assert other.read_text().startswith("note: AWS::X")
