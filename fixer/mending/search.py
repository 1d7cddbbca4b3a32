"""The search for the repairs of a text: fault by fault, until the text parses or nothing more is certain.

Every candidate for the first fault is tried. Those after which the text parses are readings; the fewest repairs count.
If several readings are possible, nothing is certain.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, takewhile

from fixer.document.first_error import FirstError, document_of, first_error
from fixer.document.source import Syntax
from fixer.mending import json_faults, yaml_faults
from fixer.mending.candidate import Candidate, line_at, lines_after, lines_before
from fixer.mending.json_layout import open_brackets
from fixer.mending.readings import Reading, certain, possible

MOST_FAULTS = 6
SECONDS = 10.0
_WIDEST = 12
_ENTRY_INDENT = 2
_ENTRY_DEPTH = 2
_MOST_READINGS = 240


@dataclass(frozen=True)
class _State:
    """A text after some repairs, and its first error."""

    text: str
    steps: tuple[Candidate, ...]
    error: FirstError


@dataclass(frozen=True)
class Found:
    """The result of a search: the reading, or the reason why there is none and the place of the fault in the text."""

    reading: Reading | None = None
    reason: str = ""
    offset: int = 0


def search(text: str, path: str, syntax: Syntax, seconds: float = SECONDS) -> Found:
    """The certain repairs of a text that does not parse."""
    error = first_error(text, syntax)
    if error is None:
        return Found(None, "the parser accepts its syntax, but not its content", 0)
    deadline = time.monotonic() + seconds
    states = [_State(text, (), error)]
    for _ in range(MOST_FAULTS):
        readings: dict[str, Reading] = {}
        later: dict[str, _State] = {}
        for state in states:
            for step, mended, rest in _tried(state, syntax):
                if time.monotonic() > deadline:
                    return Found(None, "it has too many possible repairs", error.offset)
                if rest is not None:
                    later.setdefault(mended, _State(mended, (*state.steps, step), rest))
                elif mended not in readings and (document := document_of(mended, path)):
                    readings[mended] = Reading(document, (*state.steps, step))
        if readings:
            if len(readings) > _MOST_READINGS:
                return Found(None, "it has too many possible repairs", error.offset)
            reading = certain(readings.values())
            return Found(reading, "" if reading else "several repairs are possible", error.offset)
        if not later:
            break
        states = _distinct(list(later.values()), path, syntax)
        if not states or len(states) > _WIDEST:
            return Found(None, "several repairs are possible" if states else "no repair is certain", error.offset)
    return Found(None, "no repair is certain", error.offset)


def _distinct(states: list[_State], path: str, syntax: Syntax) -> list[_State]:
    """The states that may be meant, as far as the entries above the next error tell it: of those with the same error,
    the certain one, or else one for each possible reading.
    """
    kept: list[_State] = []
    known: dict[int, tuple[_State, Reading]] = {}
    by_error: dict[int, list[Reading]] = {}
    for state in states:
        part = _part(state.text, state.error, syntax)
        done = state.steps[-1].end + state.steps[-1].growth
        if (part is None or len(part.rstrip()) < done) and syntax is Syntax.YAML:
            part = state.text[: line_at(state.text, state.error.offset).start]
        if part is None or len(part.rstrip()) < done:
            kept.append(state)
        elif (document := document_of(part, path)) is not None:
            reading = Reading(document, state.steps)
            known[id(reading)] = state, reading
            by_error.setdefault(len(state.text) - state.error.offset, []).append(reading)
    for readings in by_error.values():
        only = certain(readings, is_part=True)
        found = [only] if only else [each.reading for each in possible(readings, is_part=True)]
        kept += [known[id(each)][0] for each in found]
    return kept


def _part(text: str, error: FirstError, syntax: Syntax) -> str | None:
    """The whole entries above an error, as a text that parses; None if there are none."""
    for line in lines_before(text, min(error.start, error.offset)):
        part = text[: line.start]
        if syntax is Syntax.YAML:
            is_entry = len(line.indent) <= _ENTRY_INDENT and re.match(r"[\w\"']", line.content)
            if is_entry and not part.rstrip().endswith(":"):
                return part
            continue
        opened = open_brackets(part)
        if opened is not None and len(opened) <= _ENTRY_DEPTH:
            return part.rstrip().removesuffix(",") + "".join("}" if text[at] == "{" else "]" for at in reversed(opened))
    return None


def _tried(state: _State, syntax: Syntax) -> Iterator[tuple[Candidate, str, FirstError | None]]:
    """Each candidate for the first fault after which the text parses to its end or at least to a later line, with the
    text and the next error.
    """
    text, error = state.text, state.error
    module = json_faults if syntax is Syntax.JSON else yaml_faults
    seen = set()
    for each in module.candidates(text, error):
        mended = each.applied(text)
        if mended in seen:
            continue
        seen.add(mended)
        if syntax is Syntax.YAML and not _parses_nearby(text, each, error, mended):
            continue
        rest = first_error(mended, syntax)
        if rest is None or _is_progress(text, each, error, mended, rest, syntax):
            yield each, mended, rest


def _is_progress(text: str, step: Candidate, error: FirstError, mended: str, rest: FirstError, syntax: Syntax) -> bool:
    """Whether a text parses beyond the line of the error and of the repair."""
    is_above = line_at(text, step.start).start < line_at(text, error.offset).start
    if syntax is Syntax.JSON and (step.is_plain or is_above):
        return rest.offset > max(error.offset, step.end) + step.growth
    if step.inserted in ("'", '"') and rest.offset == error.offset + 1:
        return False  # It is the same error.
    done = line_at(mended, min(_reach(step, error) + step.growth, max(len(mended) - 1, 0))).end
    return rest.offset > done and rest.start > step.start


def _parses_nearby(text: str, step: Candidate, error: FirstError, mended: str) -> bool:
    """Whether the entries around a repair parse, which costs much less than the whole text. False only if the whole
    text cannot parse further either.
    """
    first, last = min(step.start, error.start, error.offset), max(step.end, error.offset)
    indent = min(_indent(text, first, last), _indent(mended, first, last + step.growth))
    above = (line for line in lines_before(text, first) if len(line.indent) <= indent)
    start = next((line.start for line in above if re.match(r"[\w\"']", line.content)), 0)
    below = (line.start for line in lines_after(text, last) if len(line.indent) <= indent and line.content[0] != "#")
    end = next(below, len(text))
    rest = first_error(mended[start : end + step.growth], Syntax.YAML)
    return rest is None or start + rest.offset > _reach(step, error) + step.growth


def _reach(step: Candidate, error: FirstError) -> int:
    """How far the text must parse: beyond the error, but a missing quotation mark may hide another error above it."""
    return step.end if step.inserted in ("'", '"') else max(step.end, error.offset)


def _indent(text: str, first: int, last: int) -> int:
    """The least indentation of the lines between two places."""
    lines = takewhile(lambda line: line.start <= last, chain([line_at(text, first)], lines_after(text, first)))
    return min((len(line.indent) for line in lines if line.content.strip()), default=0)
