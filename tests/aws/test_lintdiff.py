from typing import Any

import pytest

from fixer.aws.lint_diff import Path, compare, count, follow, hidden_below
from fixer.model import LintMatch, Op


def _match(rule: str, *path: str | int, message: str = "m", line: int = 1) -> LintMatch:
    return LintMatch(rule, "error", message, path, line, 1)


def _op(kind: str, path: str, **more: Any) -> Op:
    return {"op": kind, "path": path, **more}


A = _match("W1", "Resources", "A")
B = _match("W1", "Resources", "B")
PROPERTIES = ("Resources", "A", "Properties")


def test_counts_by_rule_and_path_without_indices() -> None:
    matches = [_match("W1", "a", 0), _match("W1", "a", 7, message="n"), _match("W2", "a", 0), _match("W1", "a", "0")]
    assert count(matches) == {("W1", ("a", "*")): 2, ("W2", ("a", "*")): 1, ("W1", ("a", "0")): 1}


def test_equal_lints_differ_in_nothing() -> None:
    diff = compare([A, A, B], [B, A, A])
    assert (diff.new, diff.revealed, diff.gone) == ((), (), ())


def test_differences_are_of_multisets() -> None:
    diff = compare([A, A, B], [A, B, B, B])
    assert (diff.new, diff.gone) == ((B, B), (A,))


def test_other_message_line_or_index_is_no_difference() -> None:
    diff = compare([_match("W1", "a", 0)], [_match("W1", "a", 3, message="n", line=9)])
    assert (diff.new, diff.gone) == ((), ())


def test_of_several_the_one_that_was_not_there_is_new() -> None:
    old, fresh = _match("W1", "a", 0, line=5), _match("W1", "a", 1, message="n", line=1)
    assert compare([old], [fresh, old]).new == (fresh,)
    assert compare([fresh, old], [old]).gone == (fresh,)


def test_a_moved_match_is_not_new() -> None:
    before, after = _match("W1", *PROPERTIES, "Old", 0), _match("W1", *PROPERTIES, "New", 0)
    move = _op("move", "/Resources/A/Properties/New", **{"from": "/Resources/A/Properties/Old"})
    assert compare([before], [after]).new == (after,)
    assert compare([before], [after], [move]) == compare([], [])


@pytest.mark.parametrize(
    ("path", "ops", "expected"),
    [
        (("a", "b"), [], ("a", "b")),
        (("a", "b", 2), [_op("move", "/c", **{"from": "/a"})], ("c", "b", 2)),
        (("a", "b"), [_op("move", "/c", **{"from": "/a/b/d"})], ("a", "b")),
        (("ab",), [_op("move", "/c", **{"from": "/a"})], ("ab",)),
        (("a", "x/y"), [_op("move", "/a/~0", **{"from": "/a/x~1y"})], ("a", "~")),
        (("a",), [_op("move", "/b", **{"from": "/a"}), _op("move", "/c", **{"from": "/b"})], ("c",)),
        (("a", 1), [_op("remove", "/a/0")], ("a", 0)),
        (("a", 1), [_op("remove", "/a/1")], ("a", 1)),
        (("a", 1), [_op("remove", "/a/2")], ("a", 1)),
        (("a", 1, "k"), [_op("add", "/a/1", value=0)], ("a", 2, "k")),
        (("a", 1), [_op("add", "/a/2", value=0)], ("a", 1)),
        (("a", 1), [_op("add", "/a/-", value=0)], ("a", 1)),
        (("a", 1), [_op("copy", "/a/0", **{"from": "/b"})], ("a", 2)),
        (("a", "1"), [_op("add", "/a/0", value=0)], ("a", "1")),
        (("a", 1), [_op("replace", "/a/0", value=0), _op("test", "/a/0", value=0)], ("a", 1)),
        (("a", 1), [_op("move", "/b", **{"from": "/a/0"})], ("a", 0)),
        (("a", 0), [_op("move", "/a/2", **{"from": "/a/0"})], ("a", 2)),
        (("a", 2), [_op("move", "/a/0", **{"from": "/a/1"})], ("a", 2)),
        (("a", 0), [_op("move", "/a/-", **{"from": "/a/0"})], ("a", 0)),
        (("a", 2, "x"), [_op("remove", "/a/0"), _op("move", "/a/1/y", **{"from": "/a/1/x"})], ("a", 1, "y")),
        (("a",), [_op("add", "", value={})], ("a",)),
    ],
)
def test_follow(path: Path, ops: list[Op], expected: Path) -> None:
    assert follow(path, ops) == expected


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        ("E0000", (), ()),
        ("E0001", ("Resources",), ()),
        ("E3006", ("Resources", "A", "Type"), ("Resources", "A")),
        ("E3001", ("Resources", "A", "Typ"), ("Resources", "A")),
        ("E3002", (*PROPERTIES, "Nam"), (*PROPERTIES, "Nam")),
        ("E1020", (*PROPERTIES, "Name", "Ref"), (*PROPERTIES, "Name")),
        ("E1019", (*PROPERTIES, "Name", "Fn::Sub", 0), (*PROPERTIES, "Name")),
        ("E1001", ("Foo",), ("Foo",)),
        ("E3012", (*PROPERTIES, "Name"), None),
        ("W1020", (*PROPERTIES, "Name", "Ref"), None),
    ],
)
def test_hidden_below(rule: str, path: Path, expected: Path | None) -> None:
    assert hidden_below(_match(rule, *path)) == expected


def test_what_a_repaired_type_reveals() -> None:
    mask = _match("E3006", "Resources", "A", "Type")
    inside, outside = _match("E3003", *PROPERTIES), _match("E3003", "Resources", "AB")
    diff = compare([mask], [inside, outside])
    assert (diff.new, diff.revealed, diff.gone) == ((outside,), (inside,), (mask,))


def test_a_mask_that_stays_reveals_nothing() -> None:
    mask = _match("E3006", "Resources", "A", "Type")
    inside = _match("E3003", *PROPERTIES)
    assert compare([mask], [mask, inside]).new == (inside,)


def test_readable_text_reveals_everything() -> None:
    assert compare([_match("E0000")], [A, B]).revealed == (A, B)


def test_a_renamed_property_reveals_what_is_under_its_new_name() -> None:
    mask, inside = _match("E3002", *PROPERTIES, "Nam"), _match("E3012", *PROPERTIES, "Name")
    move = _op("move", "/Resources/A/Properties/Name", **{"from": "/Resources/A/Properties/Nam"})
    assert compare([mask], [inside], [move]).revealed == (inside,)
    assert compare([mask], [inside]).new == (inside,)


def test_a_mask_in_a_list_reveals_where_the_item_is_now() -> None:
    mask = _match("E1020", *PROPERTIES, "List", 3, "Ref")
    inside = _match("E3012", *PROPERTIES, "List", 2)
    assert compare([mask], [inside], [_op("remove", "/Resources/A/Properties/List/0")]).revealed == (inside,)
