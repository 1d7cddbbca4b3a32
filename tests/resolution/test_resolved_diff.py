"""Where two states of a template differ in what they resolve to: `differences`."""

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.model import Json
from fixer.resolution.resolved_diff import ResolvedDiff, differences
from fixer.resolution.value_diff import DifferenceKind, value_differences

CASES = Path(__file__).parents[3] / "shared" / "cases"
FILES = sorted(file for file in CASES.rglob("*") if file.suffix in (".json", ".yaml", ".yml"))
needs_cases = pytest.mark.skipif(not FILES, reason="../shared/cases is absent: the real templates are not compared")

BASE = """\
Parameters:
  Env: {Type: String, Default: prod}
  Size: {Type: String, AllowedValues: [small, large]}
  Names: {Type: CommaDelimitedList, Default: 'a,b'}
Mappings:
  Sizes:
    small: {Type: t3.micro}
    large: {Type: m5.large}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsLarge: !Equals [!Ref Size, large]
Resources:
  Topic: {Type: 'AWS::SNS::Topic'}
  Queue: {Type: 'AWS::SQS::Queue', Condition: IsProd}
  Role:
    Type: AWS::IAM::Role
    Properties: {RoleName: !Sub '${Env}-role'}
  Function:
    Type: AWS::Lambda::Function
    DependsOn: [Topic]
    Properties:
      Role: !GetAtt Role.Arn
      Timeout: 5
      Enabled: true
      Layers: [one, two, three]
      Memory: !If [IsProd, 512, 128]
      Type: !FindInMap [Sizes, !Ref Size, Type]
      Tags: !If [IsProd, [{Key: env, Value: prod}], !Ref AWS::NoValue]
Outputs:
  Name:
    Value: !Ref Function
    Export: {Name: !Sub '${AWS::StackName}-name'}
"""


def _template(text: str) -> Template:
    return Template("t.yaml", parse(text, "t.yaml"))


def _edited(*edits: tuple[str, str]) -> str:
    text = BASE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _diff(*edits: tuple[str, str], base: tuple[tuple[str, str], ...] = ()) -> ResolvedDiff:
    """The difference that edits of the template make, itself edited beforehand."""
    before = _edited(*base)
    after = before
    for old, new in edits:
        assert old in after, old
        after = after.replace(old, new)
    return differences(_template(before), _template(after))


def _shown(diff: ResolvedDiff) -> list[tuple[str, str, str]]:
    assert not diff.unresolved
    return [(each.place, str(each.kind), each.scenario) for each in diff.differences]


F = "/Resources/Function"
P = F + "/Properties"

