"""What values resolve to: `resolve` in one scenario."""

import pytest

from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.model import Json
from fixer.resolution.evaluation import Evaluation
from fixer.resolution.resolved_template import resolve
from fixer.resolution.scenarios import Budget, Question, Scenario, Undecided, Unresolvable, every
from fixer.resolution.subject import Subject

HEAD = """\
Parameters:
  Env: {Type: String, Default: dev}
  Name: {Type: String}
  Subnets: {Type: CommaDelimitedList}
  Ports: {Type: List<Number>}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>'}
  Zones: {Type: 'AWS::SSM::Parameter::Value<List<String>>'}
Mappings:
  Sizes:
    dev: {Size: 1, Tags: [a, b]}
    prod: {Size: 5, Tags: [c]}
  Regions:
    us-east-1: {Short: use1}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsNamed: !Not [!Equals [!Ref Name, '']]
  Both: !And [!Condition IsProd, !Condition IsNamed]
  Either: !Or [!Condition IsProd, !Condition IsNamed]
Resources:
  Topic: {Type: 'AWS::SNS::Topic'}
  ProdTopic: {Type: 'AWS::SNS::Topic', Condition: IsProd}
  X:
    Type: AWS::SNS::Topic
    Properties:
      Value: """


def _value(text: str, **values: str) -> Json:
    """What a property written like this resolves to."""
    template = Template("t.yaml", parse(HEAD + text + "\n", "t.yaml"))
    resources = mapping(resolve(template, values)["Resources"])
    return mapping(mapping(resources["X"])["Properties"]).get("Value", "absent")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", 5),
        ("'${Env}'", "${Env}"),
        ("!Ref Env", "prod"),
        ("!Ref Name", {"Ref": "Name"}),
        ("!Ref Topic", {"Ref": "Topic"}),
        ("!Ref ProdTopic", {"Ref": "ProdTopic"}),
        ("!Ref Nothing", {"Ref": "undefined:Nothing"}),
        ("!Ref AWS::Region", {"Ref": "AWS::Region"}),
        ("!Ref AWS::NoValue", "absent"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("{A: !Ref AWS::NoValue, B: 1}", {"B": 1}),
        ("!GetAtt Topic.TopicName", {"Fn::GetAtt": ["Topic", "TopicName"]}),
        ("!GetAtt [Topic, TopicName]", {"Fn::GetAtt": ["Topic", "TopicName"]}),
        ("!GetAtt Topic.Outputs.A", {"Fn::GetAtt": ["Topic", "Outputs.A"]}),
        ("!GetAtt [Topic, !Ref Env]", {"Fn::GetAtt": ["Topic", "prod"]}),
        ("!GetAtt Nothing.Arn", {"Fn::GetAtt": ["undefined:Nothing", "Arn"]}),
        ("!Sub 'jobs-{Env}'", "jobs-{Env}"),
        ("!Sub 'jobs-${Env}'", "jobs-prod"),
        ("!Sub '${ Env }'", "prod"),
        ("!Sub '${!Env}-${}'", "${Env}-${}"),
        ("!Sub '${Name}'", {"Ref": "Name"}),
        ("!Sub '${Topic.TopicName}'", {"Fn::GetAtt": ["Topic", "TopicName"]}),
        ("!Sub '${Env}-${Name}-${Env}'", {"Fn::Join": ["", ["prod-", {"Ref": "Name"}, "-prod"]]}),
        ("!Sub ['${A}-${Env}', {A: !Ref Name}]", {"Fn::Join": ["", [{"Ref": "Name"}, "-prod"]]}),
        ("!Sub ['${Env}', {Env: mine}]", "mine"),
        ("!Join ['-', [a, !Ref Name, 5, true]]", {"Fn::Join": ["", ["a-", {"Ref": "Name"}, "-5-true"]]}),
        ("!Join [',', !Ref Subnets]", {"Fn::Join": [",", {"Ref": "Subnets"}]}),
        ("!Join [',', !Split [',', !Ref Name]]", {"Ref": "Name"}),
        ("!Join ['', [!Sub 'a${Name}', !Sub '${Name}b']]", {"Fn::Join": ["", ["a", *[{"Ref": "Name"}] * 2, "b"]]}),
        ("!Join ['+', !Split [',', !Ref Name]]", {"Fn::Join": ["+", {"Fn::Split": [",", {"Ref": "Name"}]}]}),
        ("!Join ['', []]", ""),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['1', !Split [',', 'a,b']]", "b"),
        ("!Select [7, [a, b]]", {"Fn::Select": [7, ["a", "b"]]}),
        ("!Select [0, !Ref Subnets]", {"Fn::Select": [0, {"Ref": "Subnets"}]}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}),
        ("!Select [0, !GetAZs {Ref: AWS::Region}]", {"Fn::Select": [0, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}),
        ("!Split [',', !Ref Name]", {"Fn::Split": [",", {"Ref": "Name"}]}),
        ("!FindInMap [Sizes, !Ref Env, Size]", 5),
        ("!FindInMap [Sizes, dev, Tags]", ["a", "b"]),
        ("!FindInMap [Sizes, none, Size]", {"Fn::FindInMap": ["undefined:", "none", "Size"]}),
        ("!FindInMap [Sizes, none, Size, {DefaultValue: !Ref Env}]", "prod"),
        ("!FindInMap [Nothing, none, Size, {DefaultValue: 3}]", 3),
        ("!If [IsProd, a, b]", "a"),
        ("!If [IsNamed, a, b]", "a"),
        ("!If [Both, !If [IsProd, c, d], b]", "c"),
        ("!If [Either, a, !Ref AWS::NoValue]", "a"),
        ("!If [IsProd, !Ref AWS::NoValue, a]", "absent"),
        ("!ImportValue {'Fn::Sub': '${Env}-vpc'}", {"Fn::ImportValue": "prod-vpc"}),
        ("!Base64 {Ref: Env}", {"Fn::Base64": "prod"}),
        ("!Cidr [!Ref Env, 2, 8]", {"Fn::Cidr": ["prod", 2, 8]}),
        ("{'Fn::Length': [1, 2]}", 2),
        ("{'Fn::Length': !Ref Subnets}", {"Fn::Length": {"Ref": "Subnets"}}),
        ("{'Fn::ToJsonString': {B: 5, A: !Ref Env}}", {"Fn::ToJsonString": '{"B": 5, "A": "prod"}'}),
        ("{'Fn::GetStackOutput': {StackName: !Ref Env}}", {"Fn::GetStackOutput": {"StackName": "prod"}}),
        ("'{{resolve:ssm:/a}}'", "{{resolve:ssm:/a}}"),
        ("{Condition: IsProd}", {"Condition": "IsProd"}),
        ("{Ref: Env, Other: 1}", {"Ref": "Env", "Other": 1}),
    ],
)
def test_values(text: str, expected: Json) -> None:
    assert _value(text, Env="prod") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{Ref: 5}", {"Ref": 5}),
        ("!Ref [a]", {"Ref": ["a"]}),
        ("{'Fn::GetAtt': 5}", {"Fn::GetAtt": 5}),
        ("{'Fn::GetAtt': Topic}", {"Fn::GetAtt": "Topic"}),
        ("{'Fn::Sub': 5}", {"Fn::Sub": 5}),
        ("!Sub []", {"Fn::Sub": []}),
        ("!Sub ['${Env}']", "prod"),
        ("!Sub ['${Env}', null]", "prod"),
        ("!Join a", {"Fn::Join": "a"}),
        ("!Join [a]", {"Fn::Join": ["a"]}),
        ("!Join [!Ref Name, [a, b]]", {"Fn::Join": [{"Ref": "Name"}, ["a", "b"]]}),
        ("!Join ['', [null]]", {"Fn::Join": ["", [None]]}),
        ("!Select [a]", {"Fn::Select": ["a"]}),
        ("!Select [.inf, [a]]", {"Fn::Select": [float("inf"), ["a"]]}),
        ("!Split ['', a]", {"Fn::Split": ["", "a"]}),
        ("!FindInMap [Sizes]", {"Fn::FindInMap": ["Sizes"]}),
        ("!If [IsProd, a]", {"Fn::If": ["IsProd", "a"]}),
        ("null", None),
    ],
)
def test_what_is_malformed_is_data(text: str, expected: Json) -> None:
    assert _value(text, Env="prod") == expected


