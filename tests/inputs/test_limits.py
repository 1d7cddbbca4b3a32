"""Inputs that would take for ever, or all memory: each has a limit and a clear message. Real processes, real files."""

import cProfile
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixer.aws import patterns
from fixer.aws.patterns import fits, may_contain
from fixer.engine.failure_map import transform_of
from fixer.inputs import failure_list, globs, requirements
from fixer.model import Json, Outcome
from fixer.pointer import depth, walk
from fixer.run import commands as run
from fixer.settings import Settings

TOPIC = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n"
FORMATS = ("text", "json", "sarif", "markdown", "github")


def _run(folder: Path, *arguments: str | bytes, given: bytes | None = b"") -> "subprocess.CompletedProcess[bytes]":
    """fixer in a folder, without cfn-lint, for at most a minute."""
    command = [sys.executable, "-m", "fixer", *arguments]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False, timeout=60)


def _told(done: "subprocess.CompletedProcess[bytes]", message: str) -> None:
    errors = done.stderr.decode()
    assert done.returncode == 2, errors
    assert message in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("line", ["a: " * 60_000, ": y" * 66_000, "? " * 90_000, "- " * 90_000])
def test_a_long_line_of_yaml_is_answered_at_once(tmp_path: Path, line: str) -> None:
    (tmp_path / "t.yaml").write_text(f"{TOPIC}Metadata:\n  {line}\n")
    started = time.monotonic()
    done = _run(tmp_path, "check", "t.yaml", "--no-lint")
    assert time.monotonic() - started < 30
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*", "(a|aa)+", "(.*a){20}", r"([a-z]+\.?)*"])
def test_a_pattern_that_takes_for_ever_does_not_match(pattern: str) -> None:
    started = time.monotonic()
    assert not fits(pattern, "a" * 60 + "!")
    assert may_contain(pattern, "a" * 60)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "pattern", ["(", "a{99999999999999999999}", "(" * 2000 + ")" * 2000, r"\p{Alnum}+", "a" * 5000]
)
def test_a_pattern_that_python_cannot_read_does_not_match(pattern: str) -> None:
    assert not fits(pattern, "a")
    assert may_contain(pattern, "a")


def test_a_pattern_is_matched_as_a_whole() -> None:
    assert fits("[a-z]+", "abc")
    assert not fits("[a-z]+", "abc!")
    assert may_contain("[a-z]+", "abc!")
    assert not may_contain("[0-9]", "abc")


