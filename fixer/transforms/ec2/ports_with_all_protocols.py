"""Ports in a rule for all protocols.

Why it fails:
With IpProtocol -1 a rule lets in, or out, all protocols on all ports: FromPort and ToPort are ignored. A rule that
reads as if it opened one port opens every one.

What the fix does:
It removes FromPort and ToPort, so that the rule says what it does.

Why it is safe:
The rule stays what it is. Whether it should be open for all protocols is a question for its author, whom the shorter
rule asks more plainly.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-egress.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per rule that cfn-lint reports."""
    found = set()
    for match, place in ctx.reported(template):
        rule = pointer.parent(place)
        if rule not in found:
            found.add(rule)
            yield ctx.finding(template, rule, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Both ports go."""
    rule = mapping(finding.seen)
    ops = [
        op
        for name in ("FromPort", "ToPort")
        if name in rule
        for op in pointer.remove(f"{finding.pointer}/{name}", rule[name])
    ]
    return Patch.of(template.path, ops, Tier.SAFE)


TRANSFORM = Transform(
    id="ports-with-all-protocols",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W3687",),
    changes=(
        "-@/FromPort",
        "-@/ToPort",
    ),
)
