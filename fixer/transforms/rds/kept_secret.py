"""The secret of a template that already keeps the password of a database, and the key for new secrets. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import (
    as_int,
    given,
    is_true,
    literal_text,
    mapping,
    ref_target,
    sequence,
    target_of,
    words,
)
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op

SECRET = "AWS::SecretsManager::Secret"
_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
_KEY, _ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"
LENGTH = 32
"""Characters of a generated password, unless PasswordLength says otherwise."""

REJECTED = '/@"'
EXCLUDED = "\"@/\\'"
"""Characters that databases reject in passwords, and those that new secrets leave out, for the sake of shells."""

_SECRET_WORDS = {"secret", "secrets", "credential", "credentials", "password", "passwords"}
_DATABASE_WORDS = {"db", "database", "rds", "aurora", "master", "postgres", "postgresql", "mysql", "mariadb", "docdb"}


@dataclass(frozen=True)
class KeptPassword:
    """A password in a secret of the template: the secret, the key in its JSON ("": the secret is the password), and
    whether it is the password that the database has today.
    """

    secret: Resource
    key: str
    is_same: bool

    @property
    def reference(self) -> Json:
        """The dynamic reference to it.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
        """
        key = f":{self.key}" if self.key else ""
        return {"Fn::Sub": f"{{{{resolve:secretsmanager:${{{self.secret.logical_id}}}:SecretString{key}}}}}"}


def kept_password(
    template: Template, databases: list[Resource], password: Json, ctx: Context
) -> KeptPassword | str | None:
    """The secret that keeps the one password of these databases: one with the same value, else the generated one for
    the first of them. None if the template has none; a text says why it is not usable.
    """
    found = list(_with_value(template, password))
    if not found:
        found = _generated_for(template, databases[0])
        if len(found) > 1:
            names = " and ".join(each.secret.logical_id for each in found)
            return f"{names} keep passwords, and it is not clear which of them is for {databases[0].logical_id}"
    if not found:
        return None
    kept = found[0]
    secret = kept.secret.logical_id
    for database in databases:
        if database.logical_id in template.needs(secret):
            return f"{secret} keeps the password and reads {database.logical_id}: remove that reference first"
        if not ctx.exists_with(template, kept.secret, database):
            return f"{secret} keeps the password, but exists only under the condition {kept.secret.condition}"
    return kept


def without_rejected(kept: KeptPassword) -> list[Op]:
    """The operations with which a generated secret leaves out the characters that databases reject; [] if it does.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """
    how = mapping(kept.secret.properties.get("GenerateSecretString"))
    excluded = how.get("ExcludeCharacters", "")
    if is_true(how.get("ExcludePunctuation")) or not isinstance(excluded, str) or set(REJECTED) <= set(excluded):
        return []
    place = kept.secret.at("GenerateSecretString", "ExcludeCharacters")
    new = excluded + "".join(each for each in EXCLUDED if each not in excluded)
    return pointer.replace(place, excluded, new) if "ExcludeCharacters" in how else pointer.add(place, new)


def length_of(kept: KeptPassword) -> int:
    """The length of a generated password.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
    """
    return as_int(mapping(kept.secret.properties.get("GenerateSecretString")).get("PasswordLength")) or LENGTH


def key_for_secrets(template: Template, database: Resource, ctx: Context) -> Json:
    """The KMS key that the secrets of the template use, or that is named for them; None if there is none.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    used = [each.properties.get("KmsKeyId") for each in template.of_type(SECRET)]
    if used:
        return used[0] if all(each == used[0] for each in used) else None
    keys = [each for each in template.of_type(_KEY) if _SECRET_WORDS & set(_called(template, each))]
    if len(keys) == 1 and ctx.exists_with(template, keys[0], database):
        return {"Fn::GetAtt": [keys[0].logical_id, "Arn"]}
    return None


def _with_value(template: Template, password: Json) -> Iterator[KeptPassword]:
    """The secrets whose SecretString has the password: the same parameter, or the same text."""
    for secret in template.of_type(SECRET):
        value = secret.properties.get("SecretString")
        if value == password and value is not None:
            yield KeptPassword(secret, "", True)
            continue
        wanted = f"${{{name}}}" if (name := ref_target(password)) is not None else password
        key = next((key for key, each in _entries(value) if each == wanted), None)
        if key is not None:
            yield KeptPassword(secret, key, True)


