"""Templates that cfn-lint cannot check: not all of their faults are known, and no patch for them can be proven."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from fixer.aws.cached_lint import RememberedLint
from fixer.cloudformation.project import Project
from fixer.errors import FixerError
from fixer.model import Resolution

_CRASH = "E0002"
"""The rule whose matches mean that another rule has raised an exception."""


def unjudged(project: Project, scope: Collection[str], lint: RememberedLint | None) -> dict[str, FixerError]:
    """An error for each template in `scope` that cfn-lint was asked to check and cannot check, by path."""
    errors = {}
    for path in sorted(scope):
        result = lint.known(path, project.templates[path].document.text) if lint else None
        if result and result.failed:
            errors[path] = FixerError(f"cfn-lint cannot check this template: {result.failed}", path)
    return errors


def half_judged(project: Project, scope: Collection[str], lint: RememberedLint | None) -> Iterator[FixerError]:
    """An error for each template on which a rule of cfn-lint has raised an exception: what that rule would report is
    not known. Other rules have checked the template, so patches can be proven as far as those rules go.
    """
    for path in sorted(scope):
        result = lint.known(path, project.templates[path].document.text) if lint else None
        for match in result.matches if result else ():
            if match.rule == _CRASH:
                yield FixerError(f"cfn-lint cannot check this template: {match.message}", path)


def without_unprovable_patch(each: Resolution, paths: Collection[str]) -> Resolution:
    """The finding without its patch if the patch changes one of these templates: `apply` would not write it."""
    path = next((path for path in each.patches if path in paths), None)
    return replace(each, patches={}, effects=(), reason=f"cfn-lint cannot check {path}") if path else each
