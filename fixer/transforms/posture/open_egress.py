"""A security group that lets traffic out to every address, although its users open no connections to the internet.

Why it fails:
An intruder can send data to any address. This is reported by Trivy AWS-0104; the Guard rules
EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE and SECURITY_GROUP_EGRESS_ALL_PROTOCOLS_RULE.

What the fix does:
If only databases, caches, brokers, mount targets or VPC endpoints use the group, its egress rules are replaced by one
that admits nothing beyond the host itself: they answer connections and open none. If only load balancers use it, its
egress is limited to the address range of their VPC, where their targets are. Other groups are only reported, because
the template does not show which networks their users need.

What to review:
Check that no database opens connections of its own, such as a link to another database, and that no load balancer signs
users in with an identity provider on the internet.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-egress.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.group_users import STORES, resources_with
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, ref_target, sequence
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Transform

_LIST = "SecurityGroupEgress"
_WORLD = ("0.0.0.0/0", "::/0")
_ANSWERING = {*STORES, "AWS::EFS::MountTarget", "AWS::EC2::VPCEndpoint", "AWS::ElastiCache::SubnetGroup"}
_BALANCERS = {"AWS::ElasticLoadBalancingV2::LoadBalancer"}
_AUTHENTICATING = ("authenticate-oidc", "authenticate-cognito")
_NOTHING: Json = {
    "CidrIp": "127.0.0.1/32",
    "IpProtocol": "-1",
    "Description": "No traffic: its users open no connections",
}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each group with an inline rule that lets traffic out to every address."""
    for group in template.of_type("AWS::EC2::SecurityGroup"):
        rules = sequence(group.properties.get(_LIST))
        if any(
            template.literal(mapping(rule).get(name)) in _WORLD for rule in rules for name in ("CidrIp", "CidrIpv6")
        ):
            yield ctx.finding(template, group.at(_LIST), "the security group lets traffic out to every address")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the egress rules by what the users of the group need."""
    group = template.resources[pointer.split(finding.pointer)[1]]
    rules = sequence(group.properties.get(_LIST))
    if any(intrinsic_name(rule) for rule in rules):
        return Patch.none("a function gives some of the rules: change them there", Tier.UNSAFE)
    users = {user.type for user in resources_with(ctx.project, template, {"Ref": group.logical_id})}
    if users and users <= _ANSWERING:
        needed = _NOTHING
    elif users and users <= _BALANCERS:
        block = _vpc_block(template, group)
        if block is None:
            return Patch.none("the template does not create the VPC, so its address range is not known", Tier.UNSAFE)
        if _signs_in(template):
            return Patch.none("a listener signs users in, for which it calls the internet", Tier.UNSAFE)
        needed = {"CidrIp": block, "IpProtocol": "-1", "Description": "All traffic to targets in the VPC"}
    else:
        reason = "the template does not show which networks the users of the group need: limit the rule to these"
        return Patch.none(reason, Tier.UNSAFE)
    ops = pointer.replace(finding.pointer, group.properties[_LIST], [needed])
    note = f"Whatever uses {group.logical_id} can no longer open connections to the internet."
    return Patch.of(template.path, ops, Tier.UNSAFE, [note], Tier.REVIEW)


def _vpc_block(template: Template, group: Resource) -> Json:
    """The address range of the group's VPC, if the template creates it."""
    vpc = template.resources.get(ref_target(group.properties.get("VpcId")) or "")
    if vpc is None or vpc.type != "AWS::EC2::VPC":
        return None
    block: Json = {"Fn::GetAtt": [vpc.logical_id, "CidrBlock"]}
    return block


def _signs_in(template: Template) -> bool:
    kinds = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
    return any(
        value in _AUTHENTICATING for each in template.of_type(*kinds) for _, value in pointer.walk(each.properties)
    )


TRANSFORM = Transform(
    id="open-egress",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    changes=("@",),
    severity=Severity.ADVICE,
    pack="security",
    controls=(
        "AWS-0104",
        "EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE",
        "SECURITY_GROUP_EGRESS_ALL_PROTOCOLS_RULE",
        "W5",
    ),
)
