"""VPCs in two Regions that must be peered but are not.

Why it fails:
After a failover, the services that still run in one Region must reach the database in the other Region. Without a
peering connection, routes on both sides, and security group rules that allow the peer, neither VPC can reach the other.

What the fix does:
It adds the peering connection to the secondary, which is deployed second. The secondary reads the VPC id of the primary
with Fn::GetStackOutput from the stack that PrimaryStackName names (the Output is added if it is missing). Every private
route table gets a route to the primary's CIDR block. The primary gets a parameter PeeringConnectionId, which is empty
by default, a Condition that tests it, and the routes to the secondary. With `side` set to primary, the connection is in
the primary, which takes the peer's VPC id as a parameter (a String, because CloudFormation validates AWS::EC2::VPC::Id
in the stack's own Region). Every database security group gets an ingress rule for the peer's CIDR block on its database
ports, because a rule cannot refer to a security group in another Region.

What to review:
You need three deployments: the primary, the secondary, and the primary again with the connection id that the secondary
outputs. With `side` set to primary, you need four. CloudFormation accepts the connection with the permissions of the
deployment, which needs ec2:AcceptVpcPeeringConnection. Traffic between Regions is charged. VPCs with overlapping CIDR
blocks get no patch, because no route can tell them apart.

References:
https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcpeeringconnection.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.authoring.cross_stack import stack_name_parameter
from fixer.authoring.naming import Convention
from fixer.cloudformation.databases import CLUSTER, INSTANCE
from fixer.cloudformation.group_users import ports_of
from fixer.cloudformation.ingress import GROUP, RULE, VPC, open_ports, rules
from fixer.cloudformation.intrinsics import given, mapping, ref_target, sequence, target_of
from fixer.cloudformation.regions import unknown_region
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.ec2.vpc_pair import Side, sides, vpc_parameter
from fixer.transforms.transform import Told, Transform

_PEERING = "AWS::EC2::VPCPeeringConnection"
_ROUTE, _TABLE = "AWS::EC2::Route", "AWS::EC2::RouteTable"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields one finding for a project with VPCs in two Regions and no peering, in the template for the connection."""
    if any(ctx.project.of_type(_PEERING)):
        return
    if (both := sides(ctx)) is None:
        yield from _unbuilt(template, ctx)
        return
    holder, other = _holder(both, ctx)
    if holder.template is template:
        message = f"{holder.vpc.logical_id} is not peered with {other.vpc.logical_id} in {other.template.path}"
        yield ctx.finding(template, holder.vpc.pointer, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the connection to one side, and routes and rules to both sides."""
    both = sides(ctx)
    if both is None:
        reason = "peering needs the CIDR blocks and route tables of both VPCs: missing-vpc must create them first"
        return Patch.later(reason, after="missing-vpc")
    holder, other = _holder(both, ctx)
    if reason := _hindrance(holder, other):
        return Patch.none(reason)
    by_hand = holder is both[0]
    there, peer_vpc, condition, held = _told_of_peer(holder, other, by_hand, ctx)
    connection = holder.template.fresh_id("VPCPeeringConnection", "RegionalVPCPeeringConnection")
    held += _connection(holder, other, connection, peer_vpc, condition)
    held += _ways(holder, other, {"Ref": connection}, condition)
    waiting, told, other_condition = _waits_for(
        other.template,
        "PeeringConnectionId",
        f"Id of the VPC peering connection, which the {holder.title} stack outputs; empty until it exists",
    )
    there += waiting
    there += _ways(other, holder, told, other_condition)
    files = {holder.template.path: tuple(held), other.template.path: tuple(there)}
    return Patch(files, Tier.REVIEW, None, tuple(_notes(holder, other, by_hand)))


def _unbuilt(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields the same finding if the VPC of a template is still a parameter, which missing-vpc replaces first."""
    found = [each for each in ctx.project.ordered if any(each.of_type(VPC)) or vpc_parameter(each, ctx)]
    if len(found) != 2 or not ctx.project.apart(*found):
        return
    holder, other = found if ctx.option("side") == "primary" else reversed(found)
    taking = next((each for each in (holder, other) if vpc_parameter(each, ctx)), None)
    if taking is template:
        name = vpc_parameter(taking, ctx)
        place = pointer.join("Parameters", name)
        peer = other if taking is holder else holder
        yield ctx.finding(template, place, f"the VPC in {name} is not peered with the VPC of {peer.path}")


def _holder(both: tuple[Side, Side], ctx: Context) -> tuple[Side, Side]:
    return both if ctx.option("side") == "primary" else (both[1], both[0])


def _hindrance(holder: Side, other: Side) -> str:
    for side in (holder, other):
        if side.block is None:
            return f"the CIDR block of {side.vpc.logical_id} in {side.template.path} is known only at deployment"
        if side.region is None:
            return unknown_region(side.template)
        if side.vpc.condition is not None:
            return f"{side.vpc.logical_id} in {side.template.path} exists only under a condition"
        if not _private_tables(side):
            return f"{side.template.path} has no route table for private subnets"
    assert holder.block and other.block
    if holder.block.overlaps(other.block):
        return f"{holder.block} and {other.block} overlap, so no route can tell the two VPCs apart"
    return ""


def _told_of_peer(holder: Side, other: Side, by_hand: bool, ctx: Context) -> tuple[list[Op], Json, str, list[Op]]:
    """(operations for the other side, expression for the peer's VPC id, condition or "", operations for the holder)."""
    output, there = _vpc_output(other)
    if by_hand:
        name = f"{other.title.title()}VpcId" if other.title.isalpha() else "PeerVpcId"
        text = f"Id of the VPC of the {other.title} stack; empty until that exists"
        here, value, condition = _waits_for(holder.template, name, text)
        return there, value, condition, here
    stack, here = stack_name_parameter(ctx.project, other.template, holder.template)
    region = other.region.value if other.region else ""
    value = {"Fn::GetStackOutput": {"StackName": {"Ref": stack}, "OutputName": output, "Region": region}}
    return there, value, "", here


def _vpc_output(side: Side) -> tuple[str, list[Op]]:
    """The output with the id of the VPC, and the operations that add it if it is missing."""
    outputs = side.template.section("Outputs")
    wanted: tuple[Json, Json] = ({"Ref": side.vpc.logical_id}, {"Fn::GetAtt": [side.vpc.logical_id, "VpcId"]})
    for name, output in outputs.items():
        if mapping(output).get("Value") in wanted and "Condition" not in mapping(output):
            return name, []
    name = side.template.fresh_id("VPCId", "NetworkVPCId")
    body = Convention(side.template).output(name, "ID of the VPC", wanted[0])
    return name, pointer.add_entry(side.template.data, "/Outputs", name, body)


def _waits_for(template: Template, wish: str, words: str) -> tuple[list[Op], Json, str]:
    """A String parameter that is empty at first: its operations, its Ref, and the condition that it has a value."""
    name = template.fresh_id(wish, f"Vpc{wish}")
    declared: Json = {"Type": "String", "Default": "", "Description": words}
    condition = template.fresh_id(f"Has{name}")
    test: Json = {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}
    ops = pointer.add_entry(template.data, "/Parameters", name, declared)
    return [*ops, *pointer.add_entry(template.data, "/Conditions", condition, test)], {"Ref": name}, condition


def _connection(holder: Side, other: Side, name: str, peer_vpc: Json, condition: str) -> list[Op]:
    convention = Convention(holder.template)
    properties: dict[str, Json] = {
        "VpcId": {"Ref": holder.vpc.logical_id},
        "PeerVpcId": peer_vpc,
        "PeerRegion": other.region.value if other.region else "",
        "Tags": list(convention.tags("peering")),
    }
    body = convention.resource(_PEERING, properties, condition=condition)
    output_name = holder.template.fresh_id("VPCPeeringConnectionId", "PeeringConnectionOutput")
    output = convention.output(output_name, "ID of the VPC peering connection", {"Ref": name})
    if condition:
        output["Condition"] = condition
    return [
        *pointer.add(pointer.join("Resources", name), body),
        *pointer.add_entry(holder.template.data, "/Outputs", output_name, output),
    ]


def _ways(side: Side, peer: Side, connection: Json, condition: str) -> Iterator[Op]:
    """Yields routes to the peer for every private route table, and rules that allow the peer to reach the databases."""
    template, convention = side.template, Convention(side.template)
    tables = _private_tables(side)
    for number, table in enumerate(tables, 1):
        properties: dict[str, Json] = {
            "RouteTableId": {"Ref": table.logical_id},
            "DestinationCidrBlock": str(peer.block),
            "VpcPeeringConnectionId": connection,
        }
        name = template.fresh_id("PeeringRoute" if len(tables) == 1 else f"PeeringRoute{number}")
        body = convention.resource(_ROUTE, properties, condition=condition)
        yield from pointer.add(pointer.join("Resources", name), body)
    for group, ports in _database_groups(template):
        for port in ports:
            properties = {
                "GroupId": {"Fn::GetAtt": [group.logical_id, "GroupId"]},
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "CidrIp": str(peer.block),
                "Description": f"Database access from the peered VPC ({peer.title})",
            }
            suffix = str(port) if len(ports) > 1 and isinstance(port, int) else ""
            name = template.fresh_id(f"{group.logical_id}PeerIngress{suffix}")
            body = convention.resource(RULE, properties, condition=condition)
            yield from pointer.add(pointer.join("Resources", name), body)


def _private_tables(side: Side) -> list[Resource]:
    """The VPC's route tables that have no route to an internet gateway."""
    public = {
        ref_target(route.properties.get("RouteTableId"))
        for route in side.template.of_type(_ROUTE)
        if given(route.properties, "GatewayId")
    }
    tables = [table for table in side.template.of_type(_TABLE) if table.condition is None]
    own = [table for table in tables if target_of(table.properties.get("VpcId")) == side.vpc.logical_id]
    return [table for table in own if table.logical_id not in public]


def _database_groups(template: Template) -> list[tuple[Resource, list[Json]]]:
    """The security groups of databases, with the ports on which the databases listen."""
    found: dict[str, list[Json]] = {}
    for database in template.of_type(CLUSTER, INSTANCE):
        names = [
            *sequence(database.properties.get("VpcSecurityGroupIds")),
            *sequence(database.properties.get("VPCSecurityGroups")),
        ]
        for name in (target_of(value) for value in names):
            group = template.resources.get(name or "")
            if group is not None and group.type == GROUP and group.condition is None:
                ports = found.setdefault(group.logical_id, [])
                ports += [port for port in _ports(template, database, group) if port not in ports]
    return [(template.resources[name], ports) for name, ports in found.items()]


def _ports(template: Template, database: Resource, group: Resource) -> list[Json]:
    """The Port of the database or, without one, the ports of its engine that the group's rules open or, without such
    rules, the port of the engine. If the engine is not known: the ports that have their own rules in the group.
    """
    if isinstance(given_port := database.properties.get("Port"), dict):
        return [given_port]
    known = ports_of(template, database)
    is_certain = len(set(known.values())) == 1
    opened = [open_ports(template, rule) for rule in rules(template) if rule.group is group]
    reached: list[Json] = [
        port for port in known if any(port in ports and (is_certain or len(ports) == 1) for ports in opened)
    ]
    own: list[Json] = [next(iter(known))] if is_certain else []
    return reached or own


def _notes(holder: Side, other: Side, by_hand: bool) -> Iterator[str]:
    if by_hand:
        yield (
            f"Deploy four times: {holder.title}; {other.title}; {holder.title} with the VPC id of the {other.title} "
            f"stack; {other.title} with the id of the connection."
        )
    else:
        yield (
            f"Deploy three times: {other.title}; {holder.title}, which reads the VPC of the {other.title} stack; "
            f"{other.title} again with the id of the connection as PeeringConnectionId."
        )
    yield "The deployment needs ec2:AcceptVpcPeeringConnection in both Regions. Traffic between Regions is charged."


TRANSFORM = Transform(
    id="missing-vpc-peering",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="peering",
    options=(
        Option("side", "the stack that creates the connection", default="secondary", choices=("primary", "secondary")),
    ),
    told_by=(
        Told(
            title=r"\b(?:missing|no|lacks?|without|absent)\s+(?:\w+\s+){0,2}peering\b"
            r"(?!\s+(?:connection (?:propert|tag)|routes?\b|dns\b|accept))",
            body=r"\bregions?\b|\bcross-region\b|\b(?:primary|secondary|standby)\b|\bdr\b|\b(?:both|two"
            r"|the) vpcs\b",
            example="Missing VPC peering",
            unlike="Missing VPC Peering Connection Properties",
        ),
        Told(
            title=r"\bpeering\b.*\b(?:missing|absent|not (?:created|defined|implemented|included))\b",
            body=r"\bregions?\b|\bcross-region\b|\b(?:primary|secondary|standby)\b|\bdr\b|\b(?:both|two"
            r"|the) vpcs\b",
            example="Peering between the VPCs is not defined",
            unlike="Peering connection has a wrong name",
        ),
        Told(
            title=r"\bnot peered\b",
            example="The two VPCs are not peered",
            unlike="VPCs are peered twice",
        ),
        Told(
            title=r"\b(?:vpc|regions?|network)\b.*\bpeering\b.*\b(?:not (?:be(?:en|ing) )?(?:created|defined"
            r"|configured|implemented|included|provisioned|established)|omitted|missing|absent)\b"
            r"|\black of\b.*\bvpc peering\b|\b(?:missing|no|lacks?|without) (?:cross|inter"
            r"|multi)-?region (?:vpc )?peering\b",
            example="VPC peering not configured between regions",
            unlike="VPC peering not accepted by the other account",
        ),
    ),
    changes=(
        "+/Parameters/*",
        "+/Outputs/*",
        "+/Resources/AWS::EC2::*",
    ),
)
