# mypy: disable-error-code="arg-type, dict-item, list-item"
"""The decisions of calculated-health-check: what is found, which alarm is followed, what stays."""

import json
from typing import Any

import pytest
from driver import found, only_patch, patches, repaired, template_of

from fixer.errors import BadConfig
from fixer.model import Json, Patch, Tier
from fixer.transforms.route53.calculated_health_check import TRANSFORM

CHECK = "/Resources/Check/Properties/HealthCheckConfig"
NO_VALUE: Json = {"Ref": "AWS::NoValue"}


def check(config: dict[str, Any], name: str = "") -> dict[str, Any]:
    tags = [{"Key": "Name", "Value": name}] if name else []
    return {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config, "HealthCheckTags": tags}}


def alarm(dimension: str, of: Any, metric: str = "CPUUtilization", **more: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "Namespace": "AWS/RDS",
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": {"Ref": of} if isinstance(of, str) else of}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 80,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {**properties, **more}}


def instance(cluster: str = "Cluster", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": {"Ref": cluster}}, **more}


PRIMARY = {"Type": "AWS::RDS::DBCluster", "Properties": {"MasterUsername": "x", "GlobalClusterIdentifier": "g"}}
SECONDARY = {"Type": "AWS::RDS::DBCluster", "Properties": {"GlobalClusterIdentifier": "g"}}
CHILDLESS = check({"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 1})
CALCULATED = {"Type": "CALCULATED"}
ON_INSTANCE = "DBInstanceIdentifier"
ON_CLUSTER = "DBClusterIdentifier"


def stack(**resources: Any) -> dict[str, Any]:
    return {"Resources": {"Check": CHILDLESS, **resources}}


def followed(data: Any, **options: str) -> str | None:
    """The logical id of the alarm that the check follows after the repair."""
    config = _config(repaired(TRANSFORM, data, options))
    assert config["Type"] in ("CALCULATED", "CLOUDWATCH_METRIC")
    return config["AlarmIdentifier"]["Name"]["Ref"] if "AlarmIdentifier" in config else None


def _config(data: Any) -> Any:
    return data["Resources"]["Check"]["Properties"]["HealthCheckConfig"]


def if_(first: Json, second: Json) -> Json:
    return {"Fn::If": ["C", first, second]}


CHILD: Json = {"Ref": "Other"}


@pytest.mark.parametrize(
    ("children", "threshold", "place"),
    [
        ([], 1, ""),
        (None, 1, ""),
        (None, None, ""),
        ([NO_VALUE], 1, ""),
        (NO_VALUE, 1, ""),
        (if_([], NO_VALUE), 1, ""),
        ([if_(NO_VALUE, NO_VALUE)], 1, ""),
        ([], 0, ""),
        ([CHILD], 2, "/HealthThreshold"),
        ([CHILD], "2", "/HealthThreshold"),
        ([CHILD, NO_VALUE], 2, "/HealthThreshold"),
        ([CHILD], 0, "/HealthThreshold"),
        ([CHILD], "0", "/HealthThreshold"),
        ([CHILD, if_(CHILD, NO_VALUE)], 3, "/HealthThreshold"),
        ({"Ref": "Children"}, 0, "/HealthThreshold"),
        ([CHILD], 1, None),
        ([CHILD], None, None),
        ([CHILD, if_(CHILD, NO_VALUE)], 2, None),
        ([if_(CHILD, NO_VALUE)], 1, None),
        (if_([CHILD, CHILD], [CHILD]), 2, None),
        ({"Ref": "Children"}, 9, None),
        ({"Fn::Split": [",", "a,b"]}, 9, None),
        ([CHILD], {"Ref": "Threshold"}, None),
    ],
)
def test_what_is_found(children: Json, threshold: Json, place: str | None) -> None:
    given: dict[str, Json] = {"ChildHealthChecks": children, "HealthThreshold": threshold}
    config = {"Type": "CALCULATED", **{name: value for name, value in given.items() if value is not None}}
    findings = found(TRANSFORM, {"Resources": {"Check": check(config)}})
    assert [finding.pointer for finding in findings] == ([] if place is None else [CHECK + place])


@pytest.mark.parametrize("kind", ["HTTPS", "CLOUDWATCH_METRIC", {"Ref": "Kind"}])
def test_other_types_are_not_found(kind: Json) -> None:
    assert not found(TRANSFORM, {"Resources": {"Check": check({"Type": kind, "HealthThreshold": 0})}})


def test_messages_say_what_the_check_does() -> None:
    def message(config: dict[str, Any]) -> str:
        return found(TRANSFORM, {"Resources": {"Check": check({"Type": "CALCULATED", **config})}})[0].message

    assert message({}) == "the health check is CALCULATED but has no child health checks: it can never be healthy"
    assert message({"HealthThreshold": 0}).endswith("no child health checks: it is always healthy")
    one, two = ({"HealthThreshold": 9, "ChildHealthChecks": ["a", "b"][:n]} for n in (1, 2))
    assert message(one) == "HealthThreshold is 9, but the check has 1 child: it is never healthy"
    assert message(two) == "HealthThreshold is 9, but the check has 2 children: it is never healthy"


@pytest.mark.parametrize(
    ("children", "threshold", "after"),
    [
        (["a", "b"], 5, 2),
        (["a", "b"], "5", "2"),
        (["a", "b"], 0, None),
        (["a", "b"], "0", None),
        ([], 0, None),
        (["a", "b"], 4, 2),
        (["a", NO_VALUE], 2, 1),
        ([if_("a", "b")], 3, 1),
        ([if_("a", NO_VALUE)], 3, None),
        ({"Ref": "Children"}, 0, None),
    ],
)
def test_threshold_becomes_the_number_of_children(children: Json, threshold: Json, after: Json) -> None:
    config = {"Type": "CALCULATED", "ChildHealthChecks": children, "HealthThreshold": threshold}
    patch = only_patch(TRANSFORM, {"Resources": {"Check": check(config)}})
    if after is None:
        assert patch.reason
        assert not patch.files
    else:
        assert patch.files["stack.json"][-1]["value"] == after
        assert bool(patch.notes) == (after in (2, "2"))
        assert patch.tier is Tier.REVIEW


@pytest.mark.parametrize("inverted", [True, "true"])
def test_an_inverted_check_is_left_to_its_author(inverted: Json) -> None:
    for children, threshold in ((["a"], 2), ([], 1), (["a"], 0)):
        config = {"Type": "CALCULATED", "ChildHealthChecks": children, "HealthThreshold": threshold}
        data = {"Resources": {"Check": check({**config, "Inverted": inverted})}}
        assert not only_patch(TRANSFORM, data).files
    assert "always unhealthy" in found(TRANSFORM, data)[0].message


def test_config_is_edited_member_by_member() -> None:
    config = {"Type": "CALCULATED", "Inverted": False, "HealthThreshold": 1, "ChildHealthChecks": []}
    data = stack(Check=check(config), Db={"Type": "AWS::RDS::DBInstance"}, Cpu=alarm(ON_INSTANCE, "Db"))
    ops = only_patch(TRANSFORM, data).files["stack.json"]
    assert [(op["op"], str(op["path"]).removeprefix(CHECK)) for op in ops] == [
        ("test", "/Type"),
        ("replace", "/Type"),
        ("test", "/ChildHealthChecks"),
        ("remove", "/ChildHealthChecks"),
        ("test", "/HealthThreshold"),
        ("remove", "/HealthThreshold"),
        ("test", "/Inverted"),
        ("remove", "/Inverted"),
        ("add", "/AlarmIdentifier"),
        ("add", "/InsufficientDataHealthStatus"),
    ]
    assert _config(repaired(TRANSFORM, data)) == {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": {"Ref": "Cpu"}, "Region": {"Ref": "AWS::Region"}},
        "InsufficientDataHealthStatus": "Unhealthy",
    }


@pytest.mark.parametrize("member", ["FullyQualifiedDomainName", "Port", "RequestInterval", "AlarmIdentifier"])
def test_other_members_mean_another_type(member: str) -> None:
    config = {"Type": "CALCULATED", member: "x"}
    patch = only_patch(TRANSFORM, stack(Check=check(config), Db={"Type": "AWS::RDS::DBInstance"}))
    assert not patch.files
    assert not patch.wants
    assert member in patch.reason


BY_NAME = {"Cluster": PRIMARY, "NodeWriter": instance(), "NodeReader": instance()}
BY_IDENTIFIER = {
    "Cluster": PRIMARY,
    "One": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": {"Ref": "Cluster"}}},
    "Two": {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {"DBClusterIdentifier": {"Ref": "Cluster"}, "DBInstanceIdentifier": {"Fn::Sub": "x-writer-${E}"}},
    },
}
BY_ORDER = {"Cluster": PRIMARY, "Two": instance(DependsOn="One"), "One": instance(DependsOn=["Cluster"])}
UNKNOWN = {"Cluster": PRIMARY, "One": instance(), "Two": instance()}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({**BY_NAME, "R": alarm(ON_INSTANCE, "NodeReader"), "W": alarm(ON_INSTANCE, "NodeWriter")}, "W"),
        ({**BY_IDENTIFIER, "A1": alarm(ON_INSTANCE, "One"), "A2": alarm(ON_INSTANCE, "Two")}, "A2"),
        ({**BY_ORDER, "A2": alarm(ON_INSTANCE, "Two"), "A1": alarm(ON_INSTANCE, "One")}, "A1"),
        ({"Cluster": PRIMARY, "One": instance(), "A": alarm(ON_INSTANCE, "One")}, "A"),
        # the writer's CPU before the cluster's, any CPU before other metrics
        ({**BY_NAME, "C": alarm(ON_CLUSTER, "Cluster"), "W": alarm(ON_INSTANCE, "NodeWriter")}, "W"),
        ({**BY_NAME, "N": alarm(ON_INSTANCE, "NodeWriter", "ReadLatency"), "C": alarm(ON_CLUSTER, "Cluster")}, "C"),
        ({**BY_NAME, "N": alarm(ON_CLUSTER, "Cluster", "DatabaseConnections")}, "N"),
        ({**UNKNOWN, "A": alarm(ON_INSTANCE, "Two")}, "A"),
        # a reader tells nothing of a primary, nor does replication
        ({**BY_NAME, "R": alarm(ON_INSTANCE, "NodeReader")}, None),
        ({**BY_ORDER, "A2": alarm(ON_INSTANCE, "Two")}, None),
        ({**BY_NAME, "L": alarm(ON_CLUSTER, "Cluster", "AuroraReplicaLagMaximum")}, None),
        ({**BY_NAME, "L": alarm(ON_CLUSTER, "Cluster", "AuroraGlobalDBProgressLag")}, None),
        ({**BY_NAME, "I": alarm(ON_CLUSTER, "Cluster", "AuroraGlobalDBReplicatedWriteIO")}, None),
        # an alarm of another thing, or on what is not known
        ({**BY_NAME, "O": alarm(ON_INSTANCE, "Other")}, None),
        ({**BY_NAME, "O": alarm(ON_INSTANCE, "NodeWriter", Namespace="Custom")}, None),
        ({**BY_NAME, "O": alarm("DBClusterIdentifier", "NodeWriter")}, None),
        # an idle CPU is no failure
        ({**BY_NAME, "W": alarm(ON_INSTANCE, "NodeWriter", ComparisonOperator="LessThanThreshold")}, None),
    ],
)
def test_alarm_of_a_primary(resources: dict[str, Any], expected: str | None) -> None:
    assert followed(stack(**resources)) == expected


@pytest.mark.parametrize("name", ["ReaderA", "Readers", "Replica1", "StandbyNode", "SecondaryNode"])
def test_names_of_readers(name: str) -> None:
    cpu = alarm(ON_INSTANCE, name)
    assert followed(stack(Cluster=PRIMARY, **{name: instance()}, One=instance(), Two=instance(), Cpu=cpu)) is None
    assert followed(stack(Cluster=PRIMARY, **{name: instance()}, Cpu=cpu)) == "Cpu"


@pytest.mark.parametrize(
    "metric",
    [
        "ReplicaLag",
        "AuroraBinlogReplicaLag",
        "AuroraGlobalDBRPOLag",
        "AuroraGlobalDBDataTransferBytes",
        "AuroraGlobalDBReplicatedWriteIO",
        "OldestLogicalReplicationSlotLag",
        "ReplicationSlotDiskUsage",
        "CheckpointLag",
    ],
)
def test_replication_metrics_are_never_followed(metric: str) -> None:
    assert followed(stack(Db={"Type": "AWS::RDS::DBInstance"}, A=alarm(ON_INSTANCE, "Db", metric))) is None


def test_the_writer_of_a_cluster_by_dimension() -> None:
    writer = alarm(ON_CLUSTER, "Cluster")
    writer["Properties"]["Dimensions"].append({"Name": "Role", "Value": "WRITER"})
    reader = alarm(ON_CLUSTER, "Cluster")
    reader["Properties"]["Dimensions"].append({"Name": "Role", "Value": "READER"})
    assert followed(stack(Cluster=PRIMARY, C=alarm(ON_CLUSTER, "Cluster"), R=reader, W=writer)) == "W"
    assert followed(stack(Cluster=PRIMARY, R=reader)) is None
    assert followed(stack(Cluster=SECONDARY, C=alarm(ON_CLUSTER, "Cluster"), W=writer, R=reader)) == "R"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"N": alarm(ON_INSTANCE, "Node", "FreeableMemory"), "A": alarm(ON_INSTANCE, "Node")}, "A"),
        ({"N": alarm(ON_INSTANCE, "Node", "FreeableMemory")}, "N"),
        ({"L": alarm(ON_INSTANCE, "Node", "AuroraReplicaLag")}, None),
        ({"L": alarm(ON_CLUSTER, "Cluster", "AuroraGlobalDBReplicationLag")}, None),
        ({"C": alarm(ON_CLUSTER, "Cluster")}, None),
    ],
)
def test_alarm_of_a_secondary(resources: dict[str, Any], expected: str | None) -> None:
    data = stack(Cluster=SECONDARY, Node=instance(), **resources)
    assert followed(data) == expected
    if expected:
        assert _config(repaired(TRANSFORM, data))["InsufficientDataHealthStatus"] == "Healthy"