EQUAL = {
    "nothing": [],
    "needless Fn::Sub": [("Timeout: 5", "Timeout: !Sub '5'")],
    "a number as text": [("Timeout: 5", "Timeout: '5'")],
    "a boolean as text": [("Enabled: true", "Enabled: 'true'")],
    "Fn::Sub as Fn::Join": [("!Sub '${Env}-role'", "!Join ['-', [!Ref Env, role]]")],
    "Fn::Sub with variables": [("!Sub '${Env}-role'", "!Sub ['${E}-role', {E: !Ref Env}]")],
    "Fn::GetAtt as Fn::Sub": [("!GetAtt Role.Arn", "!Sub '${Role.Arn}'")],
    "Fn::GetAtt as a list": [("!GetAtt Role.Arn", "!GetAtt [Role, Arn]")],
    "a list as Fn::Split": [("[one, two, three]", "!Split ['.', one.two.three]")],
    "an item that is absent": [("[one, two, three]", "[one, !Ref AWS::NoValue, two, three]")],
    "a property that is absent": [("Timeout: 5", "Timeout: 5\n      Handler: !Ref AWS::NoValue")],
    "a condition with another name": [("IsProd", "IsProduction")],
    "a condition said otherwise": [
        (
            "IsProd: !Equals [!Ref Env, prod]",
            "IsProd: !Not [!Or [!Not [!Equals [prod, !Sub '${Env}']], !Equals [a, b]]]",
        )
    ],
    "a condition said by its opposite": [
        ("IsLarge:", "IsDev: !Not [!Equals [!Ref Env, prod]]\n  IsLarge:"),
        ("!If [IsProd, 512, 128]", "!If [IsDev, 128, 512]"),
    ],
    "a mapping with another name": [("Sizes", "Kinds")],
    "a mapping as a condition": [("!FindInMap [Sizes, !Ref Size, Type]", "!If [IsLarge, m5.large, t3.micro]")],
    "a mapping with what is not used": [("large: {Type: m5.large}", "large: {Type: m5.large, Other: 1}")],
    "an unused condition": [("Resources:", "  Unused: !Equals [!Ref AWS::Region, x]\nResources:")],
    "branches that are the same": [("Timeout: 5", "Timeout: !If [IsProd, 5, '5']")],
    "a condition on a part of a text": [("!Equals [!Ref Env, prod]", "!Equals [!Sub 'x-${Env}-y', x-prod-y]")],
    "a condition that nothing makes true": [
        ("IsLarge:", "Never: !Equals [!Sub 'x-${Env}', other]\n  IsLarge:"),
        ("Timeout: 5", "Timeout: !If [Never, 6, 5]"),
    ],
    "a condition inside the same": [("!If [IsProd, 512, 128]", "!If [IsProd, !If [IsProd, 512, 0], 128]")],
    "Fn::If around an absent property": [
        (
            "Tags: !If [IsProd, [{Key: env, Value: prod}], !Ref AWS::NoValue]",
            "Tags: [!If [IsProd, {Key: env, Value: prod}, 0]]",
        ),
        ("  Function:\n", "  Function:\n    Condition: IsProd\n"),
    ],
    "descriptions": [
        ("AWS::Lambda::Function", "AWS::Lambda::Function\n    Description: d"),
        ("Outputs:", "Description: d\nOutputs:"),
    ],
    "what tools keep": [("AWS::Lambda::Function", "AWS::Lambda::Function\n    Metadata: {cfn-lint: 1, fixer: 2}")],
    "empty properties": [("{Type: 'AWS::SNS::Topic'}", "{Type: 'AWS::SNS::Topic', Properties: {}}")],
    "DependsOn as text": [("DependsOn: [Topic]", "DependsOn: Topic")],
    "DependsOn what is referred to": [("DependsOn: [Topic]", "DependsOn: [Topic, Role]")],
    "DependsOn what does not exist": [
        ("DependsOn: [Topic]", "DependsOn: [Topic, Queue]"),
        ("  Function:\n", "  Function:\n    Condition: IsDev\n"),
        ("IsLarge:", "IsDev: !Not [!Condition IsProd]\n  IsLarge:"),
    ],
    "parameter descriptions": [
        ("Default: prod}", "Default: prod, Description: d, ConstraintDescription: c, NoEcho: false}")
    ],
    "the order of allowed values": [("[small, large]", "[large, small]")],
}


@pytest.mark.parametrize("edits", [pytest.param(edits, id=name) for name, edits in EQUAL.items()])
def test_equal(edits: list[tuple[str, str]]) -> None:
    # A case that is about two ways to say the same has those edits in both states that make it possible.
    shared = tuple(edit for edit in edits if edit[0].startswith(("  Function:", "IsLarge:")))
    own = [edit for edit in edits if edit not in shared]
    assert _diff(*own, base=shared).is_empty
    assert differences(_template(_edited(*shared, *own)), _template(_edited(*shared))).is_empty


