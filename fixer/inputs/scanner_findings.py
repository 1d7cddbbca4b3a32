"""The findings of other tools: SARIF, and the JSON of Checkov, Trivy, cfn-guard, cfn-lint and cloudformation-validate.

The kind of file is recognised by its content. Sources:
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (section 3.27, results)
https://www.checkov.io/2.Basics/Reviewing%20Scan%20Results.html
https://trivy.dev/latest/docs/configuration/reporting/
https://docs.aws.amazon.com/cfn-guard/latest/ug/validating-rules.html
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from fixer.errors import BadConfig
from fixer.inputs.regular_file import read_regular
from fixer.model.reported import Reported

_LARGEST = 100_000_000
_KINDS = "SARIF, or the JSON of Checkov, Trivy, cfn-guard, cfn-lint or cloudformation-validate"


def load(path: str) -> tuple[Reported, ...]:
    """The findings in a file, each once, in their order. Raises BadConfig for a file that is not of a known kind."""
    data = read_regular(path, _LARGEST, "a file of findings", BadConfig)
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadConfig(f"is not a file of findings: use {_KINDS}", path) from error
    reader = next((read for fits, read in _READERS if fits(document)), None)
    if reader is None:
        raise BadConfig(f"is not a file of findings: use {_KINDS}", path)
    try:
        found = list(reader(document))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadConfig(f"is not a file of findings: an entry does not have the form of {_KINDS}", path) from error
    return tuple(dict.fromkeys(Reported(*each, source=path) for each in found))


_Found = Iterator[tuple[str, str, str, str, int, int, str]]
"""(tool, rule, path, logical id, first line, last line, message)"""


def _sarif(document: Any) -> _Found:
    for run in document["runs"]:
        tool = run["tool"]["driver"]["name"]
        for result in run.get("results") or ():
            if result.get("suppressions") or result.get("kind", "fail") != "fail":
                continue
            for place in result.get("locations") or ():
                physical = place.get("physicalLocation") or {}
                region = physical.get("region") or {}
                uri = (physical.get("artifactLocation") or {}).get("uri") or ""
                first = int(region.get("startLine") or 0)
                last = int(region.get("endLine") or first)
                said = (result.get("message") or {}).get("text") or ""
                rule = result.get("ruleId") or (result.get("rule") or {}).get("id") or ""
                yield tool, rule, uri, _logical(place), first, last, said


def _logical(place: Any) -> str:
    """The resource among the logical locations of a SARIF location, as cfn-lint and others name it."""
    names = (each.get("fullyQualifiedName") or each.get("name") or "" for each in place.get("logicalLocations") or ())
    found = (re.match(r"/?Resources[/.](\w+)", name) for name in names)
    return next((match[1] for match in found if match), "")


def _checkov(document: Any) -> _Found:
    for report in document if isinstance(document, list) else [document]:
        for each in report["results"]["failed_checks"]:
            first, last = (each.get("file_line_range") or [0, 0])[:2]
            # Checkov writes "AWS::S3::Bucket.Logs".
            name = str(each.get("resource") or "").rpartition(".")[2]
            path = each.get("repo_file_path") or each["file_path"]
            yield "Checkov", each["check_id"], path, name, int(first), int(last), each.get("check_name") or ""


def _trivy(document: Any) -> _Found:
    for result in document["Results"] or ():
        for each in result.get("Misconfigurations") or ():
            if each.get("Status", "FAIL") == "FAIL":
                cause = each.get("CauseMetadata") or {}
                name = str(cause.get("Resource") or "")
                lines = int(cause.get("StartLine") or 0), int(cause.get("EndLine") or 0)
                shown = name if re.fullmatch(r"\w+", name) else ""
                yield "Trivy", each["ID"], result["Target"], shown, *lines, each.get("Title") or ""


def _guard(document: Any) -> _Found:
    for report in document if isinstance(document, list) else [document]:
        for each in report.get("not_compliant") or ():
            rule = each["Rule"]
            names = dict.fromkeys(re.findall(r"/Resources/(\w+)", json.dumps(rule.get("checks") or [])))
            for name in names or [""]:
                yield "cfn-guard", rule["name"], report["name"], name, 0, 0, ""


def _cfn_lint(document: Any) -> _Found:
    for each in document:
        place, lines = each["Location"].get("Path") or [], each["Location"]
        name = str(place[1]) if len(place) > 1 and place[0] == "Resources" else ""
        first, last = (int(lines[end]["LineNumber"]) for end in ("Start", "End"))
        yield "cfn-lint", each["Rule"]["Id"], each["Filename"], name, first, last, each.get("Message") or ""


def _validator(document: Any) -> _Found:
    for report in document if isinstance(document, list) else [document]:
        path = _first(report, "template_path", "templatePath", "file", "template_name", "templateName") or ""
        for each in report["diagnostics"]:
            entity = each.get("entity") or {}
            name = _first(entity, "logical_id", "logicalId") or ""
            first = int(_first(each, "start_line", "startLine") or 0)
            rule = _first(each, "rule_id", "ruleId")
            yield "cloudformation-validate", str(rule), str(path), str(name), first, first, each.get("message") or ""


def _first(mapping: Any, *names: str) -> Any:
    return next((mapping[name] for name in names if mapping.get(name)), None)


def _has(*keys: str) -> Callable[[Any], bool]:
    """Whether a document, or the first of a list of documents, is a mapping with these keys."""

    def fits(document: Any) -> bool:
        first = document[0] if isinstance(document, list) and document else document
        return isinstance(first, dict) and all(key in first for key in keys)

    return fits


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], _Found]], ...] = (
    (lambda document: isinstance(document, dict) and "runs" in document, _sarif),
    (_has("results", "check_type"), _checkov),
    (lambda document: isinstance(document, dict) and "Results" in document, _trivy),
    (_has("not_compliant", "name"), _guard),
    (_has("Rule", "Location", "Filename"), _cfn_lint),
    (_has("diagnostics"), _validator),
    (lambda document: document == [], lambda document: iter(())),
)
