"""The findings of other tools: the transforms that repair them, and the findings of fixer that they ask for."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from fixer import pointer
from fixer.cloudformation.template import Template
from fixer.document.source import position_at
from fixer.model import Finding, Outcome, Report, Resolution
from fixer.model.reported import Reported
from fixer.settings import Settings
from fixer.transforms import TRANSFORMS, is_rule, of_rule
from fixer.transforms.packs import answering

_REPAIRED = (Outcome.APPLIED, Outcome.WOULD_APPLY)


def transforms_for(each: Reported) -> tuple[str, ...]:
    """The ids of the transforms that repair a finding of another tool; () if none does."""
    if each.wanted:
        return each.wanted
    if is_rule(each.rule):
        return tuple(transform.id for transform in of_rule(each.rule))
    own = tuple(transform.id for transform in TRANSFORMS if transform.id == each.rule)
    return own or answering(each.rule)


def asked_for(found: Iterable[Finding], template: Template, settings: Settings) -> Iterator[Finding]:
    """The findings that are about what other tools have found; all of them if the run is not limited to that."""
    if not settings.limited:
        yield from found
        return
    here = [each for each in settings.reported if is_same_file(each.path, template.path)]
    for finding in found:
        if any(finding.id in transforms_for(each) and _is_about(each, finding, template) for each in here):
            yield finding


def is_same_file(one: str, other: str) -> bool:
    """Whether two paths may mean the same file: the shorter one is the end of the longer one. Tools name files relative
    to different folders.
    """
    first, second = (PurePosixPath(each.removeprefix("file://")).parts[::-1] for each in (one, other))
    first, second = (tuple(part for part in parts if part not in ("/", ".")) for parts in (first, second))
    return bool(first and second) and all(a == b for a, b in zip(first, second, strict=False))


def outcomes(report: Report, reported: Sequence[Reported]) -> Iterator[str]:
    """The outcomes of the findings of other tools: how many should be gone, and why the others stay."""
    repaired = 0
    for each in reported:
        reason = _reason(each, report)
        if reason:
            where = f"{each.path}{f':{each.line}' if each.line else ''}{f': {each.resource}' if each.resource else ''}"
            yield f"{each.tool} {each.rule} at {where} stays: {reason}"
        else:
            repaired += 1
    if reported:
        yield f"{repaired} of {len(reported)} findings of other tools should be gone: run the tool again to be sure"


def _reason(each: Reported, report: Report) -> str:
    """Why the finding stays; "" if it is repaired."""
    if each.dropped:
        return each.dropped
    ids = transforms_for(each)
    if not ids:
        return "no transform of fixer repairs it"
    templates = [template for template in report.templates if is_same_file(each.path, template.path)]
    if not templates:
        return "the template is not among the PATHs"
    about = [
        resolution
        for template in templates
        for resolution in template.resolutions
        if resolution.finding.id in ids and _names(each, resolution.finding)
    ]
    if any(resolution.outcome in _REPAIRED for resolution in about):
        return "; ".join(_whys(about)) if each.wanted else ""
    return "; ".join(_whys(about)) or f"{', '.join(ids)} does not find it there"


def _whys(about: Iterable[Resolution]) -> list[str]:
    whys = (f"{each.finding.id}: {each.reason}" for each in about if each.outcome not in _REPAIRED)
    return list(dict.fromkeys(whys))


def _is_about(each: Reported, finding: Finding, template: Template) -> bool:
    if each.resource or not each.line:
        return _names(each, finding)
    tokens = pointer.split(finding.pointer)
    start, end = template.document.span(pointer.join(*tokens[:2])) if len(tokens) > 1 else (0, 0)
    first, last = (position_at(template.document.text, offset).line for offset in (start, end))
    return first - 1 <= each.line <= last or first <= (each.last or each.line) <= last


def _names(each: Reported, finding: Finding) -> bool:
    """Whether a finding of fixer is in the resource that another tool names. Without a name, any resource may be it."""
    tokens = pointer.split(finding.pointer)
    return not each.resource or (len(tokens) > 1 and tokens[1] == each.resource)
