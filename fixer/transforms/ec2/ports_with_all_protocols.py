"""A security group rule with ports and IpProtocol -1, which ignores the ports.

Why it fails:
A rule with IpProtocol -1 allows all protocols on all ports, and EC2 ignores FromPort and ToPort. A rule that seems to
open one port opens every port.

What the fix does:
It removes FromPort and ToPort if they also mean all ports: -1, 0, or 0 to 65535. If they name other ports, the author
may have intended only these ports, so the rule is reported but not changed.

Why it is safe:
The effect of the rule does not change.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-egress.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform

_ALL = {"FromPort": (-1, 0, 1), "ToPort": (-1, 0, 65535)}
"""The numbers that mean all ports."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields one finding for each rule in which cfn-lint reports ignored ports."""
    found = set()
    for match, place in ctx.reported(template):
        rule = pointer.parent(place)
        if rule not in found:
            found.add(rule)
            yield ctx.finding(template, rule, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes both ports if they mean all ports."""
    rule = mapping(finding.seen)
    ports = {name: rule[name] for name in ("FromPort", "ToPort") if name in rule}
    if not all(as_int(port) in _ALL[name] for name, port in ports.items()):
        return Patch.none(
            "the rule names ports, but IpProtocol -1 opens all: set the protocol if only these ports are intended, or "
            "remove them"
        )
    ops = [op for name, port in ports.items() for op in pointer.remove(f"{finding.pointer}/{name}", port)]
    return Patch.of(template.path, ops, Tier.SAFE)


TRANSFORM = Transform(
    id="ports-with-all-protocols",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W3687",),
    told_by=(
        Told(
            title=r"\bports?\b.*\b(?:all protocols|protocol\W{1,3}1)\b|\b(?:IpProtocol"
            r"|protocol)\W{1,4}1\b.*\bports?\b|\ball protocols\b.*\bports?\b",
            example="Ports are ignored with all protocols",
            unlike="All ports are open",
        ),
        Told(
            title=r"\b(?:ports?|FromPort|ToPort)\b.*\b(?:Ip)?protocol\b\W{0,8}1\b"
            r"|\b(?:Ip)?protocol\b\W{0,8}1\b.*\b(?:ports?|FromPort|ToPort)\b",
            example="FromPort and ToPort are ignored with protocol -1",
            unlike="Protocol -1 is open to the world",
        ),
    ),
    changes=(
        "-@/FromPort",
        "-@/ToPort",
    ),
)
