"""A Lambda runtime that AWS has deprecated.

Why it fails:
A deprecated runtime gets no security patches. Some months later, functions that use it can be neither created nor
updated.

What the fix does:
It sets Runtime to the successor that cfn-lint names. If the template holds the code (ZipFile) and the code uses what
the successor does not have, the runtime stays: the finding names the line.

What to review:
The code must run on the new runtime: nodejs18.x and later do not include version 2 of the AWS SDK, and newer versions
of Python drop modules. Code outside of the template is not read, so the change is unsafe, whether a stack exists or
not.

References:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.lambda_.inline_code import hindrance
from fixer.transforms.transform import Told, Transform

# Matches "Please consider updating to 'python3.14'". Must not match "Runtime 'python3.9' was deprecated on
# '2025-12-15'", after which cfn-lint may name no successor.
_SUCCESSOR = re.compile(r"consider updating to '([\w.]+)'")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each runtime that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if isinstance(pointer.get(template.data, place), str):
            yield ctx.finding(template, place, match.message.partition(". ")[0], match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Sets the runtime to its successor."""
    successor = _SUCCESSOR.search(finding.match.message if finding.match else "")
    if successor is None:
        return Patch.none("cfn-lint does not name a successor")
    function = template.resources.get(pointer.split(finding.pointer)[1])
    if reason := hindrance(function.properties if function else {}, str(finding.seen), successor[1]):
        return Patch.none(reason)
    note = f"The code must run on {successor[1]}: test it before you update the stack."
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, successor[1]), Tier.UNSAFE, [note])


TRANSFORM = Transform(
    id="deprecated-runtime",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    rules=("E2531", "W2531"),
    told_by=(
        Told(
            title=r"^(?!.*\b(?:ssm|automation|glue|synthetics|canary|canaries|codebuild)\b)(?:.*\b(?:deprecated"
            r"|outdated|old|older|obsolete|unsupported|end-of-life|eol)\b.*\b(?:runtimes?"
            r"|node(?:\.?js)? ?\d+\S*|python ?\d\.\d+)|.*\b(?:runtimes?|node(?:\.?js)? ?\d+\S*"
            r"|python ?\d\.\d+)\b.*\b(?:deprecated|deprecation|outdated|obsolete|end-of-life|eol"
            r"|no longer supported|unsupported)\b)",
            example="Deprecated Lambda runtime",
            unlike="Lambda runtime error",
        ),
        Told(
            title=r"^(?!.*\b(?:ssm|automation|glue|synthetics|canary|codebuild)\b).*\b(?:lambda|runtimes?"
            r"|node\.?js|python)\b",
            body=r"\bruntime\b[^\n]{0,60}\b(?:(?:is|was|has been|being|already) deprecated|end[- ]of[- ]life"
            r"|no longer supported)\b",
            example="Lambda configuration\nThe runtime is deprecated.",
            unlike="Lambda configuration\nThe timeout is short.",
            ambiguous=True,
        ),
    ),
    changes=("@",),
)
