"""The alarms that a Route 53 health check can follow, and the one that best shows that a database is lost. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fixer.authoring.context import Context, Option
from fixer.cloudformation.databases import ALARM, Database, Role, Watch, databases, watches
from fixer.cloudformation.dns_records import all_records
from fixer.cloudformation.intrinsics import as_int, given, literal_text, mapping, ref_target, sequence, words
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

INSUFFICIENT_DATA = Option(
    "insufficient_data",
    "status of the health check without data; default: Unhealthy for a primary, Healthy for a secondary",
    choices=("Healthy", "Unhealthy", "LastKnownStatus"),
)

_STATUS = {Role.PRIMARY: "Unhealthy", Role.SECONDARY: "Healthy"}
_STATISTICS = ("Average", "Minimum", "Maximum", "Sum", "SampleCount")
_CPU = "CPUUtilization"


@dataclass(frozen=True)
class AlarmChoice:
    """The alarm to follow and the database that it watches. Without an alarm, `why` is the reason and `candidates` are
    the alarms that a user could name.
    """

    watch: Watch | None = None
    database: Database | None = None
    why: str = ""
    candidates: tuple[str, ...] = ()


def choose(template: Template, check: Resource, exists: Callable[[Resource], bool]) -> AlarmChoice:
    """The best alarm of this template for a health check, on the one database that the check is for.

    `exists` returns whether a resource exists whenever the check exists.
    """
    wanted = role_named(check)
    present = [database for database in databases(template) if exists(database.resource)]
    fitting = [database for database in present if wanted in (None, database.role) or database.role is Role.EITHER]
    if not present:
        return AlarmChoice(None, None, "the template has no database for the health check", _open_to(template, exists))
    if not fitting:
        return AlarmChoice(
            why=f"the name of the health check contains {wanted}, but the template has no {wanted} database"
        )
    if len(fitting) > 1:
        names = ", ".join(database.resource.logical_id for database in fitting)
        why = f"the template has several databases for the health check ({names})"
        return AlarmChoice(None, None, why, _open_to(template, exists))
    return _best(template, check, fitting[0], exists)


def choose_for(template: Template, role: Role) -> AlarmChoice:
    """The best alarm on the one database with this role, of the databases and alarms that exist unconditionally."""
    fitting = [each for each in databases(template) if each.role is role and each.resource.condition is None]
    if len(fitting) != 1:
        return AlarmChoice(why=f"{template.path} has {len(fitting) or 'no'} {role} databases")
    return _best(template, None, fitting[0], lambda resource: resource.condition is None)


def named(template: Template, check: Resource, names: str, exists: Callable[[Resource], bool]) -> AlarmChoice:
    """The first of the alarms that a user names, separated by commas, which this template has.

    The user may choose any alarm that Route 53 can follow, even one on replication lag.
    """
    alarms = [template.resources.get(name.strip()) for name in names.split(",")]
    alarm = next((resource for resource in alarms if resource is not None and resource.type == ALARM), None)
    if alarm is None:
        return AlarmChoice(why=f"the template has no alarm named {names}")
    if why := _out_of_reach(template, check, alarm, exists) or unfit(template, alarm, trusted=True):
        return AlarmChoice(why=f"Route 53 cannot follow {alarm.logical_id}: {why}")
    for database in databases(template):
        for watch in watches(template, database):
            if watch.alarm is alarm:
                return AlarmChoice(watch, database)
    return AlarmChoice(Watch(alarm, literal_text(alarm.properties.get("MetricName")), None, ""))


def role_named(check: Resource) -> Role | None:
    """The role that the check's logical id or Name tag contains as a word; None without a role, or with both roles."""
    tags = [mapping(tag) for tag in sequence(check.properties.get("HealthCheckTags"))]
    named = [literal_text(tag.get("Value")) for tag in tags if tag.get("Key") == "Name"]
    roles = {Role.PRIMARY, Role.SECONDARY} & {word for text in (check.logical_id, *named) for word in words(text)}
    return Role(roles.pop()) if len(roles) == 1 else None


def unfit(template: Template, alarm: Resource, trusted: bool = False) -> str:
    """The reason why a health check cannot follow the alarm; "" if it can. `trusted`: values that are known only at
    deployment are accepted.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-types.html
    """
    properties = alarm.properties
    if given(properties, "Metrics") or not given(properties, "MetricName"):
        return "it uses metric math"
    if given(properties, "ExtendedStatistic"):
        return "its statistic is a percentile"
    if not trusted and properties.get("Statistic") not in _STATISTICS:
        return "its Statistic is missing or is known only at deployment"
    if not (periods := template.certain(properties.get("Period"))) and not trusted:
        return "its Period is known only at deployment, and may be less than a minute"
    if any((period := as_int(value)) is None or period < 60 or period % 60 for value in periods):
        return "its Period is not a whole number of minutes (high resolution)"
    return _datapoints(template, properties, trusted)


def status_without_data(ctx: Context, role: Role | None) -> str | None:
    """InsufficientDataHealthStatus of a check: the option or the status for the role; None if neither is known."""
    return ctx.option(INSUFFICIENT_DATA.name) or _STATUS.get(role or Role.EITHER)


