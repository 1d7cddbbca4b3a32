"""Templates that cfn-lint cannot judge: their faults are not all known, and no patch for them can be proven."""

from collections.abc import Collection
from dataclasses import replace

from fixer.aws.cached_lint import RememberedLint
from fixer.cloudformation.project import Project
from fixer.errors import FixerError
from fixer.model import Resolution


def unjudged(project: Project, scope: Collection[str], lint: RememberedLint | None) -> dict[str, FixerError]:
    """An error for each template in `scope` that cfn-lint was asked about and cannot judge, by path."""
    errors = {}
    for path in sorted(scope):
        result = lint.known(path, project.templates[path].document.text) if lint else None
        if result and result.failed:
            errors[path] = FixerError(f"cfn-lint cannot judge this template: {result.failed}", path)
    return errors


def without_unprovable_patch(each: Resolution, paths: Collection[str]) -> Resolution:
    """The finding without its patch if the patch writes to one of these templates: `apply` would not write it."""
    path = next((path for path in each.patches if path in paths), None)
    return replace(each, patches={}, effects=(), reason=f"cfn-lint cannot judge {path}") if path else each
