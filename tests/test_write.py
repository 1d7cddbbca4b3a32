"""Write groups: all files or none, and nothing of a file lost but its text."""

import os
import random
import resource
import signal
import stat
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from fixer.outputs import intents
from fixer.outputs.intents import Entry, Intent
from fixer.outputs.places import place_of
from fixer.outputs.recovery import recover
from fixer.outputs.safe_write import CannotWrite
from fixer.outputs.write_group import write_group

NOBODY = 65534


def _entry(path: Path, after: bytes) -> Entry:
    return Entry.of(place_of(str(path)), path.read_bytes(), after)


def _left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".fixer")]


def test_writes_and_keeps_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"old")
    file.chmod(0o640)
    write_group([_entry(file, b"new\r\n")])
    assert file.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert _left_over(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes are Linux's here")
def test_keeps_extended_attributes_and_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"old")
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    if os.getuid() == 0:
        os.chown(file, NOBODY, NOBODY)
    owner = file.stat().st_uid
    write_group([_entry(file, b"new")])
    assert os.getxattr(file, "user.note") == b"mine"
    assert file.stat().st_uid == owner


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "a.json", tmp_path / "link.json"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link.symlink_to(Path("real", "a.json"))
    write_group([_entry(link, b"new")])
    assert link.is_symlink() and os.readlink(link) == "real/a.json"
    assert target.read_bytes() == b"new"


def test_a_file_that_changed_since_it_was_read_stops_the_whole_group(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    entries = [_entry(first, b"new 1"), _entry(second, b"new 2")]
    second.write_bytes(b"somebody else's")
    with pytest.raises(CannotWrite, match=r"b\.json: has changed since it was read"):
        write_group(entries)
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"somebody else's")
    assert _left_over(tmp_path) == []


def test_a_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project" / "lib", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
        (folder / "a.json").write_bytes(b"old")
    (tmp_path / "project" / ".git").mkdir()
    entry = _entry(inside / "a.json", b"new")
    inside.rename(tmp_path / "moved")
    inside.symlink_to(outside)
    with pytest.raises(CannotWrite, match="cannot be written"):
        write_group([entry])
    assert (outside / "a.json").read_bytes() == b"old"
    assert _left_over(outside) == []


def _child(code: str, *arguments: str, before: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, preexec_fn=before
    )


WRITE = """
import sys
from pathlib import Path
from fixer.errors import FixerError
from fixer.outputs.intents import Entry
from fixer.outputs.places import place_of
from fixer.outputs.write_group import write_group
try:
    write_group([Entry.of(place_of(name), Path(name).read_bytes(), b"x" * 100_000) for name in sys.argv[1:]])
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


def test_a_read_only_folder_is_one_clear_line_and_the_old_files_stay() -> None:
    with tempfile.TemporaryDirectory() as name:
        one, other = Path(name, "one"), Path(name, "other")
        Path(name).chmod(0o755)
        for folder in (one, other):
            folder.mkdir()
            folder.chmod(0o777)
            (folder / "a.json").write_bytes(b"old")
            (folder / "a.json").chmod(0o666)
            if os.getuid() == 0:
                os.chown(folder / "a.json", NOBODY, NOBODY)
        entries = [_entry(folder / "a.json", b"new") for folder in (one, other)]
        other.chmod(0o555)
        told = _unprivileged(lambda: write_group(entries))
        assert told == f"{other / 'a.json'}: cannot be written: Permission denied"
        assert [(folder / "a.json").read_bytes() for folder in (one, other)] == [b"old", b"old"]
        assert _left_over(one) == []
        other.chmod(0o755)


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


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_puts_the_files_before_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """As on an immutable file (EPERM) or a file that is a mount (EBUSY)."""
    files = [tmp_path / f"{number}.json" for number in range(3)]
    for file in files:
        file.write_bytes(b"old " + file.name.encode())
        file.chmod(0o640)
    entries = [_entry(file, b"new") for file in files]
    real = os.replace

    def replace(source: str, target: str, **at: int) -> None:
        if target == files[failing].name:
            raise PermissionError(1, "Operation not permitted")
        real(source, target, **at)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(CannotWrite, match=rf"{failing}\.json: cannot be written: Operation not permitted"):
        write_group(entries)
    assert [file.read_bytes() for file in files] == [b"old " + file.name.encode() for file in files]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o640}
    assert _left_over(tmp_path) == []


def test_an_interrupt_between_two_renames_puts_the_first_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        file.write_bytes(b"old")
    entries = [_entry(file, b"new") for file in files]
    real, calls = os.replace, []

    def replace(source: str, target: str, **at: int) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(source, target, **at)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_group(entries)
    assert [file.read_bytes() for file in files] == [b"old", b"old"]
    assert _left_over(tmp_path) == []


KILLS = int(os.environ.get("FIXER_KILLS", "50"))


def _write_and_leave(entries: Sequence[Entry], begun: int) -> None:
    """Writes the group under an intent, as a run does, and ends the process. Tells first that it begins."""
    os.write(begun, b"!")
    with intents.begin(Intent(intents.new_id(), (tuple(entries),))):
        write_group(entries)
    os._exit(0)


def test_killed_at_any_moment_a_group_is_old_or_new_as_a_whole(tmp_path: Path) -> None:
    """SIGKILL at random moments while ten files in three folders are written; FIXER_KILLS says how often."""
    chance = random.Random(20_26)
    (tmp_path / ".git").mkdir()
    files = [tmp_path / folder / f"{number}.json" for number, folder in enumerate("abcabcabca")]
    old = {file: f"old {file.name}\n".encode() * 200 for file in files}
    new = {file: f"new {file.name}\n".encode() * 300 for file in files}
    for file in files:
        file.parent.mkdir(exist_ok=True)
    folders = sorted({str(file.parent) for file in files})
    spent: list[float] = []
    ends = {"old": 0, "new": 0, "completed": 0}
    told, begun = os.pipe()
    for number in range(KILLS * 20):
        if number >= KILLS and ends["old"] and ends["completed"]:
            break  # Both were seen; on a slow machine, that takes more than KILLS attempts.
        for file, data in old.items():
            file.write_bytes(data)
        entries = [_entry(file, new[file]) for file in files]
        child = os.fork()
        if child == 0:
            _write_and_leave(entries, begun)
        os.read(told, 1)
        began = time.perf_counter()
        if len(spent) < 5:  # How long it takes when nobody kills it.
            os.waitpid(child, 0)
            spent.append(time.perf_counter() - began)
            assert {file: file.read_bytes() for file in files} == new
            continue
        time.sleep(chance.uniform(0, statistics.median(spent)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        before_the_next_run = {file: file.read_bytes() for file in files}
        assert all(data in (old[file], new[file]) for file, data in before_the_next_run.items())
        sentences = recover([folders[0]])
        after = {file: file.read_bytes() for file in files}
        assert after in (old, new)
        assert not [name for folder in folders for name in _left_over(Path(folder))]
        is_completed = any("written now" in sentence for sentence in sentences)
        ends["completed" if is_completed else "old" if after == old else "new"] += 1
    assert ends["old"] and ends["completed"], ends