def seconds_to_alarm(template: Template, alarm: Resource) -> tuple[int, int] | None:
    """(Period in seconds, number of periods) until the alarm is in ALARM, at most; None if this is not known."""
    known = [_numbers(template, alarm.properties.get(name)) for name in ("Period", "EvaluationPeriods")]
    return (max(known[0]), max(known[1])) if all(known) else None


def alarm_notes(template: Template, watch: Watch, status: str, rto: int | None) -> Iterator[str]:
    """What follows for a health check from an alarm of the template; `rto`: the recovery time objective in seconds."""
    alarm = watch.alarm.logical_id
    yield (
        f"The check is unhealthy whenever {alarm} ({watch.metric}) is in ALARM, so the alarm's threshold decides when "
        "DNS fails over."
    )
    if watch.is_replication:
        yield f"{watch.metric} gets worse when the other side of the replication fails, just when this side is needed."
    yield f"While {alarm} has no data, for example because its Region is lost, the check counts as {status}."
    timing = seconds_to_alarm(template, watch.alarm)
    if rto and timing and timing[0] * timing[1] > rto:
        yield (
            f"{alarm} reacts after {timing[0] * timing[1]} seconds ({timing[1]} periods of {timing[0]}), later than "
            f"the {rto} seconds of the recovery time objective: shorten its Period or EvaluationPeriods."
        )


def records_by_parameter(template: Template, role: Role | None = None) -> Iterator[tuple[str, str]]:
    """Yields (logical id, parameter) for each record that takes its health check from a parameter, except failover
    records of the other role.
    """
    for owner, _, record in all_records(template):
        name = ref_target(record.get("HealthCheckId"))
        failover = str(record.get("Failover")).lower()
        is_another = role is not None and failover in {Role.PRIMARY, Role.SECONDARY} - {role}
        if name is not None and template.parameter(name) is not None and not is_another:
            yield owner.logical_id, name


def _best(
    template: Template, check: Resource | None, database: Database, exists: Callable[[Resource], bool]
) -> AlarmChoice:
    usable, refused = [], []
    for watch in watches(template, database):
        alarm = watch.alarm
        why = _out_of_reach(template, check, alarm, exists) or unfit(template, alarm) or _useless(database, watch)
        if why:
            refused.append(f"{alarm.logical_id}: {why}")
        else:
            usable.append(watch)
    if usable:
        return AlarmChoice(min(usable, key=lambda watch: _rank(database, watch)), database)
    reasons = f" ({'; '.join(refused)})" if refused else ""
    why = f"no alarm of the template shows that {database.resource.logical_id} is lost{reasons}"
    return AlarmChoice(None, database, why)


def _open_to(template: Template, exists: Callable[[Resource], bool]) -> tuple[str, ...]:
    """The alarms that a check could follow if the user named them."""
    return tuple(alarm.logical_id for alarm in template.of_type(ALARM) if exists(alarm) and not unfit(template, alarm))


def _out_of_reach(
    template: Template, check: Resource | None, alarm: Resource, exists: Callable[[Resource], bool]
) -> str:
    if not exists(alarm):
        return "it does not exist whenever the health check does"
    if check is None:
        return ""
    return "it depends on the health check itself" if check.logical_id in template.needs(alarm.logical_id) else ""


def _useless(database: Database, watch: Watch) -> str:
    """The reason why the alarm does not show whether this database works; "" if it does."""
    if watch.is_replication:
        return "it watches replication, which fails when the other side fails"
    if watch.metric == _CPU and str(watch.alarm.properties.get("ComparisonOperator")).startswith("LessThan"):
        return "it reports an idle CPU"
    if database.role is Role.PRIMARY:
        reader = watch.role == "READER" or (watch.instance is not None and database.reads_only(watch.instance))
        return "it watches a reader, and the primary works without the reader" if reader else ""
    own = watch.instance is not None or watch.role == "READER"
    return "" if own else "it does not watch the secondary's own instances"


def _rank(database: Database, watch: Watch) -> int:
    """0 is best: the CPU of the writer, then the CPU of any instance or the cluster, then other metrics."""
    if watch.metric != _CPU:
        return 2
    writer = watch.instance is not None and watch.instance is database.writer
    return 0 if writer or watch.role == "WRITER" else 1


def _datapoints(template: Template, properties: dict[str, Json], trusted: bool) -> str:
    """The reason why the alarm is or may be an "M out of N" alarm, which Route 53 cannot follow; else ""."""
    if not given(properties, "DatapointsToAlarm"):
        return ""
    datapoints, periods = properties["DatapointsToAlarm"], properties.get("EvaluationPeriods")
    if datapoints == periods:
        return ""
    known = [_numbers(template, value) for value in (datapoints, periods)]
    if len(known[0]) == len(known[1]) == 1:
        return "" if known[0] == known[1] else "its DatapointsToAlarm is less than its EvaluationPeriods"
    return "" if trusted else "its DatapointsToAlarm may be less than its EvaluationPeriods"


def _numbers(template: Template, value: Json) -> list[int]:
    return [number for each in template.certain(value) if (number := as_int(each)) is not None]
