"""A template that cfn-lint cannot check: an error in every format and command, and nothing written. Real processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOECHO: dict[str, Any] = {
    "Parameters": {"DBUsername": {"Type": "String", "NoEcho": True, "Default": "admin"}},
    "Resources": {
        "Cluster": {
            "Type": "AWS::RDS::DBCluster",
            "DeletionPolicy": "Snapshot",
            "UpdateReplacePolicy": "Snapshot",
            "Properties": {
                "Engine": "aurora-postgresql",
                "MasterUsername": {"Ref": "DBUsername"},
                "ManageMasterUserPassword": True,
            },
        },
    },
}
"""A template with findings of noecho-username, which needs no cfn-lint."""

REDUNDANT = {
    "Resources": {
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "DependsOn": "Queue",
            "Properties": {"DisplayName": {"Fn::GetAtt": ["Queue", "QueueName"]}},
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
}
"""A template with a finding of redundant-depends-on, which needs cfn-lint."""

UNJUDGED: dict[str, tuple[dict[str, Any], str]] = {
    "metadata": ({"Metadata": {"cfn-lint": []}}, "AttributeError"),
    "region": ({"Metadata": {"cfn-lint": {"config": {"regions": ["xx-nowhere-1"]}}}}, "'xx-nowhere-1'"),
    "resource metadata": ({"Resources": {"T": {"Type": "AWS::SNS::Topic", "Metadata": None}}}, "AttributeError"),
    "rule": ({"Resources": {"T": None}}, "Unknown exception while processing rule"),
    "time": (
        {"Resources": {f"Q{n}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueNam": "x"}} for n in range(200)}},
        "longer than 0.01 seconds",
    ),
}
"""What makes cfn-lint fail, and a part of the reason that is reported."""

PREFIX = "cfn-lint cannot check this template: "


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """bad.json with findings of noecho-username, which cfn-lint cannot check, and good.json, which it can."""
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    _write(bad, "metadata")
    good.write_text(json.dumps(REDUNDANT))
    return bad, good


def _write(file: Path, case: str) -> None:
    extra, _ = UNJUDGED[case]
    data = {**NOECHO, **extra, "Resources": {**NOECHO["Resources"], **extra.get("Resources", {})}}
    file.write_text(json.dumps(data, indent=2))


def _fixer(*arguments: str, cwd: Path, given: str = "", seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a time limit for the lint of bad.json."""
    code = (
        "from fixer.aws.lint import Linter\n"
        "lint = Linter.lint\n"
        "def limited(self, path, text):\n"
        f"    self._time_limit = {seconds} if path == 'bad.json' else 60\n"
        "    return lint(self, path, text)\n"
        "Linter.lint = limited\n"
        "from fixer.cli.main import main\n"
        "main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, input=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("case", "command"),
    [
        *((case, command) for case in UNJUDGED for command in (("check",), ("apply", "--write"))),
        ("region", ("apply",)),
        ("region", ("check", "--exit-zero")),
    ],
)
def test_the_template_is_an_error_and_the_others_go_on(
    files: tuple[Path, Path], tmp_path: Path, case: str, command: tuple[str, ...]
) -> None:
    bad, good = files
    _write(bad, case)
    before = bad.read_bytes(), good.read_bytes()
    done = _fixer(*command, "bad.json", "good.json", cwd=tmp_path, seconds=0.01 if case == "time" else 60)
    assert done.returncode == 2
    [error] = [line for line in done.stderr.splitlines() if line.startswith("fixer: ")]
    assert error.startswith(f"fixer: bad.json: {PREFIX}") and UNJUDGED[case][1] in error
    assert "noecho-username" in done.stdout + done.stderr and "redundant-depends-on" in done.stdout + done.stderr
    # Where one rule raised an exception, the other rules have judged the template: its patches are proven as far.
    assert case == "rule" or bad.read_bytes() == before[0]
    assert (good.read_bytes() == before[1]) == ("--write" not in command)


def test_a_failure_is_not_remembered_as_a_result(files: tuple[Path, Path], tmp_path: Path) -> None:
    for _ in range(2):
        done = _fixer("check", ".", cwd=tmp_path)
        assert done.returncode == 2 and f"fixer: bad.json: {PREFIX}" in done.stderr


