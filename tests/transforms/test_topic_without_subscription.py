"""topic-without-subscription: which topics reach nobody, which address is taken, when the subscription exists."""

from typing import Any

import pytest
from driver import context_of, only_patch, repaired, template_of

from fixer.engine.selection import chosen
from fixer.errors import BadConfig
from fixer.model import Json, Patch, Tier
from fixer.settings import Settings
from fixer.transforms.sns.topic_without_subscription import TRANSFORM

ALERTS = {"alerts": ""}
REF: Json = {"Ref": "Topic"}
GIVEN: Json = {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlertEmail"}, ""]}]}
OPTIONAL: dict[str, Any] = {"AlertEmail": {"Type": "String", "Default": ""}}
EXISTING: dict[str, Any] = {"AlertEmail": {"Type": "String"}}
SUBSCRIPTION = "/Resources/TopicEmailSubscription"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def alarm(*actions: Json, name: str = "AlarmActions") -> dict[str, Any]:
    return resource("AWS::CloudWatch::Alarm", **{name: list(actions or (REF,))})


def topic(condition: str = "", **properties: Any) -> dict[str, Any]:
    return {**resource("AWS::SNS::Topic", **properties), **({"Condition": condition} if condition else {})}


def subscription(arn: Json) -> dict[str, Any]:
    return resource("AWS::SNS::Subscription", Protocol="email", Endpoint="ops@example.com", TopicArn=arn)


def stack(parameters: Any = None, **resources: Any) -> dict[str, Any]:
    """A topic that an alarm notifies, and more."""
    data = {"Resources": {"Topic": topic(), "Alarm": alarm(), **resources}}
    return {"Parameters": parameters, **data} if parameters else data


def places(data: Json, *others: Json) -> list[str]:
    template = template_of(data)
    beside = tuple(template_of(other, f"other{number}.json") for number, other in enumerate(others))
    return [each.pointer for each in TRANSFORM.detect(template, context_of(TRANSFORM, template, others=beside))]


def made(data: Json, **options: str) -> Patch:
    """The only patch, of a run for which alerts are required."""
    return only_patch(TRANSFORM, data, options, ALERTS)


def added(data: Json, **options: str) -> dict[str, Any]:
    return {str(op["path"]): op["value"] for op in made(data, **options).files["stack.json"] if op["op"] == "add"}


@pytest.mark.parametrize("action", ["AlarmActions", "OKActions", "InsufficientDataActions"])
@pytest.mark.parametrize("kind", ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"])
def test_actions_that_notify(kind: str, action: str) -> None:
    assert places(stack(Alarm=resource(kind, **{action: [REF]}))) == ["/Resources/Topic"]


@pytest.mark.parametrize(
    "given",
    [
        alarm(name="Actions"),
        alarm({"Fn::ImportValue": "x"}),
        alarm({"Ref": "TopicArn"}),
        resource("AWS::CloudWatch::Alarm"),
        resource("AWS::Events::Rule", AlarmActions=[REF]),
    ],
)
def test_a_topic_that_no_alarm_notifies(given: dict[str, Any]) -> None:
    assert not places(stack(Alarm=given))


@pytest.mark.parametrize(
    ("properties", "is_found"),
    [
        ({"Subscription": [{"Protocol": "email", "Endpoint": "ops@example.com"}]}, False),
        ({"Subscription": {"Ref": "AWS::NoValue"}}, True),
        ({"Subscriptions": [{"Protocol": "email", "Endpoint": "ops@example.com"}]}, False),
        ({"subscription": [{"Protocol": "email", "Endpoint": "ops@example.com"}]}, False),
        ({"SubscriptionProtocol": "email"}, False),
        ({"DisplayName": "x"}, True),
    ],
)
def test_subscriptions_inside_the_topic(properties: dict[str, Any], is_found: bool) -> None:
    assert bool(places(stack(Topic=topic(**properties)))) == is_found


@pytest.mark.parametrize(
    ("listener", "is_found"),
    [
        (subscription(REF), False),
        (subscription({"Fn::GetAtt": ["Topic", "TopicArn"]}), False),
        (subscription({"Ref": "Other"}), True),
        (subscription("arn:aws:sns:us-east-1:123456789012:other"), True),
        (resource("AWS::Chatbot::SlackChannelConfiguration", SnsTopicArns=[REF]), False),
        (resource("AWS::SSMIncidents::ResponsePlan", ChatChannel={"ChatbotSns": [REF]}), False),
        (resource("AWS::Lambda::EventInvokeConfig", DestinationConfig={"OnFailure": {"Destination": REF}}), True),
        (resource("AWS::Serverless::Function", Events={"Sns": {"Type": "SNS", "Properties": {"Topic": REF}}}), False),
        (resource("AWS::Serverless::Function", Environment={"Variables": {"TOPIC": REF}}), True),
        (resource("AWS::Serverless::Application", Parameters={"Topic": REF}), False),
        (resource("AWS::CloudFormation::Stack", TemplateURL="listeners.yaml", Parameters={"Topic": REF}), False),
        (resource("AWS::CloudFormation::CustomResource", TopicArn=REF), False),
        (resource("Custom::Subscription", TopicArn=REF), False),
        (resource("AWS::SNS::Subscriptions", TopicArn=REF), False),
        (resource("AWS::Lambda::Permission", SourceArn=REF), True),
        (resource("AWS::SNS::TopicPolicy", Topics=[REF]), True),
    ],
)
def test_listeners_of_the_same_template(listener: dict[str, Any], is_found: bool) -> None:
    assert bool(places(stack(Listener=listener, Other=topic()))) == is_found


def test_an_output_is_no_listener_even_by_the_name_of_one() -> None:
    bot = resource("AWS::Chatbot::SlackChannelConfiguration", SnsTopicArns=[{"Ref": "Other"}])
    assert places({**stack(Bot=bot, Other=topic()), "Outputs": {"Bot": {"Value": REF}}}) == ["/Resources/Topic"]


def test_what_has_no_type_is_no_listener() -> None:
    assert places(stack(Broken={"Properties": {"TopicArn": REF}}))


@pytest.mark.parametrize(
    ("arn", "is_found"),
    [
        ({"Ref": "TopicArn"}, False),
        ({"Fn::ImportValue": "topic"}, False),
        ("arn:aws:sns:us-east-1:123456789012:topic", False),
        ({"Ref": "Own"}, True),
    ],
)
def test_subscriptions_of_other_templates(arn: Json, is_found: bool) -> None:
    """One that is for a topic of its own template is for no other; any other may be for this one."""
    assert bool(places(stack(), {"Resources": {"Own": topic(), "Listener": subscription(arn)}})) == is_found


@pytest.mark.parametrize(
    ("alarms", "who"),
    [
        ({}, "Alarm notifies Topic"),
        ({"Second": alarm(), "Third": alarm(REF, REF)}, "Alarm and 2 more notify Topic"),
    ],
)
def test_what_the_finding_says(alarms: dict[str, Any], who: str) -> None:
    template = template_of(stack(**alarms))
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template))
    assert finding.message == f"{who}, which has no subscription in the project"


