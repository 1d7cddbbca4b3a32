"""A string that uses ${Name} outside Fn::Sub, so that nothing replaces it.

Why it fails:
CloudFormation replaces variables only inside Fn::Sub. Outside it, the value stays the literal text
"alarms-${Environment}": the resource gets this text as its name, or the service rejects it. cfn-lint reports the
strings whose variables the template defines.

What the fix does:
It wraps the string in Fn::Sub. A string that consists of one variable becomes a Ref or Fn::GetAtt. Every variable in
the string must name a parameter, a resource, an attribute or a pseudo parameter. Strings of several lines, and strings
that another language than CloudFormation also reads (scripts, code, mapping templates, build specifications), are only
reported: there, ${Name} may belong to that language.

What to review:
The property gets the value that was meant. On a deployed stack this is a change: a literal name becomes a different
name.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import re
from collections.abc import Iterator, Sequence

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.schemas import definition, types
from fixer.cloudformation.foreign_text import language_key
from fixer.cloudformation.intrinsics import sub_variables
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each string that cfn-lint reports."""
    for match, place in ctx.reported(template):
        variables = ", ".join(sub_variables(str(pointer.get(template.data, place))))
        yield ctx.finding(template, place, f"the string uses {variables} but is not inside Fn::Sub", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Wraps the string in Fn::Sub."""
    text = str(finding.seen)
    tokens = pointer.split(finding.pointer)
    if not _takes_function(tokens):
        return Patch.none("an intrinsic function is not allowed here")
    if language_key(finding.pointer, text):
        return Patch.none("another language also reads this string, and ${...} may belong to it")
    if "\n" in text:
        return Patch.none("the string has several lines, and ${...} may belong to a script")
    if unknown := [name for name in sub_variables(text) if not _is_defined(template, name)]:
        return Patch.none(f"the template does not define {', '.join(unknown)}")
    if resources := [name for name in sub_variables(text) if _is_export(tokens) and not _is_parameter(template, name)]:
        return Patch.none(
            f"the name of an export takes only parameters and pseudo parameters, not {', '.join(resources)}"
        )
    if _must_be_parsed(template, tokens, text):
        return Patch.later("the value must be a mapping or list, and is JSON text", "wrong-type")
    if "${!" in text or text.count("${") != len(sub_variables(text)):
        return Patch.none("not every ${ in the string begins a variable")
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, _filled_in(text)), Tier.REVIEW)


def _must_be_parsed(template: Template, tokens: Sequence[str], text: str) -> bool:
    """Whether the text is JSON at a place that takes a mapping or list only; `wrong-type` reads it."""
    resource = template.resources.get(tokens[1]) if tokens[0] == "Resources" else None
    known = definition(resource.type, tuple(tokens[3:])) if resource else None
    accepted = types(known) if known else frozenset()
    return text.lstrip().startswith(("{", "[")) and bool(accepted) and "string" not in accepted


def _filled_in(text: str) -> Json:
    """The string in Fn::Sub, or a Ref or Fn::GetAtt if it consists of one variable."""
    # Matches a string that is one variable: "${Queue.Arn}". Must not match "alarms-${Stage}" or "${Stage}${Region}".
    if not (whole := re.fullmatch(r"\$\{([^}]*)\}", text)):
        return {"Fn::Sub": text}
    name, dot, attribute = whole[1].strip().partition(".")
    return {"Fn::GetAtt": [name, attribute]} if dot else {"Ref": name}


def _takes_function(tokens: Sequence[str]) -> bool:
    """Whether a place of the template takes a function: a property, the value of an output, the name of an export.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
    """
    is_property = tokens[0] == "Resources" and tokens[2:3] == ("Properties",)
    return is_property or _is_export(tokens) or (tokens[0] == "Outputs" and tokens[2:3] == ("Value",))


def _is_export(tokens: Sequence[str]) -> bool:
    return tokens[0] == "Outputs" and tuple(tokens[2:4]) == ("Export", "Name")


def _is_parameter(template: Template, name: str) -> bool:
    return name.startswith("AWS::") or name in template.section("Parameters")


def _is_defined(template: Template, name: str) -> bool:
    return _is_parameter(template, name) or name.partition(".")[0] in template.resources


TRANSFORM = Transform(
    id="missing-sub",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1029",),
    told_by=(
        Told(
            title=r"\b(?:missing|without|no|lacks?|outside(?: of)?|not wrapped in)\b.{0,30}(?:\bFn::Sub\b|!Sub\b"
            r"|\bSub\b(?! ?-?\w))|\$\{[^}]{0,80}\}.*\b(?:literal\w*|not (?:resolved|substituted|replaced"
            r"|wrapped))\b|\bvariables? (?:is |are )?not substituted\b",
            example="Missing Fn::Sub around the variables",
            unlike="Missing subscription",
        ),
        Told(
            title=r"(?:\bFn::Sub\b|!Sub\b).*\b(?:missing|required|forgotten|omitted|absent)\b",
            example="Fn::Sub is missing for the variable",
            unlike="Fn::Sub is not needed",
        ),
        Told(
            title=r"\bliteral\b.*\$\{\w+(?:::\w+)?\}",
            example="Literal ${EnvironmentSuffix} in the bucket name",
            unlike="Name uses ${EnvironmentSuffix}",
        ),
    ),
    changes=("@",),
)
