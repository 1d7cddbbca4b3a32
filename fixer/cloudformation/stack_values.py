"""The kinds of values: those that an output gives, and those that a parameter or a property takes. Pure.

A kind is named as in cfn-lint's schemas: `AWS::EC2::VPC.Id`, `AWS::SNS::Topic.Arn`.
"""

import re

from fixer.aws.patterns import fits
from fixer.aws.schemas import definition, lifecycle, read_only
from fixer.cloudformation.intrinsics import (
    as_int,
    getatt_target,
    is_true,
    mapping,
    ref_target,
    sub_variables,
    target_of,
)
from fixer.cloudformation.template import Template
from fixer.model import Json

_ZONE = "AWS::EC2::AvailabilityZone.Name"
_ID = "0123456789abcdef0"
_SAMPLES = {
    "AWS::EC2::VPC.Id": f"vpc-{_ID}",
    "AWS::EC2::Subnet.Id": f"subnet-{_ID}",
    "AWS::EC2::SecurityGroup.Id": f"sg-{_ID}",
    "AWS::EC2::Instance.Id": f"i-{_ID}",
    "AWS::EC2::Volume.Id": f"vol-{_ID}",
    "AWS::Route53::HostedZone.Id": "Z0123456789ABCDEFGHIJ",
    "AWS::IAM::Role.Arn": "arn:aws:iam::123456789012:role/name",
    "AWS::KMS::Key.Arn": "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
    "AWS::KMS::Key.Id": "01234567-89ab-cdef-0123-456789abcdef",
    "AWS::Lambda::Function.Arn": "arn:aws:lambda:us-east-1:123456789012:function:name",
    "AWS::S3::Bucket.Arn": "arn:aws:s3:::name",
    "AWS::SNS::Topic.Arn": "arn:aws:sns:us-east-1:123456789012:name",
    "AWS::SQS::Queue.Arn": "arn:aws:sqs:us-east-1:123456789012:name",
    _ZONE: "us-east-1a",
}
"""A value of each kind, as AWS makes it: a parameter's AllowedPattern either takes all of them or none."""

_ENDINGS = {
    "Endpoint.Address": "name.cluster-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
    "ReadEndpoint.Address": "name.cluster-ro-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
    "DNSName": "name-1234567890.us-east-1.elb.amazonaws.com",
    "Endpoint.Port": "5432",
}
_LOWER = ("AWS::RDS::", "AWS::DocDB::", "AWS::Neptune::", "AWS::S3::", "AWS::ElastiCache::", "AWS::Redshift::")
"""Services that keep names in lower case."""

_NAMED = {
    "(?:Vpc|VPC)Id$": "AWS::EC2::VPC.Id",
    "SubnetIds?$": "AWS::EC2::Subnet.Id",
    "SecurityGroupIds?$|VPCSecurityGroups$": "AWS::EC2::SecurityGroup.Id",
    "RoleArn$": "AWS::IAM::Role.Arn",
}
"""What properties of these names take where the schema does not say."""

_GLOBAL = ("AWS::RDS::GlobalCluster", "AWS::IAM::", "AWS::S3::Bucket", "AWS::CloudFront::", "AWS::Route53::")
"""Types whose ids mean the same in every region."""

_REACHABLE = ("Endpoint.Address", "ReadEndpoint.Address", "DNSName", "DomainName", "WebsiteURL")
"""Attributes that are names in DNS, which do not depend on a region."""

_PEERS = ("Peer", "Remote")
_ALIASES = {"AWS::EC2::SecurityGroup.GroupName": "AWS::EC2::SecurityGroup.Name"}


def kind_of(template: Template, value: Json) -> str:
    """The kind of the value of an output; "" if it is not a single Ref or Fn::GetAtt of a resource with a schema.

    Ref returns the primary identifier of a resource:
    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
    """
    read = _read_of(template, value)
    if read is None:
        return ""
    resource_type, attribute = read
    if attribute.endswith("AvailabilityZone"):
        return _ZONE
    found = (definition(resource_type, tuple(attribute.split("."))) or {}).get("format")
    if isinstance(found, str) and found.startswith("AWS::"):
        return _ALIASES.get(found.replace(".GroupId", ".Id"), found.replace(".GroupId", ".Id"))
    own = resource_type.rpartition("::")[2]
    return f"{resource_type}.{re.sub(f'^{own}(?=.)', '', attribute, flags=re.I)}"


def kind_of_parameter(declared_type: str) -> str:
    """The kind that an AWS-specific parameter type, or the items of a list of it, take; "" for other types.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    """
    item = re.sub(r"^List<(.+)>$", r"\1", declared_type)
    if not item.startswith("AWS::") or item.startswith("AWS::SSM::Parameter::Value<"):
        return ""
    kind = ".".join(item.rsplit("::", 1))
    return _ALIASES.get(kind, kind)


