"""The cache of lint results: an entry answers for exactly what decides about it."""

import json
import os
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pytest

from fixer.aws import lint_cache
from fixer.aws.lint_cache import LintCache
from fixer.model import LintMatch, LintResult

RESULT = LintResult((LintMatch("W3005", "warning", "said \u00fc", ("Resources", "A", "DependsOn", 0), 3, 7),))
TEXT = '{"Resources": {}}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "cache"


def test_what_was_put_is_got(folder: Path) -> None:
    cache = LintCache(folder=folder)
    assert cache.get("a.json", TEXT) is None
    cache.put("a.json", TEXT, RESULT)
    assert LintCache(folder=folder).get("a.json", TEXT) == RESULT


def test_another_path_text_region_setting_or_day_is_another_entry(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LintCache(folder=folder).put("a.json", TEXT, RESULT)
    assert LintCache(folder=folder).get("b.json", TEXT) is None
    assert LintCache(folder=folder).get("a.json", TEXT + " ") is None
    assert LintCache(["eu-west-1"], folder).get("a.json", TEXT) is None
    Path(".cfnlintrc").write_text("ignore_checks: [W]")
    assert LintCache(folder=folder).get("a.json", TEXT) is None
    Path(".cfnlintrc").unlink()
    assert LintCache(folder=folder).get("a.json", TEXT) == RESULT
    with monkeypatch.context() as changed:
        changed.setattr(lint_cache, "version", lambda: "99")
        assert LintCache(folder=folder).get("a.json", TEXT) is None
    with monkeypatch.context() as changed:
        changed.setattr(lint_cache, "date", Mock(today=lambda: date(2999, 1, 1)))
        assert LintCache(folder=folder).get("a.json", TEXT) is None


def test_a_nested_template_counts(folder: Path) -> None:
    text = json.dumps({"Resources": {"S": {"Properties": {"TemplateURL": "child.json"}}}})
    Path("child.json").write_text("{}")
    LintCache(folder=folder).put("a.json", text, RESULT)
    assert LintCache(folder=folder).get("a.json", text) == RESULT
    Path("child.json").write_text("{ }")
    assert LintCache(folder=folder).get("a.json", text) is None


def test_nothing_is_kept_that_failed_or_where_plug_ins_are_asked_for(folder: Path) -> None:
    LintCache(folder=folder).put("a.json", TEXT, LintResult(failed="too long"))
    asking = '{"Metadata": {"cfn-lint": {"config": {"append_rules": ["x"]}}}}'
    LintCache(folder=folder).put("a.json", asking, RESULT)
    Path(".cfnlintrc").write_text("override_spec: x.json")
    LintCache(folder=folder).put("a.json", TEXT, RESULT)
    assert not list(folder.glob("??/*"))


def test_a_damaged_entry_and_a_folder_that_cannot_be_written_are_no_errors(folder: Path) -> None:
    LintCache(folder=folder).put("a.json", TEXT, RESULT)
    [entry] = folder.glob("??/*")
    for damaged in ("", "[", "{}", "[1]", '[{"rule": 1}]', '{"path": 3}'):
        entry.write_text(damaged)
        assert LintCache(folder=folder).get("a.json", TEXT) in (None, LintResult())
    (folder.parent / "file").write_text("")
    LintCache(folder=folder.parent / "file").put("a.json", TEXT, RESULT)
    LintCache(folder=folder.parent / "file").prune()


def test_old_entries_go(folder: Path) -> None:
    cache = LintCache(folder=folder)
    cache.put("old.json", TEXT, RESULT)
    [old] = folder.glob("??/*")
    os.utime(old, (0, 0))
    cache.put("new.json", TEXT, RESULT)
    cache.prune()
    assert cache.get("old.json", TEXT) is None and cache.get("new.json", TEXT) == RESULT
