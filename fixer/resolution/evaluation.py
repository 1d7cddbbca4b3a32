"""A template in one scenario: the entries that exist, the conditions that hold, and the resolved values. Pure.

A value that only a deployment can give stays a symbol (`fixer.resolution.resolved_values`).
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from fixer.cloudformation.intrinsics import NO_VALUE, as_int, branches, getatt_target, intrinsic_name, mapping, sequence
from fixer.cloudformation.name_uses import PSEUDO_PARAMETERS
from fixer.model import Json
from fixer.resolution.resolved_values import (
    around,
    is_concrete,
    is_symbol,
    joined,
    parts_of,
    present,
    same,
    scalar_text,
    symbol_name,
)
from fixer.resolution.scenarios import Scenario, Unresolvable, not_passed
from fixer.resolution.subject import Subject

UNDEFINED = "undefined:"
"""The prefix in a symbol for a name that is not declared, or does not exist in this scenario."""

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")
"""${Name}, ${Name.Attribute} and the escaped ${!Name}; not ${}."""

_SYMBOLIC = ("Fn::Base64", "Fn::Cidr", "Fn::GetStackOutput", "Fn::ImportValue")
"""The functions whose results only a deployment can give, for any arguments."""


class Evaluation:
    """One template in one scenario. Every method may raise Undecided or Unresolvable."""

    def __init__(self, subject: Subject, scenario: Scenario) -> None:
        self.subject = subject
        self.template = subject.template
        self.scenario = scenario
        self._conditions: dict[str, bool | None] = {}

    def exists(self, entry: Json) -> bool:
        """Whether an entry of Resources or Outputs exists: it has no Condition, or its Condition holds."""
        condition = mapping(entry).get("Condition")
        return self.condition(condition) if isinstance(condition, str) else True

    def condition(self, name: str) -> bool:
        """Whether a declared condition holds."""
        if (known := self._conditions.get(name)) is not None:
            return known
        if name in self._conditions:
            raise Unresolvable(f"the condition {name} depends on itself")
        declared = self.template.section("Conditions")
        if name not in declared:
            if "Conditions" in self.subject.loops:
                raise Unresolvable(f"a loop may declare the condition {name}")
            return self.scenario.holds(f"the undeclared condition {name}")
        self._conditions[name] = None
        try:
            found = self._conditions[name] = self._truth(declared[name])
        finally:
            if self._conditions[name] is None:
                del self._conditions[name]
        return found

    def chosen(self, value: Json) -> Json:
        """The value that a Fn::If chooses, as it is written; any other value itself."""
        while (either := branches(value)) is not None:
            condition = sequence(mapping(value)["Fn::If"])[0]
            holds = self.condition(condition) if isinstance(condition, str) else self._truth(condition)
            value = either[0] if holds else either[1]
        return value

    def resolve(self, value: Json) -> Json:
        """The resolved value; NO_VALUE if it counts as absent."""
        if isinstance(value, list):
            return present(map(self.resolve, value))
        if not isinstance(value, dict):
            return value
        if (function := intrinsic_name(value)) is not None:
            return self._call(function, value[function])
        if any(key.startswith("Fn::") for key in value):
            raise Unresolvable("a function has other keys beside it")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item != NO_VALUE}

    def equal(self, one: Json, other: Json) -> bool:
        """Whether two resolved values are equal in this scenario."""
        if same(one, other):
            return True
        if is_concrete(one):
            one, other = other, one
        if is_concrete(one):
            return False
        value = scalar_text(other)
        if value is not None:
            return self._is(one, value)
        return self.scenario.holds(" equals ".join(sorted((symbol_name(one), symbol_name(other)))))

    def _is(self, text: Json, value: str) -> bool:
        found = around(text, value)
        if found is None:
            return self.scenario.is_value(symbol_name(text), value)
        symbol, needed = found
        return needed is not None and self.scenario.is_value(symbol_name(symbol), needed)

    def _truth(self, expression: Json) -> bool:
        function, argument = next(iter(mapping(expression).items()), ("", None))
        match function, argument:
            case "Fn::Equals", [one, other]:
                return self.equal(self.resolve(one), self.resolve(other))
            case "Fn::And", [*parts]:
                return all(self._truth(part) for part in parts)
            case "Fn::Or", [*parts]:
                return any(self._truth(part) for part in parts)
            case "Fn::Not", [part]:
                return not self._truth(part)
            case "Condition", str() as name:
                return self.condition(name)
        if (literal := scalar_text(expression)) in ("true", "false"):
            return literal == "true"
        raise Unresolvable(f"{function or 'a value'} is not a condition")

    def _call(self, function: str, argument: Json) -> Json:
        if function in self._EVALUATED:
            return self._EVALUATED[function](self, argument)
        if function not in _SYMBOLIC:
            raise Unresolvable(f"{function} cannot be evaluated")
        return self._symbol(function, self.resolve(argument))

    def _symbol(self, function: str, argument: Json) -> Json:
        """The symbol, or the value that it has in this scenario."""
        symbol: Json = {function: argument}
        if not self.scenario.values:
            return symbol
        value = self.scenario.values.get(symbol_name(symbol))
        return symbol if value is None else value

    def _ref(self, target: Json) -> Json:
        if not isinstance(target, str):
            return self._symbol("Ref", self.resolve(target))
        if target in self.template.section("Parameters"):
            return self._parameter(target)
        if target in PSEUDO_PARAMETERS:
            value = self.scenario.value(target)
            return {"Ref": target} if value is None else value
        return {"Ref": self._existing(target)}

    def _existing(self, logical_id: str) -> str:
        """The logical id as it appears in a symbol, which distinguishes the meanings of a name."""
        resources = self.template.section("Resources")
        if logical_id not in resources:
            return logical_id if "Resources" in self.subject.loops else UNDEFINED + logical_id
        watched = self.subject.watched
        if (watched is None or logical_id in watched) and not self.exists(resources[logical_id]):
            return UNDEFINED + logical_id
        return self._distinct(logical_id, "resource")

    def _distinct(self, name: str, kind: str) -> str:
        return f"{kind}:{name}" if name in self.subject.shared else name

    def _parameter(self, name: str) -> Json:
        if name in self.subject.by_default and self.scenario.holds(not_passed(name)):
            return self.subject.default(name)
        value = self.scenario.value(name)
        if value is not None:
            return self.subject.passed(name, value)
        return {"Ref": self._distinct(name, self.subject.kind(name))}

    def _get_att(self, argument: Json) -> Json:
        target = getatt_target({"Fn::GetAtt": argument})
        if target is not None:
            return self._attribute(*target)
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str):
            return self._attribute(argument[0], self.resolve(argument[1]))
        return self._symbol("Fn::GetAtt", self.resolve(argument))

    def _attribute(self, logical_id: str, attribute: Json) -> Json:
        return self._symbol("Fn::GetAtt", [self._existing(logical_id), attribute])

    def _sub(self, argument: Json) -> Json:
        text, *more = argument if isinstance(argument, list) and argument else [argument]
        variables = mapping(self.resolve(more[0])) if more else {}
        if not isinstance(text, str):
            return self._symbol("Fn::Sub", self.resolve(argument))
        parts: list[Json] = []
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            parts += [text[end : found.start()], self._placeholder(found[1], found[2], variables)]
            end = found.end()
        return self._text([*parts, text[end:]])

    def _placeholder(self, escape: str, content: str, variables: Mapping[str, Json]) -> Json:
        if escape:
            return f"${{{content}}}"
        name = content.strip()
        if name in variables:
            return variables[name]
        target, dot, attribute = name.partition(".")
        return self._attribute(target, attribute) if dot else self._ref(name)

    def _join(self, argument: Json) -> Json:
        match self.resolve(argument):
            case [str() as separator, [*items]]:
                apart: list[Json] = [each for item in items for each in (separator, item)]
                return self._text(apart[1:])
            case [separator, {"Fn::Split": [divider, text]}] if separator == divider:
                return self._text([text])
            case arguments:
                return self._symbol("Fn::Join", arguments)

    def _text(self, parts: list[Json]) -> Json:
        text = joined(parts)
        return self._symbol("Fn::Join", ["", parts_of(text)]) if len(parts_of(text)) > 1 else text

    def _select(self, argument: Json) -> Json:
        match argument:
            case [index, items]:
                position, found = self.resolve(index), self.resolve(items)
            case _:
                return self._symbol("Fn::Select", self.resolve(argument))
        if isinstance(found, list):
            number = self._known(position, map(str, range(len(found)))) if is_symbol(position) else position
            chosen = as_int(number) if isinstance(number, int | str) else None
            if chosen is not None and 0 <= chosen < len(found):
                return found[chosen]
        return self._symbol("Fn::Select", [position, found])

    def _split(self, argument: Json) -> Json:
        match self.resolve(argument):
            case [str() as divider, text] if divider:
                name = symbol_name(text) if is_symbol(text) else ""
                known = self._known(text, self.scenario.allowed.get(name, ()))
                whole = scalar_text(known)
                return self._symbol("Fn::Split", [divider, text]) if whole is None else list(whole.split(divider))
            case arguments:
                return self._symbol("Fn::Split", arguments)

    def _find_in_map(self, argument: Json) -> Json:
        match argument:
            case [name, first, second, *rest]:
                keys = [self.resolve(key) for key in (name, first, second)]
            case _:
                return self._symbol("Fn::FindInMap", self.resolve(argument))
        if "Mappings" in self.subject.loops:
            raise Unresolvable("a macro may declare mappings")
        found: Json = self.template.section("Mappings")
        for key in keys:
            known = self._known(key, mapping(found))
            found = mapping(found).get(scalar_text(known) or "")
        if found is not None:
            return found
        fallback = mapping(rest[0]).get("DefaultValue") if rest else None
        return self._symbol("Fn::FindInMap", [UNDEFINED, *keys[1:]]) if fallback is None else self.resolve(fallback)

    def _known(self, value: Json, candidates: Iterable[str]) -> Json:
        """The candidate that a value equals; the value itself if it is known or equals none of them."""
        if is_concrete(value):
            return value
        return next((candidate for candidate in candidates if self.equal(value, candidate)), value)

    def _get_azs(self, argument: Json) -> Json:
        """An empty region means the region of the stack.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
        """
        region = self.resolve(argument)
        return self._symbol("Fn::GetAZs", self._ref("AWS::Region") if region == "" else region)

    def _length(self, argument: Json) -> Json:
        items = self.resolve(argument)
        return len(items) if isinstance(items, list) else self._symbol("Fn::Length", items)

    def _json_text(self, argument: Json) -> Json:
        """In JSON text, 5 differs from "5", and the order of the keys matters."""
        return self._symbol("Fn::ToJsonString", json.dumps(self.resolve(argument), ensure_ascii=False))

    def _if(self, arguments: Json) -> Json:
        whole: Json = {"Fn::If": arguments}
        chosen = self.chosen(whole)
        return self._symbol("Fn::If", self.resolve(arguments)) if chosen is whole else self.resolve(chosen)

    _EVALUATED: ClassVar[dict[str, Callable[["Evaluation", Json], Json]]] = {
        "Ref": _ref,
        "Fn::FindInMap": _find_in_map,
        "Fn::GetAZs": _get_azs,
        "Fn::GetAtt": _get_att,
        "Fn::If": _if,
        "Fn::Join": _join,
        "Fn::Length": _length,
        "Fn::Select": _select,
        "Fn::Split": _split,
        "Fn::Sub": _sub,
        "Fn::ToJsonString": _json_text,
    }


def can_evaluate(function: str) -> bool:
    """Whether values that call a function can be resolved."""
    return function in Evaluation._EVALUATED or function in _SYMBOLIC
