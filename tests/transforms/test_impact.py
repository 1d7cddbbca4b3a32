"""What a patch does to a deployed stack, against what the AWS documentation says under "Update requires".

REFERENCE + page is the page of each type; a property's "Update requires: Replacement" is `replace`, "No interruption"
is `update`. "Some interruptions" is how the documentation shows a property that may need a new resource
(conditionalCreateOnlyProperties of the registry schema), and, for a few, a mere restart.
"""

import json
from collections.abc import Mapping

import pytest
from driver import template_of

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.impact.resources import impact, tier_of
from fixer.model import Effect, EffectKind, Json, Tier

REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
UPDATE, REPLACE, MAY, REFUSED = EffectKind.UPDATE, EffectKind.REPLACE, EffectKind.MAY_REPLACE, EffectKind.REFUSED
SG: Mapping[str, Json] = {"GroupDescription": "database", "VpcId": "vpc-1"}
RULE: Mapping[str, Json] = {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "10.0.0.0/8"}
TARGETS: Mapping[str, Json] = {"Port": 80, "Protocol": "HTTP", "VpcId": "vpc-1", "HealthCheckPath": "/"}
CHECK: Json = {"HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["a"]}}
TABLE: Mapping[str, Json] = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PROVISIONED"}
QUEUE: Mapping[str, Json] = {"FifoQueue": True, "VisibilityTimeout": 30}

# (type, properties, property that the patch sets, its new value, what the page says, the page)
CASES: list[tuple[str, Json, str, Json, EffectKind, str]] = [
    ("AWS::EC2::SecurityGroup", {**SG}, "VpcId", "vpc-2", REPLACE, "aws-resource-ec2-securitygroup.html"),
    ("AWS::EC2::SecurityGroup", {**SG}, "GroupDescription", "x", REPLACE, "aws-resource-ec2-securitygroup.html"),
    ("AWS::EC2::SecurityGroup", {**SG}, "SecurityGroupIngress", [], UPDATE, "aws-resource-ec2-securitygroup.html"),
    (
        "AWS::EC2::SecurityGroup", {**SG, "GroupName": "db"}, "VpcId", "vpc-2", REFUSED,
        "aws-resource-ec2-securitygroup.html",
    ),
    ("AWS::EC2::SecurityGroupIngress", {**RULE}, "CidrIp", "10.0.0.0/16", REPLACE,
     "aws-resource-ec2-securitygroupingress.html"),
    ("AWS::EC2::SecurityGroupIngress", {**RULE}, "Description", "x", UPDATE,
     "aws-resource-ec2-securitygroupingress.html"),
    ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, "CidrBlock", "10.1.0.0/16", REPLACE, "aws-resource-ec2-vpc.html"),
    ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, "EnableDnsHostnames", True, UPDATE, "aws-resource-ec2-vpc.html"),
    ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, "InstanceTenancy", "dedicated", MAY, "aws-resource-ec2-vpc.html"),
    ("AWS::EC2::Subnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, "AvailabilityZone", "us-east-1a", REPLACE,
     "aws-resource-ec2-subnet.html"),
    ("AWS::EC2::Subnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, "MapPublicIpOnLaunch", True, UPDATE,
     "aws-resource-ec2-subnet.html"),
    ("AWS::EC2::Instance", {"ImageId": "ami-1"}, "ImageId", "ami-2", REPLACE, "aws-resource-ec2-instance.html"),
    ("AWS::EC2::Instance", {"ImageId": "ami-1"}, "InstanceType", "t3.micro", MAY, "aws-resource-ec2-instance.html"),
    ("AWS::EC2::Instance", {"ImageId": "ami-1"}, "EbsOptimized", True, MAY, "aws-resource-ec2-instance.html"),
    ("AWS::EC2::Instance", {"ImageId": "ami-1"}, "DisableApiTermination", True, UPDATE,
     "aws-resource-ec2-instance.html"),
    ("AWS::EC2::Route", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"}, "DestinationCidrBlock",
     "10.0.0.0/8", REPLACE, "aws-resource-ec2-route.html"),
    ("AWS::EC2::Route", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"}, "GatewayId", "igw-1", UPDATE,
     "aws-resource-ec2-route.html"),
    ("AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}, "DBSubnetGroupName", "new", REPLACE,
     "aws-resource-rds-dbcluster.html"),
    ("AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}, "StorageEncrypted", True, REPLACE,
     "aws-resource-rds-dbcluster.html"),
    ("AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}, "GlobalClusterIdentifier", "g", MAY,
     "aws-resource-rds-dbcluster.html"),
    ("AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}, "PreferredBackupWindow", "01:00-02:00", UPDATE,
     "aws-resource-rds-dbcluster.html"),
    ("AWS::RDS::DBCluster", {"Engine": "aurora-mysql", "DBClusterIdentifier": "c"}, "StorageEncrypted", True, REFUSED,
     "aws-resource-rds-dbcluster.html"),
    ("AWS::RDS::DBInstance", {"Engine": "mysql"}, "KmsKeyId", "key", REPLACE, "aws-resource-rds-dbinstance.html"),
    ("AWS::RDS::DBInstance", {"Engine": "mysql"}, "MultiAZ", True, MAY, "aws-resource-rds-dbinstance.html"),
    ("AWS::RDS::DBInstance", {"Engine": "mysql"}, "MonitoringRoleArn", "arn", UPDATE,
     "aws-resource-rds-dbinstance.html"),
    ("AWS::RDS::DBSubnetGroup", {"DBSubnetGroupName": "a", "SubnetIds": ["s1"]}, "DBSubnetGroupName", "b", REPLACE,
     "aws-resource-rds-dbsubnetgroup.html"),
    ("AWS::RDS::DBSubnetGroup", {"DBSubnetGroupName": "a", "SubnetIds": ["s1"]}, "SubnetIds", ["s2"], UPDATE,
     "aws-resource-rds-dbsubnetgroup.html"),
    ("AWS::Route53::HealthCheck", CHECK, "HealthCheckConfig/Type", "CLOUDWATCH_METRIC", REPLACE,
     "aws-properties-route53-healthcheck-healthcheckconfig.html"),
    ("AWS::Route53::HealthCheck", CHECK, "HealthCheckConfig/HealthThreshold", 2, UPDATE,
     "aws-properties-route53-healthcheck-healthcheckconfig.html"),
    ("AWS::Route53::RecordSet", {"Name": "a.example.com", "Type": "A", "HostedZoneId": "Z1"}, "HealthCheckId", "h",
     UPDATE, "aws-resource-route53-recordset.html"),
    ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {}}, "Path", "/x/", REPLACE, "aws-resource-iam-role.html"),
    ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {}, "RoleName": "r"}, "Path", "/x/", REFUSED,
     "aws-resource-iam-role.html"),
    ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {}, "RoleName": "r"}, "ManagedPolicyArns", [], UPDATE,
     "aws-resource-iam-role.html"),
    ("AWS::S3::Bucket", {"BucketName": "a"}, "BucketName", "b", REPLACE, "aws-resource-s3-bucket.html"),
    ("AWS::S3::Bucket", {}, "VersioningConfiguration", {"Status": "Enabled"}, UPDATE, "aws-resource-s3-bucket.html"),
    ("AWS::SNS::Topic", {"TopicName": "a"}, "FifoTopic", True, REFUSED, "aws-resource-sns-topic.html"),
    ("AWS::SNS::Topic", {"TopicName": "a"}, "DisplayName", "x", UPDATE, "aws-resource-sns-topic.html"),
    ("AWS::SQS::Queue", {**QUEUE}, "FifoQueue", False, REPLACE, "aws-resource-sqs-queue.html"),
    ("AWS::SQS::Queue", {**QUEUE}, "VisibilityTimeout", 60, UPDATE, "aws-resource-sqs-queue.html"),
    ("AWS::Lambda::Function", {"FunctionName": "f"}, "PackageType", "Image", REFUSED,
     "aws-resource-lambda-function.html"),
    ("AWS::Lambda::Function", {"FunctionName": "f"}, "Runtime", "python3.13", UPDATE,
     "aws-resource-lambda-function.html"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", {**TARGETS}, "Port", 81, REPLACE,
     "aws-resource-elasticloadbalancingv2-targetgroup.html"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", {**TARGETS}, "HealthCheckPath", "/up", UPDATE,
     "aws-resource-elasticloadbalancingv2-targetgroup.html"),
    ("AWS::DynamoDB::Table", {**TABLE}, "BillingMode", "PAY_PER_REQUEST", UPDATE, "aws-resource-dynamodb-table.html"),
    ("AWS::DynamoDB::Table", {**TABLE}, "TableName", "t", REPLACE, "aws-resource-dynamodb-table.html"),
    ("AWS::KMS::Alias", {"AliasName": "alias/a", "TargetKeyId": "k1"}, "TargetKeyId", "k2", UPDATE,
     "aws-resource-kms-alias.html"),
    ("AWS::Logs::LogGroup", {"LogGroupName": "/a"}, "RetentionInDays", 30, UPDATE, "aws-resource-logs-loggroup.html"),
    ("AWS::Logs::LogGroup", {"LogGroupName": "/a"}, "LogGroupName", "/b", REPLACE, "aws-resource-logs-loggroup.html"),
]  # fmt: skip


