"""Comments are kept: beside what is replaced, with what is moved, above what cannot hold them; or the edit is refused."""

from textwrap import dedent

import pytest

from fixer.document import parse
from fixer.errors import BadPatch
from fixer.model import Json, Op


def _apply(before: str, *ops: Op) -> str:
    return parse(dedent(before), "t.yaml").apply(ops).text


def _replace(path: str, value: Json) -> Op:
    return {"op": "replace", "path": path, "value": value}


def _remove(path: str) -> Op:
    return {"op": "remove", "path": path}


def _add(path: str, value: Json) -> Op:
    return {"op": "add", "path": path, "value": value}


@pytest.mark.parametrize(
    ("before", "op", "after"),
    [
        pytest.param(
            "a: !Join  # note\n  - ','\n  - [b, c]\n",
            _replace("/a", {"Fn::Join": [",", {"Fn::Split": [",", "b"]}]}),
            "a: !Join  # note\n  - ','\n  - !Split [',', b]\n",
            id="beside a tag that stays",
        ),
        pytest.param(
            "a: !Join  # note\n  - ','\n  - [b, c]\nz: 1\n",
            {"op": "move", "from": "/a/Fn::Join", "path": "/a/Fn::Sub"},
            "a: !Sub [',', [b, c]]  # note\nz: 1\n",
            id="beside a tag that changes",
        ),
        pytest.param(
            "a:\n  Fn::Join:  # note\n    - ','\n    - [b, c]\n",
            _replace("/a", {"Fn::Base64": "b"}),
            "# note\na:\n  Fn::Base64: b\n",
            id="beside a function that goes",
        ),
        pytest.param("a: b  # note\n", _replace("/a", ["x", "z"]), "a:  # note\n  - x\n  - z\n", id="beside a scalar"),
        pytest.param(
            "r:\n  # why\n  DependsOn: A # note\n", _replace("/r/DependsOn", ["A", "B"]),
            "r:\n  # why\n  DependsOn: # note\n    - A\n    - B\n", id="behind one blank, as in this file",
        ),
        pytest.param("DependsOn: A # note\n", _replace("/DependsOn", "B"), "DependsOn: B # note\n", id="behind another name"),
        pytest.param(
            "- 1\n- 2: {a: 1,\n    b: 2}  # note\n- 3\n",
            _replace("/1", "v"),
            "- 1\n# note\n- v\n- 3\n",
            id="beside the end of an item",
        ),
        pytest.param(
            "a: [b,  # one\n  c]  # two\n", _replace("/a", "d"), "# one\na: d  # two\n", id="inside a flow sequence"
        ),
        pytest.param(
            "a:  # note\n  # first\n  b: 1  # one\n\n  # last\n",
            _replace("/a", "c"),
            "# first\n# one\na: c  # note\n\n  # last\n",
            id="inside a block",
        ),
        pytest.param("a: |  # note\n  b\n", _replace("/a", "c\nd\n"), "a: |  # note\n  c\n  d\n", id="beside a header"),
        pytest.param("a: 'b # c'  # note\n", _replace("/a", {}), "a: {}  # note\n", id="behind a # in quotes"),
        pytest.param(
            "a:\n  - b: 1  # b\n    # about c\n    c: 2\n",
            _remove("/a/0/b"),
            "a:\n  - # about c\n    c: 2\n",
            id="above what comes behind a dash",
        ),
        pytest.param(
            "a:\n  - b  # b\n  # about c\n\n  # d's\n  - d\n  - e\n",
            _replace("/a", ["e"]),
            "a:\n  # about c\n\n  - e\n",
            id="that belong to none of the removed entries",
        ),
        pytest.param(
            "a: {b: 1,  # one\n    c: 2,  # two\n    d: 3}\n",
            _remove("/a/c"),
            "a: {b: 1,  # one\n    d: 3}\n",
            id="of the entry before a removed one in flow style",
        ),
        pytest.param(
            "a: {b: 1,  # one\n    c: 2}\n",
            _remove("/a/c"),
            "a: {b: 1  # one\n    }\n",
            id="of the entry before the last one in flow style",
        ),
    ],
)  # fmt: skip
def test_comments_around_what_changes_stay(before: str, op: Op, after: str) -> None:
    assert _apply(before, op) == after


RULES = """\
Web:
  Ingress:
    # from the office
    - Protocol: tcp   # always
      Port: 22
      Cidr: '10.0.0.0/8'  # theirs

    # the site
    - Protocol: tcp
      Port: 80
Resources:
  A:
    Type: X

  B:
    Type: Y
"""


