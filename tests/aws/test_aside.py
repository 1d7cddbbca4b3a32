import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from fixer.aws.forks import Aside, cores, side_by_side

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


@forks
def test_many_calls_work_side_by_side_and_only_so_many_at_once() -> None:
    started = time.monotonic()

    def work() -> tuple[int, int]:
        time.sleep(0.3)
        return os.getpid(), cores()

    found = dict(side_by_side([work] * 4, 2))
    assert 0.55 < time.monotonic() - started < 1.1
    assert sorted(found) == [0, 1, 2, 3]
    assert len({process for process, _ in found.values()} - {os.getpid()}) == 4
    assert {inner for _, inner in found.values()} == {1}  # a fork does not fork


def test_one_job_works_here_in_order() -> None:
    assert list(side_by_side([os.getpid, lambda: 2], 1)) == [(0, os.getpid()), (1, 2)]


@forks
def test_a_call_whose_fork_dies_is_made_here() -> None:
    here = os.getpid()

    def dies() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    assert dict(side_by_side([dies, dies], 2)) == {0: here, 1: here}

    def fails() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(side_by_side([fails, fails], 2))


@forks
def test_who_stops_asking_leaves_no_process_behind() -> None:
    def waits() -> int:
        time.sleep(60)
        return 2

    results = side_by_side([lambda: 1, waits], 2)
    assert next(iter(results)) == (0, 1)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
