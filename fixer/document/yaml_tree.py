"""The nodes of a YAML text: a value at its place, and how it is written there."""

from dataclasses import dataclass
from typing import NamedTuple

from fixer.document.source import Entry, Node
from fixer.model import Json


@dataclass(slots=True, eq=False)
class YamlNode(Node):
    """A node of YAML text. `start` is where its tag, anchor or text begins, `body` where the text after tag and anchor
    begins.

    `flow` distinguishes [..] and {..} from block style; `style` is a scalar's: "", "'", '"', "|" or ">", and `keeps`
    says that a block scalar (|+) has the blank lines below it in its value, which therefore belong to its text.
    `frozen` states why nothing in it may be edited. `pseudo` nodes have no text of their own: they are the long form
    of a short tag. `elsewhere` are the nodes that are written in another place and count here: an alias's, a merge
    key's; the first that has a key counts.
    """

    body: int = 0
    entries: tuple[Entry, ...] = ()
    flow: bool = False
    style: str = ""
    tag: str = ""
    frozen: str = ""
    pseudo: bool = False
    keeps: bool = False
    elsewhere: tuple["YamlNode", ...] = ()

    @property
    def is_block(self) -> bool:
        """Whether it is a block of lines, one or more for each entry (it may have a tag before)."""
        return bool(self.entries) and not self.flow and not (self.pseudo and not _inner(self).entries)

    @property
    def is_scalar(self) -> bool:
        """Whether its text is that of a scalar or an alias."""
        return not self.flow and not self.is_block

    @property
    def is_text(self) -> bool:
        """Whether it is a string, or a function of one: `!Sub x`."""
        return self.is_scalar and (isinstance(self.data, str) or self.pseudo)

    @property
    def first(self) -> Entry:
        """The first entry of a block."""
        return self.entries[0] if not self.pseudo else _inner(self).entries[0]

    @property
    def last(self) -> "YamlNode":
        """The node that its text ends with: itself, or the last one in it."""
        node = self
        while node.entries:
            node = _inner(node, -1)
        return node


def _inner(node: YamlNode, index: int = 0) -> YamlNode:
    value = node.entries[index].value
    assert isinstance(value, YamlNode)
    return value


class Measure(NamedTuple):
    """How many values some data has, how many characters, and how deep it is."""

    size: int
    characters: int
    depth: int


def merge_sources(node: YamlNode) -> list[YamlNode]:
    """The mappings that a merge key names."""
    if not isinstance(node.data, list):
        return [node]
    listed = node.elsewhere[0] if node.elsewhere else node
    return [entry.value for entry in listed.entries if isinstance(entry.value, YamlNode)]


def measure(data: Json) -> Measure:
    """The measure of some data. What is there several times counts several times."""
    size = characters = depth = 0
    level: list[Json] = [data]
    while level:
        depth += 1
        size += len(level)
        below: list[Json] = []
        for value in level:
            if isinstance(value, dict):
                characters += sum(map(len, value))
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                characters += len(value)
        level = below
    return Measure(size, characters, depth)
