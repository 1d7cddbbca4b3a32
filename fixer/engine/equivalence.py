"""What a patch may change: the resolved templates before and after may differ only where the patch declares it.

A declaration is a pattern of places in the resolved template (`fixer.resolution.resolved_diff`):

- `/Resources/AWS::RDS::DBInstance/Properties/MonitoringInterval`: at and below that place. The second token is a
  logical id, a resource type, or `{id}`, the entry around the finding. Tokens are shell patterns: `*`,
  `AWS::EC2::*`. List indices match any index.
- `@`: at and below the place of the finding (for a finding inside a function: the value that the function gives).
  `@/..` is its parent, `@/../Name` a neighbour.
- `$`: what refers to a parameter, mapping or condition that the patch writes or removes.
- `?`: what resolved to nothing, because a name in it is not declared, and now resolves.

Before a place, `+` allows only what is added, `-` only what is removed, `~` only another order in which resources are
created, `=` only another spelling of the same value, `>` only a removal of what the patch adds elsewhere in that entry,
`<` only an addition of what it removes there.

Everything else must stay as it is. A patch that declares nothing leaves the resolved template equal.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op
from fixer.resolution.evaluation import UNDEFINED
from fixer.resolution.renaming import renamed
from fixer.resolution.resolved_diff import differences
from fixer.resolution.value_diff import Difference, DifferenceKind

_KINDS = {
    "+": DifferenceKind.ADDED,
    "-": DifferenceKind.REMOVED,
    "<": DifferenceKind.ADDED,
    ">": DifferenceKind.REMOVED,
    "~": DifferenceKind.ORDER,
    "=": DifferenceKind.CHANGED,
}
_DECLARING = ("Parameters", "Mappings", "Conditions")
_LONGEST = 80

ANYTHING = ("/*", "~/*")
"""What operations of a person may change."""

PARENTS = (
    "-/Resources/AWS::CloudFormation::Stack/Properties/Parameters",
    "</Resources/AWS::CloudFormation::Stack/Properties/Parameters",
    "~/Resources/AWS::CloudFormation::Stack",
)
"""What `fixer.engine.nesting` changes in the parents of a nested template."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one patch may change: its finding, its patterns, and its operations per file (their moves are renames)."""

    finding: Finding
    patterns: tuple[str, ...]
    files: Mapping[str, tuple[Op, ...]]


def undeclared(before: Project, after: Project, declarations: Sequence[Declaration]) -> str:
    """The difference between two states of a project that no declaration allows, as a reason; "" if there is none."""
    for path in dict.fromkeys(path for each in declarations for path in each.files):
        own = [each for each in declarations if path in each.files]
        comparison = _Comparison(path, before.templates[path], after.templates[path], own)
        if reason := comparison.undeclared():
            return reason
    return ""


