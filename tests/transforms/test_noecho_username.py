"""The decisions of noecho-username: what is a user name, what is secret, which constraints come."""

from typing import Any

import pytest
from driver import found, only_patch, patches, repaired

from fixer.model import Json, Tier
from fixer.transforms.parameters.noecho_username import TRANSFORM

NO_VALUE: Json = {"Ref": "AWS::NoValue"}
PATTERN = "[a-zA-Z][a-zA-Z0-9_]*"


def stack(name: str, parameter: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {"Parameters": {name: {"Type": "String", **parameter}}, "Resources": resources}


def feeds(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def hidden(name: str, **resources: Any) -> bool:
    """Whether NoEcho on the parameter is found, and repaired."""
    data = stack(name, {"NoEcho": True}, **resources)
    is_found = f"/Parameters/{name}/NoEcho" in [finding.pointer for finding in found(TRANSFORM, data)]
    after: Any = repaired(TRANSFORM, data)
    assert is_found == ("NoEcho" not in after["Parameters"][name])
    return is_found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DBUser", True),
        ("DBUsername", True),
        ("DbUserName", True),
        ("MasterUsername", True),
        ("username", True),
        ("SmtpLogin", True),
        ("UserPassword", False),
        ("PasswordUser", False),
        ("TokenUser", False),
        ("SecretLogin", False),
        ("AccessKeyUser", False),
        ("UserPoolId", False),
        ("Users", False),
        ("Value", False),
    ],
)
def test_named_like_a_user_name(name: str, expected: bool) -> None:
    assert hidden(name) == expected


REF: Json = {"Ref": "P"}


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("AWS::RDS::DBCluster", {"MasterUsername": REF}, True),
        ("AWS::RDS::DBCluster", {"MasterUsername": {"Fn::Sub": "${P}"}}, True),
        ("AWS::RDS::DBCluster", {"MasterUsername": {"Fn::If": ["C", REF, NO_VALUE]}}, True),
        ("AWS::DocDBElastic::Cluster", {"AdminUserName": REF}, True),
        ("AWS::AmazonMQ::Broker", {"Users": [{"Username": REF}]}, True),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"DB_USER": REF}}}, True),
        ("AWS::CloudFormation::Stack", {"Parameters": {"DBUsername": REF}}, True),
        ("AWS::RDS::DBCluster", {"MasterUserPassword": REF}, False),
        ("AWS::AmazonMQ::Broker", {"Users": [{"Password": REF}]}, False),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"API_TOKEN": REF}}}, False),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"DB_HOST": REF}}}, False),
        ("AWS::RDS::DBCluster", {"MasterUsername": REF, "MasterUserPassword": REF}, False),
        ("AWS::RDS::DBCluster", {"MasterUsername": REF, "DatabaseName": REF}, False),
        ("AWS::SecretsManager::Secret", {"SecretString": {"Fn::Sub": '{"user": "${P}"}'}}, False),
        ("AWS::SecretsManager::Secret", {"Name": REF}, False),
        ("AWS::Thing", {"Credentials": {"Username": REF}}, False),
        ("AWS::Thing", {"SecretString": {"Fn::Sub": ["${User}", {"User": REF}]}}, False),
    ],
)
def test_what_it_feeds(kind: str, properties: dict[str, Any], expected: bool) -> None:
    assert hidden("P", Thing=feeds(kind, **properties)) == expected


def test_a_secret_use_outweighs_the_name() -> None:
    assert hidden("DBUser", Thing=feeds("AWS::Thing", Label={"Ref": "DBUser"}))
    assert not hidden("DBUser", Thing=feeds("AWS::Thing", ClientSecret={"Fn::Sub": "x${DBUser}"}))
    assert not hidden("DBUser", Thing=feeds("AWS::SecretsManager::Secret", Name={"Ref": "DBUser"}))
    assert not hidden("DBUser", ApiToken=feeds("AWS::SSM::Parameter", Value={"Ref": "DBUser"}))


def test_outputs_and_conditions_count_only_if_secret() -> None:
    data = stack("P", {"NoEcho": True}, Db=feeds("AWS::RDS::DBCluster", MasterUsername=REF))
    data["Conditions"] = {"HasUser": {"Fn::Equals": [REF, ""]}}
    data["Outputs"] = {"Admin": {"Value": REF}}
    assert len(found(TRANSFORM, data)) == 2
    data["Outputs"] = {"DbPassword": {"Value": REF}}
    assert not found(TRANSFORM, data)


def test_the_resource_s_name_does_not_make_a_user_name_secret() -> None:
    assert hidden("P", KeyStore=feeds("AWS::RDS::DBCluster", MasterUsername=REF))


def test_an_output_called_like_a_secret_is_not_the_secret() -> None:
    data = stack("DBUser", {"NoEcho": True}, Vault=feeds("AWS::SecretsManager::Secret", Name="x"))
    data["Outputs"] = {"Vault": {"Value": {"Ref": "DBUser"}}}
    assert found(TRANSFORM, data)


