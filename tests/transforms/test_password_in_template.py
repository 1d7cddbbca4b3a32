# mypy: disable-error-code="arg-type, dict-item, list-item"
"""password-in-template: which secret a database reads, and which passwords stay as they are."""

import json
from typing import Any

import pytest
from golden import linted

from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import repair
from fixer.model import Json, Outcome, Report, Resolution, Tier
from fixer.settings import Settings

INSTANCE, CLUSTER, SECRET = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::SecretsManager::Secret"
PARAMETERS: Json = {
    "Password": {"Type": "String", "NoEcho": True},
    "User": {"Type": "String", "Default": "app1"},
    "Far": {"Type": "String", "Default": "no"},
}
REF: Json = {"Ref": "Password"}


def database(password: Json = REF, kind: str = INSTANCE, **more: Any) -> dict[str, Any]:
    own: dict[str, Json] = {"Engine": "postgres", "DBInstanceClass": "db.t4g.medium", "AllocatedStorage": "20"}
    if kind != INSTANCE:
        own = {"Engine": "aurora-postgresql"} if kind == CLUSTER else {}
    properties = {**own, "MasterUsername": "app1", "MasterUserPassword": password, **more}
    return {"Type": kind, "DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot", "Properties": properties}


def secret(value: Json = None, **generated: Json) -> dict[str, Any]:
    properties = {"SecretString": value} if value is not None else {"GenerateSecretString": generated}
    return {"Type": SECRET, "Properties": properties}


def run(*templates: dict[str, Any], **settings: Any) -> Report:
    """What the transform makes of templates t0.json, t1.json, ..."""
    settings = {"unsafe": True, **settings}
    texts = {f"t{index}.json": json.dumps(data, indent=2) for index, data in enumerate(templates)}
    project = Project.of([Template(path, parse(text, path)) for path, text in texts.items()])
    return repair(project, tuple(texts), Settings(select=("password-in-template",), **settings), linted)


def stack(parameters: Json = PARAMETERS, **resources: Any) -> dict[str, Any]:
    return {"Parameters": parameters, "Resources": resources}


def outcome(report: Report) -> Resolution:
    [resolution] = [each for each in report.resolutions if each.finding.pointer.startswith("/Resources/")]
    return resolution


def after(report: Report, index: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(report.templates[index].after)
    return data


def reference(name: str, key: str = ":password") -> Json:
    return {"Fn::Sub": f"{{{{resolve:secretsmanager:${{{name}}}:SecretString{key}}}}}"}


SUB = '{"username": "app1", "password": "${Password}"}'


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (REF, ""),
        ({"Fn::Sub": SUB}, ":password"),
        ({"Fn::Sub": '{"port": ${Port}, "pw": "${Password}"}'}, ":pw"),
        ({"Fn::Sub": ['{"pw": "${Mine}", "stack": "${AWS::StackName}"}', {"Mine": REF}]}, ":pw"),
        ({"Fn::Join": ["", ['{"username": "app1", "secret": "', REF, '"}']]}, ":secret"),
    ],
)
def test_a_secret_that_has_the_same_parameter(value: Json, key: str) -> None:
    parameters = {**PARAMETERS, "Port": {"Type": "Number", "Default": 5432}} if "Port" in str(value) else PARAMETERS
    report = run(stack(parameters, Db=database(), Kept=secret(value)), unsafe=False)
    data = after(report)
    assert data["Resources"]["Db"]["Properties"]["MasterUserPassword"] == reference("Kept", key)
    assert set(data["Resources"]) == {"Db", "Kept"}
    assert "Password" in data["Parameters"]
    assert outcome(report).tier is Tier.REVIEW
    notes = outcome(report).notes
    assert "the password does not change" in notes[0]
    assert notes[1] == "Kept still takes it from Password: everyone who deploys the stack knows it."
    assert "rotation is undone when the stack next writes Kept" in notes[2]


def test_a_secret_that_has_the_same_text() -> None:
    report = run(stack({}, Db=database("hunter2hunter2"), Kept=secret('{"pw": "hunter2hunter2"}')), unsafe=False)
    assert after(report)["Resources"]["Db"]["Properties"]["MasterUserPassword"] == reference("Kept", ":pw")
    assert "still literal in Kept" in outcome(report).notes[1]


