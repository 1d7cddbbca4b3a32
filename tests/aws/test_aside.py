import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from fixer.aws.aside import Aside

forks = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two cores"
)


def test_gives_the_result_each_time() -> None:
    aside = Aside(lambda: ["x" * 1_000_000])
    assert aside.result() == aside.result() == ["x" * 1_000_000]


@forks
def test_works_in_another_process() -> None:
    assert Aside(os.getpid).result() != os.getpid()


@forks
def test_works_meanwhile() -> None:
    started = time.monotonic()
    aside = Aside(lambda: time.sleep(0.3))
    assert time.monotonic() - started < 0.2
    aside.result()
    assert time.monotonic() - started > 0.28


@forks
def test_no_more_forks_than_spare_cores() -> None:
    cores = len(os.sched_getaffinity(0))
    asides = [Aside(os.getpid) for _ in range(cores + 1)]
    assert [aside.result() for aside in asides].count(os.getpid()) == 2
    assert Aside(os.getpid).result() != os.getpid()


def test_stays_here_when_there_are_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert Aside(os.getpid).result() == os.getpid()
    finally:
        stop.set()
        thread.join()


@forks
@pytest.mark.parametrize("work", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: sys.exit(0), lambda: 1 / 0])
def test_a_fork_that_dies(work: Callable[[], object], capfd: pytest.CaptureFixture[str]) -> None:
    aside = Aside(work)
    with pytest.raises(ChildProcessError):
        aside.result()
    assert capfd.readouterr().err == ""
    assert Aside(os.getpid).result() != os.getpid()


@forks
def test_a_fork_does_not_flush_what_its_parent_has_buffered(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("once")
    Aside(os.getpid).result()
    sys.stdout.flush()
    assert capfd.readouterr().out == "once"
