"""A condition that nothing uses.

Why it fails:
It decides nothing. An unused condition is often one that somebody forgot to attach: the resource that the condition is
named after always exists.

What the fix does:
It removes the condition, and the Conditions section with its last entry.

Why it is safe:
Nothing refers to the condition: every resource and output stays as it is. Before you merge, ask what its name was meant
to control.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from fixer.authoring.removal import remove_unused, unused_entries
from fixer.model import Tier
from fixer.transforms.transform import Told, Transform

TRANSFORM = Transform(
    id="unused-condition",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=unused_entries,
    patch=remove_unused,
    rules=("W8001",),
    told_by=(
        Told(
            title=r"\b(?:unused|unreferenced|never[ -]used|orphaned|dead)\b(?:[ -]\w+){0,3}[ -]conditions?\b"
            r"|\bconditions?\b.*\b(?:unused|never (?:used|referenced)|not (?:used|referenced)|unreferenced"
            r"|defined but not used)\b",
            example="Unused condition in the template",
            unlike="Unused security group of the condition",
        ),
        Told(
            title=r"\bconditions?\b",
            body=r"\bconditions?\b[^\n]{0,60}\b(?:(?:is|was|are|were) )?(?:never|not) (?:used|referenced)\b"
            r"|\bunused conditions?\b",
            example="Condition issues\nThe condition is never used.",
            unlike="Condition issues\nThe condition is wrong.",
            ambiguous=True,
        ),
    ),
    last=True,
)
