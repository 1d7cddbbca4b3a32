"""A logical id with characters other than letters and digits.

Why it fails:
Logical ids must be alphanumeric. CloudFormation rejects the template.

What the fix does:
It removes the characters that are not allowed, in the id and in all references to it, if no other entry has the
resulting id. An entry that is not a resource but a comment (text, or nothing at all, under a key such as "//",
"_comment" or "/* Topics */") is removed.

What to review:
Check that nothing else is meant by the new id. Whoever reads the stack by its ids, such as a script, must use the new
one. The text of a removed comment is in the note.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.renaming import rename, rename_refusal
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform

_RENAMED = ("Resources", "Outputs", "Parameters")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each logical id that cfn-lint reports."""
    for match, place in ctx.reported(template):
        section, *rest = pointer.split(place) or ("",)
        # The whole id: matches "OrderTopic". Must not match "Order-Topic" or "_comment".
        if section in _RENAMED and len(rest) == 1 and not re.fullmatch("[A-Za-z0-9]+", rest[0]):
            message = f"{rest[0]!r} is not a valid logical id: use only letters and digits"
            yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the characters that are not allowed, or the entry if it is only a comment."""
    section, name = pointer.split(finding.pointer)
    if section == "Resources" and (not isinstance(finding.seen, dict | list) or not finding.seen):
        return _without_comment(template, finding, name)
    if section == "Resources" and name not in template.resources:
        return Patch.none("the entry has no Type: add the type of the resource, or remove the entry")
    new = re.sub("[^A-Za-z0-9]", "", name)
    if not new:
        return Patch.none("the id has no letter or digit: choose another one")
    if reason := rename_refusal(template, section, name, new) or _used_by_parent(section, name, ctx):
        return Patch.none(reason)
    return Patch.of(template.path, rename(template, section, name, new), Tier.REVIEW)


def _without_comment(template: Template, finding: Finding, name: str) -> Patch:
    text = finding.seen if isinstance(finding.seen, str) and finding.seen.strip() else ""
    note = f"The comment {name!r} is removed{': ' if text else ''}{text}".rstrip(".") + "."
    if len(template.section("Resources")) == 1:
        return Patch.none("the template has no other resource")
    return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.REVIEW, [note], changes=("-@",))


def _used_by_parent(section: str, name: str, ctx: Context) -> str:
    """The reason why a name cannot change: a template of the project reads an output of this name, or passes a
    parameter of this name. "" if none does.
    """
    reason = "a parent template uses this name: rename it in both templates"
    for template in ctx.project.templates.values():
        if section == "Outputs" and any(each.attribute == f"Outputs.{name}" for each in template.references):
            return reason
        stacks = template.of_type("AWS::CloudFormation::Stack") if section == "Parameters" else ()
        if any(name in mapping(stack.properties.get("Parameters")) for stack in stacks):
            return reason
    return ""


TRANSFORM = Transform(
    id="bad-logical-id",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3001", "E6001", "E2001"),
    told_by=(
        Told(
            title=r"\b(?:logical ?-?ids?|logical names?)\b.*\b(?:invalid|illegal|non-?alphanumeric|alphanumeric"
            r"|underscores?|hyphens?|dash(?:es)?|characters?)\b|\b(?:invalid|illegal"
            r"|non-?alphanumeric)\b.*\b(?:logical ?-?ids?|logical names?)\b|\b(?:underscores?"
            r"|hyphens?)\b.*\b(?:output|resource|logical) (?:ids?|keys?)\b|\b(?:resource|output|parameter"
            r"|logical) (?:names?|ids?|keys?)\b.*\b(?:with|contains?|has|have|uses?) (?:an? )?(?:spaces?"
            r"|hyphens?|dash(?:es)?|underscores?|special characters?)\b",
            example="Logical ids with underscores",
            unlike="Logical ids are not descriptive",
        ),
        Told(
            title=r"\b(?:resource|output|parameter|logical) (?:names?|ids?|keys?)\b.*\b(?:not|non-?|must be"
            r"|be) ?alphanumeric\b|^invalid logical (?:ids?|names?)\W*$",
            example="Resource names are not alphanumeric",
            unlike="Resource names are not unique",
        ),
    ),
    changes=("~/Resources",),
)
