"""The second reader of YAML: it reads what the first one reads, and a fault of the first one does not pass it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixer.document import parse, yaml_nodes
from fixer.document.yaml_witness import read
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Json
from fixer.outputs.patch_files import apply_to

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/**/*.yaml"))
GOLDEN = [file for file in GOLDEN if "unparsable-template" not in file.parts or ".after" in file.name]
CASES = Path(__file__).parents[3] / "shared" / "cases"
REAL = [file for pattern in ("*.yaml", "*.yml") for file in sorted(CASES.rglob(pattern))]
READ_DIFFERENTLY: dict[str, str] = {}
"""Files on which the two readers disagree, with the reason; no file is one of them."""


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (
            "a: [1, 010, 0x1F, 1_000, 1:20, 08, 1.5, .5, 1e3x]",
            {"a": [1, 8, 31, 1000, 80, "08", 1.5, 0.5, "1e3x"]},
        ),
        ("a: [yes, NO, On, off, true, y, N, ~, null]", {"a": [True, False, True, False, True, "y", "N", None, None]}),
        (
            "a: [2010-09-09, 2001-12-14T21:59:43Z, '010', \"on\"]",
            {"a": ["2010-09-09", "2001-12-14T21:59:43Z", "010", "on"]},
        ),
        ("a: [!!str 010, !!int '5', !!float 1, !!bool 'on']", {"a": ["010", 5, 1.0, True]}),
        ("010: 1\nyes: 2\n2010-09-09: 3\n~: 4", {"010": 1, "yes": 2, "2010-09-09": 3, "~": 4}),
        ("a: !Ref 010\nb: !Condition C\nc: !Sub 'x'\nd: !Sub [x, {y: 1}]\ne: !If [C, !Ref A, !Ref B]",
         {"a": {"Ref": "010"}, "b": {"Condition": "C"}, "c": {"Fn::Sub": "x"}, "d": {"Fn::Sub": ["x", {"y": 1}]},
          "e": {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "B"}]}}),
        ("a: !GetAtt A.B\nb: !GetAtt A.B.C\nc: !GetAtt [A, B]\nd: !GetAtt A\ne: !Base64 {Ref: A}\nf: !GetAZs ''",
         {"a": {"Fn::GetAtt": ["A", "B"]}, "b": {"Fn::GetAtt": ["A", "B.C"]}, "c": {"Fn::GetAtt": ["A", "B"]},
          "d": {"Fn::GetAtt": ["A"]}, "e": {"Fn::Base64": {"Ref": "A"}}, "f": {"Fn::GetAZs": ""}}),
        ("a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3\nf: {<<: [{b: 4}, *x], '<<': 5}",
         {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 2}, "e": {"b": 1, "c": 3}, "f": {"b": 4, "c": 2, "<<": 5}}),
        ("a: 1\nb: 2\na: 3", {"a": 3, "b": 2}),
        ("\ufeffa: |\r\n  x\r\n  y\r\nb: >-\r\n  x\r\n  y\r\nc:\r\n", {"a": "x\ny\n", "b": "x y", "c": None}),
        ("%YAML 1.1\n---\na: 1\n...\n", {"a": 1}),
    ],
)  # fmt: skip
def test_it_reads_what_cloudformation_reads(text: str, data: Json) -> None:
    assert read(text).reason == ""
    assert json.dumps(read(text).data, sort_keys=True) == json.dumps(data, sort_keys=True)
    assert parse(text, "t.yaml").disputed == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {b: [0, 1e3]}", 'YAML readers disagree on whether /a/b/1 is "1e3" or 1000.0: quote it if it is text'),
        ("%YAML 1.2\n---\na: 010", "disagree on whether /a is 8 or 10"),
        ("a: 1\n\u2028b: 2", "cannot read the text: mapping values are not allowed here (line 2)"),
        ("a:\n  - &b:\n    c: 1", "disagree on what is at /a/0/"),
        ("a: !!set {b}", "cannot read the text: the tag tag:yaml.org,2002:set is not known (line 1)"),
        ("a: {<<: 1, b: 2}", "cannot read the text: a merge key (<<) takes mappings only (line 1)"),
        ("a: " + "[" * 450 + "]" * 450, "cannot read the text: it is nested too deeply"),
    ],
    ids=["exponent", "version", "line separator", "anchor with colon", "set", "merge", "depth"],
)
def test_where_the_two_readers_disagree(text: str, words: str) -> None:
    """Texts that the first reader takes and the second does not, or not in the same way: such a text is not edited."""
    assert words in parse(text, "t.yaml").disputed


@pytest.mark.parametrize(
    "text", ["", "# nothing", "a: 1\n---\nb: 2", "? [a]\n: 1", "a: -_", "a: !!bool maybe", "a: [1"]
)
def test_what_it_cannot_read_has_a_reason(text: str) -> None:
    assert read(text).reason and read(text).data is None


def test_json_has_one_reading() -> None:
    assert parse('{"a": 1e3}', "t.json").disputed == ""


@pytest.mark.parametrize(
    "value",
    ["012", "1:20", "yes", "y", "on", "null", "~", "1e3", "5e32", "2010-09-09", "1_000", ".5", "<<", "=", "-", "\u2028", "\x85",
     "", " lead", "two\nlines\n", "😀", "# x", "!Ref", None, True, 0, 3.5, {"Fn::GetAtt": ["A", "B"]}, {"010": ["on"]}],
)  # fmt: skip
def test_it_confirms_what_the_writer_writes(value: Json) -> None:
    document = parse("A:\n  B: !Ref C\n  D: [x, y]\n", "t.yaml")
    ops = [{"op": "add", "path": "/A/E", "value": value}, {"op": "add", "path": "/A/D/1", "value": value}]
    assert document.apply(ops).disputed == ""


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: "-".join(file.parts[-2:]))
def test_golden_texts_are_read_the_same(file: Path) -> None:
    assert parse(file.read_bytes(), str(file)).disputed == ""


@pytest.mark.skipif(not REAL, reason="../shared/cases is absent: the real templates are not read")
def test_real_templates_are_read_the_same() -> None:
    disputed = {}
    for file in REAL:
        if reason := parse(file.read_bytes(), str(file)).disputed:
            disputed[file.relative_to(CASES).as_posix()] = reason
    assert disputed.keys() == READ_DIFFERENTLY.keys(), disputed


class _DecimalConstructor(yaml.constructor.SafeConstructor):
    """A fault: 010 is read as ten."""


_DecimalConstructor.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


class _OnIsText(yaml.resolver.Resolver):
    """A fault: `on` is read as text."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return "tag:yaml.org,2002:str" if value == "on" else super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]