DIFFERENT = {
    "a boolean flipped": ([("Enabled: true", "Enabled: false")], [(P + "/Enabled", "changed", "")]),
    "true is not 1": ([("Enabled: true", "Enabled: 1")], [(P + "/Enabled", "changed", "")]),
    "Fn::If with its branches swapped": (
        [("!If [IsProd, 512, 128]", "!If [IsProd, 128, 512]")],
        [(P + "/Memory", "changed", "Env=prod")],
    ),
    "one branch of a Fn::If": ([("512", "1024")], [(P + "/Memory", "changed", "Env=prod")]),
    "the other branch of a Fn::If": ([("128", "256")], [(P + "/Memory", "changed", "Env is not prod")]),
    "a part of a branch of a Fn::If": ([("Value: prod", "Value: p")], [(P + "/Tags/0/Value", "changed", "Env=prod")]),
    "a branch that becomes something": (
        [("!Ref AWS::NoValue", "[{Key: env, Value: dev}]")],
        [(P + "/Tags", "added", "Env is not prod")],
    ),
    "a Fn::If resolved by its Default": (
        [("!If [IsProd, 512, 128]", "512")],
        [(P + "/Memory", "changed", "Env is not prod")],
    ),
    "a changed Default": (
        [("Default: prod", "Default: dev")],
        [
            ("/Parameters/Env/Default", "changed", ""),
            ("/Resources/Queue", "removed", "Env is not passed"),
            ("/Resources/Role/Properties/RoleName", "changed", "Env is not passed"),
            (P + "/Memory", "changed", "Env is not passed"),
            (P + "/Tags", "removed", "Env is not passed"),
        ],
    ),
    "a Default that is gone": ([(", Default: prod", "")], [("/Parameters/Env/Default", "removed", "")]),
    "a condition dropped": (
        [(", Condition: IsProd", "")],
        [("/Resources/Queue", "added", "Env is not prod")],
    ),
    "a condition negated": (
        [("!Equals [!Ref Env, prod]", "!Not [!Equals [!Ref Env, prod]]")],
        [
            ("/Resources/Queue", "removed", "Env=prod"),
            (P + "/Memory", "changed", "Env=prod"),
            (P + "/Tags", "removed", "Env=prod"),
        ],
    ),
    "a mapping's entry": ([("m5.large", "m5.xlarge")], [(P + "/Type", "changed", "Size=large")]),
    "the items of a list in another order": (
        [("[one, two, three]", "[two, one, three]")],
        [(P + "/Layers", "changed", "")],
    ),
    "an item of a list": ([("[one, two, three]", "[one, 2, three]")], [(P + "/Layers/1", "changed", "")]),
    "an item removed": ([("[one, two, three]", "[one, three]")], [(P + "/Layers/1", "removed", "")]),
    "an item added": ([("[one, two, three]", "[zero, one, two, three]")], [(P + "/Layers/0", "added", "")]),
    "an item added and one changed": ([("[one, two, three]", "[0, 1, two, three]")], [(P + "/Layers", "changed", "")]),
    "an item that exists at times": (
        [("[one, two, three]", "[one, !If [IsProd, two, !Ref AWS::NoValue], three]")],
        [(P + "/Layers/1", "removed", "Env is not prod")],
    ),
    "a property added": ([("Timeout: 5", "Timeout: 5\n      Handler: h")], [(P + "/Handler", "added", "")]),
    "a property removed": ([("      Timeout: 5\n", "")], [(P + "/Timeout", "removed", "")]),
    "a property renamed": (
        [("Timeout: 5", "TimeOut: 5")],
        [(P + "/Timeout", "removed", ""), (P + "/TimeOut", "added", "")],
    ),
    "a resource added": ([("  Role:\n", "  New: {Type: T}\n  Role:\n")], [("/Resources/New", "added", "")]),
    "a conditional resource added": (
        [("  Role:\n", "  New: {Type: T, Condition: IsLarge}\n  Role:\n")],
        [("/Resources/New", "added", "Size=large")],
    ),
    "a resource removed that is used": (
        [("  Role:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: !Sub '${Env}-role'}\n", "")],
        [("/Resources/Role", "removed", ""), (P + "/Role", "changed", "")],
    ),
    "a resource's type": ([("AWS::SQS::Queue", "AWS::SNS::Topic")], [("/Resources/Queue/Type", "changed", "")]),
    "a resource's attribute": (
        [("AWS::Lambda::Function", "AWS::Lambda::Function\n    DeletionPolicy: Retain")],
        [(F + "/DeletionPolicy", "added", "")],
    ),
    "a resource's metadata": (
        [("AWS::Lambda::Function", "AWS::Lambda::Function\n    Metadata: {cfn-lint: 1, Mine: 2}")],
        [(F + "/Metadata", "added", "")],
    ),
    "the template's metadata": (
        [("Outputs:", "Metadata: {fixer: 1, Mine: 2}\nOutputs:")],
        [("/Metadata/Mine", "added", "")],
    ),
    "DependsOn removed": ([("    DependsOn: [Topic]\n", "")], [(F + "/DependsOn", "order", "")]),
    "DependsOn what exists at times": (
        [("DependsOn: [Topic]", "DependsOn: [Topic, Queue]")],
        [(F + "/DependsOn", "order", "Env=prod")],
    ),
    "DependsOn what nothing declares": (
        [("DependsOn: [Topic]", "DependsOn: [Topic, Nothing]")],
        [(F + "/DependsOn", "order", "")],
    ),
    "DependsOn that is malformed": (
        [("DependsOn: [Topic]", "DependsOn: [Topic, {A: 1}]")],
        [(F + "/DependsOn", "order", "")],
    ),
    "an output's value": ([("!Ref Function", "!Ref Role")], [("/Outputs/Name/Value", "changed", "")]),
    "an output's export": ([("-name'", "-n'")], [("/Outputs/Name/Export/Name", "changed", "")]),
    "an output's condition": (
        [("  Name:\n    Value", "  Name:\n    Condition: IsProd\n    Value")],
        [("/Outputs/Name", "removed", "Env is not prod")],
    ),
    "a parameter's constraint": (
        [("Default: prod}", "Default: prod, MinLength: 3}")],
        [("/Parameters/Env/MinLength", "added", "")],
    ),
    "a parameter's type": (
        [("CommaDelimitedList, Default: 'a,b'", "String, Default: 'a,b'")],
        [("/Parameters/Names/Type", "changed", "")],
    ),
    "a parameter hidden": (
        [("Default: prod}", "Default: prod, NoEcho: true}")],
        [("/Parameters/Env/NoEcho", "added", "")],
    ),
    "a parameter's allowed values": (
        [("[small, large]", "[small, huge]")],
        [("/Parameters/Size/AllowedValues", "changed", "")],
    ),
    "an unused parameter removed": (
        [("  Names: {Type: CommaDelimitedList, Default: 'a,b'}\n", "")],
        [("/Parameters/Names", "removed", "")],
    ),
    "a rule": ([("Outputs:", "Rules: {R: {Assertions: []}}\nOutputs:")], [("/Rules", "added", "")]),
    "a transform": ([("Outputs:", "Transform: AWS::LanguageExtensions\nOutputs:")], [("/Transform", "added", "")]),
}


