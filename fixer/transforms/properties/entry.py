"""One line of the table of property repairs: what must be true of a property, which controls ask for it, what it costs.

The table is data (`table.toml`). This module turns its text into values and rejects what the engine cannot use.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from fixer.errors import BadConfig
from fixer.model import Json, Tier

PACKS = ("security", "resilience", "operations")
"""The packs, in the order in which they are listed."""

REQUESTED = "requested"
"""In the place of a pack: the repair runs only if its id or a control that it answers is named."""

JUDGES = ("checkov", "trivy", "guard", "nag", "fsbp", "cis")
"""The tools and standards whose controls an entry answers: Checkov, Trivy, rules in AWS's Guard language, cfn_nag,
Security Hub's Foundational Security Best Practices, and the CIS AWS Foundations Benchmark 3.0.0 (CIS-3.1).
"""


@dataclass(frozen=True)
class Entry:
    """A property repair.

    `types` are resource types; `at` is a pointer below Properties. Its tokens: a key; `KEY?`, a key that must exist;
    `*`, every item of a list; `0`, the first item; `[Key=X]`, the item of a list whose Key is X; `A|B`, each of these
    keys that exists.

    `set` is the wanted value, or `use` names a resource that the value must refer to; or with `remove`, the property
    must not be there. The value satisfies the control
    if it equals `set`, is one of `ok` (shell patterns), is at least `least`, contains all items of `set` (`includes`),
    or is there at all (`exists`); with `bad`, if it matches none of these patterns. `absent_ok`: so does no value.
    `also` are other pointers of the same resource that the patch sets with it.

    `when`: the entry applies only if the value at each pointer matches one of the patterns ("" matches no value);
    `unless`: it does not apply if one does; `refuse` (pointer, patterns, reason): it applies, but the value is not
    changed. The pointer `policy:public` means a bucket policy that admits everybody. `grant` is a permission that the
    role of the resource needs. `controls` maps a judge to its ids.
    """

    id: str
    types: tuple[str, ...]
    at: str
    title: str
    why: str
    pack: str
    set: Json = None
    use: str = ""
    ok: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    least: int | None = None
    remove: bool = False
    includes: bool = False
    exists: bool = False
    absent_ok: bool = False
    also: Mapping[str, Json] = field(default_factory=dict)
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refuse: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    grant: str = ""
    tier: Tier = Tier.REVIEW
    undeployed: Tier | None = None
    cost: str = ""
    note: str = ""
    controls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all controls that it answers."""
        return tuple(each for judge in JUDGES for each in self.controls.get(judge, ()))


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All entries, in the order of the table. Raises BadConfig for an entry that the engine cannot use."""
    text = resources.files(__package__).joinpath("table.toml").read_text("utf-8")
    found = tuple(entry_of(each) for each in tomllib.loads(text)["repair"])
    ids = [each.id for each in found]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise BadConfig(f"the table has two entries {twice[0]}")
    return found


def entry_of(table: Mapping[str, Any]) -> Entry:
    """The entry in one table of the file. Raises BadConfig for a key or a value that does not fit."""
    given = dict(table)
    where = f"entry {given.get('id', '?')} of the table of property repairs"
    if missing := {"id", "type", "at", "title", "why", "pack"} - set(given):
        raise BadConfig(f"{where} has no {sorted(missing)[0]}")
    kinds = given.pop("type")
    values: dict[str, Any] = {
        "types": tuple([kinds] if isinstance(kinds, str) else kinds),
        "controls": {judge: tuple(given.pop(judge)) for judge in JUDGES if judge in given},
    }
    for name, value in given.items():
        if name not in _READERS:
            raise BadConfig(f"{where} has the unknown key {name}")
        values[name] = _READERS[name](value)
    entry = Entry(**values)
    if reason := _unusable(entry):
        raise BadConfig(f"{where} {reason}")
    return entry


def _unusable(entry: Entry) -> str:
    if entry.pack not in (*PACKS, REQUESTED):
        return f"has the pack {entry.pack}: use {', '.join(PACKS)} or {REQUESTED}"
    if [entry.set is not None, bool(entry.use), entry.remove].count(True) != 1:
        return "must have one of set, use and remove"
    if not entry.at.startswith("/"):
        return "has a pointer that does not start with /"
    for token in entry.at.split("/"):
        if token.startswith("[") and not (token.endswith("]") and token[1:].partition("=")[1]):
            return f"has the token {token}: write [Key=VALUE]"
    if entry.tier is Tier.NEEDS_VALUE:
        return "cannot declare the tier needs-value"
    return ""


def _patterns(value: Any) -> dict[str, tuple[str, ...]]:
    return {place: tuple([each] if isinstance(each, str) else each) for place, each in value.items()}


def _refusals(value: Any) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    return tuple((each["at"], tuple(each["is"]), each["reason"]) for each in value)


_READERS: dict[str, Any] = {
    **dict.fromkeys(("id", "at", "title", "why", "pack", "use", "grant", "cost", "note"), str),
    **dict.fromkeys(("remove", "includes", "exists", "absent_ok"), bool),
    **dict.fromkeys(("ok", "bad"), tuple),
    **dict.fromkeys(("when", "unless"), _patterns),
    **dict.fromkeys(("tier", "undeployed"), Tier),
    "refuse": _refusals,
    "least": int,
    "also": dict,
    "set": lambda value: value,
}
