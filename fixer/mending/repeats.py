"""Keys that a mapping has twice: the same value twice, or one section of a template in two parts."""

import re
from typing import TypeAlias

from fixer.document import Document
from fixer.document.repeated_keys import Repeated
from fixer.document.source import Entry, Syntax, position_at
from fixer.mending.candidate import Candidate, candidate, line_at
from fixer.model import Json

Repair: TypeAlias = tuple[Candidate, Json]
"""The repair of a repeated key, and the value that the key then has."""

_MERGED = ("Conditions", "Mappings", "Outputs", "Parameters", "Resources")


def without_repetition(document: Document, each: Repeated) -> Repair | str:
    """The repair of a repeated key, or the reason why there is none."""
    text, first, second = document.text, each.first.value.data, each.second.value.data
    key = each.second.key or ""
    lines = [position_at(text, entry.start).line for entry in (each.first, each.second)]
    said = f"the key {key} is in line {lines[0]} and again in line {lines[1]}"
    if "<<" in (key, *each.place):
        return f"{said}, in a merged mapping"
    if first == second and type(first) is type(second):
        found = _dropped(document, each)
        return (candidate(f"{said}, with the same value", found), first) if found else f"{said}: it has no line alone"
    if each.place or key not in _MERGED or not isinstance(first, dict) or not isinstance(second, dict):
        return f"{said}, with another value"
    if both := sorted(first.keys() & second.keys()):
        return f"{said}, and both sections have {', '.join(both)}"
    splices = (_joined_json if document.syntax is Syntax.JSON else _joined_yaml)(document, each)
    if splices is None:
        return f"{said}, and their entries cannot be joined"
    return candidate(f"{said}: the section is in two parts", *splices), {**first, **second}


def _dropped(document: Document, each: Repeated) -> tuple[int, int, str] | None:
    """The removal of the later entry: in JSON with the comma before it, in YAML with its lines."""
    text = document.text
    if document.syntax is Syntax.JSON:
        return each.before.value.end, each.second.value.end, ""
    return _whole_lines(text, each.second)


def _whole_lines(text: str, entry: Entry) -> tuple[int, int, str] | None:
    """The lines of an entry in block style; None if it shares one with something else."""
    line = line_at(text, entry.start)
    if line.body != entry.start:
        return None
    end = line_at(text, max(entry.value.end, entry.key_end)).end
    rest = text[entry.value.end : end]
    if rest.strip(" \t:") and not re.match(r"\s*#", rest):
        return None
    return line.start, text.find("\n", end) + 1 or len(text), ""


def _joined_yaml(document: Document, each: Repeated) -> list[tuple[int, int, str]] | None:
    """Removes the second key, and moves its entries below those of the first one if other sections are between them."""
    text = document.text
    lines = _whole_lines(text, each.second)
    firsts, seconds = (line_at(text, entry.value.start) for entry in (each.first, each.second))
    if lines is None or firsts.indent != seconds.indent or not firsts.indent or "\n" not in text[each.second.key_end :]:
        return None
    if text[each.second.key_end : seconds.start].strip(" :\r\n") or text[seconds.body] in "{[":
        return None
    key_end = text.find("\n", each.second.start) + 1
    if each.before is each.first:
        return [(lines[0], key_end, "")]
    moved = text[key_end : lines[1]]
    place = text.find("\n", each.first.value.end) + 1
    if not place or not moved.endswith("\n"):
        return None
    return [(place, place, moved), lines]


def _joined_json(document: Document, each: Repeated) -> list[tuple[int, int, str]] | None:
    """Moves the entries of the second section behind those of the first one."""
    text, first, second = document.text, each.first.value, each.second.value
    body = text[second.start + 1 : second.end - 1].rstrip()
    last = first.start + len(text[first.start : first.end - 1].rstrip())
    if not first.data or not second.data:
        return None
    return [(last, last, f",{body}"), (each.before.value.end, second.end, "")]
