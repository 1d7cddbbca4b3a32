"""Breaks a circle: moves rules of a security group, or policies of a role, into resources of their own."""

from fixer import pointer
from fixer.authoring.split_resources import after_policies, policy_ids, rule_ids
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op, Patch, Tier
from fixer.transforms.resources.circles import changed, is_closed, orders

_GROUP = "AWS::EC2::SecurityGroup"
_RULES = {"SecurityGroupIngress": "From", "SecurityGroupEgress": "To"}
"""Properties of a group → the word between the two groups in the id of a rule."""
_NO_EGRESS: Json = {"CidrIp": "127.0.0.1/32", "IpProtocol": "-1"}
"""The rule with which a group has no default rule, which would allow traffic to everywhere.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
"""
_ROLE, _POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"


def with_moved_items(template: Template, members: list[str]) -> Patch | None:
    """Moves entries out of the first member for which this breaks the circle; None if there is none."""
    for prop in ("SecurityGroupIngress", "Policies", "SecurityGroupEgress"):
        for name in members:
            ops = _moves(template, name, members, prop)
            if ops and not is_closed(changed(template, ops), members):
                paths = [str(op["path"]) for op in ops if op["op"] == "add"]
                added = [path for path in paths if len(pointer.split(path)) == 2]
                place = template.resources[name].at(prop)
                is_replaced = any(op["op"] == "replace" and op["path"] == place for op in ops)
                places = (place if is_replaced else f"-{place}", *(f"+{each}" for each in added))
                order = (*orders(template, members), *(f"~{each}" for each in added))
                return Patch.of(template.path, ops, Tier.REVIEW, changes=places + order)
    return None


def _moves(template: Template, name: str, members: list[str], prop: str) -> list[Op]:
    if prop == "Policies":
        return _without_policies(template, name, members)
    return _without_rules(template, name, members, prop)


def _items_that_name(template: Template, name: str, prop: str, members: list[str]) -> dict[int, str]:
    """The items of a list property that name a member: index → the first member that the item names."""
    place = template.resources[name].at(prop)
    found: dict[int, str] = {}
    for index, item in enumerate(sequence(template.resources[name].properties.get(prop))):
        named = [each.target for each in references_in(item, f"{place}/{index}")]
        if peer := next((each for each in named if each in members), ""):
            found[index] = peer
    return found


def _without_rules(template: Template, name: str, members: list[str], prop: str) -> list[Op]:
    """Moves the rules of a security group that name members into resources of their own."""
    group = template.resources[name]
    if group.type != _GROUP:
        return []
    rules = _items_that_name(template, name, prop, members)
    items = sequence(group.properties.get(prop))
    moved = [("Itself" if peer == name else peer, mapping(items[index])) for index, peer in rules.items()]
    logical_ids = dict(zip(rules, rule_ids(template, name, moved, _RULES[prop]), strict=True))
    more: dict[str, Json] = {"GroupId": {"Fn::GetAtt": [name, "GroupId"]}}
    return _moved(group, prop, logical_ids, f"AWS::EC2::{prop}", more)


def _without_policies(template: Template, name: str, members: list[str]) -> list[Op]:
    """Moves the policies of a role that name members into resources of their own."""
    role = template.resources[name]
    if role.type != _ROLE:
        return []
    policies = _items_that_name(template, name, "Policies", members)
    items = sequence(role.properties.get("Policies"))
    logical_ids = dict(zip(policies, policy_ids(template, name, [mapping(items[i]) for i in policies]), strict=True))
    ops = _moved(role, "Policies", logical_ids, _POLICY, {"Roles": [{"Ref": name}]})
    return [*ops, *after_policies(template, name, list(logical_ids.values()), members)] if ops else []


def _moved(owner: Resource, prop: str, logical_ids: dict[int, str], kind: str, more: dict[str, Json]) -> list[Op]:
    """The operations that make items of a list property the Properties of new resources (index → logical id), with more
    properties and the owner's condition. An item moves, and is not written anew: its text keeps its form.
    """
    place, items = owner.at(prop), sequence(owner.properties.get(prop))
    ops: list[Op] = []
    for logical_id in logical_ids.values():
        body: dict[str, Json] = {"Type": kind, **({"Condition": owner.condition} if owner.condition else {})}
        ops += pointer.add(pointer.join("Resources", logical_id), body)
    for index in sorted(logical_ids, reverse=True):  # The last one first: a move shifts all items after it.
        properties = pointer.join("Resources", logical_ids[index], "Properties")
        ops += pointer.move(f"{place}/{index}", properties, items[index])
        for name, value in more.items():
            if name not in mapping(items[index]):
                ops += pointer.add(properties + pointer.join(name), value)
    if logical_ids and len(logical_ids) == len(items):
        is_egress = prop == "SecurityGroupEgress"
        ops += pointer.replace(place, [], [_NO_EGRESS]) if is_egress else pointer.remove(place, [])
    return ops
