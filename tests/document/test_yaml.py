"""YAML documents: what the text means, and exact texts before and after each kind of edit."""

from textwrap import dedent

import pytest
import yaml

from fixer.document import Syntax, parse
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Json, Op


def _apply(before: str, *ops: Op) -> str:
    return parse(before, "t.yaml").apply(ops).text


def _edit(before: str, op: Op) -> str:
    return _apply(dedent(before), op)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: !Ref X", {"a": {"Ref": "X"}}),
        ("a: !GetAtt A.B.C", {"a": {"Fn::GetAtt": ["A", "B.C"]}}),
        ("a: !GetAtt [A, B]", {"a": {"Fn::GetAtt": ["A", "B"]}}),
        ('a: !Sub "${X}-y"', {"a": {"Fn::Sub": "${X}-y"}}),
        ("a: !Condition C", {"a": {"Condition": "C"}}),
        ("a: !Join\n  - ','\n  - [!Ref A]", {"a": {"Fn::Join": [",", [{"Ref": "A"}]]}}),
        ("a: !Transform {Name: M}", {"a": {"Fn::Transform": {"Name": "M"}}}),
        ("Fn::Base64: !Sub x", {"Fn::Base64": {"Fn::Sub": "x"}}),
        (
            "a: 2010-09-09\nb: 012\nc: 1:20\nd: yes\ne: '012'\nf: 1e3\ng: ~\nh: 0x1F",
            {"a": "2010-09-09", "b": 10, "c": 80, "d": True, "e": "012", "f": "1e3", "g": None, "h": 31},
        ),
        ("yes: 1\n012: 2\n3306: 3", {"yes": 1, "012": 2, "3306": 3}),
        ("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\nc:", {"a": "x\ny\n", "b": "x y", "c": None}),
        ("%YAML 1.1\n---\na: 1\n...\n", {"a": 1}),
    ],
)
def test_what_the_text_means(text: str, data: Json) -> None:
    document = parse(text, "t.yaml")
    assert document.syntax is Syntax.YAML
    assert document.data == data and repr(document.data) == repr(data)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "t.yaml:1:"),
        ("a: 1\n b: 2", "t.yaml:2:3: is not valid YAML"),
        ("a: 1\n---\nb: 2", "t.yaml:3:1: is not valid YAML: a template must be one document"),
        ("a: *x", "the alias *x has no anchor"),
        ("a: !<tag:example.com,2000:x> {b: 1}", "CloudFormation does not know the tag"),
        ("a: !<tag:example.com,2000:x> b", "CloudFormation does not know the tag"),
        ("a: !<tag:example.com,2000:x> [b]", "CloudFormation does not know the tag"),
        ("a: !!int ''", "t.yaml:1:4: is not valid YAML: '' is not of type int"),
        ("a: !!bool maybe", "'maybe' is not of type bool"),
        ("? [a]\n: 1", "a key must be a string"),
        ("", "is empty"),
        ("a: " + "[" * 100_000, "nested too deeply"),
        ("a:\n\t- 1", "t.yaml:2:1"),
    ],
)
def test_what_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        parse(text, "t.yaml")
    assert words in str(refused.value) and refused.value.line


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(BadTemplate, match="expand to too much"):
        parse("\n".join(lines), "t.yaml")


RESOURCES = """\
    # the head
    Resources:
      # about A
      A:  # beside A
        Type: X   # beside the type

      # about B
      # more about B
      B:
        Type: Y
        Tags:
          - one  # beside one
          # about two
          - two
          - three

      # not C's, as a line is empty

      C:
        Type: !Ref Z
    # the foot
    """


def test_a_removed_entry_takes_its_own_comments_along_and_no_other() -> None:
    assert _edit(RESOURCES, {"op": "remove", "path": "/Resources/B"}) == dedent("""\
    # the head
    Resources:
      # about A
      A:  # beside A
        Type: X   # beside the type

      # not C's, as a line is empty

      C:
        Type: !Ref Z
    # the foot
    """)
    assert _edit(RESOURCES, {"op": "remove", "path": "/Resources/B/Tags/1"}) == dedent(RESOURCES).replace(
        "      # about two\n      - two\n", ""
    )
    assert _edit(RESOURCES, {"op": "remove", "path": "/Resources/C"}) == dedent(RESOURCES).replace(
        "\n  C:\n    Type: !Ref Z\n", ""
    )


