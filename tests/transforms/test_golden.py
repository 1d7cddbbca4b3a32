"""Every golden case, byte for byte. `pytest --update-golden` rewrites what is expected."""

import json
from collections.abc import Mapping

import jsonpatch
import pytest
from golden import OF_TEXT, Case, cases, linted, play, published, texts_of, unsettled, update

from fixer.document.text_patch import edited, opened
from fixer.engine.selection import by_id
from fixer.model import Op

CASES = [pytest.param(case, id=f"{case.transform_id}/{case.name}") for case in cases()]
POSITIVE = [pytest.param(case, id=f"{case.transform_id}/{case.name}") for case in cases() if not case.is_near_miss]


@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    report = play(case, case.texts, linted)
    assert not report.errors
    if case.is_near_miss:
        assert not list(report.resolutions)
        assert texts_of(report) == case.texts
        return
    assert not unsettled(report)
    if request.config.getoption("--update-golden"):
        update(case, report)
    assert texts_of(report) == case.expected
    assert published(report) == case.patch.read_bytes().decode()


@pytest.mark.parametrize("case", POSITIVE)
def test_published_patch_means_the_same_to_jsonpatch(case: Case) -> None:
    patch = json.loads(case.patch.read_text())
    by_path: Mapping[str, list[Op]] = patch if isinstance(patch, dict) else dict.fromkeys(case.texts, patch)
    for path, text in case.texts.items():
        if case.transform_id == OF_TEXT:
            assert edited(opened(text, path), by_path[path]).text == case.expected[path]
        elif path.endswith(".json"):
            assert jsonpatch.apply_patch(json.loads(text), by_path[path]) == json.loads(case.expected[path])


@pytest.mark.parametrize("case", POSITIVE)
def test_repaired_template_is_a_fixpoint(case: Case) -> None:
    assert case.expected != case.texts
    assert not list(play(case, case.expected).resolutions)


@pytest.mark.parametrize("case", CASES)
def test_template_is_free_of_lint(case: Case) -> None:
    """Before as well as after; before the repair of what cfn-lint reports, of course, it is not."""
    rules = by_id(case.transform_id).rules
    for texts, is_before in ((case.texts, True), (case.expected, False)):
        for result in linted(list(texts.items())):
            assert not result.failed
            allowed = rules if case.is_near_miss else ()
            said = [f"{match.rule} {match.message}" for match in result.matches if match.rule not in allowed]
            if rules and is_before and not case.is_near_miss:
                assert {match.rule for match in result.matches} & set(rules)
            else:
                assert not said