@pytest.mark.parametrize("fifo", [True, "true"])
def test_a_fifo_topic_gets_no_patch(fifo: Json) -> None:
    patch = made(stack(Topic=topic(FifoTopic=fifo)))
    assert not patch.files
    assert patch.reason == "a FIFO topic does not support email subscriptions"


def test_an_address_is_needed() -> None:
    patch = only_patch(TRANSFORM, stack())
    assert (patch.tier, patch.files) == (Tier.NEEDS_VALUE, {})
    assert "without an address" in patch.reason
    assert patch.wants == ("topic-without-subscription.email=ops@example.com",)


@pytest.mark.parametrize(
    ("data", "options", "require"),
    [
        (stack(), {}, ALERTS),
        (stack(), {"email": "ops@example.com"}, {}),
        (stack(), {"mode": "optional"}, {}),
        (stack(EXISTING), {}, {}),
    ],
)
def test_what_makes_a_value_needless(data: Json, options: dict[str, str], require: dict[str, str]) -> None:
    patch = only_patch(TRANSFORM, data, options, require)
    assert patch.files and patch.tier is Tier.REVIEW
    assert "Topic reaches nobody until someone follows it" in patch.notes[0]
    is_asked = require == ALERTS
    assert ("AlertEmail has no Default: every deployment must pass an address." in patch.notes) == is_asked


@pytest.mark.parametrize(
    "email", ["ops", "ops@example", "ops@", "@example.com", "a b@example.com", "ops@example.c", ""]
)
def test_an_address_that_is_none(email: str) -> None:
    with pytest.raises(BadConfig, match=r"email=.*is not an email address"):
        made(stack(), email=email)


def test_a_mode_that_is_none() -> None:
    for mode in ("required", "optional"):
        assert chosen(Settings(options={TRANSFORM.id: {"mode": mode}}))
    with pytest.raises(BadConfig, match="mode must be one of required, optional, not 'never'"):
        chosen(Settings(options={TRANSFORM.id: {"mode": "never"}}))