def test_what_is_removed_here_and_added_there_takes_its_comments_along() -> None:
    rule: Json = {"Protocol": "tcp", "Port": 22, "Cidr": "10.0.0.0/8", "Group": {"Ref": "Web"}}
    ops = [_remove("/Web/Ingress/0"), _add("/Resources/Rule", {"Type": "R", "Properties": rule})]
    after = """\
Web:
  Ingress:
    # the site
    - Protocol: tcp
      Port: 80
Resources:
  A:
    Type: X

  B:
    Type: Y

  # from the office
  Rule:
    Type: R
    Properties:
      Protocol: tcp   # always
      Port: 22
      Cidr: '10.0.0.0/8'  # theirs
      Group: !Ref Web
"""
    assert _apply(RULES, *ops) == after
    assert _apply(RULES, *reversed(ops)) == after


def test_a_wrapped_value_keeps_its_place_its_lines_and_its_comments() -> None:
    before = """\
    P:
      A: 1
      # about the tags
      Tags:  # all
        - Key: 'a'  # first

        - Key: "b"
      B: 2
    """
    value: Json = {"Fn::If": ["C", [{"Key": "a"}, {"Key": "b"}], {"Ref": "AWS::NoValue"}]}
    after = """\
    P:
      A: 1
      # about the tags
      Tags: !If  # all
        - C
        - - Key: 'a'  # first

          - Key: "b"
        - !Ref AWS::NoValue
      B: 2
    """
    assert _apply(before, _replace("/P/Tags", value)) == dedent(after)
    wrapped = dedent(before).replace("Tags:", "Set:").replace("        -", "          -")
    wrapped = wrapped.replace("all\n", "all\n    Tags:\n").replace("    - Key", "      - Key")
    ops = [_remove("/P/Tags"), _add("/P/Set", {"Tags": [{"Key": "a"}, {"Key": "b"}]})]
    assert _apply(before, *ops) == wrapped


def test_what_wraps_several_entries_stands_in_the_place_of_the_first() -> None:
    before = "P:\n  Port: 443 # TLS\n  Host: h\n  Tags: [a]\n"
    ops = [_remove("/P/Port"), _remove("/P/Host"), _add("/P/Config", {"Port": 443, "Host": "h"})]
    assert _apply(before, *ops) == "P:\n  Config:\n    Port: 443 # TLS\n    Host: h\n  Tags: [a]\n"


def test_a_moved_value_keeps_its_lines_in_another_indentation() -> None:
    before = """\
    A:
      B:
          # why
          C: !Sub |  # a script
            #!/bin/sh

              echo x   # no comment
          D:  # list
          - 'one'
          # two
          - {a: 1,
             b: 2}  # end
    E:
      F: 1
    """
    after = """\
    A:
      B: {}
    E:
      F: 1
      # why
      G: !Sub |  # a script
        #!/bin/sh

          echo x   # no comment
      H:  # list
        - 'one'
        # two
        - {a: 1,
           b: 2}  # end
    """
    moves: list[Op] = [
        {"op": "move", "from": "/A/B/C", "path": "/E/G"},
        {"op": "move", "from": "/A/B/D", "path": "/E/H"},
    ]
    assert _apply(before, *moves) == dedent(after)


def test_the_comments_of_what_moves_into_a_line_go_above_it() -> None:
    before = "a:\n  # why\n  b: x  # so\n  c: 1\nd: {e: 1}\n"
    op: Op = {"op": "move", "from": "/a/b", "path": "/d/b"}
    assert _apply(before, op) == "a:\n  c: 1\n# why\n# so\nd: {e: 1, b: x}\n"


def test_a_copy_leaves_the_comments_where_they_are() -> None:
    op: Op = {"op": "copy", "from": "/a/b", "path": "/d/b"}
    assert _apply("a:\n  # why\n  b: x  # so\nd: {e: 1}\n", op) == "a:\n  # why\n  b: x  # so\nd: {e: 1, b: x}\n"


def test_a_removed_entry_takes_its_own_comments_along_only() -> None:
    assert _apply("# top\n\n# why\na: 1  # so\n# b's\nb: 2\n", _remove("/a")) == "# top\n\n# b's\nb: 2\n"
    assert _apply("a: 1\nb: 2  # NoEcho\nc: 3\n", _remove("/b"), _add("/d", 4)) == "a: 1\nc: 3\nd: 4\n"


def test_an_edit_that_would_lose_a_comment_is_refused() -> None:
    document = parse("a: [1,  # one\n  2]\nb: {c: [3]}\n", "t.yaml")
    with pytest.raises(BadPatch, match=r"two of the changes affect the same text|a comment would be lost"):
        document.apply([{"op": "move", "from": "/a/0", "path": "/a/-"}, {"op": "move", "from": "/a", "path": "/b/c/0"}])


def test_a_rewritten_document_keeps_the_comments_of_none_of_its_entries() -> None:
    before = "# license\n\n# a's\na: 1  # a's\n\n# about b and c\n\nb: 2\n# end\n"
    after = "# license\n\n# a's\n# about b and c\nz: 1\n# end\n"
    assert _apply(before, _replace("", {"z": 1})) == after
