"""Findings for people, one layout for `check` and `apply`: a heading per file, a block per finding, a closing line."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import click

from fixer.document.edits import apply_edits
from fixer.engine.selection import IN_REVIEW, by_id, severity_of
from fixer.model import Finding, Outcome, Position, Report, Resolution, Severity, TemplateReport, Tier
from fixer.report.columns import aligned
from fixer.report.diff import unified
from fixer.report.effects import impact_of
from fixer.report.frames import frame
from fixer.report.replay import single
from fixer.report.text import INDENT, coloured_line, one_line, plain, wrapped

_TIERS = {Tier.SAFE: "green", Tier.REVIEW: "yellow", Tier.UNSAFE: "red", Tier.NEEDS_VALUE: "cyan"}
_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}
_OUTCOMES = {
    Outcome.APPLIED: "green",
    Outcome.WOULD_APPLY: "green",
    Outcome.SKIPPED: "yellow",
    Outcome.NEEDS_VALUE: "cyan",
}
UNREPAIRED = "no transform repairs this cfn-lint error"


@dataclass(frozen=True)
class View:
    """How to show findings: the width in characters, and whether with colours, frames, the repair as a diff, and why
    such a failure matters.
    """

    width: int
    colour: bool = False
    frames: bool = True
    diff: bool = False
    verbose: bool = False


@dataclass(frozen=True)
class _Row:
    """A finding and how it is shown: the cells of its first line, their colours, and the lines below."""

    at: Position
    cells: tuple[str, ...]
    colours: tuple[str | None, ...]
    below: list[str]


def findings(report: Report, view: View) -> str:
    """`check`: a block per finding. A star before the tier marks a finding with a patch."""
    lines: list[str] = []
    for template in report.templates:
        rows = [_found(each, template, report, view) for each in template.resolutions]
        rows += [_left(each, template, view) for each in template.unrepaired]
        if rows:
            lines += [*_block(template, sorted(rows, key=lambda row: (row.at.line, row.at.column))), ""]
    return _finished(lines, view.colour)


def concise(report: Report, view: View) -> str:
    """`check --format concise`: a line `path:line:column: severity id (rule) [tier] message` per finding."""
    lines: list[str] = []
    for template in report.templates:
        for each in template.resolutions:
            rule = f" ({each.finding.match.rule})" if each.finding.match else ""
            tier = click.style(_tier(each), fg=_TIERS[each.tier])
            lines.append(_line(each.finding, each.position, f"{each.finding.id}{rule} {tier}"))
        lines += [_line(each, _position(each), f"{each.id} (cfn-lint)") for each in template.unrepaired]
    return _finished(lines, view.colour)


def statistics(report: Report, view: View) -> str:
    """`check --statistics`: the number of findings of each id, the most frequent first."""
    counts = Counter(each.finding.id for each in report.resolutions)
    repairable = Counter(each.finding.id for each in report.resolutions if each.patches)
    counts.update(each.id for template in report.templates for each in template.unrepaired)
    rows = [(str(number), name, "[*]" if repairable[name] else "") for name, number in counts.most_common()]
    return _finished(("  ".join(row).rstrip() for row in aligned(rows, right=[0])), view.colour)


def summary(report: Report, view: View) -> str:
    """`apply`: the outcome of each finding, and cfn-lint's count before and after."""
    lines: list[str] = []
    for template in report.templates:
        if template.resolutions:
            lines += _block(template, [_done(each, report, view) for each in template.resolutions])
            lines += [_lint_line(template)] if template.lint_after is not None else []
            lines.append("")
    return _finished([*lines, _totals(report)], view.colour)


def found_line(report: Report) -> str:
    """`check`: the closing line: what `fixer apply` can do about the findings."""
    found = list(report.resolutions)
    left = sum(len(template.unrepaired) for template in report.templates)
    start = f"{_count(len(found) + left, 'finding')} in {_count(len(report.templates), 'template')}"
    groups = Counter(_group(each) for each in found) + Counter({"not repairable": left})
    told = [f"{groups[name]} {name}" for name in _GROUPS if groups[name]]
    return f"{start}{': ' if told else ''}{', '.join(told)}{_suppressed(report)}.{_others(report)}"


_SKIPPED = "skipped in a review"
_GROUPS = ("repaired by `fixer apply`", "repaired with --unsafe", "after --set", _SKIPPED, "not repairable")


def _group(each: Resolution) -> str:
    """What can be done about a finding of `check`, in the words of the closing line."""
    if each.reason == IN_REVIEW:
        return _SKIPPED
    if each.patches:
        return _GROUPS[1] if each.tier is Tier.UNSAFE else _GROUPS[0]
    return "after --set" if each.wants else "not repairable"


def _others(report: Report) -> str:
    """The cfn-lint rules whose matches are neither findings nor listed as errors, with the number of matches."""
    others: Counter[str] = Counter()
    for template in report.templates:
        ours = {each.finding.match.rule for each in template.resolutions if each.finding.match}
        ours |= {each.id for each in template.unrepaired}
        others.update(match.rule for match in template.lint_before or () if match.rule not in ours)
    rules = ", ".join(rule if number == 1 else f"{rule} ({number})" for rule, number in sorted(others.items()))
    return f"\ncfn-lint also reports {rules}: not repaired by any transform of this run." if rules else ""