def _effects(before: Json, after: Json) -> list[Effect]:
    first, second = Project.of([template_of(before)]), Project.of([template_of(after)])
    return list(impact(first, second, ["stack.json"]))


def _changed(data: Json, place: str, value: Json) -> Json:
    changed: Json = json.loads(json.dumps(data))
    parent = pointer.get(changed, pointer.parent(place))
    assert isinstance(parent, dict)
    parent[place.rpartition("/")[2]] = value
    return changed


@pytest.mark.parametrize(("kind", "properties", "name", "value", "expected", "page"), CASES)
def test_prediction_is_what_the_page_says(
    kind: str, properties: Json, name: str, value: Json, expected: EffectKind, page: str
) -> None:
    before: Json = {"Resources": {"It": {"Type": kind, "Properties": properties}}}
    found = _effects(before, _changed(before, f"/Resources/It/Properties/{name}", value))
    [effect] = [each for each in found if each.kind is not EffectKind.WIDEN]
    assert effect.kind is expected, f"{effect} but {REFERENCE}{page}"


NETWORK: Json = {
    "Parameters": {"Block": {"Type": "String", "Default": "10.0.0.0/16"}, "Size": {"Type": "String"}},
    "Conditions": {"Big": {"Fn::Equals": [{"Ref": "Size"}, "big"]}},
    "Mappings": {"Blocks": {"main": {"cidr": "10.0.0.0/16"}}},
    "Resources": {
        "VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "VPC"}, "CidrBlock": "10.0.1.0/24"}},
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupName": "db", "GroupDescription": "x", "VpcId": {"Fn::GetAtt": ["VPC", "VpcId"]}},
        },
        "Rule": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {
                "GroupId": {"Fn::GetAtt": "Group.GroupId"}, "IpProtocol": "-1",
                "CidrIp": {"Fn::GetAtt": "VPC.CidrBlock"},
            },
        },
        "Subnets": {
            "Type": "AWS::RDS::DBSubnetGroup",
            "Properties": {"DBSubnetGroupDescription": "x", "SubnetIds": [{"Fn::Sub": "${Subnet}"}]},
        },
        "Cluster": {
            "Type": "AWS::RDS::DBCluster",
            "Properties": {"Engine": "aurora-mysql", "DBSubnetGroupName": {"Ref": "Subnets"}},
        },
        "Topic": {"Type": "AWS::SNS::Topic"},
    },
    "Outputs": {"Vpc": {"Value": {"Ref": "VPC"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-Vpc"}}}},
}  # fmt: skip


def _kinds(before: Json, after: Json) -> dict[str, EffectKind]:
    return {effect.name: effect.kind for effect in _effects(before, after)}


def test_a_replacement_spreads_along_references() -> None:
    """Ref and GetAtt into create-only properties replace, into others update; the database itself stays."""
    after = _changed(NETWORK, "/Resources/VPC/Properties/CidrBlock", "10.9.0.0/16")
    assert _kinds(NETWORK, after) == {
        "VPC": REPLACE, "Subnet": REPLACE, "Group": REFUSED, "Rule": REPLACE, "Subnets": UPDATE, "Vpc": UPDATE
    }  # fmt: skip
    [why] = [effect.why for effect in _effects(NETWORK, after) if effect.name == "Subnet"]
    assert why == "VpcId is create-only and follows VPC"


def test_the_same_value_by_another_way_changes_nothing() -> None:
    value: Json = {"Fn::FindInMap": ["Blocks", "main", "cidr"]}
    assert not _kinds(NETWORK, _changed(NETWORK, "/Resources/VPC/Properties/CidrBlock", value))


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Block"},
        {"Fn::If": ["Big", "10.0.0.0/16", "10.9.0.0/16"]},
        {"Fn::If": ["Big", {"Ref": "AWS::NoValue"}, "10.0.0.0/16"]},
    ],
)
def test_what_a_deployment_decides_may_replace(value: Json) -> None:
    kinds = _kinds(NETWORK, _changed(NETWORK, "/Resources/VPC/Properties/CidrBlock", value))
    assert kinds["VPC"] is MAY
    assert kinds["Subnet"] is MAY


