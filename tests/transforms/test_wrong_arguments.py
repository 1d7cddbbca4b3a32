"""The forms of wrong arguments that can be read in one way."""

from pathlib import Path

from fixer.document import parse
from fixer.run import commands as run
from fixer.settings import Settings

WRONG_AND_RIGHT = [
    ("!Join ['-', a, !Ref 'AWS::Region']", {"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]}),
    ("!Join ['', 'a']", {"Fn::Join": ["", ["a"]]}),
    ("!Join [[a, b], ', ']", {"Fn::Join": [", ", ["a", "b"]]}),
    ("!Select [1, a, b]", {"Fn::Select": [1, ["a", "b"]]}),
    ("!Select [[a, b], 0]", {"Fn::Select": [0, ["a", "b"]]}),
    ("!Select [0, !Split [!Ref 'AWS::StackId', '-']]",
     {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "AWS::StackId"}]}]}),
    ("!Sub ['a-${AWS::Region}']", {"Fn::Sub": "a-${AWS::Region}"}),
    ("!Base64 ['a']", {"Fn::Base64": "a"}),
]  # fmt: skip


def test_each_form_is_written_right(tmp_path: Path) -> None:
    topics = [
        f"  Topic{number}: {{Type: 'AWS::SNS::Topic', Properties: {{DisplayName: {wrong}}}}}\n"
        for number, (wrong, _) in enumerate(WRONG_AND_RIGHT)
    ]
    file = tmp_path / "stack.yaml"
    file.write_text("Resources:\n" + "".join(topics))
    run.apply([str(file)], Settings(select=("wrong-arguments",), cache=False), write=True)
    after = parse(file.read_text(), "stack.yaml").data
    assert isinstance(after, dict) and isinstance(after["Resources"], dict)
    found = [each["Properties"]["DisplayName"] for each in after["Resources"].values()]  # type: ignore[index, call-overload]
    assert found == [right for _, right in WRONG_AND_RIGHT]


def test_a_sub_around_a_mapping_reaches_each_text(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text(
        "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: !Sub\n      DisplayName: ${!Plain}\n"
        "      TopicName: !Join ['-', ['${AWS::Region}', !Ref AWS::StackName]]\n"
    )
    run.apply([str(file)], Settings(select=("wrong-arguments",), cache=False), write=True)
    after = parse(file.read_text(), "stack.yaml").data
    joined = {"Fn::Join": ["-", [{"Fn::Sub": "${AWS::Region}"}, {"Ref": "AWS::StackName"}]]}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "${Plain}", "TopicName": joined}}
    assert after == {"Resources": {"Topic": topic}}
