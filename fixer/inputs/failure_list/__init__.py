"""The failures in a failure list, read from Markdown or text, with the fragments of templates that they show.

Failure lists have many forms: see `outline` for the lines that begin a failure, `blocks` and `roles` for the fragments
and what they show, `pairs` and `prose` for those that belong together, `suggestions` and `pull_request` for those of a
review on GitHub, and `about` for what is listed but is not a fault of a template.

Of a line of text, the first 1,000 characters are read. Sections such as Summary, Overview or Fixes do not list
failures. The document is data: nothing in it is run, followed or fetched.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from fixer.errors import BadConfig
from fixer.inputs.documents import LONGEST, read_lines
from fixer.inputs.failure_list import pull_request
from fixer.inputs.failure_list.about import about
from fixer.inputs.failure_list.blocks import PROGRAMS, Block, blocks, fragments
from fixer.inputs.failure_list.outline import MOST, Entry, last_lines, outline
from fixer.inputs.failure_list.pairs import pairs
from fixer.inputs.failure_list.prose import pairs as prose_pairs
from fixer.inputs.failure_list.suggestions import completed
from fixer.model.failures import About, Failure, Fragment, Pair

_LEVEL = re.compile(r"\b(critical|high|major|medium|moderate|low|minor)\b", re.I)
_IMPACT = re.compile(
    r"^\W*(?:impact(?: level)?|severity|priority)\W+(critical|high|major|medium|moderate|low|minor)\b", re.I
)
_LINE_BREAK = re.compile(r"\r\n?|\n")
_LAST_HEADING_LEVEL = 7


def load(path: str) -> tuple[Failure, ...]:
    """The failures of a document, in their order. Raises BadConfig if it cannot be read or does not list any."""
    failures = read_lines(path, "failure list", read)
    if not failures:
        raise BadConfig(
            "does not list failures: it needs a numbered heading, list or table, or comments of a pull request", path
        )
    if len(failures) > MOST:
        raise BadConfig(f"lists more than {MOST} failures: divide it", path)
    return tuple(replace(failure, path=path) for failure in failures)


def read(text: str) -> tuple[Failure, ...]:
    """The failures that a text lists: Markdown, text, or the comments of a pull request as JSON.

    Their numbers are the document's, or count from 1 if those are not unique.
    """
    if (comments := pull_request.read(text)) is not None:
        return comments
    raw = _LINE_BREAK.split(text)
    code = list(blocks(raw))
    lines = without_code(raw, code)
    chosen, headings = outline(lines)
    ends = last_lines(chosen, headings, len(lines))
    found = [_failure(entry, raw, lines, code, end) for entry, end in zip(chosen, ends, strict=True)]
    numbers = [entry.number for entry in chosen]
    if len(set(numbers)) == len(numbers) and all(number.isdigit() for number in numbers):
        return tuple(found)
    return tuple(replace(failure, number=place) for place, failure in enumerate(found, 1))


def prose(body: str) -> str:
    """The text of a failure without its code blocks."""
    raw = body.split("\n")
    return "\n".join(without_code(raw, list(blocks(raw))))


def without_code(lines: Sequence[str], code: Sequence[Block]) -> list[str]:
    """The beginnings of the lines, with empty lines for code blocks."""
    found = [line[:LONGEST] for line in lines]
    for block in code:
        found[block.start : block.end + 1] = [""] * (block.end + 1 - block.start)
    return found


def _failure(entry: Entry, raw: Sequence[str], lines: Sequence[str], code: Sequence[Block], end: int) -> Failure:
    start = bisect_right(code, entry.index, key=lambda block: block.start)
    own = [block for block in code[start : bisect_left(code, end, key=lambda block: block.start)] if block.end < end]
    shown = tuple(completed(fragments(raw, own, entry.index + 1), own, lines[entry.index : end]))
    found = pairs(shown) or prose_pairs(lines[entry.index : end], entry.index + 1)
    # The line of an item says more than its title.
    first = entry.index if entry.level > _LAST_HEADING_LEVEL else entry.index + 1
    kind, why = _about(entry, lines[first:end], shown, found)
    return Failure(
        int(entry.number) if entry.number.isdigit() else 0,
        entry.title,
        _impact(entry, lines[entry.index + 1 : end]),
        entry.index + 1,
        body="\n".join(raw[first:end]).strip("\n"),
        fragments=shown,
        pairs=found,
        about=kind,
        about_why=why,
    )


def _about(entry: Entry, text: Sequence[str], shown: Sequence[Fragment], found: Sequence[Pair]) -> tuple[About, str]:
    """What an entry is about, by its words and by what it shows."""
    is_marked = entry.is_marked and entry.level <= _LAST_HEADING_LEVEL
    kind, why = about(entry.title, "\n".join(text), [each.text for each in entry.above], is_marked)
    if kind is About.TEMPLATE and shown and all(each.label in PROGRAMS for each in shown):
        return About.OTHER, "it shows code of a program"
    if kind is About.OTHER and any(pair.faulty and pair.corrected for pair in found):
        return About.TEMPLATE, ""
    return kind, why


def _impact(entry: Entry, body: Sequence[str]) -> str:
    """The impact that the entry states, or that of the nearest heading above it."""
    stated = next((match for line in body if (match := _IMPACT.match(line))), None)
    if stated:
        return stated[1].lower()
    above = [match for each in reversed(entry.above) if (match := _LEVEL.search(each.text))]
    return above[0][1].lower() if above else ""