def _line(finding: Finding, at: Position, name: str) -> str:
    place = click.style(f"{one_line(finding.path)}:{at.line}:{at.column}:", bold=True)
    severity = severity_of(finding)
    return f"{place} {click.style(str(severity), fg=_SEVERITIES[severity])} {name} {plain(finding.message)}"


def _found(each: Resolution, template: TemplateReport, report: Report, view: View) -> _Row:
    severity = severity_of(each.finding)
    below = wrapped([each.finding.message], view.width)
    below += _framed(template, each.position, view) + wrapped(_hints(each, report.undeployed), view.width)
    if view.verbose:
        why = " ".join(by_id(each.finding.id).sections["Why it fails"].split())
        below += wrapped([f"why: {why}", f"more: fixer explain {each.finding.id}"], view.width)
    if view.diff and each.patches and (repair := single(report, each)):
        for path, edits in repair.edits.items():
            before = next(one.before for one in report.templates if one.path == path)
            changed = unified(path, before, apply_edits(before, edits))
            below += [INDENT + coloured_line(line) for line in changed.splitlines()]
    cells = (_place(each.position), str(severity), _tier(each), _name(each.finding))
    return _Row(each.position, cells, (None, _SEVERITIES[severity], _TIERS[each.tier], None), below)


def _left(finding: Finding, template: TemplateReport, view: View) -> _Row:
    at, severity = _position(finding), severity_of(finding)
    below = wrapped([finding.message], view.width) + _framed(template, at, view) + wrapped([UNREPAIRED], view.width)
    return _Row(at, (_place(at), str(severity), "", finding.id), (None, _SEVERITIES[severity], None, None), below)


def _done(each: Resolution, report: Report, view: View) -> _Row:
    below = wrapped([each.finding.message, *_hints(each, report.undeployed)], view.width)
    cells = (_place(each.position), str(each.outcome), str(each.tier), _name(each.finding))
    return _Row(each.position, cells, (None, _OUTCOMES.get(each.outcome, "red"), _TIERS[each.tier], None), below)


def _block(template: TemplateReport, rows: list[_Row]) -> list[str]:
    lines = [click.style(one_line(template.path), bold=True) + plain(_setting(template))]
    for row, cells in zip(rows, aligned(row.cells for row in rows), strict=True):
        cells[-1] = cells[-1].rstrip()
        shown = (click.style(cell, fg=colour) for cell, colour in zip(cells, row.colours, strict=True))
        lines += [("  " + "  ".join(shown)).rstrip(), *row.below]
    return lines


def _framed(template: TemplateReport, at: Position, view: View) -> list[str]:
    return [INDENT + line for line in frame(template.before, at, view.width - len(INDENT))] if view.frames else []


def _place(at: Position) -> str:
    return f"{at.line}:{at.column}"


def _position(finding: Finding) -> Position:
    assert finding.match
    return Position(finding.match.line, finding.match.column)


def _tier(each: Resolution) -> str:
    return f"[{'*' if each.patches else ''}{each.tier}]"


def _name(finding: Finding) -> str:
    return f"{finding.id} ({finding.match.rule})" if finding.match else finding.id


def _setting(template: TemplateReport) -> str:
    """The known role and region of the stack, with the evidence: " (primary: ...; us-east-1: ...)"."""
    known = [f"{each.value}: {each.evidence}" for each in (template.role, template.region) if each]
    return f"  ({'; '.join(known)})" if known else ""


def _hints(each: Resolution, undeployed: bool) -> list[str]:
    """The lines below a message: why there is no patch, which value to set, the impact, what to review."""
    if each.reason == IN_REVIEW:
        return [IN_REVIEW]
    hints = [f"{'no patch: ' if each.outcome is Outcome.FOUND else ''}{each.reason}"] if each.reason else []
    hints += [f"set it with --set {want}" for want in each.wants]
    if each.patches:
        hints.append(f"impact: {impact_of(each, each.finding.path, undeployed)}")
    return hints + [f"note: {note}" for note in each.notes]


def _lint_line(template: TemplateReport) -> str:
    before, after = len(template.lint_before or ()), len(template.lint_after or ())
    words = f"  cfn-lint: {_count(before, 'match', 'matches')} before, {after} after, none new"
    revealed = [f"{match.rule} at line {match.line}" for match in template.lint_revealed]
    return words + (f"; now visible: {', '.join(revealed)}" if revealed else "")


def _totals(report: Report) -> str:
    counted = [
        (report.count(Outcome.APPLIED), "applied"),
        (report.count(Outcome.WOULD_APPLY), "would be applied"),
        (report.count(Outcome.NEEDS_VALUE), "waiting for a value"),
        (report.count(Outcome.SKIPPED), "skipped"),
        (report.count(Outcome.CONFLICT, Outcome.UNVERIFIED, Outcome.FAILED), "failed"),
    ]
    said = ", ".join(f"{number} {words}" for number, words in counted if number)
    start = f"{_count(len(report.templates), 'template')}: "
    write = " Write with --write." if report.count(Outcome.WOULD_APPLY) else ""
    left = sum(len(template.unrepaired) for template in report.templates)
    errors = f" {_count(left, 'cfn-lint error')} left: see `fixer check`." if left else ""
    return start + (said or "nothing to repair") + _suppressed(report) + "." + write + errors


def _suppressed(report: Report) -> str:
    return f" ({report.suppressed} suppressed)" if report.suppressed else ""


def _finished(lines: Iterable[str], colour: bool) -> str:
    text = "".join(line + "\n" for line in lines)
    return text if colour else click.unstyle(text)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