def test_a_secret_with_another_text_is_not_the_one() -> None:
    report = run(stack({}, Db=database("hunter2hunter2"), Kept=secret('{"pw": "another"}')))
    assert "DbSecret" in after(report)["Resources"]


def test_two_databases_with_one_parameter() -> None:
    resources = {"Db": database(), "Other": database(kind=CLUSTER), "Kept": secret({"Fn::Sub": SUB})}
    data = after(run(stack(**resources)))
    used = {data["Resources"][name]["Properties"]["MasterUserPassword"]["Fn::Sub"] for name in ("Db", "Other")}
    assert len(used) == 1


TEMPLATE = {"SecretStringTemplate": '{"username": "app1"}', "GenerateStringKey": "password", "ExcludePunctuation": True}


@pytest.mark.parametrize(
    ("secrets", "chosen"),
    [
        ({"A": secret(**TEMPLATE)}, "A"),
        ({"A": secret(**TEMPLATE | {"SecretStringTemplate": '{"username": "web"}'})}, None),
        ({"A": secret(GenerateStringKey="password", SecretStringTemplate="{}")}, None),
        ({"DatabaseLogin": secret(GenerateStringKey="password", SecretStringTemplate="{}")}, "DatabaseLogin"),
        ({"DbLogin": secret(GenerateStringKey="password", SecretStringTemplate="{}"), "ApiKey": secret()}, "DbLogin"),
        ({"A": secret(**TEMPLATE), "DbLogin": secret(GenerateStringKey="p", SecretStringTemplate="{}")}, "A"),
    ],
)
def test_the_generated_secret_for_a_database(secrets: dict[str, Any], chosen: str | None) -> None:
    report = run(stack(Db=database(), **secrets))
    data = after(report)
    used = data["Resources"]["Db"]["Properties"]["MasterUserPassword"]
    assert used == reference(chosen or "DbSecret")
    assert ("DbSecret" in data["Resources"]) == (chosen is None)
    assert "Password" not in data["Parameters"]
    assert outcome(report).tier is Tier.UNSAFE


def test_characters_that_databases_reject_are_left_out() -> None:
    kept = TEMPLATE | {"ExcludePunctuation": False, "ExcludeCharacters": "%"}
    data = after(run(stack(Db=database(), A=secret(**kept))))
    assert data["Resources"]["A"]["Properties"]["GenerateSecretString"]["ExcludeCharacters"] == "%\"@/\\'"


def test_a_secret_of_another_database() -> None:
    attached = {
        "Type": "AWS::SecretsManager::SecretTargetAttachment",
        "Properties": {"SecretId": {"Ref": "A"}, "TargetId": {"Ref": "Other"}, "TargetType": INSTANCE},
    }
    other = database(ManageMasterUserPassword=True)
    del other["Properties"]["MasterUserPassword"]
    data = after(run(stack(Db=database(), Other=other, A=secret(**TEMPLATE), Attached=attached)))
    assert "DbSecret" in data["Resources"]
    used = database(reference("A"))
    assert "DbSecret" in after(run(stack(Db=database(), Other=used, A=secret(**TEMPLATE))))["Resources"]


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"Db": database(), "A": secret(**TEMPLATE), "B": secret(**TEMPLATE)}, "A and B keep passwords"),
        (
            {"Db": database(), "A": secret({"Fn::Sub": SUB[:-1] + ', "host": "${Db.Endpoint.Address}"}'})},
            "A keeps the password and reads Db",
        ),
        (
            {"Db": database(), "A": {**secret(**TEMPLATE), "Condition": "IsFar"}},
            "A keeps the password, but exists only under the condition IsFar",
        ),
        (
            {
                "Db": database(Engine="oracle-se2", LicenseModel="license-included"),
                "A": secret(**TEMPLATE, PasswordLength=40),
            },
            "A generates a password of more than 30 characters",
        ),
        ({"Db": database(DBSnapshotIdentifier="snapshot")}, "Db has the password of its backup or source"),
        (
            {"Db": database(SourceDBInstanceIdentifier="source")},
            "Db has the password of the database that it replicates",
        ),
        ({"Db": database(kind=CLUSTER, SnapshotIdentifier="snapshot")}, "Db has the password of its backup or source"),
        (
            {"Db": database(kind=CLUSTER, GlobalClusterIdentifier="world", SourceRegion="us-east-1")},
            "Db has the password of the database that it replicates (SourceRegion)",
        ),
        (
            {"Db": database(kind=CLUSTER, GlobalClusterIdentifier={"Ref": "Far"})},
            "Db has the password of the first cluster of its global database",
        ),
        (
            {"Db": database(), "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": REF}}},
            "parameter Password is also used in Resources/Topic",
        ),
        (
            {"User": {"Type": "AWS::IAM::User", "Properties": {"LoginProfile": {"Password": "change-me-1"}}}},
            "only the passwords of databases are generated",
        ),
        (
            {
                "Cache": {
                    "Type": "AWS::ElastiCache::ReplicationGroup",
                    "DeletionPolicy": "Delete",
                    "UpdateReplacePolicy": "Delete",
                    "Properties": {"ReplicationGroupDescription": "x", "AuthToken": REF},
                }
            },
            "only the passwords of databases are generated",
        ),
    ],
)
def test_passwords_that_stay(resources: dict[str, Any], reason: str) -> None:
    conditions = {"IsFar": {"Fn::Equals": [{"Ref": "Far"}, "yes"]}} if "IsFar" in str(resources) else {}
    report = run({**stack(**resources), **({"Conditions": conditions} if conditions else {})})
    assert outcome(report).outcome is Outcome.SKIPPED
    assert outcome(report).reason.startswith(reason)
    assert not report.templates[0].changed


