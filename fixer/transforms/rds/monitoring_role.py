"""The role with which RDS delivers the metrics of Enhanced Monitoring: the one of a template, or a new one. Pure.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
"""

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.databases import CLUSTER, INSTANCE
from fixer.cloudformation.iam import ROLE, trusts
from fixer.cloudformation.intrinsics import literal_text, mapping, sequence, target_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op

ROLE_ARN = "MonitoringRoleArn"
SERVICE = "monitoring.rds.amazonaws.com"
_POLICY = "service-role/AmazonRDSEnhancedMonitoringRole"


def meant_for_monitoring(template: Template) -> list[Resource]:
    """The roles that a database names for Enhanced Monitoring, and the unused ones that have its managed policy."""
    named = {target_of(each.properties.get(ROLE_ARN)) for each in template.of_type(CLUSTER, INSTANCE)}
    return [
        role
        for role in template.of_type(ROLE)
        if role.logical_id in named or (_has_policy(role) and not template.references_to(role.logical_id))
    ]


def without_trust(template: Template) -> list[Resource]:
    """The roles that are meant for monitoring, but do not trust its service, as far as their trust is literal."""
    meant = meant_for_monitoring(template)
    return [role for role in meant if not trusts(role, SERVICE) and all(map(_is_literal, _principals(role) or [None]))]


def trust(template: Template, role: Resource) -> list[Op] | str:
    """The operations with which a role trusts the service instead of another one, or why it is not changed."""
    for use in template.references_to(role.logical_id):
        if pointer.split(use.pointer)[-1] != ROLE_ARN:
            place = "/".join(pointer.split(use.pointer)[:2])
            return f"{role.logical_id} is also used in {place}: give monitoring a role of its own"
    principals = _principals(role)
    principal = mapping(principals[0]) if len(principals) == 1 else {}
    service = principal.get("Service")
    if set(principal) != {"Service"} or not isinstance(service, str):
        return f"it is not clear which principal of {role.logical_id} is meant"
    return pointer.replace(service_place(role), service, SERVICE)


def service_place(role: Resource) -> str:
    """The pointer of the service that a role with one statement trusts."""
    return role.at("AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service")


def role_for(template: Template, database: Resource, ctx: Context) -> tuple[str, list[Op]] | str:
    """The role that exists whenever the database does, with the operations that it still needs, or a new role; or why
    there is none.
    """
    trusting = [each for each in template.of_type(ROLE) if trusts(each, SERVICE)]
    for role in (*trusting, *without_trust(template)):
        if ctx.exists_with(template, role, database):
            ops = [] if trusts(role, SERVICE) else trust(template, role)
            return ops if isinstance(ops, str) else (role.logical_id, ops)
    name = template.fresh_id("EnhancedMonitoringRole", "RdsEnhancedMonitoringRole")
    return name, pointer.add(pointer.join("Resources", name), _new(template))


def _new(template: Template) -> Json:
    statement: Json = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    properties: dict[str, Json] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "ManagedPolicyArns": [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{_POLICY}"}],
    }
    return Convention(template).resource(ROLE, properties)


def _principals(role: Resource) -> list[Json]:
    """The principals of the statements of a role's trust policy; [] if they are not a list."""
    document = mapping(role.properties.get("AssumeRolePolicyDocument"))
    return [mapping(statement).get("Principal") for statement in sequence(document.get("Statement"))]


def _is_literal(principal: Json) -> bool:
    services = mapping(principal).get("Service", "")
    return isinstance(principal, dict | str) and all(
        isinstance(each, str) for each in (services if isinstance(services, list) else [services])
    )


def _has_policy(role: Resource) -> bool:
    return any(literal_text(arn).endswith(_POLICY) for arn in sequence(role.properties.get("ManagedPolicyArns")))
