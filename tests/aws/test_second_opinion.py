"""The second opinion: what AWS's own validator says, and what a run makes of it."""

import ctypes
import importlib.metadata
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixer.aws import second_opinion
from fixer.aws.lint_diff import compare
from fixer.aws.second_opinion import NAME, SecondOpinion
from fixer.errors import BadConfig
from fixer.model import LintResult, Outcome, Report
from fixer.run import commands as run
from fixer.settings import Settings

TOPIC = {"Type": "AWS::SNS::Topic"}
GOOD = json.dumps({"Resources": {"A": TOPIC}})
BAD = json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topi"}}})
UNUSED = json.dumps({"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": TOPIC}})
OPEN = """\
Parameters:
  Source:
    Type: String
Resources:
  Topic:
    Type: AWS::SNS::Topic
    DependsOn: Queue
    Properties:
      DisplayName: !GetAtt Queue.QueueName
  Queue:
    Type: AWS::SQS::Queue
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Bastion
      SecurityGroupIngress:
      - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Source}
"""
"""cfn-lint does not mind a Default of 0.0.0.0/0 for Source, AWS's validator does (W2508)."""

TO_THE_WORLD = Settings(
    select=("parameter-without-default", "redundant-depends-on"),
    options={"parameter-without-default": {"values": "Source=0.0.0.0/0"}},
    cache=False,
)
GOLDEN = Path(__file__).parents[1] / "golden"
needs_forks = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux does the validator run in a fork")


def _template(**sections: object) -> str:
    return json.dumps({"Resources": {"A": TOPIC}, **sections})


def _said(text: str, path: str = "a.json", regions: Sequence[str] = ()) -> list[tuple[str, str, tuple[str | int, ...]]]:
    [result] = SecondOpinion(regions)([(path, text)])
    assert not result.failed
    return [(match.rule, match.severity, match.path) for match in result.matches]


def _process(*arguments: str, cwd: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    """The fixer command as a process of its own, after some lines of Python."""
    code = f"{before}\nfrom fixer.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_matches_are_plain_values() -> None:
    [result] = SecondOpinion()([("a.json", BAD)])
    (match,) = result.matches
    assert (match.rule, match.severity, match.path, match.line, match.column) == (
        "F3006", "fatal", ("Resources", "A"), 1, 16
    )  # fmt: skip
    assert match.message == "Unknown resource type 'AWS::SNS::Topi'"
    assert type(match.message) is str and type(match.line) is int


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, []),
        (UNUSED, [("W2001", "warning", ("Parameters", "P"))]),
        (_template(Outputs={"O": {"Value": {"Ref": "Gone"}}}), [("F6101", "fatal", ("Outputs", "O", "Value", "Ref"))]),
        (_template(Foo=1), [("F0005", "fatal", ("Foo",))]),
        (
            _template(Resources={"A": {**TOPIC, "Properties": {"Tags": [{"Key": "a", "Value": "b", "Foo": "c"}]}}}),
            [("F3002", "fatal", ("Resources", "A", "Properties", "Tags", 0, "Foo"))],
        ),
        (
            _template(Resources={"A.b/c": {**TOPIC, "Metadata": {"Foo": 1}}}),
            [("F0006", "fatal", ("Resources", "A.b/c"))],
        ),
        (
            _template(Mappings={"M": {"a": "b"}}),
            [("F0017", "fatal", ("Mappings", "M", "a")), ("W7001", "warning", ("Mappings", "M"))],
        ),
        (
            _template(Conditions={"C": {"Fn::Equals": ["a", "b"]}}),
            [("W8001", "warning", ("Conditions", "C")), ("W8003", "warning", ("Conditions", "C"))],
        ),
    ],
)
def test_paths_are_those_of_the_template(text: str, expected: list[object]) -> None:
    assert sorted(_said(text), key=str) == sorted(expected, key=str)


def test_yaml_is_read_whatever_the_name_of_the_file() -> None:
    assert _said("Resources:\n  A: {Type: AWS::SNS::Topi}\n") == [("F3006", "fatal", ("Resources", "A"))]
    assert _said(BAD, "a.yaml") == [("F3006", "fatal", ("Resources", "A"))]


def test_the_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(BAD)
    assert _said(GOOD, str(file)) == []


