"""Damaged inputs of every kind: a message, never another exception, and never a write outside of the named files.

FIXER_FUZZ=N tries N inputs; FIXER_FUZZ_SEED=N begins elsewhere. The inputs are valid ones with damages.
"""

import contextlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixer.aws import cache_file
from fixer.aws.lint_cache import LintCache
from fixer.engine.pipeline import inspect
from fixer.errors import BadConfig, FixerError
from fixer.inputs import baseline, config, failure_list, requirements
from fixer.inputs.discovery import discover
from fixer.inputs.projects import parts
from fixer.json_file import digest
from fixer.model import Edit, LintMatch, LintResult, Report
from fixer.outputs import intents, journal, patch_files, state_folder, undo
from fixer.outputs.places import Place
from fixer.outputs.recovery import recover
from fixer.review.decisions import NAME, Memory
from fixer.run import report_codec
from fixer.settings import Settings

COUNT = int(os.environ.get("FIXER_FUZZ", "10000"))
SEED = int(os.environ.get("FIXER_FUZZ_SEED", "1"))
GOLDEN = Path(__file__).parent / "golden"
SETTINGS = b"""select = ["bad-rate"]
require = {vpc = "public"}
baseline = "baseline.json"
[tiers]
bad-rate = "safe"
[set.missing-vpc]
cidr = "10.9.0.0/16"
[[project]]
paths = ["lib/*.yaml", "**/t.json"]
roles = {"lib/a.yaml" = "primary"}
"""
BASELINE = (
    b'{"version": 1, "findings": [{"id": "bad-rate", "path": "t.yaml", "place": "/Resources/T", "message": "m"}]}'
)
DECISIONS = (
    b'{"version": 1, "skipped": [{"id": "bad-rate", "path": "t.yaml", "place": "/Resources/T",'
    b' "seen": "0123456789abcdef", "message": "m"}]}'
)
DOCUMENT = (
    b"# Requirements\n\n- Create a VPC with public and private subnets.\n- RTO < 5 minutes\n\n## Optional:\n"
    b"- a dashboard\n"
    b"### 1. No network\n**Impact**: high\n| a | b |\n|---|---|\n| c | d |\n```\ncode\n```\n**2. Failure** \n"
)
RUN = "20260101T000000000000-0000"
OPERATIONS = b'[{"op": "test", "path": "/a/0", "value": 1}, {"op": "replace", "path": "/a/0", "value": {"b": null}}]'
TOPIC = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n"
PIECES = (
    *(
        b"null",
        b"true",
        b"-1",
        b"1e999",
        b"1" * 5000,
        b"[]",
        b"{}",
        b'""',
        b"\x00",
        b"\xff",
        b"\r",
        b"\xc2\x85",
        b"\\ud800",
    ),
    *(
        b"[" * 600,
        b'{"a":' * 300,
        b"*a",
        b"&a ",
        b"<<: ",
        b"!Ref ",
        b": ",
        b"- ",
        b"\n",
        b"'",
        b'"',
        b"../../",
        b"\\u0000",
    ),
    *(b"~", b"/", b"=", b"#", b"%", b"${", b"Fn::If", b"Ref", b".inf", b"!!binary ", b"0x", b"\t", b"{", b"}", b"]"),
)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four damages."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((0, 1, 1, 4, 20, 200)))
        kind = chance.randrange(4)
        if kind == 0:
            data = data[:at] + chance.choice(PIECES) + data[end:]
        elif kind == 1:
            data = data[:at] + data[end:]
        elif kind == 2:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        else:
            to = chance.randrange(len(data) + 1)
            data = data[:to] + data[at:end] + data[to:]
    return data


def _swapped(data: bytes, chance: random.Random) -> bytes:
    """JSON with one value of another type, which is otherwise well-formed."""
    document = json.loads(data)
    places = [(holder, key) for holder in _holders(document) for key in _keys(holder)]
    holder, key = chance.choice(places)
    holder[key] = chance.choice((None, True, -1, 10**30, 1.5, "", "\0", "../../x", "\ud800", [], {}, [[]], {"a": 1}))
    return json.dumps(document).encode()


def _holders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _keys(holder: Any) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))


