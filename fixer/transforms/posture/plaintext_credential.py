"""A password or token in the template, or in a parameter that shows it.

Why it fails:
Everybody who can read the template, or describe the stack, can read the password. This is reported by the Guard rules
AMAZON_MQ_BROKER_USERS_NO_PLAINTEXT_PASSWORD, MICROSOFT_AD_NO_PLAINTEXT_PASSWORD,
REDSHIFT_CLUSTER_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD and those of Amazon Data Firehose.

What the fix does:
A parameter that gives the value gets NoEcho and loses its Default. A literal value becomes a dynamic reference to a
secret of AWS Secrets Manager, if its name is given with the option `secret`.

What to review:
Every update of the stack must pass the value of a parameter without a Default. Change the password itself: it is in the
history of the template.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.intrinsics import is_true, ref_target
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Severity, Tier
from fixer.transforms.properties.places import Place, places
from fixer.transforms.transform import Transform

_FIREHOSE = "AWS::KinesisFirehose::DeliveryStream"
_SECRETS = (
    ("AWS::AmazonMQ::Broker", "/Properties/Users/*/Password"),
    ("AWS::DirectoryService::MicrosoftAD", "/Properties/Password"),
    ("AWS::DirectoryService::SimpleAD", "/Properties/Password"),
    (_FIREHOSE, "/Properties/RedshiftDestinationConfiguration/Password"),
    (_FIREHOSE, "/Properties/SplunkDestinationConfiguration/HECToken"),
    ("AWS::Redshift::Cluster", "/Properties/MasterUserPassword"),
)
"""Resource type, pointer of a secret in the resource."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each secret that is a literal, or whose parameter shows it."""
    for kind, at in _SECRETS:
        for resource in template.of_type(kind):
            for place in _places(resource, at):
                if place.exists and _is_shown(template, place.value):
                    yield ctx.finding(template, place.at, "the template shows a password or token")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Takes the value out of the template."""
    value = pointer.get(template.data, finding.pointer)
    note = "Change the password or token itself, because others have seen it."
    name = ref_target(value)
    if name is not None:
        ops = _hidden(template, name)
        changes: tuple[str, ...] = (f"/Parameters/{name}", "$", f"/Resources/{pointer.split(finding.pointer)[1]}")
    else:
        secret = ctx.option("secret")
        if not secret:
            reason = "the template shows the value: keep it in Secrets Manager, and name the secret"
            return Patch.needs(reason, ctx.want("secret", "NAME"))
        ops = pointer.replace(finding.pointer, value, f"{{{{resolve:secretsmanager:{secret}}}}}")
        changes = ("@",)
    return Patch.of(template.path, ops, Tier.UNSAFE, [note], Tier.REVIEW, changes)


def _places(resource: Resource, at: str) -> Iterator[Place]:
    return (each for each in places(resource.data, pointer.split(at), resource.pointer) if not each.refused)


def _is_shown(template: Template, value: Json) -> bool:
    if isinstance(value, str):
        return bool(value) and "{{resolve:" not in value
    declared = template.parameter(ref_target(value) or "")
    if declared is None or declared.get("Type") != "String":
        return False
    return not is_true(declared.get("NoEcho")) or "Default" in declared


def _hidden(template: Template, name: str) -> list[Op]:
    place, declared = pointer.join("Parameters", name), template.parameter(name) or {}
    ops: list[Op] = []
    if not is_true(declared.get("NoEcho")):
        at = f"{place}/NoEcho"
        ops += pointer.replace(at, declared["NoEcho"], True) if "NoEcho" in declared else pointer.add(at, True)
    if "Default" in declared:
        ops += pointer.remove(f"{place}/Default", declared["Default"])
    return ops


TRANSFORM = Transform(
    id="plaintext-credential",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    options=(Option("secret", "The name of a secret whose whole text is the password or token."),),
    severity=Severity.ADVICE,
    pack="security",
    controls=(
        "AMAZON_MQ_BROKER_USERS_NO_PLAINTEXT_PASSWORD",
        "MICROSOFT_AD_NO_PLAINTEXT_PASSWORD",
        "SIMPLE_AD_NO_PLAINTEXT_PASSWORD",
        "KINESIS_FIREHOSE_REDSHIFT_DESTINATION_CONFIGURATION_NO_PLAINTEXT_PASSWORD",
        "KINESIS_FIREHOSE_SPLUNK_DESTINATION_CONFIGURATION_NO_PLAINTEXT_PASSWORD",
        "REDSHIFT_CLUSTER_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD",
        "F52",
        "F35",
    ),
)
