"""What a review shows of a template as a whole: entries that come, go, or get another name. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from fixer import pointer
from fixer.authoring.renaming import rename, rename_refusal
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.name_uses import name_uses
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import SECTIONS_WITH_IDS, Template
from fixer.document.operations import resolve
from fixer.document.pattern import GAP, REST, Pattern
from fixer.model import Json, Op
from fixer.resolution.renaming import renamed
from fixer.transforms.review.kinds import is_section, rooted
from fixer.transforms.review.matching import fits
from fixer.transforms.review.merging import Merge, Refused, written
from fixer.transforms.review.operations import leading
from fixer.transforms.review.places import names

_TOP = (*SECTIONS_WITH_IDS, "Metadata", "Transform", "AWSTemplateFormatVersion", "Description")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html"""

_DROPPED_WITH_USE = ("Parameters", "Conditions", "Mappings")
"""Sections whose entries go when the corrected fragment shows neither them nor a use of them."""


def with_correction(template: Template, faulty: Pattern, corrected: Pattern, merge: Merge) -> list[Op]:
    """The operations that make of a template what the corrected fragment shows. Raises Refused."""
    if not isinstance(faulty, dict) or not isinstance(corrected, dict):
        raise Refused("the fragments show a template in different forms: show both as mappings")
    if stray := [name for name in corrected if name != REST and name not in _TOP]:
        raise Refused(
            f"the corrected fragment shows {stray[0]} beside the sections of a template: show it in its entry"
        )
    corrected = _with_used(faulty, corrected)
    ops: list[Op] = []
    for section, old, new in _renames(template, faulty, corrected):
        if reason := rename_refusal(template, section, old, new):
            raise Refused(f"{old} cannot become {new}: {reason}")
        own = rename(template, section, old, new)
        ops += own
        template = Template.of_data(template.path, resolve(template.data, own)[0])
        faulty = cast("dict[str, Pattern]", renamed(cast(Json, faulty), {old: new}))
    _check_names(template, corrected)
    return [*ops, *leading(template.data, _corrected(template, faulty, corrected, merge))]


def with_addition(corrected: Pattern, templates: Sequence[Template], words: str) -> tuple[Template, list[Op]]:
    """The template that an addition concerns, and its operations (none: it is there already). Raises Refused."""
    shown = rooted(corrected) if isinstance(corrected, dict) else None
    if shown is None:
        shown = _entries(corrected, templates)
    template = _addressed(shown, templates, words)
    if fits(shown, template.data):
        return template, []
    for section in SECTIONS_WITH_IDS:
        for name, value in _shown_entries(shown.get(section)):
            _check_complete(section, name, value, template)
    _check_names(template, shown)
    result: dict[str, Json] = dict(template.data)
    for section, value in shown.items():
        result[section] = _with_section(template, section, value, Merge())
    return template, leading(template.data, result)


def _with_section(template: Template, section: str, value: Pattern, merge: Merge) -> Json:
    """A section with what the fragment shows of it. An entry of another type is something else with the same name."""
    place = pointer.join(section)
    if section not in template.data:
        return written(value, place)
    for name, entry in _shown_entries(value):
        kinds = [mapping(template.section(section).get(name)).get("Type"), _type(entry)]
        if all(kinds) and kinds[0] != kinds[1]:
            raise Refused(
                f"{section} already has an entry {name} of the type {kinds[0]}: the review must show another name"
            )
    return merge.added(template.data[section], value, place, section)


def _type(entry: Pattern) -> str:
    """The type of a resource or a parameter; "" for an entry that shows none."""
    kind = entry.get("Type") if isinstance(entry, dict) else None
    return kind if isinstance(kind, str) else ""


def _corrected(template: Template, faulty: dict[str, Pattern], corrected: dict[str, Pattern], merge: Merge) -> Json:
    result: dict[str, Json] = dict(template.data)
    for section, value in corrected.items():
        if section in faulty and section in template.data:
            _check_common(section, faulty[section], value, template)
            place = pointer.join(section)
            result[section] = merge.merged(template.data[section], faulty[section], value, place, section)
        elif section != REST:
            result[section] = _with_section(template, section, value, merge)
    for section in _DROPPED_WITH_USE:
        if section in faulty and section not in corrected:
            _drop_unused(result, section, [name for name, _ in _shown_entries(faulty[section])], template)
    for section in SECTIONS_WITH_IDS:
        if result.get(section) == {} and template.data.get(section) and section != "Resources":
            del result[section]
    return result


def _drop_unused(result: dict[str, Json], section: str, shown: Sequence[str], template: Template) -> None:
    """Removes entries that the corrected fragment no longer uses and that nothing else uses either."""
    before = {use.name for use in name_uses(template)}
    after = {use.name for use in name_uses(Template.of_data(template.path, result))}
    gone = {name for name in shown if name in before and name not in after}
    result[section] = {name: entry for name, entry in mapping(result.get(section)).items() if name not in gone}


