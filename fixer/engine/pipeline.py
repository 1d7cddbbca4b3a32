"""Rounds to a fixpoint: findings become patches, patches are proven, and unproven patches are rolled back."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from itertools import chain
from typing import TypeAlias

from fixer.aws.cached_lint import Lint, RememberedLint
from fixer.aws.forks import cores
from fixer.aws.second_opinion import SecondOpinion
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.applied import Applied, operations, removed_later
from fixer.engine.equivalence import Declaration, undeclared
from fixer.engine.listed_repairs import handled, with_review_notes
from fixer.engine.named_words import naming
from fixer.engine.nesting import is_outdated
from fixer.engine.opinions import with_second_opinion
from fixer.engine.proposal import Decide, Decision, Proposal, Setup, propose
from fixer.engine.round import RoundState, findings, play
from fixer.engine.selection import chosen, is_suppressed
from fixer.engine.unjudged import half_judged, unjudged, without_unprovable_patch
from fixer.engine.unrepaired import unrepaired
from fixer.engine.verify import disputed, undoing, verify
from fixer.errors import FixerError
from fixer.inputs.history import versions
from fixer.model import (
    Finding,
    LintMatch,
    LintResult,
    Outcome,
    Report,
    Resolution,
    Suspicion,
    TemplateReport,
    Tier,
    Verdict,
)
from fixer.model.versions import Version, no_versions
from fixer.settings import Settings

MAX_ROUNDS = 10

Earlier: TypeAlias = Callable[[str], tuple[Version, ...]]
"""The earlier versions of the template at a path, the newest first."""


def by_tier(settings: Settings) -> Decide:
    """Decides as `apply` does without a review: safe and review are applied, fewer with safe_only, all with unsafe."""

    def decide(proposal: Proposal) -> Decision:
        tier = proposal.undeployed if settings.undeployed else proposal.tier
        if settings.declined and proposal.finding.fix(proposal.patch.files) in settings.declined:
            return Decision(False, "declined: a pull request that offered it was closed")
        if tier is Tier.UNSAFE and not settings.unsafe:
            milder = proposal.undeployed is not Tier.UNSAFE
            flags = "--unsafe (or --undeployed, if no stack exists yet)" if milder else "--unsafe"
            return Decision(False, f"unsafe: apply it with {flags}")
        if tier is Tier.REVIEW and settings.safe_only:
            return Decision(False, "for review: apply it without --safe-only")
        return Decision(True)

    return decide


def inspect(project: Project, scope: Collection[str], settings: Settings, lint: Lint | None = None) -> Report:
    """Every finding with its patch for the templates as they are; nothing is applied."""
    run = _Run(project, scope, settings, lint, by_tier(settings))
    resolutions: dict[str, Resolution] = {}
    suppressed: set[str] = set()
    errors: dict[str, FixerError] = {}
    for transform in run.setup.transforms:
        setup = naming(run.setup, project, resolutions.values()) if transform.last else run.setup
        for finding in findings(setup, transform, project, errors):
            if is_suppressed(finding, project.templates[finding.path], settings):
                suppressed.add(finding.key)
                continue
            _, resolution = propose(setup, transform, finding, project, errors)
            resolutions[finding.key] = replace(resolution, outcome=Outcome.FOUND)
    paths = unjudged(project, scope, run.lint)
    found = [without_unprovable_patch(each, paths) for each in resolutions.values()]
    return run.report(project, found, errors.values(), len(suppressed))


def repair(
    project: Project,
    scope: Collection[str],
    settings: Settings,
    lint: Lint | None = None,
    decide: Decide | None = None,
    earlier: Earlier | None = None,
) -> Report:
    """Repairs the templates in `scope` until no finding is left that may be repaired.

    Every patch in the report is proven (see `fixer.engine.verify`; without `lint`, cfn-lint's part is left out). A
    patch that is not proven is rolled back alone and reported as unverified; patches that depend on it are reported as
    conflicts. Findings that keep undoing each other are rolled back, and each names the other. The texts of the report
    are not written. `earlier` gives the earlier versions of the template at a path; without it, the git repository of
    the file gives them if the settings allow it.
    """
    run = _Run(project, scope, settings, lint, decide or by_tier(settings), earlier)
    while not run.rounds():
        pass
    return run.report(run.project, run.resolutions.values(), run.errors.values(), len(run.suppressed))


@dataclass
class _Run:
    """One run of the pipeline over one project."""

    original: Project
    scope: Collection[str]
    settings: Settings
    plain_lint: InitVar[Lint | None]
    decide: Decide
    earlier: Earlier | None = None
    lint: RememberedLint | None = field(init=False)
    opinion: RememberedLint | None = field(init=False, default=None)
    project: Project = field(init=False)
    setup: Setup = field(init=False)
    blocked: dict[str, Resolution] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    history: list[list[Applied]] = field(default_factory=list)
    revealed: dict[str, tuple[LintMatch, ...]] = field(default_factory=dict)
    errors: dict[str, FixerError] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)

    def __post_init__(self, plain_lint: Lint | None) -> None:
        transforms = chosen(self.settings)
        self.project = self.original
        self.lint = RememberedLint(plain_lint) if plain_lint else None
        if self.settings.second_opinion:
            self.opinion = RememberedLint(SecondOpinion(self.settings.regions))
        self.setup = Setup(
            self.original,
            self.scope,
            transforms,
            self.settings,
            self.decide,
            self._matches,
            self._foresee,
            earlier=self.earlier or (versions if self.settings.history else no_versions),
        )
        self.setup = replace(self.setup, handled=handled(self.setup))

    def rounds(self) -> bool:
        """Runs rounds until one is empty; False if the run must start again with more blocked findings."""
        self.project, self.history, self.revealed, self.resolutions = self.original, [], {}, {}
        seen: dict[str, Resolution] = {}
        for _ in range(MAX_ROUNDS):
            state = self._settled()
            seen = {**state.resolutions, **seen}
            if any(self._is_applied(key) for key in self.blocked):
                return False
            done = {key: found for key, found in self.resolutions.items() if self._is_applied(key)}
            gone = {key: each for key, each in seen.items() if key not in state.resolutions and key not in done}
            current = {_told(each.finding) for each in (*state.resolutions.values(), *done.values())}
            gone = {key: each for key, each in gone.items() if _told(each.finding) not in current}
            self.resolutions = {**state.resolutions, **done, **dict(self._no_longer_found(gone))}
            self.suppressed |= state.suppressed
            self.errors |= state.errors
            if not state.applied:
                return self._is_confirmed() and self._is_declared()
            if self._undone(state):
                return False
            self.history.append(state.applied)
            self.project = state.project
        for each in self.history[-1]:
            self._block(self.resolutions[each.key], Outcome.FAILED, f"not settled after {MAX_ROUNDS} rounds")
        return False

    def _is_confirmed(self) -> bool:
        """Whether a second reader agrees with the run about the final texts; if not, the disputed findings are blocked.

        Every round has proven this. The final check costs nothing, and it makes the result independent of the rounds.
        """
        blamed = disputed(self.project, list(chain.from_iterable(self.history)))
        for key, reason in blamed.items():
            self._block(self.resolutions[key], Outcome.UNVERIFIED, reason)
        return not blamed

    def _is_declared(self) -> bool:
        """Whether all patches together change only what they declare; else one that may have done more is blocked."""
        applied = list(chain.from_iterable(self.history))
        reason = undeclared(
            self.original, self.project, [Declaration(each.finding, each.changes, each.patch.files) for each in applied]
        )
        if reason:
            suspect = next(
                (each for each in reversed(applied) if any(path in reason for path in each.patch.files)), applied[-1]
            )
            self._block(self.resolutions[suspect.key], Outcome.UNVERIFIED, f"together with other patches: {reason}")
        return not reason

    def _no_longer_found(self, gone: Mapping[str, Resolution]) -> Iterator[tuple[str, Resolution]]:
        """The outcomes of findings of earlier rounds that no patch repaired and that are no longer found: a finding
        never leaves the report without a reason.
        """
        applied = list(chain.from_iterable(self.history))
        for key, each in gone.items():
            path, place = each.finding.path, each.finding.pointer
            ids = dict.fromkeys(other.finding.id for other in applied if other.touches(path, place))
            by = " and ".join(ids) or "other patches of this run"
            yield key, replace(each, outcome=Outcome.SKIPPED, reason=f"no longer found after the repair by {by}")

    def _settled(self) -> RoundState:
        """A round whose verdict holds: findings at fault are blocked, and the round runs again without them."""
        dependents: dict[str, Resolution] = {}
        while True:
            repaired = tuple(each.finding for each in chain.from_iterable(self.history))
            state = play(replace(self.setup, repaired=repaired), self.project, self.blocked)
            for each in state.applied:
                dependents.pop(each.key, None)
            for key, resolution in dependents.items():
                reason = "it depends on a patch that was rolled back"
                state.resolutions[key] = replace(resolution, outcome=Outcome.CONFLICT, reason=reason)
            if not state.applied:
                return state
            verdict = self._verdict(self.project, state)
            if verdict.holds:
                for path, matches in verdict.revealed.items():
                    self.revealed[path] = self.revealed.get(path, ()) + matches
                return state
            self._blame(state, verdict)
            dependents |= {
                each.key: state.resolutions[each.key] for each in state.applied if each.key not in self.blocked
            }

    def _verdict(self, start: Project, state: RoundState) -> Verdict:
        ids = {each.finding.id for each in state.applied}
        transforms = [transform for transform in self.setup.transforms if transform.id in ids and not transform.rules]

        def detect(project: Project) -> Iterator[Finding]:
            for transform in transforms:
                yield from findings(self.setup, transform, project, state.errors)

        verdict = verify(start, state.project, state.applied, detect, self.lint)
        if self.opinion is None or verdict.blamed:
            return verdict
        return with_second_opinion(verdict, start, state.project, state.applied, self.opinion)

    def _blame(self, state: RoundState, verdict: Verdict) -> None:
        """Blocks the findings that the verdict blames. If several are suspected of a lint match, blocks the one that
        causes it.
        """
        for key, reason in verdict.blamed.items():
            self._block(state.resolutions[key], Outcome.UNVERIFIED, reason)
        for path, reason in verdict.failed.items():
            for each in state.applied:
                if path in each.patch.files:
                    self._block(state.resolutions[each.key], Outcome.FAILED, reason)
        for suspicion in verdict.suspicions:
            if not any(key in self.blocked for key in suspicion.keys):
                culprit = self._culprit(state, suspicion)
                self._block(state.resolutions[culprit], Outcome.UNVERIFIED, suspicion.reason)

    def _culprit(self, state: RoundState, suspicion: Suspicion) -> str:
        """The last patch of the shortest sequence of suspects with which the match appears, found by bisection."""
        low, high = 1, len(suspicion.keys)
        while low < high:
            middle = (low + high) // 2
            without = {key: state.resolutions[key] for key in suspicion.keys[middle:]}
            trial = self._trial(state, without)
            brought = self._verdict(self.project, trial).suspicions if trial.applied else ()
            if any(suspicion.is_like(each) for each in brought):
                high = middle
            else:
                low = middle + 1
        return suspicion.keys[low - 1]

    def _trial(self, state: RoundState, without: dict[str, Resolution]) -> RoundState:
        """The round without some of its patches, and with no other: one that was not needed may take their place, such
        as the same change for another failure of a list.
        """
        known = {each.key for each in state.applied}
        while True:
            trial = play(self.setup, self.project, self.blocked | without)
            strangers = {each.key: trial.resolutions[each.key] for each in trial.applied if each.key not in known}
            if not strangers:
                return trial
            without = {**without, **strangers}

    def _undone(self, state: RoundState) -> bool:
        """Whether a finding that an earlier round repaired is back; then it and the patch behind that are blocked."""
        earlier = [each for applied in self.history for each in applied]
        for again in state.applied:
            first = next((index for index, each in enumerate(earlier) if each.key == again.key), None)
            if first is None:
                continue
            rival = next((each for each in reversed(earlier[first + 1 :]) if _meet(each, again)), earlier[-1])
            for each in (again, rival):
                known = state.resolutions.get(each.key) or self.resolutions[each.key]
                self._block(known, Outcome.FAILED, undoing(again.finding, rival.finding))
            return True
        return False

    def _block(self, resolution: Resolution, outcome: Outcome, reason: str) -> None:
        self.blocked[resolution.finding.key] = replace(resolution, outcome=outcome, reason=reason)

    def _is_applied(self, key: str) -> bool:
        return any(each.key == key for applied in self.history for each in applied)

    def _matches(self, template: Template) -> tuple[LintMatch, ...]:
        return self.lint([(template.path, template.document.text)])[0].matches if self.lint else ()

    def _foresee(self, project: Project) -> None:
        """Lints the texts in scope, and the current texts of the round, in one call. With a free core, the proof of a
        round in which lint-driven transforms change nothing then takes no extra time.
        """
        if self.lint:
            states = (self.project, project) if cores() > 1 else (self.project,)
            texts = [each.templates[path].document.text for each in states for path in self.scope]
            self.lint(list(zip([*self.scope] * len(states), texts, strict=True)))

    def report(
        self, project: Project, resolutions: Iterable[Resolution], errors: Iterable[FixerError], suppressed: int
    ) -> Report:
        """The result of the run, template by template, each with its findings in the order of the text."""
        order = {each.key: n for n, each in enumerate(chain.from_iterable(self.history), 1)}
        gone = removed_later(list(chain.from_iterable(self.history)))
        known = [
            replace(each, order=order.get(each.finding.key, 0), notes=(*gone.get(each.finding.key, ()), *each.notes))
            for each in resolutions
        ]
        known = [with_review_notes(each, self.setup, project) for each in known]
        templates = tuple(self._template_report(path, project, known) for path in sorted(self.scope))
        failed = unjudged(self.original, self.scope, self.lint).values()
        return Report(templates, (*errors, *failed, *half_judged(project, self.scope, self.lint)), (), suppressed)

    def _last_matches(self, project: Project, path: str, result: LintResult | None) -> tuple[LintMatch, ...] | None:
        """The matches for a final text, without those for a nested template that is not written yet."""
        if result is None or result.failed:
            return None
        template = project.templates[path]
        return tuple(match for match in result.matches if not is_outdated(match, template, project))

    def _template_report(self, path: str, project: Project, resolutions: Sequence[Resolution]) -> TemplateReport:
        before, after = self.original.templates[path].document.text, project.templates[path].document.text
        own = [resolution for resolution in resolutions if resolution.finding.path == path]
        own.sort(key=lambda each: (each.position.line, each.position.column, each.finding.id, each.finding.key))
        first, last = (self.lint.known(path, text) if self.lint else None for text in (before, after))
        return TemplateReport(
            path,
            before,
            after,
            tuple(own),
            first.matches if first and not first.failed else None,
            self._last_matches(project, path, last),
            self.revealed.get(path, ()),
            project.role(project.templates[path]),
            project.region(project.templates[path]),
            project.templates[path].document.edits,
            unrepaired(project.templates[path], last, own, self.settings),
        )


def _told(finding: Finding) -> tuple[str, str, str, str]:
    """What people see as the same finding: its key changes if the list around it changes."""
    return finding.id, finding.path, finding.message, json.dumps(finding.seen, sort_keys=True)


def _meet(first: Applied, second: Applied) -> bool:
    """Whether two patches write into the same place of a file."""
    return any(
        first.touches(path, str(op["path"]))
        for path, ops in operations([second]).items()
        for op in ops
        if op["op"] != "test"
    )