def test_an_added_entry_follows_the_rhythm_and_the_short_tags_of_the_file() -> None:
    value: Json = {
        "Type": "Net",
        "Properties": {"K": {"Fn::GetAtt": ["A", "Arn"]}, "L": [{"Key": "a", "Value": {"Ref": "B"}}]},
    }
    assert _edit(RESOURCES, {"op": "add", "path": "/Resources/New", "value": value}) == dedent(RESOURCES).replace(
        "    Type: !Ref Z\n",
        "    Type: !Ref Z\n\n  New:\n    Type: Net\n    Properties:\n      K: !GetAtt A.Arn\n      L:\n        - Key: a\n          Value: !Ref B\n",
    )
    assert _edit(RESOURCES, {"op": "add", "path": "/Resources/B/Tags/1", "value": "x: y"}) == dedent(RESOURCES).replace(
        "      - one  # beside one\n", '      - one  # beside one\n      - "x: y"\n'
    )


def test_a_replaced_scalar_leaves_the_comment_beside_it() -> None:
    op: Op = {"op": "replace", "path": "/Resources/A/Type", "value": {"Fn::Sub": "${X}"}}
    assert _edit(RESOURCES, op) == dedent(RESOURCES).replace("Type: X   #", 'Type: !Sub "${X}"   #')


@pytest.mark.parametrize(
    ("before", "op", "after"),
    [
        pytest.param(
            "a: {b: 1, c: [x, y]}\n",
            {"op": "add", "path": "/a/c/-", "value": "p,q"},
            'a: {b: 1, c: [x, y, "p,q"]}\n',
            id="flow",
        ),
        pytest.param("a: {b: 1, c: 2}\n", {"op": "remove", "path": "/a/b"}, "a: {c: 2}\n", id="flow, removed"),
        pytest.param(
            "a:\n- x\n- y\n",
            {"op": "add", "path": "/a/-", "value": {"k": 1, "l": 2}},
            "a:\n- x\n- y\n- k: 1\n  l: 2\n",
            id="dashes below their key",
        ),
        pytest.param(
            "a:\n- x\nb:\n  c: 1\n",
            {"op": "replace", "path": "/b", "value": ["z"]},
            "a:\n- x\nb:\n- z\n",
            id="new dashes as the old",
        ),
        pytest.param(
            "a:\n    b: 1\n",
            {"op": "add", "path": "/a/c", "value": {"d": 1}},
            "a:\n    b: 1\n    c:\n        d: 1\n",
            id="four columns",
        ),
        pytest.param(
            "a: 1\r\nb: 2\r\n", {"op": "add", "path": "/c", "value": [1]}, "a: 1\r\nb: 2\r\nc:\r\n  - 1\r\n", id="CRLF"
        ),
        pytest.param(
            "\ufeffa: 1\n", {"op": "replace", "path": "/a", "value": "x"}, "\ufeffa: x\n", id="byte order mark"
        ),
        pytest.param("a: 1\nb: 2", {"op": "add", "path": "/c", "value": 3}, "a: 1\nb: 2\nc: 3", id="no last newline"),
        pytest.param("a: 1\nb: 2", {"op": "remove", "path": "/b"}, "a: 1", id="no last newline, removed"),
        pytest.param(
            "a: |\n  text",
            {"op": "add", "path": "/b", "value": 1},
            "a: |-\n  text\nb: 1",
            id="after a literal that ends the file",
        ),
        pytest.param("a:\n  b: 1\n", {"op": "remove", "path": "/a/b"}, "a: {}\n", id="the last entry gone"),
        pytest.param(
            "a: '10.0.0.0/8'\n",
            {"op": "replace", "path": "/a", "value": "10.1.0.0/16"},
            "a: '10.1.0.0/16'\n",
            id="quotes kept",
        ),
        pytest.param(
            "a: x\n", {"op": "replace", "path": "/a", "value": "l1\nl2\n"}, "a: |\n  l1\n  l2\n", id="a literal"
        ),
        pytest.param(
            "a: !Ref X\n",
            {"op": "replace", "path": "/a", "value": {"Fn::Base64": {"Fn::Sub": "${X}"}}},
            'a:\n  Fn::Base64: !Sub "${X}"\n',
            id="no tag on a tag",
        ),
        pytest.param(
            "a:\n  Ref: X\n",
            {"op": "replace", "path": "/a", "value": {"Ref": "Net"}},
            "a:\n  Ref: Net\n",
            id="long where the file is long",
        ),
        pytest.param(
            "a: !Ref X\n",
            {"op": "replace", "path": "/a", "value": {"Fn::GetStackOutput": {"StackName": {"Ref": "S"}}}},
            "a:\n  Fn::GetStackOutput:\n    StackName:\n      Ref: S\n",
            id="nothing short in GetStackOutput",
        ),
        pytest.param(
            "a: !Join ['-', [!Ref X, b]]\n",
            {"op": "replace", "path": "/a/Fn::Join/1/1", "value": "c"},
            "a: !Join ['-', [!Ref X, c]]\n",
            id="inside a short tag",
        ),
        pytest.param(
            "a: !GetAtt X.Arn\n",
            {"op": "replace", "path": "/a/Fn::GetAtt/1", "value": "Id"},
            "a: !GetAtt X.Id\n",
            id="a part of a short GetAtt",
        ),
        pytest.param(
            "Resources:\n  A: 1\n",
            {"op": "add", "path": "/Parameters", "value": {"P": {"Type": "String"}}},
            "Parameters:\n  P:\n    Type: String\nResources:\n  A: 1\n",
            id="a section before",
        ),
        pytest.param("- k: 1\n  l: 2\n", {"op": "remove", "path": "/0/k"}, "- l: 2\n", id="the entry behind a dash"),
    ],
)
def test_edits(before: str, op: Op, after: str) -> None:
    assert _apply(before, op) == after


