"""Which listed failure a finding of `as-reviewed` comes from, and what its list says about it."""

import re
from collections.abc import Sequence

from fixer.model import Finding
from fixer.model.failures import Failure
from fixer.transforms.review.offers import digest
from fixer.transforms.review.plan import count_of

_LONGEST = 300
# A line that only labels what follows. Matches "**Fix**:", "Original Code:" and "Severity: High". Must not match "The
# queue gives up: jobs are lost".
_LABEL = re.compile(r"^\W*(?:\w+\W+){0,3}\w+\W*:\W*$|^\W*(?:severity|impact(?: level)?|priority)\W+\w+\W*$", re.I)


def failure_of(finding: Finding, failures: Sequence[Failure]) -> Failure | None:
    """The listed failure behind a finding of `as-reviewed`; None for other findings."""
    _, mark, named = finding.key.rpartition("~")
    if finding.id != "as-reviewed" or not mark:
        return None
    for failure in failures:
        if any(digest(failure, number) == named for number in range(1, count_of(failure) + 1)):
            return failure
    return None


def said(failure: Failure, most: int = 0) -> list[str]:
    """What the list says about a failure, without code blocks and labels: its lines, the first `most` if that is
    given.
    """
    from fixer.inputs.failure_list import prose

    lines = [re.sub(r"[*`]+", "", line).strip(" -#>\t") for line in prose(failure.body).splitlines()]
    kept = [line[:_LONGEST] for line in lines if line and not _LABEL.match(line) and line != failure.title]
    return kept[:most] if most else kept
