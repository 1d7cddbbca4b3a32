"""New scalars: scripts stay block scalars, strings keep the quotation marks of their place, every reader reads them."""

from textwrap import dedent
from typing import Any

import pytest
import yaml

from fixer.document import parse
from fixer.model import Json, Op

WORDS = " ".join(["several", "words"] * 20)


def _set(before: str, path: str, value: Json) -> str:
    op: Op = {"op": "replace", "path": path, "value": value}
    return parse(dedent(before), "t.yaml").apply([op]).text


SCRIPT = """\
UserData:
  Fn::Base64: !Sub |
    #!/bin/sh
    \techo x  # no comment

Tags: [a]
"""


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        pytest.param(
            SCRIPT,
            "/UserData/Fn::Base64",
            "#!/bin/sh\n\techo x  # no comment\n",
            SCRIPT.replace("!Sub |", "|"),
            id="a tab",
        ),
        pytest.param(
            SCRIPT,
            "/UserData/Fn::Base64/Fn::Sub",
            "#!/bin/sh\n\techo y\n",
            SCRIPT.replace("x  # no comment", "y"),
            id="a short tag before a script",
        ),
        pytest.param(
            "a: x\n", "/a", {"Fn::Sub": "${B}\ny\n"}, "a: !Sub |\n  ${B}\n  y\n", id="a new script with a tag"
        ),
        pytest.param("- x\n", "/0", {"Fn::Sub": "${B}\ny"}, "- !Sub |-\n  ${B}\n  y\n", id="behind a dash"),
        pytest.param(
            "a: |+\n  x\n\nb: 1\n", "/a", "x\ny\n\n", "a: |+\n  x\n  y\n\nb: 1\n", id="a blank line at the end kept"
        ),
        pytest.param("a: |+\n  x\n\nb: 1\n", "/a", "y\nz\n", "a: |\n  y\n  z\n\nb: 1\n", id="a blank line dropped"),
        pytest.param(
            "a: |\n  x\n\nb: 1\n", "/a", "x\ny\n\n\n", "a: |+\n  x\n  y\n\n\nb: 1\n", id="two blank lines at the end"
        ),
        pytest.param(
            "a: !Sub |\n      x\n\n        y\nb: 1\n", "/a", "x\n\n  z\n", "a: |\n      x\n\n        z\nb: 1\n",
            id="lines that stand deeper than others",
        ),
        pytest.param(
            "a: !Ref A\nb: x\n", "/b", {"Fn::Sub": ["a\n${B}\n", {"B": {"Ref": "C"}}]},
            "a: !Ref A\nb: !Sub\n  - |\n    a\n    ${B}\n  - B: !Ref C\n", id="a text in a sequence below a tag",
        ),
        pytest.param(
            "a: !Ref A\nb: x\n", "/b", {"Fn::Join": ["\n", ["a\n", "c"]]},
            'a: !Ref A\nb: !Join ["\\n", ["a\\n", c]]\n', id="not texts of one line",
        ),
        pytest.param("a: x\n", "/a", "  x\n y\n", "a: |2\n    x\n   y\n", id="blanks at the start"),
        pytest.param("a: x\n", "/a", "\tx\n y\n", "a: |2\n  \tx\n   y\n", id="a tab at the start"),
        pytest.param("a: x\n", "/a", "\nx\n", "a: |\n\n  x\n", id="a blank line at the start"),
        pytest.param("a: x\n", "/a", "x\n \ny\n", "a: |\n  x\n   \n  y\n", id="a line of one blank"),
        pytest.param("a: x\n", "/a", "x\u00a0\ny", "a: |-\n  x\u00a0\n  y\n", id="a blank that does not break"),
        pytest.param("a: x\n", "/a", "\n\n", 'a: "\\n\\n"\n', id="blank lines alone"),
        pytest.param("a: x\n", "/a", "x\u2028\ny", 'a: "x\\u2028\\ny"\n', id="a line separator"),
    ],
)  # fmt: skip
def test_scripts_stay_block_scalars(before: str, path: str, value: Json, after: str) -> None:
    assert _set(before, path, value) == after


def test_what_follows_a_text_that_keeps_its_blank_lines() -> None:
    before = "a: |+\n  x\n\n\nb: 1\nc: 2\n"
    document = parse(before, "t.yaml")
    assert document.apply([{"op": "remove", "path": "/c"}]).text == before.removesuffix("c: 2\n")
    added = document.apply([{"op": "remove", "path": "/b"}, {"op": "add", "path": "/d", "value": 3}])
    assert added.text == "a: |+\n  x\n\n\nc: 2\nd: 3\n"


def test_a_long_text_is_folded_where_the_file_has_block_scalars() -> None:
    before = "Description: >-\n  short\nText: x\n"
    after = _set(before, "/Text", {"Fn::Sub": WORDS})
    assert after.startswith("Description: >-\n  short\nText: !Sub >-\n  several words")
    assert max(map(len, after.splitlines())) <= 100
    assert parse(after, "t.yaml").data == {"Description": "short", "Text": {"Fn::Sub": WORDS}}
    assert _set("Text: x\n", "/Text", WORDS) == f"Text: {WORDS}\n"
    assert _set(before, "/Text", "x" * 300) == f"Description: >-\n  short\nText: {'x' * 300}\n"


