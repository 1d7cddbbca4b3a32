"""A run that is killed at any call of the file system: the next command finds a group old or new as a whole."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killed import DIED, command, forked

from fixer.outputs import journal, state_folder
from fixer.outputs.journal import Edited
from fixer.outputs.undo import undo
from fixer.run import commands as run
from fixer.settings import Settings

TEMPLATE = """Parameters:
  DBUser:
    Type: String
    NoEcho: true
    MinLength: 1
    MaxLength: 16
    AllowedPattern: "[a-z]+"
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Ref DBUser
"""
NAMES = ("a.yaml", "lib/b.yaml", "lib/c.yaml")
COMMANDS = {
    "check": ("check", ".", "--no-lint"),
    "apply": ("apply", ".", "--no-lint"),
    "apply --write": ("apply", ".", "--no-lint", "--write"),
    "undo": ("undo",),
    "history": ("history",),
}
EVERY = int(os.environ.get("FIXER_EVERY", "9"))
"""Each test dies at each fifth call, and the five commands at different ones: together they die at every call.
FIXER_EVERY=1 lets each command die at each call.
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # A death of the process loses nothing; syncs take long.
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "lib").mkdir()
    _reset(tmp_path)
    return tmp_path


def _reset(project: Path) -> None:
    shutil.rmtree(state_folder.location(), ignore_errors=True)
    for path in project.rglob(".fixer*"):
        path.unlink()
    for name in NAMES:
        (project / name).write_text(f"# {name}\n{TEMPLATE}")


def _group() -> list[Edited]:
    """The repairs of the three templates, as one group."""
    report = run.apply(["."], Settings(lint=False))
    edited = []
    for template in report.templates:
        before = Path(template.path).read_bytes()
        edited.append(Edited(template.path, before, template.after, template.edits, ("noecho-username",)))
    assert len(edited) == len(NAMES)
    return edited


def _texts(project: Path) -> list[str]:
    return [(project / name).read_text() for name in NAMES]


def _left_over(project: Path) -> list[Path]:
    """What is left in the project and in the state folder beside complete records."""
    state = state_folder.location()
    inside = [path for path in project.rglob(".*") if path.name != ".git"]
    kept = [path for path in state.rglob("*") if path.is_file() and path.parent.parent.name != "projects"]
    return [*inside, *kept, *state.rglob("*.new")]


def _deaths(first: int = 1, others: tuple[int, ...] = ()) -> Iterator[int]:
    """Calls at which to die: each EVERY-th from the first, and some others."""
    return (at for at in itertools.count(1) if at in others or (at - first) % EVERY == 0)


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_while_it_writes(project: Path, name: str) -> None:
    group = _group()
    old, new = _texts(project), [edited.after for edited in group]
    seen = set()

    def write() -> None:
        journal.write_groups([group])

    for at in _deaths(list(COMMANDS).index(name), _turns(project, lambda: None, write, (old, new))):
        _reset(project)
        if forked(write, project, at).code != DIED:
            break
        was = _texts(project)
        assert all(text in pair for text, pair in zip(was, zip(old, new, strict=True), strict=True))
        done = command(*COMMANDS[name], folder=project)
        now = _texts(project)
        assert now in (old, new), (at, done.out)
        assert _left_over(project) == [], (at, done.out)
        _check_the_journal(project, old)
        if was not in (old, new):
            assert "interrupted run" in done.out, (at, done.out)
        if name == "undo":
            assert now == old and done.code == (2 if was == old else 0), (at, done.out)
        if name == "apply --write":
            assert now == new and done.code == 0
        seen.add("old" if was == old else "new" if was == new else "mixed")
    assert seen == {"old", "mixed", "new"} and at > 30
    assert _texts(project) == new and _left_over(project) == []


def _check_the_journal(project: Path, old: list[str]) -> None:
    """The records say what the files contain, and undo leads back to the first texts."""
    runs = journal.history(project)
    states = {each.path: run.state(each) for run in runs for each in run.files}
    for name, text, before in zip(NAMES, _texts(project), old, strict=True):
        assert states.get(name, "not written") == ("not written" if text == before else "written")
    for recorded in reversed(runs):
        if not recorded.undone:
            undo(recorded)
    assert _texts(project) == old
    assert _left_over(project) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_while_it_undoes(project: Path, name: str) -> None:
    group = _group()
    old, new = _texts(project), [edited.after for edited in group]
    seen = set()

    def write() -> None:
        journal.write_groups([group])

    def take_back() -> None:
        undo(journal.chosen(project))

    for at in _deaths(list(COMMANDS).index(name), _turns(project, write, take_back, (new, old))):
        _reset(project)
        write()
        if forked(take_back, project, at).code != DIED:
            break
        was = _texts(project)
        done = command(*COMMANDS[name], folder=project)
        now = _texts(project)
        assert now in (old, new), (at, done.out)
        assert _left_over(project) == [], (at, done.out)
        first = journal.history(project)[0]
        if now == old:
            assert first.undone or name == "apply --write", (at, done.out)
        seen.add("old" if was == old else "new" if was == new else "mixed")
    assert seen == {"old", "mixed", "new"}
    assert _texts(project) == old and _left_over(project) == []


def test_killed_while_it_recovers(project: Path) -> None:
    group = _group()
    old, new = _texts(project), [edited.after for edited in group]
    middle, _ = _turns(project, lambda: None, lambda: journal.write_groups([group]), (old, new))
    for at in _deaths():
        _reset(project)
        forked(lambda: journal.write_groups([group]), project, middle)
        assert _texts(project) not in (old, new)
        if forked(lambda: run.check(["."], Settings(lint=False)), project, at).code != DIED:
            break
        command("history", folder=project)
        assert _texts(project) == new
        assert _left_over(project) == []
        assert len(journal.history(project)) == 1
    assert _texts(project) == new


def _turns(
    project: Path, before: Callable[[], object], work: Callable[[], object], whole: tuple[list[str], list[str]]
) -> tuple[int, int]:
    """The first call at which a death leaves a part of the files written, and the first that leaves all of them."""
    middle = 0
    for at in range(1, 1000):
        _reset(project)
        before()
        forked(work, project, at)
        texts = _texts(project)
        middle = middle or (0 if texts in whole else at)
        if texts == whole[1]:
            return middle, at
    raise AssertionError("no death leaves the files written")
