"""The frozen values that flow through fixer, and its errors. Level 0: imports nothing of fixer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, Union

Json: TypeAlias = Union[None, bool, int, float, str, list["Json"], dict[str, "Json"]]
"""Template data: what JSON can say. Dictionaries keep the order of the text."""

Op: TypeAlias = dict[str, Json]
"""One RFC 6902 operation: {"op": ..., "path": ..., ...}."""


class FixerError(Exception):
    """What a user can do something about. Shown as one line `path:line:column: message`; anything else is a bug.

    line and column count from 1; None where they make no sense.
    """

    def __init__(self, message: str, path: str = "", line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path or None, self.line, self.column) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class BadTemplate(FixerError):
    """A file that cannot be read, parsed, or is no template."""


class BadPatch(FixerError):
    """Operations that are malformed, do not apply, or would edit a place that cannot be edited with proof."""


class BadConfig(FixerError):
    """A setting, option or configuration file that is wrong."""


class Tier(StrEnum):
    """How much a patch may do to a stack that is deployed (DESIGN, "Impact and tier"), mildest first."""

    SAFE = "safe"
    REVIEW = "review"
    UNSAFE = "unsafe"
    NEEDS_VALUE = "needs-value"

    @property
    def rank(self) -> int:
        """0 for safe and upwards: the higher rank wins where several hold."""
        return list(Tier).index(self)


class Outcome(StrEnum):
    """What became of a finding."""

    FOUND = "found"
    APPLIED = "applied"
    WOULD_APPLY = "would-apply"
    SKIPPED = "skipped"
    NEEDS_VALUE = "needs-value"
    CONFLICT = "conflict"
    UNVERIFIED = "unverified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of text: characters start to end (offsets from 0 into the text before), which read `old`, become `new`."""

    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LintMatch:
    """One cfn-lint match. `path` is the template path as cfn-lint gives it; line and column count from 1."""

    rule: str
    severity: str
    message: str
    path: tuple[str | int, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class LintResult:
    """What cfn-lint said of one text: its matches, or, when it broke or took too long, `failed` with the reason."""

    matches: tuple[LintMatch, ...] = ()
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure: which transform found it, where, what, and the value seen there.

    `key` names the same failure after unrelated edits: the transform id, the path, and the pointer with list indices
    replaced by a fingerprint of the item. `match` is the lint match behind the finding of a lint-driven transform.
    """

    id: str
    path: str
    pointer: str
    message: str
    seen: Json
    key: str
    match: LintMatch | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """The repair of one finding: RFC 6902 operations per file, or none and the reason.

    `tier` is what the transform declares; `undeployed` is the tier where no stack exists yet, if that is milder.
    `wants` names the values (`ID.NAME=VALUE`) that the user must give before the patch can be written.
    """

    files: Mapping[str, tuple[Op, ...]] = field(default_factory=dict)
    tier: Tier = Tier.REVIEW
    undeployed: Tier | None = None
    notes: tuple[str, ...] = ()
    reason: str = ""
    wants: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, path: str, ops: Iterable[Op], tier: Tier, notes: Iterable[str] = (), undeployed: Tier | None = None
    ) -> "Patch":
        """A patch of one file."""
        return cls({path: tuple(ops)}, tier, undeployed, tuple(notes))

    @classmethod
    def none(cls, reason: str, tier: Tier = Tier.REVIEW) -> "Patch":
        """No patch, because it cannot be sure; the reason is told to the user."""
        return cls(tier=tier, reason=reason)

    @classmethod
    def needs(cls, reason: str, *wants: str) -> "Patch":
        """No patch until the user gives values; each want reads `ID.NAME=VALUE`, VALUE being a placeholder."""
        return cls(tier=Tier.NEEDS_VALUE, reason=reason, wants=wants)
