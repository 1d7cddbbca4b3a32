"""enhanced-monitoring: which intervals are found, what is refused, whose role is used, what is stated."""

from typing import Any

import pytest
from driver import context_of, only_patch, patches, template_of

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.errors import BadConfig
from fixer.model import Json, Tier
from fixer.transforms.rds.enhanced_monitoring import TRANSFORM

NO_VALUE: Json = {"Ref": "AWS::NoValue"}
CLUSTER, INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"
NEEDED = {"monitoring": ""}
NAMED = {"enhanced-monitoring": ""}
INTERVAL = "/Resources/Db/Properties/MonitoringInterval"
ARN: Json = "arn:aws:iam::123456789012:role/monitoring"
STATED = {"EnhancedMonitoring": {"Requirement": "x"}}


def database(interval: Json = None, role: Json = None, type_: str = INSTANCE, **more: Any) -> dict[str, Any]:
    properties = {"Engine": "mysql", "MonitoringInterval": interval, "MonitoringRoleArn": role}
    return {
        "Type": type_,
        "Properties": {name: value for name, value in properties.items() if value is not None},
        **more,
    }


def role(service: Json = "monitoring.rds.amazonaws.com", **more: Any) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}, **more}


def stack(db: dict[str, Any], **resources: Any) -> dict[str, Any]:
    parameters = {"Seconds": {"Type": "Number", "Default": 30}, "Unset": {"Type": "Number"}}
    return {"Parameters": parameters, "Resources": {"Db": db, **resources}}


def places(data: Json, require: dict[str, str]) -> list[str]:
    """Where something is found under these requirements."""
    template = template_of(data)
    return [each.pointer for each in TRANSFORM.detect(template, context_of(TRANSFORM, template, require=require))]


def ops(data: Json, require: dict[str, str] = NEEDED) -> dict[str, Any]:
    """The values that the only patch writes, by their places."""
    return {
        str(op["path"]): op["value"]
        for op in only_patch(TRANSFORM, data, {}, require).files["stack.json"]
        if "value" in op and op["op"] != "test"
    }


@pytest.mark.parametrize(
    ("db", "required", "free"),
    [
        (database(), ["/Resources/Db"], []),
        (database(NO_VALUE), ["/Resources/Db"], []),
        (database(0), [INTERVAL], []),
        (database("0", type_=CLUSTER), [INTERVAL], []),
        (database(type_=CLUSTER), [], []),
        (database(30, ARN), [INTERVAL], []),
        (database({"Ref": "Seconds"}, ARN), [INTERVAL], []),
        (database({"Ref": "Unset"}, ARN), [], []),
        (database({"Ref": "Unset"}), [], []),
        (database({"Fn::If": ["C", 30, 60]}), [], []),
        (database(60), [INTERVAL], [INTERVAL]),
        (database(60, NO_VALUE), [INTERVAL], [INTERVAL]),
        (database(60, type_=CLUSTER), [INTERVAL], [INTERVAL]),
        (database(60, ARN), [], []),
        (database("60", ARN, Metadata={"Other": 1}), [], []),
        (database(60, ARN, type_=CLUSTER), [], []),
        (database(60, ARN, Metadata=STATED), [], []),
        (database(60, Metadata=STATED), [INTERVAL], [INTERVAL]),
        (database(30, ARN, type_="AWS::DocDB::DBInstance"), [], []),
    ],
)
def test_what_is_found(db: dict[str, Any], required: list[str], free: list[str]) -> None:
    assert places(stack(db), NEEDED) == required
    assert places(stack(db), {}) == free


@pytest.mark.parametrize(
    ("require", "is_found"),
    [
        ({"monitoring": "30"}, False),
        ({"monitoring": "60"}, True),
        ({"monitoring": ""}, True),
        ({"enhanced-monitoring": ""}, True),
        ({"dashboard": ""}, False),
    ],
)
def test_which_requirement_asks_for_how_many_seconds(require: dict[str, str], is_found: bool) -> None:
    assert bool(places(stack(database(30, ARN, Metadata=STATED)), require)) == is_found


def test_being_selected_by_name_is_a_requirement() -> None:
    template = template_of(stack(database()))
    context = Context(TRANSFORM.id, Project.of([template]), selected=True)
    assert [finding.pointer for finding in TRANSFORM.detect(template, context)] == ["/Resources/Db"]