@pytest.mark.parametrize(
    ("properties", "fits"),
    [
        ({}, True),
        ({"Period": "300"}, True),
        *[({"Statistic": name}, True) for name in ("Minimum", "Maximum", "Sum", "SampleCount")],
        ({"Period": 0}, False),
        ({"Period": {"Ref": "Listed"}}, True),
        ({"Period": {"Fn::FindInMap": ["Map", "a", "Period"]}}, True),
        ({"DatapointsToAlarm": 3}, True),
        ({"DatapointsToAlarm": "3"}, True),
        ({"DatapointsToAlarm": {"Ref": "Free"}, "EvaluationPeriods": {"Ref": "Free"}}, True),
        ({"Period": 10}, False),
        ({"Period": 30}, False),
        ({"Period": 90}, False),
        ({"Period": {"Ref": "Free"}}, False),
        ({"Period": {"Ref": "ListedFast"}}, False),
        ({"Period": {"Fn::FindInMap": ["Map", {"Ref": "Free"}, "Period"]}}, False),
        ({"DatapointsToAlarm": 2}, False),
        ({"DatapointsToAlarm": {"Ref": "Free"}}, False),
        ({"ExtendedStatistic": "p99"}, False),
        ({"Statistic": {"Ref": "Free"}}, False),
        ({"Metrics": [{"Id": "m"}]}, False),
    ],
)
def test_what_route_53_can_follow(properties: dict[str, Any], fits: bool) -> None:
    data = stack(Db={"Type": "AWS::RDS::DBInstance"}, Cpu=alarm(ON_INSTANCE, "Db", **properties))
    data["Mappings"] = {"Map": {"a": {"Period": 60}}}
    data["Parameters"] = {
        "Free": {"Type": "Number", "Default": 60},
        "Listed": {"Type": "Number", "AllowedValues": [60, 300]},
        "ListedFast": {"Type": "Number", "AllowedValues": [10, 60]},
    }
    assert followed(data) == ("Cpu" if fits else None)
    if not fits:
        assert "Cpu: " in only_patch(TRANSFORM, data).reason


