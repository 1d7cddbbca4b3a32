"""missing-dashboard: which template gets it, what is on it, what is left out."""

import json
from typing import Any

import pytest
from driver import context_of, only_patch, template_of

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.selection import chosen
from fixer.model import Json, Patch, Tier
from fixer.settings import Declared, Settings
from fixer.transforms.cloudwatch.missing_dashboard import TRANSFORM

CLUSTER, INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"
GLOBAL: Json = {"Ref": "Global"}
NO_DASHBOARD = "/Resources/Db"


def resource(kind: str, condition: str = "", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, **({"Condition": condition} if condition else {}), "Properties": properties}


def instance(condition: Any = "", **properties: Any) -> dict[str, Any]:
    return resource(INSTANCE, condition, **{"Engine": "mysql", **properties})


def member(condition: str = "", **properties: Any) -> dict[str, Any]:
    return instance(condition, DBClusterIdentifier={"Ref": "Db"}, **properties)


def replica(condition: str = "", **properties: Any) -> dict[str, Any]:
    return resource(CLUSTER, condition, Engine="aurora-mysql", GlobalClusterIdentifier="ledger", **properties)


def stack(description: str = "", parameters: Any = None, **resources: Any) -> dict[str, Any]:
    return {"Description": description, "Parameters": parameters or {}, "Resources": resources}


def other(path: str = "west.json", description: str = "eu-west-1", **resources: Any) -> Template:
    return template_of(stack(description, **resources), path)


def places(data: Json, *others: Template) -> list[str]:
    template = template_of(data)
    return [each.pointer for each in TRANSFORM.detect(template, context_of(TRANSFORM, template, others=others))]


def made(data: Json, *others: Template) -> Patch:
    return only_patch(TRANSFORM, data, others=others)


def widgets(data: Json, *others: Template) -> dict[str, Any]:
    """Title → the metrics of a graph, or the alarms, of the new dashboard, whose body is JSON."""
    [op] = made(data, *others).files["stack.json"]
    body: Any = op["value"]
    shown = json.loads(body["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
    return {
        each["properties"]["title"]: each["properties"].get("metrics", each["properties"].get("alarms"))
        for each in shown
    }


CPU, LAG, ALARMS = "CPU utilization (%)", "Replication lag (ms)", "Alarms"
DASHBOARD = resource("AWS::CloudWatch::Dashboard", DashboardBody="{}")


@pytest.mark.parametrize(
    ("data", "others", "is_found"),
    [
        (stack(Db=instance()), (), True),
        (stack(Db=resource(CLUSTER), One=member()), (), True),
        (stack(Db=instance(), Board=DASHBOARD), (), False),
        (stack(Db=instance()), (other(Board=DASHBOARD),), False),
        (stack(Db=resource("AWS::DynamoDB::Table")), (), False),
        (stack(), (other(Db=instance()),), False),
        (stack(Db=instance()), (other("anwest.json", Db=instance()),), False),
        (stack(Db=instance()), (other("zone.json", Db=instance()),), True),
        (stack(Db=instance()), (other("anwest.json", Db=resource("AWS::SNS::Topic")),), True),
    ],
)
def test_which_template_is_to_get_it(data: dict[str, Any], others: tuple[Template, ...], is_found: bool) -> None:
    assert places(data, *others) == ([NO_DASHBOARD] if is_found else [])


def test_a_primary_gets_it_before_those_that_come_first_by_name() -> None:
    writable = resource(CLUSTER, MasterUsername="app", GlobalClusterIdentifier="ledger")
    primary = stack("us-east-1", Db=writable, One=member())
    secondary = other("a.json", Db=replica())
    assert places(primary, secondary)
    assert not places(stack("eu-west-1", Db=replica()), other("z.json", "us-east-1", Db=writable))


def test_what_the_finding_says() -> None:
    template = template_of(stack(Db=instance(), More=instance()))
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template))
    assert finding.message == "the project has no dashboard that shows the health of Db"


def test_the_transform_runs_only_where_it_is_asked_for() -> None:
    assert TRANSFORM not in chosen(Settings())
    for name in ("dashboard", TRANSFORM.id):
        assert TRANSFORM in chosen(Settings(require={name: ""}))


@pytest.mark.parametrize(
    "data",
    [
        stack(Db=instance("C")),
        stack(Db=resource(CLUSTER, "C"), One=member("C")),
        stack(Db=replica("C"), One=member("C")),
    ],
)
def test_databases_that_exist_only_sometimes_get_no_patch(data: dict[str, Any]) -> None:
    patch = made({**data, "Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}})
    assert not patch.files
    assert patch.reason == "every database of the template exists only under a condition"


def here(metric: str, dimension: str, value: str, region: str = "") -> list[Any]:
    entry: list[Any] = ["AWS/RDS", metric, dimension, value]
    return [*entry, {"region": region}] if region else entry


def cpu(value: str, region: str = "") -> list[Any]:
    return here("CPUUtilization", "DBInstanceIdentifier", value, region)


def lag(value: str, region: str = "") -> list[Any]:
    return here("AuroraGlobalDBReplicationLag", "DBClusterIdentifier", value, region)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (stack(Db=instance()), {CPU: [cpu("${Db}")]}),
        (stack(Db=instance(), More=instance("C")), {CPU: [cpu("${Db}")]}),
        (stack(Db=resource(CLUSTER), One=member(), Two=member("C")), {CPU: [cpu("${One}")]}),
        (stack(Db=replica(), One=member()), {CPU: [cpu("${One}")], LAG: [lag("${Db}")]}),
        (stack(Db=replica("C"), One=member()), {CPU: [cpu("${One}")]}),
        (stack(Db=replica()), {LAG: [lag("${Db}")]}),
        (stack(Db=instance(SourceDBInstanceIdentifier="x")), {CPU: [cpu("${Db}")]}),
        (stack(Db=instance(), Late=resource("AWS::CloudWatch::Alarm")), {CPU: [cpu("${Db}")], ALARMS: ["${Late.Arn}"]}),
        (stack(Db=instance(), Late=resource("AWS::CloudWatch::Alarm", "C")), {CPU: [cpu("${Db}")]}),
    ],
)
def test_what_is_on_it(data: dict[str, Any], expected: dict[str, Any]) -> None:
    shown = widgets(data)
    assert {title: shown.get(title) for title in (CPU, LAG, ALARMS) if title in shown} == expected
    assert {"Connections", "Freeable memory (bytes)"} <= set(shown) or CPU not in expected


