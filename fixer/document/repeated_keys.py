"""Keys that a mapping has twice: the last one counts for most readers, and CloudFormation rejects the template."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from fixer.document.document import Document
from fixer.document.source import Entry, Node, Source, Syntax


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key that a mapping has twice: the pointer tokens of the mapping, the entry before, and the later entry. `next`
    is the entry after the later one, if there is one.
    """

    place: tuple[str, ...]
    first: Entry
    second: Entry
    before: Entry
    next: Entry | None


def repeated_keys(document: Document) -> tuple[Repeated, ...]:
    """The repeated keys of a document, in the order of the text."""
    if document.syntax is Syntax.JSON and not _json_repeats(document.text):
        return ()
    return tuple(_in(document.source, document.source.root, ()))


def _json_repeats(text: str) -> bool:
    found = []

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        data = dict(pairs)
        if len(data) < len(pairs):
            found.append(data)
        return data

    json.loads(text.removeprefix("\ufeff"), object_pairs_hook=look)
    return bool(found)


def _in(source: Source, node: Node, place: tuple[str, ...]) -> Iterator[Repeated]:
    entries = source.entries(node)
    known: dict[str, Entry] = {}
    for index, entry in enumerate(entries):
        if entry.key is not None and entry.key in known:
            later = entries[index + 1] if index + 1 < len(entries) else None
            yield Repeated(place, known[entry.key], entry, entries[index - 1], later)
        elif entry.key is not None:
            known[entry.key] = entry
        yield from _in(source, entry.value, (*place, entry.key or str(index)))
