"""The changes of a run, as a unified diff for `git apply` and `patch -p1`."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from fixer.model import Report
from fixer.report.effects import impact_of
from fixer.report.text import one_line

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r"}

_QUOTED = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\udc80-\udcff"\\]')

_NO_NEWLINE = "\\ No newline at end of file\n"


def unified(path: str, before: str, after: str) -> str:
    """The unified diff of one file, three lines of context, line ends as they are; "" when the texts are equal."""
    name = path.lstrip("/")
    lines = difflib.unified_diff(_lines(before), _lines(after), _quoted(f"a/{name}"), _quoted(f"b/{name}"), n=3)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines)


def all_diffs(report: Report) -> Iterator[str]:
    """The diffs of the templates that a run changes, in the order of the report. Above each diff are the effects of its
    repairs on a deployed stack (`git apply` and `patch` ignore those lines).
    """
    for template in report.templates:
        if template.changed:
            impacts = "".join(f"# {one_line(line)}\n" for line in _impacts(report, template.path))
            yield impacts + unified(template.path, template.before, template.after)


def _impacts(report: Report, path: str) -> Iterator[str]:
    for each in sorted(report.resolutions, key=lambda each: each.order):
        if each.order and path in each.patches:
            own = replace(each, effects=tuple(effect for effect in each.effects if effect.path == path))
            yield f"{each.finding.id} [{each.tier}]: {impact_of(own, path, report.undeployed)}"


def _quoted(name: str) -> str:
    """The name as git writes it in a diff: in double quotes, with escapes, if it has a control character, a quote, a
    backslash or a byte that is not UTF-8. A line end in a name would otherwise begin a line of the diff.
    """
    if not _QUOTED.search(name):
        return name
    encoded = name.encode("utf-8", "surrogateescape")
    shown = (_ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in encoded)
    return f'"{"".join(shown)}"'


def _lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends a line, as it is for git (str.splitlines knows more ends)."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
