"""A parameter, output or resource in the wrong section.

Why it fails:
A resource must have the type of a resource, a parameter the type of a parameter, and an output a value. CloudFormation
rejects an entry that is something else.

What the fix does:
It moves an entry to the section in which all of its keys are valid, if no entry there has its id. Everything else is
only reported.

What to review:
Check that nothing else is meant by the entry.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, LintMatch, Patch, Tier
from fixer.transforms.transform import Told, Transform

_SECTIONS = ("Parameters", "Resources", "Outputs")
_OF_PARAMETER = {"AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "NoEcho", "Type"}
_OF_PARAMETER |= {"MaxLength", "MaxValue", "MinLength", "MinValue"}
_OF_OUTPUT = {"Condition", "Description", "Export", "Value"}
_OF_RESOURCE = {"Condition", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdateReplacePolicy"}
_OF_RESOURCE |= {"CreationPolicy", "UpdatePolicy"}
_TYPES = ("String", "Number", "CommaDelimitedList", "List<Number>")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each entry that belongs into another section, and for other entries without a Type."""
    found = set()
    for match, place in ctx.reported(template):
        entry = pointer.join(*pointer.split(place)[:2])
        if entry in found or entry.count("/") != 2:
            continue
        section = in_wrong_section(template, entry)
        name = pointer.split(entry)[1]
        if section:
            found.add(entry)
            yield ctx.finding(template, entry, f"{name} belongs into {section}", match)
        elif entry == place and _is_untyped(template, entry, match):
            found.add(entry)
            yield ctx.finding(template, entry, f"{name} has no Type", match)


def _is_untyped(template: Template, entry: str, match: LintMatch) -> bool:
    """Whether an entry has no Type. `unknown-resource-type` takes those with Properties, which say what they are."""
    is_about_type = match.rule == "E3001" and match.message.startswith("'Type' is a required property")
    return is_about_type and "Properties" not in mapping(pointer.get(template.data, entry))


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Moves the entry to its section."""
    section = in_wrong_section(template, finding.pointer)
    name = pointer.split(finding.pointer)[1]
    if not section:
        return Patch.none("it is not known what the entry is: add its Type")
    if any(name in template.section(each) for each in _SECTIONS if pointer.join(each, name) != finding.pointer):
        return Patch.none(f"another section has an entry {name} too: choose another id")
    here = pointer.parent(finding.pointer)
    entries = mapping(pointer.get(template.data, here))
    if section == "Parameters" and not template.references_to(name):
        return Patch.none("nothing uses the parameter: move it to Parameters if something is to use it, or remove it")
    target = pointer.join(section)
    if len(entries) > 1 and pointer.exists(template.data, target):
        first = next(each for each in entries if in_wrong_section(template, pointer.join(here[1:], each)))
        if first != name and all(in_wrong_section(template, pointer.join(here[1:], each)) for each in entries):
            return Patch.none(f"{first} moves first")  # The last one takes the section with it.
        ops = pointer.move(finding.pointer, f"{target}{pointer.join(name)}", finding.seen)
        return Patch.of(template.path, ops, Tier.REVIEW, _lost(template, finding.pointer))
    if len(entries) == 1 and here == "/Resources":
        return Patch.none("the template has no other resource")
    gone = (here, entries) if len(entries) == 1 else (finding.pointer, finding.seen)
    ops = [*pointer.remove(*gone), *pointer.add_entry(template.data, target, name, finding.seen)]
    return Patch.of(template.path, ops, Tier.REVIEW, _lost(template, finding.pointer))


def _lost(template: Template, place: str) -> Iterator[str]:
    """A note if the entry has comments, because they may not move with it."""
    start, end = template.document.span(place)
    before = template.document.text[:start].rpartition("\n")[2]
    if re.search(r"(?:^|\s)#", before + template.document.text[start:end]):
        yield f"Comments in {pointer.split(place)[1]} may not move with it."


def in_wrong_section(template: Template, place: str) -> str:
    """The section to which the entry at a place belongs; "" if it is in its section, or if that is not known."""
    section, name = (*pointer.split(place), "", "")[:2]
    entry = template.section(section).get(name) if section in _SECTIONS else None
    belongs = _section_of(entry) if isinstance(entry, dict) else ""
    return belongs if belongs != section else ""


def _is_of_parameter(kind: str) -> bool:
    """Whether a Type is that of a parameter: AWS::EC2::VPC::Id has one part more than a resource type.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    """
    has_four_parts = kind.startswith("AWS::") and kind.count("::") == 3 and not kind.endswith("::MODULE")
    return kind in _TYPES or kind.startswith(("List<AWS::", "AWS::SSM::Parameter::Value<")) or has_four_parts


def _section_of(entry: dict[str, Json]) -> str:
    keys, kind = entry.keys(), entry.get("Type")
    if isinstance(kind, str) and _is_of_parameter(kind):
        return "Parameters" if keys <= _OF_PARAMETER else ""
    if isinstance(kind, str) and kind.count("::") >= 2:
        return "Resources" if keys <= _OF_RESOURCE else ""
    return "Outputs" if kind is None and "Value" in keys and keys <= _OF_OUTPUT else ""


TRANSFORM = Transform(
    id="wrong-section",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3001", "E3006", "E2001", "E2002", "E6001", "E6002"),
    told_by=(
        Told(
            title=r"\b(?:wrong|incorrect) section\b|\b(?:misplaced|stray) (?:parameters?|outputs?|resources?"
            r"|conditions?|mappings?)\b|\b(?:parameters?|outputs?|resources?)\b.*\b(?:defined|placed|nested"
            "|declared) (?:in|under|inside|within) (?:the )?(?:parameters?|outputs?"
            r"|resources?)\b(?! (?:group|policy))",
            example="Output placed under Resources",
            unlike="Resources placed in two regions",
        ),
        Told(
            title=r"\b(?:parameters?|outputs?|conditions?|mappings?)\b (?:\w+ )?(?:defined |placed |nested "
            r"|declared )?(?:inside|under|within) (?:of )?(?:the )?(?:resources|outputs"
            r"|parameters)\b(?: section)?\W*$|\b(?:conditions?|mappings?|parameters?|outputs?) (?:defined"
            r"|placed|nested|declared) in (?:the )?(?:resources|outputs) section\b",
            example="Parameters under Resources",
            unlike="Parameters of the resources lack types",
        ),
    ),
    changes=("-@", "+/Parameters/{id}", "+/Resources/{id}", "+/Outputs/{id}", "~/Resources", "$", "?"),
)
