"""What Ref and Fn::GetAtt return for a resource type, by the resource schemas inside cfn-lint."""

import functools
from typing import Any

from fixer.aws.gc_pause import without_collecting

_REGION = "us-east-1"

_ARN_BY_REF = frozenset(
    {
        "AWS::CertificateManager::Certificate",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
        "AWS::SecretsManager::Secret",
        "AWS::SNS::Topic",
        "AWS::StepFunctions::Activity",
        "AWS::StepFunctions::StateMachine",
    }
)
"""Types whose Ref is an ARN.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""


def attributes(resource_type: str) -> frozenset[str]:
    """The attributes that Fn::GetAtt returns for the type; empty if they are not known: custom resources, nested stacks
    and types without a schema have attributes of any name.
    """
    schema = _schema(resource_type)
    names = frozenset(schema.get_atts.data) if schema is not None else frozenset()
    return frozenset() if any("*" in name for name in names) else names


def identifier(resource_type: str) -> str:
    """The property that alone identifies a resource of the type, which Ref then returns; "" if there is none."""
    schema = _schema(resource_type)
    found: list[str] = schema.schema.get("primaryIdentifier") or [] if schema is not None else []
    return str(found[0]).rpartition("/")[2] if len(found) == 1 else ""


def ref_formats(resource_type: str) -> frozenset[str]:
    """The formats of the result of a Ref to a resource of the type, as `AWS::EC2::VPC.Id`; empty if none is known."""
    schema = _schema(resource_type)
    ref: dict[str, Any] = schema.ref if schema is not None else {}
    return frozenset(str(each["format"]) for each in (ref, *ref.get("anyOf", ())) if "format" in each)


def attribute_format(resource_type: str, attribute: str) -> str:
    """The format of an attribute of the type, as `AWS::EC2::SecurityGroup.Id`; "" if none is known."""
    schema = _schema(resource_type)
    place = schema.get_atts.get(attribute) if schema is not None else None
    found = schema.resolver.resolve_cfn_pointer(place) if schema is not None and place else {}
    return str(found.get("format", "")) if isinstance(found, dict) else ""


def is_known(resource_type: str) -> bool:
    """Whether there is a schema of the type."""
    return _schema(resource_type) is not None


def ref_is_arn(resource_type: str) -> bool:
    """Whether Ref of a resource of the type is known to return an ARN."""
    return resource_type in _ARN_BY_REF or any(each.endswith(".Arn") for each in ref_formats(resource_type))


@functools.lru_cache(maxsize=4096)  # Bounded, because a template may name any type.
def _schema(resource_type: str) -> Any:
    if resource_type.startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
        return None
    with without_collecting():
        from cfnlint.schema import ResourceNotFoundError
        from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, resource_type)
    except ResourceNotFoundError:
        return None
