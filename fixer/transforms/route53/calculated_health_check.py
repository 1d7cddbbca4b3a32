"""A Route 53 health check that can never be healthy, or never unhealthy.

Why it fails:
A CALCULATED health check is healthy while at least HealthThreshold of its ChildHealthChecks are. With no children, or
with fewer than the threshold, it is never healthy; with a threshold of 0 it always is. A failover record that uses it
never fails over, or always has. CloudFormation and cfn-lint accept all of these.

What the fix does:
A check without children becomes CLOUDWATCH_METRIC and follows an alarm of the same template: for a primary the CPU
of the writer, else another alarm on the cluster or the instances that write; for a secondary (no master credentials,
joins a global cluster) an alarm on its own instances, CPU first. It never picks replication lag, which rises exactly
when the primary is lost and the secondary is needed, nor an alarm that Route 53 cannot follow: a Period that is not in
whole minutes, a percentile, metric math, DatapointsToAlarm below EvaluationPeriods. Missing data counts as Unhealthy
for a primary (a lost Region sends none, and must fail over) and as Healthy for a secondary; `insufficient_data` says
otherwise. If no alarm will do, `fqdn` names an endpoint that answers HTTPS requests for /health. `alarm` names the
alarm to follow (several for several templates: the first that a template has), and `strategy` demands the one or the
other. With `rto`, or the requirement of that name, an alarm that needs longer is pointed out.
A threshold that cannot be right becomes the number of children.
Not offered: a TCP or HTTPS check on the database itself. Route 53's checkers come from the public internet; neither
port 3306 nor HTTPS of a private Aurora endpoint is ever reached, and Aurora speaks no HTTP.

What to review:
Type is create-only: the health check is replaced and gets a new id. The report names records of other templates that
take the id by parameter, and an Output that exports it. Whenever the chosen alarm is in ALARM, DNS fails over: its
threshold must be one at which that is right. The endpoint of `fqdn` must be public and say whether the database is up.

References:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-types.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-healthcheck.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.databases import Role, Watch
from fixer.cloudformation.intrinsics import NO_VALUE, as_int, branches, mapping
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.route53.alarm_choice import (
    INSUFFICIENT_DATA,
    AlarmChoice,
    choose,
    named,
    records_by_parameter,
    role_named,
    seconds_to_alarm,
    status_without_data,
)
from fixer.transforms.route53.endpoint_check import FQDN, endpoint_check, needs_endpoint
from fixer.transforms.transform import Transform

_GOES = ("ChildHealthChecks", "HealthThreshold", "Inverted")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per CALCULATED check without children, and per threshold that the children cannot make sense of."""
    for check in template.of_type("AWS::Route53::HealthCheck"):
        config = mapping(check.properties.get("HealthCheckConfig"))
        if config.get("Type") != "CALCULATED":
            continue
        children, threshold = _children(config.get("ChildHealthChecks")), as_int(config.get("HealthThreshold"))
        if children and children[1] == 0:
            end = "it is always healthy" if threshold == 0 else "it can never be healthy"
            message = f"the health check is CALCULATED but has no child health checks: {end}"
            yield ctx.finding(template, check.at("HealthCheckConfig"), message)
        elif threshold == 0:
            message = "HealthThreshold is 0: the health check is always healthy"
            yield ctx.finding(template, check.at("HealthCheckConfig", "HealthThreshold"), message)
        elif threshold and children and threshold > children[1]:
            message = f"HealthThreshold is {threshold}, with {_count(children[1])}: the health check is never healthy"
            yield ctx.finding(template, check.at("HealthCheckConfig", "HealthThreshold"), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The check on an alarm or an endpoint, or the threshold that fits."""
    check = template.resources[pointer.split(finding.pointer)[1]]
    config = mapping(check.properties.get("HealthCheckConfig"))
    if finding.pointer != check.at("HealthCheckConfig"):
        return _fit_threshold(template, finding, config)
    if strange := sorted(set(config) - {"Type", *_GOES}):
        return Patch.none(f"it also has {', '.join(strange)}, so that another Type may have been meant: set it by hand")
    if ctx.option("strategy") == "endpoint":
        return _follow_endpoint(template, check, ctx, "strategy=endpoint asks for an endpoint")
    choice = _choice(template, check, ctx)
    if choice.watch is None:
        return _without_alarm(template, check, ctx, choice)
    role = choice.database.role if choice.database else role_named(check)
    status = status_without_data(ctx, role)
    if status is None:
        reason = "whether the database is a primary or a secondary is decided when the stack is deployed"
        return Patch.needs(reason, ctx.want("insufficient_data", "Unhealthy"))
    identifier: Json = {"Name": {"Ref": choice.watch.alarm.logical_id}, "Region": {"Ref": "AWS::Region"}}
    wanted: dict[str, Json] = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": identifier,
        "InsufficientDataHealthStatus": status,
    }
    notes = (*_alarm_notes(template, choice.watch, status, ctx), *_replacement_notes(template, check, role, ctx))
    return Patch.of(template.path, _become(check, config, wanted), Tier.REVIEW, notes)


def _children(value: Json) -> tuple[int, int] | None:
    """(fewest, most) children that a ChildHealthChecks, or one item of it, may come to; None: cannot be counted."""
    if value is None or value == NO_VALUE:
        return 0, 0
    if isinstance(value, list):
        items = [_item(item) for item in value]
        return sum(low for low, _ in items), sum(high for _, high in items)
    if (either := branches(value)) is None:
        return None
    first, second = _children(either[0]), _children(either[1])
    return (min(first[0], second[0]), max(first[1], second[1])) if first and second else None


def _item(value: Json) -> tuple[int, int]:
    if (either := branches(value)) is None:
        return (0, 0) if value == NO_VALUE else (1, 1)
    first, second = _item(either[0]), _item(either[1])
    return min(first[0], second[0]), max(first[1], second[1])


def _fit_threshold(template: Template, finding: Finding, config: dict[str, Json]) -> Patch:
    children = _children(config.get("ChildHealthChecks"))
    if children is None or children[0] != children[1]:
        return Patch.none("how many children the check has is decided when the stack is deployed")
    number: Json = str(children[1]) if isinstance(finding.seen, str) else children[1]
    note = (
        f"The check is now healthy only while all of its {_count(children[1])} are; lower the number if fewer will do."
    )
    ops = pointer.replace(finding.pointer, finding.seen, number)
    return Patch.of(template.path, ops, Tier.REVIEW, [note] if children[1] > 1 else ())


def _count(children: int) -> str:
    return "1 child" if children == 1 else f"{children} children"


def _choice(template: Template, check: Resource, ctx: Context) -> AlarmChoice:
    """The alarm that the user names, else the best one."""

    def exists(resource: Resource) -> bool:
        return ctx.exists_with(template, resource, check)

    names = ctx.option("alarm")
    return named(template, check, names, exists) if names else choose(template, check, exists)


def _without_alarm(template: Template, check: Resource, ctx: Context, choice: AlarmChoice) -> Patch:
    if ctx.option("alarm") or ctx.option("strategy") == "alarm":
        return Patch.none(choice.why)
    if choice.candidates and not ctx.option("fqdn"):
        return Patch.needs(f"{choice.why}; name the alarm to follow", ctx.want("alarm", choice.candidates[0]))
    return _follow_endpoint(template, check, ctx, choice.why)


def _follow_endpoint(template: Template, check: Resource, ctx: Context, why: str) -> Patch:
    fqdn = ctx.option("fqdn")
    if not fqdn:
        return needs_endpoint(ctx, why)
    config = mapping(check.properties.get("HealthCheckConfig"))
    wanted = endpoint_check(ctx)
    note = f"https://{fqdn}/health must be public, and answer with 2xx or 3xx only while the database serves."
    notes = (note, *_replacement_notes(template, check, role_named(check), ctx))
    return Patch.of(template.path, _become(check, config, wanted), Tier.REVIEW, notes)


def _become(check: Resource, config: dict[str, Json], wanted: dict[str, Json]) -> Iterator[Op]:
    place = check.at("HealthCheckConfig")
    yield from pointer.replace(f"{place}/Type", config["Type"], wanted["Type"])
    for name in _GOES:
        if name in config:
            yield from pointer.remove(f"{place}/{name}", config[name])
    for name, value in wanted.items():
        if name != "Type":
            yield from pointer.add(f"{place}/{name}", value)


def _alarm_notes(template: Template, watch: Watch, status: str, ctx: Context) -> Iterator[str]:
    alarm = watch.alarm.logical_id
    yield f"The check is unhealthy whenever {alarm} ({watch.metric}) is in ALARM: its threshold decides about failover."
    if watch.is_replication:
        yield f"{watch.metric} suffers when the other side of the replication is lost, just when this side is needed."
    yield f"While {alarm} has no data, as when its Region is lost, the check counts as {status}."
    rto, timing = _rto(ctx), seconds_to_alarm(template, watch.alarm)
    if rto and timing and timing[0] * timing[1] > rto:
        yield (
            f"{alarm} goes off after {timing[0] * timing[1]} seconds ({timing[1]} periods of {timing[0]}), later than "
            f"the {rto} seconds in which service must be back: shorten its Period or EvaluationPeriods."
        )


def _rto(ctx: Context) -> int | None:
    if (option := ctx.option("rto")) is None:
        return as_int(ctx.requirements.get("rto"))
    if (seconds := as_int(option)) is None or seconds <= 0:
        raise ctx.bad_option("rto", "is no number of seconds")
    return seconds


def _replacement_notes(template: Template, check: Resource, role: Role | None, ctx: Context) -> Iterator[str]:
    """What the new id of the check means for whoever holds the old one."""
    yield f"CloudFormation replaces {check.logical_id}, which gets a new id."
    for reference in template.references_to(check.logical_id):
        section, output = reference.owner
        if section == "Outputs" and "Export" in mapping(template.section("Outputs").get(output)):
            yield f"Output {output} exports the id: the update is refused while another stack imports it."
    for other in ctx.project.others(template):
        for record, parameter in records_by_parameter(other, None if role is Role.EITHER else role):
            yield f"{record} in {other.path} takes a health check id by parameter {parameter}: give it the new id."


TRANSFORM = Transform(
    id="calculated-health-check",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        Option("alarm", "logical id of the alarm to follow; several, separated by commas, for several templates"),
        INSUFFICIENT_DATA,
        Option("strategy", "what to follow; default: an alarm, else the endpoint", choices=("alarm", "endpoint")),
        FQDN,
        Option("rto", "seconds in which service must be back after a failure"),
    ),
    told_by=(
        r"\bcalculated\b.*health checks?|health checks?.*\bcalculated\b",
        r"health checks? (?:that )?(?:can|will|could) (?:never|not)",
        r"\bnon-?functional (?:route ?53 )?health checks?",
    ),
    changes=("@",),
)
