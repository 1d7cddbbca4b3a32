"""A property repair of the table as a transform: its findings, its patches, its documentation."""

import functools
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.intrinsics import as_int, intrinsic_name, mapping, ref_target
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Severity
from fixer.transforms.properties.companion import Companion
from fixer.transforms.properties.companions import companion, is_exempt
from fixer.transforms.properties.documentation import documentation
from fixer.transforms.properties.entry import Entry, entries
from fixer.transforms.properties.grants import grant_for
from fixer.transforms.properties.key_refusals import admits_everybody
from fixer.transforms.properties.places import Place, nested, places
from fixer.transforms.transform import Transform

_PROPERTIES = "Properties"
PUBLIC = "policy:public"


_OPTIONS = {
    "log-bucket": (Option("bucket", "The name of a bucket that receives the access logs, or `new`."),),
}


@functools.cache
def property_repairs() -> tuple[Transform, ...]:
    """The transforms of all entries of the table, in its order."""
    return tuple(map(transform_of, entries()))


def transform_of(entry: Entry) -> Transform:
    """The transform that an entry describes."""
    return Transform(
        id=entry.id,
        doc=documentation(entry),
        tier=entry.tier,
        detect=functools.partial(_detect, entry),
        patch=functools.partial(_patch, entry),
        pack=entry.pack,
        controls=entry.ids,
        severity=Severity.ADVICE,
        options=_OPTIONS.get(entry.use.partition(":")[0], ()),
    )


def _detect(entry: Entry, template: Template, ctx: Context) -> Iterator[Finding]:
    for resource in template.of_type(*entry.types):
        if not _applies(entry, template, resource) or is_exempt(entry.use, template, resource):
            continue
        for place in _places(entry, resource):
            if not _satisfies(entry, template, place):
                yield ctx.finding(template, place.at, entry.title)


def _patch(entry: Entry, template: Template, finding: Finding, ctx: Context) -> Patch:
    resource = template.resources[pointer.split(finding.pointer)[1]]
    for at, patterns, reason in entry.refuse:
        is_so = admits_everybody(template, resource) if at == PUBLIC else _matches(template, resource, at, patterns)
        if is_so:
            return Patch.none(reason, entry.tier)
    if entry.use and not resource.logical_id.isalnum():
        return Patch.none(f"{resource.logical_id!r} is not a valid logical id: rename the resource first", entry.tier)
    place = next(each for each in _places(entry, resource) if each.at == finding.pointer)
    if reason := place.refused or _given_elsewhere(template, place):
        return Patch.none(reason, entry.tier)
    if entry.remove:
        return _removal(entry, template, place)
    help_ = companion(entry.use, template, resource, ctx) if entry.use else Companion(entry.set)
    if help_.wants:
        return Patch.needs(help_.refused, *help_.wants)
    if help_.refused:
        return Patch.none(help_.refused, entry.tier)
    granted = grant_for(entry.grant, template, resource) if entry.grant else Companion()
    if granted.refused:
        return Patch.none(granted.refused, entry.tier)
    change = _Change(resource)
    change.put(place, _wanted(entry, place, help_.value))
    for at, value in entry.also.items():
        for other in places(resource.data, pointer.split(f"/{_PROPERTIES}{at}"), resource.pointer):
            if other.refused or (other.exists and intrinsic_name(other.value)):
                why = other.refused or "a function gives its value"
                return Patch.none(f"{at[1:]} must change too: {why}", entry.tier)
            if not _is_equal(other.value, value):
                change.put(other, value)
    ops, changes = change.result()
    notes = [each for each in (entry.cost, entry.note, *help_.notes) if each]
    all_ops = [*help_.ops, *granted.ops, *ops]
    all_changes = (*changes, *help_.changes, *granted.changes)
    return Patch.of(template.path, all_ops, entry.tier, notes, entry.undeployed, all_changes)


def _removal(entry: Entry, template: Template, place: Place) -> Patch:
    """Removes a property; a literal value that the template also writes elsewhere may be meant there."""
    others = [at for at, value in pointer.walk(template.data) if value == place.value and at != place.at]
    if others:
        reason = f"{place.value!r} is also written at {others[0]}: refer to the resource there first"
        return Patch.none(reason, entry.tier)
    tokens = pointer.split(place.at)
    properties = mapping(pointer.get(template.data, pointer.join(*tokens[:3])))
    ops = pointer.remove_entries(pointer.join(*tokens[:3]), properties, {tokens[3]})
    notes = [each for each in (entry.cost, entry.note) if each]
    changes = (f"-{_outside_of_functions(place.at)}",)
    return Patch.of(template.path, ops, entry.tier, notes, entry.undeployed, changes)


def _places(entry: Entry, resource: Resource) -> Iterator[Place]:
    return places(resource.data, pointer.split(f"/{_PROPERTIES}{entry.at}"), resource.pointer)


def _wanted(entry: Entry, place: Place, value: Json) -> Json:
    if entry.includes and isinstance(place.value, list) and isinstance(value, list):
        return [*place.value, *(each for each in value if each not in place.value)]
    return value


def _applies(entry: Entry, template: Template, resource: Resource) -> bool:
    wanted = all(_matches(template, resource, at, patterns) for at, patterns in entry.when.items())
    return wanted and not any(_matches(template, resource, at, patterns) for at, patterns in entry.unless.items())


