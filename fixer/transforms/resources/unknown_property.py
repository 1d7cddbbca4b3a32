"""A property that the resource type does not have: misspelled, misplaced or made up.

Why it fails:
CloudFormation rejects the template ("Encountered unsupported property"), at the latest when it creates the resource.
Most of these names come from the service's API, from Terraform, or from a neighboring property.

What the fix does:
If the table of known mistakes (fixer/transforms/resources/known_mistakes.py) contains the property, it is renamed,
moved to the right place, or removed. Otherwise it is renamed if exactly one property of the schema at that place has
nearly the same name (a difflib ratio of .8 or more, or a difference only in capitals), is not set yet, and accepts such
a value. Everything else is only reported.

What to review:
A renamed or moved property now takes effect, as it was meant to: check what it does to the resource. A removal is
unsafe, because it drops something that the template asks for and that CloudFormation does not offer.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-healthcheck.html
"""

from collections.abc import Iterator
from difflib import get_close_matches

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.schemas import definition, read_only, types
from fixer.cloudformation.intrinsics import intrinsic_name, mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.resources.known_mistakes import TABLE, Action, Form, Row
from fixer.transforms.transform import Transform

_NEAR = 0.8
"""The smallest difflib ratio at which two names are so similar that one is probably a misspelling of the other."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each unknown property, and a single one for all that move into the same new parent."""
    parents = set()
    for match, place in ctx.reported(template):
        target = _target(template, place)
        parent = pointer.parent(target) if target else ""
        if parent and not pointer.exists(template.data, parent):
            if parent in parents:
                continue
            parents.add(parent)
        name = pointer.split(place)[-1]
        yield ctx.finding(template, place, f"{_type(template, place)} has no property {name} here", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Moves or renames the property, or removes it."""
    row = _row(template, finding.pointer)
    if row is None:
        return _renamed(template, finding)
    if row.action is Action.REMOVE:
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.UNSAFE, [row.note])
    value = _formed(finding.seen, row.form)
    if value is None:
        return Patch.none(f"the value cannot be converted to one that {row.to} accepts")
    if row.action is Action.ATTRIBUTE:
        return _attribute(template, finding, row, value)
    target = _target(template, finding.pointer)
    if pointer.exists(template.data, target):
        return Patch.none(f"{row.to} is set too, and it is not known which of the two is meant")
    parent = pointer.parent(target)
    if pointer.exists(template.data, parent):
        if parent == pointer.parent(finding.pointer) and value == finding.seen:
            return Patch.of(template.path, pointer.move(finding.pointer, target, finding.seen), Tier.SAFE)
        ops = [*pointer.remove(finding.pointer, finding.seen), *pointer.add(target, value)]
        return Patch.of(template.path, ops, Tier.SAFE, _lost(template, [finding.pointer]))
    return _wrapped(template, parent, ctx)


def _wrapped(template: Template, parent: str, ctx: Context) -> Patch:
    """Moves all properties that belong into a parent that does not exist yet, in the order of the text."""
    ops: list[Op] = []
    body: dict[str, Json] = {}
    for _, place in ctx.reported(template):
        row, target = _row(template, place), _target(template, place)
        if row is not None and target and pointer.parent(target) == parent:
            seen = pointer.get(template.data, place)
            body[pointer.split(target)[-1]] = _formed(seen, row.form)
            ops += pointer.remove(place, seen)
    if not pointer.exists(template.data, pointer.parent(parent)):
        return Patch.none("the place to which it belongs does not exist")
    places = [str(op["path"]) for op in ops if op["op"] == "remove"]
    return Patch.of(template.path, [*ops, *pointer.add(parent, body)], Tier.SAFE, _lost(template, places))


def _lost(template: Template, places: list[str]) -> Iterator[str]:
    """A note for each comment next to a value that moves to another mapping without its comment."""
    text = template.document.text
    for place in places:
        beside = text[template.document.span(place)[1] :].partition("\n")[0].strip()
        if beside.startswith("#"):
            yield f"The comment next to {pointer.split(place)[-1]} does not move with it: {beside}."


def _renamed(template: Template, finding: Finding) -> Patch:
    """Renames the property to the only name of the schema that is nearly the same."""
    *above, name = pointer.split(finding.pointer)[3:]
    resource_type = _type(template, finding.pointer)
    place = _plain(tuple(above))
    known = definition(resource_type, place)
    there = mapping(pointer.get(template.data, pointer.parent(finding.pointer)))
    names = [
        each
        for each, schema in ((known or {}).get("properties") or {}).items()
        if each not in there
        and not read_only(resource_type, (*place, each))
        and _takes(resource_type, (*place, each), finding.seen)
    ]
    same = [each for each in names if each.lower() == name.lower()]
    near = same or get_close_matches(name, names, 2, _NEAR)
    if len(near) != 1:
        return Patch.none("the resource has no property, or more than one, with nearly this name")
    target = pointer.sibling(finding.pointer, near[0])
    return Patch.of(template.path, pointer.move(finding.pointer, target, finding.seen), Tier.SAFE)


def _takes(resource_type: str, place: tuple[str, ...], value: Json) -> bool:
    """Whether the schema at a place accepts values of this type; an intrinsic function counts as any type."""
    wanted = types(definition(resource_type, place) or {})
    if not wanted or intrinsic_name(value) is not None:
        return True
    kinds = {
        dict: ("object",),
        list: ("array",),
        str: ("string", "integer", "number", "boolean"),
        bool: ("boolean", "string"),
    }
    return bool(wanted & set(kinds.get(type(value), ("integer", "number", "string"))))


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


def _row(template: Template, place: str) -> Row | None:
    """The row of the table for the property at a place."""
    starred = "/".join("*" if token.isdigit() else token for token in _plain(pointer.split(place)[3:]))
    return TABLE.get((_type(template, place), starred))


def _target(template: Template, place: str) -> str:
    """The place to which the table moves the property; "" if the table does not move it."""
    row = _row(template, place)
    if row is None or row.action is not Action.MOVE:
        return ""
    tokens = pointer.split(place)
    indices = iter([token for token in tokens[3:] if token.isdigit()])
    return pointer.join(*tokens[:3], *(next(indices, "0") if part == "*" else part for part in row.to.split("/")))


def _type(template: Template, place: str) -> str:
    resource = template.resources.get(pointer.split(place)[1])
    return resource.type if resource else ""


def _plain(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """A place as the schema knows it: Rules/Fn::If/1/Id is Rules/Id."""
    kept: list[str] = []
    skip = False
    for token in tokens:
        if not skip and token != "Fn::If":
            kept.append(token)
        skip = token == "Fn::If"
    return tuple(kept)


def _formed(value: Json, form: Form) -> Json:
    """The value in the form that the target accepts; None if it has no such form."""
    if form is Form.ONE:
        return value[0] if isinstance(value, list) and len(value) == 1 else None if isinstance(value, list) else value
    if form is Form.FLAG and isinstance(value, str):
        return {"enabled": True, "true": True, "disabled": False, "false": False}.get(value.lower())
    return value


TRANSFORM = Transform(
    id="unknown-property",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E3002",),
    changes=(
        "-@",
        "+@/..",
        "<@/../..",
        ">@/../*",
    ),
)
