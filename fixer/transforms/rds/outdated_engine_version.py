"""A database engine version that RDS no longer offers for new databases.

Why it fails:
RDS retires engine versions over time. A deployed stack keeps its old version, but the same template cannot be deployed
in another account, or after a disaster.

What the fix does:
EngineVersion becomes the newest version of the same major version in cfn-lint's data (8.0.25 → 8.0.46). If the version
comes from a parameter without AllowedValues, the Default of the parameter changes. A global cluster and its clusters, a
cluster and its instances, a database and its replicas change together, in all templates of the project, or not at all.
A version is only reported if its major version is no longer offered, or if the engine is not MySQL, MariaDB,
PostgreSQL, Aurora, Redis, Valkey or Memcached. A major version (8.0) is what AWS accepts: it is not a fault.

What to review:
A running database is upgraded, in the maintenance window or immediately, which interrupts the service for some minutes.
The fix is therefore unsafe. If no stack exists yet, it needs only a review. Test the application with the newer
version. Upgrade the secondaries of a running global database before its primary. The fix never changes the major
version. A note says when the standard support of the major version ends: then RDS charges for Extended Support, unless
EngineLifecycleSupport opts out. A major upgrade needs AllowMajorVersionUpgrade and parameter groups of the new family.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-upgrade.html
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.engines import is_major, major_of, newest
from fixer.cloudformation.intrinsics import ref_target
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, LintMatch, Op, Patch, Tier
from fixer.transforms.rds.extended_support import extended_support
from fixer.transforms.rds.version_group import GLOBAL_CLUSTER, Member, Unclear, group_of
from fixer.transforms.transform import Told, Transform

_VERSION = "EngineVersion"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each version that cfn-lint reports, in the place that gives the version."""
    found = set()
    for match, _ in ctx.reported(template):
        resource = template.resources.get(str(match.path[1])) if len(match.path) > 1 else None
        if resource is None or (place := _place(template, resource, match.path)) in found:
            continue
        engine, version = _engine(template, resource), template.literal(resource.properties.get(_VERSION))
        if version is not None and is_major(engine, str(version), resource.type):
            continue
        found.add(place)
        what = f"version {version}" if _is_of_version(match) else "this engine"
        yield ctx.finding(template, place, f"a new {engine} database cannot have {what}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the version, and those that must agree with it, with the newest of the same major version."""
    assert finding.match is not None
    resource = template.resources[str(finding.match.path[1])]
    engine = _engine(template, resource)
    if not _is_of_version(finding.match):
        return Patch.none(f"AWS does not offer the engine {engine}: choose another one, and its version")
    try:
        group = [each for each in group_of(ctx.project, template, resource) if each.version is not None]
        places = {(each.template.path, each.place): each for each in group}
    except Unclear as unclear:
        return Patch.none(str(unclear))
    seen = {place: _written(*place, ctx) for place in places}
    if different := _other_major(engine, seen, places):
        return Patch.none(different)
    types = {each.resource.type for each in group}
    newer = {newest(engine, str(each), *types) for each in (finding.seen, *seen.values())}
    version = newer.pop() if len(newer) == 1 else None
    if version is None:
        reason = f"cfn-lint lists nothing newer with the same major version as {engine} {finding.seen}"
        return Patch.none("; ".join([reason, *(word.rstrip(".") for word in extended_support(engine, finding.seen))]))
    files: dict[str, tuple[Op, ...]] = {}
    for (path, place), value in seen.items():
        files[path] = (*files.get(path, ()), *pointer.replace(place, value, version))
    changes = ("$", *(place for _, place in places))  # "$": an output may show the parameter of the version.
    notes = (*_notes(finding, group, version), *extended_support(engine, version))
    return Patch(files, Tier.UNSAFE, Tier.REVIEW, notes, changes=changes)


def _written(path: str, place: str, ctx: Context) -> Json:
    return pointer.get(ctx.project.templates[path].data, place)


def _other_major(engine: str, seen: dict[tuple[str, str], Json], places: dict[tuple[str, str], Member]) -> str:
    """Why versions that must agree cannot change together: they have different major versions."""
    majors = {place: major_of(engine, str(version)) for place, version in seen.items()}
    if len(set(majors.values())) < 2:
        return ""
    versions = ", ".join(f"{places[place].resource.logical_id} {version}" for place, version in seen.items())
    return f"versions that must agree have different major versions: {versions}"


def _notes(finding: Finding, group: list[Member], version: str) -> Iterator[str]:
    yield f"A running database is upgraded from {finding.seen} to {version}, which stops the service for some minutes."
    names = [each.resource.logical_id for each in group]
    if len(names) > 1:
        yield f"{', '.join(names[:-1])} and {names[-1]} must have the same version, so they change together."
    if any(each.resource.type == GLOBAL_CLUSTER for each in group):
        yield "Upgrade the secondaries of a running global database before its primary."


def _engine(template: Template, resource: Resource) -> str:
    return str(template.literal(resource.properties.get("Engine"))).lower()


def _is_of_version(match: LintMatch) -> bool:
    """Whether cfn-lint reports the version; otherwise, it is the engine that AWS does not offer."""
    return match.rule.startswith("W") or _VERSION in match.path


def _place(template: Template, resource: Resource, path: tuple[str | int, ...]) -> str:
    """The pointer of the version: in the resource, or the Default of its parameter; else the reported place."""
    version = resource.properties.get(_VERSION)
    name = ref_target(version)
    if name is not None and "Default" in (template.parameter(name) or {}):
        return pointer.join("Parameters", name, "Default")
    return resource.at(_VERSION) if version is not None else pointer.join(*path)


TRANSFORM = Transform(
    id="outdated-engine-version",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3690", "E3691", "E3695", "W3690", "W3691"),
    told_by=(
        Told(
            title=r"^(?!.*\b(?:generic|missing|unpinned|not specified|hard-?cod\w+|parameteri[sz]\w*|dms"
            r"|opensearch|elastic\w*|redis|valkey|memcached|cache|lambda|eks|kubernetes|k8s|mq"
            "|rabbitmq|activemq|msk|kafka|neptune|documentdb|docdb|emr|glue|athena|fargate"
            r"|platform)\b).*(?:\bengine ?-?versions?\b|\b(?:postgres\w*|mysql|mariadb|aurora|oracle"
            r"|sql ?server|rds)\b.*\bversions?\b|\bversions?\b.*\b(?:postgres\w*|mysql|mariadb|aurora|oracle"
            r"|sql ?server|rds)\b)",
            body=r"\d+\.\d+|version",
            example="Incorrect Aurora PostgreSQL engine version\nVersion 15.4 is not offered.",
            unlike="Invalid DMS engine version\nVersion 3.4.6 is not offered.",
        ),
        Told(
            title=r"^(?!.*\b(?:dms|opensearch|elastic\w*|redis|valkey|memcached|cache|lambda|eks|kubernetes|k8s|mq"
            "|rabbitmq|activemq|msk|kafka|neptune|documentdb|docdb|emr|glue|athena|fargate"
            r"|platform)\b).*\b(?:rds|aurora|databases?|db|engine|versions?|mysql|postgres\w*)\b",
            body=r"\bcannot find version [\d.]+ for\b|\bversion \W?[\d.]+\W? (?:is|was) (?:not available"
            r"|not supported|no longer available|deprecated)\b[^\n]{0,40}\b(?:rds|aurora|mysql|postgres\w*)",
            example="Database deployment fails\nRDS says: Cannot find version 15.4 for postgres.",
            unlike="Database deployment fails\nThe subnet group has one zone.",
            ambiguous=True,
        ),
        Told(
            title=r"\bdeployment|\bregion",
            body=r"\b(?:unsupported|invalid|unavailable|outdated|deprecated) (?:\w+ )?engine versions?\b",
            example="Deployment-time issues\nUnsupported engine versions: MySQL 8.0.35 is gone.",
            unlike="Deployment-time issues\nThe engine takes long to start.",
            ambiguous=True,
        ),
        Told(
            title=r"^(?!.*\b(?:dms|opensearch|elastic\w*|redis|valkey|memcached|cache|lambda|eks|kubernetes|k8s|mq"
            r"|rabbitmq|activemq|msk|kafka|neptune|documentdb|docdb|emr|glue|athena|fargate|platform)\b).*\S",
            body=r"\bcannot find version [\d.]+ for\b|\b(?:rds|aurora|mysql|mariadb"
            r"|postgres\w*)\b[^\n]{0,60}\bengine version\b[^\n]{0,80}\b(?:not (?:available|supported)"
            r"|unsupported|invalid|deprecated|does not exist|outdated|unavailable)\b",
            example="Stack creation fails\nCannot find version 15.4 for postgres.",
            unlike="Stack creation fails\nThe version of the template is old.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:postgres\w*|mysql|mariadb|aurora)\b ?\d[\d.]*\b.*\b(?:no longer|not"
            r"|un)[ -]?(?:supported|available|offered)\b|\b(?:outdated|deprecated|old|unsupported"
            r"|obsolete) (?:database|db) (?:engine )?versions?\b",
            example="PostgreSQL 13.7 is no longer supported",
            unlike="PostgreSQL 13.7 is not encrypted",
        ),
    ),
    changes=(
        "@",
        "/Resources/AWS::RDS::*/Properties/EngineVersion",
        "/Resources/AWS::ElastiCache::CacheCluster/Properties/EngineVersion",
    ),
)
