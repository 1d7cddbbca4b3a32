"""The failures of a failure list and their states, for `fixer map`."""

import json
from collections.abc import Sequence

import click

from fixer.engine.failure_map import Listed, State
from fixer.model import Json
from fixer.report.columns import aligned
from fixer.report.text import plain, wrapped

VERSION = 1
_COLOURS = {State.PRESENT: "yellow", State.ABSENT: "green", State.NO_PATCH: "red", State.UNKNOWN: "cyan"}


def as_text(failures: Sequence[Listed], width: int, colour: bool) -> str:
    """A line per failure: number, state, transform, title; below it the places where it was found and the reason for
    its state.
    """
    rows = [
        (f"{each.failure.number}.", str(each.state), each.transform.id if each.transform else "-") for each in failures
    ]
    lines: list[str] = []
    for each, (number, state, name) in zip(failures, aligned(rows, right=[0]), strict=True):
        impact = f" ({each.failure.impact})" if each.failure.impact else ""
        lines.append(
            f"{number}  {click.style(state, fg=_COLOURS[each.state])}  {name}  {plain(each.failure.title)}{impact}"
        )
        places = [f"{place.finding.path}:{place.position.line}: {place.finding.message}" for place in each.where]
        lines += wrapped([*places, *([each.why] if each.why and each.state is not State.ABSENT else [])], width)
    text = "".join(line + "\n" for line in lines)
    return text if colour else click.unstyle(text)


def totals(failures: Sequence[Listed]) -> str:
    """The last sentence: the number of listed failures, and the number in each state."""
    counted = [(sum(each.state is state for each in failures), state) for state in State]
    said = ", ".join(f"{number} {state}" for number, state in counted if number)
    return f"{len(failures)} listed: {said}."


def as_json(failures: Sequence[Listed]) -> str:
    """The failures for programs, as JSON text with a last newline."""
    document: Json = {"version": VERSION, "failures": [_failure(each) for each in failures]}
    return json.dumps(document, indent=2) + "\n"


def _failure(each: Listed) -> Json:
    return {
        "number": each.failure.number,
        "title": each.failure.title,
        "impact": each.failure.impact,
        "transform": each.transform.id if each.transform else None,
        "state": str(each.state),
        "where": [{"path": place.finding.path, "pointer": place.finding.pointer} for place in each.where],
        "why": each.why,
    }