def test_a_template_without_findings_is_not_called_good(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Metadata:\n")
    done = _fixer("check", "a.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fixer: a.yaml: {PREFIX}")


def test_check_does_not_promise_a_repair(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = _fixer("check", "bad.json", cwd=tmp_path)
    assert "[safe]    noecho-username" in done.stdout and "[*" not in done.stdout
    assert "no patch: cfn-lint cannot check bad.json" in done.stdout
    assert "2 not repairable" in done.stderr


def test_apply_gives_the_reason_for_each_finding(files: tuple[Path, Path], tmp_path: Path) -> None:
    report = json.loads(_fixer("apply", "bad.json", "--format", "json", cwd=tmp_path).stdout)
    [template] = report["templates"]
    assert {finding["outcome"] for finding in template["findings"]} == {"failed"}
    assert all("cannot check bad.json" in finding["reason"] for finding in template["findings"])
    assert (template["changed"], template["lint"]["before"], template["lint"]["after"]) == (False, None, None)


@pytest.mark.parametrize("command", ["check", "apply"])
def test_json(files: tuple[Path, Path], tmp_path: Path, command: str) -> None:
    done = _fixer(command, ".", "--format", "json", cwd=tmp_path)
    [error] = json.loads(done.stdout)["errors"]
    assert done.returncode == 2
    assert (error["path"], error["line"], error["column"]) == ("bad.json", None, None)
    assert error["message"].startswith(PREFIX)


@pytest.mark.parametrize("command", ["check", "apply"])
def test_sarif(files: tuple[Path, Path], tmp_path: Path, command: str) -> None:
    done = _fixer(command, ".", "--format", "sarif", cwd=tmp_path)
    [invocation] = json.loads(done.stdout)["runs"][0]["invocations"]
    [note] = invocation["toolExecutionNotifications"]
    assert done.returncode == 2
    assert (invocation["executionSuccessful"], note["level"]) == (False, "error")
    assert note["message"]["text"].startswith(PREFIX)
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "bad.json"


@pytest.mark.parametrize("command", ["check", "apply"])
def test_markdown(files: tuple[Path, Path], tmp_path: Path, command: str) -> None:
    done = _fixer(command, ".", "--format", "markdown", cwd=tmp_path)
    assert done.returncode == 2
    assert f"Errors:\n\n- bad.json: {PREFIX}" in done.stdout


@pytest.mark.parametrize("command", ["check", "apply"])
def test_github(files: tuple[Path, Path], tmp_path: Path, command: str) -> None:
    done = _fixer(command, ".", "--format", "github", cwd=tmp_path)
    [error] = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert done.returncode == 2
    assert error.startswith(f"::error file=bad.json,line=1,col=1,title=fixer::{PREFIX}")


@pytest.mark.parametrize("form", ["gitlab", "azure", "junit", "concise"])
@pytest.mark.parametrize("command", ["check", "apply"])
def test_other_formats(files: tuple[Path, Path], tmp_path: Path, command: str, form: str) -> None:
    done = _fixer(command, ".", "--format", form, cwd=tmp_path)
    assert done.returncode == 2
    assert PREFIX in (done.stderr if form == "concise" else done.stdout)


def test_standard_input(files: tuple[Path, Path], tmp_path: Path) -> None:
    text = files[0].read_text()
    done = _fixer("apply", "-", "--write", cwd=tmp_path, given=text)
    assert (done.returncode, done.stdout) == (2, text)
    assert f"fixer: -: {PREFIX}" in done.stderr


def test_without_cfn_lint_there_is_no_error(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert _fixer("check", "bad.json", "--no-lint", cwd=tmp_path).returncode == 1
    done = _fixer("apply", "bad.json", "--no-lint", "--write", cwd=tmp_path)
    assert done.returncode == 0 and "cannot check" not in done.stderr
    assert "NoEcho" not in files[0].read_text()


def test_check_asks_cfn_lint_only_for_transforms_that_need_it(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = _fixer("check", "bad.json", "--select", "noecho-username", cwd=tmp_path)
    assert done.returncode == 1 and "cannot check" not in done.stdout + done.stderr
