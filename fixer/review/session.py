"""The review: a person decides patch by patch. This module does not know how a question is shown.

Findings are computed again after every choice: the pipeline runs with the patches accepted so far, all of them proven,
and the next question is about a finding that is still undecided. An undone choice has no effect.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from fixer.aws.cached_lint import Lint, RememberedLint
from fixer.document import parse
from fixer.engine.pipeline import by_tier, repair
from fixer.engine.proposal import Decide, Decision, Proposal
from fixer.engine.selection import by_id
from fixer.errors import FixerError
from fixer.inputs.config import merge_options
from fixer.inputs.projects import Part
from fixer.model import Op, Outcome, Report, Resolution, Tier
from fixer.model.failures import Failure
from fixer.review.decisions import Memory
from fixer.settings import Settings
from fixer.transforms.review.sources import failure_of

Files: TypeAlias = Mapping[str, tuple[Op, ...]]

UNDECIDED = "not decided"
SKIPPED = "skipped in this review"
REMEMBERED = "skipped in an earlier review (--forget asks again)"
_LOST = (Outcome.UNVERIFIED, Outcome.CONFLICT, Outcome.FAILED)


class Choice(Enum):
    """The possible answers to a question; the value is the key."""

    APPLY = "y"
    SKIP = "n"
    APPLY_ALL = "a"
    SKIP_ALL = "s"
    EDIT = "e"
    VALUE = "v"
    UNDO = "u"
    QUIT = "q"
    WRITE = "w"


@dataclass(frozen=True)
class Answer:
    """A choice. `files` are the edited operations (EDIT); `values` are tuples (transform id, option, value) (VALUE)."""

    choice: Choice
    files: Files = field(default_factory=dict)
    values: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """A finding to decide: the texts before and after its patch (none: it needs a value first), a notice about an
    earlier choice ("": none), the number of remaining findings in the project, and whether a choice can be undone.
    `failure` is the listed failure that shows this repair, if one does.
    """

    resolution: Resolution
    before: Mapping[str, str]
    after: Mapping[str, str]
    notice: str
    left: int
    can_undo: bool
    undeployed: bool
    failure: Failure | None = None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices for this question."""
        first = (Choice.APPLY, Choice.SKIP, Choice.APPLY_ALL, Choice.SKIP_ALL, Choice.EDIT)
        decide = first if self.after else (Choice.VALUE, Choice.SKIP, Choice.SKIP_ALL)
        return (*decide, *((Choice.UNDO,) if self.can_undo else ()), Choice.QUIT, Choice.WRITE)

    def refusal(self, files: Files) -> str:
        """Why these operations cannot replace the patch; "" if they can."""
        for path, ops in files.items():
            if path not in self.before:
                return f"{path} is not a file of this patch: {', '.join(self.before)}"
            try:
                parse(self.before[path], path).apply(ops)
            except FixerError as error:
                return str(error)
        return "" if any(files.values()) else "there are no operations: skip the finding instead"


Ask = Callable[[Question], Answer]


class Stopped(Exception):
    """The person has stopped; nothing is written."""


@dataclass(frozen=True)
class _State:
    """All decisions: finding key to operations (accepted; empty: its own) or None (skipped); transform id to its
    highest tier that is accepted without a question, or None (skipped); the values that were set.
    """

    findings: Mapping[str, Files | None] = field(default_factory=dict)
    transforms: Mapping[str, Tier | None] = field(default_factory=dict)
    values: tuple[tuple[str, str, str], ...] = ()

    def skips(self, each: Resolution) -> bool:
        """Whether the finding or its transform was skipped."""
        key, name = each.finding.key, each.finding.id
        return (key in self.findings and self.findings[key] is None) or self.transforms.get(name, Tier.SAFE) is None


