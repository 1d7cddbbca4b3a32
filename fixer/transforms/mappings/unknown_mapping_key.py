"""A Fn::FindInMap with a key that the mapping does not have.

Why it fails:
CloudFormation cannot find the value ("Unable to get mapping for ...") and rejects the template. cfn-lint does not
report every case.

What the fix does:
It replaces the key if exactly one key of the mapping is near: it differs only in capitals, hyphens, one wrong letter, a
plural, or a word such as Invalid. Only literal keys of mappings with literal names are looked at. Everything else is
only reported.

What to review:
Check that the key is the one that was meant.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.near_names import nearest
from fixer.cloudformation.reach import places_of_conditions
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

_DEFAULT = "DefaultValue"
"""The argument that Fn::FindInMap gives for a missing key, with the language extensions."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each literal key that the mapping does not have."""
    if any(name.startswith("Fn::") for name in template.section("Mappings")):
        return  # AWS::Include may add keys.
    for place, value in pointer.walk(template.data):
        arguments = value.get("Fn::FindInMap") if isinstance(value, dict) and len(value) == 1 else None
        index = _wrong(template, arguments)
        if index:
            key = arguments[index] if isinstance(arguments, list) else ""
            name = arguments[0] if isinstance(arguments, list) else ""
            below = f"{place}/Fn::FindInMap/{index}"
            matches = ctx.matches.get(template.path, ())
            match = next((each for each in matches if pointer.join(*each.path) == below), None)
            yield ctx.finding(template, below, f"the mapping {name} has no key {key}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the key with the one that is meant."""
    arguments = pointer.get(template.data, pointer.parent(finding.pointer))
    known = _keys(template, arguments, int(pointer.split(finding.pointer)[-1]))
    meant = nearest(str(finding.seen), known)
    if len(meant) != 1:
        listed = ", ".join(sorted(known)[:4])
        return Patch.none(f"it is not known which key is meant: {listed}" if listed else "the mapping has no such keys")
    ops = pointer.replace(finding.pointer, finding.seen, meant[0])
    return Patch.of(template.path, ops, Tier.REVIEW, changes=tuple(_changes(template, finding.pointer)))


def _changes(template: Template, place: str) -> Iterator[str]:
    section, owner, *_ = pointer.split(place)
    if section == "Conditions":
        yield from places_of_conditions(template, {owner})


def _wrong(template: Template, arguments: Json) -> int:
    """The index of the argument that is a key which the mapping does not have; 0 if there is none."""
    if not isinstance(arguments, list) or len(arguments) < 3 or _DEFAULT in mapping((*arguments, None)[3]):
        return 0
    if arguments[0] not in template.section("Mappings"):
        return 0  # `undefined-name` repairs the name of the mapping first.
    for index in (1, 2):
        known = _keys(template, arguments, index)
        if isinstance(arguments[index], str) and known and arguments[index] not in known:
            return index
    return 0


def _keys(template: Template, arguments: Json, index: int) -> list[str]:
    """The keys that the argument can be; for the second one, where the first is not literal, those of all entries."""
    name, first, *_ = arguments if isinstance(arguments, list) else ["", ""]
    entries = mapping(template.section("Mappings").get(str(name)))
    if index == 1:
        return list(entries)
    inner = [mapping(entries.get(first))] if isinstance(first, str) else [mapping(each) for each in entries.values()]
    return list(dict.fromkeys(key for each in inner for key in each))


TRANSFORM = Transform(
    id="unknown-mapping-key",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1011",),
    told_by=(
        Told(
            title=r"\b(?:FindInMap|mappings?)\b.{0,60}\b(?:undefined|unknown|misspelled|wrong|invalid) keys?\b"
            r"|\b(?:undefined|unknown|misspelled|wrong|invalid) (?:mapping )?keys?\b.{0,60}\b(?:FindInMap|mappings?)\b",
            example="Fn::FindInMap with a misspelled key",
            unlike="Mapping lacks keys for two regions",
        ),
        Told(
            title=r"\bFindInMap\b.*\bkeys?\b.*\b(?:does(?: not|n't) exist|not (?:found|in|defined)|missing)\b"
            r"|\b(?:undefined|unknown|misspelled|wrong|invalid|non-?existent) (?:FindInMap"
            r"|mapping) keys?\b|\bmapping keys?\b.*\b(?:not (?:found|defined)|does(?: not|n't) exist)\b",
            example="FindInMap key does not exist",
            unlike="FindInMap is not used",
        ),
        Told(
            title=r"\bmappings?\b|\bFindInMap\b",
            body=r"\bE1011\b",
            ambiguous=True,
            example="Mapping has no such key\ncfn-lint reports E1011.",
            unlike="Mapping has no such key\nThe team needs one.",
        ),
    ),
    changes=("@",),
)
