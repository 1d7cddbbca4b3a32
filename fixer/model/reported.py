"""A finding of another tool."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding of another tool: the tool, its rule, the path as the tool reports it, the logical id of the resource
    ("" if the tool names none) and the lines of the template (0: not known), from and to, and the message.

    `source` is the file that lists it, or the Guard rules that failed. `wanted` are the transforms to try; empty: those
    that answer the rule. `dropped` says why the repair is not offered.
    """

    tool: str
    rule: str
    path: str
    resource: str = ""
    line: int = 0
    last: int = 0
    message: str = ""
    source: str = ""
    wanted: tuple[str, ...] = ()
    dropped: str = ""
