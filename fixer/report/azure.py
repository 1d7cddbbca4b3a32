"""The findings as issues of an Azure Pipelines run: one logging command per line.

Source: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands#logissue-log-an-error-or-warning
"""

from fixer.model import Report, Severity
from fixer.report.problems import problems
from fixer.report.text import plain

_ESCAPES = {"%": "%AZP25", ";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}


def render(report: Report) -> str:
    """A line for each finding that is not repaired in the file. Azure knows errors and warnings."""
    return "".join(
        f"##vso[task.logissue type={'error' if each.severity is Severity.ERROR else 'warning'};"
        f"sourcepath={_escaped(each.path)};linenumber={each.line};columnnumber={each.column};code={_escaped(each.id)}]"
        f"{_escaped(each.message)}\n"
        for each in problems(report)
    )


def _escaped(text: str) -> str:
    return plain("".join(_ESCAPES.get(character, character) for character in text))
