"""The input of a transform besides the template: the project, lint matches, its options, the requirements."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fixer import pointer
from fixer.aws.conditions import implies
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Resource, Template
from fixer.errors import BadConfig
from fixer.model import Finding, Json, LintMatch
from fixer.model.failures import Failure
from fixer.model.versions import Version, no_versions


@dataclass(frozen=True)
class Option:
    """A value that a transform accepts with `--set ID.NAME=VALUE`. Without a default it is optional or requested."""

    name: str
    help: str
    default: str | None = None
    choices: tuple[str, ...] = ()


Handled: TypeAlias = tuple[str, int, str, str]
"""A failure list, the line of a failure in it, and the path and the logical id of an entry; no path and no id for a
failure that a transform of the run looks for everywhere.
"""


@dataclass(frozen=True)
class Context:
    """The surroundings of one transform in one round.

    `options` are the transform's own values (`--set ID.NAME=VALUE`, defaults filled in); `requirements` the declared
    requirements, name to value ("" if there is none); `matches` the lint matches of the transform's rules per path.
    `selected`: the user named the transform. `named` are the words of the other findings of the run, per path; it is
    empty except for transforms that run last. `failures` are those that failure lists name, `original` is the project
    at the start of the run (None: as it is now), and `handled` are the entries in which another transform
    repairs a listed failure. `earlier` gives the earlier versions of the template at a path, the newest first; it reads
    them when it is called.
    """

    transform_id: str
    project: Project
    options: Mapping[str, str] = field(default_factory=dict)
    requirements: Mapping[str, str] = field(default_factory=dict)
    matches: Mapping[str, tuple[LintMatch, ...]] = field(default_factory=dict)
    selected: bool = False
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    original: Project | None = None
    handled: frozenset[Handled] = frozenset()
    earlier: Callable[[str], tuple[Version, ...]] = no_versions

    def finding(self, template: Template, place: str, message: str, match: LintMatch | None = None) -> Finding:
        """A finding of this transform at a place of the template, which must exist."""
        seen: Json = pointer.get(template.data, place)
        key = f"{self.transform_id}:{template.path}:{template.key_of(place)}"
        return Finding(self.transform_id, template.path, place, message, seen, key, match)

    def reported(self, template: Template) -> Iterator[tuple[LintMatch, str]]:
        """The matches of the transform's cfn-lint rules in a template, each place once, with the pointer of the place.

        Matches whose path does not exist, for example that of a missing key, are left out.
        """
        places = set()
        for match in self.matches.get(template.path, ()):
            place = pointer.join(*match.path)
            if place not in places and pointer.exists(template.data, place):
                places.add(place)
                yield match, place

    def reported_entries(self, template: Template, depth: int) -> Iterator[tuple[LintMatch, str, str]]:
        """(match, place, message) of reported entries of lists or mappings `depth` keys below the root: each entry or,
        if all entries of a container are reported, the container once, with all messages.
        """
        by_container: dict[str, list[tuple[LintMatch, str]]] = {}
        for match, place in self.reported(template):
            by_container.setdefault(pointer.join(*match.path[:depth]), []).append((match, place))
        for container, reported in by_container.items():
            entries = pointer.get(template.data, container)
            if isinstance(entries, dict | list) and len(reported) < len(entries):
                yield from ((match, place, match.message) for match, place in reported)
            else:
                yield reported[0][0], container, "; ".join(match.message for match, _ in reported)

    def asked(self, requirement: str) -> bool:
        """Whether a requirement applies: it or the transform's id was declared, or the transform is selected."""
        return self.selected or requirement in self.requirements or self.transform_id in self.requirements

    def is_named(self, template: Template, name: str) -> bool:
        """Whether another finding of the run, repaired or not, names a declaration of the template."""
        return name in self.named.get(template.path, ())

    def option(self, name: str) -> str | None:
        """The value of one of the transform's options; None if it has neither a value nor a default."""
        return self.options.get(name)

    def want(self, name: str, placeholder: str) -> str:
        """How the user gives a missing value: `ID.NAME=PLACEHOLDER`, the argument of `--set`."""
        return f"{self.transform_id}.{name}={placeholder}"

    def bad_option(self, name: str, why: str) -> BadConfig:
        """The error to raise for a value that cannot be used."""
        return BadConfig(f"--set {self.transform_id}.{name}={self.options.get(name, '')}: {why}")

    def exists_with(self, template: Template, needed: Resource, user: Resource) -> bool:
        """Whether `needed` exists whenever `user` does, by their conditions."""
        if needed.condition is None or needed.condition == user.condition:
            return True
        return user.condition is not None and implies(template.data, user.condition, needed.condition)
