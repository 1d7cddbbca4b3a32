"""A policy statement with the name of a bucket where the bucket's ARN is required.

Why it fails:
Ref on a bucket returns its name. In the Resource of a policy statement, a name matches nothing: S3 rejects the bucket
policy, and IAM rejects a policy whose resources are not ARNs.

What the fix does:
Ref of the bucket becomes Fn::GetAtt of its Arn, ${Bucket}/* in an Fn::Sub becomes ${Bucket.Arn}/*, and an Fn::Join of
the bucket and a path becomes an Fn::Sub. Only statements with nothing but S3 actions, and only buckets that the
template defines, are changed.

What to review:
The statement then allows what it was written for. A statement that denies has had no effect so far. The fix is unsafe
for it, because it can lock out its owner.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping, ref_target
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

_BUCKET = "AWS::S3::Bucket"
_TYPES = ("AWS::IAM::", "AWS::S3::BucketPolicy")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each resource of a statement that is the name of a bucket."""
    for resource in template.resources.values():
        if not resource.type.startswith(_TYPES):
            continue
        for place, value in pointer.walk(resource.properties, resource.at()):
            if isinstance(value, dict) and _is_about_buckets(value):
                for where, item in _items(value, place):
                    if (named := _named(template, item)) is not None:
                        message = f"a statement of {resource.logical_id} must have the ARN of {named[0]}, not its name"
                        yield ctx.finding(template, where, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the name with the ARN."""
    named = _named(template, finding.seen)
    assert named is not None
    bucket, path = named
    value: Json = {"Fn::Sub": f"${{{bucket}.Arn}}{path}"} if path else {"Fn::GetAtt": [bucket, "Arn"]}
    ops = pointer.replace(finding.pointer, finding.seen, value)
    if _effect(template, finding.pointer) == "Deny":
        note = "The statement denied nothing so far, and now it does: check that it does not lock out its owner."
        return Patch.of(template.path, ops, Tier.UNSAFE, [note])
    return Patch.of(template.path, ops, Tier.REVIEW)


def _effect(template: Template, place: str) -> Json:
    """The Effect of the statement around a place."""
    while "Resource" in pointer.split(place)[-2:]:
        place = pointer.parent(place)
    return mapping(pointer.get(template.data, place)).get("Effect")


def _is_about_buckets(statement: dict[str, Json]) -> bool:
    """Whether it is a policy statement in which all actions are S3 actions."""
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    is_statement = statement.get("Effect") in ("Allow", "Deny") and "Resource" in statement
    return is_statement and all(isinstance(each, str) and each.lower().startswith("s3:") for each in listed)


def _items(statement: dict[str, Json], place: str) -> Iterator[tuple[str, Json]]:
    """(place, value) of each resource of a statement."""
    value = statement["Resource"]
    if isinstance(value, list):
        yield from ((f"{place}/Resource/{index}", item) for index, item in enumerate(value))
    else:
        yield f"{place}/Resource", value


def _named(template: Template, value: Json) -> tuple[str, str] | None:
    """(bucket, path after its name) of a value that begins with the name of a bucket of the template."""
    text: Json = None
    if (name := ref_target(value)) is not None:
        text = f"${{{name}}}"
    elif isinstance(value, dict) and len(value) == 1:
        text = value.get("Fn::Sub") or _joined(value.get("Fn::Join"))
    # Matches "${Logs}" and "${Logs}/app/*". Must not match "${Logs.Arn}/*", which is an ARN, or "${Logs}-copy", which
    # is another bucket.
    found = re.fullmatch(r"\$\{([A-Za-z0-9]+)\}((?:/.*)?)", text) if isinstance(text, str) else None
    resource = template.resources.get(found[1]) if found else None
    return (found[1], found[2]) if found and resource is not None and resource.type == _BUCKET else None


def _joined(argument: Json) -> str | None:
    """An Fn::Join of Refs and strings with an empty separator, as the string of an Fn::Sub."""
    if not isinstance(argument, list) or len(argument) != 2 or argument[0] != "" or not isinstance(argument[1], list):
        return None
    parts = [f"${{{ref_target(part)}}}" if ref_target(part) else part for part in argument[1]]
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


TRANSFORM = Transform(
    id="bucket-name-in-policy",
    doc=__doc__,
    severity=Severity.ERROR,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    changes=("@",),
    told_by=(
        Told(
            title=r"\b(?:buckets?|s3)\b.*\b(?:names?|ref)\b.*\b(?:instead of|rather than|where|not)\b.*\barns?\b",
            example="S3 bucket name instead of its ARN in a policy",
            unlike="Bucket name instead of a parameter",
        ),
        Told(
            title=r"\b(?:buckets?|s3)\b.*\barns?\b|\barns?\b.*\b(?:buckets?|s3)\b",
            body=r"\bbucket(?:'s)? (?:name|ref)\b[^\n]{0,60}\b(?:instead of|rather than|not (?:the|an) arn)"
            r"|\bRef\b[^\n]{0,60}\b(?:returns|resolves to|gives)\b[^\n]{0,30}\bname\b|\b(?:requires?|needs?"
            r"|must be|should be|expects?) (?:an?|the|a full)? ?(?:bucket )?ARN\b",
            example="Invalid bucket ARN in the policy\nRef returns the name of the bucket.",
            unlike="Bucket ARN is not exported\nOther stacks need it.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:iam|policy|polic(?:y|ies)|permissions?)\b.*\barns?\b|\bbuckets?\b.*\bpolic(?:y|ies)\b"
            r"|\barns?\b.*\bpolic(?:y|ies)\b",
            body=r"\bRef \w{0,60}Bucket\b[^\n]{0,60}\b(?:instead of|rather than)\b"
            r"|\$\{\w{0,60}Bucket\w{0,20}\}[^\n]{0,60}\b(?:instead of|rather than)\b[^\n]{0,60}\barn\b"
            r"|\breference format\b[^\n]{0,60}\bbucket\b[^\n]{0,30}\barn\b"
            r"|\bbuckets?\b[^\n]{0,60}\bwithout (?:\w+ )?ARN\b",
            example="IAM policy ARN format\nIt has !Ref LogBucket instead of the ARN.",
            unlike="IAM policy ARN format\nThe account is hard-coded.",
            ambiguous=True,
        ),
        Told(
            title=r"\bbucket names?\b.*\b(?:as|for|in)\b.*\b(?:Resources?|polic(?:y|ies)|statements?)\b",
            body=r"\b(?:must|should|has to|needs to) be (?:the|an|a full)? ?(?:bucket )?ARN\b"
            r"|\binstead of (?:the|an|its)? ?(?:bucket )?ARN\b",
            ambiguous=True,
            example="Bucket name used as a Resource of the policy\nIt must be the ARN.",
            unlike="Bucket name in the policy is hard-coded\nAnother account has another name.",
        ),
    ),
)