@pytest.mark.parametrize(("edits", "expected"), [pytest.param(*case, id=name) for name, case in DIFFERENT.items()])
def test_different(edits: list[tuple[str, str]], expected: list[tuple[str, str, str]]) -> None:
    assert _shown(_diff(*edits)) == expected


def test_values_are_told_as_they_resolve() -> None:
    [difference] = _diff(("!Sub '${Env}-role'", "!Sub '${Env}-${AWS::Region}'")).differences
    assert difference.old == {"Fn::Join": ["", [{"Ref": "Env"}, "-role"]]}
    assert difference.new == {"Fn::Join": ["", [{"Ref": "Env"}, "-", {"Ref": "AWS::Region"}]]}


def test_a_parameter_that_is_removed_but_used_in_a_long_text() -> None:
    script = "UserData: !Base64 {'Fn::Sub': \"#!/bin/bash\\necho ${Env} ${!HOME}\\n\"}"
    diff = _diff(("  Env: {Type: String, Default: prod}\n", ""), base=(("Timeout: 5", script),))
    found = {each.place: each for each in diff.differences}
    assert {"/Parameters/Env", P + "/UserData", "/Resources/Role/Properties/RoleName"} <= found.keys()
    text = json.dumps(found[P + "/UserData"].new)
    assert "undefined:Env" in text and "${HOME}" in text


def test_a_parameter_replaced_by_its_default_differs_only_where_it_is_passed() -> None:
    diff = _diff(
        ("  Env: {Type: String, Default: prod}\n", ""),
        ("!Ref Env", "prod"),
        ("${Env}", "prod"),
    )
    assert ("/Resources/Role/Properties/RoleName", "changed", "Env is passed") in _shown(diff)
    assert (P + "/Memory", "changed", "Env is not prod") in _shown(diff)


def test_a_literal_replaced_by_a_new_parameter_differs_only_where_it_is_passed() -> None:
    diff = _diff(("Timeout: 5", "Timeout: !Ref Wait"), ("  Env:", "  Wait: {Type: Number, Default: 5}\n  Env:"))
    assert _shown(diff) == [
        ("/Parameters/Wait", "added", ""),
        (P + "/Timeout", "changed", "Wait is passed"),
    ]


def test_a_default_inlined_as_another_branch_is_equal() -> None:
    assert _diff(("!Sub '${Env}-role'", "!If [IsProd, prod-role, !Sub '${Env}-role']")).is_empty


def test_a_name_that_was_a_parameter_and_is_a_resource_is_another() -> None:
    diff = _diff(
        ("  Env: {Type: String}\n", ""),
        ("  Role:\n", "  Env: {Type: T}\n  Role:\n"),
        base=(("  Env: {Type: String, Default: prod}\n", "  Env: {Type: String}\n"),),
    )
    [difference] = [each for each in diff.differences if each.place == "/Resources/Role/Properties/RoleName"]
    assert difference.new == {"Fn::Join": ["", [{"Ref": "resource:Env"}, "-role"]]}


def test_a_parameter_that_was_a_text_and_is_a_list_is_another() -> None:
    diff = _diff(("CommaDelimitedList", "String"), base=(("Timeout: 5", "Timeout: !Ref Names"),))
    assert [each.place for each in diff.differences] == ["/Parameters/Names/Type", P + "/Timeout"]
    assert (diff.differences[1].old, diff.differences[1].new) == ({"Ref": "list:Names"}, {"Ref": "value:Names"})
    assert _shown(_diff(("Env: {Type: String", "Env: {Type: Number"))) == [("/Parameters/Env/Type", "changed", "")]


def test_a_mapping_that_an_expression_names() -> None:
    base = (
        ("!FindInMap [Sizes, !Ref Size, Type]", "!FindInMap [!Ref Env, !Ref Size, Type]"),
        ("Outputs:", "Transform: AWS::LanguageExtensions\nOutputs:"),
    )
    assert _shown(_diff(("m5.large", "m5.xlarge"), base=base)) == [(P + "/Type", "changed", "Env=Sizes, Size=large")]


