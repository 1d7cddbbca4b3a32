"""Clusters of a global database whose backup windows overlap.

Why it fails:
The clusters of a global database replace each other after a failover. If their backup windows overlap, their automated
snapshots are from the same moment, so a fault that spoils one snapshot also spoils the other. Everything that a backup
triggers (copies, exports, alarms) then happens in all Regions at once. Aurora backups are continuous and do not pause
I/O, unlike the backups of some other RDS instances, so staggered windows only separate the moments of the snapshots.
They are a convention, not a requirement of AWS. Windows are in UTC, whatever the local time of the Region is.

What the fix does:
It moves the window of the secondary two hours earlier (the k-th secondary by 2k hours), and then further in steps of
half an hour until the window does not overlap with the maintenance windows of its own cluster and instances, or with
any other backup window of the project. The length stays the same, but becomes 30 minutes if it is shorter, because RDS
rejects a shorter window. If a parameter or a mapping gives the window, the fix changes it there, unless something else
also takes its window from there.

Why it is safe:
A new PreferredBackupWindow does not replace or interrupt anything. The next backup starts at the new time.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.patterns import fits
from fixer.cloudformation.databases import CLUSTER, INSTANCE, Database, Role, databases
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.rds.backup_windows import DAY, Window, daily, weekly
from fixer.transforms.transform import Told, Transform

_BACKUP, _MAINTENANCE = "PreferredBackupWindow", "PreferredMaintenanceWindow"
_EARLIER = 2 * 60
_STEP = 30


@dataclass(frozen=True)
class _Member:
    """A cluster of a global database and its backup window."""

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
    """Yields a finding for each secondary whose window overlaps with that of its primary or an earlier secondary."""
    for group in _groups(ctx.project):
        for index, member in enumerate(group):
            rival = _rival(group[:index], member)
            if member.template is template and rival is not None:
                message = (
                    f"the backup window of {member.database.resource.logical_id} ({member.window} UTC) overlaps with "
                    f"that of {_named(rival, template)} ({rival.window} UTC)"
                )
                yield ctx.finding(template, member.place, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Moves the window of the secondary to an earlier time, in the place that gives the window."""
    group = next(group for group in _groups(ctx.project) if any(_is_at(each, finding) for each in group))
    window = _planned(group, ctx.project)[finding.path, finding.pointer]
    if window is None:
        return Patch.none("the day has no free time for the backup window", Tier.SAFE)
    changed = _changed(template, finding.pointer, finding.seen, str(window))
    if isinstance(changed, str):
        return Patch.none(changed, Tier.SAFE)
    return Patch.of(template.path, changed, Tier.SAFE, (f"The next backup starts in the window {window} UTC.",))


def _groups(project: Project) -> list[list[_Member]]:
    """The clusters of each global database that have known windows: the primary, then the others as they are deployed.

    Clusters belong together if they have the same expression in one template, or the same literal. A cluster that takes
    the identifier from outside belongs to the only global database that the project creates. The order matters: the
    primary keeps its window, and only later clusters move.
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
    """A name for the global database in a GlobalClusterIdentifier; None if the identifier comes from outside."""
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
    """The first cluster before a secondary with an overlapping window; None if there is none."""
    rivals = (other for other in before if member.is_secondary and member.window.overlaps(other.window))
    return next(rivals, None)


def _planned(group: list[_Member], project: Project) -> dict[tuple[str, str], Window | None]:
    """(path, pointer) → the new window of each secondary that must move, in their order; None if no window is free."""
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
    """The first free window, from 2 * number hours earlier in steps of half an hour; None if there is none.

    A window is free if it does not overlap with the taken windows or the maintenance windows of the cluster and its
    instances.
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
    """The operations that change the window in the place that gives it, or the reason why there are none."""
    if isinstance(value, str):
        return pointer.replace(place, value, new)
    name = ref_target(value)
    if name is not None:
        return _changed_default(template, name, new)
    keys = sequence(mapping(value).get("Fn::FindInMap"))
    if not keys or not all(isinstance(key, str) for key in keys):
        return "the expression for the backup window cannot be changed"
    uses = [inner for _, inner in pointer.walk(template.data) if mapping(inner).get("Fn::FindInMap") == keys]
    if len(uses) > 1:
        return f"others also take their window from the mapping {keys[0]}"
    entry = pointer.join("Mappings", *map(str, keys))
    return pointer.replace(entry, pointer.get(template.data, entry), new)


def _changed_default(template: Template, name: str, new: str) -> list[Op] | str:
    declared = template.parameter(name) or {}
    if len([use for use in template.references_to(name) if use.owner[0] != "Outputs"]) > 1:
        return f"others also take their window from {name}"
    allowed, pattern = declared.get("AllowedValues"), declared.get("AllowedPattern")
    if isinstance(allowed, list) and new not in allowed:
        return f"{name} does not allow {new}"
    if isinstance(pattern, str) and not fits(pattern, new):
        return f"{name} does not allow {new}"
    return pointer.replace(pointer.join("Parameters", name, "Default"), declared.get("Default"), new)


TRANSFORM = Transform(
    id="backup-window-overlap",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    told_by=(
        Told(
            title=r"\bbackup windows?\b.*\b(?:overlap\w*|coordinat\w+|same|clash\w*|conflict\w*|stagger\w*)",
            example="Backup windows overlap",
            unlike="Backup window is short",
        ),
        Told(
            title=r"\b(?:overlap\w*|same|clashing|conflicting|uncoordinated)\b.*\bbackup windows?\b",
            example="Same backup window in both regions",
            unlike="Same maintenance of both regions",
        ),
        Told(
            title=r"\bback(?:s|ed|ing)? ?up at the same\b",
            example="Clusters are backed up at the same time",
            unlike="Clusters are backed up rarely",
        ),
        Told(
            title=r"\b(?:identical|same|equal|colliding|overlapping)\b.*\b(?:Preferred)?Backup ?Windows?\b"
            r"|\b(?:Preferred)?Backup ?Windows?\b.*\b(?:identical|same|collid\w+|overlap\w*)\b",
            body=r"\bregions?\b|\bclusters?\b|\bprimary\b|\bsecondary\b|\boverlap",
            example="Identical PreferredBackupWindow in both regions",
            unlike="PreferredBackupWindow is missing",
        ),
    ),
    changes=(
        "/Resources/AWS::RDS::*/Properties/PreferredBackupWindow",
        "/Parameters/*/Default",
        "$",
    ),
)