NASTY = [
    "012",
    "1:20",
    "yes",
    "no",
    "on",
    "null",
    "~",
    "1e3",
    "2010-09-09",
    "000123456789",
    "*",
    "@x",
    "%",
    "- x",
    "a: b",
]
NASTY += [
    "# x",
    "",
    " x",
    "x ",
    "a\nb",
    "x #y",
    "!Ref",
    "&a",
    "{a",
    "[a",
    "|",
    ">",
    "?",
    "=",
    "<<",
    "1_000",
    ".5",
    "0o17",
    "y",
]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("before", ["a: 1\n", "a: [1]\n", "a: 'q'\n", "a: !Ref X\n"])
def test_strings_stay_strings_to_readers_of_yaml_1_1(before: str, text: str) -> None:
    path = "/a/0" if "[" in before else "/a"
    after = parse(before, "t.yaml").apply([{"op": "replace", "path": path, "value": text}]).text
    assert yaml.safe_load(after) == {"a": [text] if "[" in before else text}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/a/b", "it has the anchor &x"),
        ("/c/b", "it is an alias of &x"),
        ("/d/e", "it has a merge key"),
        ("/g", "more than once"),
    ],
)
def test_what_reaches_through_an_anchor_or_a_duplicate_is_refused(path: str, words: str) -> None:
    document = parse("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\ng: 1\ng: 2\nf: 3\n", "t.yaml")
    with pytest.raises(BadPatch, match=words):
        document.apply([{"op": "replace", "path": path, "value": 0}])
    assert document.apply([{"op": "remove", "path": "/f"}]).text.endswith("g: 1\ng: 2\n")


def test_places_are_those_of_the_keys() -> None:
    document = parse("a:\n  b: !Sub x\n  c:\n    - d\n", "t.yaml")
    place = document.position("/a/c/0")
    assert (place.line, place.column) == (4, 5)
    assert document.text[slice(*document.span("/a/b"))] == "!Sub x"


def test_a_sequence_within_a_sequence_is_block_style_too() -> None:
    before = "a:\n- b\nf:\n- Fn::Sub: x\n"
    value: Json = {"Fn::Join": [",", [{"Ref": "A"}, [{"Ref": "B"}], []]]}
    after = "a:\n- b\nf:\n- Fn::Sub: x\ng:\n  Fn::Join:\n  - ','\n  - - Ref: A\n    - - Ref: B\n    - []\n"
    assert _apply(before, {"op": "add", "path": "/g", "value": value}) == after.replace("','", '","')


@pytest.mark.parametrize(
    ("habit", "written"),
    [
        ("a: x", '"${X}-${AWS::Region}"'),
        ("a: '2010-09-09'", "'${X}-${AWS::Region}'"),
        ("a: ${Y}-x", "${X}-${AWS::Region}"),
        ("a: {Fn::Sub: '${Y}'}\nc: !Sub '${Z}'", "'${X}-${AWS::Region}'"),
        ("a: !Sub x-${Y}\nc: '1'", "${X}-${AWS::Region}"),
    ],
)
def test_a_string_is_quoted_as_the_file_does(habit: str, written: str) -> None:
    op: Op = {"op": "add", "path": "/b", "value": "${X}-${AWS::Region}"}
    assert _apply(f"{habit}\n", op) == f"{habit}\nb: {written}\n"
    flow: Op = {"op": "add", "path": "/f/0", "value": "${X}"}
    assert parse(_apply(f"{habit}\nf: [1]\n", flow), "t.yaml").data["f"] == ["${X}", 1]  # type: ignore[index,call-overload]