def test_a_parameter_that_takes_any_value_now() -> None:
    diff = _diff(
        (", AllowedValues: [small, large]", ""),
        ("!FindInMap [Sizes, !Ref Size, Type]", "!If [IsLarge, m5.large, t3.micro]"),
    )
    assert _shown(diff) == [
        ("/Parameters/Size/AllowedValues", "removed", ""),
        (P + "/Type", "changed", "Size is not one of large, small"),
    ]


A, B = "!If [IsProd, {}, {}]", "!If [IsLarge, {}, {}]"
NO = "!Ref AWS::NoValue"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([A.format("x", NO), A.format(NO, "y")], [A.format("x", "y"), A.format(NO, NO)]),
        (
            [A.format(B.format("x", NO), "z"), A.format(B.format(NO, "y"), "z")],
            [A.format(B.format("x", "y"), "z"), A.format(B.format(NO, NO), "z")],
        ),
        ([A.format("x", NO), A.format(NO, "x"), "1"], [A.format(NO, "x"), A.format("x", NO), "!Sub 1"]),
        ([A.format("x", NO), "y"], ["!If [IsLarge, x, x]", "y"]),
    ],
)
def test_items_that_exist_at_times_are_compared_as_they_resolve(old: list[str], new: list[str]) -> None:
    one, other = (f"[{', '.join(items)}]" for items in (old, new))
    diff = _diff((one, other), base=(("[one, two, three]", one),))
    assert _shown(diff) == ([(P + "/Layers/0", "added", "Size=large, Env is not prod")] if "y" in old else [])


def test_a_changed_default_of_a_list_and_of_a_stored_parameter() -> None:
    uses = (
        ("Timeout: 5", "Timeout: !Select [1, !Ref Names]\n      Image: !Ref Image"),
        ("  Env:", "  Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}\n  Env:"),
    )
    diff = _diff(("'a,b'", "'a,c'"), ("Default: /a", "Default: /b"), base=uses)
    found = {each.place: (each.old, each.new, each.scenario) for each in diff.differences}
    assert found[P + "/Timeout"] == ("b", "c", "Names is not passed")
    assert found[P + "/Image"] == ({"Fn::StoredParameter": "/a"}, {"Fn::StoredParameter": "/b"}, "Image is not passed")


def test_only_allowed_values_are_tried() -> None:
    assert _diff(("!FindInMap [Sizes, !Ref Size, Type]", "!If [IsLarge, m5.large, t3.micro]")).is_empty
    diff = _diff(
        ("!FindInMap [Sizes, !Ref Size, Type]", "!If [IsLarge, m5.large, t3.micro]"),
        base=((", AllowedValues: [small, large]", ""),),
    )
    assert _shown(diff) == [(P + "/Type", "changed", "Size is not one of large, small")]


def test_a_new_allowed_value_is_tried_in_both_states() -> None:
    diff = _diff(("[small, large]", "[small, large, huge]"), ("large: {Type", "huge: {Type: x}\n    large: {Type"))
    assert _shown(diff) == [
        ("/Parameters/Size/AllowedValues", "changed", ""),
        (P + "/Type", "changed", "Size=huge"),
    ]


def test_the_only_allowed_value_is_the_value() -> None:
    base = (("[small, large]", "[small]"), ("Timeout: 5", "Timeout: small5"))
    assert _diff(("Timeout: small5", "Timeout: !Sub '${Size}5'"), base=base).is_empty
    assert not _diff(("Timeout: small5", "Timeout: !Sub '${Size}5'"), base=base[1:]).is_empty


def test_a_reference_to_what_does_not_exist_in_a_scenario() -> None:
    uses = (("Timeout: 5", "Target: !GetAtt Topic.Arn"),)
    diff = _diff(("{Type: 'AWS::SNS::Topic'}", "{Type: 'AWS::SNS::Topic', Condition: IsProd}"), base=uses)
    assert _shown(diff) == [
        ("/Resources/Topic", "removed", "Env is not prod"),
        (P + "/Target", "changed", "Env is not prod"),
        (F + "/DependsOn", "order", "Env is not prod"),
    ]
    [difference] = [each for each in diff.differences if each.place == P + "/Target"]
    assert difference.new == {"Fn::GetAtt": ["undefined:Topic", "Arn"]}


def test_a_guarded_reference_to_what_does_not_exist_in_a_scenario() -> None:
    diff = _diff(("!Ref Queue", "!If [IsProd, !Ref Queue, none]"), base=(("Timeout: 5", "Timeout: !Ref Queue"),))
    assert _shown(diff) == [(P + "/Timeout", "changed", "Env is not prod")]


