"""A database password in the template or in a parameter.

Why it fails:
Everyone who can read the template can read a literal password. The value of a parameter, even of one with NoEcho, is
known to the person who deploys, and appears in scripts and command histories.

What the fix does:
The database reads the password from a secret, through a dynamic reference. If the template already has a secret with
the same password, or a generated secret for this database, the fix uses that secret: a note says so if the template or
a parameter still gives its value. Otherwise, it adds one that AWS Secrets Manager generates, with the KMS key that the
template has for secrets. A parameter that gives only passwords is removed. All databases with the same parameter share
one secret. A new secret is retained if a database is, because the database still needs its password when the stack is
gone. A replica, a restored database and a secondary of a global database have the password of their source, so they are
only reported. A parameter that stays gets NoEcho.

What to review:
Unless the secret already has the same password, the password of a running database changes: clients with the old
password lose access until they read the secret. The fix is therefore unsafe. If no stack exists yet, it needs only a
review. Each secret is charged monthly.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

import json
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.authoring.replace_parameters import rewire
from fixer.cloudformation.databases import CLUSTER, DOCDB_CLUSTER, INSTANCE, inherits_from
from fixer.cloudformation.intrinsics import mapping, ref_target
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.rds.kept_secret import (
    EXCLUDED,
    LENGTH,
    SECRET,
    KeptPassword,
    kept_password,
    key_for_secrets,
    length_of,
    password_uses,
    without_rejected,
)
from fixer.transforms.transform import Told, Transform

_PASSWORD = "MasterUserPassword"
_TYPES = (CLUSTER, INSTANCE, DOCDB_CLUSTER, "AWS::Redshift::Cluster")
_LONGEST = {"oracle": 30, "mysql": 41, "mariadb": 41}
_ALWAYS = 64
"""Characters: the longest password per engine, and of all other types."""
_KEEPING = ("Retain", "RetainExceptOnCreate")
"""The values of DeletionPolicy with which a database outlives its stack."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each literal password, and for each parameter that gives a password."""
    found: set[str | None] = set()
    for match, place in ctx.reported(template):
        section, owner, *_ = pointer.split(place)
        if section == "Parameters":
            yield ctx.finding(template, place, f"parameter {owner} holds a password and does not hide it", match)
            continue
        value = pointer.get(template.data, place)
        name = ref_target(value)
        is_database = template.resources[owner].type in _TYPES
        if name is None or not is_database or name not in found:
            found.update({name} if is_database else ())
            what = "is in the template" if name is None else f"comes from parameter {name}"
            yield ctx.finding(template, place, f"the password of {owner} {what}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the password with a dynamic reference, to a secret of the template or to a new one."""
    section, owner, *rest = pointer.split(finding.pointer)
    if section == "Parameters":
        return _hidden(template, finding.pointer, mapping(finding.seen))
    database = template.resources[owner]
    if database.type not in _TYPES or rest != ["Properties", _PASSWORD]:
        return Patch.none("only the passwords of databases are generated: refer to a secret of your own here")
    name = ref_target(finding.seen)
    if name is None and not isinstance(finding.seen, str):
        return Patch.none("the source of the password is not clear")
    places, other = password_uses(template, name, _TYPES, _PASSWORD) if name else ([finding.pointer], "")
    databases = [template.resources[pointer.split(place)[1]] for place in places]
    for each in databases:
        if source := inherits_from(template, each):
            return Patch.none(f"{each.logical_id} has the password of {source}: remove {_PASSWORD} instead")
    kept = kept_password(template, databases, finding.seen, ctx)
    if isinstance(kept, str):
        return Patch.none(kept)
    if kept is not None and kept.is_same:
        return _same(template, finding, places, kept)
    if other:
        return Patch.none(f"parameter {name} is also used in {other}, which may not accept a secret")
    return _another(template, finding, databases, kept, ctx)


def _same(template: Template, finding: Finding, places: list[str], kept: KeptPassword) -> Patch:
    """The databases read the secret that has the same password."""
    ops = [op for place in places for op in pointer.replace(place, finding.seen, kept.reference)]
    secret, name = kept.secret.logical_id, ref_target(finding.seen)
    notes = [
        f"{secret} has the same password, so the password does not change.",
        f"It is still literal in {secret}: everyone who reads the template knows it."
        if name is None
        else f"{secret} still takes it from {name}: everyone who deploys the stack knows it.",
        f"With SecretString, rotation is undone when the stack next writes {secret}: replace it with "
        "GenerateSecretString, so that Secrets Manager generates the password.",
    ]
    return Patch.of(template.path, ops, Tier.REVIEW, notes, changes=tuple(places))


def _another(
    template: Template, finding: Finding, databases: list[Resource], kept: KeptPassword | None, ctx: Context
) -> Patch:
    """The databases read a generated password, of the template's own secret or of a new one."""
    notes = ["The stack update changes the password of a running database."]
    if kept is None:
        secret = template.fresh_id(f"{databases[0].logical_id}Secret", "DatabaseSecret")
        value: Json = {"Fn::Sub": f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:password}}}}"}
        key = key_for_secrets(template, databases[0], ctx)
        added = pointer.add(pointer.join("Resources", secret), _secret(template, databases, key))
        if key is None:
            notes.append("AWS's own key (aws/secretsmanager) encrypts the new secret: add KmsKeyId for another key.")
    else:
        secret = kept.secret.logical_id
        if (longest := _longest(template, databases)) and length_of(kept) > longest:
            return Patch.none(f"{secret} generates a password of more than {longest} characters, which RDS rejects")
        value, added = kept.reference, without_rejected(kept)
        notes.append(f"The template already keeps a password in {secret}.")
    name = ref_target(finding.seen)
    notes += _from_store(template, name)
    rewired = rewire(template, {name: value}) if name is not None else None
    if rewired is not None and rewired.reason:
        return Patch.none(rewired.reason)
    ops = pointer.replace(finding.pointer, finding.seen, value) if rewired is None else rewired.ops
    changes = (f"/Resources/{secret}/Properties/GenerateSecretString/ExcludeCharacters",) if kept else ()
    return Patch.of(template.path, [*ops, *added], Tier.UNSAFE, notes, Tier.REVIEW, changes)


