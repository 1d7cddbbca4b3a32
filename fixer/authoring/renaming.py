"""New names for entries of a template, written as operations: the entry moves, and every reference follows it."""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.template import SECTIONS_WITH_IDS, Template
from fixer.model import Json, Op
from fixer.resolution.renaming import renamed


def rename_refusal(template: Template, section: str, name: str, new: str) -> str:
    """Why an entry cannot get another name; "" if it can. The templates around this one are not examined."""
    rivals = ("Outputs",) if section == "Outputs" else SECTIONS_WITH_IDS[:4]
    if taken := next((each for each in rivals if new in template.section(each)), None):
        return f"{taken} already has an entry {new}: choose another id"
    if section == "Parameters" and _is_named_in(template.data.get("Metadata"), name):
        return "Metadata names the parameter: rename it there too"
    if place := _scripted(template, name):
        return f"the text at {place} names the id: rename it there too"
    return ""


def rename(template: Template, section: str, name: str, new: str) -> list[Op]:
    """Operations that give an entry another name, in all references too."""
    source, target = pointer.join(section, name), pointer.join(section, new)
    if section == "Outputs":
        return pointer.move(source, target, pointer.get(template.data, source))
    after = renamed(template.data, {name: new})
    moved = pointer.move(source, target, pointer.get(after, target))
    return [*_references(template, after, name, new), *moved]


def _references(template: Template, after: Json, name: str, new: str) -> Iterator[Op]:
    """Operations that replace the id in each string that refers to it, as the renamed data has it."""
    for place, old in pointer.walk(template.data):
        if isinstance(old, str):
            tokens = pointer.split(place)
            is_inside = len(tokens) > 2 and tokens[0] in SECTIONS_WITH_IDS and tokens[1] == name
            there = pointer.join(tokens[0], new, *tokens[2:]) if is_inside else place
            value = pointer.get(after, there)
            if value != old:
                yield from pointer.replace(place, old, value)


def _is_named_in(value: Json, name: str) -> bool:
    """Whether a key or a string in the value is the name."""
    return any(each == name or (isinstance(each, dict) and name in each) for _, each in pointer.walk(value))


def _scripted(template: Template, name: str) -> str:
    """A text with several words that names the id outside of a variable, as "cfn-signal --resource web-server" does."""
    # Matches "--resource web-server". Must not match "my-web-server" or "web-server-2".
    named = re.compile(rf"(?:--resource|-r)[ =]+[\"']?{re.escape(name)}(?![\w-])")
    texts = ((place, value) for place, value in pointer.walk(template.data) if isinstance(value, str))
    return next((place for place, value in texts if named.search(value)), "")
