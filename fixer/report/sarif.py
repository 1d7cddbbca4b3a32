"""The report as SARIF 2.1.0: results with rule help and, where there is a patch, the exact replacements.

Positions and replacements refer to the texts before the run. For `check`, each fix is a separate proposal; for `apply`,
all fixes together are the written change. Patches whose edits cannot be separated share one fix in the first of their
results; the other results refer to it (property `fixedWith`, an index into the results).

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (3.55 to 3.57: fix, artifact change,
replacement; 3.30: region),
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from fixer.document.source import position_at
from fixer.engine.selection import severity_of
from fixer.model import Edit, Json, Report, Resolution, Severity, TemplateReport, Tier
from fixer.report.effects import impact_of
from fixer.report.replay import Repair, is_proposal, repairs, single
from fixer.transforms import TRANSFORMS
from fixer.transforms.packs import pack_transforms
from fixer.transforms.review.sources import failure_of
from fixer.transforms.transform import Transform

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


def render(report: Report) -> str:
    """The log as JSON text with a last newline."""
    found = list(report.resolutions)
    transforms = _found({each.finding.id for each in found})
    ids = [transform.id for transform in transforms]
    rules = [_rule(transform) for transform in transforms]
    results = [_result(each, ids, report) for each in found]
    _add_fixes(report, found, results)
    driver: Json = {
        "name": "fixer",
        "semanticVersion": report.versions.get("fixer", ""),
        "rules": rules,
    }
    extensions: list[Json] = [
        {"name": name, "version": version} for name, version in report.versions.items() if name != "fixer"
    ]
    run: Json = {
        "tool": {"driver": driver, "extensions": extensions},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which fixer ran."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(results),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _found(ids: set[str]) -> list[Transform]:
    """The transforms with these ids, in the order in which they run. Those of packs are loaded only if needed."""
    others = () if {each.id for each in TRANSFORMS} >= ids else pack_transforms()
    return [transform for transform in (*others, *TRANSFORMS) if transform.id in ids]


def _rule(transform: Transform) -> Json:
    sections = transform.sections
    text = "\n\n".join(f"{title}:\n{body}" for title, body in sections.items())
    markdown = "\n\n".join(f"**{title}**\n\n{body}" for title, body in sections.items())
    rule: dict[str, Json] = {
        "id": transform.id,
        "name": "".join(word.capitalize() for word in transform.id.split("-")),
        "shortDescription": {"text": transform.summary},
        "fullDescription": {"text": sections.get("Why it fails", transform.summary)},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": _LEVELS[transform.severity]},
        "properties": {
            "tags": ["cloudformation", *transform.rules],
            "precision": "very-high",
            "problem.severity": "warning",
        },
    }
    references = sections.get("References", "").split()
    return rule | ({"helpUri": references[0]} if references else {})


def _result(each: Resolution, ids: Sequence[str], report: Report) -> dict[str, Json]:
    finding, failure, undeployed = each.finding, failure_of(each.finding, report.failures), report.undeployed
    match = finding.match
    said = [finding.message, each.reason, *(f"Set it with --set {want}" for want in each.wants), *each.notes]
    if each.patches:
        said.insert(1, f"Impact of the repair: {impact_of(each, finding.path, undeployed)}")
    region: Json = {"startLine": each.position.line, "startColumn": each.position.column}
    location: dict[str, Json] = {
        "physicalLocation": {"artifactLocation": _artifact(finding.path), "region": region},
        "logicalLocations": [{"fullyQualifiedName": finding.pointer or "/", "kind": "member"}],
    }
    identity = "\0".join((finding.id, _relative(finding.path), finding.place)).encode(errors="surrogatepass")
    properties: dict[str, Json] = {"tier": str(each.tier), "outcome": str(each.outcome)}
    if match:
        properties["cfnLintRule"] = match.rule
    if failure:
        properties["review"] = f"{failure.path}:{failure.line}"
    return {
        "ruleId": finding.id,
        "ruleIndex": ids.index(finding.id),
        "level": _LEVELS[severity_of(finding)],
        "message": {"text": " ".join(_sentence(text) for text in said if text)},
        "locations": [location],
        "partialFingerprints": {"fixerFinding/v1": hashlib.sha256(identity).hexdigest()},
        "properties": properties,
    }


def _add_fixes(report: Report, found: Sequence[Resolution], results: Sequence[dict[str, Json]]) -> None:
    texts = {template.path: template for template in report.templates}
    proposed = [repair for each in found if is_proposal(each) and (repair := single(report, each))]
    at = {id(each): index for index, each in enumerate(found)}
    for repair in [*repairs(report), *proposed]:
        if not repair.edits:
            continue
        first, *others = (at[id(each)] for each in repair.resolutions)
        results[first]["fixes"] = [_fix(repair, texts)]
        for other in others:
            properties = results[other]["properties"]
            assert isinstance(properties, dict)
            properties["fixedWith"] = first


def _fix(repair: Repair, texts: dict[str, TemplateReport]) -> Json:
    tier = max((each.tier for each in repair.resolutions), key=lambda tier: tier.rank)
    ids = ", ".join(dict.fromkeys(each.finding.id for each in repair.resolutions))
    return {
        "description": {"text": f"{ids} ({tier})" + (": read its impact first" if tier is Tier.UNSAFE else "")},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": list(_replacements(texts[path].before, edits))}
            for path, edits in repair.edits.items()
        ],
    }


def _replacements(text: str, edits: Iterable[Edit]) -> Iterator[Json]:
    for edit in edits:
        start, end = position_at(text, edit.start), position_at(text, edit.end)
        region: Json = {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }
        yield {"deletedRegion": region, "insertedContent": {"text": edit.new}}


def _invocation(report: Report) -> Json:
    told: list[Json] = [_notification("error", error.message, error.path, error.line) for error in report.errors]
    told += [_notification("warning", warning) for warning in report.warnings]
    return {"executionSuccessful": not report.errors, "toolExecutionNotifications": told}


def _notification(level: str, text: str, path: str = "", line: int | None = None) -> Json:
    note: dict[str, Json] = {"level": level, "message": {"text": text}}
    if path:
        where: dict[str, Json] = {"artifactLocation": _artifact(path)}
        note["locations"] = [{"physicalLocation": where | ({"region": {"startLine": line}} if line else {})}]
    return note


def _artifact(path: str) -> Json:
    relative = _relative(path)
    if os.path.isabs(relative):
        return {"uri": Path(relative).as_uri()}
    return {"uri": quote(os.fsencode(relative.replace(os.sep, "/"))), "uriBaseId": _ROOT}


def _relative(path: str) -> str:
    """The path relative to the folder in which fixer runs; absolute if the file is outside it."""
    full = os.path.abspath(path)
    inside = os.path.relpath(full)
    return full if inside.startswith(os.pardir) else inside


def _sentence(text: str) -> str:
    """The text as a sentence with a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
