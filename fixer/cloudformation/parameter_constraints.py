"""The constraints of a parameter, and whether they allow a value. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re

from fixer.aws.patterns import fits
from fixer.cloudformation.intrinsics import as_int, sequence
from fixer.model import Json


def violation(declared: dict[str, Json], value: str) -> str:
    """The reason why the parameter's type or constraints do not allow the value; "" if they do."""
    kind = str(declared.get("Type"))
    if "AllowedValues" in declared and value not in [str(each) for each in sequence(declared["AllowedValues"])]:
        return f"{value!r} is not one of its AllowedValues"
    if kind == "Number":
        if not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return f"{value!r} is not a number"
        least, most = (_number(declared.get(bound), float(value)) for bound in ("MinValue", "MaxValue"))
        return "" if least <= float(value) <= most else f"{value} violates its MinValue or MaxValue"
    low, high = (as_int(declared.get(bound)) for bound in ("MinLength", "MaxLength"))
    if (low is not None and len(value) < low) or (high is not None and len(value) > high):
        return f"{value!r} violates its MinLength or MaxLength"
    return "" if _fits(declared.get("AllowedPattern"), value) else f"{value!r} does not match its AllowedPattern"


def _number(bound: Json, default: float) -> float:
    """A bound as a number; the default if it is absent or is not a number."""
    try:
        return float(str(bound))
    except ValueError:
        return default


def _fits(pattern: Json, value: str) -> bool:
    """Whether the whole value matches; not if that cannot be found out."""
    return pattern is None or (isinstance(pattern, str) and fits(pattern, value))
