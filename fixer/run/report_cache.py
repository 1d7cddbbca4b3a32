"""The reports of projects, kept on disk: the same templates on the same day with the same settings give the same
report.

The folder is the user's own cache, beside the lint results. An entry that is damaged, or of another version of fixer,
is ignored. What is written to templates never comes from here: a run that writes proves its patches again.
"""

import contextlib
import dataclasses
import os
from pathlib import Path

from fixer.aws import cache_file, sam
from fixer.aws.lint_cache import LintCache, digest
from fixer.aws.second_opinion import version
from fixer.inputs.history import head
from fixer.inputs.projects import Part
from fixer.model import Outcome, Report
from fixer.run.report_codec import decode, encode
from fixer.settings import Settings

_DAMAGED = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


class ReportCache:
    """Reports by everything that they depend on. It never raises."""

    def __init__(self, settings: Settings) -> None:
        self._lint = LintCache(settings.regions)
        self._folder = self._lint.folder.parent / "reports"
        shown = {name: getattr(settings, name) for name in (field.name for field in dataclasses.fields(settings))}
        shown = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in shown.items()}
        self._reads_history = settings.history
        self._heads: dict[str, str] = {}
        judge = version() if settings.second_opinion else ""
        self._settings = [self._lint.setting, repr(shown), judge, sam.version(), _code()]

    def get(self, what: str, part: Part) -> Report | None:
        """The report of `what` (the name of a pipeline function) for a project; None if it is not known."""
        key = self._key(what, part)
        with contextlib.suppress(*_DAMAGED):
            return decode(kept) if (kept := cache_file.read(self._file(key), key)) else None
        return None

    def put(self, what: str, part: Part, report: Report) -> None:
        """Keeps a report, unless it contains an error that may not occur again."""
        if report.errors or report.count(Outcome.FAILED) or not self._keeps(part):
            return
        key = self._key(what, part)
        with contextlib.suppress(*_DAMAGED):
            cache_file.write(self._file(key), key, encode(report))

    def _keeps(self, part: Part) -> bool:
        return all(self._lint.keeps(template.document.text) for template in part.project.templates.values())

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]

    def _head(self, path: str) -> str:
        """The commit of a template's repository, which git is asked for once for each folder."""
        folder = os.path.dirname(path)
        if folder not in self._heads:
            self._heads[folder] = head(path)
        return self._heads[folder]

    def _key(self, what: str, part: Part) -> str:
        project = part.project
        texts = [text for path, each in sorted(project.templates.items()) for text in (path, each.document.text)]
        heads = {self._head(path) for path in part.scope} if self._reads_history else set()
        said = [
            what,
            *self._settings,
            repr(sorted(heads)),
            repr(part.scope),
            repr(project.declared),
            repr(project.parameter_files),
            *texts,
        ]
        return digest(text.encode("utf-8", "surrogatepass") for text in said)


def _code() -> str:
    """The time of the last change of fixer's code, because an editable installation changes without a new version."""
    return str(max(file.stat().st_mtime_ns for file in Path(__file__).parents[1].rglob("*.py")))
