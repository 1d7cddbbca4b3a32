"""A database without the required Enhanced Monitoring, or with an interval but no role.

Why it fails:
Enhanced Monitoring with the required granularity shows, second by second, what the operating system of a database does
during an incident. With another interval, or without Enhanced Monitoring, this information is missing when it is
needed. RDS rejects an instance that has MonitoringInterval but not MonitoringRoleArn when the instance is created.
cfn-lint reports this for clusters only.

What the fix does:
It sets MonitoringInterval to the required number of seconds (requirement monitoring=SECONDS: 1, 5, 10, 15, 30 or 60; 60
without a number) and MonitoringRoleArn to the role with which RDS delivers the metrics. If the template does not have
such a role, the fix adds one for monitoring.rds.amazonaws.com in the own account, with the managed policy
AmazonRDSEnhancedMonitoringRole and without a custom name. A role of the template that is meant for it, but trusts
another service, then trusts monitoring.rds.amazonaws.com. Where the fix sets the interval, a Metadata entry states the
requirement and the value, so that everyone who reads or changes the template knows that the value is intended. A
database that already meets the requirement is not a finding. It gets the entry only if this transform is named
(`--select enhanced-monitoring`, or as a requirement), which asks for the documentation. The entry is in the Metadata of
the resource, not of the template, because CloudFormation cannot deploy a change of only the template's Metadata.

What to review:
Metrics at short intervals cost money, because they are stored in CloudWatch Logs (log group RDSOSMetrics). The fix does
not change an interval that comes from a parameter. A patch that only adds the Metadata entry is safe.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-metadata.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.databases import CLUSTER, INSTANCE, INTERVAL, STATEMENT
from fixer.cloudformation.iam import ROLE
from fixer.cloudformation.intrinsics import as_int, given, mapping
from fixer.cloudformation.template import Resource, Template
from fixer.errors import BadConfig
from fixer.model import Finding, Json, Op, Patch, Severity, Tier
from fixer.transforms.rds.monitoring_role import ROLE_ARN, SERVICE, role_for, trust, without_trust
from fixer.transforms.transform import Told, Transform

GRANULARITIES = (1, 5, 10, 15, 30, 60)
"""The intervals in seconds that RDS accepts, besides 0, which turns Enhanced Monitoring off."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each database with a wrong interval, without the role, or without the Metadata entry."""
    required = _required(ctx)
    for database in template.of_type(INSTANCE, CLUSTER):
        interval = _interval(template, database)
        is_set = given(database.properties, INTERVAL)
        name = database.logical_id
        if required and (is_set or database.type == INSTANCE) and interval not in (required, None):
            place = database.at(INTERVAL) if is_set else database.pointer
            what = f"runs every {interval} seconds" if interval else "is off"
            yield ctx.finding(
                template,
                place,
                f"Enhanced Monitoring of {name} {what}, but the required interval is {required} seconds",
            )
        elif interval and not given(database.properties, ROLE_ARN):
            message = f"{name} has a MonitoringInterval but no MonitoringRoleArn: RDS rejects it"
            yield ctx.finding(template, database.at(INTERVAL), message)
        elif required and interval == required and _documents(ctx) and not _is_stated(database):
            message = (
                f"{name} is monitored every {required} seconds, but the template does not state that this is required"
            )
            yield ctx.finding(template, database.pointer, message)
    for role in without_trust(template):
        message = f"{role.logical_id} is meant for Enhanced Monitoring, but does not trust {SERVICE}: RDS rejects it"
        yield ctx.finding(template, role.at("AssumeRolePolicyDocument"), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds what is missing of the interval, the role, its trust and the Metadata entry."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    if database.type == ROLE:
        return _trusted(template, database)
    required = _required(ctx)
    interval = _interval(template, database)
    if not database.properties:
        return Patch.none(f"{database.logical_id} has no Properties, so it cannot be deployed")
    set_to = database.properties.get(INTERVAL)
    is_set = given(database.properties, INTERVAL)
    if is_set and required and interval != required and isinstance(set_to, dict):
        return Patch.none("the template does not state the interval as a number: set it at its source")
    ops: list[Op] = []
    if required and interval != required:
        at = database.at(INTERVAL)
        wanted: Json = str(required) if isinstance(set_to, str) else required
        ops += pointer.replace(at, set_to, wanted) if set_to is not None else pointer.add(at, wanted)
    if not given(database.properties, ROLE_ARN):
        found = role_for(template, database, ctx)
        if isinstance(found, str):
            return Patch.none(found)
        ops += [*found[1], *pointer.add(database.at(ROLE_ARN), {"Fn::GetAtt": [found[0], "Arn"]})]
    stated = ops
    if required and (interval != required or _documents(ctx)) and not _is_stated(database):
        stated = [*ops, *_statement(template, database, required)]
    notes = (
        (f"CloudWatch Logs stores the Enhanced Monitoring metrics of {database.logical_id}, which costs money.",)
        if ops
        else ()
    )
    return Patch.of(template.path, stated, Tier.REVIEW if ops else Tier.SAFE, notes)


def _trusted(template: Template, role: Resource) -> Patch:
    """The role trusts the service of Enhanced Monitoring instead of another one."""
    ops = trust(template, role)
    return Patch.none(ops) if isinstance(ops, str) else Patch.of(template.path, ops, Tier.REVIEW)


def _required(ctx: Context) -> int:
    """The required interval in seconds, 0 if there is none. Raises BadConfig if RDS does not accept the interval."""
    if not ctx.asked("monitoring"):
        return 0
    value = ctx.requirements.get("monitoring", "")
    seconds = as_int(value) if value else 60
    if seconds not in GRANULARITIES:
        raise BadConfig(f"monitoring must be one of {', '.join(map(str, GRANULARITIES))} seconds, not {value!r}")
    return seconds


def _documents(ctx: Context) -> bool:
    """Whether the user named this transform, and so asks for the documentation of what is already right."""
    return ctx.selected or ctx.transform_id in ctx.requirements


def _is_stated(database: Resource) -> bool:
    return STATEMENT in mapping(database.data.get("Metadata"))


def _interval(template: Template, database: Resource) -> int | None:
    """The interval in seconds; 0 if Enhanced Monitoring is off; None if the interval is known only at deployment."""
    if not given(database.properties, INTERVAL):
        return 0
    return as_int(template.literal(database.properties[INTERVAL]))


def _statement(template: Template, database: Resource, required: int) -> list[Op]:
    words = "1-minute" if required == 60 else f"{required}-second"
    statement: Json = {"Requirement": f"Enhanced Monitoring with {words} granularity", INTERVAL: required}
    return pointer.add_entry(template.data, f"{database.pointer}/Metadata", STATEMENT, statement)


TRANSFORM = Transform(
    id="enhanced-monitoring",
    doc=__doc__,
    severity=Severity.ADVICE,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    told_by=(
        Told(
            title=r"\benhanced monitoring\b",
            example="Missing Enhanced Monitoring",
            unlike="Missing monitoring",
        ),
        Told(
            title=r"\bMonitoring(?:Interval|RoleArn)\b|\b(?:rds|database|aurora"
            r"|db)\b.*\bmonitoring (?:iam )?role\b",
            body=r"\b(?:missing|without|absent|lacks?|no|not (?:set|enabled|configured|specified))\b",
            example="MonitoringInterval without MonitoringRoleArn",
            unlike="RDS alarm is missing",
        ),
    ),
    changes=(
        "@/MonitoringInterval",
        "@/MonitoringRoleArn",
        "@/Properties/MonitoringInterval",
        "@/Properties/MonitoringRoleArn",
        "/Resources/{id}/Properties/MonitoringInterval",
        "/Resources/{id}/Properties/MonitoringRoleArn",
        "/Resources/AWS::IAM::Role/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service",
        "+/Resources/AWS::IAM::Role",
        "+/Resources/AWS::RDS::*/Metadata",
    ),
)
