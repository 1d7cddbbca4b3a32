"""The documentation of a property repair, generated from its entry in the table."""

import json
import re

from fixer.model import Json
from fixer.transforms.properties.entry import JUDGES, Entry

_PAGES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
NAMES = {
    "checkov": "Checkov",
    "trivy": "Trivy",
    "guard": "Guard rules",
    "nag": "cfn_nag",
    "fsbp": "Security Hub",
    "cis": "CIS",
}
"""The name of each judge, as people know it."""


def documentation(entry: Entry) -> str:
    """The sections of a transform's documentation."""
    review = [entry.cost, entry.note] if entry.cost or entry.note else []
    if not review:
        review = ["Check that the setting fits the way in which the resource is used."]
    types = " or ".join(each for each in entry.types)
    return (
        f"{entry.title[0].upper()}{entry.title[1:]}.\n\n"
        f"Why it fails:\n{entry.why}\n{_answers(entry)}\n\n"
        f"What the fix does:\n{_what(entry, types)}\n\n"
        f"What to review:\n{' '.join(filter(None, review))}\n\n"
        f"References:\n{page(entry.types[0])}\n"
    )


def page(resource_type: str) -> str:
    """The page of AWS's template reference about a resource type."""
    return f"{_PAGES}aws-resource-{re.sub('::', '-', resource_type.removeprefix('AWS::')).lower()}.html"


def _answers(entry: Entry) -> str:
    given = [f"{NAMES[judge]} {', '.join(entry.controls[judge])}" for judge in JUDGES if entry.controls.get(judge)]
    return f"This is reported by {'; '.join(given)}." if given else ""


def _what(entry: Entry, types: str) -> str:
    if entry.remove:
        return f"It removes the property ({_shown(entry.at)}) that fixes the name of {types}."
    if entry.use:
        said = f"It sets {_shown(entry.at)} of {types} to {_SOURCES[entry.use.partition(':')[0]]}."
    elif entry.includes:
        said = f"It adds {_value(entry.set)} to {_shown(entry.at)} of {types}."
    else:
        said = f"It sets {_shown(entry.at)} of {types} to {_value(entry.set)}."
    also = "".join(f" It also sets {_shown(at)} to {_value(value)}." for at, value in entry.also.items())
    return (
        said + also + " Parents that are missing are created. A value that already satisfies the control stays. "
        "A value that a parameter or another function gives is only reported."
    )


_SOURCES = {
    "key": "the key of the template: one customer managed key for all resources of the template, with a key policy for "
    "the services that use it and a policy for the roles of the template. If there is none yet, it is created",
    "log-group": "a new log group that keeps logs for a year",
    "log-bucket": "the bucket of the template that receives such logs, or a new one",
    "dead-letters": "a new queue, to which the role of the function may send",
}


def _shown(at: str) -> str:
    tokens = [token.removesuffix("?") for token in at.split("/")[1:]]
    return "`" + ".".join(tokens).replace("|", ", ") + "`"


def _value(value: Json) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"
