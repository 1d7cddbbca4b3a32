"""Write groups: all files or none, and nothing of a file lost but its text."""

import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fixer.outputs.write_group import INTENT_PREFIX, CannotWrite, FileChange, recover, write_group

NOBODY = 65534


def _change(path: Path, after: bytes) -> FileChange:
    return FileChange(str(path), path.read_bytes(), after)


def _left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".fixer")]


def test_writes_and_keeps_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"old")
    file.chmod(0o640)
    write_group([_change(file, b"new\r\n")])
    assert file.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert _left_over(tmp_path) == []


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "a.json", tmp_path / "link.json"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link.symlink_to(Path("real", "a.json"))
    write_group([_change(link, b"new")])
    assert link.is_symlink() and os.readlink(link) == "real/a.json"
    assert target.read_bytes() == b"new"


def test_a_file_that_changed_since_it_was_read_stops_the_whole_group(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    changes = [_change(first, b"new 1"), _change(second, b"new 2")]
    second.write_bytes(b"somebody else's")
    with pytest.raises(CannotWrite, match=r"b\.json: has changed since it was read"):
        write_group(changes)
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"somebody else's")
    assert _left_over(tmp_path) == []


def _child(code: str, *arguments: str, before: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, preexec_fn=before
    )


WRITE = """
import sys
from pathlib import Path
from fixer.model import FixerError
from fixer.outputs.write_group import FileChange, write_group
changes = [FileChange(name, Path(name).read_bytes(), b"x" * 100_000) for name in sys.argv[1:]]
try:
    write_group(changes)
except FixerError as error:
    sys.exit(str(error))
"""


def test_a_full_disk_is_one_clear_line_and_the_old_files_stay(tmp_path: Path) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        file.write_bytes(b"old")
    done = _child(WRITE, *map(str, files), before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)))
    assert done.returncode == 1
    assert done.stderr.strip() == f"{files[0]}: cannot be written: File too large"
    assert [file.read_bytes() for file in files] == [b"old", b"old"]
    assert _left_over(tmp_path) == []


def test_a_read_only_folder_is_one_clear_line_and_the_old_file_stays() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "a.json"
        file.write_bytes(b"old")
        change = _change(file, b"new")
        folder.chmod(0o555)
        assert _unprivileged(lambda: write_group([change])) == f"{file}: cannot be written: Permission denied"
        assert file.read_bytes() == b"old"
        folder.chmod(0o755)


def _unprivileged(call: Callable[[], None]) -> str:
    """What a call raises in a child process that may not write everywhere, as root may."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            call()
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def test_an_interrupted_group_is_finished_by_the_next_run(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    files = []
    for folder in folders:
        folder.mkdir()
        files.append(folder / "t.json")
        files[-1].write_bytes(b"old")
    code = """
import os, sys
from pathlib import Path
from fixer.outputs import write_group as write
real, calls = os.replace, []
def replace(source, target):
    if not os.path.basename(target).startswith(".fixer"):
        calls.append(target)
        if len(calls) == 2:
            os._exit(9)
    real(source, target)
write.os.replace = replace
write.write_group([write.FileChange(name, Path(name).read_bytes(), b"new") for name in sys.argv[1:]])
"""
    done = _child(code, *map(str, files), before=lambda: None)
    assert done.returncode == 9
    assert [file.read_bytes() for file in files] == [b"new", b"old"]
    told = list(recover([str(folders[1])]))
    assert told == [f"{files[1]}: written now to complete an interrupted run"]
    assert [file.read_bytes() for file in files] == [b"new", b"new"]
    assert [_left_over(folder) for folder in folders] == [[], []]
    assert list(recover([str(folder) for folder in folders])) == []


def test_recovery_touches_nothing_that_a_repository_brought_along(tmp_path: Path) -> None:
    repository, home = tmp_path / "repository", tmp_path / "home"
    repository.mkdir()
    home.mkdir()
    secret, bait = home / "authorized_keys", repository / ".fixer-staged-1-abc-bait"
    secret.write_bytes(b"mine")
    bait.write_bytes(b"theirs")
    import hashlib

    digests = [hashlib.sha256(data).hexdigest() for data in (b"mine", b"theirs")]
    intent = repository / f"{INTENT_PREFIX}999999999-1.json"
    intent.write_text(json.dumps([[str(secret), str(bait), *digests]]))
    assert list(recover([str(repository)])) == []
    assert secret.read_bytes() == b"mine"
    for nonsense in ("[[1]]", "{", "[5]", '{"a": 1}'):
        intent.write_text(nonsense)
        assert [line.endswith("left alone") for line in recover([str(repository)])] in ([True], [])


def test_what_was_staged_in_vain_is_cleared_away(tmp_path: Path) -> None:
    dead, alive = tmp_path / ".fixer-staged-999999999-a-t.json", tmp_path / f".fixer-staged-{os.getppid()}-a-t.json"
    dead.touch()
    alive.touch()
    assert list(recover([str(tmp_path)])) == []
    assert not dead.exists()
    assert alive.exists()


KILLS = int(os.environ.get("FIXER_KILLS", "100"))


def _write_and_leave(changes: list[FileChange]) -> None:
    """A process of its own that writes the group; its id is returned at once."""
    write_group(changes)
    os._exit(0)


def test_killed_at_any_moment_a_group_is_old_or_new_as_a_whole(tmp_path: Path) -> None:
    """SIGKILL at random moments while ten files in three folders are written; FIXER_KILLS says how often."""
    chance = random.Random(20_26)
    files = [tmp_path / folder / f"{number}.json" for number, folder in enumerate("abcabcabca")]
    old = {file: f"old {file.name}\n".encode() * 200 for file in files}
    new = {file: f"new {file.name}\n".encode() * 300 for file in files}
    for file in files:
        file.parent.mkdir(exist_ok=True)
    folders = sorted({str(file.parent) for file in files})
    spent: list[float] = []
    ends = {"old": 0, "new": 0, "rolled forward": 0}
    for _ in range(KILLS):
        for file, data in old.items():
            file.write_bytes(data)
        changes = [_change(file, new[file]) for file in files]
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            _write_and_leave(changes)
        if len(spent) < 5:  # How long it takes when nobody kills it.
            os.waitpid(child, 0)
            spent.append(time.perf_counter() - began)
            assert {file: file.read_bytes() for file in files} == new
            continue
        time.sleep(chance.uniform(0, max(spent)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        before_the_next_run = {file: file.read_bytes() for file in files}
        assert all(data in (old[file], new[file]) for file, data in before_the_next_run.items())
        sentences = list(recover(folders))
        after = {file: file.read_bytes() for file in files}
        assert after in (old, new)
        assert not [name for folder in folders for name in _left_over(Path(folder))]
        ends["rolled forward" if sentences else "old" if after == old else "new"] += 1
    if KILLS >= 100:
        assert ends["old"] and ends["rolled forward"], ends
