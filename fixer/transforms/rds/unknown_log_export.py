"""A database that exports a log that its engine does not have.

Why it fails:
EnableCloudwatchLogsExports accepts the logs of the engine only. RDS rejects a database that is to export another one,
such as `error` of PostgreSQL, or a name that is spelled differently, such as `Error`. cfn-lint does not check it.

What the fix does:
A name that differs only in its spelling (`Error`, `slow_query`) becomes the name of the engine's log. PostgreSQL writes
errors, statements and audit records to one log, `postgresql`, which replaces the logs of MySQL. Other logs are removed
if at least one log remains.

What to review:
Which logs the database should export. The deployment of such a database has failed, so nothing that runs changes.

References:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html
https://docs.aws.amazon.com/documentdb/latest/developerguide/API_CreateDBCluster.html
https://docs.aws.amazon.com/neptune/latest/userguide/cloudwatch-logs.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.databases import CLUSTER, DOCDB_CLUSTER, INSTANCE
from fixer.cloudformation.intrinsics import given
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Op, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

_EXPORTS = "EnableCloudwatchLogsExports"
_NEPTUNE_CLUSTER = "AWS::Neptune::DBCluster"
_TYPES = (CLUSTER, INSTANCE, DOCDB_CLUSTER, _NEPTUNE_CLUSTER)
_MYSQL = ("audit", "error", "general", "slowquery", "iam-db-auth-error")
_LOGS = {
    "aurora-mysql": (*_MYSQL, "instance"),
    "aurora-postgresql": ("postgresql", "instance", "iam-db-auth-error"),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "postgres": ("postgresql", "upgrade", "iam-db-auth-error"),
    "oracle": ("alert", "audit", "listener", "trace", "oemagent"),
    "sqlserver": ("agent", "error"),
    "db2": ("diag.log", "notify.log", "iam-db-auth-error"),
    "docdb": ("audit", "profiler"),
    "neptune": ("audit", "slowquery"),
}
"""The logs of each engine; the longest name that the engine begins with counts."""

_IN_POSTGRESQL = ("error", "general", "slowquery", "audit")
"""The logs of MySQL whose content PostgreSQL writes to its only log."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each list of exported logs with one that the engine does not have."""
    for database in template.of_type(*_TYPES):
        known, exported = _known(template, database), _exported(template, database)
        if not known or not exported:
            continue
        wrong = [log for log in exported if log not in known]
        if wrong:
            message = (
                f"{_engine(template, database)} has no log {', '.join(wrong)}, which {database.logical_id} exports"
            )
            yield ctx.finding(template, database.at(_EXPORTS), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Writes the names of the engine's logs, without those that have no counterpart."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    known = _known(template, database)
    if not isinstance(finding.seen, list):
        return Patch.none(f"the list of logs is not literal: correct it where it is defined ({', '.join(known)})")
    logs = [str(log) for log in finding.seen]
    meant = [_counterpart(log, known) for log in logs]
    if not any(meant):
        return Patch.none(f"it is not known which logs are meant: {_engine(template, database)} has {', '.join(known)}")
    ops: list[Op] = []
    for index in range(len(logs) - 1, -1, -1):  # From the end, so that a removal does not move what comes next.
        place, log, name = f"{finding.pointer}/{index}", logs[index], meant[index]
        if not name or name in meant[:index]:
            ops += pointer.remove(place, log)
        elif name != log:
            ops += pointer.replace(place, log, name)
    lost = [log for log, name in zip(logs, meant, strict=True) if not name]
    notes = [f"{', '.join(lost)} is no longer exported, because the engine has no such log."] if lost else []
    return Patch.of(template.path, ops, Tier.REVIEW, notes)


def _exported(template: Template, database: Resource) -> list[str]:
    """The exported logs, if all of them are literal, or the Default of a parameter; else []."""
    value = template.literal(database.properties.get(_EXPORTS))
    items = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(each, str) and each for each in items):
        return []
    return [str(each) for each in items]


def _engine(template: Template, database: Resource) -> str:
    """The engine as the template states it in all stacks; "" if a deployment decides it."""
    if database.type in (DOCDB_CLUSTER, _NEPTUNE_CLUSTER):
        return "docdb" if database.type == DOCDB_CLUSTER else "neptune"
    certain = template.certain(database.properties.get("Engine"))
    return str(certain[0]).lower() if len(certain) == 1 else ""


def _known(template: Template, database: Resource) -> tuple[str, ...]:
    """The logs of the database's engine; () for another engine, and for an instance, whose cluster exports its logs."""
    engine = _engine(template, database)
    if database.type == INSTANCE and (given(database.properties, "DBClusterIdentifier") or engine.startswith("aurora")):
        return ()
    names = [name for name in _LOGS if engine.startswith(name)]
    return _LOGS[max(names, key=len)] if names else ()


def _counterpart(log: str, known: tuple[str, ...]) -> str:
    """The engine's log that a name means; "" if there is none."""
    bare = _bare(log)
    if named := next((each for each in known if _bare(each) == bare), ""):
        return named
    is_mysql = any(_bare(each) == bare for each in _IN_POSTGRESQL)
    return "postgresql" if is_mysql and "postgresql" in known else ""


def _bare(log: str) -> str:
    """A name without separators and without the word log: `slowquery` of Slow_Query_Log."""
    return re.sub(r"[^a-z0-9]|logs?$", "", re.sub(r"[^a-z0-9]", "", log.lower()))


TRANSFORM = Transform(
    id="unknown-log-export",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    severity=Severity.ERROR,
    told_by=(
        Told(
            title=r"\b(?:invalid|unsupported|wrong|incorrect|unknown)\b.*\b(?:log (?:exports?|types?)"
            r"|EnableCloudwatchLogsExports)\b|\b(?:log (?:exports?|types?)"
            r"|EnableCloudwatchLogsExports)\b.*\b(?:invalid|unsupported|wrong|incorrect|not (?:supported"
            r"|valid|available|exported))\b",
            body=r"\b(?:rds|aurora|mysql|mariadb|postgres\w*|oracle|database|EnableCloudwatchLogsExports)\b",
            example="Invalid log exports for PostgreSQL\nThe engine of the database has no slow query log.",
            unlike="Invalid log type\nThe state machine has no such level.",
        ),
        Told(
            title=r"\b(?:invalid|unsupported|wrong|incorrect)\b.*\blogs? exports?\b|\b(?:slow ?query|audit"
            r"|general|error|postgresql|upgrade) logs?\b.*\bnot (?:a )?(?:valid|supported|available)\b",
            body=r"\b(?:rds|aurora|mysql|mariadb|postgres\w*|oracle|database|EnableCloudwatchLogsExports)\b",
            example="Unsupported CloudWatch logs export of Aurora\nThe engine has no slow query log.",
            unlike="Unsupported logs export of the API\nThe stage has none.",
        ),
    ),
    changes=("@",),
)
