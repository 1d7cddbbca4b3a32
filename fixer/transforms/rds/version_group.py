"""The resources that must have the same engine version: a global cluster and its clusters, a cluster and its instances,
a database and its replicas. Pure.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-upgrade.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.databases import CLUSTER, INSTANCE, identifies
from fixer.cloudformation.intrinsics import given, ref_target
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

GLOBAL_CLUSTER = "AWS::RDS::GlobalCluster"
_GLOBAL_ID = "GlobalClusterIdentifier"
_SOURCES = {CLUSTER: ("ReplicationSourceIdentifier",), INSTANCE: ("SourceDBInstanceIdentifier", "DBClusterIdentifier")}
"""Properties that name the database whose version a database has."""


class Unclear(Exception):
    """The group, or a version in it, is not certain; the message says why."""


@dataclass(frozen=True)
class Member:
    """A resource of a group, and the template that declares it."""

    template: Template
    resource: Resource

    @property
    def version(self) -> Json:
        """Its EngineVersion as the template gives it; None if it has none."""
        properties = self.resource.properties
        return properties.get("EngineVersion") if given(properties, "EngineVersion") else None

    @property
    def place(self) -> str:
        """The pointer of the text of its version: the property, or the Default of a parameter.

        Raises Unclear for a version that is not written in the template, or that others use too.
        """
        version = self.version
        if isinstance(version, str | int | float):
            return self.resource.at("EngineVersion")
        name = self.resource.logical_id
        parameter = ref_target(version)
        declared = self.template.parameter(parameter or "") or {}
        if parameter is None or "Default" not in declared:
            raise Unclear(f"the version of {name} is not literal in {self.template.path}")
        if "AllowedValues" in declared:
            raise Unclear(f"the parameter {parameter} has AllowedValues: it is not known which versions it must allow")
        for use in self.template.references_to(parameter):
            if use.owner[0] == "Resources" and not use.pointer.endswith("/Properties/EngineVersion"):
                raise Unclear(f"the parameter {parameter} is also used in {'/'.join(pointer.split(use.pointer)[:2])}")
        return pointer.join("Parameters", parameter, "Default")

    @property
    def named(self) -> tuple[str, str]:
        return self.template.path, self.resource.logical_id


def group_of(project: Project, template: Template, resource: Resource) -> tuple[Member, ...]:
    """The members of a resource's group, in the order of the project. Raises Unclear if one of them is not known."""
    found: dict[tuple[str, str], Member] = {}
    waiting = [Member(template, resource)]
    while waiting:
        member = waiting.pop()
        if member.named not in found:
            found[member.named] = member
            waiting += [*_above(project, member), *_below(project, member)]
    order = [(path, name) for path, each in project.templates.items() for name in each.resources]
    return tuple(found[name] for name in order if name in found)


def _above(project: Project, member: Member) -> Iterator[Member]:
    """What the resource takes its version from: its source, its cluster, its global cluster."""
    properties = member.resource.properties
    for name in _SOURCES.get(member.resource.type, ()):
        if not given(properties, name):
            continue
        source = _named(member.template, properties[name])
        if source is None:
            raise Unclear(
                f"{member.resource.logical_id} has the version of another database ({name}): upgrade it there"
            )
        yield Member(member.template, source)
    if member.resource.type == CLUSTER and given(properties, _GLOBAL_ID):
        yield _global_of(project, member)
    if member.resource.type == GLOBAL_CLUSTER and given(properties, "SourceDBClusterIdentifier"):
        source = _named(member.template, properties["SourceDBClusterIdentifier"])
        if source is None:
            raise Unclear(f"{member.resource.logical_id} has the version of another cluster: upgrade it there")
        yield Member(member.template, source)


def _below(project: Project, member: Member) -> Iterator[Member]:
    """What takes its version from the resource: instances, replicas, the clusters of a global cluster."""
    if member.resource.type == GLOBAL_CLUSTER:
        for template, cluster in project.of_type(CLUSTER):
            joined = Member(template, cluster)
            if given(cluster.properties, _GLOBAL_ID) and _global_of(project, joined).named == member.named:
                yield joined
        return
    for each in member.template.of_type(CLUSTER, INSTANCE):
        for name in _SOURCES[each.type]:
            if _named(member.template, each.properties.get(name)) == member.resource:
                yield Member(member.template, each)
    for each in member.template.of_type(GLOBAL_CLUSTER):
        if _named(member.template, each.properties.get("SourceDBClusterIdentifier")) == member.resource:
            yield Member(member.template, each)


def _named(template: Template, value: Json) -> Resource | None:
    """The database of the template that an identifier names."""
    databases = template.of_type(CLUSTER, INSTANCE)
    return next((each for each in databases if value is not None and identifies(value, each)), None)


def _global_of(project: Project, member: Member) -> Member:
    """The global cluster that a cluster joins: of its template, of the same literal name, or the only one."""
    value = member.resource.properties[_GLOBAL_ID]
    own = member.template.resources.get(ref_target(value) or "")
    if own is not None and own.type == GLOBAL_CLUSTER:
        return Member(member.template, own)
    literal = member.template.literal(value)
    known = [Member(*each) for each in project.of_type(GLOBAL_CLUSTER)]
    called = [each for each in known if literal is not None and _name(each) == str(literal).lower()]
    candidates = called or ([] if isinstance(value, str) else [each for each in known if _same_engine(each, member)])
    if len(candidates) != 1:
        name = member.resource.logical_id
        raise Unclear(f"{name} is in a global database of another stack, whose clusters must have one version")
    return candidates[0]


def _name(member: Member) -> str | None:
    name = member.template.literal(member.resource.properties.get(_GLOBAL_ID))
    return name.lower() if isinstance(name, str) else None


def _same_engine(first: Member, second: Member) -> bool:
    engines = {each.template.literal(each.resource.properties.get("Engine")) for each in (first, second)}
    return len(engines - {None}) < 2
