"""A VPC as resources: subnets in several Availability Zones, route tables and gateways. Pure.

`ipaddress` computes the CIDR blocks. The sizes and limits come from
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html and
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.ingress import WIDEST_VPC
from fixer.cloudformation.template import Template
from fixer.model import Json

SMALLEST = 28
"""The longest prefix that the CIDR block of a VPC or a subnet can have."""

_STEP = 4
_ALL: Json = "0.0.0.0/0"


@dataclass(frozen=True)
class Plan:
    """What to build: the CIDR block of the VPC, the number of Availability Zones, whether there are public subnets, and
    the number of NAT gateways (0, 1, or one per zone). If a parameter gives the block, `parameter` is its name.
    """

    block: IPv4Network
    zones: int
    public: bool
    gateways: int = 0
    parameter: str = ""

    @property
    def subnet_prefix(self) -> int:
        """A sixteenth of the VPC for each subnet, but not less than EC2 accepts."""
        return min(self.block.prefixlen + _STEP, SMALLEST)

    @property
    def slots(self) -> int:
        """The number of subnets that fit into the block."""
        return 1 << (self.subnet_prefix - self.block.prefixlen)

    @property
    def fits(self) -> bool:
        """Whether all subnets fit into the block."""
        return self.slots >= self.zones * (2 if self.public else 1)


@dataclass(frozen=True)
class Ids:
    """The logical ids of the new resources. All private subnets share one route table, or each has its own.
    `attachment` is that of the internet gateway; "" if there is none.
    """

    vpc: str
    private: tuple[str, ...]
    public: tuple[str, ...]
    private_tables: tuple[str, ...]
    attachment: str


@dataclass(frozen=True)
class Network:
    """The new resources and outputs by logical id, in their order, and the ids for references to them."""

    ids: Ids
    resources: dict[str, Json]
    outputs: dict[str, Json]


def network(template: Template, plan: Plan, freed: tuple[str, ...]) -> Network:
    """The network of a template, with its names and tags. `freed`: logical ids that the same patch removes."""
    builder = _Builder(template, plan, Convention(template), freed)
    resources = dict(builder.resources())
    return Network(builder.ids, resources, dict(builder.outputs()))


def vpc_block(cidr: str, ctx: Context, option: str) -> IPv4Network:
    """The CIDR block that an option gives for a VPC. Raises BadConfig if a VPC cannot have the block."""
    try:
        block = IPv4Network(cidr)
    except ValueError as error:
        raise ctx.bad_option(option, f"is not an IPv4 CIDR block: {error}") from None
    if not WIDEST_VPC <= block.prefixlen <= SMALLEST:
        raise ctx.bad_option(option, "the CIDR block of a VPC must be between /16 and /28")
    return block


class _Builder:
    def __init__(self, template: Template, plan: Plan, convention: Convention, freed: tuple[str, ...]) -> None:
        self.template, self.plan, self.convention, self.freed = template, plan, convention, freed
        zones = range(1, plan.zones + 1)
        each = plan.gateways > 1
        self.attachment = self._id("InternetGatewayAttachment")
        self.way_out = self._id("DefaultPublicRoute")
        self.ids = Ids(
            self._id("VPC"),
            tuple(self._id(f"PrivateSubnet{zone}") for zone in zones),
            tuple(self._id(f"PublicSubnet{zone}") for zone in zones) if plan.public else (),
            tuple(self._id(f"PrivateRouteTable{zone}") for zone in zones) if each else (self._id("PrivateRouteTable"),),
            self.attachment if plan.public else "",
        )

    def resources(self) -> Iterator[tuple[str, Json]]:
        """Yields the VPC, then the public side from the internet gateway inwards, then the private side.

        People read the new resources in this order, for example the route table before its associations.
        """
        yield (
            self.ids.vpc,
            self._tagged(
                "AWS::EC2::VPC",
                "vpc",
                {"CidrBlock": self._vpc_block(), "EnableDnsSupport": True, "EnableDnsHostnames": True},
            ),
        )
        if self.plan.public:
            yield from self._public()
        yield from self._subnets(self.ids.private, "private", 0)
        for index, table in enumerate(self.ids.private_tables, 1):
            what = "private-rt" if len(self.ids.private_tables) == 1 else f"private-rt-{index}"
            yield table, self._tagged("AWS::EC2::RouteTable", what, {"VpcId": {"Ref": self.ids.vpc}})
        yield from self._gateways()
        tables = self.ids.private_tables * self.plan.zones
        for subnet, table in zip(self.ids.private, tables, strict=False):
            yield self._association(subnet, table)

    def outputs(self) -> Iterator[tuple[str, Json]]:
        """Yields the ids that other stacks need: of the VPC, the subnets and the private route tables."""
        yield self._output("VPCId", "ID of the VPC", {"Ref": self.ids.vpc})
        yield self._output(
            "PrivateSubnetIds", "IDs of the private subnets, separated by commas", _joined(self.ids.private)
        )
        if self.plan.public:
            text = "IDs of the public subnets, separated by commas"
            yield self._output("PublicSubnetIds", text, _joined(self.ids.public))
        if len(self.ids.private_tables) == 1:
            table: Json = {"Ref": self.ids.private_tables[0]}
            yield self._output("PrivateRouteTableId", "ID of the private route table", table)
        else:
            text = "IDs of the private route tables, separated by commas"
            yield self._output("PrivateRouteTableIds", text, _joined(self.ids.private_tables))

    def _public(self) -> Iterator[tuple[str, Json]]:
        gateway = self._id("InternetGateway")
        table = self._id("PublicRouteTable")
        vpc: Json = {"Ref": self.ids.vpc}
        yield gateway, self._tagged("AWS::EC2::InternetGateway", "igw", {})
        properties: dict[str, Json] = {"VpcId": vpc, "InternetGatewayId": {"Ref": gateway}}
        yield self.attachment, self.convention.resource("AWS::EC2::VPCGatewayAttachment", properties)
        yield from self._subnets(self.ids.public, "public", self.plan.zones)
        yield table, self._tagged("AWS::EC2::RouteTable", "public-rt", {"VpcId": vpc})
        yield self.way_out, self._route(table, "GatewayId", gateway, self.attachment)
        for subnet in self.ids.public:
            yield self._association(subnet, table)

    def _subnets(self, ids: tuple[str, ...], kind: str, first: int) -> Iterator[tuple[str, Json]]:
        for zone, subnet in enumerate(ids):
            properties: dict[str, Json] = {
                "VpcId": {"Ref": self.ids.vpc},
                "AvailabilityZone": {"Fn::Select": [zone, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
                "CidrBlock": self._subnet_block(first + zone),
            }
            yield subnet, self._tagged("AWS::EC2::Subnet", f"{kind}-subnet-{zone + 1}", properties)

    def _gateways(self) -> Iterator[tuple[str, Json]]:
        """Yields the NAT gateways, which are in the public subnets and connect the private subnets to the internet.

        https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html (DependsOn)
        """
        for index in range(self.plan.gateways):
            number = "" if self.plan.gateways == 1 else str(index + 1)
            suffix = f"-{number}" if number else ""
            address, gateway = self._id(f"NatGatewayEIP{number}"), self._id(f"NatGateway{number}")
            yield address, self._tagged("AWS::EC2::EIP", f"nat-eip{suffix}", {"Domain": "vpc"}, self.attachment)
            properties: dict[str, Json] = {
                "AllocationId": {"Fn::GetAtt": [address, "AllocationId"]},
                "SubnetId": {"Ref": self.ids.public[index]},
            }
            yield gateway, self._tagged("AWS::EC2::NatGateway", f"nat{suffix}", properties, self.way_out)
            table = self.ids.private_tables[index]
            yield self._id(f"DefaultPrivateRoute{number}"), self._route(table, "NatGatewayId", gateway)

    def _route(self, table: str, way: str, target: str, depends_on: str = "") -> Json:
        """A default route. The route to an internet gateway must wait until the gateway is attached (DependsOn).

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
        """
        properties: dict[str, Json] = {
            "RouteTableId": {"Ref": table},
            "DestinationCidrBlock": _ALL,
            way: {"Ref": target},
        }
        return self.convention.resource("AWS::EC2::Route", properties, depends_on)

    def _association(self, subnet: str, table: str) -> tuple[str, Json]:
        properties: dict[str, Json] = {"SubnetId": {"Ref": subnet}, "RouteTableId": {"Ref": table}}
        body = self.convention.resource("AWS::EC2::SubnetRouteTableAssociation", properties)
        return self._id(f"{subnet}RouteTableAssociation"), body

    def _tagged(self, type_: str, what: str, properties: dict[str, Json], depends_on: str = "") -> Json:
        tags: Json = list(self.convention.tags(what))
        return self.convention.resource(type_, {**properties, "Tags": tags}, depends_on)

    def _vpc_block(self) -> Json:
        return {"Ref": self.plan.parameter} if self.plan.parameter else str(self.plan.block)

    def _subnet_block(self, index: int) -> Json:
        """The block as text, or as Fn::Cidr, if a parameter gives the block of the VPC."""
        if not self.plan.parameter:
            return str(list(self.plan.block.subnets(new_prefix=self.plan.subnet_prefix))[index])
        bits = 32 - self.plan.subnet_prefix
        blocks: Json = {"Fn::Cidr": [{"Fn::GetAtt": [self.ids.vpc, "CidrBlock"]}, self.plan.slots, bits]}
        return {"Fn::Select": [index, blocks]}

    def _output(self, name: str, description: str, value: Json) -> tuple[str, Json]:
        return self._id(name), self.convention.output(name, description, value)

    def _id(self, wish: str) -> str:
        return self.template.fresh_id(wish, f"Network{wish}", freed=self.freed)


def _joined(ids: tuple[str, ...]) -> Json:
    refs: list[Json] = [{"Ref": each} for each in ids]
    return {"Fn::Join": [",", refs]}
