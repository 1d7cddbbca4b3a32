"""What the lint-driven transforms find and do not patch, with cfn-lint itself: the reason is told, the text stays."""

from pathlib import Path

import pytest

from fixer.run import commands as run
from fixer.settings import Settings

BUCKET = "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: %s}}"
TOPIC = "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: %s}}}"
FUNCTION = """\
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/lambda
      Handler: index.handler
      Runtime: python3.13
      Code: {ZipFile: 'x'}
      %s
"""
RULE = "Resources: {R: {Type: 'AWS::Events::Rule', Properties: {ScheduleExpression: %s}}}"
POLICY = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Action: %s, Resource: '*'}]
"""
TABLE = """\
Resources:
  T:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      %s
"""
PARAMETER = "Parameters: {E: {Type: String, Default: a}}\n"
CHECK = "Resources: {H: {Type: 'AWS::Route53::HealthCheck', Properties: %s}}"

REFUSED = [
    ("bad-logical-id", "Resources: {'a-b': {Type: 'AWS::SNS::Topic'}, ab: {Type: 'AWS::SNS::Topic'}}", "not known"),
    (
        "bad-logical-id",
        "Resources: {'a-b': {Type: 'AWS::SNS::Topic'}}\nOutputs: {O: {Value: !Ref 'a-b'}}",
        "uses the id in this spelling",
    ),
    ("bad-rate", RULE % "'rate(0 minutes)'", "only a rate()"),
    ("unknown-resource-type", "Resources: {X: {Type: 'AWS::Nothing::AtAll'}}", "which type is meant"),
    ("circular-dependency", "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !GetAtt B.TopicName}}, "
     "B: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !GetAtt A.TopicName}}}", "which of the references"),
    ("invalid-value", TABLE % "BillingMode: CHEAP", "which of the allowed values"),
    ("legacy-bucket-acl", BUCKET % "{AccessControl: PublicRead}", "who gets access"),
    ("missing-dependent-property", TABLE % "BillingMode: PROVISIONED", "not known with how much capacity"),
    ("missing-property", "Resources: {I: {Type: 'AWS::Lambda::Permission', "
     "Properties: {Action: 'lambda:InvokeFunction'}}}",
     "the value of FunctionName, Principal is not known"),
    ("missing-sub", PARAMETER + TOPIC % "'${E} ${Nothing}'", "does not define Nothing"),
    ("missing-sub", PARAMETER + TOPIC % '"${E}\\nmore"', "several lines"),
    ("missing-sub", PARAMETER + "Outputs: {O: {Description: 'of ${E}', Value: x}}\n"
     + TOPIC % "x", "not allowed here"),
    ("missing-sub", PARAMETER + (FUNCTION % "Description: x").replace("'x'", "'${E}'"),
     "another language"),
    ("non-literal-default", "Parameters: {E: {Type: String, Default: !Ref 'AWS::Region'}}\n" + TOPIC % "!Ref E",
     "a Default cannot express"),
    ("undefined-name", PARAMETER + TOPIC % "!Ref 'No-thing'", "is not known"),
    ("unknown-action", POLICY % "s3:Frobnicate", "which action is meant"),
    ("unknown-attribute", "Resources: {Q: {Type: 'AWS::SQS::Queue'}, T: {Type: 'AWS::SNS::Topic', "
     "Properties: {DisplayName: !GetAtt Q.Frobnicated}}}",
     "which attribute is meant"),
    ("unknown-property", BUCKET % "{Frobnicate: true}", "nearly this name"),
    ("unknown-property", CHECK % "{HealthCheckConfig: {Type: TCP, Port: 443, IPAddress: 192.0.2.1}, Port: 80}",
     "is set too"),
    ("wrong-type", FUNCTION % "Timeout: soon", "cannot be converted to that type"),
    ("wrong-type", FUNCTION % "MemorySize: [128, 256]", "cannot be converted to that type"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "reason"), REFUSED, ids=[f"{n}-{case[0]}" for n, case in enumerate(REFUSED)])
def test_what_is_not_known_is_told_and_left(
    name: str, text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "stack.yaml"
    file.write_text(text)
    report = run.apply(["stack.yaml"], Settings(select=(name,), unsafe=True, undeployed=True), write=True)
    assert not report.errors
    found = list(report.resolutions)
    assert found or not reason, [match.message for template in report.templates for match in template.lint_before or ()]
    assert [each.reason for each in found if reason not in each.reason] == []
    assert file.read_text() == text
