"""A second opinion: one text in, the result of AWS's own validator out.

`cloudformation-validate` is native and works offline; a template takes 10 ms once the engine is built. It is optional
(`pip install fixer[validate]`), imported when the first opinion is requested, and only this module names it.

Sources: https://github.com/aws-cloudformation/cloudformation-validate,
https://pypi.org/project/cloudformation-validate/
"""

import atexit
import contextlib
import functools
import importlib.metadata
import re
from collections.abc import Iterator, Sequence
from typing import Any

from fixer.aws.forks import apart
from fixer.aws.lint import is_too_deep
from fixer.aws.time_limit import Overrun
from fixer.errors import BadConfig
from fixer.model import LintMatch, LintResult

NAME = "cloudformation-validate"

DEFAULT_TIME_LIMIT = 20.0
"""Seconds per text. The slowest of 178 real templates takes 0.06."""

_SEVERITIES = {"FATAL": "fatal", "ERROR": "error", "WARN": "warning"}
"""The severities that count, and their names here. Fatal means that no stack can be created from the template."""

_SECTIONS = {
    "RESOURCE": "Resources",
    "PARAMETER": "Parameters",
    "OUTPUT": "Outputs",
    "MAPPING": "Mappings",
    "CONDITION": "Conditions",
    "RULE": "Rules",
    "METADATA": "Metadata",
}
"""The section of the template in which an entity of each type is declared."""


def version() -> str:
    """The validator's version, without importing the validator. Raises BadConfig if it is not installed."""
    try:
        return importlib.metadata.version(NAME)
    except importlib.metadata.PackageNotFoundError:
        raise BadConfig(f"{NAME} is not installed: run `pip install 'fixer[validate]'`") from None


class SecondOpinion:
    """[(path, text), ...] → the validator's result for each: fatal faults, errors and warnings, sorted by line, column
    and rule. Informational findings are left out, because nothing depends on them.

    The path of a match is a template path, as cfn-lint reports it. The validator joins keys with dots, so a key that
    contains a dot is split into several. The files themselves are not read. The template's own suppressions of cfn-lint
    rules do not apply here.

    regions: the region to check for, if there is exactly one; otherwise the validator accepts what any region allows.
    time_limit: seconds per text.

    The constructor raises BadConfig if the validator is not installed or cannot be loaded. A call raises nothing: if
    the validator cannot read or check a text, or takes too long, the result has `failed` set.
    """

    def __init__(self, regions: Sequence[str] = (), time_limit: float = DEFAULT_TIME_LIMIT) -> None:
        version()
        try:
            import cloudformation_validate  # noqa: F401
        except (ImportError, OSError, RuntimeError) as error:  # the native library was built for another system
            raise BadConfig(f"{NAME} cannot be loaded here: {error}") from error
        self._region = regions[0] if len(regions) == 1 else None
        self._time_limit = time_limit

    def __call__(self, texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        self.prepare()
        try:
            # The validator is native code: a fault would end this process, and no signal handler could interrupt it.
            return apart(self._time_limit * len(texts), lambda: [self._judged(*text) for text in texts])
        except Overrun:
            reason = f"{NAME} took longer than {self._time_limit:g} seconds"
        except ChildProcessError:
            reason = f"the process of {NAME} ended unexpectedly"
        if len(texts) > 1:  # One of them caused it.
            return [result for text in texts for result in self([text])]
        return [LintResult(failed=reason)]

    def prepare(self) -> None:
        """Builds the engine, which takes a quarter of a second, so that the forks of this process do not have to."""
        with contextlib.suppress(Exception):  # Each text gets a failed result.
            _engine()

    def _judged(self, path: str, text: str) -> LintResult:
        if is_too_deep(text):
            return LintResult(failed=f"the template is nested too deeply for {NAME}")
        try:
            report = self._report(path, text)
            failed = _shortfall(report)
            return LintResult(() if failed else _matches(report), failed)
        except Exception as error:  # any exception that it may raise for an unexpected template
            return LintResult(failed=f"{NAME} failed: {type(error).__name__}: {error}".rstrip(": "))

    def _report(self, path: str, text: str) -> Any:
        from cloudformation_validate import (
            DetailLevel,
            PseudoParameterOverrides,
            Severity,
            TemplateContent,
            ValidateConfig,
        )

        config = ValidateConfig(
            severity_level=Severity.WARN,
            detail_level=DetailLevel.STANDARD,
            pseudo_parameter_overrides=PseudoParameterOverrides(region=self._region),
        )
        return _engine().validate_template(TemplateContent(text, path), config)


@functools.cache
def _engine() -> Any:
    from cloudformation_validate import CelEngine

    atexit.register(_engine.cache_clear)  # The engine can no longer be freed once Python has torn down its module.
    return CelEngine()


def _shortfall(report: Any) -> str:
    """Why the report is not complete; "" if it is."""
    if report.status.name == "ERROR":
        said = next((each.message for each in report.diagnostics), "no reason given")
        return f"{NAME} cannot read the template: {said}"
    if report.status.name == "ANALYSIS_INCOMPLETE":
        limits = "; ".join(each.description for each in report.metadata.budget_exhaustions or ())
        return f"{NAME} did not analyse the whole template: {limits or 'no reason given'}"
    return ""


def _matches(report: Any) -> tuple[LintMatch, ...]:
    """Each finding once: the validator repeats a finding for each condition under which it holds."""
    found = {
        LintMatch(
            each.rule_id,
            _SEVERITIES[each.severity.name],
            each.message,
            tuple(_path(each.entity, each.property_path or "")),
            each.start_line or 1,
            each.start_column or 1,
        )
        for each in report.diagnostics
        if each.severity.name in _SEVERITIES
    }
    return tuple(
        sorted(found, key=lambda match: (match.line, match.column, match.rule, str(match.path), match.message))
    )


def _path(entity: Any, place: str) -> Iterator[str | int]:
    """The template path of a finding. `place` starts at the entity (`Properties.Tags.0`), at its section
    (`Outputs/Url/Value.Ref`) or, if no entity is named, at the top (`Outputs.Url.Value`).
    """
    if section := _SECTIONS.get(entity.entity_type.name) if entity else None:
        yield from (section, str(entity.logical_id))
        # This comes before the split below because a wrong id may contain a slash or a dot.
        place = place.removeprefix(f"{section}/{entity.logical_id}")
    for part in re.split(r"[./]", place):
        if part:
            yield int(part) if part.isdecimal() else part
