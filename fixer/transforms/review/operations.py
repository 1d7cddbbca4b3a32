"""The operations that lead from one value to another: as few as needed, and none where nothing differs. Pure."""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher

from fixer import pointer
from fixer.document.operations import identical
from fixer.model import Json, Op


def leading(old: Json, new: Json, place: str = "") -> list[Op]:
    """Operations that make `new` of the value `old` at a place; each replace, remove and move tests first."""
    return list(_between(old, new, place))


def _between(old: Json, new: Json, place: str) -> Iterator[Op]:
    if identical(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and not _is_function(old, new):
        yield from _in_mapping(old, new, place)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _in_list(old, new, place)
    else:
        yield from pointer.replace(place, old, new)


def _in_mapping(old: dict[str, Json], new: dict[str, Json], place: str) -> Iterator[Op]:
    gone = [key for key in old if key not in new]
    come = [key for key in new if key not in old]
    if len(gone) == len(come) == 1 and place.count("/") > 1 and _is_renamed(old[gone[0]], new[come[0]]):
        # One key takes the place of another in the text too. A moved entry of a section would be a new logical id.
        source, target = place + pointer.join(gone[0]), place + pointer.join(come[0])
        yield from pointer.move(source, target, old[gone[0]])
        yield from _between(old[gone[0]], new[come[0]], target)
        gone, come = [], []
    for key in gone:
        yield from pointer.remove(place + pointer.join(key), old[key])
    for key in old:
        if key in new:
            yield from _between(old[key], new[key], place + pointer.join(key))
    for key in come:
        yield from pointer.add(place + pointer.join(key), new[key])


def _in_list(old: list[Json], new: list[Json], place: str) -> Iterator[Op]:
    """From the end, so that the indices before a change stay as they are."""
    ones, others = [_canonical(each) for each in old], [_canonical(each) for each in new]
    codes = SequenceMatcher(None, ones, others, autojunk=False).get_opcodes()
    for kind, start, end, low, high in reversed(codes):
        if kind == "equal":
            continue
        both = min(end - start, high - low)
        for index in range(end - 1, start + both - 1, -1):
            yield from pointer.remove(f"{place}/{index}", old[index])
        for index in range(low + both, high):
            yield from pointer.add(f"{place}/{start + index - low}", new[index])
        for index in range(both - 1, -1, -1):
            yield from _between(old[start + index], new[low + index], f"{place}/{start + index}")


def _is_renamed(old: Json, new: Json) -> bool:
    """Whether it is the same value under another key, or one small value in place of another."""
    return identical(old, new) or not any(isinstance(each, dict | list) for each in (old, new))


def _is_function(*values: dict[str, Json]) -> bool:
    return any(len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")) for value in values)


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
