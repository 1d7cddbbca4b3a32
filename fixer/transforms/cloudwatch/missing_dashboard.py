"""A project with databases but without a dashboard that shows their health.

Why it fails:
A dashboard for database health is required, but the project does not have one. In an incident, everyone must find each
graph separately, in every Region.

What the fix does:
It adds one CloudWatch dashboard to the template of the primary or, if no template is the primary, to the first template
with databases. The dashboard shows the CPU, connections and freeable memory of every instance, the replication lag of
every secondary (the metric exists only in the Region of the secondary), and the alarms of the template. DashboardBody
is an Fn::Sub over JSON whose variables are the template's own resources and AWS::Region. The databases of other
templates are named by their identifiers, as far as this template can express them: in lower case, as RDS stores them,
and in the Region of their template. Resources that exist only under a condition are omitted.

What to review:
Dashboards are global to the account, so the name contains the stack's name or its suffix. The first three dashboards
are free. Each further dashboard is charged.

References:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.cross_stack import lowered, portable
from fixer.authoring.naming import Convention
from fixer.cloudformation.databases import ALARM, CLUSTER, IDENTIFIERS, INSTANCE, Database, Role, databases
from fixer.cloudformation.intrinsics import literal_text, mapping, ref_target, words
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

_DASHBOARD = "AWS::CloudWatch::Dashboard"
_METRICS = {
    "CPUUtilization": "CPU utilization (%)",
    "DatabaseConnections": "Connections",
    "FreeableMemory": "Freeable memory (bytes)",
}
_LAG = "AuroraGlobalDBReplicationLag"
_PERIOD = 60
_WIDTH, _HEIGHT, _WHOLE = 8, 6, 24
_LINE = 100


@dataclass(frozen=True)
class _Watched:
    """A database on the dashboard: the dimension, and its value and Region as text for an Fn::Sub."""

    dimension: str
    value: str
    region: str
    replicates: bool = False

    def metric(self, name: str) -> Json:
        """The entry for the metrics of a graph. A metric from another Region than the dashboard's names its Region."""
        entry: list[Json] = ["AWS/RDS", name, self.dimension, self.value]
        return entry if self.region == _HERE else [*entry, {"region": self.region}]


_HERE = "${AWS::Region}"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields one finding for a project with databases but no dashboard, in the template that must contain it."""
    if any(ctx.project.of_type(_DASHBOARD)):
        return
    host = next((each for each in ctx.project.ordered if databases(each)), None)
    if host is template:
        first = databases(template)[0].resource
        yield ctx.finding(
            template, first.pointer, f"the project has no dashboard that shows the health of {first.logical_id}"
        )


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the dashboard."""
    own = list(_own(template))
    others, unnamed = _elsewhere(template, ctx.project)
    alarms = [alarm.logical_id for alarm in template.of_type(ALARM) if alarm.condition is None]
    if not own:
        bare = [each.resource.logical_id for each in databases(template) if not each.instances]
        if bare:
            return Patch.none(f"{bare[0]} has no instances in the template, whose names the metrics need")
        return Patch.none("every database of the template exists only under a condition")
    convention = Convention(template)
    body = _laid_out({"widgets": list(_widgets([*own, *others], alarms))}) + "\n"
    properties: dict[str, Json] = {"DashboardName": _name(convention), "DashboardBody": {"Fn::Sub": body}}
    logical_id = template.fresh_id("DatabaseDashboard", "DatabaseHealthDashboard")
    ops = pointer.add(pointer.join("Resources", logical_id), convention.resource(_DASHBOARD, properties))
    notes = [f"The dashboard does not show {name}." for name in unnamed]
    notes.append("Dashboards are global to the account, and each dashboard after the third is charged.")
    return Patch.of(template.path, ops, Tier.REVIEW, notes)


def _name(convention: Convention) -> Json:
    """A name that says more than `dashboard` and a suffix, because dashboards share one list per account."""
    name = convention.name("dashboard")
    text = str(mapping(name).get("Fn::Sub"))
    says_more = "${AWS::StackName}" in text or words(literal_text(name)) != ("dashboard",)
    return name if says_more else convention.name("database-dashboard")


def _laid_out(value: Json, indent: str = "") -> str:
    """JSON in lines of at most 100 characters, as far as its scalars allow."""
    line = json.dumps(value)
    if len(indent) + len(line) <= _LINE or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_laid_out(inner, deeper)}" for key, inner in value.items()]
    else:
        parts = [_laid_out(item, deeper) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closing}"


