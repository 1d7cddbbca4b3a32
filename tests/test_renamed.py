"""Ids of earlier versions keep working everywhere, with one warning each."""

import json
from datetime import date
from pathlib import Path

import pytest
from test_cli import fixer

from fixer.engine.renamed import with_current_ids
from fixer.engine.selection import by_id, is_skipped
from fixer.errors import BadConfig
from fixer.model import Finding, Tier
from fixer.review.decisions import NAME, Memory
from fixer.settings import Declared, DeclaredProject, Settings
from fixer.transforms import RENAMED, TRANSFORMS

TEMPLATE = """\
Conditions:
  Never: !Equals [a, b]
Mappings:
  Sizes:
    small:
      memory: '128'
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
"""
WARNING = "fixer: warning: unused-entry is now called unused-condition, unused-mapping\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    return tmp_path


def _found(stdout: str) -> list[str]:
    return [line.split()[2] for line in stdout.splitlines()]


def test_renamed_ids_lead_to_transforms_and_are_not_in_use() -> None:
    ids = {transform.id for transform in TRANSFORMS}
    assert ids.isdisjoint(RENAMED)
    assert all(new and set(new) <= ids for new in RENAMED.values())


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--select", "unused-entry"], ["unused-condition", "unused-mapping"]),
        (["--select", "unused-mapping,unused-entry", "--select=unused-entry"], ["unused-condition", "unused-mapping"]),
        (["--ignore", "unused-entry"], ["missing-update-replace-policy"]),
        (["--require", "unused-entry", "--select", "W7001"], ["unused-mapping"]),
    ],
)
def test_options_take_old_ids_with_one_warning(folder: Path, arguments: list[str], found: list[str]) -> None:
    done = fixer("check", "t.yaml", *arguments, "--format", "concise", cwd=folder)
    assert (done.returncode, _found(done.stdout)) == (1, found)
    assert done.stderr.count(WARNING) == done.stderr.count("warning") == 1


def test_a_configuration_takes_old_ids(folder: Path) -> None:
    (folder / ".fixer.toml").write_text(
        'select = ["unused-entry", "missing-policy-twin"]\nignore = ["unused-condition"]\n'
        '[tiers]\nunused-entry = "review"\n[set.missing-policy-twin]\n'
        '[[project]]\npaths = ["*.yaml"]\n[project.set."t.yaml".bogus-resource-type]\n'
    )
    done = fixer("check", ".", "--format", "concise", cwd=folder)
    assert _found(done.stdout) == ["unused-mapping", "missing-update-replace-policy"]
    assert "unused-mapping (W7001) [*review]" in done.stdout
    assert WARNING in done.stderr
    assert "missing-policy-twin is now called missing-update-replace-policy\n" in done.stderr
    assert "bogus-resource-type is now called unknown-resource-type\n" in done.stderr
    assert done.stderr.count("warning") == 3


def test_a_template_may_ignore_old_ids(folder: Path) -> None:
    entries = [{"id": "unused-entry"}, {"id": ["odd"]}]
    head = f"Metadata: {json.dumps({'fixer': {'ignore': entries}})}\n"
    own = '    Metadata: {fixer: {ignore: [{id: missing-policy-twin, until: "2020-01-01"}]}}\n'
    (folder / "t.yaml").write_text(head + TEMPLATE + own)
    (folder / "u.yaml").write_text(head + TEMPLATE)
    done = fixer("check", "t.yaml", "u.yaml", "--select", "unused-entry,W3011", "--format", "concise", cwd=folder)
    assert _found(done.stdout) == ["missing-update-replace-policy"] * 2
    assert "(4 suppressed)" in done.stderr
    assert done.stderr.count(WARNING) == 1 and done.stderr.count("warning") == 2


def test_a_baseline_may_hold_old_ids_and_is_not_warned_of(folder: Path) -> None:
    assert fixer("check", "t.yaml", "--write-baseline", "b.json", cwd=folder).returncode == 0
    text = (folder / "b.json").read_text()
    for old, names in RENAMED.items():
        for new in names:
            text = text.replace(f'"{new}"', f'"{old}"')
    (folder / "b.json").write_text(text)
    assert text.count('"unused-entry"') == 2 and '"missing-policy-twin"' in text
    done = fixer("check", "t.yaml", "--baseline", "b.json", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "(3 suppressed)" in done.stderr and "warning" not in done.stderr


def test_decisions_may_hold_old_ids(folder: Path) -> None:
    (folder / ".git").mkdir()
    file = str(folder / "t.yaml")
    place = "/Mappings/Sizes"
    new = Finding("unused-mapping", file, place, "not used", {}, f"unused-mapping:{file}:{place}")
    Memory.of([file]).save([new], [file])
    record = folder / NAME
    assert is_skipped(new, Settings(skipped=Memory.of([file]).skipped({file: file})))
    record.write_text(record.read_text().replace('"unused-mapping"', '"unused-entry"'))
    memory = Memory.of([file])
    assert is_skipped(new, Settings(skipped=memory.skipped({file: file})))
    memory.save([new], [file])
    assert [entry["id"] for entry in json.loads(record.read_text())["skipped"]] == ["unused-mapping"]


def test_explain_takes_old_ids(tmp_path: Path) -> None:
    done = fixer("explain", "unused-entry", cwd=tmp_path)
    explained = [fixer("explain", name, cwd=tmp_path).stdout for name in RENAMED["unused-entry"]]
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n".join(explained), WARNING)


def test_what_is_given_under_the_current_id_counts() -> None:
    old, new = "missing-policy-twin", "missing-update-replace-policy"
    options = {new: {"a": "new"}, old: {"a": "old", "b": "old"}, "other": {}}
    merged = {new: {"a": "new", "b": "old"}, "other": {}}
    settings = Settings(
        options=options,
        tiers={new: Tier.REVIEW, old: Tier.UNSAFE},
        projects=(DeclaredProject(("*",), {"t.yaml": Declared("primary", options=options)}),),
        today=date(2026, 1, 1),
    )
    current = with_current_ids(settings)
    assert (current.options, current.tiers) == (merged, {new: Tier.REVIEW})
    assert current.projects == (DeclaredProject(("*",), {"t.yaml": Declared("primary", options=merged)}),)
    assert current.warnings == (f"{old} is now called {new}",)
    assert with_current_ids(current) == current


def test_an_old_id_is_not_that_of_a_transform() -> None:
    with pytest.raises(BadConfig, match=r"^unused-entry is now called unused-condition, unused-mapping$"):
        by_id("unused-entry")
