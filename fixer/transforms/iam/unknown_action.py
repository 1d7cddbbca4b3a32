"""An IAM action that does not exist.

Why it fails:
IAM accepts a policy with an action that does not exist, but the action has no effect: the call that it was meant to
allow is denied. Most of these names are names of API operations for which IAM uses another name.

What the fix does:
If the table in the module knows which action the call needs, that action replaces the wrong one (s3:GetBucketEncryption
→ s3:GetEncryptionConfiguration). So does the one existing action of the service whose name differs only in a plural s,
or in one letter. If the statement already has that action, the wrong one is removed. An action that allows more than
the call does (s3:HeadObject needs s3:GetObject, which also reads the object) and everything else is only reported.

What to review:
The statement then allows what it was written for. Check that this is still wanted. In a Deny the change is unsafe: a
statement that had no effect starts to deny.

References:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

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
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:getpublicaccessblock": "s3:GetBucketPublicAccessBlock",
    "s3:putpublicaccessblock": "s3:PutBucketPublicAccessBlock",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:uploadpart": "s3:PutObject",
    "sqs:sendmessagebatch": "sqs:SendMessage",
    "sqs:deletemessagebatch": "sqs:DeleteMessage",
    "sqs:changemessagevisibilitybatch": "sqs:ChangeMessageVisibility",
    "kms:decryptdatakey": "kms:Decrypt",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "lambda:invoke": "lambda:InvokeFunction",
}
"""The action that is written, in lower case → the action that the call needs, and that allows nothing else."""

_MORE = {"s3:headobject": "s3:GetObject", "s3:headbucket": "s3:ListBucket", "s3:copyobject": "s3:PutObject"}
"""The action that is written, in lower case → the action that the call needs, and that allows more than the call."""


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
    action = str(finding.seen)
    needed = _NEEDED.get(action.lower()) or _nearly(action, finding)
    others = sequence(pointer.get(template.data, pointer.parent(finding.pointer)))
    if more := _MORE.get(action.lower()):
        if more not in others:
            return Patch.none(f"the call needs {more}, which allows more than {action}: decide whether it is wanted")
        needed = more
    if needed is None:
        return Patch.none("it is not known which action is meant")
    if needed in others or needed in _earlier(template, finding):
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)
    ops = pointer.replace(finding.pointer, finding.seen, needed)
    if _effect(template, finding) != "Allow":
        note = f"The statement denies {action}, which has no effect. It then denies {needed}: check who is locked out."
        return Patch.of(template.path, ops, Tier.UNSAFE, [note])
    return Patch.of(template.path, ops, Tier.REVIEW)


def _earlier(template: Template, finding: Finding) -> list[str | None]:
    """What the actions before this one in its list become, so that no action is there twice."""
    index = pointer.split(finding.pointer)[-1]
    others = sequence(pointer.get(template.data, pointer.parent(finding.pointer)))
    return [_NEEDED.get(str(each).lower()) for each in others[: int(index)]] if index.isdigit() else []


def _nearly(action: str, finding: Finding) -> str | None:
    """The one action of the service that differs in a plural s or in one letter, spelled as what is written; None if
    there is none, or several.
    """
    service, _, name = action.partition(":")
    # Matches "'putitems' is not one of ['putitem', 'query']", from which it takes putitem and query.
    known = re.findall(r"'(\w+)'", finding.match.message.partition(" is not one of ")[2]) if finding.match else []
    near = [each for each in known if _differs_little(name.lower(), each)]
    if len(near) != 1 or "*" in name:
        return None
    return f"{service}:{_spelled(name, near[0])}"


def _differs_little(name: str, known: str) -> bool:
    if name == known + "s" or known == name + "s":
        return True
    if min(len(name), len(known)) < 5:
        return False
    matched = sum(block.size for block in SequenceMatcher(None, name, known, autojunk=False).get_matching_blocks())
    return abs(len(name) - len(known)) <= 1 and matched >= max(len(name), len(known)) - 1


def _spelled(name: str, known: str) -> str:
    """The known action, which is in lower case, with the capitals of the name; both differ little."""
    letters: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, name.lower(), known, autojunk=False).get_opcodes():
        letters.append(name[a:b] if tag == "equal" else known[c:d])
    return "".join(letters)


def _effect(template: Template, finding: Finding) -> Json:
    """The Effect of the statement that the finding stands in."""
    place = pointer.parent(finding.pointer)
    while place and "Effect" not in mapping(pointer.get(template.data, place)):
        place = pointer.parent(place)
    return mapping(pointer.get(template.data, place)).get("Effect")


TRANSFORM = Transform(
    id="unknown-action",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W3037",),
    changes=("@",),
    told_by=(
        Told(
            title=r"^(?!.*\b(?:github|pipeline|stage|listener|rule|waf|alarm|codepipeline|state machine|too|overly"
            r"|broad|excessive|wildcard)\b).*\b(?:invalid|unknown|non-?existent|incorrect|unsupported|wrong"
            r"|misspelled|made-?up)\b.*\b(?:iam|policy|polic(?:y|ies)|permissions?)?\W*actions?\b|\b(?:iam"
            r"|policy) actions?\b.*\b(?:does(?: not|n't) exist|not exist|invalid|unknown|not valid)\b",
            body=r"\b(?:not (?:an? )?(?:valid|existing|recogni[sz]ed)|does(?: not|n't) exist|invalid|no such"
            r"|unknown|non-?existent|incorrect|instead of|W3037)\b",
            example="Invalid IAM action in the policy\ns3:ReadObject does not exist.",
            unlike="Invalid GitHub action\nIt does not exist.",
        ),
        Told(
            title=r"\b(?:iam|kms|s3|policy|polic(?:y|ies)|permissions?)\b",
            body=r"\bactions? \W?[a-z0-9-]+:\w+\W? (?:is not (?:an? )?(?:valid|existing)|is invalid|does(?: not"
            r"""|n't) exist|not exist)|[`'\"(]\b[a-z0-9-]{2,20}:[A-Z]\w+\W{0,3} (?:is not (?:an? )?(?:valid"""
            r"|existing) (?:iam )?action|(?:iam )?action does(?: not|n't) exist)",
            ambiguous=True,
            example="Wrong permission of the role\nThe action s3:HeadObject does not exist.",
            unlike="Wrong permission of the role\nThe bucket does not exist.",
        ),
        Told(
            title=r"\bactions? (?:that|which) (?:does(?: not|n't)|do(?: not|n't)) exist\b|\btypo\b.*\b(?:iam"
            r"|policy) actions?\b",
            example="Policy uses an action that does not exist",
            unlike="Policy uses an action that is too broad",
        ),
    ),
)
