"""Failures in the words of different reviewers: which transform repairs each."""

import tomllib
from pathlib import Path

import pytest

from fixer.engine.failure_map import transform_of
from fixer.model.failures import Failure
from fixer.transforms import TRANSFORMS

WORDINGS = tomllib.loads((Path(__file__).parent / "wordings.toml").read_text())


def _meant(wording: str) -> str:
    title, _, body = wording.partition("\n")
    found = transform_of(Failure(1, title, "", 1, body=body))
    return found.id if found else "none"


@pytest.mark.parametrize("transform", WORDINGS)
def test_wordings_mean_their_transform(transform: str) -> None:
    assert {wording: _meant(wording) for wording in WORDINGS[transform]} == dict.fromkeys(
        WORDINGS[transform], transform
    )


def test_each_transform_has_wordings() -> None:
    assert {each.id for each in TRANSFORMS} - set(WORDINGS) == {"as-reviewed", "lost-value"}
