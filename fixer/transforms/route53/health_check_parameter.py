"""A failover record whose health check id is passed by hand or is missing.

Why it fails:
When the health check of a failover record fails, Route 53 answers with the other record. If the id of the health check
is a parameter, somebody must copy it from another stack, again each time the health check is replaced, and nothing
verifies that it is the right one. Route 53 rejects a PRIMARY record without a health check, unless the record is an
alias that evaluates the health of its target. cfn-lint does not report this.

What the fix does:
It adds a CLOUDWATCH_METRIC health check to the template of the record, points the record at it, and removes the
parameter. The health check follows the best alarm of the template that serves the record, which is the template with
the same role: the CPU of the writer for the PRIMARY record, an alarm on its own instances for the SECONDARY record. It
identifies the alarm by its name and by the Region of that template. Missing data counts as Unhealthy for the primary
and as Healthy for the secondary; `insufficient_data` changes this. With `secondary` set to none, the SECONDARY record
gets no health check and is always eligible. If no template of the project serves the record, `fqdn` names an endpoint
that answers HTTPS requests for /health, which a database endpoint never does.

A health check in a regional template that follows the same alarm and is no longer used is removed, with its Output, by
a separate patch.

What to review:
Deploy the regional stacks first, because the alarms must exist. The endpoint behind the SECONDARY record is inactive
until the secondary is promoted. Parameters that exist in both stacks must have the same values in both, because they
are part of the name of the alarm. An update that still passes a removed parameter fails.

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
from fixer.cloudformation.intrinsics import as_int, given, mapping, ref_target
from fixer.cloudformation.regions import unknown_region
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.route53.alarm_choice import INSUFFICIENT_DATA, alarm_notes, choose_for, status_without_data
from fixer.transforms.route53.endpoint_check import FQDN, endpoint_check, needs_endpoint
from fixer.transforms.transform import Told, Transform

CHECK = "AWS::Route53::HealthCheck"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each record with a check from a parameter or without a check, and for each unused check."""
    for record in failover_records(template):
        name = _parameter(template, record)
        if name is not None:
            message = f"the health check id of the {record.role.upper()} record is passed by hand, as parameter {name}"
            yield ctx.finding(template, f"{record.pointer}/HealthCheckId", message)
        elif record.role is Role.PRIMARY and not _has_check(record):
            yield ctx.finding(template, record.pointer, "the PRIMARY record has no health check: Route 53 rejects it")
    for check in template.of_type(CHECK):
        if twin := _twin(template, check, ctx):
            message = f"nothing uses {check.logical_id}: {twin} follows the same alarm"
            yield ctx.finding(template, check.pointer, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Gives the record its own check, or removes an unused check."""
    owner = template.resources[pointer.split(finding.pointer)[1]]
    if owner.type == CHECK:
        return _without(template, owner)
    record = record_at(template, finding.pointer)
    if record.role is Role.SECONDARY and ctx.option("secondary") == "none":
        ops = pointer.remove(f"{record.pointer}/HealthCheckId", record.data["HealthCheckId"])
        note = "Without a health check, the SECONDARY record is always eligible."
        return Patch.of(template.path, [*ops, *_parameter_gone(template, record)], Tier.REVIEW, [note])
    found = _config(template, record, ctx)
    if isinstance(found, Patch):
        return found
    config, alarm = found
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
    return Patch.of(template.path, ops, Tier.REVIEW, (*_notes(record, config), *alarm))


def _parameter(template: Template, record: Record) -> str | None:
    """The String parameter that gives the HealthCheckId of a record; None if there is none."""
    name = ref_target(record.data.get("HealthCheckId"))
    declared = template.parameter(name) if name else None
    return name if declared is not None and declared.get("Type") == "String" else None


def _has_check(record: Record) -> bool:
    return given(record.data, "HealthCheckId") or record.follows_its_target


def _parameter_gone(template: Template, record: Record) -> Iterator[Op]:
    """Yields the operations that remove the parameter if only this record uses it."""
    name = _parameter(template, record)
    if name is None or len(template.references_to(name)) != 1:
        return
    parameters = template.section("Parameters")
    if 1 < len(parameters) <= sum(_parameter(template, each) is not None for each in failover_records(template)):
        # All parameters will be removed, one by one. With this test, each patch waits for the previous one, so that the
        # last patch sees that it is the last, and removes the section.
        yield {"op": "test", "path": "/Parameters", "value": parameters}
    yield from without_parameters(template, (name,))


def _config(template: Template, record: Record, ctx: Context) -> tuple[dict[str, Json], tuple[str, ...]] | Patch:
    """The HealthCheckConfig of the record, on an alarm of the template that serves it or on an endpoint; and the notes
    about that alarm.
    """
    if ctx.option("fqdn"):
        return endpoint_check(ctx), ()
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
        return needs_endpoint(
            ctx, f"this template cannot express the name of {choice.watch.alarm.logical_id} in {sibling.path}"
        )
    status = str(status_without_data(ctx, record.role))
    config: dict[str, Json] = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": name, "Region": region.value},
        "InsufficientDataHealthStatus": status,
    }
    return config, tuple(alarm_notes(sibling, choice.watch, status, as_int(ctx.requirements.get("rto"))))


def _notes(record: Record, config: dict[str, Json]) -> Iterator[str]:
    if config["Type"] == "CLOUDWATCH_METRIC":
        identifier = mapping(config["AlarmIdentifier"])
        yield f"Deploy the stack in {identifier['Region']} first: the alarm must exist before the health check does."
    if record.role is Role.SECONDARY:
        yield "The writer endpoint of a secondary is inactive until the secondary is promoted."


def _twin(template: Template, check: Resource, ctx: Context) -> str:
    """The health check of another template that follows the same alarm, if this check is not used; otherwise ""."""
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
    """Whether a resource refers to the check, or another template may take its id from an Output or as a parameter."""
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
    note = "Update the stack of the records first, so that the records no longer have the id of this check."
    return Patch.of(template.path, ops, Tier.REVIEW, [note])


TRANSFORM = Transform(
    id="health-check-parameter",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        INSUFFICIENT_DATA,
        Option(
            "secondary",
            "what the check of the SECONDARY record follows; none: no check",
            default="alarm",
            choices=("alarm", "none"),
        ),
        FQDN,
    ),
    told_by=(
        Told(
            title="incomplete route ?53 failover",
            example="Incomplete Route53 failover",
            unlike="Incomplete Route53 zone",
        ),
        Told(
            title=r"health checks?(?: ids?)?\b.*\b(?:by hand|manual(?:ly)?|parameters?)\b",
            body=r"\b(?:route ?53|failover|records?|HealthCheckId|dns)\b",
            example="Health check ids are passed by hand\nThe failover records take them from parameters.",
            unlike="Health check parameters\nThe target group has no path.",
        ),
        Told(
            title=r"(?:by hand|manual(?:ly)?|parameters?)\b.*health check(?: ids?)?\b",
            body=r"\b(?:route ?53|failover|records?|HealthCheckId|dns)\b",
            example="Manual health check id\nThe record of the zone needs it.",
            unlike="Missing parameters of the health check\nThe target group has no path.",
        ),
        Told(
            title=r"\bHealthCheckId\b.*\b(?:by hand|manual(?:ly)?|parameters?|missing|absent)\b|\b(?:missing|no"
            r"|without|lacks?)\b.*\bHealthCheckId\b",
            body=r"\b(?:route ?53|failover|records?|dns)\b",
            example="Missing HealthCheckId on the primary record",
            unlike="HealthCheckId is not exported",
        ),
        Told(
            title=r"\bfailover (?:routing )?records?\b.*\b(?:without|lacks?|no|missing)\b.*\bhealth checks?\b"
            r"|\b(?:missing|no)\b.*\bhealth checks?\b.*\bfailover records?\b",
            example="Failover record without a health check",
            unlike="Failover record without a TTL",
        ),
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
