"""The earlier versions of a template in its git repository: which ones are read, and what git must not do meanwhile."""

import os
import subprocess
from pathlib import Path

import pytest

from fixer.inputs import history
from fixer.model import Outcome
from fixer.run import commands
from fixer.settings import Settings

WHOLE = """Resources:
  Alias:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: a-function
      FunctionVersion: "1"
      Name: live
"""
BROKEN = WHOLE.replace('      FunctionVersion: "1"\n', "")


def git(*arguments: str) -> None:
    names = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *arguments], check=True, capture_output=True, env=environment)


def commit(file: str, text: str, message: str = "a change") -> None:
    Path(file).write_text(text)
    git("add", "--", file)
    git("commit", "--quiet", "--message", message)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    git("init", "--quiet", ".")
    return tmp_path


def test_renames_are_followed_and_the_newest_version_comes_first() -> None:
    commit("old.yaml", WHOLE)
    git("mv", "old.yaml", "new.yaml")
    git("commit", "--quiet", "--message", "a rename")
    commit("new.yaml", BROKEN)
    found = history.versions("new.yaml")
    assert [("FunctionVersion" in str(each.data), len(each.commit)) for each in found] == [(False, 40), (True, 40)]


def test_versions_that_do_not_parse_are_left_out() -> None:
    commit("t.yaml", WHOLE)
    commit("t.yaml", "Resources: [")
    commit("t.yaml", BROKEN)
    assert len(history.versions("t.yaml")) == 2


def test_other_branches_are_not_read() -> None:
    commit("t.yaml", BROKEN)
    git("checkout", "--quiet", "-b", "other")
    commit("t.yaml", WHOLE)
    git("checkout", "--quiet", "-")
    assert len(history.versions("t.yaml")) == 1


def test_at_most_fifty_versions_are_read() -> None:
    for number in range(55):
        commit("t.yaml", WHOLE.replace('"1"', f'"{number}"'))
    assert len(history.versions("t.yaml")) == 50


@pytest.mark.parametrize("name", ["-t.yaml", "a b.yaml", "ü.yaml", ":(glob)t.yaml"])
def test_odd_names(name: str) -> None:
    Path(name).write_text(WHOLE)
    git("--literal-pathspecs", "add", "--", f"./{name}")
    git("commit", "--quiet", "--message", "a change")
    assert len(history.versions(name)) == 1


def test_without_a_repository_there_are_no_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / ".git").rename(tmp_path / "git")
    assert history.versions("t.yaml") == ()
    assert history.head("t.yaml") == ""


def test_the_configuration_of_the_repository_starts_nothing(tmp_path: Path) -> None:
    commit("t.yaml", WHOLE)
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "gpg.program", "core.sshCommand", "diff.x.textconv"):
        git("config", key, str(script))
    git("config", "log.showSignature", "true")
    Path(".gitattributes").write_text("*.yaml diff=x filter=x\n")
    git("config", "filter.x.smudge", str(script))
    assert len(history.versions("t.yaml")) == 1
    assert not (tmp_path / "started").exists()


def test_a_lost_property_comes_back_and_the_note_names_the_commit() -> None:
    commit("t.yaml", WHOLE)
    commit("t.yaml", BROKEN)
    report = commands.apply(["t.yaml"], Settings(history=True, cache=False, jobs=1), write=True)
    assert [each.finding.id for each in report.resolutions if each.outcome is Outcome.APPLIED] == ["lost-value"]
    [note] = next(each.notes for each in report.resolutions if each.finding.id == "lost-value")
    assert note.startswith(f"The value is that of commit {history.versions('t.yaml')[1].commit[:12]} of 20")
    assert Path("t.yaml").read_text().count('FunctionVersion: "1"') == 1


def test_without_history_it_is_only_reported() -> None:
    commit("t.yaml", WHOLE)
    commit("t.yaml", BROKEN)
    report = commands.apply(["t.yaml"], Settings(history=False, cache=False, jobs=1), write=True)
    assert [each.finding.id for each in report.resolutions] == ["missing-property"]
    assert Path("t.yaml").read_text() == BROKEN


def test_a_default_comes_back() -> None:
    text = "Parameters:\n  Team:\n    Type: String\n    Default: red\n" + WHOLE.replace("live", "!Ref Team")
    commit("t.yaml", text)
    Path("t.yaml").write_text(text.replace("    Default: red\n", ""))
    settings = Settings(select=("parameter-without-default",), history=True, cache=False, jobs=1)
    commands.apply(["t.yaml"], settings, write=True)
    assert Path("t.yaml").read_text() == text