@pytest.mark.parametrize("seconds", ["0", "2", "45", "120", "often"])
def test_seconds_that_rds_does_not_take(seconds: str) -> None:
    with pytest.raises(BadConfig, match=f"1, 5, 10, 15, 30, 60 seconds, not '{seconds}'"):
        places(stack(database()), {"monitoring": seconds})


@pytest.mark.parametrize("seconds", ["1", "5", "10", "15", "30", "60"])
def test_seconds_that_rds_takes(seconds: str) -> None:
    made = ops(stack(database()), {"monitoring": seconds})
    assert made[INTERVAL] == int(seconds)
    words = "1-minute" if seconds == "60" else f"{seconds}-second"
    statement = {"Requirement": f"Enhanced Monitoring with {words} granularity", "MonitoringInterval": int(seconds)}
    assert made["/Resources/Db/Metadata"] == {"EnhancedMonitoring": statement}


def test_an_interval_that_a_parameter_gives_is_left_to_it() -> None:
    patch = only_patch(TRANSFORM, stack(database({"Ref": "Seconds"}, ARN)), {}, NEEDED)
    assert not patch.files
    assert "the interval as a number: set it at its source" in patch.reason


def test_a_parameter_that_gives_the_required_interval_may_stay() -> None:
    made = ops(stack(database({"Ref": "Seconds"})), {"monitoring": "30"})
    assert list(made) == [
        "/Resources/EnhancedMonitoringRole",
        "/Resources/Db/Properties/MonitoringRoleArn",
    ]


def test_the_interval_is_written_as_it_was() -> None:
    assert ops(stack(database("30", ARN)))[INTERVAL] == "60"
    assert ops(stack(database(30, ARN)))[INTERVAL] == 60


@pytest.mark.parametrize(("db", "expected"), [(database(), ["add"]), (database(0), ["test", "replace"])])
def test_an_interval_is_added_or_replaced(db: dict[str, Any], expected: list[str]) -> None:
    patch = only_patch(TRANSFORM, stack(db), {}, NEEDED)
    assert [op["op"] for op in patch.files["stack.json"] if op["path"] == INTERVAL] == expected


@pytest.mark.parametrize(
    ("db", "words"),
    [
        (database(), "Enhanced Monitoring of Db is off, but the required interval is 60 seconds"),
        (database(30), "Enhanced Monitoring of Db runs every 30 seconds, but the required interval is 60 seconds"),
    ],
)
def test_what_the_finding_says(db: dict[str, Any], words: str) -> None:
    template = template_of(stack(db))
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template, require=NEEDED))
    assert finding.message == words


@pytest.mark.parametrize("interval", [30, {"Ref": "Seconds"}])
def test_without_a_requirement_only_the_role_comes(interval: Json) -> None:
    made = ops(stack(database(interval)), {})
    assert list(made) == ["/Resources/EnhancedMonitoringRole", "/Resources/Db/Properties/MonitoringRoleArn"]


def test_a_statement_joins_the_metadata_that_is_there() -> None:
    made = ops(stack(database(60, ARN, Metadata={"Other": 1})), NAMED)
    assert list(made) == ["/Resources/Db/Metadata/EnhancedMonitoring"]


def test_a_statement_that_is_there_stays() -> None:
    assert list(ops(stack(database(30, ARN, Metadata=STATED)))) == [INTERVAL]


def test_tier_and_notes() -> None:
    stated = only_patch(TRANSFORM, stack(database(60, ARN)), {}, NAMED)
    assert (stated.tier, stated.notes) == (Tier.SAFE, ())
    changed = only_patch(TRANSFORM, stack(database(30, ARN)), {}, NEEDED)
    assert changed.tier is Tier.REVIEW
    assert "stores the Enhanced Monitoring metrics of Db, which costs money" in changed.notes[0]


