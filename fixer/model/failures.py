"""The values of a failure list (a review): its failures and the fragments of templates that they show."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a fragment shows: the fault, its correction, or neither (a command, an error message, a test)."""

    FAULTY = "faulty"
    CORRECTED = "corrected"
    NEITHER = "neither"


class About(StrEnum):
    """What a listed entry is about: a fault of a template, something else that is at fault (tests, documentation,
    process, code of a function), or nothing that is at fault (praise, advice, a summary).
    """

    TEMPLATE = "template"
    OTHER = "other"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A code block of a failure list: its role, its text without the fences, the line of the document on which the
    text begins (from 1), and the words that label it ("" if there are none).

    `path` and `first` to `last` (from 1) are the template and the lines of it that the fragment stands for, where the
    document says so, as a review of a pull request does ("" and 0 otherwise).
    """

    role: Role
    text: str
    line: int
    label: str = ""
    path: str = ""
    first: int = 0
    last: int = 0


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
    `pairs` those that belong together, in their order. `about` says whether it is a fault of a template, and
    `about_why` why it is not.
    """

    number: int
    title: str
    impact: str
    line: int
    path: str = ""
    body: str = ""
    fragments: tuple[Fragment, ...] = ()
    pairs: tuple[Pair, ...] = ()
    about: About = About.TEMPLATE
    about_why: str = ""
