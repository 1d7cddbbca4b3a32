"""What a reviewer must be told: the notes of patches, and what is refused instead; each in YAML and in JSON."""

import json
from pathlib import Path

import pytest

from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.applied import Applied, removed_later
from fixer.model import Finding, Json, Op, Outcome, Patch, Report, Resolution
from fixer.pointer import get
from fixer.run import commands as run
from fixer.settings import Settings
from fixer.transforms.resources.wrong_section import in_wrong_section

SUFFIX = "Parameters: {Suffix: {Type: String, Default: !Sub '%s'}}\n"
RULE = """\
Resources:
  R:
    Type: AWS::Events::Rule
    Properties:
      Description: %s
      ScheduleExpression: %s
"""
GROUP = """\
Resources:
  L:
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      LogGroupName: orders
      RetentionInDays: 45
    Metadata:
      Description: Kept for 45 days
"""
BUCKET = """\
Parameters:
  Name:
    Type: String
    Default: MyBucket
    Description: The bucket, for example MyBucket
    ConstraintDescription: It begins with MyBucket
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub 'b-${Name}'}
"""
PRINCIPAL = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::123456789012:root'}, Action: 'sts:AssumeRole'}
"""
MEMBER = """\
Resources:
  C:
    Type: AWS::RDS::DBCluster
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties: {Engine: aurora-mysql, MasterUsername: orders, ManageMasterUserPassword: true, StorageEncrypted: true}
  I:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: %s
    Properties: {Engine: aurora-mysql, DBInstanceClass: db.r6g.large, DBClusterIdentifier: !Ref C}
"""
RECORD = """\
Resources:
  A:
    Type: AWS::Route53::RecordSet
    DeletionPolicy: Retain
    Properties: {HostedZoneName: example.com., Name: a.example.com., Type: A, TTL: '60', ResourceRecords: [192.0.2.1]}
"""
ALARM = """\
Resources:
  A:
    Type: AWS::CloudWatch::Alarm
    UpdateReplacePolicy: Retain
    Properties:
      AlarmName: a
      ComparisonOperator: LessThanThreshold
      EvaluationPeriods: 1
      MetricName: m
      Namespace: n
      Period: 60
      Statistic: Sum
      Threshold: 1
"""
TABLE = """\
Resources:
  T:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
"""
KEYED = (
    TABLE
    + """\
      SSESpecification: {SSEEnabled: %s}
"""
)
UNUSED = """\
Parameters:
  Encrypt: {Type: String, Default: 'true', Description: Encrypt the queue with a key of the customer}
  Stage: {Type: String, Default: dev}
Resources:
  Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Stage}}
"""
GLOBAL = """\
Resources:
  T:
    Type: AWS::DynamoDB::GlobalTable
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: alias/orders}
      Replicas: [{Region: us-east-1}]
"""


def repaired(folder: Path, text: str, kind: str, name: str) -> tuple[Report, Json]:
    """The report of one transform on the YAML text, or on the same data in JSON, and the data after it."""
    file = folder / f"stack.{kind}"
    file.write_text(text if kind == "yaml" else json.dumps(parse(text, "stack.yaml").data, indent=2))
    report = run.apply([str(file)], Settings(select=(name,), unsafe=True, undeployed=True), write=True)
    assert not report.errors
    data = parse(file.read_text(), file.name).data
    assert isinstance(data, dict)
    return report, data


def the_only(report: Report) -> Resolution:
    [resolution] = report.resolutions
    return resolution


TRAIL = """\
Resources:
  T:
    Type: AWS::CloudTrail::Trail
    Properties: {IsLogging: true, S3BucketName: trail, KmsKeyId: alias/trail}
"""
OF_KEY = """\
Resources:
  T:
    Type: AWS::CloudTrail::Trail
    Properties: {IsLogging: true, S3BucketName: trail, KmsKeyId: !GetAtt K.Arn}
  K:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'kms:*', Resource: '*'}
          - {Effect: Allow, Principal: {Service: %s}, Action: 'kms:*', Resource: '*'}
