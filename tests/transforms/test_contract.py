"""What every transform promises, whatever it repairs."""

import re
from pathlib import Path

import pytest
from golden import GOLDEN, OF_TEXT, PATCHES, cases, play

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.document.text_patch import is_text_patch
from fixer.engine.failure_map import transform_of
from fixer.model import Op
from fixer.model.failures import Failure
from fixer.transforms import TRANSFORMS as RUN_BY_DEFAULT
from fixer.transforms import posture
from fixer.transforms.transform import Transform

TRANSFORMS = (*RUN_BY_DEFAULT, *posture.TRANSFORMS)
SECTIONS = ("Why it fails:", "What the fix does:", "References:")
BEFORE_THE_DECISION = ("Why it is safe:", "What to review:")
MODULES = sorted(Path(__file__).parents[2].glob("fixer/transforms/*/*.py"))
FILES = [file.stem for file in MODULES if "\nTRANSFORM = " in file.read_text()]

every = pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.id)


def test_every_file_is_registered_once() -> None:
    names = [transform.id.replace("-", "_") for transform in TRANSFORMS]
    assert sorted(names) == sorted(FILES)


def test_nothing_golden_or_published_is_left_over() -> None:
    ids = {transform.id for transform in TRANSFORMS}
    assert {folder.name for folder in GOLDEN.iterdir() if folder.is_dir()} == ids
    published = {file.relative_to(PATCHES).as_posix() for file in PATCHES.glob("*/*")}
    assert published == {f"{case.transform_id}/{case.name}.json" for case in cases() if not case.is_near_miss}
    names = {(case.transform_id, case.name) for case in cases()}
    after = {(file.parent.name, file.name.partition(".after")[0]) for file in GOLDEN.glob("*/*.after*")}
    settings = {(file.parent.name, file.stem) for file in GOLDEN.glob("*/*.toml")}
    settings |= {(file.parent.name, file.name.partition(".")[0]) for file in GOLDEN.glob("*/*.failures.md")}
    assert after <= names
    assert settings <= names


@every
def test_documentation_is_complete(transform: Transform) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", transform.id)
    assert transform.summary.endswith(".")
    places = [transform.doc.find(f"\n{heading}\n") for heading in SECTIONS]
    assert -1 not in places
    assert places == sorted(places)
    assert any(f"\n{heading}\n" in transform.doc for heading in BEFORE_THE_DECISION)
    references = transform.doc.partition("References:\n")[2].split()
    assert references
    assert all(re.fullmatch(r"https://docs\.aws\.amazon\.com/\S+", reference) for reference in references)


@every
def test_every_option_is_documented(transform: Transform) -> None:
    for option in transform.options:
        assert f"`{option.name}`" in transform.doc
        assert option.help
        assert option.default is None or not option.choices or option.default in option.choices


@every
def test_reviews_can_tell_it(transform: Transform) -> None:
    assert (
        transform.told_by or transform.pack or transform.id == "as-reviewed"
    )  # A correction that a review shows has no words of its own.
    for way in transform.told_by:
        title, _, body = way.example.partition("\n")
        assert way.tells(title, body), way.example
        title, _, body = way.unlike.partition("\n")
        assert not any(each.tells(title, body) for each in transform.told_by), way.unlike
        assert not way.ambiguous or way.body


@every
def test_its_examples_mean_no_other_transform(transform: Transform) -> None:
    for way in transform.told_by:
        title, _, body = way.example.partition("\n")
        found = transform_of(Failure(1, title, "", 1, body=body))
        assert found is transform, way.example


@every
def test_has_examples_and_near_misses(transform: Transform) -> None:
    own = cases(transform.id)
    assert sum(case.is_near_miss for case in own) >= 2
    assert sum(not case.is_near_miss for case in own) >= 1


@every
def test_patches_are_well_formed(transform: Transform) -> None:
    patched = 0
    for case in cases(transform.id):
        for resolution in play(case, case.texts).resolutions:
            for ops in resolution.patches.values():
                assert transform.id == OF_TEXT or not is_text_patch(ops)
                if transform.id != OF_TEXT:
                    _check_operations(ops)
                patched += 1
            assert all(note.endswith(".") for note in resolution.notes)
    assert patched


@every
def test_finding_keys_are_unique_and_findings_stand_where_they_say(transform: Transform) -> None:
    for case in cases(transform.id):
        report = play(case, case.texts)
        keys = [resolution.finding.key for resolution in report.resolutions]
        assert len(keys) == len(set(keys))
        if transform.id == OF_TEXT:
            continue  # Such a text has no pointers.
        project = Project.of([Template(path, parse(text, path)) for path, text in case.texts.items()])
        for resolution in report.resolutions:
            finding = resolution.finding
            assert finding.id == transform.id
            assert finding.message
            assert finding.message[-1] != "."
            assert pointer.exists(project.templates[finding.path].data, finding.pointer)


def _check_operations(ops: tuple[Op, ...]) -> None:
    """A replace, remove or move follows a test of the same place."""
    for before, op in zip((None, *ops), ops, strict=False):
        assert set(op) <= {"op", "path", "value", "from"}
        if op["op"] in ("replace", "remove", "move"):
            assert before is not None
            assert (before["op"], before["path"]) == ("test", op.get("from", op["path"]))
        else:
            assert op["op"] in ("add", "test")
            assert "value" in op