class _Comparison:
    """One file before and after the patches that change it."""

    def __init__(self, path: str, before: Template, after: Template, declarations: Sequence[Declaration]) -> None:
        self._path, self._declarations = path, declarations
        self._names = {old: new for each in declarations for old, new in _renames(each.files[path])}
        # With the new names, a rename that includes all references is not a difference.
        data = renamed(before.data, self._names) if self._names else None
        self._before = before if data is None else Template.of_data(path, data)
        self._after = after
        self._compared = differences(self._before, after)

    def undeclared(self) -> str:
        for difference in self._compared.differences:
            if not any(self._allows(each, difference) for each in self._likely_first(difference.place)):
                return _reason(self._path, difference)
        for each in self._compared.unresolved:
            if not any(self._reaches(declaration, each.place) for declaration in self._declarations):
                return f"{each.place or 'the template'} of {self._path} cannot be evaluated: {each.reason}"
        return ""

    def _likely_first(self, place: str) -> list[Declaration]:
        """The declarations, first those about the same resource: most differences are where the finding is."""
        entry = "/".join(place.split("/", 3)[:3])
        return sorted(self._declarations, key=lambda each: not pointer.contains(entry, each.finding.pointer))

    def _allows(self, declaration: Declaration, difference: Difference) -> bool:
        return any(
            _resolves(difference)
            if pattern == "?"
            else self._is_of_kind(pattern, difference)
            and (
                self._is_at(pattern, difference.place, declaration)
                or self._is_item_of(pattern, difference, declaration)
            )
            for pattern in declaration.patterns
        )

    def _is_item_of(self, pattern: str, difference: Difference, declaration: Declaration) -> bool:
        """Whether a whole list differs because items that patches declare became several: all other items stay."""
        wanted = [] if pattern == "$" else self._wanted(pattern.lstrip("+-~=<>"), declaration.finding)
        old, new = difference.old, difference.new
        if not (wanted and wanted[-1].isdigit() and isinstance(old, list) and isinstance(new, list)):
            return False
        if not self._is_place(wanted[:-1], pointer.split(difference.place), exactly=True):
            return False
        changed = {int(index) for each in self._declarations for index in self._items(each, difference.place)}
        return all(item in new for index, item in enumerate(old) if index not in changed)

    def _items(self, declaration: Declaration, place: str) -> Iterator[str]:
        """The indices of the items of a list that a declaration names."""
        for pattern in declaration.patterns:
            wanted = [] if pattern in ("$", "?") else self._wanted(pattern.lstrip("+-~=<>"), declaration.finding)
            if wanted and wanted[-1].isdigit() and self._is_place(wanted[:-1], pointer.split(place), exactly=True):
                yield wanted[-1]

    def _reaches(self, declaration: Declaration, place: str) -> bool:
        return any(self._is_at(pattern, place, declaration) for pattern in declaration.patterns if pattern != "?")

    def _is_of_kind(self, pattern: str, difference: Difference) -> bool:
        kind = _KINDS.get(pattern[0])
        if kind is None:
            return difference.kind is not DifferenceKind.ORDER
        if difference.kind is not kind:
            return False
        if pattern[0] == "=":
            return _is_respelled(difference.old, difference.new)
        return pattern[0] not in "<>" or any(_is_moved(difference, each) for each in self._compared.differences)

    def _is_at(self, pattern: str, place: str, declaration: Declaration) -> bool:
        if pattern == "$":
            return bool(self._referred(place) & _declared(declaration.files[self._path]))
        wanted = self._wanted(pattern.lstrip("+-~=<>"), declaration.finding)
        return self._is_place(wanted, pointer.split(place))

    def _is_place(self, wanted: Sequence[str], tokens: Sequence[str], exactly: bool = False) -> bool:
        """Whether a place is at or below the wanted one, or exactly there."""
        if len(tokens) < len(wanted) or (exactly and len(tokens) != len(wanted)):
            return False
        return all(self._fits(index, *pair, wanted[0]) for index, pair in enumerate(zip(wanted, tokens, strict=False)))

    def _fits(self, index: int, want: str, token: str, section: str) -> bool:
        if want == token or fnmatchcase(token, want) or (want.isdigit() and token.isdigit()):
            return True
        return index == 1 and section == "Resources" and any(fnmatchcase(each, want) for each in self._types(token))

    def _types(self, logical_id: str) -> set[str]:
        states = (self._before, self._after)
        return {each.resources[logical_id].type for each in states if logical_id in each.resources}

    def _wanted(self, pattern: str, finding: Finding) -> list[str]:
        place = [self._names.get(token, token) for token in pointer.split(finding.pointer)]
        if not pattern.startswith("@"):
            entry = place[1] if len(place) > 1 else ""
            return [token.replace("{id}", entry) for token in pointer.split(pattern)]
        outside = _outside_of_functions(place)
        for token in pointer.split(pattern[1:]):
            outside = outside[:-1] if token == ".." else [*outside, token]
        return outside

    def _referred(self, place: str) -> set[str]:
        """What the value at a place, or the nearest above it that the text has, refers to before and after."""
        return {name for each in (self._before, self._after) for name in _names_in(_nearest(each.data, place))}


