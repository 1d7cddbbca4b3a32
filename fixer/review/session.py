"""The review: a person decides patch by patch. This module does not know how a question is shown.

Findings are computed again after every choice: the pipeline runs with the patches accepted so far, all of them proven,
and the next question is about a finding that is still undecided. An undone choice has no effect. Every decision is kept
as it is made, so that a review that is left continues where it stopped.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from fixer.aws.cached_lint import Lint, RememberedLint
from fixer.document import parse
from fixer.engine.pipeline import by_tier, repair
from fixer.engine.proposal import Decide, Decision, Proposal
from fixer.engine.selection import by_id, is_skipped
from fixer.errors import FixerError
from fixer.inputs.config import merge_options
from fixer.inputs.projects import Part
from fixer.model import Outcome, Report, Resolution
from fixer.review.decided import Decided
from fixer.review.questions import MOVES, Answer, Ask, Choice, Question, Stopped
from fixer.settings import Settings
from fixer.transforms.review.sources import failure_of

UNDECIDED = "not decided"
SKIPPED = "skipped in this review"
_LOST = (Outcome.UNVERIFIED, Outcome.CONFLICT, Outcome.FAILED)
_STEPS = {Choice.NEXT: 1, Choice.PREVIOUS: -1}


class Review:
    """A review of projects. `check` runs before each question and may raise; `busy` is entered while fixer works;
    `keep` receives the decisions after each one. `earlier` are decisions of a review that was left.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        settings: Settings,
        lint: Lint | None,
        check: Callable[[], None] = lambda: None,
        busy: Callable[[], AbstractContextManager[object]] = nullcontext,
        keep: Callable[[Decided], None] = lambda decided: None,
        earlier: Decided | None = None,
    ) -> None:
        self._parts, self._settings, self._check = parts, settings, check
        self._busy, self._keep = busy, keep
        self._lint = RememberedLint(lint) if lint else None
        self._states = [earlier or Decided()]
        self._told: set[str] = set()
        self._reports: dict[int, tuple[Decided, Report]] = {}
        self._asked: list[str] = []
        self._looking_at = ""

    def run(self, ask: Ask, notice: str = "") -> list[tuple[Part, Report]]:
        """Asks until every finding is decided or the person writes; returns the report of each project.

        Raises Stopped if the person stops without writing.
        """
        at = 0
        while at < len(self._parts):
            try:
                report = self._report(at)
            except FixerError as error:
                if not self._took_value():
                    raise
                self._states.pop()
                self._looking_at = self._asked.pop()
                notice = str(error)
                continue
            if lost := self._lost(report):
                notice = lost
                continue
            # Removals are asked about last: what is decided before may use what they remove.
            open_ = sorted(filter(self._is_open, report.resolutions), key=lambda each: by_id(each.finding.id).last)
            if not open_:
                at += 1
                continue
            self._check()
            question = self._question(at, open_, notice)
            answer, notice = ask(question), ""
            if answer.choice is Choice.QUIT:
                raise Stopped(self._states[-1].count)
            if answer.choice is Choice.WRITE:
                break
            if answer.choice is Choice.UNDO:
                at = 0
            self._take(question, answer)
        return [(part, self._told_of(self._report(index))) for index, part in enumerate(self._parts)]

    def skips(self, each: Resolution) -> bool:
        """Whether the person skipped a finding, in this review or (unchanged) in an earlier one."""
        return self._states[-1].skips(each) or (not each.order and is_skipped(each.finding, self._settings))

    def _take(self, question: Question, answer: Answer) -> None:
        """Moves to another question, undoes the last decision, or makes one."""
        if answer.choice in MOVES:
            at = question.at + _STEPS[answer.choice] if answer.choice in _STEPS else answer.goal
            self._looking_at = question.open_[at % question.left].finding.key
            return
        if answer.choice is Choice.UNDO:
            self._told.clear()
            self._states.pop()
            self._looking_at = self._asked.pop()
        else:
            self._states.append(self._states[-1].with_answer(question.resolution, answer))
            self._asked.append(question.resolution.finding.key)
            stays = answer.choice is Choice.VALUE
            following = [each.finding.key for each in question.open_[question.at :]]
            self._looking_at = following[0] if stays else following[1] if len(following) > 1 else ""
        self._keep(self._states[-1])

    def _told_of(self, report: Report) -> Report:
        """The report in which skipped findings that need a value count as skipped."""

        def told(each: Resolution) -> Resolution:
            if each.outcome is not Outcome.NEEDS_VALUE or not self.skips(each):
                return each
            return replace(each, outcome=Outcome.SKIPPED, reason=SKIPPED, wants=())

        templates = [replace(each, resolutions=tuple(map(told, each.resolutions))) for each in report.templates]
        return replace(report, templates=tuple(templates))

    def _report(self, at: int) -> Report:
        state = self._states[-1]
        if at not in self._reports or self._reports[at][0] != state:
            settings = replace(self._settings, options=merge_options(self._settings.options, state.values))
            part = self._parts[at]
            with self._busy():
                report = repair(part.project, part.scope, settings, self._lint, self._decide(state))
            self._reports[at] = state, report
        return self._reports[at][1]

    def _decide(self, state: Decided) -> Decide:
        by_settings = by_tier(replace(self._settings, unsafe=True))

        def decide(proposal: Proposal) -> Decision:
            finding = proposal.finding
            if one := state.findings.get(finding.key):
                return Decision(False, SKIPPED) if one.files is None else Decision(True, files=one.files or None)
            tier = proposal.undeployed if self._settings.undeployed else proposal.tier
            for limit in state.limits(finding.id, finding.path, tier):
                if limit is None:
                    return Decision(False, SKIPPED)
                if tier.rank <= limit.rank:
                    return Decision(True)
            decision = by_settings(proposal)
            return Decision(False, UNDECIDED) if decision.accept else decision

        return decide

    def _is_open(self, each: Resolution) -> bool:
        """Whether to ask about it: it is undecided, or it needs a value."""
        if each.outcome is Outcome.NEEDS_VALUE:
            return not self.skips(each)
        return each.outcome is Outcome.SKIPPED and each.reason == UNDECIDED

    def _lost(self, report: Report) -> str:
        """The notice about an accepted patch that is not proven, once. If it was edited, it is asked again."""
        state = self._states[-1]
        for each in report.resolutions:
            one = state.findings.get(each.finding.key)
            if each.outcome in _LOST and one and one.files is not None and each.finding.key not in self._told:
                self._told.add(each.finding.key)
                if one.files:
                    self._states[-1] = state.without(each.finding.key)
                    self._looking_at = each.finding.key
                return f"{each.finding.id} was rolled back: {each.reason}"
        return ""

    def _took_value(self) -> bool:
        return len(self._states) > 1 and self._states[-1].values != self._states[-2].values

    def _question(self, number: int, open_: Sequence[Resolution], notice: str) -> Question:
        at = next((place for place, each in enumerate(open_) if each.finding.key == self._looking_at), 0)
        asked, report = open_[at], self._reports[number][1]
        texts = {each.path: each.after for each in report.templates}
        before = {path: texts[path] for path in asked.patches}
        after = {path: parse(before[path], path).apply(ops).text for path, ops in asked.patches.items()}
        accepted = sum(bool(each.order) for _, one in self._reports.values() for each in one.resolutions)
        decided = sum(bool(each.order) or self._states[-1].skips(each) for each in report.resolutions)
        return Question(
            asked,
            before,
            after,
            notice,
            tuple(open_),
            at,
            decided,
            accepted,
            len(self._states) > 1,
            self._settings.undeployed,
            self._asked_for(asked),
            failure_of(asked.finding, self._settings.failures),
        )

    def _asked_for(self, asked: Resolution) -> str:
        """The line of a document that asks for this repair; "" if there is none."""
        names = (asked.finding.id, by_id(asked.finding.id).requirement)
        lines = (each for each in self._settings.requirement_lines if each.name in names)
        return next((f"{each.path}:{each.line} asks for it: {each.text}" for each in lines), "")
