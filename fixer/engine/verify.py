"""The proof of a round of patches: (before, after, patches) → Verdict.

Four things are proven: the data is the result of `jsonpatch` on the data before (RFC 6902 as others read it); a second
reader of YAML reads the same data from the new text; the findings are gone; cfn-lint reports nothing new. The pipeline
proves that a second run is empty by running rounds until one is.
"""

import json
from collections.abc import Callable, Iterable, Sequence

from fixer.aws.cached_lint import Lint
from fixer.aws.lint_diff import compare
from fixer.cloudformation.project import Project
from fixer.engine.applied import Applied, operations, patched
from fixer.engine.evidence import hidden, is_revealed
from fixer.engine.nesting import is_outdated
from fixer.model import Finding, Json, LintMatch, Suspicion, Verdict
from fixer.pointer import join

Detect = Callable[[Project], Iterable[Finding]]


def verify(before: Project, after: Project, applied: Sequence[Applied], detect: Detect, lint: Lint | None) -> Verdict:
    """The verdict on patches between two states of a project; without `lint` that part is not checked."""
    blamed = _wrong_data(before, after, applied) | _still_found(detect, before, after, applied)
    if blamed or lint is None:
        return Verdict(blamed)
    suspicions: list[Suspicion] = []
    failed: dict[str, str] = {}
    revealed: dict[str, tuple[LintMatch, ...]] = {}
    changed = operations(applied)
    # Before and after of all files in one call, so that the linter uses all cores.
    firsts = [(path, before.templates[path].document.text) for path in changed]
    seconds = [(path, after.templates[path].document.text) for path in changed]
    results = lint([*firsts, *seconds])
    for (path, ops), first, second in zip(changed.items(), results, results[len(changed) :], strict=False):
        if reason := first.failed or second.failed:
            failed[path] = f"cfn-lint cannot check {path}: {reason}"
            continue
        diff = compare(first.matches, second.matches, ops)
        truly = tuple(each for each in diff.revealed if is_revealed(each, path, before, applied, lint))
        revealed |= {path: truly} if truly else {}
        found = [*diff.new, *(each for each in diff.revealed if each not in truly)]
        new = [match for match in found if not is_outdated(match, after.templates[path], after)]
        suspicions += [Suspicion(path, match, suspects(applied, path, match)) for match in new]
        suspicions += hidden(path, diff.gone, applied)
    return Verdict({}, tuple(suspicions), failed, revealed)


def undoing(one: Finding, other: Finding) -> str:
    """The reason for two findings whose patches undo each other."""
    return f"{one.id} and {other.id} keep undoing each other at {one.pointer}"


def disputed(after: Project, applied: Sequence[Applied]) -> dict[str, str]:
    """The keys of the patches of each file on whose text the second reader disagrees, with the reason."""
    reasons = {path: after.templates[path].document.disputed for path in operations(applied)}
    return {
        each.key: f"in the patched text of {path}, {reason}"
        for path, reason in reasons.items()
        for each in applied
        if reason and path in each.patch.files
    }


def _wrong_data(before: Project, after: Project, applied: Sequence[Applied]) -> dict[str, str]:
    blamed = disputed(after, applied)
    for path, ops in operations(applied).items():
        expected = patched(before.templates[path].document.data, ops)
        if _canonical(expected) != _canonical(after.templates[path].document.data):
            reason = "the data of the patched text differs from the result of jsonpatch"
            blamed |= {each.key: reason for each in applied if path in each.patch.files}
    return blamed


def _still_found(detect: Detect, before: Project, after: Project, applied: Sequence[Applied]) -> dict[str, str]:
    order = {each.key: index for index, each in enumerate(applied)}
    known = {finding.key for finding in detect(before)}
    blamed: dict[str, str] = {}
    for finding in detect(after):
        if finding.key in order:
            blamed[finding.key] = "the failure is still there after the patch"
            later = applied[order[finding.key] + 1 :]
            if rival := next((each for each in later if each.touches(finding.path, finding.pointer)), None):
                reason = undoing(finding, rival.finding)
                blamed |= {finding.key: reason, rival.key: reason}
        elif finding.key not in known:
            for each in applied:
                if each.finding.id == finding.id and each.touches(finding.path, finding.pointer):
                    blamed[each.key] = f"after the patch the failure has another form: {finding.message}"
    return blamed


def suspects(applied: Sequence[Applied], path: str, match: LintMatch) -> tuple[str, ...]:
    """The patches that changed the match's resource, parameter or output; if there is none, all patches of the file."""
    in_file = [each for each in applied if path in each.patch.files]
    near = [each for each in in_file if match.path and each.touches(path, join(*match.path[:2]))]
    return tuple(each.key for each in near or in_file)


def _canonical(data: Json) -> str:
    return json.dumps(data, sort_keys=True)
