"""A backup plan that deletes backups less than 90 days after they move to cold storage.

Why it fails:
A backup that moves to cold storage must stay there for at least 90 days. AWS Backup rejects a plan whose
DeleteAfterDays is less than MoveToColdStorageAfterDays plus 90.

What the fix does:
It raises DeleteAfterDays to MoveToColdStorageAfterDays plus 90. This keeps every backup that the plan asks for, but
longer than it asks for, which costs more. The fix is therefore unsafe. If backups must not be kept that long, remove
MoveToColdStorageAfterDays instead.

What to review:
Decide how long backups must be kept, and which of the two numbers is the mistake.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-backup-backupplan-lifecycleresourcetype.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_DAYS = 90
_MOVE = "MoveToColdStorageAfterDays"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each lifecycle that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Raises DeleteAfterDays to the smallest number that AWS Backup accepts."""
    lifecycle = mapping(pointer.get(template.data, pointer.parent(finding.pointer)))
    moved = as_int(lifecycle.get(_MOVE))
    if moved is None or as_int(finding.seen) is None:
        return Patch.none("the template does not state both values as numbers")
    days = moved + _DAYS
    value: Json = str(days) if isinstance(finding.seen, str) else days
    note = f"Backups are then kept for {days} days: remove {_MOVE} if they must not be kept that long."
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.UNSAFE, [note])


TRANSFORM = Transform(
    id="short-cold-storage", doc=__doc__, tier=Tier.UNSAFE, detect=detect, patch=patch, rules=("E3504",), changes=("@",)
)