def key(description: str, **more: Any) -> dict[str, Any]:
    everyone = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
    allow = {"Effect": "Allow", "Principal": everyone, "Action": "kms:*", "Resource": "*"}
    properties = {"Description": description, "KeyPolicy": {"Version": "2012-10-17", "Statement": [allow]}}
    policies = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {"Type": "AWS::KMS::Key", **policies, "Properties": properties, **more}


OWN: Json = {"Fn::GetAtt": ["Key", "Arn"]}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({}, None),
        ({"Key": key("encrypts secrets")}, OWN),
        ({"Key": key("encrypts the database")}, None),
        ({"Key": key("secrets"), "OtherSecretsKey": key("more")}, None),
        ({"Key": key("x"), "Api": {**secret(), "Properties": {"KmsKeyId": {"Ref": "Key"}}}}, {"Ref": "Key"}),
        ({"Key": key("secrets"), "Api": secret("x")}, None),
    ],
)
def test_the_key_of_a_new_secret(resources: dict[str, Any], expected: Json) -> None:
    report = run(stack(Db=database(), **resources))
    assert after(report)["Resources"]["DbSecret"]["Properties"].get("KmsKeyId") == expected
    assert any("aws/secretsmanager" in note for note in outcome(report).notes) == (expected is None)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("Retain", "Retain"), ("RetainExceptOnCreate", "Retain"), ("Snapshot", None), ("Delete", None)],
)
def test_a_new_secret_is_kept_as_long_as_its_database(policy: str, expected: str | None) -> None:
    kept = {**database(), "DeletionPolicy": policy, "UpdateReplacePolicy": "Retain"}
    made = after(run(stack(Db=kept, Queue={"Type": "AWS::SQS::Queue"})))["Resources"]["DbSecret"]
    assert (made.get("DeletionPolicy"), made.get("UpdateReplacePolicy")) == (expected, expected)


def test_a_parameter_that_a_parent_passes() -> None:
    """The parent's entry goes in the same patch."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "./t0.json", "Parameters": {"Password": "x1x1x1x1", "User": "app1"}},
    }
    report = run(stack(Db=database()), {"Resources": {"Nested": nested}})
    assert "Password" not in after(report)["Parameters"]
    assert after(report, 1)["Resources"]["Nested"]["Properties"]["Parameters"] == {"User": "app1"}


def test_a_parameter_that_shows_its_value() -> None:
    documents = database(kind="AWS::DocDB::DBCluster")
    for parameter in ({"Type": "String"}, {"Type": "String", "NoEcho": False}):
        report = run(stack({"Password": parameter}, Db=documents), unsafe=False)
        assert after(report)["Parameters"] == {"Password": {"Type": "String", "NoEcho": True}}
        [resolution] = report.resolutions
        assert resolution.tier is Tier.SAFE
        assert resolution.finding.message == "parameter Password holds a password and does not hide it"