@pytest.mark.parametrize(
    ("value", "belongs"),
    [
        ({"Ref": "Db"}, True),
        ({"Fn::Sub": "${Db}"}, True),
        ({"Fn::Sub": "orders-${AWS::Region}"}, True),
        ({"Fn::Sub": "orders-${Stage}"}, False),
        ({"Fn::Sub": "${Db}-1"}, False),
        ({"Fn::GetAtt": ["Db", "Endpoint.Address"]}, False),
        ("orders", False),
    ],
)
def test_an_alarm_belongs_to_a_database_by_its_identifier(value: Json, belongs: bool) -> None:
    properties = {"DBInstanceIdentifier": {"Fn::Sub": "orders-${AWS::Region}"}}
    db = {"Type": "AWS::RDS::DBInstance", "Properties": properties}
    assert followed(stack(Db=db, Cpu=alarm(ON_INSTANCE, value))) == ("Cpu" if belongs else None)


def test_identifiers_do_not_differ_by_case() -> None:
    db = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceIdentifier": "Orders"}}
    cpu = alarm(ON_INSTANCE, "")
    cpu["Properties"]["Dimensions"][0]["Value"] = "orders"
    assert followed(stack(Db=db, Cpu=cpu)) == "Cpu"


def test_alarm_must_exist_whenever_the_check_does() -> None:
    db = {"Type": "AWS::RDS::DBInstance"}
    data = stack(Db=db, Cpu={**alarm(ON_INSTANCE, "Db"), "Condition": "Watched"})
    data["Conditions"] = {"Watched": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    assert followed(data) is None
    data["Resources"]["Check"] = {**CHILDLESS, "Condition": "Watched"}
    assert followed(data) == "Cpu"


def test_no_cycle_through_the_alarm() -> None:
    cpu = alarm(ON_INSTANCE, "Db", AlarmDescription={"Fn::Sub": "see ${Check}"})
    assert followed(stack(Db={"Type": "AWS::RDS::DBInstance"}, Cpu=cpu)) is None


TWO = {
    "Home": PRIMARY,
    "Away": SECONDARY,
    "HomeNode": instance("Home"),
    "AwayNode": instance("Away"),
    "HomeCpu": alarm(ON_INSTANCE, "HomeNode"),
    "AwayCpu": alarm(ON_INSTANCE, "AwayNode"),
}


@pytest.mark.parametrize(("name", "expected"), [("db-primary", "HomeCpu"), ("db-secondary", "AwayCpu")])
def test_which_database_by_the_check_s_name(name: str, expected: str) -> None:
    childless = check({"Type": "CALCULATED"}, name)
    assert followed(stack(**TWO, Check=childless)) == expected
    renamed: dict[str, Any] = {
        "Resources": {**TWO, f"{name.title().replace('-', '')}Check": check({"Type": "CALCULATED"})}
    }
    assert expected in json.dumps([dict(patch.files) for patch in patches(TRANSFORM, renamed)])


def test_alarms_that_may_be_named_are_alarms_that_can_be_followed() -> None:
    elsewhere = {"Namespace": "AWS/SQS"}
    more = {
        "Fast": alarm("QueueName", "Q", Period=10, **elsewhere),
        "Sometimes": {**alarm("QueueName", "Q", **elsewhere), "Condition": "C"},
    }
    data = stack(**more, Db={"Type": "AWS::RDS::DBInstance", "Condition": "C"})
    data["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
    patch = only_patch(TRANSFORM, data)
    assert patch.wants == ("calculated-health-check.fqdn=health.example.com",)
    assert patch.reason.startswith("the template has no database")
    data["Resources"]["Age"] = alarm("QueueName", "Q", **elsewhere)
    assert only_patch(TRANSFORM, data).wants == ("calculated-health-check.alarm=Age",)
    assert _config(repaired(TRANSFORM, data, {"fqdn": "health.example.com"}))["Type"] == "HTTPS"


@pytest.mark.parametrize(
    ("resources", "name", "want"),
    [
        (TWO, "", "calculated-health-check.alarm=HomeCpu"),
        (TWO, "primary-and-secondary", "calculated-health-check.alarm=HomeCpu"),
        ({**TWO, "Away": PRIMARY}, "primary", "calculated-health-check.alarm=HomeCpu"),
        ({"QueueAge": alarm("QueueName", "Q", Namespace="AWS/SQS")}, "", "calculated-health-check.alarm=QueueAge"),
        # a check for a secondary does not follow the primary, whoever is there
        (BY_NAME, "secondary", "calculated-health-check.fqdn=health.example.com"),
        ({}, "", "calculated-health-check.fqdn=health.example.com"),
        (BY_NAME, "", "calculated-health-check.fqdn=health.example.com"),
    ],
)
def test_without_evidence_a_value_is_asked_for(resources: dict[str, Any], name: str, want: str) -> None:
    patch = only_patch(TRANSFORM, stack(**resources, Check=check({"Type": "CALCULATED"}, name)))
    assert patch.tier is Tier.NEEDS_VALUE
    assert patch.wants == (want,)


def test_no_evidence_of_the_role() -> None:
    """One template for both Regions: a condition decides."""
    properties = {"MasterUsername": if_("x", NO_VALUE), "GlobalClusterIdentifier": "g"}
    both = {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": properties}, "Node": instance()}
    data = stack(**both, Cpu=alarm(ON_INSTANCE, "Node"))
    want = ("calculated-health-check.insufficient_data=Unhealthy",)
    assert only_patch(TRANSFORM, data).wants == want
    assert followed(data, insufficient_data="Healthy") == "Cpu"
    for name in ("primary", "secondary"):
        assert (
            only_patch(TRANSFORM, {"Resources": {**data["Resources"], "Check": check(CALCULATED, name)}}).wants == want
        )
    both["Cluster"] = {"Type": "AWS::RDS::DBCluster", "Properties": {"GlobalClusterIdentifier": if_("g", NO_VALUE)}}
    assert only_patch(TRANSFORM, stack(**both, Cpu=alarm(ON_INSTANCE, "Node"))).wants == want
    named = stack(Queue=alarm("QueueName", "Q", Namespace="AWS/SQS"))
    assert only_patch(TRANSFORM, named, {"alarm": "Queue"}).wants == want


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({"MasterUsername": "x"}, "Unhealthy"),
        ({"ManageMasterUserPassword": True, "GlobalClusterIdentifier": "g"}, "Unhealthy"),
        *[
            ({name: "x", "GlobalClusterIdentifier": "g"}, "Unhealthy")
            for name in (
                "MasterUsername",
                "MasterUserPassword",
                "SnapshotIdentifier",
                "SourceDBClusterIdentifier",
                "SourceDbClusterResourceId",
            )
        ],
        ({"MasterUsername": if_("x", NO_VALUE), "SnapshotIdentifier": if_(NO_VALUE, "s")}, "Unhealthy"),
        ({"MasterUsername": if_("x", "y"), "GlobalClusterIdentifier": "g"}, "Unhealthy"),
        ({"GlobalClusterIdentifier": "g"}, "Healthy"),
        ({"GlobalClusterIdentifier": "g", "MasterUsername": NO_VALUE}, "Healthy"),
        ({"ReplicationSourceIdentifier": "arn"}, "Healthy"),
    ],
)
def test_status_without_data_by_role(properties: dict[str, Any], status: str) -> None:
    cluster = {"Type": "AWS::RDS::DBCluster", "Properties": properties}
    data = stack(Cluster=cluster, Node=instance(), Cpu=alarm(ON_INSTANCE, "Node"))
    assert _config(repaired(TRANSFORM, data))["InsufficientDataHealthStatus"] == status
    set_ = {"insufficient_data": "LastKnownStatus"}
    assert _config(repaired(TRANSFORM, data, set_))["InsufficientDataHealthStatus"] == "LastKnownStatus"


def test_a_read_replica_is_a_secondary() -> None:
    replica = {"Type": "AWS::RDS::DBInstance", "Properties": {"SourceDBInstanceIdentifier": "arn"}}
    after = _config(repaired(TRANSFORM, stack(Replica=replica, Cpu=alarm(ON_INSTANCE, "Replica"))))
    assert after["InsufficientDataHealthStatus"] == "Healthy"


def test_a_named_alarm_is_followed() -> None:
    free: dict[str, Json] = {"Period": {"Ref": "P"}, "Statistic": {"Ref": "S"}, "DatapointsToAlarm": {"Ref": "D"}}
    lag = alarm(ON_CLUSTER, "Cluster", "AuroraGlobalDBReplicationLag", **free)
    data = stack(Cluster=SECONDARY, Node=instance(), Cpu=alarm(ON_INSTANCE, "Node"), Lag=lag)
    assert followed(data, alarm="Lag") == "Lag"
    assert followed(data, alarm="Elsewhere, Lag") == "Lag"
    assert any("just when this side is needed" in note for note in only_patch(TRANSFORM, data, {"alarm": "Lag"}).notes)
    assert not any("just when" in note for note in only_patch(TRANSFORM, data, {"alarm": "Cpu"}).notes)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Nowhere", "no alarm named Nowhere"),
        ("Node", "no alarm named Node"),
        ("Fast", "high resolution"),
        ("Math", "metric math"),
        ("Sometimes", "does not exist whenever"),
        ("Circle", "depends on the health check"),
    ],
)
def test_a_named_alarm_that_will_not_do(name: str, why: str) -> None:
    more = {
        "Fast": alarm(ON_INSTANCE, "Node", Period=10),
        "Math": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Id": "m"}]}},
        "Sometimes": {**alarm(ON_INSTANCE, "Node"), "Condition": "C"},
        "Circle": {**alarm(ON_INSTANCE, "Node"), "DependsOn": "Check"},
    }
    data = stack(Cluster=PRIMARY, Node=instance(), **more)
    data["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
    patch = only_patch(TRANSFORM, data, {"alarm": name, "fqdn": "health.example.com"})
    assert not patch.files
    assert why in patch.reason


def test_an_endpoint_only_if_wanted_or_needed() -> None:
    usable = stack(Db={"Type": "AWS::RDS::DBInstance"}, Cpu=alarm(ON_INSTANCE, "Db"))
    endpoint = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "health.example.com",
        "Port": 443,
        "ResourcePath": "/health",
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }
    fqdn = {"fqdn": "health.example.com"}
    assert _config(repaired(TRANSFORM, usable, fqdn))["Type"] == "CLOUDWATCH_METRIC"
    assert _config(repaired(TRANSFORM, usable, {**fqdn, "strategy": "endpoint"})) == endpoint
    assert _config(repaired(TRANSFORM, stack(), fqdn)) == endpoint
    assert only_patch(TRANSFORM, usable, {"strategy": "endpoint"}).wants[0].startswith("calculated-health-check.fqdn=")
    assert not only_patch(TRANSFORM, stack(), {**fqdn, "strategy": "alarm"}).files


