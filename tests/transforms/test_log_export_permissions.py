"""log-export-permissions: what each strategy misses and adds, which log groups have known names."""

from typing import Any

import pytest
from driver import context_of, only_patch, template_of

from fixer.engine.selection import chosen
from fixer.errors import BadConfig
from fixer.model import Json, Patch, Tier
from fixer.settings import Settings
from fixer.transforms.rds.log_export_permissions import TRANSFORM

CLUSTER, INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"
EXPORTS = "/Resources/Db/Properties/EnableCloudwatchLogsExports"
STRATEGIES = ("document", "log-groups", "role")
STATED = {"LogExports": {"WrittenBy": "x"}}


def database(logs: Json = None, type_: str = CLUSTER, more: Any = None, **properties: Any) -> dict[str, Any]:
    exports: Json = ["audit", "error"] if logs is None else logs
    own = {"Engine": "aurora-postgresql", "EnableCloudwatchLogsExports": exports, **properties}
    return {"Type": type_, "Properties": own, **(more or {})}


def log_group(name: Json, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}, **more}


def role(service: Json = "rds.amazonaws.com", **more: Any) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}, **more}


def stack(db: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {"Resources": {"Db": db, **resources}}


def places(data: Json, strategy: str) -> list[str]:
    template = template_of(data)
    context = context_of(TRANSFORM, template, {"strategy": strategy})
    return [finding.pointer for finding in TRANSFORM.detect(template, context)]


def made(data: Json, strategy: str = "document") -> Patch:
    return only_patch(TRANSFORM, data, {"strategy": strategy})


def added(data: Json, strategy: str = "document") -> dict[str, Any]:
    """What the patch adds, by place."""
    return {str(op["path"]): op["value"] for op in made(data, strategy).files["stack.json"] if op["op"] == "add"}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("db", "is_found"),
    [
        (database(), True),
        (database(type_=INSTANCE), True),
        (database([{"Ref": "Log"}, "audit"]), True),
        (database([]), False),
        (database([{"Ref": "Log"}]), False),
        (database({"Ref": "Logs"}), False),
        (database({"Fn::If": ["C", ["audit"], []]}), False),
        ({"Type": CLUSTER, "Properties": {"Engine": "aurora-mysql"}}, False),
        (database(type_="AWS::DocDB::DBCluster"), False),
    ],
)
def test_which_databases_are_found(strategy: str, db: dict[str, Any], is_found: bool) -> None:
    assert places(stack(db), strategy) == ([EXPORTS] if is_found else [])


NAMED = database(DBClusterIdentifier="DB-One")
GROUPS = {log: log_group(f"/aws/rds/cluster/db-one/{log.lower()}") for log in ("Audit", "Error")}


@pytest.mark.parametrize(
    ("data", "missed_by"),
    [
        (stack(NAMED), STRATEGIES),
        (stack({**NAMED, "Metadata": STATED}), ("log-groups", "role")),
        (stack({**NAMED, "Metadata": {"Other": 1}}), STRATEGIES),
        (stack(NAMED, **GROUPS), ("document", "role")),
        (stack(NAMED, Audit=GROUPS["Audit"]), STRATEGIES),
        (stack(NAMED, Audit=GROUPS["Audit"], Error=log_group("/aws/rds/cluster/other/error")), STRATEGIES),
        (stack(database(), **GROUPS), STRATEGIES),
        (stack(NAMED, Role=role()), ("document", "log-groups")),
        (stack(NAMED, Role=role(["ec2.amazonaws.com", "rds.amazonaws.com"])), ("document", "log-groups")),
        (stack(NAMED, Role=role("monitoring.rds.amazonaws.com")), STRATEGIES),
        (stack(NAMED, Role=role(None)), STRATEGIES),
    ],
)
def test_what_each_strategy_misses(data: dict[str, Any], missed_by: tuple[str, ...]) -> None:
    assert tuple(strategy for strategy in STRATEGIES if places(data, strategy)) == missed_by


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        ("document", "Db exports logs (audit, error), but nothing states who writes them, and where"),
        ("log-groups", "Db exports logs (audit, error) to log groups that the template does not create"),
        ("role", "Db exports logs (audit, error), but no role states that RDS may write them"),
    ],
)
def test_what_the_finding_says(strategy: str, words: str) -> None:
    template = template_of(stack(database()))
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template, {"strategy": strategy}))
    assert finding.message == words


