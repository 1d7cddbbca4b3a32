"""The SARIF log: valid for GitHub, and its replacements are what --write writes."""

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import apply_sarif
import npm
import pytest

from fixer.model import Outcome, Report
from fixer.report import sarif
from fixer.run import commands as run
from fixer.settings import Settings

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases"
EVERYTHING = Settings(
    unsafe=True,
    undeployed=True,
    require={"vpc": "public", "peering": "", "monitoring": "60", "dashboard": "", "alerts": ""},
    options={"topic-without-subscription": {"email": "ops@example.com"}},
)
FOLDERS = [ROOT / "examples", CASES / "aurora-global-dr", *sorted(CASES.glob("tapstack/*/before"))[:1]]


def _copied(folder: Path, to: Path) -> Path:
    if not folder.exists():
        pytest.skip("../shared/cases is absent: the real templates are not repaired")
    return Path(shutil.copytree(folder, to))


def _log(report: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif.render(report))
    return log


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name + "-" + folder.name)
def test_its_replacements_give_the_bytes_that_write_gives(folder: Path, here: Path) -> None:
    _copied(folder, here / "one")
    _copied(folder, here / "two")
    log = _log(run.apply(["one"], EVERYTHING))
    apply_sarif.apply(log, here)
    report = run.apply(["two"], EVERYTHING, write=True)
    assert report.count(Outcome.APPLIED) > 0
    files = [file for file in sorted((here / "one").rglob("*")) if file.is_file()]
    for file in files:
        assert file.read_bytes() == (here / "two" / file.relative_to(here / "one")).read_bytes(), file


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffResources:\r\n  Ünï:\r\n    Type: AWS::SNS::Topic\r\n    DependsOn: [\U0001d518x]\r\n",
        "Resources:\n  A: {Type: AWS::SNS::Topic, DependsOn: [B, B]}\n  B:\n    Type: AWS::SNS::Topic # \U0001d518\n",
    ],
)
def test_marks_line_ends_and_wide_characters(text: str, here: Path) -> None:
    body = text + "  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Sub \U0001d518nit # wide\n"
    if "\r" in text:
        body = body.replace("\r\n", "\n").replace("\n", "\r\n")
    Path("stack.yaml").write_bytes(body.encode())
    settings = Settings(select=("needless-sub",))
    log = _log(run.apply(["stack.yaml"], settings))
    apply_sarif.apply(log, here)
    after = Path("stack.yaml").read_bytes()
    Path("stack.yaml").write_bytes(body.encode())
    assert run.apply(["stack.yaml"], settings, write=True).count(Outcome.APPLIED) == 1
    assert after == Path("stack.yaml").read_bytes() != body.encode()


def test_check_proposes_each_fix_by_itself(here: Path) -> None:
    _copied(ROOT / "examples" / "lib", here / "lib")
    report = run.check(["lib"], EVERYTHING)
    results = _log(report)["runs"][0]["results"]
    fixable = [each for each in report.resolutions if each.patches]
    assert len(fixable) == sum("fixes" in result for result in results) > 1
    before = Path("lib/TapStack.json").read_text()
    for result in results:
        if "fixes" in result:
            apply_sarif.apply({"runs": [{"results": [result]}]}, here)
            assert json.loads(Path("lib/TapStack.json").read_text()) != json.loads(before)
            Path("lib/TapStack.json").write_text(before)


def test_fingerprints_stay_when_lines_move(here: Path) -> None:
    _copied(ROOT / "examples" / "lib", here / "lib")
    first = _log(run.check(["lib"], EVERYTHING))["runs"][0]["results"]
    Path("lib/TapStack.json").write_text("\n\n" + Path("lib/TapStack.json").read_text())
    second = _log(run.check([str(here / "lib")], EVERYTHING))["runs"][0]["results"]
    assert [each["partialFingerprints"] for each in first] == [each["partialFingerprints"] for each in second]
    assert [each["locations"] for each in first] != [each["locations"] for each in second]
    assert len({each["partialFingerprints"]["fixerFinding/v1"] for each in first}) == len(first)


def test_places_inside_are_relative_and_encoded(here: Path) -> None:
    shutil.copyfile(ROOT / "examples" / "lib" / "TapStack.json", here / "tap stack ü%.json")
    outside = here.parent / f"{here.name}.json"
    shutil.copyfile(ROOT / "examples" / "lib" / "TapStack.json", outside)
    log = _log(run.check([str(here), str(outside)], EVERYTHING))
    artifacts = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in log["runs"][0]["results"]]
    assert {artifact["uri"] for artifact in artifacts} == {"tap%20stack%20%C3%BC%25.json", outside.as_uri()}
    outside.unlink()


def _logs(here: Path) -> list[Path]:
    """A log of check, of apply, of nothing found, and of an error."""
    shutil.copytree(ROOT / "examples", here / "examples")
    Path("broken.json").write_text('{"Resources": {"A": {"Type": "AWS::S3::Bucket"},}}')
    Path("clean.yaml").write_text("Resources:\n  A:\n    Type: AWS::SNS::Topic\n")
    reports = {
        "check": run.check(["examples"], EVERYTHING),
        "write": run.apply(["examples"], EVERYTHING, write=True),
        "nothing": run.check(["clean.yaml"], Settings()),
        "error": run.check(["broken.json"], Settings()),
    }
    files = []
    for name, report in reports.items():
        files.append(here / f"{name}.sarif")
        files[-1].write_text(sarif.render(report), encoding="utf-8")
    return files


@pytest.fixture
def multitool() -> Path:
    """The folder with the tool and the official schema."""
    if platform.system() != "Linux":
        pytest.skip("the tool is installed for Linux here")
    return npm.package("@microsoft/sarif-multitool", "^5") / "@microsoft" / "sarif-multitool-linux"


def _told(folder: Path, log: Path) -> set[tuple[str, str]]:
    """(rule, message id) of what the tool says of a log; its exit code tells nothing."""
    tool = next(file for file in folder.rglob("Sarif.Multitool") if file.is_file())
    told = log.with_suffix(".told")
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    command = [str(tool), "validate", str(log), "--rule-kind", "Sarif;Ghas", "--output", str(told)]
    subprocess.run(command, check=False, capture_output=True, env=environment)
    results = json.loads(told.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    return {(result["ruleId"], result["message"].get("id", "")) for result in results}


def test_the_official_tool_and_schema_find_nothing_wrong(here: Path, multitool: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads((multitool / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for log in _logs(here):
        assert [error.message for error in validator.iter_errors(json.loads(log.read_text()))] == []
        # fixer has no page of its own that informationUri could name.
        assert _told(multitool, log) <= {("SARIF2005", "Warning_ProvideToolnformationUri")}, log


def test_the_official_tool_would_tell(here: Path, multitool: Path) -> None:
    log = here / "log.sarif"
    broken = json.loads(sarif.render(run.check([str(ROOT / "examples" / "lib")], EVERYTHING)))
    del broken["runs"][0]["results"][1]["message"]
    log.write_text(json.dumps(broken))
    assert "JSON1002" in {rule for rule, _ in _told(multitool, log)}
