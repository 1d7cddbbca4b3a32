"""NoEcho on a user name, which is no secret, and a user name without the constraints of its database.

Why it fails:
NoEcho hides a parameter's value as *****. On a user name it protects nothing, hides from whoever reads the stack which
user it has, and suggests that the template keeps its secrets this way. A user name that the database rejects (empty,
too long, beginning with a digit) is found out only when the database is created, minutes into the deployment.

What the fix does:
It removes NoEcho from a String parameter that feeds only properties such as MasterUsername, or that is named like a
user name and feeds nothing secret. It never touches a parameter that feeds a password, secret, token or key.
Apart from that it gives a parameter that is a MasterUsername what it lacks of MinLength 1, MaxLength (16 for clusters,
MySQL, MariaDB and Db2, 30 for Oracle, 63 for PostgreSQL instances and DocumentDB, 128 for SQL Server; none for an
engine that is not known here), AllowedPattern [a-zA-Z][a-zA-Z0-9_]* and ConstraintDescription. What the parameter's own
Default would not satisfy is left out.

What to review:
Removing NoEcho is safe: the value, not the stack, changes its looks. The constraints are checked against the value in
use at the next update, which fails before it begins if the name does not satisfy them. Redshift is left alone: it
takes names that this pattern rejects.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
https://docs.aws.amazon.com/documentdb/latest/APIReference/API_CreateDBCluster.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.databases import CLUSTER, INSTANCE
from fixer.cloudformation.intrinsics import as_int, is_true
from fixer.cloudformation.references import Reference
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_USER_NAME = re.compile(r"(user(name)?|login)$")
_SECRET = re.compile(r"passw|pwd|passphrase|secret|token|key|credential", re.I)
_PATTERN = "[a-zA-Z][a-zA-Z0-9_]*"
_DOCDB_CLUSTER = "AWS::DocDB::DBCluster"
_LONGEST = {"mysql": 16, "mariadb": 16, "db2": 16, "aurora": 16, "oracle": 30, "postgres": 63, "sqlserver": 128}
_WHOLE_VALUE = {"Fn::If", "0", "1", "2"}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per NoEcho on a user name, and per user name of a database that lacks constraints."""
    for name, declared in template.section("Parameters").items():
        if not isinstance(declared, dict) or declared.get("Type") != "String" or _is_secret(template, name):
            continue
        place = pointer.join("Parameters", name)
        if is_true(declared.get("NoEcho")) and _is_user_name(template, name):
            yield ctx.finding(template, f"{place}/NoEcho", f"NoEcho on {name}: a user name is no secret")
        if missing := _missing(template, name, declared):
            lacks = ", ".join(missing)
            yield ctx.finding(template, place, f"{name} takes user names that the database rejects: it lacks {lacks}")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """NoEcho goes, or the constraints come."""
    name = pointer.split(finding.pointer)[1]
    declared = template.parameter(name) or {}
    reserved = _reserved(template, name, declared)
    if finding.pointer != pointer.join("Parameters", name):
        notes = () if _missing(template, name, declared) else reserved
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE, notes)
    added = _missing(template, name, declared)
    if "ConstraintDescription" not in declared:
        added["ConstraintDescription"] = _describe({**declared, **added})
    ops = [op for key, value in added.items() for op in pointer.add(f"{finding.pointer}/{key}", value)]
    note = f"An update whose {name} does not satisfy the constraints is refused before anything changes."
    return Patch.of(template.path, ops, Tier.REVIEW, (note, *reserved))


def _is_user_name(template: Template, name: str) -> bool:
    """Whether it feeds user names only, or is called one and not described as something else."""
    fed = [use.feeds for use in template.references_to(name) if use.owner[0] == "Resources"]
    if fed and all(map(_names_user, fed)):
        return True
    return _names_user(name) and not _SECRET.search(str((template.parameter(name) or {}).get("Description")))


def _is_secret(template: Template, name: str) -> bool:
    """Whether its name says so, or anything it feeds does: a property, what is above it, or the kind of resource."""
    return bool(_SECRET.search(name)) or any(_is_secret_use(template, use) for use in template.references_to(name))


def _is_secret_use(template: Template, use: Reference) -> bool:
    section, owner = use.owner
    resource = template.resources.get(owner) if section == "Resources" else None
    if resource is not None and resource.type.startswith("AWS::SecretsManager::"):
        return True
    told = pointer.split(use.pointer)[2:]
    return any(map(_SECRET.search, told if _names_user(use.feeds) else [owner, *told]))


