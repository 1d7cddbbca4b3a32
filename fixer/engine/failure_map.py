"""The failures of a failure list, the transforms that repair them, and the state of each failure in templates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.selection import AS_REVIEWED, by_id
from fixer.errors import BadConfig
from fixer.model import Report, RequirementLine, Resolution
from fixer.model.failures import About, Failure
from fixer.transforms import TRANSFORMS
from fixer.transforms.review.plan import examined
from fixer.transforms.transform import Transform

_LONGEST_PROSE = 2000
_LONGEST_FRAGMENT = 500
# "# removed" and "// removed". Must not match "https://example.com" or "Color#1".
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#|//).*$", re.M)
_WORD = re.compile(r"[^\W\d_]{3}")
# "E3012", "W2001". Must not match "WE3012" or "E30123".
_RULE = re.compile(r"\b[EWI]\d{4}\b")


class State(StrEnum):
    """The state of a listed failure in templates. NO_PATCH: present, but without a patch. UNKNOWN: no templates were
    given, one of them cannot be read, or no transform finds such a failure. OTHER: it is not about a template.
    """

    PRESENT = "present"
    ABSENT = "absent"
    NO_PATCH = "no-patch"
    UNKNOWN = "unknown"
    OTHER = "other"


@dataclass(frozen=True)
class Listed:
    """A listed failure, the transform that repairs it (or None), its state, the places where it was found, and the
    reason.
    """

    failure: Failure
    transform: Transform | None
    state: State = State.UNKNOWN
    where: tuple[Resolution, ...] = ()
    why: str = ""


def transform_of(failure: Failure) -> Transform | None:
    """The transform that repairs a listed failure, or None.

    It is the one that the words of the review tell, else the one for the cfn-lint rule that the review names, else
    `as-reviewed` if the review shows what to write. None if the failure is not about a template.
    """
    if failure.about is not About.TEMPLATE:
        return None
    return _told(failure) or _shown(failure)


def _told(failure: Failure) -> Transform | None:
    """The only transform whose `told_by` or `rules` mean the failure; None if there are several."""
    text = _text(failure)
    told = _telling(failure.title, text, ambiguous=False) or _telling(failure.title, text, ambiguous=True)
    if len(told) == 1:
        return told[0]
    rules = set(_RULE.findall(f"{failure.title}\n{text}"))
    named = [each for each in told or TRANSFORMS if rules.intersection(each.rules)]
    return named[0] if len(named) == 1 and rules <= set(named[0].rules) else None


def _telling(title: str, text: str, ambiguous: bool) -> list[Transform]:
    """The transforms that a title tells or, if `ambiguous`, that only the text below it tells."""
    return [
        each
        for each in TRANSFORMS
        if any(way.ambiguous is ambiguous and way.tells(title, text) for way in each.told_by)
    ]


def _text(failure: Failure) -> str:
    """What a failure says besides its title: its prose, and the faulty fragments without their comments."""
    from fixer.inputs.failure_list import prose

    text = re.sub(r"[*`]", "", prose(failure.body))
    if not _WORD.search(text.replace(failure.title, "", 1)):
        text = ""
    faulty = (pair.faulty.text[:_LONGEST_FRAGMENT] for pair in failure.pairs if pair.faulty)
    return "\n".join([text[:_LONGEST_PROSE], *(_COMMENT.sub("", each) for each in faulty)])


def _shown(failure: Failure) -> Transform | None:
    """The transform for failures with fragments, if the failure has a correction."""
    if not any(pair.corrected for pair in failure.pairs):
        return None
    return by_id(AS_REVIEWED)


def selected_by(failures: Sequence[Failure]) -> tuple[str, ...]:
    """The ids of the transforms that failure lists select: those for their failures, and `as-reviewed` if one of them
    shows what to write.
    """
    told = [transform.id for transform in map(transform_of, failures) if transform]
    return tuple(dict.fromkeys([*told, *([AS_REVIEWED] if any(map(_shown, failures)) else [])]))


def requirement_lines(failures: Iterable[Failure]) -> tuple[RequirementLine, ...]:
    """The transforms for listed failures, as requirements with their ids, and the lines that list the failures."""
    told = [(failure, transform) for failure in failures if (transform := transform_of(failure))]
    return tuple(
        RequirementLine(failure.path, failure.line, failure.title, transform.id, "") for failure, transform in told
    )


def reviewed(paths: Sequence[str]) -> tuple[Failure, ...]:
    """The failures of several failure lists that are about templates.

    Raises BadConfig if one cannot be read, or if no transform repairs a failure that one of them lists.
    """
    if not paths:
        return ()
    from fixer.inputs.failure_list import load

    failures = tuple(each for each in chain.from_iterable(map(load, paths)) if each.about is About.TEMPLATE)
    if not any(map(transform_of, failures)):
        raise BadConfig("does not list a failure that a transform repairs", ", ".join(paths))
    return failures


def listed(failures: Iterable[Failure], report: Report | None) -> tuple[Listed, ...]:
    """Each failure with its transform and, given the findings of these transforms in templates, its state."""
    return tuple(_listed(failure, transform_of(failure), report) for failure in failures)


def _listed(failure: Failure, transform: Transform | None, report: Report | None) -> Listed:
    if failure.about is not About.TEMPLATE:
        return Listed(failure, None, State.OTHER, why=failure.about_why)
    if transform is None:
        return Listed(failure, None, why="no transform finds this failure: check and repair it by hand")
    if report is None:
        return Listed(failure, transform, why=f"looks for: {_sought(failure, transform)}")
    # A transform may miss what the fragments show: a title does not say everything.
    for each in filter(None, dict.fromkeys((transform, _shown(failure)))):
        if where := tuple(found for found in report.resolutions if _is_of(found, failure, each)):
            repairable = any(found.patches or found.wants or found.after for found in where)
            return Listed(failure, each, State.PRESENT if repairable else State.NO_PATCH, where, _reasons(where))
    if report.errors:
        return Listed(failure, transform, why="not found, but some templates could not be read")
    if transform.id == AS_REVIEWED:
        return _not_found(failure, transform, report)
    return Listed(failure, transform, State.ABSENT, why=_absence(transform, report))


def _not_found(failure: Failure, transform: Transform, report: Report) -> Listed:
    """A failure whose fragments need no change: what they show is there already, or they are not there."""
    templates = [Template(each.path, parse(each.before, each.path)) for each in report.templates]
    pairs = examined([failure], templates)
    if pairs and all(each.is_absent for each in pairs):
        return Listed(failure, transform, State.ABSENT, why="the templates are as the review shows")
    reasons = dict.fromkeys(each.reason for each in pairs if each.reason)
    return Listed(
        failure, transform, why="; ".join(reasons) or "the fragments of the review are not in these templates"
    )


def _sought(failure: Failure, transform: Transform) -> str:
    """What is looked for: the failure of the transform, or the fragments of the review."""
    if transform.id != AS_REVIEWED:
        return transform.summary.rstrip(".")
    lines = [pair.faulty.line for pair in failure.pairs if pair.faulty]
    shown = ", ".join(f"line {line}" for line in lines)
    return f"the faulty fragment of the review ({shown})" if lines else "a place for the addition of the review"


def _is_of(resolution: Resolution, failure: Failure, transform: Transform) -> bool:
    """Whether a finding is of this failure. A finding of fragments names the document and the line that list it."""
    if resolution.finding.id != transform.id:
        return False
    if transform.id != AS_REVIEWED:
        return True
    source = f"{failure.path or 'of these templates'}, line {failure.line}"
    told = (*resolution.notes, resolution.reason)
    return any(re.search(rf"{re.escape(source)}(?!\d)", each) for each in told)


def _absence(transform: Transform, report: Report) -> str:
    suppressed = " (findings are suppressed in the templates)" if report.suppressed else ""
    return f"{transform.id} does not find it{suppressed}"


def _reasons(where: Sequence[Resolution]) -> str:
    """Why the findings have no patch, each reason once, with the values that are needed."""
    told = (
        f"{each.reason} ({', '.join(f'--set {want}' for want in each.wants)})" if each.wants else each.reason
        for each in where
        if not each.patches
    )
    return "; ".join(dict.fromkeys(told))
