"""Several templates read together. Level 4: which template is which, and what one says about another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fixer.template import Resource, Template


@dataclass(frozen=True)
class Project:
    """The templates of one directory, by path as reported, in the order of their paths."""

    templates: Mapping[str, Template]

    @classmethod
    def of(cls, templates: list[Template]) -> "Project":
        """A project of these templates; their order does not matter."""
        return cls({template.path: template for template in sorted(templates, key=lambda template: template.path)})

    def with_template(self, template: Template) -> "Project":
        """The same project with one template exchanged."""
        return Project({**self.templates, template.path: template})

    def others(self, template: Template) -> Iterator[Template]:
        """The other templates of the project."""
        return (other for path, other in self.templates.items() if path != template.path)

    def of_type(self, *types: str) -> Iterator[tuple[Template, Resource]]:
        """The resources of these types in all templates."""
        for template in self.templates.values():
            for resource in template.of_type(*types):
                yield template, resource
