"""A DependsOn that a Ref, Fn::GetAtt or Fn::Sub already enforces.

Why it fails:
It does not fail, but it misleads. CloudFormation always creates a referenced resource first. A DependsOn that says the
same hides the few entries that matter, and people forget it when they change the reference.

What the fix does:
It removes the entry, and DependsOn with its last entry.

Why it is safe:
The reference keeps the dependency. DependsOn is not a property of the resource, so nothing that is deployed changes.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

from fixer.authoring.removal import remove_found, reported_entries
from fixer.model import Tier
from fixer.transforms.transform import Transform

TRANSFORM = Transform(
    id="redundant-depends-on",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=reported_entries(depth=3),
    patch=remove_found,
    rules=("W3005",),
)
