"""Texts that do not parse: their repair, before the rounds begin, as findings with patches of text.

The repair of a file is complete or absent: its document is used only if all of its repairs are accepted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from fixer import json_file
from fixer.document import Document
from fixer.document.document import syntax_of
from fixer.document.source import position_at
from fixer.document.text_patch import as_operations
from fixer.engine.pipeline import by_tier
from fixer.engine.proposal import Proposal
from fixer.engine.selection import IN_REVIEW, chosen, is_skipped
from fixer.errors import FixerError
from fixer.inputs import baseline
from fixer.inputs.discovery import Found, TemplateFile, Unparsed, template_file
from fixer.mending.mending import Mend, Mended, Unmended, mend, mend_parsed
from fixer.model import (
    Finding,
    LintMatch,
    Op,
    Outcome,
    Patch,
    Position,
    Report,
    Resolution,
    TemplateReport,
    Tier,
)
from fixer.settings import Settings

ID = "unparsable-template"
_NUMBERS = re.compile(r"\bline \d+")
RULE = "E0000"

Accept = Callable[[Resolution, str, str], str]
"""Why the repair of a fault is not accepted ("": it is), given the texts before and after it."""


@dataclass(frozen=True)
class Repaired:
    """The faults of the text of one file, and the document after their repair; None if it stays as it is."""

    path: str
    text: str
    resolutions: tuple[Resolution, ...]
    document: Document | None


@dataclass(frozen=True)
class MendedFiles:
    """The files of a run after the repair of their texts, and what was repaired, by path."""

    found: Found
    files: Mapping[str, Repaired] = field(default_factory=dict)
    suppressed: int = 0


def mended(found: Found, settings: Settings, accept: Accept | None = None) -> MendedFiles:
    """The files with their texts repaired, as far as that is certain and `accept` (None: the settings) allows it."""
    if not any(transform.id == ID for transform in chosen(settings)):
        return MendedFiles(found)
    work = _Work(settings, accept or _by_settings(settings))
    sources = tuple(work.parsed(source) for source in found.sources)
    errors = list(found.errors)
    for each in found.unparsed:
        if (source := work.unparsed(each)) is not None:
            sources += (source,)
            errors.remove(each.error)
    return MendedFiles(replace(found, sources=sources, errors=tuple(errors)), work.files, work.suppressed)


def with_mends(report: Report, mended_files: MendedFiles, applies: bool) -> Report:
    """The report with the repairs of the texts, before all other patches; `applies`: the run is not a check."""
    first = sum(len(each.resolutions) for each in mended_files.files.values())
    numbers = iter(range(1, first + 1))
    templates = []
    known = {template.path for template in report.templates}
    for path, each in mended_files.files.items():
        if path not in known:
            skipped = (replace(one, outcome=Outcome.SKIPPED) if applies else one for one in each.resolutions)
            templates.append(TemplateReport(path, each.text, each.text, tuple(skipped)))
    for template in report.templates:
        own = mended_files.files.get(template.path)
        later = tuple(_later(each, first, own) for each in template.resolutions)
        if own is None:
            templates.append(replace(template, resolutions=later))
            continue
        done = applies and own.document is not None
        mends = tuple(_ended(each, numbers if done else None) if applies else each for each in own.resolutions)
        lint = template.lint_before
        if lint is not None and own.document is not None:
            lint = (*(each.finding.match for each in mends if each.finding.match), *lint)
        after = template.after if applies or own.document is None else own.text
        edits = template.edits if applies else ()
        templates.append(
            replace(template, before=own.text, after=after, edits=edits, resolutions=mends + later, lint_before=lint)
        )
    suppressed = report.suppressed + mended_files.suppressed
    return replace(report, templates=tuple(templates), suppressed=suppressed)


@dataclass
class _Work:
    settings: Settings
    accept: Accept
    files: dict[str, Repaired] = field(default_factory=dict)
    suppressed: int = 0

    def parsed(self, source: TemplateFile) -> TemplateFile:
        """The file, with the repair of repeated keys."""
        result = mend_parsed(source.document)
        document = self._decided(source.path, source.document.text, result)
        return replace(source, document=document) if document else source

    def unparsed(self, each: Unparsed) -> TemplateFile | None:
        """The file with its repaired text; None if it stays as it is."""
        if "Resources" not in each.text:
            return None
        result = mend(each.text, each.file or each.path, syntax_of(each.text, each.path))
        if not result.mends and not any(left.is_known for left in result.left):
            return None  # The error says as much.
        if result.document is not None:
            try:
                template_file(each.path, each.file, each.data, result.document)
            except FixerError:
                return None
        document = self._decided(each.path, each.text, result)
        return template_file(each.path, each.file, each.data, document) if document else None

    def _decided(self, path: str, text: str, result: Mended) -> Document | None:
        """The document if every mend is accepted; the outcomes are kept."""
        resolutions = list(_resolutions(path, text, result))
        known = [each for each in resolutions if baseline.knows(self.settings.baseline, each.finding)]
        self.suppressed += len(known)
        open_ = [each for each in resolutions if each not in known]
        is_whole = result.document is not None and not any(each.patches for each in known)
        texts = [each.before for each in result.mends] + [result.document.text if result.document else ""]
        reasons: dict[str, str] = {}
        if result.document is None:
            reasons = {each.finding.key: _HALF for each in open_ if each.patches}
        elif result.mends:
            for index, each in enumerate(resolutions):
                if each in open_ and each.patches and (reason := self.accept(each, texts[index], texts[index + 1])):
                    reasons[each.finding.key] = reason
            if reasons or not is_whole:
                reasons = {each.finding.key: _TOGETHER for each in open_ if each.patches} | reasons
        document = result.document if result.mends and is_whole and not reasons else None
        told = tuple(_told(each, reasons.get(each.finding.key)) for each in open_)
        if told:
            self.files[path] = Repaired(path, text, told, document)
        return document


_HALF = "it is not written, because the text would still not parse"
_TOGETHER = "it is not written without the other repairs of the text, because the text would still not parse"


def _by_settings(settings: Settings) -> Accept:
    decide = by_tier(settings)

    def accept(each: Resolution, before: str, after: str) -> str:
        if is_skipped(each.finding, settings):
            return IN_REVIEW
        patch = Patch(each.patches, each.tier)
        decision = decide(Proposal(each.finding, patch, each.tier, each.tier))
        return "" if decision.accept else decision.reason

    return accept


def _resolutions(path: str, text: str, result: Mended) -> Iterator[Resolution]:
    """The faults as findings: the mends in their order, then what is left."""
    numbers: Counter[str] = Counter()
    for each in result.mends:
        ops = as_operations(each.before, each.edits)
        yield _resolution(path, text, each, numbers, "", {path: ops})
    for left in result.left:
        yield _resolution(path, text, left, numbers, left.reason, {})


def _resolution(
    path: str,
    text: str,
    fault: Mend | Unmended,
    numbers: Counter[str],
    reason: str,
    patches: Mapping[str, tuple[Op, ...]],
) -> Resolution:
    """The place in the key is a digest of the fault and of its line, because the text has no pointers."""
    line = _line(text, fault.position)
    message = fault.fault[:1].lower() + fault.fault[1:] if not fault.fault.startswith(("True", "None")) else fault.fault
    said = f"{_NUMBERS.sub('', message)}\0{line.strip()}"
    digest = json_file.digest(said.encode(errors="surrogatepass"))[:12]
    numbers[digest] += 1
    place = f"[{digest}]" if numbers[digest] == 1 else f"[{digest}#{numbers[digest]}]"
    match = LintMatch(RULE, "error", message, (), fault.position.line, fault.position.column)
    finding = Finding(ID, path, "", message, line, f"{ID}:{path}:{place}", match)
    return Resolution(finding, fault.position, Tier.REVIEW, Outcome.FOUND, reason, patches=patches)


def _line(text: str, position: Position) -> str:
    lines = text.split("\n")
    return lines[position.line - 1][:200] if position.line <= len(lines) else ""


def _told(each: Resolution, reason: str | None) -> Resolution:
    return replace(each, reason=reason) if reason else each


def _ended(each: Resolution, numbers: Iterator[int] | None) -> Resolution:
    """An applied repair, or (without numbers) a fault that is left."""
    if numbers is None or not each.patches:
        return replace(each, outcome=Outcome.SKIPPED)
    return replace(each, outcome=Outcome.WOULD_APPLY, order=next(numbers))


def _later(each: Resolution, shift: int, own: Repaired | None) -> Resolution:
    """A finding of the rounds: numbered after the repairs of texts, at its place in the text before them."""
    order = each.order + shift if each.order else 0
    if own is None or own.document is None:
        return replace(each, order=order)
    return replace(each, order=order, position=_first_position(own, own.document, each.position))


def _first_position(own: Repaired, document: Document, position: Position) -> Position:
    """The place in the text before the repair of a place in the text after it."""
    start = sum(len(line) + 1 for line in document.text.split("\n")[: position.line - 1])
    offset, shift = start + position.column - 1, 0
    for edit in document.edits:
        if edit.start + shift + len(edit.new) > offset:
            break
        shift += len(edit.new) - len(edit.old)
    return position_at(own.text, min(max(offset - shift, 0), len(own.text)))