class Review:
    """A review of projects. `check` runs before each question and may raise; `busy` is entered while fixer works."""

    def __init__(
        self,
        parts: Sequence[Part],
        settings: Settings,
        lint: Lint | None,
        memory: Memory,
        check: Callable[[], None] = lambda: None,
        busy: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._parts, self._settings, self._memory, self._check = parts, settings, memory, check
        self._busy = busy
        self._lint = RememberedLint(lint) if lint else None
        self._states = [_State()]
        self._told: set[str] = set()
        self._reports: dict[int, tuple[_State, Report]] = {}

    def run(self, ask: Ask) -> list[tuple[Part, Report]]:
        """Asks until every finding is decided or the person writes; returns the report of each project.

        Raises Stopped if the person stops without writing.
        """
        at, notice = 0, ""
        while at < len(self._parts):
            try:
                report = self._report(at)
            except FixerError as error:
                if not self._took_value():
                    raise
                self._states.pop()
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
            answer = ask(self._question(report, open_, notice))
            notice = ""
            if answer.choice is Choice.QUIT:
                raise Stopped
            if answer.choice is Choice.WRITE:
                break
            if answer.choice is Choice.UNDO:
                at = 0
                self._told.clear()
                self._states = self._states[:-1] or self._states
            else:
                self._states.append(_decided(self._states[-1], open_[0], answer))
        return [(part, self._told_of(self._report(index))) for index, part in enumerate(self._parts)]

    def skips(self, each: Resolution) -> bool:
        """Whether the person skipped a finding, in this review or (unchanged) in an earlier one."""
        return self._states[-1].skips(each) or (not each.order and self._memory.knows(each.finding))

    def _told_of(self, report: Report) -> Report:
        """The report in which skipped findings that need a value count as skipped."""

        def told(each: Resolution) -> Resolution:
            if each.outcome is not Outcome.NEEDS_VALUE or not self.skips(each):
                return each
            reason = SKIPPED if self._states[-1].skips(each) else REMEMBERED
            return replace(each, outcome=Outcome.SKIPPED, reason=reason)

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

    def _decide(self, state: _State) -> Decide:
        by_settings = by_tier(replace(self._settings, unsafe=True))

        def decide(proposal: Proposal) -> Decision:
            key, name = proposal.finding.key, proposal.finding.id
            accepted = state.findings.get(key)
            if accepted is not None:
                return Decision(True, files=accepted or None)
            if key in state.findings or state.transforms.get(name, Tier.SAFE) is None:
                return Decision(False, SKIPPED)
            tier = proposal.undeployed if self._settings.undeployed else proposal.tier
            limit = state.transforms.get(name)
            if limit is not None and tier.rank <= limit.rank:
                return Decision(True)
            if self._memory.knows(proposal.finding):
                return Decision(False, REMEMBERED)
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
            key = each.finding.key
            if each.outcome in _LOST and state.findings.get(key) is not None and key not in self._told:
                self._told.add(key)
                if state.findings[key]:
                    self._states[-1] = replace(state, findings={k: v for k, v in state.findings.items() if k != key})
                return f"{each.finding.id} was rolled back: {each.reason}"
        return ""

    def _took_value(self) -> bool:
        return len(self._states) > 1 and self._states[-1].values != self._states[-2].values

    def _question(self, report: Report, open_: Sequence[Resolution], notice: str) -> Question:
        first = open_[0]
        texts = {each.path: each.after for each in report.templates}
        before = {path: texts[path] for path in first.patches}
        after = {path: parse(before[path], path).apply(ops).text for path, ops in first.patches.items()}
        undeployed, failure = self._settings.undeployed, failure_of(first.finding, self._settings.failures)
        return Question(first, before, after, notice, len(open_), len(self._states) > 1, undeployed, failure)


def _decided(state: _State, asked: Resolution, answer: Answer) -> _State:
    key, name = asked.finding.key, asked.finding.id
    match answer.choice:
        case Choice.APPLY | Choice.EDIT:
            return replace(state, findings={**state.findings, key: answer.files})
        case Choice.SKIP:
            return replace(state, findings={**state.findings, key: None})
        case Choice.APPLY_ALL:
            return replace(state, transforms={**state.transforms, name: asked.tier})
        case Choice.SKIP_ALL:
            return replace(state, transforms={**state.transforms, name: None})
        case _:
            return replace(state, values=state.values + answer.values)
