"""One round: findings become patches, transform by transform, and documents become new documents.

Nothing is proven or written here: `fixer.engine.pipeline` plays rounds, and `fixer.engine.verify` judges them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.applied import Applied
from fixer.engine.selection import is_suppressed, option_values, tiers
from fixer.engine.touched_places import Touched
from fixer.errors import BadPatch, FixerError
from fixer.impact.resources import impact
from fixer.model import Effect, EffectKind, Finding, LintMatch, Op, Outcome, Patch, Position, Resolution, Tier
from fixer.settings import Settings
from fixer.transforms.transform import Transform


@dataclass(frozen=True, slots=True)
class Proposal:
    """A patch that is ready, its tier, and its tier where no stack exists yet."""

    finding: Finding
    patch: Patch
    tier: Tier
    undeployed: Tier


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a proposal is applied; if not, why not. `files` are the operations to apply instead of its own."""

    accept: bool
    reason: str = ""
    files: Mapping[str, tuple[Op, ...]] | None = None


Decide = Callable[[Proposal], Decision]


@dataclass(frozen=True)
class Setup:
    """What stays the same through a run.

    `scope` holds the paths that may be written; `matches` gives the lint matches of a template; `foresee` is told what
    will be linted at the end of the round if lint-driven transforms change nothing.
    """

    original: Project
    scope: Collection[str]
    transforms: tuple[Transform, ...]
    settings: Settings
    decide: Decide
    matches: Callable[[Template], tuple[LintMatch, ...]]
    foresee: Callable[[Project], None] = lambda project: None

    def context(self, transform: Transform, project: Project, path: str) -> Context:
        """What the transform sees of the project while it looks at the template of that path."""
        matches = {}
        if transform.rules:
            matches = {each: self._reported(transform, project.templates[each]) for each in self.scope}
        values = option_values(transform, self.settings, project.declared.get(path))
        selected = transform.id in self.settings.select
        return Context(transform.id, project, values, self.settings.require, matches, selected)

    def _reported(self, transform: Transform, template: Template) -> tuple[LintMatch, ...]:
        return tuple(match for match in self.matches(template) if match.rule in transform.rules)


@dataclass
class RoundState:
    """A round as it goes on: where it began, how far it is, what was applied, and what became of the other findings."""

    start: Project
    project: Project
    applied: list[Applied] = field(default_factory=list)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    errors: dict[str, FixerError] = field(default_factory=dict)
    touched: Touched = field(default_factory=Touched)


def play(setup: Setup, start: Project, blocked: Mapping[str, Resolution]) -> RoundState:
    """Plays one round from a state of the project. Findings that are blocked keep the resolution they have."""
    state, foreseen = RoundState(start, start), False
    for transform in setup.transforms:
        if transform.rules and not foreseen:
            setup.foresee(state.project)
            foreseen = True
        _turn(setup, transform, state, blocked)
    return state


def findings(setup: Setup, transform: Transform, project: Project, errors: dict[str, FixerError]) -> Iterator[Finding]:
    """What a transform finds in the templates in scope, in the order of the text; of a lint-driven transform last
    first: its findings cannot be found anew within a round, and its patches then move none of those still to come.

    A transform that breaks is an error of that template and stops nobody else.
    """
    for path in sorted(setup.scope):
        template = project.templates[path]
        try:
            found = list(transform.detect(template, setup.context(transform, project, path)))
        except FixerError:
            raise
        except Exception as error:
            errors[f"{transform.id}:{path}"] = _bug(transform, path, error)
            continue
        yield from sorted(found, key=lambda each: template.document.span(each.pointer), reverse=bool(transform.rules))


