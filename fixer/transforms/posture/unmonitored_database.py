"""A database without Enhanced Monitoring.

Why it fails:
The metrics of the hypervisor do not show which process uses up the memory or the processor. This is reported by Checkov
CKV_AWS_118; the Guard rule RDS_ENHANCED_MONITORING_ENABLED; Security Hub RDS.6.

What the fix does:
It sets the interval to 60 seconds and names a role that delivers the metrics: that of the template, or a new one.

What to review:
CloudWatch Logs charges for the metrics. The stack needs CAPABILITY_IAM if the role is new.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.databases import INSTANCE
from fixer.cloudformation.intrinsics import as_int, given
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.rds.monitoring_role import ROLE_ARN, role_for
from fixer.transforms.transform import Transform

_INTERVAL = "MonitoringInterval"
_SECONDS = 60


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each instance whose interval is absent or 0."""
    for database in template.of_type(INSTANCE):
        value = database.properties.get(_INTERVAL)
        if not given(database.properties, _INTERVAL) or as_int(template.literal(value)) == 0:
            yield ctx.finding(template, database.pointer, "Enhanced Monitoring of the database is off")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the interval and the role."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    value = database.properties.get(_INTERVAL)
    if not database.properties or isinstance(value, dict):
        return Patch.none("a function gives the interval, or all properties: set it there")
    wanted: Json = _SECONDS
    place = database.at(_INTERVAL)
    ops = pointer.replace(place, value, wanted) if value is not None else pointer.add(place, wanted)
    if not given(database.properties, ROLE_ARN):
        found = role_for(template, database, ctx)
        if isinstance(found, str):
            return Patch.none(found)
        ops += [*found[1], *pointer.add(database.at(ROLE_ARN), {"Fn::GetAtt": [found[0], "Arn"]})]
    return Patch.of(template.path, ops, Tier.REVIEW, ["CloudWatch Logs charges for the metrics."])


TRANSFORM = Transform(
    id="unmonitored-database",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    changes=(
        "@/Properties/MonitoringInterval",
        "@/Properties/MonitoringRoleArn",
        "/Resources/AWS::IAM::Role/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service",
        "+/Resources/AWS::IAM::Role",
    ),
    severity=Severity.ADVICE,
    pack="operations",
    controls=("CKV_AWS_118", "RDS_ENHANCED_MONITORING_ENABLED", "RDS.6"),
)
