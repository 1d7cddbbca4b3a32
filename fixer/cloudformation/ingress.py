"""Ingress rules of security groups: their group, the ports that they open, the VPC. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, ip_network

from fixer import pointer
from fixer.cloudformation.group_users import GroupUsers, users_of
from fixer.cloudformation.intrinsics import (
    as_int,
    branches,
    given,
    intrinsic_name,
    is_true,
    literal_text,
    target_of,
    words,
)
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

GROUP = "AWS::EC2::SecurityGroup"
RULE = "AWS::EC2::SecurityGroupIngress"
VPC = "AWS::EC2::VPC"
VPC_BLOCK = "AWS::EC2::VPCCidrBlock"

DATABASE_PORTS = {
    3306: "MySQL",
    5432: "PostgreSQL",
    1433: "SQL Server",
    1521: "Oracle",
    2484: "Oracle",
    27017: "MongoDB",
    6379: "Redis",
    6380: "Redis",
    11211: "Memcached",
    5439: "Redshift",
    8182: "Neptune",
    9200: "OpenSearch",
    50000: "Db2",
}
"""TCP port → the database that uses it by default. Memcached also uses UDP."""

SOURCES = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourcePrefixListId",
)
"""The properties of a rule that name its source."""

WIDEST_VPC = 16
"""The shortest prefix of a VPC's IPv4 block: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""

_PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_MEMCACHED = 11211
_WEB = (80, 443)
_BALANCERS = {"alb", "elb", "nlb", "lb", "balancer", "loadbalancer", "gateway", "proxy"}
_PUBLIC_WORDS = _BALANCERS | {"web", "www", "http", "https", "frontend", "public", "nat", "vpn", "bastion"}
_ENGINES = {"sql", "mysql", "mariadb", "postgres", "postgresql", "oracle", "redis", "valkey", "memcached", "mongodb"}
_DATA_WORDS = _ENGINES | {"db", "database", "databases", "rds", "aurora", "cache", "elasticache", "docdb", "redshift"}


@dataclass(frozen=True)
class Rule:
    """An ingress rule: an item of a group (`owner`), or a separate resource (`owner`) for a group.

    `pointer` is the place of its properties; `group` is the group if it is in the template; `conditional` means that a
    Fn::If around an item decides whether it exists.
    """

    owner: Resource
    pointer: str
    data: dict[str, Json]
    group: Resource | None
    conditional: bool = False

    @property
    def is_item(self) -> bool:
        """Whether it is an item of its group."""
        return self.owner.type == GROUP


@lru_cache(maxsize=8)
def rules(template: Template) -> tuple[Rule, ...]:
    """Every ingress rule that can be read, in the order of the text."""
    return tuple(_rules(template))


def _rules(template: Template) -> Iterator[Rule]:
    for resource in template.of_type(GROUP, RULE):
        if resource.type == GROUP:
            place = resource.at("SecurityGroupIngress")
            yield from _items(resource, resource.properties.get("SecurityGroupIngress"), place, False)
        else:
            group = template.resources.get(target_of(resource.properties.get("GroupId")) or "")
            known = group if group is not None and group.type == GROUP else None
            yield Rule(resource, resource.at(), resource.properties, known)


def open_ports(template: Template, rule: Rule) -> range:
    """The TCP or UDP ports that the rule opens; parameters have their Defaults. Empty if it opens none, or if only a
    deployment can give them.
    """
    protocol = _protocol(template.literal(rule.data.get("IpProtocol")))
    if protocol == "-1":
        return range(65536)
    first, last = (as_int(template.literal(rule.data.get(name))) for name in ("FromPort", "ToPort"))
    if first is None or last is None or protocol not in ("tcp", "udp"):
        return range(0)
    return range(first, last + 1)


def exposed_ports(project: Project, template: Template, rule: Rule) -> dict[int, str]:
    """The ports of databases, caches and brokers that the rule opens: port → what listens there.

    What uses the group decides. A rule for several ports counts only if nothing but databases, caches and brokers
    accepts connections through it. Where it is not known what uses the group, a rule for one port that is a database's
    counts, unless the group's name says that it serves the public.
    """
    opened = open_ports(template, rule)
    users = users_of_rule(project, template, rule)
    single, reached = DATABASE_PORTS if len(opened) == 1 else {}, users.ports
    if _protocol(template.literal(rule.data.get("IpProtocol"))) == "udp":
        single, reached = ({port: each[port] for port in each if port == _MEMCACHED} for each in (single, reached))
    single, reached = ({port: each[port] for port in each if port in opened} for each in (single, reached))
    if users.others:
        return {port: name for port, name in reached.items() if len(opened) == 1 and port not in _WEB}
    if users.ports:
        return reached or single
    return {} if users.known or _serves_the_public(rule) else single


