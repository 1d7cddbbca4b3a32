"""A template as the subject of an evaluation: its declarations. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from fixer.cloudformation.template import Template
from fixer.model import Json
from fixer.resolution.resolved_values import scalar_text

_STORED = "AWS::SSM::Parameter::Value<"
_LIST = re.compile(r"(AWS::SSM::Parameter::Value<)?(List<.*|CommaDelimitedList>?)")
"""List<Number>, CommaDelimitedList, AWS::SSM::Parameter::Value<List<String>>; not String."""


@dataclass(frozen=True)
class Subject:
    """A template that is evaluated. `by_default` are the parameters whose Default applies in the scenario in which no
    value is passed; for the other parameters the Default is a value like any other. `watched` are the resources whose
    existence matters to references (None: all). `shared` are the names that stand for another kind of thing in
    another state.
    """

    template: Template
    by_default: Collection[str] = ()
    watched: Collection[str] | None = None
    shared: Collection[str] = ()

    @cached_property
    def loops(self) -> frozenset[str]:
        """The sections that contain a loop or a macro, which may declare anything."""
        names = ("Resources", "Conditions", "Mappings")
        return frozenset(name for name in names if any(key.startswith("Fn::") for key in self.template.section(name)))

    def passed(self, parameter: str, value: str) -> Json:
        """The result of a Ref to a parameter if this value is passed; the items of a list are trimmed.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
        """
        return [item.strip() for item in value.split(",")] if self._is_list(parameter) else value

    def default(self, parameter: str) -> Json:
        """The result of a Ref to a parameter if no value is passed; a symbol for an SSM parameter, of which only the
        name is known.
        """
        default = scalar_text(self._declared(parameter).get("Default")) or ""
        stored: Json = {"Fn::StoredParameter": default}
        return stored if self._is_stored(parameter) else self.passed(parameter, default)

    def allowed(self, parameter: str) -> tuple[str, ...]:
        """The only possible results of a Ref to a parameter; () if any value is possible."""
        values = self._declared(parameter).get("AllowedValues")
        if self.kind(parameter) != "value" or not isinstance(values, list):
            return ()
        return tuple(text for text in map(scalar_text, values) if text is not None)

    def kind(self, parameter: str) -> str:
        """The kind of result of a Ref to a parameter: "value", "list", "stored value" or "stored list"."""
        kind = "list" if self._is_list(parameter) else "value"
        return f"stored {kind}" if self._is_stored(parameter) else kind

    def _declared(self, parameter: str) -> dict[str, Json]:
        return self.template.parameter(parameter) or {}

    def _is_list(self, parameter: str) -> bool:
        return _LIST.fullmatch(str(self._declared(parameter).get("Type"))) is not None

    def _is_stored(self, parameter: str) -> bool:
        return str(self._declared(parameter).get("Type")).startswith(_STORED)
