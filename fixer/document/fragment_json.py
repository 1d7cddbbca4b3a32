"""Fragments of JSON that need not be whole: the reader behind `fixer.document.fragment`."""

import json
import re

from fixer.document.fragment_tree import DEEPEST, Branch, TooDeep, Tree, Unreadable
from fixer.document.pattern import ELLIPSES, GAP, REST

# Blanks and comments without an ellipsis. Matches "// Missing: X", "# note" and "/* note */".
_SKIPPED = re.compile(r"(?:\s+|(?://|#)(?![^\n]*(?:\.\.\.|\u2026))[^\n]*|/\*(?:(?!\.\.\.|\*/).)*\*/)+", re.DOTALL)
# An ellipsis, in a comment too. Matches "...", "// ... rest", "/* ... */" and "<snip>".
_ELLIPSIS = re.compile(
    r"(?:(?://|#)[^\n]*(?:\.\.\.|\u2026)[^\n]*|/\*(?:(?!\*/).)*\*/|\.\.\.+|\u2026|<snip>)", re.DOTALL
)
_WITHOUT_COMMENTS = re.compile(r"^\s*(?://|#)[^\n]*$|/\*(?:(?!\*/).)*\*/|(?<=,)\s*(?://|#)[^\n]*$", re.M | re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_SCALAR = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)")
_LONGEST_NUMBER = 300


def read_json(text: str) -> Tree:
    """The tree of a text. Raises Unreadable if it is not JSON, apart from what a fragment may leave out."""
    return _Reader(text).root()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def root(self) -> Tree:
        """One value, or the entries of a mapping or the items of a list whose braces are not shown."""
        entries, items = self._members("", 0)
        if entries and items:
            raise self._bad("it has both keys and items")
        if entries and self._goes_on():
            entries.append((REST, GAP))
        if entries:
            return Branch(tuple(entries))
        if len(items) == 1 and items[0] is not GAP:
            return items[0]
        return items

    def _goes_on(self) -> bool:
        """Whether a comma at the end says that more keys follow than the fragment shows."""
        return _WITHOUT_COMMENTS.sub("", self._text).rstrip().endswith(",")

    def _members(self, closing: str, level: int) -> tuple[list[tuple[str, Tree]], list[Tree]]:
        """The entries and items up to the closing mark or the end of the text."""
        if level > DEEPEST:
            raise TooDeep("the fragment is nested too deeply")
        entries: list[tuple[str, Tree]] = []
        items: list[Tree] = []
        is_over = False
        while self._next():
            mark = self._text[self._at]
            if mark == ",":
                self._at += 1
            elif mark in "}]":
                if closing and mark != closing:
                    raise self._bad(f"{closing!r} is expected here")
                self._at += 1
                if closing:
                    break
                is_over = True  # A mark that closes what the fragment does not show to be opened.
            elif is_over:
                raise self._bad("the fragment continues at another level")
            else:
                self._member(closing, entries, items, level)
        return entries, items

    def _member(self, closing: str, entries: list[tuple[str, Tree]], items: list[Tree], level: int) -> None:
        if ellipsis := _ELLIPSIS.match(self._text, self._at):
            self._at = ellipsis.end()
            is_key = closing == "}" or (not closing and bool(entries))
            entries.append((REST, GAP)) if is_key else items.append(GAP)
            return
        start = self._at
        if _STRING.match(self._text, start) and closing != "]":
            key = self._string()
            if self._next() and self._text[self._at] == ":":
                self._at += 1
                value = self._value(level)
                entries.append((REST, GAP) if key in ELLIPSES else (key, value))
                self._without_early_gap(entries, items, closing)
                return
            self._at = start
        if closing == "}":
            raise self._bad("a key is expected here")
        items.append(self._value(level))

    def _without_early_gap(self, entries: list[tuple[str, Tree]], items: list[Tree], closing: str) -> None:
        """An ellipsis before the first key of a mapping without braces is one of its keys."""
        if not closing and items and all(each is GAP for each in items):
            items.clear()
            entries.append((REST, GAP))

    def _value(self, level: int) -> Tree:
        if not self._next():
            return GAP
        text, start = self._text, self._at
        if text[start] in "{[":
            self._at += 1
            entries, items = self._members("}" if text[start] == "{" else "]", level + 1)
            return Branch(tuple(entries)) if text[start] == "{" else self._list(entries, items)
        if ellipsis := _ELLIPSIS.match(text, start):
            self._at = ellipsis.end()
            return GAP
        if text[start] == '"':
            found = self._string()
            return GAP if found in ELLIPSES else found
        if scalar := _SCALAR.match(text, start):
            self._at = scalar.end()
            if len(scalar[0]) > _LONGEST_NUMBER:
                raise self._bad("the number is too long")
            value: Tree = json.loads(scalar[0])
            return value
        raise self._bad("a value is expected here")

    def _list(self, entries: list[tuple[str, Tree]], items: list[Tree]) -> Tree:
        if entries:
            raise self._bad("a list has a key")
        return items

    def _string(self) -> str:
        match = _STRING.match(self._text, self._at)
        if match is None:
            raise self._bad("a text is not closed")
        self._at = match.end()
        try:
            return str(json.loads(match[0], strict=False))
        except ValueError:
            raise self._bad("a text has an escape that JSON does not know") from None

    def _next(self) -> bool:
        """Moves to the next mark that counts; whether there is one."""
        if match := _SKIPPED.match(self._text, self._at):
            self._at = match.end()
        return self._at < len(self._text)

    def _bad(self, why: str) -> Unreadable:
        line = self._text.count("\n", 0, self._at) + 1
        return Unreadable(f"the fragment is not JSON at its line {line}: {why}")
