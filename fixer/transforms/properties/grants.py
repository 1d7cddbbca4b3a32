"""Permissions that a setting needs: AWS rejects the setting, or the service fails, without them. Pure.

Lambda rejects active tracing if the role may not send traces:
https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""

from fixer import pointer
from fixer.cloudformation.iam import ROLE
from fixer.cloudformation.intrinsics import intrinsic_name, target_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json
from fixer.transforms.properties.companion import Companion
from fixer.transforms.properties.role_policies import may_use

_POLICIES = {"xray": "AWSXRayDaemonWriteAccess"}
"""The managed policy for each grant.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXRayDaemonWriteAccess.html
"""

_ROLES = ("Role", "RoleArn")


def grant_for(grant: str, template: Template, resource: Resource) -> Companion:
    """The operations with which the role of the resource gets a permission; refused if the role is not in the template,
    or its policies are not a plain list.
    """
    given = next((resource.properties[name] for name in _ROLES if name in resource.properties), None)
    role = template.resources.get(target_of(given) or "")
    if role is None or role.type != ROLE:
        return Companion(refused="its role is not in this template: give the role the permission first")
    if may_use(template, role, grant):
        return Companion()
    arn: Json = {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{_POLICIES[grant]}"}
    place, policies = role.at("ManagedPolicyArns"), role.properties.get("ManagedPolicyArns")
    if policies is not None and (not isinstance(policies, list) or any(map(_is_conditional, policies))):
        return Companion(refused=f"a function gives the policies of {role.logical_id}: add the permission there")
    ops = pointer.add(place, [arn]) if policies is None else pointer.add(f"{place}/-", arn)
    return Companion(None, tuple(ops), (f"/Resources/{role.logical_id}/Properties/ManagedPolicyArns",))


def _is_conditional(value: Json) -> bool:
    return intrinsic_name(value) == "Fn::If"
