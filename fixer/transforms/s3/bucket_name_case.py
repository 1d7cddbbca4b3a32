"""A bucket name with capitals, by a parameter whose Default has them.

Why it fails:
Bucket names are in lower case: CloudFormation fails when it creates the bucket.

What the fix does:
The Default of the parameter and its AllowedValues are written in lower case, and an AllowedPattern keeps others out.
Where the parameter decides a condition, a mapping or a rule, which ask for the value as it was, it is reported only.

What to review:
All names and tags that carry the parameter change: what has a fixed name is replaced. Look what else the value names.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_BUCKET = "AWS::S3::Bucket"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per parameter that brings capitals into the name of a bucket."""
    found = set()
    for match, place in ctx.reported(template):
        tokens = pointer.split(place)
        resource = template.resources.get(tokens[1]) if tokens[:1] == ("Resources",) else None
        if resource is None or resource.type != _BUCKET or tokens[2:4] != ("Properties", "BucketName"):
            continue
        for name in _capital(template, resource.properties["BucketName"]):
            if name not in found:
                found.add(name)
                where = pointer.join("Parameters", name, "Default")
                yield ctx.finding(template, where, f"the Default of {name} has capitals and names {tokens[1]}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The parameter in lower case."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(template.parameter(name))
    if barred := _barred(template, name):
        return Patch.none(f"{barred} asks for the value as it is")
    ops = pointer.replace(finding.pointer, finding.seen, str(finding.seen).lower())
    values = declared.get("AllowedValues")
    if isinstance(values, list):
        lower = list(dict.fromkeys(str(each).lower() for each in values))
        ops += pointer.replace(pointer.join("Parameters", name, "AllowedValues"), values, [*lower])
    elif "AllowedPattern" in declared:
        return Patch.none("the parameter has an AllowedPattern of its own")
    else:
        ops += pointer.add(pointer.join("Parameters", name, "AllowedPattern"), "[a-z0-9-]+")
    return Patch.of(template.path, ops, Tier.REVIEW)


def _capital(template: Template, value: Json) -> list[str]:
    """The parameters in a name whose Default has capitals."""
    names = dict.fromkeys(each.target for each in references_in(value))
    defaults = {name: (template.parameter(name) or {}).get("Default") for name in names}
    return [name for name, value in defaults.items() if isinstance(value, str) and re.search("[A-Z]", value)]


def _barred(template: Template, name: str) -> str:
    """What decides by the parameter's value, "" if nothing does."""
    for use in template.references_to(name):
        tokens = pointer.split(use.pointer)
        if tokens[0] in ("Conditions", "Rules") or "Fn::FindInMap" in tokens or "Fn::Equals" in tokens:
            return "/".join(tokens[:2])
    return ""


TRANSFORM = Transform(
    id="bucket-name-case",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W1031",),
    changes=(
        "=@",
        "=/Resources/*",
        "=/Outputs/*",
        "=/Parameters/*",
        "+/Parameters/*/AllowedPattern",
        "+/Parameters/*/ConstraintDescription",
    ),
)
