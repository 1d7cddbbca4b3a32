"""The values of a failure list (a review): its failures and the fragments of templates that they show."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a fragment shows: the fault, its correction, or neither (a command, an error message, a test)."""

    FAULTY = "faulty"
    CORRECTED = "corrected"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A code block of a failure list: its role, its text without the fences, the line of the document on which the
    text begins (from 1), and the words that label it ("" if there are none).
    """

    role: Role
    text: str
    line: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A faulty fragment and its correction. Without a faulty one the correction is an addition; without a corrected
    one only the fault is known.
    """

    faulty: Fragment | None
    corrected: Fragment | None


@dataclass(frozen=True, slots=True)
class Failure:
    """One listed failure: its number, title, impact in lower case ("" if not stated), and line (from 1).

    `path` is the document that lists it, `body` the text below its title, `fragments` the code blocks of the body, and
    `pairs` those that belong together, in their order.
    """

    number: int
    title: str
    impact: str
    line: int
    path: str = ""
    body: str = ""
    fragments: tuple[Fragment, ...] = ()
    pairs: tuple[Pair, ...] = ()
