"""A rate() expression that EventBridge does not accept.

Why it fails:
EventBridge accepts rate(1 minute) and rate(5 minutes), but not rate(1 minutes), rate(5 minute) or seconds. The rule
cannot be created.

What the fix does:
It writes the unit in the singular or plural, as the number requires. Seconds become minutes if they are whole minutes;
otherwise they become rate(1 minute), the shortest possible interval. This is unsafe: what was meant to run at another
interval then runs once a minute.

What to review:
Check whether once a minute is enough if the template asks for seconds; a note names descriptions that say so. A
schedule in seconds needs something other than a rule.

References:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.stale_texts import stale_note, texts_beside
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform

# Matches "rate(5 minute)", "rate(1 hours)" and "rate(30 seconds)". Must not match "rate(5minutes)", which has no space,
# or "cron(0 12 * * ? *)".
_RATE = re.compile(r"rate\(\s*(\d+)\s+(second|minute|hour|day)s?\s*\)", re.I)


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each schedule that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Rewrites the rate in a form that EventBridge accepts."""
    match = _RATE.fullmatch(finding.seen.strip()) if isinstance(finding.seen, str) else None
    if match is None or int(match[1]) == 0:
        return Patch.none("only a rate() with a positive number of seconds, minutes, hours or days can be corrected")
    number, unit = int(match[1]), match[2].lower()
    if unit == "second":
        notes = ["EventBridge runs a scheduled rule at most once a minute.", *_stale(template, finding, number)]
        whole = number // 60 if number % 60 == 0 else 1
        rate = f"rate({whole} {'minute' if whole == 1 else 'minutes'})"
        tier = Tier.SAFE if number % 60 == 0 else Tier.UNSAFE
        return Patch.of(
            template.path,
            pointer.replace(finding.pointer, finding.seen, rate),
            tier,
            notes if tier is Tier.UNSAFE else (),
        )
    rate = f"rate({number} {unit if number == 1 else unit + 's'})"
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, rate), Tier.SAFE)


def _stale(template: Template, finding: Finding, seconds: int) -> Iterator[str]:
    """A note for each text beside the schedule that states the interval in seconds."""
    # Matches "every 30 seconds" and "a 30-second poll". Must not match "every 30 minutes".
    stated = re.compile(rf"\b{seconds}[ -]?s(?:ec(?:ond)?s?)?\b", re.I)
    for where, text in texts_beside(template, finding.pointer):
        if found := stated.search(text):
            yield stale_note(where, found[0])


TRANSFORM = Transform(
    id="bad-rate",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E3027",),
    changes=("@",),
    told_by=(
        Told(
            title=r"\brate ?\(|\brate\b.*\b(?:expressions?|syntax|singular|plural)\b",
            example="Invalid rate expression",
            unlike="High error rate of the alarm",
        ),
        Told(
            title=r"\bschedule ?expressions?\b",
            body=r"\brate ?\(",
            example="Invalid ScheduleExpression\nIt is rate(1 hours).",
            unlike="Invalid ScheduleExpression\nThe cron has five fields.",
            ambiguous=True,
        ),
    ),
)
