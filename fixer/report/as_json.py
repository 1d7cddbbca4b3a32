"""The JSON report, version 1: the interface for other programs."""

import json

from fixer.engine.selection import severity_of
from fixer.errors import FixerError
from fixer.model import Deduction, Effect, Json, LintMatch, Outcome, Report, RequirementLine, Resolution, TemplateReport
from fixer.transforms.review.sources import failure_of

VERSION = 1


def render(report: Report) -> str:
    """The report as JSON text with a last newline."""
    document: Json = {
        "version": VERSION,
        "tool": dict(report.versions),
        "templates": [_template(each, report) for each in report.templates],
        "requirements": [_statement(statement) for statement in report.requirement_lines],
        "errors": [_error(error) for error in report.errors],
        "summary": _summary(report),
    }
    return json.dumps(document, indent=2) + "\n"


def _template(template: TemplateReport, report: Report) -> Json:
    return {
        "path": template.path,
        "changed": template.changed,
        "role": _known(template.role),
        "region": _known(template.region),
        "findings": [_finding(resolution, report) for resolution in template.resolutions],
        "lint": {
            "before": None if template.lint_before is None else len(template.lint_before),
            "after": None if template.lint_after is None else len(template.lint_after),
            "new": [],  # A patch that causes a new match is rolled back, so the result has no new ones.
            "revealed": [_match(match) for match in template.lint_revealed],
            "unrepaired": [_match(each.match) for each in template.unrepaired if each.match],
        },
    }


def _known(known: Deduction | None) -> Json:
    return {"value": known.value, "evidence": known.evidence} if known else None


def _finding(resolution: Resolution, report: Report) -> Json:
    finding = resolution.finding
    failure = failure_of(finding, report.failures)
    shown: dict[str, Json] = {
        "id": finding.id,
        "pointer": finding.pointer,
        "line": resolution.position.line,
        "column": resolution.position.column,
        "message": finding.message,
        "severity": str(severity_of(finding)),
        "tier": str(resolution.tier),
        "impact": [_effect(effect) for effect in resolution.effects],
        "notes": list(resolution.notes),
        "outcome": str(resolution.outcome),
        "reason": resolution.reason,
        "patches": {path: list(ops) for path, ops in resolution.patches.items()},
    }
    return shown | ({"review": {"path": failure.path, "line": failure.line}} if failure else {})


def _effect(effect: Effect) -> Json:
    return {
        "path": effect.path,
        "section": effect.section,
        "resource": effect.name,
        "effect": str(effect.kind),
        "why": effect.why,
    }


def _match(match: LintMatch) -> Json:
    return {
        "rule": match.rule,
        "message": match.message,
        "path": list(match.path),
        "line": match.line,
        "column": match.column,
    }


def _statement(statement: RequirementLine) -> Json:
    return {
        "path": statement.path,
        "line": statement.line,
        "text": statement.text,
        "name": statement.name,
        "value": statement.value,
    }


def _error(error: FixerError) -> Json:
    return {"path": error.path, "line": error.line, "column": error.column, "message": error.message}


def _summary(report: Report) -> Json:
    return {
        "found": sum(1 for _ in report.resolutions),
        "applied": report.count(Outcome.APPLIED),
        "would_apply": report.count(Outcome.WOULD_APPLY),
        "skipped": report.count(Outcome.SKIPPED),
        "needs_value": report.count(Outcome.NEEDS_VALUE),
        "failed": report.count(Outcome.CONFLICT, Outcome.UNVERIFIED, Outcome.FAILED),
        "suppressed": report.suppressed,
    }
