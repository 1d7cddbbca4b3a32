"""Rules in AWS's Guard language as a source of findings and as a part of the proof.

A rule that fails asks for the transforms that answer it by name, or else for those whose patches make it fail less. If
the rule still fails after the repair, the repair is not offered.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import TypeAlias

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.guard_rules import GuardRules, RuleFailure
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.applied import patched
from fixer.engine.reported import transforms_for
from fixer.engine.selection import option_values
from fixer.model import Json, Report
from fixer.model.reported import Reported
from fixer.settings import Settings
from fixer.transforms.packs import answering, pack_transforms
from fixer.transforms.properties.entry import Entry, entries

_TOOL = "Guard"
_TRIES = 3

_Play: TypeAlias = Callable[[Settings], Report]
_Failure: TypeAlias = tuple[str, str, str]
"""(path, rule, logical id)"""


def with_guard(
    play: _Play, project: Project, scope: Collection[str], settings: Settings, rules: GuardRules
) -> tuple[Report, tuple[Reported, ...]]:
    """The report of a run that repairs what makes rules fail, and the findings that the rules gave.

    A finding whose rule still fails after the repair, or whose repair makes the rule fail elsewhere, is left out of the
    run, and the run starts again.
    """
    before = {path: rules(path, project.templates[path].document.text) for path in scope}
    reported = [
        each
        for path, failures in before.items()
        for each in _reported(project, project.templates[path], failures, settings, rules)
    ]
    dropped: dict[_Failure, str] = {}
    for _ in range(_TRIES):
        kept = tuple(each for each in reported if _key(each) not in dropped)
        report = play(replace(settings, reported=(*settings.reported, *kept), limited=True))
        worse = dict(_still_failing(report, before, kept, rules))
        if not worse:
            break
        dropped |= worse
    else:
        report = play(replace(settings, limited=True))
    return report, tuple(replace(each, dropped=dropped.get(_key(each), "")) for each in reported)


def _key(each: Reported) -> _Failure:
    return each.path, each.rule, each.resource


def _reported(
    project: Project, template: Template, failures: Collection[RuleFailure], settings: Settings, rules: GuardRules
) -> Iterator[Reported]:
    """A finding for each rule and resource that fail."""
    first: dict[tuple[str, str], RuleFailure] = {}
    for each in failures:
        first.setdefault((each.rule, each.resource), each)
    for each in first.values():
        wanted = answering(each.rule) or tuple(_helpful(project, template, each, failures, settings, rules))
        yield Reported(_TOOL, each.rule, template.path, each.resource, each.line, 0, each.message, "", wanted)


def _helpful(
    project: Project,
    template: Template,
    failure: RuleFailure,
    failures: Collection[RuleFailure],
    settings: Settings,
    rules: GuardRules,
) -> Iterator[str]:
    """The property repairs whose patches, one after the other, make the rule fail less in its resource."""
    resource = template.resources.get(failure.resource)
    if resource is None:
        return
    places = [each.place for each in failures if (each.rule, each.resource) == (failure.rule, failure.resource)]
    count, data = len(places), template.data
    for entry in entries():
        if resource.type not in entry.types or not any(_meets(entry, place[1:]) for place in places):
            continue
        after = _with(entry, project, Template.of_data(template.path, data), failure.resource, settings)
        if after is None:
            continue
        left = sum(
            (each.rule, each.resource) == (failure.rule, failure.resource)
            for each in rules(template.path, json.dumps(after))
        )
        if left < count:
            count, data = left, after
            yield entry.id
        if not count:
            return


def _meets(entry: Entry, place: tuple[str, ...]) -> bool:
    """Whether the pointer of the entry, or one that it sets too, and a place below Properties contain each other."""
    tokens = [at.split("/")[1:] for at in (entry.at, *entry.also)]
    return any(all(_fits(*pair) for pair in zip(each, place, strict=False)) for each in tokens)


def _fits(token: str, part: str) -> bool:
    return token.startswith(("*", "[")) or part.isdigit() or part in token.removesuffix("?").split("|")


def _with(
    entry: Entry, project: Project, template: Template, logical_id: str, settings: Settings
) -> dict[str, Json] | None:
    """The data of the template with the patches of one entry for a resource; None if there is no patch."""
    transform = next(each for each in pack_transforms() if each.id == entry.id)
    ctx = Context(entry.id, project, option_values(transform, settings), settings.require)
    data: Json = template.data
    for finding in transform.detect(template, ctx):
        if pointer.split(finding.pointer)[1] == logical_id:
            for ops in transform.patch(template, finding, ctx).files.values():
                data = patched(data, ops)
    return data if isinstance(data, dict) and data != template.data else None


def _still_failing(
    report: Report, before: dict[str, tuple[RuleFailure, ...]], kept: Collection[Reported], rules: GuardRules
) -> Iterator[tuple[_Failure, str]]:
    """The findings whose rule fails after the repair, as (key, reason); those that no patch has changed stay as they
    are.
    """
    for template in report.templates:
        if not template.changed:
            continue
        known = {(each.rule, each.resource) for each in before[template.path]}
        after = {(each.rule, each.resource) for each in rules(template.path, template.after)}
        new = {rule for rule, resource in after - known}
        for each in kept:
            if each.path != template.path or not transforms_for(each):
                continue
            if each.rule in new:
                yield _key(each), f"the repair makes {each.rule} fail in another resource"
            elif (each.rule, each.resource) in after:
                yield _key(each), f"{each.rule} still fails after the repair"