def _own(template: Template) -> Iterator[_Watched]:
    """Yields the template's databases. A Ref to an instance or a cluster returns its identifier."""
    for database in databases(template):
        if _replicates(database) and database.resource.condition is None:
            yield _Watched("DBClusterIdentifier", f"${{{database.resource.logical_id}}}", _HERE, replicates=True)
        for instance in database.instances:
            if instance.condition is None:
                yield _Watched("DBInstanceIdentifier", f"${{{instance.logical_id}}}", _HERE)


def _replicates(database: Database) -> bool:
    """Whether it has a replication lag: only a secondary that is a cluster, not an instance, has the metric."""
    return database.role is Role.SECONDARY and database.resource.type == CLUSTER


def _elsewhere(template: Template, project: Project) -> tuple[list[_Watched], list[str]]:
    """The databases of other templates that this template can name, and descriptions of those that it cannot."""
    found: list[_Watched] = []
    unnamed: list[str] = []
    for other in project.others(template):
        region = project.region(other)
        for database in databases(other):
            lag = [database.resource] if _replicates(database) else []
            for resource in [*lag, *database.instances]:
                if resource.condition is not None:
                    continue
                value = _identifier(resource, template, region.value if region else "")
                if region is None or value is None:
                    why = "its Region is not known" if region is None else "this template cannot express its identifier"
                    unnamed.append(f"{resource.logical_id} in {other.path} ({why})")
                else:
                    found.append(_Watched(IDENTIFIERS[resource.type], value, region.value, resource.type == CLUSTER))
    return found, unnamed


def _identifier(resource: Resource, here: Template, region: str) -> str | None:
    value = lowered(portable(resource.properties.get(IDENTIFIERS[resource.type]), here, region))
    if isinstance(value, str):
        return value
    if (name := ref_target(value)) is not None:
        return f"${{{name}}}"
    text = mapping(value).get("Fn::Sub")
    return text if isinstance(text, str) else None


def _widgets(watched: list[_Watched], alarms: list[str]) -> Iterator[Json]:
    """Yields three graphs in one row, the lag in the row below, and the alarms at the bottom."""
    instances = [each for each in watched if each.dimension == IDENTIFIERS[INSTANCE]]
    secondaries = [each for each in watched if each.replicates]
    row = 0
    if instances:
        for index, (metric, title) in enumerate(_METRICS.items()):
            yield _graph(title, [each.metric(metric) for each in instances], index * _WIDTH, row, _WIDTH)
        row += _HEIGHT
    if secondaries:
        yield _graph("Replication lag (ms)", [each.metric(_LAG) for each in secondaries], 0, row, _WHOLE)
        row += _HEIGHT
    if alarms:
        arns: list[Json] = [f"${{{alarm}.Arn}}" for alarm in alarms]
        properties: Json = {"title": "Alarms", "alarms": arns}
        yield {"type": "alarm", "x": 0, "y": row, "width": _WHOLE, "height": 3, "properties": properties}


def _graph(title: str, metrics: list[Json], x: int, y: int, width: int) -> Json:
    properties: Json = {
        "title": title,
        "view": "timeSeries",
        "region": _HERE,
        "stat": "Average",
        "period": _PERIOD,
        "metrics": metrics,
    }
    return {"type": "metric", "x": x, "y": y, "width": width, "height": _HEIGHT, "properties": properties}


TRANSFORM = Transform(
    id="missing-dashboard",
    doc=__doc__,
    severity=Severity.ADVICE,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    requirement="dashboard",
    told_by=(
        Told(
            title=r"\b(?:missing|no|lacks?|without|absent)\b.*\bdashboards?\b",
            example="Missing CloudWatch dashboard",
            unlike="Dashboard shows the wrong region",
        ),
        Told(
            title=r"\bdashboards?\b.*\b(?:missing|absent|not (?:created|defined|implemented|included))\b",
            example="A dashboard is not defined",
            unlike="A dashboard is not readable",
        ),
        Told(
            title=r"\b(?:does not|doesn't|did not|didn't|fails? to|failed to) (?:create|define|include|provide"
            r"|implement)\b.*\bdashboards?\b|\bdashboards?\b.*\b(?:omitted|was not|were not|not present)\b"
            r"|\black of\b.*\bdashboards?\b",
            example="The template does not include a dashboard",
            unlike="The dashboard does not show an error",
        ),
    ),
    changes=(
        "+/Resources/AWS::CloudWatch::Dashboard",
        "+/Outputs/*",
    ),
)
