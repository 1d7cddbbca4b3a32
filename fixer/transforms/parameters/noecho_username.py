"""NoEcho on a user name, or a database user name without constraints.

Why it fails:
NoEcho displays a parameter's value as *****. A user name is not a secret: NoEcho does not protect anything, hides the
user of the database from people who read the stack, and suggests that the template protects its secrets in this way. A
user name that the database rejects (empty, too long, or with a digit at the beginning) is noticed only when the
database is created, minutes into the deployment.

What the fix does:
It removes NoEcho from a String parameter that is used only for properties such as MasterUsername, or that is named like
a user name and is not used for a secret. It never changes a parameter that is used for a password, secret, token or
key. It also adds the constraints that are missing from a parameter for MasterUsername: MinLength 1, MaxLength (16 for
clusters, MySQL, MariaDB and Db2, 30 for Oracle, 63 for PostgreSQL instances and DocumentDB, 128 for SQL Server; none
for other engines), AllowedPattern [a-zA-Z][a-zA-Z0-9_]* and ConstraintDescription. It does not add a constraint that
the parameter's own Default would violate.

What to review:
Removing NoEcho changes how the value is displayed, not the stack. If the parameter has no Default and feeds a
MasterUsername, the removal is for review: rule F24 of cfn_nag wants a NoEcho parameter there and fails after the
repair. Suppress F24, or skip the finding, if your pipeline runs cfn_nag. The constraints are checked against the
current value at the next update, which fails before it begins if the name violates them. Parameters of Redshift are not
changed, because Redshift accepts names that this pattern rejects.

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
from fixer.transforms.transform import Told, Transform

# The end of a name in lower-case letters and digits: matches "dbusername" and "adminlogin". Must not match
# "userpassword" or "userpool".
_USER_NAME = re.compile(r"(user(name)?|login)$")
# Any part of a name: matches "DBPassword", "ApiToken" and "SshKeyName". Must not match "MasterUsername".
_SECRET = re.compile(r"passw|pwd|passphrase|secret|token|key|credential", re.I)
# Written to templates. Matches "app_user". Must not match "1user" or "app-user".
_PATTERN = "[a-zA-Z][a-zA-Z0-9_]*"
_DOCDB_CLUSTER = "AWS::DocDB::DBCluster"
_LONGEST = {"mysql": 16, "mariadb": 16, "db2": 16, "aurora": 16, "oracle": 30, "postgres": 63, "sqlserver": 128}
"""The beginning of an engine's name → the longest master user name, in characters."""
_WHOLE_VALUE = {"Fn::If", "0", "1", "2"}
"""The keys between MasterUsername and a reference that is still the whole value: a branch of Fn::If."""

_NAG = "Rule F24 of cfn_nag wants NoEcho on a master user name and fails after this: suppress it if you use cfn_nag."


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each NoEcho on a user name, and for each database user name that lacks constraints."""
    for name, declared in template.section("Parameters").items():
        if not isinstance(declared, dict) or declared.get("Type") != "String" or _is_secret(template, name):
            continue
        place = pointer.join("Parameters", name)
        if is_true(declared.get("NoEcho")) and _is_user_name(template, name):
            yield ctx.finding(template, f"{place}/NoEcho", f"NoEcho on {name}: a user name is not a secret")
        if missing := _missing(template, name, declared):
            lacks = ", ".join(missing)
            yield ctx.finding(template, place, f"{name} allows user names that the database rejects: add {lacks}")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes NoEcho, or adds the missing constraints."""
    name = pointer.split(finding.pointer)[1]
    declared = template.parameter(name) or {}
    reserved = _reserved(template, name, declared)
    if finding.pointer != pointer.join("Parameters", name):
        notes = () if _missing(template, name, declared) else reserved
        removal = pointer.remove(finding.pointer, finding.seen)
        if "Default" in declared or not _feeds_master(template, name):
            return Patch.of(template.path, removal, Tier.SAFE, notes)
        return Patch.of(template.path, removal, Tier.REVIEW, (*notes, _NAG))
    added = _missing(template, name, declared)
    if "ConstraintDescription" not in declared:
        added["ConstraintDescription"] = _describe({**declared, **added})
    ops = [op for key, value in added.items() for op in pointer.add(f"{finding.pointer}/{key}", value)]
    note = f"CloudFormation rejects an update before anything changes if the value of {name} violates the constraints."
    return Patch.of(template.path, ops, Tier.REVIEW, (note, *reserved))


