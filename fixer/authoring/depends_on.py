"""Operations that make a resource wait for others."""

from fixer import pointer
from fixer.cloudformation.template import Resource
from fixer.model import Op


def depend(owner: Resource, *logical_ids: str) -> list[Op]:
    """Adds logical ids to the DependsOn of a resource, which does not have them yet."""
    place, now = f"{owner.pointer}/DependsOn", owner.data.get("DependsOn")
    if isinstance(now, list):
        return [op for name in logical_ids for op in pointer.add(f"{place}/-", name)]
    if now is None:
        return pointer.add(place, logical_ids[0] if len(logical_ids) == 1 else list(logical_ids))
    return pointer.replace(place, now, [now, *logical_ids])
