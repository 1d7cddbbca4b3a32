"""Pairs of fragments in the prose of a failure, where it names an exact change.

Two forms are read: lines with labels and one entry each ("Model: `EngineVersion: '15.4'`", "Ideal: `EngineVersion:
'15.8'`"), and a sentence with both values ("changed `EngineVersion` from `15.4` to `15.8`"). Anything else is left to
people.
"""

import json
import re
from collections.abc import Iterator, Sequence

from fixer.inputs.failure_list import roles
from fixer.model.failures import Fragment, Pair, Role

# "EngineVersion: '15.4'" and "\"EngineVersion\": \"15.4\"". Must not match "arn:aws:s3:::bucket".
_ENTRY = re.compile(r"""^["']?(?P<key>[A-Z][A-Za-z0-9]{1,60})["']?\s*:\s+(?P<value>\S.{0,200}?),?$""")
# "- Model: `EngineVersion: '15.4'`". Must not match a line with other code.
_LINE = re.compile(r"^[\s*_+-]*(?P<label>[^`:]{2,40}?)[*_]*\s*:[*_]*\s*`(?P<code>[^`]{3,250})`[\s.]*$")
_CHANGE = r"\b(?:chang|updat|replac|switch|correct|fix|rais|increas|decreas|reduc|lower)\w*\b"
# "Changed `"MultiAZ": false` to `"MultiAZ": true`". Must not match "changed `A` and `B` to `C`".
_ENTRIES = re.compile(
    rf"{_CHANGE}[^`.]{{0,60}}`(?P<old>[^`]{{3,250}})`\s+(?:to|with|by|->|\u2192)\s+`(?P<new>[^`]{{3,250}})`", re.I
)
# "change EngineVersion from `15.4` to `15.8`". Must not match "change it from `15.4` to `15.8`".
_VALUES = re.compile(
    rf"{_CHANGE}\s+(?:the\s+)?[`\"']?(?-i:(?P<key>[A-Z][a-z]{{1,40}}[A-Z][A-Za-z0-9]{{0,40}}))[`\"']?\s+"
    r"(?:property\s+|value\s+)?"
    r"from\s+`(?P<old>[^`]{1,200})`\s+to\s+`(?P<new>[^`]{1,200})`",
    re.I,
)
_MOST = 20


def pairs(lines: Sequence[str], first: int) -> tuple[Pair, ...]:
    """The pairs that the lines of prose name; the first line of them has this number in the document."""
    stated = [each for number, line in enumerate(lines, first) for each in _sentence(line, number)]
    return tuple([*stated, *_labelled(lines, first)][:_MOST])


def _sentence(line: str, number: int) -> Iterator[Pair]:
    if "`" not in line:
        return
    for match in _ENTRIES.finditer(line):
        old, new = (_ENTRY.match(match[side].strip()) for side in ("old", "new"))
        if old and new and old["key"] == new["key"]:
            yield _pair(old["key"], old["value"], new["value"], number, number)
    for match in _VALUES.finditer(line):
        yield _pair(match["key"], match["old"], match["new"], number, number)


def _labelled(lines: Sequence[str], first: int) -> Iterator[Pair]:
    """The entry of a line with a label for the fault, with that of the next one for the correction, if it is for the
    same key.
    """
    fault: tuple[re.Match[str], int] | None = None
    for number, line in enumerate(lines, first):
        match = _LINE.match(line) if "`" in line else None
        entry = _ENTRY.match(match["code"].strip()) if match else None
        role = roles.of_label(match["label"]) if match and entry else None
        if entry and role is Role.FAULTY:
            fault = entry, number
        elif entry and fault and role is Role.CORRECTED:
            if fault[0]["key"] == entry["key"]:
                yield _pair(entry["key"], fault[0]["value"], entry["value"], fault[1], number)
            fault = None


def _pair(key: str, old: str, new: str, first: int, last: int) -> Pair:
    return Pair(
        Fragment(Role.FAULTY, f"{key}: {_written(old)}", first, "prose"),
        Fragment(Role.CORRECTED, f"{key}: {_written(new)}", last, "prose"),
    )


def _written(value: str) -> str:
    """The value in YAML: whole numbers, booleans and what is quoted, tagged or bracketed as it is; else in quotes."""
    value = value.strip()
    is_written = value[:1] in "\"'![{" or re.fullmatch(r"-?\d{1,18}|true|false", value)
    return value if is_written else json.dumps(value)
