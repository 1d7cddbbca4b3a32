"""Faults that people and models put into a template: each takes a text and gives the whole and the damaged one."""

import functools
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fixer.document import parse
from fixer.document.source import Syntax
from fixer.errors import BadTemplate
from fixer.mending.mending import Mended, mend, mend_parsed
from fixer.model import Json

SHARED = Path(__file__).parents[3] / "shared" / "cases"
Damage = Callable[[str, random.Random], tuple[str, str] | None]


@functools.cache
def templates(syntax: Syntax, least: int = 5_000, most: int = 40_000) -> list[tuple[str, str]]:
    """(name, text) of the whole templates of a size in the shared cases, in a fixed order."""
    shared = Path(os.environ.get("FIXER_SHARED", str(SHARED)))
    found = []
    for file in sorted(shared.glob("*/*/after/**/*")):
        if file.suffix in (".json", ".yaml", ".yml") and file.is_file() and least <= file.stat().st_size <= most:
            text = file.read_text(encoding="utf-8")
            try:
                document = parse(text, file.name)
            except BadTemplate:
                continue
            if document.syntax is syntax and "Resources" in text:
                found.append((f"{file.parent.name}/{file.name}", text))
    return found


@dataclass(frozen=True)
class Judged:
    """What became of a damaged text: "repaired", "refused", "wrong" or "parses" (nothing was to repair)."""

    outcome: str
    mended: Mended = field(default_factory=lambda: Mended(None))


def judge(whole: Json, damaged: str, path: str) -> Judged:
    """What the repair makes of a damaged text."""
    start = damaged.removeprefix("\ufeff").lstrip()[:1]
    syntax = Syntax.JSON if path.endswith(".json") or start in ("{", "[") else Syntax.YAML
    try:
        document = parse(damaged, path)
    except BadTemplate:
        mended = mend(damaged, path, syntax)
    else:
        mended = mend_parsed(document)
        if not mended.mends:
            return Judged("refused" if mended.left else "parses", mended)
    if mended.document is None:
        return Judged("refused", mended)
    same = json.dumps(mended.document.data, sort_keys=True) == json.dumps(whole, sort_keys=True)
    return Judged("repaired" if same else "wrong", mended)


def _at(pattern: str, new: str | Callable[[re.Match[str]], str]) -> Damage:
    """Replaces one match of a pattern, chosen by chance."""

    def damage(text: str, chance: random.Random) -> tuple[str, str] | None:
        found = list(re.finditer(pattern, text, re.MULTILINE))
        if not found:
            return None
        match = chance.choice(found)
        made = match.expand(new) if isinstance(new, str) else new(match)
        return text, text[: match.start()] + made + text[match.end() :]

    return damage


