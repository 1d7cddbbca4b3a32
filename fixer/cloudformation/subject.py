"""A template as the subject of an evaluation: what it declares. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.resolved_values import scalar_text
from fixer.cloudformation.template import Template
from fixer.model import Json

_STORED = "AWS::SSM::Parameter::Value<"
_LIST = re.compile(r"(AWS::SSM::Parameter::Value<)?(List<.*|CommaDelimitedList>?)")
"""List<Number>, CommaDelimitedList, AWS::SSM::Parameter::Value<List<String>>; not String."""


@dataclass(frozen=True)
class Subject:
    """A template that is evaluated. `by_default` are the parameters whose Default counts in the scenario in which no
    value is passed; that of the others is a value like any other. `watched` are the resources of which a reference must
    know whether they exist; None: all. `shared` are the names of resources that are parameters in another state.
    """

    template: Template
    by_default: Collection[str] = ()
    watched: Collection[str] | None = None
    shared: Collection[str] = ()

    @cached_property
    def loops(self) -> frozenset[str]:
        """The sections with a loop or a macro in them, which may declare anything."""
        names = ("Resources", "Conditions", "Mappings")
        return frozenset(name for name in names if any(key.startswith("Fn::") for key in self.template.section(name)))

    def passed(self, parameter: str, value: str) -> Json:
        """What a Ref to a parameter gives where this value is passed; the items of a list are trimmed.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
        """
        is_list = _LIST.fullmatch(self._type(parameter))
        return [item.strip() for item in value.split(",")] if is_list else value

    def default(self, parameter: str) -> Json:
        """What a Ref to a parameter gives where nothing is passed; of a stored one, which is only known by its name, a
        symbol.
        """
        default = scalar_text((self.template.parameter(parameter) or {}).get("Default")) or ""
        stored: Json = {"Fn::StoredParameter": default}
        return stored if self._type(parameter).startswith(_STORED) else self.passed(parameter, default)

    def allowed(self, parameter: str) -> tuple[str, ...]:
        """The only values that a Ref to a parameter can give, () where it can give any."""
        if self._type(parameter).startswith(_STORED) or _LIST.fullmatch(self._type(parameter)):
            return ()
        values = (self.template.parameter(parameter) or {}).get("AllowedValues")
        texts = map(scalar_text, values if isinstance(values, list) else ())
        return tuple(text for text in texts if text is not None)

    def _type(self, parameter: str) -> str:
        return str(mapping(self.template.parameter(parameter)).get("Type"))