def _turn(setup: Setup, transform: Transform, state: RoundState, blocked: Mapping[str, Resolution]) -> None:
    """One transform's part of a round.

    Patches that do not touch each other are made from the same text and spliced at once; where two do, the first is
    applied and the rest is found anew. A lint-driven transform cannot find anew, as the matches belong to the text at
    the start: its findings whose place was changed wait for the next round.
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
    """The proposal that answers a finding and was accepted; else None, and the reason is in `state`.

    The patch of a lint-driven transform is made from the text that was linted; it waits if that has changed there.
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
    if proposal is None:
        state.resolutions[finding.key] = resolution
        return None
    if transform.rules and state.touched.hit_by(proposal.patch.files):
        return None
    decision = setup.decide(proposal)
    if decision.files is not None:
        proposal = replace(proposal, patch=replace(proposal.patch, files=decision.files))
        effects = _effects(project, proposal.patch)
        resolution = replace(resolution, patches=decision.files, effects=effects)
    outcome = Outcome.WOULD_APPLY if decision.accept else Outcome.SKIPPED
    state.resolutions[finding.key] = replace(resolution, outcome=outcome, reason=decision.reason)
    return proposal if decision.accept else None


def propose(
    setup: Setup, transform: Transform, finding: Finding, project: Project, errors: dict[str, FixerError]
) -> tuple[Proposal | None, Resolution]:
    """The patch for a finding with the tier that counts, if there is one, and the finding's resolution so far."""
    template = project.templates[finding.path]
    position = _position(setup.original.templates[finding.path], template, finding.pointer)
    try:
        patch = _patch(setup, transform, finding, template, project)
    except FixerError:
        raise
    except Exception as error:
        errors[f"{transform.id}:{finding.path}"] = bug = _bug(transform, finding.path, error)
        return None, Resolution(finding, position, transform.tier, Outcome.FAILED, bug.message)
    effects = _effects(project, patch)
    tier, milder = tiers(patch, effects, setup.settings, transform.id)
    outcome = Outcome.NEEDS_VALUE if patch.wants else Outcome.SKIPPED
    notes = (*patch.notes, *_still_passed(project, effects))
    shown = milder if setup.settings.undeployed else tier
    resolution = Resolution(
        finding, position, shown, outcome, patch.reason, notes, patch.wants, patch.after, patch.files, effects=effects
    )
    return (Proposal(finding, patch, tier, milder) if patch.files else None), resolution


def _effects(project: Project, patch: Patch) -> tuple[Effect, ...]:
    """What the patch does to deployed stacks; () for one that does not apply, which the splice will tell."""
    import jsonpatch

    after = project
    try:
        for path, ops in patch.files.items():
            data = jsonpatch.apply_patch(project.templates[path].data, ops)
            after = after.with_template(Template.of_data(path, data))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        return ()
    return impact(project, after, patch.files)


def _still_passed(project: Project, effects: tuple[Effect, ...]) -> Iterator[str]:
    """A note for each file that passes a parameter that the patch removes."""
    for effect in effects:
        if effect.section == "Parameters" and effect.kind is EffectKind.REMOVE:
            for file in project.parameter_files:
                if effect.name in file.names and file.template in ("", effect.path):
                    yield f"{file.path} still passes {effect.name}, which the template no longer has: remove it there."


def _patch(setup: Setup, transform: Transform, finding: Finding, template: Template, project: Project) -> Patch:
    """The transform's patch, unless a law forbids it: unprovable templates and files outside the PATHs stay."""
    if template.unprovable:
        return Patch.none(template.unprovable, transform.tier)
    patch = transform.patch(template, finding, setup.context(transform, project, finding.path))
    for path in patch.files:
        if reason := project.templates[path].unprovable:
            return Patch.none(f"{path}: {reason}", patch.tier)
        if path not in setup.scope:
            return Patch.none(f"the repair also changes {path}, which is not among the PATHs", patch.tier)
    return patch


def _apply(setup: Setup, batch: _Batch, state: RoundState) -> None:
    """Applies a batch in one splice per file; if that is refused, its patches one by one, to know which it was."""
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
        state.applied.append(Applied(proposal.finding, proposal.patch))
        state.touched.add(proposal.patch.files)


def _position(original: Template, template: Template, place: str) -> Position:
    """Where the place stands in the text that the user has: in the original if it is the same place there."""
    try:
        if original.key_of(place) == template.key_of(place):
            return original.document.position(place)
    except (KeyError, IndexError, ValueError):
        pass
    return template.document.position(place)


def _bug(transform: Transform, path: str, error: Exception) -> FixerError:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return FixerError(f"{transform.id} broke ({what}); this is a bug of fixer's, please report it", path)
