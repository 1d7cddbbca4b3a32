"""Operations that make a resource wait for another one."""

from fixer import pointer
from fixer.cloudformation.template import Resource
from fixer.model import Op


def depend(owner: Resource, logical_id: str) -> list[Op]:
    """Adds a logical id to the DependsOn of a resource, which does not have it yet."""
    place, now = f"{owner.pointer}/DependsOn", owner.data.get("DependsOn")
    if now is None:
        return pointer.add(place, logical_id)
    if isinstance(now, list):
        return pointer.add(f"{place}/-", logical_id)
    return pointer.replace(place, now, [now, logical_id])
