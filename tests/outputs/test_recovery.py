"""What becomes of an interrupted run when the files have changed since, or cannot be written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killed import DIED, forked

from fixer.outputs import intents, journal, state_folder, undo
from fixer.outputs.intents import Entry, Intent
from fixer.outputs.journal import Edited
from fixer.outputs.places import place_of
from fixer.outputs.recovery import recover
from fixer.outputs.safe_write import CannotWrite
from fixer.outputs.write_group import HalfWritten, write_group

NAMES = ("a.txt", "lib/b.txt", "lib/c.txt")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "project"
    (folder / "lib").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in NAMES:
        (folder / name).write_text("old\n")
    return folder


@pytest.fixture
def interrupted(project: Path) -> Path:
    """The project after a death between the first and the second rename."""
    entries = tuple(Entry.of(place_of(str(project / name)), b"old\n", b"new\n") for name in NAMES)

    def write() -> None:
        with intents.begin(Intent(intents.new_id(), (entries,))):
            real = os.replace

            def replace(source: str, target: str, **at: int) -> None:
                if target == "b.txt":
                    os._exit(DIED)
                real(source, target, **at)

            os.replace = replace  # type: ignore[assignment]
            write_group(entries)

    assert forked(write, project).code == DIED
    assert _texts(project) == ["new\n", "old\n", "old\n"]
    return project


def _texts(project: Path) -> list[str]:
    return [(project / name).read_text() for name in NAMES]


def _is_clean(project: Path) -> bool:
    staged = list(project.rglob(".fixer*"))
    return not staged and not list((state_folder.location() / state_folder.UNFINISHED).iterdir())


def _refusing(monkeypatch: pytest.MonkeyPatch, *names: str) -> Iterator[None]:
    real = os.replace

    def replace(source: Any, target: Any, **at: int) -> None:
        if target in names:
            raise PermissionError(1, "Operation not permitted")
        real(source, target, **at)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        yield


def test_the_group_is_completed(interrupted: Path) -> None:
    told = recover([str(interrupted / "lib")])
    assert told == tuple(
        f"{interrupted / name}: written now to complete an interrupted run" for name in ("lib/b.txt", "lib/c.txt")
    )
    assert _texts(interrupted) == ["new\n"] * 3 and _is_clean(interrupted)
    assert recover([str(interrupted)]) == ()


def test_another_project_is_left_alone(interrupted: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / ".git").mkdir(parents=True)
    assert recover([str(tmp_path / "other")]) == ()
    assert _texts(interrupted) == ["new\n", "old\n", "old\n"]


def test_staged_files_that_somebody_removed_are_not_needed(interrupted: Path) -> None:
    for path in interrupted.rglob(".fixer-staged-*"):
        path.unlink()
    recover([str(interrupted)])
    assert _texts(interrupted) == ["new\n"] * 3 and _is_clean(interrupted)


def test_a_group_that_cannot_be_completed_is_reverted(interrupted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in _refusing(monkeypatch, "c.txt"):
        [told] = recover([str(interrupted)])
    assert "c.txt: cannot be written: Operation not permitted; the other files" in told
    assert _texts(interrupted) == ["old\n"] * 3 and _is_clean(interrupted)


def test_a_group_that_can_be_neither_waits(interrupted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in _refusing(monkeypatch, "a.txt", "b.txt"):
        for _ in range(2):
            [told] = recover([str(interrupted)])
            assert "an interrupted run waits until this file can be written" in told
    recover([str(interrupted)])
    assert _texts(interrupted) == ["new\n"] * 3 and _is_clean(interrupted)


@pytest.mark.parametrize("changed", [1, 2])
def test_a_file_that_was_edited_since_reverts_the_others(interrupted: Path, changed: int) -> None:
    (interrupted / NAMES[changed]).write_text("edited\n")
    [told] = recover([str(interrupted)])
    assert told.startswith(f"{interrupted / 'a.txt'}: restored, because a run was interrupted")
    assert _texts(interrupted) == ["old\n", *("edited\n" if at == changed else "old\n" for at in (1, 2))]
    assert _is_clean(interrupted)


def test_a_folder_that_is_gone_holds_nothing_up(interrupted: Path) -> None:
    shutil.rmtree(interrupted / "lib")
    assert recover([str(interrupted)]) == ("a run was interrupted after it had written its files; they are complete",)
    assert list((state_folder.location() / state_folder.UNFINISHED).iterdir()) == []


def test_a_run_that_still_writes_is_left_alone(project: Path) -> None:
    entry = Entry.of(place_of(str(project / "a.txt")), b"old\n", b"new\n")
    staged = project / entry.staged
    with intents.begin(Intent(intents.new_id(), ((entry,),))):
        staged.write_text("new\n")
        code = f"from fixer.outputs.recovery import recover; print(recover([{str(project)!r}]))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "()\n" and staged.exists()
    staged.unlink()


def test_a_failed_undo_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fixer.model import Edit

    edits = (Edit(0, 3, "old", "new"),)
    group = [Edited(str(project / name), b"old\n", "new\n", edits, ("x",)) for name in NAMES]
    assert journal.write_groups([group]) == {}
    for _ in _refusing(monkeypatch, "c.txt"):
        with pytest.raises(CannotWrite, match=r"c\.txt: cannot be written: Operation not permitted"):
            undo.undo(journal.chosen(project))
    assert _texts(project) == ["new\n"] * 3 and _is_clean(project)
    assert journal.chosen(project).undone == ""
    undo.undo(journal.chosen(project))
    assert _texts(project) == ["old\n"] * 3 and _is_clean(project)


def test_a_group_that_cannot_be_put_back_is_finished_by_the_next_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fixer.model import Edit

    edits = (Edit(0, 3, "old", "new"),)
    group = [Edited(str(project / name), b"old\n", "new\n", edits, ("x",)) for name in NAMES]
    real, calls = os.replace, []

    def replace(source: Any, target: Any, **at: int) -> None:
        calls.append(target)
        if target == "b.txt" or calls.count("a.txt") == 2:
            raise PermissionError(1, "Operation not permitted")
        real(source, target, **at)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        failed = journal.write_groups([group])
    assert {type(error) for error in failed.values()} == {HalfWritten}
    assert "the next run of fixer completes or reverts what was begun" in str(next(iter(failed.values())))
    assert _texts(project) == ["new\n", "old\n", "old\n"]
    recover([str(project)])
    assert _texts(project) == ["new\n"] * 3 and _is_clean(project)


WRITE = """
import sys
from fixer.errors import FixerError
from fixer.outputs.intents import Entry
from fixer.outputs.places import place_of
from fixer.outputs.write_group import write_group
try:
    write_group([Entry.of(place_of(name), b"old\\n", b"new\\n") for name in sys.argv[1:]])
