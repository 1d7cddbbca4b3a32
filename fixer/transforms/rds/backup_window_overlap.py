"""Clusters of one global database that back up at the same time.

Why it fails:
The clusters of a global database stand in for each other. With overlapping backup windows their automated snapshots are
of the same moment, so that what spoils one spoils the other, and whatever a backup sets off (copies, exports, alarms)
happens in all regions at once. Aurora's backups are continuous and cause no I/O pause, as those of other RDS instances
may: staggering the windows separates the moments of the snapshots and is a rule of the house, no rule of AWS.
The windows are UTC, whatever the region's own time is.

What the fix does:
The secondary moves two hours earlier, the k-th secondary by 2k hours, and from there on in half hours until its window
is clear of the maintenance windows of its own cluster and instances and of every other backup window of the project.
The length stays; it becomes 30 minutes if it is less, which RDS refuses. A window that a parameter or a mapping gives
is moved there, if nothing else takes it from there.

Why it is safe:
A new PreferredBackupWindow replaces nothing and interrupts nothing. The next backup comes at the new time.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.databases import CLUSTER, INSTANCE, Database, Role, databases
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.rds.backup_windows import DAY, Window, daily, weekly
from fixer.transforms.transform import Transform

_BACKUP, _MAINTENANCE = "PreferredBackupWindow", "PreferredMaintenanceWindow"
_EARLIER = 2 * 60
_STEP = 30


@dataclass(frozen=True)
class _Member:
    """A cluster of a global database, and when it backs up."""

    template: Template
    database: Database
    window: Window

    @property
    def is_secondary(self) -> bool:
        return self.database.role is Role.SECONDARY

    @property
    def place(self) -> str:
        return self.database.resource.at(_BACKUP)


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per secondary whose window overlaps that of its primary, or of a secondary before it."""
    for group in _groups(ctx.project):
        for index, member in enumerate(group):
            rival = _rival(group[:index], member)
            if member.template is template and rival is not None:
                message = (
                    f"{member.database.resource.logical_id} backs up at {member.window} UTC, while "
                    f"{_named(rival, template)} does ({rival.window})"
                )
                yield ctx.finding(template, member.place, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """An earlier window for the secondary, written where its window stands."""
    group = next(group for group in _groups(ctx.project) if any(_is_at(each, finding) for each in group))
    window = _planned(group, ctx.project)[finding.path, finding.pointer]
    if window is None:
        return Patch.none("the day has no free time for its window", Tier.SAFE)
    changed = _changed(template, finding.pointer, finding.seen, str(window))
    if isinstance(changed, str):
        return Patch.none(changed, Tier.SAFE)
    return Patch.of(template.path, changed, Tier.SAFE, (f"The next backup comes at {window} UTC.",))


def _groups(project: Project) -> list[list[_Member]]:
    """The clusters of each global database whose windows are known, the primary first, then as they are deployed.

    Clusters belong together by the same expression in one template, or the same literal; one that takes the identifier
    from outside belongs to the only global database that the project creates.
    """
    groups: dict[str, list[_Member]] = {}
    outside: list[_Member] = []
    for template in project.ordered:
        for database in databases(template):
            value = database.resource.properties.get("GlobalClusterIdentifier")
            window = daily(template.literal(database.resource.properties.get(_BACKUP)))
            if database.resource.type != CLUSTER or value is None or window is None:
                continue
            member = _Member(template, database, window)
            name = _global_name(template, value)
            outside.append(member) if name is None else groups.setdefault(name, []).append(member)
    if len(groups) == 1 and _has_one_primary(next(iter(groups.values()))):
        next(iter(groups.values())).extend(outside)
    return [sorted(group, key=lambda each: each.is_secondary) for group in groups.values() if _has_one_primary(group)]


def _global_name(template: Template, value: Json) -> str | None:
    """A name for the global database that a GlobalClusterIdentifier means, None where it comes from outside."""
    if isinstance(value, str):
        return value.lower()
    name = ref_target(value)
    if name is not None and name in template.resources:
        own = template.resources[name].properties.get("GlobalClusterIdentifier")
        return own.lower() if isinstance(own, str) else f"{template.path}#{name}"
    return None


def _has_one_primary(group: list[_Member]) -> bool:
    return sum(not member.is_secondary for member in group) == 1


def _is_at(member: _Member, finding: Finding) -> bool:
    return (member.template.path, member.place) == (finding.path, finding.pointer)


def _named(member: _Member, template: Template) -> str:
    name = member.database.resource.logical_id
    return name if member.template is template else f"{name} in {member.template.path}"


def _rival(before: list[_Member], member: _Member) -> _Member | None:
    """The first of the clusters before it that a secondary gets in the way of."""
    rivals = (other for other in before if member.is_secondary and member.window.overlaps(other.window))
    return next(rivals, None)


def _planned(group: list[_Member], project: Project) -> dict[tuple[str, str], Window | None]:
    """(path, pointer) → the new window of each secondary that has to move, in their order; None if none is free."""
    taken = {
        (template.path, resource.at(_BACKUP)): window
        for template, resource in project.of_type(CLUSTER, INSTANCE)
        if (window := daily(template.literal(resource.properties.get(_BACKUP)))) is not None
    }
    planned: dict[tuple[str, str], Window | None] = {}
    secondaries = [member for member in group if member.is_secondary]
    for index, member in enumerate(group):
        if _rival(group[:index], member) is not None:
            place = member.template.path, member.place
            others = [window for other, window in taken.items() if other != place]
            planned[place] = window = _free(member, secondaries.index(member) + 1, others)
            taken[place] = window or member.window
    return planned


def _free(member: _Member, number: int, taken: list[Window]) -> Window | None:
    """The first window from 2 * number hours earlier on, in half hours, that is clear of those taken and of the
    maintenance of the cluster and its instances.
    """
    for resource in (member.database.resource, *member.database.instances):
        if (window := weekly(member.template.literal(resource.properties.get(_MAINTENANCE)))) is not None:
            taken.append(window)
    for minutes in range(_EARLIER * number, _EARLIER * number + DAY, _STEP):
        window = member.window.earlier(minutes)
        if not any(window.overlaps(other) for other in taken):
            return window
    return None


def _changed(template: Template, place: str, value: Json, new: str) -> list[Op] | str:
    """The operations that change the window where it is written, or why that cannot be."""
    if isinstance(value, str):
        return pointer.replace(place, value, new)
    name = ref_target(value)
    if name is not None:
        return _changed_default(template, name, new)
    keys = sequence(mapping(value).get("Fn::FindInMap"))
    if not keys or not all(isinstance(key, str) for key in keys):
        return "its window is written in a way that is not rewritten here"
    uses = [inner for _, inner in pointer.walk(template.data) if mapping(inner).get("Fn::FindInMap") == keys]
    if len(uses) > 1:
        return f"others take their window from the mapping {keys[0]} too"
    entry = pointer.join("Mappings", *map(str, keys))
    return pointer.replace(entry, pointer.get(template.data, entry), new)


def _changed_default(template: Template, name: str, new: str) -> list[Op] | str:
    declared = template.parameter(name) or {}
    if len([use for use in template.references_to(name) if use.owner[0] != "Outputs"]) > 1:
        return f"others take their window from {name} too"
    allowed, pattern = declared.get("AllowedValues"), declared.get("AllowedPattern")
    if isinstance(allowed, list) and new not in allowed:
        return f"{name} does not allow {new}"
    if isinstance(pattern, str) and not _matches(pattern, new):
        return f"{name} does not allow {new}"
    return pointer.replace(pointer.join("Parameters", name, "Default"), declared.get("Default"), new)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


TRANSFORM = Transform(
    id="backup-window-overlap",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    told_by=(
        r"\bbackup windows?\b.*\b(?:overlap\w*|coordinat\w+|same|clash\w*|conflict\w*|stagger\w*)",
        r"\b(?:overlap\w*|same|clashing|conflicting|uncoordinated)\b.*\bbackup windows?\b",
        r"\bback(?:s|ed|ing)? ?up at the same\b",
    ),
    changes=(
        "/Resources/AWS::RDS::*/Properties/PreferredBackupWindow",
        "/Parameters/*/Default",
        "$",
    ),
)
