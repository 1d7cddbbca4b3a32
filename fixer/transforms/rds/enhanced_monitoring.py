"""A database instance without the Enhanced Monitoring that was asked for, or with an interval and no role.

Why it fails:
Enhanced Monitoring at a granularity that was required shows what the operating system of a database does in the very
seconds of an incident; with another interval, or none, it is not there when it is looked for. An interval without
MonitoringRoleArn is rejected by RDS when the instance is created; cfn-lint says so of clusters only.

What the fix does:
It sets MonitoringInterval to the required seconds (requirement monitoring=SECONDS: 1, 5, 10, 15, 30 or 60; 60 where no
number is given) and names the role that lets RDS deliver the metrics. If the template has no such role, it adds one,
for monitoring.rds.amazonaws.com with the managed policy AmazonRDSEnhancedMonitoringRole, without a name of its own.
On instances that satisfy the requirement, a Metadata entry states requirement and value: whoever reads the template, or
changes it, is told that the value is meant. Metadata of the resource, not of the template: a change of the
template's own Metadata alone cannot be deployed.

What to review:
Metrics at short intervals cost: they are stored in CloudWatch Logs (log group RDSOSMetrics). An interval that a
parameter gives is left to the parameter. The Metadata entry alone is safe.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-metadata.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.databases import CLUSTER, INSTANCE, INTERVAL, STATEMENT
from fixer.cloudformation.iam import ROLE, trusts
from fixer.cloudformation.intrinsics import as_int, given, mapping
from fixer.cloudformation.template import Resource, Template
from fixer.errors import BadConfig
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Transform

GRANULARITIES = (1, 5, 10, 15, 30, 60)
"""Seconds that RDS takes, besides 0 for off."""

_ROLE = "MonitoringRoleArn"
_SERVICE = "monitoring.rds.amazonaws.com"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per database whose interval is not the required one, lacks its role, or is stated nowhere."""
    required = _required(ctx)
    for database in template.of_type(INSTANCE, CLUSTER):
        interval = _interval(template, database)
        is_set = given(database.properties, INTERVAL)
        name = database.logical_id
        if required and (is_set or database.type == INSTANCE) and interval not in (required, None):
            place = database.at(INTERVAL) if is_set else database.pointer
            what = f"every {interval} seconds" if interval else "not at all"
            yield ctx.finding(template, place, f"{name} is monitored {what}; {required} seconds are required")
        elif interval and not given(database.properties, _ROLE):
            message = f"{name} has a MonitoringInterval and no MonitoringRoleArn, which RDS rejects"
            yield ctx.finding(template, database.at(INTERVAL), message)
        elif required and interval == required and STATEMENT not in mapping(database.data.get("Metadata")):
            message = f"{name} is monitored every {required} seconds as required, but nothing says that this is meant"
            yield ctx.finding(template, database.pointer, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The interval, the role and the statement, as far as they are missing."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    required = _required(ctx)
    interval = _interval(template, database)
    if not database.properties:
        return Patch.none(f"{database.logical_id} has no Properties, without which it cannot be deployed")
    set_to = database.properties.get(INTERVAL)
    is_set = given(database.properties, INTERVAL)
    if is_set and required and interval != required and isinstance(set_to, dict):
        return Patch.none("the interval is no number in the template: set it where it comes from")
    ops: list[Op] = []
    if required and interval != required:
        at = database.at(INTERVAL)
        wanted: Json = str(required) if isinstance(set_to, str) else required
        ops += pointer.replace(at, set_to, wanted) if set_to is not None else pointer.add(at, wanted)
    if not given(database.properties, _ROLE):
        ops += _role_of(template, database, ctx)
    stated = ops
    if required and STATEMENT not in mapping(database.data.get("Metadata")):
        stated = [*ops, *_statement(template, database, required)]
    notes = (
        (f"Enhanced Monitoring of {database.logical_id} is stored in CloudWatch Logs, which is charged.",)
        if ops
        else ()
    )
    return Patch.of(template.path, stated, Tier.REVIEW if ops else Tier.SAFE, notes)


def _required(ctx: Context) -> int:
    """The seconds that are required, 0 if none are. Raises BadConfig for a number that RDS does not take."""
    if not ctx.asked("monitoring"):
        return 0
    value = ctx.requirements.get("monitoring", "")
    seconds = as_int(value) if value else 60
    if seconds not in GRANULARITIES:
        raise BadConfig(f"monitoring is one of {', '.join(map(str, GRANULARITIES))} seconds, not {value!r}")
    return seconds


def _interval(template: Template, database: Resource) -> int | None:
    """Seconds, 0 for off, None for what only a deployment can tell."""
    if not given(database.properties, INTERVAL):
        return 0
    return as_int(template.literal(database.properties[INTERVAL]))


def _statement(template: Template, database: Resource, required: int) -> list[Op]:
    words = "1-minute" if required == 60 else f"{required}-second"
    statement: Json = {"Requirement": f"Enhanced Monitoring with {words} granularity", INTERVAL: required}
    return pointer.add_entry(template.data, f"{database.pointer}/Metadata", STATEMENT, statement)


def _role_of(template: Template, database: Resource, ctx: Context) -> Iterator[Op]:
    """The operations that give the database the role for monitoring that is there whenever it is, or a new one."""
    roles = [each for each in template.of_type(ROLE) if trusts(each, _SERVICE)]
    role = next((each.logical_id for each in roles if ctx.exists_with(template, each, database)), "")
    if not role:
        role = template.fresh_id("EnhancedMonitoringRole", "RdsEnhancedMonitoringRole")
        yield from pointer.add(pointer.join("Resources", role), _new_role(template))
    yield from pointer.add(database.at(_ROLE), {"Fn::GetAtt": [role, "Arn"]})


def _new_role(template: Template) -> Json:
    statement: Json = {"Effect": "Allow", "Principal": {"Service": _SERVICE}, "Action": "sts:AssumeRole"}
    policy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    properties: dict[str, Json] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "ManagedPolicyArns": [{"Fn::Sub": policy}],
    }
    return Convention(template).resource(ROLE, properties)


TRANSFORM = Transform(
    id="enhanced-monitoring",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    told_by=(r"\benhanced monitoring\b",),
    changes=(
        "@/MonitoringInterval",
        "@/MonitoringRoleArn",
        "@/Properties/MonitoringInterval",
        "@/Properties/MonitoringRoleArn",
        "/Resources/*/Properties/MonitoringInterval",
        "/Resources/*/Properties/MonitoringRoleArn",
        "+/Resources/AWS::IAM::Role",
        "+/Resources/*/Metadata",
    ),
)
