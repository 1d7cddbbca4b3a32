"""Several templates read together: the role of each template, and what one template passes to another."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fixer import pointer
from fixer.cloudformation.databases import Role
from fixer.cloudformation.intrinsics import mapping, sequence, sub_variables
from fixer.cloudformation.regions import region_in
from fixer.cloudformation.roles import DNS, role_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Deduction, Json
from fixer.settings import Declared

NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class ParameterFile:
    """A file that passes values to a stack: its path as reported, and the names of its parameters.

    `template` is the path of the template that it is for; "" if it does not say.
    """

    path: str
    names: frozenset[str]
    template: str = ""


@dataclass(frozen=True)
class Project:
    """The templates of one folder and the local nested stacks that they name, or those that the configuration lists; by
    path as reported, in the order of their paths.
    """

    templates: Mapping[str, Template]
    declared: Mapping[str, Declared] = field(default_factory=dict)
    parameter_files: tuple[ParameterFile, ...] = ()

    @classmethod
    def of(
        cls,
        templates: list[Template],
        declared: Mapping[str, Declared] | None = None,
        parameter_files: tuple[ParameterFile, ...] = (),
    ) -> "Project":
        """A project of these templates; their order does not matter."""
        ordered = {template.path: template for template in sorted(templates, key=lambda template: template.path)}
        return cls(ordered, declared or {}, parameter_files)

    def with_template(self, template: Template) -> "Project":
        """The same project with one template replaced."""
        return Project({**self.templates, template.path: template}, self.declared, self.parameter_files)

    def others(self, template: Template) -> Iterator[Template]:
        """The other templates of the project."""
        return (other for path, other in self.templates.items() if path != template.path)

    def of_type(self, *types: str) -> Iterator[tuple[Template, Resource]]:
        """The resources of these types in all templates."""
        for template in self.templates.values():
            for resource in template.of_type(*types):
                yield template, resource

    @cached_property
    def ordered(self) -> tuple[Template, ...]:
        """The templates in the order of deployment: primaries, those without a role, secondaries, DNS; then by path."""
        rank = {Role.PRIMARY.value: 0, Role.SECONDARY.value: 2, DNS: 3}

        def place(template: Template) -> int:
            known = self.role(template)
            return rank[known.value] if known else 1

        return tuple(sorted(self.templates.values(), key=lambda template: (place(template), template.path)))

    def role(self, template: Template) -> Deduction | None:
        """ "primary", "secondary" or "dns": from the configuration, else from its databases or failover records."""
        if said := self.declared.get(template.path, Declared()).role:
            return Deduction(said, "configuration")
        return role_of(template)

    def has_role(self, template: Template, role: str) -> bool:
        """Whether the template is known to have that role."""
        known = self.role(template)
        return known is not None and known.value == role

    def region(self, template: Template) -> Deduction | None:
        """The region of the template: from the configuration, else from the template itself."""
        if said := self.declared.get(template.path, Declared()).region:
            return Deduction(said, "configuration")
        return region_in(template)

    def stack(self, template: Template) -> str:
        """The stack name of the template in the configuration; "" if it is not given."""
        return self.declared.get(template.path, Declared()).stack

    def declared_option(self, template: Template, transform_id: str, name: str) -> str | None:
        """A value that the configuration gives to a transform for this template only; None if it is not given."""
        return self.declared.get(template.path, Declared()).options.get(transform_id, {}).get(name)

    def apart(self, first: Template, second: Template) -> bool:
        """Whether two templates are known to be for different regions, by their regions or, for a global database, by
        their roles: Aurora allows one cluster per region.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-getting-started.html
        """
        regions = self.region(first), self.region(second)
        if regions[0] and regions[1]:
            return regions[0].value != regions[1].value
        roles = {role.value for role in (self.role(first), self.role(second)) if role}
        return roles == {Role.PRIMARY.value, Role.SECONDARY.value}

    def importer(self, exporter: Template, export: Json) -> str:
        """The path of a template that imports an export of another one; "" if there is none or the names cannot be
        matched.

        The literal parts of an export's name are compared, without stack names: `${AWS::StackName}-VpcId` in one
        template matches `${NetworkStackName}-VpcId` in the other.
        """
        return next((importer.path for importer, _ in self.imports_of(exporter, export)), "")

    def imports_of(self, exporter: Template, export: Json) -> Iterator[tuple[Template, Json]]:
        """The templates that import an export of another one, with the Fn::ImportValue, matched as by `importer`."""
        wanted = spelled_export(export)
        for path, name in self._imports if wanted is not None else ():
            if path != exporter.path and spelled_export(name) == wanted:
                yield self.templates[path], {"Fn::ImportValue": name}

    def nested(self, parent: Template, stack: Resource) -> Template | None:
        """The template of the project that an AWS::CloudFormation::Stack names: by a local path, or by the last part of
        a URL if only one other template has that file name.
        """
        if file := local_template(parent.path, stack):
            return next((each for path, each in self.templates.items() if file == os.path.normpath(path)), None)
        name = _file_name(stack.properties.get("TemplateURL"))
        found = [each for each in self.others(parent) if name and os.path.basename(each.path) == name]
        return found[0] if len(found) == 1 else None

    def parents(self, template: Template) -> Iterator[tuple[Template, Resource]]:
        """The stacks of other templates that nest this one."""
        for parent in self.others(template):
            for stack in parent.of_type(NESTED):
                if self.nested(parent, stack) is template:
                    yield parent, stack

    def is_passed(self, template: Template, parameter: str) -> bool:
        """Whether another template passes a parameter of that name to a nested stack, wherever that stack's template
        is.
        """
        stacks = (stack for other, stack in self.of_type(NESTED) if other.path != template.path)
        return any(parameter in mapping(stack.properties.get("Parameters")) for stack in stacks)

    @cached_property
    def _imports(self) -> tuple[tuple[str, Json], ...]:
        return tuple(
            (path, value["Fn::ImportValue"])
            for path, template in self.templates.items()
            for _, value in pointer.walk(template.data)
            if isinstance(value, dict) and "Fn::ImportValue" in value
        )


def local_template(path: str, stack: Resource) -> str:
    """The path of the template that a nested stack names, if it is a local path such as `aws cloudformation package`
    accepts; "" for a URL or an expression.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
    """
    url = stack.properties.get("TemplateURL")
    if not isinstance(url, str) or "://" in url or os.path.isabs(url):
        return ""
    return os.path.normpath(os.path.join(os.path.dirname(path), url))


def _file_name(url: Json) -> str:
    """The last part of a URL, if it is literal or in the text of a Fn::Sub or Fn::Join; else ""."""
    if isinstance(url, dict) and len(url) == 1:
        [(function, argument)] = url.items()
        if function == "Fn::Sub":
            url = argument[0] if isinstance(argument, list) and argument else argument
        elif function == "Fn::Join":
            parts = sequence(argument[1]) if isinstance(argument, list) and len(argument) == 2 else []
            url = parts[-1] if parts else None
    if not isinstance(url, str) or "}" in (name := url.rpartition("/")[2]):
        return ""
    return name.partition("?")[0]


def spelled_export(name: Json) -> str | None:
    """The name of an export without stack names and pseudo parameters; None if it cannot be read."""
    if isinstance(name, dict) and len(name) == 1:
        name = name.get("Fn::Sub")
    if not isinstance(name, str):
        return None
    for variable in sub_variables(name):
        stack = variable == "AWS::StackName" or variable.lower().endswith(("stack", "stackname"))
        name = name.replace("${" + variable + "}", "${stack}" if stack else "${" + variable + "}")
    return name