def _renames(
    template: Template, faulty: Mapping[str, Pattern], corrected: Mapping[str, Pattern]
) -> Iterator[tuple[str, str, str]]:
    """(section, old, new) for each entry that has another name in the corrected fragment, and the same type."""
    for section in ("Parameters", "Resources", "Mappings", "Conditions"):
        old, new = dict(_shown_entries(faulty.get(section))), dict(_shown_entries(corrected.get(section)))
        gone = [name for name in old if name not in new and name in template.section(section)]
        come = [name for name in new if name not in old and name not in template.section(section)]
        if section in corrected and len(gone) == len(come) == 1 and _same_type(old[gone[0]], new[come[0]]):
            yield section, gone[0], come[0]


def _same_type(one: Pattern, other: Pattern) -> bool:
    return isinstance(one, dict) and isinstance(other, dict) and _type(one) == _type(other)


def _shown_entries(section: Pattern) -> list[tuple[str, Pattern]]:
    if not isinstance(section, dict):
        return []
    return [(name, value) for name, value in section.items() if name != REST]


def _check_names(template: Template, corrected: Mapping[str, Pattern]) -> None:
    """Raises Refused if a new entry has the name of an entry of another section; outputs have names of their own."""
    for section in SECTIONS_WITH_IDS:
        for name, _ in _shown_entries(corrected.get(section)):
            if section in ("Outputs", "Rules") or name in template.section(section):
                continue
            taken = [each for each in SECTIONS_WITH_IDS[:4] if each != section and name in template.section(each)]
            if taken:
                raise Refused(f"{taken[0]} already has an entry {name}: the review must show another name")


def _check_common(section: str, faulty: Pattern, corrected: Pattern, template: Template) -> None:
    """Raises Refused if all entries are different: each fragment may show only a part. One that takes the place of
    another has its type.
    """
    old, new = dict(_shown_entries(faulty)), dict(_shown_entries(corrected))
    gone = [name for name in old if name not in new and name in template.section(section)]
    if not gone or not new or set(old) & set(new):
        return
    kinds = set(map(_type, new.values()))
    if (len(gone) > 1 and len(new) > 1) or not all(_type(old[name]) in kinds for name in gone):
        user = next((each for each in template.references if each.target in gone and each.owner[1] not in gone), None)
        if user:
            raise Refused(
                f"the corrected fragment no longer shows {user.target}, which {user.pointer} still uses: show it in "
                "both if it stays"
            )
        raise Refused(
            f"the fragments show different entries of {section}, so that it is not clear whether {', '.join(gone)} go: "
            "show the entries that stay in both"
        )


def _with_used(faulty: dict[str, Pattern], corrected: dict[str, Pattern]) -> dict[str, Pattern]:
    """The corrected fragment with the entries that only the faulty one shows, but that the corrected one refers to."""
    used = {reference.target for reference in references_in(cast(Json, corrected))}
    result = dict(corrected)
    for section in ("Resources", "Parameters"):
        shown = dict(_shown_entries(corrected.get(section)))
        kept = {
            name: value for name, value in _shown_entries(faulty.get(section)) if name in used and name not in shown
        }
        if kept and section in corrected:
            result[section] = {**kept, **shown}
    return result


def _check_complete(section: str, name: str, value: Pattern, template: Template) -> None:
    if name in template.section(section) or value is GAP:
        return
    if section in ("Resources", "Parameters") and not (isinstance(value, dict) and "Type" in value):
        raise Refused(f"the template has no entry {name} in {section}, and the fragment shows no Type to add it with")


def _entries(corrected: Pattern, templates: Sequence[Template]) -> dict[str, Pattern]:
    """The fragment as entries of the only section that has all of its names."""
    keys = [key for key in corrected if key != REST] if isinstance(corrected, dict) else []
    found = {
        section
        for template in templates
        for section in SECTIONS_WITH_IDS
        if keys
        and all(isinstance(template.section(section).get(key), dict) for key in keys)
        and is_section(section, corrected)
    }
    if len(found) == 1 and isinstance(corrected, dict):
        return {found.pop(): corrected}
    raise Refused("only a correction is shown, and it does not say where it belongs: show the logical id around it")


def _addressed(shown: Mapping[str, Pattern], templates: Sequence[Template], words: str) -> Template:
    """The template that has entries of the fragment; else the only one, or the only one that the text names."""
    entries = [(section, name) for section, value in shown.items() for name, _ in _shown_entries(value)]
    having = [each for each in templates if any(name in each.section(section) for section, name in entries)]
    named = [each for each in templates if names(words, each.path.rpartition("/")[2])]
    for candidates in (named, having, templates):
        if len(candidates) == 1:
            return candidates[0]
    raise Refused("several templates may be meant: the review must name the file")
