"""Failover records of Route 53, single or in a group. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.databases import Role
from fixer.cloudformation.intrinsics import is_true, mapping, sequence
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

RECORD, GROUP = "AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup"


@dataclass(frozen=True)
class Record:
    """A failover record: its resource, the pointer of its properties, its role."""

    owner: Resource
    pointer: str
    data: dict[str, Json]
    role: Role

    @property
    def follows_its_target(self) -> bool:
        """Whether it is an alias whose health Route 53 evaluates."""
        return is_true(mapping(self.data.get("AliasTarget")).get("EvaluateTargetHealth"))


def all_records(template: Template) -> Iterator[tuple[Resource, str, dict[str, Json]]]:
    """(resource, pointer, properties) of the records; the items of a group also have the properties of the group."""
    for resource in template.of_type(RECORD, GROUP):
        yield resource, resource.at(), resource.properties
        for index, record in enumerate(sequence(resource.properties.get("RecordSets"))):
            yield resource, resource.at("RecordSets", index), mapping(record)


def failover_records(template: Template) -> Iterator[Record]:
    """The records with a literal Failover, in the order of the text.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-failover.html
    """
    for owner, place, data in all_records(template):
        failover = str(data.get("Failover")).lower()
        if failover in (Role.PRIMARY, Role.SECONDARY):
            yield Record(owner, place, data, Role(failover))


def record_at(template: Template, place: str) -> Record:
    """The failover record at or around a place."""
    return next(record for record in failover_records(template) if pointer.contains(record.pointer, place))
