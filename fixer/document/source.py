"""The parts of a document's text, independent of the syntax, and what a syntax must be able to do with them.

The splice engine (`splice`) decides which entries of which container are kept, removed, inserted, replaced or renamed;
a `Source`, one per syntax, knows the text: where entries are, how to remove them, and how to write new ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from fixer.model import Json, Position


class Syntax(StrEnum):
    """The two languages that CloudFormation reads."""

    JSON = "json"
    YAML = "yaml"


class NodeKind(Enum):
    """What a value is made of."""

    MAPPING = "mapping"
    SEQUENCE = "sequence"
    SCALAR = "scalar"


def kind_of(data: object) -> NodeKind:
    """The kind of some data."""
    if isinstance(data, dict):
        return NodeKind.MAPPING
    return NodeKind.SEQUENCE if isinstance(data, list) else NodeKind.SCALAR


@dataclass(slots=True, eq=False)
class Node:
    """A value at its place: characters start to end of the text, and the data. Compared by identity.

    Nothing changes a node or an entry. They are not frozen, because frozen objects take four times as long to make.
    """

    start: int
    end: int
    data: Json

    @property
    def kind(self) -> NodeKind:
        """What it is made of."""
        return kind_of(self.data)


@dataclass(slots=True, eq=False)
class Entry:
    """One entry of a container: the key's characters are start to key_end (none in a sequence), then the value."""

    index: int
    key: str | None
    start: int
    key_end: int
    value: Node

    @property
    def end(self) -> int:
        """Where the value ends."""
        return self.value.end


class SpliceKind(Enum):
    """What a splice is for."""

    CHANGE = "change"
    VALUE = "value"
    """It overwrites a value: comments inside the old value are kept above it."""

    CLOSING = "closing"
    """It closes a value because something is written below; it has no effect if the value itself is overwritten."""


class Splice(NamedTuple):
    """Characters start to end of a text become `new`."""

    start: int
    end: int
    new: str
    kind: SpliceKind = SpliceKind.CHANGE


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """The text of a value, taken from its old place (`node`, the value of `entry`) for another place; `data` is its
    data. If it was `moved`, its old place no longer has it.
    """

    text: str
    node: Node
    entry: Entry | None
    data: Json
    moved: bool


@dataclass(frozen=True, slots=True, eq=False)
class Noted:
    """A draft with the comments that belong to its entry: lines above it, and a comment on its first line."""

    draft: "Draft"
    above: tuple[str, ...] = ()
    beside: str = ""


Draft: TypeAlias = "bool | int | float | str | Lifted | Noted | list[Draft] | dict[str, Draft] | None"
"""A value to be written: data, parts of which may be text lifted from another place."""

Drafts: TypeAlias = Sequence[tuple[str | None, Draft]]
"""Entries to be written: key (None in a sequence) and value."""


class Unprovable(Exception):
    """A place that cannot be edited with proof. The message completes "cannot edit this place: ..."."""


class Source(Protocol):
    """One parsed text. Offsets count the characters of `text`."""

    text: str
    root: Node

    @property
    def attempts(self) -> int:
        """The number of ways to write an edit. The most natural way is the first, the most cautious one the last."""

    def position(self, offset: int) -> Position:
        """Line and column of a character."""

    def entries(self, node: Node) -> Sequence[Entry]:
        """The entries of a container in the order of the text, duplicate keys included; none of a scalar."""

    def refusal(self, node: Node) -> str:
        """Why the parts of this node must not be edited, as a clause ("it is an alias ..."); "" if they may."""

    def elsewhere(self, node: Node) -> Sequence[Node]:
        """The nodes whose entries count as this node's although they are written in another place; the first counts."""

    def virtual(self, node: Node) -> bool:
        """Whether the node's entries have no text of their own, so that changing them rewrites the node."""

    def replace(self, node: Node, within: Node | None, draft: Draft, attempt: int) -> list[Splice]:
        """Writes another value in the place of one. `within` is its container."""

    def rename(self, entry: Entry, key: str, attempt: int) -> list[Splice]:
        """Writes another key."""

    def insert(
        self, container: Node, before: Entry | None, after: Entry | None, drafts: Drafts, attempt: int
    ) -> list[Splice]:
        """Writes new entries between two neighbours that both stay; one of them may be None."""

    def remove(self, container: Node, run: Sequence[Entry], before: Entry | None, after: Entry | None) -> list[Splice]:
        """Removes adjacent entries. `before` and `after` are the nearest entries that stay; one of them may be None."""

    def lifted(
        self, node: Node, entry: Entry | None, inside: Sequence[Splice], data: Json, moved: bool, stays: bool
    ) -> Lifted:
        """The text of a value for another place, after the splices inside it, which lead to `data`. The comment beside
        it comes along if it was `moved`, unless that `stays` because the entry gets another value.
        """

    def comments(self, entry: Entry) -> Noted:
        """The comments above an entry and on the line of its key (of no draft)."""

    def has_comments(self, entry: Entry) -> bool:
        """Whether any comments belong to an entry: around or inside it."""

    def checked(self, splices: Sequence[Splice], gone: Sequence[Entry]) -> list[Splice]:
        """The splices, with those added that keep comments which would be lost otherwise. Only comments of entries that
        are `gone` may be lost; raises Unprovable for others that cannot be kept.
        """

    def refill(self, container: Node, within: Node | None, drafts: Drafts, attempt: int) -> list[Splice]:
        """Writes the entries of a container that keeps none of its old entries; without drafts it becomes empty."""


def position_at(text: str, offset: int) -> Position:
    """Line and column (from 1) of a character. Lines end with LF, CR LF or CR; a byte order mark has no width."""
    lines = text.count("\n", 0, offset)
    if "\r" in text:
        lines += text.count("\r", 0, offset) - text.count("\r\n", 0, offset)
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    if start == 0 and text.startswith("\ufeff") and offset:
        start = 1
    return Position(lines + 1, offset - start + 1)
