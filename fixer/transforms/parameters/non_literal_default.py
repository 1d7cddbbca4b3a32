"""A parameter's Default that is no plain text.

Why it fails:
A Default is text, for a list its items separated by commas: CloudFormation refuses a list, and functions, which it
does not evaluate there.

What the fix does:
A list becomes the text, if the parameter is one of a list type. A Fn::Sub of pseudo parameters takes the place of the
parameter wherever it is used, and the parameter goes.

What to review:
With the parameter goes the choice of another value: that is unsafe. Whoever passes it must stop.

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
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per Default that cfn-lint reports."""
    for match, place in ctx.reported(template):
        tokens = pointer.split(place)
        if len(tokens) == 3 and (tokens[0], tokens[2]) == ("Parameters", "Default"):
            yield ctx.finding(template, place, f"the Default of {tokens[1]} is no plain text", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The text, or the expression where the parameter is used."""
    name = pointer.split(finding.pointer)[1]
    kind = str(mapping(template.parameter(name)).get("Type"))
    if isinstance(finding.seen, list):
        items = [str(each) for each in finding.seen if isinstance(each, str | int)]
        if len(items) != len(finding.seen) or not kind.startswith(("List<", "CommaDelimitedList")):
            return Patch.none("the parameter is of no list type")
        return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, ",".join(items)), Tier.SAFE)
    text = mapping(finding.seen).get("Fn::Sub")
    if not isinstance(text, str) or not all(each.startswith("AWS::") for each in sub_variables(text)):
        return Patch.none("what is meant cannot be said in a Default")
    rewired = rewire(template, {name: finding.seen})
    if rewired.reason:
        return Patch.none(rewired.reason)
    return Patch.of(template.path, rewired.ops, Tier.UNSAFE, [f"{name} can no longer be given another value."])


TRANSFORM = Transform(
    id="non-literal-default",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E2001",),
    changes=(
        "@",
        "$",
        "-/Parameters/*",
    ),
)