def _renames(ops: Iterable[Op]) -> Iterator[tuple[str, str]]:
    for op in ops:
        if op["op"] == "move":
            source, target = pointer.split(str(op["from"])), pointer.split(str(op["path"]))
            if len(source) == len(target) == 2 and source[0] == target[0]:
                yield source[1], target[1]


def _declared(ops: Iterable[Op]) -> set[str]:
    """The names of the parameters, mappings and conditions that the operations write or remove."""
    names: set[str] = set()
    for op in ops:
        section, *rest = pointer.split(str(op["path"])) or [""]
        if section in _DECLARING and op["op"] != "test":
            value = op.get("value")
            names |= {rest[0]} if rest else set(value) if isinstance(value, dict) else set()
        elif section in _DECLARING and not rest and isinstance(value := op.get("value"), dict):
            names |= set(value)  # The test before a whole section is removed.
    return names


def _outside_of_functions(tokens: list[str]) -> list[str]:
    """The place of the value that a function gives, for a place inside the function."""
    inside = [index for index, token in enumerate(tokens) if token == "Ref" or token.startswith("Fn::")]
    return tokens[: inside[0]] if inside else tokens


def _nearest(data: Json, place: str) -> Json:
    while not pointer.exists(data, place):
        place = pointer.parent(place)
    return pointer.get(data, place) if place.count("/") > 1 else None


def _names_in(value: Json) -> Iterator[str]:
    yield from (reference.target for reference in references_in(value))
    for _, inner in pointer.walk(value):
        for function in ("Fn::If", "Fn::FindInMap", "Condition"):
            argument = inner.get(function) if isinstance(inner, dict) else None
            name = argument[0] if isinstance(argument, list) and argument else argument
            if isinstance(name, str):
                yield name


def _is_moved(one: Difference, other: Difference) -> bool:
    """Whether the other difference adds what this one removes, in the same entry."""
    gone, come = (one, other) if one.kind is DifferenceKind.REMOVED else (other, one)
    same_entry = pointer.split(gone.place)[:2] == pointer.split(come.place)[:2]
    kinds = (gone.kind, come.kind) == (DifferenceKind.REMOVED, DifferenceKind.ADDED)
    return kinds and same_entry and _words(gone.old) <= _words(come.new)


def _resolves(difference: Difference) -> bool:
    """Whether the value named something undefined and no longer does."""
    return UNDEFINED in json.dumps(difference.old) and UNDEFINED not in json.dumps(difference.new)


def _is_respelled(old: Json, new: Json) -> bool:
    """Whether two values are different spellings of the same value, as 'Retain' and 'retain', [80] and "80", "a, b" and
    ["a", "b"], {"stage": "test"} and [{"Key": "stage", "Value": "test"}] do: one has all words of the other.
    """
    first, second = _words(old), _words(new)
    return bool(first and second) and (first <= second or second <= first)


def _words(value: Json) -> Counter[str]:
    """The runs of letters and digits in all keys and scalars of a value, in lower case, counted."""
    if isinstance(value, dict):
        return Counter(_runs(" ".join(value))) + _words(list(value.values()))
    if isinstance(value, list):
        return sum(map(_words, value), Counter[str]())
    return Counter(_runs(str(value)))


def _runs(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _reason(path: str, difference: Difference) -> str:
    if difference.kind is DifferenceKind.ORDER:
        what = f"change what is created before {pointer.split(difference.place)[1]}"
    elif difference.kind is DifferenceKind.CHANGED:
        what = f"change {difference.place} from {_shown(difference.old)} to {_shown(difference.new)}"
    else:
        what = f"{'add' if difference.kind is DifferenceKind.ADDED else 'remove'} {difference.place}"
    when = f" where {difference.scenario}" if difference.scenario else ""
    return f"the patch would also {what} in {path}{when}, which is not part of this repair"


def _shown(value: Json) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