def _is_user_name(template: Template, name: str) -> bool:
    """Whether the parameter is used only for user names, or is named like one and its Description allows it."""
    fed = [use.feeds for use in template.references_to(name) if use.owner[0] == "Resources"]
    if fed and all(map(_names_user, fed)):
        return True
    return _names_user(name) and not _SECRET.search(str((template.parameter(name) or {}).get("Description")))


def _feeds_master(template: Template, name: str) -> bool:
    return any(use.feeds == "MasterUsername" for use in template.references_to(name))


def _is_secret(template: Template, name: str) -> bool:
    """Whether the parameter's name or one of its uses is that of a secret."""
    return bool(_SECRET.search(name)) or any(_is_secret_use(template, use) for use in template.references_to(name))


def _is_secret_use(template: Template, use: Reference) -> bool:
    """Whether a property, a key above it, its resource or the type of the resource is named like a secret."""
    section, owner = use.owner
    resource = template.resources.get(owner) if section == "Resources" else None
    if resource is not None and resource.type.startswith("AWS::SecretsManager::"):
        return True
    told = pointer.split(use.pointer)[2:]
    return any(map(_SECRET.search, told if _names_user(use.feeds) else [owner, *told]))


def _names_user(name: str) -> bool:
    return bool(_USER_NAME.search(re.sub("[^a-z0-9]", "", name.lower())))


def _missing(template: Template, name: str, declared: dict[str, Json]) -> dict[str, Json]:
    """The missing constraints: those of the databases whose master user name it is, if its declaration allows them."""
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
    """The logical id of the database if the reference is the whole value of its MasterUsername."""
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
    """The longest master user name that the database accepts, in characters; None if it is not known."""
    resource = template.resources[owner]
    if resource.type == CLUSTER:
        return 16
    if resource.type == _DOCDB_CLUSTER:
        return 63
    engines = [str(engine).removeprefix("custom-") for engine in template.certain(resource.properties.get("Engine"))]
    limits = [limit for engine in engines for start, limit in _LONGEST.items() if engine.startswith(start)]
    return min(limits) if limits and len(limits) == len(engines) else None


def _takes(declared: dict[str, Json], key: str, rule: Json) -> bool:
    """Whether the parameter's Default and other constraints are compatible with a new constraint."""
    default = declared.get("Default")
    text = None if default is None else str(default)
    if key == "MinLength":
        return text != ""
    if key == "MaxLength":
        length, least = as_int(rule) or 0, as_int(declared.get("MinLength")) or 1
        return least <= length and (text is None or len(text) <= length)
    return text is None or re.fullmatch(str(rule), text) is not None


def _describe(declared: dict[str, Json]) -> str:
    """The constraints in words, for the user whose value violates one. This text is written to the template."""
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
    """A note if the Default is a reserved word of the engine.

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
        Told(
            title=r"\bnoecho\b.*user ?-?name",
            example="NoEcho on the user name",
            unlike="NoEcho missing on the password",
        ),
        Told(
            title=r"user ?-?name.*\bnoecho\b",
            example="DBUsername has NoEcho",
            unlike="Username is too short",
        ),
    ),
    changes=(
        "-/Parameters/*/NoEcho",
        "+@/AllowedPattern",
        "+@/MinLength",
        "+@/MaxLength",
        "+@/ConstraintDescription",
    ),
)
