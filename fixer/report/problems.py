"""What is left in the files after a run, as the annotations of platforms need it: one problem for each finding."""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer.engine.selection import IN_REVIEW, severity_of
from fixer.model import Outcome, Report, Resolution, Severity, Tier


@dataclass(frozen=True)
class Problem:
    """A finding that is not repaired in the file: where it is, its id and severity, and what can be done about it.

    `identity` names the same problem after unrelated edits.
    """

    path: str
    line: int
    column: int
    id: str
    title: str
    severity: Severity
    message: str
    identity: str


def problems(report: Report) -> Iterator[Problem]:
    """The findings without those that the run has repaired or that people have skipped, cfn-lint's errors that no
    transform takes up, and the files that cannot be read.
    """
    for template in report.templates:
        for each in template.resolutions:
            if each.outcome is not Outcome.APPLIED and each.reason != IN_REVIEW:
                finding, at = each.finding, each.position
                title = f"fixer: {finding.id} [{each.tier}]"
                severity, text = severity_of(finding), _advice(each)
                yield Problem(template.path, at.line, at.column, finding.id, title, severity, text, finding.key)
        for left in template.unrepaired:
            assert left.match
            text = f"{left.message.removesuffix('.')}. No transform repairs this error."
            title, severity = f"cfn-lint: {left.id}", severity_of(left)
            yield Problem(left.path, left.match.line, left.match.column, left.id, title, severity, text, left.key)
    for error in report.errors:
        line, column = error.line or 1, error.column or 1
        yield Problem(error.path, line, column, "error", "fixer", Severity.ERROR, error.message, error.message)


def _advice(each: Resolution) -> str:
    repair = ""
    if each.patches:
        repair = f" `fixer apply{' --unsafe' if each.tier is Tier.UNSAFE else ''}` repairs it."
    reason = f" ({each.reason})" if each.reason else ""
    return f"{each.finding.message}{reason}.{repair}"
