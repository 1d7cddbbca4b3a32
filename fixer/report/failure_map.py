"""The failures of a failure list and their states, for `fixer map`."""

import json
from collections.abc import Iterator, Sequence

import click

from fixer.engine.failure_map import Listed, State
from fixer.model import Json, Resolution
from fixer.model.failures import Fragment, Role
from fixer.report.columns import aligned
from fixer.report.text import one_line, plain, wrapped

VERSION = 1
_COLOURS = {
    State.PRESENT: "yellow",
    State.ABSENT: "green",
    State.NO_PATCH: "red",
    State.UNKNOWN: "cyan",
    State.OTHER: "bright_black",
}
_SAID = {State.NO_PATCH: "not repairable by a patch", State.OTHER: "not about the template"}
_LONGEST_TITLE = 100
_LONGEST_REASON = 160


def as_text(failures: Sequence[Listed], width: int, colour: bool, verbose: bool = False) -> str:
    """A line per failure: number, state, transform, title, and the place where it was found or, without templates, what
    would be looked for. If `verbose`, also all places, the fragments of the review, and the reason for its state.
    """
    rows = [
        (f"{each.failure.number}.", str(each.state), each.transform.id if each.transform else "-") for each in failures
    ]
    lines: list[str] = []
    for each, (number, state, name) in zip(failures, aligned(rows, right=[0]), strict=True):
        impact = f" ({each.failure.impact})" if each.failure.impact else ""
        place = _first_place(each)
        lines.append(
            f"{number}  {click.style(state, fg=_COLOURS[each.state])}  {name}  {_title(each)}{impact}"
            + (f"  {place}" if place else "")
        )
        if verbose:
            lines += wrapped(_details(each), width)
    text = "".join(line + "\n" for line in lines)
    return text if colour else click.unstyle(text)


def _title(each: Listed) -> str:
    title = one_line(" ".join(each.failure.title.split()))
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 3] + "..."


def _first_place(each: Listed) -> str:
    if each.where:
        more = f" (+{len(each.where) - 1})" if len(each.where) > 1 else ""
        return _place(each.where[0]) + more
    return one_line(each.why) if each.why.startswith("looks for: ") else ""


def _place(found: Resolution) -> str:
    return f"{one_line(found.finding.path)}:{found.position.line}"


def _details(each: Listed) -> Iterator[str]:
    yield f"listed in {each.failure.path or 'the review'}, line {each.failure.line}"
    for found in each.where:
        yield f"{_place(found)}: {found.finding.message}"
    for fragment in each.failure.fragments:
        if fragment.role is not Role.NEITHER:
            yield f"{fragment.role} fragment in line {fragment.line}" + (
                f" ({fragment.label})" if fragment.label else ""
            )
    if each.why and not each.why.startswith("looks for: "):
        yield each.why


def totals(failures: Sequence[Listed]) -> str:
    """The last sentence: the number of listed failures, and the number in each state."""
    counted = [(sum(each.state is state for each in failures), state) for state in State]
    said = (f"{number} {_SAID.get(state, state)}{_why(failures, state)}" for number, state in counted if number)
    return f"{len(failures)} listed: {', '.join(said)}."


def _why(failures: Sequence[Listed], state: State) -> str:
    """Why failures without a patch have none, if there is one short reason; else where to read the reasons."""
    if state is not State.NO_PATCH:
        return ""
    reasons = {plain(each.why) for each in failures if each.state is state and each.why}
    if len(reasons) == 1 and len(reason := reasons.pop()) <= _LONGEST_REASON:
        return f" ({reason})"
    return " (-v shows why)"


def as_json(failures: Sequence[Listed]) -> str:
    """The failures for programs, as JSON text with a last newline."""
    document: Json = {"version": VERSION, "failures": [_failure(each) for each in failures]}
    return json.dumps(document, indent=2) + "\n"


def _failure(each: Listed) -> Json:
    return {
        "number": each.failure.number,
        "title": each.failure.title,
        "impact": each.failure.impact,
        "path": each.failure.path,
        "line": each.failure.line,
        "about": str(each.failure.about),
        "transform": each.transform.id if each.transform else None,
        "state": str(each.state),
        "where": [{"path": place.finding.path, "pointer": place.finding.pointer} for place in each.where],
        "why": each.why,
        "fragments": [_fragment(fragment) for fragment in each.failure.fragments],
        "pairs": [
            {
                "faulty": pair.faulty.line if pair.faulty else None,
                "corrected": pair.corrected.line if pair.corrected else None,
            }
            for pair in each.failure.pairs
        ],
    }


def _fragment(fragment: Fragment) -> Json:
    return {
        "role": str(fragment.role),
        "lines": [fragment.line, fragment.line + fragment.text.count("\n")],
        "label": fragment.label,
        "path": fragment.path or None,
    }