"""
NAMED = "Resources: {T: {Type: '%s', Properties: {%s: !Sub 'orders-${Suffix}'}}}"
NOTED = [
    ("unknown-property", TRAIL, "Then T uses the key: check that the policy of the key lets CloudTrail and"),
    ("unknown-property", OF_KEY % "s3.amazonaws.com", "K does not let cloudtrail.amazonaws.com use the key"),
    ("unknown-property", OF_KEY.replace("AWS::CloudTrail::Trail", "AWS::Logs::LogGroup").replace(
        "{IsLogging: true, S3BucketName: trail, KmsKeyId", "{KMSKeyId") % "s3.amazonaws.com",
     "does not let logs.REGION.amazonaws.com use the key"),
    ("unknown-property", OF_KEY % "cloudtrail.amazonaws.com", "Then T uses the key: check that the policy"),
    ("unknown-property", "Parameters: {P: {Type: String}}\n" + OF_KEY % "!Ref P", "Then T uses the key: check that"),
    ("unknown-property", OF_KEY.replace("{Service: %s}", "'*'"), "Then T uses the key: check that the policy"),
    ("non-literal-default", SUFFIX % "${AWS::StackName}-${AWS::Region}" + NAMED % (
        "AWS::ElasticLoadBalancingV2::TargetGroup", "Name"), "The Name of T leaves 10 characters for the name of the"),
    ("bad-rate", RULE % ("Runs every 90 seconds", "rate(90 seconds)"),
     "/Resources/R/Properties/Description still says '90 seconds'"),
    ("bad-rate", RULE % ("A 90-second poll", "rate(90 seconds)"), "still says '90-second'"),
    ("bad-rate", RULE % ("Runs often", "rate(90 seconds)"), ""),
    ("bad-rate", RULE % ("Runs every 5 minutes", "rate(5 minute)"), ""),
    ("invalid-value", GROUP, "/Resources/L/Metadata/Description still says '45'"),
    ("invalid-value", GROUP.replace("45 days", "450 days"), ""),
    ("bucket-name-case", BUCKET, "/Parameters/Name/Description still says 'MyBucket'"),
    ("bucket-name-case", BUCKET, "/Parameters/Name/ConstraintDescription still says 'MyBucket'"),
    ("needless-sub", PRINCIPAL, "The account id 123456789012 is hard-coded in this value"),
    ("missing-dependent-property", KEYED % "true, KMSMasterKeyId: alias/aws/dynamodb", "is the key that DynamoDB uses"),
    ("missing-dependent-property", KEYED % "true, KMSMasterKeyId: alias/orders", ""),
    ("missing-update-replace-policy", RECORD, "keeps no data, but outlives the stack with Retain"),
    ("missing-update-replace-policy", ALARM, "keeps no data, but outlives the stack with Retain"),
    ("missing-update-replace-policy", TABLE, ""),
    ("unused-parameter", UNUSED, "Encrypt asks for 'Encrypt the queue with a key of the customer', which nothing"),
    ("non-literal-default", SUFFIX % "x-${AWS::Region}" + "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: "
     "{TopicName: !Sub 'a-${Suffix}'}}}", "the TopicName of T (as in a-x-ap-southeast-1; at most 256 characters)."),
    ("non-literal-default", SUFFIX % "x-${AWS::Region}" + "Resources: {T: {Type: 'AWS::S3::Bucket', DeletionPolicy: "
     "Delete, UpdateReplacePolicy: Delete, Properties: {BucketName: !Join ['-', [a, !Ref Suffix]]}}}",
     "at most 63 characters, in lower case)."),
]  # fmt: skip
REFUSED = [
    ("non-literal-default", SUFFIX % "${AWS::StackName}-${AWS::AccountId}-live" + NAMED % (
        "AWS::ElasticLoadBalancingV2::LoadBalancer", "Name"), "7 remain for the name of the stack"),
    ("missing-update-replace-policy", MEMBER % "Snapshot", "RDS takes the snapshot of the DB cluster"),
    ("missing-dependent-property", KEYED % "false, KMSMasterKeyId: alias/orders", "but SSEEnabled is false: keep one"),
    ("unknown-property", GLOBAL, "a global table has a key for each replica"),
    ("unknown-property", "Resources: {P: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: a, KmsKeyId: "
     "alias/a}}}", "it encrypts nothing with this key"),
    ("non-literal-default", SUFFIX % "X-${AWS::Region}" + "Resources: {T: {Type: 'AWS::S3::Bucket', DeletionPolicy: "
     "Delete, UpdateReplacePolicy: Delete, Properties: {BucketName: !Ref Suffix}}}", "would not match"),
    ("non-literal-default", SUFFIX % ("x" * 50 + "-${AWS::Region}") + "Resources: {T: {Type: 'AWS::S3::Bucket', "
     "DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {BucketName: !Ref Suffix}}}",
     "would have more than 63 characters"),
    ("legacy-bucket-acl", "Resources: {Logs: {Type: 'AWS::S3::Bucket', DeletionPolicy: Delete, UpdateReplacePolicy: "
     "Delete, Properties: {AccessControl: LogDeliveryWrite}}, N: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', "
     "Properties: {Type: network, LoadBalancerAttributes: [{Key: access_logs.s3.bucket, Value: !Ref Logs}]}}}",
     "may be a Network Load Balancer"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize(("name", "text", "said"), NOTED, ids=[f"{n}-{case[0]}" for n, case in enumerate(NOTED)])
def test_what_a_patch_says(name: str, text: str, said: str, kind: str, tmp_path: Path) -> None:
    report, _ = repaired(tmp_path, text, kind, name)
    assert the_only(report).outcome is Outcome.APPLIED, the_only(report).reason
    notes = [each for each in the_only(report).notes if "seconds once" not in each]
    if said:
        assert any(said in note for note in notes), notes
    else:
        assert not [each for each in notes if "still says" in each or "Retain" in each]


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize(("name", "text", "why"), REFUSED, ids=[f"{n}-{case[0]}" for n, case in enumerate(REFUSED)])
def test_what_is_refused(name: str, text: str, why: str, kind: str, tmp_path: Path) -> None:
    report, data = repaired(tmp_path, text, kind, name)
    assert the_only(report).outcome is Outcome.SKIPPED
    assert why in the_only(report).reason
    assert data == parse(text, "stack.yaml").data


def test_a_comment_that_still_says_the_old_value(tmp_path: Path) -> None:
    text = GROUP.replace("RetentionInDays: 45", "# 45 days\n      RetentionInDays: 45 # or 45").replace(
        "45 days\n ", "45 days\n "
    )
    report, _ = repaired(tmp_path, text.replace("Kept for 45 days", "Kept"), "yaml", "invalid-value")
    told = [note for note in the_only(report).notes if "still says" in note]
    assert told == [
        "The comment in line 9 still says '45': correct it too.",
        "The comment in line 8 still says '45': correct it too.",
    ]


INLINED = [
    ("!Sub 'a-${Suffix}'", {"Fn::Sub": "a-x-${AWS::Region}"}),
    ("!Sub ['a-${R}', {R: !Ref Suffix}]", {"Fn::Sub": "a-x-${AWS::Region}"}),
    ("!Sub ['${Suffix}-${R}', {R: !Ref Suffix}]", {"Fn::Sub": "x-${AWS::Region}-x-${AWS::Region}"}),
    ("!Sub ['${R}-${!Suffix}', {R: !Ref Suffix}]", {"Fn::Sub": "x-${AWS::Region}-${!Suffix}"}),
    ("!Sub ['${R}-${Suffix}', {R: b}]", {"Fn::Sub": ["${R}-x-${AWS::Region}", {"R": "b"}]}),
    ("!Join ['-', [a, !Ref Suffix]]", {"Fn::Join": ["-", ["a", {"Fn::Sub": "x-${AWS::Region}"}]]}),
    ("!Ref Suffix", {"Fn::Sub": "x-${AWS::Region}"}),
]


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize(("used", "expected"), INLINED)
def test_an_expression_becomes_a_part_of_the_string_around_it(
    used: str, expected: object, kind: str, tmp_path: Path
) -> None:
    text = (
        SUFFIX % "x-${AWS::Region}"
        + f"Resources: {{T: {{Type: 'AWS::SNS::Topic', Properties: {{DisplayName: {used}}}}}}}"
    )
    report, data = repaired(tmp_path, text, kind, "non-literal-default")
    assert the_only(report).outcome is Outcome.APPLIED, the_only(report).reason
    assert data == {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": expected}}}}


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_policy_that_lets_load_balancers_write_stays(kind: str, tmp_path: Path) -> None:
    text = """\
