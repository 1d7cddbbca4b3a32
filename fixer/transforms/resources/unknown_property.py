"""A property that the resource does not have: misspelled, misplaced, or made up.

Why it fails:
CloudFormation refuses the template ("Encountered unsupported property"), at the latest when the resource is created.
Most such names are those of the API, of Terraform, or of a neighbour.

What the fix does:
Where the table of known mistakes (fixer/domain/property_table.py) has the property, it is renamed, moved to where it
belongs, or removed. Else, where exactly one property of the schema at that place has nearly the same name (a difflib
ratio of .8 or more, or only other capitals), is not there yet, and takes such a value, it is renamed. Anything else
is reported only.

What to review:
A renamed or moved property now takes effect, as it was meant to: look at what it does to the resource. A removal
drops something that the template asks for and CloudFormation does not offer: it is unsafe.

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


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per unknown property; one for all that go into the same new parent."""
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
    """The property where it belongs, or gone."""
    row = _row(template, finding.pointer)
    if row is None:
        return _renamed(template, finding)
    if row.action is Action.REMOVE:
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.UNSAFE, [row.note])
    value = _formed(finding.seen, row.form)
    if value is None:
        return Patch.none(f"the value cannot be written as {row.to} takes it")
    if row.action is Action.ATTRIBUTE:
        return _attribute(template, finding, row, value)
    target = _target(template, finding.pointer)
    if pointer.exists(template.data, target):
        return Patch.none(f"{row.to} is there too: which of the two is meant is not known")
    parent = pointer.parent(target)
    if pointer.exists(template.data, parent):
        if parent == pointer.parent(finding.pointer) and value == finding.seen:
            return Patch.of(template.path, pointer.move(finding.pointer, target, finding.seen), Tier.SAFE)
        ops = [*pointer.remove(finding.pointer, finding.seen), *pointer.add(target, value)]
        return Patch.of(template.path, ops, Tier.SAFE, _lost(template, [finding.pointer]))
    return _wrapped(template, parent, ctx)


def _wrapped(template: Template, parent: str, ctx: Context) -> Patch:
    """All properties that belong into a parent that is not there yet, in the order of the text."""
    ops: list[Op] = []
    body: dict[str, Json] = {}
    for _, place in ctx.reported(template):
        row, target = _row(template, place), _target(template, place)
        if row is not None and target and pointer.parent(target) == parent:
            seen = pointer.get(template.data, place)
            body[pointer.split(target)[-1]] = _formed(seen, row.form)
            ops += pointer.remove(place, seen)
    if not pointer.exists(template.data, pointer.parent(parent)):
        return Patch.none("the place where it belongs is not there")
    places = [str(op["path"]) for op in ops if op["op"] == "remove"]
    return Patch.of(template.path, [*ops, *pointer.add(parent, body)], Tier.SAFE, _lost(template, places))


def _lost(template: Template, places: list[str]) -> Iterator[str]:
    """A note for each comment beside a value that moves to another mapping, where it cannot go along."""
    text = template.document.text
    for place in places:
        beside = text[template.document.span(place)[1] :].partition("\n")[0].strip()
        if beside.startswith("#"):
            yield f"The comment beside {pointer.split(place)[-1]} does not move with it: {beside}."


def _renamed(template: Template, finding: Finding) -> Patch:
    """The property under the one name of the schema that is nearly the same."""
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
        return Patch.none("no property, or more than one, of the resource has nearly this name")
    target = pointer.sibling(finding.pointer, near[0])
    return Patch.of(template.path, pointer.move(finding.pointer, target, finding.seen), Tier.SAFE)


def _takes(resource_type: str, place: tuple[str, ...], value: Json) -> bool:
    """Whether the schema of a place takes values of this kind; an intrinsic function is taken for any."""
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
    name, _, key = row.to.partition("/")
    place = pointer.join(*pointer.split(finding.pointer)[:3], name)
    text = value if isinstance(value, dict) else str(value)
    entry: Json = {"Key": key, "Value": text}
    there = pointer.get(template.data, place) if pointer.exists(template.data, place) else None
    if there is not None and (not isinstance(there, list) or any(mapping(each).get("Key") == key for each in there)):
        return Patch.none(f"{name} says it too")
    added = pointer.add(place, [entry]) if there is None else pointer.add(f"{place}/-", entry)
    return Patch.of(template.path, [*pointer.remove(finding.pointer, finding.seen), *added], Tier.SAFE)


def _row(template: Template, place: str) -> Row | None:
    starred = "/".join("*" if token.isdigit() else token for token in _plain(pointer.split(place)[3:]))
    return TABLE.get((_type(template, place), starred))


def _target(template: Template, place: str) -> str:
    """Where the table moves the property to; "" for one that it does not move."""
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
    """A place as the schema knows it: without the functions on the way."""
    kept: list[str] = []
    skip = False
    for token in tokens:
        if not skip and token != "Fn::If":
            kept.append(token)
        skip = token == "Fn::If"
    return tuple(kept)


def _formed(value: Json, form: Form) -> Json:
    """The value as the target takes it, None where that cannot be."""
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
        ">@/../*",
    ),
)
