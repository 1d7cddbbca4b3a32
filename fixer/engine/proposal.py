"""A finding's patch, with its effects on deployed stacks and its tier.

This module applies the rules for every transform: templates that cannot be proven are not patched, files outside the
PATHs are not changed, and a nested template and its parents change together.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from fixer.authoring.context import Context, Handled
from fixer.authoring.stale_texts import stale_notes
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.applied import patched
from fixer.engine.equivalence import PARENTS, Declaration, undeclared
from fixer.engine.joins import wrong_join
from fixer.engine.nesting import with_parents
from fixer.engine.selection import IN_REVIEW, is_skipped, option_values, tiers
from fixer.errors import FixerError
from fixer.impact.resources import impact
from fixer.model import Effect, EffectKind, Finding, LintMatch, Op, Outcome, Patch, Position, Resolution, Tier
from fixer.model.versions import Version, no_versions
from fixer.settings import Settings
from fixer.transforms.transform import Transform


@dataclass(frozen=True, slots=True)
class Proposal:
    """A complete patch, its tier, its tier if no stack exists yet, and what it may change in the resolved template."""

    finding: Finding
    patch: Patch
    tier: Tier
    undeployed: Tier
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a proposal is applied, and if not, the reason. `files` are operations to apply instead of its own."""

    accept: bool
    reason: str = ""
    files: Mapping[str, tuple[Op, ...]] | None = None


Decide = Callable[[Proposal], Decision]


@dataclass(frozen=True)
class Setup:
    """The part of a run that does not change.

    `scope` holds the paths that may be written; `matches` gives the lint matches of a template; `foresee` receives the
    texts that will be linted at the end of the round if lint-driven transforms change nothing. `named` are the words of
    the findings of the round, per path, once the transforms that run last are to run; `repaired` are the findings that
    earlier rounds have repaired. `handled` are the entries in which transforms repair listed failures, so that the
    lists' own repairs are not made there. `earlier` gives the earlier versions of the template at a path.
    """

    original: Project
    scope: Collection[str]
    transforms: tuple[Transform, ...]
    settings: Settings
    decide: Decide
    matches: Callable[[Template], tuple[LintMatch, ...]]
    foresee: Callable[[Project], None] = lambda project: None
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    repaired: tuple[Finding, ...] = ()
    handled: frozenset[Handled] = frozenset()
    earlier: Callable[[str], tuple[Version, ...]] = no_versions

    def context(self, transform: Transform, project: Project, path: str) -> Context:
        """The context of the transform for the template at that path."""
        matches = {}
        if transform.rules:
            matches = {each: self._reported(transform, project.templates[each]) for each in self.scope}
        values = option_values(transform, self.settings, project.declared.get(path))
        selected = transform.id in self.settings.select
        return Context(
            transform.id,
            project,
            values,
            self.settings.require,
            matches,
            selected,
            self.named,
            self.settings.failures,
            self.original,
            self.handled,
            self.earlier,
        )

    def _reported(self, transform: Transform, template: Template) -> tuple[LintMatch, ...]:
        return tuple(match for match in self.matches(template) if match.rule in transform.rules)


def propose(
    setup: Setup, transform: Transform, finding: Finding, project: Project, errors: dict[str, FixerError]
) -> tuple[Proposal | None, Resolution]:
    """The patch for a finding with its tier, if there is one, and the finding's resolution so far."""
    template = project.templates[finding.path]
    position = _position(setup.original.templates[finding.path], template, finding.pointer)
    if is_skipped(finding, setup.settings):
        return None, Resolution(finding, position, transform.tier, Outcome.SKIPPED, IN_REVIEW)
    try:
        patch = _patch(setup, transform, finding, template, project)
    except FixerError:
        raise
    except Exception as error:
        errors[f"{transform.id}:{finding.path}"] = bug = bug_in(transform, finding.path, error)
        return None, Resolution(finding, position, transform.tier, Outcome.FAILED, bug.message)
    after = _after(project, patch)
    effects = impact(project, after, patch.files) if after else ()
    tier, milder = tiers(patch, effects, setup.settings, transform.id)
    outcome = Outcome.NEEDS_VALUE if patch.wants else Outcome.SKIPPED
    notes = (*patch.notes, *_still_passed(project, effects), *_stale(project, patch))
    shown = milder if setup.settings.undeployed else tier
    resolution = Resolution(
        finding, position, shown, outcome, patch.reason, notes, patch.wants, patch.after, patch.files, effects=effects
    )
    changes = transform.may_change(patch)
    declaration = [Declaration(finding, changes, patch.files)]
    if after and (reason := undeclared(project, after, declaration) or wrong_join(project, after, patch.files)):
        return None, replace(resolution, outcome=Outcome.UNVERIFIED, reason=reason)
    return (Proposal(finding, patch, tier, milder, changes) if patch.files else None), resolution


def effects_of(project: Project, patch: Patch) -> tuple[Effect, ...]:
    """The effects of the patch on deployed stacks; () if it does not apply, which the splice will report."""
    after = _after(project, patch)
    return impact(project, after, patch.files) if after is not None else ()


def _after(project: Project, patch: Patch) -> Project | None:
    """The project after the patch; None if it does not apply."""
    import jsonpatch

    after = project
    try:
        for path, ops in patch.files.items():
            data = patched(project.templates[path].data, ops)
            after = after.with_template(Template.of_data(path, data))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        return None
    return after


def _still_passed(project: Project, effects: tuple[Effect, ...]) -> Iterator[str]:
    """A note for each file that passes a removed parameter."""
    for effect in effects:
        if effect.section == "Parameters" and effect.kind is EffectKind.REMOVE:
            for file in project.parameter_files:
                if effect.name in file.names and file.template in ("", effect.path):
                    yield f"{file.path} still passes {effect.name}, which the template no longer has: remove it there."


def _stale(project: Project, patch: Patch) -> Iterator[str]:
    """A note for each text beside a changed value that still says the old one, unless the transform has told so."""
    for path, ops in patch.files.items():
        yield from (note for note in stale_notes(project.templates[path], ops) if note not in patch.notes)


def _patch(setup: Setup, transform: Transform, finding: Finding, template: Template, project: Project) -> Patch:
    """The transform's patch, unless a rule forbids it: unprovable templates and files outside the PATHs stay unchanged.

    The agreement of YAML readers is checked on the initial text; the texts of each round are proven in that round.
    """
    if template.unprovable:
        return Patch.none(template.unprovable, transform.tier)
    patch = transform.patch(template, finding, setup.context(transform, project, finding.path))
    if (after := _after(project, patch)) is not None:
        joined = with_parents(patch, project, after)
        patch = joined if joined.files == patch.files else replace(joined, changes=patch.changes + PARENTS)
    for path in patch.files:
        if reason := project.templates[path].unprovable:
            return Patch.none(f"{path}: {reason}", patch.tier)
        if path not in setup.scope:
            return Patch.none(f"the repair also changes {path}: add it to the PATHs", patch.tier)
        if reason := setup.original.templates[path].document.disputed:
            return Patch.none(reason if path == template.path else f"{path}: {reason}", patch.tier)
    return patch


def _position(original: Template, template: Template, place: str) -> Position:
    """The position in the user's text: in the original text if the place is the same there."""
    try:
        if original.key_of(place) == template.key_of(place):
            return original.document.position(place)
    except (KeyError, IndexError, ValueError):
        pass
    return template.document.position(place)


def bug_in(transform: Transform, path: str, error: Exception) -> FixerError:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return FixerError(f"{transform.id} failed ({what}); this is a bug in fixer, please report it", path)
