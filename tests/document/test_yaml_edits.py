"""Random edits on real YAML templates: the data is what jsonpatch makes of it, no comment outside the entry is lost."""

import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml

from fixer import pointer
from fixer.document import Document, apply_edits, parse, revert_edits
from fixer.document.operations import identical
from fixer.errors import BadPatch
from fixer.model import Json, Op

CASES = Path(__file__).parents[3] / "shared" / "cases"
FILES = sorted(CASES.glob("**/*.yaml"))
EDITS = int(os.environ.get("FIXER_YAML_EDITS", "2"))
"""Edits per file and kind."""

STRINGS = [
    "012", "1:20", "yes", "no", "on", "null", "~", "1e3", "2010-09-09", "000123456789", "*", "@x", "%", "- x", "a: b", "# x",
    "x # y", "", " lead", "trail ", "two\nlines\n", "no end\nof line", "  deep\nshallow", "é", "tab\there", "'", '"', "\\", "0x1F",
    "arn:${AWS::Partition}:s3:::b/*", "{{resolve:x}}", "[a]", "{a}", "!Ref", "&a", "|", ">", "?", "-", "=", "1_000", ".5", "a:",
    "\u2028", "😀", "x" * 200, "\n", "a\n\nb", "line \nblank", "Key", "true", "<<",
]  # fmt: skip
VALUES: list[Json] = [
    *STRINGS,
    None, True, False, 0, -5, 3.5, [], {},
    {"Ref": "AWS::Region"},
    {"Fn::GetAtt": ["A", "Arn"]},
    {"Fn::Sub": "x-${AWS::Region}"},
    {"Fn::Sub": ["${a}: b", {"a": {"Ref": "B"}}]},
    {"Fn::Base64": {"Fn::Sub": "#!/bin/sh\necho ${X}\n"}},
    {"Fn::Join": ["-", [{"Ref": "A"}, "b", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}]]},
    {"Fn::If": ["C", {"a": [1, {"b": "c"}]}, {"Ref": "AWS::NoValue"}]},
    {"Fn::GetStackOutput": {"StackName": {"Ref": "S"}, "OutputName": "o"}},
    [{"Key": "Name", "Value": {"Ref": "X"}}, {"Key": "yes", "Value": "no"}],
    {"Type": "AWS::S3::Bucket", "Properties": {"Tags": [{"Key": "a", "Value": "b"}], "012": ["x", ["y", []]]}, "a b:d": {}},
]  # fmt: skip
KINDS = ["replace scalar", "replace subtree", "add key", "append", "insert", "remove key", "remove item"]

REFUSALS = {"a comment would be lost", "the entry is on the line of a dash"}
"""What may be refused, less than once in 200 edits."""

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/cases is absent: the real templates are not read")


def _operation(chance: random.Random, data: Json, kind: str) -> Op | None:
    places = [(place, value) for place, value in pointer.walk(data) if place]
    value = chance.choice(VALUES)
    if kind.startswith("replace"):
        scalar = kind.endswith("scalar")
        fit = [place for place, old in places if isinstance(old, dict | list) != scalar]
        return {"op": "replace", "path": chance.choice(fit), "value": value} if fit else None
    if kind == "add key":
        fit = [place for place, old in places if isinstance(old, dict) and not _is_function(old)]
        key = chance.choice(["New", "yes", "012", "a: b", "x y", "on/off"])
        return {"op": "add", "path": chance.choice(fit) + pointer.join(key), "value": value} if fit else None
    if kind in ("append", "insert"):
        lists = [(place, old) for place, old in places if isinstance(old, list) and old]
        place, old = chance.choice(lists)
        return {
            "op": "add",
            "path": f"{place}/{'-' if kind == 'append' else chance.randrange(len(old))}",
            "value": value,
        }
    item = kind == "remove item"
    parents = dict(places)
    fit = [
        place for place, _ in places
        if isinstance(parents.get(pointer.parent(place)), list if item else dict)
        and not _is_function(parents.get(pointer.parent(place)))
    ]  # fmt: skip
    return {"op": "remove", "path": chance.choice(fit)} if fit else None


def _is_function(value: Json) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref", "Condition"))


class _Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML as it comes, but that it knows short tags and leaves dates alone: an independent reader."""


def _short_tag(loader: Any, suffix: str, node: yaml.Node) -> Json:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Plain.add_multi_constructor("!", _short_tag)
_Plain.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def _with_string_keys(data: Any) -> Json:
    if isinstance(data, dict):
        return {str(key): _with_string_keys(value) for key, value in data.items()}
    return [_with_string_keys(item) for item in data] if isinstance(data, list) else data


def _comments(text: str) -> Counter[str]:
    return Counter(line.strip() for line in re.findall(r"(?:^|(?<=\s))#.*$", text, re.MULTILINE))


def _owned(document: Document, place: str) -> str:
    """The lines from the entry's key or dash to its end, and the comments directly above: what may go with it."""
    start, (_, end) = document.position(place), document.span(place)
    lines = document.text.split("\n")
    last = document.text.count("\n", 0, end)
    first = start.line - 1
    while first > 0 and lines[first - 1].strip().startswith("#"):
        first -= 1
    return "\n".join(lines[first : last + 1])


@pytest.mark.parametrize("file", FILES, ids=lambda file: "-".join(file.parts[-3:]))
def test_random_edits(file: Path) -> None:
    data = file.read_bytes()
    document = parse(data, str(file))
    assert document.apply([]).text.encode() == data
    chance = random.Random(file.name)
    refused: Counter[str] = Counter()
    for kind in KINDS:
        for _ in range(EDITS):
            op = _operation(chance, document.data, kind)
            if op is None:
                continue
            try:
                after = document.apply([op])
            except BadPatch as error:
                refused[f"{kind}: {error.message}"] += 1
                continue
            assert identical(after.data, jsonpatch.apply_patch(document.data, [op]))
            assert identical(after.data, _with_string_keys(yaml.load(after.text, Loader=_Plain)))
            assert apply_edits(document.text, after.edits) == after.text
            assert revert_edits(after.text, after.edits) == document.text
            place = str(op["path"]) if op["op"] != "add" else ""
            lost = _comments(document.text) - _comments(after.text)
            assert not lost - _comments(_owned(document, place) if place else ""), (op, lost)
    assert sum(refused.values()) <= len(KINDS) * EDITS * 0.005, refused
    assert all(reason.split(": ")[-1] in REFUSALS for reason in refused), refused
