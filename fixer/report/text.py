"""The report for people: findings as lines, a summary as a table, colours if the caller wants them.

Text from a template is printed without control characters, because a name must not move the cursor.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable

import click

from fixer.model import Outcome, Report, Resolution, TemplateReport, Tier
from fixer.report.columns import aligned
from fixer.report.effects import sentence

_TIER_COLOURS = {Tier.SAFE: "green", Tier.REVIEW: "yellow", Tier.UNSAFE: "red", Tier.NEEDS_VALUE: "cyan"}
_OUTCOME_COLOURS = {
    Outcome.APPLIED: "green",
    Outcome.WOULD_APPLY: "green",
    Outcome.SKIPPED: "yellow",
    Outcome.NEEDS_VALUE: "cyan",
}
_DIFF_COLOURS = (("+++", None), ("---", None), ("@@", "cyan"), ("+", "green"), ("-", "red"))
_INDENT = " " * 6
_RAW_BYTES = (0xDC80, 0xDCFF)  # What Python makes of the bytes of a file name that are not UTF-8 (PEP 383).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def findings(report: Report, width: int, colour: bool) -> str:
    """`check`: a line `path:line:column: id [tier] message` for each finding, and below it the reason if it has no
    patch. A star before the tier marks a finding with a patch; the cfn-lint rule that reports it follows the id.
    """
    lines: list[str] = []
    for template in report.templates:
        for each in template.resolutions:
            place = click.style(f"{one_line(template.path)}:{each.position.line}:{each.position.column}:", bold=True)
            tier = click.style(f"[{'*' if each.patches else ''}{each.tier}]", fg=_TIER_COLOURS[each.tier])
            rule = f" ({each.finding.match.rule})" if each.finding.match else ""
            lines.append(f"{place} {each.finding.id}{rule} {tier} {plain(each.finding.message)}")
            lines += wrapped(_hints(each, report.undeployed), width)
    return _finished(lines, colour)


def found_line(report: Report) -> str:
    """`check`: the last sentence."""
    found = list(report.resolutions)
    fixable = sum(bool(each.patches) for each in found)
    wanting = sum(bool(each.wants) for each in found)
    parts = [f"{_count(len(found), 'finding')} in {_count(len(report.templates), 'template')}"]
    if found:
        parts.append(f"{fixable} [*] can be repaired by `fixer apply`")
    if wanting:
        parts.append(f"{wanting} after you set a value")
    return "; ".join(parts) + _suppressed(report) + "." + _unrepaired(report)


def _unrepaired(report: Report) -> str:
    """The cfn-lint rules whose matches are not the source of a finding, with the number of matches."""
    others: Counter[str] = Counter()
    for template in report.templates:
        ours = {each.finding.match.rule for each in template.resolutions if each.finding.match}
        others.update(match.rule for match in template.lint_before or () if match.rule not in ours)
    rules = ", ".join(rule if number == 1 else f"{rule} ({number})" for rule, number in sorted(others.items()))
    return f"\ncfn-lint also reports {rules}: not repaired by any transform of this run." if rules else ""


def summary(report: Report, width: int, colour: bool) -> str:
    """`apply`: the outcome of each finding, an aligned table per template, and cfn-lint's count before and after."""
    lines: list[str] = []
    for template in report.templates:
        lines += [*_block(template, width, report.undeployed), ""] if template.resolutions else []
    return _finished([*lines, _totals(report)], colour)


def understood(report: Report) -> str:
    """A line for each statement of a requirements document: the place, the requirement, and the text."""
    return "".join(
        f"{one_line(each.path)}:{each.line}: understood as {each.name}{'=' if each.value else ''}{each.value}: "
        f"{plain(each.text)}\n"
        for each in report.requirement_lines
    )


def diff(text: str, colour: bool) -> str:
    """A unified diff, coloured line by line if `colour` is set."""
    if not colour:
        return text
    return "".join(_coloured(line) for line in text.splitlines(keepends=True))


def _block(template: TemplateReport, width: int, undeployed: bool) -> list[str]:
    rows = [
        (f"{each.position.line}:{each.position.column}", str(each.outcome), str(each.tier), each.finding.id)
        for each in template.resolutions
    ]
    lines = [click.style(one_line(template.path), bold=True) + plain(_setting(template))]
    for each, (place, outcome, tier, name) in zip(template.resolutions, aligned(rows), strict=True):
        outcome = click.style(outcome, fg=_OUTCOME_COLOURS.get(each.outcome, "red"))
        tier = click.style(tier, fg=_TIER_COLOURS[each.tier])
        lines.append(f"  {place}  {outcome}  {tier}  {name.rstrip()}")
        lines += wrapped([each.finding.message, *_hints(each, undeployed)], width)
    return lines + ([_lint_line(template)] if template.lint_after is not None else [])


def _setting(template: TemplateReport) -> str:
    """The known role and region of the stack, with the evidence: " (primary: ...; us-east-1: ...)"."""
    known = [f"{each.value}: {each.evidence}" for each in (template.role, template.region) if each]
    return f"  ({'; '.join(known)})" if known else ""


def _hints(each: Resolution, undeployed: bool) -> list[str]:
    """The lines below a message: why there is no patch, which value to set, the impact, what to review."""
    hints = [f"{'no patch: ' if each.outcome is Outcome.FOUND else ''}{each.reason}"] if each.reason else []
    hints += [f"set it with --set {want}" for want in each.wants]
    if each.patches:
        hints.append(f"impact: {sentence(each.effects, each.finding.path, undeployed)}")
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
    return start + (said or "nothing to repair") + _suppressed(report) + "." + write


def _suppressed(report: Report) -> str:
    return f" ({report.suppressed} suppressed)" if report.suppressed else ""


def wrapped(texts: Iterable[str], width: int) -> list[str]:
    """Texts as indented lines of at most that width, in characters."""
    wrap = textwrap.TextWrapper(
        max(width, 60), initial_indent=_INDENT, subsequent_indent=_INDENT + "  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return [line for text in texts for line in wrap.wrap(plain(text))]


def plain(text: str) -> str:
    """The text with its control characters, and the bytes of a file name that are not UTF-8, as escapes."""
    return _CONTROL.sub(_escape, text)


def one_line(text: str) -> str:
    """The same for the name of a file, in which a line feed or tab is an escape, too."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if _RAW_BYTES[0] <= code <= _RAW_BYTES[1]:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _finished(lines: Iterable[str], colour: bool) -> str:
    text = "".join(line + "\n" for line in lines)
    return text if colour else click.unstyle(text)


def _coloured(line: str) -> str:
    for start, colour in _DIFF_COLOURS:
        if line.startswith(start):
            body = line.rstrip("\n")
            return click.style(body, fg=colour, bold=colour is None or None) + line[len(body) :]
    return line


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
