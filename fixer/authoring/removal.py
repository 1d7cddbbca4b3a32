"""Findings that a removal repairs: the entries that cfn-lint reports, or their section if all of them are reported."""

from collections.abc import Callable, Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier


def reported_entries(depth: int) -> Callable[[Template, Context], Iterator[Finding]]:
    """Detects the reported entries of a list or mapping `depth` keys below the root. If cfn-lint reports all of its
    entries, there is one finding: the list or mapping itself.
    """

    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        for match, place, message in ctx.reported_entries(template, depth):
            yield ctx.finding(template, place, message, match)

    return detect


def remove_found(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the entry. Nothing that is deployed depends on it, so the tier is `safe`."""
    return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.SAFE)
