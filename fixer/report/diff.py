"""What a run changes, as a unified diff that `git apply` and `patch -p1` take."""

import difflib
from collections.abc import Iterator

from fixer.model import Report

_NO_NEWLINE = "\\ No newline at end of file\n"


def unified(path: str, before: str, after: str) -> str:
    """The unified diff of one file, three lines of context, line ends as they are; "" when the texts are equal."""
    name = path.lstrip("/")
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}", n=3)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines)


def all_diffs(report: Report) -> Iterator[str]:
    """The diffs of the templates that a run changes, in the order of the report."""
    return (unified(each.path, each.before, each.after) for each in report.templates if each.changed)


def _lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends a line, as it is for git (str.splitlines knows more ends)."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
