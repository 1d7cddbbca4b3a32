"""A database log export without a statement of who writes the logs, and where.

Why it fails:
EnableCloudwatchLogsExports names logs, but the template does not state who may write them, where they are stored, or
how long they are kept. In an account that restricts IAM, a failed export is noticed only when the log is needed.

What the fix does:
RDS writes the logs with its service-linked role AWSServiceRoleForRDS. It cannot use a role of your own, even if a
review asks for one, because no property takes the role. By default (`strategy` document), the fix therefore adds a
Metadata entry to the cluster or instance that states the writer and the log groups, which is the documentation that is
missing.

With the strategy log-groups, it adds a log group for each exported log, which keeps the log for 30 days, and the
database depends on the groups. Without such a group, RDS creates one that never expires. The names of the groups
contain the database's identifier as the template spells it out. Without an identifier, there is no patch.

With the strategy role, it adds a role anyway, for rules that require one. The role is for rds.amazonaws.com in the same
account, and is limited to log streams and events under /aws/rds/.

Why it is safe:
The Metadata entry does not change anything that runs. The other strategies need a review: if the stack has been
deployed, the log groups exist and the update fails until they are imported or deleted, and the role grants permissions
that nothing uses.

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
from fixer.model import Finding, Json, Op, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

_EXPORTS = "EnableCloudwatchLogsExports"
_STATEMENT = "LogExports"
_GROUP = "AWS::Logs::LogGroup"
_SERVICE = "rds.amazonaws.com"
_KINDS = {CLUSTER: "cluster", INSTANCE: "instance"}
_SWITCHES = {"general": "general_log", "slowquery": "slow_query_log", "audit": "server_audit_logging"}
"""Log → the parameter of an Aurora MySQL cluster that turns the log on."""

_PARAMETER_GROUPS = ("AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each database that exports logs but lacks what the strategy adds."""
    strategy = ctx.option("strategy")
    for database in template.of_type(CLUSTER, INSTANCE):
        logs = _logs(database)
        if not logs:
            continue
        shown = ", ".join(logs)
        if strategy == "document" and _STATEMENT not in mapping(database.data.get("Metadata")):
            message = f"{database.logical_id} exports logs ({shown}), but nothing states who writes them, and where"
        elif strategy == "log-groups" and not _has_groups(template, database, logs, ctx):
            message = f"{database.logical_id} exports logs ({shown}) to log groups that the template does not create"
        elif strategy == "role" and not _has_role(template, database, ctx):
            message = f"{database.logical_id} exports logs ({shown}), but no role states that RDS may write them"
        else:
            continue
        yield ctx.finding(template, database.at(_EXPORTS), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the Metadata entry, the log groups, or the role."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    notes = list(_switched_off(template, database))
    strategy = ctx.option("strategy")
    if strategy == "document":
        return Patch.of(template.path, _statement(template, database), Tier.SAFE, notes)
    if strategy == "role":
        note = (
            f"{_SERVICE} still writes with AWSServiceRoleForRDS: the new role states a permission, but nothing uses it."
        )
        return Patch.of(template.path, _role(template), Tier.REVIEW, [note, *notes])
    names = _group_names(database)
    if not names:
        return Patch.none(
            "the template does not spell out the database's identifier, so the names of the log groups are not known"
        )
    made = {str(group.properties.get("LogGroupName")) for group in template.of_type(_GROUP)}
    certain = {str(name) for name in _made_for(template, database, ctx)}
    if clash := next((log for log, name in names.items() if str(name) in made - certain), None):
        return Patch.none(f"the log group for {clash} exists only under a condition")
    note = (
        "If the stack is deployed, RDS has created the log groups: the update fails until they are imported or deleted."
    )
    return Patch.of(template.path, _groups(template, database, names), Tier.REVIEW, [note, *notes])


def _logs(database: Resource) -> list[str]:
    return [log for log in sequence(database.properties.get(_EXPORTS)) if isinstance(log, str)]


def _group_names(database: Resource) -> dict[str, Json]:
    """Log → the name of its log group, with the identifier as RDS stores it; {} if the template does not state it."""
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
    """The names of the log groups that exist whenever the database exists."""
    groups = template.of_type(_GROUP)
    return [group.properties.get("LogGroupName") for group in groups if ctx.exists_with(template, group, database)]


def _has_groups(template: Template, database: Resource, logs: list[str], ctx: Context) -> bool:
    made, names = _made_for(template, database, ctx), _group_names(database)
    return bool(names) and all(names[log] in made for log in logs)


def _made(template: Template) -> list[Json]:
    """The names of the log groups that the template creates."""
    return [group.properties.get("LogGroupName") for group in template.of_type(_GROUP)]


def _groups(template: Template, database: Resource, names: dict[str, Json]) -> Iterator[Op]:
    """Yields the operations that add log groups and a DependsOn, so that the groups exist before the database."""
    made = _made(template)
    convention = Convention(template)
    added: list[str] = []
    for log, name in names.items():
        if name in made:
            continue
        # The parts for the logical id: "iam-db-auth-error" gives Iam, Db, Auth and Error. "-" and "." must not match.
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
    """Yields a note on the logs of a MySQL database that stay empty until its parameter group turns them on."""
    if "mysql" not in str(template.literal(database.properties.get("Engine"))):
        return
    named = [database.properties.get(f"DB{kind}ParameterGroupName") for kind in ("Cluster", "")]
    groups = [template.resources.get(target_of(value) or "") for value in named]
    own = [group for group in groups if group is not None and group.type in _PARAMETER_GROUPS]
    switches = {name: value for group in own for name, value in mapping(group.properties.get("Parameters")).items()}
    off = [_SWITCHES[log] for log in _logs(database) if log in _SWITCHES and not _is_on(switches.get(_SWITCHES[log]))]
    if off:
        yield f"Some logs stay empty until {', '.join(off)} are on in the parameter group of {database.logical_id}."


def _is_on(value: Json) -> bool:
    return is_true(value) or str(value).lower() in ("1", "on")


TRANSFORM = Transform(
    id="log-export-permissions",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    severity=Severity.ERROR,
    requirement="log-export-permissions",
    options=(Option("strategy", "what the fix adds", default="document", choices=("document", "log-groups", "role")),),
    told_by=(
        Told(
            title=r"\blogs? exports?\b.*\b(?:roles?|permissions?)\b",
            example="Log exports without permissions",
            unlike="Log exports without retention",
        ),
        Told(
            title=r"\b(?:roles?|permissions?)\b.*\blogs? exports?\b",
            example="Missing role for the log export",
            unlike="Missing log export",
        ),
        Told(
            title=r"\bEnableCloudwatchLogsExports\b.*\b(?:roles?|permissions?)\b",
            example="EnableCloudwatchLogsExports without the role that writes the logs",
            unlike="EnableCloudwatchLogsExports is missing",
        ),
    ),
    changes=(
        "+/Resources/{id}/Metadata",
        "~/Resources/*",
        "+/Resources/AWS::Logs::LogGroup",
        "+/Resources/AWS::IAM::Role",
    ),
)
