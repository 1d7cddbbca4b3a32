"""Text that does not parse, or that has a key twice.

Why it fails:
CloudFormation rejects a file that is not JSON or YAML, and a mapping that has a key twice. No other repair is possible
before the text parses.

What the fix does:
It repairs one fault after the other by an edit of the text, until the text parses: tabs in the indentation of YAML, a
quotation mark, comma, colon or bracket that is missing or doubled, values that YAML reads as text only in quotation
marks, comments and single quotes and words of Python in JSON, missing brackets at the end, Markdown or prose around the
template, several documents in one file, a block in the wrong column, a key that is repeated with the same value, a
section in two parts. It tries the possible repairs. If several of them give different templates, the structure that
CloudFormation and the resource schemas allow, and the layout of JSON, must speak for one of them; otherwise it repairs
nothing and names the place. Nothing is written unless the whole text parses after the edits. The patch is the text edit
(line, column, old, new), because such a text has no JSON Pointers.

What to review:
Read the diff: the text did not say what it meant, so check that each repaired place means what you meant.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Iterator

from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields nothing: the run finds and repairs the faults of a text before the rounds begin."""
    yield from ()


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """There is nothing to patch in a template that has been parsed."""
    return Patch.none("the text parses")


TRANSFORM = Transform(
    id="unparsable-template",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E0000",),
    told_by=(
        Told(
            title=r"\b(?:does not|cannot|fails? to) parse\b|\b(?:duplicated?|repeated) keys?\b(?! (?:polic|pair))",
            example="The template does not parse",
            unlike="The function reads the event twice",
        ),
        Told(
            title=r"^(?!.*\b(?:event|policy|user ?-?data|buildspec|inputs?|dashboard|lambda|test\w*|python"
            r"|script|state machine|key policy|structure|incomplete|in a string|documents?"
            r"|sub(?:stitution)?|fn::|formats? of)\b)(?:.*\b(?:invalid|malformed|broken)\b (?:yaml"
            r"|json)\b(?! (?:in|for|of|string)\b)|.*\b(?:yaml|json) (?:parse|parsing|indentation"
            r"|syntax) errors?\b|.*\btemplate\b.*\b(?:not (?:valid|well-formed)|invalid|malformed) (?:json"
            r"|yaml)\b|.*\b(?:template|file|yaml|json)\b.*\b(?:cannot|can't|could not) be parsed\b"
            r"|^truncated template\b)",
            example="Template is not valid JSON",
            unlike="Invalid JSON in the event input",
        ),
        Told(
            title=r"\bduplicated? (?:resource |parameter |output |mapping |top-level |logical |yaml "
            r"|json )*(?:keys?(?! (?:polic|pair))|logical ?-?ids?)\b",
            example="Duplicate resource keys",
            unlike="Duplicate key policy statements",
        ),
    ),
)
