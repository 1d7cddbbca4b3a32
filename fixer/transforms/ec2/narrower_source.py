"""The source that an ingress rule for a database can allow instead: the VPC's block, or a security group. Pure."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.depends_on import depend
from fixer.cloudformation.ingress import (
    GROUP,
    WIDEST_VPC,
    Rule,
    blocks_of,
    ipv4,
    is_ipv6,
    vpc_of,
    vpcs_from_outside,
)
from fixer.cloudformation.intrinsics import branches
from fixer.cloudformation.network_parameters import vpc_cidr_parameters
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch
from fixer.transforms.ec2.vpc_plan import vpc_block

# A number from 0 to 255, written to templates: matches "10" and "255". Must not match "256" or "010".
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_VPC_CIDR: dict[str, Json] = {
    "Type": "String",
    "Description": "IPv4 CIDR block of the VPC, from which databases may be reached",
    "AllowedPattern": f"({_OCTET}[.]){{3}}{_OCTET}/(1[6-9]|2[0-8])",
    "ConstraintDescription": "Must be an IPv4 CIDR block between /16 and /28, such as 10.0.0.0/16",
}


@dataclass(frozen=True)
class Source:
    """The new source of a rule: the property, its value, operations that it needs, and its block if that is known."""

    name: str
    value: Json
    words: str = "the VPC"
    ops: tuple[Op, ...] = ()
    block: IPv4Network | None = None


def ipv4_source(template: Template, rule: Rule, finding: Finding, ctx: Context) -> Source | Patch:
    """The CIDR block of the VPC, or a patch without operations and with the reason."""
    network = ipv4(finding.seen)
    assert network is not None
    vpc_id = rule.group.properties.get("VpcId") if rule.group else rule.data.get("GroupId")
    if branches(vpc_id):
        return Patch.none("a condition decides which VPC the group belongs to")
    vpc = vpc_of(template, rule.group) if rule.group else None
    source = _parameter_source(template, ctx) if vpc is None else _vpc_source(template, vpc)
    if isinstance(source, Source) and source.block and not source.block.overlaps(network):
        return Patch.none(
            f"{network} is not the VPC's network ({source.block}) but that of a peer or an office, "
            "and only its owner knows which part of it must have access"
        )
    return source


def _vpc_source(template: Template, vpc: Resource) -> Source | Patch:
    further = [block.logical_id for block in blocks_of(template, vpc) if not is_ipv6(block)]
    if further:
        return Patch.none(
            f"{vpc.logical_id} has further IPv4 blocks ({', '.join(further)}), which one source cannot include"
        )
    block = ipv4(template.literal(vpc.properties.get("CidrBlock")))
    return Source("CidrIp", {"Fn::GetAtt": [vpc.logical_id, "CidrBlock"]}, block=block)


def _parameter_source(template: Template, ctx: Context) -> Source | Patch:
    """The parameter with the CIDR block of the VPC (if its Default is not wider than any VPC), or a new parameter."""
    if len(vpcs_from_outside(template)) > 1:
        return Patch.none("the template's security groups are in several VPCs that it does not create")
    for name in vpc_cidr_parameters(template):
        declared = template.parameter(name) or {}
        default = ipv4(declared.get("Default"))
        if "Default" not in declared or (default is not None and default.prefixlen >= WIDEST_VPC):
            return Source("CidrIp", {"Ref": name}, block=default)
    if (cidr := ctx.option("vpc_cidr")) is None:
        reason = "the template does not create the VPC, so the CIDR block of the VPC is not known"
        return Patch.needs(reason, ctx.want("vpc_cidr", "10.0.0.0/16"))
    block = vpc_block(cidr, ctx, "vpc_cidr")
    name = template.fresh_id("VpcCidr", "VpcCidrBlock")
    declaration: Json = {"Type": "String", "Default": cidr, **_VPC_CIDR}
    ops = pointer.add_entry(template.data, "/Parameters", name, declaration)
    return Source("CidrIp", {"Ref": name}, ops=tuple(ops), block=block)


def ipv6_source(template: Template, rule: Rule, ctx: Context) -> Source | Patch | None:
    """The IPv6 block of the VPC; None if there is none. The attribute is empty until the block is attached."""
    if rule.group and branches(rule.group.properties.get("VpcId")):
        return Patch.none("a condition decides which VPC the group belongs to")
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
        return Source("CidrIpv6", value)
    if rule.owner.logical_id in template.needs(block.logical_id):
        return Patch.none(f"{block.logical_id} depends on the rule")
    return Source("CidrIpv6", value, ops=tuple(depend(rule.owner, block.logical_id)))


def group_source(template: Template, rule: Rule, wanted: str, ctx: Context) -> Source | Patch:
    """The security group that the user names, or a patch without operations and with the reason."""
    words = "the application"
    # The whole id: matches "sg-0123456789abcdef0". Must not match "sg-web".
    if re.fullmatch("sg-[0-9a-f]{8,17}", wanted):
        return Source("SourceSecurityGroupId", wanted, words)
    declared = template.parameter(wanted)
    if declared is not None and declared.get("Type") in ("String", "AWS::EC2::SecurityGroup::Id"):
        return Source("SourceSecurityGroupId", {"Ref": wanted}, words)
    group = template.resources.get(wanted)
    if group is None or group.type != GROUP:
        if not wanted.isalnum():
            raise ctx.bad_option("source", "is neither a logical id nor the id of a security group (sg-...)")
        return Patch.none(f"the template has no security group or parameter named {wanted}")
    if group.logical_id == rule.owner.logical_id or rule.owner.logical_id in template.needs(wanted):
        return Patch.none(f"{wanted} depends on {rule.owner.logical_id}: make the rule a separate resource")
    if not ctx.exists_with(template, group, rule.owner):
        return Patch.none(f"{wanted} does not exist whenever {rule.owner.logical_id} does")
    return Source("SourceSecurityGroupId", {"Fn::GetAtt": [wanted, "GroupId"]}, words)