def _matches(template: Template, resource: Resource, at: str, patterns: tuple[str, ...]) -> bool:
    """Whether the value at one of the places matches a pattern; "" matches no value. A value that only a deployment
    gives matches "*" alone.
    """
    found = list(places(resource.data, pointer.split(f"/{_PROPERTIES}{at}"), resource.pointer))
    present = [each.value for each in found if each.exists]
    if not present:
        return "" in patterns
    return any(_fits(template.literal(value), pattern) for value in present for pattern in patterns if pattern)


def _fits(value: Json, pattern: str) -> bool:
    if pattern == "*":
        return True
    return value is not None and not isinstance(value, dict | list) and fnmatchcase(_text(value), pattern.lower())


def _satisfies(entry: Entry, template: Template, place: Place) -> bool:
    """Whether the value satisfies the control. A value that only a deployment gives does, as far as the text tells."""
    if place.refused:
        return entry.remove
    if not place.exists:
        return entry.absent_ok or entry.remove
    value = template.literal(place.value)
    if value is None:
        return True
    if entry.remove:
        return place.at.count("/") != 4
    if entry.bad:
        return not any(_fits(value, pattern) for pattern in entry.bad)
    if entry.exists:
        return value not in ("", [], {})
    if entry.least is not None:
        number = as_int(value)
        return number is None or number >= entry.least
    if entry.includes and isinstance(entry.set, list):
        return isinstance(value, list) and all(each in value for each in entry.set)
    return _is_equal(value, entry.set) or any(_fits(value, pattern) for pattern in entry.ok)


def _given_elsewhere(template: Template, place: Place) -> str:
    """Why a value that a function gives is not replaced; "" if it is plain data or absent."""
    if not place.exists or (name := intrinsic_name(place.value)) is None:
        return ""
    if (target := ref_target(place.value)) is not None and template.parameter(target) is not None:
        return f"the parameter {target} gives the value: change its Default and the value that the stack passes"
    return f"{name} gives the value: change it where it is written"


def _is_equal(value: Json, wanted: Json) -> bool:
    if isinstance(wanted, dict | list):
        return value == wanted
    return value is not None and not isinstance(value, dict | list) and _text(value) == _text(wanted)


def _text(value: Json) -> str:
    return str(value).lower()


@dataclass
class _Change:
    """New values in one resource, as few operations: a value inside an added parent is part of that parent."""

    resource: Resource
    data: dict[str, Json] = field(init=False)
    roots: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = deepcopy(self.resource.data)

    def put(self, place: Place, value: Json) -> None:
        """Sets the value at the place. Places come from the resource before the change."""
        tokens = pointer.split(place.at)[2:]
        steps, missing = (tokens, list(place.missing)) if place.missing else (tokens[:-1], [tokens[-1]])
        parent = pointer.get(self.data, pointer.join(*steps))
        at = place.at if place.missing else pointer.parent(place.at)
        while len(missing) > 1 and (step := _step(parent, missing[0])) is not None:
            # An earlier value of this change has created this parent.
            parent, at = step[1], f"{at}{pointer.join(step[0])}"
            missing.pop(0)
        self._write(parent, missing, value, at)

    def _write(self, parent: Json, missing: list[str], value: Json, at: str) -> None:
        if isinstance(parent, dict):
            name = missing[0].removesuffix("?")
            parent[name] = nested(tuple(missing[1:]), value)
            self._note(at + pointer.join(name))
        elif isinstance(parent, list) and missing[0].isdigit() and int(missing[0]) < len(parent):
            parent[int(missing[0])] = nested(tuple(missing[1:]), value)
            self._note(f"{at}/{missing[0]}")
        elif isinstance(parent, list):
            item = nested(tuple(missing), value)
            parent.extend(item if isinstance(item, list) else [item])
            self._note(f"{at}/{len(parent) - 1}")

    def _note(self, place: str) -> None:
        if not any(pointer.contains(root, place) for root in self.roots):
            self.roots[place] = True

    def result(self) -> tuple[list[Op], tuple[str, ...]]:
        """The operations, and the places of the resolved template that they change."""
        ops: list[Op] = []
        for place in self.roots:
            new = pointer.get({"Resources": {self.resource.logical_id: self.data}}, place)
            before: Json = {"Resources": {self.resource.logical_id: self.resource.data}}
            if pointer.exists(before, place):
                ops += pointer.replace(place, pointer.get(before, place), new)
            else:
                ops += pointer.add(place, new)
        # `{id}` follows the resource if another patch renames it.
        return ops, tuple(pointer.join("Resources", "{id}") + _below(place) for place in self.roots)


def _step(parent: Json, token: str) -> tuple[str, Json] | None:
    """The key or index, and the mapping or list, that a token of the table means below the parent; None if neither is
    there.
    """
    found: tuple[str, Json] | None = None
    if isinstance(parent, dict):
        found = (token, parent.get(token))
    elif isinstance(parent, list) and token.isdigit() and int(token) < len(parent):
        found = (token, parent[int(token)])
    elif isinstance(parent, list) and token.startswith("["):
        key, _, name = token[1:-1].partition("=")
        found = next(((str(n), each) for n, each in enumerate(parent) if mapping(each).get(key) == name), None)
    is_container = found is not None and isinstance(found[1], dict | list) and intrinsic_name(found[1]) is None
    return found if is_container else None


def _below(place: str) -> str:
    """The place in the resolved template, below its resource."""
    return pointer.join(*pointer.split(_outside_of_functions(place))[2:])


def _outside_of_functions(place: str) -> str:
    """The place in the resolved template: branches of Fn::If are not part of it."""
    tokens = pointer.split(place)
    if "Fn::If" in tokens:
        tokens = tokens[: tokens.index("Fn::If")]
    return pointer.join(*tokens)
