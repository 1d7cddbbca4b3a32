"""A reference to a name that the template does not define.

Why it fails:
CloudFormation rejects a template in which a Ref, Fn::GetAtt or Fn::Sub refers to an undefined name. In a policy, the
name is often an IAM policy variable, such as ${aws:username}, that Fn::Sub reads as one of its own variables.

What the fix does:
An IAM policy variable is written ${!aws:username}, which Fn::Sub leaves to IAM. A name that differs from exactly one
defined name only in capitals, spaces or hyphens is replaced by that name. A name that is very similar to exactly one
defined name (a difflib ratio of .85 or more) is replaced too; this is unsafe, because it is a guess. If the name of an
environment or of the project is used but not declared, the parameter is added; the Default of the environment is dev.
Any other name that a Ref or Fn::Sub uses is declared as a parameter without a Default. This is unsafe, except in a
template that has no Parameters section at all, because there the section was forgotten. Everything else is only
reported.

What to review:
Check that the similar name is the one that was meant, and check the Default of a new parameter.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import sub_variables, words
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, LintMatch, Op, Patch, Tier
from fixer.transforms.transform import Transform

# Matches "'Stage' is not one of ['Topic', 'AWS::Region']", where Stage is the undefined name. Must not match
# "None is not of type 'object'".
_NAME = re.compile(r"'([^']*)' is not one of ")
# The whole name of an IAM policy variable: matches "aws:username" and "aws:PrincipalTag/team". Must not match
# "AWS::Region" or "Queue.Arn", which are CloudFormation's.
_IAM = re.compile(r"[a-z][\w.-]*:[\w./-]+")
# The whole name of a parameter that many templates have: matches "EnvironmentName" and "Project". Must not match
# "EnvironmentVariables". Group 1 tells an environment, which has a usual value, from a project, which has none.
_PARAMETERS = re.compile(r"(Environment|Env|Stage)(Suffix|Name|Type)?|(Project|App|Application)(Name)?")
_NEAR = 0.85
"""The smallest difflib ratio at which two names are so similar that one is probably a misspelling of the other."""


@dataclass(frozen=True)
class _Use:
    """An undefined name: the places that use it, the match at the first of them, and its meaning.

    `meant` is the name to write instead; `reason` tells why no repair is certain. With neither, it is a parameter.
    """

    name: str
    match: LintMatch
    places: tuple[str, ...]
    meant: str = ""
    is_sure: bool = False
    reason: str = ""

    @property
    def is_parameter(self) -> bool:
        """Whether the name is that of a parameter that somebody forgot to declare."""
        return not self.meant and not self.reason


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each undefined name, at its first use.

    All forgotten parameters share one finding if the template has no Parameters section.
    """
    uses = list(_uses(template, ctx))
    forgotten = [use.name for use in uses if use.is_parameter and not template.section("Parameters")]
    for use in uses:
        if use.name in forgotten[1:]:
            continue
        names = ", ".join(forgotten) if use.name in forgotten else use.name
        are = "are" if use.name in forgotten and len(forgotten) > 1 else "is"
        yield ctx.finding(template, use.places[0], f"{names} {are} not defined in the template", use.match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Escapes an IAM variable, replaces the name with the one that is meant, or declares a parameter."""
    uses = list(_uses(template, ctx))
    use = next((each for each in uses if each.places[0] == finding.pointer), None)
    if use is None:
        return Patch.none("the name is no longer where cfn-lint found it")
    if use.reason:
        after = "bad-logical-id" if "not a valid logical id" in use.reason else ""
        return Patch.later(use.reason, after) if after else Patch.none(use.reason)
    if use.meant:
        tier = Tier.SAFE if use.meant.startswith("!") else Tier.REVIEW if use.is_sure else Tier.UNSAFE
        notes = () if use.is_sure else (f"Check that {use.name} means {use.meant}: it is a guess.",)
        return Patch.of(template.path, _renamed(template, use), tier, notes)
    note = "A parameter that is added without a Default needs a value at every deployment: pass one, or add a Default."
    if not template.section("Parameters"):
        declared: dict[str, Json] = {each.name: _declared(each) for each in uses if each.is_parameter}
        return Patch.of(template.path, pointer.add("/Parameters", declared), Tier.REVIEW, [note])
    known = _PARAMETERS.fullmatch(use.name) is not None
    ops = pointer.add_entry(template.data, "/Parameters", use.name, _declared(use))
    return Patch.of(template.path, ops, Tier.REVIEW if known else Tier.UNSAFE, () if known else [note])


def _uses(template: Template, ctx: Context) -> Iterator[_Use]:
    """The undefined names, each once, in the order in which cfn-lint reports them."""
    found: dict[str, tuple[LintMatch, list[str]]] = {}
    for match, place in ctx.reported(template):
        name = _name(match)
        if name and _writes(template, place, name):
            found.setdefault(name, (match, []))[1].append(place)
    for name, (match, places) in found.items():
        yield _understood(template, _Use(name, match, tuple(places)))


def _understood(template: Template, use: _Use) -> _Use:
    """The use, with the meaning of its name or the reason why no meaning is certain."""
    # IAM variables come first: "aws:username" must not become the parameter AwsUsername, which has the same letters.
    if _IAM.fullmatch(use.name):
        return replace(use, meant=f"!{use.name}", is_sure=True)
    is_attribute = any("Fn::GetAtt" in pointer.split(place) for place in use.places)
    known = list(template.resources) if is_attribute else [*template.resources, *template.section("Parameters")]
    same = [each for each in known if _letters(each) == _letters(use.name)]
    if bad := [each for each in same if not each.isalnum()]:
        return replace(use, reason=f"{bad[0]!r}, which may be meant, is not a valid logical id")
    near = same or get_close_matches(use.name, known, 2, _NEAR)
    if len(near) == 1:
        return replace(use, meant=near[0], is_sure=bool(same))
    if near or is_attribute or not use.name.isalnum():
        return replace(use, reason=f"it is not known what {use.name} means: declare it, or use a name that is defined")
    return use


def _declared(use: _Use) -> Json:
    """The declaration of a parameter with that name; a list if Fn::Select takes an item of it."""
    is_list = any("Fn::Select" in pointer.split(place)[-3:] for place in use.places)
    declared: dict[str, Json] = {
        "Type": "CommaDelimitedList" if is_list else "String",
        "Description": _spaced(use.name),
    }
    carried = _PARAMETERS.fullmatch(use.name)
    return {**declared, "Default": "dev"} if carried and carried[1] else declared


def _name(match: LintMatch) -> str:
    found = _NAME.match(match.message)
    return found[1] if found else ""


def _writes(template: Template, place: str, name: str) -> bool:
    """Whether the value at a place is the name itself, or a string with the name as a variable."""
    value = pointer.get(template.data, place)
    return isinstance(value, str) and (value == name or name in sub_variables(value))


def _renamed(template: Template, use: _Use) -> Iterator[Op]:
    """The operations that replace the name everywhere it is used."""
    for place in use.places:
        text = str(pointer.get(template.data, place))
        # For the name Stage: matches "${Stage}", "${ Stage }" and "${Stage.Arn}". Must not match "${StageName}" or the
        # escaped "${!Stage}".
        variable = rf"\$\{{\s*{re.escape(use.name)}(?=[.}}\s])"
        yield from pointer.replace(
            place, text, use.meant if text == use.name else re.sub(variable, f"${{{use.meant}", text)
        )


def _letters(name: str) -> str:
    """The lower-case letters and digits of a name: "Order-Topic" and "orderTopic" are both "ordertopic"."""
    return re.sub("[^a-z0-9]", "", name.lower())


def _spaced(name: str) -> str:
    return " ".join(words(name)).capitalize()


TRANSFORM = Transform(
    id="undefined-name",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E1019", "E1020", "E6101"),
    changes=(
        "?",
        "+/Parameters/*",
    ),
)
