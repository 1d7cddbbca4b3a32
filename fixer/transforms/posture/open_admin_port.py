"""A security group that admits SSH or Remote Desktop from the whole internet.

Why it fails:
Everybody can try passwords and known faults of the service. This is reported by Checkov CKV_AWS_24 and CKV_AWS_25;
Trivy AWS-0107; Security Hub EC2.13, EC2.14 and EC2.53.

What the fix does:
It removes the rule, as the runbook AWS-DisablePublicAccessForSecurityGroup does. It never guesses which network should
be admitted instead. A rule whose source a parameter gives, or that opens other ports too, is only reported.

What to review:
Nobody can connect to the instances through this port any longer: use Session Manager or a VPN, or add a rule for your
own network first.

References:
https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-disablepublicaccessforsecuritygroup.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import as_int, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Transform

_PORTS = {22: "SSH", 3389: "Remote Desktop"}
_WORLD = ("0.0.0.0/0", "::/0")
_LIST = "SecurityGroupIngress"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each inline ingress rule that admits an administrative port from everywhere."""
    for group in template.of_type("AWS::EC2::SecurityGroup"):
        for index, rule in enumerate(sequence(group.properties.get(_LIST))):
            if isinstance(rule, dict) and (port := _port(template, rule)):
                message = f"the whole internet may connect to {_PORTS[port]} (port {port})"
                yield ctx.finding(template, group.at(_LIST, index), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the rule, and the list with its last rule."""
    rule = pointer.get(template.data, finding.pointer)
    assert isinstance(rule, dict)
    if not any(rule.get(name) in _WORLD for name in ("CidrIp", "CidrIpv6")):
        return Patch.none("a parameter or another function gives the source: change it there", Tier.UNSAFE)
    ends = [as_int(rule.get(name)) for name in ("FromPort", "ToPort")]
    if ends[0] != ends[1] or ends[0] not in _PORTS:
        return Patch.none("the rule opens other ports too: decide which of them must stay open", Tier.UNSAFE)
    place = pointer.parent(finding.pointer)
    rules = pointer.get(template.data, place)
    is_last = isinstance(rules, list) and len(rules) == 1
    ops = pointer.remove(place, rules) if is_last else pointer.remove(finding.pointer, rule)
    note = "Nobody can connect through this port any longer: use Session Manager or a VPN."
    return Patch.of(template.path, ops, Tier.UNSAFE, [note], changes=("@/..",))


def _port(template: Template, rule: dict[str, Json]) -> int | None:
    """The administrative port that the rule admits from everywhere, as far as the text tells."""
    if str(template.literal(rule.get("IpProtocol"))).lower() not in ("tcp", "6", "-1"):
        return None
    if not any(template.literal(rule.get(name)) in _WORLD for name in ("CidrIp", "CidrIpv6")):
        return None
    first, last = (as_int(template.literal(rule.get(name))) for name in ("FromPort", "ToPort"))
    if first is None or last is None:
        return None
    return next((port for port in _PORTS if first <= port <= last), None)


TRANSFORM = Transform(
    id="open-admin-port",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    severity=Severity.ADVICE,
    pack="security",
    controls=("CKV_AWS_24", "CKV_AWS_25", "AWS-0107", "EC2.13", "EC2.14", "EC2.53"),
)
