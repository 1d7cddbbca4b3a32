"""What depends on the declarations of a template: conditions on conditions, values on conditions. Pure."""

from collections.abc import Iterator

from fixer import pointer
from fixer.cloudformation.name_uses import Kind, name_uses
from fixer.cloudformation.template import Template


def places_of_conditions(template: Template, names: set[str]) -> Iterator[str]:
    """The places that may change if these conditions hold or not, as patterns of `fixer.engine.equivalence`: entries
    that exist only with one of them, and values that a Fn::If chooses by one.
    """
    uses = [use for use in name_uses(template) if use.kind is Kind.CONDITION]
    reached, waiting = set(names), set(names)
    while waiting:
        users = {_owner(use.place)[1] for use in uses if use.name in waiting and _owner(use.place)[0] == "Conditions"}
        waiting = users - reached
        reached |= waiting
    for use in uses:
        section, owner = _owner(use.place)
        if use.name not in reached or section == "Conditions":
            continue
        entry = pointer.join(section, owner)
        if use.place == f"{entry}/Condition":
            yield from (entry, f"~{entry}")
            # What needs the entry is created after it where it exists.
            yield from (f"~/Resources/{name}" for name in template.resources if owner in template.needs(name))
        else:
            yield value_place(use.function)


def value_place(place: str) -> str:
    """The place of the value that a function gives, for a place inside the function; else the place itself."""
    tokens = pointer.split(place)
    inside = next((n for n, token in enumerate(tokens) if token == "Ref" or token.startswith("Fn::")), len(tokens))
    return pointer.join(*tokens[:inside])


def _owner(place: str) -> tuple[str, str]:
    section, owner = (*pointer.split(place), "", "")[:2]
    return section, owner
