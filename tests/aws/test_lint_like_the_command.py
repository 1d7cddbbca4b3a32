"""The Linter says what the `cfn-lint` command says: same rule, line, column, path and message."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fixer.aws.lint import Linter
from fixer.model import LintMatch

CASES = Path(__file__).parents[2].parent / "shared" / "cases"
ALL = "FIXER_LINT_ALL_CASES"
"""Set this environment variable to compare every case instead of a sample; takes two minutes."""

_FAULTY_JSON = """{
  "Parameters": {"Unused": {"Type": "String"}},
  "Resources": {
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicNam": "x", "DisplayName": ["a"]}},
    "Zone": {"Type": "AWS::Route53::HostedZon"},
    "Queue": {"Type": "AWS::SQS::Queue", "DependsOn": "Topic", "Properties": {"QueueName": {"Ref": "Nothing"}}}
  }
}
"""

_FAULTY_YAML = """\
Parameters:
  Unused:
    Type: String
Resources:
  # a comment
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicNam: x}}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${Nothing}-q"
      Tags:
        - Key: a
        - {Value: b, Key: [c]}
"""


def _with_settings(settings: str) -> str:
    return '{"Metadata": {"cfn-lint": {"config": ' + settings + "}}," + _FAULTY_JSON[1:]


TEMPLATES = {
    "faulty.json": _FAULTY_JSON,
    "faulty.yaml": _FAULTY_YAML,
    "tabs.json": _FAULTY_JSON.replace("  ", "\t"),
    "escapes.json": _FAULTY_JSON.replace('"x"', '"\\/\\ud83d\\ude00"'),
    "crlf.json": _FAULTY_JSON.replace("\n", "\r\n"),
    "crlf.yaml": _FAULTY_YAML.replace("\n", "\r\n"),
    "old-mac.json": _FAULTY_JSON.replace("\n", "\r"),
    "bom.json": "\ufeff" + _FAULTY_JSON,
    "bom.yaml": "\ufeff" + _FAULTY_YAML,
    "umlauts.yaml": _FAULTY_YAML.replace("# a comment", "Ünïcödé: {Type: AWS::SNS::Topi}"),
    "merge.yaml": _FAULTY_YAML + "    <<: &a {DeletionPolicy: Keep}\n  Other: {<<: *a, Type: AWS::SNS::Topic}\n",
    "one-line.json": _FAULTY_JSON.replace("\n", ""),
    "empty.json": "",
    "empty.yaml": "# nothing\n",
    "list.json": "[1]",
    "no-resources.json": "{}",
    "truncated.json": _FAULTY_JSON[:100],
    "truncated-tabs.json": _FAULTY_JSON.replace("  ", "\t")[:100],
    "broken.yaml": "Resources:\n  A: [1\n  B: 2\n",
    "twice.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"},\n "A": {"Type": "AWS::SQS::Queue"}}}',
    "twice.yaml": "Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic}\n",
    "bad-tag.yaml": "Resources:\n  A: !!python/object:os.system {}\n",
    "ignored.json": _with_settings('{"ignore_checks": ["W2001", "E3002"]}'),
    "ignored-syntax.json": _with_settings('{"ignore_checks": ["E0000", "E1"]}'),
    "informed.json": _with_settings('{"include_checks": ["I"], "configure_rules": {"E3012": {"strict": true}}}'),
    "experimental.json": _with_settings('{"include_experimental": true, "merge_configs": true}'),
    "regions.json": _with_settings('{"regions": ["eu-central-2", "ap-southeast-5"]}'),
    "parameters.json": _with_settings('{"parameters": [{"Unused": "x"}]}'),
    "odd-settings.json": _with_settings('{"ignore_checks": "E3002", "regions": "us-east-1"}'),
    "suppressed.yaml": _FAULTY_YAML.replace(
        "  Queue:\n", "  Queue:\n    Metadata: {cfn-lint: {config: {ignore_checks: [E3012, E1019, E3002]}}}\n"
    ),
    "extensions.yaml": "Transform: AWS::LanguageExtensions\n"
    + _FAULTY_YAML
    + "  Fn::ForEach::All:\n    - Name\n    - [A, B]\n    - ${Name}Topic: {Type: AWS::SNS::Topi}\n",
    "bad-extensions.yaml": "Transform: AWS::LanguageExtensions\n" + _FAULTY_YAML + "  Fn::ForEach::All: [Name]\n",
    "sam.yaml": "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: python3.6, Timeout: x}}\n"
    "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: x, Memory: 1}}\n",
    "conditions.yaml": "Conditions: {Never: !Equals [a, b]}\n"
    + _FAULTY_YAML
    + "  Maybe: {Type: AWS::SNS::Topic, Condition: Never}\n"
    "Outputs: {O: {Value: !Ref Maybe}, P: {Value: !If [No, a, b]}}\n",
    "subnets.yaml": """\
