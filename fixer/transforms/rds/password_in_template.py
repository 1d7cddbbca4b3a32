"""A database password in the template or in a parameter.

Why it fails:
Everyone who can read the template can read a literal password. The value of a parameter, even of one with NoEcho, is
known to the person who deploys, and appears in scripts and command histories.

What the fix does:
It replaces the password with a secret that AWS Secrets Manager generates, and the database reads the secret through a
dynamic reference. A parameter that gives only passwords is removed. All databases with the same parameter share one
secret.

What to review:
The password of a running database changes: clients with the old password lose access until they read the secret. The
fix is therefore unsafe. If no stack exists yet, it needs only a review. Each secret is charged monthly.

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
from fixer.cloudformation.databases import CLUSTER, INSTANCE
from fixer.cloudformation.intrinsics import ref_target
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform

_PASSWORD = "MasterUserPassword"
_TYPES = (CLUSTER, INSTANCE, "AWS::DocDB::DBCluster", "AWS::Redshift::Cluster")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each literal password, and for each parameter that gives a password."""
    found = set()
    for match, place in ctx.reported(template):
        if pointer.split(place)[2:] != ("Properties", _PASSWORD):
            continue
        value = pointer.get(template.data, place)
        name = ref_target(value)
        if name is None or name not in found:
            found.add(name)
            owner = pointer.split(place)[1]
            what = "is in the template" if name is None else f"comes from parameter {name}"
            yield ctx.finding(template, place, f"the password of {owner} {what}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds a generated secret and replaces the password with a dynamic reference to it."""
    database = template.resources[pointer.split(finding.pointer)[1]]
    if database.type not in _TYPES:
        return Patch.none(f"it is not known whether {database.type} accepts a dynamic reference here")
    name = ref_target(finding.seen)
    if name is None and not isinstance(finding.seen, str):
        return Patch.none("the source of the password is not clear")
    if name is not None and (other := _other_use(template, name)):
        return Patch.none(f"parameter {name} is also used in {other}, which may not accept a secret")
    secret = template.fresh_id(f"{database.logical_id}Secret", "DatabaseSecret")
    value: Json = {"Fn::Sub": f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:password}}}}"}
    if name is None:
        ops = pointer.replace(finding.pointer, finding.seen, value)
    else:
        rewired = rewire(template, {name: value})
        if rewired.reason:
            return Patch.none(rewired.reason)
        ops = list(rewired.ops)
    ops += pointer.add(pointer.join("Resources", secret), _secret(template, database))
    notes = ("The stack update changes the password of a running database.",)
    return Patch.of(template.path, ops, Tier.UNSAFE, notes, undeployed=Tier.REVIEW)


def _other_use(template: Template, name: str) -> str:
    """Another place that uses the parameter; "" if only passwords use it."""
    for use in template.references_to(name):
        tokens = pointer.split(use.pointer)
        resource = template.resources.get(tokens[1]) if use.owner[0] == "Resources" else None
        is_password = tokens[2:] == ("Properties", _PASSWORD) and use.kind == "Ref"
        if resource is None or resource.type not in _TYPES or not is_password:
            return "/".join(tokens[:2])
    return ""


def _secret(template: Template, database: Resource) -> Json:
    user = database.properties.get("MasterUsername")
    name = ref_target(user)
    start: Json = json.dumps({"username": user}) if isinstance(user, str) else "{}"
    if name is not None:
        start = {"Fn::Sub": f'{{"username": "${{{name}}}"}}'}
    properties: dict[str, Json] = {
        "Description": f"Password of {database.logical_id}",
        "GenerateSecretString": {
            "SecretStringTemplate": start,
            "GenerateStringKey": "password",
            "PasswordLength": 32,
            "ExcludeCharacters": "\"@/\\'",
        },
    }
    return Convention(template).resource("AWS::SecretsManager::Secret", properties, condition=database.condition)


TRANSFORM = Transform(
    id="password-in-template",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W1011", "W2501"),
    changes=(
        "@",
        "$",
        "+/Resources/AWS::SecretsManager::*",
        "-/Parameters/*",
    ),
)
