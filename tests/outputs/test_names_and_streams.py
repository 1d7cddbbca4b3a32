"""Odd names of files, and standard streams that are closed or full: a message and an exit code, whatever happens."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import fixer
from test_trust import TEMPLATE

NAMES = {
    "not UTF-8": b"na\xffme.yaml",
    "escape sequences": b"esc\x1b[31mred\x07.yaml",
    "C1": "csi\x9b31m.yaml".encode(),
    "line end": b"new\nline.yaml",
    "tab": b"tab\t.yaml",
    "dash": b"-dash.yaml",
}
SHOWN = (
    *(r"na\xffme.yaml", r"esc\x1b[31mred\x07.yaml", r"csi\x9b31m.yaml", r"new\nline.yaml", r"tab\t.yaml"),
    "-dash.yaml",
)
RAW = ("\x1b", "\x07", "\x9b", "\udcff", "new\nline", "tab\t.")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name in NAMES.values():
        try:
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(TEMPLATE)
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
    return tmp_path


def _files(project: Path) -> list[Path]:
    return [Path(os.fsdecode(os.fsencode(project) + b"/" + name)) for name in NAMES.values()]


@pytest.mark.parametrize("command", ["check", "apply"])
@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown", "github"])
def test_reports_show_odd_names_escaped(project: Path, command: str, form: str) -> None:
    done = fixer(command, ".", "--format", form, cwd=project)
    assert done.returncode == 1
    text = done.stdout + done.stderr
    if form != "json":
        assert [name for name in SHOWN[:3] if name not in text and form == "text"] == []
    raws = RAW if form != "github" else [raw for raw in RAW if "\t" not in raw]  # A tab is itself in a command.
    assert [raw for raw in raws if raw in text] == [], text
    if form in ("json", "sarif"):
        json.loads(done.stdout)


def test_odd_names_are_written_listed_and_undone(project: Path) -> None:
    done = fixer("apply", ".", "--write", "--no-lint", "--patches", "out", cwd=project)
    assert done.returncode == 0
    assert all(file.read_text() != TEMPLATE for file in _files(project))
    assert len(list((project / "out").iterdir())) == len(NAMES)
    history, undone = fixer("history", cwd=project), fixer("undo", cwd=project)
    for text in (done.stdout, history.stdout, undone.stdout + undone.stderr):
        assert [name for name in SHOWN if name not in text] == []
        assert [raw for raw in RAW if raw in text] == []
    assert history.stdout.count("\n") == 1
    assert all(file.read_text() == TEMPLATE for file in _files(project))


def test_git_applies_the_diff_of_odd_names(project: Path) -> None:
    diff = subprocess.run(
        [sys.executable, "-m", "fixer", "apply", ".", "--no-lint"], cwd=project, capture_output=True, check=False
    ).stdout
    (project / ".git").rmdir()
    for command in (["git", "init", "--quiet", "."], ["git", "apply", "-"]):
        subprocess.run(command, cwd=project, input=diff, check=True)
    assert all(file.read_text() != TEMPLATE for file in _files(project))
    assert len([name for name in os.listdir(project) if name.endswith(".yaml")]) == len(NAMES)


def test_messages_about_odd_names_are_escaped(project: Path) -> None:
    for file in _files(project):
        file.write_text("AWS::\n  - : [")
    done = fixer("check", ".", cwd=project)
    assert done.returncode == 2
    assert [name for name in SHOWN if name not in done.stderr] == []
    assert [raw for raw in RAW if raw in done.stderr] == []
    for name in ("\x1b[2Jmissing.yaml", "\udcffmissing.yaml"):
        done = fixer("patch", name, "p.json", cwd=project)
        assert done.returncode == 2 and "missing.yaml: cannot be read" in done.stderr
        assert [raw for raw in RAW if raw in done.stderr] == []


def test_patches_of_templates_with_the_same_name_are_all_kept(tmp_path: Path) -> None:
    for folder in ("one", "two", "two/deep", "."):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "a.yaml").write_text(TEMPLATE)
    (tmp_path / "b.yaml").write_text(TEMPLATE)
    fixer("apply", ".", "--no-lint", "--patches", "out", cwd=tmp_path)
    rest = ".01.noecho-username.json"
    names = ["a.yaml", "b.yaml", "one__a.yaml", "two__a.yaml", "two__deep__a.yaml"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{name}{rest}" for name in names]
    for name in names:
        path, patch = name.replace("__", "/"), f"out/{name}{rest}"
        assert fixer("patch", path, patch, "--write", cwd=tmp_path).returncode == 0
        assert (tmp_path / path).read_text() != TEMPLATE


STREAMS = {
    "closed output": ">&-",
    "full output": ">/dev/full",
    "closed errors": "2>&-",
    "full errors": "2>/dev/full",
    "both closed": ">&- 2>&-",
    "closed input": "<&-",
}
COMMANDS = {
    "check . --no-lint": (1, 2, 1),
    "apply . --no-lint": (1, 2, 1),
    "apply . --no-lint --write": (0, 2, 0),
    "history": (0, 2, 0),
    "list": (0, 2, 0),
    "--help": (0, 2, 0),
}
"""Command line to the exit code with standard output closed or full, and with standard error closed."""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("stream", STREAMS)
def test_closed_and_full_streams(tmp_path: Path, command: str, stream: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.yaml").write_text(TEMPLATE)
    if command == "history":
        fixer("apply", ".", "--no-lint", "--write", cwd=tmp_path)
    line = f'exec "{sys.executable}" -m fixer {command} {STREAMS[stream]}'
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    normal, without_output, without_errors = COMMANDS[command]
    assert "Traceback" not in done.stdout + done.stderr
    if "output" in stream or stream == "both closed":
        assert done.returncode == without_output
        assert stream == "both closed" or "fixer: the result cannot be printed: " in done.stderr
    elif stream == "full errors":
        assert done.returncode in (normal, 2)
    else:
        assert done.returncode == (without_errors if stream == "closed errors" else normal)
    if "--write" in command:
        assert (tmp_path / "a.yaml").read_text() == TEMPLATE.replace("    NoEcho: true\n", "")


def test_a_closed_standard_input_that_is_asked_for(tmp_path: Path) -> None:
    line = f'exec "{sys.executable}" -m fixer check - <&-'
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "fixer: standard input is closed: give the template to it, or name a file\n"
