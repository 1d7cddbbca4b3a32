"""Undefined names, unknown attributes and forgotten variables: siblings of each kind, with cfn-lint itself."""

from pathlib import Path

import pytest

from fixer.cloudformation.foreign_text import is_foreign, language_key
from fixer.cloudformation.mentions import traces
from fixer.cloudformation.near_names import Nearness, how_near, nearest
from fixer.model import Outcome, Report
from fixer.run import commands as run
from fixer.settings import Settings

SHELL = """#!/bin/bash
TAG=$(date +%s)
export STAGE=${STAGE}
while read -r line; do echo ${line}; done
for each in a b; do echo ${each}; done
cd $WORK && ls ${WORK} ${HOME} ${OTHER} ${TAG}
"""
SCRIPT = """\
exports.handler = async ({ detail }, context) => {
  const { id, rest } = detail;
  for (const [key, value] of Object.entries(rest)) console.log(`${key}=${value}`);
  return `${id} ${context.awsRequestId} ${Stage}`;
};
"""
USER_DATA = "/Resources/Box/Properties/UserData/Fn::Base64/Fn::Sub"
CODE = "/Resources/Function/Properties/Code/ZipFile/Fn::Sub"
BUILD = "/Resources/Build/Properties/Source/BuildSpec/Fn::Sub"
TAG = "/Resources/Topic/Properties/DisplayName/Fn::Sub"
POLICY = "/Resources/Policy/Properties/PolicyDocument/Statement/0/Resource/Fn::Sub"


@pytest.mark.parametrize(
    ("name", "other", "nearness"),
    [
        ("orderTopic", "Order-Topic", Nearness.SPELLING),
        ("VPCID", "VpcId", Nearness.SPELLING),
        ("InstancType", "InstanceType", Nearness.TYPING),
        ("IsPord", "IsProd", Nearness.TYPING),
        ("Enviroment", "Environment", Nearness.TYPING),
        ("SubnetIds", "SubnetId", Nearness.TYPING),
        ("Policies", "Policy", Nearness.TYPING),
        ("BucketNae", "BucketName", Nearness.TYPING),
        ("VPCs", "VPC", Nearness.TYPING),
        ("SecurityGroup", "DatabaseSecurityGroup", Nearness.PART),
        ("Env", "EnvironmentName", Nearness.PART),
        ("ApplicationPort", "AppPort", Nearness.PART),
        ("Zone1", "Zone2", None),
        ("SubnetA", "SubnetB", None),
        ("MinSize", "MaxSize", None),
        ("large", "xlarge", None),
        ("Orders", "Order2s", None),
        ("PublicSubnet", "PrivateSubnet", None),
        ("InternalAlb", "ExternalAlb", None),
        ("EncryptedDisk", "UnencryptedDisk", None),
        ("Blue", "Glue", None),
        ("B", "Bucket", None),
    ],
)
def test_how_near_names_are_either_way(name: str, other: str, nearness: Nearness | None) -> None:
    assert how_near(name, other) is nearness
    assert how_near(other, name) is nearness


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("DynamoDBTableBroken", ["DynamoDBTable", "Table"], ["DynamoDBTable"]),
        ("VPCNonexistent", ["VPC", "VpcId"], ["VPC"]),
        ("NonExistentOrderTopic", ["OrderTopic"], ["OrderTopic"]),
        ("order_topic", ["OrderTopic", "OrderTopics"], ["OrderTopic"]),
        ("INVALID_Enabled", ["Enabled", "Suspended"], ["Enabled"]),
        # What tells apart two things that exist.
        ("OrderTopicOld", ["OrderTopic"], []),
        ("ErrorTopic", ["Topic"], []),
        ("OrderTopic2", ["OrderTopic"], []),
        ("VpcCidr", ["Vpc"], []),
    ],
)
def test_the_nearest_names_are_those_that_are_misspelled(name: str, known: list[str], found: list[str]) -> None:
    assert nearest(name, known) == found


