"""New YAML text: scalars that every reader reads alike, short tags where the file uses them, block or flow style."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from fixer.document.source import Draft, Lifted, Unprovable
from fixer.model import Json

_RESOLVER: Any = yaml.resolver.Resolver()
_STRING = "tag:yaml.org,2002:str"
_SAFE_PLAIN = re.compile(r"[A-Za-z0-9_./$()+=^;~-][A-Za-z0-9_./$()+=^;:@%&*?<>!|'\"~, -]*")
_OTHERWISE_READ = re.compile(  # Text that YAML 1.1 or 1.2 readers may not read as a string.
    r"[-+.]?[0-9][0-9_.,:eExXoOa-fA-F+TZ -]*|~|null|true|false|yes|no|on|off|y|n|\.inf|\.nan|[-+]\.inf|---.*|\.\.\..*",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$\{([\w.:]+)\}")
_SHORT = re.compile(r"(?<![\w\"'])!(?:Ref|Sub|GetAtt|Join|If|Select|Equals|Not|And|Or|FindInMap|ImportValue)\b")
_LONG = re.compile(r"^[^#\n]*\b(?:Fn::[A-Z]\w+|Ref)[\"']?:", re.MULTILINE)
_TAGS = {"Ref": "!Ref"}
_NEVER_SHORT = {"Fn::Transform", "Fn::GetStackOutput"}
_WIDTH = 100


@dataclass(frozen=True)
class YamlStyle:
    """The style of one text."""

    text: str

    @cached_property
    def newline(self) -> str:
        """Its line end."""
        return "\r\n" if "\r\n" in self.text else "\n"

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
        marks = re.findall(r"(?:: |- )(?:!Sub )?(?=([^\s>|&*#!]))[^\n]*?\$\{", self.text)
        return len([mark for mark in marks if mark not in "'\""]) * 2 > len(marks)

    def scalar(self, data: Json, like: str = "") -> str:
        """A scalar on one line. `like` is the preferred quotation mark ("'", '"' or "" for none)."""
        if not isinstance(data, str):
            return json.dumps(data, allow_nan=False)
        if not like and (_is_plain(data) or (self.bare_variables and _is_plain(_VARIABLE.sub(r"$\1", data)))):
            return data
        if like != '"' and data.isprintable() and data == data.strip("\n"):
            single = "'" in (like, self.quote) and "'" not in data
            return "'" + data.replace("'", "''") + "'" if single or '"' in data or "\\" in data else f'"{data}"'
        return _escaped(data)

    def key(self, key: str) -> str:
        """A key, which is always a string."""
        return key if _is_plain(key) and "," not in key and not key.startswith("<<") else self.scalar(key, '"')

    def flow(self, draft: Draft, short: bool | None = None) -> str:
        """A value on one line, in flow style."""
        short = self.short if short is None else short
        if isinstance(draft, Lifted):
            return self.flow(_moved(draft), short)
        if short and (text := self._short(draft, True)) is not None:
            return text
        if isinstance(draft, dict):
            inner = short and "Fn::GetStackOutput" not in draft
            return "{" + ", ".join(f"{self.key(key)}: {self.flow(value, inner)}" for key, value in draft.items()) + "}"
        if isinstance(draft, list):
            return "[" + ", ".join(self.flow(item, short) for item in draft) + "]"
        text = self.scalar(draft)
        return self.scalar(draft, '"') if isinstance(draft, str) and re.search(r"[,\[\]{}]|: |:$", text) else text

    def value(self, draft: Draft, column: int, cautious: bool, short: bool | None = None) -> tuple[str, list[str]]:
        """The text after a key or a dash: the rest of its line and the lines below. `column` is that of the key."""
        short = self.short if short is None else short
        if isinstance(draft, Lifted):
            return self.value(_moved(draft), column, cautious, short)
        if not isinstance(draft, dict | list):
            return self._scalar_lines(draft, column, cautious)
        if cautious or not draft:
            return self.flow(draft, short), []
        if short and (text := self._short(draft, False)) is not None:
            # The long form of a text is as wide as its short one.
            is_text = isinstance(draft, dict) and isinstance(draft[_name(draft)], str)
            if is_text or column + len(text) < _WIDTH:
                return text, []
        if short and isinstance(draft, dict) and (tag := _tag(draft)) and isinstance(draft[_name(draft)], list):
            return tag, self.block(draft[_name(draft)], column, cautious, short)
        if short and self._is_script(draft):
            head, lines = self._scalar_lines(draft[_name(draft)], column, cautious)  # type: ignore[call-overload, arg-type]
            return f"{_tag(draft)} {head}", lines
        return "", self.block(draft, column, cautious, short and "Fn::GetStackOutput" not in draft)

    def block(self, draft: Draft, column: int, cautious: bool, short: bool | None = None) -> list[str]:
        """The lines of a container below a key at `column`."""
        if isinstance(draft, dict):
            inner = column + self.step
            return [line for key, value in draft.items() for line in self.entry(key, value, inner, cautious, short)]
        assert isinstance(draft, list)
        inner = column + self.dash_step
        return [line for item in draft for line in self.entry(None, item, inner, cautious, short)]

    def entry(self, key: str | None, draft: Draft, column: int, cautious: bool, short: bool | None = None) -> list[str]:
        """The lines of one entry whose key or dash is at `column`."""
        blank = " " * column
        if key is None and draft and not cautious:
            lines = self._behind_dash(draft, column + 2, short)
            if lines:
                return [f"{blank}- {lines[0].lstrip()}", *lines[1:]]
        head, lines = self.value(draft, column, cautious, short)
        lead = f"{blank}-" if key is None else f"{blank}{self.key(key)}:"
        return [f"{lead} {head}" if head else lead, *lines]

    def _behind_dash(self, draft: Draft, column: int, short: bool | None) -> list[str]:
        """The lines of a container whose first entry is on the line of a dash; no lines for any other value."""
        if isinstance(draft, list):
            return [line for item in draft for line in self.entry(None, item, column, False, short)]
        if isinstance(draft, dict) and not self._is_inline(draft, short):
            return [line for key, value in draft.items() for line in self.entry(key, value, column, False, short)]
        return []

    def _is_inline(self, draft: dict[str, Draft], short: bool | None) -> bool:
        """Whether a short tag is on the line of the dash: it can be before plain values, but not before another tag."""
        may = (self.short if short is None else short) and _tag(draft) != ""
        if may and self._is_script(draft):
            return True
        return may and (isinstance(draft[_name(draft)], list) or self._short(draft, False) is not None)

    def _is_script(self, draft: Draft) -> bool:
        """Whether the value is a short tag with a text of several lines, which a | scalar can give."""
        text = draft[_name(draft)] if isinstance(draft, dict) and _tag(draft) else None
        return isinstance(text, str) and "\n" in text and _tag(draft) != "!GetAtt" and _is_literal(text)

    def _short(self, draft: Draft, flow: bool) -> str | None:
        """`!Tag value` if that is one line and legal, else None."""
        tag = _tag(draft)
        if not tag or not isinstance(draft, dict):
            return None
        name = _name(draft)
        value = draft[name]
        plain = isinstance(value, list) and all(isinstance(part, str) for part in value)
        if name == "Fn::GetAtt" and isinstance(value, list) and plain and len(value) == 2 and "." not in str(value[0]):
            dotted = f"{value[0]}.{value[1]}"
            return f"{tag} {dotted}" if _is_plain(dotted) else None
        if isinstance(value, dict):
            return None if not value or isinstance(value, Lifted) or _tag(value) else f"{tag} {self.flow(value, True)}"
        if isinstance(value, list):
            return f"{tag} {self.flow(value, True)}"
        if not isinstance(value, str) or "\n" in value or name == "Fn::GetAtt":  # A short GetAtt is always a pair.
            return None
        text = self.scalar(value, '"' if flow and re.search(r"[,\[\]{}]|: ", value) else "")
        return f"{tag} {text}"

    def _scalar_lines(self, data: Json, column: int, cautious: bool) -> tuple[str, list[str]]:
        if not (isinstance(data, str) and "\n" in data) or cautious or not _is_literal(data):
            return self.scalar(data, '"' if cautious and isinstance(data, str) else ""), []
        body = data.removesuffix("\n")
        lines = [" " * (column + self.step) + line if line else "" for line in body.split("\n")]
        return ("|" if data.endswith("\n") else "|-"), lines


def _is_plain(text: str) -> bool:
    """Whether YAML 1.1 and 1.2 readers read the text without quotes as this string, in block and in flow style."""
    if not _SAFE_PLAIN.fullmatch(text) or text != text.strip() or ": " in text or " #" in text or text.endswith(":"):
        return False
    if _OTHERWISE_READ.fullmatch(text) or re.match(r"[-?:](?:\s|$)", text):
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _STRING)


def _is_literal(text: str) -> bool:
    """Whether a | scalar gives exactly this text."""
    lines = text.removesuffix("\n").split("\n")
    plain = all(line.replace("\t", " ").isprintable() or not line for line in lines)
    return plain and bool(lines[0].strip()) and not lines[0].startswith(" ") and bool(lines[-1].strip())


def _escaped(text: str) -> str:
    """A double-quoted scalar. JSON's escapes are also YAML's, except for lone surrogates, which YAML cannot write."""
    if re.search("[\ud800-\udfff]", text):
        raise Unprovable("YAML cannot write a lone surrogate")
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda match: f"\\u{ord(match.group()):04x}", quoted)


def _name(draft: dict[str, Draft]) -> str:
    return next(iter(draft))


def _tag(draft: Draft) -> str:
    """The short tag of an intrinsic, "" for anything else."""
    if not isinstance(draft, dict) or len(draft) != 1 or (name := _name(draft)) in _NEVER_SHORT:
        return ""
    if name in _TAGS:
        return _TAGS[name]
    return "!" + name[4:] if re.fullmatch(r"Fn::[A-Za-z0-9]+", name) and name != "Fn::ForEach" else ""


def _moved(draft: Lifted) -> Draft:
    """The data of a value from another place. Its text is rewritten, so a comment in it would be lost."""
    if re.search(r"(^|\s)#", draft.text):
        raise Unprovable("a comment inside the moved value would be lost")
    return draft.data  # type: ignore[return-value]
