"""A stack that takes its network as parameters although it was to create it.

Why it fails:
The requirement says that the stack creates a VPC; the template asks for the ids of a VPC and of subnets that somebody
must have made before. Deployed into an empty account, as it was asked for, it fails at the first parameter.

What the fix does:
It adds the VPC (DNS support and hostnames on), a private subnet in each of three Availability Zones (`azs`: two),
their route table and its associations, Outputs for the VPC, the subnets and the route table, and, where the requirement
is vpc=public or the template feeds an internet-facing load balancer, public subnets, an internet gateway and the route
to it. Every use of the parameters becomes the new resources, and the parameters go: from Ref, Fn::Sub, Fn::Select, the
console's interface and Rules. A DB subnet group that databases lack is added. The VPC gets the block `cidr`
(10.0.0.0/16), or, where the template has a parameter for it, that parameter's; each further template of the project,
and each VPC that is there already, moves it on to the next block, so that all can be peered. With `nat`
one or per-az it adds NAT gateways, which cost money, and the public subnets that they stand in.
Names and tags follow the template. Public subnets hand out no public addresses by themselves.

It leaves alone a template that makes subnets of its own in the VPC it is given, and several templates that may share
one VPC.

What to review:
On a deployed stack this cannot work: a security group's VpcId is create-only, and no update moves a database to another
VPC. It is for stacks that do not exist yet (`--undeployed`). The blocks must be free in your network. Without a NAT
gateway nothing in the private subnets reaches the internet.

References:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
"""

from collections.abc import Iterator
from ipaddress import IPv4Network

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.authoring.naming import Convention
from fixer.authoring.replace_parameters import rewire
from fixer.cloudformation.databases import CLUSTER, INSTANCE
from fixer.cloudformation.ingress import VPC, ipv4
from fixer.cloudformation.intrinsics import given, mapping
from fixer.cloudformation.network_parameters import VpcParameters, vpc_cidr_parameters, vpc_parameters
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.ec2.vpc_plan import Network, Plan, network, vpc_block
from fixer.transforms.transform import Transform

_SUBNET_GROUP = "AWS::RDS::DBSubnetGroup"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per template that takes its network as parameters, where no template of its region creates one."""
    if _lacks_vpc(template, ctx):
        names = vpc_parameters(template).names
        message = f"the stack takes its network as parameters ({', '.join(names)}) and nothing creates it"
        yield ctx.finding(template, pointer.join("Parameters", names[0]), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The network as resources, and the parameters gone."""
    if rivals := [
        other.path for other in _asking(ctx) if other is not template and not ctx.project.apart(other, template)
    ]:
        return Patch.none(
            f"{', '.join(rivals)} takes a network too, perhaps the same: which template is to create it is not known",
            Tier.UNSAFE,
        )
    parameters = vpc_parameters(template)
    if own := [subnet.logical_id for subnet in template.of_type("AWS::EC2::Subnet")]:
        return Patch.none(f"the template makes subnets of its own in that VPC ({', '.join(own)})", Tier.UNSAFE)
    plan = _plan(template, parameters, ctx)
    if isinstance(plan, str):
        return Patch.none(plan, Tier.UNSAFE)
    built = network(template, plan, parameters.names)
    values = parameters.values(built.ids.vpc, built.ids.private, built.ids.public)
    if isinstance(values, str):
        return Patch.none(values, Tier.UNSAFE)
    rewired = rewire(template, values)
    if rewired.reason:
        return Patch.none(rewired.reason, Tier.UNSAFE)
    ops = [*rewired.ops, *_added(template, built), *_subnet_groups(template, built)]
    notes = tuple(_notes(template, plan, parameters))
    return Patch.of(template.path, ops, Tier.UNSAFE, notes, undeployed=Tier.REVIEW)


def _lacks_vpc(template: Template, ctx: Context) -> bool:
    names = vpc_parameters(template).names
    if not names or any(template.of_type(VPC)) or any(ctx.project.is_passed(template, name) for name in names):
        return False
    return all(ctx.project.apart(other, template) for other, _ in ctx.project.of_type(VPC))


def _asking(ctx: Context) -> list[Template]:
    """The templates that need a VPC, in the order of deployment."""
    return [template for template in ctx.project.ordered if _lacks_vpc(template, ctx)]


def _plan(template: Template, parameters: VpcParameters, ctx: Context) -> Plan | str:
    """What to build, or why that cannot be said."""
    zones = int(ctx.option("azs") or 3)
    nat = {"one": 1, "per-az": zones}.get(ctx.option("nat") or "", 0)
    public = ctx.requirements.get("vpc") == "public" or parameters.needs_public or nat > 0
    name = next(vpc_cidr_parameters(template), "")
    if name:
        block = ipv4(mapping(template.parameter(name)).get("Default"))
        if block is None:
            return f"the VPC's block is to come from {name}, which has no Default to plan subnets by"
    else:
        block = _blocks(ctx)[template.path]
    plan = Plan(block, zones, public, nat, name)
    return plan if plan.fits else f"{block} has no room for the subnets"


