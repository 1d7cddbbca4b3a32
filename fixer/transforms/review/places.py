"""The places of templates that hold a fragment and, if there are none, the place that comes closest. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.template import Template
from fixer.document.pattern import GAP, REST, Pattern
from fixer.model import Json
from fixer.pointer import split
from fixer.transforms.review.kinds import rooted
from fixer.transforms.review.levels import opened
from fixer.transforms.review.matching import Mismatch, alignments, fits, mismatches

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a template that holds a fragment, and the fragment in the form that it has there."""

    template: Template
    pointer: str
    fragment: Pattern

    @property
    def kind(self) -> tuple[str, ...]:
        """What makes two places alike: the resource type or the section, and the keys below it, without indices."""
        tokens = split(self.pointer)
        resource = self.template.resources.get(tokens[1]) if len(tokens) > 1 and tokens[0] == "Resources" else None
        head = resource.type if resource else tokens[0] if tokens else ""
        return (head, *(("*" if token.isdigit() else token) for token in tokens[2:]))

    @property
    def entry(self) -> str:
        """The logical id around it; "" for a place above the entries."""
        tokens = split(self.pointer)
        return tokens[1] if len(tokens) > 1 else ""


def places(fragment: Pattern, templates: Iterable[Template]) -> list[Place]:
    """Every place where the fragment stands, template by template, in the order of the text."""
    found: list[Place] = []
    for template in templates:
        here = [Place(template, place, fragment) for place in _standing(fragment, template.data)]
        if not here and isinstance(fragment, dict) and (whole := rooted(fragment)) and fits(whole, template.data):
            here = [Place(template, "", whole)]
        found += here
    return found


def _standing(fragment: Pattern, data: Json) -> Iterator[str]:
    if isinstance(fragment, list):
        shown = opened(fragment)
        for place, value in pointer.walk(data):
            if isinstance(value, list) and _name(place) != "Fn::GetAtt" and alignments(shown, value, _name(place)):
                yield place
    elif isinstance(fragment, dict):
        keys = [key for key in fragment if key != REST]
        for place, value in pointer.walk(data):
            if isinstance(value, dict) and keys and all(key in value for key in keys) and fits(fragment, value):
                yield place


def _name(place: str) -> str:
    tokens = split(place)
    return tokens[-1] if tokens else ""


@dataclass(frozen=True, slots=True)
class Closest:
    """The place that holds most of what a fragment shows, and the first thing that differs there."""

    template: Template
    pointer: str
    mismatch: Mismatch

    def __str__(self) -> str:
        each = self.mismatch
        where = f"{self.template.path} {each.place or '/'}"
        if each.is_missing:
            return (
                f"it is closest to {self.pointer or '/'}, but {where} is absent; the review shows {shown(each.shown)}"
            )
        return (
            f"it is closest to {self.pointer or '/'}, but at {where} the review shows {shown(each.shown)} and the "
            f"template has {shown(each.actual)}"
        )


def closest(fragment: Pattern, templates: Iterable[Template]) -> Closest | None:
    """The place with most of the fragment's keys and the fewest differences; None if no place has any of its keys."""
    best: tuple[tuple[int, int], Closest] | None = None
    for template in templates:
        for place, value in pointer.walk(template.data):
            score = _score(fragment, value)
            if score is None or (best and score <= best[0]):
                continue
            shape = opened(fragment) if isinstance(fragment, list) else fragment
            difference = next(mismatches(shape, value, place, _name(place)), None)
            if difference is not None:
                best = score, Closest(template, place, difference)
    return best[1] if best else None


def _score(fragment: Pattern, value: Json) -> tuple[int, int] | None:
    """How much of a fragment a value holds; None if it is of another form or shares no key."""
    if isinstance(fragment, dict) and isinstance(value, dict):
        shared = [key for key in fragment if key in value and key != REST]
        if shared:
            return sum(_leaves(fragment[key], value[key]) for key in shared), len(shared)
    if isinstance(fragment, list) and isinstance(value, list):
        held = sum(any(fits(item, each) for each in value) for item in fragment if item is not GAP)
        return (held, held) if held else None
    return None


def _leaves(fragment: Pattern, value: Json) -> int:
    """The number of scalars of the fragment that the value holds at the same place."""
    if isinstance(fragment, dict) and isinstance(value, dict):
        return sum(_leaves(each, value[key]) for key, each in fragment.items() if key in value)
    if isinstance(fragment, list) and isinstance(value, list):
        return sum(_leaves(*pair) for pair in zip(fragment, value, strict=False))
    return int(fragment is not GAP and fits(fragment, value))


def shown(value: object) -> str:
    """A value of a fragment or a template in a message."""
    text = json.dumps(value, default=lambda gap: gap.value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def narrowed(found: Sequence[Place], words: str) -> list[Place]:
    """The places in the templates, and then in the entries, that a text names, if it names some of them."""
    kept = [each for each in found if names(words, each.template.path.rpartition("/")[2])] or list(found)
    named = [each for each in kept if each.entry and names(words, each.entry)]
    return named or kept


def names(text: str, name: str) -> bool:
    """Whether a text contains a name as a whole word: "WebBucket" is not named by "WebBucketPolicy"."""
    start = text.find(name) if name else -1
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(name) : start + len(name) + 1]
        if not (before.isalnum() or before == "_") and not (after.isalnum() or after == "_"):
            return True
        start = text.find(name, start + 1)
    return False
