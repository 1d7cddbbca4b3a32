"""A property that the resource type does not have: misspelled, misplaced or made up.

Why it fails:
CloudFormation rejects the template ("Encountered unsupported property"), at the latest when it creates the resource.
Most of these names come from the service's API, from Terraform, or from a neighboring property.

What the fix does:
If the table of known mistakes (fixer/transforms/resources/known_mistakes.py) contains the property, it is renamed,
moved to the right place, or removed. Otherwise it is renamed if one property of the schema at that place has nearly the
same name, or is cfn-lint's suggestion, or is the only property that is missing; this property must not be set yet and
must accept the value. Properties that all belong to one object that is not there move into a new object. An attribute
of a resource in its Properties, such as DependsOn, moves up, and a property outside of Properties moves into them.
Everything else is only reported.

What to review:
A renamed or moved property now takes effect, as it was meant to: check what it does to the resource. A removal is
unsafe, because it drops something that the template asks for and that CloudFormation does not offer.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-healthcheck.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.accepted_names import without_choices
from fixer.authoring.context import Context
from fixer.aws.schemas import definition, misfit, types
from fixer.cloudformation.intrinsics import intrinsic_name, mapping
from fixer.cloudformation.key_policies import shut_out
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, LintMatch, Op, Patch, Tier
from fixer.transforms.resources.invalid_value import is_about_properties
from fixer.transforms.resources.known_mistakes import TABLE, Action, Row, formed, other_check
from fixer.transforms.resources.missing_update_replace_policy import TWINS, twin, without_snapshot
from fixer.transforms.resources.property_names import meant, near, properties
from fixer.transforms.resources.wrong_section import in_wrong_section
from fixer.transforms.transform import Told, Transform

_ATTRIBUTES = ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata", "CreationPolicy", "UpdatePolicy")
"""Attributes of a resource beside Properties.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html
"""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each unknown property, and a single one for all that move into the same new parent."""
    parents = set()
    for match, place in _reported(template, ctx):
        target = _target(template, place, ctx)
        parent = pointer.parent(target) if target else ""
        name = pointer.split(place)[-1]
        message = f"{_type(template, place) or pointer.split(place)[1]} has no property {name} here"
        if parent and not pointer.exists(template.data, parent) and not _wrapped(template, parent, ctx).reason:
            if parent in parents:
                continue
            parents.add(parent)
        yield ctx.finding(template, place, message, match)


