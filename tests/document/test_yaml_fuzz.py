"""Broken and odd YAML: parsed or refused with a place, never a traceback; what is parsed can be edited or is refused."""

import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_yaml import OddYaml, patch

from fixer import pointer
from fixer.document import Document, apply_edits, parse, revert_edits
from fixer.document.operations import identical
from fixer.errors import BadPatch, BadTemplate
from fixer.model import Json, Op

TEXTS = int(os.environ.get("FIXER_ODD_YAML", "1000"))
"""How many odd texts get four patches each."""

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


class _Pure(yaml.SafeLoader):
    """PyYAML's own reader, which reads less than libyaml. It knows short tags and leaves dates alone."""


def _short_tag(loader: Any, suffix: str, node: yaml.Node) -> Json:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = node.value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    value = value.split(".", 1) if suffix == "GetAtt" and isinstance(value, str) else value
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Pure.add_multi_constructor("!", _short_tag)
_Pure.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def _read(text: str) -> Json:
    return _named(yaml.load(text, Loader=_Pure))


def _named(data: Any) -> Json:
    if isinstance(data, dict):
        named: dict[str, Json] = {str(key): _named(value) for key, value in data.items()}
        return named
    return [_named(item) for item in data] if isinstance(data, list) else data


@pytest.mark.parametrize("part", range(5))
def test_odd_yaml_is_edited_without_loss_or_refused(part: int) -> None:
    applied = 0
    for seed in range(part, TEXTS, 5):
        chance = random.Random(seed)
        try:
            document = parse(OddYaml(chance).text(), "t.yaml")
        except BadTemplate as error:
            assert "has no anchor" in error.message
            continue
        for _ in range(4):
            ops = patch(chance, document.data)
            try:
                after = document.apply(ops)
            except BadPatch as error:
                assert _is_known(error.message), error.message
                continue
            applied += 1
            _check(document, after, ops)
    assert applied > TEXTS / 5 * 2


def _is_known(reason: str) -> bool:
    """Whether a refusal is one of those that odd YAML may get."""
    known = (
        "an alias",
        "an anchor",
        "the anchor",
        "a merge key",
        "no anchor",
        "comment would be lost",
        "affect the same text",
    )
    return any(words in reason for words in known) or reason.startswith("operation ")


def _check(document: Document, after: Document, ops: list[Op]) -> None:
    told = f"{document.text}\n{json.dumps(ops)}\n{after.text}"
    assert identical(after.data, jsonpatch.apply_patch(document.data, ops)), told
    assert identical(after.data, _read(after.text)), told
    assert apply_edits(document.text, after.edits) == after.text, told
    assert revert_edits(after.text, after.edits) == document.text, told
    before, now = (Counter(re.findall(r"# \d+", text)) for text in (document.text, after.text))
    names = {str(op["op"]) for op in ops}
    assert "copy" in names or not now - before, told
    lost = before - now
    if lost and len(ops) == 1:
        assert names <= {"remove", "replace", "add"}, told
        assert not lost - Counter(re.findall(r"# \d+", _owned(document, str(ops[0]["path"])))), told
        assert names != {"replace"} or type(ops[0]["value"]) is type(pointer.get(document.data, str(ops[0]["path"]))), (
            told
        )


def _owned(document: Document, place: str) -> str:
    """The lines of an entry and the comment lines above: what may go with it."""
    start, (_, end) = document.position(place), document.span(place)
    lines = document.text.split("\n")
    first = start.line - 1
    while first > 0 and lines[first - 1].strip("\ufeff\r ").startswith("#"):
        first -= 1
    return "\n".join(lines[first : document.text.count("\n", 0, end) + 1])