def users_of_rule(project: Project, template: Template, rule: Rule) -> GroupUsers:
    """What uses the group of the rule."""
    return users_of(project, template, {"Ref": rule.group.logical_id} if rule.group else rule.data.get("GroupId"))


def _serves_the_public(rule: Rule) -> bool:
    """Whether the name of the group says that it is a load balancer's, a web server's or the like."""
    texts = [target_of(rule.data.get("GroupId")) or ""]
    if rule.group:
        texts = [rule.group.logical_id, literal_text(rule.group.properties.get("GroupName"))]
    # "sg" may be joined to the word before: ALBSG has the word albsg.
    named = {word.removesuffix("sg") for text in texts for word in words(text)}
    return bool(named & _PUBLIC_WORDS) and not named & _DATA_WORDS


def same_ports(first: Rule, second: Rule) -> bool:
    """Whether two rules open the same ports, so that with the same source EC2 rejects the second as a duplicate."""
    one, other = _protocol(first.data.get("IpProtocol")), _protocol(second.data.get("IpProtocol"))
    names = () if one == "-1" else ("FromPort", "ToPort")
    return one == other and all(str(first.data.get(name)) == str(second.data.get(name)) for name in names)


def same_group(first: Rule, second: Rule) -> bool:
    """Whether two rules are for the same group."""
    if first.group is None or second.group is None:
        return first.group is second.group and first.data.get("GroupId") == second.data.get("GroupId")
    return first.group.logical_id == second.group.logical_id


def vpc_of(template: Template, group: Resource) -> Resource | None:
    """The VPC of the group, if the template creates it."""
    vpc = template.resources.get(target_of(group.properties.get("VpcId")) or "")
    return vpc if vpc is not None and vpc.type == VPC else None


def blocks_of(template: Template, vpc: Resource) -> tuple[Resource, ...]:
    """The additional blocks, IPv4 and IPv6, that the template gives the VPC."""
    return tuple(
        block for block in template.of_type(VPC_BLOCK) if target_of(block.properties.get("VpcId")) == vpc.logical_id
    )


def too_wide(template: Template, rule: Rule, name: str) -> str:
    """How a literal CidrIp or CidrIpv6 (`name`) admits more than the VPC; "" if it does not."""
    value = rule.data.get(name)
    if name == "CidrIpv6":
        return "the whole internet" if _is_everything(value) else ""
    if (network := ipv4(value)) is None:
        return ""
    if network.prefixlen == 0:
        return "the whole internet"
    if not any(network.subnet_of(private) for private in _PRIVATE):
        return ""
    if network.prefixlen < WIDEST_VPC:
        return "which is wider than any VPC"
    vpc = vpc_of(template, rule.group) if rule.group else None
    block = ipv4(template.literal(vpc.properties.get("CidrBlock"))) if vpc else None
    return f"which is wider than the VPC's {block}" if block and network != block and block.subnet_of(network) else ""


def vpcs_from_outside(template: Template) -> set[str]:
    """The expressions with which groups, or rules for groups of other stacks, name VPCs of other stacks."""
    groups = [group for group in template.of_type(GROUP) if vpc_of(template, group) is None]
    named = [group.properties.get("VpcId") for group in groups]
    named += [rule.data.get("GroupId") for rule in rules(template) if rule.group is None]
    return {json.dumps(value, sort_keys=True) for value in named}


def is_ipv6(block: Resource) -> bool:
    """Whether a VPCCidrBlock is an IPv6 block."""
    names = ("Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Pool")
    return is_true(block.properties.get("AmazonProvidedIpv6CidrBlock")) or any(
        given(block.properties, name) for name in names
    )


def ipv4(value: Json) -> IPv4Network | None:
    """The IPv4 network of a CIDR block (host bits are ignored), else None."""
    try:
        network = ip_network(value, strict=False) if isinstance(value, str) else None
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None


def _items(group: Resource, value: Json, place: str, conditional: bool) -> Iterator[Rule]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _items(group, item, f"{place}/{index}", conditional)
    elif (either := branches(value)) is not None:
        for index, branch in enumerate(either, 1):
            yield from _items(group, branch, place + pointer.join("Fn::If", index), True)
    elif isinstance(value, dict) and intrinsic_name(value) is None:
        yield Rule(group, place, value, group, conditional)


def _protocol(value: Json) -> str:
    """The protocol in lower case, by its name if its number is given."""
    spelled = str(value).lower()
    return {"6": "tcp", "17": "udp"}.get(spelled, spelled)


def _is_everything(value: Json) -> bool:
    try:
        return isinstance(value, str) and ip_network(value, strict=False).prefixlen == 0
    except ValueError:
        return False