def test_a_template_with_such_a_pattern_is_checked(tmp_path: Path) -> None:
    parameter = {"Type": "String", "AllowedPattern": "(.*[A-Za-z0-9]*)+$", "MaxLength": 63}
    template = {
        "Parameters": {"InstanceClass": parameter, "AlertEmail": {"Type": "String", "AllowedPattern": "(x+x+)+y"}},
        "Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "InstanceClass"}}}},
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    value = "parameter-without-default.values=AlertEmail=" + "x" * 40
    options = ("--select", "parameter-without-default", "--set", value)
    done = _run(tmp_path, "check", "--no-lint", *options, "t.json")
    assert b"does not match its AllowedPattern" in done.stderr, done.stderr
    assert done.returncode == 2


def test_many_such_patterns_have_one_time_limit(tmp_path: Path) -> None:
    """36 values a template, each of which would take a quarter of a second: 27 seconds for the three templates."""
    names = [
        f"{kind}{server}InstanceType"
        for kind in ("", "EC2", "Ec2", "Web", "App", "Bastion")
        for server in ("", "Server")
    ]
    parameters: dict[str, Json] = {}
    resources: dict[str, Json] = {}
    for name in names:
        parameters[name] = {"Type": "String", "AllowedPattern": f"(?#{name})((.*.*.*.*.*)+)+!"}
        resources[f"{name}Server"] = {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": {"Ref": name}}}
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "t.json").write_text(json.dumps({"Parameters": parameters, "Resources": resources}))
    (tmp_path / "good.yaml").write_text(
        "Parameters:\n  InstanceType: {Type: String, AllowedPattern: 't3[.][a-z]+'}\nResources:\n  A:\n"
        "    Type: AWS::EC2::Instance\n    Properties: {InstanceType: !Ref InstanceType}\n"
    )
    command = ("apply", "--no-lint", "--select", "parameter-without-default", "2", "1", "0", "good.yaml")
    done = _run(tmp_path, *command, "-j", "2")
    said = done.stderr.decode()
    told = [line for line in said.splitlines() if "was not evaluated" in line]
    assert all(any(f"(?#{name})" in line for line in told) for name in names), said
    late = [line for line in told if "because the patterns of this run took longer than 5 seconds in all" in line]
    assert late and len(told) <= 2 * len(names) and "it takes longer than 0.25 seconds" in said
    assert b"Default: t3.micro" in done.stdout and "1 would be applied" in said


def test_a_pattern_is_evaluated_again_in_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_SECONDS_OF_A_RUN", 0.1)
    with patterns.one_run() as first:
        assert not fits("(a+)+!", "a" * 60) and not fits("[a-z]+[0-9]+", "ab12") and fits("[a-z]+", "ab")
        assert [each.split()[2] for each in first.warnings] == ["'(a+)+!'", "'[a-z]+[0-9]+'"]
    assert fits("[a-z]+[0-9]+", "ab12")
    with patterns.one_run() as second:
        assert fits("[a-z]+[0-9]+", "ab12") and second.warnings == ()


@pytest.mark.parametrize("unit", ["rto of ", "create vpc ", " ", "| a", "- ", "create a topic for alerts ", "a, "])
def test_a_document_with_a_long_line_is_read(unit: str) -> None:
    line = (unit * 200_000)[:200_000]
    started = time.monotonic()
    for text in (line, f"**1 {line} x", f"| a{line}"):
        list(requirements.read(text))
        failure_list.read(text)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "unit",
    [
        "1. x\n",
        "### 1. x\n",
        "# x\n",
        "```yaml\na: 1\n",
        "```yaml\na: 1\n```\n",
        "**Fix**:\n```yaml\nA: 1\n```\n",
        "**Failure ID:** x\n",
        "**x y z a**\n- **Issue**\n",
        "- Model: `Aa: 1`\n- Ideal: `Aa: 2`\n",
        "```suggestion\nx\n```\n",
        "### 1. security passwords \n",
    ],
)
def test_a_failure_list_of_many_lines_is_read(unit: str) -> None:
    started = time.monotonic()
    for text in (unit * (200_000 // len(unit)), "### 1. x\n" + unit * (200_000 // len(unit))):
        for failure in failure_list.read(text)[:100]:
            transform_of(failure)
    assert time.monotonic() - started < 8


def test_too_many_failures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "big.md").write_text("1. x\n" * 2_001)
    _told(_run(tmp_path, "map", "big.md"), "big.md: lists more than 2000 failures: divide it")


@pytest.mark.parametrize(
    "command", [["check", "--require", "vpc", "--requirements", "big.md", "t.yaml"], ["map", "big.md"]]
)
def test_a_document_of_fifty_megabytes_is_refused(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "t.yaml").write_text(TOPIC)
    (tmp_path / "big.md").write_bytes(b"Create a VPC.\n" * 4_000_000)
    _told(_run(tmp_path, *command), "big.md: is too large for a ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
@pytest.mark.parametrize(
    "options", [["check", "--no-lint", "pipe.yaml"], ["map", "pipe.yaml"], ["diff", "pipe.yaml", "t.yaml"]]
)
def test_a_pipe_is_refused_without_waiting(tmp_path: Path, options: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "t.yaml").write_text(TOPIC)
    _told(_run(tmp_path, *options), "pipe.yaml: is not a regular file")


def test_a_folder_with_a_pipe_is_checked(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    os.mkfifo(tmp_path / ".fixer.toml")
    (tmp_path / "t.yaml").write_text(TOPIC)
    done = _run(tmp_path, "check", "--no-lint", ".")
    assert done.returncode == 0, done.stderr
    assert b"1 template" in done.stderr + done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs devices")
def test_an_endless_file_is_refused(tmp_path: Path) -> None:
    _told(_run(tmp_path, "check", "/dev/zero"), "/dev/zero: is not a regular file")
    with open("/dev/zero", "rb") as endless:
        command = [sys.executable, "-m", "fixer", "check", "--no-lint", "-"]
        done = subprocess.run(command, cwd=tmp_path, stdin=endless, capture_output=True, check=False, timeout=60)
    _told(done, "-: is too large for a template: the limit is 64 MB")


def test_a_template_of_a_terabyte_is_refused(tmp_path: Path) -> None:
    with open(tmp_path / "t.yaml", "wb") as file:
        file.write(TOPIC.encode())
        file.truncate(10**12)
    (tmp_path / "small.yaml").write_text(TOPIC)
    for path in ("t.yaml", "."):
        done = _run(tmp_path, "check", "--no-lint", path)
        _told(done, "t.yaml: is too large for a template: the limit is 64 MB")


def test_links_to_the_folder_itself_do_not_make_a_glob_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for place in ("one", "two", "a/three", "a/b/four"):
        (tmp_path / place).symlink_to(tmp_path)
    (tmp_path / "a" / "b" / "t.yaml").write_text(TOPIC)
    (tmp_path / "t.yaml").write_text(TOPIC)
    monkeypatch.chdir(tmp_path)
    assert globs.matches("**/*.yaml") == ["a/b/t.yaml", "t.yaml"]
    assert globs.matches(f"{tmp_path}/**/t.yaml") == [f"{tmp_path}/a/b/t.yaml", f"{tmp_path}/t.yaml"]
    assert globs.matches("**/**/**/**/*.yaml") == ["a/b/t.yaml", "t.yaml"]
    assert len(globs.matches("/".join(["*"] * 30) + "/*.yaml")) <= 2
    done = _run(tmp_path, "check", "--no-lint", "**/*.yaml")
    assert (done.returncode, done.stdout + done.stderr) == (0, b"0 findings in 2 templates.\n")


@pytest.mark.parametrize(
    "pattern",
    ["*.yaml", "a/*", "**", "**/*", "?/b/*.yaml", "[a]/**/*.yaml", "./*.yaml", "../*/*.yaml", ".*", "a/b/", "a/.h/*"],
)
def test_globs_match_as_the_standard_library_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    import glob

    here = tmp_path / "here"
    for name in ("t.yaml", "a/b/t.yaml", "a/u.yaml", ".hidden.yaml", "a/.h/x.yaml", "c/a[1].yaml"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("")
    monkeypatch.chdir(here)
    expected = sorted({path for path in glob.glob(pattern, recursive=True) if path})
    assert {path.rstrip("/") for path in globs.matches(pattern)} == {path.rstrip("/") for path in expected}


def test_a_null_byte_in_a_path_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fixer.inputs.discovery import discover

    found = discover(["a\0b.yaml", "a\0*.yaml"])
    assert [error.message.partition(":")[0] for error in found.errors] == ["cannot be read", "cannot be read"]
    stack = 'Resources: {S: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: "a\\0b.yaml"}}}\n'
    (tmp_path / "t.yaml").write_text(stack)
    (tmp_path / ".fixer.toml").write_text('[[project]]\npaths = ["a\\u0000b/*.yaml"]\n')
    assert _run(tmp_path, "check", "--no-lint", "t.yaml").returncode in (0, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("command", ["check", "apply"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_name_that_is_not_utf_8_is_told_in_every_format(tmp_path: Path, form: str, command: str) -> None:
    name = b"t\xff\n.json"
    rule = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "CidrIp": "0.0.0.0/0"}
    group = {"GroupDescription": "x", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [rule]}
    network = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    data = {"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": group}, "Vpc": network}}
    with open(os.path.join(os.fsencode(tmp_path), name), "w") as file:
        json.dump(data, file)
    for given in (name, b"missing\xff.json"):
        done = _run(tmp_path, command, "--no-lint", "--format", form, given)
        assert done.returncode == (2 if given.startswith(b"missing") else 1), done.stderr
        assert b"Traceback" not in done.stderr
        done.stdout.decode()


@pytest.mark.parametrize("levels", [600, 700, 800, 900, 970])
def test_deep_nesting_is_one_line_and_the_other_files_go_on(tmp_path: Path, levels: int) -> None:
    (tmp_path / "t.yaml").write_text(TOPIC)
    start, end = '{"Resources": {"T": {"Type": "AWS::SNS::Topic", "Metadata": ', "}}}"
    for name, inner in (("list", "[" * levels + "]" * levels), ("map", '{"a":' * levels + "1" + "}" * levels)):
        (tmp_path / f"{name}.json").write_text(start + inner + end)
        (tmp_path / f"{name}.yaml").write_text(TOPIC + "    Metadata: " + inner.replace('"a":', "a: ") + "\n")
    done = _run(tmp_path, "apply", "--no-lint", ".")
    lines = done.stderr.decode().splitlines()
    _told(done, "nested too deeply")
    for name in ("list.json", "map.json", "list.yaml", "map.yaml"):
        assert sum(line.startswith(f"fixer: ./{name}:") for line in lines) == 1, lines
    assert "1 template: nothing to repair." in lines


def test_long_chains_of_references_are_no_traceback(tmp_path: Path) -> None:
    chain: dict[str, Json] = {f"C{n}": {"Fn::Not": [{"Condition": f"C{n + 1}"}]} for n in range(2000)}
    chain["C2000"] = {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}
    resources: dict[str, Json] = {
        f"T{n}": {"Type": "AWS::SNS::Topic", "Condition": "C0", "Properties": {"DisplayName": {"Ref": f"T{n + 1}"}}}
        for n in range(1500)
    }
    resources["T1500"] = {"Type": "AWS::SNS::Topic", "DependsOn": "T1500"}
    (tmp_path / "t.json").write_text(json.dumps({"Conditions": chain, "Resources": resources}))
    done = _run(tmp_path, "check", "--no-lint", "t.json")
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 1, 2)


def test_walk_and_depth_do_not_recurse() -> None:
    data: Json = "x"
    for _ in range(10_000):
        data = {"a": [data]}
    assert sum(1 for _ in walk(data)) == 20_001
    assert depth(data, 50_000) == 20_000
    assert depth(data, 100) == 100
    values: list[Json] = ["x", {}, [1], {"a": {"b": []}}]
    assert [depth(each, 9) for each in values] == [0, 1, 1, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "is not valid TOML: it is nested too deeply"),
        ("a." * 100_000 + "a = 1", "is not valid TOML: it takes longer than 5 seconds to read"),
        ("a = " + "1" * 5000, "is not valid TOML"),
        ("set.x.y = 0x" + "f" * 5000, "set: "),
        ("x" * 2_000_000, "is too large for a configuration file: the limit is 1 MB"),
        ('baseline = "a\\u0000b"', "a\\0b"),
        ("project = 5", "project: "),
    ],
)
def test_settings_that_cannot_be_read_are_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.yaml").write_text(TOPIC)
    (tmp_path / ".fixer.toml").write_text(text)
    done = _run(tmp_path, "check", "--no-lint", "t.yaml")
    _told(done, message)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("text", "code"), [("tool = 5", 0), ("[tool]\nfixer = 5", 2), ("[[tool]]\na = 1", 0)])