IDENTIFIER = "DBInstanceIdentifier"


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("West-One", "west-one"),
        ({"Fn::Sub": "West-${Stage}"}, "west-${Stage}"),
        ({"Ref": "Stage"}, "${Stage}"),
        ({"Fn::Sub": "West-${AWS::Region}"}, "west-eu-west-1"),
        ({"Fn::Sub": "West-${Tenant}"}, None),
        ({"Ref": "Tenant"}, None),
        ({"Fn::Join": ["-", ["west", {"Ref": "Stage"}]]}, None),
        (None, None),
    ],
)
def test_how_databases_of_other_templates_are_named(identifier: Json, shown: str | None) -> None:
    own: dict[str, Any] = {IDENTIFIER: identifier} if identifier else {}
    data = stack(parameters={"Stage": {"Type": "String"}}, Db=instance())
    there = other(West=instance(**own))
    assert widgets(data, there)[CPU][1:] == ([cpu(shown, "eu-west-1")] if shown else [])
    first = made(data, there).notes[0]
    assert (
        first == "The dashboard does not show West in west.json (this template cannot express its identifier)."
    ) == (not shown)


def test_a_region_that_is_not_known_leaves_its_databases_out() -> None:
    patch = made(stack(Db=instance()), other(description="", West=instance(DBInstanceIdentifier="west")))
    assert patch.notes[0] == "The dashboard does not show West in west.json (its Region is not known)."
    assert "west" not in str(patch.files)


def test_the_region_may_come_from_the_configuration() -> None:
    template, there = template_of(stack(Db=instance())), other(description="", West=instance(DBInstanceIdentifier="w"))
    project = Project.of([template, there], {"west.json": Declared(region="ap-south-1")})
    context = Context(TRANSFORM.id, project)
    [finding] = TRANSFORM.detect(template, context)
    assert "ap-south-1" in str(TRANSFORM.patch(template, finding, context).files)


def test_a_secondary_of_another_template_is_shown_by_its_lag() -> None:
    west = replica(DBClusterIdentifier="West")
    reader = instance(DBClusterIdentifier={"Ref": "West"}, DBInstanceIdentifier="Reader")
    shown = widgets(stack("us-east-1", Db=instance()), other(West=west, Reader=reader))
    assert shown[CPU][1:] == [cpu("reader", "eu-west-1")]
    assert shown[LAG] == [lag("west", "eu-west-1")]


def test_a_primary_of_another_template_has_no_lag() -> None:
    there = other(description="us-east-1", West=resource(CLUSTER, MasterUsername="a", DBClusterIdentifier="West"))
    assert LAG not in widgets(stack("us-east-1", Db=instance()), there)


def test_a_replica_that_is_an_instance_has_no_lag_of_a_cluster() -> None:
    there = other(West=instance(SourceDBInstanceIdentifier="east", DBInstanceIdentifier="West"))
    shown = widgets(stack("us-east-1", Db=instance()), there)
    assert LAG not in shown
    assert shown[CPU][1:] == [cpu("west", "eu-west-1")]


def test_widgets_do_not_cover_each_other() -> None:
    data = stack(Db=replica(), One=member(), Late=resource("AWS::CloudWatch::Alarm"))
    [op] = made(data).files["stack.json"]
    body: Any = op["value"]
    shown = json.loads(body["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
    places_ = [(each["x"], each["y"], each["width"], each["height"]) for each in shown]
    assert places_ == [(0, 0, 8, 6), (8, 0, 8, 6), (16, 0, 8, 6), (0, 6, 24, 6), (0, 12, 24, 3)]


def test_the_name_and_the_logical_id_are_not_taken() -> None:
    [op] = made(stack(Db=instance(), DatabaseDashboard=resource("AWS::SNS::Topic"))).files["stack.json"]
    body: Any = op["value"]
    assert op["path"] == "/Resources/DatabaseHealthDashboard"
    assert body["Properties"]["DashboardName"] == {"Fn::Sub": "${AWS::StackName}-dashboard"}


def test_tier_and_note() -> None:
    patch = made(stack(Db=instance()))
    assert patch.tier is Tier.REVIEW
    assert patch.notes == ("Dashboards are global to the account, and each dashboard after the third is charged.",)


def test_a_cluster_that_makes_its_instances_itself() -> None:
    """A Multi-AZ DB cluster, or Aurora Serverless v1, has no instances in the template."""
    patch = made(stack(Db=resource(CLUSTER, Engine="mysql", DBClusterInstanceClass="db.m6gd.large")))
    assert patch.files or "under a condition" not in patch.reason


def test_databases_of_other_templates_that_exist_only_sometimes_are_left_out() -> None:
    there = other(West=instance("C", DBInstanceIdentifier="west"))
    assert widgets(stack("us-east-1", Db=instance()), there)[CPU] == [cpu("${Db}")]
