"""Scenarios: assumptions about the values that only a deployment can give. Pure.

A scenario starts empty. When the evaluation of a template needs a value that is not known, it asks, and continues in
two scenarios, one for each answer. So only values that decide something create scenarios; a parameter that is only
passed on stays a symbol.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

MOST_SCENARIOS = 256
"""The limit of scenarios for one value of a template; a value with more is not evaluated."""

_NOT_PASSED = " is not passed"
_DEEPEST = 4 * MOST_SCENARIOS
_T = TypeVar("_T")


class Unresolvable(Exception):
    """The resolved value is not known; the message is the reason. It stays in this package: callers get a value."""


@dataclass(frozen=True)
class Question:
    """Whether a symbol has a value or, if `value` is None, whether a fact holds."""

    symbol: str
    value: str | None = None


class Undecided(Exception):
    """The scenario does not answer the question. It is an exception so that it ends an evaluation at any depth."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.question = question


@dataclass(frozen=True)
class Scenario:
    """`values` are the symbols whose value is known, `excluded` the values that a symbol does not have, `facts` other
    facts that hold or do not hold. `allowed` maps a symbol to its only possible values, if they are limited. With
    `complete`, everything that is not stated is false.
    """

    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, bool] = field(default_factory=dict)
    depth: int = 0
    complete: bool = False

    @property
    def weight(self) -> int:
        """The scenario's share of all scenarios: the scenarios that split it have the same share together."""
        return int(1 << (_DEEPEST - self.depth))

    def value(self, symbol: str) -> str | None:
        """The value of a symbol; None if several are possible."""
        if symbol not in self.values and len(left := self._left(symbol)) == 1:
            return left[0]
        return self.values.get(symbol)

    def is_value(self, symbol: str, value: str) -> bool:
        """Whether a symbol has a value. Raises Undecided."""
        if (known := self.value(symbol)) is not None:
            return known == value
        if self.complete or value in self.excluded.get(symbol, ()):
            return False
        if symbol in self.allowed and value not in self.allowed[symbol]:
            return False
        raise Undecided(Question(symbol, value))

    def holds(self, fact: str) -> bool:
        """Whether a fact holds. Raises Undecided."""
        if fact not in self.facts and not self.complete:
            raise Undecided(Question(fact))
        return self.facts.get(fact, False)

    def answers(self, question: Question) -> tuple["Scenario", "Scenario"]:
        """The scenario for the answer yes, and the one for the answer no."""
        symbol, value, depth = question.symbol, question.value, self.depth + 1
        if value is None:
            yes, no = ({**self.facts, symbol: answer} for answer in (True, False))
            return replace(self, facts=yes, depth=depth), replace(self, facts=no, depth=depth)
        excluded = {**self.excluded, symbol: (*self.excluded.get(symbol, ()), value)}
        return (
            replace(self, values={**self.values, symbol: value}, depth=depth),
            replace(self, excluded=excluded, depth=depth),
        )

    def __str__(self) -> str:
        """The assumptions, for people: "Env=prod, Size is not large"."""
        parts = [self._told_value(symbol) for symbol in {**self.values, **self.excluded}]
        parts += [text for fact, holds in self.facts.items() if (text := self._told(fact, holds))]
        return ", ".join(parts)

    def _told_value(self, symbol: str) -> str:
        if (value := self.value(symbol)) is not None:
            return f"{symbol}={_shown(value)}"
        excluded = self.excluded[symbol]
        if len(excluded) == 1:
            return f"{symbol} is not {_shown(excluded[0])}"
        shown = ", ".join(map(_shown, excluded[:3])) + (", ..." if len(excluded) > 3 else "")
        return f"{symbol} is not one of {shown}"

    def _told(self, fact: str, holds: bool) -> str:
        name = fact.removesuffix(_NOT_PASSED)
        if holds or name == fact:
            return fact if holds else f"not ({fact})"
        return "" if name in self.values or name in self.excluded else f"{name} is passed"

    def _left(self, symbol: str) -> list[str]:
        excluded = self.excluded.get(symbol, ())
        return [value for value in self.allowed.get(symbol, ()) if value not in excluded]


@dataclass
class Budget:
    """The number of scenarios that may still be evaluated."""

    left: int = MOST_SCENARIOS

    def spend(self) -> None:
        """Counts one scenario. Raises Unresolvable if there are too many."""
        self.left -= 1
        if self.left < 0:
            raise Unresolvable(f"there are more than {MOST_SCENARIOS} scenarios")


def every(start: Scenario, evaluate: Callable[[Scenario], _T], budget: Budget) -> Iterator[tuple[Scenario, _T]]:
    """The results of an evaluation in each scenario that it needs, starting from `start`. Raises Unresolvable."""
    waiting = [start]
    while waiting:
        scenario = waiting.pop()
        try:
            result = evaluate(scenario)
        except Undecided as undecided:
            waiting += reversed(scenario.answers(undecided.question))
            continue
        budget.spend()
        yield scenario, result


def not_passed(parameter: str) -> str:
    """The fact that no value is passed for a parameter, so that its Default counts."""
    return parameter + _NOT_PASSED


def _shown(value: str) -> str:
    return value or '""'
