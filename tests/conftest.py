"""Options of the test run."""

import os
import tempfile
from collections.abc import Iterator

import pytest

_MEMORY = "/dev/shm"
"""Linux keeps these files in memory. To create a file takes a hundredth of the time on a disk, and fixer's tests create
many thousands.
"""
_ENOUGH = 2_000_000_000


def _quick_folder() -> str | None:
    """The folder in memory for the files of tests; None where it is missing, small (as in a container of Docker) or
    does not run programs.
    """
    try:
        about = os.statvfs(_MEMORY)
    except (AttributeError, OSError):
        return None
    is_usable = os.access(_MEMORY, os.W_OK) and not about.f_flag & getattr(os, "ST_NOEXEC", 0)
    return _MEMORY if is_usable and about.f_bavail * about.f_frsize > _ENOUGH else None


if _quick := _quick_folder():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _quick)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/*/*.after.* and patches/")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused in CI: what is golden is decided by people")


@pytest.fixture(autouse=True, scope="session")
def _folders_of_its_own() -> Iterator[None]:
    """No test sees, or leaves anything in, the user's cache and the user's records of runs."""
    with tempfile.TemporaryDirectory(dir=_quick) as folder:
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
        os.environ["XDG_STATE_HOME"] = os.path.join(folder, "state")
        yield
