"""Packages of npm that tests run, installed once per machine into a folder of their own."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_FOLDER = Path(tempfile.gettempdir()) / f"fixer-tests-npm-{os.getuid()}"


def package(name: str, version: str) -> Path:
    """The `node_modules` with that package; skips the test where npm is not at hand or cannot install it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = _FOLDER / name.replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / name / "package.json").exists():
            command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder)]
            try:
                done = subprocess.run(
                    [*command, f"{name}@{version}"], capture_output=True, text=True, check=False, timeout=200
                )
            except subprocess.TimeoutExpired:
                pytest.skip(f"npm did not install {name} within 200 seconds")
            if done.returncode:
                pytest.skip(f"npm cannot install {name}: {done.stderr.strip()[-200:]}")
    return folder / "node_modules"
