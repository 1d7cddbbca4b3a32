"""Calls made in forked copies of this process: one while this one goes on with something else, or many side by side."""

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

T = TypeVar("T")

_running = 0
_is_fork = False


class Aside(Generic[T]):
    """What `work()` returns, computed on another core if there is one to spare, else when it is asked for.

    On another core means: in a fork of this process, on Linux, if this process has no other threads (a fork copies
    their locks and not them) and fewer forks run than there are cores less one. `work` then sees a copy of everything,
    and only what it returns, which must be picklable, comes back. Always ask for the result: that ends the fork.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._result: list[T] = []
        self._child = _start(work) if _may_fork() else None

    def result(self) -> T:
        """The value; the same each time. Raises ChildProcessError if the fork died, killed for instance."""
        if not self._result:
            self._result.append(self._work() if self._child is None else pickle.loads(_finish(*self._child)))
        return self._result[0]


def cores() -> int:
    """On how many cores this process and its forks may work at once; 1 where nothing would be forked: a fork, for one,
    leaves the other cores to its parent's.
    """
    if _is_fork or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def side_by_side(works: Sequence[Callable[[], T]], jobs: int) -> Iterator[tuple[int, T]]:
    """(index, result) of each call as it finishes, at most `jobs` of them at once, each in a fork of its own.

    What an `Aside` asks for holds here too; with one job, or where nothing can be forked, the calls are made here, in
    their order. A call whose fork dies is made again here, so that an exception reaches the caller.
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


def _may_fork() -> bool:
    return _running + 1 < cores()


def _start(work: Callable[[], object]) -> tuple[int, int]:
    """Fork and work there: the child's process id and the file descriptor that its pickled result comes from."""
    global _running
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(work, target)
    os.close(target)
    _running += 1
    return child, source


def _answer(work: Callable[[], object], target: int) -> None:
    """The life of a child. It must never return into the code of its parent, nor flush what its parent has buffered."""
    global _is_fork
    _is_fork, status = True, 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent reports an interrupt, once
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
        raise ChildProcessError(f"a process of fixer's ended early, with status {status}")
    return answer
