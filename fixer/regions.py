"""Which region a template is for, by what it says itself. Level 4, pure."""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.model import Known
from fixer.template import Template

_REGION = re.compile(
    r"(?<![a-z0-9])(?:us-gov|us-iso[a-f]?|us|af|ap|ca|cn|eu-isoe|eusc|eu|il|me|mx|sa)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d(?=[a-f]?(?![a-z0-9]))"
)
_ZONES = ("AvailabilityZone", "AvailabilityZones")


def regions_named(text: str) -> tuple[str, ...]:
    """The region codes that a text spells out, each once, in their order; Availability Zones count as their region.

    https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
    """
    return tuple(dict.fromkeys(_REGION.findall(text)))


def region_in(template: Template) -> Known | None:
    """The one region that the template speaks of, by the strongest evidence there is: the Availability Zones of its
    resources, its Description, its file name, the names and tags of its resources.

    None where the strongest evidence names several regions, or a weaker one contradicts it.
    """
    found: list[Known] = []
    for evidence, texts in _evidence(template):
        named = dict.fromkeys(region for text in texts for region in regions_named(text))
        if len(named) > 1 and not found:
            return None
        if len(named) == 1:
            found.append(Known(next(iter(named)), evidence))
    return found[0] if len({known.value for known in found}) == 1 else None


def _evidence(template: Template) -> Iterator[tuple[str, list[str]]]:
    resources = [(place, value) for place, value in pointer.walk(template.section("Resources"))]
    strings = [(place, value) for place, value in resources if isinstance(value, str)]
    yield "its Availability Zones", [text for place, text in strings if set(pointer.split(place)) & set(_ZONES)]
    yield "its Description", [str(template.data.get("Description", ""))]
    yield "its file name", [template.path.rpartition("/")[2].lower()]
    yield "the names and tags in it", [text for place, text in strings if _is_name(place)]


def _is_name(place: str) -> bool:
    """Whether the place is, or is below, a property that names a resource, or the value of a tag."""
    tokens = pointer.split(place)
    return len(tokens) > 2 and tokens[1] == "Properties" and (
        tokens[2].endswith(("Name", "Identifier")) or tokens[2].endswith("Tags")
    )  # fmt: skip
