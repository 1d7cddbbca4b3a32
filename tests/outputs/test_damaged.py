"""Damaged files: whatever a journal, an intent, a baseline or a file of decisions contains, the answer is a message and
an exit code, and nothing outside of the named files is written.

FIXER_DAMAGES says how many inputs of each kind are tried (10,000 for a long run).
"""

import copy
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli import fixer
from test_trust import TEMPLATE, tree

from fixer.errors import BadConfig, FixerError
from fixer.inputs import baseline
from fixer.outputs import intents, journal, state_folder
from fixer.outputs.intents import Entry, Intent
from fixer.outputs.places import place_of
from fixer.outputs.recovery import recover
from fixer.outputs.undo import planned, undo
from fixer.review.decisions import Memory
from fixer.run import commands as run
from fixer.settings import Settings

DAMAGES = int(os.environ.get("FIXER_DAMAGES", "200"))
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e999, 10**40, "", "x", "a\0b", "\ud800", "../../x", "/etc/passwd", "..", [], {}, [[]]),
    *([None], {"a": 1}, "99991231T000000000000-0000", float("nan")),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project beside a folder that nothing may reach, with its own state."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "a.yaml").write_text(TEMPLATE)
    (tmp_path / "x").write_text("mine\n")
    return folder


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut, repeated or inserted; or a value of the document replaced, removed or nested."""
    if chance.random() < 0.5:
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        new = chance.choice([b"", bytes([chance.randrange(256)]), data[at:end] * 2, b"\x00", b"[" * 2000, b"1" * 5000])
        return data[:at] + new + data[end if chance.random() < 0.3 else at + 1 :]
    document = json.loads(data)
    for _ in range(chance.randint(1, 3)):
        document = _changed(document, chance)
    depth = chance.choice([100, 600, 700, 960])
    return json.dumps(document).encode().replace(b'"nested"', b"[" * depth + b"]" * depth)


def _changed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        if isinstance(value, dict) and chance.random() < 0.15:
            del value[key]
        else:
            value[key] = _changed(value[key], chance)
        return value
    if isinstance(value, str) and chance.random() < 0.3:
        return value[: chance.randrange(len(value) + 1)]
    if isinstance(value, int) and chance.random() < 0.5:
        return value + chance.choice([-1, 1, 1000])
    if chance.random() < 0.05:
        return "nested"
    return copy.deepcopy(chance.choice(ODD))


def _inputs(data: bytes) -> Iterator[bytes]:
    chance = random.Random(21)
    yield from (b"", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b"1" * 9000)
    yield from (b'{"version": 1}', b'{"version": true}', b'{"version": [[]]}')
    yield from (_damaged(data, chance) for _ in range(DAMAGES))


def _tried(file: Path, data: bytes, use: Callable[[], object]) -> dict[str, int]:
    """How often the use of a damaged file was an error, and how often not. Other exceptions come through."""
    ends = {"error": 0, "fine": 0}
    for damaged in _inputs(data):
        file.write_bytes(damaged)
        try:
            use()
        except FixerError as error:
            assert "\n" not in str(error) and len(str(error)) < 500
            ends["error"] += 1
        else:
            ends["fine"] += 1
    return ends


def test_journal(project: Path) -> None:
    run.apply([str(project)], Settings(lint=False), write=True)
    after = (project / "a.yaml").read_text()
    [record] = (state_folder.location() / state_folder.project(project)).glob("2*.json")
    outside = (project.parent / "x").read_text()

    def use() -> None:
        (project / "a.yaml").write_text(after)
        list(journal.summary(journal.records(project)))
        undo(journal.chosen(project))
        assert (project / "a.yaml").read_text() in (TEMPLATE, after)

    data = record.read_bytes()
    ends = _tried(record, data, use)
    assert ends["error"] > DAMAGES / 2
    assert (project.parent / "x").read_text() == outside
    assert {path.name for path in project.iterdir()} == {".git", "a.yaml"}

    record.write_bytes(data[:-5])
    (project / "a.yaml").write_text(after)
    done = fixer("undo", cwd=project)
    assert done.returncode == 2 and "is damaged, so this run cannot be undone" in done.stderr
    done = fixer("history", cwd=project)
    assert done.returncode == 2 and done.stdout == f"{record.stem}  damaged\n"


def test_intents(project: Path) -> None:
    entry = Entry.of(place_of(str(project / "a.yaml")), TEMPLATE.encode(), b"new\n")
    with intents.begin(Intent(intents.new_id(), ((entry,),))) as unfinished:
        unfinished.keep = True
    file = state_folder.location() / state_folder.UNFINISHED / unfinished.name
    outside = tree(project.parent / "state")

    def use() -> None:
        told = recover([str(project)])
        assert all("\n" not in sentence for sentence in told)
        assert (project / "a.yaml").read_text() == TEMPLATE

    _tried(file, file.read_bytes(), use)
    assert (project.parent / "x").read_text() == "mine\n"
    assert {path.name for path in project.iterdir()} == {".git", "a.yaml"}
    assert outside
    file.write_bytes(b"{")
    done = fixer("check", ".", "--no-lint", cwd=project)
    assert done.returncode == 1 and "is damaged, so the record of an unfinished run is lost" in done.stderr


def test_baseline(project: Path) -> None:
    file = project / "baseline.json"
    found = [each.finding for each in run.check([str(project)], Settings(lint=False)).resolutions]
    ends = _tried(file, baseline.render(found, str(file)).encode(), lambda: baseline.load(str(file)))
    assert ends["error"] > DAMAGES / 3
    file.write_text(json.dumps({"version": 1, "findings": [{"id": "x", "path": "a\0b", "place": ""}]}))
    done = fixer("check", ".", "--baseline", "baseline.json", "--no-lint", cwd=project)
    assert done.returncode == 2 and "is not a baseline" in done.stderr
    (project / ".fixer.toml").write_text('baseline = "a\\u0000b"\n')
    done = fixer("check", ".", "--no-lint", cwd=project)
    assert done.returncode == 2 and "a\\0b" in done.stderr


def test_decisions(project: Path) -> None:
    file = project / ".fixer" / "decisions.json"
    report = run.check([str(project)], Settings(lint=False))
    files = [str(project / "a.yaml")]
    Memory.of(files).save([each.finding for each in report.resolutions], files)

    def use() -> None:
        memory = Memory.of(files)
        memory.skipped({file: file for file in files})
        memory.save([], files)

    assert _tried(file, file.read_bytes(), use)["error"] > DAMAGES / 3
    assert (project.parent / "x").read_text() == "mine\n"


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "large", "folder"])
def test_decisions_that_are_not_a_file_of_the_repository(project: Path, kind: str) -> None:
    home = project.parent / "home"
    home.mkdir()
    (home / "decisions.json").write_text('{"version": 1, "skipped": []}')
    if kind == "folder link":
        (project / ".fixer").symlink_to(home)
    else:
        (project / ".fixer").mkdir()
    file = project / ".fixer" / "decisions.json"
    if kind == "link":
        file.symlink_to(home / "decisions.json")
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "large":
        with file.open("wb") as stream:
            stream.truncate(60_000_000)
    elif kind == "folder":
        file.mkdir()
    files = [str(project / "a.yaml")]
    before = tree(home)
    with pytest.raises(BadConfig):
        Memory.of(files).save([], files)
    with pytest.raises(BadConfig):
        run.check(files, Settings(lint=False))
    report = run.check(files, Settings(lint=False, include_skipped=True))
    with pytest.raises(BadConfig):
        Memory().save([each.finding for each in report.resolutions], files)
    assert tree(home) == before


def test_predictable_names_beside_the_decisions_are_not_used(project: Path) -> None:
    (project / ".fixer").mkdir()
    for name in ("decisions.new", f"decisions.json.{os.getpid()}.new", "decisions.json.new"):
        (project / ".fixer" / name).symlink_to(project.parent / "x")
    report = run.check([str(project)], Settings(lint=False))
    Memory().save([each.finding for each in report.resolutions], [str(project / "a.yaml")])
    assert json.loads((project / ".fixer" / "decisions.json").read_text())["skipped"]
    assert (project.parent / "x").read_text() == "mine\n"


def test_a_plan_is_not_performed_on_a_file_that_changed_since(project: Path) -> None:
    from fixer.outputs.undo import perform

    run.apply([str(project)], Settings(lint=False), write=True)
    plan = planned(journal.chosen(project))
    (project / "a.yaml").write_text("somebody else's\n")
    with pytest.raises(FixerError, match="has changed since it was read"):
        perform(plan)
    assert (project / "a.yaml").read_text() == "somebody else's\n"
