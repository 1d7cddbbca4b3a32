"""A time limit for a call that may not end."""

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
"""Seconds until the alarm is raised again, in case the first one is swallowed (a bare `except:`, a `__del__`)."""


class Overrun(BaseException):
    """The time is up. It is not an Exception, so that a broad `except` does not swallow it."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work()`. Raises Overrun if it takes longer than `seconds` of wall time.

    Python code is interrupted; a single long call into C is not. The limit applies in the main thread on systems with
    interval timers (Linux, macOS); elsewhere `work` runs without a limit. The previous handler and timer are restored.
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
        # Again, because the alarm may have been raised in the line above before it took effect.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, max(remaining - (time.monotonic() - started), 0.001), interval)


def _ring(number: int, frame: FrameType | None) -> None:
    raise Overrun


@contextlib.contextmanager
def _unreported() -> Iterator[None]:
    """Keeps Python from writing to standard error that an Overrun was ignored, for example in a `__del__`."""
    report = sys.unraisablehook
    sys.unraisablehook = lambda event: None if isinstance(event.exc_value, Overrun) else report(event)
    try:
        yield
    finally:
        sys.unraisablehook = report
