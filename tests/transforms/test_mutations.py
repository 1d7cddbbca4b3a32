"""Clean templates, broken in the named way: the repair leaves no finding, no new lint, and no other change."""

import functools
import json
import os
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest
from golden import linted
from mutations import MUTATIONS, Mutation, Project
from twelve import TWELVE

from fixer.cloudformation.project import Project as Templates
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import repair
from fixer.inputs import requirements
from fixer.inputs.discovery import discover
from fixer.model import LintMatch, Outcome, Report
from fixer.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
CASES = Path(__file__).parents[3] / "shared" / "cases" / "tapstack"
SECTIONS = ("Parameters", "Conditions", "Mappings", "Resources", "Outputs")


def _run(project: Project, select: tuple[str, ...], settings: Settings) -> Report:
    documents = [parse(json.dumps(data, indent=2) + "\n", path) for path, data in project.items()]
    templates = Templates.of([Template(document.path, document) for document in documents])
    values = Settings(select=select, undeployed=True, unsafe=True, require=settings.require, options=settings.options)
    return repair(templates, tuple(templates.templates), values, linted)


def _data(report: Report) -> Project:
    return {template.path: json.loads(template.after) for template in report.templates}


@functools.cache
def _clean(name: str) -> Project:
    """An example with all twelve failures repaired."""
    sources = discover([str(EXAMPLES / name)]).sources
    project: Project = {Path(source.path).name: json.loads(source.data) for source in sources}
    required = requirements.declared(requirements.load(str(EXAMPLES / "aurora-global-dr" / "requirements.md")))
    email = {"topic-without-subscription": {"email": "ops@example.com"}}
    return _data(_run(project, TWELVE, Settings(require={**required, "vpc": ""}, options=email)))


@functools.cache
def _corrected() -> dict[str, Project]:
    """The authors' corrected templates, each by itself, in JSON or YAML."""
    found: dict[str, Project] = {}
    for source in discover(sorted(map(str, CASES.glob("*/after")))).sources if CASES.exists() else ():
        if isinstance(source.document.data, dict) and "Resources" in source.document.data:
            found[f"{Path(source.path).parts[-3]}/{Path(source.path).name}"] = {"stack.json": source.document.data}
    return found


def _pairs() -> list[tuple[Mutation, str]]:
    """(mutation, corrected template) where something can be broken; one a mutation unless FIXER_ALL_CASES is set."""
    pairs = [
        (mutation, name)
        for mutation in MUTATIONS
        for name, project in _corrected().items()
        if mutation.alone and mutation.breaks(deepcopy(project))
    ]
    if os.environ.get("FIXER_ALL_CASES"):
        return pairs
    seen = Counter[str]()
    return [pair for pair in pairs if (seen.update([pair[0].id]), seen[pair[0].id])[1] <= 1]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.id)
def test_what_is_broken_in_the_clean_example_is_mended(mutation: Mutation) -> None:
    name = "lib" if mutation.id == "calculated-health-check" else "aurora-global-dr"
    _breaks_and_mends(mutation, _clean(name), mutation.exact)


@pytest.mark.skipif(not CASES.exists(), reason="../shared/cases is absent: the corrected templates are not read")
@pytest.mark.parametrize(("mutation", "name"), [pytest.param(*pair, id=f"{pair[0].id}-{pair[1]}") for pair in _pairs()])
def test_what_is_broken_in_a_corrected_template_is_mended(mutation: Mutation, name: str) -> None:
    _breaks_and_mends(mutation, _corrected()[name], exact=mutation.id == "noecho-username")


def _breaks_and_mends(mutation: Mutation, clean: Project, exact: bool) -> None:
    settings = Settings(require=mutation.require, options={mutation.id: mutation.options})
    known = _found(_run(clean, (mutation.id,), settings))
    broken = deepcopy(clean)
    path = mutation.breaks(broken)
    assert path is not None
    report = _run(broken, (mutation.id,), settings)
    found = [each for each in report.resolutions if (each.finding.key, each.finding.message) not in known]
    assert found and path in {each.finding.path for each in found}
    assert {each.outcome for each in found} == {Outcome.WOULD_APPLY}, [each.reason for each in found]
    after = _data(report)
    assert not _found(_run(after, (mutation.id,), settings)) - known
    assert _lint(after) <= _lint(broken)
    mended = _data(_run(clean, (mutation.id,), settings))
    if exact:
        assert after == mended
        assert _lint(after) == _lint(mended)
    else:
        assert _others(broken, after) <= _others(clean, broken) | _others(clean, mended)


def _found(report: Report) -> set[tuple[str, str]]:
    return {(each.finding.key, each.finding.message) for each in report.resolutions}


def _lint(project: Project) -> Counter[tuple[str, str]]:
    texts = [(path, json.dumps(data, indent=2) + "\n") for path, data in project.items()]
    matches: list[LintMatch] = [match for result in linted(texts) for match in result.matches]
    return Counter((match.rule, str(match.path[:2])) for match in matches)


def _others(one: Project, other: Project) -> set[tuple[str, str, str]]:
    """The entries that both have and that differ."""
    return {
        (path, section, name)
        for path in one
        for section in SECTIONS
        for name, value in one[path].get(section, {}).items()
        if name in other[path].get(section, {}) and other[path][section][name] != value
    }
