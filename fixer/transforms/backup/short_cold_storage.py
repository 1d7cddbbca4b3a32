"""A backup plan that deletes backups less than 90 days after they move to cold storage.

Why it fails:
A backup that moves to cold storage must stay there for at least 90 days. AWS Backup rejects a plan whose
DeleteAfterDays is less than MoveToColdStorageAfterDays plus 90.

What the fix does:
It removes MoveToColdStorageAfterDays. Backups are then deleted on the day that the plan states, and stay in warm
storage until then. If the plan means to keep backups longer, raise DeleteAfterDays instead. A lifecycle that opts in to
the archive tier, or with -1, which removes a lifecycle, is only reported.

What to review:
Decide which of the two numbers is the mistake. Warm storage costs more per day than cold storage.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-backup-backupplan-lifecycleresourcetype.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform

_DAYS = 90
_MOVE = "MoveToColdStorageAfterDays"
_ARCHIVE = "OptInToArchiveForSupportedResources"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each lifecycle that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the move to cold storage."""
    place = pointer.parent(finding.pointer)
    lifecycle = mapping(pointer.get(template.data, place))
    moved, kept = as_int(lifecycle.get(_MOVE)), as_int(finding.seen)
    if moved is None or kept is None:
        return Patch.none("the template does not state both values as numbers")
    if moved < 0 or kept < 0:
        return Patch.none("-1 removes a lifecycle: set both values to -1, or neither")
    if lifecycle.get(_ARCHIVE) not in (None, False, "false"):
        return Patch.none(f"{_ARCHIVE} asks for cold storage: raise DeleteAfterDays to {moved + _DAYS}, or remove both")
    note = f"To use cold storage, keep backups for {moved + _DAYS} days or more: raise DeleteAfterDays instead."
    return Patch.of(template.path, pointer.remove(f"{place}/{_MOVE}", lifecycle[_MOVE]), Tier.REVIEW, [note])


TRANSFORM = Transform(
    id="short-cold-storage",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3504",),
    told_by=(
        Told(
            title=r"\bcold ?-?storage\b|\b(?:MoveToColdStorageAfterDays|DeleteAfterDays)\b",
            body=r"\b90\b|DeleteAfter|retention|W?E3504",
            example="Backups leave cold storage too early\nThey must stay there for 90 days.",
            unlike="No cold storage of old logs\nThey stay in the group.",
        ),
        Told(
            title=r"\bbackups?\b.*\b(?:lifecycle|retention)\b",
            body=r"\bcold storage\b[^\n]{0,120}\b90\b|\b90\b[^\n]{0,120}\bcold storage\b",
            example="Backup lifecycle is invalid\nCold storage takes 90 days at least.",
            unlike="Backup retention is short\nKeep 30 days.",
            ambiguous=True,
        ),
        Told(
            title=r"\bbackups?\b.*\b(?:lifecycle|retention|plan|rule)\b",
            body=r"\bMoveToColdStorageAfterDays\b[^\n]{0,120}\b90\b"
            r"|\b90\b[^\n]{0,120}\bMoveToColdStorageAfterDays\b",
            ambiguous=True,
            example="Invalid lifecycle of the backup plan\nMoveToColdStorageAfterDays takes 90 days.",
            unlike="Short lifecycle of the backup plan\nDeleteAfterDays must be 35.",
        ),
    ),
    changes=("-@/../MoveToColdStorageAfterDays",),
)
