"""Commands in forks of the test process, which die at a chosen call of the file system."""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixer.cli import main

DIED = 99
CALLS = ("open", "write", "fsync", "replace", "rename", "unlink", "mkdir", "rmdir", "fchmod", "fchown", "setxattr")
"""The functions of `os` by which fixer changes files. A death at a call that only reads leaves the same behind as a
death at the next of these.
"""


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed on both streams."""

    code: int
    out: str


def forked(work: Callable[[], object], folder: Path, die_at: int = 0) -> Done:
    """Runs the work in a fork, in that folder. It dies at the given call (the first is 1; 0: never): of the bytes of a
    write, half are written.
    """
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if child == 0:
            _become(work, folder, die_at, out.fileno())
        _, status = os.waitpid(child, 0)
        out.seek(0)
        return Done(os.waitstatus_to_exitcode(status), out.read().decode())


def command(*arguments: str, folder: Path) -> Done:
    """Runs a command line of fixer."""
    done = forked(lambda: _command(arguments), folder)
    assert "Traceback" not in done.out, done.out
    return done


def _command(arguments: tuple[str, ...]) -> None:
    sys.argv = ["fixer", *arguments]
    main.main()


def _become(work: Callable[[], object], folder: Path, die_at: int, out: int) -> None:
    try:
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        os.chdir(folder)
        if die_at:
            _mine(die_at)
        work()
        sys.stdout.flush()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        os._exit(98)


def _mine(die_at: int) -> None:
    passed = 0

    def dying(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal passed
            if name == "open" and not arguments[1] & os.O_CREAT:
                return real(*arguments, **named)
            passed += 1
            if passed == die_at:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os._exit(DIED)
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, dying(name, getattr(os, name)))
