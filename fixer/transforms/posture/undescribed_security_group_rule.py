"""A security group rule without a description.

Why it fails:
Nobody dares to remove a rule whose purpose is not known. This is reported by Checkov CKV_AWS_23; Trivy AWS-0124.

What the fix does:
It adds a description that says what the rule admits, such as "TCP port 443 from any IPv4 address". If a function gives
the protocol, the ports or the peer, the description says as much as is known.

What to review:
The description says what the rule does, not why: add the reason where you know it. CloudFormation revokes and adds an
inline rule to change it.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, intrinsic_name, mapping, sequence, target_of
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Transform

_GROUP = "AWS::EC2::SecurityGroup"
_LISTS = ("SecurityGroupIngress", "SecurityGroupEgress")
_ANYWHERE = {"0.0.0.0/0": "any IPv4 address", "::/0": "any IPv6 address"}
_PROTOCOLS = {"6": "TCP", "17": "UDP", "1": "ICMP", "58": "ICMPv6"}
_PEERS = (
    ("SourceSecurityGroupId", "the security group"),
    ("SourceSecurityGroupName", "the security group"),
    ("DestinationSecurityGroupId", "the security group"),
    ("SourcePrefixListId", "the prefix list"),
    ("DestinationPrefixListId", "the prefix list"),
)


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each rule, in a group or a resource of its own, that has no description."""
    for place, rule in _rules(template):
        if intrinsic_name(rule) is None and rule.get("Description") in (None, ""):
            yield ctx.finding(template, place, "the security group rule has no description")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds a description made of what the rule admits."""
    rule = mapping(pointer.get(template.data, finding.pointer))
    tokens = pointer.split(finding.pointer)
    is_egress = "Egress" in (tokens[-2] + mapping(mapping(template.data["Resources"])[tokens[1]]).get("Type", ""))  # type: ignore[operator]
    text = f"{_what(template, rule)} {'to' if is_egress else 'from'} {_peer(template, rule)}"
    ops = pointer.add_entry(template.data, finding.pointer, "Description", text)
    if "Description" in rule:
        ops = pointer.replace(f"{finding.pointer}/Description", rule["Description"], text)
    return Patch.of(template.path, ops, Tier.REVIEW)


def _rules(template: Template) -> Iterator[tuple[str, dict[str, Json]]]:
    for resource in template.resources.values():
        if resource.type in (f"{_GROUP}Ingress", f"{_GROUP}Egress"):
            yield resource.at(), resource.properties
        elif resource.type == _GROUP:
            for name in _LISTS:
                for index, rule in enumerate(sequence(resource.properties.get(name))):
                    if isinstance(rule, dict):
                        yield resource.at(name, index), rule


def _what(template: Template, rule: dict[str, Json]) -> str:
    raw = str(template.literal(rule.get("IpProtocol"))).lower()
    if raw == "-1":
        return "All traffic"
    protocol = _PROTOCOLS.get(raw, raw.upper() if raw.isalpha() and raw != "none" else "Traffic")
    first, last = (as_int(template.literal(rule.get(name))) for name in ("FromPort", "ToPort"))
    if first is None or last is None or protocol.startswith("ICMP"):
        return protocol
    if (first, last) in ((0, 65535), (1, 65535), (-1, -1)):
        return f"{protocol} all ports"
    return f"{protocol} port {first}" if first == last else f"{protocol} ports {first}-{last}"


def _peer(template: Template, rule: dict[str, Json]) -> str:
    for name in ("CidrIp", "CidrIpv6"):
        if (value := rule.get(name)) is not None:
            if isinstance(value, str):
                return _ANYWHERE.get(value, value)
            return f"the network {target}" if (target := target_of(value)) else "a network"
    for name, kind in _PEERS:
        if (value := rule.get(name)) is not None:
            target = target_of(value)
            return f"{kind} {target}" if target else f"{kind} {value}" if isinstance(value, str) else kind
    return "a peer"


TRANSFORM = Transform(
    id="undescribed-security-group-rule",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    changes=("@/Description",),
    severity=Severity.ADVICE,
    pack="operations",
    controls=("CKV_AWS_23", "AWS-0124", "W36"),
)
