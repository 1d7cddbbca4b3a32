"""The golden cases: what they are, and what the pipeline makes of them."""

import functools
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fixer.aws.cached_lint import Lint
from fixer.aws.lint import Linter
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.document.first_error import document_of
from fixer.engine.pipeline import repair
from fixer.engine.selection import by_id
from fixer.errors import BadTemplate
from fixer.inputs.discovery import Found, TemplateFile, Unparsed
from fixer.inputs.failure_list import load
from fixer.model import LintResult, Op, Outcome, Report, Tier
from fixer.model.failures import Failure
from fixer.model.versions import Version
from fixer.run.mended import mended, with_mends
from fixer.settings import Settings

OF_TEXT = "unparsable-template"
"""The transform whose templates do not parse."""

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"
PATCHES = ROOT / "patches"


@dataclass(frozen=True)
class Case:
    """One case: `before` is a template, or a folder of templates that are a project."""

    transform_id: str
    name: str
    before: Path

    @property
    def after(self) -> Path:
        """What it is compared with."""
        return self.before.with_name(self.before.name.replace(".before", ".after"))

    @property
    def patch(self) -> Path:
        """The published patch."""
        return PATCHES / self.transform_id / f"{self.name}.json"

    @property
    def is_near_miss(self) -> bool:
        """Whether nothing must be found."""
        return self.name.startswith("near-miss-")

    @property
    def settings(self) -> Settings:
        """The settings of the case: its transform alone, and what <case>.toml says."""
        file = self.before.with_name(f"{self.name}.toml")
        table = tomllib.loads(file.read_text()) if file.exists() else {}
        unknown = set(table) - {"set", "require", "undeployed", "unsafe"}
        assert not unknown, f"{file}: unknown keys {unknown}"
        return Settings(
            select=(self.transform_id,),
            options={
                each: {name: str(value) for name, value in own.items()} for each, own in table.get("set", {}).items()
            },
            require={name: value for name, _, value in (item.partition("=") for item in table.get("require", ()))},
            undeployed=table.get("undeployed", False),
            unsafe=table.get("unsafe", False),
            failures=self.failures,
        )

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures that <case>.failures.md lists; none if there is no such file."""
        file = self.before.with_name(f"{self.name}.failures.md")
        return tuple(replace(each, path=file.name) for each in load(str(file))) if file.exists() else ()

    @property
    def earlier(self) -> tuple[Version, ...]:
        """The earlier version of the template, from <case>.earlier.*, if there is one."""
        files = self.before.parent.glob(f"{self.name}.earlier.*")
        return tuple(Version("0" * 40, "2026-01-01", parse(file.read_bytes(), file.name).data) for file in files)

    @property
    def texts(self) -> dict[str, str]:
        """Path as reported → text before."""
        return dict(_texts(self.before, ".before"))

    @property
    def expected(self) -> dict[str, str]:
        """Path as reported → text after; of a near miss the text before."""
        return self.texts if self.is_near_miss else dict(_texts(self.after, ".after"))


def cases(transform_id: str = "*") -> list[Case]:
    """Every case of a transform, or of all."""
    found = sorted(GOLDEN.glob(f"{transform_id}/*.before*"))
    return [Case(before.parent.name, before.name.partition(".before")[0], before) for before in found]


def linted(texts: Sequence[tuple[str, str]]) -> list[LintResult]:
    """What cfn-lint says of (path, text) pairs; each is linted once in a test session."""
    return [_linted(path, text) for path, text in texts]


@functools.cache
def _linted(path: str, text: str) -> LintResult:
    return _linter().lint(path, text)


@functools.cache
def _linter() -> Linter:
    return Linter()


def play(case: Case, texts: Mapping[str, str], lint: Lint | None = None) -> Report:
    """What the pipeline makes of the texts when only the case's transform runs, with the case's settings.

    A transform that cfn-lint's rules feed always gets cfn-lint's matches, others only with `lint`.
    """
    if case.transform_id == OF_TEXT:
        return _of_text(texts, case.settings)
    lint = lint or (linted if by_id(case.transform_id).rules else None)
    project = Project.of([Template(path, parse(text, path)) for path, text in texts.items()])
    return repair(project, tuple(project.templates), case.settings, lint, earlier=lambda path: case.earlier)


def _of_text(texts: Mapping[str, str], settings: Settings) -> Report:
    """What a run makes of texts that do not parse: it repairs them before the pipeline."""
    found = [Unparsed(path, path, text.encode(), text, BadTemplate("", path)) for path, text in texts.items()]
    parsed = [
        TemplateFile(path, path, text.encode(), document)
        for path, text in texts.items()
        if (document := document_of(text, path))
    ]
    known = {source.path for source in parsed}
    unparsed = tuple(each for each in found if each.path not in known)
    mends = mended(Found(tuple(parsed), tuple(each.error for each in unparsed), (), unparsed), settings)
    project = Project.of([Template(source.path, source.document) for source in mends.found.sources])
    return with_mends(repair(project, tuple(project.templates), settings, linted), mends, True)


def texts_of(report: Report) -> dict[str, str]:
    """Path → text after."""
    return {template.path: template.after for template in report.templates}


def published(report: Report) -> str:
    """The operations of all patches in the order of application, as patches/<id>/<case>.json holds them: an array
    for one template, an object of arrays by path for a project.
    """
    files: dict[str, list[Op]] = {template.path: [] for template in report.templates}
    for resolution in sorted(report.resolutions, key=lambda each: each.order):
        for path, ops in resolution.patches.items() if resolution.order else ():
            files[path].extend(ops)
    shown = files if len(files) > 1 else next(iter(files.values()))
    return json.dumps(shown, indent=2) + "\n"


def update(case: Case, report: Report) -> None:
    """Rewrites the after files and the published patch."""
    for path, text in texts_of(report).items():
        file = case.after / path if case.before.is_dir() else case.after
        _write(file, text)
    _write(case.patch, published(report))


def unsettled(report: Report) -> list[str]:
    """Findings of a positive case that were not repaired, with the reason."""
    return [
        f"{each.finding.pointer}: {each.outcome} {each.reason}"
        for each in report.resolutions
        if each.outcome is not Outcome.WOULD_APPLY or each.tier is Tier.NEEDS_VALUE
    ]


def _texts(place: Path, stage: str) -> Iterator[tuple[str, str]]:
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    for file in files:
        yield file.name.replace(stage, ""), _read(file)


def _read(file: Path) -> str:
    return file.read_bytes().decode()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
