"""Requirements read from a document: lines of Markdown or text, recognised by `fixer.inputs.requirement_sentences`.

The document is data. Nothing in it is run, followed or fetched. These lines are ignored: a line that no pattern
matches; a sentence that forbids something ("do not create ...", "no ..."), that is conditional ("if required, ..."),
that speaks of a wish, of something that exists, or of what others do; and lines under a heading or a label that says
optional; and sentences of more than 1,000 characters. The report states how each line was understood.

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
from collections.abc import Iterable, Iterator
from pathlib import Path

from fixer.inputs.documents import LONGEST, read_lines
from fixer.model import RequirementLine

DOCUMENT_NAMES = ("prompt.md", "requirements.md", "requirements.txt")
"""The names of requirements documents, in lower case. If one is beside a template and is not used, there is a warning.
"""

_OPTIONAL = re.compile(r"\boptional\b|nice[- ]to[- ]have|if time permits", re.I)


def load(path: str) -> tuple[RequirementLine, ...]:
    """The statements of a document, in their order. Raises BadConfig if it cannot be read as UTF-8 text."""
    return read_lines(path, "requirements document", lambda text: read(text, path))


def read(text: str, path: str = "") -> Iterator[RequirementLine]:
    """The statements of a text: for each line, the requirements that it declares."""
    from fixer.inputs.requirement_sentences import understood

    optional = False
    for number, line in enumerate(text.splitlines(), 1):
        if _is_heading(line):
            optional = bool(_OPTIONAL.search(line))
            continue
        for sentence in () if optional else re.split(r"(?<=[.;!?])\s+", _plain(line)):
            found = understood(sentence) if len(sentence) <= LONGEST else ()
            yield from (RequirementLine(path, number, sentence, name, value) for name, value in found)


def declared(statements: Iterable[RequirementLine]) -> dict[str, str]:
    """Requirement → value. If there are several statements, the first one with a value counts."""
    found: dict[str, str] = {}
    for statement in statements:
        if not found.get(statement.name):
            found[statement.name] = statement.value
    return found


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