def _blocks(ctx: Context) -> dict[str, IPv4Network]:
    """Path → the block of its new VPC: the templates one after the other, each the next that is free."""
    taken = [
        block
        for template, vpc in ctx.project.of_type(VPC)
        if (block := ipv4(template.literal(vpc.properties.get("CidrBlock")))) is not None
    ]
    found: dict[str, IPv4Network] = {}
    for template in _asking(ctx):
        own = ctx.project.declared_option(template, ctx.transform_id, "cidr")
        block = vpc_block(own or ctx.option("cidr") or "", ctx, "cidr")
        while own is None and any(block.overlaps(other) for other in taken):
            block = IPv4Network((int(block.broadcast_address) + 1, block.prefixlen))
        taken.append(block)
        found[template.path] = block
    return found


def _added(template: Template, built: Network) -> Iterator[Op]:
    for logical_id, body in built.resources.items():
        yield from pointer.add(pointer.join("Resources", logical_id), body)
    if "Outputs" not in template.data:
        yield from pointer.add("/Outputs", built.outputs)
        return
    for name, output in built.outputs.items():
        yield from pointer.add(pointer.join("Outputs", name), output)


def _subnet_groups(template: Template, built: Network) -> Iterator[Op]:
    """A DB subnet group for the databases that have none: without one they are put into the default VPC."""
    homeless = [database for database in template.of_type(CLUSTER, INSTANCE) if _is_homeless(database)]
    if not homeless or any(template.of_type(_SUBNET_GROUP)):
        return
    convention = Convention(template)
    name = template.fresh_id("DBSubnetGroup", "DatabaseSubnetGroup")
    subnets: list[Json] = [{"Ref": subnet} for subnet in built.ids.private]
    properties: dict[str, Json] = {
        "DBSubnetGroupDescription": "Private subnets of the databases",
        "SubnetIds": subnets,
        "Tags": convention.tags("db-subnets"),
    }
    yield from pointer.add(pointer.join("Resources", name), convention.resource(_SUBNET_GROUP, properties))
    for database in homeless:
        yield from pointer.add(database.at("DBSubnetGroupName"), {"Ref": name})


def _is_homeless(database: Resource) -> bool:
    """Whether it needs a subnet group of its own: a cluster's members take the cluster's."""
    member = database.type == INSTANCE and given(database.properties, "DBClusterIdentifier")
    return not member and not given(database.properties, "DBSubnetGroupName")


def _notes(template: Template, plan: Plan, parameters: VpcParameters) -> Iterator[str]:
    yield f"The VPC has {plan.block}: make sure that nothing it will be connected to overlaps with that."
    if plan.parameter:
        yield f"The subnets are cut from {plan.parameter}; it must stay a /{plan.block.prefixlen}."
    if not plan.gateways:
        yield "Nothing in the private subnets reaches the internet; nat=one adds a NAT gateway, which costs money."
    for name, declared in template.section("Parameters").items():
        if "AWS::EC2::SecurityGroup::Id" in str(mapping(declared).get("Type")):
            yield f"{name} is a security group of the old VPC: pass one of the new VPC, or create it in the template."
    if parameters.elsewhere:
        yield f"{', '.join(parameters.elsewhere)} may belong to the old VPC too: check them."


TRANSFORM = Transform(
    id="missing-vpc",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="vpc",
    options=(
        Option("cidr", "IPv4 block of the first VPC; further ones take the next blocks", default="10.0.0.0/16"),
        Option("azs", "how many Availability Zones", default="3", choices=("2", "3")),
        Option("nat", "NAT gateways for the private subnets", default="none", choices=("none", "one", "per-az")),
    ),
    told_by=(
        r"\b(?:missing|no|lacks?|without|absent)\s+(?:(?:an?|the|its|own|any|complete|entire)\s+)*(?:vpcs?|network(?:ing)?)(?:\s+(?:and|or|resources?|infrastructure|networking|subnets?|layer|definitions?)\b|\W*$)",
        r"\bvpcs?\b.*\b(?:taken|required|expected|passed|supplied) as (?:an? )?parameters?",
    ),
    changes=(
        "$",
        "-/Parameters/*",
        "+/Outputs/*",
        "+/Resources/AWS::EC2::*",
        "+/Resources/AWS::RDS::DBSubnetGroup",
        "+/Resources/*/Properties/DBSubnetGroupName",
        "~/Resources/*",
        "-/Rules",
    ),
)
