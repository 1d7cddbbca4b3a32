"""A database engine version that no new database can have.

Why it fails:
RDS takes versions out of use one by one. A stack that was deployed goes on with an old one; the same template in
another account, or after a disaster, cannot be deployed.

What the fix does:
EngineVersion becomes the newest version of the same major version that cfn-lint knows of (8.0.25 → 8.0.46). Where it
is a parameter without AllowedValues, its Default does. A version whose major version is no longer offered is reported
only, as is one of an engine that is not MySQL, MariaDB, PostgreSQL or Aurora.

What to review:
On a database that runs this is an upgrade, with some minutes without service, in the maintenance window or at once:
that is unsafe. Where no stack exists yet, or the template asked for any version of a major one (8.0), it is for
review. Test the application with the newer version.

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
    """A finding per database whose version cfn-lint reports, where the version stands."""
    found = set()
    for match, _ in ctx.reported(template):
        resource = template.resources.get(str(match.path[1])) if len(match.path) > 1 else None
        place = _place(template, resource) if resource else ""
        if resource and place and place not in found:
            found.add(place)
            version = template.literal(resource.properties.get("EngineVersion"))
            yield ctx.finding(
                template, place, f"no new {_engine(template, resource)} database can have {version}", match
            )


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The newest version of the same major version."""
    resource = template.resources[str(finding.match.path[1])] if finding.match else None
    assert resource is not None
    declared = (
        template.parameter(pointer.split(finding.pointer)[1]) if finding.pointer.startswith("/Parameters/") else None
    )
    if declared is not None and "AllowedValues" in declared:
        return Patch.none("the parameter allows certain versions only: which of them it is to allow is not known")
    engine = _engine(template, resource)
    version = newest(engine, str(finding.seen), resource.type == CLUSTER)
    if version is None:
        return Patch.none(f"{engine} {finding.seen} has no newer version of the same major version that can be created")
    ops = pointer.replace(finding.pointer, finding.seen, version)
    if version.startswith(f"{finding.seen}."):
        note = (
            f"{finding.seen} asked for any version of it: a database that runs is upgraded to {version} if it is older."
        )
        return Patch.of(template.path, ops, Tier.REVIEW, [note])
    note = f"A database that runs is upgraded from {finding.seen} to {version}, with some minutes without service."
    return Patch.of(template.path, ops, Tier.UNSAFE, [note], undeployed=Tier.REVIEW)


def _engine(template: Template, resource: Resource) -> str:
    return str(template.literal(resource.properties.get("Engine")))


def _place(template: Template, resource: Resource) -> str:
    """Where the version is written: in the resource, or as the Default of the parameter; "" if elsewhere."""
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
