"""A function with its arguments in the wrong form, for example Fn::Join without the list.

Why it fails:
CloudFormation rejects a template in which a function has too many arguments, too few, or arguments of the wrong type.
Fn::Join takes a separator and one list, Fn::Select an index and a list, Fn::Split a separator and a text, Fn::Base64 a
text, and Fn::Sub a text, not a mapping.

What the fix does:
It puts the values that Fn::Join joins into one list, puts two arguments in the wrong order into the right one, and
writes Fn::Sub or Fn::Base64 with one text without the list around it. A Fn::Sub around a whole mapping or list moves
into it: each text with a variable gets a Fn::Sub of its own. It does so only if the arguments can be read in one way.
Everything else is only reported.

Why it is safe:
The template could not be deployed before, and no argument is added or lost.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-join.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-select.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-split.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

import re
from collections.abc import Callable, Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, intrinsic_name, sub_variables
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

# Matches "", ",", ", " and "-". Must not match "a" or "::x", which may be one of the joined values.
_SEPARATOR = re.compile(r"[^A-Za-z0-9]{0,3}")
_TAKE_TEXT = ("Fn::Base64", "Fn::If", "Fn::Join", "Fn::Select", "Fn::Split")
_LISTS = ("Fn::GetAZs", "Fn::Split", "Fn::Cidr")
"""Functions that give a list."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each function whose arguments cfn-lint rejects."""
    seen = set()
    for match, place in ctx.reported(template):
        found = _function_around(place)
        if found and found not in seen and _is_about_form(match.message):
            seen.add(found)
            yield ctx.finding(template, found, f"{pointer.split(found)[-1]} has its arguments in the wrong form", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Writes the arguments in the right form, if they can be read in one way."""
    function = pointer.split(finding.pointer)[-1]
    if function == "Fn::Sub":
        return _sub(template, finding)
    value = _FORMS[function](finding.seen)
    if value is None:
        return Patch.none(f"it is not known which arguments of {function} are meant")
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, value), Tier.REVIEW)


def _function_around(place: str) -> str:
    """The place of the function's arguments, for a match at or one below them; "" if it is another function."""
    for each in (place, pointer.parent(place)):
        if pointer.split(each)[-1:] and pointer.split(each)[-1] in (*_FORMS, "Fn::Sub"):
            return each
    return ""


def _is_about_form(message: str) -> bool:
    return "is not of type" in message or "item count" in message


def _join(arguments: Json) -> Json:
    """[separator, [value, ...]]; None if the arguments can be read in more than one way."""
    if not isinstance(arguments, list) or len(arguments) < 2:
        return None
    first, *rest = arguments
    if len(rest) == 1 and isinstance(first, list) and _is_separator(rest[0]):
        return [rest[0], first]
    is_flat = _is_separator(first) and not any(isinstance(each, list) for each in rest)
    if not is_flat or any(intrinsic_name(each) in _LISTS for each in rest):
        return None
    return [first, rest]


def _is_separator(value: Json) -> bool:
    return isinstance(value, str) and _SEPARATOR.fullmatch(value) is not None


def _select(arguments: Json) -> Json:
    """[index, list]"""
    if not isinstance(arguments, list) or len(arguments) < 2:
        return None
    first, *rest = arguments
    if len(rest) == 1 and as_int(rest[0]) is not None and (isinstance(first, list) or intrinsic_name(first) in _LISTS):
        return [rest[0], first]
    is_flat = as_int(first) is not None and len(rest) > 1 and all(isinstance(each, str) for each in rest)
    return [first, rest] if is_flat else None


def _split(arguments: Json) -> Json:
    """[separator, text]"""
    match arguments:
        case [dict() as text, str() as separator] if _is_separator(separator) and separator:
            return [separator, text]
    return None


def _base64(arguments: Json) -> Json:
    """The text, without the list around it."""
    match arguments:
        case [str() | dict() as text]:
            return text
    return None


_FORMS: dict[str, Callable[[Json], Json]] = {
    "Fn::Base64": _base64,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
}


def _sub(template: Template, finding: Finding) -> Patch:
    """Fn::Sub of a text in a list, or around a mapping or list."""
    match finding.seen:
        case [str() as text]:
            return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, text), Tier.REVIEW)
        case [str(), *_]:
            return Patch.none("it is not known which arguments of Fn::Sub are meant")
        case dict() | list():
            around = pointer.parent(finding.pointer)
            ops = pointer.replace(around, pointer.get(template.data, around), _substituted(finding.seen))
            return Patch.of(template.path, ops, Tier.REVIEW)
    return Patch.none("it is not known which text Fn::Sub is meant to have")


def _substituted(value: Json) -> Json:
    """The value with a Fn::Sub around each text that has variables; the arguments of functions that take names stay."""
    if isinstance(value, str):
        return {"Fn::Sub": value} if sub_variables(value) else value.replace("${!", "${")
    if isinstance(value, list):
        return [_substituted(each) for each in value]
    if isinstance(value, dict) and intrinsic_name(value) in (None, *_TAKE_TEXT):
        return {key: _substituted(each) for key, each in value.items()}
    return value


TRANSFORM = Transform(
    id="wrong-arguments",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1017", "E1018", "E1019", "E1021", "E1022", "E6101"),
    told_by=(
        Told(
            title=r"\b(?:invalid|wrong|malformed|incorrect|bad)\b.{0,40}\bFn::(?:Join|Select|Split|Base64)\b"
            r"|\bFn::(?:Join|Select|Split|Base64)\b.{0,60}\b(?:arguments?|syntax|malformed|invalid|requires? a list)\b",
            example="Malformed Fn::Join arguments",
            unlike="Fn::Join used instead of Fn::Sub",
        ),
        Told(
            title=r"\b(?:invalid|wrong|malformed|incorrect|bad)\b.{0,40}(?:Fn::|!)(?:Join|Select|Split|Base64"
            r"|Cidr|GetAZs|If|FindInMap)\b.{0,30}\b(?:arguments?|syntax|usage|format|structure"
            r"|parameters?)\b|(?:Fn::|!)(?:Join|Select|Split|Base64|Cidr|GetAZs|If)\b.{0,60}\b(?:(?:wrong"
            r"|incorrect|invalid|too many|too few) (?:number of )?(?:arguments?|parameters?|syntax)"
            r"|with (?:two|one|four|2|4|1) arguments?|syntax error|malformed)\b|\bmalformed (?:Fn::"
            r"|!)(?:Join|Select|Split|Base64|Cidr|GetAZs|If)\b",
            example="Fn::Cidr has a wrong number of arguments",
            unlike="Fn::If with the wrong condition",
        ),
    ),
    changes=("@", "~/Resources/{id}"),
)
