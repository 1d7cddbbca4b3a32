"""cfn-lint's errors that no transform takes up: they are reported too, so that "no findings" means what it says."""

from collections.abc import Iterable

from fixer import pointer
from fixer.cloudformation.template import Template
from fixer.engine.selection import is_suppressed
from fixer.model import Finding, LintMatch, LintResult, Resolution
from fixer.settings import Settings


def unrepaired(
    template: Template, result: LintResult | None, found: Iterable[Resolution], settings: Settings
) -> tuple[Finding, ...]:
    """The errors in a template that none of these findings is about, each as a finding whose id is the rule, in the
    order of the text; none if the settings select transforms or ask for what can be repaired only.
    """
    if result is None or settings.select or settings.only_repairable:
        return ()
    findings = [each.finding for each in found]
    errors = (match for match in result.matches if match.severity == "error")
    left = (_finding(template, match) for match in errors if not any(_is_about(match, each) for each in findings))
    return tuple(each for each in left if not is_suppressed(each, template, settings))


def _is_about(match: LintMatch, finding: Finding) -> bool:
    """Whether the finding comes from the match, or is at its place or below it."""
    place = pointer.join(*match.path)
    return finding.match == match or (bool(place) and (finding.pointer + "/").startswith(place + "/"))


def _finding(template: Template, match: LintMatch) -> Finding:
    path = list(match.path)
    while path and not pointer.exists(template.data, pointer.join(*path)):
        path.pop()  # cfn-lint also names keys that are missing
    place = pointer.join(*path)
    key = f"{match.rule}:{template.path}:{template.key_of(place)}"
    return Finding(match.rule, template.path, place, match.message, pointer.get(template.data, place), key, match)
