"""Names that another name may be meant to be, by how people misspell and shorten names. Pure."""

import re
from collections.abc import Callable, Iterable
from enum import IntEnum

from fixer.cloudformation.intrinsics import words

_GENERIC = {"arn", "group", "id", "ids", "identifier", "key", "name", "parameter", "param", "ref", "resource", "value"}
"""Words at the end of a name that say what kind of value it is, and not what it is about."""

# Words that say that the thing is wrong or does not exist, as letters: matches "broken", "nonexistent" and
# "doesnotexist2". Must not match "old", "error", "2" or "backup", which tell apart two things that exist.
_DENIAL = re.compile(
    r"(?:(?:non?|not|doesnt|doesnot|un)?exist(?:s|ent|ing)?|undefined|undeclared|missing|notfound|invalid|broken"
    r"|wrong|incorrect|bogus|nope|typo|misspell?ed|x{3,}|xyz)+\d*"
)


class Nearness(IntEnum):
    """How two names differ, nearest first."""

    SPELLING = 1
    """Only in capitals, spaces, hyphens and underscores."""
    TYPING = 2
    """In one letter or two, or in a plural."""
    DENIED = 3
    """The name is the other one with words that say that it is wrong or does not exist, such as Broken."""
    PART = 4
    """One is the beginning or the end of the other, or its words are cut short: something is missing."""


def near(name: str, known: Iterable[str]) -> dict[Nearness, list[str]]:
    """The known names that are near to a name, by how near they are; the name itself is not among them."""
    found: dict[Nearness, list[str]] = {}
    for each in dict.fromkeys(known):
        nearness = how_near(name, each) if each != name else None
        if nearness is not None:
            found.setdefault(nearness, []).append(each)
    return found


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names that differ from a name only by how people misspell names, the nearest ones only: one is certain,
    several are not. Names of which a part is missing are not among them.
    """
    found = near(name, known)
    return next((found[each] for each in (Nearness.SPELLING, Nearness.TYPING, Nearness.DENIED) if each in found), [])


def how_near(name: str, other: str) -> Nearness | None:
    """How near two names are; None if they are not."""
    tests: tuple[tuple[Nearness, Callable[[str, str], bool]], ...] = (
        (Nearness.SPELLING, _is_same),
        (Nearness.TYPING, _is_misspelled),
        (Nearness.DENIED, _is_denied),
        (Nearness.PART, _is_part),
    )
    return next((nearness for nearness, test in tests if test(name, other)), None)


def differs_by_kind_only(name: str, other: str) -> bool:
    """Whether one name is the other with a word such as Id, Name or Parameter at its end."""
    shorter, longer = sorted((words(name), words(other)), key=len)
    return longer[: len(shorter)] == shorter and set(longer[len(shorter) :]) <= _GENERIC


def letters(name: str) -> str:
    """The lower-case letters and digits of a name: "Order-Topic" and "orderTopic" are both "ordertopic"."""
    return re.sub("[^a-z0-9]", "", name.lower())


def _is_same(name: str, other: str) -> bool:
    return letters(name) == letters(other)


def _is_misspelled(name: str, other: str) -> bool:
    """Whether one word of the names is misspelled. Numbers and short words must be equal: they tell apart SubnetA and
    SubnetB, or Zone1 and Zone2.
    """
    first, second = letters(name), letters(other)
    if re.sub(r"\D", "", first) != re.sub(r"\D", "", second):
        return False
    mine, theirs = words(name), words(other)
    if min(len(first), len(second)) > 2 and {first, second} in ({first, f"{first}s"}, {second, f"{second}s"}):
        return True
    if len(mine) == len(theirs):
        different = [pair for pair in zip(mine, theirs, strict=True) if pair[0] != pair[1]]
        return len(different) == 1 and _is_slip(*different[0])
    return _is_slip(first, second) and distance(first, second) == 1 and min(len(first), len(second)) > 7


def _is_denied(name: str, other: str) -> bool:
    """Whether the name is the other one with a word such as Broken or NonExistent before or behind it."""
    long, short = letters(name), letters(other)
    if len(short) < 2 or len(long) <= len(short):
        return False
    rest = [long[len(short) :]] if long.startswith(short) else []
    rest += [long[: -len(short)]] if long.endswith(short) else []
    return any(_DENIAL.fullmatch(each) for each in rest)


def _is_slip(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if len(short) > 1 and long in (f"{short}s", f"{short}es", f"{short[:-1]}ies" if short[-1] == "y" else ""):
        return True
    if len(short) == 3 and len(long) == 4:
        return short[0] == long[0] and short[-1] == long[-1] and distance(word, other) == 1  # As nae and name.
    if len(short) < 4 or _is_negated(short, long):
        return False
    how_far = distance(word, other)
    is_swap = sorted(word) == sorted(other)
    if how_far == 1:
        return is_swap or len(long) > 4
    return how_far == 2 and len(short) > 7 and short[:2] == long[:2]


def _is_negated(short: str, long: str) -> bool:
    # A size is another one with an x: large and xlarge.
    return long in (f"un{short}", f"in{short}", f"de{short}", f"a{short}", f"x{short}")


def _is_part(name: str, other: str) -> bool:
    """Whether the words of one name begin or end the other, or the letters of one, cut off, begin the other."""
    mine, theirs = sorted((words(name), words(other)), key=len)
    if not mine or len("".join(mine)) < 3:
        return False
    if len(mine) < len(theirs) and mine in (theirs[: len(mine)], theirs[-len(mine) :]):
        return True
    if len(mine) == len(theirs) and all(_is_abbreviated(*pair) for pair in zip(mine, theirs, strict=True)):
        return True
    short, long = sorted((letters(name), letters(other)), key=len)
    return len(short) > 2 and long.startswith(short)


def _is_abbreviated(word: str, other: str) -> bool:
    """Whether the words are equal or one is the other cut short, as app and application."""
    short, long = sorted((word, other), key=len)
    return short == long or (len(short) > 2 and long.startswith(short))


def distance(one: str, other: str) -> int:
    """The number of letters to add, remove, replace or swap with their neighbour (optimal string alignment)."""
    if abs(len(one) - len(other)) > 2:
        return abs(len(one) - len(other))
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, second in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != second))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == second:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
