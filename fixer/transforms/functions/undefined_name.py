"""A reference to a name that the template does not define.

Why it fails:
CloudFormation rejects a template in which a Ref, Fn::GetAtt, Fn::Sub, Fn::FindInMap, Fn::If, Condition or DependsOn
names something that is not defined. In a policy or a script, the name is often a variable of IAM or of the script,
such as ${aws:username} or ${TAG}, that Fn::Sub reads as one of its own variables.

What the fix does:
A variable of an IAM policy or of a script, code or build specification is written ${!aws:username} or ${!TAG}, which
Fn::Sub leaves as it is. It counts as such if the text itself defines it, or if no name of a template can have that
form. Any other name is replaced if exactly one defined name is near: it differs only in capitals, spaces or hyphens, in
one wrong letter or a plural, in a word such as Broken or NonExistent, or in missing words at its beginning or end; and
if every place accepts what the defined name gives, by its type, attributes or keys. If words are missing, the schema
must confirm the name, or the repair is unsafe. If the name in the template has more words than the defined one, that
one must be the only thing of its kind. A DependsOn that names nothing, and that no defined name resembles, is removed:
that is unsafe. If nothing defined fits and the name is that of an environment or a project, the parameter is added (the
Default of the environment is dev), but only if this transform is selected or required. Everything else is only
reported, with the names that may be meant.

What to review:
Check that the name in the template is the one that was meant, and check the Default of a new parameter. A resource no
longer waits for what a removed DependsOn was meant to name.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import words
from fixer.cloudformation.name_uses import Kind, NameUse, is_declared, name_uses, section_of, with_name
from fixer.cloudformation.near_names import letters
from fixer.cloudformation.reach import places_of_conditions, value_place
from fixer.cloudformation.sections import misspelled_entries
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, LintMatch, Op, Patch, Tier
from fixer.transforms.functions.meant_name import PASSED_IN, Meaning, Meant, meant
from fixer.transforms.transform import Told, Transform

# Matches "'Stage' is not one of ['Topic', 'AWS::Region']", where Stage is the undefined name, and in a template of AWS
# SAM "'Stage' is not valid under any of the given schemas". Must not match "None is not of type 'object'".
_NAME = re.compile(r"'([^']*)' (?:is not one of|does not match|is not valid under any of the given schemas)(?: |$)")

_NEW = "A parameter that is added without a Default needs a value at every deployment: pass one, or add a Default."


@dataclass(frozen=True)
class _Fault:
    """Undefined names that are repaired together, because a text has several of them, with all their uses."""

    names: tuple[str, ...]
    uses: tuple[NameUse, ...]
    match: LintMatch | None
    meant: tuple[Meant, ...]

    @property
    def place(self) -> str:
        """The place of the finding."""
        return self.uses[0].place


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each undefined name, at its first use; names in one text share a finding."""
    for fault in _faults(template, ctx):
        if any(section_of(template, name) for name in fault.names):
            message = f"{', '.join(fault.names)} cannot be used here"
        else:
            are = "are" if len(fault.names) > 1 else "is"
            message = f"{', '.join(fault.names)} {are} not defined in the template"
        yield ctx.finding(template, fault.place, message, fault.match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Escapes a variable of another language, replaces the name with the one that is meant, or declares a parameter."""
    fault = next((each for each in _faults(template, ctx) if each.place == finding.pointer), None)
    if fault is None:
        return Patch.none("the name is no longer where cfn-lint found it")
    unknown = [each for each in fault.meant if each.meaning is Meaning.UNKNOWN]
    if unknown:
        after = next((each.after for each in unknown if each.after), "")
        reason = "; ".join(each.reason for each in unknown)
        return Patch.later(reason, after) if after else Patch.none(reason)
    if fault.meant[0].meaning is Meaning.PARAMETER:
        return _declaration(template, fault, ctx)
    if fault.meant[0].meaning is Meaning.NOTHING:
        return _without_waits(template, fault)
    tier = max((each.tier for each in fault.meant), key=lambda each: each.rank)
    changes = tuple(place for use in fault.uses for place in _changes(template, use))
    return Patch.of(template.path, _renamed(template, fault), tier, _doubts(fault), changes=("?", *changes))


def _without_waits(template: Template, fault: _Fault) -> Patch:
    """Removes the name from each DependsOn."""
    ops: list[Op] = []
    for owner in dict.fromkeys(pointer.split(use.place)[1] for use in fault.uses):
        place = pointer.join("Resources", owner, "DependsOn")
        waits = pointer.get(template.data, place)
        items = waits if isinstance(waits, list) else [waits]
        if all(each in fault.names for each in items):
            ops += pointer.remove(place, waits)
            continue
        # The last index first: a removal moves all items after it.
        gone = [index for index in range(len(items) - 1, -1, -1) if items[index] in fault.names]
        ops += [op for index in gone for op in pointer.remove(f"{place}/{index}", items[index])]
    changes = tuple(f"~{pointer.join('Resources', pointer.split(use.place)[1])}" for use in fault.uses)
    return Patch.of(template.path, ops, Tier.UNSAFE, changes=changes)


def _doubts(fault: _Fault) -> Iterator[str]:
    """A note for each name that is replaced by one with other letters."""
    for name, each in zip(fault.names, fault.meant, strict=True):
        if each.meaning is Meaning.OTHER and letters(name) != letters(each.name):
            yield f"Check that {name} means {each.name}."


def _faults(template: Template, ctx: Context) -> Iterator[_Fault]:
    by_name = _undefined(template, ctx)
    known = {name: meant(template, [use for use, _ in uses]) for name, uses in by_name.items()}
    declaring = [name for name in by_name if known[name].meaning is Meaning.PARAMETER]
    stuck = {use.place for name in by_name if known[name].meaning is Meaning.UNKNOWN for use, _ in by_name[name]}
    # A text in which one name is not known stays as it is; the other uses of its names are repaired.
    for is_stuck in (True, False):
        rest = {
            name: [pair for pair in uses if (pair[0].place in stuck) is is_stuck]
            for name, uses in by_name.items()
            if name not in declaring
        }
        yield from _grouped({name: uses for name, uses in rest.items() if uses}, known)
    if declaring and template.section("Parameters"):
        for name in declaring:
            yield from _grouped({name: by_name[name]}, known)
    elif declaring:  # The section was forgotten: all of its parameters are added at once.
        pairs = [pair for name in declaring for pair in by_name[name]]
        found = tuple(known[name] for name in declaring)
        yield _Fault(tuple(declaring), tuple(use for use, _ in pairs), pairs[0][1], found)


def _grouped(by_name: dict[str, list[tuple[NameUse, LintMatch | None]]], known: dict[str, Meant]) -> Iterator[_Fault]:
    """One fault for names that share a text, directly or through other names."""
    waiting = dict(by_name)
    while waiting:
        names = [next(iter(waiting))]
        for name in names:
            places = {use.place for use, _ in by_name[name]}
            names += [
                other
                for other, uses in waiting.items()
                if other not in names and any(use.place in places for use, _ in uses)
            ]
        pairs = [pair for name in names for pair in waiting.pop(name)]
        meanings = tuple(known[name] for name in names)
        yield _Fault(tuple(names), tuple(use for use, _ in pairs), pairs[0][1], meanings)


def _undefined(template: Template, ctx: Context) -> dict[str, list[tuple[NameUse, LintMatch | None]]]:
    """The undefined names that cfn-lint reports, and those of mappings, which it does not always report."""
    # AWS::Include in this section may define any mapping.
    hidden = set(misspelled_entries(template.data))  # `unknown-section` makes them known.
    are_included = any(name.startswith("Fn::") for name in template.section("Mappings"))
    matches = [(match, _said(match)) for match in ctx.matches.get(template.path, ())]
    found: dict[str, list[tuple[NameUse, LintMatch | None]]] = {}
    for use in name_uses(template):
        if is_declared(template, use) or use.name in hidden or (use.kind is Kind.MAPPING and are_included):
            continue
        match = next((match for match, name in matches if _is_about(match, name, use)), None)
        if match is not None or use.kind is Kind.MAPPING:
            found.setdefault(use.name, []).append((use, match))
    return found


def _said(match: LintMatch) -> str:
    found = _NAME.match(match.message)
    return found[1] if found else ""


def _is_about(match: LintMatch, name: str, use: NameUse) -> bool:
    """cfn-lint names a place in the function, or one that the text does not have, as Fn::GetAtt/1 of "A.B". In a
    condition, it may name another argument.
    """
    section, owner, *_ = pointer.split(use.place)
    outer = pointer.join(section, owner) if section == "Conditions" else use.function
    is_there = pointer.contains(outer, pointer.join(*match.path))
    return is_there and name in (use.name, f"{use.name}.{use.attribute}")


def _renamed(template: Template, fault: _Fault) -> Iterator[Op]:
    """The operations that replace the names in each string that has them."""
    for place in dict.fromkeys(use.place for use in fault.uses):
        old = new = str(pointer.get(template.data, place))
        for name, each in zip(fault.names, fault.meant, strict=True):
            if pointer.split(place)[-1] == "Fn::GetAtt":
                new = f"{each.name}{new[len(name) :]}"
            else:
                new = with_name(new, name, each.name)
        yield from pointer.replace(place, old, new)


def _changes(template: Template, use: NameUse) -> Iterator[str]:
    """The places that resolve to another value although they did not resolve to nothing before."""
    section, owner, *_ = pointer.split(use.place)
    if section == "Conditions":
        yield from places_of_conditions(template, {owner})
    elif use.kind is Kind.CONDITION:
        entry = pointer.join(section, owner)
        yield entry if use.place == f"{entry}/Condition" else value_place(use.function)
        yield f"~{entry}"
        # What needs the entry waits for it where it exists.
        yield from (f"~/Resources/{name}" for name in template.resources if owner in template.needs(name))
    elif section == "Rules":
        yield use.function


def _declaration(template: Template, fault: _Fault, ctx: Context) -> Patch:
    """Adds the parameters."""
    if not ctx.asked("undefined-name"):
        names = ", ".join(fault.names)
        return Patch.none(f"nothing that is defined fits: declare {names}, or select undefined-name, which declares it")
    bodies: dict[str, Json] = {name: _declared(name, fault.uses) for name in fault.names}
    notes = () if all("Default" in str(body) for body in bodies.values()) else (_NEW,)
    changes = ("?", *(f"+/Parameters/{name}" for name in bodies))
    if not template.section("Parameters"):
        return Patch.of(template.path, pointer.add("/Parameters", bodies), Tier.REVIEW, notes, changes=changes)
    ops = [op for name, body in bodies.items() for op in pointer.add_entry(template.data, "/Parameters", name, body)]
    return Patch.of(template.path, ops, Tier.REVIEW, notes, changes=changes)


def _declared(name: str, uses: Sequence[NameUse]) -> Json:
    """The declaration of a parameter with that name."""
    declared: dict[str, Json] = {"Type": "String", "Description": " ".join(words(name)).capitalize()}
    known = PASSED_IN.fullmatch(name)
    return {**declared, "Default": "dev"} if known and known[1] else declared


TRANSFORM = Transform(
    id="undefined-name",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=(
        *("E1010", "E1011", "E1016", "E1017", "E1018", "E1019", "E1020", "E1021", "E1022", "E1028", "E3005", "E3015"),
        *("E6005", "E6101", "E8001", "E8003", "E8004", "E8005", "E8006"),
    ),
    told_by=(
        Told(
            title=r"^(?!.*\b(?:ssm|amis?|secrets?|exports?|imports?|cross-?stack|security groups?|launch template"
            r"|documentation|service-linked|circular|forward)\b).*\b(?:undefined|non-?existent|undeclared"
            r"|unresolved|dangling|orphaned|missing|invalid|broken)\b.*\b(?:references?|conditions?"
            r"|resources?|parameters?|refs?)\b",
            body=r"\b(?:references?|referenced|referencing|refers? to|referred|used|uses|Ref|GetAtt"
            r"|DependsOn)\b[^\n]{0,120}\b(?:(?:is|was|are|were|not|never) (?:not |never )?(?:defined"
            "|declared)|undefined|undeclared|no longer exists?|does not exist in the template"
            r"|doesn't exist in the template|deleted|removed)\b|\bE1010\b|\bE1012\b"
            "|unresolved resource dependenc",
            example="Undefined parameter reference\nThe output references KeyName, which is not defined.",
            unlike="Missing parameters\nThe team needs an Environment parameter.",
            ambiguous=True,
        ),
        Told(
            title=r"\bunresolved (?:resource )?(?:dependenc\w+|references?)\b"
            r"|\breferences? to (?:an? )?(?:undefined|non-?existent|undeclared|deleted"
            "|removed) (?:resources?|parameters?|conditions?|logical)",
            example="Reference to a non-existent resource",
            unlike="Reference to a public parameter",
        ),
        Told(
            title=r"\S",
            body=r"\bunresolved resource dependenc",
            example="Stack creation fails\nUnresolved resource dependencies [Zone] in the Resources block.",
            unlike="Stack creation fails\nThe dependencies are in a wrong order.",
            ambiguous=True,
        ),
        Told(
            title=r"^(?!.*\b(?:ssm|amis?|secrets?|exports?|imports?|cross-?stack|launch template|service-linked"
            r"|attributes?|mapping|findinmap)\b)(?:.*\b(?:references?|referencing|refers? to|reference to"
            r"|ref to|GetAtt to|DependsOn references)\b (?:an? |the )?(?:undefined|non-?existent"
            r"|undeclared|missing|unknown|undeclared)\b (?:\w+ ){0,2}?(?:parameters?|resources?"
            r"|conditions?|logical ids?|names?)|.*\b(?:undefined|undeclared|unknown) (?:resources?"
            r"|parameters?|conditions?|references?) (?:in|to|of)\b|.*\b(?:resources?|parameters?"
            r"|conditions?)\b.*\b(?:referenced|used) but (?:not|never) (?:defined|declared|created)\b"
            r"|.*\b(?:references?|refers to|DependsOn)\b.*\bresources?\b (?:that|which) (?:does not"
            r"|doesn't|do not|don't) exist\b)",
            example="Condition is referenced but not defined",
            unlike="Conditions are defined but not referenced",
        ),
    ),
)
