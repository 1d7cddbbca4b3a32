# mypy: disable-error-code="arg-type, dict-item, list-item"
"""unknown-log-export: the logs of each engine, and what has no counterpart."""

from typing import Any

import pytest
from driver import found, only_patch

from fixer.model import Json, Tier
from fixer.transforms.rds.unknown_log_export import TRANSFORM

CLUSTER, INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"


def data(engine: Json, logs: Json, kind: str = INSTANCE, **more: Json) -> dict[str, Any]:
    properties = {"Engine": engine, "EnableCloudwatchLogsExports": logs, **more}
    return {"Resources": {"Db": {"Type": kind, "Properties": properties}}}


@pytest.mark.parametrize(
    ("engine", "kind", "logs", "right"),
    [
        ("postgres", INSTANCE, ["error"], ["postgresql"]),
        ("postgres", INSTANCE, ["error", "slowquery", "upgrade"], ["postgresql", "upgrade"]),
        ("Postgres", INSTANCE, ["postgresql.log"], ["postgresql"]),
        ("aurora-postgresql", CLUSTER, ["audit", "postgresql"], ["postgresql"]),
        ("aurora-postgresql", CLUSTER, ["postgresql", "upgrade"], ["postgresql"]),
        ("aurora-mysql", CLUSTER, ["Audit", "slow-query", "error"], ["audit", "slowquery", "error"]),
        ("mysql", INSTANCE, ["error", "ERROR"], ["error"]),
        ("mariadb", INSTANCE, ["error", "postgresql"], ["error"]),
        ("mysql", CLUSTER, ["general_logs", "upgrade"], ["general"]),
        ("oracle-ee", INSTANCE, ["alert", "error"], ["alert"]),
        ("sqlserver-se", INSTANCE, ["Error", "audit"], ["error"]),
        ("db2-se", INSTANCE, ["diag", "error"], ["diag.log"]),
    ],
)
def test_the_logs_that_are_meant(engine: str, kind: str, logs: list[str], right: list[str]) -> None:
    patch = only_patch(TRANSFORM, data(engine, logs, kind))
    written: list[Any] = list(logs)
    for op in patch.files.get("stack.json", ()):
        index = int(str(op["path"]).rpartition("/")[2])
        if op["op"] == "replace":
            written[index] = op["value"]
        elif op["op"] == "remove":
            written.pop(index)
    assert written == right
    assert patch.tier is Tier.REVIEW


@pytest.mark.parametrize(
    ("engine", "logs", "kind", "more"),
    [
        ("postgres", ["postgresql", "upgrade", "iam-db-auth-error"], INSTANCE, {}),
        ("mysql", ["audit", "error", "general", "slowquery"], INSTANCE, {}),
        ("custom-oracle-ee", ["error"], INSTANCE, {}),
        ("something-new", ["error"], INSTANCE, {}),
        ({"Ref": "Engine"}, ["error"], INSTANCE, {}),
        ("aurora-postgresql", ["error"], INSTANCE, {"DBClusterIdentifier": "c"}),
        ("postgres", [], INSTANCE, {}),
        ("postgres", [{"Ref": "Log"}], INSTANCE, {}),
        ("postgres", {"Ref": "Logs"}, INSTANCE, {}),
        ("postgres", ["error"], "AWS::RDS::GlobalCluster", {}),
    ],
)
def test_what_is_no_finding(engine: Json, logs: Json, kind: str, more: dict[str, Json]) -> None:
    assert not found(TRANSFORM, data(engine, logs, kind, **more))


@pytest.mark.parametrize(
    ("engine", "logs", "reason"),
    [
        ("mysql", ["postgresql"], "it is not known which logs are meant: mysql has audit, error"),
        ("oracle-se2", ["slowquery"], "oracle-se2 has alert, audit"),
    ],
)
def test_logs_without_a_counterpart(engine: str, logs: list[str], reason: str) -> None:
    patch = only_patch(TRANSFORM, data(engine, logs))
    assert not patch.files
    assert reason in patch.reason


def test_a_list_from_a_parameter() -> None:
    logs = {"Type": "CommaDelimitedList", "Default": "error,general"}
    patch = only_patch(TRANSFORM, {**data("postgres", {"Ref": "Logs"}), "Parameters": {"Logs": logs}})
    assert not patch.files
    assert patch.reason.startswith("the list of logs is not literal")


def test_what_is_lost_is_told() -> None:
    patch = only_patch(TRANSFORM, data("mysql", ["error", "postgresql"]))
    assert patch.notes == ("postgresql is no longer exported, because the engine has no such log.",)
