"""A run from PATHs to a Report: find the files and projects, check or repair them, write.

Modules for one command are imported inside it, so that the other commands start faster.
"""

import contextlib
import functools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from fixer import __version__
from fixer.aws.cached_lint import LazyLint, Lint
from fixer.aws.forks import cores, side_by_side
from fixer.aws.lint import version
from fixer.aws.patterns import one_run
from fixer.aws.second_opinion import NAME, SecondOpinion
from fixer.aws.second_opinion import version as second_version
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.pipeline import inspect, repair
from fixer.engine.selection import renamed_in
from fixer.errors import BadConfig, BadTemplate, FixerError
from fixer.inputs import requirements
from fixer.inputs.discovery import STANDARD_INPUT, Found, TemplateFile, discover, read
from fixer.inputs.projects import Part, parts
from fixer.model import Edit, Outcome, Report, Resolution, TemplateReport
from fixer.outputs import journal
from fixer.outputs.places import place_of
from fixer.outputs.recovery import recover
from fixer.outputs.safe_write import CannotWrite
from fixer.report.replay import joined
from fixer.run.mended import mended, with_mends
from fixer.run.report_cache import ReportCache
from fixer.settings import Settings

if TYPE_CHECKING:
    from fixer.aws.guard_rules import GuardRules
    from fixer.engine.failure_map import Listed
    from fixer.review.decisions import Memory
    from fixer.review.questions import Ask

Pipeline = Callable[[Project, Collection[str], Settings, Lint | None], Report]
Done = tuple[Part, Report]
Progress = Callable[[Iterable[Done], int], Iterable[Done]]
"""Yields the projects as they are done, and may show the progress of the run; the number is that of templates."""


def check(
    paths: Iterable[str],
    settings: Settings,
    standard_input: bytes = b"",
    progress: Progress = lambda played, total: played,
) -> Report:
    """The findings in the templates at the paths; nothing is repaired."""
    found = _discovered(tuple(paths), standard_input, settings)
    settings = _with_decisions(settings, found)
    mends = mended(found, settings)
    work = list(parts(mends.found, settings))
    played = progress(_side_by_side(inspect, work, settings), sum(len(part.scope) for part in work))
    return with_mends(_joined(work, played, mends.found, settings), mends, False)


def map_failures(
    documents: Sequence[str], paths: Sequence[str], settings: Settings, standard_input: bytes = b""
) -> "tuple[tuple[Listed, ...], Report | None]":
    """The failures of failure lists, each with its transform and its state in the templates at the paths, and the
    report about those templates (None without paths). The listed failures count as required.
    """
    from fixer.engine.failure_map import listed, selected_by
    from fixer.inputs.failure_list import load
    from fixer.model.failures import About

    failures = tuple(failure for document in documents for failure in load(document))
    ids = selected_by(failures)
    if not paths or not ids:
        return listed(failures, None), None
    about_templates = tuple(each for each in failures if each.about is About.TEMPLATE)
    report = check(paths, replace(settings, select=ids, ignore=(), failures=about_templates), standard_input)
    return listed(failures, report), report


def apply(
    paths: Iterable[str],
    settings: Settings,
    write: bool = False,
    standard_input: bytes = b"",
    progress: Progress = lambda played, total: played,
) -> Report:
    """Repairs the templates at the paths, and writes the proven repairs if `write` is set (never to standard input)."""
    paths = tuple(paths)
    if write:  # What is written is proven now, never taken from a cache that somebody may have edited.
        settings = replace(settings, cache=False)
    found = _writable(_discovered(paths, standard_input, settings), paths)
    settings = _with_decisions(settings, found)
    mends = mended(found, settings)
    found = mends.found
    work = list(parts(found, settings))
    played = progress(_side_by_side(repair, work, settings), sum(len(part.scope) for part in work))
    report = with_mends(_joined(work, played, found, settings), mends, True)
    return write_report(report, found.sources, paths) if write else report


