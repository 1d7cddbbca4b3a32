"""What is ready to be used: the action, the workflows, the hooks of pre-commit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkout import EXAMPLE

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / "examples" / "github").glob("*.yml"))
ACTION = ROOT / "action.yml"
BIN = Path(sys.executable).parent


def _tool(name: str) -> str:
    if not (BIN / name).exists():
        pytest.skip(f"{name} is not installed (pip install -e '.[dev]')")
    return str(BIN / name)


def _run(*command: str | Path, folder: Path = ROOT, **environment: str) -> "subprocess.CompletedProcess[str]":
    given = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | environment
    return subprocess.run([*map(str, command)], cwd=folder, env=given, capture_output=True, text=True, check=False)


def test_the_action_and_the_workflows_are_valid() -> None:
    tool = _tool("check-jsonschema")
    for schema, files in (("vendor.github-actions", [ACTION]), ("vendor.github-workflows", WORKFLOWS)):
        done = _run(tool, "--builtin-schema", schema, *files)
        assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_has_nothing_to_say() -> None:
    done = _run(_tool("zizmor"), "--offline", "--persona", "pedantic", ACTION, *WORKFLOWS)
    assert done.returncode == 0, done.stdout
    assert len(WORKFLOWS) == 2


def test_inputs_reach_scripts_through_the_environment_alone() -> None:
    action = yaml.safe_load(ACTION.read_text())
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    assert set(action["inputs"]) == set(re.findall(r"\binputs\.([\w-]+)", ACTION.read_text()))


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A folder as a runner has it: fixer installed, a repository with a template."""
    bin_ = tmp_path / "fixer" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").write_text(
        f'#!/bin/sh\n[ "$1 $2 $3" = "-I -m fixer" ] || exit 99\nshift 3\nprintf "%s|" "$@" >> {tmp_path}/asked\n'
        f'exec {sys.executable} -m fixer "$@"\n'
    )
    (bin_ / "python").chmod(0o755)
    (tmp_path / "repository" / "li b").mkdir(parents=True)
    shutil.copyfile(EXAMPLE, tmp_path / "repository" / "li b" / "$(touch pwned).json")
    return tmp_path


def _action(runner: Path, mode: str, **inputs: str) -> "subprocess.CompletedProcess[str]":
    names = {f"FIXER_{name.upper()}": value for name, value in inputs.items()}
    output = runner / "output"
    output.touch()
    script = ROOT / "action" / "run.sh"
    return _run(script, mode, folder=runner / "repository", RUNNER_TEMP=str(runner), GITHUB_OUTPUT=str(output), **names)


def test_the_script_of_the_action_checks(runner: Path) -> None:
    done = _action(runner, "check", arguments="--no-lint\n--ignore=noecho-username\n", sarif="true", fail="true")
    assert done.returncode == 1, done.stderr
    assert "::warning file=li b/$(touch pwned).json,line=" in done.stdout
    assert "noecho" not in done.stdout
    assert (runner / "output").read_text() == f"sarif={runner}/fixer.sarif\n"
    assert '"version": "2.1.0"' in (runner / "fixer.sarif").read_text()
    assert not list(runner.rglob("pwned"))


def test_nothing_of_the_checkout_is_imported_where_the_action_installs(tmp_path: Path) -> None:
    """The step of action.yml that installs, in a checkout with a module for every name that it imports."""
    [step] = [
        each
        for each in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
        if each.get("name") == "Install fixer"
    ]
    assert step["working-directory"] == "${{ runner.temp }}"
    for name in ("venv", "pip", "fixer", "json", "sitecustomize", "yaml", "click"):
        (tmp_path / f"{name}.py").write_text("open('pwned', 'w')\nraise SystemExit(0)\n")
    script = step["run"].replace("install --quiet", "--version").partition("--version")[0] + "--version"
    done = _run("bash", "-euc", script, folder=tmp_path, RUNNER_TEMP=str(tmp_path / "temp"), PYTHONPATH=str(tmp_path))
    assert done.returncode == 0 and "pip " in done.stdout, done.stderr
    assert not list(tmp_path.rglob("pwned"))


def test_the_script_of_the_action_may_pass_and_tells_errors(runner: Path) -> None:
    assert _action(runner, "check", arguments="--no-lint", fail="false").returncode == 0
    assert _action(runner, "check", arguments="--no-lint", paths="nowhere.json", fail="false").returncode == 2
    assert _action(runner, "check", arguments="--no-lint", paths="li b\n", fail="false").returncode == 0
    assert _action(runner, "fly").returncode == 2


def test_the_script_of_the_action_hands_all_on_to_pr(runner: Path) -> None:
    done = _action(runner, "pr", arguments="--undeployed", pr_arguments="--draft\n--label=a b", paths="$(touch pwned)")
    assert done.returncode == 2
    assert (runner / "asked").read_text() == "pr|--undeployed|--draft|--label=a b|--|$(touch pwned)|"
    assert not list(runner.rglob("pwned"))


def test_named_files_that_are_no_templates_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "broken.yaml").write_text("a: [")
    shutil.copyfile(EXAMPLE, tmp_path / "stack.json")
    files = ["package.json", "broken.yaml", "stack.json"]
    done = _run(sys.executable, "-m", "fixer", "check", "--no-lint", "--skip-others", *files, folder=tmp_path)
    assert (done.returncode, done.stderr.count("fixer: ")) == (1, 0)
    strict = _run(sys.executable, "-m", "fixer", "check", "--no-lint", *files, folder=tmp_path)
    assert strict.returncode == 2


def test_the_hooks_of_pre_commit_are_valid_and_work(tmp_path: Path) -> None:
    tool = _tool("pre-commit")
    assert _run(tool, "validate-manifest", ROOT / ".pre-commit-hooks.yaml").returncode == 0
    if not (ROOT / ".git").exists():
        pytest.skip("fixer itself is no checkout here: pre-commit has nothing to try")
    home = str(tmp_path / "home")
    clone = tmp_path / "fixer"
    assert _run("git", "clone", "--quiet", "--no-hardlinks", ROOT, clone).returncode == 0
    folder = tmp_path / "user"
    folder.mkdir()
    shutil.copyfile(EXAMPLE, folder / "stack.json")
    (folder / "package.json").write_text('{"name": "x"}\n')
    _run("git", "init", "--quiet", folder=folder)
    _run("git", "add", "--all", folder=folder)
    done = _run(tool, "try-repo", clone, "--all-files", folder=folder, PRE_COMMIT_HOME=home)
    if "InstallFailed" in done.stdout or "Could not find a version" in done.stdout + done.stderr:
        pytest.skip("no package registry is reached: pre-commit cannot install fixer")
    assert done.returncode == 1, done.stdout + done.stderr
    # pre-commit tries the hooks of a repository in the order of their ids.
    applied, checked = re.split(r"^fixer check\.+", done.stdout, flags=re.M)
    assert re.search(r"\d+:\d+ .* permissive-ingress", checked)
    assert "a user name is not a secret" not in checked
    assert "package.json" not in done.stdout
    assert "files were modified by this hook" in applied
    assert re.search(r"1 template: \d+ applied", applied)
    assert (folder / "stack.json").read_bytes() != EXAMPLE.read_bytes()
