"""The lines of a document that begin a failure, and the headings above them.

An entry is one of the following; the first kind that occurs in the document is used:

1. a heading, or a line of bold type, that is numbered or labelled ("### 1. No network", "### FAILURE-2: ...",
   "### stack.yaml:12 ...",
   "**ERROR 34: ...**", "**Failure ID:** MF-7", "### Issue: ...", "**1.1 ...**"), or that is under a heading such as
   "High Failures"; one that has such entries below itself is a group. The numbered bold lines ("12. **No network**")
   of a heading such as "High Failures" that has no entries are entries, too;
2. a numbered line, a row of a table, or a bullet, at the margin, unless its heading is about something else. A
   numbered line with lines "1.1 ..." below itself is a group.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_LABEL = r"(?:failure|issue|problem|bug|error|finding|defect|fault)"
# "**1.1 No network**", "**ERROR 34: No network**", "**Issue #2 - No network**". Must not match "**Issue**: no network",
# which is a field of an entry, or "**Error 403: Forbidden**", which is a message.
_BOLD = re.compile(
    r"^(?:\*\*|__)"
    rf"(?P<text>(?:\d+(?:\.\d+)*[.)]?\s|{_LABEL}\s*[-#]?\s*\d\d?(?:\.\d+)*\s*[.:)\u2013\u2014-]).*?)"
    r"(?:\*\*|__)(?P<rest>:?.*)$",
    re.I,
)
# "**Failure ID:** MF-7". Must not match "**Failure Impact:** high".
_ID = re.compile(rf"^(?:[-*]\s+)?\*\*{_LABEL}\s+(?:id|no\.?|number)\s*(?::\*\*|\*\*\s*:)\s*(?P<id>\S.*)$", re.I)
# "**Title:** No network". Must not match "**Severity:** high".
_NAMED = re.compile(
    rf"^(?:[-*]\s+)?\*\*(?:title|name|summary|{_LABEL}|description)\s*(?::\*\*|\*\*\s*:)\s*(?P<text>\S.*)$", re.I
)
# "**No network**", a line of its own. Must not match "**Issue:**", which labels what follows.
_WHOLE = re.compile(r"^(?:\*\*|__)(?P<text>[^*:]{5,150})(?:\*\*|__)$")
# "- **Model Response**: uses one", "**Impact**: high". Must not match "- The model uses one".
_FIELD = re.compile(
    r"^(?:[-*+]\s+)?\*\*(?:the )?"
    r"(?:model|issue|failure|problem|impact|requirement|expected|actual|current|ideal|what|severity)",
    re.I,
)
_ITEM = re.compile(r"^(?P<mark>\d+[.)]|[-*+])\s+(?P<text>\S.*)$")
_NUMBERED_BOLD = re.compile(r"^(?P<number>\d+)[.)]\s+(?:\*\*|__)(?P<text>.+?)(?:\*\*|__)")
_INDENTED = re.compile(r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?P<number>\d+\.\d+)[.):]?\s+(?P<text>\S.*)$")
_ROW = re.compile(r"^\|\s*(?P<first>[^|]+?)\s*\|(?P<rest>.*)$")
_NUMBERED = re.compile(
    rf"^(?:{_LABEL}\s*[-#]?\s*)?#?(?P<number>\d+(?:\.\d+)*)\s*(?:[.:)\u2013\u2014-]+\s*|\s+)(?P<title>\S.*)$", re.I
)
# "lib/stack.yaml:12-14", "`stack.json#L3`: No retention". Must not match "stack.yaml".
_PLACED = re.compile(r"^[^\s:#]{1,300}\.(?:json|ya?ml|template)(?::|#L)\d+(?:-L?\d+)?\W*(?P<title>.*)$", re.I)
_LABELLED = re.compile(rf"^{_LABEL}\s*:\s*(?P<title>\S.*)$", re.I)
_GROUP = re.compile(
    r"\b(?:failures?|issues?|errors?|problems?|gaps?|defects?|bugs?|findings|deficiencies|faults?|criteria"
    r"|not (?:fully )?implemented)\b",
    re.I,
)
_ELSE = re.compile(
    r"\b(?:summary|overview|conclusions?|introduction|description|references?|recommendations?|lessons|positives?"
    r"|ideal[ _]response|fix(?:es)?|solutions?|training|next steps|statistics|appendix|what worked|strengths)\b",
    re.I,
)
# "Critical Knowledge Gaps", "Summary of Critical Issues". Must not match "Critical Issues".
_ASIDE = re.compile(
    r"\b(?:summary|gaps?|root causes?|why|by|impact|statistics|learnings|lessons|testing|resolved|prevention"
    r"|patterns?)\b",
    re.I,
)
_BOLD_LEVEL, _LINE_LEVEL, _INDENTED_LEVEL = 7, 8, 9
MOST = 2000
"""How many failures a list may have."""

_NEAR = 6
"""How many lines below its id the title of a failure stands."""


@dataclass(frozen=True)
class Entry:
    """A line that may begin a failure, at a level of the outline; `number` and `title` are empty if it has none."""

    level: int
    index: int
    text: str
    number: str
    title: str
    above: tuple["Entry", ...] = field(default=(), compare=False)
    """The headings above it, outermost first."""

    @property
    def is_marked(self) -> bool:
        """Whether the line itself says that it is an entry."""
        return bool(self.title)


def outline(lines: Sequence[str]) -> tuple[list[Entry], list[Entry]]:
    """The entries that begin a failure (the first ones, `MOST` and one more), and all headings, each in their order.

    The lines are those of a document without its code blocks.
    """
    headings = _nested([entry for index, line in enumerate(lines) if (entry := _heading(index, line, lines))])
    headings = _nested(list(_with_parts(headings, lines)))
    chosen = list(islice(_among_headings(headings, lines), MOST + 1))
    return chosen or list(islice(_among_lines(lines, headings), MOST + 1)), headings


def last_lines(chosen: Sequence[Entry], headings: Sequence[Entry], count: int) -> list[int]:
    """For each entry, the index behind its last line: that of the next entry, or of the next heading that is not below
    it.
    """
    ends = []
    starts = sorted(entry.index for entry in chosen)
    for entry in chosen:
        below = (headings[at] for at in range(_first_below(entry, headings), len(headings)))
        beside = (each.index for each in below if each.level <= entry.level)
        place = bisect_right(starts, entry.index)
        following = starts[place] if place < len(starts) else count
        ends.append(min(following, next(beside, count)))
    return ends


def plain(text: str) -> str:
    """The text without emphasis, code marks and leading pictures."""
    return re.sub(r"^[^\w`\"'(]+", "", re.sub(r"\*\*|__|`", "", text)).strip()


def _heading(index: int, line: str, lines: Sequence[str]) -> Entry | None:
    if match := _HEADING.match(line):
        return _entry(len(match[1]), index, match[2])
    if not line.lstrip().startswith(("*", "-", "__")):
        return None
    stripped = line.strip()
    match = _BOLD.match(stripped)
    if match and (match["rest"] in ("", ":") or not match["text"][0].isdigit()):
        return _entry(_BOLD_LEVEL, index, match["text"].rstrip(": ") + " " + match["rest"].lstrip(": "))
    if (match := _ID.match(stripped)) and not _describes(index, lines):
        near = (_NAMED.match(each.strip()) for each in lines[index + 1 : index + _NEAR])
        title = next((plain(named["text"]) for named in near if named), plain(match["id"]))
        return Entry(_BOLD_LEVEL, index, title, "", title)
    if (match := _WHOLE.match(stripped)) and _has_fields(index, lines):
        return Entry(_BOLD_LEVEL, index, plain(match["text"]), "", "")
    return None


def _describes(index: int, lines: Sequence[str]) -> bool:
    """Whether the line belongs to the heading of a failure just above it."""
    above = next((line for line in reversed(lines[max(0, index - 3) : index]) if line.strip()), "")
    heading = _HEADING.match(above)
    return heading is not None and not _GROUP.search(heading[2])


def _has_fields(index: int, lines: Sequence[str]) -> bool:
    """Whether a field such as "**Issue**: ..." follows the line."""
    following = next((line for line in lines[index + 1 : index + 4] if line.strip()), "")
    return bool(_FIELD.match(following.strip()))


def _with_parts(headings: Sequence[Entry], lines: Sequence[str]) -> Iterator[Entry]:
    """The headings, where those with fields just below a marked one count as its parts, if it has several; other lines
    of bold type without a mark are left out.
    """
    parts: dict[int, list[int]] = {}
    for each in headings:
        if each.above and each.above[-1].is_marked and not each.is_marked and _has_fields(each.index, lines):
            parts.setdefault(each.above[-1].index, []).append(each.index)
    several = {index for found in parts.values() if len(found) > 1 for index in found}
    for each in headings:
        if each.index in several and not _ELSE.search(each.text):
            yield replace(each, title=each.text)
        elif each.level < _BOLD_LEVEL or each.is_marked:
            yield each


def _entry(level: int, index: int, text: str) -> Entry:
    bare = plain(text)
    if placed := _PLACED.match(bare):
        return Entry(level, index, bare, "", placed["title"] or bare)
    marked = _NUMBERED.match(bare) or _LABELLED.match(bare)
    if marked is None:
        return Entry(level, index, bare, "", "")
    return Entry(level, index, bare, marked.groupdict().get("number") or "", marked["title"].rstrip(":"))


def _nested(headings: Sequence[Entry]) -> list[Entry]:
    """The headings with those above them."""
    found: list[Entry] = []
    open_: list[Entry] = []
    for each in headings:
        open_ = [one for one in open_ if one.level < each.level]
        found.append(replace(each, above=tuple(open_)))
        open_.append(found[-1])
    return found


def _among_headings(headings: Sequence[Entry], lines: Sequence[str]) -> Iterator[Entry]:
    """The headings that are failures, and the numbered bold lines of those that are groups (see the module)."""
    items = {entry.index for entry in headings if _is_item(entry)}
    if not items:
        return
    groups = _groups(headings, items)
    for place, entry in enumerate(headings):
        following = headings[place + 1].index if place + 1 < len(headings) else len(lines)
        listed = _numbered_bold(entry, lines[entry.index + 1 : following]) if not entry.is_marked else []
        if entry.index in items and entry.index not in groups:
            yield from listed if len(listed) > 1 else [entry if entry.is_marked else replace(entry, title=entry.text)]
        elif entry.index not in items and entry.level > 1 and _is_group(entry) and not _is_about_else(entry):
            yield from listed


def _groups(headings: Sequence[Entry], items: set[int]) -> set[int]:
    """The items that have items below themselves: marked ones, or unmarked ones below an unmarked one."""
    groups: set[int] = set()
    for each in headings:
        if each.index in items:
            groups.update(
                one.index for one in each.above if one.index in items and (each.is_marked or not one.is_marked)
            )
    return groups


def _numbered_bold(heading: Entry, lines: Sequence[str]) -> list[Entry]:
    """The numbered bold lines just below a heading that say more in an indented line."""
    if _ASIDE.search(heading.text):
        return []
    found = []
    for index, line in enumerate(lines, heading.index + 1):
        following = next((each for each in lines[index - heading.index :][:2] if each.strip()), "")
        if (match := _NUMBERED_BOLD.match(line)) and following[:1].isspace():
            title = plain(match["text"]).rstrip(":")
            above = (*heading.above, heading)
            found.append(Entry(_LINE_LEVEL, index, title, match["number"], title, above))
    return [each for each in found if each.title]


def _is_item(entry: Entry) -> bool:
    if _is_about_else(entry):
        return False
    above = entry.above
    return entry.is_marked or bool(above and not above[-1].is_marked and above[-1].level > 1 and _is_group(above[-1]))


def _is_about_else(entry: Entry) -> bool:
    return _speaks_of_else(entry) or any(map(_speaks_of_else, entry.above))


def _is_group(entry: Entry) -> bool:
    return bool(_GROUP.search(entry.text))


def _speaks_of_else(entry: Entry) -> bool:
    """Whether it is a heading of something else: a summary, the fixes. For a marked entry the title must be one such
    word.
    """
    if entry.is_marked:
        return bool(
            re.fullmatch(r"(?:executive |overall )?(?:summary|overview|conclusions?|references)", entry.title, re.I)
        )
    return bool(_ELSE.search(entry.text)) and not _is_group(entry)


def _first_below(entry: Entry, headings: Sequence[Entry]) -> int:
    """The place of the first heading behind an entry."""
    return bisect_right(headings, entry.index, key=lambda each: each.index)


def _among_lines(lines: Sequence[str], headings: Sequence[Entry]) -> Iterator[Entry]:
    """Numbered lines; if there are none, rows of tables; if there are none, bullets."""
    found: dict[str, list[Entry]] = {"number": [], "row": [], "bullet": []}
    for index, line in enumerate(lines):
        kind, entry = _line_entry(index, line, lines)
        if entry is None:
            continue
        place = _first_below(entry, headings)
        above = (*headings[place - 1].above, headings[place - 1]) if place else ()
        entry = replace(entry, above=tuple(each for each in above if each.level < entry.level))
        if not any(map(_speaks_of_else, entry.above)):
            found[kind].append(entry)
    return iter(_without_groups(next((entries for entries in found.values() if entries), [])))


def _without_groups(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries, without a numbered line that has lines "1.1 ..." below itself, and without other such lines."""
    last, kept = "", []
    for entry in entries:
        if entry.level == _LINE_LEVEL:
            last = entry.number
        if entry.title and (entry.level == _LINE_LEVEL or entry.number.startswith(f"{last}.")):
            kept.append(entry)
    for place, entry in enumerate(kept):
        following = kept[place + 1].level if place + 1 < len(kept) else 0
        if following <= entry.level:
            yield entry


def _line_entry(index: int, line: str, lines: Sequence[str]) -> tuple[str, Entry | None]:
    if match := _ITEM.match(line):
        bold = re.match(r"\*\*(.+?)\*\*", match["text"])
        title = plain(bold[1] if bold else match["text"]).rstrip(":")
        number = match["mark"].rstrip(".)") if match["mark"][0].isdigit() else ""
        return "number" if number else "bullet", Entry(_LINE_LEVEL, index, title, number, title)
    if match := _INDENTED.match(line):
        title = plain(re.split(r"\*\*", match["text"])[0]).rstrip(":")
        return "number", Entry(_INDENTED_LEVEL, index, title, match["number"], title)
    row = _ROW.match(line)
    above = lines[index - 1] if index else ""
    if row and _ROW.match(above) and not set(row["first"]) <= set(":- "):
        title = plain(row["first"])
        return "row", Entry(_LINE_LEVEL, index, title, "", title)
    return "", None