def test_a_default_a_mapping_and_a_condition_that_change_may_change_who_uses_them() -> None:
    cases: list[tuple[str, Json, Json]] = [
        ("/Parameters/Block/Default", "10.7.0.0/16", {"Ref": "Block"}),
        ("/Mappings/Blocks/main/cidr", "10.7.0.0/16", {"Fn::FindInMap": ["Blocks", "main", "cidr"]}),
        ("/Conditions/Big", {"Fn::Equals": ["a", "b"]}, {"Fn::If": ["Big", "10.0.0.0/16", "10.9.0.0/16"]}),
    ]
    for place, new, value in cases:
        before = _changed(NETWORK, "/Resources/VPC/Properties/CidrBlock", value)
        assert _kinds(before, _changed(before, place, new))["VPC"] is MAY


def test_stateful_types_and_fixed_names_make_a_patch_unsafe() -> None:
    encrypted = _changed(NETWORK, "/Resources/Cluster/Properties/StorageEncrypted", True)
    [effect] = _effects(NETWORK, encrypted)
    assert (effect.kind, effect.tier) == (REPLACE, Tier.UNSAFE)
    assert "keeps data" in effect.why
    joined = _changed(NETWORK, "/Resources/Cluster/Properties/GlobalClusterIdentifier", "g")
    assert tier_of(_effects(NETWORK, joined)) is Tier.UNSAFE
    windows = _changed(NETWORK, "/Resources/Cluster/Properties/PreferredBackupWindow", "01:00-02:00")
    assert tier_of(_effects(NETWORK, windows)) is Tier.SAFE
    moved = _changed(NETWORK, "/Resources/Group/Properties/VpcId", "vpc-9")
    assert tier_of(_effects(NETWORK, moved)) is Tier.UNSAFE


