"""What a patch makes of the data: as jsonpatch does, and the data before it stays as it was."""

import copy
import json
import random

import jsonpatch
import pytest

from fixer.engine.applied import patched
from fixer.model import Json, Op
from fixer.pointer import walk


def _data() -> Json:
    rule: Json = {"CidrIp": "0.0.0.0/0"}
    return {"Resources": {"A": {"Rules": [rule, {"CidrIp": "b"}, [1, [2, 3]]]}, "B": {"a/b~c": {"x": 1}}, "C": rule}}


def _operation(chance: random.Random, data: Json) -> Op:
    """An operation at places of the data, or near them."""
    places = [place for place, _ in walk(data)]
    place = chance.choice(places) + chance.choice(("", "", "/new", "/0", "/-", "/9"))
    kind = chance.choice(("add", "remove", "replace", "move", "copy", "test"))
    values: tuple[Json, ...] = (1, {"CidrIp": []}, [{}])
    value = chance.choice(values)
    return {"op": kind, "path": place, "from": chance.choice(places), "value": copy.deepcopy(value)}


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_jsonpatch_makes_of_a_copy(seed: int) -> None:
    chance = random.Random(seed)
    applied = 0
    for _ in range(200):
        data, before = _data(), _data()
        ops = [_operation(chance, data) for _ in range(chance.randint(1, 4))]
        try:
            # An alias of YAML is one object at two places, which JSON does not have.
            expected = jsonpatch.apply_patch(json.loads(json.dumps(before)), copy.deepcopy(ops))
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError):
            with pytest.raises((jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError)):
                patched(data, ops)
        else:
            assert patched(data, ops) == expected, ops
            applied += 1
        assert data == before, ops
    assert applied > 20


def test_what_does_not_change_is_the_same_object() -> None:
    data = _data()
    result = patched(data, [{"op": "replace", "path": "/Resources/A/Rules/0/CidrIp", "value": "10.0.0.0/16"}])
    assert isinstance(data, dict) and isinstance(result, dict)
    old, new = data["Resources"], result["Resources"]
    assert isinstance(old, dict) and isinstance(new, dict)
    assert new["B"] is old["B"] and new["A"] != old["A"]
    assert new["C"] == {"CidrIp": "0.0.0.0/0"}, "an alias of what changes stays"