@pytest.mark.parametrize(
    ("options", "default", "takes_nothing"),
    [
        ({}, None, False),
        ({"email": "ops@example.com"}, "ops@example.com", False),
        ({"mode": "optional"}, "", True),
        ({"mode": "optional", "email": "ops@example.com"}, "ops@example.com", False),
    ],
)
def test_the_new_parameter(options: dict[str, str], default: str | None, takes_nothing: bool) -> None:
    made_ = added(stack(), **options)
    declared = made_["/Parameters"]["AlertEmail"]
    assert declared["Type"] == "String"
    assert declared.get("Default") == default
    assert declared["AllowedPattern"].startswith("^$|") == takes_nothing
    assert declared["Description"].endswith(", empty for none") == takes_nothing
    assert made_[SUBSCRIPTION]["Properties"] == {
        "TopicArn": REF,
        "Protocol": "email",
        "Endpoint": {"Ref": "AlertEmail"},
    }
    assert made_.get("/Conditions") == ({"HasAlertEmail": GIVEN} if takes_nothing else None)
    assert made_[SUBSCRIPTION].get("Condition") == ("HasAlertEmail" if takes_nothing else None)


@pytest.mark.parametrize(
    ("name", "type_", "is_used"),
    [
        ("Email", "String", True),
        ("OpsEmailAddress", "String", True),
        ("notification_e-mail", "String", True),
        ("AlertEmail", "CommaDelimitedList", False),
        ("EmailDomain", "String", False),
        ("SenderEmail", "String", False),
        ("CustomerEmailAddress", "String", False),
        ("AdminEmail", "String", True),
    ],
)
def test_an_e_mail_parameter_that_is_there(name: str, type_: str, is_used: bool) -> None:
    made_ = added(stack({"Stage": {"Type": "String"}, name: {"Type": type_}}))
    assert ("/Parameters" in str(made_.keys())) != is_used
    taken = "AlertEmailAddress" if name == "AlertEmail" else "AlertEmail"
    assert made_[SUBSCRIPTION]["Properties"]["Endpoint"] == {"Ref": name if is_used else taken}


def test_a_parameter_joins_those_that_are_there() -> None:
    assert "/Parameters/AlertEmail" in added(stack({"Stage": {"Type": "String"}}))


IS_US: Json = {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}


@pytest.mark.parametrize(
    ("parameters", "own", "conditions", "name", "new"),
    [
        (EXISTING, "", {}, None, {}),
        (OPTIONAL, "", {}, "HasAlertEmail", {"/Conditions": {"HasAlertEmail": GIVEN}}),
        (OPTIONAL, "", {"IsUs": IS_US}, "HasAlertEmail", {"/Conditions/HasAlertEmail": GIVEN}),
        (OPTIONAL, "", {"HasAlertEmail": IS_US}, "IsAlertEmailGiven", {"/Conditions/IsAlertEmailGiven": GIVEN}),
        (OPTIONAL, "", {"Told": GIVEN}, "Told", {}),
        (EXISTING, "IsUs", {"IsUs": IS_US}, "IsUs", {}),
        (
            OPTIONAL,
            "IsUs",
            {"IsUs": IS_US, "Told": GIVEN},
            "IsUsAndHasAlertEmail",
            {"/Conditions/IsUsAndHasAlertEmail": {"Fn::And": [{"Condition": "IsUs"}, {"Condition": "Told"}]}},
        ),
        (
            OPTIONAL,
            "IsUs",
            {"IsUs": IS_US},
            "IsUsAndHasAlertEmail",
            {
                "/Conditions/HasAlertEmail": GIVEN,
                "/Conditions/IsUsAndHasAlertEmail": {
                    "Fn::And": [{"Condition": "IsUs"}, {"Condition": "HasAlertEmail"}]
                },
            },
        ),
    ],
)
def test_when_the_subscription_exists(
    parameters: dict[str, Any], own: str, conditions: dict[str, Any], name: str | None, new: dict[str, Any]
) -> None:
    data = stack(parameters, Topic=topic(own))
    made_ = added({**data, "Conditions": conditions} if conditions else data)
    assert made_.pop(SUBSCRIPTION).get("Condition") == name
    assert made_ == new


def test_one_parameter_and_one_condition_serve_all_topics() -> None:
    data = stack(Second=topic(), Other=alarm({"Ref": "Second"}))
    after: Any = repaired(TRANSFORM, data, {"mode": "optional"})
    assert list(after["Parameters"]) == ["AlertEmail"]
    assert list(after["Conditions"]) == ["HasAlertEmail"]
    assert not places(after)


def test_a_subscription_takes_no_logical_id_that_is_taken() -> None:
    assert f"{SUBSCRIPTION}2" in added(stack(TopicEmailSubscription=topic()))


def test_an_address_for_a_parameter_that_is_there() -> None:
    patch = made(stack(OPTIONAL), email="ops@example.com")
    places_ = [op["path"] for op in patch.files["stack.json"]]
    assert "/Parameters/AlertEmail/Default" in places_ or "/Conditions" in places_


def test_an_empty_list_of_subscriptions() -> None:
    assert places(stack(Topic=topic(Subscription=[])))


def test_a_subscription_by_sub() -> None:
    assert not places(stack(Listener=subscription({"Fn::Sub": "${Topic}"})))
