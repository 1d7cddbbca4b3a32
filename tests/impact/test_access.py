"""What a patch opens, whatever asked for it."""

import json

import pytest

from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.impact.access import widened
from fixer.model import Json, Tier


def _template(kind: str, properties: Json, **attributes: Json) -> Template:
    data: Json = {"Resources": {"It": {"Type": kind, "Properties": properties, **attributes}}}
    return Template("t.json", parse(json.dumps(data), "t.json"))


def _rule(source: str) -> Json:
    return {"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": source}]}


def _allow(**statement: Json) -> Json:
    return {"PolicyDocument": {"Statement": [{"Effect": "Allow", **statement}]}}


OPEN_443: dict[str, Json] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}

WIDER: list[tuple[str, Json, Json, str]] = [
    ("AWS::EC2::SecurityGroup", _rule("10.0.0.0/16"), _rule("10.0.0.0/8"), "admits 10.0.0.0/8"),
    ("AWS::EC2::SecurityGroup", _rule("10.0.0.0/16"), _rule("0.0.0.0/0"), "admits 0.0.0.0/0"),
    ("AWS::EC2::SecurityGroup", {}, _rule("0.0.0.0/0"), "admits 0.0.0.0/0"),
    ("AWS::S3::BucketPolicy", _allow(Principal={"AWS": "x"}), _allow(Principal="*"), "allows any principal"),
    ("AWS::IAM::Policy", _allow(Action="s3:Get*", Resource="a"), _allow(Action="*", Resource="a"), "allows any action"),
    ("AWS::IAM::Policy", _allow(Action="a:b", Resource="a"), _allow(Action="a:b", Resource="*"), "allows any resource"),
    ("AWS::RDS::DBInstance", {}, {"PubliclyAccessible": True}, "PubliclyAccessible becomes true"),
    (
        "AWS::RDS::DBInstance",
        {"StorageEncrypted": True},
        {"StorageEncrypted": "false"},
        "StorageEncrypted is no longer",
    ),
    ("AWS::RDS::DBInstance", {"KmsKeyId": "k"}, {}, "KmsKeyId is removed"),
    (
        "AWS::S3::Bucket",
        {"AccessControl": "Private"},
        {"AccessControl": "PublicRead"},
        "AccessControl becomes PublicRead",
    ),
    (
        "AWS::EC2::SecurityGroup",
        {"SecurityGroupIngress": [OPEN_443]},
        {"SecurityGroupIngress": [OPEN_443, {**OPEN_443, "FromPort": 22, "ToPort": 22}]},
        "opens tcp 22 to 0.0.0.0/0",
    ),
    (
        "AWS::EC2::SecurityGroup",
        {"SecurityGroupIngress": [OPEN_443]},
        {"SecurityGroupIngress": [{**OPEN_443, "IpProtocol": -1}]},
        "opens all ports to 0.0.0.0/0",
    ),
    (
        "AWS::IAM::Policy",
        _allow(Action="s3:Get*", Resource="a"),
        _allow(Action="s3:*", Resource="a"),
        "any action of s3",
    ),
    (
        "AWS::IAM::Role",
        _allow(Principal={"Service": "lambda.amazonaws.com"}),
        _allow(Principal={"Service": "lambda.amazonaws.com", "AWS": "arn:aws:iam::111122223333:root"}),
        "allows arn:aws:iam::111122223333:root",
    ),
    (
        "AWS::SQS::QueuePolicy",
        _allow(Principal={"Service": "sns.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": "a"}}),
        _allow(Principal={"Service": "sns.amazonaws.com"}),
        "a statement loses its condition",
    ),
    (
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "a"}]}},
        {"PolicyDocument": {"Statement": []}},
        "a Deny statement is removed",
    ),
    ("AWS::Lambda::Permission", {"Principal": "s3.amazonaws.com"}, {"Principal": "*"}, "allows any principal"),
    ("AWS::Lambda::Url", {"AuthType": "AWS_IAM"}, {"AuthType": "NONE"}, "AuthType becomes NONE"),
    (
        "AWS::ApiGateway::Method",
        {"AuthorizationType": "AWS_IAM"},
        {"AuthorizationType": "NONE"},
        "AuthorizationType becomes NONE",
    ),
]


@pytest.mark.parametrize("kind, was, now, why", WIDER)
def test_wider_access_is_unsafe(kind: str, was: Json, now: Json, why: str) -> None:
    [effect] = widened(_template(kind, was), _template(kind, now))
    assert why in effect.why
    assert effect.tier is Tier.UNSAFE


@pytest.mark.parametrize("kind, was, now, why", WIDER)
def test_the_way_back_is_not_wider(kind: str, was: Json, now: Json, why: str) -> None:
    assert not list(widened(_template(kind, now), _template(kind, was)))


def test_a_policy_that_kept_the_data_and_is_gone() -> None:
    was, now = (_template("AWS::RDS::DBInstance", {}, **given) for given in ({"DeletionPolicy": "Snapshot"}, {}))
    [effect] = widened(was, now)
    assert effect.why == "DeletionPolicy no longer keeps the data"


def test_another_spelling_or_a_narrower_source_opens_nothing() -> None:
    kind = "AWS::S3::Bucket"
    assert not list(widened(_template(kind, {"KmsKeyID": "k"}), _template(kind, {"KmsKeyId": "k"})))
    group = "AWS::EC2::SecurityGroup"
    assert not list(widened(_template(group, _rule("0.0.0.0/0")), _template(group, _rule("10.0.0.0/16"))))


def test_another_name_of_the_same_key_takes_nothing_away() -> None:
    kind = "AWS::SNS::Topic"
    assert not list(widened(_template(kind, {"KmsKeyId": "k"}), _template(kind, {"KmsMasterKeyId": "k"})))
