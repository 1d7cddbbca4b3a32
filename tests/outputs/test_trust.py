"""What a repository brings along is never taken for the state of a run, and no link leads fixer out of the project."""

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from test_cli import fixer

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
MINE = "what is mine\n"
APPLY = ("apply", ".", "--no-lint", "--write")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository beside a folder `home`, which it must not reach."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text(MINE)
    (folder / "a.yaml").write_text(TEMPLATE)
    home = tmp_path / "home"
    home.mkdir()
    for name in ("a.yaml", "secret.txt"):
        (home / name).write_text(TEMPLATE if name == "a.yaml" else MINE)
    return folder


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Everything below a folder: kind and mode, and content or target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        content = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (path.lstat().st_mode, content)
    return found


def _record(path: str, before: str, after: str) -> dict[str, object]:
    edit = {"start": 0, "end": len(before), "old": before, "new": after}
    files = [
        {
            "path": path,
            "before": hashlib.sha256(before.encode()).hexdigest(),
            "after": after,
            "edits": [edit],
            "ids": ["x"],
        }
    ]
    return {"version": 1, "fixer": "0.1", "run": "x", "undone": "", "files": files}


@pytest.mark.parametrize("path", [".git/config", "a.yaml", "../home/secret.txt"])
def test_a_journal_in_the_repository_is_not_read(repository: Path, path: str) -> None:
    """A record of the far future in a clone would otherwise be "the last run", and undo would write what it says."""
    folder = repository / ".fixer" / "journal"
    folder.mkdir(parents=True)
    now = (repository / path).read_text()
    evil = _record(path, "[core]\n\tfsmonitor = evil\n", now)
    (folder / "99991231T000000000000-0000.json").write_text(json.dumps(evil))
    assert fixer("history", cwd=repository).stdout == ""
    assert fixer("undo", cwd=repository).returncode == 2
    assert (repository / path).read_text() == now

    assert fixer(*APPLY, cwd=repository).returncode == 0
    assert (repository / "a.yaml").read_text() != TEMPLATE
    undone = fixer("undo", cwd=repository)
    assert (undone.returncode, undone.stdout) == (0, "a.yaml: 1 edit undone\n")
    assert (repository / "a.yaml").read_text() == TEMPLATE
    assert (repository / ".git" / "config").read_text() == MINE


