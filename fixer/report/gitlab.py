"""The findings as a GitLab Code Quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import json

from fixer.json_file import digest
from fixer.model import Json, Report, Severity
from fixer.report.problems import problems
from fixer.report.text import plain

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.ADVICE: "info"}


def render(report: Report) -> str:
    """The report as JSON text with a last newline. Equal fingerprints of several problems are numbered."""
    seen: dict[str, int] = {}
    entries: list[Json] = []
    for each in problems(report):
        seen[each.identity] = seen.get(each.identity, 0) + 1
        identity = f"{each.id}\0{each.identity}\0{seen[each.identity]}"
        entries.append(
            {
                "description": plain(each.message),
                "check_name": each.id,
                "fingerprint": digest(identity.encode(errors="surrogatepass")),
                "severity": _SEVERITIES[each.severity],
                "location": {"path": plain(each.path).removeprefix("./"), "lines": {"begin": each.line}},
            }
        )
    return json.dumps(entries, indent=2) + "\n"
