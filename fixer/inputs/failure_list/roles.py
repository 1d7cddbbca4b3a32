"""The role of a code block, from the words that label it."""

import re
from collections.abc import Iterable

from fixer.inputs.documents import LONGEST
from fixer.model.failures import Role

_LONGEST_LABEL = 200
_HEADING = re.compile(r"^\s*#{1,6}\s+(.+)$")
_BOLD = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\*\*|__)(.{1,200}?)(?:\*\*|__)(.*)$")
_RESPONSE = r"(?:response|output|code|error|template|answer|miss|issue|implementation|generated|version|approach"
_RESPONSE += r"|configuration|setup|yaml|json|snippet|used|created|wrote|had|definition|design)"
_WORDS = {
    # "Error Message", "PROMPT Requirement", "Root Cause", "Test Results". Must not match "MODEL ERROR" (faulty is found
    # earlier in that text).
    Role.NEITHER: (
        r"errors?\b|messages?\b|commands?\b|tests?\b|logs?\b|stack ?trace|prompt\b|requirements?\b|root cause"
        r"|usage\b|verif\w+|validation\b|warnings?\b|impact\b|why\b|references?\b|deployment (?:output|result|error)"
        r"|cli\b|run\b|before deploying|after deploy\w*|results?\b|benefits?\b|lessons?\b"
    ),
    # "MODEL_RESPONSE Issue", "Original (Broken)", "What's Wrong", "Before". Must not match "Fixed".
    Role.FAULTY: (
        rf"model(?:'s|s)?[ _]*(?:{_RESPONSE})|what the model (?:did|generated|wrote|produced)|the model\b|model$"
        r"|issues?\b|problem(?:atic|s)?\b|originals?\b|originally\b|before\b|incorrect\w*|wrong\w*|broken\b|currently\b"
        r"|current\b|failures?\b|failed\b|faulty\b|bad\b|invalid\b|buggy\b|actual (?:code|response)|old\b|previous\w*"
        r"|vulnerable\b|insecure\b"
    ),
    # "IDEAL_RESPONSE Fix", "Corrected Code", "After", "Should be". Must not match "Incorrect".
    Role.CORRECTED: (
        r"ideal\w*|fix(?:es|ed)?\b|correct(?:ed|ion|ions|ly)?\b|expected\b|after\b|solutions?\b"
        r"|recommend(?:ed|ation)?\b|should (?:be|have|use|look|read)\b|actual fix|required\b|proper\w*|good\b|better\b"
        r"|proposed\b|suggest\w*"
        r"|resolution\b|updated\b|new\b|improved\b|right\b|remediation\b|instead\b|secure\b"
    ),
}
_FIRST = re.compile("|".join(rf"(?P<{role.name}>\b(?:{words}))" for role, words in _WORDS.items()), re.I)
_MARKS = {"\u274c": Role.FAULTY, "\u2717": Role.FAULTY, "\u2718": Role.FAULTY, "\U0001f6ab": Role.FAULTY}
_MARKS |= {"\u2705": Role.CORRECTED, "\u2713": Role.CORRECTED, "\u2714": Role.CORRECTED}
# A sentence that tells what was done: "Added a default:", "Use a newer version:". Must not match "Uses a mapping:".
_DONE = re.compile(
    r"^(?:added?|used?|chang(?:e|ed)|replaced?|removed?|updated?|set|moved?|switch(?:ed)?)\b(?! to be)", re.I
)
_COMMENT = re.compile(r"^\s*(?:#|//)+[\s=*-]*(?P<text>[^\s=*-].{0,100}?)[\s=*-]*$")
# Only words that say nothing else in a comment of a template: "# INCORRECT", "// Before:", "# Fixed". Must not match
# "# Original bucket that the other team owns" (the comment has more words than a label).
_STRONG = re.compile(
    r"^(?:the )?(?P<FAULTY>incorrect|wrong|broken|bad|before|original|faulty|invalid"
    r"|model[ _](?:response|output|error))"
    r"|^(?:the )?(?P<CORRECTED>correct(?:ed)?|fix(?:ed)?|after|good|ideal[ _]response|should be)",
    re.I,
)


def of_lines(lines: Iterable[str]) -> tuple[Role | None, str]:
    """The role that the lines of text before a block give it, and the words that do; the lines come nearest first.

    The nearest line with a label decides. The role is None if no line has one.
    """
    for index, line in enumerate(lines):
        text, is_heading = _label(line[:LONGEST], nearest=index == 0)
        if text and (role := of_label(text)):
            return role, text
        if is_heading:
            break
    return None, ""


def of_label(text: str) -> Role | None:
    """The role that a label gives: its mark, else its first word that gives one."""
    for mark, role in _MARKS.items():
        if mark in text:
            return role
    match = _FIRST.search(text.replace("_", " "))
    return Role[match.lastgroup] if match and match.lastgroup else None


def of_comment(line: str) -> Role | None:
    """The role that a line of a block gives to the lines below it, if it is a comment that is a label."""
    match = _COMMENT.match(line[:_LONGEST_LABEL])
    if match is None:
        return None
    text = match["text"]
    for mark, role in _MARKS.items():
        if mark in text:
            return role
    words = _STRONG.match(text.lstrip("[(<! "))
    if words is None or words.lastgroup is None:
        return None
    is_label = len(text.split()) <= 5 or text[words.end() :].lstrip("] ")[:1] in (":", "-", "(", "\u2013", "\u2014")
    return Role[words.lastgroup] if is_label else None


def _label(line: str, nearest: bool) -> tuple[str, bool]:
    """The words of a line that can label a block ("" if none can), and whether it is a heading."""
    if match := _HEADING.match(line):
        return match[1], True
    if match := _BOLD.match(line):
        return _marks(match[2]) + match[1], False
    plain = line.strip().lstrip("-*+ ")
    if plain[:1] in _MARKS:
        return plain[:_LONGEST_LABEL], False
    if len(plain) > _LONGEST_LABEL:
        return "", False
    if nearest and _DONE.match(plain):
        return "fix", False
    head, colon, rest = plain.partition(":")
    is_label = bool(colon) and len(head.split()) <= 5
    return (_marks(rest) + head if is_label and (not rest.strip() or of_label(head)) else ""), False


def _marks(text: str) -> str:
    return "".join(mark for mark in text if mark in _MARKS)
