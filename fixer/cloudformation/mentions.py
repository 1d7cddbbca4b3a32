"""Names of declarations in texts that CloudFormation does not read as references. Pure.

A person who writes "jobs-{Env}" in a Fn::Sub, or "$Stage" in a script, means something by that name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fixer import pointer
from fixer.cloudformation.foreign_text import language_key
from fixer.cloudformation.name_uses import name_uses
from fixer.cloudformation.template import Template

_NAME = r"[A-Za-z][A-Za-z0-9]*(?:::[A-Za-z]+)?"
_TRACE = re.compile(
    rf"\$\{{!?\s*(?P<sub>{_NAME})[^}}]*\}}"
    rf"|(?P<whole>\{{\{{\s*(?P<twice>{_NAME})\s*\}}\}}"
    rf"|[$#]?\{{\s*(?P<braces>{_NAME})\s*\}}"
    rf"|\$\(\s*(?P<round>{_NAME})\s*\)|\$\[\s*(?P<square>{_NAME})\s*\]|\$(?P<bare>{_NAME})\b"
    rf"|%(?P<percent>{_NAME})%|<(?P<angle>{_NAME})>|@(?P<at>{_NAME})@|__(?P<under>{_NAME})__)"
)
"""A name with the marks of a variable: {Env}, {{Env}}, #{Env}, $Env, $(Env), $[Env], %Env%, <Env>, @Env@, __Env__, and
${Env}. Must not match "Env" or "{not a name}".
"""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_CONSOLE = "AWS::CloudFormation::Interface"


@dataclass(frozen=True)
class Trace:
    """A name with the marks of a variable in a text: `spelled` is the text there, such as {Env}."""

    spelled: str
    name: str


def traces(text: str) -> Iterator[Trace]:
    """The names in a text that have the marks of another language's variables; not those in ${Name}."""
    for found in _TRACE.finditer(text):
        if found["whole"]:
            yield Trace(
                found["whole"], next(name for key, name in found.groupdict().items() if name and key != "whole")
            )


@dataclass(frozen=True)
class Mentions:
    """The names that the texts of a template mention."""

    template: Template

    def of(self, name: str) -> str:
        """The place whose text mentions a name, without being a reference to it; "" if there is none."""
        return self._marked.get(name) or self._foreign.get(name, "")

    @cached_property
    def _marked(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for place, text in self._texts:
            for each in _TRACE.finditer(text):
                for key, name in each.groupdict().items():
                    if name and key != "whole" and (place, name) not in self._used:
                        found.setdefault(name, place)
        return found

    @cached_property
    def _foreign(self) -> dict[str, str]:
        """Every word of the texts that another language reads."""
        found: dict[str, str] = {}
        for place, text in self._texts:
            if language_key(place, text):
                for word in _WORD.findall(text):
                    if (place, word) not in self._used:
                        found.setdefault(word, place)
        return found

    @cached_property
    def _used(self) -> frozenset[tuple[str, str]]:
        """(place, name) of every reference."""
        return frozenset((use.place, use.name) for use in name_uses(self.template))

    @cached_property
    def _texts(self) -> tuple[tuple[str, str], ...]:
        data = {
            name: {key: each for key, each in self.template.section(name).items() if key != _CONSOLE}
            if name == "Metadata"
            else section
            for name, section in self.template.data.items()
            if name != "Parameters"
        }
        return tuple((place, value) for place, value in pointer.walk(data) if isinstance(value, str))