def test_odd_tables_of_tools(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "t.yaml").write_text(TOPIC)
    (tmp_path / "pyproject.toml").write_text(text)
    done = _run(tmp_path, "check", "--no-lint", "t.yaml")
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", "5", "{}", '{"version": 1}', '{"version": 1, "findings": 5}', '{"version": true, "findings": []}',
     '{"version": 1, "findings": [{"id": 1, "path": "a", "place": "b"}]}', '{"version": 1, "findings": [5]}',
     '{"version": 1, "findings": [{"id": "a", "path": "\\u0000", "place": "b"}]}', "[" * 100_000, "\xff\x00"],
)  # fmt: skip
def test_a_damaged_baseline_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.yaml").write_text(TOPIC)
    (tmp_path / "baseline.json").write_text(text, encoding="latin-1")
    (tmp_path / ".fixer.toml").write_text('baseline = "baseline.json"')
    done = _run(tmp_path, "check", "--no-lint", "t.yaml")
    _told(done, "baseline.json")
    assert len(done.stderr.splitlines()) == 1


def _open_groups(count: int) -> str:
    resources: dict[str, Json] = {}
    for number in range(count):
        rule: Json = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "CidrIp": "0.0.0.0/0"}
        group: Json = {"GroupDescription": "x", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [rule]}
        resources[f"G{number}"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": group}
    resources["Vpc"] = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    return json.dumps({"Resources": resources})


def test_many_open_groups_get_an_answer(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(_open_groups(500))
    done = _run(tmp_path, "apply", "--no-lint", "t.json")
    assert b"500 would be applied" in done.stderr, done.stderr[-500:]


def test_many_open_groups_take_time_in_proportion() -> None:
    """Counts calls of functions, which are the same on each machine: 2 is in proportion, 4 the square."""
    settings = Settings(lint=False, cache=False)
    run.apply(["-"], settings, standard_input=_open_groups(2).encode())
    calls = []
    for count in (60, 120):
        profile = cProfile.Profile()
        report = profile.runcall(run.apply, ["-"], settings, standard_input=_open_groups(count).encode())
        assert report.count(Outcome.WOULD_APPLY) == count
        calls.append(sum(each.callcount for each in profile.getstats()))
    assert calls[1] / calls[0] < 2.5, calls
