"""Text for a terminal: lines of at most a width, diffs with colours, what was understood of requirements.

Text from a template is printed without control characters, because a name must not move the cursor.
"""

import re
import textwrap
from collections.abc import Iterable

import click

from fixer.model import Report

_DIFF_COLOURS = (("+++", None), ("---", None), ("@@", "cyan"), ("+", "green"), ("-", "red"))
INDENT = " " * 6
_RAW_BYTES = (0xDC80, 0xDCFF)  # What Python makes of the bytes of a file name that are not UTF-8 (PEP 383).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def understood(report: Report) -> str:
    """A line for each statement of a requirements document: the place, the requirement, and the text."""
    return "".join(
        f"{one_line(each.path)}:{each.line}: understood as {each.name}{'=' if each.value else ''}{each.value}: "
        f"{plain(each.text)}\n"
        for each in report.requirement_lines
    )


def diff(text: str, colour: bool) -> str:
    """A unified diff, coloured line by line if `colour` is set."""
    if not colour:
        return text
    return "".join(coloured_line(line) for line in text.splitlines(keepends=True))


def wrapped(texts: Iterable[str], width: int) -> list[str]:
    """Texts as indented lines of at most that width, in characters."""
    wrap = textwrap.TextWrapper(
        max(width, 60), initial_indent=INDENT, subsequent_indent=INDENT + "  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return [line for text in texts for line in wrap.wrap(plain(text))]


def plain(text: str) -> str:
    """The text with its control characters, and the bytes of a file name that are not UTF-8, as escapes."""
    return _CONTROL.sub(_escape, text)


def one_line(text: str) -> str:
    """The same for the name of a file, in which a line feed or tab is an escape, too."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if _RAW_BYTES[0] <= code <= _RAW_BYTES[1]:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def coloured_line(line: str) -> str:
    """A line of a unified diff in the colour of its kind."""
    for start, colour in _DIFF_COLOURS:
        if line.startswith(start):
            body = line.rstrip("\n")
            return click.style(body, fg=colour, bold=colour is None or None) + line[len(body) :]
    return line
