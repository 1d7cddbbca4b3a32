"""New text follows its surroundings: exact texts before and after, one habit each."""

import pytest

from fixer.document import parse
from fixer.errors import BadPatch
from fixer.model import Op

REF = {"Ref": "X"}
TAGS = [{"Key": "a", "Value": "b"}]


def _add(path: str, value: object) -> list[Op]:
    return [{"op": "add", "path": path, "value": value}]  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("before", "ops", "after"),
    [
        pytest.param('{"a": 1}', _add("/b", 2), '{"a": 1, "b": 2}', id="one line, spaced"),
        pytest.param('{"a":1}', _add("/b", [1, REF]), '{"a":1,"b":[1,{"Ref":"X"}]}', id="minified"),
        pytest.param(
            '{ "a": { "Ref": "Y" } }', _add("/b", REF), '{ "a": { "Ref": "Y" }, "b": { "Ref": "X" } }', id="padded"
        ),
        pytest.param('{\n  "a": 1\n}\n', _add("/b", 2), '{\n  "a": 1,\n  "b": 2\n}\n', id="many lines"),
        pytest.param(
            '{\r\n\t"a": 1\r\n}',
            _add("/b", [{}, []]),
            '{\r\n\t"a": 1,\r\n\t"b": [\r\n\t\t{},\r\n\t\t[]\r\n\t]\r\n}',
            id="CRLF and tabs",
        ),
        pytest.param(
            '{\n  "a": 1\n  , "c": 2\n}', _add("/b", 3), '{\n  "a": 1\n  , "c": 2\n  , "b": 3\n}', id="commas first"
        ),
        pytest.param(
            '{\n    "a" : 1\n}', _add("/b", 2), '{\n    "a" : 1,\n    "b" : 2\n}', id="blank before the colon"
        ),
        pytest.param(
            '{\n  "a": [],\n  "o": {}\n}',
            _add("/a/-", 1) + _add("/o/k", True),
            '{\n  "a": [\n    1\n  ],\n  "o": {\n    "k": true\n  }\n}',
            id="empty containers",
        ),
        pytest.param('{\n  "a": [1, 2]\n}', _add("/a/1", 9), '{\n  "a": [1, 9, 2]\n}', id="an array on one line"),
        pytest.param(
            '{\n  "a": {"Ref": "Y"}\n}',
            _add("/b", REF),
            '{\n  "a": {"Ref": "Y"},\n  "b": {"Ref": "X"}\n}',
            id="flat intrinsics",
        ),
        pytest.param(
            '{\n  "a": {\n    "Ref": "Y"\n  }\n}',
            _add("/b", REF),
            '{\n  "a": {\n    "Ref": "Y"\n  },\n  "b": {\n    "Ref": "X"\n  }\n}',
            id="tall intrinsics",
        ),
        pytest.param(
            '{\n  "T": [\n    {"Key": "x", "Value": "y"}\n  ],\n  "b": 1\n}',
            _add("/U", TAGS),
            '{\n  "T": [\n    {"Key": "x", "Value": "y"}\n  ],\n  "b": 1,\n  "U": [\n    {"Key": "a", "Value": "b"}\n  ]\n}',
            id="flat tags",
        ),
        pytest.param(
            '{\n  "a": 1,\n\n  "b": 2\n}',
            _add("/c", 3),
            '{\n  "a": 1,\n\n  "b": 2,\n\n  "c": 3\n}',
            id="blank lines between",
        ),
        pytest.param(
            '{\n  "Resources": {}\n}',
            _add("/Parameters", {}),
            '{\n  "Parameters": {},\n  "Resources": {}\n}',
            id="a section before",
        ),
        pytest.param(
            '{"Parameters": {}, "Outputs": {}}',
            _add("/Conditions", {}),
            '{"Parameters": {}, "Conditions": {}, "Outputs": {}}',
            id="a section between",
        ),
        pytest.param(
            '{"a": "\\u00e9"}', _add("/b", "ü"), '{"a": "\\u00e9", "b": "\\u00fc"}', id="escapes where the file escapes"
        ),
        pytest.param('{"a": "é"}', _add("/b", "ü"), '{"a": "é", "b": "ü"}', id="raw where the file is raw"),
        pytest.param('\ufeff{"a": 1}', _add("/b", 2), '\ufeff{"a": 1, "b": 2}', id="byte order mark"),
    ],
)
def test_what_is_added(before: str, ops: list[Op], after: str) -> None:
    assert parse(before, "a.json").apply(ops).text == after


