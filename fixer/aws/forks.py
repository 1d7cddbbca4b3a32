"""Calls in forked copies of this process: one call while this process does other work, or many calls in parallel."""

import contextlib
import os
import pickle
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from fixer.aws.time_limit import Overrun, within

T = TypeVar("T")

_running = 0
_is_fork = False


class Aside(Generic[T]):
    """The result of `work()`, computed on another core if one is free, else when the result is requested.

    "On another core" means in a fork of this process. That needs Linux, a process without other threads (a fork copies
    their locks but not the threads), and fewer running forks than the number of cores minus one. `work` then sees a
    copy of everything, and only its result, which must be picklable, comes back. Always request the result: that ends
    the fork.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._result: list[T] = []
        self._child = _start(work) if _may_fork() else None

    def result(self) -> T:
        """The value, the same each time. Raises ChildProcessError if the fork died (was killed, for example)."""
        if not self._result:
            self._result.append(self._work() if self._child is None else pickle.loads(_finish(*self._child)))
        return self._result[0]


def cores() -> int:
    """How many cores this process and its forks may use at once; 1 where nothing would be forked, for example in a
    fork, which leaves the other cores to its parent.
    """
    if _is_fork or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def side_by_side(works: Sequence[Callable[[], T]], jobs: int) -> Iterator[tuple[int, T]]:
    """(index, result) of each call as it finishes. At most `jobs` calls run at once, each in its own fork.

    The conditions of `Aside` apply here too. With one job, or where forking is not possible, the calls run in this
    process in their order. If the fork of a call dies, the call runs again in this process, so that an exception
    reaches the caller.
    """
    waiting = deque(enumerate(works))
    running: dict[int, tuple[int, int]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < min(jobs, cores()) and min(jobs, cores()) > 1:
                index, work = waiting.popleft()
                child, source = _start(work)
                running[source] = (index, child)
            if not running:
                index, work = waiting.popleft()
                yield index, work()
                continue
            for source in select.select(list(running), [], [])[0]:
                index, child = running.pop(source)
                try:
                    result: T = pickle.loads(_finish(child, source))
                except ChildProcessError:
                    result = works[index]()
                yield index, result
    finally:
        for source, (_, child) in running.items():
            os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                _finish(child, source)


def apart(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work()`, called in a fork of this process: the call can be ended even while native code runs, and
    a fault in native code ends the fork but not this process.

    Raises Overrun if the call takes longer than `seconds`, and ChildProcessError if `work` raises or the fork dies.
    Where forking is not possible (see `Aside`), the call runs in this process, `within` the time limit.
    """
    if sys.platform != "linux" or threading.active_count() > 1:
        return within(seconds, work)
    child, source = _start(work)
    if not select.select([source], [], [], seconds)[0]:
        os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            _finish(child, source)
        raise Overrun
    result: T = pickle.loads(_finish(child, source))
    return result


def _may_fork() -> bool:
    return _running + 1 < cores()


def _start(work: Callable[[], object]) -> tuple[int, int]:
    """Forks and runs the work in the child: its process id, and the file descriptor from which to read the pickled
    result.
    """
    global _running
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(work, target)
    os.close(target)
    _running += 1
    return child, source


def _answer(work: Callable[[], object], target: int) -> None:
    """The code of a child. It must never return to the code of its parent, nor flush what its parent has buffered."""
    global _is_fork
    _is_fork, status = True, 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent reports the interrupt, once
        with os.fdopen(target, "wb") as pipe:
            pickle.dump(work(), pipe)
        status = 0
    finally:
        os._exit(status)


def _finish(child: int, source: int) -> bytes:
    global _running
    with os.fdopen(source, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    _running -= 1
    if status:
        raise ChildProcessError(f"a process of fixer ended early, with status {status}")
    return answer
