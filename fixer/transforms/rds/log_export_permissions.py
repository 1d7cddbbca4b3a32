"""Database logs exported to CloudWatch Logs, and no word on who writes them.

Why it fails:
EnableCloudwatchLogsExports names logs; nothing in the template says who may write them, where they arrive, or how long
they stay. In an account that restricts IAM an export that fails is noticed when the log is needed.

What the fix does:
RDS writes the logs with its service-linked role AWSServiceRoleForRDS. A role of one's own is used by nothing, whatever
reviews say: there is no property that would take it. So with `strategy` document, the default, a Metadata entry on the
cluster or instance names the writer and the log groups, which is the documentation that is missing.
log-groups adds a log group for each exported log, kept for 30 days, which the database depends on: without one RDS
makes a group that never expires. The groups are named by the database's identifier, as the template spells it out;
without an identifier there is no patch. role adds the explicit role all the same, for rules that ask for one: for
rds.amazonaws.com in the own account, limited to streams and events under /aws/rds/.

Why it is safe:
The Metadata entry changes nothing that runs. Of the other strategies: on a stack that has run, the log groups exist and
the update fails until they are imported or deleted; the role grants what nobody uses.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Integrating.CloudWatch.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.authoring.cross_stack import lowered
from fixer.authoring.naming import Convention
from fixer.cloudformation.databases import CLUSTER, IDENTIFIERS, INSTANCE
from fixer.cloudformation.iam import ROLE, trusts
from fixer.cloudformation.intrinsics import is_true, mapping, sequence, target_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Transform

_EXPORTS = "EnableCloudwatchLogsExports"
_STATEMENT = "LogExports"
_GROUP = "AWS::Logs::LogGroup"
_SERVICE = "rds.amazonaws.com"
_KINDS = {CLUSTER: "cluster", INSTANCE: "instance"}
_SWITCHES = {"general": "general_log", "slowquery": "slow_query_log", "audit": "server_audit_logging"}
"""Log → the parameter of an Aurora MySQL cluster that must be on for it to be written."""

_PARAMETER_GROUPS = ("AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per database that exports logs without what the strategy provides."""
    strategy = ctx.option("strategy")
    for database in template.of_type(CLUSTER, INSTANCE):
        logs = _logs(database)
        if not logs:
            continue
        shown = ", ".join(logs)
        if strategy == "document" and _STATEMENT not in mapping(database.data.get("Metadata")):
            message = f"{database.logical_id} exports logs ({shown}), and nothing says who writes them, or where"
        elif strategy == "log-groups" and not _has_groups(template, database, logs, ctx):
            message = f"{database.logical_id} exports logs ({shown}) to groups that the template does not make"
        elif strategy == "role" and not _has_role(template, database, ctx):
            message = f"{database.logical_id} exports logs ({shown}), and no role says that RDS may write them"
        else:
            continue
        yield ctx.finding(template, database.at(_EXPORTS), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The statement, the log groups, or the role."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    notes = list(_switched_off(template, database))
    strategy = ctx.option("strategy")
    if strategy == "document":
        return Patch.of(template.path, _statement(template, database), Tier.SAFE, notes)
    if strategy == "role":
        note = (
            f"{_SERVICE} writes with AWSServiceRoleForRDS all the same: this role states a permission, nothing uses it."
        )
        return Patch.of(template.path, _role(template), Tier.REVIEW, [note, *notes])
    names = _group_names(database)
    if not names:
        return Patch.none(
            "the database has no identifier that the template spells out: its log groups have no known names"
        )
    made = {str(group.properties.get("LogGroupName")) for group in template.of_type(_GROUP)}
    certain = {str(name) for name in _made_for(template, database, ctx)}
    if clash := next((log for log, name in names.items() if str(name) in made - certain), None):
        return Patch.none(f"the log group for {clash} exists only under a condition")
    note = "On a stack that has run, RDS has made these groups: the update fails until they are imported or deleted."
    return Patch.of(template.path, _groups(template, database, names), Tier.REVIEW, [note, *notes])


def _logs(database: Resource) -> list[str]:
    return [log for log in sequence(database.properties.get(_EXPORTS)) if isinstance(log, str)]


def _group_names(database: Resource) -> dict[str, Json]:
    """Log → the name of its log group, by the identifier as RDS keeps it; {} if the template does not spell it out."""
    identifier = lowered(database.properties.get(IDENTIFIERS[database.type]))
    text = mapping(identifier).get("Fn::Sub") if isinstance(identifier, dict) else identifier
    if not isinstance(text, str):
        return {}
    names: dict[str, Json] = {}
    for log in _logs(database):
        name = f"/aws/rds/{_KINDS[database.type]}/{text}/{log}"
        names[log] = {"Fn::Sub": name} if isinstance(identifier, dict) else name
    return names


def _statement(template: Template, database: Resource) -> list[Op]:
    known = _group_names(database)
    groups: list[Json] = list(known.values()) or [
        f"/aws/rds/{_KINDS[database.type]}/<identifier>/{log}" for log in _logs(database)
    ]
    statement: Json = {"WrittenBy": f"AWSServiceRoleForRDS, the service-linked role of {_SERVICE}", "LogGroups": groups}
    return pointer.add_entry(template.data, f"{database.pointer}/Metadata", _STATEMENT, statement)


def _made_for(template: Template, database: Resource, ctx: Context) -> list[Json]:
    """The names of the log groups that the template makes whenever it makes the database."""
    groups = template.of_type(_GROUP)
    return [group.properties.get("LogGroupName") for group in groups if ctx.exists_with(template, group, database)]


def _has_groups(template: Template, database: Resource, logs: list[str], ctx: Context) -> bool:
    made, names = _made_for(template, database, ctx), _group_names(database)
    return bool(names) and all(names[log] in made for log in logs)


def _made(template: Template) -> list[Json]:
    """The names of the log groups that the template makes."""
    return [group.properties.get("LogGroupName") for group in template.of_type(_GROUP)]


def _groups(template: Template, database: Resource, names: dict[str, Json]) -> Iterator[Op]:
    """Log groups that are there before the database is, which depends on them by DependsOn."""
    made = _made(template)
    convention = Convention(template)
    added: list[str] = []
    for log, name in names.items():
        if name in made:
            continue
        words = "".join(re.findall("[A-Za-z0-9]+", log.title()))
        logical_id = template.fresh_id(f"{database.logical_id}{words}LogGroup")
        properties: dict[str, Json] = {"LogGroupName": name, "RetentionInDays": 30}
        body = convention.resource(_GROUP, properties, condition=database.condition)
        added.append(logical_id)
        yield from pointer.add(pointer.join("Resources", logical_id), body)
    depends, place = database.data.get("DependsOn"), f"{database.pointer}/DependsOn"
    ids: list[Json] = [*added]
    if depends is None:
        yield from pointer.add(place, ids)
    elif isinstance(depends, list):
        for each in added:
            yield from pointer.add(f"{place}/-", each)
    else:
        yield from pointer.replace(place, depends, [depends, *ids])


def _has_role(template: Template, database: Resource, ctx: Context) -> bool:
    roles = (each for each in template.of_type(ROLE) if ctx.exists_with(template, each, database))
    return any(trusts(role, _SERVICE) for role in roles)


def _role(template: Template) -> list[Op]:
    trust: Json = {
        "Effect": "Allow",
        "Principal": {"Service": _SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    groups = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/rds/*"
    allowed: Json = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [{"Fn::Sub": groups}, {"Fn::Sub": f"{groups}:log-stream:*"}],
    }
    properties: dict[str, Json] = {
        "Description": "States that RDS may write the logs it exports; RDS itself uses its service-linked role",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [
            {"PolicyName": "WriteDatabaseLogs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
        ],
    }
    body = Convention(template).resource(ROLE, properties)
    return pointer.add(pointer.join("Resources", template.fresh_id("DatabaseLogsRole", "RdsLogsRole")), body)


def _switched_off(template: Template, database: Resource) -> Iterator[str]:
    """A note on the logs of an Aurora MySQL cluster that stay empty unless its parameter group switches them on."""
    if "mysql" not in str(template.literal(database.properties.get("Engine"))):
        return
    named = [database.properties.get(f"DB{kind}ParameterGroupName") for kind in ("Cluster", "")]
    groups = [template.resources.get(target_of(value) or "") for value in named]
    own = [group for group in groups if group is not None and group.type in _PARAMETER_GROUPS]
    switches = {name: value for group in own for name, value in mapping(group.properties.get("Parameters")).items()}
    off = [_SWITCHES[log] for log in _logs(database) if log in _SWITCHES and not _is_on(switches.get(_SWITCHES[log]))]
    if off:
        yield f"For all its logs to appear {', '.join(off)} must be on in the parameter group of {database.logical_id}."


def _is_on(value: Json) -> bool:
    return is_true(value) or str(value).lower() in ("1", "on")


TRANSFORM = Transform(
    id="log-export-permissions",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    requirement="log-export-permissions",
    options=(Option("strategy", "what is added", default="document", choices=("document", "log-groups", "role")),),
    told_by=(
        r"\blogs? exports?\b.*\b(?:roles?|permissions?)\b",
        r"\b(?:roles?|permissions?)\b.*\blogs? exports?\b",
    ),
    changes=(
        "+/Resources/*/Metadata",
        "~/Resources/*",
        "+/Resources/AWS::Logs::LogGroup",
        "+/Resources/AWS::IAM::Role",
        "/Resources/AWS::RDS::*/Properties/MonitoringRoleArn",
    ),
)