@pytest.mark.parametrize(
    ("value", "scenario"),
    [
        ("!Ref Topic", None),
        ("!If [IsProd, !Ref Topic, !GetAtt Topic.Arn]", None),
        ("!If [IsProd, !Ref Topic, none]", "Env is not prod"),
        ("!If [IsProd, !If [IsLarge, !Ref Topic, none], !Ref Topic]", "Env=prod, Size=small"),
        ("!Sub ['${A}', {A: !Ref Topic}]", None),
        ("!Sub ['text', {A: !Ref Topic}]", ""),
        ("!Select [0, [!Ref Topic, b]]", None),
        ("!Select [1, [!Ref Topic, b]]", ""),
        ("!Sub '${Topic}-x'", None),
        ("!Sub '${!Topic}'", ""),
    ],
)
def test_a_removed_depends_on_counts_where_nothing_implies_it(value: str, scenario: str | None) -> None:
    diff = _diff(("    DependsOn: [Topic]\n", ""), base=(("Timeout: 5", f"Timeout: {value}"),))
    assert _shown(diff) == ([] if scenario is None else [(F + "/DependsOn", "order", scenario)])


def test_a_removed_depends_on_may_be_implied_by_others() -> None:
    by_role = (("Properties: {RoleName", "DependsOn: Topic\n    Properties: {RoleName"),)
    assert _diff(("    DependsOn: [Topic]\n", ""), base=by_role).is_empty
    at_times = (("Properties: {RoleName: ", "Properties: {T: !If [IsProd, !Ref Topic, ''], RoleName: "),)
    assert _shown(_diff(("    DependsOn: [Topic]\n", ""), base=at_times)) == [
        (F + "/DependsOn", "order", "Env is not prod")
    ]


def test_a_removed_depends_on_may_be_implied_by_what_exists_at_times() -> None:
    base = (("Condition: IsProd", "Condition: IsProd, DependsOn: Topic"), ("Timeout: 5", "Timeout: !Ref Queue"))
    diff = _diff(("    DependsOn: [Topic]\n", ""), base=base)
    assert _shown(diff) == [(F + "/DependsOn", "order", "Env is not prod")]


def test_an_order_that_cannot_be_told() -> None:
    base = (("Timeout: 5", "Timeout: !Select [0, [!If [IsProd, !Ref AWS::NoValue, a], !Ref Topic]]"),)
    diff = _diff(("    DependsOn: [Topic]\n", ""), base=base)
    assert not diff.differences
    assert [each.place for each in diff.unresolved] == [F + "/DependsOn"]


def test_what_is_created_before_what_is_told_at_its_cause_alone() -> None:
    chain = (("AWS::IAM::Role\n", "AWS::IAM::Role\n    DependsOn: Topic\n"), ("    DependsOn: [Topic]\n", ""))
    [difference] = _diff(("    DependsOn: Topic\n", ""), base=chain).differences
    assert (difference.place, difference.old, difference.new) == ("/Resources/Role/DependsOn", ["Topic"], [])


def test_circular_dependencies_are_no_obstacle() -> None:
    circle = (("AWS::IAM::Role\n", "AWS::IAM::Role\n    DependsOn: Function\n"),)
    assert _shown(_diff(("    DependsOn: Function\n", ""), base=circle)) == [("/Resources/Role/DependsOn", "order", "")]


@pytest.mark.parametrize(
    ("base", "edits", "places"),
    [
        ([("Timeout: 5", "Timeout: {'Fn::Transform': {Name: M, P: 5}}")], [("P: 5", "P: 6")], [P + "/Timeout"]),
        ([("Timeout: 5", "Timeout: !Mystery 5")], [("!Mystery 5", "!Mystery 6")], [P + "/Timeout"]),
        ([("Timeout: 5", "Timeout: !Mystery IsProd")], [("!Ref Env, prod", "!Ref Env, p")], [P + "/Timeout"]),
        (
            [
                ("IsLarge:", "Fn::ForEach::C: [N, [a], {'C${N}': !Equals [a, b]}]\n  IsLarge:"),
                ("out: 5", "out: !If [Ca, 5, 6]"),
            ],
            [("[N, [a]", "[N, [a, c]")],
            [P + "/Timeout"],
        ),
        ([], [("  Role:\n", "  Fn::ForEach::L: [I, [a], {}]\n  Role:\n")], ["/Resources/Fn::ForEach::L"]),
        (
            [("IsLarge:", "Loop: !Condition Loop\n  IsLarge:"), ("Timeout: 5", "Timeout: !If [Loop, 5, 6]")],
            [("!If [Loop, 5, 6]", "!If [Loop, 5, 7]")],
            [P + "/Timeout"],
        ),
        (
            [
                ("IsLarge:", "One: !Condition Two\n  Two: !Condition One\n  IsLarge:"),
                ("Condition: IsProd", "Condition: One"),
            ],
            [("AWS::SQS::Queue", "AWS::SNS::Topic")],
            ["/Resources/Queue/Type"],
        ),
        ([], [("!Equals [!Ref Env, prod]", "!Mystery a")], ["/Resources/Queue", P + "/Memory", P + "/Tags"]),
        ([], [("Outputs:", "Transform: [AWS::LanguageExtensions, Mine]\nOutputs:")], ["/Transform"]),
        ([("Outputs:", "Transform: Mine\nOutputs:")], [("Timeout: 5", "Timeout: 6")], ["/Transform"]),
        ([], [("Outputs:", "Fn::Transform: {Name: Mine}\nOutputs:")], ["/Fn::Transform"]),
        (
            [("Timeout: 5", "Tags2: {'Fn::Transform': {Name: M}, A: {B: 1}, C: 2}")],
            [("B: 1", "B: 2"), ("C: 2", "C: 3")],
            [P + "/Tags2/A/B", P + "/Tags2/C"],
        ),
    ],
)
def test_what_cannot_be_evaluated_is_told(
    base: list[tuple[str, str]], edits: list[tuple[str, str]], places: list[str]
) -> None:
    diff = _diff(*edits, base=tuple(base))
    assert [each.place for each in diff.unresolved] == places
    assert all(each.reason for each in diff.unresolved)
    assert not {each.place for each in diff.differences} & set(places)


