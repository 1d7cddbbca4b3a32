"""What one sentence requires: the patterns of `fixer.inputs.requirements`. Pure.

A sentence requires a thing if the thing is the object of an asking verb ("Create a VPC with private subnets"), if it is
the subject of the whole ("VPC peering connection between the regions", "A dashboard must show ..."), or if everything
is said to be in it ("Everything runs in a VPC with private subnets"). Words before another noun do not name the thing
("dashboard APIs", "VPC endpoints"), and conditions, wishes, questions and what others do are not requirements.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_ENHANCED = (1, 5, 10, 15, 30, 60)
_NUMBERS = {"one": 1, "two": 2, "five": 5, "ten": 10, "fifteen": 15, "thirty": 30, "sixty": 60}
_SPAN = (
    r"(?P<number>\d+|one|two|five|ten|fifteen|thirty|sixty)[ -]*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b"
)

_NOT_REQUIRED = (
    # Forbids, or speaks of what exists: matches "Do not create a VPC". Must not match "Nothing is shared".
    r"\b(?:no|not|never|without|don't|cannot|avoid|existing|already|optional(?:ly)?)\b",
    # Is conditional: matches "If required, configure ..." and "... where applicable". Must not match "if it fails".
    r"^(?:if|when|where|unless|in case|should)\b",
    r"\b(?:if|when|where|as)\s+(?:required|needed|necessary|possible|applicable|appropriate|desired|time permits)\b",
    # Is a wish or a plan: matches "may use", "in the future". Must not match "for growth".
    r"\b(?:may|might|could|consider|ideally|preferably|would|recommended|out of scope|nice[- ]to[- ]have)\b",
    r"\b(?:in (?:the |a )?future|future (?:phase|release|version|iteration)|later (?:phase|release|version))\b",
    # Speaks of the past or of today: matches "The old stack had an RTO of 4 hours". Must not match "has two subnets".
    r"\b(?:currently|today|previously|used to|had|was|were|legacy system)\b",
    # Is a question: matches "Do we need a dashboard?". Must not match "a dashboard.".
    r"\?\s*$",
    # Speaks of what people do: matches "Users create dashboards". Must not match "Users must be notified".
    r"^(?:the |all |our |each |every )?(?:\w+ )?(?:users?|traders?|customers?|clients?|operators?|teams?|developers?|"
    r"analysts?|admins?|vendors?|partners?|they)\s+(?:\w+\s+){0,2}?"
    r"(?:create|deploy|provision|set ?up|build|add|establish|configure|define|use)s?\b",
)
_DECLINED = re.compile("|".join(_NOT_REQUIRED), re.I)

# Where a clause begins that asks: matches before "create" in "Then create", "We need to create", "logs, create". Must
# not match in "an API to create".
_START = (
    r"(?:^|[,:;(]\s*|\b(?:and|then|also|please|must|should|shall|will|we|you|template|stack|solution|infrastructure|"
    r"(?:need|needs|want|wants|have|has|required|asked|like|is|are) to)\s+(?:also\s+|then\s+)?)"
)
_VERB = (
    r"(?:create|deploy|provision|set|build|add|establish|configure|enable|implement|include|define|use|require|need)"
    r"s?(?: ?up)?\s+"
)
_DETERMINER = (
    r"(?:(?:an?|the|one|two|three|both|its|own|their|all|new|multiple|separate|single|dedicated|custom|isolated|secure|"
    r"appropriate|necessary|required|regional|cross-region|inter-region|multi-az|encrypted|amazon|aws)\s+)"
)
# What may follow the thing: matches "VPC with", "dashboard." and "topic". Must not match "VPC endpoint", "topic ARN".
_FOLLOW = (
    r"(?=\s*(?:$|[.,;:()!/-]|(?:for|with|that|which|whose|to|of|on|in|into|across|over|per|between|from|by|at|as|"
    r"through|via|using|including|spanning|containing|covering|showing|displaying|tracking|so|where|and|or|must|should|"
    r"shall|will|is|are|shows?|when|if|distributed|established|required|spans?|has|have)\b))"
)


def _words_before(words: str) -> str:
    """The determiners and words that may stand before a thing, at most eight."""
    return rf"(?:{_DETERMINER}|(?:{words})[,\s]+){{0,8}}"


_MONITORED = _words_before(
    r"cloudwatch|monitoring|metrics?|health|operational|operations|observability|performance|databases?|db|rds|aurora|"
    r"comprehensive|unified|centrali[sz]ed|central|global|shared|detailed|real-time|alarms?|alerts?|logs?|"
    r"log groups?|logging|and|for|with"
)
_NETWORK = _words_before(
    r"vpcs?|subnets?|route tables?|routing|gateways?|security groups?|private|public|and|with|plus"
)
_ALERTED = _words_before(
    r"cloudwatch|alarms?|monitoring|alerting|alerts?|notifications?|e-?mail|standard|kms-encrypted|and|with"
)
_VPC = r"(?:VPCs?|virtual private clouds?)(?: \(VPCs?\))?"
_PEERING = r"VPC[- ]peering(?: connections?| links?)?"
_DASHBOARD = r"dashboards?"
_TOPIC = r"(?:SNS(?: topics?| notifications?| alerts?| alerting)?|topics?)"
# Matches "with private subnets", "across three AZs". Must not match "for the network team".
_HAS_SUBNETS = r"(?=.*\b(?:subnets?|availability zones?|azs?)\b)"
# Matches "database health metrics". Must not match "trades of the day".
_ABOUT_MONITORING = (
    r"(?=.*\b(?:cloudwatch|monitor\w*|metrics?|health|operation\w*|observability|alarms?|database|rds|aurora|"
    r"performance)\b)"
)
# Matches "critical database alerts", "by e-mail". Must not match "transaction events".
_ABOUT_ALERTS = r"(?=.*\b(?:alert\w*|alarms?|notif\w+|e-?mails?)\b)"


@dataclass(frozen=True)
class Pattern:
    """The pattern of a sentence that declares a requirement, and the reader of its value; None if the sentence declares
    nothing.
    """

    name: str
    regex: re.Pattern[str]
    value: Callable[[str, re.Match[str]], str | None]


def understood(sentence: str) -> Iterator[tuple[str, str]]:
    """(requirement, value) of each requirement that the sentence declares; the value is "" if it has none."""
    for pattern in () if _DECLINED.search(sentence) else PATTERNS:
        match = pattern.regex.search(sentence)
        value = pattern.value(sentence, match) if match else None
        if value is not None:
            yield pattern.name, value


def _nothing(sentence: str, match: re.Match[str]) -> str:
    return ""


def _public(sentence: str, match: re.Match[str]) -> str:
    """ "public" if the VPC has public subnets: matches "public and private subnets". Must not match "public API"."""
    return "public" if re.search(r"\bpublic\b(?:\W+\w+){0,3}?\W+subnets?\b", sentence, re.I) else ""


def _seconds(sentence: str, match: re.Match[str]) -> str | None:
    word = match["number"].lower()
    number = _NUMBERS.get(word) or int(word)
    unit = {"s": 1, "m": 60, "h": 3600}[match["unit"][0].lower()]
    return str(number * unit)


def _granularity(sentence: str, match: re.Match[str]) -> str | None:
    """The interval, if RDS accepts it.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    """
    found = re.search(_SPAN, sentence, re.I)
    seconds = _seconds(sentence, found) if found else None
    return seconds if seconds and int(seconds) in _ENHANCED else None


def _pattern(name: str, *alternatives: str, value: Callable[[str, re.Match[str]], str | None] = _nothing) -> Pattern:
    return Pattern(name, re.compile("|".join(f"(?:{each})" for each in alternatives), re.I), value)


def _asked(modifiers: str, thing: str, about: str = "", follow: str = _FOLLOW) -> tuple[str, str]:
    """The thing as the object of an asking verb, and as the subject of the sentence, which must be about that."""
    return rf"^{about}.*?{_START}{_VERB}{modifiers}{thing}\b{follow}", rf"^{about}{modifiers}{thing}\b{follow}"


PATTERNS = (
    _pattern(
        "vpc",
        *_asked(
            rf"{_DETERMINER}{{0,4}}",
            _VPC,
            _HAS_SUBNETS,
            rf"(?!\s+(?:and|or)\s+(?!(?:\w+\s+){{0,3}}?subnets\b)){_FOLLOW}",
        ),
        # Matches "Everything runs in a VPC with private subnets". Must not match "runs in the VPC with ...".
        rf"\b(?:runs?|live|lives|deployed|placed|hosted|launched|resides?)\s+(?:\w+\s+){{0,3}}?(?:in|into|within|inside)\s+"
        rf"(?:an?|its own|their own|one)\s+(?:\w+\s+){{0,2}}?{_VPC}\b{_FOLLOW}{_HAS_SUBNETS}",
        rf"\b(?:requires?|needs?|gets|get)\s+(?:its|their)\s+own\s+{_DETERMINER}?{_VPC}\b{_FOLLOW}{_HAS_SUBNETS}",
        value=_public,
    ),
    # Matches "Enhanced Monitoring: 15 seconds". Must not match "the Enhanced Monitoring role".
    _pattern(
        "monitoring",
        r"\benhanced monitoring\b(?!\s+(?:roles?|data|metrics?|dashboards?|agents?|logs?|costs?|graphs?|polic\w+)\b)",
        value=_granularity,
    ),
    _pattern("dashboard", *_asked(_MONITORED, _DASHBOARD, _ABOUT_MONITORING)),
    _pattern(
        "peering",
        *_asked(_NETWORK, _PEERING),
        # Matches "peering between the two VPCs". Must not match "peering agreement".
        rf"{_START}{_VERB}{_DETERMINER}{{0,3}}peering(?: connections?)? between\b.*\bVPCs?\b",
        # Matches "VPCs with private subnets, and VPC peering established". Must not match "VPCs for VPC peering tests".
        rf"^{_DETERMINER}{{0,3}}VPCs?\b.*\b(?:and|with)\s+{_DETERMINER}{{0,2}}{_PEERING}\b{_FOLLOW}",
        rf"\b{_PEERING}\s+(?:must be\s+|is\s+|are\s+)?(?:established|required)\b",
        rf"{_START}peer\s+(?:the|both|these)\s+(?:\w+\s+)?VPCs\b|\bVPCs\b.*\bmust be peered\b",
    ),
    _pattern(
        "alerts",
        *_asked(_ALERTED, _TOPIC, _ABOUT_ALERTS),
        # Matches "Notify the operators by e-mail". Must not match "Notify the payment service".
        rf"{_START}(?:notify|alert|e-?mail|inform)\b.*\b(?:by|via|through|over) (?:e-?mail|SNS)\b",
        r"\bmust be (?:notified|alerted|informed)\b.*\b(?:by|via|through|over) (?:e-?mail|SNS)\b",
        rf"{_START}send\b.*\b(?:alerts?|notifications?)\b.*\b(?:by|via|through|over|to) (?:e-?mail|SNS)\b",
        # Matches "Alarms must trigger SNS notifications". Must not match "Alarms cover SNS".
        r"^(?:the |all )?(?:cloudwatch )?alarms? (?:must |shall |will )?(?:trigger|send|publish|notify)\b.*\bSNS\b",
    ),
    _pattern(
        "rto",
        r"\b(?:RTO|recovery time objective)\b[^0-9a-z]*"
        r"(?:(?:of|under|below|is|be|must|should|shall|at most|less than|within)\s+)*" + _SPAN,
        value=_seconds,
    ),
)
"""In the order of the table in `fixer.inputs.requirements`."""
