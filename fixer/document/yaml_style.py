"""New YAML text: scalars that every reader reads alike, short tags where the file uses them, block or flow style."""

import json
import re
from dataclasses import dataclass
from functools import cached_property

from fixer.document.source import Draft, Lifted, Noted
from fixer.document.yaml_lift import YamlLifted, plain
from fixer.document.yaml_quotes import Like, fitting, lifted_mark, mark_of, part
from fixer.document.yaml_scalars import escaped, folded, is_plain, literal, number
from fixer.model import Json

_VALUE = re.compile(r"(?:: |- )(?:!Sub )?([^\s>|&*#!])")
_VARIABLE = re.compile(r"\$\{([\w.:]+)\}")
_SHORT = re.compile(r"(?<![\w\"'])!(?:Ref|Sub|GetAtt|Join|If|Select|Equals|Not|And|Or|FindInMap|ImportValue)\b")
_LONG = re.compile(r"^[^#\n]*\b(?:Fn::[A-Z]\w+|Ref)[\"']?:", re.MULTILINE)
_TAGS = {"Ref": "!Ref"}
_NEVER_SHORT = {"Fn::Transform", "Fn::GetStackOutput"}
_FLOW_MARKS = re.compile(r"[,\[\]{}?]|: |:$")  # Libyaml reads a "?" in plain text, some readers do not.
_BLOCK_SCALAR = re.compile(r"[:-] (?:!\w+ )?[|>][-+]?[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_WIDTH = 100

NATURAL, PLAIN, FLOW = range(3)
"""The ways to write new text: as the file does, from data alone and nothing subtle, on one line in flow style."""


@dataclass(frozen=True)
class YamlStyle:
    """The style of one text."""

    text: str

    @cached_property
    def short(self) -> bool:
        """Whether it writes !Ref and not Ref: (also true if it writes neither)."""
        return len(_SHORT.findall(self.text)) >= len(_LONG.findall(self.text))

    @cached_property
    def step(self) -> int:
        """How many columns deeper a mapping is than its key."""
        match = re.search(r"^( *)[^\s#-][^#\n]*:[ \t]*\r?\n\1( +)[^\s#-]", self.text, re.MULTILINE)
        return len(match.group(2)) if match else 2

    @cached_property
    def dash_step(self) -> int:
        """How many columns deeper the dashes of a sequence are than its key; 0 if they are in its column."""
        steps = [len(match) for match in re.findall(r"^ *(?:- )?[\w\"'].*:[ \t]*\r?\n( *)- ", self.text, re.MULTILINE)]
        keys = [len(match) for match in re.findall(r"^( *(?:- )?)[\w\"'].*:[ \t]*\r?\n *- ", self.text, re.MULTILINE)]
        deeper = [dash - key for dash, key in zip(steps, keys, strict=False)]
        return 0 if deeper and deeper.count(0) * 2 > len(deeper) else self.step

    @cached_property
    def quote(self) -> str:
        """The quotation mark that it uses more often; the double one if it uses none."""
        marks = re.findall(r"(?:: |- |!\w+ )(['\"])", self.text)
        return "'" if marks.count("'") * 2 > len(marks) else '"'

    @cached_property
    def bare_variables(self) -> bool:
        """Whether it writes strings with ${variables} more often without quotation marks than with them."""
        parts = [f"{part}${{" for part in self.text.split("${")[:-1]]
        begun = (_VALUE.search(part, part.rfind("\n") + 1) for part in parts)
        marks = [match.group(1) for match in begun if match]
        return len([mark for mark in marks if mark not in "'\""]) * 2 > len(marks)

    @cached_property
    def has_block_scalars(self) -> bool:
        """Whether it writes long texts as block scalars."""
        return _BLOCK_SCALAR.search(self.text) is not None

    @cached_property
    def gap(self) -> str:
        """The blanks between a value and the comment beside it."""
        gaps = re.findall(r"(?<=\S)( +)# ", self.text)
        return " " if gaps.count(" ") * 2 > len(gaps) else "  "

    def scalar(self, data: Json, like: str = "") -> str:
        """A scalar on one line. `like` is the preferred quotation mark ("'", '"' or "" for none)."""
        if not isinstance(data, str):
            return number(data) if isinstance(data, float) else json.dumps(data)
        if not like and (is_plain(data) or (self.bare_variables and is_plain(_VARIABLE.sub(r"$\1", data)))):
            return data
        if like != '"' and data.isprintable() and data == data.strip("\n"):
            single = "'" in (like, self.quote) and "'" not in data
            return "'" + data.replace("'", "''") + "'" if single or '"' in data or "\\" in data else f'"{data}"'
        return escaped(data)

    def key(self, key: str) -> str:
        """A key, which is always a string."""
        return key if is_plain(key) and not re.search("^<<|[,?]", key) else self.scalar(key, '"')

    def flow(self, draft: Draft, short: bool | None = None, like: Like = "") -> str:
        """A value on one line, in flow style."""
        short = self.short if short is None else short
        if isinstance(draft, Noted):
            return self.flow(draft.draft, short, like)
        if isinstance(draft, Lifted):
            return self.flow(draft.data, short, like or lifted_mark(draft))  # type: ignore[arg-type]
        like = fitting(like, draft)
        if short and (text := self._short(draft, True, like)) is not None:
            return text
        if isinstance(draft, dict):
            inner = short and "Fn::GetStackOutput" not in draft
            parts = (f"{self.key(key)}: {self.flow(each, inner, part(like, key))}" for key, each in draft.items())
            return "{" + ", ".join(parts) + "}"
        if isinstance(draft, list):
            return "[" + ", ".join(self.flow(item, short) for item in draft) + "]"
        return self._flow_scalar(draft, mark_of(like))

    def _flow_scalar(self, data: Json, like: str) -> str:
        text = self.scalar(data, like)
        return self.scalar(data, '"') if text == data and _FLOW_MARKS.search(text) else text

    def value(
        self, draft: Draft, column: int, way: int, short: bool | None = None, like: Like = ""
    ) -> tuple[str, list[str]]:
        """The text after a key or a dash: the rest of its line and the lines below. `column` is that of the key."""
        short = self.short if short is None else short
        if isinstance(draft, Noted):
            return self.value(draft.draft, column, way, short, like)
        if isinstance(draft, Lifted):
            if way == NATURAL and isinstance(draft, YamlLifted) and draft.is_movable and (short or not self.short):
                return draft.at(column, column + self._inset(draft))
            return self.value(draft.data, column, way, short, like or lifted_mark(draft))  # type: ignore[arg-type]
        if not isinstance(draft, dict | list):
            return self._scalar_lines(draft, column, way, mark_of(like))
        like = fitting(like, draft)
        if way == FLOW or not draft:
            return self.flow(draft, short, like), []
        text = self._short(draft, False, like) if short else None
        if text is not None and column + len(text) < _WIDTH and not (way == NATURAL and _has_lines(draft)):
            return text, []
        if short and isinstance(draft, dict) and (tag := _tag(draft)) and (tall := self._tall(tag, draft, column, way)):
            return tall
        if text is not None and isinstance(draft, dict) and isinstance(plain(draft[_name(draft)]), str):
            return text, []  # The long form of a text is as wide as its short one.
        return "", self.block(draft, column, way, short and "Fn::GetStackOutput" not in draft, like)

    def _inset(self, draft: YamlLifted) -> int:
        """How many columns deeper than its key a lifted block is."""
        data = draft.data
        if isinstance(data, dict) and _tag(data) and draft.head.startswith("!"):  # type: ignore[arg-type]
            data = next(iter(data.values()))
        return self.dash_step if isinstance(data, list) else self.step

    def _tall(self, tag: str, draft: dict[str, Draft], column: int, way: int) -> tuple[str, list[str]] | None:
        """A short tag with the lines of a sequence or a text below it, if it can be written so."""
        inner = draft[_name(draft)]
        head, lines = self.value(inner, column, way, True)
        data = plain(inner.draft if isinstance(inner, Noted) else inner)
        if isinstance(inner, Noted) or not lines:
            return None
        if isinstance(data, list) and not head:
            return tag, lines
        return (f"{tag} {head}", lines) if isinstance(data, str) and head.startswith(("|", ">")) else None

    def block(self, draft: Draft, column: int, way: int, short: bool | None = None, like: Like = "") -> list[str]:
        """The lines of a container below a key at `column`."""
        if isinstance(draft, dict):
            inner = column + self.step
            return [line for key, each in draft.items() for line in self.entry(key, each, inner, way, short, like)]
        assert isinstance(draft, list)
        inner = column + self.dash_step
        return [line for item in draft for line in self.entry(None, item, inner, way, short)]

    def entry(
        self, key: str | None, draft: Draft, column: int, way: int, short: bool | None = None, like: Like = ""
    ) -> list[str]:
        """The lines of one entry whose key or dash is at `column`; in front of it those of its comments."""
        blank = " " * column
        if isinstance(draft, Noted):
            return self._noted(draft, key, column, way, short)
        if key is None and draft and way != FLOW:
            lines = self._behind_dash(draft, column + 2, way, short, like)
            if lines:
                return [f"{blank}- {lines[0].lstrip(' ')}", *lines[1:]]
        head, lines = self.value(draft, column, way, short, part(like, key))
        lead = f"{blank}-" if key is None else f"{blank}{self.key(key)}:"
        return [f"{lead} {head}" if head else lead, *lines]

    def _noted(self, note: Noted, key: str | None, column: int, way: int, short: bool | None) -> list[str]:
        first, *lines = self.entry(key, note.draft, column, way, short)
        above, beside = list(note.above), note.beside
        if beside and takes_comment(first, lines, key is not None):
            first, beside = f"{first}{self.gap}{beside}", ""
        above += [beside] if beside else []
        return [*(" " * column + comment for comment in above), first, *lines]

    def _behind_dash(self, draft: Draft, column: int, way: int, short: bool | None, like: Like) -> list[str]:
        """The lines of a container whose first entry is on the line of a dash; no lines for any other value."""
        if isinstance(draft, YamlLifted) and draft.is_below and not draft.head and way == NATURAL and draft.is_movable:
            return draft.at(column, column)[1]
        if isinstance(draft, list):
            return [line for item in draft for line in self.entry(None, item, column, way, short)]
        if isinstance(draft, dict) and not self._is_inline(draft, short):
            return [line for key, each in draft.items() for line in self.entry(key, each, column, way, short, like)]
        return []

    def _is_inline(self, draft: dict[str, Draft], short: bool | None) -> bool:
        """Whether a short tag is on the line of the dash: it can be before plain values, but not before another tag."""
        if not (self.short if short is None else short) or not (tag := _tag(draft)):
            return False
        return self._short(draft, False) is not None or self._tall(tag, draft, 0, NATURAL) is not None

    def _short(self, draft: Draft, flow: bool, like: Like = "") -> str | None:
        """`!Tag value` if that is one line and legal, else None."""
        tag = _tag(draft)
        if not tag or not isinstance(draft, dict) or _has_comments(draft):
            return None
        name = _name(draft)
        lifted = draft[name]
        value = plain(lifted)
        if name == "Fn::GetAtt" and isinstance(value, list) and _is_dotted(value):
            dotted = f"{value[0]}.{value[1]}"
            return f"{tag} {dotted}" if is_plain(dotted) and not (flow and _FLOW_MARKS.search(dotted)) else None
        if isinstance(value, dict):
            return None if not value or _tag(value) else f"{tag} {self.flow(lifted, True)}"
        if isinstance(value, list):
            return f"{tag} {self.flow(lifted, True)}"
        if not isinstance(value, str) or "\n" in value or name == "Fn::GetAtt":  # A short GetAtt is always a pair.
            return None
        mark = mark_of(part(like, name)) or (lifted_mark(lifted) if name == "Fn::Sub" else "")
        return f"{tag} {self._flow_scalar(value, mark) if flow else self.scalar(value, mark)}"

    def _scalar_lines(self, data: Json, column: int, way: int, like: str) -> tuple[str, list[str]]:
        if isinstance(data, str) and way != FLOW:
            inner = column + self.step
            lines = literal(data, self.step, kept=way == NATURAL)
            if not lines and way == NATURAL and self.has_block_scalars and len(data) > 2 * _WIDTH:
                lines = folded(data, max(_WIDTH - inner, _WIDTH // 2))
            if lines:
                return lines[0], [" " * inner + line if line else "" for line in lines[1:]]
        return self.scalar(data, '"' if way == FLOW and isinstance(data, str) else like), []


def takes_comment(first: str, below: list[str], keyed: bool) -> bool:
    """Whether a comment can be written at the end of the first line of an entry, and is that of its key or dash."""
    header = re.search(r"[:-](?: +!\S+)?(?: +[|>][-+0-9]*)?$", first)
    return not below or (header is not None and (keyed or first.lstrip(" ").startswith(("- |", "- >", "- !"))))


def _has_comments(draft: Draft) -> bool:
    if isinstance(draft, Noted):
        return True
    if isinstance(draft, YamlLifted):
        return bool(draft.comments)
    inner = draft.values() if isinstance(draft, dict) else draft if isinstance(draft, list) else ()
    return any(map(_has_comments, inner))


def _has_lines(draft: Draft) -> bool:
    """Whether there is a text of several lines in a draft: it is a block scalar where there is room for one."""
    data = plain(draft)
    if isinstance(data, dict | list):
        return any(map(_has_lines, data.values() if isinstance(data, dict) else data))
    return isinstance(data, str) and "\n" in data.strip("\n")


def _is_dotted(value: list[Draft]) -> bool:
    return len(value) == 2 and all(isinstance(part, str) for part in value) and "." not in str(value[0])


def _name(draft: dict[str, Draft]) -> str:
    return next(iter(draft))


def _tag(draft: Draft) -> str:
    """The short tag of an intrinsic, "" for anything else."""
    if not isinstance(draft, dict) or len(draft) != 1 or (name := _name(draft)) in _NEVER_SHORT:
        return ""
    if name in _TAGS:
        return _TAGS[name]
    return "!" + name[4:] if re.fullmatch(r"Fn::[A-Za-z0-9]+", name) and name != "Fn::ForEach" else ""
