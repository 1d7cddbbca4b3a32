"""Where an unused parameter seems to belong: a property with its name, or a literal value with its Default."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import literal_text, words
from fixer.cloudformation.near_names import letters
from fixer.cloudformation.template import Template
from fixer.model import Json

_MOST = 2
_SHORTEST = 3
"""Characters: shorter Defaults, such as 5 or no, occur in too many values."""


@dataclass(frozen=True)
class Place:
    """A place and the literal value there."""

    pointer: str
    value: str

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 40 else f"{self.value[:37]}..."
        return f"{self.pointer} ({shown})"


def places(template: Template, parameter: str) -> list[Place]:
    """The places whose value the parameter may have been meant to set, the likeliest first, two at most."""
    declared = template.parameter(parameter) or {}
    default = str(declared.get("Default", ""))
    named, valued = [], []
    for place, value in _literals(template):
        text = literal_text(value) if isinstance(value, dict) else str(value)
        if _is_named(place, parameter):
            named.append(Place(place, text))
        elif _has_word(text, default):
            valued.append(Place(place, text))
    return [*named, *valued][:_MOST]


def _literals(template: Template) -> Iterator[tuple[str, Json]]:
    """The literal values of properties, and the literal text of functions that make names."""
    for resource in template.resources.values():
        yield from _below(resource.properties, resource.at())


def _below(value: Json, place: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Fn::Sub", "Fn::Join"):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _below(item, place + pointer.join(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _below(item, f"{place}/{index}")
    elif isinstance(value, str | int | float) and not any(
        token.startswith(("Fn::", "Ref")) for token in pointer.split(place)
    ):
        yield place, value


def _is_named(place: str, parameter: str) -> bool:
    """Whether the property is named like the parameter: InstanceType, or DBInstanceClass of WriterDBInstanceClass."""
    names = [token for token in pointer.split(place)[3:] if not token.isdigit()]
    last, name = (names[-1] if names else ""), letters(parameter)
    return len(words(last)) > 1 and name.endswith(letters(last))


def _has_word(text: str, default: str) -> bool:
    """Whether the text has the Default as a word of its own: prod in "orders-prod", not in "production"."""
    if len(default) < _SHORTEST or default.lower() in ("true", "false"):
        return False
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(default)}(?![A-Za-z0-9])", text) is not None
