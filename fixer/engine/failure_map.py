"""The failures of a failure list, the transforms that repair them, and the state of each failure in templates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fixer.errors import BadConfig
from fixer.inputs.failure_list import load, prose
from fixer.model import Report, RequirementLine, Resolution
from fixer.model.failures import About, Failure
from fixer.transforms import TRANSFORMS
from fixer.transforms.transform import Transform

_FROM_FRAGMENTS = "as-reviewed"
"""The transform that repairs a failure as the review shows it."""

# "E3012", "W2001". Must not match "WE3012" or "E30123".
_RULE = re.compile(r"\b[EWI]\d{4}\b")


class State(StrEnum):
    """The state of a listed failure in templates. NO_PATCH: present, but without a patch. UNKNOWN: no templates were
    given, one of them cannot be read, or no transform finds such a failure.
    """

    PRESENT = "present"
    ABSENT = "absent"
    NO_PATCH = "no-patch"
    UNKNOWN = "unknown"


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
    text = prose(failure.body)
    told = [each for each in TRANSFORMS if any(way.tells(failure.title, text) for way in each.told_by)]
    if len(told) == 1:
        return told[0]
    rules = set(_RULE.findall(f"{failure.title}\n{text}"))
    named = [each for each in told or TRANSFORMS if rules.intersection(each.rules)]
    return named[0] if len(named) == 1 and rules <= set(named[0].rules) else None


def _shown(failure: Failure) -> Transform | None:
    """The transform for failures with fragments, if the failure has a correction."""
    if not any(pair.corrected for pair in failure.pairs):
        return None
    return next((each for each in TRANSFORMS if each.id == _FROM_FRAGMENTS), None)


def requirement_lines(path: str) -> tuple[RequirementLine, ...]:
    """The transforms for a failure list, as requirements with their ids, and the lines that list the failures.

    Raises BadConfig if the document cannot be read, or if no transform repairs a failure that it lists.
    """
    told = [(failure, transform) for failure in load(path) if (transform := transform_of(failure))]
    if not told:
        raise BadConfig("does not list a failure that a transform repairs", path)
    return tuple(RequirementLine(path, failure.line, failure.title, transform.id, "") for failure, transform in told)


def listed(failures: Iterable[Failure], report: Report | None) -> tuple[Listed, ...]:
    """Each failure with its transform and, given the findings of these transforms in templates, its state."""
    return tuple(_listed(failure, transform_of(failure), report) for failure in failures)


def _listed(failure: Failure, transform: Transform | None, report: Report | None) -> Listed:
    if transform is None:
        return Listed(failure, None, why="no transform finds this failure: check and repair it by hand")
    if report is None:
        return Listed(failure, transform, why="no templates were given")
    where = tuple(each for each in report.resolutions if each.finding.id == transform.id)
    if not where:
        if report.errors:
            return Listed(failure, transform, why="not found, but some templates could not be read")
        return Listed(failure, transform, State.ABSENT, why=_absence(transform, report))
    repairable = any(each.patches or each.wants or each.after for each in where)
    state = State.PRESENT if repairable else State.NO_PATCH
    return Listed(failure, transform, state, where, _reasons(where))


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
