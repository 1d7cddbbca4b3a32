"""An attribute that the resource type does not have, in a Fn::GetAtt or a Fn::Sub.

Why it fails:
CloudFormation rejects a template that uses an attribute that the resource type does not return. It also rejects an
attribute that is an object, such as Endpoint, where text is expected.

What the fix does:
If the table of known mistakes contains the attribute, or if exactly one attribute of the type differs from it only in
capitals, dots, one letter, a word such as Broken, or an end that is cut off, the right attribute replaces it
(ReaderEndpoint → ReadEndpoint.Address). So does the only attribute that the property takes by its schema, such as the
Arn of a role, or that the name of an output ends with. An object becomes its Address, where it has one. A name or id
that Ref returns becomes a Ref (the FunctionName of a function). The hosted zone of a CloudFront distribution or an
accelerator, which is the same for all of them, becomes its id. Everything else is only reported.

What to review:
Check that the new attribute is the one that was meant. For example, the reader endpoint of a cluster is not its writer
endpoint.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-route53-recordset-aliastarget.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.accepted_names import attributes_that_fit
from fixer.authoring.context import Context
from fixer.aws.attributes import attributes
from fixer.cloudformation.name_uses import NameUse, name_uses
from fixer.cloudformation.near_names import letters, nearest
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, LintMatch, Op, Patch, Tier
from fixer.transforms.functions.known_attributes import CONSTANTS, MEANT, REF
from fixer.transforms.transform import Told, Transform

_UNKNOWN = re.compile(r"'([^']*)' is not one of .* in \[", re.S)
"""Matches "'Arns' is not one of ['Arn', 'Id'] in ['us-east-1']". Must not match "'X' is not one of ['Topic']", which is
about a name.
"""
_OBJECT = "is not of type 'string'"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each attribute that cfn-lint reports."""
    for use, match in _reported(template, ctx):
        kind = template.resources[use.name].type
        is_object = _OBJECT in match.message
        message = (
            f"{kind} has no attribute {use.attribute}" if not is_object else f"{use.attribute} of {kind} is an object"
        )
        yield ctx.finding(template, _place(template, use), message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the attributes at the place with those that are meant."""
    uses = [use for use, _ in _reported(template, ctx, every=True) if _place(template, use) == finding.pointer]
    meant = {use: _meant(template, use) for use in uses}
    unknown = [use.attribute for use in uses if meant[use] is None]
    if unknown or not uses:
        return Patch.none(f"it is not known which attribute is meant by {', '.join(unknown)}")
    return Patch.of(template.path, _operations(template, meant), Tier.REVIEW)


def _reported(template: Template, ctx: Context, every: bool = False) -> Iterator[tuple[NameUse, LintMatch]]:
    """The uses of attributes that cfn-lint reports; one for each place, or every one."""
    places = set()
    for use in name_uses(template):
        if not use.attribute or use.name not in template.resources:
            continue
        match = next((match for match in ctx.matches.get(template.path, ()) if _is_about(match, use)), None)
        place = _place(template, use)
        if match is not None and (every or place not in places):
            places.add(place)
            yield use, match


def _is_about(match: LintMatch, use: NameUse) -> bool:
    """cfn-lint names a place in the function, or one that the text does not have, as Fn::GetAtt/1 of "A.B"."""
    if not pointer.contains(use.function, pointer.join(*match.path)):
        return False
    found = _UNKNOWN.match(match.message)
    named = f"'{use.name}.{use.attribute}'" if use.is_in_text else "{'Fn::GetAtt'"
    is_object = match.message.startswith(named) and match.message.endswith(_OBJECT)
    return is_object or (found is not None and found[1] in (use.attribute, f"{use.name}.{use.attribute}"))


def _place(template: Template, use: NameUse) -> str:
    """The place of the attribute: the second item of a Fn::GetAtt, or the text that holds it."""
    if use.is_in_text or pointer.split(use.place)[-1] == "Fn::GetAtt":
        return use.place
    arguments = pointer.get(template.data, pointer.parent(use.place))
    return pointer.sibling(use.place, "1") if isinstance(arguments, list) and len(arguments) == 2 else use.place


def _meant(template: Template, use: NameUse) -> Json:
    """What to write instead: {"Ref": id}, {"Fn::GetAtt": [id, attribute]} or a constant; None if it is not known."""
    resource, attribute = template.resources[use.name], use.attribute
    if constant := CONSTANTS.get((resource.type, attribute)):
        return constant
    if (resource.type, attribute) in REF:
        return {"Ref": resource.logical_id}
    known = attributes(resource.type)
    meant = MEANT.get((resource.type, attribute), "")
    found = [meant] if meant in known else [each for each in known if letters(each) == letters(attribute)]
    if not found or found == [attribute]:
        found = [each for each in (f"{attribute}.Address",) if each in known]
    found = found or nearest(attribute, known) or attributes_that_fit(template, use)
    found = found or [each for each in known if len(attribute) > 1 and each.startswith(attribute)]
    return {"Fn::GetAtt": [resource.logical_id, found[0]]} if len(found) == 1 else None


def _operations(template: Template, meant: dict[NameUse, Json]) -> Iterator[Op]:
    first = next(iter(meant))
    if first.is_in_text:
        old = new = str(pointer.get(template.data, first.place))
        for use, value in meant.items():
            # For ${Db.Endpoint}: matches "${Db.Endpoint}" and "${ Db.Endpoint }". Must not match "${!Db.Endpoint}".
            variable = rf"\$\{{\s*{re.escape(f'{use.name}.{use.attribute}')}\s*\}}"
            new = re.sub(variable, _in_text(value), new)
        yield from pointer.replace(first.place, old, new)
        return
    value = meant[first]
    attribute = value.get("Fn::GetAtt") if isinstance(value, dict) else None
    place = _place(template, first)
    if isinstance(attribute, list) and place == pointer.sibling(first.place, "1"):
        yield from pointer.replace(place, first.attribute, attribute[1])
    elif isinstance(attribute, list) and pointer.split(place)[-1] == "Fn::GetAtt":
        yield from pointer.replace(place, f"{first.name}.{first.attribute}", f"{first.name}.{attribute[1]}")
    else:
        yield from pointer.replace(first.function, pointer.get(template.data, first.function), value)


def _in_text(value: Json) -> str:
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
    return str(value)


TRANSFORM = Transform(
    id="unknown-attribute",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1010", "E1016", "E1017", "E1018", "E1019", "E1021", "E1022", "E6101"),
    told_by=(
        Told(
            title=r"\b(?:invalid|unknown|unsupported|non-?existent|incorrect|wrong)\b.*\bGetAtt\b"
            r"|\bGetAtt\b.*\b(?:invalid|unsupported|not (?:exist|supported|valid)|does(?: not|n't) (?:exist"
            "|support)|incorrect|wrong|error|failure|attribute)",
            example="Invalid GetAtt attribute of the cluster",
            unlike="Invalid reference to a bucket name",
        ),
        Told(
            title=r"^(?!.*\bdynamodb\b).*\b(?:invalid|unknown|unsupported|non-?existent|incorrect"
            r"|wrong)\b.*\battributes?\b|\battributes?\b.*\b(?:not exist|does not exist|doesn't exist"
            r"|not (?:supported|valid))\b",
            body=r"\bGetAtt\b|\$\{\w+\.\w+",
            example="Non-existent attribute in an output\nFn::GetAtt has no Endpoint for it.",
            unlike="Wrong attribute definitions\nThe table has an unused key.",
        ),
        Told(
            title=r"^(?!.*\bdynamodb\b).*\b(?:attributes?|outputs?|GetAtt|references?)\b",
            body=r"\b(?:non-?existent|invalid|unsupported|unknown) \W{0,2}[\w.]{1,60}\W{0,2} attribute\b"
            r"|\bGetAtt\b[^\n]{0,80}\b(?:does not exist|doesn't exist|not (?:supported|valid)|no such"
            r"|does not support|has no)\b",
            example="Function attribute in an output\nIt uses the non-existent `Url` attribute.",
            unlike="Function attribute in an output\nIt is not described.",
            ambiguous=True,
        ),
        Told(
            title=r"\bnon-?existent (?:\w+ ){0,2}attributes?\b",
            example="Association uses non-existent load balancer attributes",
            unlike="Association of a non-existent table",
        ),
    ),
    changes=("@",),
)
