"""What is left alone in Lambda functions: code that a newer runtime cannot run, buckets of unknown accounts."""

import pytest
from driver import context_of, template_of

from fixer.model import Json
from fixer.transforms.lambda_.inline_code import hindrance
from fixer.transforms.lambda_.missing_source_account import TRANSFORM, _is_own

CALLBACK = "exports.handler = (event, context, callback) => callback(null, 1);"
CODE: list[tuple[str, str, str, str]] = [
    (
        "nodejs14.x",
        "nodejs24.x",
        "const AWS = require('aws-sdk');",
        "line 1 of the inline code uses version 2",
    ),
    ("nodejs16.x", "nodejs20.x", "import AWS from 'aws-sdk'", "version 2 of the AWS SDK"),
    (
        "nodejs20.x",
        "nodejs24.x",
        f"'use strict';\n{CALLBACK}",
        "line 2 of the inline code uses a handler",
    ),
    (
        "nodejs18.x",
        "nodejs24.x",
        "exports.run = function (event, context, done) { done() }",
        "a handler with a callback",
    ),
    ("python3.8", "python3.12", "import json, imp", "the module imp"),
    ("python3.9", "python3.13", "from distutils.util import strtobool", "the module distutils.util"),
    ("python3.9", "python3.13", "import cgi", "the module cgi"),
    ("python2.7", "python3.12", "print 'hello'", "Python 2"),
]


@pytest.mark.parametrize(("current", "successor", "code", "why"), CODE)
def test_code_that_the_successor_cannot_run(current: str, successor: str, code: str, why: str) -> None:
    assert why in hindrance({"Code": {"ZipFile": code}}, current, successor)
    assert why in hindrance({"Code": {"ZipFile": {"Fn::Sub": code}}}, current, successor)
    assert hindrance({"Code": {"S3Bucket": "code"}}, current, successor) == ""


@pytest.mark.parametrize(
    ("current", "successor", "code"),
    [
        ("nodejs16.x", "nodejs24.x", "const { S3 } = require('@aws-sdk/client-s3');"),
        ("nodejs16.x", "nodejs22.x", CALLBACK),
        ("nodejs16.x", "nodejs24.x", "exports.handler = async (event, context) => 1;"),
        ("python3.8", "python3.11", "import imp"),
        ("python3.8", "python3.12", "# import imp\nimport json"),
        ("python3.8", "python3.12", "print('hello')"),
        ("java8", "java21", "import java.util.List;"),
    ],
)
def test_code_that_nothing_is_known_against(current: str, successor: str, code: str) -> None:
    assert hindrance({"Code": {"ZipFile": code}}, current, successor) == ""


@pytest.mark.parametrize(
    ("arn", "is_own"),
    [
        ({"Fn::GetAtt": ["Orders", "Arn"]}, True),
        ({"Fn::Sub": "arn:aws:s3:::${Orders}"}, True),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::logs-${AWS::AccountId}"}, True),
        ({"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Orders"}]]}, True),
        ("arn:aws:s3:::orders-of-ours", True),
        ("arn:aws:s3:::partner-bucket", False),
        ({"Ref": "PartnerArn"}, False),
        ({"Fn::ImportValue": "PartnerArn"}, False),
        ({"Fn::Sub": "arn:aws:s3:::${PartnerName}"}, False),
    ],
)
def test_whose_bucket_it_is(arn: Json, is_own: bool) -> None:
    data: Json = {
        "Parameters": {"PartnerArn": {"Type": "String"}, "PartnerName": {"Type": "String"}},
        "Resources": {"Orders": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "orders-of-ours"}}},
    }
    template = template_of(data)
    assert _is_own(arn, template, context_of(TRANSFORM, template)) is is_own
