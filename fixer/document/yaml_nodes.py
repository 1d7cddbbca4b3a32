"""YAML text as nodes: where every value is, according to the events of libyaml, and its data for CloudFormation.

Scalars resolve as YAML 1.1 does, except that dates stay strings; keys are strings as written; short tags are their long
forms (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import yaml

from fixer.document.source import Entry, position_at
from fixer.document.yaml_lines import BREAK, Lines, after_blanks, content, without_blanks
from fixer.document.yaml_tree import Measure, YamlNode, measure, merge_sources
from fixer.errors import BadTemplate
from fixer.model import Json

_MOST_COPIES = 1_000_000
_LARGEST_COPIES = 16_000_000
_DEEPEST = 500
_RESOLVER: Any = yaml.resolver.Resolver()
_RESOLVED = frozenset(yaml.resolver.Resolver.yaml_implicit_resolvers)
"""The first characters of plain text that may be more than a string."""

_CONSTRUCTOR: Any = yaml.constructor.SafeConstructor()
_STRING = "tag:yaml.org,2002:str"
_CORE = "tag:yaml.org,2002:"
_PLAIN_NAMES = {"!Ref": "Ref", "!Condition": "Condition"}
_SHORT_TAG = re.compile(r"![A-Za-z][A-Za-z0-9]*(::[A-Za-z0-9]+)*")


@dataclass
class _Builder:
    text: str
    path: str
    offset: int
    events: Iterator[Any]
    anchors: dict[str, YamlNode] = field(default_factory=dict)
    measures: dict[YamlNode, Measure] = field(default_factory=dict)
    copies: int = 0
    characters: int = 0
    depth: int = 0
    latest: Any = None

    def node(self, event: Any) -> YamlNode:
        self.depth, self.latest = self.depth + 1, event
        if self.depth > _DEEPEST:
            raise self.bad(self.start(event), "is nested too deeply")
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event)
        else:
            node = self._alias(event)
        self.depth -= 1
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self.anchors[event.anchor] = node
        return node

    def start(self, event: Any) -> int:
        return int(event.start_mark.index) + self.offset

    def end(self, event: Any) -> int:
        return int(event.end_mark.index) + self.offset

    def bad(self, offset: int, reason: str) -> BadTemplate:
        place = position_at(self.text, offset)
        return BadTemplate(f"is not valid YAML: {reason}", self.path, place.line, place.column)

    def _alias(self, event: Any) -> YamlNode:
        if event.anchor not in self.anchors:
            raise self.bad(self.start(event), f"the alias *{event.anchor} has no anchor")
        target = self.anchors[event.anchor]
        if target not in self.measures:
            self.measures[target] = measure(target.data)
        copied = self.measures[target]
        self.copies += copied.size
        self.characters += copied.characters
        if self.copies > _MOST_COPIES or self.characters > _LARGEST_COPIES:
            raise self.bad(self.start(event), "its aliases expand to too much data")
        if self.depth + copied.depth > _DEEPEST:
            raise self.bad(self.start(event), "its aliases are nested too deeply")
        start, end = self.start(event), self.end(event)
        frozen = f"it is an alias of &{event.anchor}"
        return YamlNode(start, end, target.data, start, frozen=frozen, elsewhere=(target,))

    def _scalar(self, event: Any) -> YamlNode:
        start, end = self.start(event), self.end(event)
        style = event.style or ""
        body = _behind_properties(self.text, start, end) if event.tag or event.anchor else start
        keeps = False
        if style in "|>" and style:
            keeps = "+" in self.text[body + 1 : body + 3]
            end = self._end_of_block(start, end, str(event.value), keeps)
        data = self._meaning(event, start)
        if event.tag and _SHORT_TAG.fullmatch(event.tag):
            return self._short(event, YamlNode(start, end, data, body, style=style, keeps=keeps), start, end, body)
        frozen = _anchored(event)
        return YamlNode(start, end, data, body, style=style, tag=event.tag or "", frozen=frozen, keeps=keeps)

    def _end_of_block(self, start: int, end: int, value: str, keeps: bool) -> int:
        """Where a block scalar ends: before the line end of the last line that has a part in its value."""
        text = self.text[start:end]
        if keeps and text != without_blanks(text):
            return self.lines.end_above(end) if self.lines.start(end) == end else end
        if value.rstrip("\n")[-1:] in (" ", "\t"):
            return start + len(text.rstrip("\n\r\x85\u2028\u2029"))
        return self.lines.end(start + len(without_blanks(text)))

    def _meaning(self, event: Any, start: int) -> Json:
        if not event.tag and (event.style or event.value[:1] not in _RESOLVED):
            return str(event.value)
        if event.tag == "!" or _SHORT_TAG.fullmatch(event.tag or ""):
            return str(event.value)
        if event.tag and not event.tag.startswith(_CORE):
            raise self.bad(start, f"CloudFormation does not know the tag {event.tag}")
        implicit = (event.implicit[0], event.implicit[1]) if not event.tag else (False, False)
        tag = event.tag or _RESOLVER.resolve(yaml.ScalarNode, event.value, implicit)
        if tag == _CORE + "timestamp":
            tag = _STRING
        try:
            data = _CONSTRUCTOR.construct_object(yaml.ScalarNode(tag, event.value), deep=True)
        except (ValueError, LookupError, yaml.YAMLError) as error:  # LookupError: `!!int ""`, `!!bool maybe`
            raise self.bad(start, f"{event.value!r} is not of type {tag.removeprefix(_CORE)}") from error
        if not isinstance(data, str | int | float | bool | None):
            raise self.bad(start, f"CloudFormation does not know values of type {tag.removeprefix(_CORE)}")
        return data

    def _short(self, event: Any, inner: YamlNode, start: int, end: int, body: int) -> YamlNode:
        """{"Fn::Name": value} for `!Name value`."""
        name = _PLAIN_NAMES.get(event.tag, "Fn::" + event.tag[1:])
        data: Json = inner.data
        if name == "Fn::GetAtt" and isinstance(data, str):
            data = [*data.split(".", 1)] if "." in data else [data]
            inner = _pseudo(inner, data)
        elif not inner.entries:
            inner = _pseudo(inner, data)
        entry = Entry(0, name, start, start, inner)
        node = YamlNode(start, end, {name: data}, body, (entry,), inner.flow, inner.style, event.tag, _anchored(event))
        return replace(node, pseudo=True, keeps=inner.keeps)

    def _sequence(self, event: Any) -> YamlNode:
        start, body, flow = self.start(event), self.end(event), bool(event.flow_style)
        # If the dashes are in the column of their key, libyaml's mark is after the first dash.
        behind = body > start and self.text[body - 1] == "-"
        body = body - 1 if flow or behind else content(self.text, body)
        entries: list[Entry] = []
        at = body
        for item in self._until(yaml.SequenceEndEvent):
            value = self.node(item)
            place = value.start
            if not flow:
                place = body if not entries else self._dash(at, body)
            entries.append(Entry(len(entries), None, place, place, value))
            at = max(value.end, place + 1)
        end = self._last if flow else (entries[-1].end if entries else body)
        return self._container(event, body, end, [entry.value.data for entry in entries], entries, _anchored(event))

    def _mapping(self, event: Any) -> YamlNode:
        body, flow = self.end(event), bool(event.flow_style)
        body = body - 1 if flow else content(self.text, body)
        entries: list[Entry] = []
        data: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        elsewhere: list[YamlNode] = []
        frozen = _anchored(event)
        for key_event in self._until(yaml.MappingEndEvent):
            if not isinstance(key_event, yaml.ScalarEvent):
                raise self.bad(self.start(key_event), "a key must be a string")
            value = self.node(next(self.events))
            place, key_end = self.start(key_event), self.end(key_event)
            if key_event.value == "<<" and not key_event.style:
                frozen = frozen or "it has a merge key (<<)"
                for source in value.data if isinstance(value.data, list) else [value.data]:
                    merged = {**(source if isinstance(source, dict) else {}), **merged}
                elsewhere += merge_sources(value)
                continue
            if value.start == value.end:  # An empty value has no text: it is directly after its colon.
                at = _colon(self.text, key_end)
                value = YamlNode(at, at, value.data, at, frozen=value.frozen)
            key = str(key_event.value)
            entries.append(Entry(len(entries), key, place, key_end, value))
            data[key] = value.data
        end = self._last if flow else (entries[-1].end if entries else body)
        return self._container(event, body, end, {**merged, **data}, entries, frozen, elsewhere)

    def _container(
        self,
        event: Any,
        body: int,
        end: int,
        data: Json,
        entries: Sequence[Entry],
        frozen: str,
        elsewhere: Sequence[YamlNode] = (),
    ) -> YamlNode:
        start, flow, tag, inside = self.start(event), bool(event.flow_style), event.tag or "", tuple(entries)
        if not tag or tag.startswith(_CORE):
            return YamlNode(start, end, data, body, inside, flow, "", tag, frozen, elsewhere=tuple(elsewhere))
        if not _SHORT_TAG.fullmatch(tag):
            raise self.bad(start, f"CloudFormation does not know the tag {tag}")
        inner = YamlNode(body, end, data, body, inside, flow, frozen=frozen, elsewhere=tuple(elsewhere))
        return self._short(event, inner, start, end, body)

    def _dash(self, at: int, first: int) -> int:
        """The place of the next item's dash, given that of the first one."""
        pattern = rf"[{BREAK}][ ]{{{self.lines.column(first)}}}(?=-(?:[ \t{BREAK}]|\Z))"
        match = re.compile(pattern).search(self.text, at)
        return match.end() if match else at

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    def _until(self, last: type) -> Iterator[Any]:
        for event in self.events:
            if isinstance(event, last):
                self._last = self.end(event)
                return
            yield event


