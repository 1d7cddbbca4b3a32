"""The region of a template, derived from the template itself. Pure."""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.template import Template
from fixer.model import Deduction, Json

_REGION = re.compile(
    r"(?<![a-z0-9])(?:us-gov|us-iso[a-f]?|us|af|ap|ca|cn|eu-isoe|eusc|eu|il|me|mx|sa)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d(?=[a-f]?(?![a-z0-9]))"
)
_ZONES = ("AvailabilityZone", "AvailabilityZones")
_NAMES = ("Name", "Identifier", "Tags")


def regions_named(text: str) -> tuple[str, ...]:
    """The region codes in a text, each once, in their order; an Availability Zone counts as its region.

    https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
    """
    return tuple(dict.fromkeys(_REGION.findall(text)))


def region_in(template: Template) -> Deduction | None:
    """The only region that the template names, by the strongest evidence: the Availability Zones of its resources, its
    Description, its file name, the names and tags of its resources.

    None if the strongest evidence names several regions, or if weaker evidence contradicts it.
    """
    found: list[Deduction] = []
    for evidence, texts in _evidence(template):
        named = dict.fromkeys(region for text in texts for region in regions_named(text))
        if len(named) > 1 and not found:
            return None
        if len(named) == 1:
            found.append(Deduction(next(iter(named)), evidence))
    return found[0] if len({known.value for known in found}) == 1 else None


def unknown_region(template: Template) -> str:
    """The reason for a missing patch if the region of a template must be known and is not."""
    return f"the region of {template.path} is not known: set it in the configuration ([[project]] regions)"


def _evidence(template: Template) -> Iterator[tuple[str, list[str]]]:
    properties = [(name, value) for each in template.resources.values() for name, value in each.properties.items()]
    zones = [text for name, value in properties if name in _ZONES for text in _strings(value)]
    names = [text for name, value in properties if name.endswith(_NAMES) for text in _strings(value)]
    yield "its Availability Zones", zones
    yield "its Description", [str(template.data.get("Description", ""))]
    yield "its file name", [template.path.rpartition("/")[2].lower()]
    yield "the names and tags in it", names


def _strings(value: Json) -> list[str]:
    return [inner for _, inner in pointer.walk(value) if isinstance(inner, str)]