def test_parameters_that_are_none() -> None:
    assert not found(TRANSFORM, {"Parameters": {"DBUser": "String", "Other": None}, "Resources": {}})


def test_the_description_outweighs_the_name() -> None:
    assert not found(TRANSFORM, stack("Login", {"NoEcho": True, "Description": "API token"}))


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"NoEcho": True}, True),
        ({"NoEcho": "true"}, True),
        ({"NoEcho": "True"}, True),
        ({"NoEcho": False}, False),
        ({"NoEcho": "false"}, False),
        ({}, False),
        ({"NoEcho": True, "Type": "AWS::SSM::Parameter::Value<String>"}, False),
        ({"NoEcho": True, "Type": "CommaDelimitedList"}, False),
    ],
)
def test_spellings_and_types(parameter: dict[str, Any], expected: bool) -> None:
    assert bool(found(TRANSFORM, stack("DBUser", parameter))) == expected


def test_a_parameter_called_noecho() -> None:
    data = stack("NoEcho", {"NoEcho": True}, Db=feeds("AWS::RDS::DBCluster", MasterUsername={"Ref": "NoEcho"}))
    after: Any = repaired(TRANSFORM, data)
    assert after["Parameters"]["NoEcho"].keys() == {
        "Type",
        "MinLength",
        "MaxLength",
        "AllowedPattern",
        "ConstraintDescription",
    }


def added(parameter: dict[str, Any], *resources: Any) -> dict[str, Any]:
    """What is added to a parameter that is a master user name."""
    data = stack("P", parameter, **{f"Db{n}": resource for n, resource in enumerate(resources)})
    after: Any = repaired(TRANSFORM, data)
    made = after["Parameters"]["P"]
    assert {name: made.pop(name) for name in parameter} == parameter
    return {name: value for name, value in made.items() if name != "Type"}


def cluster() -> dict[str, Any]:
    return feeds("AWS::RDS::DBCluster", Engine="aurora-mysql", MasterUsername=REF)


def instance(engine: Json) -> dict[str, Any]:
    return feeds("AWS::RDS::DBInstance", Engine=engine, MasterUsername=REF)


@pytest.mark.parametrize(
    ("resource", "longest"),
    [
        (cluster(), 16),
        (feeds("AWS::RDS::DBCluster", Engine="postgres", MasterUsername=REF), 16),
        (instance("mysql"), 16),
        (instance("mariadb"), 16),
        (instance("db2-se"), 16),
        (instance("oracle-ee"), 30),
        (instance("custom-oracle-ee"), 30),
        (instance("postgres"), 63),
        (instance("sqlserver-ex"), 128),
        (feeds("AWS::DocDB::DBCluster", MasterUsername=REF), 63),
        (instance("sybase"), None),
        (instance({"Ref": "Engine"}), None),
    ],
)
def test_longest_user_name_by_engine(resource: dict[str, Any], longest: int | None) -> None:
    assert added({}, resource).get("MaxLength") == longest


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Sub": "${P}"},
        {"Fn::If": ["C", REF, NO_VALUE]},
        {"Fn::If": ["C", NO_VALUE, REF]},
        {"Fn::If": ["C", NO_VALUE, {"Fn::If": ["D", {"Fn::Sub": "${P}"}, NO_VALUE]}]},
    ],
)
def test_ways_to_be_the_master_user_name(value: Json) -> None:
    assert added({}, feeds("AWS::RDS::DBCluster", MasterUsername=value))["MaxLength"] == 16


def test_engine_by_parameter_with_allowed_values() -> None:
    data = stack("P", {}, Db=instance({"Ref": "Engine"}))
    data["Parameters"]["Engine"] = {"Type": "String", "AllowedValues": ["postgres", "oracle-ee"]}
    after: Any = repaired(TRANSFORM, data)
    assert after["Parameters"]["P"]["MaxLength"] == 30


def test_engine_of_which_one_is_not_known() -> None:
    data = stack("P", {"Default": "app-user"}, Db=instance({"Ref": "Engine"}))
    data["Parameters"]["Engine"] = {"Type": "String", "AllowedValues": ["postgres", "sybase"]}
    after: Any = repaired(TRANSFORM, data)
    assert "MaxLength" not in after["Parameters"]["P"]
    assert after["Parameters"]["P"]["ConstraintDescription"] == "Must not be empty"


def test_several_databases_take_the_smallest_maximum() -> None:
    assert added({}, instance("postgres"), instance("oracle-ee"))["MaxLength"] == 30
    assert added({}, instance("postgres"), instance({"Ref": "Engine"}))["MaxLength"] == 63


