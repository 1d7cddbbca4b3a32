"""Resources with public addresses, which need an internet gateway that is attached to their VPC. Pure."""

from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.databases import INSTANCE as DATABASE
from fixer.cloudformation.intrinsics import is_true, mapping, target_of, words
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

ADDRESS = "AWS::EC2::EIP"

_BALANCER, _CLASSIC = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"
_SERVER, _GROUP = "AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup"


def has_public_address(template: Template, resource: Resource) -> bool:
    """Whether the resource has a public address, or gives one to what it creates.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html (gateway attachments)
    """
    properties = resource.properties
    if resource.type in (_BALANCER, _CLASSIC):
        scheme = template.literal(properties.get("Scheme", "internet-facing"))
        return scheme == "internet-facing" and properties.get("Type") != "gateway"
    if resource.type == "AWS::EC2::NatGateway":
        return properties.get("ConnectivityType") != "private"
    if resource.type == DATABASE:
        return is_true(template.literal(properties.get("PubliclyAccessible")))
    if resource.type == "AWS::ECS::Service":
        return "ENABLED" in _values(properties, "AssignPublicIp")
    if resource.type == _SERVER:
        return _gives_addresses(properties) or _has_elastic_address(template, resource)
    if resource.type == _GROUP:
        return any(_gives_addresses(launched.properties) for launched in _launched_by(template, resource))
    return resource.type == ADDRESS


def attachment_named(template: Template, name: str) -> str:
    """The only gateway attachment of the template, if the name, which nothing has, says that it is meant; "" if not.
    Matches AttachGateway, IGWAttachment and GatewayToInternet. Must not match NatGateway.
    """
    named = words(name)
    says_gateway = {"gateway", "igw"} & set(named) and {"internet", "vpc", "igw"} & set(named)
    found = [each.logical_id for each in template.of_type("AWS::EC2::VPCGatewayAttachment")]
    is_meant = says_gateway or any(word.startswith("attach") for word in named)
    return found[0] if len(found) == 1 and is_meant else ""


def _gives_addresses(properties: dict[str, Json]) -> bool:
    return any(map(is_true, _values(properties, "AssociatePublicIpAddress")))


def _values(properties: Json, name: str) -> list[Json]:
    """The values of a property at any depth."""
    return [mapping(value)[name] for _, value in pointer.walk(properties) if name in mapping(value)]


def _has_elastic_address(template: Template, server: Resource) -> bool:
    addresses = template.of_type(ADDRESS, "AWS::EC2::EIPAssociation")
    return any(target_of(each.properties.get("InstanceId")) == server.logical_id for each in addresses)


def _launched_by(template: Template, group: Resource) -> Iterator[Resource]:
    """The launch template or launch configuration of an Auto Scaling group."""
    named = [target_of(group.properties.get("LaunchConfigurationName"))]
    named += map(target_of, _values(group.properties, "LaunchTemplateId"))
    yield from (template.resources[name] for name in named if name in template.resources)
