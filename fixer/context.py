"""What a transform may see besides the template: the project, lint matches, its options, the requirements. Level 4."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fixer import pointer
from fixer.aws.conditions import implies
from fixer.model import BadConfig, Finding, Json, LintMatch
from fixer.project import Project
from fixer.template import Resource, Template


@dataclass(frozen=True)
class Option:
    """A value that a transform may take with `--set ID.NAME=VALUE`. No default: it is either optional or asked for."""

    name: str
    help: str
    default: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """The surroundings of one transform in one round.

    `options` are the transform's own values (`--set ID.NAME=VALUE`, defaults filled in); `requirements` what was
    declared, name to value ("" where a name alone says it); `matches` the lint matches per path. `selected`: the user
    named the transform.
    """

    transform_id: str
    project: Project
    options: Mapping[str, str] = field(default_factory=dict)
    requirements: Mapping[str, str] = field(default_factory=dict)
    matches: Mapping[str, tuple[LintMatch, ...]] = field(default_factory=dict)
    selected: bool = False

    def finding(self, template: Template, place: str, message: str, match: LintMatch | None = None) -> Finding:
        """A finding of this transform at a place of the template, which must exist."""
        seen: Json = pointer.get(template.data, place)
        key = f"{self.transform_id}:{template.path}:{template.key_of(place)}"
        return Finding(self.transform_id, template.path, place, message, seen, key, match)

    def asked(self, requirement: str) -> bool:
        """Whether a requirement holds: it, or the transform by its name, was declared, or the transform selected."""
        return self.selected or requirement in self.requirements or self.transform_id in self.requirements

    def option(self, name: str) -> str | None:
        """The value of one of the transform's options, None when it has neither value nor default."""
        return self.options.get(name)

    def want(self, name: str, placeholder: str) -> str:
        """How the user gives a value that is missing: `ID.NAME=PLACEHOLDER`, as `--set` takes it."""
        return f"{self.transform_id}.{name}={placeholder}"

    def bad_option(self, name: str, why: str) -> BadConfig:
        """The error to raise for a value that cannot be used."""
        return BadConfig(f"--set {self.transform_id}.{name}={self.options.get(name, '')}: {why}")

    def exists_with(self, template: Template, needed: Resource, user: Resource) -> bool:
        """Whether `needed` exists whenever `user` does, by their conditions."""
        if needed.condition is None or needed.condition == user.condition:
            return True
        return user.condition is not None and implies(template.data, user.condition, needed.condition)
