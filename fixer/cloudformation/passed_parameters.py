"""The parameters that parent stacks pass to a template. Pure."""

from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import NESTED, Project
from fixer.cloudformation.template import Template


def is_passed(project: Project, template: Template, parameter: str) -> bool:
    """Whether every stack of the project that nests the template passes the parameter, so that its Default has no
    effect; not if no stack is known to nest it, and one may.
    """
    parents = [stack for _, stack in project.parents(template)]
    if parents:
        return all(parameter in mapping(stack.properties.get("Parameters")) for stack in parents)
    return bool(may_be_passed(project, template, parameter))


def may_be_passed(project: Project, template: Template, parameter: str) -> str:
    """The logical id of a stack that passes a parameter of that name to a template that is not known; "" if there is
    none.
    """
    for parent in project.others(template):
        for stack in parent.of_type(NESTED):
            passes = parameter in mapping(stack.properties.get("Parameters"))
            if passes and project.nested(parent, stack) is None:
                return stack.logical_id
    return ""
