"""The evidence that the value of a parameter comes from another stack, and the evidence that it does not. Pure."""

import re

from fixer.cloudformation.intrinsics import mapping, words
from fixer.cloudformation.project import Project
from fixer.cloudformation.regions import regions_named
from fixer.cloudformation.related_stacks import names_accounts, other_account
from fixer.cloudformation.stack_values import contradiction, kind_of, kind_of_parameter
from fixer.cloudformation.template import Template
from fixer.transforms.cross_stack.value_source import ValueSource, needs_back

# Up to three words before "stack" or "template": matches "of the network stack". Must not match "stacked".
_STACK = re.compile(r"((?:[\w']+[ -]+){1,3}?)(?:stack|template)s?\b", re.I)
# Up to four words after "from": matches "from the primary cluster". Must not match "transform the primary".
_ARTICLE = re.compile(r"\b(?:the|this|that|a|an|your|its|of|for|from|in|by)\b", re.I)
_NAMED = re.compile(r"\bfrom (?:the |an? )?((?:[\w']+[ -]?){1,4})", re.I)
# Matches "output of the network" and "exported". Must not match "exporter".
_OUTPUT = re.compile(r"\b(?:exported|imported) (?:by|from)\b|\b(?:exports?|outputs?) (?:of|from)\b", re.I)
# Matches "existing VPC" and "on-premises". Must not match "accounting".
_FOREIGN = re.compile(r"\b(?:existing|legacy|external|on-?prem\w*|partner\w*|customer\w*|third-party)\b", re.I)


def evidence_for(project: Project, template: Template, parameter: str, source: ValueSource) -> str:
    """The evidence that the parameter has this value: its uses, its Description, other values that the template reads
    from the same stack, or a matching export; "" if only the name is the same.
    """
    if source.only:
        return source.only
    described = str((template.parameter(parameter) or {}).get("Description", ""))
    if _names_stack(project, source.producer, described):
        return "its Description says that it comes from there"
    if _FOREIGN.search(described):
        return ""
    if _reads_from(project, template, source.producer):
        return "the template reads other values of that stack"
    output = mapping(source.producer.section("Outputs").get(source.output))
    if "Export" in output and _is_particular(template, parameter, source):
        return "it is exported, and no other value of the project has this name and kind"
    return ""


def evidence_against(project: Project, template: Template, parameter: str, source: ValueSource) -> str:
    """The reason why it may be a different value, or cannot be read from that stack; "" if there is none."""
    declared = template.parameter(parameter) or {}
    if reason := contradiction(declared, source.producer, source.value):
        return f"{parameter} may be another value: {reason}"
    for here, there in ((template, source.producer), (source.producer, template)):
        if reason := other_account(project, here):
            return f"{here.path} may be in another account than {there.path} ({reason}); exports stay in one account"
    if names_accounts(str(declared.get("Description", ""))):
        return f"the Description of {parameter} mentions an account, and exports stay in one account"
    region = project.region(source.producer)
    told = regions_named(f"{declared.get('Description', '')} {parameter}".lower())
    if region and told and region.value not in told:
        return f"{parameter} is a value of {told[0]}, and {source.producer.path} is for {region.value}"
    if name := needs_back(project, template, source.producer):
        return f"{source.producer.path} needs a value of this stack ({name}): neither could be deployed first"
    return ""


def _names_stack(project: Project, producer: Template, text: str) -> bool:
    """Whether a Description names the stack of the producer, or mentions outputs or exports."""
    if _OUTPUT.search(text):
        return True
    role = project.role(producer)
    stem = producer.path.rpartition("/")[2].partition(".")[0]
    own = {*words(stem), *words(role.value if role else "")}
    known = {"other", "another"} | own | {word for each in producer.resources for word in words(each)}
    return any(known & _qualifiers(found) for found in _STACK.findall(text)) or any(
        own & set(words(found)) for found in _NAMED.findall(text)
    )


def _qualifiers(text: str) -> set[str]:
    """The words that say which stack: "vpc" of "id of the vpc" (stack), none of "VPC for this" (stack)."""
    return set(words(_ARTICLE.split(text)[-1]))


def _reads_from(project: Project, template: Template, producer: Template) -> bool:
    exports = [mapping(mapping(each).get("Export")).get("Name") for each in producer.section("Outputs").values()]
    return any(importer.path == template.path for each in exports for importer, _ in project.imports_of(producer, each))


def _is_particular(template: Template, parameter: str, source: ValueSource) -> bool:
    """Whether the parameter's type requires this kind of value, or the parameter's name has a word of the kind."""
    kind = kind_of(source.producer, source.value)
    wanted = kind_of_parameter(str((template.parameter(parameter) or {}).get("Type")))
    is_named = set(words(parameter)) & set(words(kind.removeprefix("AWS::")))
    return bool(kind) and (kind == wanted or (not wanted and bool(is_named)))
