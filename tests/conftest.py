"""Options of the test run."""

import os
import tempfile
from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/*/*.after.* and patches/")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused in CI: what is golden is decided by people")


@pytest.fixture(autouse=True, scope="session")
def _folders_of_its_own() -> Iterator[None]:
    """No test sees, or leaves anything in, the user's cache and the user's records of runs."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
        os.environ["XDG_STATE_HOME"] = os.path.join(folder, "state")
        yield
