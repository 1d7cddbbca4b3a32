"""Odd input has an answer, or a reason with its place: deep, repeated, long, and with unusual line ends."""

import json
import time
from collections.abc import Callable

import pytest

from fixer.document import parse
from fixer.document.operations import DEEPEST
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Json, Op


def _nested(depth: int) -> str:
    return '{"a":\n' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + ', "b": 1}'


@pytest.mark.parametrize("depth", [DEEPEST + 1, 600, 800, 970, 990, 1000, 5000, 100_000])
def test_json_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    with pytest.raises(BadTemplate, match=r"t.json:2:\d+: is not valid JSON: is nested too deeply"):
        parse(_nested(depth), "t.json")


@pytest.mark.parametrize("depth", [DEEPEST + 1, 970, 5000, 100_000])
@pytest.mark.parametrize("opening", ["- ", "[", "{a: "], ids=["dashes", "sequences", "mappings"])
def test_yaml_that_is_nested_too_deeply_is_refused(opening: str, depth: int) -> None:
    with pytest.raises(BadTemplate, match=r"is not valid YAML: .*(too deeply|maximum nesting depth)") as refused:
        parse(f"---\n{opening * depth}1", "t.yaml")
    assert refused.value.line == 2 and refused.value.column


def test_yaml_blocks_that_are_nested_too_deeply_are_refused() -> None:
    text = "".join(f"{' ' * depth}a:\n" for depth in range(1000))
    with pytest.raises(BadTemplate, match=r"t.yaml:\d\d\d:\d+: is not valid YAML: is nested too deeply"):
        parse(text, "t.yaml")


def test_json_that_is_nested_deeply_is_edited() -> None:
    document = parse(_nested(DEEPEST), "t.json")
    innermost = "/a" + "/0" * (DEEPEST - 1)
    edited = document.apply([{"op": "replace", "path": "/b", "value": 2}])
    assert edited.text == document.text.replace('"b": 1', '"b": 2')
    for op in ({"op": "replace", "path": innermost, "value": 2}, {"op": "copy", "from": "/a/0", "path": "/c"}):
        try:
            assert document.apply([op]).data  # type: ignore[list-item]
        except BadPatch as error:  # The stack of a test run is high.
            assert "nested too deeply" in error.message


@pytest.mark.parametrize(
    "op",
    [
        {"op": "replace", "path": "/a" + "/0" * (DEEPEST - 1), "value": [1]},
        {"op": "copy", "from": "/a", "path": "/a/-"},
        {"op": "add", "path": "/b", "value": json.loads("[" * DEEPEST + "]" * DEEPEST)},
    ],
)
def test_an_edit_does_not_nest_too_deeply(op: Op) -> None:
    with pytest.raises(BadPatch, match="nested too deeply"):
        parse(_nested(DEEPEST), "t.json").apply([op])


LONG = "a: &a " + "x" * 1_000_000 + "\nb: [" + "*a, " * 2000 + "]\n"
WIDE = "a: &a {" + ", ".join(f"k{n}: v" for n in range(1000)) + "}\n"
MERGED = WIDE + "".join(f"b{number}: {{<<: *a}}\n" for number in range(3000))
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{number}: &a{number} [*a{number - 1}]\n" for number in range(1, 700))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [(LONG, 2, "expand to too much"), (MERGED, 1001, "expand to too much"), (CHAIN, 498, "nested too deeply")],
    ids=["long text", "merge keys", "chain"],
)
def test_aliases_that_expand_to_too_much_are_refused(text: str, line: int, words: str) -> None:
    start = time.process_time()
    with pytest.raises(BadTemplate, match=words) as refused:
        parse(text, "t.yaml")
    assert refused.value.line and abs(refused.value.line - line) < 2
    assert time.process_time() - start < 2


def test_many_aliases_of_a_small_value_are_fine() -> None:
    document = parse("a: &a [x, {y: z}]\n" + "".join(f"b{number}: *a\n" for number in range(3000)), "t.yaml")
    assert document.apply([{"op": "remove", "path": "/b7"}]).data["b8"] == ["x", {"y": "z"}]  # type: ignore[call-overload,index]


@pytest.mark.parametrize("text", ["a: '1", 'a: "1', "a: 1 # ", "a: |\n  1", "a: ${X}1"])
@pytest.mark.parametrize("piece", [": y", " - x", " # c", " !Ref", "${A}", " ? a", "{", "\t"])
def test_a_long_line_takes_linear_time(text: str, piece: str) -> None:
    def once(count: int) -> float:
        start = time.process_time()
        try:
            document = parse(text + piece * count + {"'": "'", '"': '"'}.get(text[3:4], "") + "\nb: !Sub x\n", "t.yaml")
            document.apply([{"op": "add", "path": "/c", "value": "${A} b"}])
        except (BadTemplate, BadPatch):
            pass
        return time.process_time() - start

    once(10)
    assert once(20_000) < 1.5


LINES = ["a: 1 # one", "# two", "b: 2 # also two", "# three", "c: 3", ""]
BREAKS = ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("mark", BREAKS, ids=ascii)
@pytest.mark.parametrize(
    ("op", "after"),
    [
        ({"op": "remove", "path": "/b"}, ["a: 1 # one", "# three", "c: 3", ""]),
        ({"op": "remove", "path": "/c"}, ["a: 1 # one", "# two", "b: 2 # also two", ""]),
        ({"op": "replace", "path": "/a", "value": 5}, ["a: 5 # one", *LINES[1:]]),
        ({"op": "move", "from": "/c", "path": "/d"}, [*LINES[:4], "d: 3", ""]),
    ],
)
def test_lines_end_as_yaml_says(mark: str, op: Op, after: list[str]) -> None:
    assert parse(mark.join(LINES), "t.yaml").apply([op]).text == mark.join(after)


@pytest.mark.parametrize("mark", BREAKS, ids=ascii)
def test_new_lines_end_as_the_others_or_as_every_reader_knows(mark: str) -> None:
    text = parse(f"a: 1 # one{mark}b: 2{mark}", "t.yaml").apply([{"op": "add", "path": "/c", "value": [3]}]).text
    new = mark if mark in BREAKS[:3] else "\n"
    assert text == f"a: 1 # one{mark}b: 2{new}c:{new}  - 3{mark}"


@pytest.mark.parametrize(
    "text", ["a: [1, 2]\n# - x\nb:\n  - 1\n# - x\n  - 2\n", "\ufeff- a\n- b\n", "a:\n  - |\n    - x\n  -\n  - y\n"]
)
def test_items_are_found_between_what_looks_like_items(text: str) -> None:
    document = parse(text, "t.yaml")
    where: Callable[[str], str] = lambda place: text[slice(*document.span(place))]  # noqa: E731
    for place, last in (("/b/1", "2"), ("/1", "b"), ("/a/2", "y")):
        try:
            assert where(place) == last
        except KeyError:
            continue
        removed: Json = document.apply([{"op": "remove", "path": place}]).data
        assert removed != document.data