def _reported(template: Template, ctx: Context) -> Iterator[tuple[LintMatch, str]]:
    """The matches about properties that do not exist; the rule reports other faults too."""
    for match, place in ctx.reported(template):
        is_deep = place.count("/") > 2 and place.startswith("/Resources/")
        if is_about_properties(match.message) and is_deep and not in_wrong_section(template, place):
            yield match, place


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Moves or renames the property, or removes it."""
    tokens = pointer.split(finding.pointer)
    if not _type(template, finding.pointer):
        return Patch.none("the resource has no type")
    row = _row(template, finding.pointer, ctx)
    if row is None:
        if len(tokens) == 4 and tokens[3] in _ATTRIBUTES:
            return _moved_up(template, finding)
        if len(tokens) == 4 and tokens[3] == "Condition":
            return Patch.none("Condition is an attribute of the resource: move it out of Properties")
        return _renamed(template, finding, ctx)
    if row.action is Action.REFUSE or row.unless in mapping(_properties(template, finding.pointer)).items():
        return Patch.none(row.note)
    if row.action is Action.REMOVE:
        ops, emptied = _removal(template, finding)
        return Patch.of(template.path, ops, Tier.UNSAFE, [row.note], changes=emptied)
    value = formed(finding.seen, row.form)
    if value is None:
        return Patch.none(f"the value cannot be converted to one that {row.to} accepts")
    if row.action is Action.ATTRIBUTE:
        return _attribute(template, finding, row, value)
    return _moved(template, finding, value, ctx)


def _moved(template: Template, finding: Finding, value: Json, ctx: Context) -> Patch:
    """Moves the property to where it belongs."""
    target = _target(template, finding.pointer, ctx)
    resource_type, place = _type(template, target), without_choices(pointer.split(target)[3:])
    if pointer.exists(template.data, target):
        return Patch.none(f"{'/'.join(place)} is set too, and it is not known which of the two is meant")
    parent = pointer.parent(target)
    if not pointer.exists(template.data, parent):
        return _wrapped(template, parent, ctx)
    if reason := misfit(resource_type, place, value):
        return Patch.none(f"{place[-1]} does not accept the value: {reason}")
    if reason := other_check(resource_type, {**mapping(pointer.get(template.data, parent)), place[-1]: value}):
        return Patch.none(reason)
    if parent == pointer.parent(finding.pointer):
        return Patch.of(template.path, _in_place(finding.pointer, finding.seen, target, value), Tier.SAFE)
    ops = [*pointer.remove(finding.pointer, finding.seen), *pointer.add(target, value)]
    return Patch.of(template.path, ops, Tier.SAFE, _lost(template, [finding.pointer]))


def _wrapped(template: Template, parent: str, ctx: Context) -> Patch:
    """Moves all properties that belong into a parent that does not exist yet, in the order of the text. The parent
    takes the place of the first of them that is next to it, with the comments there.
    """
    moved: dict[str, Json] = {}
    body: dict[str, Json] = {}
    for _, place in _reported(template, ctx):
        row, target = _row(template, place, ctx), _target(template, place, ctx)
        if row is not None and target and pointer.parent(target) == parent:
            moved[place] = pointer.get(template.data, place)
            body[pointer.split(target)[-1]] = formed(moved[place], row.form)
    if not pointer.exists(template.data, pointer.parent(parent)):
        return Patch.none("the place to which it belongs does not exist")
    owner = without_choices(pointer.split(parent)[3:])
    if reason := misfit(_type(template, parent), owner, body) or other_check(_type(template, parent), body):
        return Patch.none(f"it belongs into {'/'.join(owner) or 'Properties'}, which would not be valid: {reason}")
    beside = next((place for place in moved if pointer.parent(place) == pointer.parent(parent)), None)
    ops = [op for place, seen in moved.items() if place != beside for op in pointer.remove(place, seen)]
    ops += pointer.add(parent, body) if beside is None else _in_place(beside, moved[beside], parent, body)
    return Patch.of(template.path, ops, Tier.SAFE, _lost(template, [place for place in moved if place != beside]))


def _in_place(place: str, seen: Json, target: str, value: Json) -> list[Op]:
    """Operations that give a property another name and another value where it stands."""
    replaced = [] if value == seen else pointer.replace(target, seen, value)
    return [*pointer.move(place, target, seen), *replaced]


def _removal(template: Template, finding: Finding) -> tuple[list[Op], tuple[str, ...]]:
    """Operations that remove the property and what it leaves empty, and what they change besides the property."""
    place, seen, above = finding.pointer, finding.seen, "@"
    while place.count("/") > 3 and not pointer.split(pointer.parent(place))[-1].isdigit():
        outer = pointer.get(template.data, pointer.parent(place))
        if not isinstance(outer, dict) or len(outer) > 1:
            break
        place, seen, above = pointer.parent(place), outer, f"{above}/.."
    return pointer.remove(place, seen), (f"-{above}",)


def _moved_up(template: Template, finding: Finding) -> Patch:
    """Moves an attribute of the resource out of its Properties."""
    *_, name = tokens = pointer.split(finding.pointer)

    def target_of(attribute: str) -> str:
        return pointer.join(*tokens[:2], attribute)

    if pointer.exists(template.data, target_of(name)):
        return Patch.none(f"the resource has {name} too, and it is not known which of the two is meant")
    listed = finding.seen if isinstance(finding.seen, list) else [finding.seen]
    if name == "DependsOn" and not all(isinstance(each, str) and each in template.resources for each in listed):
        return Patch.none("DependsOn names something that is not a resource of the template")
    outer = pointer.parent(finding.pointer)
    there = mapping(pointer.get(template.data, outer))
    moved = {name: finding.seen}
    if name in TWINS:
        moved = {**moved, **twin(there, name)}
        moved = {each: value for each, value in moved.items() if not pointer.exists(template.data, target_of(each))}
        if not all(isinstance(value, str) for value in moved.values()):
            return Patch.none(f"{name} is not a plain string")
        if "Snapshot" in moved.values() and (reason := without_snapshot(template.resources[tokens[1]].data)):
            return Patch.none(f"{reason}: choose another {name}")
    gone = pointer.remove_entries(outer, there, [each for each in moved if each in there])
    ops = [*gone, *(op for each, value in moved.items() for op in pointer.add(target_of(each), value))]
    changes = ("-@/..", *(f"+/Resources/{{id}}/{each}" for each in moved), "~/Resources/{id}")
    return Patch.of(template.path, ops, Tier.REVIEW, _lost(template, [finding.pointer]), changes=changes)


def _lost(template: Template, places: list[str]) -> Iterator[str]:
    """A note for each comment next to a value that moves to another mapping without its comment."""
    text = template.document.text
    for place in places:
        beside = text[template.document.span(place)[1] :].partition("\n")[0].strip()
        if beside.startswith("#"):
            yield f"The comment next to {pointer.split(place)[-1]} does not move with it: {beside}."


def _renamed(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Renames the property to the name of the schema that is meant."""
    candidates, chosen = _candidates(template, finding.pointer, finding.match)
    if not chosen:
        if candidates:
            return Patch.none(f"it is not known which is meant: {', '.join(candidates)}")
        return Patch.none("the resource has no property with nearly this name")
    for match, place in _reported(template, ctx):
        is_beside = place != finding.pointer and pointer.parent(place) == pointer.parent(finding.pointer)
        if is_beside and _candidates(template, place, match)[1] == chosen:
            return Patch.none(f"{pointer.split(place)[-1]} seems to mean {chosen} too: keep one of the two")
    *above, name = pointer.split(finding.pointer)[3:]
    value, reason = meant(
        template, _type(template, finding.pointer), (*without_choices(tuple(above)), chosen), name, finding.seen
    )
    if reason:
        return Patch.none(reason)
    target = pointer.sibling(finding.pointer, chosen)
    tier = Tier.SAFE if chosen.lower() == name.lower() else Tier.REVIEW
    notes = _of_key(template, finding.pointer, chosen)
    return Patch.of(template.path, _in_place(finding.pointer, finding.seen, target, value), tier, notes)


