"""The report as Markdown for a pull request: a summary, then one collapsible section per patch.

Text from a template or a file name is data: it cannot add formatting or links, mention anybody, or close an issue.
GitHub limits a body to 65,536 characters, so long diffs are left out before that, the longest first.

Source: https://github.github.com/gfm/
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixer.engine.failure_map import Listed, listed
from fixer.engine.selection import by_id
from fixer.model import Outcome, Report, Resolution, TemplateReport
from fixer.report.diff import unified
from fixer.report.effects import impact_of
from fixer.report.replay import Texts, steps
from fixer.report.text import plain
from fixer.transforms.review.sources import failure_of, said

LIMIT = 60_000
"""Characters. GitHub accepts 65,536 in the body of a pull request, and the text around the report needs some of them.
"""

_LINES = 2
"""Lines of a review that are quoted."""

_ACTIVE = re.compile(r"([\\`*_\[\]|~$&])")
_LINKING = re.compile(r"@|#|://|www\.|GH-", re.I)


@dataclass(frozen=True)
class _Section:
    """One finding: the visible line, the collapsible text below it, and its diff."""

    title: str
    body: str
    diff: str

    def __str__(self) -> str:
        diff = f"{fenced(self.diff, 'diff')}\n\n" if self.diff else ""
        return f"<details>\n<summary>{self.title}</summary>\n\n{self.body}{diff}</details>\n\n"


def render(report: Report, limit: int = LIMIT) -> str:
    """The whole report in at most `limit` characters."""
    done = [_section(resolution, texts, report) for resolution, texts in steps(report)]
    left = [each for each in report.resolutions if not each.order]
    head, tail = _head(report), _left(left) + _listed(report)
    room = limit - len(head) - 100
    if len(tail) > room // 2:
        tail = _cut(tail.splitlines(keepends=True), room // 2, "More findings remain: `fixer check` lists them.\n")
    return head + _fitted(done, room - len(tail)) + tail


def _head(report: Report) -> str:
    repaired = report.count(Outcome.APPLIED, Outcome.WOULD_APPLY)
    rows = "".join(_row(template) for template in report.templates if template.resolutions)
    table = f"| template | repaired | left | cfn-lint before | after |\n|---|--:|--:|--:|--:|\n{rows}\n" if rows else ""
    tools = " and ".join(f"{name} {version}" for name, version in report.versions.items())
    said = f"{repaired} repaired, {sum(1 for _ in report.resolutions) - repaired} left"
    errors = "".join(f"- {inline(str(error))}\n" for error in report.errors)
    return f"**{said}** ({inline(tools)}).\n\n{table}" + (f"Errors:\n\n{errors}\n" if errors else "")


def _row(template: TemplateReport) -> str:
    repaired = sum(1 for each in template.resolutions if each.order)
    counts = [repaired, len(template.resolutions) - repaired]
    lint = ["" if found is None else str(len(found)) for found in (template.lint_before, template.lint_after)]
    return f"| {inline(template.path)} | {' | '.join([*map(str, counts), *lint])} |\n"


def _section(each: Resolution, texts: Texts, report: Report) -> _Section:
    finding = each.finding
    title = f"<b>{finding.id}</b> [{each.tier}] {_summary(f'{finding.path}:{each.position.line}')}: "
    transform = by_id(finding.id)
    lines = [
        *_reasons(each, report),
        _paragraph("Impact", inline(impact_of(each, finding.path, report.undeployed))),
        *(_paragraph("Note", inline(note)) for note in each.notes),
        _paragraph("Read more", " ".join(f"<{url}>" for url in transform.sections["References"].split())),
    ]
    diff = "".join(unified(path, before, after) for path, (before, after) in texts.items())
    return _Section(title + _summary(finding.message), "".join(lines), diff)


def _reasons(each: Resolution, report: Report) -> list[str]:
    """Why it fails: in the words of the review, if a review shows the repair."""
    if failure := failure_of(each.finding, report.failures):
        place = inline(f"{failure.path}, line {failure.line}")
        words = " ".join(said(failure, _LINES)) or failure.title
        return [_paragraph(f"The review says ({place})", inline(words))]
    return [_paragraph("Why it fails", _folded(by_id(each.finding.id).sections["Why it fails"]))]


def _listed(report: Report) -> str:
    """The failures of the given lists that the run does not repair, each with the reason."""
    if not report.failures:
        return ""
    states = listed(report.failures, report)
    left = [each for each in states if not any(found.order for found in each.where)]
    repaired = len(states) - len(left)
    lines = [f"- {inline(_source(each))}: {_why(each)}\n" for each in left]
    return f"### Listed failures\n\nRepaired: {repaired} of {len(states)}.\n\n{''.join(lines)}\n"


def _source(each: Listed) -> str:
    return f"{each.failure.path}:{each.failure.line}: {each.failure.title}"


def _why(each: Listed) -> str:
    told = [each.why, *(found.reason for found in each.where if found.patches)]
    return inline("; ".join(dict.fromkeys(text for text in told if text)) or str(each.state))


def _left(findings: Sequence[Resolution]) -> str:
    if not findings:
        return ""
    return "### Not repaired\n\n" + "".join(_left_line(each) for each in findings)


def _left_line(each: Resolution) -> str:
    place = inline(f"{each.finding.path}:{each.position.line}")
    reason = f": {inline(each.reason)}" if each.reason else ""
    wants = "".join(f" {_code(f'--set {want}')}" for want in each.wants)
    return f"- **{each.finding.id}** [{each.tier}] {place}: {inline(each.finding.message)}{reason}{wants}\n"


def _fitted(sections: Sequence[_Section], room: int) -> str:
    """The sections in at most `room` characters: first without the longest diffs, then without the last sections."""
    kept = list(sections)
    sizes = sorted(range(len(kept)), key=lambda index: -len(kept[index].diff))
    while sizes and sum(len(str(section)) for section in kept) > room:
        index = sizes.pop(0)
        body = f"{kept[index].body}The diff is too long to show here.\n\n"
        kept[index] = replace(kept[index], body=body, diff="") if kept[index].diff else kept[index]
    return _cut([str(section) for section in kept], room, "More repairs are not shown: see the commits.\n\n")


def _cut(parts: Sequence[str], room: int, more: str) -> str:
    """As many whole parts as fit, followed by `more` if some are left out."""
    text = "".join(parts)
    if len(text) <= room:
        return text
    kept: list[str] = []
    for part in parts:
        if sum(map(len, kept)) + len(part) + len(more) > room:
            break
        kept.append(part)
    return "".join(kept) + more


def _paragraph(title: str, text: str) -> str:
    return f"**{title}.** {text}\n\n"


def _folded(text: str) -> str:
    return inline(" ".join(text.split()))


def inline(text: str) -> str:
    """Markdown that shows exactly the text."""
    escaped = _ACTIVE.sub(r"\\\1", " ".join(plain(text).split())).replace("<", "&lt;")
    return _unlinked(escaped)


def _summary(text: str) -> str:
    """Text for an HTML element, in which GitHub ignores Markdown but still reads mentions."""
    shown = _unlinked(html.escape(" ".join(plain(text).split()), quote=False))
    return shown.replace("[", "&#91;").replace("]", "&#93;")


def _unlinked(text: str) -> str:
    """The text with an empty comment inside everything that GitHub would turn into a mention, a reference or a link."""
    return _LINKING.sub(lambda match: f"{match[0][:-1]}<!-- -->{match[0][-1]}<!-- -->", text)


def _code(text: str) -> str:
    """A code span, which shows text as it is; only the length of its fence depends on the text."""
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {plain(text)} {fence}" if "`" in text else f"`{plain(text)}`"


def fenced(text: str, language: str) -> str:
    """Text in a code block that the text cannot close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