def test_one_region_is_checked_for_and_of_several_any() -> None:
    text = _template(Resources={"I": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t1.micro"}}})
    wrong = ("E3628", "error", ("Resources", "I", "Properties", "InstanceType"))
    assert wrong in _said(text, regions=("eu-west-3",))
    assert wrong not in _said(text, regions=("eu-west-3", "us-east-1"))
    assert wrong not in _said(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", f"{NAME} cannot read the template: "),
        ("[1]", f"{NAME} cannot read the template: Template root must be a YAML mapping"),
        (GOOD[:-1], f"{NAME} cannot read the template: JSON parse error: "),
        ("a: b: c", f"{NAME} cannot read the template: YAML parse error: "),
        ('{"a": "\ud800"}', f"{NAME} failed: UnicodeEncodeError: "),
        ('{"a":' * 300 + "1" + "}" * 300, f"{NAME} cannot read the template: JSON parse error: recursion limit"),
        ("- " * 1_000_000, f"the template is nested too deeply for {NAME}"),
        ("[" * 1_000_000, f"the template is nested too deeply for {NAME}"),
    ],
)
def test_what_cannot_be_read_fails_with_a_reason(text: str, reason: str) -> None:
    good, bad = SecondOpinion()([("a.json", GOOD), ("b.json", text)])
    assert good == LintResult()
    assert bad.matches == () and bad.failed.startswith(reason)


@needs_forks
def test_a_fault_in_native_code_fails_one_text_and_not_the_process() -> None:
    code = (
        "from fixer.aws import second_opinion\n"
        "second_opinion.is_too_deep = lambda text: False\n"
        f"texts = [('a.json', {BAD!r}), ('b.yaml', '- ' * 1_000_000), ('c.json', {GOOD!r})]\n"
        "for result in second_opinion.SecondOpinion()(texts): print(len(result.matches), result.failed)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["1 ", f"0 the process of {NAME} ended unexpectedly", "0 "]


@needs_forks
def test_native_code_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> object:
        return ctypes.PyDLL(None).sleep(60)  # holds the lock of the interpreter, as no Python code can

    monkeypatch.setattr(second_opinion, "_engine", lambda: SimpleNamespace(validate_template=never))
    started = time.monotonic()
    assert SecondOpinion(time_limit=0.1)([("a.json", GOOD)]) == [
        LintResult(failed=f"{NAME} took longer than 0.1 seconds")
    ]
    assert time.monotonic() - started < 5


def test_where_nothing_can_be_forked_it_runs_in_this_process() -> None:
    results: list[LintResult] = []
    thread = threading.Thread(target=lambda: results.extend(SecondOpinion()([("a.json", BAD), ("b.json", GOOD)])))
    thread.start()
    thread.join()
    assert results == SecondOpinion()([("a.json", BAD), ("b.json", GOOD)])
    assert [len(result.matches) for result in results] == [1, 0]


@pytest.mark.parametrize("status", ["ANALYSIS_INCOMPLETE", "ERROR"])
def test_a_report_that_may_lack_findings_fails(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    limit = SimpleNamespace(description="Only 1000 conditions are looked at.")
    report = SimpleNamespace(
        status=SimpleNamespace(name=status), diagnostics=[], metadata=SimpleNamespace(budget_exhaustions=[limit])
    )
    monkeypatch.setattr(second_opinion, "_engine", lambda: SimpleNamespace(validate_template=lambda *arguments: report))
    [result] = SecondOpinion()([("a.json", GOOD)])
    assert (
        result.failed
        == {
            "ERROR": f"{NAME} cannot read the template: no reason given",
            "ANALYSIS_INCOMPLETE": f"{NAME} did not analyse the whole template: Only 1000 conditions are looked at.",
        }[status]
    )


def test_an_engine_that_cannot_be_built_fails_each_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise ValueError("no rules")

    monkeypatch.setattr(second_opinion, "_engine", broken)
    assert (
        SecondOpinion()([("a", GOOD), ("b", GOOD)]) == [LintResult(failed=f"{NAME} failed: ValueError: no rules")] * 2
    )


def test_without_the_package_there_is_a_word_on_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(BadConfig, match=r"is not installed: run `pip install 'fixer\[validate\]'`"):
        SecondOpinion()


def test_the_command_without_the_package_says_so_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(UNUSED)
    missing = "from fixer.aws import second_opinion; second_opinion.NAME = 'no-such-package'"
    done = _process("apply", "a.json", "--second-opinion", cwd=tmp_path, before=missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "fixer: no-such-package is not installed: run `pip install 'fixer[validate]'`\n"


def test_the_command_with_a_package_for_another_system_says_so_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(UNUSED)
    unloadable = "import sys; sys.modules['cloudformation_validate'] = None"
    done = _process("apply", "a.json", "--second-opinion", cwd=tmp_path, before=unloadable)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fixer: {NAME} cannot be loaded here: ") and done.stderr.count("\n") == 1


def test_without_the_option_the_package_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(UNUSED)
    code = (
        "import sys; from fixer.cli.main import cli\n"
        "try: cli.main(['apply', 'a.json', '--no-cache', '--unsafe'], prog_name='fixer')\n"
        "except SystemExit as left: assert left.code == 1, left.code\n"
        "assert 'cfnlint' in sys.modules and 'cloudformation_validate' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lint", [True, False])
def test_a_patch_that_the_second_opinion_is_against_is_rolled_back_alone(tmp_path: Path, lint: bool) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(OPEN)
    settings = replace(TO_THE_WORLD, lint=lint)
    assert _outcomes(run.apply([str(file)], settings))["parameter-without-default"] is Outcome.WOULD_APPLY
    report = run.apply([str(file)], replace(settings, second_opinion=True), write=True)
    outcomes = _outcomes(report)
    assert outcomes.pop("parameter-without-default") is Outcome.UNVERIFIED
    assert outcomes == ({"redundant-depends-on": Outcome.APPLIED} if lint else {})
    [rolled_back] = [each for each in report.resolutions if each.outcome is Outcome.UNVERIFIED]
    assert rolled_back.reason.startswith(f"{NAME} then reports W2508 at {file}:")
    assert "Default" not in file.read_text()
    assert report.versions[NAME] == second_opinion.version()


def test_the_command_rolls_back_with_the_rule_of_the_second_opinion(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OPEN)
    value = "parameter-without-default.values=Source=0.0.0.0/0"
    command = ("apply", "a.yaml", "--select", ",".join(TO_THE_WORLD.select), "--set", value)
    for _ in range(2):  # The second time from the cache, which keeps the two kinds of runs apart.
        done = _process(*command, "--second-opinion", cwd=tmp_path)
        assert "+    Default" not in done.stdout and "-    DependsOn: Queue" in done.stdout
        assert f"{NAME} then reports W2508" in done.stderr
        plain = _process(*command, cwd=tmp_path)
        assert "+    Default: 0.0.0.0/0" in plain.stdout and NAME not in plain.stderr
    done = _process(*command, "--second-opinion", "--format", "sarif", cwd=tmp_path)
    [log] = json.loads(done.stdout)["runs"]
    assert [each["name"] for each in log["tool"]["extensions"]] == ["cfn-lint", NAME]


def test_several_projects_side_by_side(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        files.append(tmp_path / name / "a.yaml")
        files[-1].write_text(OPEN)
    report = run.apply([str(file) for file in files], replace(TO_THE_WORLD, jobs=2, second_opinion=True))
    assert report.count(Outcome.UNVERIFIED) == report.count(Outcome.WOULD_APPLY) == 3


def test_a_template_that_the_second_opinion_cannot_judge_stays(tmp_path: Path) -> None:
    deep: object = 1
    for _ in range(140):
        deep = {"a": deep}
    name = {"DisplayName": {"Fn::GetAtt": ["B", "TopicName"]}}
    resources = {"A": {**TOPIC, "DependsOn": "B", "Properties": name}, "B": TOPIC}
    data = {"Metadata": {"Deep": deep}, "Resources": resources}
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(json.dumps(data))
    good.write_text(json.dumps({"Resources": resources}))
    settings = Settings(select=("redundant-depends-on",), cache=False, second_opinion=True)
    report = run.apply([str(bad), str(good)], settings, write=True)
    stays, repaired = (template.resolutions[0] for template in report.templates)
    assert stays.outcome is Outcome.FAILED
    assert stays.reason.startswith(
        f"{NAME} cannot check {bad}: {NAME} cannot read the template: JSON parse error: recursion limit"
    )
    assert repaired.outcome is Outcome.APPLIED
    assert json.loads(bad.read_text()) == data and "DependsOn" not in good.read_text()


def test_what_a_repair_makes_visible_is_not_held_against_it() -> None:
    def matches(kind: str) -> LintResult:
        text = _template(Resources={"N": {"Type": kind, "Properties": {"SubnetIdd": "subnet-1"}}})
        return SecondOpinion()([("a.json", text)])[0]

    diff = compare(matches("AWS::EC2::NATGateway").matches, matches("AWS::EC2::NatGateway").matches)
    assert [match.rule for match in diff.gone] == ["F3006"]
    assert [match.rule for match in diff.revealed] == ["F3002"] and diff.new == ()


def _pairs() -> Iterator[tuple[Path, Path]]:
    for before in sorted(GOLDEN.glob("*/*.before.*")):
        if before.parent.name == "unparsable-template":
            continue
        yield before, before.with_name(before.name.replace(".before.", ".after."))
    for before in sorted(GOLDEN.glob("*/*.before/*")):
        yield before, before.parent.with_suffix(".after") / before.name


def test_no_golden_repair_brings_a_finding() -> None:
    pairs = [pair for pair in _pairs() if pair[1].exists()]
    assert len(pairs) > 100
    texts = [[(file.name, file.read_text()) for file in files] for files in zip(*pairs, strict=True)]
    for pair, before, after in zip(pairs, *map(SecondOpinion(), texts), strict=True):
        assert before.failed == after.failed == "", pair
        # W9002 advises against ARNs that are written out, but a circle is broken by no other means.
        is_circle = pair[0].parent.name == "circular-dependency"
        new = [each for each in compare(before.matches, after.matches).new if not (is_circle and each.rule == "W9002")]
        assert not new, pair


def _outcomes(report: Report) -> dict[str, Outcome]:
    return {each.finding.id: each.outcome for each in report.resolutions}
