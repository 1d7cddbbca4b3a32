"""The review of a pull request as a failure list: comments that GitHub exports as JSON, with their suggestions.

Source: https://docs.github.com/en/rest/pulls/comments (List review comments on a pull request). Of a comment, `path`,
`body`, `diff_hunk`, `line` and `start_line` are read (`original_line` and `original_start_line` where the comment is
outdated). The lines of a suggestion are those of the new side of the hunk, whose last line is the commented one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fixer.inputs.documents import LONGEST
from fixer.inputs.failure_list.blocks import SUGGESTION
from fixer.inputs.failure_list.outline import MOST
from fixer.inputs.failure_list.suggestions import commented
from fixer.model.failures import Failure, Fragment, Pair, Role

_LONGEST_TITLE = 200
_SUGGESTION = re.compile(r"^[ \t]{0,3}(`{3,}|~{3,})[ \t]*suggestion[^\n]*$")


def read(text: str) -> tuple[Failure, ...] | None:
    """The comments of a review, each as a failure, without replies and empty comments; None if the text is not JSON.

    `line` of a failure counts the comments from 1.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("[", "{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    comments = data.get("comments", [data]) if isinstance(data, dict) else data
    if not isinstance(comments, list):
        return ()
    return tuple(_failures([each for each in comments if isinstance(each, dict)]))


def _failures(comments: list[Mapping[str, Any]]) -> Iterator[Failure]:
    number = 0
    for place, comment in enumerate(comments[: MOST + 1], 1):
        body = _text(comment, "body")
        if not body.strip() or comment.get("in_reply_to_id"):
            continue
        number += 1
        faulty, suggested = _replaced(comment, place), tuple(_suggested(comment, body, place))
        yield Failure(
            number,
            _title(comment, body),
            "",
            place,
            body=body,
            fragments=((faulty, *suggested) if faulty and suggested else suggested),
            pairs=tuple(Pair(faulty, each) for each in suggested if faulty),
        )


def _title(comment: Mapping[str, Any], body: str) -> str:
    """The first line of text of a comment; if it has only suggestions, the place that it is about."""
    for line in _without_suggestions(body):
        plain = re.sub(r"^[^\w`\"'(]+", "", line[:LONGEST].replace("**", "").replace("`", "")).strip()
        if plain:
            return plain[:_LONGEST_TITLE].rstrip(". ")
    return f"Suggestion for {_text(comment, 'path') or 'a template'}"


def _without_suggestions(body: str) -> Iterator[str]:
    fence = ""
    for line in body.splitlines():
        marked = line.strip()
        if not fence and marked.startswith(("```", "~~~")):
            fence = marked[:3]
        elif fence and marked.startswith(fence):
            fence = ""
        elif not fence:
            yield line


def _replaced(comment: Mapping[str, Any], number: int) -> Fragment | None:
    """The lines that a suggestion of the comment replaces; None if the comment does not show them."""
    path, first, last = _place(comment)
    lines = commented(_text(comment, "diff_hunk"), last - first + 1) if first else None
    if lines is None or comment.get("side") == "LEFT":
        return None
    return Fragment(Role.FAULTY, lines, number, "diff_hunk", path, first, last)


def _suggested(comment: Mapping[str, Any], body: str, number: int) -> Iterator[Fragment]:
    path, first, last = _place(comment)
    for text in _suggestions(body):
        yield Fragment(Role.CORRECTED, text, number, SUGGESTION, path, first, last)


def _place(comment: Mapping[str, Any]) -> tuple[str, int, int]:
    """The path and the first and last line of a comment; 0 for lines that it does not name."""
    last = _number(comment, "line") or _number(comment, "original_line")
    first = _number(comment, "start_line") or _number(comment, "original_start_line") or last
    return (_text(comment, "path"), first, last) if last >= first else (_text(comment, "path"), 0, 0)


def _suggestions(body: str) -> Iterator[str]:
    """The texts of the suggestions of a comment. One that is never closed does not count."""
    fence, lines = "", list[str]()
    for line in body.splitlines():
        if fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            yield "\n".join(lines)
            fence = ""
        elif fence:
            lines.append(line)
        elif match := _SUGGESTION.match(line[:LONGEST]):
            fence, lines = match[1], []


def _text(comment: Mapping[str, Any], key: str) -> str:
    value = comment.get(key)
    return value if isinstance(value, str) else ""


def _number(comment: Mapping[str, Any], key: str) -> int:
    value = comment.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
