"""The value of a property repair that refers to another resource, with the operations that this resource needs."""

from dataclasses import dataclass, field

from fixer.model import Json, Op


@dataclass(frozen=True)
class Companion:
    """A value; the operations on other resources that come with it, and what they change in the resolved template;
    or the reason why there is none, with the values (`--set`) that the user may give.
    """

    value: Json = None
    ops: tuple[Op, ...] = ()
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    refused: str = ""
    wants: tuple[str, ...] = ()
