"""A calculated Route 53 health check that is always unhealthy, or always healthy.

Why it fails:
A CALCULATED health check is healthy while at least HealthThreshold of its ChildHealthChecks are healthy. Without
children, or with fewer children than the threshold, it is never healthy. With a threshold of 0, it is always healthy. A
failover record with such a health check never fails over, or has always failed over. CloudFormation and cfn-lint accept
all of these.

What the fix does:
A health check without children becomes a CLOUDWATCH_METRIC check on an alarm of the same template. For a primary, this
is an alarm on the CPU of the writer or, without one, another alarm on the cluster or on the instances that write. For a
secondary (a cluster without master credentials that joins a global cluster), it is an alarm on its own instances, on
their CPU if possible. The fix never chooses an alarm on replication lag, which rises exactly when the primary is lost
and the secondary is needed. It also never chooses an alarm that Route 53 cannot follow: one with a Period that is not a
whole number of minutes, with a percentile, with metric math, or with DatapointsToAlarm below EvaluationPeriods.

Missing data counts as Unhealthy for a primary (a lost Region sends no data, and must fail over) and as Healthy for a
secondary; `insufficient_data` changes this. If no alarm is suitable, `fqdn` names an endpoint that answers HTTPS
requests for /health. `alarm` names the alarm to follow. For several templates, it names several alarms, and each
template takes the first one that it has. `strategy` requires an alarm, or an endpoint. With `rto`, or with the
requirement of that name, a note reports an alarm that takes longer.

A HealthThreshold above the number of children becomes that number. A threshold of 0 is only reported, because it may be
there for maintenance: Route 53 documents it as the way to keep a health check healthy. An inverted health check is only
reported too.

The fix does not offer a TCP or HTTPS check on the database itself. The health checkers of Route 53 are on the public
internet and cannot reach a private Aurora endpoint, neither on port 3306 nor with HTTPS, and Aurora does not speak
HTTP.

What to review:
Type is create-only: CloudFormation replaces the health check, which gets a new id. The report lists the records of
other templates that take the id from a parameter, and an Output that exports it. DNS fails over whenever the chosen
alarm is in ALARM, so check that the threshold of the alarm is right for that. The endpoint in `fqdn` must be public,
and must report whether the database works.

References:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-types.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-healthcheck.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.databases import Role
from fixer.cloudformation.intrinsics import NO_VALUE, as_int, branches, is_true, mapping
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Severity, Tier
from fixer.transforms.route53.alarm_choice import (
    INSUFFICIENT_DATA,
    AlarmChoice,
    alarm_notes,
    choose,
    named,
    records_by_parameter,
    role_named,
    status_without_data,
)
from fixer.transforms.route53.endpoint_check import FQDN, endpoint_check, needs_endpoint
from fixer.transforms.transform import Told, Transform

_GOES = ("ChildHealthChecks", "HealthThreshold", "Inverted")
_MAY_BE_MEANT = "a threshold of 0 may be there for maintenance: raise it if the check should follow its children"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each CALCULATED check without children, and for each threshold that cannot be right."""
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
            always = "unhealthy" if is_true(config.get("Inverted")) else "healthy"
            message = f"HealthThreshold is 0: the health check is always {always}"
            yield ctx.finding(template, check.at("HealthCheckConfig", "HealthThreshold"), message)
        elif threshold and children and threshold > children[1]:
            message = f"HealthThreshold is {threshold}, but the check has {_count(children[1])}: it is never healthy"
            yield ctx.finding(template, check.at("HealthCheckConfig", "HealthThreshold"), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Makes the check follow an alarm or an endpoint, or sets the threshold to the number of children."""
    check = template.resources[pointer.split(finding.pointer)[1]]
    config = mapping(check.properties.get("HealthCheckConfig"))
    if is_true(config.get("Inverted")):
        return Patch.none("the check is inverted: only its author can say when it should be healthy")
    if as_int(config.get("HealthThreshold")) == 0:
        return Patch.none(_MAY_BE_MEANT)
    if finding.pointer != check.at("HealthCheckConfig"):
        return _fit_threshold(template, finding, config)
    if strange := sorted(set(config) - {"Type", *_GOES}):
        return Patch.none(f"the check also has {', '.join(strange)}, so another Type may be intended: set Type by hand")
    if ctx.option("strategy") == "endpoint":
        return _follow_endpoint(template, check, ctx, "strategy=endpoint requires an endpoint")
    choice = _choice(template, check, ctx)
    if choice.watch is None:
        return _without_alarm(template, check, ctx, choice)
    role = choice.database.role if choice.database else role_named(check)
    status = status_without_data(ctx, role)
    if status is None:
        reason = "it is known only at deployment whether the database is a primary or a secondary"
        return Patch.needs(reason, ctx.want("insufficient_data", "Unhealthy"))
    identifier: Json = {"Name": {"Ref": choice.watch.alarm.logical_id}, "Region": {"Ref": "AWS::Region"}}
    wanted: dict[str, Json] = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": identifier,
        "InsufficientDataHealthStatus": status,
    }
    notes = (*alarm_notes(template, choice.watch, status, _rto(ctx)), *_replacement_notes(template, check, role, ctx))
    return Patch.of(template.path, _become(check, config, wanted), Tier.REVIEW, notes)


def _children(value: Json) -> tuple[int, int] | None:
    """(fewest, most) children that ChildHealthChecks can contain, by its conditions; None if they cannot be counted."""
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
        return Patch.none("the number of children is known only at deployment")
    number: Json = str(children[1]) if isinstance(finding.seen, str) else children[1]
    note = f"The check is healthy only while all {_count(children[1])} are: lower HealthThreshold if fewer are enough."
    ops = pointer.replace(finding.pointer, finding.seen, number)
    return Patch.of(template.path, ops, Tier.REVIEW, [note] if children[1] > 1 else ())


def _count(children: int) -> str:
    return "1 child" if children == 1 else f"{children} children"


def _choice(template: Template, check: Resource, ctx: Context) -> AlarmChoice:
    """The alarm that the user names or, without one, the best alarm."""

    def exists(resource: Resource) -> bool:
        return ctx.exists_with(template, resource, check)

    names = ctx.option("alarm")
    return named(template, check, names, exists) if names else choose(template, check, exists)


def _without_alarm(template: Template, check: Resource, ctx: Context, choice: AlarmChoice) -> Patch:
    if ctx.option("alarm") or ctx.option("strategy") == "alarm":
        return Patch.none(choice.why)
    if choice.candidates and not ctx.option("fqdn"):
        return Patch.needs(f"{choice.why}: name the alarm to follow", ctx.want("alarm", choice.candidates[0]))
    return _follow_endpoint(template, check, ctx, choice.why)


def _follow_endpoint(template: Template, check: Resource, ctx: Context, why: str) -> Patch:
    fqdn = ctx.option("fqdn")
    if not fqdn:
        return needs_endpoint(ctx, why)
    config = mapping(check.properties.get("HealthCheckConfig"))
    wanted = endpoint_check(ctx)
    note = f"https://{fqdn}/health must be public, and must answer with 2xx or 3xx only while the database works."
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


def _rto(ctx: Context) -> int | None:
    if (option := ctx.option("rto")) is None:
        return as_int(ctx.requirements.get("rto"))
    if (seconds := as_int(option)) is None or seconds <= 0:
        raise ctx.bad_option("rto", "is not a number of seconds")
    return seconds


def _replacement_notes(template: Template, check: Resource, role: Role | None, ctx: Context) -> Iterator[str]:
    """Yields notes on the places that have the old id of the check."""
    yield f"CloudFormation replaces {check.logical_id}, which gets a new id."
    for reference in template.references_to(check.logical_id):
        section, output = reference.owner
        if section == "Outputs" and "Export" in mapping(template.section("Outputs").get(output)):
            yield f"Output {output} exports the id: the update fails while another stack imports it."
    for other in ctx.project.others(template):
        for record, parameter in records_by_parameter(other, None if role is Role.EITHER else role):
            yield f"{record} in {other.path} takes a health check id from parameter {parameter}: pass the new id."


TRANSFORM = Transform(
    id="calculated-health-check",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    severity=Severity.ERROR,
    options=(
        Option("alarm", "logical id of the alarm to follow; for several templates, a list separated by commas"),
        INSUFFICIENT_DATA,
        Option(
            "strategy",
            "what to follow; default: an alarm or, if none is suitable, the endpoint",
            choices=("alarm", "endpoint"),
        ),
        FQDN,
        Option("rto", "recovery time objective: seconds until the service must work again after a failure"),
    ),
    told_by=(
        Told(
            title=r"\bcalculated\b.*health checks?|health checks?.*\bcalculated\b",
            example="Health check is CALCULATED without children",
            unlike="Incorrect health check path",
        ),
        Told(
            title="health checks? (?:that )?(?:can|will|could) (?:never|not)",
            example="A health check that can never succeed",
            unlike="Health check can be slow",
        ),
        Told(
            title=r"\bnon-?functional (?:route ?53 )?health checks?",
            example="Non-functional Route 53 health checks",
            unlike="Functional tests of the health check",
        ),
        Told(
            title=r"\bChild ?Health ?Checks?\b|\bhealth checks?\b.*\balways (?:un)?healthy\b",
            body=r"\bcalculated\b|\bchild|\broute ?53\b",
            example="Empty ChildHealthChecks",
            unlike="Health check of the target group is always slow",
        ),
        Told(
            title=r"\b(?:route ?53|health checks?|failover|dns)\b",
            body=r"\bcalculated\b[^\n]{0,80}\b(?:empty|no|without(?: any)?|missing|zero) (?:\w+ )?(?:child\w*"
            r"|children)|\bempty ChildHealthChecks\b",
            ambiguous=True,
            example="Incomplete DNS failover\nThe check is CALCULATED with an empty ChildHealthChecks array.",
            unlike="Incomplete DNS failover\nThe record has no health check.",
        ),
    ),
    changes=("@",),
)
