"""An IAM action that does not exist.

Why it fails:
IAM accepts a policy with an action that does not exist, but the action has no effect: the call that it was meant to
allow is denied. Most of these names are names of API operations for which IAM uses another name.

What the fix does:
If the table in the module knows which action the call needs, that action replaces the wrong one (s3:GetBucketEncryption
→ s3:GetEncryptionConfiguration). If the statement already has that action, the wrong one is removed. Everything else is
only reported.

What to review:
The statement then allows, or denies, what it was written for. Check that this is still wanted.

References:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform

_NEEDED = {
    "s3:getbucketencryption": "s3:GetEncryptionConfiguration",
    "s3:putbucketencryption": "s3:PutEncryptionConfiguration",
    "s3:deletebucketencryption": "s3:PutEncryptionConfiguration",
    "s3:getbucketlifecycle": "s3:GetLifecycleConfiguration",
    "s3:getbucketlifecycleconfiguration": "s3:GetLifecycleConfiguration",
    "s3:putbucketlifecycle": "s3:PutLifecycleConfiguration",
    "s3:putbucketlifecycleconfiguration": "s3:PutLifecycleConfiguration",
    "s3:getbucketreplication": "s3:GetReplicationConfiguration",
    "s3:putbucketreplication": "s3:PutReplicationConfiguration",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:copyobject": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:getpublicaccessblock": "s3:GetBucketPublicAccessBlock",
    "s3:putpublicaccessblock": "s3:PutBucketPublicAccessBlock",
    "kms:decryptdatakey": "kms:Decrypt",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "lambda:invoke": "lambda:InvokeFunction",
}
"""The action that is written, in lower case → the action that the call needs."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each action that cfn-lint reports.

    A match gives only the place of the whole list, and the action in lower case without its service.
    """
    found = set()
    for match in ctx.matches.get(template.path, ()):
        # "'headbucket' is not one of [...]" is about s3:HeadBucket in any case, and not about s3:HeadBucketAcl.
        name = match.message.partition("' is not one of")[0].lstrip("'").lower()
        for place, action in pointer.walk(
            pointer.get(template.data, pointer.join(*match.path)), pointer.join(*match.path)
        ):
            if isinstance(action, str) and action.lower().partition(":")[2] == name and place not in found:
                found.add(place)
                yield ctx.finding(template, place, f"{action} is not an IAM action", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the action with the one that the call needs."""
    needed = _NEEDED.get(str(finding.seen).lower())
    if needed is None:
        return Patch.none("it is not known which action is meant")
    others = pointer.get(template.data, pointer.parent(finding.pointer))
    if isinstance(others, list) and needed in others:
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, needed), Tier.REVIEW)


TRANSFORM = Transform(
    id="unknown-action", doc=__doc__, tier=Tier.SAFE, detect=detect, patch=patch, rules=("W3037",), changes=("@",)
)
