"""What an undefined name of a template is meant to be."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from fixer import pointer
from fixer.authoring.accepted_names import Fit, fit, property_of
from fixer.aws.schemas import definition, types
from fixer.cloudformation.foreign_text import is_foreign, is_policy_variable, language_key
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.name_uses import PSEUDO_PARAMETERS, Kind, NameUse, declared, section_of
from fixer.cloudformation.near_names import Nearness, differs_by_kind_only, letters, near
from fixer.cloudformation.public_addresses import attachment_named
from fixer.cloudformation.template import Template
from fixer.model import Tier

# The whole name of a parameter that people pass in: matches "EnvironmentName" and "Project". Must not match
# "EnvironmentVariables". Group 1 tells an environment, which has a usual value, from a project, which has none.
PASSED_IN = re.compile(r"(Environment|Env|Stage)(Suffix|Name|Type)?|(Project|App|Application)(Name)?")

# A name that is not closed before the next variable: matches "Stage-${App". Must not match "Stage.${App" or "Stage",
# which may be something else.
_UNCLOSED = re.compile(r"([\w:]+)([^\w:.${}][^${}]*|)\$\{([\w:]+)")


class Meaning(Enum):
    """What is done with an undefined name."""

    UNKNOWN = "reported"
    OTHER = "replaced by another name"
    FOREIGN = "escaped, because it is a variable of another language"
    PARAMETER = "declared as a parameter"
    NOTHING = "removed, because nothing needs it"


@dataclass(frozen=True)
class Meant:
    """The meaning of a name: the name to write, or why no name is certain; `tier` is that of the repair."""

    meaning: Meaning
    name: str = ""
    tier: Tier = Tier.REVIEW
    reason: str = ""
    after: str = ""


def meant(template: Template, uses: Sequence[NameUse]) -> Meant:
    """What a name is meant to be at all places that use it."""
    name = uses[0].name
    if other := section_of(template, name):
        what = {"Parameters": "a parameter", "Resources": "a resource", "Conditions": "a condition"}.get(
            other, "a mapping"
        )
        wanted = next(use.kind for use in uses if other not in _sections(use.kind))
        return _unknown(f"{name} is {what}, and this place takes only {wanted.value}")
    if pseudo := _pseudo(uses):
        return Meant(Meaning.OTHER, pseudo)
    if closed := _closed(template, uses):
        return Meant(Meaning.OTHER, closed)
    foreign = [use for use in uses if _is_foreign(template, use)]
    if len(foreign) == len(uses):
        tier = Tier.SAFE if is_policy_variable(name) else Tier.REVIEW
        return Meant(Meaning.FOREIGN, f"!{name}", tier)
    if foreign:
        return _unknown(
            f"{name} is a variable of a script, and a name of the template elsewhere: write one as ${{!{name}}}"
        )
    return _near(template, uses)


def _closed(template: Template, uses: Sequence[NameUse]) -> str:
    """The name with the brace that is missing in it: "Stage-${App", which "${Stage-${App}" seems to name, is
    "Stage}-${App"; "" if this is not certain.
    """
    found = _UNCLOSED.fullmatch(uses[0].name)
    if found is None or any(use.attribute or not use.is_in_text for use in uses):
        return ""
    known = {*PSEUDO_PARAMETERS, *template.section("Parameters"), *template.section("Resources")}
    return f"{found[1]}}}{found[2]}${{{found[3]}" if {found[1], found[3]} <= known else ""


def _near(template: Template, uses: Sequence[NameUse]) -> Meant:
    name = uses[0].name
    found = near(name, _declared_for_all(template, uses))
    if bad := [each for each in found.get(Nearness.SPELLING, ()) if not each.isalnum()]:
        reason = f"{bad[0]!r}, which may be meant, is not a valid logical id"
        return Meant(Meaning.UNKNOWN, reason=reason, after="bad-logical-id")
    for nearness in Nearness:
        fits = {each: _fit(template, uses, each) for each in found.get(nearness, ())}
        fitting = [each for each in fits if fits[each] is not Fit.NO]
        sure = [each for each in fits if fits[each] is Fit.YES]
        chosen = fitting if len(fitting) == 1 else sure
        if len(chosen) == 1 and nearness is Nearness.PART and _is_wider(template, name, chosen[0]):
            return _candidates(name, fitting)
        if len(chosen) == 1:
            return _guessed(uses, chosen[0], nearness, fits[chosen[0]], found)
        if fitting:
            return _candidates(name, fitting)
    if attachment := _attachment(template, uses):
        return Meant(Meaning.OTHER, attachment)
    others = [each for names in found.values() for each in names]
    if others:
        return _candidates(name, others, "does not fit here" if len(others) == 1 else "do not fit here")
    if all(is_wait(use) for use in uses):
        if any(_resembles(name, each) for each in template.resources):
            return _candidates(name, [])
        return Meant(Meaning.NOTHING, tier=Tier.UNSAFE)
    return _parameter(template, uses)


def _resembles(name: str, other: str) -> bool:
    """Whether a name may have become the other one by a larger mistake than those that are repaired."""
    first, second = letters(name), letters(other)
    return first.startswith(second) or bool(get_close_matches(first, [second], 1, 0.7))


def is_wait(use: NameUse) -> bool:
    """Whether the place is a DependsOn, or an entry of one."""
    return pointer.split(use.place)[2:3] == ("DependsOn",)


def _is_wider(template: Template, name: str, other: str) -> bool:
    """Whether the other name lacks words of this one and is not the only thing of its kind: PrimaryZoneId means more
    than ZoneId, and what it means may be missing.
    """
    if len(letters(name)) <= len(letters(other)):
        return False
    if (resource := template.resources.get(other)) is not None:
        return len(list(template.of_type(resource.type))) > 1
    if (declared := template.parameter(other)) is not None:
        kinds = [mapping(each).get("Type") for each in template.section("Parameters").values()]
        return "::" not in str(declared.get("Type")) or kinds.count(declared.get("Type")) > 1
    return len(template.section("Mappings")) > 1


def _guessed(
    uses: Sequence[NameUse], name: str, nearness: Nearness, how: Fit, found: dict[Nearness, list[str]]
) -> Meant:
    """The only name that is near enough, unless the evidence is weak."""
    if nearness is Nearness.PART and how is not Fit.YES:
        rest = found[Nearness.PART]
        if not differs_by_kind_only(uses[0].name, name) or len(rest) > 1:
            return _candidates(uses[0].name, rest)
        return Meant(Meaning.OTHER, name, Tier.UNSAFE)
    return Meant(Meaning.OTHER, name, Tier.REVIEW)


def _attachment(template: Template, uses: Sequence[NameUse]) -> str:
    """The only gateway attachment, for a DependsOn that means it by another name; "" if it does not."""
    owners = {pointer.split(use.place)[1] for use in uses if is_wait(use)}
    name = attachment_named(template, uses[0].name) if len(owners) == len(uses) else ""
    return name if name and not owners & {name, *template.needs(name)} else ""


def _parameter(template: Template, uses: Sequence[NameUse]) -> Meant:
    """A new parameter, if it is one that people pass in and each place takes plain text."""
    name = uses[0].name
    if PASSED_IN.fullmatch(name) and all(_takes_text(template, use) for use in uses):
        return Meant(Meaning.PARAMETER, name, Tier.UNSAFE)
    fitting = [each for each in _declared_for_all(template, uses) if _fit(template, uses, each) is Fit.YES]
    return _candidates(name, fitting, "would fit here") if fitting else _candidates(name, [])


def _takes_text(template: Template, use: NameUse) -> bool:
    if use.kind not in (Kind.VALUE, Kind.PARAMETER) or use.attribute:
        return False
    if use.is_in_text and language_key(use.place, pointer.get(template.data, use.place)):
        return False  # It may also be a variable of the script.
    found = property_of(template, use)
    wanted = definition(*found) if found else None
    return wanted is None or (types(wanted) <= {"string"} and not str(wanted.get("format", "")).startswith("AWS::"))


def _pseudo(uses: Sequence[NameUse]) -> str:
    """The pseudo parameter that a name such as AWS::Acount or aws:region is meant to be; "" if it is none."""
    name = uses[0].name
    if any(use.kind not in (Kind.VALUE, Kind.PARAMETER) for use in uses):
        return ""
    same = [each for each in PSEUDO_PARAMETERS if letters(each) == letters(name)]
    if same or not name.startswith("AWS::"):
        return same[0] if len(same) == 1 else ""
    found = near(name[5:], (each[5:] for each in PSEUDO_PARAMETERS))
    first = next(iter(sorted(found)), None)
    return f"AWS::{found[first][0]}" if first is not None and len(found[first]) == 1 else ""


def _is_foreign(template: Template, use: NameUse) -> bool:
    if not use.is_in_text:
        return False
    variable = f"{use.name}.{use.attribute}" if use.attribute else use.name
    return is_foreign(use.place, str(pointer.get(template.data, use.place)), variable)


def _declared_for_all(template: Template, uses: Sequence[NameUse]) -> list[str]:
    """The names that every one of the places may name."""
    lists = [declared(template, kind) for kind in {use.kind for use in uses}]
    return [name for name in lists[0] if all(name in each for each in lists)]


def _fit(template: Template, uses: Iterable[NameUse], name: str) -> Fit:
    """NO if it does not fit at one place, YES if it certainly fits at one and may fit at the others."""
    fits = {fit(template, use, name) for use in uses}
    return Fit.NO if Fit.NO in fits else max(fits)


def _sections(kind: Kind) -> tuple[str, ...]:
    values = {Kind.PARAMETER: ("Parameters",), Kind.VALUE: ("Parameters", "Resources"), Kind.RESOURCE: ("Resources",)}
    return values.get(kind, (f"{kind.name.title()}s",))


def _candidates(name: str, names: Sequence[str], more: str = "") -> Meant:
    listed = " or ".join(sorted(names)[:4])
    if not listed:
        return _unknown(f"it is not known what {name} means: declare it, or use a name that is defined")
    if more:
        return _unknown(
            f"it is not known what {name} means: {listed} {more}; declare it, or use a name that is defined"
        )
    return _unknown(f"{name} may mean {listed}: write the name that is meant")


def _unknown(reason: str) -> Meant:
    return Meant(Meaning.UNKNOWN, reason=reason)
