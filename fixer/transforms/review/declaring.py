"""What operations change in the resolved template, in the notation of `fixer.engine.equivalence`: their places only."""

from collections.abc import Iterable

from fixer.cloudformation.template import Template
from fixer.model import Op
from fixer.pointer import join, split


def declared(template: Template, ops: Iterable[Op]) -> tuple[str, ...]:
    """The patterns for the places that the operations write.

    An item counts as its list, and what is inside a function as the value that the function gives. A condition decides
    about its whole entry. What refers to a declaration that is written changes with it, and a resource may now be
    created before or after others.
    """
    places: dict[str, None] = {}
    for op in ops:
        if op["op"] != "test":
            for name in ("path", "from"):
                if name in op:
                    places |= dict.fromkeys(_patterns(split(str(op[name]))))
    return tuple(places)


def _patterns(tokens: tuple[str, ...]) -> list[str]:
    section, *rest = tokens or ("",)
    patterns = [join(*_outside(tokens))]
    if section in ("Parameters", "Mappings", "Conditions"):
        patterns.append("$")
    if section in ("Resources", "Outputs") and rest:
        if len(rest) > 1 and rest[1] == "Condition":
            patterns.append(join(section, rest[0]))
        if section == "Resources":
            patterns.append("~/Resources")
    return patterns


def _outside(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The place without what is inside a function or a list."""
    for index, token in enumerate(tokens):
        if index > 1 and (token == "Ref" or token.startswith("Fn::") or token.isdigit() or token == "-"):
            return tokens[:index]
    return tokens
