"""Resources that depend on each other in a circle.

Why it fails:
Each resource of the circle needs another one to be created first, so CloudFormation rejects the template. The most
common cases are two security groups with rules that name each other, and a role whose inline policy names a resource
that needs the role.

What the fix does:
It moves entries out of one resource into resources of their own, out of the first resource for which this breaks the
circle. Ingress rules of a security group that name another resource of the circle become
AWS::EC2::SecurityGroupIngress. Policies of a role that name another resource of the circle become AWS::IAM::Policy.
Egress rules stay: a security group that loses its last egress rule would allow traffic to everywhere. Any other circle
is only reported.

What to review:
The rules and permissions are the same, but they exist only after all resources of the circle. Code that runs while
these are created, such as that of a custom resource, may run too early.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Transform

_GROUP, _INGRESS = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"
_ROLE, _POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each circle, at the first resource that cfn-lint reports."""
    done: set[str] = set()
    for match, place in ctx.reported(template):
        name = pointer.split(place)[-1]
        if name in template.resources and name not in done:
            members = _circle(template, name)
            done |= {name, *members}
            message = f"{', '.join(members)} depend on each other in a circle"
            yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Moves the entries that close the circle into resources of their own."""
    members = _circle(template, pointer.split(finding.pointer)[-1])
    for name in members:
        for ops in (_without_rules(template, name, members), _without_policies(template, name, members)):
            if ops and not _is_closed(Template(template.path, template.document.apply(ops)), members):
                return Patch.of(template.path, ops, Tier.REVIEW)
    return Patch.none("it is not known which of the references in the circle can be removed")


def _circle(template: Template, name: str) -> list[str]:
    """The resources of the circle that contains a resource, in the order of the text."""
    return [
        each
        for each in template.resources
        if each == name or (name in template.needs(each) and each in template.needs(name))
    ]


def _is_closed(template: Template, members: list[str]) -> bool:
    return any(len(_circle(template, name)) > 1 for name in members)


def _items_that_name(template: Template, name: str, prop: str, members: list[str]) -> dict[int, str]:
    """The items of a list property that name another member: index → the first member that the item names."""
    place = template.resources[name].at(prop)
    found: dict[int, str] = {}
    for index, item in enumerate(sequence(template.resources[name].properties.get(prop))):
        named = [each.target for each in references_in(item, f"{place}/{index}")]
        if peer := next((each for each in named if each in members and each != name), ""):
            found[index] = peer
    return found


def _without_rules(template: Template, name: str, members: list[str]) -> list[Op]:
    """Moves the ingress rules of a security group that name other members into resources of their own."""
    group = template.resources[name]
    if group.type != _GROUP:
        return []
    rules = _items_that_name(template, name, "SecurityGroupIngress", members)
    ops = _taken_out(group, "SecurityGroupIngress", list(rules))
    for index, peer in rules.items():
        rule = mapping(sequence(group.properties["SecurityGroupIngress"])[index])
        properties: dict[str, Json] = {"GroupId": {"Fn::GetAtt": [name, "GroupId"]}, **rule}
        ops += _added(template, ops, f"{name}From{peer}", _INGRESS, group, properties)
    return ops


def _without_policies(template: Template, name: str, members: list[str]) -> list[Op]:
    """Moves the policies of a role that name other members into resources of their own."""
    role = template.resources[name]
    if role.type != _ROLE:
        return []
    policies = _items_that_name(template, name, "Policies", members)
    ops = _taken_out(role, "Policies", list(policies))
    for index in policies:
        policy = mapping(sequence(role.properties["Policies"])[index])
        properties: dict[str, Json] = {**policy, "Roles": [{"Ref": name}]}
        ops += _added(template, ops, f"{name}Policy", _POLICY, role, properties)
    return ops


def _taken_out(resource: Resource, prop: str, indices: list[int]) -> list[Op]:
    """The operations that remove items of a list property, or the property if no item stays."""
    place, items = resource.at(prop), sequence(resource.properties.get(prop))
    if len(indices) == len(items):
        return pointer.remove(place, items) if items else []
    # The last index first: a removal moves all items after it.
    return [op for index in reversed(indices) for op in pointer.remove(f"{place}/{index}", items[index])]


def _added(
    template: Template, ops: list[Op], wish: str, kind: str, owner: Resource, properties: dict[str, Json]
) -> list[Op]:
    """The operations that add a resource with its owner's condition, under a name that `ops` do not use yet."""
    taken = {str(op["path"]) for op in ops}
    wishes = [wish, *(f"{wish}{number}" for number in range(2, 100))]
    name = next(
        each for each in wishes if template.fresh_id(each) == each and pointer.join("Resources", each) not in taken
    )
    body: dict[str, Json] = {"Type": kind}
    if owner.condition:
        body["Condition"] = owner.condition
    return pointer.add(pointer.join("Resources", name), {**body, "Properties": properties})


TRANSFORM = Transform(
    id="circular-dependency",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3004",),
    changes=(
        "-@",
        "+/Resources/AWS::IAM::Policy",
        "+/Resources/AWS::EC2::SecurityGroup*gress",
        "-/Resources/AWS::EC2::SecurityGroup/Properties/SecurityGroup*gress",
        "-/Resources/AWS::IAM::Role/Properties/Policies",
        "~/Resources/*",
    ),
)