def _entries(value: Json) -> Iterator[tuple[str, str]]:
    """The keys and texts of a SecretString, a parameter as ${Name}: of JSON text, also in Fn::Sub or Fn::Join, and of
    Fn::ToJsonString.
    """
    for key, each in mapping(mapping(value).get("Fn::ToJsonString")).items():
        name = ref_target(each)
        yield key, f"${{{name}}}" if name is not None else str(each)
    text = _text(value)
    try:
        read = json.loads(text)
    except ValueError:
        read = dict(re.findall(r'"([^"]+)"\s*:\s*"([^"]*)"', text))
    yield from ((key, each) for key, each in mapping(read).items() if isinstance(each, str))


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    text = mapping(value).get("Fn::Sub")
    if isinstance(text, list) and len(text) == 2:
        text, own = str(text[0]), mapping(text[1])
        for name, each in own.items():
            text = text.replace(f"${{{name}}}", f"${{{ref_target(each)}}}")
    if isinstance(text, str):
        return text
    join = sequence(mapping(value).get("Fn::Join"))
    if len(join) != 2 or not isinstance(join[0], str):
        return ""
    parts = [part if isinstance(part, str) else f"${{{ref_target(part)}}}" for part in sequence(join[1])]
    return join[0].join(parts)


def _generated_for(template: Template, database: Resource) -> list[KeptPassword]:
    """The generated secrets for this database, by the strongest evidence: it is attached to the database, has its user
    name, is named after a database.
    """
    own: list[Resource] = []
    free: list[Resource] = []
    for secret in template.of_type(SECRET):
        attached = {
            target_of(each.properties.get("TargetId"))
            for each in template.of_type(_ATTACHMENT)
            if target_of(each.properties.get("SecretId")) == secret.logical_id
        }
        if not given(secret.properties, "GenerateSecretString"):
            continue
        if database.logical_id in attached:
            own.append(secret)
        elif not attached and not _is_used_by_another(template, secret, database):
            free.append(secret)
    named = [each for each in free if _has_user(each, database)]
    likely = [
        each
        for each in free
        if _user_of(each) is None and (_DATABASE_WORDS | set(words(database.logical_id))) & set(_called(template, each))
    ]
    chosen = own or named or likely
    return [KeptPassword(each, _generated_key(each), False) for each in chosen]


def _generated_key(secret: Resource) -> str:
    key = mapping(secret.properties.get("GenerateSecretString")).get("GenerateStringKey")
    return key if isinstance(key, str) else ""


def _user_of(secret: Resource) -> str | None:
    start = mapping(secret.properties.get("GenerateSecretString")).get("SecretStringTemplate")
    return next((value for key, value in _entries(start) if key.lower() == "username"), None)


def _has_user(secret: Resource, database: Resource) -> bool:
    user = database.properties.get("MasterUsername")
    name = ref_target(user)
    wanted = f"${{{name}}}" if name is not None else user
    return wanted is not None and _user_of(secret) == wanted


def _is_used_by_another(template: Template, secret: Resource, database: Resource) -> bool:
    """Whether another database takes its password from the secret."""
    for each in template.resources.values():
        password = each.properties.get("MasterUserPassword")
        if each.logical_id != database.logical_id and secret.logical_id in str(password):
            return True
    return False


def _called(template: Template, resource: Resource) -> tuple[str, ...]:
    """The words of a resource's names: its logical id, name and Description, and the aliases of a key."""
    texts = [resource.logical_id, *(literal_text(resource.properties.get(name)) for name in ("Name", "Description"))]
    for alias in template.of_type(_ALIAS):
        if target_of(alias.properties.get("TargetKeyId")) == resource.logical_id:
            texts.append(literal_text(alias.properties.get("AliasName")))
    return tuple(word for text in texts for word in words(text))


def password_uses(template: Template, name: str, types: tuple[str, ...], password: str) -> tuple[list[str], str]:
    """(the places of databases that take their password from a parameter, another place that uses it or "")."""
    places, other = [], ""
    for use in template.references_to(name):
        tokens = pointer.split(use.pointer)
        resource = template.resources.get(tokens[1]) if use.owner[0] == "Resources" else None
        if resource and resource.type in types and use.kind == "Ref" and tokens[2:] == ("Properties", password):
            places.append(use.pointer)
        else:
            other = other or "/".join(tokens[:2])
    return places, other
