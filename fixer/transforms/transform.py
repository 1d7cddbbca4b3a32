"""A transform: a value with two pure functions and a docstring."""

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fixer.authoring.context import Context, Option
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Severity, Tier

Detect = Callable[[Template, Context], Iterator[Finding]]
MakePatch = Callable[[Template, Finding, Context], Patch]


_LONGEST_TITLE = 300
_LONGEST_BODY = 3000


@dataclass(frozen=True)
class Told:
    """How a review tells a failure: an expression for its title and, where titles are ambiguous, one for its body.

    The expressions ignore case; that for the body may also match in the title. A title without a body decides alone,
    unless it is `ambiguous`. `example` is a failure that they match, `unlike`
    one that they must not match: a title or, with a line break, a title and a body.
    """

    title: str
    example: str
    unlike: str
    body: str = ""
    ambiguous: bool = False

    def tells(self, title: str, body: str) -> bool:
        """Whether a failure with this title and this text below it is told so."""
        if not re.search(self.title, title[:_LONGEST_TITLE], re.I):
            return False
        if not self.body or not (body.strip() or self.ambiguous):
            return True
        return bool(re.search(self.body, f"{title[:_LONGEST_TITLE]}\n{body[:_LONGEST_BODY]}", re.I))


@dataclass(frozen=True)
class Transform:
    """One failure and its repair.

    `detect` yields the findings in a template. `patch` returns the repair of one finding, or `Patch.none(reason)` if
    the repair is not certain. Both are pure. `doc` is the module's docstring: one line, then the sections "Why it
    fails:", "What the fix does:", "Why it is safe:" or "What to review:", "References:". `tier` is the mildest tier
    that its patches declare. Without the `requirement`, the transform finds nothing, unless it is selected by name.
    `rules` are the cfn-lint rules whose matches a lint-driven transform reads. `told_by` are the ways
    in which reviews tell the failure.

    `changes` declares what its patches change in the resolved template, in the notation of `fixer.engine.equivalence`;
    everything else must stay the same. `changes_if_safe`, if given, applies to patches of tier `safe` instead.

    `last`: it runs only in a round in which nothing else is repaired, because another repair may still use what it
    removes. Its context knows which names the other findings of the run mention.

    `severity` is that of its findings; a finding with a cfn-lint match has the severity of the match.

    `pack`: it is a wish, not a fault, and runs only if this pack, its id or a control that it answers is named.
    `controls` are the ids that other tools and standards give to what it repairs.
    """

    id: str
    doc: str
    tier: Tier
    detect: Detect
    patch: MakePatch
    options: tuple[Option, ...] = ()
    requirement: str | None = None
    rules: tuple[str, ...] = ()
    told_by: tuple[Told, ...] = ()
    changes: tuple[str, ...] = ()
    changes_if_safe: tuple[str, ...] | None = None
    last: bool = False
    severity: Severity = Severity.WARNING
    pack: str | None = None
    controls: tuple[str, ...] = ()

    def may_change(self, patch: Patch) -> tuple[str, ...]:
        """What a patch of this transform may change: the declarations of the transform and those of the patch."""
        is_stricter = patch.tier is Tier.SAFE and self.changes_if_safe is not None
        return ((self.changes_if_safe or ()) if is_stricter else self.changes) + patch.changes

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().partition("\n")[0]

    @property
    def sections(self) -> dict[str, str]:
        """The sections of the documentation, in their order: heading without colon → text."""
        # A heading has a line of its own: matches "Why it fails:". Must not match a line with text behind the colon, as
        # in "Note: the name stays."
        parts = re.split(r"^([A-Z][a-z ]+):\n", self.doc.strip(), flags=re.M)
        return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}

    def option(self, name: str) -> Option | None:
        """The option with that name; None if there is none."""
        return next((option for option in self.options if option.name == name), None)


def registered(folder: str, *modules: str) -> tuple[Transform, ...]:
    """The transforms of a folder, given by its dotted name, in the order of its modules.

    Raises ImportError if a module does not exist, so that no run leaves a transform out.
    """
    return tuple(importlib.import_module(f"{folder}.{module}").TRANSFORM for module in modules)
