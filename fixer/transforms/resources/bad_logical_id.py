"""A logical id with other characters than letters and digits.

Why it fails:
CloudFormation refuses the template: logical ids are alphanumeric.

What the fix does:
The characters that are not allowed are left out, if the id that remains is free and nothing in the template uses the
id as it stood. References that spell the new id, as most do in such templates, then find their resource. A comment,
a text under a key such as "//" or "_comment", goes.

What to review:
That nothing else is meant by the new name.

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
    """A finding per logical id that cfn-lint reports."""
    for match, place in ctx.reported(template):
        name = pointer.split(place)[-1]
        if len(pointer.split(place)) == 2 and not re.fullmatch("[A-Za-z0-9]+", name):
            yield ctx.finding(template, place, f"{name!r} is no logical id: only letters and digits are", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The id without what is not allowed in it."""
    section, name = pointer.split(finding.pointer)
    if isinstance(finding.seen, str) and not name[0].isalnum():
        return Patch.of(template.path, pointer.remove(finding.pointer, finding.seen), Tier.REVIEW)
    new = re.sub("[^A-Za-z0-9]", "", name)
    if not new or new in template.section(section) or not isinstance(finding.seen, dict):
        return Patch.none("what it should be called is not known")
    if any(name in strings for strings in map(str, _texts(template, name))):
        return Patch.none("the template uses the id as it stands")
    target = pointer.sibling(finding.pointer, new)
    return Patch.of(template.path, pointer.move(finding.pointer, target, finding.seen), Tier.REVIEW)


def _texts(template: Template, name: str) -> Iterator[Json]:
    """The texts of the template in which the id may be used: whole, or as a variable."""
    for _, value in pointer.walk(template.data):
        if isinstance(value, str) and (value == name or f"${{{name}" in value):
            yield value


TRANSFORM = Transform(id="bad-logical-id", doc=__doc__, tier=Tier.REVIEW, detect=detect, patch=patch, rules=("E3001",))
