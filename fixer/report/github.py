"""The findings as annotations of a GitHub workflow run: one command per line.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Mapping

from fixer.model import Report, Severity
from fixer.report.problems import Problem, problems
from fixer.report.text import plain

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
_MOST = 10
"""How many annotations of a kind GitHub shows for a step; the others are in the log only.

https://docs.github.com/en/rest/checks/runs (limits of annotations)
"""


def render(report: Report) -> str:
    """A line for each finding that is not repaired in the file, and a notice if GitHub will not show all of them."""
    found = list(problems(report))
    counts = [sum(each.severity is severity for each in found) for severity in Severity]
    hidden = sum(max(count - _MOST, 0) for count in counts)
    more = f"::notice title=fixer::GitHub shows {_MOST} annotations of a kind: {hidden} more are in the log.\n"
    return "".join(map(_annotation, found)) + (more if hidden else "")


def _annotation(each: Problem) -> str:
    where = f"file={_escaped(each.path, _PROPERTY)},line={each.line},col={each.column}"
    title = _escaped(each.title, _PROPERTY)
    return f"::{_COMMANDS[each.severity]} {where},title={title}::{_escaped(each.message, _DATA)}\n"


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return plain("".join(table.get(character, character) for character in text))