except FixerError as error:
    sys.exit(str(error))
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may do this to a file")
@pytest.mark.parametrize("means", ["immutable", "a mount"])
def test_a_file_that_really_cannot_be_replaced(project: Path, means: str) -> None:
    files = [str(project / name) for name in NAMES]
    python = [sys.executable, "-c", WRITE, *files]
    if means == "immutable":
        if subprocess.run(["chattr", "+i", files[1]], capture_output=True, check=False).returncode:
            pytest.skip("this file system has no immutable files")
        try:
            done = subprocess.run(python, capture_output=True, text=True, check=False)
        finally:
            subprocess.run(["chattr", "-i", files[1]], check=True)
    else:
        (project.parent / "other").write_text("old\n")
        script = 'mount --bind "$1" "$2" || exit 77; shift 2; exec "$@"'
        inner = ["sh", "-c", script, "sh", str(project.parent / "other"), files[1], *python]
        done = subprocess.run(["unshare", "-m", *inner], capture_output=True, text=True, check=False)
        if done.returncode == 77 or "unshare" in done.stderr:
            pytest.skip("this process may not mount")
    assert done.returncode == 1 and f"{files[1]}: cannot be written: " in done.stderr
    assert _texts(project) == ["old\n"] * 3
    assert list(project.rglob(".fixer*")) == []
