"""What the readers of fragments make of a text before it is a pattern: mappings in which a key may stand repeatedly."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from fixer.document.pattern import GAP, REST, Gap, Pattern

DEEPEST = 100
_MOST_VARIANTS = 50


class Unreadable(ValueError):
    """The text is neither JSON nor YAML; the message says why."""


class TooDeep(Unreadable):
    """The text has more levels than a template can have."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping: its keys and values in the order of the text, repeated keys included."""

    ELLIPSIS: ClassVar[str] = "__fixer_ellipsis__"
    entries: tuple[tuple[str, "Tree"], ...]


Tree: TypeAlias = "bool | int | float | str | Gap | list[Tree] | Branch | None"


def variants(tree: Tree) -> Iterator[Pattern]:
    """The patterns of a tree: one, or one for each occurrence of a repeated key.

    Raises Unreadable if several keys are repeated and not equally often.
    """
    times = set(_repetitions(tree, 0)) - {1}
    if len(times) > 1:
        raise Unreadable("several keys of the fragment are repeated, and not equally often: show each state separately")
    number = times.pop() if times else 1
    if number > _MOST_VARIANTS:
        raise Unreadable("a key of the fragment is repeated too often")
    return (_pattern(tree, index) for index in range(number))


def _repetitions(tree: Tree, level: int) -> Iterator[int]:
    if level > DEEPEST:
        raise TooDeep("the fragment is nested too deeply")
    if isinstance(tree, Branch):
        yield from Counter(key for key, _ in tree.entries if key != REST).values()
        for _, value in tree.entries:
            yield from _repetitions(value, level + 1)
    elif isinstance(tree, list):
        for item in tree:
            yield from _repetitions(item, level + 1)


def _pattern(tree: Tree, index: int) -> Pattern:
    """The pattern in which each repeated key has the value of its occurrence with that index."""
    if isinstance(tree, list):
        return [_pattern(item, index) for item in tree]
    if not isinstance(tree, Branch):
        return tree
    values: dict[str, list[Tree]] = {}
    for key, value in tree.entries:
        values.setdefault(key, []).append(value)
    if list(values) == [REST]:
        return GAP
    return {
        key: GAP if key == REST else _function(key, _pattern(each[index if len(each) > 1 else 0], index))
        for key, each in values.items()
    }


def _function(key: str, value: Pattern) -> Pattern:
    """The value of a key; that of Fn::GetAtt in its list form."""
    if key == "Fn::GetAtt" and isinstance(value, str) and "." in value:
        return [*value.split(".", 1)]
    return value
