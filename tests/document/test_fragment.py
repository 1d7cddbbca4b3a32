"""Fragments of templates, whole or not: what they show, and what cannot be read."""

import time

import pytest

from fixer.document.fragment import LONGEST, read
from fixer.document.pattern import GAP, REST, Pattern

WHOLE: list[tuple[str, str, Pattern]] = [
    ("a YAML property", "Timeout: 30", {"Timeout": 30}),
    ("a JSON property without braces", '"Timeout": 30', {"Timeout": 30}),
    ("a trailing comma says that more follows", '"Timeout": 30,', {"Timeout": 30, REST: GAP}),
    ("a trailing comma inside says nothing", '{"A": {"B": 1,},}', {"A": {"B": 1}}),
    ("two JSON entries", '"A": 1,\n"B": {"C": [2]}', {"A": 1, "B": {"C": [2]}}),
    ("JSON comments", '{\n  // one\n  "A": 1, // two\n  # three\n  "B": 2 /* four */\n}', {"A": 1, "B": 2}),
    ("a comment without words for a gap", '"A": {"B": 1 // Missing: C\n}', {"A": {"B": 1}}),
    ("YAML comments", "# before\nA: 1  # beside\n# after\n", {"A": 1}),
    ("a slash comment in YAML", "// wrong\nA: 1\n", {"A": 1}),
    ("a YAML list item", "- Key: a\n  Value: b\n", [{"Key": "a", "Value": "b"}]),
    ("JSON list items", '{"Key": "a"},\n{"Key": "b"}', [{"Key": "a"}, {"Key": "b"}]),
    ("one JSON object is itself", '{"Key": "a"}', {"Key": "a"}),
    ("an indented fragment", "    A:\n      B: 1\n", {"A": {"B": 1}}),
    ("too many closing braces", '"A": {"B": 1}\n}\n}', {"A": {"B": 1}}),
    ("a missing closing brace", '"A": {"B": 1', {"A": {"B": 1}}),
    ("short tags", "A: !Ref B\nC: !Sub '${D}'\n", {"A": {"Ref": "B"}, "C": {"Fn::Sub": "${D}"}}),
    ("a short GetAtt", "A: !GetAtt B.C.D\n", {"A": {"Fn::GetAtt": ["B", "C.D"]}}),
    ("a long GetAtt as text", '"A": {"Fn::GetAtt": "B.C"}', {"A": {"Fn::GetAtt": ["B", "C"]}}),
    ("nested tags", "A: !Select [0, !GetAZs '']\n", {"A": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}),
    ("a condition", "C: !Not [!Condition D]\n", {"C": {"Fn::Not": [{"Condition": "D"}]}}),
    ("YAML 1.1 booleans", "A: yes\nB: 'yes'\n", {"A": True, "B": "yes"}),
    ("a date is a text", "Version: 2012-10-17\n", {"Version": "2012-10-17"}),
    ("JSON in flow style", "A: {B: [1, 2]}\n", {"A": {"B": [1, 2]}}),
    ("YAML that begins with a quoted key", '"A":\n  - b\n', {"A": ["b"]}),
    ("Windows line ends", "A:\r\n  B: 1\r\n", {"A": {"B": 1}}),
    ("an escape in JSON", '"A": "\\u00e9"', {"A": "\u00e9"}),
]

GAPS: list[tuple[str, str, Pattern]] = [
    ("a value", "A: ...\n", {"A": GAP}),
    ("a list", "A: [...]\n", {"A": [GAP]}),
    ("a mapping", "A: {...}\n", {"A": GAP}),
    ("JSON values", '"A": [...], "B": {...}, "C": ...', {"A": [GAP], "B": GAP, "C": GAP}),
    ("a quoted value", '"A": "..."', {"A": GAP}),
    ("a quoted key", '{"A": 1, "...": "..."}', {"A": 1, REST: GAP}),
    ("a key in JSON", '{"A": 1, ...}', {"A": 1, REST: GAP}),
    ("a key in YAML", "A:\n  B: 1\n  ...\n", {"A": {"B": 1, REST: GAP}}),
    ("a comment with an ellipsis in a mapping", "A:\n  B: 1\n  # ... the rest\n", {"A": {"B": 1}}),
    ("a comment with an ellipsis in a list", "A:\n  - b\n  # ... more\n", {"A": ["b", GAP]}),
    ("an item", "A:\n  - b\n  - ...\n  - c\n", {"A": ["b", GAP, "c"]}),
    ("JSON items", '"A": ["b", ...]', {"A": ["b", GAP]}),
    ("JSON comment items", '"A": [\n  "b"\n  // ... more\n]', {"A": ["b", GAP]}),
    ("a snip", "A: <snip>\nB: 1\n", {"A": GAP, "B": 1}),
    ("a key without a value", "A:\n  # explained elsewhere\nB: 1\n", {"A": GAP, "B": 1}),
]


@pytest.mark.parametrize(("text", "shown"), [each[1:] for each in WHOLE], ids=[each[0] for each in WHOLE])
def test_what_a_fragment_shows(text: str, shown: Pattern) -> None:
    assert read(text).patterns == (shown,)


@pytest.mark.parametrize(("text", "shown"), [each[1:] for each in GAPS], ids=[each[0] for each in GAPS])
def test_what_a_fragment_leaves_out(text: str, shown: Pattern) -> None:
    assert read(text).patterns == (shown,)


def test_a_repeated_key_shows_several_states() -> None:
    assert read("Zone: a\nZone: b\n").patterns == ({"Zone": "a"}, {"Zone": "b"})
    assert read('"Zone": "a",\n"Zone": "b"').patterns == ({"Zone": "a"}, {"Zone": "b"})
    shown = read("Export:\n  Name: a\n  Name: b\nValue: c\n").patterns
    assert shown == ({"Export": {"Name": "a"}, "Value": "c"}, {"Export": {"Name": "b"}, "Value": "c"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# only a comment\n", "only comments"),
        ("// REMOVED\n", "only comments"),
        ("", "only comments"),
        ("...\n", "only comments"),
        ("just words\n", "only comments"),
        ("A: [1\n", "not YAML at its line"),
        ('{"A": 1, {"B": 2}}', "not JSON at its line 1"),
        ('"A": {"B": 1}},\n"C": 2', "another level"),
        ("A: &x 1\nB: *x\n", "alias"),
        ("A: 1\n---\nB: 2\n", "several documents"),
        ("A: \x1b[31m1\n", "control characters"),
        ("A: 1\nA: 2\nB: 1\nB: 2\nB: 3\n", "not equally often"),
    ],
)
def test_what_cannot_be_read(text: str, reason: str) -> None:
    assert reason in read(text).reason
    assert not read(text).patterns


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        '{"a":' * 20_000,
        "- " * 30_000,
        "A: " + "x" * LONGEST,
        "# ... " * 15_000,
        '"' + "\\" * 50_001 + '"',
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n" * 50,
        "A: 1" + "0" * 5_000,
        '"A": 1' + "0" * 5_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_fragments_are_answered_at_once(text: str) -> None:
    started = time.perf_counter()
    read(text)
    assert time.perf_counter() - started < 5