Resources:
  Logs: {Type: 'AWS::S3::Bucket', Properties: {AccessControl: LogDeliveryWrite}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: logdelivery.elasticloadbalancing.amazonaws.com}
            Action: s3:PutObject
            Resource: !Sub '${Logs.Arn}/*'
  Web:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
      LoadBalancerAttributes: [{Key: access_logs.s3.bucket, Value: !Ref Logs}]
"""
    _, data = repaired(tmp_path, text, kind, "legacy-bucket-acl")
    before = parse(text, "stack.yaml").data
    assert isinstance(data, dict) and isinstance(before, dict)
    assert data["Resources"] == {**before["Resources"], "Logs": {"Type": "AWS::S3::Bucket"}}  # type: ignore[dict-item]


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_log_bucket_with_a_key(kind: str, tmp_path: Path) -> None:
    text = """\
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: LogDeliveryWrite
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: alias/logs}
  Orders: {Type: 'AWS::S3::Bucket', Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Logs}}}
"""
    report, _ = repaired(tmp_path, text, kind, "legacy-bucket-acl")
    assert any("S3 supports only SSE-S3 (AES256) for server access logs" in note for note in the_only(report).notes)


def test_two_actions_that_become_the_same_one(tmp_path: Path) -> None:
    text = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Action: ['s3:ListObjects', 's3:ListObjectsV2', 's3:GetObject'], Resource: '*'}]
"""
    repaired(tmp_path, text, "yaml", "unknown-action")
    assert "Action: ['s3:ListBucket', 's3:GetObject']" in (tmp_path / "stack.yaml").read_text()


