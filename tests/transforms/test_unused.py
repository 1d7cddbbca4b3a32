"""Unused parameters, conditions and mappings: what may be needed stays, chains go together, removals come last."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fixer.model import Outcome, Report, Resolution
from fixer.run import commands as run
from fixer.settings import Settings

TOPIC = "  Topic: {Type: 'AWS::SNS::Topic'}\n"
BOX = """\
Resources:
  Box:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: "{{resolve:ssm:/images/web}}"
      %s
"""
VOLUME = """\
Resources:
  Disk:
    Type: AWS::EC2::Volume
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      AvailabilityZone: !Select [0, !GetAZs ""]
      %s
"""
STAGE = "Parameters: {Stage: {Type: String, Default: prod}}\n"
BUILD = """\
{"Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
 "Resources": {"Build": {"Type": "AWS::CodeBuild::Project", "Properties": {
  "ServiceRole": "arn:aws:iam::123456789012:role/build", "Artifacts": {"Type": "NO_ARTIFACTS"},
  "Environment": {"ComputeType": "BUILD_GENERAL1_SMALL", "Image": "aws/codebuild/standard:7.0",
   "Type": "LINUX_CONTAINER"},
  "Source": {"Type": "NO_SOURCE", "BuildSpec": "version: 0.2\\nenv:\\n  variables: {Stage: dev}\\n"}}}}}
