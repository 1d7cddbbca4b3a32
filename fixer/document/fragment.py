"""Fragments of templates: JSON or YAML that need not be whole, read as patterns.

A fragment may lack its outer braces, end with a comma, begin in the middle of a mapping or of a list, contain comments
(`//`, `#`, `/* */`), which say nothing, and leave parts out: `...`, `[...]`, `{...}`, `# ... rest`, `<snip>`. A key
that stands several times in one mapping shows several states or places: such a fragment is read as several patterns,
one for each time. A fragment is data: nothing in it is run, fetched or followed.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from fixer.document.fragment_json import read_json
from fixer.document.fragment_tree import Branch, TooDeep, Tree, Unreadable, variants
from fixer.document.pattern import GAP, Pattern

LONGEST = 100_000
"""Characters of a fragment; a longer one is not read."""

# An ellipsis that has a line of its own. Matches "...", "  # ... other rules", "// ... rest", "<snip>", "- [...]" and
# "# (rest unchanged)". Must not match "# Missing: X" or "Value: ...".
_ELLIPSIS = re.compile(
    r"^(?P<indent>\s*)(?P<dash>- +)?(?P<mark>#|//)?\s*[\[{(<]?\s*(?:\.\.\.|\u2026|snip\b|rest (?:unchanged|omitted)\b)"
    r"(?P<more>.*)$",
    re.I,
)
_JSON_START = re.compile(r"\s*(?:(?://|#)[^\n]*\n\s*|/\*.*?\*/\s*)*[\"{\[]", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Reading:
    """The patterns of a fragment (more than one if a key of it stands several times), or the reason why there are
    none.
    """

    patterns: tuple[Pattern, ...] = ()
    reason: str = ""


def read(text: str) -> Reading:
    """The patterns of a fragment; without a pattern the reason says what cannot be read."""
    if len(text) > LONGEST:
        return Reading(reason=f"the fragment has more than {LONGEST:,} characters")
    if any(ord(each) < 32 and each not in "\t\n\r" for each in text):
        return Reading(reason="the fragment contains control characters")
    try:
        found = tuple(variants(_tree(text)))
    except TooDeep:
        return Reading(reason="the fragment is nested too deeply")
    except Unreadable as error:
        return Reading(reason=str(error))
    except RecursionError:
        return Reading(reason="the fragment is nested too deeply")
    return Reading(found) if any(map(_says_something, found)) else Reading(reason="the fragment shows only comments")


def _says_something(pattern: Pattern) -> bool:
    return isinstance(pattern, dict | list) and any(each is not GAP for each in _values(pattern))


def _values(pattern: dict[str, Pattern] | list[Pattern]) -> Iterator[Pattern]:
    if isinstance(pattern, list):
        yield from pattern
    else:
        yield from (value if value is not GAP else key for key, value in pattern.items() if key != "...")


def _tree(text: str) -> Tree:
    """JSON if it looks like JSON, else YAML; of text that is neither, the reason that fits its looks."""
    if not _JSON_START.match(text):
        return _yaml_tree(text)
    try:
        return read_json(text)
    except Unreadable as error:
        try:
            return _yaml_tree(text)
        except Unreadable:
            raise error from None


def _yaml_tree(text: str) -> Tree:
    from fixer.document.fragment_yaml import read_yaml

    lines = textwrap.dedent(text.expandtabs(2)).splitlines()
    return read_yaml("\n".join(line for line in _marked(lines) if not line.lstrip().startswith("//")) + "\n")


def _marked(lines: list[str]) -> Iterator[str]:
    """The lines of YAML, with each ellipsis that has its own line as an item or a key that YAML can read.

    In a comment it counts only between the items of a list: elsewhere it says that a mapping has more keys, which every
    fragment leaves open.
    """
    for index, line in enumerate(lines):
        match = _ELLIPSIS.match(line)
        if match is None or (not match["mark"] and _WORD.search(match["more"])):
            yield line
        elif match["dash"]:
            yield f"{match['indent']}- {Branch.ELLIPSIS}"
        elif indent := _list_indent(lines, index, match["indent"]):
            yield f"{indent[:-1]}- {Branch.ELLIPSIS}"
        elif not match["mark"]:
            yield f"{match['indent']}{Branch.ELLIPSIS}{index}:"


def _list_indent(lines: list[str], index: int, indent: str) -> str:
    """The indentation of the list around an ellipsis, with one more character; "" if its neighbour is not an item."""
    below = next((line for line in lines[index + 1 :] if line.strip()), "")
    above = next((line for line in reversed(lines[:index]) if line.strip()), "")
    for line in (below, above):
        if line.startswith(f"{indent}- ") and not _ELLIPSIS.match(line):
            return indent + "-"
    opened = re.match(r"\s*", above)
    is_inside = opened is not None and len(opened[0]) > len(indent)
    if is_inside and any(line.startswith(f"{indent}- ") for line in lines[:index]):
        return indent + "-"
    return ""
