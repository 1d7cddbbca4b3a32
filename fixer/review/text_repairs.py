"""The questions about texts that do not parse, which come before the review: the rounds need texts that parse."""

from fixer.engine.pipeline import by_tier
from fixer.engine.proposal import Proposal
from fixer.engine.selection import IN_REVIEW, is_skipped
from fixer.model import Patch, Resolution
from fixer.review.questions import Answer, Ask, Choice, Question, Stopped
from fixer.review.session import SKIPPED, UNDECIDED
from fixer.settings import Settings


class TextRepairs:
    """Asks about each repair of a text. All repairs of a text are needed; so after one is skipped, its others are not
    asked about.
    """

    def __init__(self, ask: Ask, settings: Settings) -> None:
        self._ask, self._settings = ask, settings
        self._for_all: Choice | None = None
        self._refused: set[str] = set()
        self.skipped: list[Resolution] = []

    def accept(self, each: Resolution, before: str, after: str) -> str:
        """Why a repair is not accepted; "" if it is. Raises Stopped if the person stops."""
        path = each.finding.path
        decision = by_tier(self._settings)(Proposal(each.finding, Patch(each.patches, each.tier), each.tier, each.tier))
        if not decision.accept:
            return decision.reason
        if is_skipped(each.finding, self._settings):
            self.skipped.append(each)
            self._refused.add(path)
            return IN_REVIEW
        if path in self._refused or self._for_all is Choice.WRITE:
            return UNDECIDED
        choice = self._for_all or self._answer(each, before, after).choice
        if choice is Choice.QUIT:
            raise Stopped
        if choice in (Choice.APPLY_ALL, Choice.SKIP_ALL, Choice.WRITE):
            self._for_all = choice
        if choice in (Choice.APPLY, Choice.APPLY_ALL):
            return ""
        self._refused.add(path)
        if choice is Choice.WRITE:
            return UNDECIDED
        self.skipped.append(each)
        return SKIPPED

    def _answer(self, each: Resolution, before: str, after: str) -> Answer:
        path = each.finding.path
        return self._ask(
            Question(each, {path: before}, {path: after}, "", (each,), 0, 0, 0, False, self._settings.undeployed)
        )
