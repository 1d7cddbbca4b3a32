"""The principals that may assume an IAM role. Pure."""

from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.template import Resource
from fixer.model import Json

ROLE = "AWS::IAM::Role"


def trusts(role: Resource, service: str) -> bool:
    """Whether a statement of the role's trust policy names the service, possibly among others.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    document = mapping(role.properties.get("AssumeRolePolicyDocument"))
    return any(service in _services(statement) for statement in sequence(document.get("Statement")))


def _services(statement: Json) -> list[Json]:
    named = mapping(mapping(statement).get("Principal")).get("Service")
    return named if isinstance(named, list) else [named]
