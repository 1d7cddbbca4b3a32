"""The findings as a JUnit report: a suite for each template, a failed test for each finding.

Source: https://github.com/testmoapp/junitxml
"""

from xml.sax.saxutils import escape, quoteattr

from fixer.model import Report
from fixer.report.problems import Problem, problems
from fixer.report.text import plain


def render(report: Report) -> str:
    """The report as XML text with a last newline. A template without findings is a suite with one test that passes."""
    found: dict[str, list[Problem]] = {template.path: [] for template in report.templates}
    for each in problems(report):
        found.setdefault(each.path, []).append(each)
    total = sum(map(len, found.values()))
    suites = "".join(_suite(path, listed) for path, listed in found.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return (
        f'{head}<testsuites name="fixer" tests="{max(total, len(found))}" failures="{total}">\n{suites}</testsuites>\n'
    )


def _suite(path: str, found: list[Problem]) -> str:
    name = quoteattr(plain(path))
    cases = "".join(_case(name, each) for each in found) or f"    <testcase name={name} classname={name}/>\n"
    return f'  <testsuite name={name} tests="{max(len(found), 1)}" failures="{len(found)}">\n{cases}  </testsuite>\n'


def _case(path: str, each: Problem) -> str:
    title = quoteattr(f"{each.id} at {each.line}:{each.column}")
    text = plain(each.message)
    return (
        f'    <testcase name={title} classname={path} file={path} line="{each.line}">\n'
        f'      <failure message={quoteattr(text)} type="{each.severity}">{escape(text)}</failure>\n'
        f"    </testcase>\n"
    )
