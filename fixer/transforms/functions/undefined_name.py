"""A reference to something that the template does not define.

Why it fails:
CloudFormation refuses a template in which a Ref, Fn::GetAtt or Fn::Sub names nothing. In a policy it is often a
variable of IAM's, such as ${aws:username}, that Fn::Sub takes for one of its own.

What the fix does:
A variable of IAM's is written ${!aws:username}, which Fn::Sub leaves to IAM. A name that differs from exactly one
defined name only in capitals, spaces or hyphens becomes that; one that is merely very similar to exactly one (a difflib
ratio of .85 or more) too, which is unsafe: it is a guess of what was meant. Where an Environment, or a name of the
project, is used and nowhere declared, the parameter is added; the environment's Default is dev. Any other name that a
Ref or Fn::Sub uses is declared as a parameter without a Default: that is unsafe, but for a template that has no
parameters at all, whose section was forgotten. Anything else is reported only.

What to review:
That the similar name is the one that was meant, and the Default of the new parameter.

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

_NAME = re.compile(r"'([^']*)' is not one of ")
_IAM = re.compile(r"[a-z][\w.-]*:[\w./-]+")
_PARAMETERS = re.compile(r"(Environment|Env|Stage)(Suffix|Name|Type)?|(Project|App|Application)(Name)?")
_NEAR = 0.85


@dataclass(frozen=True)
class _Use:
    """An undefined name: the places where it stands, the match at the first, and what it is taken to mean."""

    name: str
    match: LintMatch
    places: tuple[str, ...]
    meant: str = ""
    is_sure: bool = False
    reason: str = ""

    @property
    def is_parameter(self) -> bool:
        """Whether it is taken for a parameter that was forgotten."""
        return not self.meant and not self.reason


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per undefined name, where it is used first; one for all parameters where they have no section."""
    uses = list(_uses(template, ctx))
    forgotten = [use.name for use in uses if use.is_parameter and not template.section("Parameters")]
    for use in uses:
        if use.name in forgotten[1:]:
            continue
        names = ", ".join(forgotten) if use.name in forgotten else use.name
        are = "are" if use.name in forgotten and len(forgotten) > 1 else "is"
        yield ctx.finding(template, use.places[0], f"{names} {are} not defined in the template", use.match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """IAM's variable, the name that was meant, or a parameter."""
    uses = list(_uses(template, ctx))
    use = next((each for each in uses if each.places[0] == finding.pointer), None)
    if use is None:
        return Patch.none("it is no longer where cfn-lint found it")
    if use.reason:
        after = "bad-logical-id" if "no logical id" in use.reason else ""
        return Patch.later(use.reason, after) if after else Patch.none(use.reason)
    if use.meant:
        tier = Tier.SAFE if use.meant.startswith("!") else Tier.REVIEW if use.is_sure else Tier.UNSAFE
        notes = () if use.is_sure else (f"{use.name} is taken to mean {use.meant}.",)
        return Patch.of(template.path, _renamed(template, use), tier, notes)
    note = "What is taken for a forgotten parameter has no Default: whoever deploys must give it a value."
    if not template.section("Parameters"):
        declared: dict[str, Json] = {each.name: _declared(each) for each in uses if each.is_parameter}
        return Patch.of(template.path, pointer.add("/Parameters", declared), Tier.REVIEW, [note])
    known = _PARAMETERS.fullmatch(use.name) is not None
    ops = pointer.add_entry(template.data, "/Parameters", use.name, _declared(use))
    return Patch.of(template.path, ops, Tier.REVIEW if known else Tier.UNSAFE, () if known else [note])


def _uses(template: Template, ctx: Context) -> Iterator[_Use]:
    """The undefined names, in the order in which they are reported, each once."""
    found: dict[str, tuple[LintMatch, list[str]]] = {}
    for match, place in ctx.reported(template):
        name = _name(match)
        if name and _writes(template, place, name):
            found.setdefault(name, (match, []))[1].append(place)
    for name, (match, places) in found.items():
        yield _understood(template, _Use(name, match, tuple(places)))


def _understood(template: Template, use: _Use) -> _Use:
    """The use with what it means."""
    if _IAM.fullmatch(use.name):
        return replace(use, meant=f"!{use.name}", is_sure=True)
    is_attribute = any("Fn::GetAtt" in pointer.split(place) for place in use.places)
    known = list(template.resources) if is_attribute else [*template.resources, *template.section("Parameters")]
    same = [each for each in known if _letters(each) == _letters(use.name)]
    if bad := [each for each in same if not each.isalnum()]:
        return replace(use, reason=f"{bad[0]!r}, which may be meant, is no logical id")
    near = same or get_close_matches(use.name, known, 2, _NEAR)
    if len(near) == 1:
        return replace(use, meant=near[0], is_sure=bool(same))
    if near or is_attribute or not use.name.isalnum():
        return replace(use, reason=f"what {use.name} was to be is not known: declare it, or name what is meant")
    return use


def _declared(use: _Use) -> Json:
    """A parameter of that name, for a list where an item of it is selected."""
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
    """Whether the name stands there: itself, as a list's item, or as a variable of a text."""
    value = pointer.get(template.data, place)
    return isinstance(value, str) and (value == name or name in sub_variables(value))


def _renamed(template: Template, use: _Use) -> Iterator[Op]:
    """The name changed wherever it stands."""
    for place in use.places:
        text = str(pointer.get(template.data, place))
        variable = rf"\$\{{\s*{re.escape(use.name)}(?=[.}}\s])"
        yield from pointer.replace(
            place, text, use.meant if text == use.name else re.sub(variable, f"${{{use.meant}", text)
        )


def _letters(name: str) -> str:
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
