"""Questions and answers of a review."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from fixer.document import parse
from fixer.document.text_patch import is_text_patch
from fixer.errors import FixerError
from fixer.model import Op, Resolution
from fixer.model.failures import Failure

Files: TypeAlias = Mapping[str, tuple[Op, ...]]


class Choice(Enum):
    """The possible answers to a question; the value is the key."""

    APPLY = "y"
    SKIP = "n"
    APPLY_ALL = "a"
    SKIP_ALL = "s"
    FILE = "f"
    TIER = "t"
    EDIT = "e"
    EDIT_TEXT = "E"
    VALUE = "v"
    NEXT = "j"
    PREVIOUS = "k"
    JUMP = "g"
    SEARCH = "/"
    UNDO = "u"
    QUIT = "q"
    WRITE = "w"


ON_PATCHES = (Choice.APPLY, Choice.SKIP, Choice.APPLY_ALL, Choice.SKIP_ALL, Choice.FILE, Choice.TIER, Choice.EDIT)
ON_TEXTS = (Choice.APPLY, Choice.SKIP, Choice.APPLY_ALL, Choice.SKIP_ALL)
ON_VALUES = (Choice.VALUE, Choice.SKIP, Choice.SKIP_ALL, Choice.FILE)
MOVES = (Choice.NEXT, Choice.PREVIOUS, Choice.JUMP, Choice.SEARCH)


@dataclass(frozen=True)
class Answer:
    """A choice. `files` are the edited operations (EDIT, EDIT_TEXT); `values` are tuples (transform id, option, value)
    (VALUE); `accept`: whether all of a FILE or TIER are applied or skipped; `goal`: the number among the undecided,
    from 0 (JUMP, SEARCH).
    """

    choice: Choice
    files: Files = field(default_factory=dict)
    values: tuple[tuple[str, str, str], ...] = ()
    accept: bool = True
    goal: int = 0


@dataclass(frozen=True)
class Question:
    """A finding to decide: the texts before and after its patch (none: it needs a value first), a notice ("": none).

    `open_` are the undecided findings of the project, and `at` is the number of this one among them, from 0; `decided`
    is the number of the findings decided so far, `accepted` that of the patches that would be written now. `failure` is
    the listed failure that shows this repair, if one does.
    """

    resolution: Resolution
    before: Mapping[str, str]
    after: Mapping[str, str]
    notice: str
    open_: tuple[Resolution, ...]
    at: int
    decided: int
    accepted: int
    can_undo: bool
    undeployed: bool
    asked_for: str = ""
    failure: Failure | None = None

    @property
    def left(self) -> int:
        """The number of undecided findings."""
        return len(self.open_)

    @property
    def number(self) -> str:
        """The number of the question and of all, such as "3/14"."""
        return f"{self.decided + self.at + 1}/{self.decided + self.left}"

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices for this question."""
        decide: tuple[Choice, ...] = ON_VALUES
        if any(map(is_text_patch, self.resolution.patches.values())):
            decide = ON_TEXTS
        elif self.after:
            decide = (*ON_PATCHES, *((Choice.EDIT_TEXT,) if len(self.after) == 1 else ()))
        moves = MOVES if self.left > 1 else ()
        return (*decide, *moves, *((Choice.UNDO,) if self.can_undo else ()), Choice.QUIT, Choice.WRITE)

    def refusal(self, files: Files) -> str:
        """Why these operations cannot replace the patch; "" if they can."""
        for path, ops in files.items():
            if path not in self.before:
                return f"{path} is not a file of this patch: {', '.join(self.before)}"
            try:
                parse(self.before[path], path).apply(ops)
            except FixerError as error:
                return str(error)
        return "" if any(files.values()) else "there are no operations: skip the finding instead"


Ask = Callable[[Question], Answer]


class Stopped(Exception):
    """The person has stopped; nothing is written. `kept` is the number of decisions that the next review resumes."""

    def __init__(self, kept: int = 0) -> None:
        super().__init__()
        self.kept = kept
