"""The frozen values that flow through fixer."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from textwrap import shorten
from typing import TypeAlias

from fixer.errors import FixerError
from fixer.model.failures import Failure

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Template data: any value that JSON can express. Dictionaries keep the order of the text."""

Op: TypeAlias = dict[str, Json]
"""One RFC 6902 operation: {"op": ..., "path": ..., ...}."""

_LONGEST_MESSAGE = 240
"""Characters of a tool's message that a reason quotes."""


class Tier(StrEnum):
    """How much a patch may do to a deployed stack, mildest first."""

    SAFE = "safe"
    REVIEW = "review"
    UNSAFE = "unsafe"
    NEEDS_VALUE = "needs-value"

    @property
    def rank(self) -> int:
        """0 for safe, and so on upwards: where several tiers hold, the highest rank wins."""
        return list(Tier).index(self)


class Outcome(StrEnum):
    """The outcome of a finding."""

    FOUND = "found"
    APPLIED = "applied"
    WOULD_APPLY = "would-apply"
    SKIPPED = "skipped"
    NEEDS_VALUE = "needs-value"
    CONFLICT = "conflict"
    UNVERIFIED = "unverified"
    FAILED = "failed"


class Severity(StrEnum):
    """How bad a failure is, worst first. ERROR: the template does not deploy, or what it makes does not work. WARNING:
    it works, but not as it should. ADVICE: it may be better.
    """

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"

    @property
    def rank(self) -> int:
        """0 for advice, and so on upwards."""
        return len(Severity) - 1 - list(Severity).index(self)


class EffectKind(StrEnum):
    """What a stack update does to one entry of a template because of a patch, mildest first."""

    ADD = "add"
    UPDATE = "update"
    MAY_REPLACE = "may-replace"
    REPLACE = "replace"
    REMOVE = "remove"
    WIDEN = "widen"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a patch does to one resource, parameter or output (`section`, `name`) of a deployed stack, and why.

    `tier` is the mildest tier that a patch with this effect can have.
    """

    path: str
    section: str
    name: str
    kind: EffectKind
    why: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Deduction:
    """A fact that fixer deduced about a template, and the evidence for it."""

    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A line of a requirements document and the requirement that it was understood as."""

    path: str
    line: int
    text: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text. Line and column count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of text: `old`, from offset start to offset end (from 0) of the text before, becomes `new`."""

    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LintMatch:
    """One cfn-lint match. `path` is the template path as cfn-lint reports it; line and column count from 1."""

    rule: str
    severity: str
    message: str
    path: tuple[str | int, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class LintResult:
    """The cfn-lint result for one text: its matches or, if cfn-lint failed or took too long, the reason."""

    matches: tuple[LintMatch, ...] = ()
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure: the transform that found it, the place, the message, and the value at that place.

    `key` identifies the same failure after unrelated edits: the transform id, the path, and the pointer with list
    indices replaced by a fingerprint of the item. `match` is the lint match behind the finding of a lint-driven
    transform.
    """

    id: str
    path: str
    pointer: str
    message: str
    seen: Json
    key: str
    match: LintMatch | None = None

    @property
    def seen_digest(self) -> str:
        """A digest of the value at the place, 16 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.seen, sort_keys=True).encode()).hexdigest()[:16]

    def fix(self, files: Mapping[str, Iterable[Op]]) -> str:
        """An id for a repair of this finding, 16 hexadecimal digits; different operations give a different id."""
        ops = {path: list(each) for path, each in files.items()}
        named = json.dumps([self.id, self.path, self.place, ops], sort_keys=True)
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    @property
    def place(self) -> str:
        """The pointer as in the key: list indices are replaced by fingerprints of the items."""
        return self.key.removeprefix(f"{self.id}:{self.path}:")


@dataclass(frozen=True, slots=True)
class Patch:
    """The repair of one finding: RFC 6902 operations per file, or no operations and the reason.

    `tier` is what the transform declares; `undeployed` is the tier if no stack exists yet, where that is milder.
    `wants` names the values (`ID.NAME=VALUE`) that the user must give before the patch can be written, `after` the
    transform whose repair must come first. `changes` declares what this patch changes in the resolved template besides
    what its transform declares (see `fixer.engine.equivalence`).
    """

    files: Mapping[str, tuple[Op, ...]] = field(default_factory=dict)
    tier: Tier = Tier.REVIEW
    undeployed: Tier | None = None
    notes: tuple[str, ...] = ()
    reason: str = ""
    wants: tuple[str, ...] = ()
    after: str = ""
    changes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        path: str,
        ops: Iterable[Op],
        tier: Tier,
        notes: Iterable[str] = (),
        undeployed: Tier | None = None,
        changes: tuple[str, ...] = (),
    ) -> "Patch":
        """A patch of one file."""
        return cls({path: tuple(ops)}, tier, undeployed, tuple(notes), changes=changes)

    @classmethod
    def none(cls, reason: str, tier: Tier = Tier.REVIEW) -> "Patch":
        """No patch, because the repair is not certain. The user sees the reason."""
        return cls(tier=tier, reason=reason)

    @classmethod
    def later(cls, reason: str, after: str, tier: Tier = Tier.REVIEW) -> "Patch":
        """No patch until the finding of another transform in the same place is repaired."""
        return cls(tier=tier, reason=reason, after=after)

    @classmethod
    def needs(cls, reason: str, *wants: str) -> "Patch":
        """No patch until the user gives values; each want reads `ID.NAME=VALUE`, VALUE being a placeholder."""
        return cls(tier=Tier.NEEDS_VALUE, reason=reason, wants=wants)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A lint match that several patches may have caused or, with `hides`, hidden: it is gone, but no patch repaired it.
    `keys` are those of their findings, in the order of application; `judge` is the tool that reports it.
    """

    path: str
    match: LintMatch
    keys: tuple[str, ...]
    hides: bool = False
    judge: str = "cfn-lint"

    def is_like(self, other: "Suspicion") -> bool:
        """Whether it is the same match in another trial, where lines may have moved."""
        mine, theirs = ((each.path, each.match.rule, each.hides, each.judge) for each in (self, other))
        return mine == theirs

    @property
    def reason(self) -> str:
        """What is wrong with the patch that causes this."""
        said = shorten(self.match.message, _LONGEST_MESSAGE, placeholder=" ...")  # It may list every name.
        what = f"{self.match.rule} at {self.path}:{self.match.line}: {said}"
        if self.hides:
            return f"{self.judge} would no longer report {what}; the patch hides that fault and does not repair it"
        return f"{self.judge} then reports {what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of the proof of a round of patches. It holds when no patch is blamed or suspected.

    `blamed` maps a finding's key to what its patch did wrong. `failed` maps a path to why a tool cannot check it.
    `revealed` are the lint matches per path that only became visible because a patch removed what masked them.
    """

    blamed: Mapping[str, str] = field(default_factory=dict)
    suspicions: tuple[Suspicion, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    revealed: Mapping[str, tuple[LintMatch, ...]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every patch of the round is proven."""
        return not (self.blamed or self.suspicions or self.failed)


