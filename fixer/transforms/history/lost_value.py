"""A value that the template had in an earlier commit, and that is missing or broken now.

Why it fails:
CloudFormation rejects a template in which a required property, a parameter, a resource or a value is missing or broken.
Only the author knows the value, but the history of the file often still has it.

What the fix does:
For an error that no other transform repairs, it reads the last 50 versions of the file in the current branch of its git
repository. It restores what is missing, or what has changed, from the newest version in which that place was whole: a
property, an entry with the entries that it names, a value, the name of a property. The note of the patch names the
commit. It restores only the place of the error, and only if everything around it is as it was. `--no-git` turns this
off.

What to review:
Check that the value of the earlier commit is still right.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, LintMatch, Op, Patch, Tier
from fixer.model.versions import Version
from fixer.transforms.transform import Told, Transform

# Matches "'Code' is a required property". Must not match "'A' is a dependency of 'B'".
_REQUIRED = re.compile(r"'(\w+)' is a required property")
# Matches "'Bucket' is not one of [...]" and "'Bucket' does not match". Must not match "None is not of type 'object'".
_NAME = re.compile(
    r"'([^'.]+)[^']*' (?:is not one of|does not match|does not exist)|\b(?:resource|parameter) '?(\w+)'?"
)
_SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources")


@dataclass(frozen=True)
class _Lost:
    """What a version has and the template has not: the place of the finding, what to write, and the entries that it
    concerns.
    """

    place: str
    what: str
    ops: tuple[Op, ...]
    entries: tuple[str, ...]
    version: Version


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each error whose place was whole in an earlier version."""
    places = set()
    for match in ctx.matches.get(template.path, ()):
        lost = _lost(template, match, ctx)
        if lost is not None and (lost.place, lost.what) not in places:
            places.add((lost.place, lost.what))
            yield ctx.finding(template, lost.place, lost.what, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Restores the value."""
    lost = _lost(template, finding.match, ctx) if finding.match else None
    if lost is None:
        return Patch.none("no earlier version of the file has it")
    note = f"The value is that of commit {lost.version.commit[:12]} of {lost.version.day}."
    is_declared = any(pointer.split(entry)[0] != "Resources" for entry in lost.entries)
    changes = ("?", "$", "~/*", *lost.entries, *(("/*",) if is_declared else ()))
    return Patch.of(template.path, lost.ops, Tier.REVIEW, (note,), changes=changes)


def _lost(template: Template, match: LintMatch, ctx: Context) -> _Lost | None:
    place = _existing(template, pointer.join(*match.path))
    for version in ctx.earlier(template.path):
        if not isinstance(version.data, dict) or not _has_same_type(template, place, version):
            continue
        found = (
            _missing_key(template, match, place, version)
            or _missing_entry(template, match, place, version)
            or _other_key(template, place, version)
            or _other_value(template, place, version)
        )
        if found is not None:
            return found
    return None


def _existing(template: Template, place: str) -> str:
    while place and not pointer.exists(template.data, place):
        place = pointer.parent(place)
    return place


def _missing_key(template: Template, match: LintMatch, place: str, version: Version) -> _Lost | None:
    """A key that cfn-lint reports as missing."""
    found = _REQUIRED.match(match.message)
    here, there = _both(template, place, version)
    if not found or not isinstance(here, dict) or not isinstance(there, dict) or there.get(found[1]) is None:
        return None
    name = found[1]
    if name in here or not _is_same_thing(place, here, there):
        return None
    return _restored(template, f"{place}/{name}", there[name], f"{_title(place)} has lost {name}", place, version)


def _missing_entry(template: Template, match: LintMatch, place: str, version: Version) -> _Lost | None:
    """A parameter, resource, mapping or condition that an error names and that is no longer declared."""
    found = _NAME.search(match.message)
    name = (found[1] or found[2]) if found else ""
    old = mapping(version.data)
    section = next((each for each in _SECTIONS if name in mapping(old.get(each))), None)
    if section is None or any(name in template.section(each) for each in _SECTIONS) or not place:
        return None
    body = mapping(old[section])[name]
    return _restored(template, pointer.join(section, name), body, f"{name} is no longer declared", place, version)


def _other_key(template: Template, place: str, version: Version) -> _Lost | None:
    """A key that has another name now, with the same value."""
    if len(pointer.split(place)) < 3:
        return None
    parent, name = pointer.parent(place), pointer.split(place)[-1]
    here, there = _both(template, parent, version)
    if not isinstance(here, dict) or not isinstance(there, dict) or name in there:
        return None
    gone = [key for key in there if key not in here]
    if here.keys() - there.keys() != {name} or len(gone) != 1 or here[name] != there[gone[0]]:
        return None
    ops = tuple(pointer.move(place, pointer.sibling(place, gone[0]), here[name]))
    return _Lost(place, f"{name} was {gone[0]}", ops, (_entry(place),), version)


def _other_value(template: Template, place: str, version: Version) -> _Lost | None:
    """A value that was another one, in the same surroundings."""
    if len(pointer.split(place)) < 3:
        return None
    here, there = _both(template, place, version)
    outer, before = _both(template, pointer.parent(place), version)
    if there is None or here == there or not _is_same_thing(pointer.parent(place), outer, before, place):
        return None
    return _restored(template, place, there, f"{_title(place)} was another value", place, version, here)


def _both(template: Template, place: str, version: Version) -> tuple[Json, Json]:
    """The values at a place now and in the version; None where there is none."""
    if not pointer.exists(version.data, place):
        return pointer.get(template.data, place), None
    return pointer.get(template.data, place), pointer.get(version.data, place)


def _has_same_type(template: Template, place: str, version: Version) -> bool:
    """Whether the resource around a place has the type that it had, or has no known type now."""
    tokens = pointer.split(place)
    if tokens[:1] != ("Resources",) or len(tokens) < 3 or tokens[2] == "Type":
        return True
    now, then = (mapping(mapping(mapping(data).get("Resources")).get(tokens[1])).get("Type")
                 for data in (template.data, version.data))  # fmt: skip
    return now == then


def _is_same_thing(place: str, here: Json, there: Json, changed: str = "") -> bool:
    """Whether a container now and then is the same one: a resource of the same type, and in lists an item that differs
    only by what is missing or broken.
    """
    tokens = pointer.split(place)
    if isinstance(here, list):
        return isinstance(there, list) and len(here) == len(there)
    if not isinstance(here, dict) or not isinstance(there, dict):
        return False
    if len(tokens) == 2:
        return here.get("Type", there.get("Type")) == there.get("Type") or changed.endswith("/Type")
    if any(token.isdigit() for token in tokens):
        own = pointer.split(changed)[-1:] or ("",)
        return all(there.get(key) == value for key, value in here.items() if key != own[0])
    return True


def _restored(
    template: Template, place: str, value: Json, what: str, at: str, version: Version, seen: Json = None
) -> _Lost:
    """Writes a value of a version, with the entries that it names and that are no longer declared."""
    ops = (
        pointer.replace(place, seen, value) if pointer.exists(template.data, place) else _added(template, place, value)
    )
    entries = [_entry(place)]
    for section, name, body in _named(template, place, value, version):
        ops += _added(template, pointer.join(section, name), body)
        entries.append(pointer.join(section, name))
    return _Lost(at, what, tuple(ops), tuple(entries), version)


def _added(template: Template, place: str, value: Json) -> list[Op]:
    section, *rest = pointer.split(place)
    if len(rest) == 1 and not template.section(section):
        return pointer.add(pointer.join(section), {rest[0]: value})
    return pointer.add(place, value)


def _named(template: Template, place: str, value: Json, version: Version) -> list[tuple[str, str, Json]]:
    """The entries (section, name, body) that a value names, also through others, and that only the version has."""
    old = mapping(version.data)
    known = {name for section in _SECTIONS for name in template.section(section)} | {*pointer.split(place)[1:2]}
    found: list[tuple[str, str, Json]] = []
    waiting = [value]
    while waiting:
        for name in _names(waiting.pop()):
            section = next((each for each in _SECTIONS if name in mapping(old.get(each))), None)
            if name not in known and section is not None:
                known.add(name)
                body = mapping(old[section])[name]
                found.append((section, name, body))
                waiting.append(body)
    return found


def _names(value: Json) -> list[str]:
    return [each.target for each in references_in({"Resources": {"X": {"Properties": {"X": value}}}})]


def _entry(place: str) -> str:
    return pointer.join(*pointer.split(place)[:2])


def _title(place: str) -> str:
    tokens = pointer.split(place)
    return "/".join(token for token in (*tokens[1:2], *tokens[2:]) if token != "Properties") or "the template"


TRANSFORM = Transform(
    id="lost-value",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    told_by=(
        Told(
            title=r"\bvalue of an earlier (?:commit|version)\b|\blost (?:since|in) (?:an earlier|the last) commit\b",
            example="The value of an earlier commit is gone",
            unlike="The commit of an earlier value is gone",
        ),
    ),
    rules=(
        *("E1001", "E1010", "E1015", "E1016", "E1017", "E1018", "E1019", "E1020", "E1021", "E1022", "E1024", "E1028"),
        *("E2001", "E2002", "E2015", "E3001", "E3002", "E3003", "E3005", "E3006", "E3012", "E3014", "E3015", "E3017"),
        *("E3021", "E3023", "E3030", "E3031", "E3033", "E3034", "E6001", "E6002", "E6004", "E6005", "E6101", "E7001"),
        *("E8001", "E8002", "E8003", "E8004", "E8005", "E8006"),
    ),
)
