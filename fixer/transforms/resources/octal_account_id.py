"""An account id that begins with 0, without quotes.

Why it fails:
YAML 1.1 (https://yaml.org/type/int.html) reads 012345670123 as an octal number, 1402433619. CloudFormation passes that
number to the service, which rejects it or uses it as another value.

What the fix does:
It writes the id in quotes, so that it is text. Only numbers of 12 digits are account ids.

What to review:
The value is then the account id that the template shows.

References:
https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

# Matches "012345670123". Must not match "123456789012" or "0644", which are not octal account ids.
_OCTAL = re.compile("0[0-7]{11}")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each number of the template that the text writes like an account id, with cfn-lint's match
    if it reports that place too.
    """
    matches = {place: match for match, place in ctx.reported(template)}
    for place, value in pointer.walk(template.data):
        if isinstance(value, int) and not isinstance(value, bool) and _written(template, place):
            message = f"YAML reads {_written(template, place)} as the octal number of {value}"
            yield ctx.finding(template, place, message, matches.get(place))


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Writes the id as text."""
    text = _written(template, finding.pointer)
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, text), Tier.REVIEW)


def _written(template: Template, place: str) -> str:
    """The account id as the text writes it; "" if it is something else."""
    start, end = template.document.span(place)
    text = template.document.text[start:end]
    return text if _OCTAL.fullmatch(text) else ""


TRANSFORM = Transform(
    id="octal-account-id",
    doc=__doc__,
    severity=Severity.ERROR,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3031",),
    changes=("@", "$"),
    told_by=(
        Told(
            title=r"\baccount ?-?ids?\b.*\b(?:octal|leading zeros?|quot\w+|number|unquoted)\b|\b(?:octal"
            r"|leading zeros?|unquoted)\b.*\baccount ?-?ids?\b",
            example="Account id with a leading zero is read as octal",
            unlike="Hardcoded account id",
        ),
        Told(
            title=r"\baccount (?:id|number)s?\b.*\b(?:must be|should be|needs to be|be) (?:quoted"
            r"|(?:an? )?strings?)\b|\bunquoted account numbers?\b",
            example="AWS account number must be quoted",
            unlike="AWS account number must be a parameter",
        ),
    ),
)
