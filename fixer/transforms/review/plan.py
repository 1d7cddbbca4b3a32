"""What the fragments of a failure list mean for templates: for each pair its places, and what to write there. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fixer import pointer
from fixer.cloudformation.template import Template
from fixer.document import fragment
from fixer.document.pattern import Pattern
from fixer.model import Json, Op
from fixer.model.failures import About, Failure, Fragment, Pair
from fixer.pointer import split
from fixer.transforms.review.kinds import rooted, with_properties
from fixer.transforms.review.levels import Meeting, meeting
from fixer.transforms.review.merging import Merge, Refused
from fixer.transforms.review.operations import leading
from fixer.transforms.review.places import Place, closest, narrowed, places, shown
from fixer.transforms.review.whole import with_addition, with_correction

_MOST_PLACES = 25


@dataclass(frozen=True, slots=True)
class Repair:
    """What a pair of fragments makes of one template: the operations, or the reason why there are none.

    `place` is where the faulty fragment stands, `count` at how many places the same pair applies, and `unseen` says
    what is overwritten although only the corrected fragment shows that place.
    """

    path: str
    place: str
    ops: tuple[Op, ...] = ()
    reason: str = ""
    count: int = 1
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """A pair of fragments in templates. Without repairs the failure is absent if `is_absent`, else unknown
    (`reason`).
    """

    failure: Failure
    number: int
    repairs: tuple[Repair, ...] = ()
    is_absent: bool = False
    reason: str = ""


def examined(failures: Sequence[Failure], templates: Sequence[Template]) -> tuple[Examined, ...]:
    """Every pair of fragments of the failures, in their order."""
    return _examined(tuple(failures), tuple(templates))


@lru_cache(maxsize=16)
def _examined(failures: tuple[Failure, ...], templates: tuple[Template, ...]) -> tuple[Examined, ...]:
    return tuple(each for failure in failures for each in _of_failure(failure, templates))


def _of_failure(failure: Failure, templates: tuple[Template, ...]) -> Iterator[Examined]:
    number = 0
    for pair in failure.pairs if failure.about is About.TEMPLATE else ():
        for faulty, corrected, reason in _patterns(pair):
            number += 1
            if reason:
                yield Examined(failure, number, reason=reason)
            else:
                yield _of_patterns(failure, number, pair, faulty, corrected, templates)


def _patterns(pair: Pair) -> Iterator[tuple[Pattern, Pattern, str]]:
    """The patterns of a pair, one for each state that a fragment with repeated keys shows."""
    faulty, corrected = (_read(each) for each in (pair.faulty, pair.corrected))
    if pair.corrected is None:
        yield None, None, "the review shows the fault but not its correction: show the corrected fragment too"
    elif reason := corrected.reason or (faulty.reason if pair.faulty else ""):
        yield None, None, reason
    elif pair.faulty is None:
        yield from ((None, each, "") for each in corrected.patterns)
    elif len(faulty.patterns) != len(corrected.patterns):
        yield None, None, "one fragment shows more states than the other: show each state separately"
    else:
        yield from ((*both, "") for both in zip(faulty.patterns, corrected.patterns, strict=True))


def _read(shown: Fragment | None) -> fragment.Reading:
    return _reading(shown.text) if shown else fragment.Reading()


@lru_cache(maxsize=1024)
def _reading(text: str) -> fragment.Reading:
    return fragment.read(text)


def count_of(failure: Failure) -> int:
    """The number of changes that the fragments of a failure show; each has a number from 1."""
    return sum(1 for pair in failure.pairs for _ in _patterns(pair))


def _of_patterns(
    failure: Failure,
    number: int,
    pair: Pair,
    faulty: Pattern,
    corrected: Pattern,
    templates: tuple[Template, ...],
) -> Examined:
    words = _words(failure, pair)
    templates = _named(pair, templates)
    if pair.faulty is None:
        return _addition(failure, number, corrected, templates, words)
    found = narrowed(places(faulty, templates), words)
    if not found and (deeper := _deeper(faulty, templates)):
        found, corrected = narrowed(places(deeper, templates), words), _deeper(corrected, templates) or corrected
    found = _within(found, corrected)
    if not found:
        return _nowhere(failure, number, faulty, corrected, templates)
    if reason := _guess(found):
        return Examined(failure, number, reason=reason)
    repairs = [_repair(each, corrected, len(found)) for each in found]
    left = tuple(each for each in repairs if each.ops or each.reason)
    return Examined(failure, number, left, is_absent=not left)


def _named(pair: Pair, templates: tuple[Template, ...]) -> tuple[Template, ...]:
    """The templates that the pair is about: all, unless the document says in which one its fragments stand."""
    said = {shown.path for shown in (pair.faulty, pair.corrected) if shown and shown.path}
    own = tuple(each for each in templates if any(_is_path(each.path, path) for path in said))
    return own if said else templates


def _is_path(path: str, said: str) -> bool:
    return path == said or path.endswith("/" + said) or said.endswith("/" + path)


def _deeper(shown: Pattern, templates: Iterable[Template]) -> Pattern:
    """The fragment with the properties in their Properties, if it leaves out that key; else None."""
    resources = {name: None for template in templates for name in template.resources}
    return with_properties(shown, resources) if isinstance(shown, dict) else None


def _within(found: list[Place], corrected: Pattern) -> list[Place]:
    """The places in the entries that the corrected fragment shows, if it shows some of them."""
    whole = rooted(corrected) if isinstance(corrected, dict) else None
    shown_ids = {name for section in (whole or {}).values() if isinstance(section, dict) for name in section}
    return [each for each in found if each.entry in shown_ids] or found


def _words(failure: Failure, pair: Pair) -> str:
    """What the list says in words, which may name the entry or the file that is meant. Names in code are used there."""
    from fixer.inputs.failure_list import prose

    labels = [shown.label for shown in (pair.faulty, pair.corrected) if shown]
    return "\n".join([failure.title, prose(failure.body), *labels])


def _guess(found: Sequence[Place]) -> str:
    """Why the fragment does not say which place it means; "" if it does. Places of one kind are all meant, but not
    several items of one list.
    """
    kinds = {each.kind for each in found}
    lists = [(each.template.path, re.sub(r"/\d+(?=/|$)", "/*", each.pointer)) for each in found]
    if len(set(lists)) < len(lists):
        return (
            f"the faulty fragment occurs in several items of a list, such as {_where(found[0])}: show more of the item "
            "that changes"
        )
    if len(kinds) > 1 or len(found) > _MOST_PLACES:
        first, other = found[0], next((each for each in found if each.kind != found[0].kind), found[-1])
        return (
            f"the faulty fragment occurs at {len(found)} places, such as {_where(first)} and {_where(other)}: "
            "show the logical id around it"
        )
    return ""


def _where(place: Place) -> str:
    return f"{place.template.path} {place.pointer or '/'}"


def _nowhere(
    failure: Failure, number: int, faulty: Pattern, corrected: Pattern, templates: tuple[Template, ...]
) -> Examined:
    """The corrected fragment may be there already; else the reason names what comes closest to the faulty one."""
    if places(corrected, templates):
        return Examined(failure, number, is_absent=True)
    near = closest(faulty, templates)
    said = f": {near}" if near else ": no place of the templates has its keys"
    return Examined(failure, number, reason=f"the faulty fragment is not in the templates{said}")


def _repair(place: Place, corrected: Pattern, count: int) -> Repair:
    template, merge = place.template, Merge(replaces=True)
    try:
        ops = _operations(place, meeting(place.pointer, place.fragment, corrected), merge)
    except Refused as refusal:
        return Repair(template.path, place.pointer, reason=str(refusal), count=count)
    return Repair(
        template.path, _common(ops) or place.pointer, tuple(ops), count=count, unseen=tuple(map(_said, merge.unseen))
    )


def _operations(place: Place, found: Meeting, merge: Merge) -> list[Op]:
    template = place.template
    if not found.place:
        return with_correction(template, found.faulty, found.corrected, merge)
    old: Json = pointer.get(template.data, found.place)
    new = merge.merged(old, found.faulty, found.corrected, found.place, _name(found.place))
    return [*leading(old, new, found.place), *with_correction(template, {}, found.others, merge)]


def _said(unseen: tuple[str, Json]) -> str:
    place, value = unseen
    return f"{place} was {shown(value)}, which the faulty fragment does not show"


def _addition(
    failure: Failure, number: int, corrected: Pattern, templates: tuple[Template, ...], words: str
) -> Examined:
    try:
        template, ops = with_addition(corrected, templates, words)
    except Refused as refusal:
        return Examined(failure, number, reason=str(refusal))
    if not ops:
        return Examined(failure, number, is_absent=True)
    return Examined(failure, number, (Repair(template.path, _common(ops), tuple(ops)),))


def _name(place: str) -> str:
    return split(place)[-1]


def _common(ops: Iterable[Op]) -> str:
    """The deepest place around all that the operations write."""
    written = [split(str(op["path"])) for op in ops if op["op"] != "test"]
    written += [split(str(op["from"])) for op in ops if "from" in op]
    if not written:
        return ""
    around = written[0][:-1]
    for tokens in written[1:]:
        length = next((at for at, pair in enumerate(zip(around, tokens, strict=False)) if pair[0] != pair[1]), None)
        around = around[: len(tokens) - 1] if length is None else around[:length]
    single = len(written) == 1 and ops and _replaces(ops)
    return pointer.join(*(written[0] if single else around))


def _replaces(ops: Iterable[Op]) -> bool:
    return all(op["op"] in ("test", "replace", "remove") for op in ops)
