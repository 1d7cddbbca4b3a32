"""The value in one template that a parameter of another template stands for. Pure."""

from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.databases import CLUSTER
from fixer.cloudformation.dns_records import failover_records
from fixer.cloudformation.intrinsics import getatt_target, mapping, ref_target
from fixer.cloudformation.project import Project
from fixer.cloudformation.references import Reference, references_in
from fixer.cloudformation.related_stacks import are_versions
from fixer.cloudformation.stack_values import (
    kind_of,
    kinds_of_property,
    means_the_same_everywhere,
    refusal_of_type,
)
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

_GLOBAL_CLUSTER = "AWS::RDS::GlobalCluster"
_ENDPOINT = "Endpoint.Address"


@dataclass(frozen=True)
class ValueSource:
    """The source of a value: the template, the resource, and the output ("" if it does not exist yet).

    `value` is the expression of the output. A new output has the name `wish` and the Description `words`. `only` is the
    reason why there can be no other source; "" if only the name indicates this one.
    """

    producer: Template
    resource: str
    output: str
    value: Json = None
    wish: str = ""
    words: str = ""
    only: str = ""


def source_of(project: Project, template: Template, parameter: str) -> ValueSource | None:
    """The possible source of a parameter's value; None unless exactly one other template has it.

    If the uses of the parameter require one kind of resource, the source is that resource. Otherwise, it is an output
    with the name of the parameter, if a resource gives its value and the parameter accepts values of that kind.
    Versions of one stack do not use values of each other.
    """
    fed = [use for use in template.references_to(parameter) if use.owner[0] == "Resources"]
    if not fed or project.is_passed(template, parameter) or any(map(_is_read_elsewhere, fed)):
        return None
    kinds = {_kind(template, use) for use in fed}
    if len(kinds) == 1 and (kind := kinds.pop()) is not None:
        found = _by_kind(project, template, kind)
        if found is not None and not _has_same_engine(template, fed, found):
            return None
        are_mirrored = found is not None and project.apart(template, found.producer)
        return found if found is None or are_mirrored or not are_versions(template, found.producer) else None
    found = _by_name(project, template, parameter)
    return found if found and not are_versions(template, found.producer) and _takes(template, fed, found) else None


def needs_back(project: Project, template: Template, producer: Template) -> str:
    """The parameter (or "an import") with which a producer needs a value of this template; "" if there is none.

    Two stacks cannot wait for each other.
    """
    for name in producer.section("Parameters"):
        found = source_of(project, producer, name)
        if found is not None and found.producer.path == template.path:
            return name
    exports = (mapping(mapping(each).get("Export")).get("Name") for each in template.section("Outputs").values())
    for export in exports:
        if any(importer.path == producer.path for importer, _ in project.imports_of(template, export)):
            return "an import"
    return ""


def _takes(template: Template, fed: list[Reference], found: ValueSource) -> bool:
    """Whether all uses of a parameter accept a value of that kind."""
    kind = kind_of(found.producer, found.value)
    return not kind or all(kind in wanted for use in fed if (wanted := _wanted(template, use)))


def _wanted(template: Template, use: Reference) -> frozenset[str]:
    """The kinds that the place of a use accepts; empty for a part of a text, or if the schema does not state them."""
    resource = template.resources.get(use.owner[1])
    place = pointer.split(use.pointer)[3:]
    is_whole = use.kind == "Ref" and not any(token.startswith("Fn::") for token in place)
    return kinds_of_property(resource.type, place) if resource is not None and is_whole else frozenset()


def _kind(template: Template, use: Reference) -> tuple[str, str, str] | None:
    """(type, attribute or "" for Ref, role of the template or "") that a use requires; None if it can be anything."""
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
    only = f"the project has no other {role} cluster" if attribute else "the project has no other global cluster"
    return ValueSource(producer, resource.logical_id, output, value, wish, words, only)


def _has_same_engine(template: Template, fed: list[Reference], found: ValueSource) -> bool:
    """Whether no cluster that uses the parameter has a different engine from the resource with the value."""
    engine = found.producer.literal(found.producer.resources[found.resource].properties.get("Engine"))
    fed_resources = (template.resources.get(use.owner[1]) for use in fed)
    engines = {template.literal(each.properties.get("Engine")) for each in fed_resources if each is not None}
    return engine is None or not (engines - {engine, None})


def _output_with(producer: Template, resource: Resource, attribute: str) -> str:
    """The output with the Ref or the attribute of the resource as its value; "" if there is none."""
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
    if refusal_of_type(template.parameter(parameter) or {}, producer, value):
        return None
    if project.apart(template, producer) and not means_the_same_everywhere(producer, value):
        return None
    return ValueSource(producer, resources[0], parameter, value)


def _is_read_elsewhere(use: Reference) -> bool:
    """Whether the use already reads from another stack, or is a health check, which another transform repairs."""
    return bool({"Fn::GetStackOutput", "Fn::ImportValue", "HealthCheckId"} & set(pointer.split(use.pointer)))
