"""A stack that must create its own VPC but takes the network as parameters.

Why it fails:
According to the requirement, the stack creates a VPC. The template, however, takes the ids of a VPC and of subnets as
parameters, so somebody must create them first. In an empty account, the deployment fails at the first of these
parameters.

What the fix does:
It adds the VPC (with DNS support and DNS hostnames), a private subnet in each of three Availability Zones (two, if the
template takes two single subnets; `azs` chooses), a route table with its associations, and Outputs for the VPC, the
subnets and the route table. It adds public subnets, an internet gateway and a route to it if the requirement is
vpc=public or the template needs them, for example for an internet-facing load balancer. What has a public address then
waits until the gateway is attached. It replaces every use of the parameters with the new resources (Ref, Fn::Sub,
Fn::Select), and removes the parameters, also from the console's interface and from Rules. It adds a DB subnet group for
databases without one. The CIDR block of the VPC is `cidr` (10.0.0.0/16) or, if the template has a parameter for the
block, that parameter. If a VPC of another template already uses the block, the next free block is taken, so that all
VPCs can be peered. With `nat` set to one or per-az, it adds NAT gateways, which cost money, and the public subnets that
they need. Names and tags follow the conventions of the template. The public subnets do not assign public IP addresses
by themselves.

It does not change a template that creates its own subnets, their routes or the attachment of a gateway in the VPC that
it is given, one with a publicly accessible database, or several templates that may share one VPC.

What to review:
A deployed stack cannot be changed in this way: VpcId of a security group is create-only, and no update moves a database
to another VPC. The fix is for stacks that do not exist yet (`--undeployed`). Check that the CIDR blocks are free in
your network. Without a NAT gateway, nothing in the private subnets can reach the internet: functions, tasks and servers
there also lose access to AWS APIs, unless the VPC has endpoints for them. A note names them.

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
from fixer.authoring.depends_on import depend
from fixer.authoring.naming import Convention
from fixer.authoring.replace_parameters import rewire
from fixer.cloudformation.databases import CLUSTER, INSTANCE
from fixer.cloudformation.ingress import VPC, ipv4
from fixer.cloudformation.intrinsics import given, mapping
from fixer.cloudformation.network_parameters import VpcParameters, vpc_cidr_parameters, vpc_parameters
from fixer.cloudformation.public_addresses import ADDRESS, has_public_address
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.ec2.vpc_plan import Network, Plan, network, vpc_block
from fixer.transforms.transform import Told, Transform

_SUBNET_GROUP = "AWS::RDS::DBSubnetGroup"
_PARTS = (
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPCCidrBlock",
)
_RUN_CODE = (
    "AWS::Lambda::Function",
    "AWS::ECS::Service",
    "AWS::EC2::Instance",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CodeBuild::Project",
)

_WITHOUT_ADDRESS = ("AWS::Lambda::Function", "AWS::CodeBuild::Project")
"""Types whose network interfaces never have a public address, not even in a public subnet."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each template with a network in parameters if no template of its Region creates a VPC."""
    if _lacks_vpc(template, ctx):
        names = vpc_parameters(template).names
        message = f"the stack takes its network as parameters ({', '.join(names)}), but nothing creates it"
        yield ctx.finding(template, pointer.join("Parameters", names[0]), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the network as resources and removes the parameters."""
    if rivals := [
        other.path for other in _asking(ctx) if other is not template and not ctx.project.apart(other, template)
    ]:
        return Patch.none(
            f"{', '.join(rivals)} also takes a network, maybe the same: it is not known which template must create it",
            Tier.UNSAFE,
        )
    parameters = vpc_parameters(template)
    if reason := _hindrance(template):
        return Patch.none(reason, Tier.UNSAFE)
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
    waiting = _waiting(template, parameters, built.ids.attachment)
    ops = [*rewired.ops, *_added(template, built), *_subnet_groups(template, built), *waiting]
    notes = tuple(_notes(template, plan, parameters))
    return Patch.of(template.path, ops, Tier.UNSAFE, notes, undeployed=Tier.REVIEW)


def _lacks_vpc(template: Template, ctx: Context) -> bool:
    names = vpc_parameters(template).names
    if not names or any(template.of_type(VPC)) or any(ctx.project.is_passed(template, name) for name in names):
        return False
    return all(ctx.project.apart(other, template) for other, _ in ctx.project.of_type(VPC))


def _hindrance(template: Template) -> str:
    """Why the new network does not fit what the template already has or expects; "" if it does."""
    if own := [part.logical_id for part in template.of_type(*_PARTS)]:
        return f"the template creates parts of a network in that VPC ({', '.join(own)})"
    public = [each.logical_id for each in template.of_type(INSTANCE) if has_public_address(template, each)]
    return f"{public[0]} is publicly accessible, but would be in private subnets" if public else ""


def _waiting(template: Template, parameters: VpcParameters, attachment: str) -> Iterator[Op]:
    """Makes the moved resources with public addresses wait until the internet gateway is attached.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
    """
    moved = {use.owner[1] for name in parameters.names for use in template.references_to(name)}
    for resource in template.resources.values() if attachment else ():
        if has_public_address(template, resource) and (resource.type == ADDRESS or resource.logical_id in moved):
            yield from depend(resource, attachment)


def _asking(ctx: Context) -> list[Template]:
    """The templates that lack a VPC, in the order of deployment."""
    return [template for template in ctx.project.ordered if _lacks_vpc(template, ctx)]


def _plan(template: Template, parameters: VpcParameters, ctx: Context) -> Plan | str:
    """The plan of the network, or the reason why there is none."""
    zones = int(ctx.option("azs") or _zones(parameters))
    nat = {"one": 1, "per-az": zones}.get(ctx.option("nat") or "", 0)
    public = ctx.requirements.get("vpc") == "public" or parameters.needs_public or nat > 0
    name = next(vpc_cidr_parameters(template), "")
    if name:
        block = ipv4(mapping(template.parameter(name)).get("Default"))
        if block is None:
            return f"the CIDR block of the VPC comes from {name}, which has no Default to plan the subnets with"
    else:
        block = _blocks(ctx)[template.path]
    plan = Plan(block, zones, public, nat, name)
    return plan if plan.fits else f"{block} is too small for the subnets"


def _zones(parameters: VpcParameters) -> int:
    """As many zones as the template has parameters for single subnets of a kind, at least two; three for a list."""
    public = sum(name in parameters.public for name in parameters.single)
    wanted = max(public, len(parameters.single) - public)
    return 3 if parameters.lists or not wanted else min(max(wanted, 2), 3)


def _blocks(ctx: Context) -> dict[str, IPv4Network]:
    """Path → the block of its new VPC. Each template, in the order of deployment, gets the next free block."""
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
    """Adds a DB subnet group for the databases without one, because RDS would place them in the default VPC."""
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
    """Whether it needs a subnet group: the instances in a cluster use the group of the cluster."""
    member = database.type == INSTANCE and given(database.properties, "DBClusterIdentifier")
    return not member and not given(database.properties, "DBSubnetGroupName")


def _notes(template: Template, plan: Plan, parameters: VpcParameters) -> Iterator[str]:
    yield f"The CIDR block of the VPC is {plan.block}: check that no connected network overlaps with it."
    if plan.parameter:
        yield f"The subnets are parts of the block in {plan.parameter}, which must remain a /{plan.block.prefixlen}."
    if not plan.gateways:
        yield "Nothing in the private subnets can reach the internet: nat=one adds a NAT gateway, which costs money."
    cut_off = list(_cut_off(template, plan, parameters))
    if cut_off:
        yield (
            f"{', '.join(cut_off)} {'loses' if len(cut_off) == 1 else 'lose'} access to the internet and to AWS APIs, "
            "such as S3, DynamoDB and Secrets Manager: add VPC endpoints for the services that the code calls, or use "
            "private subnets with a NAT gateway (nat=one)."
        )
    for name in sorted(parameters.public):
        users = {use.owner[1] for use in template.references_to(name)} & set(template.resources)
        if groups := sorted(each for each in users if template.resources[each].type.endswith("SubnetGroup")):
            yield f"{', '.join(groups)} shares {name} with public resources, and is in public subnets with them."
    for name, declared in template.section("Parameters").items():
        if "AWS::EC2::SecurityGroup::Id" in str(mapping(declared).get("Type")):
            yield f"{name} is a security group of the old VPC: pass one of the new VPC, or create one in the template."
    if parameters.elsewhere:
        yield f"{', '.join(parameters.elsewhere)} may also belong to the old VPC: check them."


def _cut_off(template: Template, plan: Plan, parameters: VpcParameters) -> Iterator[str]:
    """The moved resources that run code and then have no way out of the VPC: those in private subnets without a NAT
    gateway, and functions in public subnets, because the interface of a function has no public address.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
    """
    for resource in template.of_type(*_RUN_CODE):
        names = {use.target for use in references_in(resource.data)} & {*parameters.single, *parameters.lists}
        is_private = bool(names - parameters.public)
        if (is_private and not plan.gateways) or (names and not is_private and resource.type in _WITHOUT_ADDRESS):
            yield resource.logical_id


TRANSFORM = Transform(
    id="missing-vpc",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="vpc",
    options=(
        Option(
            "cidr", "IPv4 CIDR block of the first VPC; further VPCs take the next free blocks", default="10.0.0.0/16"
        ),
        Option("azs", "number of Availability Zones; default: enough for the template", choices=("2", "3")),
        Option("nat", "NAT gateways for the private subnets", default="none", choices=("none", "one", "per-az")),
    ),
    told_by=(
        Told(
            title=r"\b(?:missing|no|lacks?|without|absent)\s+(?:(?:an?|the|its|own|any|complete"
            r"|entire)\s+)*(?:vpcs?|network(?:ing)?)(?:\s+(?:and|or|resources?|infrastructure|networking"
            r"|subnets?|layer|definitions?)\b|\W*$)",
            example="Missing VPC and networking",
            unlike="Missing VPC endpoint",
        ),
        Told(
            title=r"\bvpcs?\b.*\b(?:taken|required|expected|passed|supplied) as (?:an? )?parameters?",
            example="VPC expected as a parameter",
            unlike="VPC CIDR is a parameter",
        ),
        Told(
            title=r"^(?!.*\b(?:endpoints?|flow|peering|lambda|config|link|connector"
            r"|default)\b)(?:.*\b(?:does not|doesn't|did not|didn't|fails? to|failed to) (?:create|define"
            r"|provision|include) (?:an? |its own |the |any )*(?:vpcs?|network)\b|.*\b(?:vpcs?"
            r"|network (?:infrastructure|layer|resources))\b.*\b(?:is|are|was|were)? ?not (?:created"
            r"|defined|included|provisioned))",
            example="The template does not create a VPC",
            unlike="The template does not create a VPC endpoint",
        ),
        Told(
            title=r"^(?!.*\b(?:endpoints?|flow|peering|lambda|config|link|connector)\b).*\bno (?:vpc"
            r"|network) (?:is |was )?(?:defined|created|provisioned)\b",
            example="No VPC defined in the template",
            unlike="No VPC defined for the Lambda function",
        ),
        Told(
            title=r"^(?!.*\b(?:endpoints?|flow|peering|cidr|lambda)\b)(?:.*\b(?:relies|depends|requires?"
            r"|required|expects?|assumes?|uses?)\b.*\b(?:existing|pre-existing|external) (?:vpcs?"
            r"|network)\b(?! (?:cidr|endpoint))|.*\bvpcs?\b.*\b(?:passed|taken|supplied|required"
            r"|expected)(?: in)? as (?:an? )?(?:input )?parameters?)",
            example="Relies on an existing VPC instead of creating one",
            unlike="Requires an existing VPC endpoint",
        ),
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
