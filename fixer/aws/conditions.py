"""Whether a condition holds whenever another one does, as cfn-lint's condition engine decides it."""

from types import SimpleNamespace

from fixer.model import Json


def implies(template: dict[str, Json], condition: str, other: str) -> bool:
    """Whether `other` is true in every deployment in which `condition` is.

    It is also False where that cannot be decided: one of them is not declared, or is written in a way that cfn-lint's
    engine (`cfnlint.conditions.Conditions`) does not understand.
    """
    from cfnlint.conditions import Conditions

    engine = Conditions(SimpleNamespace(template=template))
    if engine.get(condition) is None or engine.get(other) is None:
        return False
    return bool(engine.check_implies({condition: True}, other))
