"""A DependsOn that a Ref, Fn::GetAtt or Fn::Sub enforces already.

Why it fails:
It does not fail, it misleads: CloudFormation creates what a resource refers to first anyhow. A DependsOn that says the
same hides the few that matter, and is forgotten when the reference changes.

What the fix does:
It removes the entry, and DependsOn with its last entry.

Why it is safe:
The dependency stays, by the reference. DependsOn is no property of the resource: nothing that is deployed changes.

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
