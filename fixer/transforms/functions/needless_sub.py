"""An Fn::Sub whose string has no variable to replace.

Why it fails:
It does not fail, but it misleads: readers look for a variable that is not there, and people who edit the text rely on
it. In a shell script it is also a trap: CloudFormation reads the first ${NAME} that somebody adds as a variable of the
template and rejects the template.

What the fix does:
It replaces the function with its string. ${!Name}, which Fn::Sub turns into the literal text ${Name}, becomes ${Name}.
If the string names a parameter, a resource or a pseudo parameter in other marks, as {Stage} or $Stage, the marks of a
variable were probably forgotten: then these become ${Stage}, which is unsafe, because the value changes. Where the
marks may be those of another language, as {{Stage}} or a script's $Stage, the string is only reported. So is a
function that defines variables that its string does not use.

Why it is safe:
Without such a name, the value stays the same, character by character, and nothing that is deployed changes. A note
names an account id in the string, which may have been meant as ${AWS::AccountId}.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.foreign_text import language_key
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.mentions import Trace, traces
from fixer.cloudformation.name_uses import PSEUDO_PARAMETERS, section_of
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform

# A variable without its brace: matches the "${Stage" of "jobs-${Stage" and "${Stage-jobs". Must not match "${Stage}" or
# "${Topic.Arn}".
_UNCLOSED = re.compile(r"\$\{([\w:]+)(?![\w:]*[}.\s])(?![\w:])")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each Fn::Sub that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the function with its string."""
    place = pointer.parent(finding.pointer)
    text = finding.seen[0] if isinstance(finding.seen, list) and finding.seen else finding.seen
    if not isinstance(text, str):
        return Patch.none("the argument of Fn::Sub is not a string")
    if isinstance(finding.seen, list) and (own := mapping(finding.seen[1] if len(finding.seen) > 1 else None)):
        return Patch.none(f"the function defines {', '.join(own)}, which the string does not use: use it, or remove it")
    if unclosed := [name for name in _UNCLOSED.findall(text) if _is_of_template(template, name)]:
        return _with_braces(finding, text, unclosed)
    if forgotten := [each for each in traces(text) if _is_of_template(template, each.name)]:
        return _completed(template, finding, text, forgotten)
    literal = [name for name in re.findall(r"\$\{!\s*([\w:]+)", text) if _is_of_template(template, name)]
    if literal:
        return Patch.none(
            f"without Fn::Sub, ${{{literal[0]}}} looks like a variable of the template that was forgotten"
        )
    old = pointer.get(template.data, place)
    ops = pointer.replace(place, old, text.replace("${!", "${"))
    return Patch.of(template.path, ops, Tier.SAFE, _hardcoded(text))


def _hardcoded(text: str) -> Iterator[str]:
    """A note for each account id in the string. The fix keeps it, because the value must stay the same."""
    # Matches the account in "arn:aws:iam::123456789012:root". Must not match a part of a longer number.
    for account in dict.fromkeys(re.findall(r"(?<![\w-])\d{12}(?![\w-])", text)):
        yield (
            f"The account id {account} is hard-coded in this value: write ${{AWS::AccountId}} in Fn::Sub if the "
            "account of the stack is meant."
        )


def _with_braces(finding: Finding, text: str, names: list[str]) -> Patch:
    """Closes the variables, unless another language reads the text."""
    if language_key(finding.pointer, text) or not isinstance(finding.seen, str):
        return Patch.none(f"${{{names[0]} is not closed: write ${{{names[0]}}}, or write the string without Fn::Sub")
    new = _UNCLOSED.sub(lambda found: f"{found[0]}}}" if found[1] in names else found[0], text)
    note = f"The value changes: {' and '.join(dict.fromkeys(names))} is filled in."
    return Patch.of(finding.path, pointer.replace(finding.pointer, text, new), Tier.UNSAFE, [note], changes=("@",))


def _completed(template: Template, finding: Finding, text: str, forgotten: list[Trace]) -> Patch:
    """Writes the names as variables, unless their marks may belong to another language."""
    names = " and ".join(dict.fromkeys(each.name for each in forgotten))
    # The whole of what stands there: matches "{Stage}" and "$Stage". Must not match "{{Stage}}" or "$(Stage)".
    is_plain = all(re.fullmatch(r"\{\s*[\w:]+\s*\}|\$\w+", each.spelled) for each in forgotten)
    if not is_plain or language_key(finding.pointer, text):
        written = ", ".join(dict.fromkeys(f"${{{each.name}}}" for each in forgotten))
        return Patch.none(f"the string mentions {names}: write {written}, or write the string without Fn::Sub")
    new = text
    for spelled, name in dict.fromkeys((each.spelled, each.name) for each in forgotten):
        # Must not match the {Stage} in "${Stage}", or the $Stage in "$StageName".
        new = re.sub(
            rf"(?<!\$){re.escape(spelled)}(?!\w)" if spelled.startswith("{") else rf"{re.escape(spelled)}\b",
            f"${{{name}}}",
            new,
        )
    place = finding.pointer if isinstance(finding.seen, str) else f"{finding.pointer}/0"
    note = f"The value changes: {names} is filled in."
    return Patch.of(template.path, pointer.replace(place, text, new), Tier.UNSAFE, [note], changes=("@",))


def _is_of_template(template: Template, name: str) -> bool:
    return name in PSEUDO_PARAMETERS or section_of(template, name) in ("Parameters", "Resources")


TRANSFORM = Transform(
    id="needless-sub",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W1020",),
    told_by=(
        Told(
            title=r"\b(?:unnecessary|needless|redundant|unneeded|superfluous|unused)\b.*(?:\bFn::Sub\b|!Sub\b"
            r"|\bSub\b(?! ?-?\w))|(?:\bFn::Sub\b|!Sub\b|\bSub\b).*\b(?:unnecessary|unneeded|not needed"
            r"|without (?:any )?variables?|no variables?)\b",
            example="Unnecessary !Sub without variables",
            unlike="Unnecessary sub-domain",
        ),
        Told(
            title=r"(?:\bFn::Sub\b|!Sub\b).*(?:\b(?:isn't|is not) (?:needed|necessary|required)\b|\b(?:on|for|in"
            r"|around) (?:an? |the )?(?:static|plain|constant|literal) (?:strings?|values?|text)\b)",
            example="!Sub used on a static string",
            unlike="!Sub used on a secret",
        ),
    ),
)
