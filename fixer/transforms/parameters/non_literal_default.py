"""A parameter whose Default is a list or a function instead of plain text.

Why it fails:
A Default must be plain text; the items of a list are separated by commas. CloudFormation rejects a list. It also
rejects functions, because it does not evaluate them in a Default.

What the fix does:
If the parameter has a list type, a list becomes text with commas. An Fn::Sub of pseudo parameters replaces every use of
the parameter, inside the string of an Fn::Sub as part of that string, and the parameter is removed. The fix is refused
if a name, such as that of a bucket, would not have a valid form.

What to review:
Without the parameter, nobody can choose another value: that is unsafe. Deployments that pass the parameter must stop
passing it. Names that contain the value become longer: the notes state the longest name that the property accepts.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.replace_parameters import rewire
from fixer.cloudformation.intrinsics import mapping, sub_variables
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.parameters.changed_names import changed_names
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each Default that cfn-lint reports."""
    for match, place in ctx.reported(template):
        tokens = pointer.split(place)
        if len(tokens) == 3 and (tokens[0], tokens[2]) == ("Parameters", "Default"):
            yield ctx.finding(template, place, f"the Default of {tokens[1]} is not plain text", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Writes the list as text, or moves the expression to the places that use the parameter."""
    name = pointer.split(finding.pointer)[1]
    kind = str(mapping(template.parameter(name)).get("Type"))
    if isinstance(finding.seen, list):
        items = [str(each) for each in finding.seen if isinstance(each, str | int)]
        if len(items) != len(finding.seen) or not kind.startswith(("List<", "CommaDelimitedList")):
            return Patch.none("the parameter does not have a list type, or an item is not plain text")
        return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, ",".join(items)), Tier.SAFE)
    text = mapping(finding.seen).get("Fn::Sub")
    if not isinstance(text, str) or not all(each.startswith("AWS::") for each in sub_variables(text)):
        return Patch.none("a Default cannot express this value")
    rewired = rewire(template, {name: finding.seen})
    if rewired.reason:
        return Patch.none(rewired.reason)
    changed = changed_names(template, rewired.ops)
    if changed.reason:
        return Patch.none(changed.reason)
    note = f"A deployment can no longer choose another value for {name}."
    return Patch.of(template.path, rewired.ops, Tier.UNSAFE, [note, *changed.notes])


TRANSFORM = Transform(
    id="non-literal-default",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E2001",),
    told_by=(
        Told(
            title=r"\b(?:parameters?|defaults?)\b.*\bdefaults?\b.*\b(?:intrinsic|functions?|pseudo|!?Ref|!?Sub)\b"
            r"|\b(?:intrinsic|functions?|pseudo|!?Ref|!?Sub)\b.*\b(?:parameters?|default)\b.*\bdefaults?\b"
            r"|\b(?:intrinsic functions?|pseudo parameters?) in (?:the )?(?:parameter )?defaults?\b",
            example="Intrinsic function in a parameter default",
            unlike="Function has a default timeout",
        ),
        Told(
            title=r"\bdefaults?(?: values?)?\b (?:of (?:the |an? )?parameters? )?(?:uses?|is|has"
            r"|contains?) (?:an? )?(?:!Sub|!Ref|Fn::\w+|intrinsic|list)\b"
            r"|\bdefaults?(?: values?)? uses? !(?:Sub|Ref|GetAtt)",
            example="Default value uses !Sub",
            unlike="Default value uses capital letters",
        ),
    ),
    changes=(
        "@",
        "$",
        "-/Parameters/*",
    ),
)
