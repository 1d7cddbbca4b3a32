"""A mapping that nothing uses.

Why it fails:
It has no effect. An unused mapping is often one whose lookup was replaced by a fixed value, or was never written.

What the fix does:
It removes the mapping, and the Mappings section with its last entry.

Why it is safe:
No Fn::FindInMap reads the mapping: every resource and output stays as it is.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
"""

from fixer.authoring.removal import remove_unused, unused_entries
from fixer.model import Tier
from fixer.transforms.transform import Told, Transform

TRANSFORM = Transform(
    id="unused-mapping",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=unused_entries,
    patch=remove_unused,
    rules=("W7001",),
    told_by=(
        Told(
            title=r"\b(?:unused|unreferenced|never[ -]used|orphaned|dead)\b(?:[ -]\w+){0,3}[ -]mappings?\b"
            r"|\bmappings?\b.*\b(?:unused|never (?:used|referenced)|not (?:used|referenced)|unreferenced"
            r"|defined but not used)\b",
            example="Unused mapping in the template",
            unlike="Unused security group of the mapping",
        ),
        Told(
            title=r"\bmappings?\b",
            body=r"\bmappings?\b[^\n]{0,60}\b(?:(?:is|was|are|were) )?(?:never|not) (?:used|referenced)\b"
            r"|\bunused mappings?\b",
            example="Mapping issues\nThe mapping is never used.",
            unlike="Mapping issues\nThe mapping is wrong.",
            ambiguous=True,
        ),
    ),
    last=True,
)