def _of_key(template: Template, place: str, chosen: str) -> Iterator[str]:
    """A note if the property is a KMS key, which takes effect only with its new name."""
    if "kms" in chosen.lower() and "key" in chosen.lower():
        owner = pointer.split(place)[1]
        resource_type = template.resources[owner].type
        service = resource_type.split("::")[1]
        if found := shut_out(template, resource_type, pointer.get(template.data, place)):
            key, principal = found
            yield f"The policy of {key} does not let {principal} use the key, so {owner} fails: add a statement for it."
            return
        yield f"Then {owner} uses the key: check that the policy of the key lets {service} and the readers use it."


def _candidates(template: Template, place: str, match: LintMatch | None) -> tuple[list[str], str]:
    """(the properties that may be meant, the likeliest or "")."""
    *above, name = pointer.split(place)[3:] or ("",)
    there = mapping(pointer.get(template.data, pointer.parent(place)))
    message = match.message if match else ""
    return near(_type(template, place), without_choices(tuple(above)), name, there, message)


def _attribute(template: Template, finding: Finding, row: Row, value: Json) -> Patch:
    """Moves the property into a list of attributes, as an entry with Key and Value."""
    name, _, key = row.to.partition("/")
    place = pointer.join(*pointer.split(finding.pointer)[:3], name)
    text = value if isinstance(value, dict) else str(value)
    entry: Json = {"Key": key, "Value": text}
    there = pointer.get(template.data, place) if pointer.exists(template.data, place) else None
    if there is not None and (not isinstance(there, list) or any(mapping(each).get("Key") == key for each in there)):
        return Patch.none(f"{name} already sets {key}, or is not a list")
    added = pointer.add(place, [entry]) if there is None else pointer.add(f"{place}/-", entry)
    return Patch.of(template.path, [*pointer.remove(finding.pointer, finding.seen), *added], Tier.SAFE)


def _row(template: Template, place: str, ctx: Context) -> Row | None:
    """The row of the table for the property at a place, or one that moves it to where it can only belong."""
    tokens = pointer.split(place)
    if len(tokens) == 3:
        known = tokens[2] in properties(_type(template, place), ())
        return Row(Action.MOVE, tokens[2]) if known else None
    starred = "/".join("*" if token.isdigit() else token for token in without_choices(tokens[3:]))
    found = TABLE.get((_type(template, place), starred))
    return found or _owned(template, place, ctx)


def _owned(template: Template, place: str, ctx: Context) -> Row | None:
    """A move into the only object that has all unknown properties of this place, if the template does not have it."""
    outer = pointer.parent(place)
    beside = {pointer.split(each)[-1] for _, each in _reported(template, ctx) if pointer.parent(each) == outer}
    there = mapping(pointer.get(template.data, outer))
    resource_type, above = _type(template, place), without_choices(pointer.split(outer)[3:])
    known = properties(resource_type, above)
    required = (definition(resource_type, above) or {}).get("required") or ()
    owners = [
        name for name in known if name not in there and beside <= properties(resource_type, (*above, name)).keys()
    ]
    if len(owners) != 1 or (len(beside) < 2 and owners[0] not in required):
        return None
    starred = ["*" if token.isdigit() else token for token in above]
    return Row(Action.MOVE, "/".join([*starred, owners[0], pointer.split(place)[-1]]))


