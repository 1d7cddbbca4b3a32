"""A failover record whose health check is passed by hand, or that has none.

Why it fails:
A failover record answers with the other one when its health check fails. If the check's id is a parameter, somebody has
to copy it from another stack, again each time it is replaced, and nothing tells whether it is the right one. A PRIMARY
record without any is rejected by Route 53, unless it is an alias that evaluates its target's health; cfn-lint is
silent.

What the fix does:
It adds a health check to the record's own template: CLOUDWATCH_METRIC on the best alarm (the writer's CPU for the
PRIMARY record, an alarm on its own instances for the SECONDARY) of the template that serves the record, the one of that
role, by the alarm's name and in that template's region. The record points at it, and the parameter goes. Missing data
counts as Unhealthy for the primary and as Healthy for the secondary; `insufficient_data` says otherwise. With
`secondary` none the SECONDARY record gets no check, which keeps it always eligible. Where no template of the project
serves the record, `fqdn` names an endpoint that answers HTTPS requests for /health; a database endpoint never will. A
health check in the regional template that follows the same alarm and that nothing reads any more is removed, with its
Output, by a patch of its own.

What to review:
The regional stacks deploy first: the alarms must exist. The endpoint behind the SECONDARY record is inactive until the
secondary is promoted. Parameters that exist in both stacks must have the same values in both, since they name the
alarm. An update that still passes a parameter that went is refused.

References:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-failover.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_AlarmIdentifier.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.authoring.cross_stack import portable
from fixer.authoring.naming import Convention
from fixer.authoring.replace_parameters import without_parameters
from fixer.cloudformation.databases import Role
from fixer.cloudformation.dns_records import Record, failover_records, record_at
from fixer.cloudformation.intrinsics import given, mapping, ref_target
from fixer.cloudformation.regions import unknown_region
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.route53.alarm_choice import INSUFFICIENT_DATA, choose_for, status_without_data
from fixer.transforms.route53.endpoint_check import FQDN, endpoint_check, needs_endpoint
from fixer.transforms.transform import Transform

CHECK = "AWS::Route53::HealthCheck"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per record with a check by parameter or without one, and per check that became superfluous."""
    for record in failover_records(template):
        name = _parameter(template, record)
        if name is not None:
            message = f"the {record.role.upper()} record takes its health check by hand, as parameter {name}"
            yield ctx.finding(template, f"{record.pointer}/HealthCheckId", message)
        elif record.role is Role.PRIMARY and not _has_check(record):
            yield ctx.finding(
                template, record.pointer, "the PRIMARY record has no health check, which Route 53 rejects"
            )
    for check in template.of_type(CHECK):
        if twin := _twin(template, check, ctx):
            message = f"nothing reads {check.logical_id}: {twin} follows the same alarm"
            yield ctx.finding(template, check.pointer, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The record's own check, or the superfluous one gone."""
    owner = template.resources[pointer.split(finding.pointer)[1]]
    if owner.type == CHECK:
        return _without(template, owner)
    record = record_at(template, finding.pointer)
    if record.role is Role.SECONDARY and ctx.option("secondary") == "none":
        ops = pointer.remove(f"{record.pointer}/HealthCheckId", record.data["HealthCheckId"])
        note = "Without a check the SECONDARY record is always eligible."
        return Patch.of(template.path, [*ops, *_parameter_gone(template, record)], Tier.REVIEW, [note])
    config = _config(template, record, ctx)
    if isinstance(config, Patch):
        return config
    logical_id = template.fresh_id(f"{record.role.title()}HealthCheck", f"{record.role.title()}RecordHealthCheck")
    convention = Convention(template)
    properties: dict[str, Json] = {
        "HealthCheckConfig": config,
        "HealthCheckTags": convention.tags(f"{record.role}-health"),
    }
    body = convention.resource(CHECK, properties, condition=record.owner.condition)
    reference: Json = {"Ref": logical_id}
    place = f"{record.pointer}/HealthCheckId"
    old = record.data.get("HealthCheckId")
    pointed = pointer.add(place, reference) if old is None else pointer.replace(place, old, reference)
    ops = [*pointed, *pointer.add(pointer.join("Resources", logical_id), body), *_parameter_gone(template, record)]
    return Patch.of(template.path, ops, Tier.REVIEW, _notes(record, config))


def _parameter(template: Template, record: Record) -> str | None:
    """The String parameter that a record's HealthCheckId is."""
    name = ref_target(record.data.get("HealthCheckId"))
    declared = template.parameter(name) if name else None
    return name if declared is not None and declared.get("Type") == "String" else None


def _has_check(record: Record) -> bool:
    return given(record.data, "HealthCheckId") or record.follows_its_target


def _parameter_gone(template: Template, record: Record) -> Iterator[Op]:
    """The operations that remove the parameter, if nothing but this record uses it."""
    name = _parameter(template, record)
    if name is None or len(template.references_to(name)) != 1:
        return
    parameters = template.section("Parameters")
    if 1 < len(parameters) <= sum(_parameter(template, each) is not None for each in failover_records(template)):
        # All of them are about to go: with this test each patch waits for the one before it, and the last one sees that
        # it is the last.
        yield {"op": "test", "path": "/Parameters", "value": parameters}
    yield from without_parameters(template, (name,))


def _config(template: Template, record: Record, ctx: Context) -> dict[str, Json] | Patch:
    """The configuration of the record's check: on the alarm of the template that serves it, else on an endpoint."""
    if ctx.option("fqdn"):
        return endpoint_check(ctx)
    serving = [each for each in ctx.project.others(template) if ctx.project.has_role(each, record.role)]
    if len(serving) != 1:
        return needs_endpoint(
            ctx, f"{len(serving) or 'no'} templates of the project serve the {record.role.upper()} record"
        )
    sibling = serving[0]
    choice = choose_for(sibling, record.role)
    if choice.watch is None:
        return needs_endpoint(ctx, choice.why)
    region = ctx.project.region(sibling)
    if region is None:
        return Patch.none(unknown_region(sibling))
    name = portable(choice.watch.alarm.properties.get("AlarmName"), template, region.value)
    if name is None:
        return needs_endpoint(ctx, f"the name of {choice.watch.alarm.logical_id} in {sibling.path} cannot be said here")
    return {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": name, "Region": region.value},
        "InsufficientDataHealthStatus": status_without_data(ctx, record.role),
    }


def _notes(record: Record, config: dict[str, Json]) -> Iterator[str]:
    if config["Type"] == "CLOUDWATCH_METRIC":
        identifier = mapping(config["AlarmIdentifier"])
        yield f"Deploy the stack in {identifier['Region']} first: the alarm must exist before the health check does."
        status = config["InsufficientDataHealthStatus"]
        yield f"While the alarm has no data, as when its Region is lost, the check counts as {status}."
    if record.role is Role.SECONDARY:
        yield "The writer endpoint of a secondary is inactive until it is promoted."


def _twin(template: Template, check: Resource, ctx: Context) -> str:
    """The health check of another template that follows the same alarm, if nothing reads this one; else ""."""
    identifier = mapping(mapping(check.properties.get("HealthCheckConfig")).get("AlarmIdentifier"))
    alarm = template.resources.get(ref_target(identifier.get("Name")) or "")
    region = ctx.project.region(template)
    if alarm is None or region is None or _is_read(template, check, ctx):
        return ""
    for other, twin in ctx.project.of_type(CHECK):
        followed = mapping(mapping(twin.properties.get("HealthCheckConfig")).get("AlarmIdentifier"))
        name = portable(alarm.properties.get("AlarmName"), other, region.value)
        if other.path != template.path and name is not None and followed == {"Name": name, "Region": region.value}:
            return f"{twin.logical_id} in {other.path}"
    return ""


def _is_read(template: Template, check: Resource, ctx: Context) -> bool:
    """Whether a resource refers to the check, or another template may take its id: by an output, by hand."""
    for use in template.references_to(check.logical_id):
        section, name = use.owner
        if section != "Outputs":
            return True
        output = mapping(template.section("Outputs").get(name))
        if ctx.project.importer(template, mapping(output.get("Export")).get("Name")):
            return True
        if any(other.parameter(name) is not None for other in ctx.project.others(template)):
            return True
    return any(
        _parameter(other, record) for other in ctx.project.others(template) for record in failover_records(other)
    )


def _without(template: Template, check: Resource) -> Patch:
    ops = pointer.remove(check.pointer, check.data)
    gone = dict.fromkeys(use.owner[1] for use in template.references_to(check.logical_id))
    ops += pointer.remove_entries("/Outputs", template.section("Outputs"), gone)
    note = "Update the stack of the records first, so that none of them holds the id of this check any more."
    return Patch.of(template.path, ops, Tier.REVIEW, [note])


TRANSFORM = Transform(
    id="health-check-parameter",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        INSUFFICIENT_DATA,
        Option("secondary", "what the SECONDARY record follows", default="alarm", choices=("alarm", "none")),
        FQDN,
    ),
    told_by=(
        r"incomplete route ?53 failover",
        r"health checks?(?: ids?)?\b.*\b(?:by hand|manual(?:ly)?|parameters?)\b",
        r"(?:by hand|manual(?:ly)?|parameters?)\b.*health check(?: ids?)?\b",
    ),
    changes=(
        "-@",
        "$",
        "/Resources/AWS::Route53::RecordSet/Properties/HealthCheckId",
        "/Resources/AWS::Route53::RecordSetGroup/Properties/RecordSets",
        "+/Resources/AWS::Route53::HealthCheck",
        "-/Parameters/*",
        "-/Outputs/*",
        "~/Resources/AWS::Route53::*",
    ),
)
