"""A nested template and its parents change together.

A parent stack passes parameters by name. CloudFormation refuses an update if the parent passes a parameter that the
nested template does not declare, if it does not pass one that has no Default, or if it passes a value that the nested
template does not allow.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fixer import pointer
from fixer.cloudformation.intrinsics import intrinsic_name, mapping
from fixer.cloudformation.parameter_constraints import violation
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, LintMatch, Op, Patch
from fixer.resolution.resolved_values import scalar_text

Parents = tuple[tuple[Template, Resource], ...]


def with_parents(patch: Patch, project: Project, after: Project) -> Patch:
    """The patch, with the changes that the parent stacks of its templates need; `after` is the project after the patch.
    No patch, with the reason, if a parent cannot be changed accordingly.
    """
    files = {path: list(ops) for path, ops in patch.files.items()}
    for path in patch.files:
        before, template = project.templates[path], after.templates[path]
        parents = tuple(project.parents(before))
        was, now = before.section("Parameters"), template.section("Parameters")
        names = _renamed(patch.files[path])
        for parent, stack in parents if was != now else ():
            if reason := _rejected(after.templates[parent.path], stack, was, now):
                return Patch.none(reason, patch.tier)
            if was.keys() == now.keys():
                continue
            if reason := _unreadable(parent, stack) or _missing(parent, stack, was, now, names):
                return Patch.none(reason, patch.tier)
            if ops := _followed(stack, [name for name in was if name not in now], names):
                if files.get(parent.path):
                    return Patch.none(
                        f"{stack.logical_id} must change in {parent.path}, which the patch already changes"
                    )
                files[parent.path] = ops
    return replace(patch, files={path: tuple(ops) for path, ops in files.items()})


def is_outdated(match: LintMatch, parent: Template, project: Project) -> bool:
    """Whether a match of E3043, which compares a parent with the nested template on the disk, does not hold for the
    nested template as it is in the project.
    """
    stack = parent.resources.get(str(match.path[1])) if match.rule == "E3043" and len(match.path) > 1 else None
    nested = project.nested(parent, stack) if stack else None
    if stack is None or nested is None:
        return False
    passed, declared = mapping(stack.properties.get("Parameters")), nested.section("Parameters")
    required = {name for name, each in declared.items() if "Default" not in mapping(each)}
    return required <= passed.keys() <= declared.keys()


def _renamed(ops: Iterable[Op]) -> dict[str, str]:
    """The parameters that operations rename: old name to new name."""
    moves = [(pointer.split(str(op["from"])), pointer.split(str(op["path"]))) for op in ops if op["op"] == "move"]
    return {old[1]: new[1] for old, new in moves if len(old) == len(new) == 2 and old[0] == new[0] == "Parameters"}


def _unreadable(parent: Template, stack: Resource) -> str:
    """Why it is not known what the parent passes: a function gives its parameters."""
    function = intrinsic_name(stack.properties.get("Parameters"))
    return f"{parent.path} nests this template ({stack.logical_id}) with parameters from {function}" if function else ""


def _missing(
    parent: Template,
    stack: Resource,
    was: Mapping[str, Json],
    now: Mapping[str, Json],
    names: Mapping[str, str],
) -> str:
    """Why the parent cannot stay as it is: it does not pass a new parameter that has no Default."""
    passed = {names.get(name, name) for name in mapping(stack.properties.get("Parameters"))}
    for name, declared in now.items():
        required = name not in was and "Default" not in mapping(declared)
        if required and name not in passed:
            nests = f"{parent.path} nests this template ({stack.logical_id})"
            return f"{nests} and does not pass {name}, which has no Default"
    return ""


def _rejected(parent: Template, stack: Resource, was: Mapping[str, Json], now: Mapping[str, Json]) -> str:
    """Why the parent cannot stay as it is after the patch: it passes a value that was allowed and no longer is."""
    stack = parent.resources.get(stack.logical_id, stack)
    for name, passed in mapping(stack.properties.get("Parameters")).items():
        old, new, text = mapping(was.get(name)), mapping(now.get(name)), scalar_text(parent.literal(passed))
        if old == new or not old or not new or text is None:
            continue
        if not violation(old, text) and violation(new, text):
            nests = f"{parent.path} nests this template ({stack.logical_id})"  # The value may be a secret.
            return f"{nests} and passes a value for {name} that the patch would forbid"
    return ""


def _followed(stack: Resource, gone: list[str], names: Mapping[str, str]) -> list[Op]:
    """Renames the entries of renamed parameters, and removes those of removed ones."""
    passed = mapping(stack.properties.get("Parameters"))
    place = stack.at("Parameters")
    renames = [name for name in gone if name in passed and name in names]
    ops = [
        op
        for name in renames
        for op in pointer.move(place + pointer.join(name), place + pointer.join(names[name]), passed[name])
    ]
    removed = [name for name in gone if name in passed and name not in names]
    return ops + pointer.remove_entries(place, passed, removed)