@pytest.mark.parametrize(
    ("before", "ops", "after"),
    [
        pytest.param('{"a": 1, "b": 2, "c": 3}', ["/a"], '{"b": 2, "c": 3}', id="first"),
        pytest.param('{"a": 1, "b": 2, "c": 3}', ["/b"], '{"a": 1, "c": 3}', id="middle"),
        pytest.param('{"a": 1, "b": 2, "c": 3}', ["/c"], '{"a": 1, "b": 2}', id="last"),
        pytest.param('{"a": 1, "b": 2, "c": 3}', ["/a", "/c"], '{"b": 2}', id="both ends"),
        pytest.param('{\n  "a": {\n    "b": 1\n  }\n}', ["/a/b"], '{\n  "a": {}\n}', id="the only one"),
        pytest.param('{\n  "a": 1,\n  "b": 2\n}\n', ["/b"], '{\n  "a": 1\n}\n', id="many lines"),
        pytest.param("[1,  2,\t3]", ["/1", "/1"], "[1]", id="items"),
    ],
)
def test_what_is_removed(before: str, ops: list[str], after: str) -> None:
    patch: list[Op] = [{"op": "remove", "path": path} for path in ops]
    assert parse(before, "a.json").apply(patch).text == after


@pytest.mark.parametrize(
    ("before", "op", "after"),
    [
        pytest.param(
            '{"a": 1.10, "b": 2}',
            {"op": "move", "from": "/a", "path": "/c"},
            '{"c": 1.10, "b": 2}',
            id="a key renamed in its place",
        ),
        pytest.param(
            '{"a": 1.10, "o": {}}',
            {"op": "move", "from": "/a", "path": "/o/a"},
            '{"o": {"a": 1.10}}',
            id="a number as it was written",
        ),
        pytest.param(
            '{\n  "a": {\n    "k": "\\u0041"\n  },\n  "o": {\n    "p": {\n      "q": 1\n    }\n  }\n}',
            {"op": "copy", "from": "/a", "path": "/o/p/a"},
            '{\n  "a": {\n    "k": "\\u0041"\n  },\n  "o": {\n    "p": {\n      "q": 1,\n      "a": {\n        "k": "\\u0041"\n      }\n    }\n  }\n}',
            id="many lines moved to their new indentation",
        ),
        pytest.param(
            '{"a": {}, "b": 1}',
            {"op": "copy", "from": "/a", "path": "/a/x"},
            '{"a": {"x": {}}, "b": 1}',
            id="a copy into itself",
        ),
    ],
)
def test_what_is_moved(before: str, op: Op, after: str) -> None:
    assert parse(before, "a.json").apply([op]).text == after


def test_a_key_taken_out_and_put_back_keeps_its_place() -> None:
    ops: list[Op] = [{"op": "remove", "path": "/a"}, {"op": "add", "path": "/a", "value": 5}]
    assert parse('{"a": 1, "b": 2}', "a.json").apply(ops).text == '{"a": 5, "b": 2}'


def test_a_key_renamed_and_added_again() -> None:
    ops: list[Op] = [{"op": "move", "from": "/a", "path": "/c"}, {"op": "add", "path": "/a", "value": 5}]
    assert parse('{"a": 1, "b": 2}', "a.json").apply(ops).text == '{"c": 1, "b": 2, "a": 5}'


def test_an_empty_container_copied_into_itself_after_it_was_filled_and_emptied() -> None:
    ops: list[Op] = [
        {"op": "add", "path": "/a/x", "value": 1},
        {"op": "remove", "path": "/a/x"},
        {"op": "copy", "from": "/a", "path": "/a/y"},
    ]
    assert parse('{"a": {}}', "a.json").apply(ops).data == {"a": {"y": {}}}


@pytest.mark.parametrize("path", ["/a", "/a/b"])
def test_duplicate_keys_are_refused_at_the_place_and_left_elsewhere(path: str) -> None:
    document = parse('{\n"a": {"b": 1},\n"a": {"b": 2}, "c": 3}', "a.json")
    assert document.data == {"a": {"b": 2}, "c": 3}
    with pytest.raises(BadPatch, match=r"the key 'a' is there more than once \(line 3\)"):
        document.apply([{"op": "replace", "path": path, "value": 0}])
    assert document.apply([{"op": "remove", "path": "/c"}]).text == '{\n"a": {"b": 1},\n"a": {"b": 2}}'


@pytest.mark.parametrize(
    ("ops", "words"),
    [
        ([{"op": "test", "path": "/a", "value": True}], "operation 0 (test '/a'): the value there is different"),
        ([{"op": "remove", "path": "/x"}], "operation 0 (remove '/x'): there is no key 'x'"),
        ([{"op": "add", "path": "/l/7", "value": 1}], "there is no item 7"),
        ([{"op": "add", "path": "a", "value": 1}], "its 'path' is not a JSON Pointer"),
        ([{"op": "add", "path": "/b"}], "it has no 'value'"),
        ([{"op": "swap", "path": "/b"}], "op must be one of"),
        ([{"op": "move", "from": "/l", "path": "/l/0"}], "a value cannot be moved into itself"),
        ([{"op": "add", "path": "/b", "value": float("nan")}], "its value is not JSON"),
        ([{"op": "remove", "path": ""}], "the whole document cannot be removed"),
    ],
)
def test_what_does_not_apply_is_refused_whole(ops: list[Op], words: str) -> None:
    document = parse('{"a": 1, "l": [1]}', "a.json")
    with pytest.raises(BadPatch) as refused:
        document.apply(ops)
    assert words in str(refused.value)
    assert document.text == '{"a": 1, "l": [1]}'