def _names_user(name: str) -> bool:
    return bool(_USER_NAME.search(re.sub("[^a-z0-9]", "", name.lower())))


def _missing(template: Template, name: str, declared: dict[str, Json]) -> dict[str, Json]:
    """The constraints that the databases it names the master user of ask for, and that it lacks and can take."""
    owners = [owner for use in template.references_to(name) if (owner := _master_of(template, use))]
    if not owners or "AllowedValues" in declared:
        return {}
    longest = min((limit for owner in owners if (limit := _limit(template, owner))), default=None)
    rules: dict[str, Json] = {"MinLength": 1, "MaxLength": longest, "AllowedPattern": _PATTERN}
    return {
        key: rule
        for key, rule in rules.items()
        if rule is not None and key not in declared and _takes(declared, key, rule)
    }


def _master_of(template: Template, use: Reference) -> str | None:
    """The logical id of the database whose MasterUsername the reference is, all of it."""
    section, owner = use.owner
    path = pointer.split(use.pointer)[2:]
    resource = template.resources.get(owner) if section == "Resources" else None
    if resource is None or resource.type not in (CLUSTER, INSTANCE, _DOCDB_CLUSTER):
        return None
    if path[:2] != ("Properties", "MasterUsername") or not set(path[2:]) <= _WHOLE_VALUE:
        return None
    value = pointer.get(template.data, use.pointer)
    return owner if value in ({"Ref": use.target}, {"Fn::Sub": f"${{{use.target}}}"}) else None


def _limit(template: Template, owner: str) -> int | None:
    """The longest master user name, in characters, that the database takes; None: not known."""
    resource = template.resources[owner]
    if resource.type == CLUSTER:
        return 16
    if resource.type == _DOCDB_CLUSTER:
        return 63
    engines = [str(engine).removeprefix("custom-") for engine in template.certain(resource.properties.get("Engine"))]
    limits = [limit for engine in engines for start, limit in _LONGEST.items() if engine.startswith(start)]
    return min(limits) if limits and len(limits) == len(engines) else None


def _takes(declared: dict[str, Json], key: str, rule: Json) -> bool:
    """Whether the parameter's Default and its other constraints agree with a new one."""
    default = declared.get("Default")
    text = None if default is None else str(default)
    if key == "MinLength":
        return text != ""
    if key == "MaxLength":
        length, least = as_int(rule) or 0, as_int(declared.get("MinLength")) or 1
        return least <= length and (text is None or len(text) <= length)
    return text is None or re.fullmatch(str(rule), text) is not None


def _describe(declared: dict[str, Json]) -> str:
    """What the constraints say, for whoever met one."""
    least, most = as_int(declared.get("MinLength")) or 0, as_int(declared.get("MaxLength"))
    pattern = declared.get("AllowedPattern")
    if pattern is None:
        if most is None:
            return "Must not be empty"
        return f"Must have {least} to {most} characters" if least else f"Must have {most} characters at most"
    spelled = "begin with a letter and contain only letters, digits and underscores"
    text = f"Must {spelled}" if pattern == _PATTERN else f"Must match {pattern}"
    return text if most is None else f"{text}, {most} characters at most"


def _reserved(template: Template, name: str, declared: dict[str, Json]) -> tuple[str, ...]:
    """A note on a Default that the engine keeps for itself.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
    """
    default = str(declared.get("Default", "")).lower()
    for owner in (_master_of(template, use) for use in template.references_to(name)):
        resource = template.resources[owner] if owner else None
        if resource is None:
            continue
        engine = str(template.literal(resource.properties.get("Engine")))
        reserves = "postgres" in engine or resource.type == _DOCDB_CLUSTER
        if default == "rdsadmin" or (default == "admin" and reserves):
            what = "DocumentDB" if resource.type == _DOCDB_CLUSTER else engine
            return (f"The Default of {name}, {default}, is a reserved word of {what}: the database cannot be created.",)
    return ()


TRANSFORM = Transform(
    id="noecho-username",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    told_by=(
        r"\bnoecho\b.*user ?-?name",
        r"user ?-?name.*\bnoecho\b",
    ),
    changes=(
        "-/Parameters/*/NoEcho",
        "+@/AllowedPattern",
        "+@/MinLength",
        "+@/MaxLength",
        "+@/ConstraintDescription",
    ),
)
