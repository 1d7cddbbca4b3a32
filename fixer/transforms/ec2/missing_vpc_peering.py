"""Two regional VPCs that were to be peered and are not.

Why it fails:
After a failover, what still runs in one region has to reach the database in the other. Without a peering connection,
routes on both sides and rules that let the peer in, there is no way from one VPC to the other.

What the fix does:
The connection stands in the secondary, which is deployed second: the primary's VPC id is read with Fn::GetStackOutput
from the stack that PrimaryStackName names (the Output is added if it is missing), and every private route table gets a
route to the primary's block. The primary gets a parameter PeeringConnectionId, empty by default, a Condition on it, and
routes back. With `side` primary the connection stands in the primary, with the peer's VPC id as a parameter (a String:
AWS::EC2::VPC::Id is validated in the stack's own region). Every database security group gets an ingress rule for the
peer's block on its database ports; groups cannot be referenced across regions.

What to review:
Three deployments: primary, secondary, and the primary again with the id of the connection, which the secondary outputs;
with `side` primary four. CloudFormation accepts the connection with the deployer's rights:
ec2:AcceptVpcPeeringConnection. Traffic between regions is charged. Blocks that overlap are refused: a peering between
them carries nothing.

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
from fixer.cloudformation.ingress import GROUP, RULE, VPC, Rule, database_ports, rules
from fixer.cloudformation.intrinsics import as_int, given, mapping, ref_target, sequence, target_of
from fixer.cloudformation.regions import unknown_region
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.ec2.vpc_pair import Side, sides, vpc_parameter
from fixer.transforms.transform import Transform

_PEERING = "AWS::EC2::VPCPeeringConnection"
_ROUTE, _TABLE = "AWS::EC2::Route", "AWS::EC2::RouteTable"
_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "sqlserver": 1433, "db2": 50000}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """One finding per project with VPCs in two regions and no peering, in the template that gets the connection."""
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
    """The connection, routes and rules on both sides."""
    both = sides(ctx)
    if both is None:
        reason = "a peering needs the block and the route tables of both VPCs: missing-vpc has to create them first"
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
    """The same finding where two templates for different regions are to be peered, and take a VPC as a parameter."""
    found = [each for each in ctx.project.ordered if any(each.of_type(VPC)) or vpc_parameter(each, ctx)]
    if len(found) != 2 or not ctx.project.apart(*found):
        return
    holder, other = found if ctx.option("side") == "primary" else reversed(found)
    taking = next((each for each in (holder, other) if vpc_parameter(each, ctx)), None)
    if taking is template:
        name = vpc_parameter(taking, ctx)
        place = pointer.join("Parameters", name)
        peer = other if taking is holder else holder
        yield ctx.finding(template, place, f"the VPC that {name} names is not peered with that of {peer.path}")


def _holder(both: tuple[Side, Side], ctx: Context) -> tuple[Side, Side]:
    return both if ctx.option("side") == "primary" else (both[1], both[0])


def _hindrance(holder: Side, other: Side) -> str:
    for side in (holder, other):
        if side.block is None:
            return f"the block of {side.vpc.logical_id} in {side.template.path} is known only when it is deployed"
        if side.region is None:
            return unknown_region(side.template)
        if side.vpc.condition is not None:
            return f"{side.vpc.logical_id} in {side.template.path} exists only under a condition"
        if not _private_tables(side):
            return f"{side.template.path} has no route table for private subnets"
    assert holder.block and other.block
    if holder.block.overlaps(other.block):
        return f"{holder.block} and {other.block} overlap, so that no route can tell the two VPCs apart"
    return ""


def _told_of_peer(holder: Side, other: Side, by_hand: bool, ctx: Context) -> tuple[list[Op], Json, str, list[Op]]:
    """(operations there, the peer's VPC id here, the condition of what needs it, operations here)."""
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
    """The output that gives the id of the VPC, and the operations that add it if there is none."""
    outputs = side.template.section("Outputs")
    wanted: tuple[Json, Json] = ({"Ref": side.vpc.logical_id}, {"Fn::GetAtt": [side.vpc.logical_id, "VpcId"]})
    for name, output in outputs.items():
        if mapping(output).get("Value") in wanted and "Condition" not in mapping(output):
            return name, []
    name = side.template.fresh_id("VPCId", "NetworkVPCId")
    body = Convention(side.template).output(name, "ID of the VPC", wanted[0])
    return name, pointer.add_entry(side.template.data, "/Outputs", name, body)


def _waits_for(template: Template, wish: str, words: str) -> tuple[list[Op], Json, str]:
    """A String parameter that is empty at first: its operations, its Ref, the condition that it is given."""
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
    """Routes to the peer in every private route table, and rules that let it in to the databases."""
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
        for first, last in ports:
            properties = {
                "GroupId": {"Fn::GetAtt": [group.logical_id, "GroupId"]},
                "IpProtocol": "tcp",
                "FromPort": first,
                "ToPort": last,
                "CidrIp": str(peer.block),
                "Description": f"Database access from the peered VPC ({peer.title})",
            }
            suffix = "" if len(ports) == 1 else str(first)
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


def _database_groups(template: Template) -> list[tuple[Resource, list[tuple[int, int]]]]:
    """The security groups of databases, with the port ranges that their rules open for databases, else the engine's."""
    found: dict[str, list[tuple[int, int]]] = {}
    for database in template.of_type(CLUSTER, INSTANCE):
        names = [
            *sequence(database.properties.get("VpcSecurityGroupIds")),
            *sequence(database.properties.get("VPCSecurityGroups")),
        ]
        for name in (target_of(value) for value in names):
            group = template.resources.get(name or "")
            if group is None or group.type != GROUP or group.condition is not None:
                continue
            opened = [
                _range(template, rule)
                for rule in rules(template)
                if rule.group is group and _is_for_tcp(template, rule)
            ]
            engine = str(template.literal(database.properties.get("Engine")))
            default = next((port for part, port in _PORTS.items() if part in engine), None)
            ports = opened or ([(default, default)] if default else [])
            found.setdefault(group.logical_id, []).extend(
                port for port in ports if port not in found.get(group.logical_id, [])
            )
    return [(template.resources[name], ports) for name, ports in found.items()]


def _is_for_tcp(template: Template, rule: Rule) -> bool:
    protocol = str(template.literal(rule.data.get("IpProtocol"))).lower()
    return protocol in ("tcp", "6") and bool(database_ports(template, rule))


def _range(template: Template, rule: Rule) -> tuple[int, int]:
    first, last = (as_int(template.literal(rule.data.get(name))) for name in ("FromPort", "ToPort"))
    return first or 0, last or 0


def _notes(holder: Side, other: Side, by_hand: bool) -> Iterator[str]:
    if by_hand:
        yield (
            f"Four deployments: {holder.title}; {other.title}; {holder.title} with the VPC id of the {other.title} "
            f"stack; {other.title} with the id of the connection."
        )
    else:
        yield (
            f"Three deployments: {other.title}; {holder.title}, which reads the VPC of the {other.title} stack; "
            f"{other.title} again with the id of the connection as PeeringConnectionId."
        )
    yield "Whoever deploys needs ec2:AcceptVpcPeeringConnection in both regions; traffic between regions is charged."


TRANSFORM = Transform(
    id="missing-vpc-peering",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="peering",
    options=(
        Option("side", "in which stack the connection stands", default="secondary", choices=("primary", "secondary")),
    ),
    told_by=(
        r"\b(?:missing|no|lacks?|without|absent)\s+(?:\w+\s+){0,2}peering\b(?!\s+connection propert)",
        r"\bpeering\b.*\b(?:missing|absent|not (?:created|defined|implemented|included))\b",
        r"\bnot peered\b",
    ),
    changes=(
        "+/Parameters/*",
        "+/Outputs/*",
        "+/Resources/AWS::EC2::*",
    ),
)