def _from_store(template: Template, name: str | None) -> list[str]:
    """A note about the entry of Parameter Store that the parameter has read, and that nothing reads any more."""
    declared = mapping(template.parameter(name or ""))
    if not str(declared.get("Type")).startswith("AWS::SSM::Parameter::Value<"):
        return []
    entry = declared.get("Default", f"the entry that {name} names")
    return [f"The stack no longer reads {entry} in Parameter Store: copy that password into the secret, or delete it."]


def _hidden(template: Template, place: str, declared: dict[str, Json]) -> Patch:
    """NoEcho on a parameter that holds a password."""
    at = f"{place}/NoEcho"
    ops = pointer.replace(at, declared["NoEcho"], True) if "NoEcho" in declared else pointer.add(at, True)
    return Patch.of(template.path, ops, Tier.SAFE, changes=("@/NoEcho",))


def _secret(template: Template, databases: list[Resource], key: Json) -> Json:
    database, conditions = databases[0], {each.condition for each in databases}
    user = database.properties.get("MasterUsername")
    name = ref_target(user)
    start: Json = json.dumps({"username": user}) if isinstance(user, str) else "{}"
    if name is not None:
        start = {"Fn::Sub": f'{{"username": "${{{name}}}"}}'}
    properties: dict[str, Json] = {
        "Description": f"Password of {database.logical_id}",
        **({} if key is None else {"KmsKeyId": key}),
        "GenerateSecretString": {
            "SecretStringTemplate": start,
            "GenerateStringKey": "password",
            "PasswordLength": min(LENGTH, _longest(template, databases) or _LONGEST["oracle"]),
            "ExcludeCharacters": EXCLUDED,
        },
    }
    condition = database.condition if len(conditions) == 1 else None
    body = Convention(template).resource(SECRET, properties, condition=condition)
    if any(each.data.get("DeletionPolicy") in _KEEPING for each in databases):
        kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        return {"Type": SECRET, **kept, **{key: each for key, each in body.items() if key not in {"Type", *kept}}}
    return body