def test_parameters_that_are_lists_are_lists_when_they_are_known() -> None:
    values = {"Subnets": "a, b", "Ports": "1,2", "Zones": "x,y", "Image": "ami-1,2"}
    assert _value("!Ref Subnets", **values) == ["a", "b"]
    assert _value("!Ref Ports", **values) == ["1", "2"]
    assert _value("!Ref Zones", **values) == ["x", "y"]
    assert _value("!Ref Image", **values) == "ami-1,2"
    assert _value("!Select [1, !Ref Subnets]", **values) == "b"
    assert _value("!Join ['+', !Ref Subnets]", **values) == "a+b"


@pytest.mark.parametrize(("name", "expected"), [("", "no"), ("n", "yes")])
def test_conditions_use_what_is_passed(name: str, expected: str) -> None:
    assert _value("!If [IsNamed, yes, no]", Name=name) == {"yes": True, "no": False}[expected]
    assert _value("!If [Either, 'yes', 'no']", Name=name, Env="dev") == expected
    assert _value("!If [Both, 'yes', 'no']", Name=name, Env="prod") == expected


def test_entries_whose_condition_is_false_do_not_exist_and_are_undefined_to_others() -> None:
    template = Template(
        "t.yaml",
        parse(
            HEAD + "!Ref ProdTopic\nOutputs: {A: {Condition: IsProd, Description: d, Value: 1}, B: {Value: 2}}",
            "t.yaml",
        ),
    )
    dev, prod = (resolve(template, {"Env": env}) for env in ("dev", "prod"))
    assert [*mapping(dev["Resources"])] == ["Topic", "X"]
    assert [*mapping(prod["Resources"])] == ["Topic", "ProdTopic", "X"]
    assert (dev["Outputs"], prod["Outputs"]) == ({"B": {"Value": 2}}, {"A": {"Value": 1}, "B": {"Value": 2}})
    assert _value("!Ref ProdTopic", Env="dev") == {"Ref": "undefined:ProdTopic"}
    assert _value("!GetAtt ProdTopic.Arn", Env="dev") == {"Fn::GetAtt": ["undefined:ProdTopic", "Arn"]}


