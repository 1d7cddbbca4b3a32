"""Requirements read from a document: lines of Markdown or text, recognised by the patterns below.

The document is data. Nothing in it is run, followed or fetched. These lines are ignored: a line that no pattern
matches, a sentence that forbids something ("do not create ...", "no ..."), a sentence about something that exists, and
lines under a heading or a label that says optional. The report states how each line was understood.

| requirement | a line such as |
|---|---|
| `vpc`, or `vpc=public` for public subnets | Create VPC with public and private subnets in each region |
| `monitoring=SECONDS` | Enable Enhanced Monitoring with 1-minute granularity |
| `dashboard` | Create CloudWatch dashboard for database health metrics |
| `peering` | Establish VPC peering connection between the two regions |
| `alerts` | Set up SNS topic for critical database alerts |
| `rto=SECONDS` | Configure automatic failover with RTO < 5 minutes |
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fixer.inputs.discovery import read_document
from fixer.model import RequirementLine

DOCUMENT_NAMES = ("prompt.md", "requirements.md", "requirements.txt")
"""The names of requirements documents, in lower case. If one is beside a template and is not used, there is a warning.
"""

_ASKS = (
    r"\b(?:create|creates|deploy|provision|set ?up|build|add|establish|configure|enable|implement|include|define|use)\b"
)
_ARTICLES = r"(?:(?:an?|the|one|its|own|new|multiple|separate|dedicated|custom|isolated|multi-az)\s+){0,3}"
_FORBIDS = re.compile(r"\b(?:no|not|never|without|don't|avoid|existing|optional(?:ly)?)\b", re.I)
_OPTIONAL = re.compile(r"\boptional\b|nice[- ]to[- ]have|if time permits", re.I)
_ENHANCED = (1, 5, 10, 15, 30, 60)
_NUMBERS = {"one": 1, "two": 2, "five": 5, "ten": 10, "fifteen": 15, "thirty": 30, "sixty": 60}
_SPAN = (
    r"(?P<number>\d+|one|two|five|ten|fifteen|thirty|sixty)[ -]*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b"
)


@dataclass(frozen=True)
class Pattern:
    """The pattern of a line that declares a requirement, and the reader of its value; None if the line declares
    nothing.
    """

    name: str
    regex: re.Pattern[str]
    value: Callable[[str, re.Match[str]], str | None]


def load(path: str) -> tuple[RequirementLine, ...]:
    """The statements of a document, in their order. Raises BadConfig if it cannot be read as UTF-8 text."""
    return tuple(read(read_document(path, "requirements document"), path))


def read(text: str, path: str = "") -> Iterator[RequirementLine]:
    """The statements of a text: for each line, the requirements that it declares."""
    optional = False
    for number, line in enumerate(text.splitlines(), 1):
        if _is_heading(line):
            optional = bool(_OPTIONAL.search(line))
            continue
        for sentence in () if optional else re.split(r"(?<=[.;!?])\s+", _plain(line)):
            yield from (RequirementLine(path, number, sentence, name, value) for name, value in _understood(sentence))


def declared(statements: Iterable[RequirementLine]) -> dict[str, str]:
    """Requirement → value. If there are several statements, the first one with a value counts."""
    found: dict[str, str] = {}
    for statement in statements:
        if not found.get(statement.name):
            found[statement.name] = statement.value
    return found


def _understood(sentence: str) -> Iterator[tuple[str, str]]:
    for pattern in () if _FORBIDS.search(sentence) else PATTERNS:
        match = pattern.regex.search(sentence)
        value = pattern.value(sentence, match) if match else None
        if value is not None:
            yield pattern.name, value


def beside(folder: str) -> Iterator[str]:
    """The requirements documents in a folder."""
    if Path(folder or ".").is_dir():
        for file in sorted(Path(folder or ".").iterdir()):
            if file.name.lower() in DOCUMENT_NAMES and file.is_file():
                yield file.as_posix()


def _is_heading(line: str) -> bool:
    """A Markdown heading, or a label of its own line that ends in a colon ("OPTIONAL ENHANCEMENTS:")."""
    bare = line.strip().strip("*_")
    return line.lstrip().startswith("#") or (bare.endswith(":") and not re.match(r"[-*\d]", line.strip()))


def _plain(line: str) -> str:
    """The line without its list marker, emphasis and outer space."""
    return re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", line).replace("**", "").strip()


def _nothing(line: str, match: re.Match[str]) -> str:
    return ""


def _public(line: str, match: re.Match[str]) -> str:
    return "public" if re.search(r"\bpublic\b[^.;]*\bsubnets?\b", line, re.I) else ""


def _seconds(line: str, match: re.Match[str]) -> str | None:
    word = match["number"].lower()
    number = _NUMBERS.get(word) or int(word)
    unit = {"s": 1, "m": 60, "h": 3600}[match["unit"][0].lower()]
    return str(number * unit)


def _granularity(line: str, match: re.Match[str]) -> str | None:
    """The interval, if RDS accepts it.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    """
    found = re.search(_SPAN, line, re.I)
    seconds = _seconds(line, found) if found else None
    return seconds if seconds and int(seconds) in _ENHANCED else None


def _pattern(name: str, regex: str, value: Callable[[str, re.Match[str]], str | None] = _nothing) -> Pattern:
    return Pattern(name, re.compile(regex, re.I), value)


PATTERNS = (
    _pattern(
        "vpc", _ASKS + r"\s+" + _ARTICLES + r"(?:VPCs?|virtual private clouds?)\b(?!.*\bpeering).*\bsubnets?\b", _public
    ),
    _pattern("monitoring", r"\benhanced monitoring\b", _granularity),
    _pattern("dashboard", _ASKS + r".*\bdashboards?\b"),
    _pattern("peering", _ASKS + r".*\bVPC[- ]peering\b"),
    _pattern("alerts", _ASKS + r".*\b(?:SNS|topics?)\b.*\b(?:alerts?|notif(?:y|ications?)|e-?mail)\b"),
    _pattern(
        "rto",
        r"\b(?:RTO|recovery time objective)\b[^0-9a-z]*(?:(?:of|under|below|is|less than|within)\s+)*" + _SPAN,
        _seconds,
    ),
)
"""In the order of the table above."""
