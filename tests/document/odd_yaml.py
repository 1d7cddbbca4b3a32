"""Odd YAML with numbered comments, and patches for it: the input of the fuzz tests."""

import json
import random
from typing import Any

import jsonpatch

from fixer import pointer
from fixer.model import Json, Op

SCALARS = [
    "x", "word two", "'q'", '"d q"', "1", "true", "~", "''", "!Ref A", "!Sub 'a ${B}'", '!Sub "c"', "!GetAtt A.B",
    "http://a.b/c", "a#b", "'x # y'", "2010-09-09", "012", "!Base64 x", "x?y=1", "a, b", "[1, 2]", "{a: 1, b: 'c'}",
    "{a: !Ref X}", "!Join [',', [a, !Ref B]]", "!If [C, {a: 1}, !Ref N]", "[]", "{}", "[a, {b: [c]}]", ".inf",
]  # fmt: skip
BODY = ["text", "echo # no", "\ttab", "  deep", "a: b", "- c"]
VALUES: list[Json] = [
    "a", "x", "yes", "http://x.y/z?a=b", "# x", "echo # x\n\ty\n", "a\nb\n\n", "long words " * 30, None, True, 3.5,
    [], {}, {"A": 1}, {"K0": "x", "K1": "y"}, ["a", "b"], [{"a": 1}], {"Ref": "R"}, {"Fn::If": ["C", "a", "b"]},
    {"Fn::Sub": "a\nb ${C}\n"}, {"Fn::GetAtt": ["A", "Arn"]}, {"Fn::Sub": ["${a}: b", {"a": {"Ref": "B"}}]},
    {"Type": "T", "Properties": {"Tags": [{"Key": "a", "Value": "b"}], "012": ["x", ["y", []]]}, "a b:d": {}},
]  # fmt: skip
KINDS = (
    "replace",
    "replace",
    "add",
    "add",
    "remove",
    "remove",
    "move",
    "copy",
    "rewrite",
    "rewrite",
    "wrap",
    "transfer",
)