def test_the_state_is_private_and_outside_of_the_repository(repository: Path, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    before = tree(repository)
    fixer(*APPLY, cwd=repository, env=env)
    changed = {name for name, what in tree(repository).items() if before.get(name) != what}
    assert changed == {"a.yaml"}
    state = tmp_path / "state" / "fixer"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for path in state.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_state_that_others_may_write_is_refused(repository: Path, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    (tmp_path / "state" / "fixer").mkdir(parents=True)
    (tmp_path / "state" / "fixer").chmod(0o777)
    for command in (APPLY, ("undo",), ("history",)):
        done = fixer(*command, cwd=repository, env=env)
        assert done.returncode == 2 and "is not private to this user" in done.stderr
    assert (repository / "a.yaml").read_text() == TEMPLATE
    assert fixer("apply", ".", "--no-lint", cwd=repository, env=env).returncode == 1


def test_a_relative_state_folder_is_refused(repository: Path) -> None:
    """It would lie in the working folder, which may be the repository."""
    done = fixer(*APPLY, cwd=repository, env={"XDG_STATE_HOME": "state"})
    assert done.returncode == 2 or not (repository / "state").exists()
    assert not (repository / "state").exists()


def test_a_state_folder_that_cannot_be_written_stops_the_run(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = fixer(*APPLY, cwd=repository, env={"XDG_STATE_HOME": str(tmp_path / "file")})
    assert done.returncode == 2 and "the state of the run cannot be written" in done.stderr
    assert "XDG_STATE_HOME" in done.stderr
    assert (repository / "a.yaml").read_text() == TEMPLATE


def _bait(repository: Path) -> None:
    """Intents and staged files as fixer once kept them in repositories, and staged files as it names them now."""
    secret = repository.parent / "home" / "secret.txt"
    evil = b"evil\n"
    digests = [hashlib.sha256(data).hexdigest() for data in (secret.read_bytes(), evil)]
    staged = secret.with_name(".fixer-staged-1-a-secret.txt")
    for file in (staged, repository / ".fixer-staged-1-a-a.yaml", repository / ".fixer-staged-0123456789abcdef"):
        file.write_bytes(evil)
    (repository / ".fixer-staged-2-b-b.json").write_text(TEMPLATE)
    intent = [[str(secret), str(staged), *digests]]
    (repository / ".fixer-intent-999999999-1.json").write_text(json.dumps(intent))


@pytest.mark.parametrize("command", [("check", "."), ("apply", "."), ("apply", ".", "--write"), ("undo",)])
def test_intents_and_staged_files_of_a_repository_are_left_alone(
    repository: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    _bait(repository)
    before = tree(tmp_path)
    done = fixer(*command, *(() if command == ("undo",) else ("--no-lint",)), cwd=repository)
    assert ".fixer-staged" not in done.stdout + done.stderr
    after = tree(tmp_path)
    if "--write" in command:
        assert after.pop("repository/a.yaml") != before.pop("repository/a.yaml")
    assert after == before


def test_a_dry_run_writes_nothing_at_all(repository: Path, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    before = tree(tmp_path)
    for command in ("check", "apply"):
        assert fixer(command, ".", cwd=repository, env=env).returncode == 1
    for command in ("undo", "history"):
        fixer(command, cwd=repository, env=env)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["a.yaml", "lib"])
@pytest.mark.parametrize("is_marked", [False, True], ids=["", "into another repository"])
def test_a_template_behind_a_link_out_of_the_repository_is_refused(
    repository: Path, tmp_path: Path, name: str, is_marked: bool
) -> None:
    home = tmp_path / "home"
    if is_marked:
        (home / ".git").mkdir()
    if name == "lib":
        (repository / "lib").symlink_to(home)
    else:
        (repository / "a.yaml").unlink()
        (repository / "a.yaml").symlink_to(home / "a.yaml")
    before = tree(home)
    path = "lib/a.yaml" if name == "lib" else "a.yaml"
    for arguments in (("--write",), ()):
        done = fixer("apply", path, "--no-lint", *arguments, cwd=repository)
        assert done.returncode == 2
        assert f"{path}: " in done.stderr and f"to a file outside of {repository}" in done.stderr
    (repository / "p.json").write_text('[{"op": "remove", "path": "/Parameters/DBUser/NoEcho"}]')
    assert fixer("patch", path, "p.json", "--write", cwd=repository).returncode == 2
    assert tree(home) == before
    assert fixer("apply", home / "a.yaml", "--no-lint", "--write", cwd=repository).returncode == 0


def test_links_inside_of_the_project_are_followed(repository: Path) -> None:
    (repository / "real").mkdir()
    (repository / "a.yaml").rename(repository / "real" / "a.yaml")
    (repository / "a.yaml").symlink_to("real/a.yaml")
    (repository / "lib").symlink_to("real")
    assert fixer("apply", "a.yaml", "--no-lint", "--write", cwd=repository).returncode == 0
    assert (repository / "a.yaml").is_symlink()
    assert fixer("undo", cwd=repository).stdout == "real/a.yaml: 1 edit undone\n"
    assert fixer("apply", "lib/a.yaml", "--no-lint", "--write", cwd=repository).returncode == 0
    assert (repository / "real" / "a.yaml").read_text() != TEMPLATE


def test_outside_of_a_repository_links_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.yaml").write_text(TEMPLATE)
    (tmp_path / "b.yaml").write_text(TEMPLATE)
    (folder / "sub" / "inside.yaml").symlink_to("../a.yaml")
    (folder / "sub" / "outside.yaml").symlink_to("../../b.yaml")
    done = fixer("apply", "folder/sub", "--no-lint", "--write", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("is a symbolic link to a file outside of") == 2
    (folder / "a.yaml").rename(folder / "c.txt")
    (folder / "sub" / "inside.yaml").unlink()
    (folder / "sub" / "inside.yaml").symlink_to("../c.txt")
    done = fixer("apply", "folder", "--no-lint", "--write", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("is a symbolic link to a file outside of") == 1
    assert (folder / "c.txt").read_text() != TEMPLATE
    assert (tmp_path / "b.yaml").read_text() == TEMPLATE


@pytest.mark.parametrize("name", ["result.sarif", "out/patches"])
def test_results_do_not_go_through_links_out_of_the_repository(repository: Path, tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    before = tree(home)
    if name == "result.sarif":
        (repository / name).symlink_to(home / "secret.txt")
        commands = [("check", ".", "--output", name), ("check", ".", "--write-baseline", name)]
    else:
        (repository / "out").symlink_to(home)
        commands = [("apply", ".", "--patches", name)]
    for command in commands:
        done = fixer(*command, "--no-lint", cwd=repository)
        assert done.returncode == 2 and "leads out of the repository through a symbolic link" in done.stderr
    assert tree(home) == before


def test_a_patch_file_that_is_a_link_is_replaced(repository: Path, tmp_path: Path) -> None:
    (repository / "out").mkdir()
    (repository / "out" / "a.yaml.01.noecho-username.json").symlink_to(tmp_path / "home" / "secret.txt")
    fixer("apply", ".", "--no-lint", "--patches", "out", cwd=repository)
    assert (tmp_path / "home" / "secret.txt").read_text() == MINE
    assert json.loads((repository / "out" / "a.yaml.01.noecho-username.json").read_text())


def test_undo_says_what_it_does_and_a_dry_run_changes_nothing(repository: Path) -> None:
    fixer(*APPLY, cwd=repository)
    after = (repository / "a.yaml").read_text()
    planned = fixer("undo", "--dry-run", cwd=repository)
    assert planned.returncode == 0
    assert "+    NoEcho: true\n" in planned.stdout
    assert "fixer would undo\n  a.yaml: 1 edit at line 4\n" in planned.stderr
    assert (repository / "a.yaml").read_text() == after
    done = fixer("undo", cwd=repository)
    assert done.stderr.splitlines()[1] == "  a.yaml: 1 edit at line 4"
    assert (repository / "a.yaml").read_text() == TEMPLATE


@pytest.mark.parametrize("where", [".", "lib", "lib/deep"])
def test_undo_works_outside_of_a_repository(tmp_path: Path, where: str) -> None:
    (tmp_path / "lib" / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    files = [tmp_path / "lib" / "a.yaml", tmp_path / "lib" / "deep" / "b.yaml"]
    for file in files:
        file.write_text(TEMPLATE)
    assert fixer("apply", "lib", "--no-lint", "--write", cwd=tmp_path).returncode == 0
    assert fixer("undo", cwd=tmp_path / "elsewhere").returncode == 2
    done = fixer("undo", cwd=tmp_path / where)
    assert done.stdout == "a.yaml: 1 edit undone\ndeep/b.yaml: 1 edit undone\n"
    assert [file.read_text() for file in files] == [TEMPLATE, TEMPLATE]


def test_a_run_in_two_repositories_is_undone_in_both(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / ".git").mkdir(parents=True)
        (tmp_path / name / "a.yaml").write_text(TEMPLATE)
    assert fixer("apply", "one", "two", "--no-lint", "--write", cwd=tmp_path).returncode == 0
    assert fixer("undo", cwd=tmp_path / "two").returncode == 0
    assert [(tmp_path / name / "a.yaml").read_text() for name in ("one", "two")] == [TEMPLATE, TEMPLATE]
    assert "  undone 20" in fixer("history", cwd=tmp_path / "one").stdout


def test_the_history_is_bounded(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fixer.outputs import journal
    from fixer.run import commands as run
    from fixer.settings import Settings

    monkeypatch.setattr(journal, "KEPT_RUNS", 3)
    for _ in range(5):
        (repository / "a.yaml").write_text(TEMPLATE)
        run.apply([str(repository)], Settings(lint=False), write=True)
    assert len(journal.history(repository)) == 3