Resources:
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-12345678, CidrBlock: 10.0.0.0/24}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-12345678, CidrBlock: 10.0.0.0/24}}
""",
    "parent.json": '{"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties":'
    ' {"TemplateURL": "./child.yaml", "Parameters": {"Unknown": "x"}}}},'
    ' "Outputs": {"O": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Nowhere"]}}}}',
    "child.yaml": "Parameters: {Needed: {Type: String}}\nResources:\n  T: {Type: AWS::SNS::Topic, Properties:"
    " {TopicName: !Ref Needed}}\nOutputs: {Here: {Value: !Ref T}}\n",
}
"""Small templates, by file name, that take cfn-lint along its different ways."""

Said = tuple[str, str, int, int, tuple[str | int, ...], str]


def _command(files: Iterable[Path], folder: Path) -> dict[str, list[Said]]:
    """What the command says of each file; one process for all, as starting it takes longest."""
    run = subprocess.run(
        [sys.executable, "-m", "cfnlint.runner.cli", "--format", "json", "--", *map(str, files)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said: dict[str, list[Said]] = {}
    for match in json.loads(run.stdout):
        said.setdefault(match["Filename"], []).append(_from_command(match))
    return {name: sorted(matches) for name, matches in said.items()}


def _from_command(match: Mapping[str, Any]) -> Said:
    place = match["Location"]
    path = tuple(part if isinstance(part, int) else str(part) for part in place["Path"] or ())
    start = place["Start"]
    severity = match["Level"].lower()
    return match["Rule"]["Id"], severity, start["LineNumber"], start["ColumnNumber"], path, match["Message"]


def _from_linter(match: LintMatch) -> Said:
    return match.rule, match.severity, match.line, match.column, match.path, match.message


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    for name, text in TEMPLATES.items():
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, list[Said]]:
    return _command((folder / name for name in TEMPLATES), folder)


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.mark.parametrize("name", TEMPLATES)
def test_small_template(
    name: str, folder: Path, said: dict[str, list[Said]], linter: Linter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # cfn-lint reads the outputs of nested stacks only below the current folder
    path = str(folder / name)
    result = linter.lint(path, TEMPLATES[name])
    assert not result.failed
    assert sorted(map(_from_linter, result.matches)) == said.get(path, [])


def test_the_small_templates_say_something(said: dict[str, list[Said]]) -> None:
    rules = {match[0] for matches in said.values() for match in matches}
    assert rules >= {"E0000", "E0001", "E1001", "E1019", "E3002", "E3006", "E3012", "E3043", "E6101", "W2001"}


def _cases() -> list[Path]:
    found = sorted(file for file in CASES.rglob("*") if file.suffix in (".json", ".yaml", ".yml", ".template"))
    return found if os.environ.get(ALL) else random.Random(1).sample(found, min(4, len(found)))


@pytest.mark.skipif(not CASES.is_dir(), reason=f"needs {CASES}")
def test_cases(tmp_path: Path, linter: Linter) -> None:
    files = _cases()
    said = _command(files, tmp_path)
    assert files
    for file in files:
        result = linter.lint(str(file), file.read_bytes().decode())
        assert not result.failed, file
        assert sorted(map(_from_linter, result.matches)) == said.get(str(file), []), file


def test_order_does_not_matter(folder: Path, linter: Linter) -> None:
    def run(names: Iterable[str]) -> dict[str, object]:
        return {name: linter.lint(str(folder / name), TEMPLATES[name]) for name in names}

    names = list(TEMPLATES)
    first = run(names)
    assert run(reversed(names)) == first
    random.Random(2).shuffle(names)
    assert run(names) == first