class Bench:
    """A repository with valid inputs, and what reads each of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir(parents=True)
        self.template = root / "t.yaml"
        self.template.write_text(TOPIC)
        edit = Edit(0, 0, "", "# new\n")
        journal.write(journal.Edited(str(self.template), TOPIC.encode(), "# new\n" + TOPIC, (edit,), ("bad-rate",)))
        state = Path(os.environ["XDG_STATE_HOME"])
        self.records = [file for file in state.rglob("*.json") if b"bad-rate" in file.read_bytes()]
        self.cache = LintCache((), root / "cache")
        self.cache.put("t.yaml", TOPIC, LintResult((LintMatch("E1", "error", "m", ("a", 1), 1, 1),)))
        [self.entry] = [file for file in (root / "cache").rglob("*") if file.is_file()]
        self.templates = sorted(file.read_bytes() for file in GOLDEN.glob("*/*.before.*") if file.stat().st_size < 1500)

    def settings(self, data: bytes) -> None:
        (self.root / config.FILE_NAME).write_bytes(data)
        try:
            config.load(self.root)
        finally:
            (self.root / config.FILE_NAME).unlink()

    def baseline(self, data: bytes) -> None:
        (self.root / "baseline.json").write_bytes(data)
        baseline.load(str(self.root / "baseline.json"))

    def decisions(self, data: bytes) -> None:
        file = self.root / NAME
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        Memory.of([str(self.template)])

    def operations(self, data: bytes) -> None:
        (self.root / "patch.json").write_bytes(data)
        patch_files.load(str(self.root / "patch.json"))

    def document(self, data: bytes) -> None:
        (self.root / "prompt.md").write_bytes(data)
        requirements.load(str(self.root / "prompt.md"))
        failure_list.load(str(self.root / "prompt.md"))

    def record(self, data: bytes) -> None:
        self.records[0].write_bytes(data)
        for run in journal.records(self.root):
            if not isinstance(run, BadConfig):
                undo.planned(run)

    def intent(self, data: bytes) -> None:
        folder = state_folder.location() / state_folder.UNFINISHED
        folder.mkdir(exist_ok=True, mode=0o700)
        (folder / f"{RUN}.json").write_bytes(data)
        recover([str(self.root)])

    def sealed_intent(self, data: bytes) -> None:
        """A record of an unfinished run with the right digest and a wrong content."""
        text = data.decode("latin-1")
        self.intent(state_folder.encoded({"digest": digest(text.encode()), "intent": text}))

    def entry_of_cache(self, data: bytes) -> None:
        self.entry.write_bytes(data)
        result = self.cache.get("t.yaml", TOPIC)
        assert result is None or [match.rule for match in result.matches] == ["E1"]

    def trusted_entry(self, data: bytes) -> None:
        """An entry with the right digest and a wrong content."""
        for key in [self.cache._key("t.yaml", TOPIC)]:
            cache_file.write(self.entry, key, data)
        self.cache.get("t.yaml", TOPIC)
        with contextlib.suppress(AttributeError, KeyError, RecursionError, TypeError, ValueError):
            report_codec.decode(data)  # The report cache takes these for "not known".

    def whole_template(self, data: bytes) -> None:
        found = discover(["-"], data)
        for part in parts(found, Settings()):
            inspect(part.project, part.scope, Settings())


Kind = tuple[Callable[[bytes], None], bytes, bool]
"""What reads an input, a valid input, and whether it is JSON."""


def _template(bench: Bench, chance: random.Random) -> Kind:
    return bench.whole_template, chance.choice(bench.templates), False


def _kinds(bench: Bench) -> list[Kind]:
    record = bench.records[0].read_bytes()
    entry = intents.Entry.of(Place(bench.root, "gone.yaml"), b"before", b"after")
    intent = intents.Intent(RUN, ((entry,),))
    report = report_codec.encode(Report((), (), ("w",), 0, {"fixer": "1"}))
    return [
        (bench.settings, SETTINGS, False),
        (bench.baseline, BASELINE, True),
        (bench.decisions, DECISIONS, True),
        (bench.operations, OPERATIONS, True),
        (bench.document, DOCUMENT, False),
        (bench.record, record, True),
        (bench.intent, intents._encoded(intent), True),
        (bench.sealed_intent, json.loads(intents._encoded(intent))["intent"].encode(), True),
        (bench.entry_of_cache, bench.entry.read_bytes(), False),
        (bench.trusted_entry, report, True),
    ]


def _content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_damaged_inputs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    bench = Bench(tmp_path / "outer" / "repository")
    (tmp_path / "outer" / "x").write_text("untouched")
    monkeypatch.chdir(bench.root)
    chance = random.Random(SEED)
    kinds = _kinds(bench)
    before = _content(tmp_path / "outer")
    for number in range(COUNT):
        read, data, is_json = kinds[number % len(kinds)]
        if number % 20 == 0:
            read, data, is_json = _template(bench, chance)
        damaged = _swapped(data, chance) if is_json and number % 3 == 0 else _damaged(data, chance)
        try:
            read(damaged)
        except FixerError as error:
            assert error.message, damaged
        except Exception as error:
            raise AssertionError(f"input {number} of {read.__name__}: {error!r}\n{damaged!r}") from error
    named = {"baseline.json", "patch.json", "prompt.md", NAME, str(bench.entry.relative_to(bench.root))}
    for folder in (bench.root / ".fixer",):
        shutil.rmtree(folder, ignore_errors=True)
    after = _content(tmp_path / "outer")
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {name.removeprefix("repository/") for name in changed} <= named
