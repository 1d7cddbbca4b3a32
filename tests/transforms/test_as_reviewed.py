"""as-reviewed: the place of a fragment, the patch that a pair of fragments makes there, and the refusals."""

import json
from copy import deepcopy

import pytest
from driver import template_of

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.document.operations import resolve
from fixer.engine.pipeline import repair
from fixer.engine.selection import by_id
from fixer.model import Json, Outcome, Tier
from fixer.model.failures import About, Failure, Fragment, Pair, Role
from fixer.settings import Settings
from fixer.transforms.review.plan import Examined, examined

STACK: dict[str, Json] = {
    "Parameters": {"Env": {"Type": "String"}, "Size": {"Type": "Number", "Default": 5}},
    "Resources": {
        "Jobs": {
            "Type": "AWS::SQS::Queue",
            "DependsOn": "Topic",
            "Properties": {
                "VisibilityTimeout": "30",
                "FifoQueue": True,
                "QueueName": {"Fn::Sub": "jobs-${Env}"},
                "Tags": [
                    {"Key": "Name", "Value": "jobs"},
                    {"Key": "Owner", "Value": "orders"},
                    {"Key": "Stage", "Value": {"Ref": "Env"}},
                ],
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Jobs"}},
        "Mail": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Mail", "KmsMasterKeyId": "alias/a"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "ManagedPolicyArns": ["arn:a", "arn:b", "arn:c"],
                "Policies": [
                    {
                        "PolicyName": "one",
                        "PolicyDocument": {
                            "Statement": [
                                {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"},
                                {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}},
                            ]
                        },
                    }
                ],
            },
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "g",
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"},
                    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "10.0.0.0/8", "Description": "web"},
                ],
            },
        },
    },
    "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Jobs", "QueueUrl"]}}},
}
JOBS = "/Resources/Jobs/Properties"
ROLE = "/Resources/Role/Properties"


def failure_of(*pairs: tuple[str | None, str | None], title: str = "A failure", body: str = "") -> Failure:
    """A failure that shows these pairs of fragments."""
    made = tuple(
        Pair(
            Fragment(Role.FAULTY, faulty, 10) if faulty is not None else None,
            Fragment(Role.CORRECTED, corrected, 20) if corrected is not None else None,
        )
        for faulty, corrected in pairs
    )
    return Failure(1, title, "", 4, "REVIEW.md", body, (), made)


def examine(
    faulty: str | None,
    corrected: str | None,
    data: Json = STACK,
    title: str = "A failure",
    others: tuple[Template, ...] = (),
) -> Examined:
    """What a pair means for a template."""
    [each] = examined([failure_of((faulty, corrected), title=title)], [template_of(deepcopy(data)), *others])
    return each


def changed(each: Examined, data: Json = STACK) -> Json:
    """The data after all repairs of a pair."""
    for found in each.repairs:
        assert not found.reason
        data, _ = resolve(data, found.ops)
    assert each.repairs
    return data


def at(data: Json, place: str) -> Json:
    """The value at a place."""
    for token in place.strip("/").split("/"):
        data = data[int(token)] if isinstance(data, list) else data[token]  # type: ignore[index]
    return data