def _target(template: Template, place: str, ctx: Context) -> str:
    """The place to which the property moves; "" if it does not move."""
    row = _row(template, place, ctx)
    if row is None or row.action is not Action.MOVE:
        return ""
    tokens = pointer.split(place)
    parts = row.to.split("/")
    seen = pointer.get(template.data, place)
    known = definition(_type(template, place), tuple(parts)) or {}
    if isinstance(seen, dict) and intrinsic_name(seen) is None and len(parts) > 1 and types(known) == {"string"}:
        parts = parts[:-1]  # The object is written as a whole, as in Tracing: {Mode: Active}.
    indices = iter([token for token in tokens[3:] if token.isdigit()])
    return pointer.join(*tokens[:2], "Properties", *(next(indices, "0") if part == "*" else part for part in parts))


def _properties(template: Template, place: str) -> Json:
    resource = template.resources.get(pointer.split(place)[1])
    return resource.properties if resource else None


def _type(template: Template, place: str) -> str:
    resource = template.resources.get(pointer.split(place)[1])
    return resource.type if resource else ""


TRANSFORM = Transform(
    id="unknown-property",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E3002", "E3001"),
    told_by=(
        Told(
            title=r"^(?!.*\b(?:values?|types?|top-?level)\b).*\b(?:invalid|unknown|unsupported|incorrect|wrong"
            r"|unrecogni[sz]ed|extraneous|non-?existent|misspelled|made-?up|hallucinated)\b.*\bpropert(?:y"
            r"|ies)\b(?! (?:value|combination|order))",
            body=r"\b(?:not (?:an? |any )?(?:valid|supported|allowed|recogni[sz]ed|existing)|invalid|unsupported"
            "|unknown|unexpected|does(?: not|n't) (?:exist|support|have)|instead of|incorrectly specified"
            r"|correct property|wrong property|extraneous|no such)\b",
            example="Invalid Lambda property name\nIt used ConcurrencyLimit instead of ReservedConcurrentExecutions.",
            unlike="Invalid property value\nThe class is not valid.",
        ),
        Told(
            title=r"\bpropert(?:y|ies)\b.*\b(?:not (?:allowed|permitted|recogni[sz]ed)|does(?: not|n't) exist"
            r"|unexpected)\b|\badditional propert(?:y|ies)\b",
            example="Additional properties are not allowed",
            unlike="Properties are not sorted",
        ),
        Told(
            title=r"\b(?:schema|configurations?|propert(?:y|ies)|notifications?|syntax|validation)\b",
            body=r"\bnot an? (?:valid|supported|recogni[sz]ed) (?:\w+ ){0,2}propert(?:y|ies)\b|\b(?:propert(?:y"
            r"|ies)|key) (?:that )?(?:does(?: not|n't) exist|is not recogni[sz]ed)\b"
            "|additional properties are not allowed",
            example="Bucket configuration fails\nIt has Colour, which is not a valid CloudFormation property.",
            unlike="Bucket configuration fails\nThe property has no effect.",
            ambiguous=True,
        ),
        Told(
            title=r"\S",
            body=r"\bencountered unsupported propert|\badditional properties are not allowed\b|\bextraneous key\b"
            r"|\b(?:incorrect|wrong|invalid|misspelled) property name\b|\bis not an? (?:valid|supported"
            r"|recogni[sz]ed) (?:CloudFormation )?property\b|\b(?:unsupported|unrecogni[sz]ed|non-?existent)"
            r" (?:\w+ ){0,2}propert(?:y|ies)\b(?! (?:values?|types?|combinations?)\b)",
            example="Key configuration error\nThe model used an incorrect property name.",
            unlike="Key configuration error\nThe property is false.",
            ambiguous=True,
        ),
        Told(
            title=r"\bpropert(?:y|ies)\b.*\bnot supported\b|\bpropert(?:y|ies) names?\b.*\b(?:typo|misspelled"
            r"|wrong|incorrect)\b|\btypo\b.*\bpropert(?:y|ies)\b",
            example="Property name typo",
            unlike="Property value is long",
        ),
        Told(
            title=r"\bnot supported\b|\bunsupported\b",
            body=r"\bpropert(?:y|ies)\b (?:\w+ )?(?:is|are) not (?:supported|allowed|permitted)\b",
            ambiguous=True,
            example="Tags are not supported by the type\nThe property is not supported.",
            unlike="Unsupported runtime\nThe function needs another one.",
        ),
    ),
    changes=(
        "-@",
        "+@/..",
        "<@/../..",
        ">@/../*",
        "</Resources/{id}/Properties",
        ">/Resources/{id}/*",
    ),
)
