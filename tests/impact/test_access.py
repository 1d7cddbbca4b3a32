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
