"""A run from PATHs to a Report: find the files, see the projects, check or repair them, write. Level 8."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from fixer import __version__, requirements
from fixer.aws.lint import Linter, version
from fixer.files import STANDARD_INPUT, Found, Source, discover
from fixer.listed import Listed, listed, transform_of
from fixer.model import FixerError, LintResult, Outcome, Report, Resolution, Settings, TemplateReport
from fixer.parts import Part, parts
from fixer.pipeline import inspect, repair
from fixer.review_document import load
from fixer.write import Change, recover, write_group

Progress = Callable[[Sequence[Part]], Iterable[Part]]
"""Hands on the projects one by one, and may tell somebody how far the run is."""


def check(paths: Iterable[str], settings: Settings, standard_input: bytes = b"") -> Report:
    """What is wrong in the templates that the paths name; nothing is repaired."""
    found = discover(paths, standard_input)
    lint = _LazyLint(settings)
    judge = lint if settings.lint else None
    played = [(part, inspect(part.project, part.scope, settings, judge)) for part in parts(found, settings)]
    report = _joined(played, found, settings)
    return replace(report, warnings=report.warnings + lint.warnings)


def map_failures(
    document: str, paths: Sequence[str], settings: Settings, standard_input: bytes = b""
) -> tuple[tuple[Listed, ...], Report | None]:
    """The failures that a review lists, each with its transform and its state in the templates that the paths name; and
    what was found there, None without paths. What the review lists counts as required.
    """
    failures = load(document)
    ids = tuple(transform.id for failure in failures if (transform := transform_of(failure)))
    if not paths or not ids:
        return listed(failures, None), None
    report = check(paths, replace(settings, select=ids, ignore=()), standard_input)
    return listed(failures, report), report


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
    played = [
        (part, repair(part.project, part.scope, settings, judge)) for part in progress(list(parts(found, settings)))
    ]
    report = _joined(played, found, settings)
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


def _joined(played: Sequence[tuple[Part, Report]], found: Found, settings: Settings) -> Report:
    reports = [report for _, report in played]
    return Report(
        tuple(chain.from_iterable(report.templates for report in reports)),
        found.errors + tuple(chain.from_iterable(report.errors for report in reports)),
        found.warnings + tuple(chain.from_iterable(part.warnings for part, _ in played)) + _unread(found, settings),
        sum(report.suppressed for report in reports),
        {"fixer": __version__, "cfn-lint": version()},
        settings.statements,
        settings.undeployed,
    )


def _unread(found: Found, settings: Settings) -> tuple[str, ...]:
    """A word on requirements documents that lie beside the templates and declare what nobody declared."""
    if settings.statements:
        return ()
    folders = sorted({os.path.dirname(source.file) for source in found.sources if source.file})
    warnings = []
    for document in (file for folder in folders for file in requirements.beside(folder)):
        with contextlib.suppress(FixerError):
            stated = requirements.declared(requirements.load(document)).items()
            names = [f"{name}={value}" if value else name for name, value in stated if name not in settings.require]
            if names:
                warnings.append(f"{document} was not read: --requirements {document} declares {', '.join(names)}")
    return tuple(warnings)


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
