"""Where a new key goes in its mapping: template sections and resource attributes have a usual order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fixer.document.operations import Tokens
from fixer.model import Json

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html"""

ATTRIBUTES = (
    "Type",
    "Condition",
    "DependsOn",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
)
"""A resource's attributes apart from its properties
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html).
"""

TWINS = {"DeletionPolicy": "UpdateReplacePolicy", "UpdateReplacePolicy": "DeletionPolicy"}


@dataclass(frozen=True)
class Order:
    """The order of keys in one template, of which this is the data."""

    data: Json

    def place(self, path: Tokens, keys: Sequence[str | None]) -> int | None:
        """The index of a new key among the keys of its mapping; None if any place is as good (it goes to the end)."""
        key = str(path[-1])
        if len(path) == 1 and key in SECTIONS:
            return _by_rank(SECTIONS, key, keys, len(keys))
        if len(path) != 3 or path[0] != "Resources" or key not in ATTRIBUTES:
            return None
        if TWINS.get(key) in keys:
            return keys.index(TWINS[key]) + 1
        if "Properties" in keys and self._is_before_properties(key, keys):
            return _by_rank(ATTRIBUTES, key, keys[: keys.index("Properties")], keys.index("Properties"))
        return None

    def _is_before_properties(self, key: str, keys: Sequence[str | None]) -> bool:
        """Whether attributes stand before the properties in this resource, else this one in most resources that have
        it, else most attributes in the template. Metadata may be long, so only other metadata counts for it.
        """
        if key == "Metadata":
            return sum(self._votes(key)) > 0
        own = [_votes(keys, other) for other in ATTRIBUTES[1:-1] if other in keys]
        return next((sum(votes) > 0 for votes in (own, self._votes(key), self._all_votes) if sum(votes)), False)

    @cached_property
    def _all_votes(self) -> list[int]:
        return [vote for attribute in ATTRIBUTES[1:-1] for vote in self._votes(attribute)]

    def _votes(self, attribute: str) -> list[int]:
        return [_votes(keys, attribute) for keys in self._resources if attribute in keys]

    @cached_property
    def _resources(self) -> list[list[str | None]]:
        section = self.data.get("Resources") if isinstance(self.data, dict) else None
        resources = section.values() if isinstance(section, dict) else ()
        return [[*each] for each in resources if isinstance(each, dict) and "Properties" in each]


def _votes(keys: Sequence[str | None], attribute: str) -> int:
    """1 if the attribute stands before the properties, -1 if it stands after them."""
    return 1 if keys.index(attribute) < keys.index("Properties") else -1


def _by_rank(order: Sequence[str], key: str, keys: Sequence[str | None], end: int) -> int:
    """The index behind the last key that is usually before this one, else before the first that is usually after it."""
    rank = order.index(key)
    ranks = [order.index(other) if other in order else None for other in keys]
    before = [index + 1 for index, other in enumerate(ranks) if other is not None and other < rank]
    after = [index for index, other in enumerate(ranks) if other is not None and other > rank]
    return before[-1] if before else min(after, default=end)