def test_the_transform_runs_only_where_it_is_asked_for() -> None:
    assert TRANSFORM not in chosen(Settings())
    assert TRANSFORM in chosen(Settings(require={"log-export-permissions": ""}))
    assert TRANSFORM in chosen(Settings(select=("log-export-permissions",)))


def test_a_strategy_that_is_none() -> None:
    for strategy in STRATEGIES:
        assert chosen(Settings(options={TRANSFORM.id: {"strategy": strategy}}))
    with pytest.raises(BadConfig, match="strategy must be one of document, log-groups, role, not 'roles'"):
        chosen(Settings(options={TRANSFORM.id: {"strategy": "roles"}}))


@pytest.mark.parametrize(
    ("type_", "identifier", "name"),
    [
        (CLUSTER, "DB-One", "/aws/rds/cluster/db-one/audit"),
        (INSTANCE, "DB-One", "/aws/rds/instance/db-one/audit"),
        (CLUSTER, {"Fn::Sub": "DB-${Stage}"}, {"Fn::Sub": "/aws/rds/cluster/db-${Stage}/audit"}),
        (CLUSTER, None, None),
        (CLUSTER, {"Ref": "Identifier"}, None),
        (CLUSTER, {"Fn::Sub": ["DB-${Stage}", {"Stage": "x"}]}, None),
        (CLUSTER, {"Fn::Join": ["-", ["db", {"Ref": "Stage"}]]}, None),
    ],
)
def test_names_of_log_groups(type_: str, identifier: Json, name: Json) -> None:
    """Without a name that is known there are no groups, and the statement has a gap for it."""
    key = "DBClusterIdentifier" if type_ == CLUSTER else "DBInstanceIdentifier"
    data = stack(database(["audit"], type_, **({key: identifier} if identifier else {})))
    statement = added(data)["/Resources/Db/Metadata"]["LogExports"]
    assert statement["LogGroups"] == [name or "/aws/rds/cluster/<identifier>/audit"]
    if name is None:
        refused = made(data, "log-groups")
        assert not refused.files and "does not spell out the database's identifier" in refused.reason
    else:
        group = added(data, "log-groups")["/Resources/DbAuditLogGroup"]
        assert group["Properties"] == {"LogGroupName": name, "RetentionInDays": 30}


def test_an_instance_whose_identifier_is_not_spelled_out() -> None:
    statement = added(stack(database(["audit"], INSTANCE)))["/Resources/Db/Metadata"]["LogExports"]
    assert statement["LogGroups"] == ["/aws/rds/instance/<identifier>/audit"]


def test_the_statement_names_the_writer_and_joins_other_metadata() -> None:
    data = stack(database(["audit"], more={"Metadata": {"Other": 1}}))
    [(place, statement)] = added(data).items()
    assert place == "/Resources/Db/Metadata/LogExports"
    assert "AWSServiceRoleForRDS" in statement["WrittenBy"]


@pytest.mark.parametrize(
    ("depends_on", "ops"),
    [
        (None, [("add", "/Resources/Db/DependsOn", ["DbAuditLogGroup", "DbErrorLogGroup"])]),
        (["A"], [("add", "/Resources/Db/DependsOn/-", f"Db{log}LogGroup") for log in ("Audit", "Error")]),
        ("A", [("replace", "/Resources/Db/DependsOn", ["A", "DbAuditLogGroup", "DbErrorLogGroup"])]),
    ],
)
def test_the_database_waits_for_its_groups(depends_on: Json, ops: list[Any]) -> None:
    more = {"DependsOn": depends_on} if depends_on else {}
    patch = made(stack({**NAMED, **more}, A={"Type": "AWS::SNS::Topic"}), "log-groups")
    found = [(op["op"], op["path"], op["value"]) for op in patch.files["stack.json"] if "DependsOn" in str(op["path"])]
    assert [op for op in found if op[0] != "test"] == ops


def test_groups_that_are_there_are_not_made_again() -> None:
    assert list(added(stack(NAMED, Audit=GROUPS["Audit"]), "log-groups")) == [
        "/Resources/DbErrorLogGroup",
        "/Resources/Db/DependsOn",
    ]


