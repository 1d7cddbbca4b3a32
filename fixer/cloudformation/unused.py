"""Declarations that nothing uses, and those that only they use. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.name_uses import Kind, name_uses
from fixer.cloudformation.template import Template
from fixer.model import Json

Name = tuple[str, str]
"""(section, name) of a declaration."""

_SECTION = {
    Kind.PARAMETER: "Parameters",
    Kind.VALUE: "Parameters",
    Kind.CONDITION: "Conditions",
    Kind.MAPPING: "Mappings",
}
_BY_TYPE = ("Fn::RefAll", "Fn::ValueOfAll")


@dataclass(frozen=True)
class Uses:
    """What uses which parameter, condition and mapping of a template."""

    template: Template

    def chain(self, roots: Iterable[Name]) -> tuple[Name, ...]:
        """The roots, and the declarations that only they use, directly or through each other; roots first."""
        gone = dict.fromkeys(roots)
        for _ in range(len(self._users) + 1):
            more = [name for name, users in self._users.items() if name not in gone and users <= gone.keys()]
            gone |= dict.fromkeys(more)
        return tuple(gone)

    def chains(self, roots: Sequence[Name]) -> Iterator[tuple[Name, ...]]:
        """The chains of several roots. Roots whose chains meet share one."""
        left = list(self.chain(roots))
        while left:
            group = [left[0]]
            for name in group:
                group += [other for other in left if other not in group and self._are_bound(name, other)]
            left = [name for name in left if name not in group]
            yield tuple(group)

    def emptied(self, names: Iterable[Name]) -> set[str]:
        """The sections that have no entry left without these declarations: a section must not be empty."""
        gone: dict[str, set[str]] = {}
        for section, name in names:
            gone.setdefault(section, set()).add(name)
        return {section for section, own in gone.items() if own >= set(self.template.section(section))}

    def rule_of(self, parameter: str) -> str:
        """The rule that uses a parameter; "" if there is none. Fn::RefAll and Fn::ValueOfAll use all of a type.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
        """
        kind = item_type(self.template.section("Parameters").get(parameter))
        for rule, body in self.template.section("Rules").items():
            for _, value in pointer.walk(body):
                for function, argument in mapping(value).items():
                    first = argument[0] if isinstance(argument, list) and argument else argument
                    if (function in ("Ref", "Fn::ValueOf") and first == parameter) or (
                        function in _BY_TYPE and first == kind
                    ):
                        return rule
        return ""

    def _are_bound(self, one: Name, other: Name) -> bool:
        return one in self._users.get(other, ()) or other in self._users.get(one, ())

    @cached_property
    def _users(self) -> dict[Name, set[Name]]:
        """The owners of all places that use a declaration: conditions by name, everything else by its section."""
        found: dict[Name, set[Name]] = {}
        for use in name_uses(self.template):
            section, owner, *_ = pointer.split(use.place)
            target = (_SECTION.get(use.kind, ""), use.name)
            if target[1] in self.template.section(target[0]):
                found.setdefault(target, set()).add((section, owner))
        for parameter in self.template.section("Parameters"):
            if rule := self.rule_of(parameter):
                found.setdefault(("Parameters", parameter), set()).add(("Rules", rule))
        for reference in self.template.references:
            section, owner = reference.owner
            if section not in ("Conditions", "Resources", "Outputs", "Rules"):
                found.setdefault(("Parameters", reference.target), set()).add((section, owner))
        return found


def item_type(declared: Json) -> str:
    """The type of a parameter, or of the items of a list, as Fn::RefAll and Fn::ValueOfAll name it."""
    return re.sub(r"^(?:List|AWS::SSM::Parameter::Value)<(.+)>$", r"\1", str(mapping(declared).get("Type")))
