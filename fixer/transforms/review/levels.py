"""At which level of a template two fragments meet: they may begin at different levels, one inside the other. Pure.

A review often shows a property as faulty and the whole resource as corrected, or the other way round.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from fixer.document.pattern import GAP, REST, Pattern
from fixer.pointer import join, split
from fixer.transforms.review.kinds import rooted
from fixer.transforms.review.merging import Refused


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two fragments that begin at the same place of a template."""

    place: str
    faulty: Pattern
    corrected: Pattern
    others: dict[str, Pattern] = field(default_factory=dict)
    """Sections of the template that the corrected fragment shows besides."""


def meeting(place: str, faulty: Pattern, corrected: Pattern) -> Meeting:
    """The fragments, brought to one level; `place` is where the faulty one stands. Raises Refused if they do not
    meet.
    """
    tokens = split(place)
    if len(tokens) > 1 and isinstance(corrected, dict) and isinstance(faulty, dict):
        # A property beside the new parameter or resource that it uses: each belongs to its own level.
        strangers = {key: value for key, value in corrected.items() if key not in faulty and rooted({key: value})}
        whole = rooted(strangers)
        if whole and any(key in corrected for key in faulty if key != REST):
            own = {key: value for key, value in corrected.items() if key not in strangers}
            return replace(meeting(place, faulty, own), others=whole)
    if isinstance(faulty, list) and isinstance(corrected, list):
        return Meeting(place, opened(faulty), opened(corrected))
    if not isinstance(corrected, dict):
        raise Refused("the corrected fragment shows a list and the faulty one does not: show both in the same form")
    around = opened(faulty) if isinstance(faulty, list) else faulty
    for level in range(len(tokens), -1, -1):
        # The faulty fragment with the keys around it that the template has.
        if isinstance(around, dict) and _shares(around, corrected) and _belongs(level, around, corrected):
            return _routed(Meeting(join(*tokens[:level]), around, corrected))
        if level and not tokens[level - 1].isdigit():
            around = {tokens[level - 1]: around}
        elif level:
            break
    if isinstance(faulty, dict):
        return _below(place, faulty, corrected)
    raise Refused("the corrected fragment does not show the key under which the faulty list stands: show it")


def opened(items: list[Pattern]) -> list[Pattern]:
    """The items of a list that the fragment does not show as a whole."""
    return [GAP, *items, GAP]


def _shares(one: Mapping[str, Pattern], other: Mapping[str, Pattern]) -> bool:
    return any(key in other for key in one if key != REST)


def _belongs(level: int, faulty: Mapping[str, Pattern], corrected: Mapping[str, Pattern]) -> bool:
    """Whether the corrected fragment may begin at this level: sections do so at the top only."""
    return level == 0 or rooted(corrected) is None or rooted(faulty) is not None or level == 1


def _below(place: str, faulty: dict[str, Pattern], corrected: dict[str, Pattern]) -> Meeting:
    """The only part of the faulty fragment that has keys of the corrected one; else the whole, if both are of a
    kind.
    """
    found = [(path, part) for path, part in _parts(faulty, "") if path and _shares(part, corrected)]
    if len(found) == 1:
        path, part = found[0]
        return Meeting(place + path, part, corrected)
    if found:
        raise Refused(
            "the corrected fragment may belong to several parts of the faulty one: show both from the same key"
        )
    if len(split(place)) <= 1:
        return _at_top(place, faulty, corrected)
    if rooted(corrected) is None and len(faulty) == 1 and len(corrected) == 1:
        return Meeting(place, faulty, corrected)
    raise Refused("the two fragments have no key in common: show the change in both under the same key")


def _parts(pattern: Pattern, path: str) -> Iterator[tuple[str, dict[str, Pattern]]]:
    """The mappings in a fragment, without those in lists, of which there may be several alike."""
    if isinstance(pattern, dict):
        yield path, pattern
        for key, value in pattern.items():
            yield from _parts(value, path + join(key))


def _routed(found: Meeting) -> Meeting:
    """The same at the top of the template if the fragments are entries, each in its own section."""
    if len(split(found.place)) != 1 or not isinstance(found.faulty, dict) or not isinstance(found.corrected, dict):
        return found
    [section] = split(found.place)
    known = {name: value for name, value in found.corrected.items() if name in found.faulty or name == REST}
    others = {name: value for name, value in found.corrected.items() if name not in known}
    routed = rooted(others)
    if routed is None:
        if section in ("Resources", "Parameters"):
            raise Refused(
                "the corrected fragment shows entries and properties beside each other: show each in its entry"
            )
        routed = {section: others}
    own = routed.pop(section, {})
    return Meeting(
        "", {section: found.faulty}, {section: {**known, **(own if isinstance(own, dict) else {})}, **routed}
    )


def _at_top(place: str, faulty: dict[str, Pattern], corrected: dict[str, Pattern]) -> Meeting:
    """Entries that the corrected fragment does not have any more, or under other names."""
    whole = rooted(corrected)
    if whole is None:
        raise Refused("the two fragments have no key in common: show the change in both under the same key")
    return Meeting("", {split(place)[0]: faulty} if place else faulty, whole)
