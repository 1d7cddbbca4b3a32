"""The findings as annotations of a GitHub workflow run: one command per line.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from fixer.model import Outcome, Report, Resolution
from fixer.report.text import plain

_COMMANDS = {"error": "error", "informational": "notice"}
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
    return "".join(_annotation(each) for each in left) + errors


def _annotation(each: Resolution) -> str:
    finding = each.finding
    command = _COMMANDS.get(finding.match.severity, "warning") if finding.match else "warning"
    title = f"fixer: {finding.id} [{each.tier}]"
    where = f"file={_escaped(finding.path, _PROPERTY)},line={each.position.line},col={each.position.column}"
    repair = " `fixer apply` repairs it." if each.patches else ""
    reason = f" ({each.reason})" if each.reason else ""
    message = _escaped(f"{finding.message}{reason}.{repair}", _DATA)
    return f"::{command} {where},title={_escaped(title, _PROPERTY)}::{message}\n"


def _escaped(text: str, table: dict[str, str]) -> str:
    return plain("".join(table.get(character, character) for character in text))