def test_numbers_and_booleans_are_their_text_in_conditions() -> None:
    text = """\
Parameters: {Size: {Type: Number}}
Conditions: {C: !And [!Equals [5, '5'], !Equals [true, 'true'], !Equals [!Ref Size, 5]]}
Resources: {A: {Type: T, Condition: C}}"""
    template = Template("t.yaml", parse(text, "t.yaml"))
    assert mapping(resolve(template, {"Size": "5"})["Resources"])
    assert not mapping(resolve(template, {"Size": "6"})["Resources"])


@pytest.mark.parametrize(
    "text",
    [
        "{'Fn::Transform': {Name: M}}",
        "{'Fn::Transform': {Name: M}, A: 1}",
        "{'Fn::ForEach::L': [I, [a], {'${I}': 1}]}",
        "!Mystery a",
        "{'Fn::Equals': [a, b]}",
        "!If [5, a, b]",
        "!If [{Mystery: 1}, a, b]",
    ],
)
def test_what_cannot_be_evaluated_is_not(text: str) -> None:
    with pytest.raises(Unresolvable):
        _value(text)


def test_a_name_that_a_loop_may_declare_is_not_undefined() -> None:
    text = "Resources: {'Fn::ForEach::L': [I, [a], {}], A: {Type: T, Properties: {P: !Ref Ta}}}"
    data = mapping(parse(text, "t.yaml").data)
    alone = Template.of_data("t", {"Resources": {"A": mapping(data["Resources"])["A"]}})
    assert resolve(alone, {})["Resources"] == {"A": {"Type": "T", "Properties": {"P": {"Ref": "undefined:Ta"}}}}
    looped = Evaluation(Subject(Template.of_data("t", data)), Scenario())
    assert looped.resolve({"Ref": "Ta"}) == {"Ref": "Ta"}


def test_tools_and_descriptions_do_not_count() -> None:
    text = """\
Metadata: {cfn-lint: 1, 'AWS::CloudFormation::Interface': {}, Mine: 1}
Resources:
  A: {Type: T, Description: d, DependsOn: B, Metadata: {cfn-lint: 1, Mine: 1}, DeletionPolicy: Retain}
  B: {Type: T, Metadata: {fixer: 1}}"""
    assert resolve(Template("t.yaml", parse(text, "t.yaml")), {}) == {
        "Metadata": {"Mine": 1},
        "Resources": {
            "A": {"Type": "T", "Metadata": {"Mine": 1}, "DeletionPolicy": "Retain", "Properties": {}},
            "B": {"Type": "T", "Properties": {}},
        },
        "Outputs": {},
    }


def test_a_scenario_splits_where_it_is_asked() -> None:
    def evaluate(scenario: Scenario) -> str:
        if not scenario.is_value("Env", "prod"):
            return "other"
        return "big" if scenario.holds("big") else "small"

    found = [(str(scenario), result, scenario.weight) for scenario, result in every(Scenario(), evaluate, Budget())]
    whole = Scenario().weight
    assert found == [
        ("Env=prod, big", "big", whole // 4),
        ("Env=prod, not (big)", "small", whole // 4),
        ("Env is not prod", "other", whole // 2),
    ]


def test_a_parameter_with_two_values_is_one_or_the_other() -> None:
    scenario = Scenario(allowed={"Env": ("dev", "prod")})
    assert not scenario.is_value("Env", "test")
    with pytest.raises(Undecided) as undecided:
        scenario.is_value("Env", "prod")
    assert undecided.value.question == Question("Env", "prod")
    yes, no = scenario.answers(undecided.value.question)
    assert (yes.value("Env"), no.value("Env")) == ("prod", "dev")


def test_there_is_an_end_to_scenarios() -> None:
    def evaluate(scenario: Scenario) -> bool:
        answers = [scenario.is_value(f"P{number}", "") for number in range(20)]
        return any(answers)

    with pytest.raises(Unresolvable, match="more than 256 scenarios"):
        list(every(Scenario(), evaluate, Budget()))
