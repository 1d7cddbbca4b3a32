"""Every property repair has a case, in YAML and JSON, and a near miss. `pytest --update-golden` rewrites the files."""

import json

import pytest
from entry_cases import CASES, Case, before, near_miss, operations, play, yaml_text

from fixer.document import parse
from fixer.model import Outcome
from fixer.transforms.properties.entry import Entry, entries

every = pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)


@every
def test_case(entry: Entry, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        _update(entry)
    case = Case.read(entry.id)
    report = play(entry, case.before)
    assert not report.errors
    assert [each.reason for each in report.resolutions if each.outcome is not Outcome.WOULD_APPLY] == []
    assert report.templates[0].after == case.after
    assert operations(report) == case.patch


@every
def test_the_same_in_json(entry: Entry) -> None:
    case = Case.read(entry.id)
    text = json.dumps(parse(case.before, "template.yaml").data, indent=2) + "\n"
    report = play(entry, text, "template.json")
    assert json.loads(report.templates[0].after) == parse(case.after, "template.yaml").data


@every
def test_near_miss_and_result_stay_as_they_are(entry: Entry) -> None:
    case = Case.read(entry.id)
    for text in (case.near_miss, case.after):
        report = play(entry, text)
        assert not report.errors
        assert list(report.resolutions) == []
        assert report.templates[0].after == text


def test_no_case_is_left_over() -> None:
    assert {file.stem for file in CASES.iterdir()} == {entry.id for entry in entries()}


def _update(entry: Entry) -> None:
    text = yaml_text(before(entry))
    report = play(entry, text)
    after = report.templates[0].after
    assert after != text, [each.reason for each in report.resolutions]
    missed = near_miss(entry, json.loads(json.dumps(parse(after, "template.yaml").data)))
    Case(text, after, operations(report), yaml_text(missed)).write(entry.id)
