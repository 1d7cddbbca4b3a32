"""A run from PATHs to a Report: find the files, see the projects, check or repair them, write. Level 8."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from fixer import __version__
from fixer.aws.lint import Linter, version
from fixer.files import STANDARD_INPUT, Found, Source, discover, siblings
from fixer.model import FixerError, LintResult, Outcome, Report, Resolution, Settings, TemplateReport
from fixer.pipeline import inspect, repair
from fixer.project import Project
from fixer.template import Template
from fixer.write import Change, recover, write_group


@dataclass(frozen=True)
class Part:
    """One project, the paths of it that may be written, and what was odd about the others."""

    project: Project
    scope: tuple[str, ...]
    warnings: tuple[str, ...]


Progress = Callable[[Sequence[Part]], Iterable[Part]]
"""Hands on the projects one by one, and may tell somebody how far the run is."""


def check(paths: Iterable[str], settings: Settings, standard_input: bytes = b"") -> Report:
    """What is wrong in the templates that the paths name; nothing is repaired."""
    found = discover(paths, standard_input)
    parts = [(part, inspect(part.project, part.scope, settings)) for part in _parts(found)]
    return _joined(parts, found)


def apply(
    paths: Iterable[str],
    settings: Settings,
    write: bool = False,
    standard_input: bytes = b"",
    progress: Progress = iter,
) -> Report:
    """Repairs the templates that the paths name, and writes what is proven if told to (standard input never)."""
    found = discover(paths, standard_input)
    rolled_forward = tuple(recover(os.path.dirname(source.file) for source in found.sources if source.file))
    if rolled_forward:
        found = discover(paths, standard_input)
    lint = _LazyLint(settings)
    judge = lint if settings.lint else None
    parts = [(part, repair(part.project, part.scope, settings, judge)) for part in progress(list(_parts(found)))]
    report = _joined(parts, found)
    report = replace(report, warnings=rolled_forward + report.warnings + lint.warnings)
    return write_report(report, found.sources) if write else report


def write_report(report: Report, sources: Sequence[Source]) -> Report:
    """Writes what the report changes, files joined by a patch together, and returns the report of what was written."""
    by_path = {source.path: source for source in sources}
    changed = {template.path: template for template in report.templates if template.changed}
    failed: dict[str, FixerError] = {}
    for group in _groups(report, set(changed)):
        files = [by_path[path] for path in group if path != STANDARD_INPUT]
        try:
            write_group([Change(each.file, each.data, changed[each.path].after.encode()) for each in files])
        except FixerError as error:
            failed |= dict.fromkeys(group, error)
    errors = report.errors + tuple(dict.fromkeys(failed.values()))
    return replace(report, templates=tuple(_written(each, failed) for each in report.templates), errors=errors)


class _LazyLint:
    """Makes the linter when the first text is linted: a run that changes nothing does not wait for cfn-lint."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._linter: Linter | None = None

    def __call__(self, texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        if self._linter is None:
            self._linter = Linter(self._settings.regions, self._settings.allow_plugins)
        return self._linter.lint_all(texts)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._linter.warnings if self._linter else ()


def _parts(found: Found) -> Iterator[Part]:
    """The templates of each folder, read together with their neighbours; standard input stands alone."""
    folders: dict[str, list[Source]] = {}
    for source in found.sources:
        folders.setdefault(os.path.dirname(source.file) if source.file else STANDARD_INPUT, []).append(source)
    for sources in folders.values():
        others = siblings(sources)
        templates = [Template(source.path, source.document) for source in chain(sources, others.sources)]
        yield Part(Project.of(templates), tuple(sorted(source.path for source in sources)), others.warnings)


def _joined(parts: Sequence[tuple[Part, Report]], found: Found) -> Report:
    reports = [report for _, report in parts]
    return Report(
        tuple(chain.from_iterable(report.templates for report in reports)),
        found.errors + tuple(chain.from_iterable(report.errors for report in reports)),
        found.warnings + tuple(chain.from_iterable(part.warnings for part, _ in parts)),
        sum(report.suppressed for report in reports),
        {"fixer": __version__, "cfn-lint": version()},
    )


def _groups(report: Report, changed: set[str]) -> Iterator[list[str]]:
    """The changed files, those that one patch joins in one list; files and lists in the order of their paths."""
    groups = [{path} for path in sorted(changed)]
    for resolution in report.resolutions:
        if resolution.outcome is Outcome.WOULD_APPLY:
            joined = [group for group in groups if group & set(resolution.patches)]
            if len(joined) > 1:
                groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return iter(sorted(sorted(group) for group in groups))


def _written(template: TemplateReport, failed: dict[str, FixerError]) -> TemplateReport:
    error = failed.get(template.path)
    resolutions = tuple(_outcome(each, failed) for each in template.resolutions)
    return replace(template, resolutions=resolutions, after=template.before if error else template.after)


def _outcome(resolution: Resolution, failed: dict[str, FixerError]) -> Resolution:
    if resolution.outcome is not Outcome.WOULD_APPLY:
        return resolution
    for path in resolution.patches:
        if path in failed:
            return replace(resolution, outcome=Outcome.FAILED, reason=str(failed[path]))
    return replace(resolution, outcome=Outcome.APPLIED)
