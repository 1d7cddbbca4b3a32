"""Where things are and where new ones go: aliases, merge keys, twins, the order of attributes, rewritten containers."""

import json
from typing import Any

import pytest

from fixer import pointer
from fixer.document import parse
from fixer.errors import BadPatch
from fixer.model import Json, Op

ALIASES = """\
Resources:
  A:
    Names: &names
      - one
      - two: 2
    Base: &base {Kind: x, Size: 1}
  B:
    Names: *names
    Own:
      <<: *base
      Size: 2
    More:
      <<: [{Kind: y}, *base]
      Text: !Sub b
"""


@pytest.mark.parametrize(
    ("place", "line", "text"),
    [
        ("/Resources/B/Names", 8, "*names"),
        ("/Resources/B/Names/0", 4, "one"),
        ("/Resources/B/Names/1/two", 5, "2"),
        ("/Resources/B/Own/Kind", 6, "x"),
        ("/Resources/B/Own/Size", 11, "2"),
        ("/Resources/B/More/Kind", 13, "y"),
        ("/Resources/B/More/Size", 6, "1"),
        ("/Resources/B/More/Text/Fn::Sub", 14, "!Sub b"),
    ],
)
def test_what_an_alias_or_a_merge_key_brings_is_where_it_is_written(place: str, line: int, text: str) -> None:
    document = parse(ALIASES, "t.yaml")
    assert document.position(place).line == line
    assert document.text[slice(*document.span(place))] == text


def test_every_value_has_a_place() -> None:
    document = parse(ALIASES, "t.yaml")
    for place, _ in pointer.walk(document.data):
        start, end = document.span(place)
        assert 0 <= start <= end <= len(ALIASES) and document.position(place).line
    for place in ("/Resources/C", "/Resources/B/Names/2", "/Resources/B/Own/None", "/Resources/B/Names/x"):
        with pytest.raises(KeyError):
            document.span(place)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("/Resources/A/Names/0", r"it has the anchor &names \(line 3\)"),
        ("/Resources/B/Names/0", r"it is an alias of &names \(line 8\)"),
        ("/Resources/B/Names/1/two", r"it is an alias of &names \(line 8\)"),
        ("/Resources/B/Own/Kind", r"it has a merge key \(<<\) \(line 10\)"),
        ("/Resources/B/More/Size", r"it has a merge key \(<<\)"),
    ],
)
@pytest.mark.parametrize("name", ["replace", "remove", "add"])
def test_it_is_not_edited_there(place: str, reason: str, name: str) -> None:
    op: Op = {"op": name, "path": place} if name == "remove" else {"op": name, "path": place, "value": 0}
    with pytest.raises(BadPatch, match=reason):
        parse(ALIASES, "t.yaml").apply([op])


def _stack(*resources: dict[str, Json]) -> dict[str, Json]:
    return {"Resources": {f"R{number}": resource for number, resource in enumerate(resources)}}


def _texts(data: Json) -> list[tuple[str, str]]:
    def lines(value: Any, blanks: str) -> str:
        if not isinstance(value, dict) or not value:
            return f" {json.dumps(value)}\n"
        return "\n" + "".join(f"{blanks}{key}:{lines(each, blanks + '  ')}" for key, each in value.items())

    return [("t.json", json.dumps(data, indent=2)), ("t.yaml", lines(data, "").lstrip("\n"))]


FIRST: dict[str, Json] = {"Type": "T", "DependsOn": "R9", "Properties": {"P": 1}}
LAST: dict[str, Json] = {"Type": "T", "Properties": {"P": 1}, "Metadata": {}}