def review(
    paths: Iterable[str],
    settings: Settings,
    ask: "Ask",
    forget: bool = False,
    busy: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
) -> Report:
    """Repairs the templates at the paths as a person decides, and writes the accepted patches; `busy` is entered while
    the person waits. Skipped findings are remembered. A review that was left continues; with `forget` it begins again,
    and asks about findings that were skipped in earlier reviews, too.

    Raises Stopped if the person stops; then nothing is written. Raises FixerError as soon as a file has changed.
    """
    from fixer.review.decisions import Memory
    from fixer.review.session import Review
    from fixer.review.text_repairs import TextRepairs
    from fixer.review.unfinished import Unfinished

    paths, settings = tuple(paths), replace(settings, cache=False)
    found = _writable(_discovered(paths, b"", settings), paths)
    files = [each.file for each in found.files]
    memory, unfinished = Memory.of(files), Unfinished({each.path: each.data for each in found.files})
    if forget:
        memory.forget(files)
        unfinished.remove()
    settings = _with_decisions(settings, found, memory)
    texts = TextRepairs(ask, settings)
    mends = mended(found, settings, texts.accept)
    earlier, changed = unfinished.load()

    def unchanged() -> None:
        for each in found.files:
            if each.file and read(each.file) != each.data:
                raise CannotWrite("has changed since it was read, so nothing was written", each.file)

    lint, work = LazyLint(settings), list(parts(mends.found, settings))
    session = Review(work, settings, lint if settings.lint else None, unchanged, busy, unfinished.save, earlier)
    with one_run() as matching:
        done = session.run(ask, _resumed(earlier.count, sorted(changed)))
        report = with_mends(_joined(work, done, mends.found, settings), mends, True)
    skipped = [each.finding for each in report.resolutions if session.skips(each)]
    skipped += [each.finding for each in texts.skipped if each.finding not in skipped]
    told = lint.warnings + matching.warnings + report.warnings
    report = write_report(replace(report, warnings=told), mends.found.sources, paths)
    memory.save(skipped, files)
    unfinished.remove()
    return report


def _resumed(count: int, changed: Sequence[str]) -> str:
    """The notice at the start of a review that continues an earlier one; "" if there was none."""
    notice = f"This review continues: {count} decided earlier; --forget begins again." if count else ""
    if changed:
        notice += f" Earlier decisions about {', '.join(changed)} do not count, because the text has changed since."
    return notice.strip()


def _with_decisions(settings: Settings, found: Found, memory: "Memory | None" = None) -> Settings:
    """The settings with the findings that were skipped in reviews, unless they are to be included."""
    from fixer.review.decisions import Memory

    files = {each.path: each.file for each in found.files if each.file}
    if settings.include_skipped or not files:
        return settings
    return replace(settings, skipped=(memory or Memory.of(files.values())).skipped(files))


def documented(paths: Iterable[str], readme: str | None, standard_input: bytes = b"") -> str:
    """The monitoring that the templates document, as Markdown; it is also written to the README if one is given.

    Raises FixerError for a template or README that cannot be read or written.
    """
    from fixer.report.monitoring import injected, statement

    found = discover(paths, standard_input)
    if found.errors:
        raise found.errors[0]
    templates = [Template(source.path, source.document) for source in found.sources]
    text = statement(templates, os.path.dirname(os.path.abspath(readme)) if readme else os.curdir)
    if readme:
        before = read(readme)
        try:
            old = before.decode()
        except UnicodeDecodeError as error:
            raise BadConfig("is not UTF-8 text", readme) from error
        new = injected(old, text, readme)
        if new != old:
            journal.write(journal.Edited(readme, before, new, (Edit(0, len(old), old, new),), ("report",)))
    return text


def write_report(report: Report, sources: Sequence[TemplateFile], paths: Iterable[str] = ()) -> Report:
    """Writes the changes of the report, files of one patch together, and returns the report of what was written.
    `paths` are the PATH arguments: symbolic links that stay in such a folder are followed.
    """
    by_path = {source.path: source for source in sources}
    changed = {template.path: template for template in report.templates if template.changed}
    files = {path: template for path, template in changed.items() if path != STANDARD_INPUT}
    together = (set(each.patches) for each in report.resolutions if each.outcome is Outcome.WOULD_APPLY)
    groups = [
        [
            journal.Edited(
                by_path[path].file, by_path[path].data, files[path].after, files[path].edits, _ids(report, path)
            )
            for path in sorted(group)
        ]
        for group in joined(files, together)
    ]
    by_file = {by_path[path].file: path for path in files}
    failed = {by_file[file]: error for file, error in journal.write_groups(groups, _folders(paths)).items()}
    errors = report.errors + tuple(dict.fromkeys(failed.values()))
    return replace(report, templates=tuple(_written(each, failed) for each in report.templates), errors=errors)


def _discovered(paths: tuple[str, ...], standard_input: bytes, settings: Settings) -> Found:
    """The templates at the paths. If a run was interrupted there, it is completed or reverted first, and the result has
    a warning that says so.
    """
    near = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths if path != STANDARD_INPUT]
    found = discover(paths, standard_input, settings.skip_others, settings.exclude)
    near += [os.path.dirname(source.file) for source in found.sources if source.file]
    if recovered := recover(near):
        found = discover(paths, standard_input, settings.skip_others, settings.exclude)
    return replace(found, warnings=recovered + found.warnings)


def _writable(found: Found, paths: Iterable[str]) -> Found:
    """The templates, with an error in place of each that is outside its project, behind a symbolic link."""
    folders = _folders(paths)
    errors: dict[str, FixerError] = {}
    for each in found.files:
        try:
            if each.file:
                place_of(each.file, folders)
        except CannotWrite as error:
            errors[each.path] = error
    sources = tuple(source for source in found.sources if source.path not in errors)
    unparsed = tuple(each for each in found.unparsed if each.path not in errors)
    others = tuple(error for path, error in errors.items() if path not in {each.path for each in found.unparsed})
    return replace(found, sources=sources, unparsed=unparsed, errors=found.errors + others)


