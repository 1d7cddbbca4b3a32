"""The failures in a failure list, read from Markdown or text.

Failure lists have many forms. An entry is one of the following; the first kind that occurs in the document is used:

1. a heading, or a line of bold type, that is numbered or labelled ("### 1. No network", "### FAILURE-2: ...",
   "## **Failure 3: ...**", "### Issue: ...", "**1.1 ...**"), or that is under a heading such as "High Failures";
   one that has such entries below itself is a group;
2. a numbered line, a row of a table, or a bullet, at the margin, unless its heading is about something else.

Of a line, the first 1,000 characters are read. Sections such as Summary, Overview or Fixes do not list failures; code
blocks are not read. The document is data: nothing in it is run, followed or fetched.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fixer.errors import BadConfig
from fixer.inputs.documents import LONGEST, read_lines
from fixer.model.failures import Failure

_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_BOLD = re.compile(r"^\*\*(\d+(?:\.\d+)*[.)]?\s+.+?)\*\*:?$")
_ITEM = re.compile(r"^(?P<mark>\d+[.)]|[-*+])\s+(?P<text>\S.*)$")
_ROW = re.compile(r"^\|\s*(?P<first>[^|]+?)\s*\|(?P<rest>.*)$")
_LABEL = r"(?:failure|issue|problem|bug|error|finding|defect)"
_NUMBERED = re.compile(
    rf"^(?:{_LABEL}\s*[-#]?\s*)?#?(?P<number>\d+(?:\.\d+)*)\s*(?:[.:)\u2013\u2014-]+\s*|\s+)(?P<title>\S.*)$", re.I
)
_LABELLED = re.compile(rf"^{_LABEL}\s*:\s*(?P<title>\S.*)$", re.I)
_GROUP = re.compile(
    r"\b(?:failures?|issues?|errors?|problems?|gaps?|defects?|bugs?|findings|criteria|not (?:fully )?implemented)\b",
    re.I,
)
_ELSE = re.compile(
    r"\b(?:summary|overview|conclusions?|introduction|description|references?|recommendations?|lessons|positives?"
    r"|ideal[ _]response|fix(?:es)?|solutions?|training|next steps|statistics|appendix|what worked|strengths)\b",
    re.I,
)
_LEVEL = re.compile(r"\b(critical|high|major|medium|moderate|low|minor)\b", re.I)
_IMPACT = re.compile(
    r"^\W*(?:impact(?: level)?|severity|priority)\W+(critical|high|major|medium|moderate|low|minor)\b", re.I
)
_BOLD_LEVEL, _LINE_LEVEL = 7, 8


@dataclass(frozen=True)
class _Entry:
    """A line that may begin a failure, at a level of the outline; `number` and `title` are empty if it has none."""

    level: int
    index: int
    text: str
    number: str
    title: str

    @property
    def is_marked(self) -> bool:
        return bool(self.title)


def load(path: str) -> tuple[Failure, ...]:
    """The failures of a document, in their order. Raises BadConfig if it cannot be read or does not list any."""
    failures = read_lines(path, "failure list", read)
    if not failures:
        raise BadConfig("does not list failures: it needs a numbered heading, list or table", path)
    return failures


def read(text: str) -> tuple[Failure, ...]:
    """The failures that a text lists. Their numbers are the document's, or count from 1 if those are not unique."""
    lines = list(_without_code([line[:LONGEST] for line in text.splitlines()]))
    headings = [entry for index, line in enumerate(lines) if (entry := _heading(index, line))]
    chosen = list(_among_headings(headings)) or list(_among_lines(lines, headings))
    ends = sorted(entry.index for entry in [*headings, *chosen])
    found = [_failure(entry, headings, _body(entry, lines, headings, ends)) for entry in chosen]
    numbers = [entry.number for entry in chosen]
    if len(set(numbers)) == len(numbers) and all(number.isdigit() for number in numbers):
        return tuple(found)
    return tuple(replace(failure, number=place) for place, failure in enumerate(found, 1))


