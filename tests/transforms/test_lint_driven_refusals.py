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
TRAIL = """\
Resources:
  T:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: trail
      EventSelectors: [{DataResources: %s}]
"""
INSTANCE = """\
Resources:
  I:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: '{{resolve:ssm:/a}}'
      %s
"""
CHECK = "Resources: {H: {Type: 'AWS::Route53::HealthCheck', Properties: %s}}"
PLAN = """\
Resources:
  P:
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: a
        BackupPlanRule:
          - {RuleName: a, TargetBackupVault: Default, Lifecycle: {MoveToColdStorageAfterDays: %s}}
"""

REFUSED = [
    ("bad-logical-id", "Resources: {'a-b': {Type: 'AWS::SNS::Topic'}, ab: {Type: 'AWS::SNS::Topic'}}",
     "already has an entry ab"),
    ("bad-logical-id", "Resources: {'a-b': {Type: 'AWS::SNS::Topic', Properties: "
     "{DisplayName: 'cfn-signal --resource a-b'}}}", "names the id"),
    ("bad-logical-id", "Resources: {T: {Type: 'AWS::SNS::Topic'}, 'x-y': {Properties: {DisplayName: a}}}",
     "has no Type"),
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
    ("invalid-value", "Resources: {P: {Type: 'AWS::SSM::Parameter', Properties: {Type: SecureString, Value: a}}}",
     "CloudFormation cannot create a SecureString"),
    ("invalid-value", TRAIL % "[{Type: 'AWS::S3::Bucket', Values: ['arn:aws:s3:::b']}]", "followed by"),
    ("invalid-value", TRAIL % "[{Type: 'AWS::S3::Bucket', Values: ['arn:aws:s3:::b/']}, "
     "{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::c/']}]", "merge the values"),
    ("invalid-value", "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: somewhere}}}", "which of the"),
    ("missing-update-replace-policy", "Resources: {B: {Type: 'AWS::S3::Bucket', DeletionPolicy: Snapshot}}",
     "has no snapshots"),
    ("redundant-depends-on", "Conditions: {C: !Equals [!Ref 'AWS::Region', us-east-1]}\nResources: {T: {Type: "
     "'AWS::SNS::Topic'}, U: {Type: 'AWS::SNS::Topic', DependsOn: T, Properties: {DisplayName: "
     "!If [C, !GetAtt T.TopicName, x]}}}", "one branch of Fn::If"),
    ("unknown-property", BUCKET % "{Frobnicate: true}", "nearly this name"),
    ("unknown-property", BUCKET % "{Encryption: {}}", "must have ServerSideEncryptionConfiguration"),
    ("unknown-property", INSTANCE % "IamInstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/p'",
     "takes a name"),
    ("unknown-property", INSTANCE % "SecurityGroupNames: [web]", "takes ids"),
    ("unknown-property", "Resources: {S: {Type: 'AWS::SNS::Subscription', Properties: {Topic: x, Protocol: email, "
     "Endpoint: a@example.com}}}", "takes an ARN"),
    ("unknown-property", "Resources: {C: {Type: 'AWS::RDS::DBCluster', DeletionPolicy: Snapshot, UpdateReplacePolicy: "
     "Snapshot, Properties: {Engine: aurora-mysql, VPCSecurityGroups: [sg-12345678], SecurityGroupIds: "
     "[sg-23456789]}}}", "keep one of the two"),
    ("unknown-property", CHECK % "{HealthCheckConfig: {Type: HTTPS, FullyQualifiedDomainName: a.example.com}, "
     "AlarmIdentifier: {Name: a, Region: us-east-1}}", "of Type HTTPS does not take AlarmIdentifier"),
    ("unknown-property", CHECK % "{Type: HTTPS, FullyQualifiedDomainName: a.example.com, ChildHealthChecks: [a]}",
     "does not take ChildHealthChecks"),
    ("unknown-property", "Resources: {P: {Type: 'AWS::SSM::Parameter', Properties: {Type: SecureString, Value: a, "
     "KeyId: alias/a}}}", "cannot create a SecureString"),
    ("unknown-property", TOPIC % "a, Condition: C", "attribute of the resource"),
    ("unknown-property", TOPIC % "a, DependsOn: Nothing", "not a resource of the template"),
    ("short-cold-storage", PLAN % "30, DeleteAfterDays: -1", "-1 removes a lifecycle"),
    ("short-cold-storage", PLAN % "3, DeleteAfterDays: 7, OptInToArchiveForSupportedResources: true", "raise Delete"),
    ("wrong-section", "Resources: {S: {Type: String, Default: dev}, T: {Type: 'AWS::SNS::Topic'}}", "nothing uses"),
    ("wrong-section", "Resources: {S: {DisplayName: a}, T: {Type: 'AWS::SNS::Topic'}}", "add its Type"),
    ("wrong-section", "Resources: {O: {Value: a}, T: {Type: 'AWS::SNS::Topic'}}\nOutputs: {O: {Value: b}}",
     "has an entry O too"),
    ("wrong-type", "Resources: {R: {Type: 'AWS::Route53::RecordSet', Properties: {HostedZoneId: Z1, Name: a.b.com, "
     "Type: TXT, TTL: '60', ResourceRecords: '\"a, b\"'}}}", "the text has commas"),
    ("wrong-type", "Resources: {U: {Type: 'AWS::IAM::User', Properties: {Groups: 'admins, staff'}}}",
     "the text has commas"),
    ("unknown-property", CHECK % "{HealthCheckConfig: {Type: TCP, Port: 443, IPAddress: 192.0.2.1}, Port: 80}",
     "is set too"),
    ("unknown-section", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\nOutput: {O: {Value: a}}\nOutputs: {P: {Value: b}}",
     "has Outputs too"),
    ("unknown-section", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\noutput: {O: {Value: a}}\nOutput: {P: {Value: b}}",
     "another section seems to mean"),
    ("unknown-section", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\nOutput: {O: {Type: String}}",
     "do not have the form"),
    ("unknown-section", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\nStacks: {O: {Value: a}}", "which section is meant"),
    ("missing-sub", "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {Tags: '[{\"Key\": \"a\", \"Value\": "
     "\"${AWS::Region}\"}]'}}}", "is JSON text"),
    ("wrong-arguments", TOPIC % "!Join [[a, b]]", "which arguments of Fn::Join are meant"),
    ("wrong-arguments", TOPIC % "!Join ['-', '', [a, b]]", "which arguments of Fn::Join are meant"),
    ("wrong-arguments", TOPIC % "!Join ['-', !GetAZs '', a]", "which arguments of Fn::Join are meant"),
    ("wrong-arguments", TOPIC % "!Select [a, [b, c]]", "which arguments of Fn::Select are meant"),
    ("unknown-mapping-key", "Mappings: {M: {dev: {Size: 1}}}\n" + TOPIC % "!FindInMap [M, dev, Colour]",
     "which key is meant: Size"),
    ("unknown-resource-type", "Resources: {T: {Type: 'AWS::SNS::Topics', Properties: {Colour: a}}}",
     "which type is meant"),
    ("unknown-resource-type", "Resources: {T: {Properties: {DisplayName: a}}, U: {Type: 'AWS::SNS::Topic'}}",
     "add its Type"),
    ("missing-property", "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}, W: {Type: "
     "'AWS::EC2::VPC', Properties: {CidrBlock: 10.1.0.0/16}}, S: {Type: 'AWS::EC2::Subnet', Properties: {CidrBlock: "
     "10.0.1.0/24}}}", "the value of VpcId is not known"),
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
