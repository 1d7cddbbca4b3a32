"""A rate() of EventBridge that it does not take.

Why it fails:
EventBridge takes rate(1 minute) and rate(5 minutes), not rate(1 minutes) or rate(5 minute), and no seconds: the rule
cannot be created.

What the fix does:
The unit is written as the number asks. Seconds become rate(1 minute), the shortest there is, which is unsafe: what
was to run more often then runs once a minute.

What to review:
Whether once a minute is enough where seconds were asked for; a schedule in seconds needs something else than a rule.

References:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform

_RATE = re.compile(r"rate\(\s*(\d+)\s+(second|minute|hour|day)s?\s*\)", re.I)


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per place that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The rate as EventBridge takes it."""
    match = _RATE.fullmatch(finding.seen.strip()) if isinstance(finding.seen, str) else None
    if match is None or int(match[1]) == 0:
        return Patch.none("only a rate() of some minutes, hours or days can be told for certain")
    number, unit = int(match[1]), match[2].lower()
    if unit == "second":
        note = "EventBridge starts nothing more often than once a minute."
        whole = number // 60 if number % 60 == 0 else 1
        rate = f"rate({whole} {'minute' if whole == 1 else 'minutes'})"
        tier = Tier.SAFE if number % 60 == 0 else Tier.UNSAFE
        return Patch.of(
            template.path,
            pointer.replace(finding.pointer, finding.seen, rate),
            tier,
            [note] if tier is Tier.UNSAFE else (),
        )
    rate = f"rate({number} {unit if number == 1 else unit + 's'})"
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, rate), Tier.SAFE)


TRANSFORM = Transform(
    id="bad-rate", doc=__doc__, tier=Tier.SAFE, detect=detect, patch=patch, rules=("E3027",), changes=("@",)
)
