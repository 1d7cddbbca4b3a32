"""The first place at which a text stops being JSON or YAML. It costs less than a document, so that many texts can be
tried.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from fixer.document.document import Document, parse
from fixer.document.edits import compose, splice_text
from fixer.document.source import Splice, Syntax
from fixer.errors import BadTemplate
from fixer.model import Edit

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class FirstError:
    """Where a text stops to parse (`offset`), where the unfinished construct begins (`start`), and the reason."""

    start: int
    offset: int
    reason: str


def first_error(text: str, syntax: Syntax) -> FirstError | None:
    """The first error of a text; None if it has the syntax. Tags and values are not examined."""
    return _json_error(text) if syntax is Syntax.JSON else _yaml_error(text)


def mended_document(path: str, first: str, steps: Sequence[Sequence[Splice]]) -> Document | None:
    """The document of a text after successive steps of splices, with the edits that lead to it from the first text;
    None if it does not parse.
    """
    text, edits = first, tuple[Edit, ...]()
    for splices in steps:
        edits = compose(first, edits, splices)
        text = splice_text(text, splices)
    document = document_of(text, path)
    return replace(document, edits=edits, _first=first) if document else None


def document_of(text: str, path: str) -> Document | None:
    """The document of a text; None if it does not parse."""
    try:
        return parse(text, path)
    except BadTemplate:
        return None


def _json_error(text: str) -> FirstError | None:
    start = len(text) - len(text.lstrip(" \t\n\r\ufeff"))
    try:
        _, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        return FirstError(error.pos, error.pos, error.msg)
    except (RecursionError, ValueError) as error:
        return FirstError(start, start, str(error))
    rest = text[end:].lstrip(" \t\n\r")
    return FirstError(end, len(text) - len(rest), "there is text after the value") if rest else None


def _index(event: Any) -> int:
    return int(event.start_mark.index)


def _yaml_error(text: str) -> FirstError | None:
    skipped = 1 if text.startswith("\ufeff") else 0
    documents, anchors = 0, set[str | None]()
    try:
        events: Any = yaml.parse(text[skipped:], Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    at = _index(event) + skipped
                    return FirstError(at, at, "a second document begins here")
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    at = _index(event) + skipped
                    return FirstError(at, at, f"the alias *{event.anchor} has no anchor")
            elif isinstance(event, yaml.NodeEvent):
                anchors.add(event.anchor)
    except yaml.MarkedYAMLError as error:
        problem, context = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
        end = (problem.index if problem else 0) + skipped
        return FirstError((context.index if context else 0) + skipped, end, error.problem or error.context or "")
    except (yaml.YAMLError, RecursionError) as error:
        return FirstError(0, 0, str(error))
    return None