def _without_code(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with empty lines for code blocks. A block that is never closed does not count as one."""
    fences = [index for index, line in enumerate(lines) if _FENCE.match(line)]
    pairs = list(zip(fences[::2], fences[1::2], strict=False))
    inside = {index for start, end in pairs for index in range(start, end + 1)}
    for index, line in enumerate(lines):
        yield "" if index in inside else line


def _heading(index: int, line: str) -> _Entry | None:
    if match := _HEADING.match(line):
        return _entry(len(match[1]), index, match[2])
    if match := _BOLD.match(line.strip()):
        return _entry(_BOLD_LEVEL, index, match[1])
    return None


def _entry(level: int, index: int, text: str) -> _Entry:
    plain = _plain(text)
    marked = _NUMBERED.match(plain) or _LABELLED.match(plain)
    if marked is None:
        return _Entry(level, index, plain, "", "")
    return _Entry(level, index, plain, marked.groupdict().get("number") or "", marked["title"].rstrip(":"))


def _plain(text: str) -> str:
    """The text without emphasis, code marks and leading pictures."""
    return re.sub(r"^[^\w`\"'(]+", "", re.sub(r"\*\*|__|`", "", text)).strip()


def _among_headings(headings: Sequence[_Entry]) -> Iterator[_Entry]:
    """The headings that are failures (see the module documentation)."""
    items = [entry for entry in headings if _is_item(entry, headings)]
    for entry in items:
        below = _below(entry, headings)
        if not any(each in items and (each.is_marked or not entry.is_marked) for each in below):
            yield entry if entry.is_marked else replace(entry, title=entry.text)


def _is_item(entry: _Entry, headings: Sequence[_Entry]) -> bool:
    above = _above(entry, headings)
    if _speaks_of_else(entry) or any(map(_speaks_of_else, above)):
        return False
    return entry.is_marked or bool(above and not above[-1].is_marked and above[-1].level > 1 and _is_group(above[-1]))


def _is_group(entry: _Entry) -> bool:
    return bool(_GROUP.search(entry.text))


def _speaks_of_else(entry: _Entry) -> bool:
    """Whether it is a heading of something else: a summary, the fixes. For a marked entry the title must be one such
    word.
    """
    if entry.is_marked:
        return bool(
            re.fullmatch(r"(?:executive |overall )?(?:summary|overview|conclusions?|references)", entry.title, re.I)
        )
    return bool(_ELSE.search(entry.text)) and not _is_group(entry)


def _above(entry: _Entry, headings: Sequence[_Entry]) -> list[_Entry]:
    """The headings above it, outermost first."""
    found: list[_Entry] = []
    for each in headings:
        if each.index >= entry.index:
            break
        found = [*(one for one in found if one.level < each.level), each]
    return [each for each in found if each.level < entry.level]


def _below(entry: _Entry, headings: Sequence[_Entry]) -> Iterator[_Entry]:
    for each in headings:
        if each.index > entry.index:
            if each.level <= entry.level:
                return
            yield each


def _among_lines(lines: Sequence[str], headings: Sequence[_Entry]) -> Iterator[_Entry]:
    """Numbered lines; if there are none, rows of tables; if there are none, bullets."""
    found: dict[str, list[_Entry]] = {"number": [], "row": [], "bullet": []}
    for index, line in enumerate(lines):
        kind, entry = _line_entry(index, line, lines)
        if entry and not any(map(_speaks_of_else, _above(entry, headings))):
            found[kind].append(entry)
    return iter(next((entries for entries in found.values() if entries), []))


def _line_entry(index: int, line: str, lines: Sequence[str]) -> tuple[str, _Entry | None]:
    if match := _ITEM.match(line):
        bold = re.match(r"\*\*(.+?)\*\*", match["text"])
        title = _plain(bold[1] if bold else match["text"]).rstrip(":")
        number = match["mark"].rstrip(".)") if match["mark"][0].isdigit() else ""
        return "number" if number else "bullet", _Entry(_LINE_LEVEL, index, title, number, title)
    row = _ROW.match(line)
    above = lines[index - 1] if index else ""
    if row and _ROW.match(above) and not set(row["first"]) <= set(":- "):
        title = _plain(row["first"])
        return "row", _Entry(_LINE_LEVEL, index, title, "", title)
    return "", None


def _body(entry: _Entry, lines: Sequence[str], headings: Sequence[_Entry], ends: Sequence[int]) -> list[str]:
    """The lines of an entry below its title, up to the next entry or heading that is not below it."""
    below = {each.index for each in _below(entry, headings)}
    end = next((index for index in ends if index > entry.index and index not in below), len(lines))
    return list(lines[entry.index + 1 : end])


def _failure(entry: _Entry, headings: Sequence[_Entry], body: Sequence[str]) -> Failure:
    number = int(entry.number) if entry.number.isdigit() else 0
    return Failure(number, entry.title, _impact(entry, headings, body), entry.index + 1)


def _impact(entry: _Entry, headings: Sequence[_Entry], body: Sequence[str]) -> str:
    """The impact that the entry states, or that of the nearest heading above it."""
    stated = next((match for line in body if (match := _IMPACT.match(line))), None)
    if stated:
        return stated[1].lower()
    above = [match for each in reversed(_above(entry, headings)) if (match := _LEVEL.search(each.text))]
    return above[0][1].lower() if above else ""
