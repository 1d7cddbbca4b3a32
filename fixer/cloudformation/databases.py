"""Databases in a template: clusters, their instances, their roles, and the alarms that watch them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fixer.cloudformation.intrinsics import (
    branches,
    given,
    literal_text,
    mapping,
    ref_target,
    sequence,
    target_of,
    words,
)
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

CLUSTER = "AWS::RDS::DBCluster"
INSTANCE = "AWS::RDS::DBInstance"
ALARM = "AWS::CloudWatch::Alarm"

INTERVAL = "MonitoringInterval"
"""The property with the seconds between the metrics of Enhanced Monitoring; 0 turns it off."""

STATEMENT = "EnhancedMonitoring"
"""The Metadata entry of a database that states what monitoring was required: {"Requirement", "MonitoringInterval"}."""

IDENTIFIERS = {CLUSTER: "DBClusterIdentifier", INSTANCE: "DBInstanceIdentifier"}
"""The property with a database's identifier; the CloudWatch dimension of the same name has its value.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/dimensions.html
"""

DOCDB_CLUSTER = "AWS::DocDB::DBCluster"
_GLOBAL_ID = "GlobalClusterIdentifier"
_CREDENTIALS = ("MasterUsername", "MasterUserPassword", "ManageMasterUserPassword")
_RESTORES = {
    CLUSTER: ("SnapshotIdentifier", "SourceDBClusterIdentifier", "SourceDbClusterResourceId"),
    INSTANCE: (
        "DBSnapshotIdentifier",
        "DBClusterSnapshotIdentifier",
        "SourceDbiResourceId",
        "SourceDBInstanceAutomatedBackupsArn",
        "RestoreTime",
        "UseLatestRestorableTime",
    ),
    DOCDB_CLUSTER: ("SnapshotIdentifier", "SourceDBClusterIdentifier"),
    "AWS::Redshift::Cluster": ("SnapshotIdentifier", "SnapshotClusterIdentifier"),
}
"""Properties that create a database from the data of another one, or of its backup, with the same master user."""

_REPLICATES = {
    CLUSTER: ("ReplicationSourceIdentifier", "SourceRegion"),
    INSTANCE: ("SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"),
    DOCDB_CLUSTER: (),
}
"""Properties of a replica, which has the data and the master user of its source whatever else the template says.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
"""

_REPLICATION_METRICS = ("replica", "globaldb", "lag")
_READER_WORDS = {"reader", "readers", "replica", "standby", "secondary"}


class Role(StrEnum):
    """The role of a database in replication between regions; EITHER if a condition or a parameter decides it."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    EITHER = "either"


@dataclass(frozen=True)
class Database:
    """A cluster with its instances, or a stand-alone instance, which is then its own only instance.

    `writer` is the instance that is intended to write; None if the template does not show it, and in a secondary, which
    has no writer.
    """

    resource: Resource
    instances: tuple[Resource, ...]
    role: Role
    writer: Resource | None

    def reads_only(self, instance: Resource) -> bool:
        """Whether the instance is intended as a reader: its name says so, or another one is the writer."""
        if self.writer is not None:
            return instance.logical_id != self.writer.logical_id
        return len(self.instances) > 1 and bool(_READER_WORDS & set(_called(instance)))


@dataclass(frozen=True)
class Watch:
    """An alarm on one metric of a database: of one instance, or of the cluster (`instance` is None). A cluster's metric
    may be limited to the instances in one `role`, "WRITER" or "READER" ("" for all).
    """

    alarm: Resource
    metric: str
    instance: Resource | None
    role: str

    @property
    def is_replication(self) -> bool:
        """Whether it watches replication, which fails when the other side fails, not when the watched side fails."""
        return any(part in self.metric.lower() for part in _REPLICATION_METRICS)


def databases(template: Template) -> tuple[Database, ...]:
    """The template's clusters and stand-alone instances, in the order of the text."""
    found = []
    for resource in template.of_type(CLUSTER, INSTANCE):
        if resource.type == CLUSTER:
            instances = tuple(_members(template, resource))
        elif given(resource.properties, "DBClusterIdentifier"):
            continue
        else:
            instances = (resource,)
        role = role_of(template, resource)
        writer = _writer(template, instances) if role is not Role.SECONDARY else None
        found.append(Database(resource, instances, role, writer))
    return tuple(found)


def role_of(template: Template, database: Resource) -> Role:
    """The role of a cluster or stand-alone instance: a secondary replicates from another cluster and has neither master
    credentials nor data of its own. A replica, and a cluster with a SourceRegion, is a secondary even if the template
    gives it credentials. A member of a global database that another stack creates may be its first cluster or not.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
    """
    properties = database.properties
    restores = _RESTORES.get(database.type, ())
    own = [properties[name] for name in (*_CREDENTIALS, *restores) if given(properties, name)]
    is_restored = any(_is_given(properties, name) for name in restores)
    source = [properties[name] for name in _REPLICATES.get(database.type, ()) if _is_given(properties, name)]
    if source and not is_restored:
        return Role.EITHER if all(map(_depends, source)) else Role.SECONDARY
    if not given(properties, _GLOBAL_ID):
        return Role.PRIMARY
    joined = properties[_GLOBAL_ID]
    if any(not _depends(value) for value in own):
        is_outside = not is_restored and _comes_from_outside(template, joined)
        return Role.EITHER if is_outside else Role.PRIMARY
    return Role.EITHER if own or _depends(joined) else Role.SECONDARY


