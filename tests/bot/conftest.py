"""A stand-in GitHub and a user's checkout for each test of the bot."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("github", reason="PyGithub is not installed (pip install -e '.[dev]'): the bot is not tested")

import standin
from checkout import EXAMPLE, Checkout

from fixer.bot import github as hub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[standin.GitHub]:
    with standin.running(tmp_path / "server") as running:
        yield running


@pytest.fixture
def checkout(github: standin.GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    home = tmp_path / "home"
    home.mkdir()
    for name in [
        name for name in os.environ if name.startswith(("GIT_", "GITHUB_")) or name.lower().endswith("_proxy")
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GITHUB_TOKEN", standin.TOKEN)
    monkeypatch.setenv("GITHUB_SERVER_URL", github.url)
    monkeypatch.setattr(hub, "WAIT", 0.01)
    (home / ".gitconfig").write_text(
        "[user]\n  name = Ada\n  email = ada@example.com\n[init]\n  defaultBranch = main\n"
    )
    folder = tmp_path / "checkout"
    folder.mkdir()
    made = Checkout(folder, github)
    made.git("init", "--quiet")
    made.git("remote", "add", "origin", f"{github.url}/acme/stacks.git")
    made.commit("lib/TapStack.json", EXAMPLE.read_bytes())
    monkeypatch.chdir(folder)
    return made


@pytest.fixture
def example() -> bytes:
    return EXAMPLE.read_bytes()
