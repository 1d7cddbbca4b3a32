"""The reports of projects, kept on disk: the same templates on the same day with the same settings give the same
report.

The folder is the user's own cache, beside the lint results. It is used only if it belongs to the user, because an entry
is a pickle. An entry that is damaged, or of another version of fixer, is ignored.
"""

import contextlib
import dataclasses
import os
import pickle
import tempfile
from pathlib import Path

from fixer.aws.lint_cache import LintCache, digest
from fixer.aws.second_opinion import version
from fixer.inputs.projects import Part
from fixer.model import Outcome, Report
from fixer.settings import Settings

_DAMAGED = (OSError, pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError)


class ReportCache:
    """Reports by everything that they depend on. It never raises."""

    def __init__(self, settings: Settings) -> None:
        self._lint = LintCache(settings.regions)
        self._folder = self._lint.folder.parent / "reports"
        shown = {name: getattr(settings, name) for name in (field.name for field in dataclasses.fields(settings))}
        shown["baseline"] = sorted(settings.baseline)
        judge = version() if settings.second_opinion else ""
        self._settings = [self._lint.setting, repr(shown), judge, _code()]

    def get(self, what: str, part: Part) -> Report | None:
        """The report of `what` (the name of a pipeline function) for a project; None if it is not known."""
        with contextlib.suppress(*_DAMAGED):
            entry = self._entry(what, part)
            if entry.stat().st_uid == os.getuid():
                kept = pickle.loads(entry.read_bytes())
                return kept if isinstance(kept, Report) else None
        return None

    def put(self, what: str, part: Part, report: Report) -> None:
        """Keeps a report, unless it contains an error that may not occur again."""
        if report.errors or report.count(Outcome.FAILED) or not self._keeps(part):
            return
        with contextlib.suppress(OSError):
            entry = self._entry(what, part)
            entry.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=entry.parent)
            with os.fdopen(handle, "wb") as file:
                pickle.dump(report, file)
            os.replace(name, entry)

    def _keeps(self, part: Part) -> bool:
        return all(self._lint.keeps(template.document.text) for template in part.project.templates.values())

    def _entry(self, what: str, part: Part) -> Path:
        project = part.project
        texts = [text for path, each in sorted(project.templates.items()) for text in (path, each.document.text)]
        said = [what, *self._settings, repr(part.scope), repr(project.declared), repr(project.parameter_files), *texts]
        name = digest(text.encode("utf-8", "surrogatepass") for text in said)
        return self._folder / name[:2] / name[2:]


def _code() -> str:
    """The time of the last change of fixer's code, because an editable installation changes without a new version."""
    return str(max(file.stat().st_mtime_ns for file in Path(__file__).parents[1].rglob("*.py")))
