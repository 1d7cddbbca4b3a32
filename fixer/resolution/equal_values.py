"""Whether two spellings of a value resolve to the same value in every scenario. Pure."""

from fixer.cloudformation.template import Template
from fixer.model import Json
from fixer.resolution.evaluation import Evaluation
from fixer.resolution.resolved_values import same
from fixer.resolution.scenarios import Budget, Scenario, Unresolvable, every
from fixer.resolution.subject import Subject


def resolve_alike(before: Template, old: Json, after: Template, new: Json) -> bool:
    """Whether `old` in one template and `new` in another resolve to the same value, as {"Fn::Sub": "a"} and "a" do. Not
    if that is not known.
    """

    def both(scenario: Scenario) -> tuple[Json, Json]:
        first, second = Evaluation(Subject(before), scenario), Evaluation(Subject(after), scenario)
        return first.resolve(old), second.resolve(new)

    try:
        return all(same(*pair) for _, pair in every(Scenario(), both, Budget()))
    except (Unresolvable, RecursionError, ValueError):
        return False
