"""A nested template and its parents change together.

A parent stack passes parameters by name. CloudFormation refuses an update if the parent passes a parameter that the
nested template does not declare, or if it does not pass one that has no Default.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from collections.abc import Mapping
from dataclasses import replace

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op, Patch

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
        for parent, stack in parents if was.keys() != now.keys() else ():
            if reason := _missing(parent, stack, was, now):
                return Patch.none(reason, patch.tier)
            if ops := _without(stack, [name for name in was if name not in now]):
                if files.get(parent.path):
                    return Patch.none(
                        f"{stack.logical_id} must change in {parent.path}, which the patch already changes"
                    )
                files[parent.path] = ops
    return replace(patch, files={path: tuple(ops) for path, ops in files.items()})


def _missing(parent: Template, stack: Resource, was: Mapping[str, Json], now: Mapping[str, Json]) -> str:
    """Why the parent cannot stay as it is: it does not pass a new parameter that has no Default."""
    passed = mapping(stack.properties.get("Parameters"))
    for name, declared in now.items():
        required = name not in was and "Default" not in mapping(declared)
        if required and name not in passed:
            nests = f"{parent.path} nests this template ({stack.logical_id})"
            return f"{nests} and does not pass {name}, which has no Default"
    return ""


def _without(stack: Resource, names: list[str]) -> list[Op]:
    passed = mapping(stack.properties.get("Parameters"))
    return pointer.remove_entries(stack.at("Parameters"), passed, [name for name in names if name in passed])