CHANGES: list[tuple[str, str, str, str, Json]] = [
    ("a scalar", "VisibilityTimeout: 30", "VisibilityTimeout: 60", f"{JOBS}/VisibilityTimeout", 60),
    ("a number for a text", '"VisibilityTimeout": 30,', '"VisibilityTimeout": 60,', f"{JOBS}/VisibilityTimeout", 60),
    ("a boolean as text", "FifoQueue: 'true'", "FifoQueue: false", f"{JOBS}/FifoQueue", False),
    (
        "a function",
        "QueueName: !Sub 'jobs-${Env}'",
        "QueueName: !Sub '${AWS::StackName}-jobs'",
        f"{JOBS}/QueueName",
        {"Fn::Sub": "${AWS::StackName}-jobs"},
    ),
    (
        "a function for a scalar",
        "DisplayName: Jobs",
        "DisplayName: !Ref Env",
        "/Resources/Topic/Properties/DisplayName",
        {"Ref": "Env"},
    ),
    ("a cut text", "QueueName: !Sub 'jobs-...'", "QueueName: jobs", f"{JOBS}/QueueName", "jobs"),
    (
        "a GetAtt as text",
        '"Value": {"Fn::GetAtt": "Jobs.QueueUrl"}',
        '"Value": {"Ref": "Jobs"}',
        "/Outputs/Url/Value",
        {"Ref": "Jobs"},
    ),
    (
        "a resource around it",
        '"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}}',
        '"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}}',
        f"{JOBS}/VisibilityTimeout",
        60,
    ),
    (
        "the whole template around it",
        "Resources:\n  Jobs:\n    Properties:\n      VisibilityTimeout: 30",
        "Resources:\n  Jobs:\n    Properties:\n      VisibilityTimeout: 60",
        f"{JOBS}/VisibilityTimeout",
        60,
    ),
    (
        "a property in the resource that only the correction names",
        "VisibilityTimeout: 30",
        "Jobs:\n  Type: AWS::SQS::Queue\n  Properties:\n    VisibilityTimeout: 60",
        f"{JOBS}/VisibilityTimeout",
        60,
    ),
    (
        "a resource of which only a part is corrected",
        "Jobs:\n  Type: AWS::SQS::Queue\n  Properties:\n    VisibilityTimeout: 30",
        "VisibilityTimeout: 60",
        f"{JOBS}/VisibilityTimeout",
        60,
    ),
    (
        "properties without their Properties",
        "Topic:\n  DisplayName: Jobs",
        "Topic:\n  DisplayName: All jobs",
        "/Resources/Topic/Properties/DisplayName",
        "All jobs",
    ),
    (
        "a dependency as a list",
        "Jobs:\n  DependsOn: [Topic]",
        "Jobs:\n  DependsOn: [Mail]",
        "/Resources/Jobs/DependsOn",
        "Mail",
    ),
    (
        "a list of one value",
        "ManagedPolicyArns:\n  - arn:a\n  - arn:b\n  - arn:c",
        "ManagedPolicyArns:\n  - arn:a\n  - arn:x\n  - arn:c",
        f"{ROLE}/ManagedPolicyArns",
        ["arn:a", "arn:x", "arn:c"],
    ),
    (
        "an item between others",
        "- arn:b",
        "- arn:b\n- arn:x",
        f"{ROLE}/ManagedPolicyArns",
        ["arn:a", "arn:b", "arn:x", "arn:c"],
    ),
    ("an item for another", "- arn:b", "- arn:x", f"{ROLE}/ManagedPolicyArns", ["arn:a", "arn:x", "arn:c"]),
    (
        "an item behind an ellipsis",
        "ManagedPolicyArns:\n  - arn:a\n  - ...",
        "ManagedPolicyArns:\n  - arn:a\n  - ...\n  - arn:x",
        f"{ROLE}/ManagedPolicyArns",
        ["arn:a", "arn:b", "arn:c", "arn:x"],
    ),
    (
        "an item of an open list",
        "Tags:\n  - Key: Owner\n    Value: orders",
        "Tags:\n  - Key: Owner\n    Value: shop",
        f"{JOBS}/Tags/1",
        {"Key": "Owner", "Value": "shop"},
    ),
    (
        "a new tag behind a shown one",
        '"Tags": [{"Key": "Owner", "Value": "orders"}]',
        '"Tags": [{"Key": "Owner", "Value": "orders"}, {"Key": "Cost", "Value": "1"}]',
        f"{JOBS}/Tags/2",
        {"Key": "Cost", "Value": "1"},
    ),
    (
        "a new tag before a shown one",
        '"Tags": [{"Key": "Owner", "Value": "orders"}]',
        '"Tags": [{"Key": "Cost", "Value": "1"}, {"Key": "Owner", "Value": "orders"}]',
        f"{JOBS}/Tags/1",
        {"Key": "Cost", "Value": "1"},
    ),
    (
        "a statement by its place",
        "Statement:\n  - Effect: Allow\n    Action: sns:Publish\n    Resource: !Ref Topic",
        "Statement:\n  - Effect: Allow\n    Action: sns:Publish\n    Resource: !Ref Mail",
        f"{ROLE}/Policies/0/PolicyDocument/Statement/1/Resource",
        {"Ref": "Mail"},
    ),
    (
        "a rule of a list without its key",
        "- IpProtocol: tcp\n  FromPort: 22\n  ToPort: 22\n  CidrIp: 0.0.0.0/0",
        "- IpProtocol: tcp\n  FromPort: 22\n  ToPort: 22\n  CidrIp: 10.0.0.0/16",
        "/Resources/Group/Properties/SecurityGroupIngress/0/CidrIp",
        "10.0.0.0/16",
    ),
    (
        "a rule that gets a neighbour and has more than is shown",
        "SecurityGroupIngress:\n  - IpProtocol: tcp\n    FromPort: 80\n    ToPort: 80\n    CidrIp: 10.0.0.0/8",
        "SecurityGroupIngress:\n  - IpProtocol: tcp\n    FromPort: 80\n    ToPort: 80\n    CidrIp: 10.0.0.0/8\n"
        "    Description: web\n  - IpProtocol: tcp\n    FromPort: 443\n    ToPort: 443\n    CidrIp: 10.0.0.0/8",
        "/Resources/Group/Properties/SecurityGroupIngress/2",
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"},
    ),
    ("a new key", "VisibilityTimeout: 30", "VisibilityTimeout: 30\nDelaySeconds: 5", f"{JOBS}/DelaySeconds", 5),
    ("a key with another name", "VisibilityTimeout: 30", "DelaySeconds: 30", f"{JOBS}/DelaySeconds", 30),
    (
        "a new entry beside the changed one",
        "VisibilityTimeout: 30",
        "VisibilityTimeout: !Ref Wait\nWait:\n  Type: Number\n  Default: 60",
        "/Parameters/Wait",
        {"Type": "Number", "Default": 60},
    ),
    (
        "a section beside the changed entry",
        "Resources:\n  Topic:\n    Type: AWS::SNS::Topic",
        "Conditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
        "    Condition: IsProd",
        "/Conditions",
        {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
    ),
    (
        "a parameter with another name",
        "Parameters:\n  Env:\n    Type: String",
        "Parameters:\n  Stage:\n    Type: String",
        f"{JOBS}/QueueName",
        {"Fn::Sub": "jobs-${Stage}"},
    ),
    (
        "a resource with another name",
        '"Topic": {"Type": "AWS::SNS::Topic"}',
        '"AlarmTopic": {"Type": "AWS::SNS::Topic"}',
        f"{ROLE}/Policies/0/PolicyDocument/Statement/1/Resource",
        {"Ref": "AlarmTopic"},
    ),
    (
        "what only the corrected fragment shows of a named resource",
        "Jobs:\n  Properties:\n    VisibilityTimeout: 30",
        "Jobs:\n  Properties:\n    VisibilityTimeout: 60\n    FifoQueue: false",
        f"{JOBS}/FifoQueue",
        False,
    ),
]


@pytest.mark.parametrize(
    ("faulty", "corrected", "place", "value"),
    [each[1:] for each in CHANGES],
    ids=[each[0] for each in CHANGES],
)
def test_a_pair_becomes_the_change_that_it_shows(faulty: str, corrected: str, place: str, value: Json) -> None:
    each = examine(faulty, corrected)
    data = changed(each)
    assert at(data, place) == value
    again = examine(faulty, corrected, data)
    assert not any(found.ops for found in again.repairs), "the second run changes nothing"


def test_only_what_differs_is_written() -> None:
    [found] = examine("VisibilityTimeout: 30\nFifoQueue: true", "VisibilityTimeout: 60\nFifoQueue: true").repairs
    assert [op["op"] for op in found.ops] == ["test", "replace"]
    assert found.place == f"{JOBS}/VisibilityTimeout"


@pytest.mark.parametrize(
    ("faulty", "corrected", "gone"),
    [
        ("VisibilityTimeout: 30\nFifoQueue: true", "FifoQueue: true", f"{JOBS}/VisibilityTimeout"),
        (
            "Tags:\n  - Key: Owner\n    Value: orders\n  - Key: Stage\n    Value: !Ref Env",
            "Tags:\n  - Key: Owner\n    Value: orders",
            f"{JOBS}/Tags/2",
        ),
        (
            "Mail:\n  Type: AWS::SNS::Topic\nTopic:\n  Type: AWS::SNS::Topic",
            "Topic:\n  Type: AWS::SNS::Topic",
            "/Resources/Mail",
        ),
    ],
)
def test_what_only_the_faulty_fragment_shows_goes(faulty: str, corrected: str, gone: str) -> None:
    data = changed(examine(faulty, corrected))
    with pytest.raises((KeyError, IndexError)):
        at(data, gone)
    assert at(data, f"{JOBS}/Tags/0") == {"Key": "Name", "Value": "jobs"}


@pytest.mark.parametrize(
    ("faulty", "corrected"),
    [
        ("Jobs:\n  Type: AWS::SQS::Queue\n  Properties:\n    VisibilityTimeout: 30", "Jobs:\n  DeletionPolicy: Retain"),
        ("VisibilityTimeout: 30\nFifoQueue: true", '"VisibilityTimeout": 60,'),
        ("VisibilityTimeout: 30\nFifoQueue: true", "VisibilityTimeout: 60\n..."),
        ("Tags:\n  - Key: Owner\n    Value: orders\nFifoQueue: true", "Tags: [...]\nFifoQueue: false"),
    ],
)
def test_what_the_corrected_fragment_leaves_open_stays(faulty: str, corrected: str) -> None:
    data = changed(examine(faulty, corrected))
    assert at(data, f"{JOBS}/VisibilityTimeout") in ("30", 60)
    assert "FifoQueue" in at(data, JOBS)  # type: ignore[operator]
    assert len(at(data, f"{JOBS}/Tags")) == 3  # type: ignore[arg-type]


ADDITIONS: list[tuple[str, str, str, Json]] = [
    ("a resource", "Dead:\n  Type: AWS::SQS::Queue\n", "/Resources/Dead", {"Type": "AWS::SQS::Queue"}),
    ("a parameter", '"Wait": {"Type": "Number"}', "/Parameters/Wait", {"Type": "Number"}),
    ("an output", "Arn:\n  Description: d\n  Value: !Ref Jobs\n", "/Outputs/Arn/Value", {"Ref": "Jobs"}),
    ("a condition", "IsProd: !Equals [!Ref Env, prod]", "/Conditions/IsProd", {"Fn::Equals": [{"Ref": "Env"}, "prod"]}),
    ("a section", "Mappings:\n  M:\n    a:\n      b: c\n", "/Mappings/M/a/b", "c"),
    (
        "a property of a named resource",
        "Topic:\n  Properties:\n    FifoTopic: true",
        "/Resources/Topic/Properties/FifoTopic",
        True,
    ),
    (
        "an attribute of a named resource",
        "Topic:\n  DeletionPolicy: Retain",
        "/Resources/Topic/DeletionPolicy",
        "Retain",
    ),
]


@pytest.mark.parametrize(
    ("corrected", "place", "value"), [each[1:] for each in ADDITIONS], ids=[each[0] for each in ADDITIONS]
)
def test_a_correction_alone_is_an_addition(corrected: str, place: str, value: Json) -> None:
    data = changed(examine(None, corrected))
    assert at(data, place) == value
    assert examine(None, corrected, data).is_absent


REFUSALS: list[tuple[str, str | None, str, str]] = [
    (
        "an ellipsis in what is new",
        "VisibilityTimeout: 30",
        "VisibilityTimeout: 30\nRedrivePolicy: {...}",
        "has an ellipsis",
    ),
    (
        "an ellipsis where the change is",
        "VisibilityTimeout: ...\nFifoQueue: true",
        "VisibilityTimeout: 60\nFifoQueue: true",
        "has an ellipsis where",
    ),
    ("an ellipsis in a text", "DisplayName: Jobs", "DisplayName: All jobs of ...", "has an ellipsis"),
    ("a name that is taken", None, "Topic:\n  Type: AWS::SQS::Queue", "an entry Topic of the type AWS::SNS::Topic"),
    ("a name of another section", None, "Topic:\n  Type: String", "already has an entry Topic"),
    (
        "another value",
        None,
        "Topic:\n  Properties:\n    DisplayName: x",
        "another value at /Resources/Topic/Properties/DisplayName",
    ),
    ("no logical id", None, "DisplayName: x", "show the logical id"),
    ("no such resource", None, "Nobody:\n  Properties:\n    DisplayName: x", "shows no Type"),
    ("nothing in common", "VisibilityTimeout: 30", "A: 1\nB: 2", "no key in common"),
    ("a list for a mapping", "VisibilityTimeout: 30", "- a", "shows a list"),
    (
        "a stray key",
        "Parameters:\n  Env:\n    Type: String",
        "Parameters:\n  Env:\n    Type: Number\nKeyName: x",
        "beside the sections",
    ),
    ("other entries", "Url:\n  Value: !GetAtt Jobs.QueueUrl\n", "Other:\n  Value: x\n", "no key in common"),
    (
        "several entries for several others",
        "Topic:\n  Type: AWS::SNS::Topic\nMail:\n  Type: AWS::SNS::Topic",
        "One:\n  Type: AWS::SNS::Topic\nTwo:\n  Type: AWS::SNS::Topic",
        "still uses",
    ),
    (
        "a type that changes its name",
        "Resources:\n  Topic:\n    Type: AWS::SNS::Topic",
        "Resources:\n  Env:\n    Type: AWS::SNS::Topic",
        "cannot become Env",
    ),
]


@pytest.mark.parametrize(
    ("faulty", "corrected", "reason"), [each[1:] for each in REFUSALS], ids=[each[0] for each in REFUSALS]
)
def test_what_is_not_certain_is_refused_with_a_reason(faulty: str | None, corrected: str, reason: str) -> None:
    each = examine(faulty, corrected)
    said = [each.reason, *(found.reason for found in each.repairs)]
    assert any(reason in text for text in said), said
    assert not any(found.ops for found in each.repairs)


@pytest.mark.parametrize(
    ("faulty", "corrected", "reason"),
    [
        ("VisibilityTimeout: 31", "VisibilityTimeout: 60", 'shows 31 and the template has "30"'),
        (
            "Jobs:\n  Properties:\n    DelaySeconds: 1",
            "Jobs:\n  Properties:\n    DelaySeconds: 2",
            "DelaySeconds is absent",
        ),
        ("Nothing: 1", "Nothing: 2", "no place of the templates has its keys"),
        ("KmsMasterKeyId: alias/b", "KmsMasterKeyId: alias/c", "/Resources/Mail/Properties/KmsMasterKeyId"),
        ("ManagedPolicyArns:\n  - arn:a\n  - arn:c", "ManagedPolicyArns:\n  - arn:a", "ManagedPolicyArns"),
    ],
)
def test_a_fragment_that_is_nowhere_is_told_with_what_comes_closest(faulty: str, corrected: str, reason: str) -> None:
    each = examine(faulty, corrected)
    assert reason in each.reason
    assert not each.repairs
    assert not each.is_absent


def test_a_failure_whose_correction_is_there_already_is_absent() -> None:
    assert examine("VisibilityTimeout: 10", "VisibilityTimeout: '30'").is_absent
    assert examine("FifoQueue: true", "FifoQueue: true\nVisibilityTimeout: 30").is_absent


def test_places_of_one_kind_are_all_meant_and_others_are_a_guess() -> None:
    data = deepcopy(STACK)
    assert isinstance(data["Resources"], dict)
    data["Resources"]["More"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Jobs"}}
    each = examine("DisplayName: Jobs", "DisplayName: All", data)
    assert [found.count for found in each.repairs] == [2, 2]
    data["Resources"]["Else"] = {"Type": "AWS::Other::Thing", "Properties": {"DisplayName": "Jobs"}}
    each = examine("DisplayName: Jobs", "DisplayName: All", data)
    assert "occurs at 3 places" in each.reason
    assert not each.repairs


def test_the_review_may_say_in_words_which_entry_or_file_is_meant() -> None:
    data = deepcopy(STACK)
    assert isinstance(data["Resources"], dict)
    data["Resources"]["More"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Jobs"}}
    [found] = examine("DisplayName: Jobs", "DisplayName: All", data, "The name of `More` is too short").repairs
    assert found.place == "/Resources/More/Properties/DisplayName"
    other = template_of(STACK, "other.json")
    every = examine("VisibilityTimeout: 30", "VisibilityTimeout: 60", others=(other,))
    assert {found.path for found in every.repairs} == {"stack.json", "other.json"}
    named = examine("VisibilityTimeout: 30", "VisibilityTimeout: 60", title="Timeout in other.json", others=(other,))
    assert {found.path for found in named.repairs} == {"other.json"}


def test_an_addition_goes_to_the_template_that_has_its_entries_or_is_refused() -> None:
    other = template_of({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}, "other.json")
    found = examine(None, "Bucket:\n  DeletionPolicy: Retain", others=(other,)).repairs
    assert [each.path for each in found] == ["other.json"]
    assert "must name the file" in examine(None, "New:\n  Type: AWS::SNS::Topic", others=(other,)).reason


def test_items_that_cannot_be_told_apart_are_refused() -> None:
    data: Json = {"Resources": {"T": {"Type": "A::B::C", "Properties": {"Tags": [{"K": 1, "V": 1}, {"K": 1, "V": 2}]}}}}
    [found] = examine("Tags:\n  - K: 1", "Tags:\n  - K: 2", data).repairs
    assert "cannot be told apart" in found.reason


def test_what_is_not_about_a_template_is_left_alone() -> None:
    failure = failure_of(("VisibilityTimeout: 30", "VisibilityTimeout: 60"))
    other = Failure(**{name: getattr(failure, name) for name in failure.__slots__} | {"about": About.OTHER})
    assert not examined([other], [template_of(STACK)])


YAML = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      # In seconds.
      VisibilityTimeout: 30  # too short
      Tags:
        - {Key: Owner, Value: orders}
  Topic:
    Type: AWS::SNS::Topic
"""


def _repaired(text: str, failures: tuple[Failure, ...], **given: bool) -> tuple[str, list[tuple[Outcome, Tier, str]]]:
    project = Project.of([Template("t.yaml", parse(text, "t.yaml"))])
    report = repair(project, ("t.yaml",), Settings(select=("as-reviewed",), failures=failures, **given))  # type: ignore[arg-type]
    found = [(each.outcome, each.tier, " ".join((each.reason, *each.notes))) for each in report.resolutions]
    return report.templates[0].after, found


def test_several_failures_at_one_place_are_all_repaired() -> None:
    first = failure_of(("VisibilityTimeout: 30", "VisibilityTimeout: 60"), title="Too short")
    second = failure_of(
        (
            "Jobs:\n  Properties:\n    VisibilityTimeout: 30\n    Tags:\n      - Key: Owner\n        Value: orders",
            "Jobs:\n  Properties:\n    VisibilityTimeout: 30\n    Tags:\n      - Key: Owner\n        Value: shop",
        ),
        title="Another owner",
    )
    text, found = _repaired(YAML, (first, second))
    assert [outcome for outcome, _, _ in found] == [Outcome.WOULD_APPLY, Outcome.WOULD_APPLY]
    assert "VisibilityTimeout: 60  # too short" in text
    assert "{Key: Owner, Value: shop}" in text
    assert text.count("\n") == YAML.count("\n")


def test_the_finding_names_the_review_and_its_line() -> None:
    _, [(_, tier, note)] = _repaired(YAML, (failure_of(("VisibilityTimeout: 30", "VisibilityTimeout: 60")),))
    assert tier is Tier.REVIEW
    assert "The review REVIEW.md, line 4, shows this." in note


def test_what_is_overwritten_unseen_is_noted() -> None:
    failure = failure_of(("Jobs:\n  Type: AWS::SQS::Queue", "Jobs:\n  Properties:\n    VisibilityTimeout: 60"))
    _, [(outcome, _, note)] = _repaired(YAML, (failure,))
    assert outcome is Outcome.WOULD_APPLY
    assert "/Resources/Jobs/Properties/VisibilityTimeout was 30, which the faulty fragment does not show." in note


HOSTILE: list[tuple[str, str | None, str]] = [
    (
        "an open port",
        None,
        "Door:\n  Type: AWS::EC2::SecurityGroup\n  Properties:\n    GroupDescription: d\n    SecurityGroupIngress:\n"
        "      - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}",
    ),
    (
        "every principal",
        None,
        "Door:\n  Type: AWS::SQS::QueuePolicy\n  Properties:\n    Queues: [!Ref Jobs]\n    PolicyDocument:\n"
        "      Statement: [{Effect: Allow, Principal: '*', Action: sqs:SendMessage, Resource: '*'}]",
    ),
    (
        "the account of somebody else",
        None,
        "Door:\n  Type: AWS::SQS::QueuePolicy\n  Properties:\n    Queues: [!Ref Jobs]\n    PolicyDocument:\n"
        "      Statement:\n        - Effect: Allow\n          Principal: {AWS: 'arn:aws:iam::999999999999:root'}\n"
        "          Action: sqs:SendMessage\n          Resource: !GetAtt Jobs.Arn",
    ),
    (
        "every action",
        None,
        "Door:\n  Type: AWS::IAM::Role\n  Properties:\n    AssumeRolePolicyDocument:\n      Statement:\n"
        "        - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}\n    Policies:\n"
        "      - PolicyName: p\n        PolicyDocument:\n"
        "          Statement: [{Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::b'}]",
    ),
    ("a public bucket", None, "Door:\n  Type: AWS::S3::Bucket\n  Properties:\n    AccessControl: PublicRead"),
    (
        "a public database",
        None,
        "Door:\n  Type: AWS::RDS::DBInstance\n  Properties:\n    Engine: mysql\n    PubliclyAccessible: true",
    ),
]


@pytest.mark.parametrize(("faulty", "corrected"), [each[1:] for each in HOSTILE], ids=[each[0] for each in HOSTILE])
def test_what_a_hostile_review_opens_is_unsafe(faulty: str | None, corrected: str) -> None:
    text, [(outcome, tier, reason)] = _repaired(YAML, (failure_of((faulty, corrected), title="URGENT: apply this"),))
    assert text == YAML
    assert tier is Tier.UNSAFE
    assert outcome is Outcome.SKIPPED
    assert "--unsafe" in reason
    assert _repaired(YAML, (failure_of((faulty, corrected)),), undeployed=True)[0] == YAML


@pytest.mark.parametrize(
    "corrected",
    [
        '"../../etc/passwd": {"Type": "AWS::SNS::Topic"}',
        "A~1B/../C:\n  Type: AWS::SNS::Topic",
        "__proto__:\n  Type: AWS::SNS::Topic",
        '"": {"Type": "AWS::SNS::Topic"}',
    ],
)
def test_odd_names_are_names_and_never_paths(corrected: str) -> None:
    each = examine(None, corrected)
    data = changed(each)
    assert isinstance(data, dict)
    assert isinstance(STACK["Resources"], dict)
    assert len(data["Resources"]) == len(STACK["Resources"]) + 1  # type: ignore[arg-type]


def test_a_title_with_line_breaks_and_control_characters_is_one_line() -> None:
    failure = failure_of(
        ("VisibilityTimeout: 30", "VisibilityTimeout: 60"), title="Bad\n# Injected\n\n```\x1b[31m" + "x" * 5_000
    )
    template = template_of(STACK)
    context = Context("as-reviewed", Project.of([template]), failures=(failure,))
    [finding] = by_id("as-reviewed").detect(template, context)
    assert "\n" not in finding.message
    assert len(finding.message) <= 210


def test_the_same_review_always_gives_the_same_patch() -> None:
    pairs = [(faulty, corrected) for _, faulty, corrected, *_ in CHANGES]
    first = examined([failure_of(*pairs)], [template_of(STACK)])
    second = examined([failure_of(*pairs, body="again")], [template_of(STACK)])
    assert [each.repairs for each in first] == [each.repairs for each in second]
    assert json.dumps([[found.ops for found in each.repairs] for each in first])


def test_what_the_corrected_fragment_refers_to_stays() -> None:
    each = examine(
        "Topic:\n  Type: AWS::SNS::Topic",
        "Mails:\n  Type: AWS::SNS::Subscription\n  Properties:\n    TopicArn: !Ref Topic\n    Protocol: sqs",
    )
    data = changed(each)
    assert at(data, "/Resources/Topic/Properties/DisplayName") == "Jobs"
    assert at(data, "/Resources/Mails/Type") == "AWS::SNS::Subscription"


def test_an_entry_in_place_of_another_of_another_type_is_refused() -> None:
    [found] = examine("Mail:\n  Type: AWS::SNS::Topic", "Mails:\n  Type: AWS::SQS::Queue").repairs
    assert "not clear whether Mail go" in found.reason
    [found] = examine("Topic:\n  Type: AWS::SNS::Topic", "Mails:\n  Type: AWS::SQS::Queue").repairs
    assert "Topic, which /Resources/Jobs/DependsOn still uses" in found.reason


def test_several_items_of_one_list_are_not_all_meant() -> None:
    each = examine("IpProtocol: tcp", "IpProtocol: udp")
    assert "several items of a list" in each.reason
    assert not each.repairs


def test_a_name_in_code_does_not_say_which_entry_is_meant() -> None:
    data = deepcopy(STACK)
    assert isinstance(data["Resources"], dict)
    data["Resources"]["More"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Jobs"}}
    body = "Both have it.\n\n```yaml\nDisplayName: !Ref More\n```\n"
    failure = failure_of(("DisplayName: Jobs", "DisplayName: !Ref More"), body=body)
    [each] = examined([failure], [template_of(data)])
    assert len(each.repairs) == 2


def test_the_correction_may_show_which_entry_is_meant() -> None:
    data = deepcopy(STACK)
    assert isinstance(data["Resources"], dict)
    data["Resources"]["More"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Jobs"}}
    corrected = "More:\n  Type: AWS::SNS::Topic\n  Properties:\n    DisplayName: All"
    [found] = examine("DisplayName: Jobs", corrected, data).repairs
    assert found.place == "/Resources/More/Properties/DisplayName"
