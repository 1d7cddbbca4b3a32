import signal
import sys
import threading
import time

import pytest

from fixer.aws.time_limit import Overrun, within


def _spin() -> None:
    while True:
        time.sleep(0.005)


def test_returns_what_the_work_returns() -> None:
    assert within(5, lambda: 7) == 7


def test_interrupts() -> None:
    started = time.monotonic()
    with pytest.raises(Overrun):
        within(0.05, _spin)
    assert time.monotonic() - started < 2


def test_interrupts_work_that_swallows_everything_once() -> None:
    def work() -> None:
        try:
            _spin()
        except:  # noqa: E722 as cfn-lint has it
            _spin()

    with pytest.raises(Overrun):
        within(0.05, work)


class _SlowToGo:
    def __del__(self) -> None:
        _spin()


def test_interrupts_after_a_finalizer_that_swallows_it_unreported(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)

    def work() -> None:
        _SlowToGo()
        _spin()

    with pytest.raises(Overrun):
        within(0.05, work)
    assert reported == []
    assert sys.unraisablehook == reported.append


def test_broad_except_does_not_swallow_it() -> None:
    assert not issubclass(Overrun, Exception)


@pytest.mark.parametrize("seconds", [0.05, 5])
def test_puts_handler_and_timer_back(seconds: float) -> None:
    rang: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rang.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises((Overrun, ZeroDivisionError)):
            within(seconds, _spin if seconds < 1 else lambda: 1 / 0)
        assert not rang
        time.sleep(0.5)
        assert rang == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_leaves_no_timer() -> None:
    within(5, lambda: None)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_runs_without_limit() -> None:
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(within(0.01, lambda: time.sleep(0.1) or 7)))  # type: ignore[func-returns-value]
    thread.start()
    thread.join()
    assert results == [7]