@dataclass(frozen=True, slots=True)
class Resolution:
    """One finding and its outcome. `wants` and `after` are those of its patch, if it has no operations yet; `patches`
    are the operations per file, as they were or would be applied; `order` counts the applied patches of a project from
    1 (0: not applied); `effects` are what the patch does to deployed stacks.
    """

    finding: Finding
    position: Position
    tier: Tier
    outcome: Outcome
    reason: str = ""
    notes: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    after: str = ""
    patches: Mapping[str, tuple[Op, ...]] = field(default_factory=dict)
    order: int = 0
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """One template of a run. `lint_before` and `lint_after` are None if it was not linted, `role` and `region` if they
    are not known; `edits` lead from the text before to the text after. `unrepaired` are cfn-lint's errors that no
    transform takes up, each as a finding whose id is the rule.
    """

    path: str
    before: str
    after: str
    resolutions: tuple[Resolution, ...] = ()
    lint_before: tuple[LintMatch, ...] | None = None
    lint_after: tuple[LintMatch, ...] | None = None
    lint_revealed: tuple[LintMatch, ...] = ()
    role: Deduction | None = None
    region: Deduction | None = None
    edits: tuple[Edit, ...] = ()
    unrepaired: tuple[Finding, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the run changes its text."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run found and did, and the only source of its output. `undeployed`: no stack exists yet; `failures`:
    those that the given failure lists name.
    """

    templates: tuple[TemplateReport, ...] = ()
    errors: tuple[FixerError, ...] = ()
    warnings: tuple[str, ...] = ()
    suppressed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    requirement_lines: tuple[RequirementLine, ...] = ()
    undeployed: bool = False
    failures: tuple[Failure, ...] = ()

    @property
    def resolutions(self) -> Iterator[Resolution]:
        """Every finding of every template, in the order of the report."""
        return (resolution for template in self.templates for resolution in template.resolutions)

    def count(self, *outcomes: Outcome) -> int:
        """The number of findings with one of these outcomes."""
        return sum(resolution.outcome in outcomes for resolution in self.resolutions)
