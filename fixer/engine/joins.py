"""What a patch may read from another stack.

Two templates are joined only if the value is certain to be the same: exactly one other template has that output, it is
of a kind that the parameter or property takes, and nothing contradicts it. The rule holds for every transform.

Fn::ImportValue reads an export of the same account and Region, Fn::GetStackOutput (without RoleArn) an output of the
same account:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence
from fixer.cloudformation.project import Project, spelled_export
from fixer.cloudformation.references import references_in
from fixer.cloudformation.related_stacks import are_versions, other_account
from fixer.cloudformation.stack_values import (
    contradiction,
    kind_of,
    kinds_of_property,
    means_the_same_everywhere,
    refusal_of_type,
)
from fixer.cloudformation.template import Template
from fixer.model import Json, Op

_IMPORT, _OUTPUT = "Fn::ImportValue", "Fn::GetStackOutput"
_SPLIT = "Fn::Split"


@dataclass(frozen=True, slots=True)
class _Read:
    """A value that a patch reads from another stack: the place of the function, its name and its argument."""

    place: str
    function: str
    argument: Json


@dataclass(frozen=True, slots=True)
class _Source:
    """The output that a read names: the template that has it, its name, its declaration."""

    template: Template
    name: str
    output: dict[str, Json]

    @property
    def value(self) -> Json:
        return self.output.get("Value")


def wrong_join(before: Project, after: Project, files: Mapping[str, Iterable[Op]]) -> str:
    """Why a patch may not read what it reads from another stack; "" if it may, or reads nothing."""
    for path, ops in files.items():
        if not any(_reads_in(op.get("value")) for op in ops):
            continue
        for read in _new_reads(before.templates[path], after.templates[path]):
            if reason := _wrong(read, path, before, after):
                return reason
    return ""


def _reads_in(value: Json) -> bool:
    return any(isinstance(inner, dict) and (_IMPORT in inner or _OUTPUT in inner) for _, inner in pointer.walk(value))


def _reads(template: Template) -> Iterator[_Read]:
    for place, value in pointer.walk(template.data):
        if isinstance(value, dict) and len(value) == 1:
            [(function, argument)] = value.items()
            if function in (_IMPORT, _OUTPUT):
                yield _Read(place, function, argument)


def _new_reads(before: Template, after: Template) -> Iterator[_Read]:
    """The reads that the template did not have, or not so often."""
    known = Counter(_spelling(read) for read in _reads(before))
    for read in _reads(after):
        known[_spelling(read)] -= 1
        if known[_spelling(read)] < 0:
            yield read


def _spelling(read: _Read) -> str:
    return json.dumps([read.function, read.argument], sort_keys=True)


def _wrong(read: _Read, path: str, before: Project, after: Project) -> str:
    here = before.templates[path]
    source = _source(read, here, after)
    if isinstance(source, str):
        return source
    there = source.template
    is_elsewhere = before.apart(here, there)
    if "Condition" in source.output:
        return f"output {source.name} of {there.path} exists only under a condition"
    if are_versions(here, there) and not is_elsewhere:
        return f"{path} and {there.path} are versions of one stack: they declare mostly the same logical ids"
    if "RoleArn" not in mapping(read.argument):
        for one, other in ((here, there), (there, here)):
            if reason := other_account(before, one):
                return f"{one.path} may be in another account than {other.path}: {reason}"
    if reason := _waits(after, path, there.path):
        return reason
    return _wrong_kind(read, here, after.templates[path], source, is_elsewhere)


def _source(read: _Read, here: Template, after: Project) -> _Source | str:
    """The only output that a read can mean, or why there is none."""
    named = f"the export {_shown(read.argument)}" if read.function == _IMPORT else f"the output {_shown(read.argument)}"
    found = [each for each in _outputs(after, here) if _is_named(read, each, after)]
    if not found:
        return f"no other template of the project has {named}"
    near = [each for each in found if _is_in_reach(read, each, here, after)]
    if not near:
        return f"{found[0].template.path} has {named} in another region than {here.path}"
    if len(near) > 1:
        return f"several templates have {named}: {', '.join(each.template.path for each in near)}"
    return near[0]


def _outputs(project: Project, here: Template) -> Iterator[_Source]:
    for other in project.others(here):
        for name, output in other.section("Outputs").items():
            yield _Source(other, name, mapping(output))


def _is_named(read: _Read, source: _Source, project: Project) -> bool:
    if read.function == _OUTPUT:
        return mapping(read.argument).get("OutputName") == source.name
    export = mapping(source.output.get("Export")).get("Name")
    exported, imported = spelled_export(export), spelled_export(read.argument)
    if exported is None or imported is None:
        return False
    if known := project.region(source.template):
        exported = exported.replace("${AWS::Region}", known.value)
        imported = imported.replace("${AWS::Region}", known.value)
    if "${" in imported:
        return imported == exported
    return re.fullmatch(r"[\w-]+".join(map(re.escape, re.split(r"\$\{[^}]*\}", exported))), imported) is not None


def _is_in_reach(read: _Read, source: _Source, here: Template, project: Project) -> bool:
    """Whether the function can read from the Region of the output."""
    region = mapping(read.argument).get("Region") if read.function == _OUTPUT else None
    if region is None:
        return not project.apart(here, source.template)
    known = project.region(source.template)
    return not isinstance(region, str) or known is None or known.value == region


def _waits(project: Project, path: str, producer: str) -> str:
    """Why neither stack could be deployed first: what the producer reads, directly or not, comes from this template."""
    waiting, seen = [producer], {producer}
    while waiting:
        template = project.templates[waiting.pop()]
        for read in _reads(template):
            named = [each.template.path for each in _outputs(project, template) if _is_named(read, each, project)]
            if len(named) == 1 and named[0] == path:
                return f"{producer} reads from {path} already: neither stack could be deployed first"
            waiting += [each for each in named if len(named) == 1 and each not in seen]
            seen.update(named)
    return ""


def _wrong_kind(read: _Read, before: Template, after: Template, source: _Source, is_elsewhere: bool) -> str:
    """Why the value cannot stand at the place of the read, or for the parameter that it replaces."""
    kind = kind_of(source.template, source.value)
    wanted = _wanted(read, after)
    what = f"output {source.name} of {source.template.path}"
    if kind and wanted and kind not in wanted:
        return f"{what} is {kind}, and {read.place} takes {' or '.join(sorted(wanted))}"
    for name in _replaced(read, before, after):
        declared = before.parameter(name) or {}
        if is_elsewhere and not means_the_same_everywhere(source.template, source.value):
            return f"{what} belongs to another region than {name}"
        reason = _wrong_list(read, source) if _is_list(declared) else ""
        reason = reason or refusal_of_type(declared, source.template, _item(source.value, declared))
        if reason := reason or contradiction(declared, source.template, source.value):
            return f"{what} is not certain to be the value of {name}: {reason}"
    return ""


def _wanted(read: _Read, after: Template) -> frozenset[str]:
    """The kinds that the place takes; empty for a part of a text, and where the schema does not say."""
    tokens = pointer.split(read.place)
    resource = after.resources.get(tokens[1]) if tokens[0] == "Resources" and len(tokens) > 3 else None
    is_whole = not any(token.startswith("Fn::") for token in tokens)
    return kinds_of_property(resource.type, tokens[3:]) if resource is not None and is_whole else frozenset()


def _replaced(read: _Read, before: Template, after: Template) -> tuple[str, ...]:
    """The parameters whose place the read takes: those that the value around it named and does not name any more."""
    tokens = pointer.split(read.place)
    around = pointer.join(
        *tokens[: next((at for at, each in enumerate(tokens) if each.startswith("Fn::")), len(tokens))]
    )
    while not pointer.exists(before.data, around):
        around = pointer.parent(around)
    if len(pointer.split(around)) <= 2:
        return ()
    named = {each.target for each in references_in(pointer.get(before.data, around))}
    left = {each.target for each in references_in(pointer.get(after.data, around))}
    gone = tuple(name for name in before.section("Parameters") if name in named - left)
    return tuple(name for name in gone if name in tokens) or gone


def _is_list(declared: dict[str, Json]) -> bool:
    return str(declared.get("Type")).startswith(("List<", "CommaDelimitedList"))


def _wrong_list(read: _Read, source: _Source) -> str:
    """Why an output, which is one text, cannot replace a list: it is one item of it, or joined there and split here."""
    tokens = pointer.split(read.place)
    is_split, is_joined = _SPLIT in tokens, "Fn::Join" in mapping(source.value)
    is_right = is_split if is_joined else not is_split and tokens[-1].isdigit()
    return "" if is_right else "the parameter is a list, and the output is one value"


def _item(value: Json, declared: dict[str, Json]) -> Json:
    """The value of an output, or the first of the values that it joins, if a list takes it."""
    parts = sequence(mapping(value).get("Fn::Join"))
    items = sequence(parts[1]) if len(parts) == 2 else []
    return items[0] if items and _is_list(declared) else value


def _shown(argument: Json) -> str:
    if isinstance(argument, str):
        return argument
    name = mapping(argument).get("OutputName", mapping(argument).get("Fn::Sub", ref_target(argument)))
    return name if isinstance(name, str) else json.dumps(argument)
