"""The journal: what was written can be taken back, and it tells the truth whatever happened."""

import os
import random
import shutil
import signal
import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from test_cli import fixer

from fixer.errors import BadConfig, FixerError
from fixer.outputs import journal, state_folder
from fixer.outputs.recovery import recover
from fixer.outputs.undo import undo
from fixer.run import commands as run
from fixer.settings import Settings

TEMPLATE = """# a stack
Parameters:
  DBUser: # who
    Type: String
    NoEcho: true
    MinLength: 1
    MaxLength: 16
    AllowedPattern: "[a-z]+"
Resources:
  Topic:
    Type: AWS::SNS::Topic
  Subscription:
    Type: AWS::SNS::Subscription
    DependsOn: Topic
    Properties:
      TopicArn: !Ref Topic
      Protocol: email
      Endpoint: !Ref DBUser
"""
KILLS = int(os.environ.get("FIXER_KILLS", "40"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.yaml").write_bytes(TEMPLATE.replace("\n", "\r\n").encode("utf-8-sig"))
    (tmp_path / "b.yaml").write_text(TEMPLATE)
    return tmp_path


def test_undo_gives_the_original_bytes_and_the_journal_says_so(repository: Path) -> None:
    before = [(repository / name).read_bytes() for name in ("lib/a.yaml", "b.yaml")]
    assert fixer("apply", "lib", "b.yaml", "--write", cwd=repository).returncode == 0
    assert [(repository / name).read_bytes() for name in ("lib/a.yaml", "b.yaml")] != before
    assert not (repository / ".fixer").exists()
    [line] = fixer("history", cwd=repository / "lib").stdout.splitlines()
    assert line.endswith("  written  b.yaml, lib/a.yaml  (noecho-username, redundant-depends-on)")

    undone = fixer("undo", cwd=repository / "lib")
    assert undone.returncode == 0
    assert undone.stdout == "b.yaml: 2 edits undone\nlib/a.yaml: 2 edits undone\n"
    assert [(repository / name).read_bytes() for name in ("lib/a.yaml", "b.yaml")] == before
    [line] = fixer("history", cwd=repository).stdout.splitlines()
    assert "  undone 20" in line
    again = fixer("undo", cwd=repository)
    assert again.returncode == 2 and "there is nothing to undo" in again.stderr


def test_a_file_that_changed_since_keeps_what_was_done_to_it(repository: Path) -> None:
    run.apply([str(repository / "b.yaml")], Settings(), write=True)
    file = repository / "b.yaml"

    def mine(text: str) -> str:
        return text.replace("# a stack", "# my stack\n\n# of mine").replace("!Ref DBUser", "ops@example.com")

    file.write_text(mine(file.read_text()))
    done = fixer("undo", cwd=repository)
    assert done.returncode == 0
    assert file.read_text() == mine(TEMPLATE)


def test_what_stands_in_the_way_is_told_and_the_rest_taken_back(repository: Path) -> None:
    run.apply([str(repository / "b.yaml")], Settings(), write=True)
    file = repository / "b.yaml"
    file.write_text(file.read_text().replace("    MinLength: 1\n", "    MinLength: 3\n"))
    done = fixer("undo", cwd=repository)
    assert done.returncode == 1
    assert done.stdout == (
        "b.yaml: 1 edit undone:\n  not undone: the edit at line 5, or a line beside it, has changed since the run\n"
    )
    assert "    DependsOn: Topic\n" in file.read_text() and "NoEcho" not in file.read_text()
    file.unlink()
    [gone] = undo(journal.history(repository)[0])
    assert gone.hindered == ("the file is gone",)


def test_runs_are_taken_back_one_after_the_other_or_by_id(repository: Path) -> None:
    run.apply([str(repository / "b.yaml")], Settings(select=("noecho-username",)), write=True)
    between = (repository / "b.yaml").read_text()
    run.apply([str(repository / "b.yaml")], Settings(), write=True)
    first, second = journal.history(repository)
    with pytest.raises(BadConfig, match="several runs have the id"):
        journal.chosen(repository, "20")
    with pytest.raises(BadConfig, match="no run has the id"):
        journal.chosen(repository, "x")
    assert journal.chosen(repository) == second
    undo(journal.chosen(repository))
    assert (repository / "b.yaml").read_text() == between
    undo(journal.chosen(repository, first.id))
    assert (repository / "b.yaml").read_text() == TEMPLATE


def test_an_applied_patch_file_is_in_the_journal_too(repository: Path) -> None:
    (repository / "p.json").write_text(
        '[{"op": "replace", "path": "/Resources/Topic/Type", "value": "AWS::SQS::Queue"}]'
    )
    assert fixer("patch", "b.yaml", "p.json", "--write", cwd=repository).returncode == 0
    assert fixer("undo", cwd=repository).stdout == "b.yaml: 1 edit undone\n"
    assert (repository / "b.yaml").read_text() == TEMPLATE


def test_a_run_that_writes_nothing_leaves_no_record(repository: Path) -> None:
    run.apply([str(repository)], Settings())
    run.apply([str(repository / "b.yaml")], Settings(select=("topic-without-subscription",)), write=True)
    assert journal.history(repository) == []


def _write_and_leave(repository: Path, begun: int) -> None:
    """A run that writes, and tells when it begins to; the process then ends."""
    write = journal.write_groups

    def telling(*arguments: Any) -> dict[str, FixerError]:
        os.write(begun, b"!")
        return write(*arguments)

    journal.write_groups = telling  # type: ignore[assignment]
    run.apply([str(repository)], Settings(lint=False), write=True)
    os._exit(0)


def test_killed_at_any_moment_the_journal_tells_the_truth(repository: Path) -> None:
    """SIGKILL at random moments while two joined files are written; FIXER_KILLS says how often."""
    chance = random.Random(7)
    files = [repository / "lib" / "a.yaml", repository / "b.yaml"]
    old = [file.read_bytes() for file in files]
    spent: list[float] = []
    run.apply([str(repository)], Settings(lint=False))  # What this imports, no child has to import.
    seen: set[tuple[str, ...]] = set()
    told_that, begun = os.pipe()
    for number in range(KILLS * 20):
        if number >= KILLS and len(seen) > 1:
            break
        for file, data in zip(files, old, strict=True):
            file.write_bytes(data)
        shutil.rmtree(state_folder.location(), ignore_errors=True)
        child = os.fork()
        if child == 0:
            _write_and_leave(repository, begun)
        os.read(told_that, 1)
        began = time.perf_counter()
        if len(spent) < 3:
            os.waitpid(child, 0)
            spent.append(time.perf_counter() - began)
            new = [file.read_bytes() for file in files]
            continue
        time.sleep(chance.uniform(0, statistics.median(spent)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        recover([str(repository)])
        now = [file.read_bytes() for file in files]
        assert all(data in pair for data, pair in zip(now, zip(old, new, strict=True), strict=True))
        told = {each.path: left.state(each) for left in journal.history(repository) for each in left.files}
        for file, data, was in zip(files, now, old, strict=True):
            state = told.get(file.relative_to(repository).as_posix(), "not written")
            assert state == ("not written" if data == was else "written")
        seen.add(tuple(sorted(told.values())))
        for left in journal.history(repository):
            undo(left)
        assert [file.read_bytes() for file in files] == old
    assert len(seen) > 1