def _folders(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if os.path.isdir(path)]


def _side_by_side(play: Pipeline, work: Sequence[Part], settings: Settings) -> Iterator[Done]:
    """The result of each project, as it is done: the largest project first, several projects in parallel."""
    lint = LazyLint(settings)
    opinion = SecondOpinion(settings.regions) if settings.second_opinion else None
    jobs = settings.jobs or cores()
    cache = ReportCache(settings) if settings.cache and settings.lint and not settings.allow_plugins else None
    known = {id(part): report for part in work if cache and (report := cache.get(play.__name__, part))}
    yield from ((part, known[id(part)]) for part in work if id(part) in known)
    work = [part for part in work if id(part) not in known]
    order = sorted(work, key=lambda part: -sum(len(text) for _, text in _texts(part)))

    rules = _guard_rules(settings)

    def played(part: Part) -> tuple[Report, tuple[str, ...]]:
        def once(own: Settings) -> Report:
            return play(part.project, part.scope, own, lint if own.lint else None)

        try:
            report = _guarded(once, part, settings, rules) if rules else once(settings)
        except RecursionError:
            report = _too_deep(part)
        return report, lint.warnings + matching.warnings

    if settings.lint and jobs > 1 and len(work) > 1:
        lint.prepare(chain.from_iterable(map(_texts, work)))
    if opinion and jobs > 1 and len(work) > 1:
        opinion.prepare()
    works = [functools.partial(played, part) for part in order]
    with one_run() as matching:
        for index, (report, warnings) in side_by_side(works, jobs if len(works) > 1 else 1):
            report = replace(report, warnings=report.warnings + warnings)
            if cache and not warnings:
                cache.put(play.__name__, order[index], report)
            yield order[index], report


def _guard_rules(settings: Settings) -> "GuardRules | None":
    if not settings.guard:
        return None
    from fixer.aws.guard_rules import GuardRules

    return GuardRules(settings.guard)


def _guarded(play: Callable[[Settings], Report], part: Part, settings: Settings, rules: "GuardRules") -> Report:
    """The report of a run that also repairs what makes Guard rules fail, with what became of each failure."""
    from fixer.engine.guard import with_guard
    from fixer.engine.reported import outcomes

    report, found = with_guard(play, part.project, part.scope, settings, rules)
    return replace(report, warnings=(*report.warnings, *outcomes(report, found)))


def _too_deep(part: Part) -> Report:
    """A report about templates that functions which call themselves cannot follow."""
    reason = "has a chain of references that is too long for fixer: shorten it"
    return Report((), tuple(BadTemplate(reason, path) for path in part.scope))


def _texts(part: Part) -> Iterator[tuple[str, str]]:
    return ((path, part.project.templates[path].document.text) for path in part.scope)


def _joined(work: Sequence[Part], done: Iterable[Done], found: Found, settings: Settings) -> Report:
    """One report of all projects, in their order."""
    by_part = {id(part): report for part, report in done}
    reports = [by_part[id(part)] for part in work]
    templates = (part.project.templates[path] for part in work for path in part.scope)
    odd = [*settings.warnings, *chain.from_iterable(map(renamed_in, templates)), *found.warnings]
    odd += [*chain.from_iterable(part.warnings for part in work), *_unread(found, settings)]
    odd += dict.fromkeys(chain.from_iterable(report.warnings for report in reports))
    joined_report = Report(
        tuple(chain.from_iterable(report.templates for report in reports)),
        found.errors + tuple(chain.from_iterable(report.errors for report in reports)),
        tuple(dict.fromkeys(odd)),
        sum(report.suppressed for report in reports),
        _versions(settings),
        settings.requirement_lines,
        settings.undeployed,
        settings.failures,
    )
    if not settings.reported:
        return joined_report
    from fixer.engine.reported import outcomes

    told = outcomes(joined_report, settings.reported)
    return replace(joined_report, warnings=(*joined_report.warnings, *told))


def _versions(settings: Settings) -> dict[str, str]:
    """The tools that the report depends on."""
    known = {"fixer": __version__, "cfn-lint": version()}
    return known | ({NAME: second_version()} if settings.second_opinion else {})


def _unread(found: Found, settings: Settings) -> tuple[str, ...]:
    """A warning for each requirements document beside the templates whose requirements are not declared."""
    if settings.requirement_lines:
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


def _ids(report: Report, path: str) -> tuple[str, ...]:
    """The transforms whose patches change a template."""
    applied = (each.finding.id for each in report.resolutions if each.order and path in each.patches)
    return tuple(dict.fromkeys(applied))


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
