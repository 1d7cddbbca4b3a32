"""Two repairs of one fault: an entry in which an error is repaired is looked at again before another transform acts."""

from pathlib import Path

import pytest

from fixer.model import Outcome
from fixer.run import commands as run
from fixer.settings import Settings

ALARM = """\
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 3
      Threshold: 900
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [!Ref Topic]
"""
TOPIC = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      %s:
        - Protocol: email
          Endpoint: ops@example.com
"""
DATABASE = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties:
      Engine: mysql
      DBInstanceClass: db.t3.medium
      AllocatedStorage: "20"
      MasterUsername: admin
      ManageMasterUserPassword: true
      MonitoringRoleArn: arn:aws:iam::123456789012:role/monitoring
      %s: 60
"""
HEALTH = """\
Resources:
  One:
    Type: AWS::Route53::HealthCheck
    Properties:
      HealthCheckConfig: {Type: HTTPS, FullyQualifiedDomainName: one.example.com, Port: 443}
  All:
    Type: AWS::Route53::HealthCheck
    Properties:
      HealthCheckConfig:
        Type: CALCULATED
        HealthThreshold: 1
        %s: [!Ref One]
"""
CASES = [
    ("topic-without-subscription", TOPIC + ALARM, "Subscribtion", "Subscription", "alerts"),
    ("enhanced-monitoring", DATABASE, "MonitoringIntervall", "MonitoringInterval", "monitoring"),
    ("calculated-health-check", HEALTH, "ChildHealthCheck", "ChildHealthChecks", "rto"),
]


@pytest.mark.parametrize(("name", "text", "wrong", "right", "asked"), CASES, ids=[case[0] for case in CASES])
def test_a_misnamed_property_is_renamed_and_nothing_is_added_for_it(
    name: str, text: str, wrong: str, right: str, asked: str, tmp_path: Path
) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text(text % wrong)
    report = run.apply([str(file)], Settings(select=(name, "unknown-property"), require={asked: "60"}), write=True)
    assert file.read_text().startswith((text % right).rstrip("\n"))
    found = {each.finding.id: each for each in report.resolutions}
    assert found["unknown-property"].outcome is Outcome.APPLIED
    if file.read_text() == text % right:
        assert found[name].outcome is Outcome.SKIPPED
        assert found[name].reason == "no longer found after the repair by unknown-property"


def test_an_error_that_stays_does_not_hold_a_repair_back(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text(TOPIC.replace("%s", "Frobnicated") + ALARM)
    settings = Settings(select=("topic-without-subscription", "unknown-property"), require={"alerts": ""})
    report = run.apply([str(file)], settings, write=True)
    outcomes = {each.finding.id: each.outcome for each in report.resolutions}
    assert outcomes == {"topic-without-subscription": Outcome.APPLIED, "unknown-property": Outcome.SKIPPED}
    assert "TopicEmailSubscription" in file.read_text()


def test_a_warning_in_the_same_entry_does_not_hold_a_repair_back(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    text = (DATABASE % "MonitoringInterval").replace("    UpdateReplacePolicy: Snapshot\n", "")
    file.write_text(text.replace("MonitoringInterval: 60", "BackupRetentionPeriod: 7"))
    settings = Settings(select=("enhanced-monitoring", "missing-update-replace-policy"), require={"monitoring": "60"})
    report = run.apply([str(file)], settings, write=True)
    assert [each.outcome for each in report.resolutions] == [Outcome.APPLIED] * 2
