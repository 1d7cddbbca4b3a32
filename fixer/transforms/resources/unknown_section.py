"""A section of the template with a misspelled name, such as Resource or outputs.

Why it fails:
CloudFormation rejects a template with a section that it does not know, and a template without Resources.

What the fix does:
It renames the section to the one that is meant, if exactly one name is near (another case, a plural, one wrong letter,
or a word such as Invalid), if the template does not have that section yet, and if every entry has the form of that
section. Everything else is only reported.

What to review:
What the section declares now takes effect, as it was meant to.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.reach import places_of_conditions
from fixer.cloudformation.sections import meant_section
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

_FORMS = {
    "AWSTemplateFormatVersion": "",
    "Description": "",
    "Metadata": None,
    "Parameters": "Type",
    "Mappings": None,
    "Conditions": None,
    "Resources": "Type",
    "Outputs": "Value",
}
"""Section → the key that each of its entries must have; None: none; "": the section is a text. A section that is not
here, such as Transform, changes the meaning of the whole template.
"""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each section that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if place.count("/") == 1:
            name = pointer.split(place)[0]
            yield ctx.finding(template, place, f"a template has no section {name}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Renames the section."""
    (name,) = pointer.split(finding.pointer)
    section = meant_section(name)
    if section not in _FORMS:
        return Patch.none("it is not known which section is meant")
    if section in template.data:
        return Patch.none(f"the template has {section} too: move the entries there")
    if any(meant_section(other) == section for other in template.data if other != name):
        return Patch.none(f"another section seems to mean {section} too")
    if not _has_form(finding.seen, _FORMS[section]):
        return Patch.none(f"its entries do not have the form of {section}")
    ops = pointer.move(finding.pointer, pointer.join(section), finding.seen)
    return Patch.of(template.path, ops, Tier.REVIEW, changes=tuple(_changes(template, finding, section)))


def _has_form(value: Json, key: str | None) -> bool:
    if key == "":
        return isinstance(value, str)
    return isinstance(value, dict) and all(
        isinstance(each, dict) and (not key or key in each) for each in value.values()
    )


def _changes(template: Template, finding: Finding, section: str) -> Iterator[str]:
    """The entries of the section, and what names them or is chosen by them."""
    after = {**template.data, section: finding.seen}
    if section in ("Resources", "Outputs", "Metadata"):
        yield pointer.join(section)
        yield f"~{pointer.join(section)}"
    elif section in ("Parameters", "Mappings", "Conditions"):
        yield f"+{pointer.join(section)}"
        conditions = set(mapping(after.get("Conditions")))
        yield from places_of_conditions(Template.of_data(template.path, after), conditions)
    yield from ("-@", "?")


TRANSFORM = Transform(
    id="unknown-section",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E1001",),
    told_by=(
        Told(
            title=r"\b(?:invalid|unknown|misspelled|unsupported) (?:top-level |template )+(?:section|key)s?\b",
            example="Misspelled top-level section Resource",
            unlike="Missing Outputs section",
        ),
        Told(
            title=r"\b(?:invalid|unknown|misspelled|unsupported|unrecogni[sz]ed|extra|unexpected) (?:top-level "
            r"|template )*(?:sections?|keys?|propert(?:y|ies))\b.*(?:\bnames?\b|\bof the template\b"
            r"|\bin (?:the )?template\b)|\btop-?level\b.*\b(?:sections?|keys?)\b.*\b(?:not valid|invalid"
            r"|unknown|unsupported|not allowed|misspelled)\b|\b(?:unrecogni[sz]ed|extra"
            r"|unexpected) top-?level (?:sections?|keys?|propert(?:y|ies))\b|\bmisspelled section\b",
            example="Unrecognized top-level key",
            unlike="Unrecognized alarm key",
        ),
    ),
)