def _valued(value: str) -> Damage:
    """Gives the template a value in quotation marks, and damages it by leaving them out."""

    def damage(text: str, chance: random.Random) -> tuple[str, str] | None:
        found = list(re.finditer(r"^( +Description: )\S.*$", text, re.MULTILINE))
        found = [each for each in found if not re.match(r"[|>'\"!]", each[0].split(": ", 1)[1])]
        found = [each for each in found if not _goes_on(text, each)]
        if not found:
            return None
        match = chance.choice(found)
        start, end = match.span()
        whole = f"{text[:start]}{match[1]}'{value}'{text[end:]}"
        return whole, f"{text[:start]}{match[1]}{value}{text[end:]}"

    return damage


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether the value goes on in the next line."""
    rest = text[match.end() + 1 :].split("\n", 1)[0]
    return len(rest) - len(rest.lstrip()) > len(match[1]) - len(match[1].lstrip())


def _block(text: str, match: re.Match[str]) -> int:
    """The end of the block that begins with a line: the next line that is not deeper."""
    indent = len(match[1])
    end = text.find("\n", match.end()) + 1 or len(text)
    while end < len(text):
        stop = text.find("\n", end) + 1 or len(text)
        line = text[end:stop]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end = stop
    return end


def _shifted(name: str, columns: int) -> Damage:
    """Moves a block with that key by some columns."""

    def damage(text: str, chance: random.Random) -> tuple[str, str] | None:
        found = list(re.finditer(rf"^( +){name}:[ ]*$", text, re.MULTILINE))
        if not found:
            return None
        match = chance.choice(found)
        block = text[match.start() : _block(text, match)]
        lines = block.splitlines(keepends=True)
        moved = [" " * columns + line if columns > 0 else line[-columns:] for line in lines]
        return text, text.replace(block, "".join(moved), 1)

    return damage


def _tabs(text: str, chance: random.Random) -> tuple[str, str] | None:
    found = list(re.finditer(r"^( {2})+(?=\S)", text, re.MULTILINE))
    match = chance.choice(found)
    return text, text[: match.start()] + "\t" * (len(match[0]) // 2) + text[match.end() :]


def _all_tabs(text: str, chance: random.Random) -> tuple[str, str] | None:
    if "\n " not in text or re.search(r":\s*[|>]-?\s*$", text, re.MULTILINE):
        return None
    return text, re.sub(r"^(?: {2})+", lambda each: "\t" * (len(each[0]) // 2), text, flags=re.MULTILINE)


def _truncated(text: str, chance: random.Random) -> tuple[str, str] | None:
    return text, re.sub(r"\s*\}\s*\}\s*\Z" if chance.random() < 0.5 else r"\s*\}\s*\Z", "\n", text)


def _wrapped(before: str, after: str) -> Damage:
    return lambda text, chance: (text, before + text.rstrip("\n") + "\n" + after)


def _repeated_entry(text: str, chance: random.Random) -> tuple[str, str] | None:
    found = list(re.finditer(r"^( +)\"?(?:Type|Description|Default)\"?: [^\n{\[|>]*$", text, re.MULTILINE))
    found = [each for each in found if not _goes_on(text, each)]
    found = [each for each in found if not text.lstrip().startswith("{") or each[0].endswith(",")]
    if not found:
        return None
    match = chance.choice(found)
    return text, text[: match.end()] + "\n" + match[0] + text[match.end() :]


def _split_section(text: str, chance: random.Random) -> tuple[str, str] | None:
    """Repeats the key of the Resources section before one of its entries."""
    section = re.search(r"^Resources:[ ]*\n(?:(?: .*|#.*)?\n)*", text, re.MULTILINE)
    found = list(re.finditer(r"^  (?=[A-Za-z0-9]+:)", section[0], re.MULTILINE)) if section else []
    if not section or len(found) < 2:
        return None
    at = section.start() + chance.choice(found[1:]).start()
    return text, f"{text[:at]}Resources:\n{text[at:]}"


JSON: dict[str, Damage] = {
    "missing comma": _at(r"(?<=[\"}\]\w]),\n", "\n"),
    "trailing comma in a mapping": _at(r"([\"\]}\w])(\n\s*\})", r"\1,\2"),
    "trailing comma in a list": _at(r"([\"\]}\w])(\n\s*\])", r"\1,\2"),
    "doubled comma": _at(r",\n", ",,\n"),
    "missing colon": _at(r"(\"\w+\"):", r"\1"),
    "missing quote before a key": _at(r"^(\s*)\"(\w+\":)", r"\1\2"),
    "missing quote after a key": _at(r"^(\s*\"\w+)\":", r"\1:"),
    "missing quote before a value": _at(r": \"(\w[^\"\\\n]*\",?)$", r": \1"),
    "missing quote after a value": _at(r"(: \"[\w :-]+)\"(,?)$", r"\1\2"),
    "doubled quote": _at(r": \"(\w[^\"\\\n]*\",?)$", r': ""\1'),
    "line comment": _at(r",$", ",  // a comment"),
    "comment on a line": _at(r"^(\s*)(?=\"\w+\":)", r"\1// the next entry\n\1"),
    "block comment": _at(r"^(\s*)(?=\"\w+\":)", r"\1/* the next entry */\n\1"),
    "hash comment": _at(r",$", ",  # a comment"),
    "single quotes around a key": _at(r"\"(\w+)\":", r"'\1':"),
    "single quotes around a value": _at(r": \"([^\"\\'\n]+)\"", r": '\1'"),
    "a word of Python": _at(r": (true|false)\b", lambda each: f": {each[1].capitalize()}"),
    "missing closing brace": _at(r"^\s+\},?\n", ""),
    "missing closing bracket": _at(r"^\s+\],?\n", ""),
    "missing opening brace": _at(r"(\"\w+\": )\{$", r"\1"),
    "missing opening bracket": _at(r"(\"\w+\": )\[$", r"\1"),
    "doubled closing brace": _at(r"^(\s+\})(,?)$", r"\1}\2"),
    "truncated": _truncated,
    "Markdown": _wrapped("Here is the template:\n\n```json\n", "```\n\nIt creates everything.\n"),
    "fences": _wrapped("```json\n", "```\n"),
    "prose": _wrapped("Here is the template that you asked for:\n\n", "\nDeploy it with the console.\n"),
    "repeated key": _repeated_entry,
}
YAML: dict[str, Damage] = {
    "tab": _tabs,
    "tabs everywhere": _all_tabs,
    "missing closing quote": _at(r"(: \"[^\"\\\n]+)\"$", r"\1"),
    "missing closing apostrophe": _at(r"(: '[^'\n]+)'$", r"\1"),
    "doubled opening quote": _at(r": (\"[^\"\\\n]+\")$", r': "\1'),
    "doubled closing quote": _at(r": (\"[^\"\\\n]+\")$", r': \1"'),
    "value with %": _valued("%d items"),
    "value with @": _valued("@team owns it"),
    "value with *": _valued("*everything"),
    "value with backtick": _valued("`code` of it"),
    "value with !": _valued("!important of all"),
    "value with colon": _valued("Note: read it"),
    "value with brackets": _valued("[internal] of the team"),
    "missing space after the colon": _at(r"^( +\w+): (?=[\w/!])", r"\1:"),
    "missing colon": _at(r"^( +\w+): (?=[\w/])", r"\1 "),
    "missing colon of a mapping": _at(r"^( +\w+):$", r"\1"),
    "missing space after the dash": _at(r"^( +)- (?=\w+: )", r"\1-"),
    "doubled dash": _at(r"^( +)- (?=\w+: )", r"\1-- "),
    "missing dash": _at(r"^( +)- (?=\w+: )", r"\1 "),
    "one space too much": _at(r"^( +)(?=\w+:)", r"\1 "),
    "one space too few": _at(r"^( +) (?=\w+:)", r"\1"),
    "block too deep": _shifted("Properties", 2),
    "block too shallow": _shifted("Tags", -1),
    "missing bracket": _at(r"(\[[^\]\n]*)\]$", r"\1"),
    "missing line end": _at(r"^( +Type: .*)\n", r"\1"),
    "Markdown": _wrapped("Here is the template:\n\n```yaml\n", "```\n\nIt creates everything.\n"),
    "fences": _wrapped("```yaml\n", "```\n"),
    "prose": _wrapped("Here is the template that you asked for.\n\n", "\nDeploy it with the console.\n"),
    "second document": _wrapped("", "---\n"),
    "repeated key": _repeated_entry,
    "section in two parts": _split_section,
}


def damaged(syntax: Syntax) -> Iterator[tuple[str, Damage]]:
    """The hand-made faults of a syntax."""
    yield from (JSON if syntax is Syntax.JSON else YAML).items()


def typed(text: str, chance: random.Random, reach: int = 40) -> tuple[str, str]:
    """(what, text) with one character deleted, doubled or moved by at most `reach` characters."""
    at = chance.randrange(len(text))
    kind = chance.choice(("delete", "double", "move"))
    if kind == "delete":
        return kind, text[:at] + text[at + 1 :]
    if kind == "double":
        return kind, text[: at + 1] + text[at:]
    rest = text[:at] + text[at + 1 :]
    to = min(max(at + chance.randint(-reach, reach), 0), len(rest))
    return kind, rest[:to] + text[at] + rest[to:]
