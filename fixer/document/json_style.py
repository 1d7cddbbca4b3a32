"""The formatting of a JSON text, derived from the text itself, and new values written in the same way."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from fixer.document.source import Draft, Lifted, Noted

_INTRINSIC = r'"(?:Ref|Condition|Fn::[A-Za-z0-9:]+)"'
_FLAT_INTRINSIC = re.compile(r"\{[ \t]*" + _INTRINSIC)
_TALL_INTRINSIC = re.compile(r"\{[ \t]*\r?\n\s*" + _INTRINSIC)
_FLAT_PAIR = re.compile(r'\{[ \t]*"(?:Key|Name)"\s*:[^\r\n{}]*"Value"')
_TALL_PAIR = re.compile(r'\{[ \t]*\r?\n\s*"(?:Key|Name)"\s*:[^{}]*"Value"')
_INNERMOST = re.compile(r"\{(?!\s*" + _INTRINSIC + r')\s*"[^{}]+\}')
_SCALARS = re.compile(r'\[(\s*)(?:"[^"\r\n\\]*"|-?\d[\d.]*)\s*[,\]]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDTH = 110


def line_indent(text: str, offset: int) -> str:
    """The blanks at the start of the line of a character."""
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    if start == 0 and text.startswith("\ufeff"):
        start = 1
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


@dataclass(frozen=True)
class Style:
    """The style of one text. `colon` is the text between a key and its value."""

    text: str
    colon: str
    unit: str

    @cached_property
    def newline(self) -> str:
        """Its line end; "" if the text is one line."""
        body = self.text.rstrip()
        return ("\r\n" if "\r\n" in body else "\n") if "\n" in body else ""

    @cached_property
    def comma(self) -> str:
        """The separator of two entries on one line."""
        return ", " if self.colon.endswith((" ", "\t")) else ","

    @cached_property
    def padding(self) -> str:
        """The text next to the braces of an object on one line."""
        return " " if len(re.findall(r'\{ +"', self.text)) > len(re.findall(r'\{"', self.text)) else ""

    @cached_property
    def flat_intrinsics(self) -> bool:
        """Whether {"Ref": "X"} and similar objects are written on one line."""
        flat, tall = len(_FLAT_INTRINSIC.findall(self.text)), len(_TALL_INTRINSIC.findall(self.text))
        return flat > tall if flat or tall else self.flat_objects

    @cached_property
    def flat_pairs(self) -> bool:
        """Whether {"Key": "a", "Value": "b"} is written on one line."""
        flat, tall = len(_FLAT_PAIR.findall(self.text)), len(_TALL_PAIR.findall(self.text))
        return flat > tall if flat or tall else self.flat_objects

    @cached_property
    def flat_objects(self) -> bool:
        """Whether objects that contain no objects are written on one line."""
        innermost = [match.group() for match in _INNERMOST.finditer(self.text)]
        flat = sum("\n" not in each for each in innermost)
        return flat > len(innermost) - flat

    @cached_property
    def flat_arrays(self) -> bool:
        """Whether arrays of strings and numbers are written on one line."""
        gaps = [match.group(1) for match in _SCALARS.finditer(self.text)]
        flat = sum("\n" not in gap for gap in gaps)
        return flat > len(gaps) - flat if gaps else self.flat_objects

    @cached_property
    def ascii(self) -> bool:
        """Whether the text writes everything beyond ASCII with escapes."""
        return self.text.isascii() and re.search(r"\\u(?!00[0-7])[0-9a-fA-F]{4}", self.text) is not None

    def scalar(self, data: str | int | float | bool | None) -> str:
        """A scalar as JSON. An infinite number can only come from a text that writes one as 1e999."""
        if isinstance(data, float) and math.isinf(data):
            return "1e999" if data > 0 else "-1e999"
        if not isinstance(data, str) or self.ascii:
            return json.dumps(data, allow_nan=False)
        return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(data, ensure_ascii=False))

    def value(self, draft: Draft, indent: str, unit: str, flat: bool) -> str:
        """A value for a place whose line is indented by `indent`; on one line if `flat`, else in the text's style."""
        if isinstance(draft, Lifted):
            return self._lifted(draft, indent, unit, flat)
        if isinstance(draft, Noted):
            return self.value(draft.draft, indent, unit, flat)
        if not isinstance(draft, dict | list):
            return self.scalar(draft)
        if not draft:
            return "{}" if isinstance(draft, dict) else "[]"
        if flat or not self.newline:
            return self._on_one_line(draft)
        if self._is_flat(draft) and len(line := self._on_one_line(draft)) + len(indent) <= _WIDTH:
            return line
        inner = indent + unit
        items = (self.entry(key, value, inner, unit, False) for key, value in _entries(draft))
        opening, closing = "{}" if isinstance(draft, dict) else "[]"
        body = f",{self.newline}{inner}".join(items)
        return f"{opening}{self.newline}{inner}{body}{self.newline}{indent}{closing}"

    def entry(self, key: str | None, draft: Draft, indent: str, unit: str, flat: bool, colon: str = "") -> str:
        """An entry of an object, or an item of an array (no key)."""
        value = self.value(draft, indent, unit, flat)
        return value if key is None else f"{self.scalar(key)}{colon or self.colon}{value}"

    def _lifted(self, draft: Lifted, indent: str, unit: str, flat: bool) -> str:
        """Text from another place, its lines indented for the new place."""
        data: Draft = draft.data  # type: ignore[assignment]
        if "\n" not in draft.text and (flat or (self._is_flat(data) and len(indent) + len(draft.text) <= _WIDTH)):
            return draft.text
        if (flat or "\n" not in draft.text) and isinstance(data, dict | list):
            return self.value(data, indent, unit, flat)
        old = line_indent(self.text, draft.node.start)
        first, *rest = draft.text.split("\n")
        return "\n".join([first, *(indent + line.removeprefix(old) for line in rest)])

    def _on_one_line(self, draft: Draft) -> str:
        if isinstance(draft, dict) and draft:
            body = self.comma.join(self.entry(key, value, "", "", True) for key, value in draft.items())
            return f"{{{self.padding}{body}{self.padding}}}"
        if isinstance(draft, list):
            return "[" + self.comma.join(self.value(item, "", "", True) for item in draft) + "]"
        return self.value(draft, "", "", True)

    def _is_flat(self, draft: Draft) -> bool:
        """Whether the text's author would write this container on one line."""
        if isinstance(draft, list):
            return self.flat_arrays and all(not isinstance(item, dict | list | Lifted | Noted) for item in draft)
        if not isinstance(draft, dict):
            return True
        names = set(draft)
        if len(draft) == 1 and re.fullmatch(_INTRINSIC, f'"{next(iter(names))}"'):
            return self.flat_intrinsics and _depth(draft) <= 3
        habit = self.flat_pairs if names in ({"Key", "Value"}, {"Name", "Value"}) else self.flat_objects
        return habit and all(not isinstance(item, dict | list) or self._is_flat(item) for item in draft.values())


def _entries(draft: dict[str, Draft] | list[Draft]) -> Iterable[tuple[str | None, Draft]]:
    return draft.items() if isinstance(draft, dict) else ((None, item) for item in draft)


def _depth(draft: Draft) -> int:
    if isinstance(draft, Lifted | Noted):
        return 9
    children = draft.values() if isinstance(draft, dict) else draft if isinstance(draft, list) else ()
    return 1 + max(map(_depth, children), default=0) if isinstance(draft, dict | list) else 0
