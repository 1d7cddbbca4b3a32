"""Texts beside a changed value that still say the old one: descriptions, patterns and comments. Pure.

fixer does not rewrite prose: a note names the place, and a person corrects it.
"""

import re
from collections.abc import Iterable, Iterator

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.document.source import position_at
from fixer.model import Op

_TEXTS = (
    "Description",
    "ConstraintDescription",
    "AllowedPattern",
    "AlarmDescription",
    "GroupDescription",
    "DBParameterGroupDescription",
    "Comment",
)
_SHORTEST = 2
"""Characters: a shorter value, such as 5, is in too many texts."""


def stale_notes(template: Template, ops: Iterable[Op]) -> Iterator[str]:
    """A note for each text that says a value that the operations replace, and not the new one."""
    ops, told = list(ops), set()
    written = {str(op["path"]): op["value"] for op in ops if op["op"] in ("add", "replace")}
    tested = {str(op["path"]): op["value"] for op in ops if op["op"] == "test"}
    for place, old in tested.items():
        new = written.get(place)
        if not isinstance(old, str | int | float) or isinstance(old, bool) or new is None or str(new) == str(old):
            continue
        if not pointer.exists(template.data, place):
            continue  # It is in an entry that the operations have given another name before.
        for where, text in texts_beside(template, place):
            if where not in written and says(text, str(old)) and not says(text, str(new)) and where not in told:
                told.add(where)
                yield stale_note(where, str(old))


def stale_note(where: str, old: str) -> str:
    """The note about a text that still says the old value."""
    return f"{where} still says {old!r}: correct it too."


def says(text: str, value: str) -> bool:
    """Whether a text has the value as a whole word: 30 in "every 30 days", not in "300"."""
    if len(value) < _SHORTEST:
        return False
    return re.search(rf"(?<![A-Za-z0-9.]){re.escape(value)}(?![A-Za-z0-9]|\.[0-9])", text) is not None


def texts_beside(template: Template, place: str) -> Iterator[tuple[str, str]]:
    """(where, text) of the descriptions of the mappings around a value in its entry, and of the comments beside it."""
    tokens = pointer.split(place)
    holders = [pointer.join(*tokens[:length]) for length in range(len(tokens) - 1, 1, -1)]
    metadata = pointer.join(*tokens[:2], "Metadata")
    for holder in [*holders, *([metadata] if pointer.exists(template.data, metadata) else ())]:
        around = mapping(pointer.get(template.data, holder))
        for name in _TEXTS:
            if isinstance(text := around.get(name), str) and f"{holder}/{name}" != place:
                yield f"{holder}/{name}", text
    yield from _comments(template, place)


def _comments(template: Template, place: str) -> Iterator[tuple[str, str]]:
    """The comment behind a value and the one in the line above it."""
    text = template.document.text
    if template.path.endswith(".json") or text.lstrip().startswith("{"):
        return
    start, end = template.document.span(place)
    behind = text[end:].partition("\n")[0].strip()
    number = position_at(text, start).line
    if behind.startswith("#"):
        yield f"The comment in line {number}", behind
    above = text[:start].split("\n")[-2:-1]
    if above and above[0].strip().startswith("#"):
        yield f"The comment in line {number - 1}", above[0]
