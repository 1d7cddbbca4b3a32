"""The baseline: the findings that existed when a repository began to use fixer, which are suppressed.

It is a JSON file that belongs in the repository: {"version": 1, "findings": [{"id", "path", "place", "message"}, ...]}.
Paths are relative to the folder of the file. `place` is the pointer with list indices replaced by fingerprints of the
items, so that unrelated edits, which move lines, do not bring a finding back. `message` is for people.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from fixer import json_file
from fixer.errors import BadConfig
from fixer.model import Finding

VERSION = 1
RecordedFindings = frozenset[tuple[str, str, str]]
"""(transform id, real path of the template, place) of each finding."""


def load(path: str) -> RecordedFindings:
    """The findings of a baseline file. Raises BadConfig if it cannot be read or is not a baseline."""
    document = json_file.load(Path(path), VERSION, "a baseline")
    if document is None:
        raise BadConfig("does not exist: create it with `fixer check --write-baseline`", path)
    try:
        folder = os.path.dirname(os.path.realpath(path))
        return frozenset(
            (_text(each["id"]), os.path.realpath(os.path.join(folder, _text(each["path"]))), _text(each["place"]))
            for each in document["findings"]
        )
    except (KeyError, TypeError, ValueError) as error:  # ValueError: a path with a null byte or half a character
        raise BadConfig("is not a baseline: create one with `fixer check --write-baseline`", path) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def knows(known: RecordedFindings, finding: Finding) -> bool:
    """Whether a finding is in the baseline."""
    return bool(known) and (finding.id, os.path.realpath(finding.path), finding.place) in known


def render(findings: Iterable[Finding], path: str) -> str:
    """The baseline file at that path for these findings, in their order, as JSON text with a last newline."""
    folder = os.path.dirname(os.path.realpath(path))
    entries = [
        {
            "id": finding.id,
            "path": Path(os.path.relpath(os.path.realpath(finding.path), folder)).as_posix(),
            "place": finding.place,
            "message": finding.message,
        }
        for finding in findings
    ]
    return json.dumps({"version": VERSION, "findings": entries}, indent=2) + "\n"