def test_what_comes_and_what_goes() -> None:
    more = _changed(NETWORK, "/Resources/Queue", {"Type": "AWS::SQS::Queue"})
    assert [(each.kind, each.tier) for each in _effects(NETWORK, more)] == [(EffectKind.ADD, Tier.REVIEW)]
    assert [(each.kind, each.tier) for each in _effects(more, NETWORK)] == [(EffectKind.REMOVE, Tier.UNSAFE)]
    less = json.loads(json.dumps(NETWORK))
    del less["Resources"]["Topic"]
    assert [(each.kind, each.tier) for each in _effects(NETWORK, less)] == [(EffectKind.REMOVE, Tier.REVIEW)]
    retyped = _changed(NETWORK, "/Resources/Topic/Type", "AWS::SQS::Queue")
    assert _kinds(NETWORK, retyped) == {"Topic": REFUSED}
    described = _changed(NETWORK, "/Resources/Topic/Metadata", {"owner": "x"})
    assert [(each.kind, each.why) for each in _effects(NETWORK, described)] == [(UPDATE, "Metadata only")]


def test_a_custom_resource_may_be_replaced_by_its_provider() -> None:
    before: Json = {"Resources": {"It": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "a", "Size": 1}}}}
    assert _kinds(before, _changed(before, "/Resources/It/Properties/Size", 2)) == {"It": MAY}