"""
RULES = """\
{"Parameters": {"VpcId": {"Type": "AWS::EC2::VPC::Id"}, "Subnet": {"Type": "AWS::EC2::Subnet::Id"}},
 "Rules": {"SameVpc": {"Assertions": [{"Assert":
  {"Fn::Equals": [{"Fn::ValueOf": ["Subnet", "VpcId"]}, {"Fn::Select": [0, {"Fn::RefAll": "AWS::EC2::VPC::Id"}]}]}}]}},
 "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
"""

KEPT: Mapping[str, tuple[str, str]] = {
    "script": (STAGE + BOX % "UserData: {'Fn::Base64': \"#!/bin/sh\\necho $Stage\\n\"}", "mentions Stage"),
    "script-word": (STAGE + BOX % "UserData: {'Fn::Base64': \"#!/bin/sh\\nrun --env Stage\\n\"}", "mentions Stage"),
    "build-specification": (BUILD, "mentions Stage"),
    "braces": (STAGE + BOX % "Tags: [{Key: Name, Value: 'web-{Stage}'}]", "mentions Stage"),
    "braces-in-sub": (STAGE + BOX % "Tags: [{Key: Name, Value: !Sub '${AWS::Region}-{Stage}'}]", "mentions Stage"),
    "percent": (STAGE + BOX % "Tags: [{Key: Name, Value: 'web-%%Stage%%'}]", "mentions Stage"),
    "description": ("Description: The ${Stage} stack\n" + STAGE + "Resources:\n" + TOPIC, "mentions Stage"),
    "lines": (STAGE + BOX % 'Tags: [{Key: Name, Value: "web\\n${Stage}"}]', "mentions Stage"),
    "rule": (RULES, "the rule SameVpc uses"),
    "condition-of-nothing": (
        "Conditions: {IsHuge: !Equals [!Ref 'AWS::Region', us-east-1]}\n"
        + BOX % "Tags: [{Key: Name, Value: 'web-{IsHuge}'}]",
        "mentions IsHuge",
    ),
}
"""A text, and the reason why what cfn-lint calls unused stays, whatever is asked for."""

REPAIRED: Mapping[str, tuple[str, str, str]] = {
    "mapping": (
        "Mappings: {Sizes: {dev: {Disk: 20}}}\n" + VOLUME % "Size: !FindInMap [Size, dev, Disk]",
        "[Size,",
        "[Sizes,",
    ),
    "mapping-in-json": (
        '{"Mappings": {"RegionMap": {"us-east-1": {"Disk": 20}}}, "Resources": {"Disk": {"Type": "AWS::EC2::Volume", '
        '"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": {"AvailabilityZone": '
        '{"Fn::Select": [0, {"Fn::GetAZs": ""}]}, '
        '"Size": {"Fn::FindInMap": ["RegoinMap", "us-east-1", "Disk"]}}}}}',
        "RegoinMap",
        "RegionMap",
    ),
    "condition": (
        "Conditions: {IsEastern: !Equals [!Ref 'AWS::Region', us-east-1]}\n" + VOLUME % "Size: !If [IsEastrn, 200, 20]",
        "IsEastrn",
        "IsEastern",
    ),
    "parameter": (STAGE + BOX % "Tags: [{Key: stage, Value: !Ref Stages}]", "Ref Stages", "Ref Stage"),
    "variable": (STAGE + BOX % "KeyName: ${Stage}", "${Stage}", "!Ref Stage"),
}
"""A text, what is wrong in it, and the repair that uses what cfn-lint calls unused."""


def _apply(folder: Path, text: str, **settings: object) -> tuple[str, Report]:
    file = folder / ("stack.json" if text.startswith("{") else "stack.yaml")
    file.write_text(text)
    report = run.apply([str(file)], Settings(**settings), write=True)  # type: ignore[arg-type]
    assert not report.errors
    return file.read_text(), report


def _unused(report: Report) -> list[Resolution]:
    return [each for each in report.resolutions if each.finding.id.startswith("unused-")]


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", KEPT)
def test_what_may_be_needed_stays(name: str, unsafe: bool, tmp_path: Path) -> None:
    text, reason = KEPT[name]
    after, report = _apply(tmp_path, text, unsafe=unsafe, ignore=("missing-sub", "needless-sub"))
    assert after == text
    found = _unused(report)
    assert found
    assert all(reason in each.reason for each in found), [each.reason for each in found]


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", REPAIRED)
def test_a_misspelled_use_is_repaired_and_nothing_is_removed(name: str, unsafe: bool, tmp_path: Path) -> None:
    text, wrong, right = REPAIRED[name]
    after, report = _apply(tmp_path, text, unsafe=unsafe)
    assert after == text.replace(wrong, right)
    assert not _unused(report)


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_skipped_repair_keeps_what_it_would_use(unsafe: bool, tmp_path: Path) -> None:
    """The repair of the misspelled name is not asked for: the parameter waits for it."""
    text = STAGE + BOX % "Tags: [{Key: stage, Value: !Ref Stages}]"
    after, report = _apply(tmp_path, text, unsafe=unsafe, ignore=("undefined-name",))
    assert after == text
    assert [each.reason for each in _unused(report)] == ["Stages, which is not defined, may mean Stage"]


def test_a_parameter_that_another_finding_names_stays(tmp_path: Path) -> None:
    """With a requirement, the subscription uses the parameter; it is not removed in the same run."""
    text = (
        "Parameters: {AlertEmail: {Type: String, Default: ops@example.com}}\n"
        "Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n"
        "  Alarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: AWS/SQS\n"
        "      MetricName: ApproximateAgeOfOldestMessage\n      Statistic: Maximum\n      Period: 60\n"
        "      EvaluationPeriods: 3\n      Threshold: 900\n      ComparisonOperator: GreaterThanThreshold\n"
        "      AlarmActions: [!Ref Topic]\n"
    )
    after, report = _apply(tmp_path, text, unsafe=True, require={"alerts": ""})
    assert "!Ref AlertEmail" in after
    assert not _unused(report)


def test_a_parameter_is_only_removed_on_request(tmp_path: Path) -> None:
    text = STAGE + "Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: orders-prod}}\n"
    after, report = _apply(tmp_path, text)
    [each] = report.resolutions
    assert after == text
    assert (each.outcome, each.tier) == (Outcome.SKIPPED, "unsafe")
    assert each.finding.message.endswith(
        "; Stage seems to belong at /Resources/Topic/Properties/TopicName (orders-prod)"
    )
    after, _ = _apply(tmp_path, text, unsafe=True)
    assert after == text.removeprefix(STAGE)


@pytest.mark.parametrize(
    ("parameter", "default", "properties", "place"),
    [
        ("InstanceType", "t3.small", "InstanceType: t3.large", "InstanceType"),
        ("WebInstanceType", "t3.small", "InstanceType: t3.large", "InstanceType"),
        ("Stage", "prod", "Tags: [{Key: Name, Value: !Sub 'web-prod-${AWS::Region}'}]", "Tags/0/Value"),
        ("Stage", "prod", "Tags: [{Key: Name, Value: production}]", ""),
        ("Size", "8", "Tags: [{Key: Name, Value: web-8}]", ""),
    ],
)
def test_where_a_parameter_seems_to_belong(
    parameter: str, default: str, properties: str, place: str, tmp_path: Path
) -> None:
    text = f"Parameters: {{{parameter}: {{Type: String, Default: '{default}'}}}}\n" + BOX % properties
    _, report = _apply(tmp_path, text)
    [each] = _unused(report)
    found = each.finding.message.partition("seems to belong at /Resources/Box/Properties/")[2]
    assert found.partition(" ")[0] == place


def test_a_chain_goes_together_and_its_parameter_only_on_request(tmp_path: Path) -> None:
    text = (
        "Parameters: {Stage: {Type: String, Default: dev}}\n"
        "Mappings: {Flags: {dev: {Copies: 'no'}}}\n"
        "Conditions:\n  HasCopies: !Equals [!FindInMap [Flags, !Ref Stage, Copies], 'yes']\n"
        "  HasNone: !Not [!Condition HasCopies]\n"
        "Resources:\n" + TOPIC
    )
    after, report = _apply(tmp_path, text)
    assert after == text
    [each] = report.resolutions
    assert each.finding.message == "Condition HasNone not used"
    assert each.notes == (
        "Only this uses the condition HasCopies and the mapping Flags and the parameter Stage, which go too.",
    )
    after, report = _apply(tmp_path, text, unsafe=True)
    assert after == "Resources:\n" + TOPIC
    assert [each.outcome for each in report.resolutions] == [Outcome.APPLIED]


def test_a_bad_chain_fails_alone(tmp_path: Path) -> None:
    text = (
        STAGE + "Conditions:\n  IsEast: !Equals [!Ref 'AWS::Region', us-east-1]\n  IsProd: !Equals [!Ref Stage, prod]\n"
        "Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: 'alarms of {Stage}'}}\n"
    )
    after, report = _apply(tmp_path, text, unsafe=True)
    assert after == text.replace("  IsEast: !Equals [!Ref 'AWS::Region', us-east-1]\n", "")
    reasons = {each.finding.pointer: each.reason for each in report.resolutions}
    assert reasons["/Conditions/IsEast"] == ""
    assert "mentions Stage" in reasons["/Conditions/IsProd"]


def test_chains_of_different_tiers_do_not_leave_an_empty_section(tmp_path: Path) -> None:
    text = (
        STAGE + "Conditions:\n  IsEast: !Equals [!Ref 'AWS::Region', us-east-1]\n  IsProd: !Equals [!Ref Stage, prod]\n"
        "Resources:\n" + TOPIC
    )
    after, _ = _apply(tmp_path, text)
    assert after == text.replace("  IsEast: !Equals [!Ref 'AWS::Region', us-east-1]\n", "")
    after, report = _apply(tmp_path, text, unsafe=True)
    assert after == "Resources:\n" + TOPIC
    assert [each.outcome for each in report.resolutions] == [Outcome.APPLIED] * 2


def test_the_parent_stops_passing_what_a_nested_template_loses(tmp_path: Path) -> None:
    parent = (
        "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: ./inner.yaml\n      Parameters:\n        Stage: prod\n        Owner: ops\n"
    )
    inner = (
        "Parameters:\n  Stage: {Type: String}\n  Owner: {Type: String}\n"
        "Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Ref Owner}}\n"
    )
    (tmp_path / "root.yaml").write_text(parent)
    (tmp_path / "inner.yaml").write_text(inner)
    assert not run.apply([str(tmp_path)], Settings(unsafe=True), write=True).errors
    assert (tmp_path / "root.yaml").read_text() == parent.replace("        Stage: prod\n", "")
    assert (tmp_path / "inner.yaml").read_text() == inner.replace("  Stage: {Type: String}\n", "")


def test_a_parameter_that_an_unknown_nested_template_may_get_stays(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(
        "Parameters: {Url: {Type: String}}\nResources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties:\n      TemplateURL: !Ref Url\n      Parameters: {Stage: prod}\n"
    )
    (tmp_path / "inner.yaml").write_text(STAGE + "Resources:\n" + TOPIC)
    report = run.apply([str(tmp_path)], Settings(unsafe=True), write=True)
    assert [each.reason for each in _unused(report)] == [
        "the nested stack Inner passes Stage, perhaps to this template: remove it there too"
    ]


@pytest.mark.parametrize(
    "text",
    [
        STAGE + "Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Rain::Embed name.txt}}\n",
        STAGE + "Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Env name}}\n",
        '{"Parameters": {"Stage": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic", '
        '"Properties": {"DisplayName": {"Rain::Embed": "name.txt"}}}}}',
        '{"Parameters": {"Stage": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}, '
        '"M": {"Rain::Module": "module.yaml"}}}',
    ],
)
def test_a_template_with_a_macro_is_only_reported(text: str, tmp_path: Path) -> None:
    after, report = _apply(tmp_path, text, unsafe=True)
    assert after == text
    assert {"whose expansion is not known" in each.reason for each in report.resolutions} == {True}
