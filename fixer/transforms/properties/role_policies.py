"""What a role of the template may do, as far as the template shows. Pure."""

import json
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, sequence, target_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


def may_use(template: Template, role: Resource, service: str) -> bool:
    """Whether a policy of the role allows actions of a service (its prefix, such as `s3`)."""
    if any(action == "*" or action.lower().startswith(f"{service}:") for action in _actions(template, role)):
        return True
    # Matches the ARN of AmazonS3FullAccess for s3. Must not match that of AmazonSSMReadOnlyAccess.
    managed = rf"policy/[\w/-]*(?:{service}|AdministratorAccess|PowerUser)"
    return re.search(managed, json.dumps(role.properties.get("ManagedPolicyArns")), re.I) is not None


def _actions(template: Template, role: Resource) -> Iterator[str]:
    for policy in _policies(template, role):
        for _, value in pointer.walk(policy):
            if isinstance(value, dict) and value.get("Effect") == "Allow":
                given = value.get("Action")
                yield from (each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str))


def _policies(template: Template, role: Resource) -> Iterator[Json]:
    yield role.properties.get("Policies")
    attached = {target_of(each) for each in sequence(role.properties.get("ManagedPolicyArns"))}
    for policy in template.of_type(*_POLICIES):
        named = {target_of(each) for each in sequence(policy.properties.get("Roles"))}
        if role.logical_id in named or policy.logical_id in attached:
            yield mapping(policy.properties.get("PolicyDocument"))