@pytest.mark.parametrize(
    ("place", "text", "variable", "foreign"),
    [
        (USER_DATA, SHELL, "TAG", True),
        (USER_DATA, SHELL, "line", True),
        (USER_DATA, SHELL, "each", True),
        (USER_DATA, SHELL, "WORK", True),
        (USER_DATA, SHELL, "HOME", True),
        (USER_DATA, SHELL, "aws:InstanceId", True),
        (USER_DATA, SHELL, "DB_HOST", True),
        (USER_DATA, SHELL, "PORT:-8080", True),
        (USER_DATA, SHELL, "STAGE", False),
        (USER_DATA, SHELL, "OTHER", False),
        (USER_DATA, "<powershell>\n$disk = Get-Disk\nWrite-Host ${disk}\n", "disk", True),
        (USER_DATA, "[agent]\nregion = ${region}\n", "region", False),
        (CODE, SCRIPT, "id", True),
        (CODE, SCRIPT, "key", True),
        (CODE, SCRIPT, "value", True),
        (CODE, SCRIPT, "detail.id ?? 'none'", True),
        (CODE, SCRIPT, "context.awsRequestId", True),
        (CODE, SCRIPT, "process.env.HOME", True),
        (CODE, SCRIPT, "Stage", False),
        (BUILD, "env:\n  variables:\n    TARGET: release\n", "TARGET", True),
        (BUILD, "env:\n  variables:\n    TARGET: ${TARGET}\n", "TARGET", False),
        (BUILD, "", "CODEBUILD_SRC_DIR", True),
        (POLICY, "", "aws:PrincipalTag/team", True),
        (POLICY, "", "saml:sub", True),
        (TAG, "${aws:username}", "aws:username", False),
        (TAG, "TAG=1 ${TAG}", "TAG", False),
        ("/Resources/A/Properties/Uri/Fn::Sub", "https://${stageVariables.host}", "stageVariables.host", True),
        ("/Resources/D/Properties/DashboardBody/Fn::Sub", "", "LABEL", True),
        ("/Resources/D/Properties/DashboardBody/Fn::Sub", "", "QueueName", False),
        ("/Resources/R/Properties/TopicRulePayload/Sql/Fn::Sub", "", "topic(2)", True),
    ],
)
def test_variables_of_other_languages(place: str, text: str, variable: str, foreign: bool) -> None:
    assert is_foreign(place, text, variable) is foreign


@pytest.mark.parametrize(
    ("place", "text", "key"),
    [
        (USER_DATA, "", "UserData"),
        ("/Resources/Doc/Properties/Content/mainSteps/0/inputs/runCommand/0", "", "Content"),
        ("/Resources/Tag/Properties/DisplayName", "#!/bin/sh\n", "DisplayName"),
        ("/Resources/Code/Properties/DisplayName", "", ""),
    ],
)
def test_which_texts_another_language_reads(place: str, text: str, key: str) -> None:
    assert language_key(place, text) == key


def test_traces_of_variables() -> None:
    text = "{A} $B $(C) $[D] {{E}} #{F} %G% <H> __I__ ${J} ${!K} {not a name} $1 {AWS::Region}"
    assert [each.name for each in traces(text)] == [*"ABCDEFGHI", "AWS::Region"]


TEMPLATE = """\
Parameters:
  Stage: {Type: String, Default: dev}
  VpcId: {Type: 'AWS::EC2::VPC::Id'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  InstanceType: {Type: String, Default: t3.small}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  OrderTopic: {Type: 'AWS::SNS::Topic', Condition: IsProd}
  OrderQueue: {Type: 'AWS::SQS::Queue', Properties: {Tags: [{Key: type, Value: !Ref InstanceType}]}}
  Balancer: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {Subnets: !Ref Subnets}}
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: web, VpcId: !Ref VpcId}}
  %s
"""
SUBSCRIPTION = (
    "S: {Type: 'AWS::SNS::Subscription', Properties: {TopicArn: %s, Protocol: email, Endpoint: a@example.com}}"
)
TARGETS = "T: {Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: {Port: 80, Protocol: HTTP, VpcId: %s}}"


