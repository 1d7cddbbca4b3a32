"""Resources that depend on each other in a circle: which ones do, and whether a change breaks the circle. Pure."""

from fixer.cloudformation.template import Template
from fixer.model import Op


def circle_of(template: Template, name: str) -> list[str]:
    """The resources of the circle that contains a resource, in the order of the text."""
    return [
        each
        for each in template.resources
        if each == name or (name in template.needs(each) and each in template.needs(name))
    ]


def changed(template: Template, ops: list[Op]) -> Template:
    """The template after some operations."""
    return Template(template.path, template.document.apply(ops))


def is_closed(template: Template, members: list[str]) -> bool:
    """Whether any of the resources is in a circle."""
    return any(name in template.needs(name) for name in members)


def orders(template: Template, members: list[str]) -> tuple[str, ...]:
    """Declares another order for the resources of a circle and for those that need them."""
    waiting = [each for each in template.resources if template.needs(each) & set(members)]
    return tuple(f"~/Resources/{name}" for name in dict.fromkeys([*members, *waiting]))
