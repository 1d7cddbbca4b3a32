"""The differences between the lint of a text and the lint of the patched text. Pure.

Matches are counted by (rule, path with list indices as `*`), because indices move and messages quote values. Some new
matches were there before: cfn-lint does not look below a value that it cannot read. When a patch makes the value
readable, the matches that appear below it are *revealed*; the patch did not cause them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fixer.model import LintMatch, Op
from fixer.pointer import split

Path = tuple[str | int, ...]
"""A template path as cfn-lint reports it: keys are strings, list indices integers."""

Key = tuple[str, Path]
"""A rule id and a path with `*` for every list index."""

WHOLE_FILE = ("E0000", "E0001", "E0002")
"""Unreadable text, a failed transform, a crashed rule: each of them hides matches anywhere in the file."""


@dataclass(frozen=True, slots=True)
class LintDiff:
    """`gone` are matches of the text before, with their paths in the text after; `new` and `revealed` are matches of
    the text after.
    """

    new: tuple[LintMatch, ...] = ()
    revealed: tuple[LintMatch, ...] = ()
    gone: tuple[LintMatch, ...] = ()


def compare(before: Iterable[LintMatch], after: Iterable[LintMatch], ops: Sequence[Op] = ()) -> LintDiff:
    """The multiset differences, both ways.

    `ops` are the RFC 6902 operations, in order, that led from the first text to the second. A path in the first text
    counts as the path that they moved it to.
    """
    earlier = [replace(match, path=follow(match.path, ops)) for match in before]
    later = list(after)
    gone = _surplus(earlier, later)
    opened = [place for match in gone if (place := hidden_below(match)) is not None]
    new: list[LintMatch] = []
    revealed: list[LintMatch] = []
    for match in _surplus(later, earlier):
        (revealed if any(_is_below(match.path, place) for place in opened) else new).append(match)
    return LintDiff(tuple(new), tuple(revealed), tuple(gone))


def key(match: LintMatch) -> Key:
    """The key that a match is counted by."""
    return match.rule, _starred(match.path)


def count(matches: Iterable[LintMatch]) -> Mapping[Key, int]:
    """The number of matches for each key."""
    return Counter(map(key, matches))


def follow(path: Path, ops: Iterable[Op]) -> Path:
    """The new path of a value that these operations move, directly or by shifting the list items before it.

    The path of a value that they remove stays the same, because the value put in its place has that path.
    """
    for op in ops:
        target = split(str(op["path"]))
        if op["op"] == "move":
            path = _moved(path, split(str(op["from"])), target)
        elif op["op"] in ("add", "copy"):
            path = _shifted(path, target, 1)
        elif op["op"] == "remove":
            path = _shifted(path, target, -1)
    return path


def hidden_below(match: LintMatch) -> Path | None:
    """The place at and below which cfn-lint does not look because of a match; None for a rule that hides nothing.

    () is the whole file. E1xxx are about intrinsic functions: the place is the value that the function stands for, as
    its repair may replace the function. E3001 and E3006 are about a resource or its type: the place is the resource.
    E3002 is about one property. AWS's validator uses the same numbers, with an F for faults that make every deployment
    fail.
    """
    if match.rule in WHOLE_FILE:
        return ()
    rule = match.rule.replace("F", "E", 1)
    if rule in ("E3001", "E3006"):
        return match.path[:2]
    if rule == "E3002":
        return match.path
    if rule.startswith("E1"):
        return _value_of_function(match.path)
    return None


def _surplus(these: Sequence[LintMatch], those: Sequence[LintMatch]) -> list[LintMatch]:
    """For each key, the matches that `these` have more than `those`; matches without an equal in `those` come first."""
    excess = Counter(map(key, these))
    excess.subtract(Counter(map(key, those)))
    known = {(match.rule, match.path, match.message) for match in those}
    strangers_first = sorted(these, key=lambda match: (match.rule, match.path, match.message) in known)
    chosen = []
    for match in strangers_first:
        if excess[key(match)] > 0:
            excess[key(match)] -= 1
            chosen.append(match)
    return sorted(chosen, key=lambda match: (match.line, match.column, match.rule))


def _starred(path: Path) -> Path:
    return tuple("*" if isinstance(part, int) else part for part in path)


def _is_below(path: Path, place: Path) -> bool:
    return _starred(path)[: len(place)] == _starred(place)


def _value_of_function(path: Path) -> Path:
    for depth, part in enumerate(path):
        if part == "Ref" or str(part).startswith("Fn::"):
            return path[:depth]
    return path


def _matches(path: Path, tokens: Sequence[str]) -> bool:
    return len(path) >= len(tokens) and all(str(part) == token for part, token in zip(path, tokens, strict=False))


def _moved(path: Path, source: Sequence[str], target: Sequence[str]) -> Path:
    if _matches(path, source):
        # A pointer does not distinguish keys from indices; a token that looks like an index nearly always is one.
        return tuple(_part(token) for token in target) + path[len(source) :]
    return _shifted(_shifted(path, source, -1), target, 1)


def _part(token: str) -> str | int:
    if token == "-":
        return 0  # after the last item, wherever that is: counted as `*`
    return int(token) if token.isdigit() else token


def _shifted(path: Path, target: Sequence[str], by: int) -> Path:
    """The path after an item was inserted or removed at `target`, if `target` is in a list on the path and before its
    item.
    """
    if not target or len(path) < len(target) or not _matches(path, target[:-1]) or not target[-1].isdigit():
        return path
    depth = len(target) - 1
    index = path[depth]
    first = int(target[-1]) + (1 if by < 0 else 0)
    if not isinstance(index, int) or index < first:
        return path
    return (*path[:depth], index + by, *path[depth + 1 :])
