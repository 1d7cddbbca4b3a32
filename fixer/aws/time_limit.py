"""A time limit around a call that cannot be trusted to end."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

_AGAIN = 0.2
"""Seconds until the alarm rings again, should the first one be swallowed (a bare `except:`, a `__del__`)."""


class Overrun(BaseException):
    """The time is up. Not an Exception, so that no broad `except` on the way swallows it."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work()` returns; raises Overrun if that takes longer than `seconds` of wall time.

    Python code is interrupted, a single long call into C is not. The limit holds in the main thread, where the system
    has interval timers (Linux, macOS); elsewhere `work` runs without one. The handler and the timer found are put back.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return work()
    handler = signal.signal(signal.SIGALRM, _ring)
    started = time.monotonic()
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        try:
            with _unreported():
                return work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        # Once more: the alarm may have rung in the line above, before it took effect.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, max(remaining - (time.monotonic() - started), 0.001), interval)


def _ring(number: int, frame: FrameType | None) -> None:
    raise Overrun


@contextlib.contextmanager
def _unreported() -> Iterator[None]:
    """Python does not write to standard error that an Overrun went unheeded, in a `__del__` for instance."""
    report = sys.unraisablehook
    sys.unraisablehook = lambda event: None if isinstance(event.exc_value, Overrun) else report(event)
    try:
        yield
    finally:
        sys.unraisablehook = report
