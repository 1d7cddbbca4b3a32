"""A database engine version that RDS no longer offers for new databases.

Why it fails:
RDS retires engine versions over time. A deployed stack keeps its old version, but the same template cannot be deployed
in another account, or after a disaster.

What the fix does:
EngineVersion becomes the newest version of the same major version in cfn-lint's data (8.0.25 → 8.0.46). If the version
comes from a parameter without AllowedValues, the Default of the parameter changes. A version is only reported if its
major version is no longer offered, or if the engine is not MySQL, MariaDB, PostgreSQL or Aurora.

What to review:
A running database is upgraded, in the maintenance window or immediately, which interrupts the service for some minutes.
The fix is therefore unsafe. If no stack exists yet, or if the template accepts every version of a major version (8.0),
it needs only a review. Test the application with the newer version.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.engines import newest
from fixer.cloudformation.databases import CLUSTER
from fixer.cloudformation.intrinsics import ref_target
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each version that cfn-lint reports, in the place that gives the version."""
    found = set()
    for match, _ in ctx.reported(template):
        resource = template.resources.get(str(match.path[1])) if len(match.path) > 1 else None
        place = _place(template, resource) if resource else ""
        if resource and place and place not in found:
            found.add(place)
            version = template.literal(resource.properties.get("EngineVersion"))
            yield ctx.finding(
                template, place, f"a new {_engine(template, resource)} database cannot have version {version}", match
            )


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the version with the newest version of the same major version."""
    resource = template.resources[str(finding.match.path[1])] if finding.match else None
    assert resource is not None
    declared = (
        template.parameter(pointer.split(finding.pointer)[1]) if finding.pointer.startswith("/Parameters/") else None
    )
    if declared is not None and "AllowedValues" in declared:
        return Patch.none("the parameter has AllowedValues: it is not known which versions it must allow")
    engine = _engine(template, resource)
    version = newest(engine, str(finding.seen), resource.type == CLUSTER)
    if version is None:
        return Patch.none(f"RDS does not offer a newer version with the same major version as {engine} {finding.seen}")
    ops = pointer.replace(finding.pointer, finding.seen, version)
    if version.startswith(f"{finding.seen}."):
        note = (
            f"{finding.seen} allows all its minor versions: a running database that is older is upgraded to {version}."
        )
        return Patch.of(template.path, ops, Tier.REVIEW, [note])
    note = f"A running database is upgraded from {finding.seen} to {version}, which stops the service for some minutes."
    return Patch.of(template.path, ops, Tier.UNSAFE, [note], undeployed=Tier.REVIEW)


def _engine(template: Template, resource: Resource) -> str:
    return str(template.literal(resource.properties.get("Engine")))


def _place(template: Template, resource: Resource) -> str:
    """The pointer of the version: in the resource, or the Default of its parameter; "" if it is elsewhere."""
    version = resource.properties.get("EngineVersion")
    name = ref_target(version)
    if name is not None and "Default" in (template.parameter(name) or {}):
        return pointer.join("Parameters", name, "Default")
    return resource.at("EngineVersion") if isinstance(version, str | int | float) else ""


TRANSFORM = Transform(
    id="outdated-engine-version",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3690", "E3691", "W3690", "W3691"),
    changes=(
        "@",
        "/Resources/AWS::RDS::*/Properties/EngineVersion",
    ),
)
