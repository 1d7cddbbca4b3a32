"""Findings that a removal repairs: declarations that nothing uses, with those that only they use.

A declaration stays while something may need it: a text that mentions it, a misspelled name that is nearly its name,
a rule, or another finding of the run that names it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.replace_parameters import without_parameters
from fixer.cloudformation.mentions import Mentions
from fixer.cloudformation.name_uses import is_declared, name_uses
from fixer.cloudformation.near_names import how_near
from fixer.cloudformation.template import Template
from fixer.cloudformation.unused import Name, Uses
from fixer.model import Finding, LintMatch, Op, Patch, Tier


@dataclass(frozen=True)
class Removal:
    """Declarations that go together: those that are reported, with their matches, and all of them; or the `reason` why
    they stay. `shared` are the sections that are empty only if other removals of the run empty them too.
    """

    reported: tuple[tuple[LintMatch, str], ...]
    names: tuple[Name, ...]
    reason: str = ""
    shared: frozenset[str] = frozenset()

    @property
    def notes(self) -> tuple[str, ...]:
        """A note about the declarations that go although they are not reported, because only the reported ones use
        them.
        """
        reported = {pointer.split(place) for _, place in self.reported}
        others = [
            f"the {section[:-1].lower()} {name}" for section, name in self.names if (section, name) not in reported
        ]
        return (
            (f"Only this uses {' and '.join(others)}, which {'goes' if len(others) == 1 else 'go'} too.",)
            if others
            else ()
        )

    @property
    def place(self) -> str:
        """The place of the finding: the first reported entry."""
        return self.reported[0][1]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters among the declarations."""
        return tuple(name for section, name in self.names if section == "Parameters")


def unused_entries(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each reported declaration, or a single one for those that are removed together."""
    for removal in removals(template, ctx):
        # cfn-lint ends some of these messages with a full stop, and fixer's messages have none.
        message = "; ".join(match.message.rstrip(".") for match, _ in removal.reported)
        yield ctx.finding(template, removal.place, message, removal.reported[0][0])


def remove_found(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the entry. Nothing that is deployed depends on it, so the tier is `safe`."""
    return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)


def remove_unused(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the declaration and what only it uses. Without a parameter among them, the tier is `safe`."""
    removal = removal_of(template, finding, ctx)
    if removal.reason:
        return Patch.none(removal.reason)
    changes = tuple(f"-{pointer.join('Parameters', name)}" for name in removal.parameters)
    tier = Tier.UNSAFE if removal.parameters else Tier.SAFE
    ops = [*_unchanged(template, removal.shared), *_operations(template, removal.names)]
    return Patch.of(template.path, ops, tier, removal.notes, changes=changes)


def removal_of(template: Template, finding: Finding, ctx: Context) -> Removal:
    """The removal that a finding of `unused_entries` is about."""
    return next(each for each in removals(template, ctx) if each.place == finding.pointer)


def removals(template: Template, ctx: Context) -> Iterator[Removal]:
    """What goes together of what cfn-lint reports, and what stays with the reason."""
    needs = Needs(template, ctx)
    found: dict[Name, tuple[LintMatch, str]] = {}
    for match, place in _reported(template, ctx):
        section, name = pointer.split(place)
        reason = needs.reason((section, name))
        if reason:
            yield Removal(((match, place),), ((section, name),), reason)
        else:
            found[section, name] = match, place
    uses, free = Uses(template), []
    for chain in uses.chains(list(found)):
        reason = next(filter(None, (needs.reason(name) for name in chain)), "")
        if reason:
            yield Removal(tuple(found[name] for name in chain if name in found), chain, reason)
        else:
            free.append(chain)
    emptied = uses.emptied(name for chain in free for name in chain)
    for chain in _joined(uses, free):
        shared = frozenset(section for section, _ in chain if section in emptied) - uses.emptied(chain)
        yield Removal(tuple(found[name] for name in chain if name in found), chain, "", shared)


def _joined(uses: Uses, chains: list[tuple[Name, ...]]) -> Iterator[tuple[Name, ...]]:
    """The chains, those joined that together empty a section. Those with a parameter, which are unsafe, stay apart."""
    for unsafe in (False, True):
        own = [chain for chain in chains if any(section == "Parameters" for section, _ in chain) is unsafe]
        emptied = uses.emptied(name for chain in own for name in chain)
        together = [chain for chain in own if any(section in emptied for section, _ in chain)]
        yield from (chain for chain in own if chain not in together)
        if together:
            yield tuple(name for chain in together for name in chain)


def _reported(template: Template, ctx: Context) -> Iterator[tuple[LintMatch, str]]:
    return ((match, place) for match, place in ctx.reported(template) if place.count("/") == 2)


def _unchanged(template: Template, sections: frozenset[str]) -> Iterator[Op]:
    """Tests that no other patch has changed these sections: then this one waits for the next round."""
    for section in sorted(sections):
        yield {"op": "test", "path": pointer.join(section), "value": template.section(section)}


def _operations(template: Template, names: Sequence[Name]) -> Iterator[Op]:
    for section in dict.fromkeys(section for section, _ in names):
        own = [name for each, name in names if each == section]
        if section == "Parameters":
            yield from without_parameters(template, own)
        else:
            yield from pointer.remove_entries(pointer.join(section), template.section(section), own)


@dataclass(frozen=True)
class Needs:
    """What may need a declaration of a template although nothing refers to it."""

    template: Template
    ctx: Context

    def reason(self, name: Name) -> str:
        """Why the declaration stays; "" if it can go."""
        section, each = name
        if section == "Parameters" and (rule := self._uses.rule_of(each)):
            return f"the rule {rule} uses {each}"
        if place := self._mentions.of(each):
            return f"the text at {place} mentions {each}: refer to it there, or remove it from the text"
        if wrong := next((other for other in self._undefined if how_near(other, each)), ""):
            return f"{wrong}, which is not defined, may mean {each}"
        if self.ctx.is_named(self.template, each):
            return f"another finding in this template names {each}: settle it first"
        return ""

    @cached_property
    def _uses(self) -> Uses:
        return Uses(self.template)

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self.template)

    @cached_property
    def _undefined(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(use.name for use in name_uses(self.template) if not is_declared(self.template, use)))
