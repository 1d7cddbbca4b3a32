"""The users of a security group: databases, caches and brokers, which listen on known ports, or others. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import as_int, getatt_target, is_true, mapping, target_of
from fixer.cloudformation.project import NESTED, Project
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

_RDS = {3306: "MySQL", 5432: "PostgreSQL", 1433: "SQL Server", 1521: "Oracle", 2484: "Oracle", 50000: "Db2"}
_REDIS = {6379: "Redis", 6380: "Redis"}
_KAFKA = {9092: "Kafka", 9094: "Kafka", 9096: "Kafka", 9098: "Kafka", 2181: "ZooKeeper", 2182: "ZooKeeper"}
_QUEUES = {5671: "AMQP", 8883: "MQTT", 61614: "STOMP", 61617: "OpenWire", 61619: "WebSocket", 8162: "ActiveMQ"}
_SEARCH = {443: "OpenSearch", 9200: "OpenSearch"}

STORES: dict[str, dict[int, str]] = {
    "AWS::RDS::DBCluster": _RDS,
    "AWS::RDS::DBInstance": _RDS,
    "AWS::RDS::DBProxy": _RDS,
    "AWS::DocDB::DBCluster": {27017: "MongoDB"},
    "AWS::DocDBElastic::Cluster": {27017: "MongoDB"},
    "AWS::Neptune::DBCluster": {8182: "Neptune"},
    "AWS::Redshift::Cluster": {5439: "Redshift"},
    "AWS::RedshiftServerless::Workgroup": {5439: "Redshift"},
    "AWS::ElastiCache::CacheCluster": _REDIS | {11211: "Memcached"},
    "AWS::ElastiCache::ReplicationGroup": _REDIS,
    "AWS::ElastiCache::ServerlessCache": _REDIS | {11211: "Memcached"},
    "AWS::MemoryDB::Cluster": _REDIS,
    "AWS::DAX::Cluster": {8111: "DAX", 9111: "DAX"},
    "AWS::OpenSearchService::Domain": _SEARCH,
    "AWS::Elasticsearch::Domain": _SEARCH,
    "AWS::Timestream::InfluxDBInstance": {8086: "InfluxDB"},
    "AWS::MSK::Cluster": _KAFKA,
    "AWS::MSK::ServerlessCluster": _KAFKA,
    "AWS::AmazonMQ::Broker": _QUEUES,
}
"""Resource type → port → the service that listens there by default.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html (Port)
https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html
https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-basic-elements-broker.html
"""

_ENGINES = {"mysql": 3306, "mariadb": 3306, "postgres": 5432, "sqlserver": 1433, "oracle": 1521, "db2": 50000}
"""Part of an engine's name → its default port. The engine `aurora` is MySQL."""

_RULES = ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
_CLIENTS = (
    "AWS::Lambda::Function",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::Glue::Connection",
    "AWS::CodeBuild::Project",
)
"""Types that open connections and accept none."""

_PASSING_ON = ("AWS::SSM::Parameter", "AWS::EC2::SecurityGroupVpcAssociation")
"""Types that do not show what uses the group."""


@dataclass(frozen=True)
class GroupUsers:
    """What uses a group: the ports of the databases, caches and brokers that use it (port → what listens there), those
    of them that are publicly accessible, and whether something else that accepts connections uses it. `known` is false
    if nothing is known to use it.
    """

    ports: dict[int, str]
    public: tuple[str, ...]
    others: bool
    known: bool


def users_of(project: Project, template: Template, group_id: Json) -> GroupUsers:
    """What uses the security group that a value names, in this template, in the nested stacks that get its id, and in
    the templates that import it.
    """
    ports: dict[int, str] = {}
    public: list[str] = []
    others = known = False
    for home, user in _users(project, template, group_id, set()):
        known = True
        if user.type in STORES:
            ports |= ports_of(home, user)
            public += [user.logical_id] if is_true(home.literal(user.properties.get("PubliclyAccessible"))) else []
        elif user.type not in _CLIENTS:
            others = True
    return GroupUsers(ports, tuple(public), others, known)


def ports_of(template: Template, store: Resource) -> dict[int, str]:
    """The ports on which a database, cache or broker listens."""
    known = STORES[store.type]
    if known is _RDS and (name := _engine(template, store)):
        known = {port: each for port, each in known.items() if each == name}
    for prop in ("Port", "DBPort"):
        if (port := as_int(template.literal(store.properties.get(prop)))) is not None:
            names = set(known.values())
            return {port: names.pop() if len(names) == 1 else known.get(port, "the database")}
    return known


def _users(
    project: Project, template: Template, group_id: Json, seen: set[tuple[str, str]]
) -> Iterator[tuple[Template, Resource]]:
    """The resources, with their templates, that take the group in a property."""
    name = target_of(group_id)
    if name is None:
        yield from ((template, each) for each in _with_value(template, group_id) if group_id is not None)
        return
    attribute = getatt_target(group_id)
    output = attribute[1] if attribute and attribute[1].startswith("Outputs.") else ""
    if (key := (template.path, f"{name}.{output}")) in seen:
        return
    seen.add(key)
    for use in template.references_to(name):
        if use.kind == "DependsOn" or (output and use.attribute != output):
            continue
        section, owner = use.owner
        user = template.resources.get(owner)
        if section == "Outputs":
            yield from _of_output(project, template, owner, seen)
        elif user is not None and user.type == NESTED:
            yield from _of_nested(project, template, user, use.pointer, seen)
        elif user is not None and section == "Resources" and _counts(user):
            yield template, user


def _counts(user: Resource) -> bool:
    return user.type not in (*_RULES, *_PASSING_ON) and not user.type.startswith("Custom::")


def _with_value(template: Template, group_id: Json) -> Iterator[Resource]:
    """The resources that take a value such as a Fn::ImportValue, or sg-..., which names no entry of the template."""
    for resource in template.resources.values():
        if _counts(resource) and any(value == group_id for _, value in pointer.walk(resource.properties)):
            yield resource


def _of_output(
    project: Project, template: Template, output: str, seen: set[tuple[str, str]]
) -> Iterator[tuple[Template, Resource]]:
    """The users in other templates: those that import the output's export, and those of a parent stack."""
    export = mapping(mapping(template.section("Outputs").get(output)).get("Export")).get("Name")
    for other, imported in project.imports_of(template, export):
        yield from ((other, each) for each in _with_value(other, imported))
    for parent, stack in project.parents(template):
        value: Json = {"Fn::GetAtt": [stack.logical_id, f"Outputs.{output}"]}
        yield from _users(project, parent, value, seen)


def _of_nested(
    project: Project, template: Template, stack: Resource, place: str, seen: set[tuple[str, str]]
) -> Iterator[tuple[Template, Resource]]:
    """The users in the nested template that takes the group as a parameter."""
    below = pointer.split(place)[2:]
    child = project.nested(template, stack)
    if child is not None and below[:2] == ("Properties", "Parameters") and len(below) > 2:
        yield from _users(project, child, {"Ref": below[2]}, seen)


def _engine(template: Template, store: Resource) -> str:
    """What an RDS database listens for, by its engine; "" if that is not known."""
    engine = str(template.literal(store.properties.get("Engine"))).lower()
    port = next((port for part, port in _ENGINES.items() if part in engine), 0)
    return _RDS.get(port or (3306 if engine == "aurora" else 0), "")


def resources_with(project: Project, template: Template, group_id: Json) -> tuple[Resource, ...]:
    """The resources, in all templates of the project, that take the group in a property, without its rules."""
    return tuple(user for _, user in _users(project, template, group_id, set()))
