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
from fixer.context import Context, Option
from fixer.intrinsics import as_int, is_true, mapping, sequence
from fixer.model import Finding, Json, Patch, Tier
from fixer.template import Template
from fixer.transforms.contract import Transform

_TYPES = ("String", "Number", "CommaDelimitedList")
_USUAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(Environment|Env|Stage|Deployment)(Name|Type|Suffix)?", ("dev", "development", "test", "staging")),
    (r"(VPC|Vpc)(CIDR|Cidr)(Block)?", ("10.0.0.0/16",)),
    (r"(EC2|Ec2|Web|App|Bastion)?(Server)?InstanceType", ("t3.micro", "t3.small", "t3.medium")),
    (r"(DB|Db|Database|RDS|Rds)InstanceClass", ("db.t3.medium", "db.t3.micro", "db.t4g.medium", "db.r5.large")),
)
"""What a parameter's name says of it, and the values that are usual, the first that is allowed."""


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
    usual = next((values for pattern, values in _USUAL if re.fullmatch(pattern, name)), ())
    wishes = [each for each in usual if declared.get("Type") in _TYPES and not _refusal(declared, each)]
    if not wishes:
        return Patch.needs("what it is to be is not known", ctx.want("values", f"{name}=VALUE"))
    return _with_default(template, finding, declared, wishes[0])


def _with_default(template: Template, finding: Finding, declared: dict[str, Json], value: str) -> Patch:
    number = as_int(value) if declared.get("Type") == "Number" else None
    default: Json = value if number is None else number
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/Default", default), Tier.REVIEW)


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
        number = as_int(value)
        low, high = (as_int(declared.get(bound)) for bound in ("MinValue", "MaxValue"))
        if number is None:
            return f"{value!r} is no number"
        if (low is not None and number < low) or (high is not None and number > high):
            return f"{value} is out of its bounds"
        return ""
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
)
