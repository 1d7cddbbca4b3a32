"""`python -m fixer` in a folder that holds modules of somebody else: none of them is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_trust import TEMPLATE

TWO = {"a.yaml": TEMPLATE, "lib/b.yaml": TEMPLATE}
COMMANDS = (
    ("check", ".", "-j", "2", "--no-cache"),
    ("apply", ".", "-j", "2", "--no-cache", "--second-opinion"),
    ("apply", ".", "--write", "--no-lint"),
    ("history",),
    ("undo",),
    ("diff", "a.yaml", "lib/b.yaml"),
    ("explain", "missing-vpc"),
)
_LOADED_BEFORE = "import runpy, sys; print(*sys.modules)"
_LOADED = """
import os, sys
from fixer.cli import main
real = os._exit
os._exit = lambda code: (print(*sys.modules, file=sys.stderr), sys.stderr.flush(), real(code))
sys.argv = ["fixer", *sys.argv[1:]]
main.main()
"""


def _names(code: str, *arguments: str, folder: Path) -> set[str]:
    """The modules outside of packages that a process has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=folder
    )
    shown = done.stderr if code == _LOADED else done.stdout
    return {name.partition(".")[0] for name in shown.splitlines()[-1].split()}


def _with_templates(folder: Path) -> Path:
    (folder / "lib").mkdir()
    for name, text in TWO.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names that fixer imports, and some that it may."""
    folder = _with_templates(tmp_path_factory.mktemp("imported"))
    wanted = {"sitecustomize", "usercustomize", "readline", "cfnlint", "yaml", "click", "ruamel", "rich", "orjson"}
    for command in COMMANDS:
        wanted |= _names(_LOADED, *command, folder=folder)
    # Python itself loads these before the first line of fixer runs, and with -m, fixer is what the folder calls fixer.
    wanted -= _names(_LOADED_BEFORE, folder=folder) | {"fixer", "__main__", "__mp_main__"}
    assert {"json", "difflib", "click", "cfnlint", "yaml"} <= wanted
    return wanted


@pytest.fixture
def folder(tmp_path: Path, imported: set[str]) -> Path:
    """A folder with templates and a hostile module for each of the names."""
    _with_templates(tmp_path)
    for name in imported:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported.txt')!r}, 'a').write('{name}\\n')\n")
    return tmp_path


@pytest.mark.parametrize("path", [None, "", os.pathsep], ids=["no PYTHONPATH", "empty PYTHONPATH", "an empty item"])
def test_no_module_of_the_working_folder_is_imported(folder: Path, path: str | None) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path is not None:
        env["PYTHONPATH"] = path + env.get("PYTHONPATH", "")
    if path == os.pathsep:  # Python imports it before fixer can do anything about it.
        (folder / "sitecustomize.py").unlink()
        (folder / "usercustomize.py").unlink()
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "fixer", *command], capture_output=True, text=True, check=False, cwd=folder, env=env
        )
        assert done.returncode in (0, 1), done.stderr
        seen = folder / "imported.txt"
        assert not seen.exists(), (command, seen.read_text())


def test_the_command_and_the_safe_path_do_not_need_the_precaution(folder: Path) -> None:
    """With -P, the first item of the import path is Python's own: it stays."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fixer", "explain", "missing-vpc"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "imported.txt").exists()
