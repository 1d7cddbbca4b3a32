"""A parameter that every deployment must be given, though a usual value is known.

Why it fails:
A stack that is to be deployed unattended stops at a parameter without a Default. Many of them have a value that is
usual: the environment is dev, the block of a VPC 10.0.0.0/16.

What the fix does:
It gives the parameter a Default, if its name says what it is and its type and constraints allow the value: an
environment becomes dev, or the AllowedValue that comes nearest to that; an instance type t3.micro; a block of a VPC
10.0.0.0/16; a class of a database db.t3.medium. `values` gives others, as
"ProjectName=shop,CostCenter=42". What cannot be known (an address, a domain, a certificate, an account, an existing
resource) needs a value; a parameter with NoEcho is left alone. It finds something when it is selected, or with the
requirement `unattended`.

What to review:
That the Default is what a deployment without parameters is to be.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.intrinsics import as_int, is_true, mapping, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_TYPES = ("String", "Number", "CommaDelimitedList")
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
"""What a parameter's name says of it; what it must feed, and nothing else, as TYPE/PROPERTY; the values that are usual,
the first that is allowed.
"""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per parameter without Default that is no secret."""
    for name, each in template.section("Parameters").items():
        declared = mapping(each)
        if "Default" not in declared and not is_true(declared.get("NoEcho")) and declared:
            message = f"{name} must be given whenever the stack is deployed"
            yield ctx.finding(template, pointer.join("Parameters", name), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The Default that was given, or that is usual."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(finding.seen)
    value = _given(ctx).get(name)
    if value is not None:
        if reason := _refusal(declared, value):
            raise ctx.bad_option("values", f"{name}: {reason}")
        return _with_default(template, finding, declared, value)
    usual = next(
        (values for said, fed, values in _USUAL if re.fullmatch(said, name) and _feeds(template, name, fed)), ()
    )
    wishes = [each for each in usual if declared.get("Type") in _TYPES and not _refusal(declared, each)]
    if not wishes:
        return Patch.needs("what it is to be is not known", ctx.want("values", f"{name}=VALUE"))
    return _with_default(template, finding, declared, wishes[0])


def _with_default(template: Template, finding: Finding, declared: dict[str, Json], value: str) -> Patch:
    is_whole = declared.get("Type") == "Number" and re.fullmatch(r"-?\d+", value)
    default: Json = int(value) if is_whole else value
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/Default", default), Tier.REVIEW)


def _feeds(template: Template, name: str, pattern: str) -> bool:
    """Whether all that uses a parameter is what the pattern names."""
    for use in template.references_to(name):
        resource = template.resources.get(use.owner[1]) if use.owner[0] == "Resources" else None
        if not re.fullmatch(pattern, f"{resource.type if resource else ''}/{use.feeds}"):
            return False
    return True


def _given(ctx: Context) -> dict[str, str]:
    """Parameter name to value, as the option `values` has them."""
    text = ctx.option("values") or ""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not equals or not name.strip() for name, equals, _ in pairs):
        raise ctx.bad_option("values", 'must read "Name=value,Other=value"')
    return {name.strip(): value.strip() for name, _, value in pairs}


def _refusal(declared: dict[str, Json], value: str) -> str:
    """Why the parameter's type or constraints do not allow the value; "" if they do."""
    kind = str(declared.get("Type"))
    if "AllowedValues" in declared and value not in [str(each) for each in sequence(declared["AllowedValues"])]:
        return f"{value!r} is none of its AllowedValues"
    if kind == "Number":
        if not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return f"{value!r} is no number"
        least, most = (float(str(declared.get(bound, value))) for bound in ("MinValue", "MaxValue"))
        return "" if least <= float(value) <= most else f"{value} is out of its bounds"
    low, high = (as_int(declared.get(bound)) for bound in ("MinLength", "MaxLength"))
    if (low is not None and len(value) < low) or (high is not None and len(value) > high):
        return f"{value!r} is not as long as it must be"
    return "" if _fits(declared.get("AllowedPattern"), value) else f"{value!r} does not match its AllowedPattern"


def _fits(pattern: Json, value: str) -> bool:
    """Whether the whole value matches; not for a pattern that is none to Python, which is not Java's."""
    if pattern is None:
        return True
    try:
        return isinstance(pattern, str) and re.fullmatch(pattern, value) is not None
    except re.error:
        return False


TRANSFORM = Transform(
    id="parameter-without-default",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(Option("values", 'Defaults for parameters, as "Name=value,Other=value"'),),
    requirement="unattended",
    changes=("+@/Default",),
)
