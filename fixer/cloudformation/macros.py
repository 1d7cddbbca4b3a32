"""Functions that CloudFormation does not have: macros and the tags of preprocessors, such as Rain's. Pure.

What they make of a template is not known, and what they use is not visible in it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
https://aws-cloudformation.github.io/rain/
"""

import re

from fixer import pointer
from fixer.model import Json

_FUNCTIONS = {
    *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs"),
    *("GetAtt", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split"),
    *("Sub", "ToJsonString", "ValueOf", "ValueOfAll"),
}
"""The intrinsic functions whose results are known, without Fn::."""

_KNOWN = {name.lower() for name in _FUNCTIONS}
_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:::[A-Za-z0-9]+)+")
"""A function of a preprocessor: matches "Rain::Module". Must not match "aws:username" or "Module"."""


def macro_at(place: str, value: Json) -> str:
    """The first function at a place whose result is not known: a macro, a loop, or a tag that CloudFormation does not
    have; "" if there is none. A misspelled function, such as Fn::join, is not a macro.
    """
    if not isinstance(value, dict):
        return ""
    section, *rest = pointer.split(place) or ("",)
    is_metadata = section == "Metadata" or rest[1:2] == ["Metadata"]
    found = next((key for key in value if _is_macro(key, is_alone=len(value) == 1 and not is_metadata)), "")
    # A YAML tag, such as !Rain::Embed, is read as Fn::Rain::Embed.
    return found.removeprefix("Fn::") if found.count("::") > 1 and not found.startswith("Fn::ForEach") else found


def _is_macro(key: str, is_alone: bool) -> bool:
    if key.startswith("Fn::"):
        return key[4:].lower() not in _KNOWN
    return is_alone and not key.startswith("AWS::") and _FOREIGN.fullmatch(key) is not None
