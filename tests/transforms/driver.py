"""Drives one transform without the pipeline: the fast path for unit tests."""

import json
from collections.abc import Mapping
from copy import deepcopy

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.model import Finding, Json, Patch
from fixer.transforms.transform import Transform

PATH = "stack.json"
NO_VALUES: Mapping[str, str] = {}


def template_of(data: Json, path: str = PATH) -> Template:
    """A template with this data; the text is of no interest."""
    return Template(path, parse(json.dumps(data, indent=2), path))


def context_of(
    transform: Transform,
    template: Template,
    options: Mapping[str, str] = NO_VALUES,
    require: Mapping[str, str] = NO_VALUES,
    others: tuple[Template, ...] = (),
) -> Context:
    """What the transform sees: the template, others of the project, options, requirements."""
    defaults = {option.name: option.default for option in transform.options if option.default is not None}
    return Context(transform.id, Project.of([template, *others]), defaults | dict(options), require)


def found(transform: Transform, data: Json) -> list[Finding]:
    """What the transform finds in a template."""
    template = template_of(data)
    return list(transform.detect(template, context_of(transform, template)))


def patches(
    transform: Transform,
    data: Json,
    options: Mapping[str, str] = NO_VALUES,
    require: Mapping[str, str] = NO_VALUES,
    others: tuple[Template, ...] = (),
) -> list[Patch]:
    """The patch of each finding, all made from the template as it is."""
    template = template_of(data)
    context = context_of(transform, template, options, require, others)
    return [transform.patch(template, finding, context) for finding in transform.detect(template, context)]


def only_patch(
    transform: Transform,
    data: Json,
    options: Mapping[str, str] = NO_VALUES,
    require: Mapping[str, str] = NO_VALUES,
    others: tuple[Template, ...] = (),
) -> Patch:
    """The patch of the only finding."""
    [patch] = patches(transform, data, options, require, others)
    return patch


def repaired(transform: Transform, data: Json, options: Mapping[str, str] = NO_VALUES) -> Json:
    """The data after the last finding with a patch was repaired, one at a time, detecting anew after each."""
    template = template_of(deepcopy(data))
    for _ in range(50):
        context = context_of(transform, template, options)
        made = [transform.patch(template, finding, context) for finding in transform.detect(template, context)]
        patch = next((patch for patch in made if patch.files), None)
        if patch is None:
            return template.data
        template = Template(template.path, template.document.apply(patch.files[template.path]))
    raise AssertionError(f"{transform.id} does not converge")
