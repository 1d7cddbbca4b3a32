"""Which value of one template is meant by a parameter of another. Pure."""

from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.databases import CLUSTER
from fixer.cloudformation.dns_records import failover_records
from fixer.cloudformation.intrinsics import getatt_target, mapping, ref_target, target_of
from fixer.cloudformation.project import Project
from fixer.cloudformation.references import Reference, references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

_GLOBAL_CLUSTER = "AWS::RDS::GlobalCluster"
_ENDPOINT = "Endpoint.Address"
_GLOBAL = ("AWS::RDS::GlobalCluster", "AWS::IAM::", "AWS::S3::Bucket", "AWS::CloudFront::", "AWS::Route53::")
"""Types whose ids mean the same in every region."""

_REACHABLE = ("Endpoint.Address", "ReadEndpoint.Address", "DNSName", "DomainName", "WebsiteURL")
"""Attributes that are names in DNS, which know no region."""


@dataclass(frozen=True)
class ValueSource:
    """Where a value comes from: the template, the resource, the output ("": there is none yet).

    `value` is the expression for an output, `wish` its name, `words` what it is.
    """

    producer: Template
    resource: str
    output: str
    value: Json = None
    wish: str = ""
    words: str = ""


def source_of(project: Project, template: Template, parameter: str) -> ValueSource | None:
    """What a parameter's value is, if exactly one other template has it: the resource of the kind that the parameter
    feeds, else an output of the parameter's name that comes from a resource.
    """
    fed = [use for use in template.references_to(parameter) if use.owner[0] == "Resources"]
    if not fed or project.is_passed(template, parameter) or any(map(_is_read_elsewhere, fed)):
        return None
    kinds = {_kind(template, use) for use in fed}
    if len(kinds) == 1 and (kind := kinds.pop()) is not None:
        return _by_kind(project, template, kind)
    return _by_name(project, template, parameter)


def _kind(template: Template, use: Reference) -> tuple[str, str, str] | None:
    """(type, attribute or "" for Ref, role of the template or "") that a use asks for; None: nothing particular."""
    resource = template.resources.get(use.owner[1])
    is_cluster = resource is not None and resource.type == CLUSTER
    if is_cluster and pointer.split(use.pointer)[2:4] == ("Properties", "GlobalClusterIdentifier"):
        return _GLOBAL_CLUSTER, "", ""
    for record in failover_records(template):
        if pointer.contains(f"{record.pointer}/ResourceRecords", use.pointer):
            return CLUSTER, _ENDPOINT, record.role.value
    return None


def _by_kind(project: Project, template: Template, kind: tuple[str, str, str]) -> ValueSource | None:
    wanted, attribute, role = kind
    found = [
        (other, resource)
        for other in project.others(template)
        for resource in other.of_type(wanted)
        if resource.condition is None and (not role or project.has_role(other, role))
    ]
    if len(found) != 1:
        return None
    producer, resource = found[0]
    value: Json = {"Fn::GetAtt": [resource.logical_id, attribute]} if attribute else {"Ref": resource.logical_id}
    output = _output_with(producer, resource, attribute)
    words = "Writer endpoint of the cluster" if attribute else "Identifier of the global cluster"
    wish = f"{resource.logical_id}{'Endpoint' if attribute else 'Id'}"
    return ValueSource(producer, resource.logical_id, output, value, wish, words)


def _output_with(producer: Template, resource: Resource, attribute: str) -> str:
    """The output that gives the resource's Ref, or attribute, "" if none does."""
    for name, output in producer.section("Outputs").items():
        value = mapping(output).get("Value")
        given = getatt_target(value) if attribute else ref_target(value)
        if given == ((resource.logical_id, attribute) if attribute else resource.logical_id):
            return name if "Condition" not in mapping(output) else ""
    return ""


def _by_name(project: Project, template: Template, parameter: str) -> ValueSource | None:
    found = [
        (other, mapping(other.section("Outputs")[parameter]))
        for other in project.others(template)
        if parameter in other.section("Outputs")
    ]
    if len(found) != 1:
        return None
    producer, output = found[0]
    value = output.get("Value")
    resources = [each.target for each in references_in(value) if each.target in producer.resources]
    if not resources or "Condition" in output:
        return None
    if project.apart(template, producer) and not _means_the_same_everywhere(producer, value):
        return None
    return ValueSource(producer, resources[0], parameter, value)


def _means_the_same_everywhere(producer: Template, value: Json) -> bool:
    resource = producer.resources.get(target_of(value) or "")
    if resource is None:
        return False
    attribute = getatt_target(value)
    return resource.type.startswith(_GLOBAL) or (attribute is not None and attribute[1] in _REACHABLE)


def _is_read_elsewhere(use: Reference) -> bool:
    """Whether the use is part of what reads from another stack already, or a health check, which is another matter."""
    return bool({"Fn::GetStackOutput", "Fn::ImportValue", "HealthCheckId"} & set(pointer.split(use.pointer)))