def test_what_cannot_be_evaluated_does_not_matter_where_nothing_changes() -> None:
    base = (("Timeout: 5", "Timeout: !Mystery 5"), ("Outputs:", "Transform: Mine\nOutputs:"))
    assert _diff(base=base).is_empty
    mystery = (("Timeout: 5", "Timeout: !Mystery 5"),)
    assert _shown(_diff(("!GetAtt Role.Arn", "!GetAtt Role.Id"), base=mystery)) == [(P + "/Role", "changed", "")]


def test_too_many_scenarios_are_told_and_the_rest_is_compared() -> None:
    names = [f"C{number}" for number in range(10)]
    declared = "".join(f"  {name}: !Equals [!Ref 'AWS::{name}', x]\n" for name in names)
    text = "!Join ['', [" + ", ".join(f"!If [{name}, a, b]" for name in names) + "]]"
    base = (("Resources:\n", declared + "Resources:\n"), ("Timeout: 5", f"Long: {text}\n      Timeout: 5"))
    diff = _diff(("!If [C9, a, b]", "!If [C9, b, a]"), ("Enabled: true", "Enabled: false"), base=base)
    assert [(each.place, each.reason) for each in diff.unresolved] == [
        (P + "/Long", "there are more than 256 scenarios")
    ]
    assert P + "/Long" in {each.place for each in diff.differences}


def test_many_conditions_that_a_change_does_not_depend_on_are_no_obstacle() -> None:
    names = [f"C{number}" for number in range(10)]
    declared = "".join(f"  {name}: !Equals [!Ref 'AWS::{name}', x]\n" for name in names)
    items = "[{A: 1}, " + ", ".join(f"!If [{name}, a, !Ref AWS::NoValue]" for name in names) + "]"
    base = (("Resources:\n", declared + "Resources:\n"), ("Timeout: 5", f"Many: {items}"))
    assert _shown(_diff(("A: 1", "A: 2"), base=base)) == [(P + "/Many/0/A", "changed", "")]


@pytest.mark.parametrize(
    "section", ["Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Metadata", "Rules"]
)
@pytest.mark.parametrize("content", [None, [], "text", 5, [{"A": None}]])
def test_a_malformed_section_is_data(section: str, content: Json) -> None:
    whole = parse(BASE, "t.yaml").data
    assert isinstance(whole, dict)
    before, after = (Template.of_data("t", data) for data in (whole, {**whole, section: content}))
    assert section in {each.place.split("/")[1] for each in differences(before, after).differences}
    assert differences(after, Template.of_data("t", {**whole, section: copy.deepcopy(content)})).is_empty
    differences(after, before)


@pytest.mark.parametrize(
    "name", ["Parameters/Env", "Mappings/Sizes", "Conditions/IsProd", "Resources/Function", "Outputs/Name"]
)
@pytest.mark.parametrize(
    "content", [None, [], "text", 5, {}, {"Type": None}, {"Condition": 5}, {"Condition": "Mystery"}]
)
def test_a_malformed_entry_is_data(name: str, content: Json) -> None:
    whole: Any = parse(BASE, "t.yaml").data
    section, entry = name.split("/")
    broken = {**whole, section: {**whole[section], entry: content}}
    before, after = (Template.of_data("t", data) for data in (whole, broken))
    assert not differences(before, after).is_empty
    assert not differences(after, before).is_empty
    assert differences(after, Template.of_data("t", copy.deepcopy(broken))).is_empty


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_what_is_not_a_template_is_data(data: Json) -> None:
    template, other = Template.of_data("t", data), Template.of_data("t", {"Resources": {}})
    assert [each.place for each in differences(template, other).differences] == [""]
    assert differences(template, Template.of_data("t", copy.deepcopy(data))).is_empty


