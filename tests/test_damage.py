"""Damaged templates: what fixer repairs, and that it invents nothing.

`benchmarks/damage.py` does this with real templates.
"""

import sys
from datetime import date
from pathlib import Path
from random import Random

import pytest

from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.run import commands as run
from fixer.settings import Settings

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(BENCHMARKS))

from damage import Case, repaired  # noqa: E402
from damage_kinds import KINDS  # noqa: E402

WHOLE = """\
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, production]}
Mappings:
  Times:
    dev: {Visible: 30}
    production: {Visible: 60}
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Resources:
  OrderNetwork:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      EnableDnsSupport: true
  OrderSubnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref OrderNetwork
      CidrBlock: 10.0.1.0/24
  OrderFiles:
    Type: AWS::S3::Bucket
    Condition: IsProduction
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      VersioningConfiguration: {Status: Enabled}
      Tags: [{Key: stage, Value: !Ref Stage}]
  OrderTopic:
    Type: AWS::SNS::Topic
    DependsOn: OrderSubnet
    Properties:
      DisplayName: !Join ['-', [orders, !Ref Stage]]
      TopicName: !Sub orders-${Stage}
  OrderQueue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      VisibilityTimeout: !FindInMap [Times, !Ref Stage, Visible]
Outputs:
  Topic:
    Value: !GetAtt OrderTopic.TopicName
  Queue:
    Value: !GetAtt OrderQueue.Arn
"""
SETTINGS = Settings(undeployed=True, unsafe=True, today=date(2026, 1, 1), cache=False)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("damaged")
    document = parse(WHOLE, "stack.yaml")
    found = []
    for kind, damage in KINDS.items():
        ops = damage(Template("stack.yaml", document), Random(kind))
        assert ops, kind
        after = document.apply(ops)
        target = folder / f"{kind}.yaml"
        target.write_text(after.text)
        found.append(Case(kind, str(target), after.data, document.data, document.data))
    return found


def test_the_whole_template_needs_no_repair(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(WHOLE)
    (report,) = run.apply([str(tmp_path / "stack.yaml")], SETTINGS).templates
    assert not report.changed
    assert not [match for match in report.lint_before or () if match.rule.startswith("E")]


def test_the_same_seed_gives_the_same_damage() -> None:
    template = Template("stack.yaml", parse(WHOLE, "stack.yaml"))
    for damage in KINDS.values():
        assert damage(template, Random(3)) == damage(template, Random(3))


def test_damage_is_repaired_or_left(cases: list[Case]) -> None:
    """No repair invents a name or value, and more than half of the kinds are repaired."""
    results = repaired(cases, SETTINGS)
    assert len(results) == len(KINDS)
    assert not [(each.case.kind, each.invented) for each in results if each.invented]
    good = {each.case.kind for each in results if not each.errors}
    assert len(good) * 2 > len(KINDS), good
