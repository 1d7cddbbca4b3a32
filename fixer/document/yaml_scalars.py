"""New YAML scalars that every reader reads alike: plain, quoted with escapes, literal (|) and folded (>)."""

import json
import re
import textwrap
from typing import Any

import yaml

from fixer.document.source import Unprovable

_RESOLVER: Any = yaml.resolver.Resolver()
_STRING = "tag:yaml.org,2002:str"
_SAFE_PLAIN = re.compile(r"[A-Za-z0-9_./$()+=^;~-][A-Za-z0-9_./$()+=^;:@%&*?<>!|'\"~, -]*")
_OTHERWISE_READ = re.compile(  # Text that YAML 1.1 or 1.2 readers may not read as a string.
    r"[-+.]?[0-9][0-9_.,:eExXoOa-fA-F+TZ -]*|~|null|true|false|yes|no|on|off|y|n|\.inf|\.nan|[-+]\.inf|---.*|\.\.\..*",
    re.IGNORECASE,
)
_LITERAL_LINE = re.compile(  # What YAML calls printable, apart from line ends and the byte order mark.
    "[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)


def is_plain(text: str) -> bool:
    """Whether YAML 1.1 and 1.2 readers read the text without quotes as this string, in block and in flow style."""
    if not _SAFE_PLAIN.fullmatch(text) or text != text.strip() or ": " in text or " #" in text or text.endswith(":"):
        return False
    if _OTHERWISE_READ.fullmatch(text) or re.match(r"[-?:](?:\s|$)", text):
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _STRING)


def number(data: float) -> str:
    """A number with a fraction. YAML 1.1 wants a dot in it, and has names for those that JSON does not know."""
    names = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}
    text = repr(data)
    return names.get(text) or (text if "." in text else text.replace("e", ".0e"))


def escaped(text: str) -> str:
    """A double-quoted scalar. JSON's escapes are also YAML's, except for lone surrogates, which YAML cannot write."""
    if re.search("[\ud800-\udfff]", text):
        raise Unprovable("YAML cannot write a lone surrogate")
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda match: f"\\u{ord(match.group()):04x}", quoted)


def literal(text: str, step: int, kept: bool) -> list[str]:
    """The header and the lines of a | scalar with exactly this text; none if there is no such scalar.

    `kept`: blank lines at the end may be part of the text (|+); then no other blank line may follow them.
    """
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    lines = body.split("\n")
    if "\n" not in text or not body or not lines[-1].strip(" ") or not all(map(_LITERAL_LINE.fullmatch, lines)):
        return []
    if ends > 1 and not kept:
        return []
    first = next(line for line in lines if line.strip(" "))
    blanks = lines[: lines.index(first)]
    fixed = str(step) if first.startswith((" ", "\t")) or any(blanks) else ""
    if fixed and step > 9:
        return []
    return [f"|{fixed}{'' if ends == 1 else '-' if not ends else '+'}", *lines, *[""] * (ends - 1)]


def folded(text: str, width: int) -> list[str]:
    """The header and the lines of a >- scalar with this text; none unless it can be broken at single spaces."""
    if not _LITERAL_LINE.fullmatch(text) or "\t" in text or text != text.strip(" ") or "  " in text:
        return []
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return [">-", *lines] if len(lines) > 1 and " ".join(lines) == text else []
