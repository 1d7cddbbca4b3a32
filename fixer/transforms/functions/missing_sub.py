"""A text with ${Name} that no Fn::Sub fills in.

Why it fails:
Outside of Fn::Sub a variable is text: the resource is named "alarms-${Environment}", letter by letter, where the name
allows it, and else it is refused. cfn-lint reports the texts whose variables the template defines.

What the fix does:
It wraps the text in Fn::Sub; one that is a variable and nothing else becomes a Ref or Fn::GetAtt. Every variable of the
text must name a parameter, a resource, an attribute or a pseudo parameter. Texts of several lines, and those that
another language than CloudFormation reads (scripts, code, mapping templates, build specifications), are reported only:
there ${Name} may be meant for that language.

What to review:
The resource then has the value that was meant. On a deployed stack that is a change: a name that was literal becomes
another one.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import sub_variables
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_OTHER_LANGUAGES = {
    *("UserData", "ZipFile", "InlineCode", "BuildSpec", "FunctionCode", "Definition", "DefinitionString", "Template"),
    *("RequestTemplates", "ResponseTemplates", "RequestMappingTemplate", "ResponseMappingTemplate", "TemplateBody"),
    *(
        "Command",
        "EntryPoint",
        "Commands",
        "commands",
        "files",
        "Content",
        "content",
        "Query",
        "SqlStatement",
        "Script",
    ),
    *("StageVariables", "Variables", "Body", "Code", "DashboardBody"),
}
"""Keys below which a text is not CloudFormation's alone."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per text that cfn-lint reports."""
    for match, place in ctx.reported(template):
        variables = ", ".join(sub_variables(str(pointer.get(template.data, place))))
        yield ctx.finding(template, place, f"the text has {variables} for Fn::Sub, but no Fn::Sub around it", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The text in Fn::Sub."""
    text = str(finding.seen)
    tokens = pointer.split(finding.pointer)
    if not (tokens[0] == "Resources" and "Properties" in tokens[2:3]) and tokens[::2][:2] != ("Outputs", "Value"):
        return Patch.none("no function may stand here")
    if _OTHER_LANGUAGES & set(tokens):
        return Patch.none("another language reads this text, to which ${...} may belong")
    if "\n" in text:
        return Patch.none("in a text of several lines ${...} may belong to a script")
    if unknown := [name for name in sub_variables(text) if not _is_defined(template, name)]:
        return Patch.none(f"the template defines no {', '.join(unknown)}")
    if "${!" in text or text.count("${") != len(sub_variables(text)):
        return Patch.none("not every ${ in the text is a variable")
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, _filled_in(text)), Tier.REVIEW)


def _filled_in(text: str) -> Json:
    """The text in Fn::Sub; a Ref or Fn::GetAtt where it is one variable and nothing else."""
    if not (whole := re.fullmatch(r"\$\{([^}]*)\}", text)):
        return {"Fn::Sub": text}
    name, dot, attribute = whole[1].strip().partition(".")
    return {"Fn::GetAtt": [name, attribute]} if dot else {"Ref": name}


def _is_defined(template: Template, name: str) -> bool:
    base = name.partition(".")[0]
    return name.startswith("AWS::") or base in template.resources or name in template.section("Parameters")


TRANSFORM = Transform(
    id="missing-sub",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1029",),
    changes=(
        "@",
        "$",
    ),
)
