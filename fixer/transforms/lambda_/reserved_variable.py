"""A Lambda environment variable with a name that Lambda reserves.

Why it fails:
Lambda sets AWS_REGION and some other variables itself and rejects a function that sets them. The deployment fails.

What the fix does:
It removes the variable, and Environment with the last variable.

What to review:
The code can read AWS_REGION and AWS_DEFAULT_REGION as before: Lambda sets both to the Region that the function runs in.
If the template gives one of them another value, or sets another reserved name, such as an access key, the code may rely
on that value. Such a removal is unsafe.

References:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Told, Transform

_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each variable that cfn-lint reports."""
    for match, place in ctx.reported(template):
        name = pointer.split(place)[-1]
        yield ctx.finding(template, place, f"{name} is reserved by Lambda: the template cannot set it", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Removes the variable, and Environment if nothing else is in it."""
    variables = pointer.parent(finding.pointer)
    environment = pointer.parent(variables)
    place = finding.pointer
    if pointer.get(template.data, variables) == {pointer.split(place)[-1]: finding.seen}:
        alone = len(mapping(pointer.get(template.data, environment))) == 1
        place = environment if alone else variables
    same = pointer.split(finding.pointer)[-1] in _REGION and finding.seen in (
        {"Ref": "AWS::Region"},
        {"Fn::Sub": "${AWS::Region}"},
    )
    ops = pointer.remove(place, pointer.get(template.data, place))
    if same:
        return Patch.of(template.path, ops, Tier.REVIEW)
    note = f"The code then reads Lambda's value of {pointer.split(finding.pointer)[-1]}, not the value in the template."
    return Patch.of(template.path, ops, Tier.UNSAFE, [note])


TRANSFORM = Transform(
    id="reserved-variable",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3663",),
    told_by=(
        Told(
            title=r"\breserved\b.*\b(?:environment|env|lambda)?\W*variables?\b|\bvariables?\b.*\breserved\b"
            r"|\bAWS_(?:REGION|DEFAULT_REGION|LAMBDA_\w+)\b",
            example="Reserved Lambda environment variable AWS_REGION",
            unlike="Reserved concurrency is too high",
        ),
        Told(
            title=r"\breserved\b.*\b(?:env(?:ironment)? vars?|keys? in (?:the )?lambda|environment keys?)\b",
            example="Reserved Lambda env vars",
            unlike="Reserved keys of the table",
        ),
        Told(
            title=r"\b(?:lambda|functions?|environment|env|variables?|deployment)\b",
            body=r"\breserved keys\b[^\n]{0,80}\bnot supported for modification\b|\bAWS_(?:REGION"
            r"|DEFAULT_REGION|LAMBDA_\w+|ACCESS_KEY_ID|EXECUTION_ENV)\b[^\n]{0,60}\breserved\b"
            r"|\breserved\b[^\n]{0,60}\bAWS_(?:REGION|DEFAULT_REGION|LAMBDA_\w+|EXECUTION_ENV)\b",
            ambiguous=True,
            example="Lambda environment configuration\nAWS_REGION is a reserved variable.",
            unlike="Lambda environment configuration\nThe function has reserved concurrency.",
        ),
    ),
    changes=(
        "-@",
        "-/Resources/{id}/Properties/Environment",
    ),
)
