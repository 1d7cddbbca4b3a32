"""Breaks a circle: removes the one DependsOn that closes it."""

from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.intrinsics import sequence
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Template
from fixer.model import Op, Patch, Tier
from fixer.transforms.resources.circle_permissions import is_permission
from fixer.transforms.resources.circles import changed, is_closed, orders


def without_depends_on(template: Template, members: list[str]) -> Patch | None:
    """Removes the only DependsOn between two members that breaks the circle; None if there is none.

    Every other reference is a value that a resource needs, so CloudFormation cannot respect this DependsOn.
    """
    closing = [
        (owner, needed, ops)
        for owner, needed in _only_ordered(template, members)
        if not is_permission(template, needed)
        and not is_closed(changed(template, ops := _without(template, owner, needed)), members)
    ]
    if not closing:
        return None
    if len(closing) > 1:
        shown = " or ".join(f"that of {owner} on {needed}" for owner, needed, _ in closing)
        return Patch.none(f"one DependsOn closes the circle, {shown}: remove the one that is not needed")
    owner, needed, ops = closing[0]
    notes = [f"{owner} no longer waits for {needed}, because {needed} needs {owner} first."] if owner != needed else []
    return Patch.of(template.path, ops, Tier.REVIEW, notes, changes=orders(template, members))


def _only_ordered(template: Template, members: list[str]) -> Iterator[tuple[str, str]]:
    """The (owner, member that it waits for) of each DependsOn between members without another reference."""
    for owner in members:
        named = list(references_in(template.resources[owner].data, f"/Resources/{owner}"))
        others = {each.target for each in named if each.kind != "DependsOn"}
        waits = dict.fromkeys(each.target for each in named if each.kind == "DependsOn")
        yield from ((owner, each) for each in waits if each in members and each not in others)


def _without(template: Template, owner: str, needed: str) -> list[Op]:
    place, now = f"{template.resources[owner].pointer}/DependsOn", template.resources[owner].data["DependsOn"]
    items = sequence(now)
    if all(each == needed for each in items):
        return pointer.remove(place, now)
    places = [index for index, each in enumerate(items) if each == needed]
    # The last index first: a removal moves all items after it.
    return [op for index in reversed(places) for op in pointer.remove(f"{place}/{index}", needed)]
