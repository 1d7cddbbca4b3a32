"""Databases: their role in a global database, and where their master user comes from."""

from typing import Any

import pytest
from driver import template_of

from fixer.cloudformation.databases import Role, databases, inherits_from
from fixer.cloudformation.roles import role_of
from fixer.model import Json

CLUSTER, INSTANCE, GLOBAL = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"
USER: dict[str, Json] = {"MasterUsername": "app"}
OUTSIDE: dict[str, Json] = {"GlobalClusterIdentifier": {"Ref": "World"}}
INSIDE: dict[str, Json] = {"GlobalClusterIdentifier": {"Ref": "Global"}}
REGION: dict[str, Json] = {"SourceRegion": "us-east-1"}
MAYBE: Json = {"Fn::If": ["Far", "us-east-1", {"Ref": "AWS::NoValue"}]}


def data(kind: str, properties: dict[str, Json], **others: Any) -> Json:
    resources = {"Db": {"Type": kind, "Properties": properties}, "Global": {"Type": GLOBAL}, **others}
    return {"Parameters": {"World": {"Type": "String"}}, "Resources": resources}


@pytest.mark.parametrize(
    ("kind", "properties", "role"),
    [
        (CLUSTER, USER, Role.PRIMARY),
        (CLUSTER, INSIDE | USER, Role.PRIMARY),
        (CLUSTER, {"GlobalClusterIdentifier": "world"} | USER, Role.PRIMARY),
        (CLUSTER, OUTSIDE | USER, Role.EITHER),
        (CLUSTER, {"GlobalClusterIdentifier": {"Fn::ImportValue": "world"}} | USER, Role.EITHER),
        (CLUSTER, OUTSIDE, Role.SECONDARY),
        (CLUSTER, OUTSIDE | USER | REGION, Role.SECONDARY),
        (CLUSTER, INSIDE | USER | REGION, Role.SECONDARY),
        (CLUSTER, OUTSIDE | USER | {"SourceRegion": MAYBE}, Role.EITHER),
        (CLUSTER, OUTSIDE | {"SnapshotIdentifier": "s"}, Role.PRIMARY),
        (CLUSTER, {"SourceDBClusterIdentifier": "c"}, Role.PRIMARY),
        (CLUSTER, {"ReplicationSourceIdentifier": "arn:aws:rds:us-east-1:1:cluster:c"} | USER, Role.SECONDARY),
        (INSTANCE, USER, Role.PRIMARY),
        (INSTANCE, {"SourceDBInstanceIdentifier": "i"}, Role.SECONDARY),
        (INSTANCE, {"SourceDBInstanceIdentifier": "i"} | USER, Role.SECONDARY),
        (INSTANCE, {"SourceDBClusterIdentifier": "c"}, Role.SECONDARY),
        (INSTANCE, {"SourceDBInstanceIdentifier": "i", "UseLatestRestorableTime": True}, Role.PRIMARY),
        (INSTANCE, {"SourceDBInstanceIdentifier": "i", "UseLatestRestorableTime": False}, Role.SECONDARY),
        (INSTANCE, {"SourceDBInstanceIdentifier": ""} | USER, Role.PRIMARY),
    ],
)
def test_roles(kind: str, properties: dict[str, Json], role: Role) -> None:
    [database] = databases(template_of(data(kind, properties)))
    assert database.role is role


@pytest.mark.parametrize(
    ("kind", "properties", "source"),
    [
        (CLUSTER, USER, ""),
        (CLUSTER, INSIDE | USER, ""),
        (CLUSTER, OUTSIDE | USER, "the first cluster of its global database"),
        (CLUSTER, {"GlobalClusterIdentifier": "world"} | USER, "the first cluster of its global database"),
        (CLUSTER, INSIDE | REGION | USER, "the database that it replicates (SourceRegion)"),
        (CLUSTER, {"SnapshotIdentifier": {"Ref": "World"}} | USER, "its backup or source (SnapshotIdentifier)"),
        (CLUSTER, {"SnapshotIdentifier": MAYBE} | USER, "its backup or source (SnapshotIdentifier)"),
        (CLUSTER, {"SnapshotIdentifier": ""} | USER, ""),
        (CLUSTER, {"SnapshotIdentifier": {"Ref": "AWS::NoValue"}} | USER, ""),
        (CLUSTER, {"SourceDbClusterResourceId": "c"} | USER, "its backup or source (SourceDbClusterResourceId)"),
        (CLUSTER, {"ReplicationSourceIdentifier": "c"}, "the database that it replicates"),
        (INSTANCE, USER, ""),
        (INSTANCE, {"DBSnapshotIdentifier": "s"}, "its backup or source (DBSnapshotIdentifier)"),
        (INSTANCE, {"DBClusterSnapshotIdentifier": "s"}, "its backup or source (DBClusterSnapshotIdentifier)"),
        (INSTANCE, {"SourceDBInstanceIdentifier": "i"}, "the database that it replicates (SourceDBInstanceIdentifier)"),
        (INSTANCE, {"DBClusterIdentifier": "c"}, "its cluster (DBClusterIdentifier)"),
        ("AWS::DocDB::DBCluster", {"SnapshotIdentifier": "s"}, "its backup or source (SnapshotIdentifier)"),
        ("AWS::DocDB::DBCluster", {"GlobalClusterIdentifier": "g"}, "the first cluster of its global database"),
        ("AWS::Redshift::Cluster", {"SnapshotIdentifier": "s"}, "its backup or source (SnapshotIdentifier)"),
    ],
)
def test_where_the_master_user_comes_from(kind: str, properties: dict[str, Json], source: str) -> None:
    template = template_of(data(kind, properties))
    found = inherits_from(template, template.resources["Db"])
    assert found.startswith(source)
    assert bool(found) == bool(source)


def test_a_global_cluster_that_begins_with_another_cluster() -> None:
    source: Any = {"Type": GLOBAL, "Properties": {"SourceDBClusterIdentifier": "another"}}
    template = template_of(data(CLUSTER, INSIDE | USER, Global=source))
    assert inherits_from(template, template.resources["Db"])


def test_two_clusters_of_one_global_cluster() -> None:
    template = template_of(data(CLUSTER, INSIDE | USER, Other={"Type": CLUSTER, "Properties": INSIDE | USER}))
    assert all(inherits_from(template, template.resources[name]) for name in ("Db", "Other"))


@pytest.mark.parametrize(
    ("kind", "properties", "role"),
    [
        (CLUSTER, OUTSIDE, "secondary"),
        (CLUSTER, REGION | USER, "secondary"),
        (CLUSTER, {"ReplicationSourceIdentifier": "arn:aws:rds:us-east-1:1:cluster:c"}, "secondary"),
        (
            INSTANCE,
            {"SourceDBInstanceIdentifier": {"Fn::Sub": "arn:aws:rds:us-east-1:${AWS::AccountId}:db:x"}},
            "secondary",
        ),
        (INSTANCE, {"SourceDBInstanceIdentifier": "same-region"}, None),
        (INSTANCE, {"SourceDBInstanceIdentifier": {"Ref": "World"}}, None),
        (CLUSTER, {"ReplicationSourceIdentifier": "same-region"}, None),
        (CLUSTER, INSIDE | USER, "primary"),
        (CLUSTER, OUTSIDE | USER, None),
    ],
)
def test_the_role_of_a_template(kind: str, properties: dict[str, Json], role: str | None) -> None:
    found = role_of(template_of(data(kind, properties)))
    assert (found.value if found else None) == role
