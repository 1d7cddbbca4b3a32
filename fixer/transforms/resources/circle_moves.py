"""Breaks a circle: moves rules of a security group, or policies of a role, into resources of their own."""

from fixer import pointer
from fixer.authoring.split_resources import after_policies, policy_ids, rule_ids
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op, Patch, Tier
from fixer.transforms.resources.circles import changed, is_closed, orders

_GROUP, _INGRESS = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"
_ROLE, _POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"


def with_moved_items(template: Template, members: list[str]) -> Patch | None:
    """Moves entries out of the first member for which this breaks the circle; None if there is none."""
    for name in members:
        for prop, ops in _moves(template, name, members):
            if ops and not is_closed(changed(template, ops), members):
                paths = [str(op["path"]) for op in ops if op["op"] == "add"]
                added = [path for path in paths if len(pointer.split(path)) == 2]
                places = (f"-{template.resources[name].at(prop)}", *(f"+{place}" for place in added))
                order = (*orders(template, members), *(f"~{place}" for place in added))
                return Patch.of(template.path, ops, Tier.REVIEW, changes=places + order)
    return None


def _moves(template: Template, name: str, members: list[str]) -> list[tuple[str, list[Op]]]:
    return [
        ("SecurityGroupIngress", _without_rules(template, name, members)),
        ("Policies", _without_policies(template, name, members)),
    ]


def _items_that_name(template: Template, name: str, prop: str, members: list[str]) -> dict[int, str]:
    """The items of a list property that name a member: index → the first member that the item names."""
    place = template.resources[name].at(prop)
    found: dict[int, str] = {}
    for index, item in enumerate(sequence(template.resources[name].properties.get(prop))):
        named = [each.target for each in references_in(item, f"{place}/{index}")]
        if peer := next((each for each in named if each in members), ""):
            found[index] = peer
    return found


def _without_rules(template: Template, name: str, members: list[str]) -> list[Op]:
    """Moves the ingress rules of a security group that name members into resources of their own."""
    group = template.resources[name]
    if group.type != _GROUP:
        return []
    rules = _items_that_name(template, name, "SecurityGroupIngress", members)
    ops = _taken_out(group, "SecurityGroupIngress", list(rules))
    items = sequence(group.properties.get("SecurityGroupIngress"))
    moved = [("Itself" if peer == name else peer, mapping(items[index])) for index, peer in rules.items()]
    for logical_id, (_, rule) in zip(rule_ids(template, name, moved), moved, strict=True):
        properties: dict[str, Json] = {"GroupId": {"Fn::GetAtt": [name, "GroupId"]}, **rule}
        ops += _added(logical_id, _INGRESS, group, properties)
    return ops


def _without_policies(template: Template, name: str, members: list[str]) -> list[Op]:
    """Moves the policies of a role that name members into resources of their own."""
    role = template.resources[name]
    if role.type != _ROLE:
        return []
    policies = _items_that_name(template, name, "Policies", members)
    ops = _taken_out(role, "Policies", list(policies))
    items = sequence(role.properties.get("Policies"))
    moved = [mapping(items[index]) for index in policies]
    logical_ids = policy_ids(template, name, moved)
    for logical_id, policy in zip(logical_ids, moved, strict=True):
        ops += _added(logical_id, _POLICY, role, {**policy, "Roles": [{"Ref": name}]})
    return [*ops, *after_policies(template, name, logical_ids, members)] if moved else []


def _taken_out(resource: Resource, prop: str, indices: list[int]) -> list[Op]:
    """The operations that remove items of a list property, or the property if no item stays."""
    place, items = resource.at(prop), sequence(resource.properties.get(prop))
    if len(indices) == len(items):
        return pointer.remove(place, items) if items else []
    # The last index first: a removal moves all items after it.
    return [op for index in reversed(indices) for op in pointer.remove(f"{place}/{index}", items[index])]


def _added(name: str, kind: str, owner: Resource, properties: dict[str, Json]) -> list[Op]:
    """The operations that add a resource with its owner's condition."""
    body: dict[str, Json] = {"Type": kind}
    if owner.condition:
        body["Condition"] = owner.condition
    return pointer.add(pointer.join("Resources", name), {**body, "Properties": properties})
