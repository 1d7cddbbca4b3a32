"""Reports on disk: damage is never taken for a report, and what is written is never taken from a cache."""

import json
import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from fixer.aws import cache_file
from fixer.model import Report
from fixer.run import commands
from fixer.run.report_codec import decode, encode
from fixer.settings import Settings

TEXT = """Parameters:
  DBUsername: {Type: String, NoEcho: true, Default: admin}
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Retain
    Properties:
      Engine: mysql
      DBInstanceClass: db.t3.micro
      AllocatedStorage: "20"
      MasterUsername: !Ref DBUsername
      ManageMasterUserPassword: true
"""


def _report(folder: Path) -> Report:
    (folder / "stack.yaml").write_text(TEXT)
    return commands.apply([str(folder / "stack.yaml")], Settings(today=date.today(), cache=False))


def test_a_report_comes_back_as_it_was(tmp_path: Path) -> None:
    report = _report(tmp_path)
    assert list(report.resolutions)
    assert decode(encode(report)) == report


def test_no_damage_is_taken_for_a_report(tmp_path: Path) -> None:
    """3,000 damages of an entry: bytes changed, cut or doubled. Each is another key's content, so none is read."""
    file = tmp_path / "entry"
    cache_file.write(file, "key", encode(_report(tmp_path)))
    good = file.read_bytes()
    assert cache_file.read(file, "key") == good[64:]
    assert cache_file.read(file, "another key") is None
    chance = random.Random(1)
    for _ in range(3_000):
        at = chance.randrange(len(good))
        bad = chance.choice(
            [
                good[:at] + bytes([good[at] ^ 1 << chance.randrange(8)]) + good[at + 1 :],
                good[:at],
                good[:at] + good[at - 9 :],
            ]
        )
        file.write_bytes(bad)
        assert bad == good or cache_file.read(file, "key") is None


@pytest.mark.parametrize("kind", ["link", "folder", "fifo", "large"])
def test_what_is_not_a_file_of_the_user_does_not_count(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "entry"
    cache_file.write(file, "key", b"content")
    if kind == "link":
        file.rename(tmp_path / "other")
        file.symlink_to("other")
    elif kind == "large":
        monkeypatch.setattr(cache_file, "LARGEST", 10)
    else:
        file.unlink()
        file.mkdir() if kind == "folder" else os.mkfifo(file)
    assert cache_file.read(file, "key") is None


def test_another_shape_raises_what_the_cache_ignores(tmp_path: Path) -> None:
    document = json.loads(encode(_report(tmp_path)))
    chance = random.Random(2)
    for _ in range(300):
        bad = json.loads(json.dumps(document))
        place = bad["templates"][0]
        key = chance.choice(list(place))
        place[key] = chance.choice([None, 7, "x", [1], {"a": 1}, [[None]]])
        try:
            decode(json.dumps(bad).encode())
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            continue


def test_a_run_that_writes_believes_no_cache(tmp_path: Path) -> None:
    """An entry that somebody edited, with the right digest, must not decide what `--write` writes."""
    (tmp_path / "stack.yaml").write_text(TEXT)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_STATE_HOME": str(tmp_path / "state")}

    def fixer(*arguments: str) -> str:
        command = [sys.executable, "-m", "fixer", "apply", "stack.yaml", "--select", "W3011", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        ).stdout

    assert "+    UpdateReplacePolicy: Retain" in fixer()
    for entry in (tmp_path / "cache").glob("fixer/reports/*/*"):
        key = entry.parent.name + entry.name
        content = cache_file.read(entry, key)
        assert content
        cache_file.write(entry, key, content.replace(b"UpdateReplacePolicy: Retain", b"UpdateReplacePolicy: Delete"))
    fixer("--write")
    assert "UpdateReplacePolicy: Retain" in (tmp_path / "stack.yaml").read_text()