@pytest.mark.parametrize(
    ("before", "op", "after"),
    [
        pytest.param(
            "a: ['b', \"c\",  d]\n",
            {"op": "replace", "path": "/a", "value": ["b", "x", "d"]},
            "a: ['b', \"x\",  d]\n",
            id="in a rewritten sequence",
        ),
        pytest.param(
            "a:\n  - \"b\"\n\n  - 'c'  # c\n\n  - d\n",
            {"op": "replace", "path": "/a", "value": ["b", "new", "c", "e"]},
            "a:\n  - \"b\"\n\n  - new\n\n  - 'c'  # c\n\n  - e\n",
            id="in a rewritten sequence of lines",
        ),
        pytest.param("a: !Sub 'b'\n", {"op": "replace", "path": "/a", "value": "c"}, "a: 'c'\n", id="behind a tag"),
        pytest.param(
            'a: "${B}"\n', {"op": "replace", "path": "/a", "value": {"Fn::Sub": "${B}"}}, 'a: !Sub "${B}"\n', id="a new tag"
        ),
        pytest.param(
            "a: [!Sub 'b', 1]\n",
            {"op": "replace", "path": "/a/0/Fn::Sub", "value": "c"},
            "a: [!Sub 'c', 1]\n",
            id="behind a tag in flow style",
        ),
        pytest.param("a: ['b', 1]\n", {"op": "add", "path": "/a/-", "value": "c"}, "a: ['b', 1, 'c']\n", id="of the others"),
        pytest.param(
            "a:\n  - Key: 'b'\n    Value: c\n",
            {"op": "add", "path": "/a/-", "value": {"Key": "d", "Value": "e"}},
            "a:\n  - Key: 'b'\n    Value: c\n  - Key: 'd'\n    Value: e\n",
            id="of the same keys",
        ),
        pytest.param(
            "a:\n  b: 'c'\n  d: 'e'\n", {"op": "add", "path": "/a/f", "value": "g"}, "a:\n  b: 'c'\n  d: 'e'\n  f: 'g'\n",
            id="of a mapping's other strings",
        ),
        pytest.param("a: 'b'\n", {"op": "replace", "path": "/a", "value": 1}, "a: 1\n", id="not of numbers"),
        pytest.param(
            "a: 'B'\n", {"op": "replace", "path": "/a", "value": {"Ref": "B"}}, "a: !Ref B\n", id="not of names"
        ),
        pytest.param(
            "a: ['B', 'C']\n", {"op": "replace", "path": "/a/0", "value": {"Ref": "B"}}, "a: [!Ref B, 'C']\n",
            id="not of names in flow style",
        ),
        pytest.param(
            "a: 'B'\nc: {Ref: D}\n", {"op": "replace", "path": "/a", "value": {"Ref": "B"}},
            "a:\n  Ref: B\nc: {Ref: D}\n", id="not of names in long form",
        ),
        pytest.param(
            "a: 'B'\nc: {Ref: D}\n", {"op": "replace", "path": "/a", "value": {"Fn::Sub": "${B}"}},
            "a:\n  Fn::Sub: '${B}'\nc: {Ref: D}\n", id="of a text in long form",
        ),
        pytest.param(
            "a: !Ref 'B'\n", {"op": "replace", "path": "/a/Ref", "value": "C"}, "a: !Ref 'C'\n", id="of the same function"
        ),
        pytest.param(
            "a: !Ref 'B'\n", {"op": "replace", "path": "/a", "value": {"Fn::ImportValue": "C"}}, "a: !ImportValue C\n",
            id="not of another function",
        ),
        pytest.param(
            "a:\n  - !Ref 'B'\n", {"op": "add", "path": "/a/-", "value": {"Ref": "C"}}, "a:\n  - !Ref 'B'\n  - !Ref 'C'\n",
            id="of the neighbour's function",
        ),
    ],
)  # fmt: skip
def test_quotation_marks_are_those_of_the_place(before: str, op: Op, after: str) -> None:
    assert parse(before, "t.yaml").apply([op]).text == after


class _Pure(yaml.SafeLoader):
    """PyYAML's own reader, which reads less than libyaml."""


_Pure.add_multi_constructor("!", lambda loader, suffix, node: {suffix: loader.construct_scalar(node)})


@pytest.mark.parametrize(
    "text", ["http://x.y/z?a=b", "?", "a?", "a, b", "[", "{a}", "a: b", "a:", "a #b", "a#b", "-", "- a", "b:c", "?a"]
)
@pytest.mark.parametrize("before", ["{a: [b], c: {d: e}}", "a: [b]\nc: {d: e}\n"])
def test_every_reader_reads_what_is_written_in_flow_style(before: str, text: str) -> None:
    ops: list[Op] = [
        {"op": "replace", "path": "/a/0", "value": text},
        {"op": "add", "path": "/a/-", "value": {"Ref": text}},
        {"op": "add", "path": "/c/" + text.replace("/", "~1"), "value": text},
    ]
    after: Any = parse(f"---\n{before}\n", "t.yaml").apply(ops)
    data = yaml.load(after.text, Loader=_Pure)
    assert data["a"] == [text, {"Ref": text}] and data["c"] == {"d": "e", text: text}


@pytest.mark.parametrize("text", [".inf", "-.inf", ".nan", "1e+400", "1.5e+300", "1.0e-10"])
@pytest.mark.parametrize("name", ["copy", "move"])
def test_unusual_numbers_are_copied_and_moved(text: str, name: str) -> None:
    document = parse(f"a: !If [C, {text}, 1]\nb: {{}}\nc: [{text}]\n", "t.yaml")
    ops: list[Op] = [{"op": name, "from": "/a", "path": "/b/x"}, {"op": name, "from": "/c", "path": "/b/y"}]
    data = yaml.load(document.apply(ops).text.replace("!If", ""), Loader=yaml.SafeLoader)["b"]
    assert repr(data) == repr({"x": ["C", number := yaml.safe_load(text), 1], "y": [number]})


def test_a_large_number_is_a_number_to_yaml() -> None:
    assert _set("a: 1\n", "/a", 1e16) == "a: 1.0e+16\n"
