"""The laws of a document, on random data in random formatting under random operations."""

import json
from typing import Any

import jsonpatch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fixer import pointer
from fixer.document import Document, apply_edits, parse, revert_edits
from fixer.document.operations import identical
from fixer.errors import BadTemplate
from fixer.model import Json, Op

KEYS = st.sampled_from(["a", "b", "Ref", "Key", "~/", "", "é", "0", '"\\', "Resources"]) | st.text(max_size=4)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\u2028", "\r\n", "😀", "\x7f"])
)
DATA: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
CONTAINERS = st.lists(DATA, max_size=4) | st.dictionaries(KEYS, DATA, max_size=5)
BLANKS = st.sampled_from(["", "", " ", "\n", "\t", "\r\n  ", "\n    ", "  "])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """JSON in some formatting: as json.dumps writes it, or with blanks strewn wherever they may stand."""
    data = draw(CONTAINERS)
    if draw(st.booleans()):
        indent = draw(st.sampled_from([None, 2, 4, "\t"]))
        text = json.dumps(data, indent=indent, ensure_ascii=draw(st.booleans()))
        text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    else:
        text = draw(_strewn(data))
    return draw(st.sampled_from(["", "\ufeff", "\n"])) + text + draw(st.sampled_from(["", "\n", "\r\n "]))


@st.composite
def _strewn(draw: st.DrawFn, data: Json) -> str:
    def blank() -> str:
        return draw(BLANKS)

    if isinstance(data, dict) and data:
        items = [
            f"{blank()}{json.dumps(key)}{blank()}:{blank()}{draw(_strewn(value))}{blank()}"
            for key, value in data.items()
        ]
        return "{" + ",".join(items) + "}"
    if isinstance(data, list) and data:
        return "[" + ",".join(f"{blank()}{draw(_strewn(value))}{blank()}" for value in data) + "]"
    return json.dumps(data, ensure_ascii=draw(st.booleans()))


@st.composite
def operations(draw: st.DrawFn, data: Json) -> list[Op]:
    """Operations most of which apply, made one after the other on what the earlier ones leave."""
    ops: list[Op] = []
    for _ in range(draw(st.integers(1, 5))):
        places = [place for place, _ in pointer.walk(data)]
        op = draw(_operation(data, places))
        try:
            data = jsonpatch.apply_patch(data, [op])
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
            continue
        ops.append(op)
    return ops


@st.composite
def _operation(draw: st.DrawFn, data: Json, places: list[str]) -> Op:
    place = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["add", "add", "replace", "remove", "move", "copy", "test"]))
    inside = pointer.get(data, place)
    target = place
    if kind in ("add", "move", "copy") and isinstance(inside, list):
        target = f"{place}/{draw(st.sampled_from(['-', str(draw(st.integers(0, len(inside))))]))}"
    elif kind in ("add", "move", "copy") and isinstance(inside, dict):
        target = place + pointer.join(draw(KEYS))
    if kind in ("move", "copy"):
        return {"op": kind, "from": draw(st.sampled_from(places)), "path": target}
    if kind == "remove":
        return {"op": kind, "path": place}
    return {"op": kind, "path": target, "value": inside if kind == "test" else draw(DATA)}


def _normal(op: Op) -> Op:
    return dict(json.loads(json.dumps(op)))


@given(texts(), st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_operations_mean_what_jsonpatch_makes_of_them(text: str, data: st.DataObject) -> None:
    document = parse(text, "a.json")
    ops = [_normal(op) for op in data.draw(operations(document.data))]
    after = document.apply(ops)
    assert identical(after.data, jsonpatch.apply_patch(document.data, ops))
    assert identical(after.data, json.loads(after.text.removeprefix("\ufeff")))
    assert apply_edits(text, after.edits) == after.text
    assert revert_edits(after.text, after.edits) == text
    assert document.text == text


@given(texts(), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_edits_compose_over_successive_patches(text: str, data: st.DataObject) -> None:
    after = document = parse(text, "a.json")
    for _ in range(3):
        after = after.apply([_normal(op) for op in data.draw(operations(after.data))])
    assert apply_edits(document.text, after.edits) == after.text
    assert revert_edits(after.text, after.edits) == document.text
    assert list(after.edits) == sorted(after.edits, key=lambda edit: edit.start)


@given(texts(), st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_not_touched_keeps_its_text(text: str, data: st.DataObject) -> None:
    document = parse(text, "a.json")
    places = [place for place, _ in pointer.walk(document.data) if place]
    assume(places)
    place = data.draw(st.sampled_from(places))
    kind = data.draw(st.sampled_from(["replace", "remove"]))
    op: Op = {"op": kind, "path": place} | ({"value": data.draw(DATA)} if kind == "replace" else {})
    after = document.apply([_normal(op)])
    for other in places:
        if not pointer.overlap(other, place) and (moved := _after_removal(other, place, kind, document)):
            assert _text(after, moved) == _text(document, other), other


def _after_removal(other: str, place: str, kind: str, document: Document) -> str:
    """Where another place is found after the operation."""
    if kind == "replace" or not isinstance(pointer.get(document.data, pointer.parent(place)), list):
        return other
    around, index = pointer.parent(place), int(place.rpartition("/")[2])
    if not other.startswith(around + "/"):
        return other
    step, slash, rest = other[len(around) + 1 :].partition("/")
    return f"{around}/{int(step) - (int(step) > index)}{slash}{rest}"


def _text(document: Document, place: str) -> str:
    start, end = document.span(place)
    return document.text[start:end]


@given(texts())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_spans_are_the_text_of_the_values(text: str) -> None:
    document = parse(text, "a.json")
    for place, value in pointer.walk(document.data):
        assert identical(json.loads(_text(document, place)), value)
        position = document.position(place)
        assert position.line >= 1 and position.column >= 1
    assert document.apply([]).text == text


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text, "a.json")
    except BadTemplate as error:
        assert error.line and error.column
