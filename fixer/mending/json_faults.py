"""The possible repairs of the first fault in a JSON text (RFC 8259)."""

import re
from collections.abc import Iterator
from itertools import islice

from fixer.document.first_error import FirstError
from fixer.mending.candidate import Candidate, Line, candidate, line_at, lines_before
from fixer.mending.json_layout import first_conflict, open_brackets

_MOST_CLOSERS = 3
_CLOSERS = {"{": "}", "[": "]"}
_NAMES = {"{": "opening brace", "}": "closing brace", "[": "opening bracket", "]": "closing bracket"}
_NAMES |= {",": "comma", ":": "colon", '"': "quotation mark", "\\": "backslash"}
_WORDS = {"true": "true", "false": "false", "none": "null", "null": "null", "nil": "null", "yes": "", "no": ""}
# Matches 'a "b" c' and 'it\'s'. Must not match "don't" in double quotes, which the first alternative takes.
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'((?:[^\'\\\n]|\\.)*)\'')
# Matches // and # comments to the end of the line, and /* */ comments. Must not match "http://x": strings come first.
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|([ \t]*(?://[^\n]*|#[^\n]*|/\*.*?\*/))', re.DOTALL)
_WORD = re.compile(r'"(?:[^"\\\n]|\\.)*"|\b([A-Za-z]+)\b')
_TRAILING = re.compile(r'"(?:[^"\\\n]|\\.)*"|(,)(?=\s*[\]}])')


def candidates(text: str, error: FirstError) -> Iterator[Candidate]:
    """The possible repairs of the fault behind the first error of a text."""
    window = [line_at(text, min(error.offset, len(text)))]
    window += islice(lines_before(text, error.offset), 2)
    if _is_unbalanced(text, error):
        yield from _end(text)
        if (conflict := first_conflict(text)) is not None:
            near = line_at(text, conflict)
            window += [near, *islice(lines_before(text, near.start), 2)]
    for line in dict.fromkeys(window):
        yield from _listed(text, line)
    for line in dict.fromkeys(window):
        yield from _single(text, line)


def _is_unbalanced(text: str, error: FirstError) -> bool:
    """Whether the fault may be far above the error: the text ends too early, or a bracket closes too early or late."""
    return error.offset >= len(text.rstrip()) or text[error.offset : error.offset + 1] in "{}[],"


def _end(text: str) -> Iterator[Candidate]:
    """The closing brackets that a text lacks at its end, each on a line of its own if the text is laid out so."""
    opened = open_brackets(text)
    body = text.rstrip()
    if opened is None or not 0 < len(opened) <= _MOST_CLOSERS or body[-1:] not in ("}", "]"):
        return
    new = ""
    for at in reversed(opened):
        line = line_at(text, at)
        new += (f"\n{line.indent}" if "\n" in text[at:] else "") + _CLOSERS[text[at]]
    missing = "closing brackets are" if len(opened) > 1 else "a closing bracket is"
    yield candidate(f"the text ends too early: {missing} missing", (len(body), len(body), new))


def _listed(text: str, line: Line) -> Iterator[Candidate]:
    """The faults of other languages: comments, single quotes, words of Python, trailing commas."""
    for found in _COMMENT.finditer(text, line.start):
        if found.start() > line.end:
            break
        if found[1]:
            yield candidate("a comment, which JSON does not have", _without(text, *found.span(1)), is_plain=True)
    single = [found for found in _QUOTED.finditer(text, line.start, line.end) if found[1] is not None]
    if single:
        new = [(found.start(), found.end(), _double(found[1])) for found in single]
        yield candidate("single quotes, which JSON does not have", *new, is_plain=True)
    for found in _WORD.finditer(text, line.start, line.end):
        word = (found[1] or "").lower()
        if (right := _WORDS.get(word)) and found[1] != right:
            yield candidate(f"{found[1]} is not a value of JSON", (found.start(1), found.end(1), right), is_plain=True)
    for found in _TRAILING.finditer(text, line.start):
        if found.start() > line.end:
            break
        if found[1]:
            yield candidate("a comma before a closing bracket", (found.start(1), found.end(1), ""), is_plain=True)


def _single(text: str, line: Line) -> Iterator[Candidate]:
    """Every repair by one mark of JSON that is missing or doubled."""
    for at in range(line.body, line.end + 1):
        before = text[at - 1 : at]
        for mark in '"\\':
            yield candidate(f"a {_NAMES[mark]} is missing", (at, at, mark))
        if before.strip() or at in (line.body, line.end):
            for mark in ",:{}[]":
                yield candidate(f"{_article(mark)} {_NAMES[mark]} is missing", (at, at, mark))
        if at < line.end and (text[at] in _NAMES or text[at] == before):
            name = _NAMES.get(text[at], "character")
            yield candidate(f"{_article(text[at])} {name} too much", (at, at + 1, ""))


def _article(mark: str) -> str:
    return "an" if mark in "{[" else "a"


def _without(text: str, start: int, end: int) -> tuple[int, int, str]:
    """The removal of a comment: with its line, if nothing else is on it."""
    line = line_at(text, start)
    if start <= line.body and end >= line.end and "\n" not in text[start:end]:
        return line.start, min(text.find("\n", end) + 1 or len(text), len(text)), ""
    return start, end, ""


def _double(inner: str) -> str:
    """The text between single quotes, between double quotes."""
    return '"' + re.sub(r'(?<!\\)"', r"\"", inner.replace("\\'", "'")) + '"'