@pytest.mark.parametrize("condition", [{}, {"Condition": "C"}])
def test_groups_exist_when_the_database_does(condition: dict[str, str]) -> None:
    data = {**stack({**NAMED, **condition}), "Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}}
    body = added(data, "log-groups")["/Resources/DbAuditLogGroup"]
    assert list(body) == ["Type", *condition, "Properties"]
    assert body.get("Condition") == condition.get("Condition")


def test_a_group_takes_no_logical_id_that_is_taken() -> None:
    data = stack(NAMED, DbAuditLogGroup={"Type": "AWS::SNS::Topic"})
    assert "/Resources/DbAuditLogGroup2" in added(data, "log-groups")


def test_the_role_may_do_no_more_than_write_streams_of_the_own_account() -> None:
    [(place, body)] = added(stack(NAMED, DatabaseLogsRole={"Type": "AWS::SNS::Topic"}), "role").items()
    assert place == "/Resources/RdsLogsRole"
    [trust] = body["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "rds.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    [allowed] = body["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert allowed["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert all(":log-group:/aws/rds/*" in each["Fn::Sub"] for each in allowed["Resource"])


@pytest.mark.parametrize(
    ("strategy", "tier", "words"),
    [
        ("log-groups", Tier.REVIEW, "fails until they are imported or deleted"),
        ("role", Tier.REVIEW, "nothing uses it"),
        ("document", Tier.SAFE, ""),
    ],
)
def test_tiers_and_notes(strategy: str, tier: Tier, words: str) -> None:
    patch = made(stack(NAMED), strategy)
    assert patch.tier is tier
    assert len(patch.notes) == (1 if words else 0)
    assert all(words in note for note in patch.notes)


def switches(type_: str = "AWS::RDS::DBClusterParameterGroup", **parameters: Json) -> dict[str, Any]:
    return {"Type": type_, "Properties": {"Parameters": parameters}}


IN_CLUSTER, IN_INSTANCE = "DBClusterParameterGroupName", "DBParameterGroupName"
OFF = "general_log, slow_query_log, server_audit_logging"


@pytest.mark.parametrize(
    ("engine", "named_by", "group", "off"),
    [
        ("aurora-mysql", IN_CLUSTER, switches(), OFF),
        (
            "mysql",
            IN_INSTANCE,
            switches("AWS::RDS::DBParameterGroup", general_log="on"),
            "slow_query_log, server_audit_logging",
        ),
        ({"Ref": "Engine"}, IN_CLUSTER, switches(), OFF),
        ("aurora-mysql", "Elsewhere", switches(general_log=1, slow_query_log=1), OFF),
        ("aurora-mysql", IN_CLUSTER, switches("AWS::SSM::Parameter", general_log=1), OFF),
        ("aurora-mysql", IN_CLUSTER, switches(general_log="1"), "slow_query_log, server_audit_logging"),
        ("aurora-mysql", IN_CLUSTER, switches(general_log=1, slow_query_log="ON"), "server_audit_logging"),
        ("aurora-mysql", IN_CLUSTER, switches(general_log=0, slow_query_log=True), "general_log, server_audit_logging"),
        ("aurora-mysql", IN_CLUSTER, switches(general_log=1, slow_query_log=1, server_audit_logging=1), ""),
        ("aurora-postgresql", IN_CLUSTER, switches(), ""),
        ({"Ref": "Unset"}, IN_CLUSTER, switches(), ""),
    ],
)
def test_logs_that_are_switched_off_are_noted(engine: Json, named_by: str, group: dict[str, Any], off: str) -> None:
    group_of: dict[str, Any] = {named_by: {"Ref": "Group"}}
    db = database(["error", "general", "slowquery", "audit"], Engine=engine, **group_of)
    parameters: Json = {"Engine": {"Type": "String", "Default": "aurora-mysql"}, "Unset": {"Type": "String"}}
    notes = made({"Parameters": parameters, **stack(db, Group=group)}).notes
    expected = f"Some logs stay empty until {off} are on in the parameter group of Db."
    assert notes == ((expected,) if off else ())


CONDITIONS: Json = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}


@pytest.mark.parametrize("strategy", ["log-groups", "role"])
def test_what_exists_only_sometimes_does_not_do(strategy: str) -> None:
    groups = {name: {**group, "Condition": "C"} for name, group in GROUPS.items()}
    assert places({**stack(NAMED, Role=role(Condition="C"), **groups), "Conditions": CONDITIONS}, strategy)


@pytest.mark.parametrize("log", ["iam-db-auth-error", "diag.log"])
def test_logical_ids_are_alphanumeric(log: str) -> None:
    places_of_groups = list(added(stack(database([log], DBClusterIdentifier="db")), "log-groups"))
    assert places_of_groups[0].removeprefix("/Resources/").isalnum()