def _apply(folder: Path, text: str, **settings: object) -> tuple[str, Report]:
    file = folder / "stack.yaml"
    file.write_text(text)
    report = run.apply([str(file)], Settings(**settings), write=True)  # type: ignore[arg-type]
    assert not report.errors
    return file.read_text(), report


@pytest.mark.parametrize(
    ("entry", "wrong", "right"),
    [
        (SUBSCRIPTION % "!Ref Topic", "!Ref Topic", "!Ref OrderTopic"),
        (SUBSCRIPTION % "!Ref Order", "!Ref Order,", "!Ref OrderTopic,"),
        (TARGETS % "!Ref Vpc", "!Ref Vpc}", "!Ref VpcId}"),
        (TARGETS % "!Sub '${VPCId}'", "${VPCId}", "${VpcId}"),
        ("Q: {Type: 'AWS::SQS::Queue', DependsOn: OrdersTopic}", "OrdersTopic", "OrderTopic"),
        ("Q: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Sub 'a-${AWS::StackNames}'}}", "Names}", "Name}"),
        ("Q: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Join ['-', [a, !Ref Stages]]}}", "Stages", "Stage"),
        ("Q: {Type: 'AWS::SNS::Topic', Condition: IsProds}", "IsProds", "IsProd"),
        ("Q: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !GetAtt Queue.QueueName}}", " Queue.", " OrderQueue."),
    ],
)
def test_an_undefined_name_is_repaired(entry: str, wrong: str, right: str, tmp_path: Path) -> None:
    text = TEMPLATE % entry
    after, report = _apply(tmp_path, text)
    assert after == text.replace(wrong, right)
    assert [each.outcome for each in report.resolutions if each.finding.id == "undefined-name"] == [Outcome.APPLIED]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        # Two names fit; a name that is near does not fit; one that fits is not near.
        (SUBSCRIPTION % "!Ref Topic" + "\n  MailTopic: {Type: 'AWS::SNS::Topic'}", "may mean MailTopic or OrderTopic"),
        (TARGETS % "!Ref Group1", "it is not known what Group1 means"),
        (TARGETS % "!Ref Network", "it is not known what Network means: VpcId would fit here"),
        (TARGETS % "!Ref OrderTopics", "OrderTopic does not fit here"),
        ("Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Subnet}}", "Subnets does not fit here"),
        # It has more words, and may be another one that is missing.
        ("I: {Type: 'AWS::EC2::Instance', Properties: {InstanceType: !Ref PrimaryInstanceType}}",
         "may mean InstanceType: write"),
        ("Q: {Type: 'AWS::SQS::Queue', DependsOn: Qs}", "it is not known what Qs means"),
        ("Q: {Type: 'AWS::SQS::Queue', DependsOn: VpcId}", "is a parameter, and this place takes only a resource"),
        ("Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${Balancer.Zone}-${What}'}}", "what What means"),
        ("Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Application}}", "declare Application, or"),
        ("ApplicationQueue: {Type: 'AWS::SQS::Queue'}\n  T: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: "
         "!Sub '${Application}-a'}}", "Application may mean ApplicationQueue"),
        ("Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${B}'}}", "what B means"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_told(entry: str, reason: str, tmp_path: Path) -> None:
    text = TEMPLATE % entry
    after, report = _apply(tmp_path, text, unsafe=True)
    found = [each for each in report.resolutions if each.finding.id == "undefined-name"]
    assert after == text
    assert [reason in each.reason for each in found] == [True], [each.reason for each in found]


def test_a_name_in_a_text_with_an_unknown_one_waits(tmp_path: Path) -> None:
    """The other uses of the name are repaired."""
    text = TEMPLATE % (
        "A: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Sub '${Stages}-a'}}\n"
        "  B: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${Stages}-${What}'}}"
    )
    after, _ = _apply(tmp_path, text)
    assert after == text.replace("${Stages}-a", "${Stage}-a")


def test_a_resource_in_the_name_of_an_export_is_refused(tmp_path: Path) -> None:
    text = TEMPLATE % "" + "Outputs: {Group: {Value: !Ref Group, Export: {Name: !Sub '${Group}-x'}}}\n"
    after, report = _apply(tmp_path, text, unsafe=True)
    assert after == text
    reasons = [each.reason for each in report.resolutions if each.finding.id == "undefined-name"]
    assert reasons == ["Group is a resource, and this place takes only a parameter"]


@pytest.mark.parametrize(
    ("value", "repaired"),
    [
        ("!GetAtt Balancer.Arn", "!GetAtt Balancer.LoadBalancerArn"),
        ("!GetAtt Balancer.HostedZoneId", "!GetAtt Balancer.CanonicalHostedZoneID"),
        ("!Sub 'http://${Balancer.DNSNames}/'", "!Sub 'http://${Balancer.DNSName}/'"),
        ("!Join ['', [a, !GetAtt OrderQueue.QueueArn]]", "!Join ['', [a, !GetAtt OrderQueue.Arn]]"),
        ("!GetAtt OrderQueue.Frobnicated", ""),
        ("!Sub '${OrderQueue.Frobnicated}${OrderQueue.QueueArn}'", ""),
    ],
)
def test_unknown_attributes(value: str, repaired: str, tmp_path: Path) -> None:
    text = TEMPLATE % "" + f"Outputs: {{A: {{Value: {value}}}}}\n"
    after, report = _apply(tmp_path, text)
    assert after == text.replace(value, repaired or value)
    [each] = [each for each in report.resolutions if each.finding.id == "unknown-attribute"]
    assert ("which attribute is meant by Frobnicated" in each.reason) is (not repaired)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!Sub 'alerts {{Stage}}'", "the string mentions Stage: write ${Stage}, or write the string without Fn::Sub"),
        ("!Sub 'alerts %Stage%'", "the string mentions Stage: write ${Stage}, or write the string without Fn::Sub"),
        ("!Sub ['alerts', {Name: !Ref Stage}]", "the function defines Name, which the string does not use"),
        ("!Sub 'alerts ${!Stage}'", "without Fn::Sub, ${Stage} looks like a variable of the template"),
    ],
)
def test_a_sub_whose_variables_were_forgotten_is_told(value: str, reason: str, tmp_path: Path) -> None:
    text = TEMPLATE % f"T: {{Type: 'AWS::SNS::Topic', Properties: {{DisplayName: {value}}}}}"
    after, report = _apply(tmp_path, text, unsafe=True)
    assert after == text
    [each] = report.resolutions
    assert reason in each.reason


