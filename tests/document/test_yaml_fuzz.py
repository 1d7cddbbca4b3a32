"""Broken and odd YAML: parsed or refused with a place, never a traceback; what is parsed can be edited or is refused."""

import json
import random
from pathlib import Path

import jsonpatch
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixer import pointer
from fixer.document import parse, revert_edits
from fixer.document.operations import identical
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Op

CASES = Path(__file__).parents[3] / "shared" / "cases"
FILES = sorted(CASES.glob("**/*.yaml"))
PIECES = [
    "\n",
    "  ",
    "- ",
    ": ",
    "a",
    "b:",
    "!Ref",
    " # c",
    "&x ",
    "*x",
    "|",
    ">-",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "\t",
    "<<: ",
]
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join))
@settings(max_examples=600, deadline=None)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text, "t.yaml")
    except BadTemplate as error:
        assert error.line and error.column


@given(st.dictionaries(st.sampled_from(["a", "b", "c d"]), DATA, min_size=1), st.booleans(), DATA, st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_pyyaml_writes_can_be_edited(
    data: dict[str, object], flow: bool, value: object, draw: st.DataObject
) -> None:
    text = yaml.safe_dump({"top": data}, default_flow_style=False, allow_unicode=True)
    if flow:
        text = "top: " + yaml.safe_dump(data, default_flow_style=True, allow_unicode=True, width=99999)
    document = parse(text, "t.yaml")
    places = [place for place, _ in pointer.walk(document.data) if place]
    op: Op = {"op": "replace", "path": draw.draw(st.sampled_from(places)), "value": json.loads(json.dumps(value))}
    try:
        after = document.apply([op])
    except BadPatch:
        return
    assert identical(after.data, jsonpatch.apply_patch(document.data, [op]))
    assert revert_edits(after.text, after.edits) == text


@pytest.mark.skipif(not FILES, reason="../shared/cases is absent: the real templates are not read")
def test_torn_templates_are_parsed_or_refused() -> None:
    chance = random.Random(5)
    for file in FILES:
        text = file.read_text()
        for _ in range(6):
            start = chance.randrange(len(text))
            torn = text[:start] + chance.choice(PIECES) + text[start + chance.randrange(30) :]
            try:
                parse(torn, "t.yaml")
            except BadTemplate as error:
                assert error.line and error.column