@pytest.mark.parametrize(
    "fqdn",
    [
        "orders.cluster-c1.us-east-1.rds.amazonaws.com",
        "orders.c1.rds.cn-north-1.amazonaws.com.cn",
        "docs.cluster-c1.us-east-1.docdb.amazonaws.com",
        "https://health.example.com",
        "health.example.com/health",
        "localhost",
        "10.0.0.1",
    ],
)
def test_names_that_answer_no_https(fqdn: str) -> None:
    with pytest.raises(BadConfig, match=r"^--set calculated-health-check\.fqdn="):
        only_patch(TRANSFORM, stack(), {"fqdn": fqdn})


def notes(options: dict[str, str], require: dict[str, str], **more: Any) -> str:
    data = stack(Db={"Type": "AWS::RDS::DBInstance"}, Cpu=alarm(ON_INSTANCE, "Db", **more))
    return " ".join(only_patch(TRANSFORM, data, options, require).notes)


def test_note_on_an_alarm_that_is_too_slow() -> None:
    late = "reacts after 600 seconds (2 periods of 300), later than the 300 seconds"
    slow: dict[str, Any] = {"Period": 300, "EvaluationPeriods": 2}
    assert late in notes({"rto": "300"}, {}, **slow)
    assert late in notes({}, {"rto": "300"}, **slow)
    assert "later than" not in notes({"rto": "600"}, {"rto": "300"}, **slow)
    assert "later than" not in notes({}, {}, **slow)
    assert "later than" not in notes({"rto": "1"}, {}, EvaluationPeriods={"Ref": "Free"})
    for value in ("soon", "0", "-5"):
        with pytest.raises(BadConfig):
            notes({"rto": value}, {})