def test_a_condition_that_is_not_a_name_is_data() -> None:
    assert _shown(_diff(("Condition: IsProd", "Condition: 5"))) == [
        ("/Resources/Queue", "added", "Env is not prod"),
        ("/Resources/Queue/Condition", "added", ""),
    ]


def test_items_that_exist_in_opposite_scenarios_are_compared_as_they_resolve() -> None:
    one = "[!If [IsProd, x, !Ref AWS::NoValue], !If [IsDev, x, !Ref AWS::NoValue], '1']"
    other = "[!If [IsDev, x, !Ref AWS::NoValue], !If [IsProd, x, !Ref AWS::NoValue], !Sub 1]"
    base = (("IsLarge:", "IsDev: !Not [!Condition IsProd]\n  IsLarge:"), ("[one, two, three]", one))
    assert _diff((one, other), base=base).is_empty


def test_what_is_nested_too_deeply_is_told() -> None:
    def nested(leaf: str, depth: int) -> Template:
        value: Json = leaf
        for _ in range(depth):
            value = {"Fn::Sub": ["${A}", {"A": value}]}
        return Template.of_data(
            "t", {"Resources": {"A": {"Type": "T", "Properties": {"P": value}}, "B": {"Type": leaf}}}
        )

    assert [each.place for each in differences(nested("a", 5), nested("b", 5)).differences] == [
        "/Resources/A/Properties/P",
        "/Resources/B/Type",
    ]
    diff = differences(nested("a", 600), nested("b", 600))
    assert [each.place for each in diff.unresolved] == ["/Resources/A"]
    assert [each.place for each in diff.differences] == ["/Resources/B/Type"]
    assert not differences(nested("a", 20_000), nested("b", 20_000)).is_empty


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"A": {"B": 1}}, {"A": {"B": 2}}, [("/A/B", "changed")]),
        ({"A": {"B": 1}}, {"A": {}}, [("/A/B", "removed")]),
        ({"A/B": 1}, {"A/B": 2}, [("/A~1B", "changed")]),
        ({"A": {"Ref": "X"}}, {"A": {"Ref": "Y"}}, [("/A", "changed")]),
        ([1, 2, 3], [3, 1, 2], [("", "changed")]),
        ([1, 2], [1, 2, 3, 4], [("/2", "added"), ("/3", "added")]),
        ([1, 2, 3], [], [("/0", "removed"), ("/1", "removed"), ("/2", "removed")]),
        ([1, 1], [1], [("/1", "removed")]),
        ([1, 2], ["1", "2"], []),
        (None, "", [("", "changed")]),
        (None, None, []),
        (1.5, "1.5", []),
        (True, "true", []),
        (True, 1, [("", "changed")]),
        ("True", True, [("", "changed")]),
        ({}, [], [("", "changed")]),
    ],
)
def test_value_differences(old: Json, new: Json, expected: list[tuple[str, str]]) -> None:
    assert [(each.place, str(each.kind)) for each in value_differences(old, new, "")] == expected


def test_kinds_are_spelled() -> None:
    assert [str(kind) for kind in DifferenceKind] == ["added", "removed", "changed", "order"]


def _read(file: Path) -> Template:
    return Template(file.name, parse(file.read_bytes(), file.name))


def _pairs() -> Iterator[tuple[Path, Path]]:
    for file in FILES:
        if file.parent.name == "before":
            yield from ((file, other) for other in FILES if other.parent == file.parent.parent / "after")


@needs_cases
def test_every_real_template_equals_itself() -> None:
    for file in FILES:
        template = _read(file)
        assert differences(template, Template.of_data(file.name, copy.deepcopy(template.data))).is_empty, file


@needs_cases
def test_every_real_template_is_compared_with_the_one_that_its_author_settled_on() -> None:
    for before, after in _pairs():
        old, new = _read(before), _read(after)
        diff = differences(old, new)
        assert len({each.place for each in diff.differences}) == len(diff.differences), before
        if "Serverless" not in str(old.data.get("Transform")) + str(new.data.get("Transform")):
            assert not diff.unresolved, before


@needs_cases
def test_a_boolean_flipped_in_a_real_template_is_found_where_it_is() -> None:
    for file in FILES if os.environ.get("FIXER_ALL_CASES") else FILES[::4]:
        template = _read(file)
        data: Any = copy.deepcopy(template.data)
        for name, body in data["Resources"].items():
            for key, value in (body.get("Properties") or {}).items():
                if isinstance(value, bool):
                    body["Properties"][key] = not value
                    diff = differences(template, Template.of_data(file.name, data))
                    assert [each.place for each in diff.differences] == [f"/Resources/{name}/Properties/{key}"], file
                    body["Properties"][key] = value
