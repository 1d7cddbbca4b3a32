"""Checkouts that a killed bot leaves: the next run removes its own, and nothing else."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import standin
from checkout import Checkout

STOPPED = """
import sys, time
from fixer.run import commands
def never(*arguments, **named):
    print("checked out", flush=True)
    time.sleep(600)
commands.apply = never
sys.argv = ["fixer", "pr"]
from fixer.cli.main import main
main()
"""
"""`fixer pr`, which stays where the templates of its checkout are repaired."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@contextmanager
def _running(folder: Path) -> Iterator[None]:
    """A bot at work, which is killed in the end."""
    process = subprocess.Popen([sys.executable, "-c", STOPPED], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "checked out\n"
        yield
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _worktrees(checkout: Checkout) -> int:
    return checkout.git("worktree", "list").count("\n")


def test_a_checkout_that_a_killed_run_left_is_removed(checkout: Checkout, temporary: Path) -> None:
    with _running(checkout.folder):
        pass
    [left] = temporary.iterdir()
    assert (left / "repository" / "lib").is_dir() and _worktrees(checkout) == 2
    assert checkout.pr().startswith("opened ")
    assert list(temporary.iterdir()) == [] and _worktrees(checkout) == 1


def test_it_is_found_where_it_was_left(
    checkout: Checkout, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _running(checkout.folder):
        pass
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "other"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    checkout.pr(dry_run=True)
    assert list(temporary.iterdir()) == [] and _worktrees(checkout) == 1


def test_a_folder_that_git_does_not_know_is_removed(checkout: Checkout, temporary: Path) -> None:
    with _running(checkout.folder):
        pass
    [left] = temporary.iterdir()
    checkout.git("worktree", "remove", "--force", str(left / "repository"))
    assert left.is_dir()
    checkout.pr(dry_run=True)
    assert list(temporary.iterdir()) == []


def test_a_run_at_work_keeps_its_checkout(checkout: Checkout, temporary: Path) -> None:
    with _running(checkout.folder):
        [kept] = temporary.iterdir()
        assert checkout.pr().startswith("opened ")
        assert list(temporary.iterdir()) == [kept] and _worktrees(checkout) == 2


def test_what_another_made_stays(checkout: Checkout, github: standin.GitHub, temporary: Path, tmp_path: Path) -> None:
    checkout.git("worktree", "add", "--quiet", "--detach", str(temporary / "fixer-mine" / "repository"), "HEAD")
    other = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", checkout.folder, other], check=True)
    foreign = {
        "fixer-empty": b"",
        "fixer-other": os.fsencode(other / ".git"),
        "fixer-part": os.fsencode(checkout.folder),
    }
    for name, mark in foreign.items():
        (temporary / name).mkdir()
        (temporary / name / "made-by-fixer").write_bytes(mark)
    (temporary / "fixer-link").mkdir()
    own = tmp_path / "named"
    own.write_bytes(os.fsencode(checkout.folder / ".git"))
    (temporary / "fixer-link" / "made-by-fixer").symlink_to(own)
    before = sorted(temporary.iterdir())
    assert checkout.pr().startswith("opened ")
    assert sorted(temporary.iterdir()) == before and _worktrees(checkout) == 2