@pytest.mark.parametrize(
    ("resources", "added", "order"),
    [
        pytest.param(
            [{"Type": "T", "DeletionPolicy": "Retain", "Properties": {"P": 1}}],
            ["UpdateReplacePolicy"],
            "Type DeletionPolicy UpdateReplacePolicy Properties",
            id="the twin before the properties",
        ),
        pytest.param(
            [{"Type": "T", "Properties": {"P": 1}, "UpdateReplacePolicy": "Retain", "Metadata": {}}],
            ["DeletionPolicy"],
            "Type Properties UpdateReplacePolicy DeletionPolicy Metadata",
            id="the twin after the properties",
        ),
        pytest.param(
            [{"Type": "T", "Properties": {"P": 1}}],
            ["DeletionPolicy", "UpdateReplacePolicy"],
            "Type Properties DeletionPolicy UpdateReplacePolicy",
            id="both, without a habit",
        ),
        pytest.param(
            [{"Type": "T", "Properties": {"P": 1}}, FIRST],
            ["UpdateReplacePolicy", "DeletionPolicy", "Condition"],
            "Type Condition UpdateReplacePolicy DeletionPolicy Properties",
            id="as other resources do, before the properties",
        ),
        pytest.param(
            [{"Type": "T", "Properties": {"P": 1}}, FIRST, LAST],
            ["Metadata"],
            "Type Properties Metadata",
            id="metadata as other metadata",
        ),
        pytest.param(
            [{"Type": "T", "Properties": {"P": 1}, "DependsOn": "R1"}, FIRST],
            ["Condition"],
            "Type Properties DependsOn Condition",
            id="as the same resource does",
        ),
        pytest.param([{"Type": "T"}], ["DeletionPolicy"], "Type DeletionPolicy", id="without properties"),
        pytest.param([{"Type": "T"}, FIRST], ["Properties"], "Type Properties", id="other keys at the end"),
    ],
)
def test_attributes_stand_in_their_usual_order(resources: list[dict[str, Json]], added: list[str], order: str) -> None:
    ops: list[Op] = [{"op": "add", "path": f"/Resources/R0/{key}", "value": "Retain"} for key in added]
    for path, text in _texts(_stack(*resources)):
        after: Any = parse(text, path).apply(ops).data
        assert list(after["Resources"]["R0"]) == order.split(), text


@pytest.mark.parametrize("place", ["/Outputs/A/UpdateReplacePolicy", "/Resources/R0/Properties/UpdateReplacePolicy"])
def test_twins_are_twins_in_resources_only(place: str) -> None:
    inner: Json = {"DeletionPolicy": "Retain", "Other": 1}
    for path, text in _texts({**_stack({"Type": "T", "Properties": inner}), "Outputs": {"A": inner}}):
        after = parse(text, path).apply([{"op": "add", "path": place, "value": "Retain"}]).data
        keys: Any = pointer.get(after, pointer.parent(place))
        assert list(keys) == ["DeletionPolicy", "Other", "UpdateReplacePolicy"]


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param(
            '{"a": [\n  {"b": 1.10},\n\n  {"b":2}, [3 ]\n]}',
            [{"b": 1.1}, {"b": 2, "c": 0}, [3]],
            '{"a": [\n  {"b": 1.10},\n\n  {"b":2, "c":0}, [3 ]\n]}',
            id="an entry added in an item",
        ),
        pytest.param('{"a": ["x",  "y", "z"]}', ["x", "z"], '{"a": ["x", "z"]}', id="an item removed"),
        pytest.param('{"a": ["x",  "y"]}', ["x", "n", "y"], '{"a": ["x",  "n",  "y"]}', id="an item inserted"),
        pytest.param('{"a": {"b": [ 1 ], "c": 2}}', {"b": [1], "d": 3}, '{"a": {"b": [ 1 ], "d": 3}}', id="a key"),
        pytest.param('{"a": [ 1, 2 ]}', {"b": [1, 2]}, '{"a": {"b": [ 1, 2 ]}}', id="another kind"),
        pytest.param('{"a": [ 1 , {} ]}', [1, {}], '{"a": [ 1 , {} ]}', id="the same"),
        pytest.param('{"a": [ 1 ]}', [1.0], '{"a": [ 1.0 ]}', id="a number of another type"),
    ],
)
def test_what_is_equal_in_a_rewritten_container_keeps_its_text_in_json(before: str, value: Json, after: str) -> None:
    assert parse(before, "t.json").apply([{"op": "replace", "path": "/a", "value": value}]).text == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param(
            "a:\n  - b: 'x'  # one\n\n  # two\n  - b: y\n    c: [1 ]\n",
            [{"b": "x"}, {"b": "z", "c": [1]}],
            "a:\n  - b: 'x'  # one\n\n  # two\n  - b: z\n    c: [1 ]\n",
            id="an entry changed in an item",
        ),
        pytest.param(
            "a:\n  - b: x  # one\n    c: 1\n  - b: y  # two\n    c: 2\n",
            [{"b": "y", "c": 2}],
            "a:\n  - b: y  # two\n    c: 2\n",
            id="an item removed",
        ),
        pytest.param(
            "a:\n  - b: x  # one\n    c: 1\n    d: 1\n  - b: y  # two\n    c: 2\n    d: 1\n",
            [{"b": "m"}, {"b": "y", "c": 2, "d": 3}],
            "a:\n  - b: m  # one\n  - b: y  # two\n    c: 2\n    d: 3\n",
            id="like items stay together",
        ),
        pytest.param("a: {b: [1 ], c: 2}\n", {"b": [1], "m": 0, "c": 2}, "a: {b: [1 ], m: 0, c: 2}\n", id="a key"),
        pytest.param(
            "a:\n  b: 1  # one\n  c: 2\n", {"m": 0, "b": 1}, "a:\n  m: 0\n  b: 1  # one\n", id="a key inserted before"
        ),
    ],
)
def test_what_is_equal_in_a_rewritten_container_keeps_its_text_in_yaml(before: str, value: Json, after: str) -> None:
    assert parse(before, "t.yaml").apply([{"op": "replace", "path": "/a", "value": value}]).text == after