@pytest.mark.parametrize(
    ("given", "db", "used"),
    [
        (role(), {}, True),
        (role(["rds.amazonaws.com", "monitoring.rds.amazonaws.com"]), {}, True),
        (role("rds.amazonaws.com"), {}, False),
        (role(None), {}, False),
        (role(Condition="C"), {}, False),
        (role(Condition="C"), {"Condition": "C"}, True),
        (role(), {"Condition": "C"}, True),
    ],
)
def test_whose_role_is_used(given: dict[str, Any], db: dict[str, Any], used: bool) -> None:
    data = stack(database(60, **db), Role=given)
    data["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "Seconds"}, 30]}}
    made = ops(data, {})
    name = "Role" if used else "EnhancedMonitoringRole"
    assert made["/Resources/Db/Properties/MonitoringRoleArn"] == {"Fn::GetAtt": [name, "Arn"]}
    assert ("/Resources/EnhancedMonitoringRole" in made) != used


def test_the_new_role_takes_no_name_that_is_taken() -> None:
    made = ops(stack(database(60), EnhancedMonitoringRole={"Type": "AWS::SNS::Topic"}), {})
    assert made["/Resources/RdsEnhancedMonitoringRole"]["Type"] == "AWS::IAM::Role"
    assert "RoleName" not in made["/Resources/RdsEnhancedMonitoringRole"]["Properties"]


def test_each_database_is_a_finding_of_its_own() -> None:
    both = patches(TRANSFORM, stack(database(), Other=database(60)), {}, NEEDED)
    assert [bool(patch.files) for patch in both] == [True, True]


def test_an_interval_of_no_value_is_an_absent_one() -> None:
    assert only_patch(TRANSFORM, stack(database(NO_VALUE)), {}, NEEDED).files


def test_a_database_without_properties() -> None:
    template = template_of({"Resources": {"Db": {"Type": INSTANCE}}})
    patch = only_patch(TRANSFORM, template.data, {}, NEEDED)
    assert not patch.files and "no Properties" in patch.reason


POLICY: Json = [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"}]
USED: Json = {"Fn::GetAtt": ["Role", "Arn"]}
TRUSTED = "/Resources/Role/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service"


def with_policy(service: Json = "rds.amazonaws.com", **more: Any) -> dict[str, Any]:
    made = role(service, **more)
    made["Properties"]["ManagedPolicyArns"] = POLICY
    return made


@pytest.mark.parametrize(
    ("db", "given"),
    [
        (database(60, USED), role("rds.amazonaws.com")),
        (database(60, USED), role("ec2.amazonaws.com")),
        (database(), with_policy()),
        (database(60, USED), with_policy()),
    ],
)
def test_a_role_for_monitoring_that_trusts_another_service(db: dict[str, Any], given: dict[str, Any]) -> None:
    data = stack(db, Role=given)
    assert places(data, {}) == ["/Resources/Role/Properties/AssumeRolePolicyDocument"]
    assert ops(data, {}) == {TRUSTED: "monitoring.rds.amazonaws.com"}


@pytest.mark.parametrize(
    "given",
    [
        role(),
        role(["rds.amazonaws.com", "monitoring.rds.amazonaws.com"]),
        role({"Fn::Sub": "monitoring.rds.${AWS::URLSuffix}"}),
        {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow"}}}},
        {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Ref": "Unset"}}},
    ],
)
def test_a_trust_that_may_be_right(given: dict[str, Any]) -> None:
    assert not places(stack(database(60, USED), Role=given), {})


def test_a_role_of_something_else() -> None:
    assert not places(stack(database(60, ARN), Role=role("ec2.amazonaws.com")), {})


@pytest.mark.parametrize(
    ("given", "others", "reason"),
    [
        (
            role("rds.amazonaws.com"),
            {"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Role"}}}},
            "Role is also used in Resources/T",
        ),
        (role(["rds.amazonaws.com", "ec2.amazonaws.com"]), {}, "it is not clear which principal of Role is meant"),
    ],
)
def test_a_trust_that_stays(given: dict[str, Any], others: dict[str, Any], reason: str) -> None:
    patch = only_patch(TRANSFORM, stack(database(60, USED), Role=given, **others))
    assert not patch.files
    assert patch.reason.startswith(reason)


def test_a_database_takes_the_role_that_is_meant_for_it() -> None:
    made, _ = patches(TRANSFORM, stack(database(60), Role=with_policy()))
    written = {op["path"]: op["value"] for op in made.files["stack.json"] if op["op"] != "test"}
    assert written == {TRUSTED: "monitoring.rds.amazonaws.com", "/Resources/Db/Properties/MonitoringRoleArn": USED}


def test_a_database_without_a_role_that_can_be_used() -> None:
    given = with_policy(["rds.amazonaws.com", "ec2.amazonaws.com"])
    made, _ = patches(TRANSFORM, stack(database(60), Role=given))
    assert not made.files
    assert made.reason == "it is not clear which principal of Role is meant"


def test_the_new_role_is_for_the_own_account_only() -> None:
    [statement] = ops(stack(database(60)), {})["/Resources/EnhancedMonitoringRole"]["Properties"][
        "AssumeRolePolicyDocument"
    ]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
