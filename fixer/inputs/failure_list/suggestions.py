"""Suggestions in Markdown: what a ```suggestion block replaces, as the review of a pull request shows it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fixer.inputs.failure_list.blocks import SUGGESTION, Block
from fixer.model.failures import Fragment, Role

# "lib/stack.yaml:12-14", "stack.json#L3-L5". Must not match "stack.yaml line 3".
_PLACE = re.compile(
    r"(?P<path>[^\s:#`*\[\]()]{1,300}\.(?:json|ya?ml|template))(?::|#L)(?P<first>\d{1,7})(?:-L?(?P<last>\d{1,7}))?",
    re.I,
)


def completed(shown: Sequence[Fragment], found: Sequence[Block], text: Sequence[str]) -> Iterator[Fragment]:
    """The fragments of an entry, where a suggestion knows its place and follows the lines that it replaces.

    `found` are the code blocks of the entry, `text` its title and its text without code. The place is the one that the
    text names; the replaced lines are the last ones of the new side of the diff before the suggestion: as many as the
    place has, or one. Without a place or a diff it stays a correction of something unknown.
    """
    if not any(each.label == SUGGESTION for each in shown):
        yield from shown
        return
    place = next((match for line in text if (match := _PLACE.search(line))), None)
    first = int(place["first"]) if place else 0
    last = int(place["last"] or first) if place else 0
    path = place["path"] if place else ""
    diffs = [block for block in found if block.language == "diff"]
    for each in shown:
        if each.label != SUGGESTION:
            if each.label != "diff":
                yield each
            continue
        hunk = next((block for block in reversed(diffs) if block.end < each.line), None)
        if hunk and (lines := commented(hunk.text, last - first + 1)) is not None:
            yield Fragment(Role.FAULTY, lines, hunk.start + 2, "diff", path, first, last)
        yield replace(each, path=path, first=first, last=last)


def commented(hunk: str, count: int) -> str | None:
    """The last lines of the new side of a hunk: GitHub ends it at the commented line. None if there are fewer lines."""
    new = [line[1:] for line in hunk.splitlines() if line[:1] in ("+", " ") and not line.startswith("+++ ")]
    return "\n".join(new[-count:]) if 0 < count <= len(new) else None
