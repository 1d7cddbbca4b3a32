"""What stands around a template in a file: Markdown, prose, and the marks of several YAML documents."""

import re
from collections.abc import Iterator, Sequence

from fixer.document.first_error import document_of, first_error
from fixer.document.source import Syntax
from fixer.mending.candidate import Candidate, candidate, line_at
from fixer.model import Json

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[ \t]*\r?$", re.MULTILINE)
# A place where the author left something out. Matches "...", "# ... the rest" and '"...": "..."'. Must not match
# "# see above ...".
_ELISION = re.compile(r"^[ \t]*(?:(?:#|//|/\*)[ \t]*)?[\"']?(?:\.\.\.|…)(?![\w/])", re.MULTILINE)
_SECTION = re.compile(
    r"^(?:AWSTemplateFormatVersion|Conditions|Description|Globals|Mappings|Metadata|Outputs|Parameters|Resources|Rules"
    r"|Transform)[ \t]*:",
    re.MULTILINE,
)
_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?(?:\r?\n|\Z)", re.MULTILINE)
_END = re.compile(r"^\.\.\.[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


def elision(text: str) -> int | None:
    """Where the author left something out ("..."); None if nowhere."""
    found = _ELISION.search(text)
    return None if found is None or _END.fullmatch(text[found.start() :].lstrip()) else found.start()


def has_markdown(text: str) -> bool:
    """Whether the text has a line that begins or ends a block of code in Markdown."""
    return _FENCE.search(text) is not None


def without_markdown(text: str) -> Candidate | None:
    """Removes what is outside the only block of code of a Markdown text; None if there are several."""
    fences = list(_FENCE.finditer(text))
    if not 1 <= len(fences) <= 2:
        return None
    start, end = 0, len(text)
    if len(fences) == 2:
        start, end = fences[0].end() + 1, fences[1].start()
    elif fences[0][2] or not text[: fences[0].start()].strip():
        start = fences[0].end() + 1
    else:
        end = fences[0].start()
    return _kept(text, start, end, "Markdown around the template")


def without_prose(text: str, syntax: Syntax) -> Candidate | None:
    """Removes the lines before the first and after the last line of a template; None if there are none."""
    if syntax is Syntax.JSON:
        start, last = text.find("{"), text.rfind("}")
        if start < 0 or text[line_at(text, start).start : start].strip(" \t\ufeff") or not text[last + 1 :].strip():
            end = len(text) if last < 0 else last + 1
        else:
            end = last + 1
        start = line_at(text, max(start, 0)).start
    else:
        first = _SECTION.search(text)
        start = _first_kept(text, first.start()) if first else 0
        end = _last_kept(text)
    if not _is_prose(text[:start]) or not _is_prose(text[end:]):
        return None
    return _kept(text, start, end, "text around the template")


def _first_kept(text: str, section: int) -> int:
    """The start of the comments and document marks directly above the first section."""
    start = section
    while start > 0:
        line = line_at(text, start - 1)
        if not re.match(r"#|---|%YAML|$", line.content) or line.indent:
            break
        start = line.start
    return start


def _last_kept(text: str) -> int:
    """The end of the last line that may belong to a YAML template: an indented one, a comment, an entry."""
    end = len(text)
    while end > 0:
        line = line_at(text, end - 1)
        if line.indent or re.match(r"[\w\"'-]+[ \t]*:|#|---|\.\.\.|[-\]}]|$", line.content):
            return end if line.content.strip() or line.indent else len(text) if end == len(text) else end
        end = line.start
    return len(text)


def _is_prose(text: str) -> bool:
    """Whether a text has no part of a template."""
    return not re.search(r"AWS::|^\s*[\"']?\w+[\"']?:\s*[\[{|>&]|^\s*[{}\[\]],?\s*$", text, re.MULTILINE)


def _kept(text: str, start: int, end: int, fault: str) -> Candidate | None:
    splices = [(0, start, ""), (end, len(text), "")]
    kept = [each for each in splices if text[each[0] : each[1]].strip()]
    return candidate(fault, *kept) if kept else None


def joined(text: str, path: str) -> Candidate | None:
    """Removes the marks between the YAML documents of a file, if at most one of them is not empty, or if together they
    are one template in which no section is repeated; None if that is not so.
    """
    marks = list(_SEPARATOR.finditer(text))
    parts = list(_parts(text, path))
    filled = [data for data in parts if data is not None]
    names = [name for data in filled if isinstance(data, dict) for name in data]
    if not marks or None in _whole(filled) or len(names) != len(set(names)):
        return None
    is_first_kept = not text[: marks[0].start()].strip() or all(
        line.startswith("#") for line in text[: marks[0].start()].split("\n") if line.strip()
    )
    extra = marks[1:] if is_first_kept else marks
    ends = list(_END.finditer(text))
    gone = sorted((each.start(), each.end(), "") for each in (*extra, *ends))
    return candidate("several documents in one file", *gone) if gone else None


def _parts(text: str, path: str) -> Iterator[Json]:
    """The data of each document; None for an empty one, a number for one that does not parse."""
    for part in re.split(r"(?m)^---[ \t]*(?:#.*)?\r?$|^\.\.\.[ \t]*\r?$", text):
        if not re.sub(r"(?m)^[ \t]*#.*$", "", part).strip():
            yield None
        elif first_error(part, Syntax.YAML) is None and (document := document_of(part, path)):
            yield document.data
        else:
            yield 0


def _whole(parts: Sequence[Json]) -> list[object]:
    """None in place of each document that is not a part of a template."""
    return [
        part if isinstance(part, dict) and all(_SECTION.match(f"{name}:") for name in part) else None for part in parts
    ] or [None]
