"""The order in which CloudFormation creates resources, in one scenario. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

import json
from collections.abc import Iterable, Iterator

from fixer.cloudformation.intrinsics import as_int, branches, intrinsic_name, mapping, sequence, sub_variables
from fixer.cloudformation.references import references_in
from fixer.model import Json
from fixer.resolution.evaluation import UNDEFINED, Evaluation, can_evaluate
from fixer.resolution.resolved_values import may_vanish
from fixer.resolution.scenarios import Undecided, Unresolvable


class CreationOrder:
    """The order of creation. Resources that name each other in a Fn::If with an unknown choice may need each other; the
    scenario is asked only where the answer depends on that.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._resources = evaluation.template.section("Resources")
        self._obstacle: Exception | None = None

    def declared(self, logical_id: str) -> frozenset[str]:
        """The names in the DependsOn of a resource that exist in the scenario; a name that is not declared is
        UNDEFINED.
        """
        named = mapping(self._resources.get(logical_id)).get("DependsOn")
        names = named if isinstance(named, list) else [] if named is None else [named]
        return frozenset(found for name in names if (found := self._target(name)))

    def is_before(self, first: str, second: str) -> bool:
        """Whether `first` must exist before `second` is created. Raises Undecided or Unresolvable."""
        if first in self._reached(second, sure=True):
            return True
        self._obstacle = None
        if first not in self._reached(second, sure=False):
            return False
        raise self._obstacle or Unresolvable("the order of creation is not known")

    def _target(self, name: Json) -> str:
        if not isinstance(name, str) or name not in self._resources:
            return UNDEFINED + (name if isinstance(name, str) else json.dumps(name))
        return name if self.evaluation.exists(self._resources[name]) else ""

    def _reached(self, start: str, sure: bool) -> frozenset[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            needed = frozenset(self._needed(waiting.pop(), sure)) - found
            found |= needed
            waiting += needed
        return frozenset(found)

    def _needed(self, logical_id: str, sure: bool) -> Iterator[str]:
        """The names that a resource needs directly; with `sure`, only those that it needs in every case."""
        body = mapping(self._resources.get(logical_id))
        names = sequence(body.get("DependsOn")) or [body.get("DependsOn")]
        named = {name for name in names if isinstance(name, str)}
        for name in named | self._named(body, sure):
            if name in self._resources and self._is_there(name, sure):
                yield name

    def _is_there(self, name: str, sure: bool) -> bool:
        try:
            return self.evaluation.exists(self._resources[name])
        except (Undecided, Unresolvable) as obstacle:
            self._obstacle = self._obstacle or obstacle
            return not sure

    def _named(self, value: Json, sure: bool) -> set[str]:
        """The names in the part of a value that applies in this scenario."""
        if isinstance(value, list):
            return self._all_named(value, sure)
        if not isinstance(value, dict):
            return set()
        function = intrinsic_name(value)
        if function in ("Ref", "Fn::GetAtt"):
            return {reference.target for reference in references_in(value)}
        if function == "Fn::If" and branches(value) is not None:
            return self._named_by_choice(value, sure)
        if function == "Fn::Select":
            return self._named_by_selection(value["Fn::Select"], sure)
        if function == "Fn::Sub":
            return self._named_by_text(value["Fn::Sub"], sure)
        if function is not None and not can_evaluate(function):
            self._obstacle = self._obstacle or Unresolvable(f"{function} cannot be evaluated")
            return set() if sure else self._all_named(value.values(), sure)
        return self._all_named(value.values(), sure)

    def _all_named(self, values: Iterable[Json], sure: bool) -> set[str]:
        return {name for value in values for name in self._named(value, sure)}

    def _named_by_choice(self, value: dict[str, Json], sure: bool) -> set[str]:
        try:
            return self._named(self.evaluation.chosen(value), sure)
        except (Undecided, Unresolvable) as obstacle:
            self._obstacle = self._obstacle or obstacle
        either = [self._named(branch, sure) for branch in branches(value) or ()]
        return set.intersection(*either) if sure else set.union(*either)

    def _named_by_selection(self, argument: Json, sure: bool) -> set[str]:
        """Only the selected item, if the list is literal."""
        match argument:
            case [int() | str() as index, [*items]] if not any(map(may_vanish, items)):
                number = as_int(index)
                if number is not None and 0 <= number < len(items):
                    return self._named(items[number], sure)
            case [_, [*items]]:
                return set() if sure else self._named(items, sure)
        return self._named(argument, sure)

    def _named_by_text(self, argument: Json, sure: bool) -> set[str]:
        """The names in a text, with those of its own variables that it uses."""
        text, *more = argument if isinstance(argument, list) and argument else [argument]
        variables = mapping(more[0]) if more else {}
        names = sub_variables(text) if isinstance(text, str) else ()
        used = [variables[name] for name in names if name in variables]
        written = references_in({"Fn::Sub": [text, dict.fromkeys(variables, "")]})
        return {reference.target for reference in written} | self._all_named(used, sure)