def test_a_mapping_in_which_something_was_repaired_stays(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text(
        "Mappings: {Elb: {us-east-1: {Id: 012345670123}}, Old: {a: {b: c}}}\n"
        "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n"
    )
    report = run.apply([str(file)], Settings(), write=True)
    assert file.read_text().startswith("Mappings: {Elb: {us-east-1: {Id: '012345670123'}}}\n")
    assert [
        each.reason for each in report.resolutions if each.finding.seen == {"us-east-1": {"Id": "012345670123"}}
    ] == ["another finding in this template names Elb: settle it first"]


def test_a_repair_in_an_entry_that_another_one_removes() -> None:
    finding = Finding("a", "t.json", "/Resources/Check/Properties/Type", "m", "x", "k")
    other = Finding("b", "t.json", "/Resources/Check", "m", {}, "l")
    remove: dict[str, tuple[Op, ...]] = {"t.json": ({"op": "remove", "path": "/Resources/Check"},)}
    change: dict[str, tuple[Op, ...]] = {
        "t.json": ({"op": "add", "path": "/Resources/Check/Properties/Type", "value": 1},)
    }
    gone = [Applied(finding, Patch(change)), Applied(other, Patch(remove))]
    assert removed_later(gone) == {"k": ("b then removes Check, so nothing of this repair and its notes remains.",)}
    assert removed_later(gone[::-1]) == {}


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_an_entry_in_the_wrong_section_is_not_an_unused_parameter(kind: str, tmp_path: Path) -> None:
    text = "Parameters: {Url: {Value: a}}\nResources: {T: {Type: 'AWS::SNS::Topic'}}\n"
    file = tmp_path / f"stack.{kind}"
    file.write_text(text if kind == "yaml" else json.dumps(parse(text, "stack.yaml").data))
    report = run.apply([str(file)], Settings(unsafe=True), write=True)
    assert "unused-parameter" not in {each.finding.id for each in report.resolutions}
    data = parse(file.read_text(), file.name).data
    assert data == {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Url": {"Value": "a"}}}


def test_a_type_with_four_parts_is_that_of_a_parameter() -> None:
    text = "Parameters: {V: {Type: 'AWS::EC2::VPC::Id'}}\nResources: {M: {Type: 'My::Own::Type::MODULE'}}\n"
    template = Template("stack.yaml", parse(text, "stack.yaml"))
    assert in_wrong_section(template, "/Parameters/V") == ""
    assert in_wrong_section(template, "/Resources/M") == ""


WATCHED = """\
Resources:
  T:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        # how often
        MonitoringEnabled: true  # every minute
        InstanceType: t3.micro
"""


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_property_in_a_new_parent_stays_where_it_was(kind: str, tmp_path: Path) -> None:
    report, data = repaired(tmp_path, WATCHED, kind, "unknown-property")
    assert the_only(report).outcome is Outcome.APPLIED and not the_only(report).notes
    launched = mapping(get(data, "/Resources/T/Properties/LaunchTemplateData"))
    assert list(launched.items()) == [("Monitoring", {"Enabled": True}), ("InstanceType", "t3.micro")]
    if kind == "yaml":
        text = (tmp_path / "stack.yaml").read_text()
        assert "        # how often\n        Monitoring:  # every minute\n          Enabled: true\n" in text
