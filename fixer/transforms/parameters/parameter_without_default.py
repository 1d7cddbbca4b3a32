"""A parameter without a Default, so that every deployment must pass a value.

Why it fails:
An unattended deployment stops at a parameter without a Default. Many of these parameters have a usual value: the
environment is dev, and the CIDR block of a VPC is 10.0.0.0/16.

What the fix does:
It adds a Default if the parameter's name and use show what it is, and its type and constraints allow the value. An
environment becomes dev or, if that is not allowed, the most similar AllowedValue; an instance type becomes t3.micro;
the CIDR block of a VPC becomes 10.0.0.0/16; a database instance class becomes db.t3.medium. `values` gives other
Defaults, for example "ProjectName=shop,CostCenter=42". What cannot be known (an address, a domain, a certificate, an
account, an existing resource) needs a value. If an earlier commit of the file has a Default for the parameter, the
patch restores it. A parameter with NoEcho is not changed, nor one that the parent stacks of
a nested template pass. The transform finds something only if it is selected, or with the requirement `unattended`.

What to review:
Check that each Default is what a deployment without parameters must use.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.intrinsics import is_true, mapping
from fixer.cloudformation.parameter_constraints import violation
from fixer.cloudformation.passed_parameters import is_passed
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

_TYPES = ("String", "Number", "CommaDelimitedList")
# The patterns must match the whole name, or the whole TYPE/PROPERTY. "Environment" and "StageName" match the first row;
# "EnvironmentCertificateArn" must not. "VpcCidr" matches the second row; "SubnetCidr" must not.
_USUAL: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"(Environment|Env|Stage)(Name|Suffix)?", ".*", ("dev", "development", "test", "staging")),
    (r"(VPC|Vpc)(CIDR|Cidr)(Block)?", r"AWS::EC2::\w+/Cidr\w*", ("10.0.0.0/16",)),
    (
        r"(EC2|Ec2|Web|App|Bastion)?(Server)?InstanceType",
        "AWS::(EC2::(Instance|LaunchTemplate)|AutoScaling::LaunchConfiguration)/InstanceType",
        ("t3.micro", "t3.small", "t3.medium"),
    ),
    (
        r"(DB|Db|Database|RDS|Rds)InstanceClass",
        "AWS::RDS::DBInstance/DBInstanceClass",
        ("db.t3.medium", "db.t3.micro", "db.t4g.medium", "db.r5.large"),
    ),
)
"""Pattern of the parameter's name; pattern of TYPE/PROPERTY, which all its uses must match; the usual values, of which
the first that is allowed is taken.
"""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each parameter without a Default and without NoEcho."""
    for name, each in template.section("Parameters").items():
        declared = mapping(each)
        if is_passed(ctx.project, template, name):
            continue
        if "Default" not in declared and not is_true(declared.get("NoEcho")) and declared:
            message = f"{name} has no Default, so every deployment must pass a value"
            yield ctx.finding(template, pointer.join("Parameters", name), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the Default that the user gave, or else the usual one."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(finding.seen)
    value = _given(ctx).get(name)
    if value is not None:
        if reason := violation(declared, value):
            raise ctx.bad_option("values", f"{name}: {reason}")
        return _with_default(template, finding, declared, value)
    for version in ctx.earlier(template.path):
        earlier = mapping(mapping(mapping(version.data).get("Parameters")).get(name))
        default = earlier.get("Default")
        if isinstance(default, str | int) and earlier.get("Type") == declared.get("Type"):
            if violation(declared, str(default)):
                break
            note = f"The Default is that of commit {version.commit[:12]} of {version.day}."
            return Patch.of(template.path, pointer.add(f"{finding.pointer}/Default", default), Tier.REVIEW, (note,))
    usual = next(
        (values for said, fed, values in _USUAL if re.fullmatch(said, name) and _feeds(template, name, fed)), ()
    )
    wishes = [each for each in usual if declared.get("Type") in _TYPES and not violation(declared, each)]
    if not wishes:
        return Patch.needs("no usual value is known for it", ctx.want("values", f"{name}=VALUE"))
    return _with_default(template, finding, declared, wishes[0])


def _with_default(template: Template, finding: Finding, declared: dict[str, Json], value: str) -> Patch:
    # Matches "30" and "-1". Must not match "0.5", which is written as text.
    is_whole = declared.get("Type") == "Number" and re.fullmatch(r"-?\d+", value)
    default: Json = int(value) if is_whole else value
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/Default", default), Tier.REVIEW)


def _feeds(template: Template, name: str, pattern: str) -> bool:
    """Whether every use of a parameter matches the pattern of TYPE/PROPERTY."""
    for use in template.references_to(name):
        resource = template.resources.get(use.owner[1]) if use.owner[0] == "Resources" else None
        if not re.fullmatch(pattern, f"{resource.type if resource else ''}/{use.feeds}"):
            return False
    return True


def _given(ctx: Context) -> dict[str, str]:
    """Parameter name → value, from the option `values`."""
    text = ctx.option("values") or ""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not equals or not name.strip() for name, equals, _ in pairs):
        raise ctx.bad_option("values", 'must have the form "Name=value,Other=value"')
    return {name.strip(): value.strip() for name, _, value in pairs}


TRANSFORM = Transform(
    id="parameter-without-default",
    doc=__doc__,
    severity=Severity.ADVICE,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(Option("values", 'Defaults for parameters, as "Name=value,Other=value"'),),
    requirement="unattended",
    told_by=(
        Told(
            title=r"^(?!.*\bkey ?-?(?:pairs?|name)\b).*"
            r"(?:\bparameters?\b.*\b(?:without|missing|lacks?|lacking|lacked|no"
            r"|absent)\b.*\bdefaults?\b(?! (?:tags?|encryption|vpc))|\b(?:missing|no|without|lacks?|lacking"
            r"|absent)\b(?: \w+){0,3} (?:defaults?|default values?)\b.*\bparameters?\b|\b(?:missing"
            r"|no) default values?\b)",
            body=r"\bdefaults?\b",
            example="Parameters without default values\nThe owner has no default.",
            unlike="Parameters lack validation\nThe pattern is absent.",
        ),
        Told(
            title=r"\bparameter defaults?\b",
            body=r"\b(?:missing|without|lacks?|lacked|lacking|no|absent)\b[^\n]{0,60}\bdefaults?\b",
            example="Parameter defaults for the test account\nThe subnets lacked defaults.",
            unlike="Parameter defaults are too large\nThe volume has 500 GiB.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:parameters?|deploy\w*|automat\w+|inputs?|self-sufficient|optional)\b",
            body=r"\bparameters? (?:(?:was|were|is|are) )?(?:defined |required |declared )?(?:without|lacks?"
            r"|lacked|has no|have no|had no) (?:an? |any )?defaults?\b"
            r"|\brequired parameters?\b[^\n]{0,80}\bno defaults?\b",
            example="Deployment fails in the pipeline\nThe parameter has no default.",
            unlike="Deployment fails in the pipeline\nThe default VPC is absent.",
            ambiguous=True,
        ),
        Told(
            title=r"\bdefaults?(?: values?)?\b.*\b(?:is|are|was|were)? ?(?:missing|absent)\b.*\bparameters?\b"
            r"|\bparameters?\b.*\bdefaults?(?: values?)? (?:is |are |was |were )?(?:missing|absent)\b"
            r"|\brequired without (?:a )?default\b",
            example="Default values are missing for the parameters",
            unlike="Default tags are missing for the buckets",
        ),
    ),
    changes=("+@/Default",),
)
