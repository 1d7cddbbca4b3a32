"""One round: findings become patches, transform by transform, and documents become new documents.

This module does not prove or write anything: `fixer.engine.pipeline` runs rounds, and `fixer.engine.verify` proves
them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.applied import Applied
from fixer.engine.equivalence import ANYTHING
from fixer.engine.named_words import naming
from fixer.engine.proposal import Proposal, Setup, bug_in, effects_of, propose
from fixer.engine.reported import asked_for
from fixer.engine.selection import is_suppressed
from fixer.engine.touched_places import Touched
from fixer.errors import BadPatch, FixerError
from fixer.model import Finding, Op, Outcome, Resolution
from fixer.transforms.transform import Transform

_Entry: TypeAlias = tuple[str, tuple[str, ...]]
"""A path, and the section and name of an entry."""


@dataclass
class RoundState:
    """The state of a round: its start, its current project, the applied patches, and the outcomes of the other
    findings. `held` are patches that other patches of the round keep from being applied; `waiting` are the keys of
    findings that wait for the next round.
    """

    start: Project
    project: Project
    applied: list[Applied] = field(default_factory=list)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    errors: dict[str, FixerError] = field(default_factory=dict)
    touched: Touched = field(default_factory=Touched)
    held: list[Applied] = field(default_factory=list)
    waiting: frozenset[str] = frozenset()


def play(setup: Setup, start: Project, blocked: Mapping[str, Resolution]) -> RoundState:
    """Runs one round from a state of the project. Blocked findings keep their resolution.

    A transform without cfn-lint rules may have examined an entry in which this round repairs an error, such as a
    misnamed property. Its finding then waits for the next round, which examines the repaired entry.
    """
    state = _played(setup, RoundState(start, start), blocked)
    if early := dict(_too_early(state)):
        state = _played(setup, RoundState(start, start, waiting=frozenset(early)), blocked)
        repaired = _repaired(state.applied)
        if not repaired.issuperset(early.values()):  # If the error stays, there is nothing to wait for.
            waiting = frozenset(key for key, entry in early.items() if entry in repaired)
            state = _played(setup, RoundState(start, start, waiting=waiting), blocked)
    return state


def _played(setup: Setup, state: RoundState, blocked: Mapping[str, Resolution]) -> RoundState:
    foreseen = False
    for transform in setup.transforms:
        if transform.rules and not foreseen:
            setup.foresee(state.project)
            foreseen = True
        if transform.last:
            if state.applied:
                continue
            setup = naming(setup, state.start, state.resolutions.values())
        _turn(setup, transform, state, blocked)
    return state


def _too_early(state: RoundState) -> Iterator[tuple[str, _Entry]]:
    """The applied patches of transforms without rules, by key, in whose entry another patch repairs an error."""
    repaired = _repaired([*state.applied, *state.held])
    for each in state.applied:
        entry = (each.finding.path, pointer.split(each.finding.pointer)[:2])
        if each.finding.match is None and entry in repaired:
            yield each.key, entry


def _repaired(patches: Iterable[Applied]) -> set[_Entry]:
    """The entries in which patches repair errors that cfn-lint reports."""
    return {
        (path, pointer.split(str(place))[:2])
        for each in patches
        if each.finding.match is not None and each.finding.match.rule.startswith("E")
        for path, ops in each.patch.files.items()
        for op in ops
        for place in ((op["path"], op.get("from", op["path"])) if op["op"] != "test" else ())
    }


def findings(setup: Setup, transform: Transform, project: Project, errors: dict[str, FixerError]) -> Iterator[Finding]:
    """The findings of a transform in the templates in scope, in the order of the text. For a lint-driven transform the
    last one comes first: it cannot detect again within a round, and in this order its patches do not move the findings
    still to come.

    A transform that raises an exception is an error of that template and does not stop the others.
    """
    for path in sorted(setup.scope):
        template = project.templates[path]
        try:
            found = list(transform.detect(template, setup.context(transform, project, path)))
        except FixerError:
            raise
        except Exception as error:
            errors[f"{transform.id}:{path}"] = bug_in(transform, path, error)
            continue
        found = list(asked_for(found, template, setup.settings))
        yield from sorted(found, key=lambda each: template.document.span(each.pointer), reverse=bool(transform.rules))


def _turn(setup: Setup, transform: Transform, state: RoundState, blocked: Mapping[str, Resolution]) -> None:
    """One transform's part of a round.

    Patches that do not touch each other are made from the same text and spliced at once. If two touch each other, the
    first is applied and the rest are detected again. A lint-driven transform cannot detect again, because the matches
    belong to the initial text: its findings whose place has changed wait for the next round.
    """
    done: set[str] = set()
    while True:
        batch = _Batch()
        project = state.start if transform.rules else state.project
        for finding in findings(setup, transform, project, state.errors):
            waits = bool(transform.rules) and state.touched.hits(finding.path, finding.pointer)
            if finding.key in done or waits:
                continue
            if batch.touched.hits(finding.path, finding.pointer):
                break
            proposal = _consider(setup, transform, finding, state, blocked)
            if proposal is not None and batch.touched.hit_by(proposal.patch.files):
                break
            done.add(finding.key)
            if proposal is not None:
                batch.add(proposal)
        else:
            _apply(setup, batch, state)
            return
        _apply(setup, batch, state)


class _Batch:
    """Patches of one transform that touch different places."""

    def __init__(self) -> None:
        self.proposals: list[Proposal] = []
        self.touched = Touched()

    def add(self, proposal: Proposal) -> None:
        self.proposals.append(proposal)
        self.touched.add(proposal.patch.files)


def _consider(
    setup: Setup, transform: Transform, finding: Finding, state: RoundState, blocked: Mapping[str, Resolution]
) -> Proposal | None:
    """The accepted proposal for a finding; else None, with the reason in `state`.

    The patch of a lint-driven transform is made from the linted text; it waits if the text has changed at that place.
    """
    project = state.start if transform.rules else state.project
    template = project.templates[finding.path]
    if is_suppressed(finding, template, setup.settings):
        state.suppressed.add(finding.key)
        return None
    if finding.key in blocked:
        state.resolutions[finding.key] = blocked[finding.key]
        return None
    proposal, resolution = propose(setup, transform, finding, project, state.errors)
    if finding.key in state.waiting:
        reason = "an error in the same entry must be repaired first"
        resolution, proposal = replace(resolution, outcome=Outcome.SKIPPED, reason=reason), None
    if proposal is None:
        state.resolutions[finding.key] = resolution
        return None
    if transform.rules and state.touched.hit_by(proposal.patch.files):
        state.held.append(Applied(finding, proposal.patch))
        # If the other patch repairs this finding too, it is not found again, and the report still has its notes.
        reason = "another patch changes the same place first"
        state.resolutions[finding.key] = replace(resolution, outcome=Outcome.SKIPPED, reason=reason)
        return None
    decision = setup.decide(proposal)
    if decision.files is not None:
        proposal = replace(proposal, patch=replace(proposal.patch, files=decision.files), changes=ANYTHING)
        effects = effects_of(project, proposal.patch)
        resolution = replace(resolution, patches=decision.files, effects=effects)
    outcome = Outcome.WOULD_APPLY if decision.accept else Outcome.SKIPPED
    state.resolutions[finding.key] = replace(resolution, outcome=outcome, reason=decision.reason)
    return proposal if decision.accept else None


def _apply(setup: Setup, batch: _Batch, state: RoundState) -> None:
    """Applies a batch in one splice per file. If that is refused, applies its patches one by one to find the refused
    one.
    """
    if not batch.proposals:
        return
    try:
        _splice(batch.proposals, state)
    except BadPatch:
        for proposal in batch.proposals:
            try:
                _splice([proposal], state)
            except BadPatch as error:
                refused = replace(state.resolutions[proposal.finding.key], outcome=Outcome.FAILED, reason=error.message)
                state.resolutions[proposal.finding.key] = refused


def _splice(proposals: list[Proposal], state: RoundState) -> None:
    files: dict[str, list[Op]] = {}
    for proposal in proposals:
        for path, ops in proposal.patch.files.items():
            files.setdefault(path, []).extend(ops)
    project = state.project
    for path, combined in files.items():
        document = project.templates[path].document.apply(combined)
        project = project.with_template(Template(path, document))
    state.project = project
    for proposal in proposals:
        state.applied.append(Applied(proposal.finding, proposal.patch, proposal.changes))
        state.touched.add(proposal.patch.files)