@pytest.mark.parametrize(
    ("name", "declaration", "kind", "tier"),
    [
        ("New", {"Type": "String"}, EffectKind.ADD, Tier.REVIEW),
        ("New", {"Type": "String", "Default": ""}, EffectKind.ADD, Tier.SAFE),
        ("Block", {"Type": "String"}, UPDATE, Tier.REVIEW),
        ("Block", {"Type": "String", "Default": "10.1.0.0/16"}, UPDATE, Tier.SAFE),
        ("Block", {"Type": "String", "Default": "10.0.0.0/16", "AllowedPattern": "x"}, UPDATE, Tier.REVIEW),
        ("Block", {"Type": "String", "Default": "10.0.0.0/16", "MinLength": 3}, UPDATE, Tier.REVIEW),
    ],
)
def test_parameters(name: str, declaration: Json, kind: EffectKind, tier: Tier) -> None:
    [effect] = _effects(NETWORK, _changed(NETWORK, f"/Parameters/{name}", declaration))
    assert (effect.section, effect.name, effect.kind, effect.tier) == ("Parameters", name, kind, tier)


@pytest.mark.parametrize(
    "declaration",
    [
        {"Type": "String", "Default": "10.0.0.0/16", "NoEcho": True},
        {"Type": "String", "Default": "10.0.0.0/16", "ConstraintDescription": "x", "MinLength": 0},
    ],
)
def test_parameters_that_take_what_they_took(declaration: Json) -> None:
    assert not _effects(NETWORK, _changed(NETWORK, "/Parameters/Block", declaration))


def test_an_export_that_a_template_of_the_project_imports_is_refused() -> None:
    importer = template_of(
        {
            "Resources": {
                "Group": {
                    "Type": "AWS::EC2::SecurityGroup",
                    "Properties": {"VpcId": {"Fn::ImportValue": {"Fn::Sub": "${NetworkStackName}-Vpc"}}},
                }
            }
        },
        "app.json",
    )
    after = _changed(NETWORK, "/Resources/VPC/Properties/CidrBlock", "10.9.0.0/16")
    gone = json.loads(json.dumps(NETWORK))
    del gone["Outputs"]
    for data in (after, gone):
        effects = _with(importer, data)
        assert (effects["Vpc"].kind, effects["Vpc"].tier) == (REFUSED, Tier.UNSAFE)
        assert "app.json imports it" in effects["Vpc"].why
    [alone] = _effects(NETWORK, gone)
    assert (alone.kind, alone.tier) == (EffectKind.REMOVE, Tier.REVIEW)


def _with(other: Template, data: Json) -> dict[str, Effect]:
    first, second = Project.of([template_of(NETWORK), other]), Project.of([template_of(data), other])
    return {effect.name: effect for effect in impact(first, second, ["stack.json"])}


def test_no_change_no_effect() -> None:
    assert not _effects(NETWORK, json.loads(json.dumps(NETWORK)))
    assert not _effects(NETWORK, _changed(NETWORK, "/Resources/Topic/Properties", {}))