WHOLE = "Must begin with a letter and contain only letters, digits and underscores, 16 characters at most"


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({}, {"MinLength": 1, "MaxLength": 16, "AllowedPattern": PATTERN, "ConstraintDescription": WHOLE}),
        (
            {"Default": "app_1"},
            {"MinLength": 1, "MaxLength": 16, "AllowedPattern": PATTERN, "ConstraintDescription": WHOLE},
        ),
        ({"ConstraintDescription": "x"}, {"MinLength": 1, "MaxLength": 16, "AllowedPattern": PATTERN}),
        ({"MinLength": 1, "AllowedPattern": PATTERN}, {"MaxLength": 16, "ConstraintDescription": WHOLE}),
        (
            {"AllowedPattern": "[a-z]+"},
            {"MinLength": 1, "MaxLength": 16, "ConstraintDescription": "Must match [a-z]+, 16 characters at most"},
        ),
        (
            {"Default": "app-user"},
            {
                "MinLength": 1,
                "MaxLength": 16,
                "ConstraintDescription": "Must have 1 to 16 characters",
            },
        ),
        ({"Default": ""}, {"MaxLength": 16, "ConstraintDescription": "Must have 16 characters at most"}),
        (
            {"Default": "a_very_long_user_name"},
            {
                "MinLength": 1,
                "AllowedPattern": PATTERN,
                "ConstraintDescription": "Must begin with a letter and contain only letters, digits and underscores",
            },
        ),
        ({"MaxLength": 9, "Default": "1"}, {"MinLength": 1, "ConstraintDescription": "Must have 1 to 9 characters"}),
        ({"Default": "1", "MaxLength": 9, "MinLength": 1}, {}),
        ({"MinLength": 20, "MaxLength": 30, "AllowedPattern": "x"}, {}),
        ({"MinLength": 20, "AllowedPattern": "x"}, {}),
        ({"AllowedValues": ["a", "b"]}, {}),
    ],
)
def test_constraints_that_a_parameter_lacks(parameter: dict[str, Any], expected: dict[str, Any]) -> None:
    assert added(parameter, cluster()) == expected


@pytest.mark.parametrize(
    "resource",
    [
        feeds("AWS::Redshift::Cluster", MasterUsername=REF),
        feeds("AWS::RDS::DBCluster", MasterUsername={"Fn::Sub": "${P}_owner"}),
        feeds("AWS::RDS::DBCluster", MasterUsername={"Fn::Join": ["", [REF, "x"]]}),
        feeds("AWS::RDS::DBCluster", DatabaseName=REF),
        feeds("AWS::RDS::DBCluster", MasterUsername=REF, MasterUserPassword=REF),
    ],
)
def test_no_constraints_where_the_name_is_another_s(resource: dict[str, Any]) -> None:
    assert not added({}, resource)


def test_tiers() -> None:
    both = patches(TRANSFORM, stack("P", {"NoEcho": True}, Db=cluster()))
    assert [patch.tier for patch in both] == [Tier.REVIEW, Tier.REVIEW]
    assert "F24 of cfn_nag" in both[0].notes[-1]
    # With a Default, cfn_nag's F24 fails before the repair too; a user name of no database does not concern it.
    first, _ = patches(TRANSFORM, stack("P", {"NoEcho": True, "Default": "admin"}, Db=cluster()))
    user = feeds("AWS::IAM::User", UserName={"Ref": "Login"})
    (other,) = patches(TRANSFORM, stack("Login", {"NoEcho": True}, U=user))
    assert [first.tier, other.tier] == [Tier.SAFE, Tier.SAFE]


@pytest.mark.parametrize(
    ("resource", "default", "noted"),
    [
        (instance("postgres"), "admin", True),
        (feeds("AWS::RDS::DBCluster", Engine="aurora-postgresql", MasterUsername=REF), "admin", True),
        (feeds("AWS::DocDB::DBCluster", MasterUsername=REF), "admin", True),
        (cluster(), "rdsadmin", True),
        (cluster(), "admin", False),
        (instance("postgres"), "app", False),
    ],
)
def test_note_on_a_reserved_default(resource: dict[str, Any], default: str, noted: bool) -> None:
    patch = only_patch(TRANSFORM, stack("P", {"Default": default}, Db=resource))
    assert any("reserved" in note for note in patch.notes) == noted
    if noted:
        what = resource["Properties"].get("Engine", "DocumentDB")
        assert f"The Default of P, {default}, is a reserved word of {what}: " in patch.notes[-1]
    _, first = patches(TRANSFORM, stack("P", {"Default": default, "NoEcho": True}, Db=resource))[::-1]
    assert not first.notes
    complete = {"NoEcho": True, "MinLength": 1, "MaxLength": 16, "AllowedPattern": "x"}
    patch = only_patch(TRANSFORM, stack("P", {"Default": default, **complete}, Db=resource))
    assert any("reserved" in note for note in patch.notes) == noted
