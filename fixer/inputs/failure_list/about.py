"""What a listed entry is about: a fault of a template, something else, or nothing that is at fault."""

import re
from collections.abc import Sequence

from fixer.model.failures import About

_TITLE, _BODY = 300, 2000

# "Resource Naming - PASS", "Severity breakdown", "No Critical Failures", "Total issues: 11", "Correct conditional logic".
# Must not match "Password in the template", "No encryption", "Correct the ARN of the policy".
_NOISE_TITLE = re.compile(
    r"\bPASS(?:ED)?\b|\b(?:FULLY |CORRECTLY )?IMPLEMENTED\b(?<!NOT IMPLEMENTED)|\u2705|\bperfect(?:ly)?\b"
    r"|(?i:^by (?:severity|categor(?:y|ies)|root cause|phase|impact|type|service|priority)\b|^(?:severity|failure|issue|error|impact) (?:breakdown|summary|counts?|distribution|statistics|categor(?:y|ies))\b"
    r"|^total (?:number of )?(?:issues|failures|errors|faults|problems|findings)\b"
    r"|^(?:no|zero|0) (?:\w+ )?(?:critical |major |high |blocking )?(?:failures?|issues|faults|problems|errors|defects)\b(?: found| identified)?\W*$"
    r"|^(?:action items|next steps|key (?:takeaways|learnings|improvements|strengths)|lessons learned|what (?:worked|went well)|conclusions?)\b"
    r"|\bnot (?:actually )?an? (?:failure|issue|error|fault|problem|bug)\b|\bno (?:fix|change|action)s? (?:needed|required|necessary)\b"
    r"|\b(?:correctly|properly|successfully) (?:implemented|configured|handled)\b"
    r"|^(?:all|comprehensive|complete|correct|proper|valid|working) (?!.*\b(?:missing|not|lacks?|without|wrong|invalid|fails?)\b)(?:\w+ ){0,3}(?:present|configured|logic|code|implementation|included|defined|passing)\W*$"
    r"|\b(?:compliance|coverage)\b\W+100 ?%"
    r"|\banalysis$|^template quality improvements?$|^(?:root causes?|recommendations?|prevention|mitigations?)\b\W*$)"
)
# A field of the body that says how the entry stands: "Status: PASS", "Fix: no fix needed". Must not match "Status: FIXED",
# which is said of a fault that the authors mended, or "Fix: correct the ARN".
_NOISE_FIELD = re.compile(
    r"^\W*(?:(?:actual |current )?(?:status|state)|verdict|assessment|actual(?: implementation| result)?)\b\W{1,12}"
    r"(?:pass(?:ed)?|correct(?:ly)?|compliant|(?:fully )?implemented|valid|working|perfect|no issues?|not an? (?:failure|issue|error|bug))\b"
    r"|^\W*(?:fix|ideal[_ ]response(?: fix)?|correction|action(?: required)?|severity|impact(?: level)?)\b\W{1,12}"
    r"(?:none\W*$|n/a\b|no (?:fix(?:es)?|changes?|corrections?|action) (?:is |are )?(?:needed|required|necessary))",
    re.I | re.M,
)
# A statement that nothing is at fault. Must not match "the template was not a valid one".
_NOISE_BODY = re.compile(
    r"\bnot (?:really |actually )?an? (?:actual |real |true )?(?:failure|error|fault|bug)\b"
    r"|\bno (?:fix(?:es)?|changes?|corrections?|action) (?:is |are |was |were )?(?:needed|required|necessary)\b"
    r"|\bcorrectly implemented by the model\b|\bimplementation (?:is|was) (?:already )?correct\b(?! but)",
    re.I,
)
# Headings above bullets that praise, advise or check. Must not match "Security issues".
_NOISE_ABOVE = re.compile(
    r"\b(?:requirements? (?:met|compliance|coverage|verification)|what (?:worked|went well)|strengths|successes|successfully|achievements|validated"
    r"|checklist|compliance status|positive|good practices|best practices followed|key (?:improvements|features)|correctly|passed|mitigations?"
    r"|(?:failure|error|issue)s? (?:statistics|patterns|analysis summary)|statistics|knowledge gaps|how we|non-goals|why (?:did|the|this|these)|learnings|pre-deployment|post-deployment"
    r"|remediation|prevention|action items|how to|suggestions?|training|deployment results|testing results|test results|verification|after the fix|benefits)\b",
    re.I,
)
# A line that tells what to do: "Confirm region and account", "For version issues: leave it blank". Must not match
# "Use of a wrong region".
_ADVICE = re.compile(
    r"^(?:confirm|provide|shorten|do not|don't|always|never|consider|avoid|validate|verify|review|ensure|make sure"
    r"|and optionally)\b|^for [^:]{3,60}:",
    re.I,
)
# "Missing Unit Tests", "Integration Test Hardcoded Stack Name". Must not match "Route tables untested in one zone".
_TESTS = re.compile(
    r"\b(?<!for )(?:unit|integration|e2e|end-to-end|smoke|jest|automated|infrastructure) ?-?(?:tests?|testing)\b|\btest(?:s|ing)? (?:coverage|suites?|files?|cases?|framework|failures?|setup|data|environment|assumptions?|infrastructure|implementation|assertions?|timeouts?|scripts?|code|expectations?)\b"
    r"|^(?:missing |inadequate |incomplete |insufficient |no |incorrect |failing |broken )*(?:comprehensive )?tests?(?:ing)?\b|\.(?:test|spec)\.[jt]sx?\b|\bmocks?\b|\bplaceholder tests?\b",
    re.I,
)
# "Missing README", "Documentation Gaps". Must not match "Parameter without a Description".
_DOCUMENTS = re.compile(
    r"\b(?:readme|inline documentation|code comments|documentation (?:errors?|gaps?|missing|incomplete|quality|issues?)|(?:missing|incomplete|lack of|no|insufficient|inadequate|inconsistent) (?!parameter|output|resource)(?:\w+ ){0,2}(?:documentation|comments)"
    r"|(?<!parameter )(?<!output )(?<!resource )documentation$|(?:markdown|response) (?:format\w*|structure)|deployment (?:instructions|guide|steps|documentation)|explanations?|runbooks?|(?:ideal|model)_response\.md)\b",
    re.I,
)
# "File Naming Convention", "Missing metadata.json", "AWS account not verified". Must not match "Bucket naming convention".
_PROCESS = re.compile(
    r"\b(?:file ?names?|file naming|file (?:structure|organization|location|format|extension)|folder structure|project structure|package\.json|metadata\.json|tsconfig|npm|pipenv|ci/?cd pipeline (?:failure|script)|git\w*|commit"
    r"|build (?:failure|error|script)|deployment (?:script|time|process|timeout|command)s?|environment configuration file|account (?:verification|quota)|provisioning time|platform (?:violation|mismatch)|wrong platform"
    r"|output format|yaml instead of json|json instead of yaml|using \*{0,2}(?:json|yaml)|cdk (?:instead|code)|terraform|typescript|eslint|prettier|linter configuration|misdiagnos\w+|misunder\w+|hallucinat\w+|guidance)\b",
    re.I,
)
# "Lambda Function DynamoDB Query Error": code in a function. Must not match "Lambda Function Timeout".
_CODE = re.compile(
    r"\b(?:sdk v?\d|aws sdk|boto3|es modules?|lambda (?:function )?(?:code|handler|logic|implementation)\b(?! (?:path|location|uri|bucket|deployment))"
    r"|handler (?:code|logic)|python (?:code|syntax)|node\.?js (?:code|module)|javascript|import (?:error|statement)|query error|runtime (?:error|exception)|error handling (?:in|within) (?:the )?(?:lambda|code|function)"
    r"|stub implementations?|(?:user ?data|bash|shell|startup) script (?:error|syntax|logic)|recorder not started)\b",
    re.I,
)
_OTHER = ((_TESTS, "tests"), (_DOCUMENTS, "documentation"), (_PROCESS, "files or process"), (_CODE, "code"))


def about(title: str, body: str, above: Sequence[str], is_heading: bool) -> tuple[About, str]:
    """What an entry is about, and why it is not about a template ("" if it is).

    `body` is without code; `above` are the headings above the entry, outermost first.
    """
    title, body = title[:_TITLE], body[:_BODY]
    if _NOISE_TITLE.search(title) or _NOISE_FIELD.search(body) or _NOISE_BODY.search(body):
        return About.NOISE, "it states no fault"
    if not is_heading and _ADVICE.search(title):
        return About.NOISE, "it is advice"
    if not is_heading and any(_NOISE_ABOVE.search(each[:_TITLE]) for each in above[-1:]):
        return About.NOISE, "its heading lists no faults"
    for words, what in _OTHER:
        if words.search(title):
            return About.OTHER, f"it is about {what}"
    return About.TEMPLATE, ""