def compose(text: str, path: str) -> YamlNode:
    """The root of a YAML text. Raises BadTemplate, with line and column, for text that is not one YAML document."""
    offset = 1 if text.startswith("\ufeff") else 0
    _check_depth(text, path)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = yaml.parse(text[offset:], Loader=loader)
    builder = _Builder(text, path, offset, events)
    try:
        root: YamlNode | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    raise builder.bad(builder.start(event), "a template must be one document; a second one begins here")
                root = builder.node(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "cannot be read"
        raise builder.bad((mark.index if mark else 0) + offset, reason) from None
    except RecursionError:
        at = builder.start(builder.latest) if builder.latest else 0
        raise builder.bad(at, "is nested too deeply") from None
    except yaml.YAMLError as error:
        raise BadTemplate(f"is not valid YAML: {error}".splitlines()[0], path, 1, 1) from None
    if root is None:
        raise BadTemplate("is empty", path, 1, 1)
    return root


def _check_depth(text: str, path: str) -> None:
    """libyaml fails on very deep nesting. Brackets in strings count too, which only makes the check stricter."""
    depth = 0
    for match in re.finditer(r"[\[\]{}]|^[ ]*(?:- ){50,}", text, re.MULTILINE):
        depth += 1 if match.group() in "[{" else -1 if match.group() in "]}" else _DEEPEST
        if depth > 20 * _DEEPEST:
            place = position_at(text, match.start())
            raise BadTemplate("is not valid YAML: is nested too deeply", path, place.line, place.column)


def _behind_properties(text: str, start: int, end: int) -> int:
    """Where the text of a node begins after its tag and its anchor."""
    match = re.compile(r"(?:[!&][^\s,\[\]{}]*[ \t]*)*").match(text, start, end)
    return match.end() if match else start


def _anchored(event: Any) -> str:
    return f"it has the anchor &{event.anchor}" if event.anchor else ""


def _colon(text: str, key_end: int) -> int:
    colon = after_blanks(text, key_end)
    return colon + 1 if text[colon : colon + 1] == ":" else key_end


def _pseudo(node: YamlNode, data: Json) -> YamlNode:
    node = YamlNode(node.start, node.end, data, node.body, (), node.flow, node.style, keeps=node.keeps)
    return replace(node, pseudo=True)
