"""The findings as annotations of a GitHub workflow run: one command per line.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from fixer.engine.selection import severity_of
from fixer.model import Finding, Outcome, Report, Resolution, Severity, Tier
from fixer.report.text import plain

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}
_REPAIRS = (" `fixer apply` repairs it.", " `fixer apply --unsafe` repairs it.")
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """A line for each finding that is not repaired in the file."""
    left = (each for each in report.resolutions if each.outcome is not Outcome.APPLIED)
    errors = "".join(
        f"::error file={_escaped(error.path, _PROPERTY)},line={error.line or 1},title=fixer::"
        f"{_escaped(error.message, _DATA)}\n"
        for error in report.errors
    )
    unrepaired = (each for template in report.templates for each in template.unrepaired)
    return "".join(map(_annotation, left)) + "".join(map(_unrepaired, unrepaired)) + errors


def _annotation(each: Resolution) -> str:
    finding = each.finding
    command = _COMMANDS[severity_of(finding)]
    title = f"fixer: {finding.id} [{each.tier}]"
    where = f"file={_escaped(finding.path, _PROPERTY)},line={each.position.line},col={each.position.column}"
    repair = _REPAIRS[each.tier is Tier.UNSAFE] if each.patches else ""
    reason = f" ({each.reason})" if each.reason else ""
    message = _escaped(f"{finding.message}{reason}.{repair}", _DATA)
    return f"::{command} {where},title={_escaped(title, _PROPERTY)}::{message}\n"


def _unrepaired(finding: Finding) -> str:
    assert finding.match
    where = f"file={_escaped(finding.path, _PROPERTY)},line={finding.match.line},col={finding.match.column}"
    message = _escaped(f"{finding.message}. No transform repairs this error.", _DATA)
    title = _escaped(f"cfn-lint: {finding.id}", _PROPERTY)
    return f"::{_COMMANDS[severity_of(finding)]} {where},title={title}::{message}\n"


def _escaped(text: str, table: dict[str, str]) -> str:
    return plain("".join(table.get(character, character) for character in text))
