"""The possible repairs of the first fault in a YAML text."""

import re
from collections.abc import Iterator
from itertools import islice

from fixer.document.first_error import FirstError
from fixer.mending.candidate import Candidate, Line, candidate, line_at, lines_after, lines_before

_NAMES = {":": "a colon", " ": "a space", '"': "a quotation mark", "'": "an apostrophe", "-": "a dash"}
_NAMES |= {"[": "an opening bracket", "]": "a closing bracket", "{": "an opening brace", "}": "a closing brace"}
_NAMES |= {
    ",": "a comma",
    "#": "the sign of a comment",
    "\n": "a line end",
    "|": "the sign of a block",
    "\\": "a backslash",
}
_NAMES |= {">": "the sign of a folded block", "!": "an exclamation mark"}
# A key or a dash, and the value: matches "Name: %x", "- @x" and "- Name: x". Must not match "%x" alone.
_ENTRY = re.compile(r"((?:- +)*(?:[\w.:/-]+:(?= )|(?<=- ))) *(\S.*)")
_INDICATOR = re.compile(r"[%@`*!&|>\[\]{},?#-]|.*(?:: |:$| #)")
# An entry in a comment. Matches "  # Name: x" and "#- x". Must not match "# see the list: below".
_OLD_ENTRY = re.compile(r"^[ \t]*#[ \t]*(?:- \S|[\w.-]+:(?:\s|$))", re.MULTILINE)
_TABS = re.compile(r"^([ ]*)(\t+)[ \t]*", re.MULTILINE)
_WIDTHS = (2, 4, 8, 6, 1, 3, 5, 7)
_LEVELS_ABOVE = 40
_BRACKETS = "[]{},"


def candidates(text: str, error: FirstError) -> Iterator[Candidate]:
    """The possible repairs of the fault behind the first error of a text."""
    yield from _tabs(text)
    here = line_at(text, min(error.offset, max(len(text) - 1, 0)))
    window = [here, *islice(lines_before(text, here.start), 2), line_at(text, error.start)]
    window += islice(_odd_quotes(text, here.start), 2)
    lines = list(dict.fromkeys(line for line in window if line.content))
    for line in lines:
        yield from _listed(text, line)
    has_old_entries = _OLD_ENTRY.search(text) is not None
    for line in lines:
        yield from _single(text, line, has_old_entries)
    for line in lines:
        yield from _moved(text, line)


def _tabs(text: str) -> Iterator[Candidate]:
    """All tabs in indentations, as spaces: each up to the next multiple of a width, or each as one width."""
    found = list(_TABS.finditer(text))
    for width in _WIDTHS if found else ():
        new = [(each.start(), each.end(), each[0].expandtabs(width)) for each in found]
        yield candidate("tabs in the indentation, which YAML does not allow", *new)
    for width in _WIDTHS if found else ():
        new = [(each.start(), each.end(), each[0].replace("\t", " " * width)) for each in found]
        yield candidate("tabs in the indentation, which YAML does not allow", *new)


def _odd_quotes(text: str, offset: int) -> Iterator[Line]:
    """The lines above a place that have an odd number of quotation marks or apostrophes: a text may begin there."""
    for line in islice(lines_before(text, offset), 60):
        if line.content.count('"') % 2 or line.content.count("'") % 2:
            yield line


def _listed(text: str, line: Line) -> Iterator[Candidate]:
    """The value in quotation marks, if it begins or contains what has a meaning in YAML."""
    found = _ENTRY.fullmatch(line.content)
    if not found or not _INDICATOR.match(found[2]):
        return
    start, end = line.body + found.start(2), line.body + len(line.content.rstrip())
    value = text[start:end]
    single = "'" + value.replace("'", "''") + "'"
    quoted = single if '"' in value or "\\" in value else f'"{value}"'
    yield candidate("a value that YAML does not read as text without quotation marks", (start, end, quoted))


def _single(text: str, line: Line, has_old_entries: bool) -> Iterator[Candidate]:
    """Every repair by one character that is missing or doubled."""
    brackets = _BRACKETS if any(mark in line.content for mark in _BRACKETS) else ""
    quotes = "\"'\\" if '"' in line.content else "\"'"
    for at in range(line.start, line.end + 1):
        inside = at >= line.body
        marks = " \n" + quotes + brackets if inside else " "
        if at >= line.body - 1:
            marks += _at_start(text, line, at, has_old_entries)
        if inside and text[at : at + 1] in ("", "\r", "\n", " ", '"', "'"):
            marks += ":"
        if at == line.end:
            marks += "|>"
        for mark in dict.fromkeys(marks):
            yield candidate(f"{_NAMES[mark]} is missing", (at, at, mark))
        if at < line.end and _may_be_too_much(text, at, inside):
            yield candidate(f"{_NAMES.get(text[at], 'a character')} too much", (at, at + 1, ""))
    yield candidate("the dash of a list item is missing", (line.body, line.body, "- "))


def _at_start(text: str, line: Line, at: int, has_old_entries: bool) -> str:
    """The marks that may be missing before the content of a line, or before a tag. The sign of a comment is one of them
    if the line is not an entry, or if the file has entries as comments.
    """
    if at > line.body:
        return "!" if text[at - 1] == " " and text[at : at + 1].isalpha() else ""
    has_key = re.match(r"(- )?[\w.:\"'/-]+:?(\s|$)", line.content) and ":" in line.content
    is_entry = has_key or line.content[:1] == "-"
    return "-" if is_entry and not has_old_entries else "-#"


def _may_be_too_much(text: str, at: int, inside: bool) -> bool:
    mark = text[at]
    return mark in "\"'[]{}," or (at > 0 and text[at - 1] == mark) or (not inside and mark == " ")


def _moved(text: str, line: Line) -> Iterator[Candidate]:
    """The line, alone or with the deeper lines below it, in the column of another line above it."""
    if "\t" in line.indent:
        return
    own = len(line.indent)
    above = [each for each in islice(lines_before(text, line.start), _LEVELS_ABOVE) if "\t" not in each.indent]
    columns = {len(each.indent) for each in above} | {len(each.indent) + 2 for each in above[:1]}
    columns |= {len(each.indent) + 2 for each in above[:1] if each.content.startswith("- ")}
    block = [line]
    for each in lines_after(text, line.start):
        if len(each.indent) <= own and not each.content.startswith("#"):
            break
        block.append(each)
    sibling = [line, *_siblings(text, line)]
    for column in sorted(columns - {own}, key=lambda column: abs(column - own)):
        shift = column - own
        for lines in (block, sibling):
            if all(len(each.indent) + shift >= 0 for each in lines):
                what = "a block that is indented too little" if shift > 0 else "a block that is indented too much"
                yield candidate(what, *(_shifted(each, shift) for each in lines))


def _siblings(text: str, line: Line) -> Iterator[Line]:
    """The lines below with the same or a deeper indentation."""
    for each in lines_after(text, line.start):
        if len(each.indent) < len(line.indent):
            return
        yield each


def _shifted(line: Line, shift: int) -> tuple[int, int, str]:
    return (line.start, line.start, " " * shift) if shift > 0 else (line.start, line.start - shift, "")
