"""The second opinion in the proof: the findings of AWS's own validator that a round of patches causes."""

from collections.abc import Sequence
from dataclasses import replace

from fixer.aws.cached_lint import Lint
from fixer.aws.lint_diff import compare
from fixer.aws.second_opinion import NAME
from fixer.cloudformation.project import Project
from fixer.engine.applied import Applied, operations
from fixer.engine.verify import suspects
from fixer.model import Suspicion, Verdict


def with_second_opinion(
    verdict: Verdict, before: Project, after: Project, applied: Sequence[Applied], opinion: Lint
) -> Verdict:
    """The verdict with the suspicions of the second opinion added: its new findings in changed files, counted as
    cfn-lint's matches are. A file that the validator cannot check before or after the patches has failed.
    """
    changed = operations(applied)
    results = opinion([(path, each.templates[path].document.text) for each in (before, after) for path in changed])
    suspicions = list(verdict.suspicions)
    failed = dict(verdict.failed)
    for (path, ops), first, second in zip(changed.items(), results, results[len(changed) :], strict=False):
        if reason := first.failed or second.failed:
            failed.setdefault(path, f"{NAME} cannot check {path}: {reason}")
            continue
        new = compare(first.matches, second.matches, ops).new
        suspicions += [Suspicion(path, match, suspects(applied, path, match), judge=NAME) for match in new]
    return replace(verdict, suspicions=tuple(suspicions), failed=failed)
