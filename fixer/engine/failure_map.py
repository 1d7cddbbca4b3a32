"""The failures that a review lists, the transforms that repair them, and how each stands in templates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fixer.errors import BadConfig
from fixer.inputs.failure_list import Failure, load
from fixer.model import Report, RequirementLine, Resolution
from fixer.transforms import TRANSFORMS
from fixer.transforms.transform import Transform

_LONGEST_TITLE = 300


class State(StrEnum):
    """How a listed failure stands in templates. NO_PATCH: present, and not to be repaired by a patch. UNKNOWN: there
    are no templates to look at, one of them cannot be read, or no transform finds such a failure.
    """

    PRESENT = "present"
    ABSENT = "absent"
    NO_PATCH = "no-patch"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Listed:
    """A listed failure, the transform that repairs it or none, how it stands, where it was found, and why."""

    failure: Failure
    transform: Transform | None
    state: State = State.UNKNOWN
    where: tuple[Resolution, ...] = ()
    why: str = ""


def transform_of(failure: Failure) -> Transform | None:
    """The one transform whose `told_by` the failure's title fits; None where none or several do."""
    title = failure.title[:_LONGEST_TITLE]
    told = [each for each in TRANSFORMS if any(re.search(words, title, re.I) for words in each.told_by)]
    return told[0] if len(told) == 1 else None


def requirement_lines(path: str) -> tuple[RequirementLine, ...]:
    """The transforms that a review asks for, as requirements named after them, with the lines that list the failures.

    Raises BadConfig when the document cannot be read, or no transform repairs what it lists.
    """
    told = [(failure, transform) for failure in load(path) if (transform := transform_of(failure))]
    if not told:
        raise BadConfig("lists no failure that a transform repairs", path)
    return tuple(RequirementLine(path, failure.line, failure.title, transform.id, "") for failure, transform in told)


def listed(failures: Iterable[Failure], report: Report | None) -> tuple[Listed, ...]:
    """Each failure with its transform and, given what was found in templates with these transforms, its state."""
    return tuple(_listed(failure, transform_of(failure), report) for failure in failures)


def _listed(failure: Failure, transform: Transform | None, report: Report | None) -> Listed:
    if transform is None:
        return Listed(failure, None, why="no transform finds this failure: look and mend by hand")
    if report is None:
        return Listed(failure, transform, why="no templates were given to look at")
    where = tuple(each for each in report.resolutions if each.finding.id == transform.id)
    if not where:
        if report.errors:
            return Listed(failure, transform, why="not found, but not every template could be read")
        return Listed(failure, transform, State.ABSENT, why=_absence(transform, report))
    repairable = any(each.patches or each.wants or each.after for each in where)
    state = State.PRESENT if repairable else State.NO_PATCH
    return Listed(failure, transform, state, where, _reasons(where))


def _absence(transform: Transform, report: Report) -> str:
    suppressed = " (findings are suppressed in the templates)" if report.suppressed else ""
    return f"{transform.id} finds nothing{suppressed}"


def _reasons(where: Sequence[Resolution]) -> str:
    """Why what was found has no patch, each reason once; with what is wanted where a value is."""
    told = (
        f"{each.reason} ({', '.join(f'--set {want}' for want in each.wants)})" if each.wants else each.reason
        for each in where
        if not each.patches
    )
    return "; ".join(dict.fromkeys(told))
