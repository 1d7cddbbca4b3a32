"""The fast descent gives the matches of plain cfn-lint: a canary for every version that it is used with."""

import json
import os
from itertools import islice
from pathlib import Path

import pytest

from fixer.aws.fast_lint import VERSIONS, quickened
from fixer.aws.lint import Linter, version
from fixer.document.document import parse

CASES = Path(__file__).parents[3] / "shared" / "cases"
SHARE = int(os.environ.get("FIXER_EVERY", "30"))
"""Every how many of the real templates is linted both ways; 1 compares all of them."""

ODD = """\
Parameters:
  Size: {Type: String, AllowedValues: [small, large], Default: small}
  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /x}
  Unused: {Type: Number, Default: five}
Conditions:
  Large: !Equals [!Ref Size, large]
  Small: !Not [!Condition Large]
Mappings:
  Sizes: {small: {Nodes: 1}, large: {Nodes: three}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: "{{resolve:ssm: /name}}"
      AccessControl: AWS::Region
      Tags:
        - !If [Large, {Key: a, Value: b}, !Ref AWS::NoValue]
        - {Key: a}
        - null
  Queue:
    Type: AWS::SQS::Queue
    Condition: Large
    Properties:
      VisibilityTimeout: !FindInMap [Sizes, !Ref Size, Nodes]
      RedrivePolicy: {maxReceiveCount: !If [Small, 1, "2"], deadLetterTargetArn: !GetAtt Missing.Arn}
  Instance:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Ami
      InstanceType: !If [Large, m5.large, !If [Small, t2.wrong, !Ref AWS::NoValue]]
      SecurityGroups: !If [Large, [a], !Ref AWS::NoValue]
      SecurityGroupIds: [!GetAtt Group.GroupId, !GetAtt Group.Nothing]
      BlockDeviceMappings: [{DeviceName: /dev/sda, Ebs: {Encrypted: maybe, VolumeSize: -1}}]
  Group:
    Type: AWS::EC2::SecurityGroup
    DependsOn: [Instance, Nobody]
    Properties:
      GroupDescription: !Sub "x ${Nobody} ${AWS::Region}"
      SecurityGroupIngress: {IpProtocol: tcp, FromPort: "a", ToPort: 1, CidrIp: 300.0.0.0/8}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python2.7
      Role: !Join ["", [arn, 5, !Ref Bucket]]
      Code: {ZipFile: !Sub ["${a}", {b: c}], S3Bucket: x}
      Environment: {Variables: {SECRET: "{{resolve:secretsmanager:x}}", Bad-Name: 1}}
      Unknown: [1]
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: p
      Roles: [!Select [5, [a]]]
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Alow, Action: "s3:Nothing", Resource: arn}}
  Loop1: {Type: AWS::SNS::Topic, DependsOn: Loop2}
  Loop2: {Type: AWS::SNS::Topic, DependsOn: Loop1}
Outputs:
  Out: {Value: !If [Small, !GetAtt Queue.Arn, 5], Condition: Nobody}
  "Bad-Name": {Value: !Split [",", !ImportValue x]}
"""


@pytest.fixture(scope="module")
def linters() -> tuple[Linter, Linter]:
    return Linter(plain=True), Linter()


def test_it_is_used_with_this_version(linters: tuple[Linter, Linter]) -> None:
    if version() not in VERSIONS:
        pytest.skip(f"cfn-lint {version()} runs plain: compare it with FIXER_EVERY=1, then add it to VERSIONS")
    plain, fast = linters
    kinds = [type(each._rules["E1001"]).__name__ for each in (plain, fast)]
    assert kinds == ["JsonSchema", "FastTemplateRule"]


def test_another_version_gets_plain_rules(linters: tuple[Linter, Linter]) -> None:
    rules = linters[0]._rules
    assert quickened(rules, "0.0.1") is rules
    assert list(quickened(rules, VERSIONS[-1])) == list(rules)  # the order of the rules is that of their matches


@pytest.mark.parametrize("as_json", [False, True], ids=["yaml", "json"])
def test_odd_values_give_the_same_matches(linters: tuple[Linter, Linter], as_json: bool) -> None:
    text = json.dumps(parse(ODD, "odd.yaml").data, indent=1) if as_json else ODD
    plain, fast = (each.lint("odd.json" if as_json else "odd.yaml", text) for each in linters)
    assert fast == plain
    assert len({match.rule for match in plain.matches}) >= 20


def test_texts_that_do_not_parse_as_well(linters: tuple[Linter, Linter]) -> None:
    for text in ("", "[]", "a: [", "Resources: 5", "Resources: {A: 5, B: {Type: [x]}}", "Resources: {A: {Type: X::Y}}"):
        plain, fast = (each.lint("t.yaml", text) for each in linters)
        assert fast == plain, text


@pytest.mark.skipif(not CASES.exists(), reason="../shared/cases is absent: the real templates are not compared")
def test_real_templates_give_the_same_matches(linters: tuple[Linter, Linter]) -> None:
    files = sorted(each for each in CASES.rglob("*") if each.suffix in (".json", ".yaml", ".yml"))
    assert files
    for file in islice(files, 0, None, SHARE):
        plain, fast = (each.lint(str(file), file.read_text()) for each in linters)
        assert fast == plain, file
