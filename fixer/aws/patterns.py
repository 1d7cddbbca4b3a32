"""Regular expressions that come from a template or a schema, and that may take for ever."""

import contextlib
import functools
import mmap
import re
import signal
import struct
import threading
import time
import warnings
from collections.abc import Iterator

from fixer.aws.time_limit import Overrun, within

_SECONDS = 0.25
_SECONDS_OF_A_RUN = 5.0
_LONGEST = 4096
"""Characters of an expression and of a text. A parameter's value has at most 4,096 bytes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
_SHOWN = 60


class Matching:
    """The time that the expressions of one run have taken, and what was not evaluated for lack of time.

    The time is in memory that the processes which the run forks share. Two of them may lose an addition of each other:
    the limit need not be exact.
    """

    def __init__(self) -> None:
        self._spent = mmap.mmap(-1, 8)
        self._given_up: dict[str, str] = {}

    @property
    def is_over(self) -> bool:
        """Whether no time is left for expressions that may take long."""
        return self._seconds() >= _SECONDS_OF_A_RUN

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each AllowedPattern that this process did not evaluate."""
        return tuple(
            f"the AllowedPattern {pattern[:_SHOWN]!r} was not evaluated, because {why}: fixer takes no value for it"
            for pattern, why in self._given_up.items()
        )

    def took(self, seconds: float) -> None:
        """Adds the time of an expression."""
        struct.pack_into("d", self._spent, 0, self._seconds() + seconds)

    def give_up(self, pattern: str) -> None:
        """Notes that an expression was not evaluated."""
        whole = f"the patterns of this run took longer than {_SECONDS_OF_A_RUN:g} seconds in all"
        self._given_up.setdefault(pattern, whole if self.is_over else f"it takes longer than {_SECONDS:g} seconds")

    def _seconds(self) -> float:
        return float(struct.unpack_from("d", self._spent, 0)[0])


_running: list[Matching] = []


@contextlib.contextmanager
def one_run() -> Iterator[Matching]:
    """Limits the time that all expressions take together until the end of the context, also in forked processes."""
    _judged.cache_clear()  # What an earlier run had no time for is evaluated again.
    _running.append(Matching())
    try:
        yield _running[-1]
    finally:
        _running.pop()
        _judged.cache_clear()


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches, as a parameter's value must match its AllowedPattern; False if that is unknown.

    It is unknown if Python cannot read the expression (CloudFormation reads it as Java does), if the match takes longer
    than a quarter of a second (`(a+)+` takes twice as long with each letter), or if the expressions of the run have
    taken five seconds.
    """
    return bool(_judged(pattern, text, True))


def may_contain(pattern: str, text: str) -> bool:
    """Whether a part of the text matches; True if that is unknown."""
    return _judged(pattern, text, False) is not False


@functools.lru_cache(maxsize=1024)
def _judged(pattern: str, text: str, whole: bool) -> bool | None:
    if max(len(pattern), len(text)) > _LONGEST or not (_has_time_limit() or _is_simple(pattern)):
        return None
    run = _running[-1] if _running else None
    if run and run.is_over and not _is_simple(pattern):
        _give_up(run, pattern, whole)
        return None

    def match() -> bool:
        with warnings.catch_warnings():  # Python warns of "[[", which Java reads differently.
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
        return (compiled.fullmatch(text) if whole else compiled.search(text)) is not None

    started = time.monotonic()
    try:
        return within(_SECONDS, match)  # Python's engine looks for signals while it matches.
    except Overrun:
        _give_up(run, pattern, whole)
        return None
    except (re.error, OverflowError, RecursionError):
        return None
    finally:
        if run:
            run.took(time.monotonic() - started)


def _give_up(run: Matching | None, pattern: str, whole: bool) -> None:
    """Notes the expression if it is a template's; a schema's only helps to guess what was meant."""
    if run and whole:
        run.give_up(pattern)


def _has_time_limit() -> bool:
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def _is_simple(pattern: str) -> bool:
    """Whether a match takes at most quadratic time, because the expression repeats one thing at most."""
    return sum(pattern.count(mark) for mark in "*+?{") <= 1
