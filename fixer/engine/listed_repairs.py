"""Listed failures that a transform repairs and for which the list also shows a repair: the transform's is made.

A transform knows more about AWS than a list does. Where its result differs from what the list shows, a note says so.
"""

from collections.abc import Iterator
from dataclasses import replace

from fixer import pointer
from fixer.authoring.context import Handled
from fixer.cloudformation.project import Project
from fixer.document.operations import resolve
from fixer.engine.failure_map import transform_of
from fixer.engine.proposal import Setup, propose
from fixer.engine.round import findings
from fixer.engine.selection import AS_REVIEWED
from fixer.errors import BadPatch, FixerError
from fixer.model import Finding, Json, Op, Resolution
from fixer.model.failures import Failure
from fixer.transforms.review.places import shown
from fixer.transforms.review.plan import Repair, examined
from fixer.transforms.review.sources import failure_of
from fixer.transforms.transform import Transform


def handled(setup: Setup) -> frozenset[Handled]:
    """The entries in which transforms repair listed failures, and the failures that transforms look for, with no path;
    none if the repairs of the lists are preferred.
    """
    if setup.settings.as_reviewed or AS_REVIEWED not in {each.id for each in setup.transforms}:
        return frozenset()
    entries: set[Handled] = set()
    known: dict[str, tuple[set[tuple[str, str]], bool]] = {}
    for failure, transform in _told(setup):
        if transform.id not in known:
            known[transform.id] = _repaired(setup, transform)
        repaired, is_stuck = known[transform.id]
        entries |= {(failure.path, failure.line, path, entry) for path, entry in repaired}
        if not is_stuck:
            # What is missing, the transform knows better: it may be there in another form.
            entries.add((failure.path, failure.line, "", ""))
    return frozenset(entries)


def _told(setup: Setup) -> Iterator[tuple[Failure, Transform]]:
    """The listed failures with fragments for which a transform of the run is meant."""
    running = {each.id for each in setup.transforms}
    for failure in setup.settings.failures:
        transform = transform_of(failure) if failure.pairs else None
        if transform is not None and transform.id != AS_REVIEWED and transform.id in running:
            yield failure, transform


def _repaired(setup: Setup, transform: Transform) -> tuple[set[tuple[str, str]], bool]:
    """The path and logical id of each entry that a transform repairs in the templates as they were, and whether it
    finds a failure there that it cannot repair.
    """
    errors: dict[str, FixerError] = {}
    entries: set[tuple[str, str]] = set()
    is_stuck = False
    for finding in list(findings(setup, transform, setup.original, errors)):
        proposal, _ = propose(setup, transform, finding, setup.original, errors)
        if proposal is None:
            is_stuck = True
            continue
        entries.add((finding.path, _entry(finding.pointer)))
        for path, ops in proposal.patch.files.items():
            entries |= {(path, _entry(str(op["path"]))) for op in ops}
    return entries, is_stuck


def _entry(place: str) -> str:
    return (*pointer.split(place), "", "")[1]


def with_review_notes(resolution: Resolution, setup: Setup, after: Project) -> Resolution:
    """The outcome of a finding, with a note for each listed failure for which the list shows another result there, or
    for which a transform would give another one.
    """
    finding = resolution.finding
    if not setup.settings.failures:
        return resolution
    if finding.id == AS_REVIEWED:
        return replace(resolution, notes=(*resolution.notes, *_rivals(finding, setup)))
    if not resolution.order:
        return resolution
    notes = [
        note
        for failure, transform in _told(setup)
        if transform.id == finding.id
        for note in _differences(failure, finding, setup, after)
    ]
    return replace(resolution, notes=(*resolution.notes, *dict.fromkeys(notes)))


def _rivals(finding: Finding, setup: Setup) -> Iterator[str]:
    """A note about the transform that repairs the failure too, and may know better what AWS accepts."""
    failure = failure_of(finding, setup.settings.failures)
    transform = transform_of(failure) if failure and setup.settings.as_reviewed else None
    if transform is not None and transform.id != AS_REVIEWED:
        yield (
            f"{transform.id} knows this failure, and may repair it in another way: `fixer explain {transform.id}` says "
            "why."
        )


def _differences(failure: Failure, finding: Finding, setup: Setup, after: Project) -> Iterator[str]:
    for each in examined((failure,), tuple(setup.original.templates.values())):
        for repair in each.repairs:
            if repair.path == finding.path and _entry(repair.place) == _entry(finding.pointer):
                wanted = _wanted(repair, setup.original.templates[repair.path].data)
                if place := _first_difference(repair.ops, wanted, after.templates[repair.path].data):
                    value = shown(pointer.get(wanted, place)) if pointer.exists(wanted, place) else "nothing"
                    yield (
                        f"The review {failure.path}, line {failure.line}, shows another result at {place}: {value}. "
                        "--as-reviewed prefers it."
                    )


def _wanted(repair: Repair, before: Json) -> Json:
    try:
        return resolve(before, repair.ops)[0]
    except BadPatch:
        return before


def _first_difference(ops: tuple[Op, ...], wanted: Json, now: Json) -> str:
    """The first place that the operations write and that has another value now; "" if there is none."""
    for op in ops:
        place = str(op["path"])
        if op["op"] != "test":
            has, had = pointer.exists(now, place), pointer.exists(wanted, place)
            if has != had or (has and pointer.get(now, place) != pointer.get(wanted, place)):
                return place
    return ""
