"""A database port that is open to more than the VPC.

Why it fails:
A security group lets in whoever its rule names: the whole internet (0.0.0.0/0, ::/0), or a private block that is wider
than the VPC and with it every network that is, or one day will be, peered or connected to it. A database behind such a
rule is one leaked password away from everybody.

What the fix does:
In rules for database ports (3306, 5432, 1433, 1521, 2484, 27017, 6379, 6380, 11211, 5439, 8182, 9200, 50000, ranges
that contain one, and all protocols) the CidrIp becomes the block of the VPC that the group is in: its CidrBlock where
the template creates it, else a parameter VpcCidr. One that the template has is reused, unless its Default is as wide
as what was found; a new one takes its Default from `vpc_cidr`. A CidrIpv6 becomes the VPC's own IPv6 block where there
is one, else the rule goes. With `source` an application's security group (a logical id, a parameter or sg-...) is let
in instead of a block. A rule that would then say the same as another goes, since EC2 refuses duplicates. A rule
without Description gets one. The web's ports 80 and 443, a block that is the VPC's, and a block that a parameter or
another stack gives, are no findings.

What to review:
It narrows access: whoever comes from outside the VPC (offices, peered VPCs, VPNs, the internet) loses it. A rule with a
resource of its own is replaced, as its source is create-only.

References:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpc.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.ingress import (
    DATABASE_PORTS,
    GROUP,
    SOURCES,
    WIDEST_VPC,
    Rule,
    blocks_of,
    database_ports,
    ipv4,
    is_ipv6,
    rules,
    same_group,
    same_ports,
    too_wide,
    vpc_of,
    vpcs_from_outside,
)
from fixer.cloudformation.intrinsics import NO_VALUE, branches, given, sequence
from fixer.cloudformation.network_parameters import vpc_cidr_parameters
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.ec2.vpc_plan import vpc_block
from fixer.transforms.transform import Transform

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_VPC_CIDR: dict[str, Json] = {
    "Type": "String",
    "Description": "IPv4 CIDR block of the VPC, from which databases may be reached",
    "AllowedPattern": f"({_OCTET}[.]){{3}}{_OCTET}/(1[6-9]|2[0-8])",
    "ConstraintDescription": "Must be an IPv4 CIDR block between /16 and /28, such as 10.0.0.0/16",
}


@dataclass(frozen=True)
class _Source:
    """What a rule shall let in: the property, its value, what must be added for it, the block if known."""

    name: str
    value: Json
    words: str = "the VPC"
    ops: tuple[Op, ...] = ()
    block: IPv4Network | None = None


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per source of a rule that is wider than the VPC and reaches a database port."""
    for rule in rules(template):
        if not (ports := database_ports(template, rule)):
            continue
        for name in ("CidrIp", "CidrIpv6"):
            if width := too_wide(template, rule, name):
                message = f"{rule.data[name]}, {width}, reaches {_title(ports)}"
                yield ctx.finding(template, f"{rule.pointer}/{name}", message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The same rule for the VPC, or for the group that the user names."""
    place, _, name = finding.pointer.rpartition("/")
    rule = next(rule for rule in rules(template) if rule.pointer == place)
    source: _Source | Patch | None
    if (wanted := ctx.option("source")) is not None:
        source = _group_source(template, rule, wanted, ctx)
    elif name == "CidrIpv6":
        source = _ipv6_source(template, rule, ctx)
    else:
        source = _ipv4_source(template, rule, finding, ctx)
    if isinstance(source, Patch):
        return source
    if source is None:
        return _without(template, rule, name, "The VPC has no IPv6 block that is known here.")
    if _is_duplicate(template, rule, name, source, ctx):
        return _without(template, rule, name, f"Another rule lets {source.words} in already; EC2 refuses duplicates.")
    ops = [*source.ops, *_narrowed(template, rule, name, source)]
    return Patch.of(template.path, ops, Tier.REVIEW, _notes(template, rule, finding, source.words))


def _title(ports: tuple[int, ...]) -> str:
    if len(ports) == len(DATABASE_PORTS):
        return "every database port"
    shown = [f"{DATABASE_PORTS[port]} (port {port})" for port in ports[:2]]
    return " and ".join(shown) if len(ports) <= 2 else f"{', '.join(shown)} and {len(ports) - 2} more database ports"


def _ipv4_source(template: Template, rule: Rule, finding: Finding, ctx: Context) -> _Source | Patch:
    network = ipv4(finding.seen)
    assert network is not None
    vpc_id = rule.group.properties.get("VpcId") if rule.group else rule.data.get("GroupId")
    if branches(vpc_id):
        return Patch.none("a condition decides in which VPC the group is")
    vpc = vpc_of(template, rule.group) if rule.group else None
    source = _parameter_source(template, ctx) if vpc is None else _vpc_source(template, vpc)
    if isinstance(source, _Source) and source.block and not source.block.overlaps(network):
        return Patch.none(
            f"{network} is not the VPC's network ({source.block}) but another's, a peer's or an office's, "
            "and only its owner can say which part of it is meant"
        )
    return source


def _vpc_source(template: Template, vpc: Resource) -> _Source | Patch:
    further = [block.logical_id for block in blocks_of(template, vpc) if not is_ipv6(block)]
    if further:
        return Patch.none(
            f"{vpc.logical_id} has further IPv4 blocks ({', '.join(further)}), which one block cannot name"
        )
    block = ipv4(template.literal(vpc.properties.get("CidrBlock")))
    return _Source("CidrIp", {"Fn::GetAtt": [vpc.logical_id, "CidrBlock"]}, block=block)


def _parameter_source(template: Template, ctx: Context) -> _Source | Patch:
    """The parameter that holds the VPC's block, one whose Default, if any, is as narrow as a VPC's, or a new one."""
    if len(vpcs_from_outside(template)) > 1:
        return Patch.none("the template's security groups are in several VPCs that it does not create")
    for name in vpc_cidr_parameters(template):
        declared = template.parameter(name) or {}
        default = ipv4(declared.get("Default"))
        if "Default" not in declared or (default is not None and default.prefixlen >= WIDEST_VPC):
            return _Source("CidrIp", {"Ref": name}, block=default)
    if (cidr := ctx.option("vpc_cidr")) is None:
        reason = "the template does not create the VPC, so that its block must be given"
        return Patch.needs(reason, ctx.want("vpc_cidr", "10.0.0.0/16"))
    block = vpc_block(cidr, ctx, "vpc_cidr")
    name = template.fresh_id("VpcCidr", "VpcCidrBlock")
    declaration: Json = {"Type": "String", "Default": cidr, **_VPC_CIDR}
    ops = pointer.add_entry(template.data, "/Parameters", name, declaration)
    return _Source("CidrIp", {"Ref": name}, ops=tuple(ops), block=block)


def _ipv6_source(template: Template, rule: Rule, ctx: Context) -> _Source | Patch | None:
    """The VPC's IPv6 block; None: there is none. The attribute is empty until the block is attached."""
    if rule.group and branches(rule.group.properties.get("VpcId")):
        return Patch.none("a condition decides in which VPC the group is")
    vpc = vpc_of(template, rule.group) if rule.group else None
    attached = [block for block in blocks_of(template, vpc) if is_ipv6(block)] if vpc else []
    if vpc is None or not attached:
        return None
    if len(attached) > 1:
        return Patch.none(f"{vpc.logical_id} has several IPv6 blocks")
    block = attached[0]
    if not ctx.exists_with(template, block, rule.owner):
        return Patch.none(f"{block.logical_id} does not exist whenever the rule does")
    value: Json = {"Fn::Select": [0, {"Fn::GetAtt": [vpc.logical_id, "Ipv6CidrBlocks"]}]}
    if block.logical_id in template.needs(rule.owner.logical_id):
        return _Source("CidrIpv6", value)
    if rule.owner.logical_id in template.needs(block.logical_id):
        return Patch.none(f"{block.logical_id} depends on the rule")
    return _Source("CidrIpv6", value, ops=tuple(_depend(rule.owner, block.logical_id)))


def _depend(owner: Resource, logical_id: str) -> list[Op]:
    place, now = f"{owner.pointer}/DependsOn", owner.data.get("DependsOn")
    if now is None:
        return pointer.add(place, logical_id)
    return (
        pointer.add(f"{place}/-", logical_id)
        if isinstance(now, list)
        else pointer.replace(place, now, [now, logical_id])
    )


def _group_source(template: Template, rule: Rule, wanted: str, ctx: Context) -> _Source | Patch:
    """The security group that the user names."""
    words = "the application"
    if re.fullmatch("sg-[0-9a-f]{8,17}", wanted):
        return _Source("SourceSecurityGroupId", wanted, words)
    declared = template.parameter(wanted)
    if declared is not None and declared.get("Type") in ("String", "AWS::EC2::SecurityGroup::Id"):
        return _Source("SourceSecurityGroupId", {"Ref": wanted}, words)
    group = template.resources.get(wanted)
    if group is None or group.type != GROUP:
        if not wanted.isalnum():
            raise ctx.bad_option("source", "is neither a logical id nor sg-...")
        return Patch.none(f"the template has no security group and no parameter {wanted}")
    if group.logical_id == rule.owner.logical_id or rule.owner.logical_id in template.needs(wanted):
        return Patch.none(f"{wanted} depends on {rule.owner.logical_id}: give the rule a resource of its own")
    if not ctx.exists_with(template, group, rule.owner):
        return Patch.none(f"{wanted} does not exist whenever {rule.owner.logical_id} does")
    return _Source("SourceSecurityGroupId", {"Fn::GetAtt": [wanted, "GroupId"]}, words)


def _is_duplicate(template: Template, rule: Rule, name: str, source: _Source, ctx: Context) -> bool:
    """Whether another rule says already what this one would say, or, earlier in the text, is about to."""
    earlier = True
    for other in rules(template):
        if other.pointer == rule.pointer:
            earlier = False
            continue
        certain = not other.conditional and ctx.exists_with(template, other.owner, rule.owner)
        if not (certain and same_group(rule, other) and same_ports(rule, other)):
            continue
        if other.data.get(source.name) == source.value or (source.block and ipv4(other.data.get(name)) == source.block):
            return True
        names = ("CidrIp", "CidrIpv6") if source.name == "SourceSecurityGroupId" else (name,)
        if earlier and any(too_wide(template, other, each) for each in names):
            return True
    return False


def _narrowed(template: Template, rule: Rule, name: str, source: _Source) -> Iterator[Op]:
    place, old = f"{rule.pointer}/{name}", rule.data[name]
    if source.name == name:
        yield from pointer.replace(place, old, source.value)
    else:
        yield from pointer.remove(place, old)
        if source.name not in rule.data:
            yield from pointer.add(f"{rule.pointer}/{source.name}", source.value)
    if "Description" not in rule.data:
        yield from pointer.add(f"{rule.pointer}/Description", _description(template, rule, source.words))


def _description(template: Template, rule: Rule, words: str) -> str:
    kinds = {DATABASE_PORTS[port] for port in database_ports(template, rule)}
    if str(template.literal(rule.data.get("IpProtocol"))) == "-1":
        return f"Access from {words}"
    return f"{kinds.pop() if len(kinds) == 1 else 'Database'} access from {words}"


def _without(template: Template, rule: Rule, name: str, why: str) -> Patch:
    """The patch that takes the source out of the rule, or, if it has no other, the rule."""
    notes = (why, f"Whoever came in by this rule from {rule.data[name]} alone loses access.")
    if any(other != name and given(rule.data, other) for other in SOURCES):
        ops = pointer.remove(f"{rule.pointer}/{name}", rule.data[name])
    elif not rule.is_item:
        if template.references_to(rule.owner.logical_id):
            return Patch.none(f"{rule.owner.logical_id} would have to go, but other resources refer to it")
        ops = pointer.remove(rule.owner.pointer, rule.owner.data)
    elif pointer.parent(rule.pointer).endswith("/Fn::If"):
        ops = pointer.replace(rule.pointer, rule.data, NO_VALUE)
    else:
        whole = rule.owner.at("SecurityGroupIngress")
        items = sequence(rule.owner.properties.get("SecurityGroupIngress"))
        last = pointer.parent(rule.pointer) == whole and len(items) == 1
        place = whole if last else rule.pointer
        ops = pointer.remove(place, pointer.get(template.data, place))
    return Patch.of(template.path, ops, Tier.REVIEW, notes)


def _notes(template: Template, rule: Rule, finding: Finding, words: str) -> Iterator[str]:
    ports = database_ports(template, rule)
    yield f"Only {words} reaches {_title(ports)} then; all else that {finding.seen} let in loses access."
    if len(ports) == len(DATABASE_PORTS):
        yield "The rule opens other ports too: whatever else is served through it needs a rule of its own."


TRANSFORM = Transform(
    id="permissive-ingress",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        Option("vpc_cidr", "IPv4 block of a VPC that the template does not create, such as 10.0.0.0/16"),
        Option("source", "security group to let in instead: a logical id, a parameter, or sg-..."),
    ),
    told_by=(
        r"\b(?:security groups?|ingress|database ports?)\b.*\b(?:too|overly|over)[ -]?(?:permissive|broad|open|wide)",
        r"\b(?:too|overly|over)[ -]?(?:permissive|broad|open|wide)\b.*\b(?:security groups?|ingress)\b",
        r"\b(?:security groups?|ports?|ingress)\b.*\bopen to\b.*\d+\.\d+\.\d+\.\d+/\d+",
    ),
    changes=(
        "@/..",
        "/Resources/{id}/Properties/SecurityGroupIngress",
        "+/Parameters/*",
        "~/Resources/{id}",
        "$",
    ),
)
