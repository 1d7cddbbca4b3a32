"""What comes along with a property repair, and where it is refused: keys, roles, logs, conditions, parameters."""

import json
from typing import Any

import pytest

from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import repair
from fixer.model import EffectKind, Outcome, Report
from fixer.settings import Settings

BUCKET = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def _play(resources: dict[str, Any], *ids: str, **more: Any) -> Report:
    options = more.pop("options", {})
    text = json.dumps({**more, "Resources": resources}, indent=2)
    project = Project.of([Template("t.json", parse(text, "t.json"))])
    return repair(project, ("t.json",), Settings(select=ids, unsafe=True, undeployed=True, lint=False, options=options))


def _after(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report.templates[0].after)["Resources"]
    return found


def _reasons(report: Report) -> list[str]:
    return [each.reason for each in report.resolutions if each.outcome is not Outcome.WOULD_APPLY]


def _role(action: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {
        "Type": "AWS::IAM::Role",
        **more,
        "Properties": {"AssumeRolePolicyDocument": LAMBDA_TRUST, "Policies": [policy]},
    }


def test_one_key_serves_all_resources_of_the_template() -> None:
    resources = {
        "One": BUCKET,
        "Two": BUCKET,
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Log": {"Type": "AWS::Logs::LogGroup"},
    }
    report = _play(resources, "s3-customer-key", "sns-encryption", "log-group-customer-key")
    assert _reasons(report) == []
    after = _after(report)
    (key,) = (body for body in after.values() if body["Type"] == "AWS::KMS::Key")
    sids = {each["Sid"] for each in key["Properties"]["KeyPolicy"]["Statement"]}
    assert sids == {"AccountAdministersKey", "GrantsAreForServices", "LogsUseKey", "ServicesPublish"}
    assert after["Log"]["Properties"]["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}


def test_a_new_key_does_not_count_as_wider_access() -> None:
    report = _play({"Bucket": BUCKET}, "s3-customer-key")
    kinds = {effect.kind for each in report.resolutions for effect in each.effects}
    assert EffectKind.WIDEN not in kinds


def test_roles_that_use_the_service_may_use_the_key() -> None:
    resources = {
        "Bucket": BUCKET,
        "Reader": _role("s3:GetObject"),
        "Sometimes": _role("s3:*", Condition="IsProduction"),
        "Other": _role("ssm:GetParameter"),
    }
    conditions = {"IsProduction": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    policy = _after(_play(resources, "s3-customer-key", Conditions=conditions))["DataKeyUse"]["Properties"]
    assert policy["Roles"] == [
        {"Ref": "Reader"},
        {"Fn::If": ["IsProduction", {"Ref": "Sometimes"}, {"Ref": "AWS::NoValue"}]},
    ]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": ["DataKey", "Arn"]}


def _policy(principal: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}}


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"Bucket": {**BUCKET, "Properties": {"WebsiteConfiguration": {"IndexDocument": "i"}}}}, "is a website"),
        ({"Policy": _policy({"AWS": "111122223333"})}, "admits others"),
        ({"Policy": _policy({"Service": "config.amazonaws.com"})}, ""),
        ({"Policy": _policy({"Service": "cloudtrail.amazonaws.com"})}, ""),
    ],
)
def test_a_key_that_would_lock_readers_out_is_refused(others: dict[str, Any], reason: str) -> None:
    reasons = _reasons(_play({"Bucket": BUCKET, **others}, "s3-customer-key"))
    assert (len(reasons) == 1 and reason in reasons[0]) if reason else reasons == []


def test_a_bucket_of_access_logs_gets_no_key() -> None:
    logged = {**BUCKET, "Properties": {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Bucket"}}}}
    (reason,) = _reasons(_play({"Bucket": BUCKET, "Logged": logged}, "s3-customer-key"))
    assert "receives access logs" in reason


def test_access_logs_need_a_bucket_that_the_user_names() -> None:
    report = _play({"Bucket": BUCKET}, "s3-access-logs")
    (found,) = report.resolutions
    assert found.wants == ("s3-access-logs.bucket=NAME", "s3-access-logs.bucket=new")
    after = _after(_play({"Bucket": BUCKET}, "s3-access-logs", options={"s3-access-logs": {"bucket": "central-logs"}}))
    assert after["Bucket"]["Properties"]["LoggingConfiguration"] == {"DestinationBucketName": "central-logs"}


def test_a_public_bucket_policy_is_respected() -> None:
    report = _play({"Bucket": BUCKET, "Policy": _policy("*")}, "s3-block-public-policy")
    assert _reasons(report) == [
        "a bucket policy of the template admits everybody: decide first who may read the bucket"
    ]


def _function(role: Any) -> dict[str, Any]:
    code = {"ZipFile": "def handler(event, context): pass"}
    properties = {"Role": role, "Code": code, "Handler": "index.handler", "Runtime": "python3.14"}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def test_tracing_brings_its_permission() -> None:
    resources = {"Function": _function({"Fn::GetAtt": ["Role", "Arn"]}), "Role": _role("s3:GetObject")}
    after = _after(_play(resources, "lambda-tracing"))
    arn = "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"
    assert after["Role"]["Properties"]["ManagedPolicyArns"] == [{"Fn::Sub": arn}]
    allowed = {**resources, "Role": _role("xray:PutTraceSegments")}
    assert _after(_play(allowed, "lambda-tracing"))["Role"] == allowed["Role"]


@pytest.mark.parametrize("name", ["lambda-tracing", "lambda-dead-letters"])
def test_a_role_from_elsewhere_cannot_get_a_permission(name: str) -> None:
    report = _play({"Function": _function("arn:aws:iam::111122223333:role/function")}, name)
    assert "its role is not in this template" in _reasons(report)[0]


TABLE = "AWS::DynamoDB::Table"
CONDITIONS = {"IsProduction": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}


def _protected(value: Any) -> dict[str, Any]:
    return {"Table": {"Type": TABLE, "Properties": {"DeletionProtectionEnabled": value}}}


def test_each_branch_of_a_condition_is_repaired() -> None:
    resources = _protected({"Fn::If": ["IsProduction", True, False]})
    after = _after(_play(resources, "dynamodb-deletion-protection", Conditions=CONDITIONS))
    assert after["Table"]["Properties"]["DeletionProtectionEnabled"] == {"Fn::If": ["IsProduction", True, True]}


def test_a_branch_without_a_value_is_only_reported() -> None:
    resources = _protected({"Fn::If": ["IsProduction", True, {"Ref": "AWS::NoValue"}]})
    report = _play(resources, "dynamodb-deletion-protection", Conditions=CONDITIONS)
    assert _reasons(report) == ["a condition leaves the value out: set it in that branch"]


def test_a_value_of_a_parameter_is_only_reported() -> None:
    parameters = {"Protect": {"Type": "String", "Default": "false"}}
    report = _play(_protected({"Ref": "Protect"}), "dynamodb-deletion-protection", Parameters=parameters)
    reason = "the parameter Protect gives the value: change its Default and the value that the stack passes"
    assert _reasons(report) == [reason]
    satisfied = _play(
        _protected({"Ref": "Protect"}), "dynamodb-deletion-protection", Parameters={"Protect": {"Type": "String"}}
    )
    assert list(satisfied.resolutions) == []


def test_text_that_means_true_satisfies() -> None:
    assert list(_play(_protected("True"), "dynamodb-deletion-protection").resolutions) == []
