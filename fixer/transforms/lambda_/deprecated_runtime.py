"""A Lambda runtime that AWS supports no longer.

Why it fails:
A deprecated runtime gets no security patches; after some months functions with it can be neither created nor updated.

What the fix does:
Runtime becomes the successor that cfn-lint names.

What to review:
The code must run on it: nodejs18.x and later have no AWS SDK version 2, and newer Pythons drop modules. Nobody can
tell that from the template: the change is unsafe, whether a stack exists or not.

References:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform

_SUCCESSOR = re.compile(r"consider updating to '([\w.]+)'")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per runtime that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if isinstance(pointer.get(template.data, place), str):
            yield ctx.finding(template, place, match.message.partition(". ")[0], match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The successor."""
    successor = _SUCCESSOR.search(finding.match.message if finding.match else "")
    if successor is None:
        return Patch.none("cfn-lint names no successor")
    note = f"The code must run on {successor[1]}: test it before the stack is updated."
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, successor[1]), Tier.UNSAFE, [note])


TRANSFORM = Transform(
    id="deprecated-runtime",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    rules=("E2531", "W2531"),
    changes=("@",),
)
