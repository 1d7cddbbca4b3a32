"""The places at which two values differ. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fixer.cloudformation.intrinsics import NO_VALUE
from fixer.model import Json
from fixer.pointer import join
from fixer.resolution.resolved_values import is_permutation, is_symbol, same


class DifferenceKind(StrEnum):
    """How two states differ; `order`: only in the order in which resources are created."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ORDER = "order"


@dataclass(frozen=True)
class Difference:
    """A place of the resolved template that differs, and the values there; `scenario` states where, unless it is
    everywhere.

    `place` is a pointer; the index of a list item is the one before, that of an added item the one after. An absent
    value is None; `kind` distinguishes it.
    """

    place: str
    kind: DifferenceKind
    old: Json = None
    new: Json = None
    scenario: str = ""


def value_differences(old: Json, new: Json, place: str) -> Iterator[Difference]:
    """The differences between two resolved values at a place, each as deep as possible; NO_VALUE means absent."""
    if same(old, new):
        return
    if old == NO_VALUE:
        yield Difference(place, DifferenceKind.ADDED, new=new)
    elif new == NO_VALUE:
        yield Difference(place, DifferenceKind.REMOVED, old=old)
    elif isinstance(old, dict) and isinstance(new, dict) and not is_symbol(old) and not is_symbol(new):
        for key in {**old, **new}:
            yield from value_differences(old.get(key, NO_VALUE), new.get(key, NO_VALUE), place + join(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _item_differences(old, new, place)
    else:
        yield Difference(place, DifferenceKind.CHANGED, old, new)


def _item_differences(old: list[Json], new: list[Json], place: str) -> Iterator[Difference]:
    if len(old) == len(new):
        if is_permutation(old, new):
            yield Difference(place, DifferenceKind.CHANGED, old, new)
            return
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from value_differences(one, other, f"{place}/{index}")
    elif (extra := _extra(old, new)) is not None:
        yield from (Difference(f"{place}/{index}", DifferenceKind.ADDED, new=new[index]) for index in extra)
    elif (extra := _extra(new, old)) is not None:
        yield from (Difference(f"{place}/{index}", DifferenceKind.REMOVED, old=old[index]) for index in extra)
    else:
        yield Difference(place, DifferenceKind.CHANGED, old, new)


def _extra(short: list[Json], long: list[Json]) -> list[int] | None:
    """The indices of the items to remove from the long list to get the short one; None if that is impossible."""
    extra = []
    found = 0
    for index, item in enumerate(long):
        if found < len(short) and same(item, short[found]):
            found += 1
        else:
            extra.append(index)
    return extra if found == len(short) else None
