"""A backup that is deleted less than 90 days after it moves to cold storage.

Why it fails:
What AWS Backup moves to cold storage must stay there for 90 days: a plan whose DeleteAfterDays is less than
MoveToColdStorageAfterDays and 90 is refused.

What the fix does:
It raises DeleteAfterDays to MoveToColdStorageAfterDays and 90 days. That keeps every backup that was asked for, for
longer than was asked for, which costs: it is unsafe. Where backups are not to be kept that long, remove
MoveToColdStorageAfterDays instead.

What to review:
How long backups are to be kept, and which of the two numbers was the mistake.

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
    """A finding per lifecycle that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The shortest time that is taken."""
    lifecycle = mapping(pointer.get(template.data, pointer.parent(finding.pointer)))
    moved = as_int(lifecycle.get(_MOVE))
    if moved is None or as_int(finding.seen) is None:
        return Patch.none("the days are no numbers in the template")
    days = moved + _DAYS
    value: Json = str(days) if isinstance(finding.seen, str) else days
    note = f"Backups are then kept for {days} days; remove {_MOVE} where they are not to be kept that long."
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.UNSAFE, [note])


TRANSFORM = Transform(
    id="short-cold-storage", doc=__doc__, tier=Tier.UNSAFE, detect=detect, patch=patch, rules=("E3504",), changes=("@",)
)