def kinds_of_property(resource_type: str, place: tuple[str, ...]) -> frozenset[str]:
    """The kinds that a place below Properties takes; empty if the schema does not say."""
    found = _formats(definition(resource_type, place))
    if not found and place and (place[-1] == "*" or place[-1].isdigit()):
        place = place[:-1]
        found = frozenset(re.sub(r"s$", "", kind) for kind in _formats(definition(resource_type, place)))
    name = place[-1] if place and definition(resource_type, place) else ""
    is_peer = name.startswith(_PEERS)
    return found or frozenset(kind for ending, kind in _NAMED.items() if not is_peer and re.search(ending, name))


def means_the_same_everywhere(template: Template, value: Json) -> bool:
    """Whether the value of an output names the same thing in every region."""
    resource = template.resources.get(target_of(value) or "")
    if resource is None:
        return False
    attribute = getatt_target(value)
    return resource.type.startswith(_GLOBAL) or (attribute is not None and attribute[1] in _REACHABLE)


def refusal_of_type(declared: dict[str, Json], template: Template, value: Json) -> str:
    """Why a parameter of this type cannot stand for the value of an output of the template; "" if it can."""
    declared_type = str(declared.get("Type"))
    if declared_type.startswith("AWS::SSM::Parameter::Value<"):
        return f"a parameter of type {declared_type} takes the name of an SSM parameter"
    kind, wanted = kind_of(template, value), kind_of_parameter(declared_type)
    if declared_type == "Number" and not kind.endswith("Port"):
        return "a parameter of type Number takes a number"
    if wanted and kind != wanted:
        return f"a parameter of type {declared_type} does not take {kind or 'such a value'}"
    return ""


def contradiction(declared: dict[str, Json], template: Template, value: Json) -> str:
    """What a parameter's declaration says against the value of an output of the template; "" if nothing does."""
    if "Default" in declared:
        default = "hidden" if is_true(declared.get("NoEcho")) else declared["Default"]
        return f"its Default is {default}" if default not in ("", None) else "its Default is empty: it may be absent"
    if "AllowedValues" in declared:
        return "its AllowedValues leave the choice to those who deploy"
    limits = [name for name in ("AllowedPattern", "MinLength", "MaxLength") if name in declared]
    if not limits:
        return ""
    if (likely := sample(template, value)) is None:
        return f"it is not certain that its {limits[0]} accepts the value"
    for name in limits:
        if not _accepts(name, declared[name], likely):
            return f"its {name} does not accept a value such as {likely}"
    return ""


def sample(template: Template, value: Json) -> str | None:
    """A value as the output will have it, as far as its form is known; None if it is not."""
    read, kind = _read_of(template, value), kind_of(template, value)
    if read is None:
        return None
    resource_type, attribute = read
    if kind in _SAMPLES:
        return _SAMPLES[kind]
    if attribute in _ENDINGS:
        return _ENDINGS[attribute]
    if "." in attribute or read_only(resource_type, (attribute,)):
        return None
    logical_id = str(ref_target(value) or (getatt_target(value) or ("",))[0])
    resource = template.resources.get(logical_id)
    if resource is None:
        return None
    name = resource.properties.get(attribute)
    named = f"stack-{logical_id}-1A2B3C4D5E6F" if name is None else _text(template, name)
    return named.lower() if named and resource_type.startswith(_LOWER) else named


def _read_of(template: Template, value: Json) -> tuple[str, str] | None:
    """(resource type, property) that a Ref, a Fn::GetAtt, or a Fn::Sub of one variable reads."""
    text = mapping(value).get("Fn::Sub")
    if isinstance(text, str) and len(names := sub_variables(text)) == 1 and re.fullmatch(r"\$\{[^}]*\}", text):
        logical_id, _, attribute = names[0].partition(".")
    else:
        logical_id, attribute = getatt_target(value) or (ref_target(value) or "", "")
    resource = template.resources.get(logical_id)
    if resource is None:
        return None
    if attribute:
        return resource.type, attribute
    known = lifecycle(resource.type)
    return (resource.type, known.identifiers[0]) if known and len(known.identifiers) == 1 else None


def _formats(schema: dict[str, object] | None) -> frozenset[str]:
    if schema is None:
        return frozenset()
    alternatives = schema.get("anyOf")
    options = [schema, *(alternatives if isinstance(alternatives, list) else [])]
    found = [str(each.get("format")) for each in options if isinstance(each, dict)]
    kinds = {kind.replace(".GroupId", ".Id") for kind in found if kind.startswith("AWS::")}
    return frozenset(_ALIASES.get(kind, kind) for kind in kinds)


def _text(template: Template, value: Json) -> str | None:
    """The text of a name, its variables at their Defaults."""
    literal = template.literal(value)
    if isinstance(literal, str):
        return literal
    text = mapping(value).get("Fn::Sub")
    if not isinstance(text, str):
        return None
    for name in sub_variables(text):
        default = (template.parameter(name) or {}).get("Default")
        text = text.replace(f"${{{name}}}", str(default) if default not in (None, "") else "x")
    return text


def _accepts(limit: str, wanted: Json, text: str) -> bool:
    if limit == "AllowedPattern":
        return fits(str(wanted), text)
    length = as_int(wanted)
    return length is None or (len(text) >= length if limit == "MinLength" else len(text) <= length)
