"""What a listed entry is about: a fault of a template, something else, or nothing that is at fault."""

import re
from collections.abc import Sequence

from fixer.model.failures import About

_TITLE, _BODY = 300, 2000
_FAULT = r"(?:failures?|issues?|errors?|faults?|problems?|defects?|bugs?|findings)"
_NO_FIX = r"\bno (?:fix(?:es)?|changes?|corrections?|actions?) (?:is |are |was |were )?(?:needed|required|necessary)\b"


def _any(*patterns: str, flags: int = re.I) -> re.Pattern[str]:
    """One expression for all patterns."""
    return re.compile("|".join(patterns), flags)


# "Resource Naming - PASS", "Automated Rollback - IMPLEMENTED". Must not match "NOT IMPLEMENTED" or "implemented twice".
_NOISE_MARK = re.compile(r"\bPASS(?:ED)?\b|(?<!NOT )(?<!PARTIALLY )\bIMPLEMENTED\b|\u2705")
# "Severity breakdown", "No Critical Failures", "Total issues: 11", "By Category", "Correct conditional logic". Must not
# match "Password in the template", "No encryption", "Correct the ARN of the policy", "Missing severity".
_NOISE_TITLE = _any(
    r"\bperfect(?:ly)?\b",
    r"^by (?:severity|categor(?:y|ies)|root cause|phase|deployment phase|impact|type|service|priority)\b",
    r"^(?:severity|failure|issue|error|impact) (?:breakdown|summary|counts?|distribution|statistics)\b",
    r"^(?:severity|failure|issue|error|impact) categor(?:y|ies)\b",
    rf"^total (?:number of )?{_FAULT}\b",
    rf"^(?:no|zero|0) (?:\w+ )?(?:critical |major |high |blocking )?{_FAULT}(?: found| identified)?\W*$",
    r"^(?:action items|next steps|lessons learned|what (?:worked|went well)|conclusions?)\b",
    r"^key (?:takeaways|learnings|improvements|strengths)\b",
    rf"\bnot (?:actually )?an? {_FAULT}\b",
    _NO_FIX,
    r"\b(?:correctly|properly|successfully) (?:implemented|configured|handled)\b",
    r"^(?:all|correct|proper|valid|working) (?:\w+ ){0,3}"
    r"(?:present|configured|logic|code|implementation|included|defined|passing)\W*$",
    r"\b(?:compliance|coverage)\b\W{1,5}100 ?%",
    r"\banalysis$",
    r"^template quality improvements?\W*$",
    r"^(?:root causes?|recommendations?|prevention|mitigations?)\W*$",
)
# A field of the body that says how the entry stands: "Status: PASS", "Fix: none". Must not match "Status: FIXED" (said
# of a fault that the authors mended), or "Fix: correct the ARN".
_NOISE_FIELD = _any(
    r"^\W*(?:(?:actual |current )?(?:status|state)|verdict|assessment|actual(?: implementation| result)?)\b\W{1,12}"
    r"(?:pass(?:ed)?|correct(?:ly)?|compliant|(?:fully )?implemented|valid|working|perfect"
    rf"|no issues?|not an? {_FAULT})\b",
    r"^\W*(?:fix|ideal[_ ]response(?: fix)?|correction|action(?: required)?|severity|impact(?: level)?)\b\W{1,12}"
    r"(?:none\W*$|n/a\b)",
    flags=re.I | re.M,
)
# A statement that nothing is at fault. Must not match "the template was not a valid one".
_NOISE_BODY = _any(
    r"\bnot (?:really |actually )?an? (?:actual |real |true )?(?:failure|error|fault|bug)\b",
    _NO_FIX,
    r"\bcorrectly implemented by the model\b",
    r"^\W*the model (?:has )?(?:correctly|properly|successfully) implemented\b",
)
# Headings above bullets that praise, advise or check. Must not match "Security issues".
_NOISE_ABOVE = _any(
    r"\brequirements? (?:met|compliance|coverage|verification)\b",
    r"\b(?:what (?:worked|went well)|strengths|success(?:es|fully)|achievements|validated|correctly|passed|positive)\b",
    r"\b(?:checklist|compliance status|good practices|best practices followed|benefits)\b",
    r"\bkey (?:improvements|features)\b",
    rf"\b{_FAULT} (?:statistics|patterns|analysis summary)\b|\bstatistics\b",
    r"\b(?:knowledge gaps|how we|how to|non-goals|learnings|suggestions?|training|after the fix)\b",
    r"\bwhy (?:did|the|this|these)\b",
    r"\b(?:mitigations?|remediation|prevention|action items|verification|(?:pre|post)-deployment)\b",
    r"\b(?:deployment|testing|test) results\b",
)
# A line that tells what to do: "Confirm region and account", "For version issues: leave it blank". Must not match
# "Use of a wrong region".
_ADVICE = _any(
    r"^(?:confirm|provide|shorten|do not|don't|always|never|consider|avoid|validate|verify|review|ensure|make sure)\b",
    r"^and optionally\b",
    r"^for [^:]{3,60}:",
)
# "Missing Unit Tests", "Integration Test Hardcoded Stack Name". Must not match "Outputs for Integration Testing", or
# "Route tables untested in one zone".
_TESTS = _any(
    r"(?<!for )\b(?:unit|integration|e2e|end-to-end|smoke|jest|automated|infrastructure) ?-?(?:tests?|testing)\b",
    r"\btest(?:s|ing)? (?:coverage|suites?|files?|cases?|framework|failures?|setup|data|environment|assumptions?)\b",
    r"\btest(?:s|ing)? (?:infrastructure|implementation|assertions?|timeouts?|scripts?|code|expectations?)\b",
    r"^(?:missing |inadequate |incomplete |insufficient |no |incorrect |failing |broken )?(?:comprehensive )?tests?\b",
    r"\.(?:test|spec)\.[jt]sx?\b",
    r"\bplaceholder tests?\b|\bmocks?\b",
)
# "Missing README", "Documentation Gaps". Must not match "Parameter documentation", which is a Description.
_DOCUMENTS = _any(
    r"\b(?:readme|code comments|runbooks?|(?:ideal|model)_response\.md)\b",
    r"\b(?:inline|deployment) (?:comments|documentation|instructions|guide)\b",
    r"\bdocumentation (?:errors?|gaps?|missing|incomplete|quality|issues?)\b",
    r"\b(?:missing|incomplete|lack of|no|insufficient|inadequate|inconsistent) (?!parameter|output|resource)"
    r"(?:\w+ ){0,2}(?:documentation|comments|explanations?)\b",
    r"^documentation\b",
    r"\b(?:markdown|response) (?:format\w*|structure)\b",
)
# "File Naming Convention", "Missing metadata.json". Must not match "Bucket naming convention".
_PROCESS = _any(
    r"\bfile (?:names?|naming|structure|organization|location|format|extension)\b|\b(?:folder|project) structure\b",
    r"\b(?:package|metadata|tsconfig)\.json\b|\bnpm\b|\bpipenv\b|\beslint\b|\bprettier\b|\bgit(?:hub|ignore)?\b",
    r"\bbuild (?:failure|error|script)\b|\bdeployment (?:script|time|process|timeout|command)s?\b",
    r"\benvironment configuration file\b|\baccount (?:verification|quota)\b|\bprovisioning time\b",
    r"\b(?:platform (?:violation|mismatch)|wrong platform|output format|yaml instead of json|json instead of yaml)\b",
    r"^using (?:json|yaml)\b|\bcdk (?:instead|code)\b|\bterraform\b|\btypescript\b",
    r"\b(?:misdiagnos|misunder|hallucinat)\w*\b|\bguidance\b",
)
# "Lambda Function DynamoDB Query Error", "Lambda Code Error". Must not match "Lambda Function Timeout", or "Lambda Code
# Path Format", which is a property.
_CODE = _any(
    r"\b(?:sdk v?\d|aws sdk|boto3|es modules?|python (?:code|syntax)|node\.?js (?:code|module)|javascript)\b",
    r"\blambda (?:function )?(?:code|handler|logic|implementation)\b(?! (?:path|location|uri|bucket|deployment))",
    r"\b(?:handler (?:code|logic)|import (?:error|statement)|query error|runtime (?:error|exception))\b",
    r"\berror handling (?:in|within) (?:the )?(?:lambda|code|function)\b",
    r"\bstub implementations?\b|\b(?:bash|shell|startup) script (?:error|syntax|logic)\b|\brecorder not started\b",
)
_OTHER = ((_TESTS, "tests"), (_DOCUMENTS, "documentation"), (_PROCESS, "files or process"), (_CODE, "code"))


def about(title: str, body: str, above: Sequence[str], is_marked: bool) -> tuple[About, str]:
    """What an entry is about, and why it is not about a template ("" if it is).

    `body` is without code; `above` are the headings above the entry, outermost first; `is_marked`: its own heading says
    that it is a failure.
    """
    title, body = title[:_TITLE], body[:_BODY]
    if _NOISE_MARK.search(title) or _NOISE_TITLE.search(title):
        return About.NOISE, "it states no fault"
    if _NOISE_FIELD.search(body) or _NOISE_BODY.search(body):
        return About.NOISE, "it says that nothing is at fault"
    if not is_marked and _ADVICE.search(title):
        return About.NOISE, "it is advice"
    if not is_marked and any(_NOISE_ABOVE.search(each[:_TITLE]) for each in above[-1:]):
        return About.NOISE, "its heading does not list faults"
    for words, what in _OTHER:
        if words.search(title):
            return About.OTHER, f"it is about {what}"
    return About.TEMPLATE, ""
