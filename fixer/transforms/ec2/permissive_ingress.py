"""A security group rule that opens a database port to more than the VPC.

Why it fails:
A security group allows every source that its rules name. This rule names the whole internet (0.0.0.0/0, ::/0), or a
private CIDR block that is wider than the VPC and therefore also allows every network that is, or will be, peered with
or connected to the VPC. Behind such a rule, one leaked password opens the database to everyone in these networks.

What the fix does:
The resources that use the group decide which of its rules are reported: resources in this template, in the templates of
the project that import the group, and in nested stacks. If databases, caches or brokers use the group (RDS,
ElastiCache, MemoryDB, DAX, DocumentDB, Neptune, Redshift, OpenSearch, MSK, Amazon MQ), it reports every rule that opens
one of their ports, also in a range of ports or for all protocols. If servers, tasks or load balancers also use the
group, it reports only a rule for exactly one such port. If only these use the group, it does not report a rule. If it
is not known what uses the group, it reports a rule for exactly one database port (3306, 5432, 1433, 1521, 2484, 27017,
6379, 6380, 11211, 5439, 8182, 9200, 50000), unless the name of the group indicates a load balancer, a web server or a
similar public resource.

In these rules, CidrIp becomes the CIDR block of the VPC of the group: its CidrBlock if the template creates the VPC, or
a parameter VpcCidr. If the template has a parameter for the block, the fix uses it, unless its Default is wider than a
VPC can be. A new parameter takes its Default from `vpc_cidr`. CidrIpv6 becomes the IPv6 block of the VPC. Without an
IPv6 block, the rule is removed. With `source`, the rule allows the security group of an application (a logical id, a
parameter or sg-...) instead of a CIDR block. A publicly accessible database requires `source`. A rule that would become
a duplicate of another rule is removed, because EC2 rejects duplicates. The CIDR block of the VPC itself, and a block
from a parameter or another stack, are not reported.

What to review:
The fix narrows access: clients outside the VPC (offices, peered VPCs, VPNs, the internet) lose it. A rule that is a
separate resource is replaced, because its source is create-only.

References:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpc.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.ingress import (
    SOURCES,
    Rule,
    exposed_ports,
    ipv4,
    open_ports,
    rules,
    same_group,
    same_ports,
    too_wide,
    users_of_rule,
)
from fixer.cloudformation.intrinsics import NO_VALUE, given, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Op, Patch, Tier
from fixer.transforms.ec2.narrower_source import Source, group_source, ipv4_source, ipv6_source
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each source of a rule that is wider than the VPC and can reach a database port."""
    for rule in rules(template):
        widths = {name: too_wide(template, rule, name) for name in ("CidrIp", "CidrIpv6")}
        ports = exposed_ports(ctx.project, template, rule) if any(widths.values()) else {}
        for name, width in widths.items():
            if width and ports:
                message = f"{rule.data[name]}, {width}, can reach {_title(ports)}"
                yield ctx.finding(template, f"{rule.pointer}/{name}", message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Limits the rule to the VPC, or to the security group that the user names."""
    place, _, name = finding.pointer.rpartition("/")
    rule = next(rule for rule in rules(template) if rule.pointer == place)
    source: Source | Patch | None
    if (wanted := ctx.option("source")) is not None:
        source = group_source(template, rule, wanted, ctx)
    elif public := users_of_rule(ctx.project, template, rule).public:
        reason = f"{', '.join(public)} is publicly accessible, and clients outside the VPC may need this rule"
        return Patch.needs(reason, ctx.want("source", "sg-0123456789abcdef0"))
    elif name == "CidrIpv6":
        source = ipv6_source(template, rule, ctx)
    else:
        source = ipv4_source(template, rule, finding, ctx)
    if isinstance(source, Patch):
        return source
    if source is None:
        return _without(template, rule, name, "The template does not give the VPC an IPv6 block.")
    if _is_duplicate(template, rule, name, source, ctx):
        return _without(template, rule, name, f"Another rule already allows {source.words}: EC2 rejects duplicates.")
    ops = [*source.ops, *_narrowed(rule, name, source)]
    return Patch.of(template.path, ops, Tier.REVIEW, _notes(template, rule, finding, source.words, ctx))


def _title(ports: dict[int, str]) -> str:
    shown = [f"{name} (port {port})" for port, name in list(ports.items())[:2]]
    return " and ".join(shown) if len(ports) <= 2 else f"{', '.join(shown)} and {len(ports) - 2} more ports"


def _is_duplicate(template: Template, rule: Rule, name: str, source: Source, ctx: Context) -> bool:
    """Whether another rule already says the same as the new rule, or will say the same after its own patch.

    Only earlier rules count for the latter, so that one rule of several equal ones remains.
    """
    earlier = True
    for other in rules(template):
        if other.pointer == rule.pointer:
            earlier = False
            continue
        is_alike = same_group(rule, other) and same_ports(rule, other)
        if not (is_alike and not other.conditional and ctx.exists_with(template, other.owner, rule.owner)):
            continue
        if other.data.get(source.name) == source.value or (source.block and ipv4(other.data.get(name)) == source.block):
            return True
        names = ("CidrIp", "CidrIpv6") if source.name == "SourceSecurityGroupId" else (name,)
        if earlier and any(too_wide(template, other, each) and _follows(other, each, source) for each in names):
            return True
    return False


def _follows(other: Rule, name: str, source: Source) -> bool:
    """Whether a rule that is too wide will get the same source. The network of a peer or an office stays."""
    network = ipv4(other.data.get(name))
    return source.block is None or network is None or source.block.overlaps(network)


def _narrowed(rule: Rule, name: str, source: Source) -> Iterator[Op]:
    place, old = f"{rule.pointer}/{name}", rule.data[name]
    if source.name == name:
        yield from pointer.replace(place, old, source.value)
    else:
        yield from pointer.remove(place, old)
        if source.name not in rule.data:
            yield from pointer.add(f"{rule.pointer}/{source.name}", source.value)


def _without(template: Template, rule: Rule, name: str, why: str) -> Patch:
    """Removes the source from the rule or, if the rule has no other source, removes the rule."""
    notes = (why, f"Clients in {rule.data[name]} that only this rule allows lose access.")
    if any(other != name and given(rule.data, other) for other in SOURCES):
        ops = pointer.remove(f"{rule.pointer}/{name}", rule.data[name])
    elif not rule.is_item:
        if template.references_to(rule.owner.logical_id):
            return Patch.none(f"{rule.owner.logical_id} would have to be removed, but other resources refer to it")
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


def _notes(template: Template, rule: Rule, finding: Finding, words: str, ctx: Context) -> Iterator[str]:
    ports = exposed_ports(ctx.project, template, rule)
    yield f"Then only {words} can reach {_title(ports)}: all other clients in {finding.seen} lose access."
    if len(open_ports(template, rule)) > max(ports) - min(ports) + 1:
        yield "The rule also opens other ports: other services that use it need their own rules."


TRANSFORM = Transform(
    id="permissive-ingress",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        Option("vpc_cidr", "IPv4 CIDR block of a VPC that the template does not create, such as 10.0.0.0/16"),
        Option("source", "security group to allow instead of a block: a logical id, a parameter, or sg-..."),
    ),
    told_by=(
        Told(
            title=r"\b(?:security groups?|ingress|database ports?)\b.*\b(?:too|overly|over)[ -]?(?:permissive"
            "|broad|open|wide)",
            body=r"\b(?:databases?|db|rds|aurora|mysql|postgres\w*|3306|5432|1433|1521)\b",
            example="Database security group is too permissive\nPort 5432 is open to 0.0.0.0/0.",
            unlike="Security group is too permissive\nSSH is open to the world.",
        ),
        Told(
            title=r"\b(?:too|overly|over)[ -]?(?:permissive|broad|open|wide)\b.*\b(?:security groups?|ingress)\b",
            body=r"\b(?:databases?|db|rds|aurora|mysql|postgres\w*|3306|5432|1433|1521)\b",
            example="Overly permissive security group\nThe RDS instance accepts 0.0.0.0/0.",
            unlike="Overly permissive security group\nThe load balancer accepts any port.",
        ),
        Told(
            title=r"\b(?:security groups?|ports?|ingress)\b.*\bopen to\b.*\d+\.\d+\.\d+\.\d+/\d+",
            body=r"\b(?:databases?|db|rds|aurora|mysql|postgres\w*|3306|5432|1433|1521)\b",
            example="Database port open to 10.0.0.0/8\nIt should be the VPC.",
            unlike="HTTPS port open to 0.0.0.0/0\nUse the CDN.",
        ),
        Told(
            title=r"\b(?:database|db|rds|aurora|mysql|postgres\w*)\b.*\b(?:open|accessible"
            r"|exposed)\b.*\b(?:internet|world|anywhere|public|0\.0\.0\.0)",
            body=r"0\.0\.0\.0/0|\bany ip\b|security group|ingress",
            example="RDS is open to the internet\nIts security group allows 0.0.0.0/0.",
            unlike="RDS is publicly accessible\nSet PubliclyAccessible to false.",
        ),
        Told(
            title=r"\b(?:databases?|db|rds|aurora|mysql|postgres\w*)\b.*\b(?:security groups?|ingress"
            r"|ports?)\b.*(?:0\.0\.0\.0/0|\b(?:anywhere|any (?:ip|source|address)|the (?:world|internet)"
            r"|broad (?:cidr|range)|entire internet)\b)",
            example="Database security group allows access from anywhere",
            unlike="Database security group allows access from the application tier",
        ),
        Told(
            title=r"\bsecurity groups?\b.*\b(?:databases?|db|rds|aurora|mysql|postgres\w*)\b.*(?:0\.0\.0\.0/0"
            r"|\b(?:broad|wide|anywhere|permissive)\b)",
            example="Security group of the database has a broad CIDR",
            unlike="Security group of the database has no name",
        ),
        Told(
            title=r"\b(?:aurora|mysql|postgres\w*|rds|databases?)\b.*\bport\b.*\b(?:open|exposed)\b",
            example="Aurora port 3306 is exposed to 10.0.0.0/8",
            unlike="Aurora port is a parameter",
        ),
    ),
    changes=(
        "@/..",
        "/Resources/{id}/Properties/SecurityGroupIngress",
        "+/Parameters/*",
        "~/Resources/{id}",
        "$",
    ),
)
