"""What a transform is: a value with two pure functions and a docstring."""

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fixer.authoring.context import Context, Option
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier

Detect = Callable[[Template, Context], Iterator[Finding]]
MakePatch = Callable[[Template, Finding, Context], Patch]


@dataclass(frozen=True)
class Transform:
    """One failure and its repair.

    `detect` yields what is wrong in a template; `patch` yields the repair of one finding, `Patch.none(reason)` when it
    cannot be sure. Both are pure. `doc` is the module's docstring: one line, then the sections "Why it fails:",
    "What the fix does:", "Why it is safe:" or "What to review:", "References:". `tier` is the mildest that it declares.
    `requirement` names the requirement without which it finds nothing (unless it is selected by name); `rules` are the
    cfn-lint rules that feed a lint-driven transform; `told_by` are regular expressions (case does not count), one of
    which the title of a failure in a review must contain to mean this one.

    `changes` declares what its patches change in the resolved template, as `fixer.engine.equivalence` describes; what
    is not declared must stay. `changes_if_safe`, where it is given, holds for patches of tier `safe` instead.
    """

    id: str
    doc: str
    tier: Tier
    detect: Detect
    patch: MakePatch
    options: tuple[Option, ...] = ()
    requirement: str | None = None
    rules: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    changes_if_safe: tuple[str, ...] | None = None

    def may_change(self, patch: Patch) -> tuple[str, ...]:
        """The declarations that hold for a patch of this transform: its own, and those that the patch adds."""
        is_stricter = patch.tier is Tier.SAFE and self.changes_if_safe is not None
        return ((self.changes_if_safe or ()) if is_stricter else self.changes) + patch.changes

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return self.doc.strip().partition("\n")[0]

    @property
    def sections(self) -> dict[str, str]:
        """The sections of its documentation, in their order: heading without colon to text."""
        parts = re.split(r"^([A-Z][a-z ]+):\n", self.doc.strip(), flags=re.M)
        return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}

    def option(self, name: str) -> Option | None:
        """The option of that name."""
        return next((option for option in self.options if option.name == name), None)


def registered(folder: str, *modules: str) -> tuple[Transform, ...]:
    """The transforms of a folder (its dotted name), in the order of its modules.

    Raises ImportError for a module that does not exist: nothing runs then.
    """
    return tuple(importlib.import_module(f"{folder}.{module}").TRANSFORM for module in modules)
