"""A bucket name with capital letters from the Default of a parameter.

Why it fails:
Bucket names must be in lower case. CloudFormation fails when it creates the bucket.

What the fix does:
It writes the Default and the AllowedValues of the parameter in lower case. A parameter without AllowedValues gets an
AllowedPattern that rejects capital letters. The finding is only reported if something depends on the value in its
current spelling: a condition, a mapping, a rule, an import, a dynamic reference, a parent stack that passes it, or a
nested stack that gets it and compares it or is not known.

What to review:
All names and tags that contain the parameter change, and resources with such a name are replaced. Check what else the
value names.

References:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import json
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.passed_parameters import may_be_passed
from fixer.cloudformation.project import NESTED
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

_BUCKET = "AWS::S3::Bucket"
_COMPARING = {"Fn::FindInMap", "Fn::Equals", "Fn::ImportValue", "Fn::GetStackOutput"}
"""Functions that look something up under the value, or compare it."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each parameter whose Default puts capital letters into the name of a bucket."""
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
                message = f"the name of {tokens[1]} has capital letters from the Default of {name}"
                yield ctx.finding(template, where, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Writes the values of the parameter in lower case."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(template.parameter(name))
    if parent := _passing(template, name, ctx):
        return Patch.none(f"the stack {parent} passes {name}: correct the value there first")
    if barred := _barred(template, name, ctx):
        return Patch.none(f"{barred} depends on the value in its current spelling")
    ops = pointer.replace(finding.pointer, finding.seen, str(finding.seen).lower())
    values = declared.get("AllowedValues")
    if isinstance(values, list):
        lower = list(dict.fromkeys(str(each).lower() for each in values))
        ops += pointer.replace(pointer.join("Parameters", name, "AllowedValues"), values, [*lower])
    elif "AllowedPattern" in declared:
        return Patch.none("the parameter already has an AllowedPattern")
    else:
        pattern, names = ("[a-z0-9.-]+", "digits, dots") if "." in str(finding.seen) else ("[a-z0-9-]+", "digits")
        ops += pointer.add(pointer.join("Parameters", name, "AllowedPattern"), pattern)
        if "ConstraintDescription" not in declared:
            said = f"Must contain only lower-case letters, {names} and hyphens"
            ops += pointer.add(pointer.join("Parameters", name, "ConstraintDescription"), said)
    return Patch.of(template.path, ops, Tier.REVIEW)


def _capital(template: Template, value: Json) -> list[str]:
    """The parameters in a bucket name whose Default has capital letters."""
    names = dict.fromkeys(each.target for each in references_in(value))
    defaults = {name: (template.parameter(name) or {}).get("Default") for name in names}
    return [name for name, value in defaults.items() if isinstance(value, str) and re.search("[A-Z]", value)]


def _passing(template: Template, name: str, ctx: Context) -> str:
    """A stack that passes the parameter to this template, or to one that is not known; "" if there is none."""
    for _, stack in ctx.project.parents(template):
        if name in mapping(stack.properties.get("Parameters")):
            return stack.logical_id
    return may_be_passed(ctx.project, template, name)


def _barred(template: Template, name: str, ctx: Context, above: tuple[str, ...] = ()) -> str:
    """The condition, rule or other entry that depends on the exact value of the parameter; "" if there is none. `above`
    are the paths of the templates through which the value has come.
    """
    for use in template.references_to(name):
        tokens = pointer.split(use.pointer)
        if tokens[0] in ("Conditions", "Rules") or not _COMPARING.isdisjoint(tokens):
            return "/".join(tokens[:2])
        if "{{resolve:" in json.dumps(pointer.get(template.data, use.pointer)):
            return "/".join(tokens[:2])
        stack = template.resources.get(tokens[1]) if tokens[0] == "Resources" else None
        if stack is not None and stack.type == NESTED and tokens[3:4] == ("Parameters",):
            inner = ctx.project.nested(template, stack)
            if inner is None or inner.path in above or _is_strict(inner, tokens[4], ctx, (*above, template.path)):
                return "/".join(tokens[:2])
    return ""


def _is_strict(template: Template, name: str, ctx: Context, above: tuple[str, ...]) -> bool:
    """Whether a nested template may reject another value of the parameter, or behave differently with it."""
    declared = mapping(template.parameter(name))
    return "AllowedValues" in declared or "AllowedPattern" in declared or bool(_barred(template, name, ctx, above))


TRANSFORM = Transform(
    id="bucket-name-case",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W1031",),
    told_by=(
        Told(
            title=r"\bbuckets?\b.*\b(?:upper-? ?case|lower-? ?case|capitals?|capital letters)\b|\b(?:upper-? ?case"
            r"|lower-? ?case|capital letters)\b.*\bbuckets?\b",
            example="Bucket name has uppercase letters",
            unlike="Bucket name is too long",
        ),
        Told(
            title=r"\bbuckets?\b.*\bmixed[- ]case\b|\bmixed[- ]case\b.*\bbuckets?\b",
            example="Mixed-case bucket name",
            unlike="Mixed storage classes of the bucket",
        ),
        Told(
            title=r"\bbuckets?\b.*\bnam(?:es?|ing)\b",
            body=r"\b(?:defaults?|parameters?)\b[^\n]{0,80}\b(?:upper-? ?case|capitals?)\b"
            r"|\b(?:upper-? ?case|capitals?)\b[^\n]{0,80}\b(?:defaults?|parameters?)\b",
            ambiguous=True,
            example="Invalid bucket name\nThe default of ProjectName has uppercase letters.",
            unlike="Invalid bucket name\nIt must be lowercase, but the stack has capitals.",
        ),
    ),
    changes=(
        "=@",
        "=/Resources/*",
        "=/Outputs/*",
        "=/Parameters/*",
        "+/Parameters/*/AllowedPattern",
        "+/Parameters/*/ConstraintDescription",
    ),
)
