"""A logical id with characters other than letters and digits.

Why it fails:
Logical ids must be alphanumeric. CloudFormation rejects the template.

What the fix does:
It removes the characters that are not allowed, if no other entry has the resulting id and nothing in the template uses
the old id. References that already use the new id, as most do in such templates, then find their resource. An entry
that is only a comment (a string under a key such as "//" or "_comment") is removed.

What to review:
Check that nothing else is meant by the new id.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each logical id that cfn-lint reports."""
    for match, place in ctx.reported(template):
        name = pointer.split(place)[-1]
        # The whole id: matches "OrderTopic". Must not match "Order-Topic" or "_comment".
        if len(pointer.split(place)) == 2 and not re.fullmatch("[A-Za-z0-9]+", name):
            message = f"{name!r} is not a valid logical id: use only letters and digits"
            yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the characters that are not allowed, or the entry if it is only a comment."""
    section, name = pointer.split(finding.pointer)
    if isinstance(finding.seen, str) and not name[0].isalnum():
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.REVIEW)
    new = re.sub("[^A-Za-z0-9]", "", name)
    if not new or new in template.section(section) or not isinstance(finding.seen, dict):
        return Patch.none("it is not known what the id should be")
    if any(name in strings for strings in map(str, _texts(template, name))):
        return Patch.none("the template uses the id in this spelling")
    target = pointer.sibling(finding.pointer, new)
    return Patch.of(template.path, pointer.move(finding.pointer, target, finding.seen), Tier.REVIEW)


def _texts(template: Template, name: str) -> Iterator[Json]:
    """The strings of the template that may use the id: those that are the id, or have it as a variable."""
    for _, value in pointer.walk(template.data):
        if isinstance(value, str) and (value == name or f"${{{name}" in value):
            yield value


TRANSFORM = Transform(id="bad-logical-id", doc=__doc__, tier=Tier.REVIEW, detect=detect, patch=patch, rules=("E3001",))