def _longest(template: Template, databases: list[Resource]) -> int | None:
    """The length of the longest password that RDS accepts for all of these databases; None if an engine is not known.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """
    engines = [
        template.literal(each.properties.get("Engine")) for each in databases if each.type in (CLUSTER, INSTANCE)
    ]
    if not all(isinstance(engine, str) for engine in engines):
        return None
    known = [_LONGEST[word] for engine in engines for word in _LONGEST if word in str(engine).lower()]
    return min((*known, _ALWAYS))


TRANSFORM = Transform(
    id="password-in-template",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W1011", "W2501"),
    told_by=(
        Told(
            title=r"\b(?:plain ?-?text|hard-?cod(?:ed|ing)|insecure|exposed|embedded|default|clear ?-?text|weak"
            r"|unsafe)\b.*\b(?:passwords?|(?:databases?|db|rds|master)\b.*\bcredentials?)\b|\b(?:passwords?"
            r"|(?:databases?|db|rds|master) credentials?)\b.*\b(?:plain ?-?text|parameters?|hard-?coded"
            r"|exposed|exposure|in (?:the )?template|management|handling|security|secrets ?manager)\b",
            body=r"(?i)\b(?:databases?|db\w*|rds|aurora|master\w*|mysql|postgres\w*)\b",
            example="Insecure database password\nThe RDS password is a plain parameter.",
            unlike="Weak password policy\nUsers of the pool choose short ones.",
        ),
        Told(
            title=r"\b(?:security (?:vulnerabilit|issue|risk|gap|flaw|concern|problem|failure|practice|violation"
            r"|and compliance|misconfig)|credentials?|secrets?\b(?! ?manager)|passwords?)",
            body=r"\b(?:databases?|db|rds|master\w*|MasterUser)[- ]?passwords?\b[^\n]{0,80}\b(?:parameters?"
            r"|plain ?-?text|exposed|hard-?coded|NoEcho)\b|\b(?:plain ?-?text|hard-?coded|exposed|NoEcho"
            r"|insecure)\b[^\n]{0,80}\b(?:databases?|db|rds|master)[- ]?passwords?\b",
            example="Security vulnerabilities\nThe database password is exposed in parameters.",
            unlike="Security vulnerabilities\nThe bucket is public.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:missing|no|lacks?|without|absent|not using)\b.*\bsecrets ?manager\b",
            body=r"\b(?:plain ?-?text|NoEcho|insecure)\b[^\n]{0,40}\bparameters?\b|\b(?:databases?|db|rds"
            r"|master)[- ]?passwords?\b[^\n]{0,40}\bparameters?\b",
            example="Missing Secrets Manager integration\nThe model has a NoEcho parameter.",
            unlike="Missing Secrets Manager rotation\nThe secret stays the same.",
        ),
        Told(
            title=r"^(?!.*\b(?:rotation|length|complexity|policy|characters|reset)\b).*\b(?:MasterUserPassword"
            r"|(?:db|database|master)[- ]?(?:user ?)?passwords?)\b",
            body=r"\bsecrets ?manager\b|\bNoEcho\b|\bplain ?-?text\b",
            example="MasterUserPassword parameter\nSecrets Manager generates it now.",
            unlike="Database password length\nSecrets Manager allows 16 characters.",
            ambiguous=True,
        ),
        Told(
            title=r"\bMasterUserPassword\b.*\b(?:hard-?coded|plain|exposed|literal|parameter)\b|\b(?:missing|no"
            r"|without)\b.*\bManageMasterUserPassword\b",
            example="MasterUserPassword is a literal",
            unlike="MasterUserPassword is too short",
        ),
        Told(
            title=r"\b(?:sensitive|secret|confidential) (?:data|values?|information|parameters?)\b",
            body=r"\b(?:databases?|db|rds|master\w*)[- ]?passwords?\b[^\n]{0,80}\b(?:parameters?|plain ?-?text"
            r"|NoEcho|hard-?coded)\b",
            ambiguous=True,
            example="Sensitive data in parameters\nThe database password is a NoEcho parameter.",
            unlike="Sensitive data in logs\nThe function prints the event.",
        ),
    ),
    changes=(
        "@",
        "$",
        "+/Resources/AWS::SecretsManager::*",
        "-/Parameters/*",
    ),
)