def inherits_from(template: Template, database: Resource) -> str:
    """The source of a database's master user and password if that is not its own properties: what it is restored from,
    what it replicates, or the global database that it joins; "" if its own properties decide.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """
    properties = database.properties
    for names, what in ((_RESTORES, "its backup or source"), (_REPLICATES, "the database that it replicates")):
        if name := next((each for each in names.get(database.type, ()) if _is_given(properties, each)), ""):
            return f"{what} ({name})"
    if database.type == INSTANCE and given(properties, "DBClusterIdentifier"):
        return "its cluster (DBClusterIdentifier)"
    if given(properties, _GLOBAL_ID) and not _is_first(template, database):
        return f"the first cluster of its global database ({_GLOBAL_ID})"
    return ""


def _is_first(template: Template, cluster: Resource) -> bool:
    """Whether the template itself shows that a cluster is the first of its global database: it creates that database
    without another source, and no other cluster.
    """
    owner = template.resources.get(ref_target(cluster.properties[_GLOBAL_ID]) or "")
    if owner is None or given(owner.properties, "SourceDBClusterIdentifier"):
        return False
    others = (each for each in template.of_type(cluster.type) if each.logical_id != cluster.logical_id)
    return all(each.properties.get(_GLOBAL_ID) != cluster.properties[_GLOBAL_ID] for each in others)


def _comes_from_outside(template: Template, identifier: Json) -> bool:
    """Whether another stack, or whoever deploys, gives the identifier of a global database."""
    return not isinstance(identifier, str) and target_of(identifier) not in template.resources


def watches(template: Template, database: Database) -> Iterator[Watch]:
    """The alarms on single metrics of this database, in the order of the text.

    An alarm belongs to it if its only dimension (besides Role) is the identifier of the database or of one of its
    instances.
    """
    for alarm in template.of_type(ALARM):
        metric = alarm.properties.get("MetricName")
        dimensions = _dimensions(alarm)
        role = dimensions.pop("Role", "")
        if alarm.properties.get("Namespace") != "AWS/RDS" or not isinstance(metric, str) or len(dimensions) != 1:
            continue
        (name, value), *_ = dimensions.items()
        for resource in (database.resource, *database.instances):
            if name == IDENTIFIERS[resource.type] and identifies(value, resource):
                instance = resource if resource.type == INSTANCE else None
                yield Watch(alarm, metric, instance, role if isinstance(role, str) else "")
                break


def _members(template: Template, cluster: Resource) -> Iterator[Resource]:
    for instance in template.of_type(INSTANCE):
        if identifies(instance.properties.get("DBClusterIdentifier"), cluster):
            yield instance


def _writer(template: Template, instances: tuple[Resource, ...]) -> Resource | None:
    """The writer, by the first evidence that points to exactly one instance: it is the only one, its name, the order of
    creation.

    The first instance of a cluster becomes its writer:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html
    """
    if len(instances) == 1:
        return instances[0]
    able = [instance for instance in instances if not _READER_WORDS & set(_called(instance))]
    first = [
        instance
        for instance in able
        if all(other is instance or instance.logical_id in template.needs(other.logical_id) for other in instances)
    ]
    named = [[instance for instance in able if word in _called(instance)] for word in ("writer", "primary")]
    return next((evidence[0] for evidence in (*named, able, first) if len(evidence) == 1), None)


def _called(instance: Resource) -> tuple[str, ...]:
    """The words of its names: the logical id and the literal parts of the identifier."""
    return words(instance.logical_id) + words(literal_text(instance.properties.get("DBInstanceIdentifier")))


def identifies(value: Json, database: Resource) -> bool:
    """Whether an expression gives the database's identifier: it names the resource (Ref returns the identifier), or it
    equals the expression of the identifier.
    """
    if value in ({"Ref": database.logical_id}, {"Fn::Sub": f"${{{database.logical_id}}}"}):
        return True
    own = database.properties.get(IDENTIFIERS[database.type])
    if isinstance(value, str) and isinstance(own, str):
        return value.lower() == own.lower()
    return value is not None and value == own


def _dimensions(alarm: Resource) -> dict[str, Json]:
    """Name → value; a dimension that cannot be read has the name ""."""
    found: dict[str, Json] = {}
    for dimension in sequence(alarm.properties.get("Dimensions")):
        name = mapping(dimension).get("Name")
        found[name if isinstance(name, str) else ""] = mapping(dimension).get("Value")
    return found


def _is_given(properties: dict[str, Json], name: str) -> bool:
    """Whether a property has a value; an empty string counts as none, as does a switch that is off."""
    return given(properties, name) and properties[name] not in ("", False, "false")


def _depends(value: Json) -> bool:
    """Whether a condition decides if the property has a value."""
    either = branches(value)
    return either is not None and any(not given({"value": branch}, "value") for branch in either)