def test_note_on_whoever_holds_the_old_id() -> None:
    group: dict[str, Any] = {
        "Type": "AWS::Route53::RecordSetGroup",
        "Properties": {
            "RecordSets": [
                {"HealthCheckId": {"Ref": "Id"}, "Failover": "PRIMARY"},
                {"HealthCheckId": {"Ref": "Away"}, "Failover": "SECONDARY"},
                {"HealthCheckId": {"Ref": "Away"}, "Failover": {"Ref": "Id"}},
            ]
        },
    }
    record: dict[str, Any] = {"Type": "AWS::Route53::RecordSet", "Properties": {"HealthCheckId": {"Ref": "Own"}}}
    parameters: dict[str, Any] = {"Id": {"Type": "String"}, "Away": {"Type": "String"}}
    dns = template_of({"Parameters": parameters, "Resources": {"G": group, "R": record}}, "dns.json")
    data = stack(Db={"Type": "AWS::RDS::DBInstance"}, Cpu=alarm(ON_INSTANCE, "Db"))
    data["Outputs"] = {
        "Id": {"Value": {"Ref": "Check"}, "Export": {"Name": "id"}},
        "Plain": {"Value": {"Ref": "Check"}},
    }
    told = only_patch(TRANSFORM, data, others=(dns,)).notes
    assert "G in dns.json takes a health check id from parameter Id: pass the new id." in told
    assert not any("R in dns.json" in note for note in told)
    assert sum("parameter Away" in note for note in told) == 1
    assert "Output Id exports the id: the update fails while another stack imports it." in told
    assert not any("Plain" in note for note in told)


def test_odd_templates_do_not_break_it() -> None:
    odd: list[Any] = [
        {"Resources": {"Check": {"Type": "AWS::Route53::HealthCheck"}}},
        {"Resources": {"Check": check({"Type": "CALCULATED"})}, "Outputs": {"Ref": "Check"}},
        {"Resources": {"Check": CHILDLESS, "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": 1}}}},
        {"Resources": {"Check": CHILDLESS, "A": {"Type": "AWS::RDS::DBInstance", "Properties": None}}},
    ]
    for data in odd:
        assert all(isinstance(patch, Patch) for patch in patches(TRANSFORM, data))
