"""The sections of a template, and what a section with an unknown name is meant to be. Pure."""

from collections.abc import Iterator

from fixer.cloudformation.near_names import nearest
from fixer.document.order import SECTIONS
from fixer.model import Json


def meant_section(name: str) -> str:
    """The section that a misspelled name means, such as Outputs for output; "" if it is not certain."""
    found = nearest(name, SECTIONS) if name not in SECTIONS else []
    return found[0] if len(found) == 1 else ""


def misspelled_entries(data: dict[str, Json]) -> Iterator[str]:
    """The names that the sections with misspelled names declare."""
    for name, entries in data.items():
        if isinstance(entries, dict) and meant_section(name):
            yield from entries
