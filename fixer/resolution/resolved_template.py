"""The parts of a template that count after it is resolved. Pure.

These count: the existing resources and outputs, with everything that CloudFormation acts on, and the template's
metadata. Descriptions, the Metadata of tools, and the way a value is written do not count.
"""

from collections.abc import Mapping

from fixer.cloudformation.template import Template
from fixer.model import Json
from fixer.resolution.evaluation import Evaluation
from fixer.resolution.scenarios import Scenario
from fixer.resolution.subject import Subject

_TOOLS = ("cfn-lint", "fixer")
_CONSOLE = "AWS::CloudFormation::Interface"


def compared(section: str, entry: Json) -> Json:
    """The parts of an entry of Resources or Outputs that count, except whether and when it is created."""
    if not isinstance(entry, dict):
        return entry
    conditional = isinstance(entry.get("Condition"), str)
    body = _without(entry, "Description", *(["Condition"] if conditional else []))
    if section != "Resources":
        return body
    metadata = entry.get("Metadata")
    if isinstance(metadata, dict) and not (kept := _without(metadata, *_TOOLS)):
        body.pop("Metadata")
    elif isinstance(metadata, dict):
        body["Metadata"] = kept
    return {"Properties": {}, **_without(body, "DependsOn")}


def compared_metadata(template: Template) -> dict[str, Json]:
    """The parts of the template's own metadata that count."""
    return _without(template.section("Metadata"), _CONSOLE, *_TOOLS)


def resolve(template: Template, values: Mapping[str, str]) -> dict[str, Json]:
    """The sections Resources, Outputs and Metadata of the resolved template where these values are passed.

    A parameter without a value, or a pseudo parameter, stays a symbol that equals only itself. Raises Unresolvable if
    the template uses something that cannot be evaluated.
    """
    evaluation = Evaluation(Subject(template), Scenario(values=values, complete=True))
    sections: dict[str, Json] = {"Metadata": evaluation.resolve(compared_metadata(template))}
    for section in ("Resources", "Outputs"):
        sections[section] = {
            name: evaluation.resolve(compared(section, entry))
            for name, entry in template.section(section).items()
            if evaluation.exists(entry)
        }
    return sections


def _without(entry: dict[str, Json], *keys: str) -> dict[str, Json]:
    return {key: value for key, value in entry.items() if key not in keys}
