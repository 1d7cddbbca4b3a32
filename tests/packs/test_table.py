"""The table of property repairs fits AWS's resource schemas, and its ids are well formed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from fixer import pointer
from fixer.aws import schemas
from fixer.errors import BadConfig
from fixer.transforms import TRANSFORMS
from fixer.transforms.packs import PACKS, pack_transforms
from fixer.transforms.properties import entry as table
from fixer.transforms.properties.companions import KINDS
from fixer.transforms.properties.entry import REQUESTED, Entry, entries, entry_of
from fixer.transforms.properties.repair import PUBLIC

NO_SCHEMA = {
    "AWS::Serverless::Function",
    "AWS::Serverless::Api",
    "AWS::Serverless::StateMachine",
    "AWS::Serverless::SimpleTable",
}
"""Types of AWS SAM, which the registry does not know."""

GIVEN = {
    "id": "some-repair",
    "type": "AWS::S3::Bucket",
    "at": "/VersioningConfiguration/Status",
    "set": "Enabled",
    "title": "it fails",
    "why": "Because.",
    "pack": "security",
}

every = pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)


@every
def test_each_pointer_is_a_property(entry: Entry) -> None:
    for kind in entry.types:
        if kind in NO_SCHEMA:
            continue
        for at in (entry.at, *entry.also, *entry.when, *entry.unless, *_refused(entry)):
            known = [place for place in _places(at) if schemas.definition(kind, place) is not None]
            optional = at in entry.unless or at in entry.when or len(entry.types) > 1
            assert known or optional or "|" in at, f"{kind} has no {at}"


@every
def test_each_value_is_allowed(entry: Entry) -> None:
    for kind in entry.types:
        for at, value in [*entry.also.items(), *([] if entry.use or entry.remove else [(entry.at, entry.set)])]:
            for place in _places(at):
                assert not schemas.misfit(kind, place, value), f"{kind}{at}: {value}"
                assert not schemas.read_only(kind, place)
                assert not schemas.deprecated(kind, place), f"{kind}{at} is deprecated"


@every
def test_each_entry_answers_a_control_in_plain_words(entry: Entry) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.id)
    assert entry.ids, "no control asks for it"
    assert not entry.title.endswith(".")
    assert entry.why.endswith(".")
    assert all(not text or text.endswith(".") for text in (entry.cost, entry.note))
    assert entry.pack in (*PACKS, REQUESTED)
    assert not entry.use or entry.use.partition(":")[0] in KINDS


def test_ids_are_unique_over_all_transforms() -> None:
    ids = [each.id for each in (*TRANSFORMS, *pack_transforms())]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pack": "comfort"}, "has the pack comfort"),
        ({"use": "key:s3"}, "one of set, use and remove"),
        ({"at": "VersioningConfiguration"}, "does not start with /"),
        ({"at": "/Tags/[Key]/Value"}, "write [Key=VALUE]"),
        ({"colour": "red"}, "unknown key colour"),
        ({"tier": "needs-value"}, "needs-value"),
    ],
)
def test_an_entry_that_the_engine_cannot_use_is_rejected(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadConfig, match=re.escape(reason)):
        entry_of({**GIVEN, **change})


def test_an_entry_without_a_title_is_rejected() -> None:
    with pytest.raises(BadConfig, match="has no title"):
        entry_of({key: value for key, value in GIVEN.items() if key != "title"})


def test_packs_are_those_of_the_table() -> None:
    assert PACKS == table.PACKS
    assert {each.pack for each in entries()} == {*PACKS, REQUESTED}


def _refused(entry: Entry) -> list[str]:
    return [place for place, _, _ in entry.refuse if place != PUBLIC]


def _places(at: str) -> Iterator[tuple[str, ...]]:
    """The places in the schema that a pointer of the table means."""
    options: list[list[str]] = [[]]
    for token in pointer.split(at):
        name = "*" if token.startswith("[") else token.removesuffix("?")
        options = [[*each, other] for each in options for other in name.split("|")]
    yield from map(tuple, options)
