"""Circles of resources that have no certain repair: the user reads the reason, and the text stays."""

from pathlib import Path

import pytest

from fixer.model import Resolution
from fixer.run import commands as run
from fixer.settings import Settings

NOTIFYING = """\
Conditions: {Named: !Equals [!Ref AWS::Region, eu-west-1]}
Mappings: {Names: {Inbox: {Name: inbox}}}
Resources:
  Inbox:
    Type: AWS::S3::Bucket
    DependsOn: MaySend
    Properties:
      %s
      NotificationConfiguration: {QueueConfigurations: [{Event: 's3:ObjectCreated:*', Queue: !GetAtt Jobs.Arn}]}
  Jobs: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
  MaySend:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Jobs]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: s3.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Jobs.Arn
            Condition: {ArnEquals: {'aws:SourceArn': %s}}
"""
ARN, WRITTEN = "!GetAtt Inbox.Arn", "!Sub 'arn:${AWS::Partition}:s3:::inbox'"
ORDERED = """\
Resources:
  First: {Type: AWS::SNS::Topic, DependsOn: %s, Properties: {DisplayName: %s}}
  Second: {Type: AWS::SNS::Topic, DependsOn: %s, Properties: {DisplayName: %s}}
"""
TRAIL = """\
Resources:
  Logs: {Type: AWS::S3::Bucket}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: s3:*
            Resource: [!GetAtt Logs.Arn, !Sub '${Logs.Arn}/*']
            Condition: {StringEquals: {'aws:SourceArn': %(arn)s}}
  Trail:
    Type: AWS::CloudTrail::Trail
    DependsOn: Policy
    Properties: {S3BucketName: !Ref Logs, IsLogging: true%(name)s}
"""
UNKNOWN = "it is not known which of the references"

REFUSED = [
    ("no-name", NOTIFYING % ("Tags: [{Key: a, Value: b}]", ARN), "Inbox has no BucketName"),
    ("mapped", NOTIFYING % ("BucketName: !FindInMap [Names, Inbox, Name]", ARN), "the BucketName of Inbox is not text"),
    ("arn", NOTIFYING % ("BucketName: 'arn:aws:s3:::inbox'", ARN), "is not text"),
    ("maybe", NOTIFYING % ("BucketName: !If [Named, inbox, !Ref AWS::NoValue]", ARN), "is not text"),
    ("secret", NOTIFYING % ("BucketName: '{{resolve:ssm:/inbox}}'", ARN), "is not text"),
    ("itself", NOTIFYING % ("BucketName: !GetAtt Jobs.QueueName", "!GetAtt MaySend.Id"), UNKNOWN),
    ("variable", NOTIFYING % ("BucketName: !Sub 'in-${AWS::Region}'", "!Sub ['${Inbox.Arn}${AWS::Region}', "
     "{'AWS::Region': x}]"), ""),
    ("other-attribute", NOTIFYING % ("BucketName: inbox", "!GetAtt Inbox.DomainName"), UNKNOWN),
    ("trail", TRAIL % {"name": "", "arn": "!GetAtt Trail.Arn"}, "Trail has no TrailName"),
    ("trail-that-waits", TRAIL % {"name": ", TrailName: a", "arn": "!GetAtt Trail.SnsTopicArn"}, UNKNOWN),
    ("both-wait", ORDERED % ("Second", "a", "First", "b"), "that of First on Second or that of Second on First"),
    ("waits-and-needs", ORDERED % ("Second", "!GetAtt Second.TopicName", "Nothing", "!GetAtt First.TopicName"), ""),
]  # fmt: skip


def _applied(text: str, folder: Path) -> tuple[list[Resolution], str]:
    file = folder / "stack.yaml"
    file.write_text(text)
    settings = Settings(select=("circular-dependency",), unsafe=True, undeployed=True)
    report = run.apply(["stack.yaml"], settings, write=True)
    assert not report.errors
    return list(report.resolutions), file.read_text()


@pytest.mark.parametrize(("text", "reason"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_a_circle_without_a_certain_repair_is_left(
    text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, after = _applied(text, tmp_path)
    assert after == text
    assert found
    assert [each.reason for each in found if reason not in each.reason] == []


def test_only_the_depends_on_that_s3_does_not_need_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 checks the permission when it creates the bucket, so that DependsOn stays."""
    monkeypatch.chdir(tmp_path)
    text = NOTIFYING % ("BucketName: inbox", WRITTEN)
    waiting = text.replace("Type: AWS::SQS::QueuePolicy\n", "Type: AWS::SQS::QueuePolicy\n    DependsOn: Inbox\n")
    _, after = _applied(waiting, tmp_path)
    assert after == text


def test_an_item_of_a_list_of_depends_on_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = ORDERED % ("[Second, Third]", "a", "Third", "!GetAtt First.TopicName") + "  Third: {Type: AWS::SNS::Topic}\n"
    _, after = _applied(text, tmp_path)
    assert after == text.replace("[Second, Third]", "[Third]")
