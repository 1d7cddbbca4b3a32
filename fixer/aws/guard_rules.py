"""Rules in AWS's Guard language: one text in, the rules that fail out. `cloudformation-validate` evaluates them.

https://docs.aws.amazon.com/cfn-guard/latest/ug/writing-rules.html
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fixer.aws.lint import is_too_deep
from fixer.aws.second_opinion import NAME, version
from fixer.errors import BadConfig

_SUFFIXES = (".guard", ".ruleset")
_LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule that fails: its name, the logical id of the resource and the place below it (("Properties", "X"); () if
    Guard names none), and the line (0: not known).
    """

    rule: str
    resource: str
    place: tuple[str, ...]
    line: int
    message: str


class GuardRules:
    """(path, text) → the failures of the rules in the given files, or in the files of the given folders.

    A rule that another rule of its file refers to is a part of that rule, and does not count on its own. The
    constructor raises BadConfig if the validator is not installed, a file cannot be read, or a rule has a syntax error.
    A call raises nothing: a text that the validator cannot read has no failures.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        version()
        from cloudformation_validate import CelEngine, EngineConfig, ExternalRuleSource

        self._parts: set[str] = set()
        sources = []
        for path in _files(paths):
            text = _read(path)
            self._parts |= _inner_rules(text)
            sources.append(ExternalRuleSource(name=path, content=text))
        try:
            self._engine: Any = CelEngine(EngineConfig(guard_rules=sources))
        except Exception as error:  # The validator raises its own kinds for a rule that it cannot read.
            raise BadConfig(f"{NAME} cannot read the Guard rules: {error}") from error

    def __call__(self, path: str, text: str) -> tuple[RuleFailure, ...]:
        if is_too_deep(text):
            return ()
        from cloudformation_validate import DetailLevel, TemplateContent, ValidateConfig

        config = ValidateConfig(detail_level=DetailLevel.STANDARD, disable_builtin_rules=True)
        try:
            report = self._engine.validate_template(TemplateContent(text, path), config)
        except Exception:  # Any exception that the validator may raise for an unexpected template.
            return ()
        return tuple(self._failures(report.diagnostics))

    def _failures(self, diagnostics: Sequence[Any]) -> Iterator[RuleFailure]:
        failing = {each.rule_id for each in diagnostics} - self._parts
        named = {each.rule_id for each in diagnostics if each.entity is not None}
        for each in diagnostics:
            if each.source.name != "GUARD" or each.rule_id not in failing:
                continue
            if each.entity is None and each.rule_id in named:
                continue
            place = tuple(part for part in re.split(r"[./]", each.property_path or "") if part)
            resource = str(each.entity.logical_id) if each.entity else ""
            yield RuleFailure(each.rule_id, resource, place, each.start_line or 0, each.message or "")


def _files(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        found = sorted(
            os.path.join(folder, name)
            for folder, _, names in os.walk(path)
            for name in names
            if name.endswith(_SUFFIXES)
        )
        if not found:
            raise BadConfig("has no Guard rules: they are files that end in .guard", path)
        yield from found


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise BadConfig(f"cannot be read: {getattr(error, 'strerror', None) or error}", path) from error
    if len(text) > _LARGEST:
        raise BadConfig("is too large for Guard rules: the limit is 5 MB", path)
    return text


def _inner_rules(text: str) -> set[str]:
    """The rules of a file that another rule of it refers to."""
    # Names also occur in messages (<<...>>), comments, and strings, such as the lists of suppressed rules.
    bare = re.sub(r"<<.*?>>|\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*", "", text, flags=re.S)
    # Matches "rule NAME when ..." and "rule NAME {". Must not match "ruleset".
    names = re.findall(r"^\s*rule\s+(\w+)", bare, re.M)
    return {name for name in names if len(re.findall(rf"\b{name}\b", bare)) > 1}