FAULTS = [
    pytest.param("_CONSTRUCTOR", _DecimalConstructor, "a: 010\nb: x\n", "/a is 10 or 8", id="octal"),
    pytest.param("_RESOLVER", _OnIsText, "a: on\nb: x\n", '/a is "on" or true', id="on"),
]


@pytest.mark.parametrize(("name", "fault", "text", "words"), FAULTS)
def test_a_fault_of_the_first_reader_is_caught(
    monkeypatch: pytest.MonkeyPatch, name: str, fault: Callable[[], object], text: str, words: str
) -> None:
    """The first reader alone proves its own edits, whatever it reads: its proof passes and the second reader's fails."""
    monkeypatch.setattr(yaml_nodes, name, fault())
    document = parse(text, "t.yaml")
    after = document.apply([{"op": "replace", "path": "/b", "value": "z"}])
    assert words in document.disputed and words in after.disputed


@pytest.mark.parametrize(("name", "fault", "text", "words"), FAULTS)
def test_a_patch_file_is_not_applied_where_the_readers_disagree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, fault: Callable[[], object], text: str, words: str
) -> None:
    template, patch = tmp_path / "t.yaml", tmp_path / "p.json"
    template.write_text(text)
    patch.write_text(json.dumps([{"op": "replace", "path": "/b", "value": "z"}]))
    assert "b: z" in apply_to(str(template), str(patch))[1]
    monkeypatch.setattr(yaml_nodes, name, fault())
    with pytest.raises(BadTemplate, match=words):
        apply_to(str(template), str(patch), write=True)
    assert "b: x" in template.read_text()


def test_nor_where_they_disagree_on_what_the_patch_wrote(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(yaml_nodes, "_CONSTRUCTOR", _DecimalConstructor())
    monkeypatch.setattr("fixer.document.yaml_style.YamlStyle.scalar", lambda *_: "010")
    template, patch = tmp_path / "t.yaml", tmp_path / "p.json"
    template.write_text("b: 'x'\n")
    patch.write_text(json.dumps([{"op": "replace", "path": "/b", "value": 10}]))
    with pytest.raises(BadPatch, match=r"in the patched text of .*, YAML readers disagree on whether /b is 10 or 8"):
        apply_to(str(template), str(patch))