class OddYaml:
    """Texts in mixed styles. No comment is there twice: `# 1`, `# 2`, ..."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0
        self.anchors = 0

    def text(self) -> str:
        """A text that is valid YAML unless an alias comes to stand before its anchor."""
        chance = self.chance
        lines = ["---"] if chance.random() < 0.1 else []
        lines += [*self._above(0), *self._mapping(0, chance.randint(1, 4)), *self._above(0)]
        if chance.random() < 0.1:
            lines.append(f"al: *anchor{chance.randint(0, self.anchors)}")
        text = "\n".join(lines) + ("\n" if chance.random() < 0.8 else "")
        text = text.replace("\n", "\r\n") if chance.random() < 0.08 else text
        return "\ufeff" + text if chance.random() < 0.03 else text

    def _comment(self) -> str:
        self.count += 1
        return f"# {self.count}"

    def _beside(self) -> str:
        return f"  {self._comment()}" if self.chance.random() < 0.25 else ""

    def _above(self, indent: int) -> list[str]:
        lines: list[str] = []
        while self.chance.random() < 0.15:
            blanks = " " * max(0, indent - self.chance.choice([0, 0, 0, 2]))
            lines.append(blanks + self._comment() if self.chance.random() < 0.75 else "")
        return lines

    def _mapping(self, indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        for number in range(self.chance.randint(1, 4)):
            key = self.chance.choice(["K{}", "K{}", "'k {}'", '"q{}"', "Fn{}", "a.{}"]).format(number)
            lines += [*self._above(indent), *self._entry(f"{' ' * indent}{key}:", indent, depth)]
        return lines

    def _entry(self, head: str, indent: int, depth: int) -> list[str]:
        blanks, kind = " " * indent, self.chance.random()
        if depth <= 0 or kind < 0.45:
            return [f"{head} {self.chance.choice(SCALARS)}{self._beside()}"]
        if kind < 0.5:
            return [head + self._beside()]
        if kind < 0.6:
            return self._block_scalar(head, indent)
        if kind < 0.66:
            return [
                f"{head} [a,{self._beside()}",
                f"{blanks}  b, {{x: 1,{self._beside()}",
                f"{blanks}   y: 'z'}}]{self._beside()}",
            ]
        if kind < 0.7:
            return [f"{head} {{a: 1,{self._beside()}", f"{blanks}  b: [x, y] }}{self._beside()}"]
        if kind < 0.78:
            mark = self.chance.choice(["'", ""])
            return [f"{head} {mark}two", f"{blanks}  lines{mark}{self._beside()}"]
        tag = self.chance.choice(["", "", "", "", " !If", " !Join", f" &anchor{self.anchors}", " !Other"])
        self.anchors += tag.startswith(" &")
        inner = indent + self.chance.choice([0, 2, 2, 2, 4])
        if tag in (" !If", " !Join") or self.chance.random() < 0.4:
            return [head + tag + self._beside(), *self._sequence(inner, depth - 1)]
        return [head + tag + self._beside(), *self._mapping(max(inner, indent + 2), depth - 1)]

    def _block_scalar(self, head: str, indent: int) -> list[str]:
        blanks = " " * (indent + 2)
        body = [blanks + "first", *(blanks + self.chance.choice(BODY) for _ in range(self.chance.randint(0, 2)))]
        body += [""] if self.chance.random() < 0.3 else []
        return [f"{head} {self.chance.choice(['|', '|-', '|+', '>', '>-', '|2', '!Sub |'])}{self._beside()}", *body]

    def _sequence(self, indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.chance.randint(1, 3)):
            lines += self._above(indent)
            dash, kind = " " * indent + "-", self.chance.random()
            if depth <= 0 or kind < 0.5:
                lines.append(f"{dash} {self.chance.choice(SCALARS)}{self._beside()}")
                continue
            block = self._mapping(indent + 2, depth - 1) if kind < 0.8 else self._sequence(indent + 2, depth - 1)
            if block[0].strip(" ")[:1] in ("", "#") or self.chance.random() < 0.2:
                lines += [dash + self._beside(), *block]
            else:
                lines += [f"{dash} {block[0].lstrip(' ')}", *block[1:]]
        return lines


def patch(chance: random.Random, data: Json) -> list[Op]:
    """One to three changes, each of one or two operations, that apply one after the other."""
    ops: list[Op] = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        try:
            new: list[Op] = json.loads(json.dumps(_change(chance, data)))
            data = jsonpatch.apply_patch(data, new)
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
            continue
        ops += new
    return ops


def _change(chance: random.Random, data: Json) -> list[Op]:
    places = [(place, value) for place, value in pointer.walk(data) if place]
    containers = [(place, value) for place, value in pointer.walk(data) if isinstance(value, dict | list)]
    if not places or not containers:
        return []
    (place, old), kind, value = chance.choice(places), chance.choice(KINDS), chance.choice(VALUES)
    target = _target(chance, *chance.choice(containers))
    if kind in ("move", "copy"):
        return [{"op": kind, "from": place, "path": target}]
    if kind == "rewrite":
        place, old = chance.choice(containers)
        return [{"op": "replace", "path": place, "value": _rewritten(chance, json.loads(json.dumps(old)))}]
    if kind == "wrap":
        wrapped: list[Json] = [{"Fn::If": ["C", old, 1]}, {"W": old}, [old]]
        return [{"op": "replace", "path": place, "value": chance.choice(wrapped)}]
    if kind == "transfer":
        more: Json = {**old, "New": 1} if isinstance(old, dict) else [old]
        moved = [old, {"N": old}, more]
        return [{"op": "remove", "path": place}, {"op": "add", "path": target, "value": chance.choice(moved)}]
    if kind == "remove":
        return [{"op": kind, "path": place}]
    return [{"op": kind, "path": target if kind == "add" else place, "value": value}]


def _target(chance: random.Random, place: str, container: Json) -> str:
    if isinstance(container, list):
        return f"{place}/{chance.choice(['-', str(chance.randint(0, len(container)))])}"
    return place + pointer.join(chance.choice(["New", "yes", "K9", "a b", "Zz", "x?y"]))


def _rewritten(chance: random.Random, value: Any) -> Json:
    for _ in range(chance.randint(1, 3)):
        new = chance.choice(VALUES)
        if isinstance(value, dict):
            value[chance.choice([*value, "New"])] = new
            if chance.random() < 0.5:
                del value[chance.choice(list(value))]
        else:
            value.insert(chance.randint(0, len(value)), new)
            if chance.random() < 0.5:
                del value[chance.randrange(len(value))]
            if chance.random() < 0.1:
                chance.shuffle(value)
    return value  # type: ignore[no-any-return]