def test_a_needless_sub_changes_nothing_that_is_deployed(tmp_path: Path) -> None:
    """UserData may need a new resource, and an export that is renamed breaks its readers: both keep their value."""
    text = (
        TEMPLATE
        % (
            "Box: {Type: 'AWS::EC2::Instance', Properties: {ImageId: '{{resolve:ssm:/a}}', UserData: "
            "{'Fn::Base64': !Sub \"#!/bin/sh\\necho a\\n\"}}}"
        )
        + "Outputs: {A: {Value: !GetAtt Box.PrivateIp, Export: {Name: !Sub fixed}}}\n"
    )
    after, report = _apply(tmp_path, text)
    assert "Fn::Sub" not in after and "!Sub" not in after
    assert {(each.outcome, each.tier, each.effects) for each in report.resolutions} == {(Outcome.APPLIED, "safe", ())}


def test_what_needs_a_conditional_resource_waits_for_it(tmp_path: Path) -> None:
    """Its condition is misspelled: where the resource exists, what depends on it is created after it."""
    text = TEMPLATE % "Alarms: {Type: 'AWS::SNS::Topic', Condition: IsProd, DependsOn: OrderTopic}"
    text = text.replace("'AWS::SNS::Topic', Condition: IsProd}", "'AWS::SNS::Topic', Condition: IsPord}")
    after, report = _apply(tmp_path, text)
    found = [(each.outcome, each.reason) for each in report.resolutions if each.finding.id == "undefined-name"]
    assert found == [(Outcome.APPLIED, "")]
    assert "IsPord" not in after