@pytest.mark.parametrize("path", ["t.json", "t.yaml"])
def test_the_whole_document_can_be_rewritten(path: str) -> None:
    text = '{"a": [1,  2], "b": 3}' if path == "t.json" else "a: [1,  2]\nb: 3  # three\n"
    after = '{"a": [1,  2], "c": 4}' if path == "t.json" else "a: [1,  2]\nc: 4\n"
    document = parse(text, path)
    assert document.apply([{"op": "replace", "path": "", "value": {"a": [1, 2], "c": 4}}]).text == after
    assert document.apply([{"op": "replace", "path": "", "value": {}}]).data == {}
    emptied = document.apply([{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/b"}])
    assert emptied.data == {} and emptied.apply([{"op": "add", "path": "/a", "value": [1]}]).data == {"a": [1]}


@pytest.mark.parametrize(
    ("before", "op", "after"),
    [
        ("- - a\n  - b\n", {"op": "add", "path": "/0/0", "value": "m"}, "- - m\n  - a\n  - b\n"),
        ("- - a\n", {"op": "add", "path": "/0/0", "value": {"k": 1, "l": 2}}, "- - k: 1\n    l: 2\n  - a\n"),
        ("a:\n- - - b\n", {"op": "add", "path": "/a/0/0/0", "value": ["m"]}, "a:\n- - - - m\n    - b\n"),
        (
            "# c\n- - a  # a\n",
            {"op": "add", "path": "/0/0", "value": "x\ny"},
            "# c\n- - |-\n    x\n    y\n  - a  # a\n",
        ),
        ("- b: 1\n", {"op": "replace", "path": "/0", "value": {"m": 0, "b": 1}}, "- m: 0\n  b: 1\n"),
        ("-   b: 1\n    c: 2\n", {"op": "replace", "path": "/0", "value": {"m": 0, "b": 1}}, "-   m: 0\n    b: 1\n"),
    ],
)
def test_the_first_entry_behind_a_dash_can_get_one_before_it(before: str, op: Op, after: str) -> None:
    assert parse(before, "t.yaml").apply([op]).text == after


@pytest.mark.parametrize("mark", ["|", ">", "|+", "|-", "!Sub |"])
def test_what_is_added_below_a_text_that_ends_the_file(mark: str) -> None:
    document = parse(f"---\nK1: {mark}\n  two words", "t.yaml")
    add: Op = {"op": "add", "path": "/Zz", "value": 1}
    values: list[Json] = ["x", "x\ny\n", {"Ref": "X"}]
    for value in values:
        document.apply([add, {"op": "replace", "path": "/K1", "value": value}])  # proves itself
    document.apply([{"op": "remove", "path": "/K1"}, add])
    assert document.apply([add]).data == {**document.data, "Zz": 1}  # type: ignore[dict-item]
