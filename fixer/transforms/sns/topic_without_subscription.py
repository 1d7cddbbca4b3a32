"""Alarms that notify nobody: their topic has no subscription.

Why it fails:
An alarm publishes to its SNS topic, and the topic hands the message to its subscriptions. Without one the message is
gone: the alarm turns red in a console that nobody looks at.

What the fix does:
It gives each topic that alarms notify (AlarmActions, OKActions, InsufficientDataActions) an e-mail subscription, and
the template a parameter AlertEmail for the address; one parameter serves all topics, and an e-mail parameter that the
template has is used. `email` becomes the parameter's Default. Without it the parameter has none, so that a stack that
deploys today asks for it tomorrow: that takes the requirement alerts, or `mode` optional, with which the Default is
empty and a Condition leaves the subscription out.

What to review:
The stack completes before the address confirms; AWS sends it a message with a link. An unconfirmed subscription
vanishes after 48 hours. Check that the address is read.

References:
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.databases import ALARM
from fixer.cloudformation.intrinsics import given, is_true, mapping, target_of
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Transform

TOPIC, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_ALARMS = (ALARM, "AWS::CloudWatch::CompositeAlarm")
_ADDRESS = r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}"
_EMAIL_NAME = re.compile(r"e-?mail(address)?$", re.I)


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per topic that alarms of the template notify and that nothing is subscribed to."""
    notified = _notified(template)
    for topic in template.of_type(TOPIC):
        alarms = notified.get(topic.logical_id, [])
        if alarms and not _is_inline(topic) and not _is_heard(template, topic, ctx):
            who = f"{alarms[0]} notifies" if len(alarms) == 1 else f"{alarms[0]} and {len(alarms) - 1} more notify"
            message = f"{who} {topic.logical_id}, to which nobody is subscribed"
            yield ctx.finding(template, topic.pointer, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """A subscription by e-mail, and the parameter for the address."""
    topic = template.resources[pointer.split(finding.pointer)[1]]
    if is_true(topic.properties.get("FifoTopic")):
        return Patch.none("a FIFO topic takes no e-mail subscription")
    email = ctx.option("email")
    if email is not None and not re.fullmatch(_ADDRESS, email):
        raise ctx.bad_option("email", "is no e-mail address")
    name = _email_parameter(template)
    optional = ctx.option("mode") == "optional"
    if name is None and email is None and not optional and not ctx.asked("alerts"):
        reason = "an address must be given, or the parameter for it is one that every update must pass"
        return Patch.needs(reason, ctx.want("email", "ops@example.com"))
    if name is None:
        name = template.fresh_id("AlertEmail", "AlertEmailAddress")
        ops = pointer.add_entry(template.data, "/Parameters", name, _declaration(email, optional))
        may_be_empty = optional and email is None
    else:
        ops = _default(template, name, email) if email else []
        may_be_empty = mapping(template.parameter(name)).get("Default") == "" and not ops
    condition, conditions = _condition(template, topic, name if may_be_empty else "")
    ops += [*conditions, *_subscription(template, topic, name, condition)]
    notes = [
        f"AWS sends the address a message with a link: {topic.logical_id} reaches nobody until it is followed, and the "
        "subscription is gone after 48 hours."
    ]
    if email and ops and template.parameter(name) and not any(op.get("value") == email for op in ops):
        notes.append(f"{name} keeps the address that it has, or is given when the stack is updated.")
    return Patch.of(template.path, ops, Tier.REVIEW, notes)


def _is_inline(topic: Resource) -> bool:
    return given(topic.properties, "Subscription") and topic.properties["Subscription"] != []


def _notified(template: Template) -> dict[str, list[str]]:
    """Topic → the alarms that notify it, in the order of the text."""
    found: dict[str, list[str]] = {}
    for alarm in template.of_type(*_ALARMS):
        for action in _ACTIONS:
            for _, value in pointer.walk(alarm.properties.get(action)):
                target = target_of(value)
                if target is not None and alarm.logical_id not in found.setdefault(target, []):
                    found[target].append(alarm.logical_id)
    return found


def _is_heard(template: Template, topic: Resource, ctx: Context) -> bool:
    """Whether a resource subscribes to the topic: here by reference, or elsewhere to a topic that is not known."""
    for other, resource in ctx.project.of_type(SUBSCRIPTION):
        arn = resource.properties.get("TopicArn")
        target = target_of(arn)
        if other.path == template.path:
            if any(each.target == topic.logical_id for each in references_in(arn)):
                return True
        elif target is None or target not in other.resources:
            return True
    listeners = template.references_to(topic.logical_id)
    return any(
        template.resources[use.owner[1]].type.startswith(
            ("AWS::Chatbot::", "AWS::SSMIncidents::", "AWS::Lambda::Event")
        )
        for use in listeners
        if use.owner[0] == "Resources" and use.owner[1] in template.resources
    )


def _email_parameter(template: Template) -> str | None:
    """The String parameter that is called an e-mail address, None if there is none."""
    for name, declared in template.section("Parameters").items():
        if mapping(declared).get("Type") == "String" and _EMAIL_NAME.search(name):
            return name
    return None


def _default(template: Template, name: str, email: str) -> list[Op]:
    """Operations that give an existing parameter without an address this one, none where it may not take it."""
    declared = mapping(template.parameter(name))
    if declared.get("Default") not in (None, "") or "AllowedValues" in declared:
        return []
    pattern = declared.get("AllowedPattern")
    if pattern is not None and not _fits(str(pattern), email):
        return []
    place = pointer.join("Parameters", name, "Default")
    return pointer.replace(place, "", email) if "Default" in declared else pointer.add(place, email)


def _fits(pattern: str, text: str) -> bool:
    """Whether a parameter's AllowedPattern, a Java expression, takes the text; not, if it cannot be read here."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


def _declaration(email: str | None, optional: bool) -> dict[str, Json]:
    declared: dict[str, Json] = {"Type": "String"}
    if email is not None:
        declared["Default"] = email
    elif optional:
        declared["Default"] = ""
    pattern = f"^$|^{_ADDRESS}$" if optional and email is None else f"^{_ADDRESS}$"
    what = "Email address for alerts" + (", empty for none" if optional and email is None else "")
    return {
        **declared,
        "Description": what,
        "AllowedPattern": pattern,
        "ConstraintDescription": "Must be an email address",
    }


def _condition(template: Template, topic: Resource, name: str) -> tuple[str, list[Op]]:
    """The condition of the subscription, "" for none: the topic's, that there is an address, or both."""
    own = topic.condition or ""
    if not name:
        return own, []
    wish = f"Has{name}"
    test: Json = {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}
    conditions = template.section("Conditions")
    found = next((each for each, value in conditions.items() if value == test), "")
    given_address = found or template.fresh_id(wish, f"Is{name}Given")
    ops = [] if found else pointer.add_entry(template.data, "/Conditions", given_address, test)
    if not own:
        return given_address, ops
    both = template.fresh_id(f"{own}And{wish}")
    value: Json = {"Fn::And": [{"Condition": own}, {"Condition": given_address}]}
    return both, [*ops, *pointer.add(pointer.join("Conditions", both), value)]


def _subscription(template: Template, topic: Resource, name: str, condition: str) -> list[Op]:
    body: dict[str, Json] = {"Type": SUBSCRIPTION}
    if condition:
        body["Condition"] = condition
    body["Properties"] = {"TopicArn": {"Ref": topic.logical_id}, "Protocol": "email", "Endpoint": {"Ref": name}}
    logical_id = template.fresh_id(f"{topic.logical_id}EmailSubscription")
    return pointer.add(pointer.join("Resources", logical_id), body)


TRANSFORM = Transform(
    id="topic-without-subscription",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        Option("email", "address that is told of alarms; becomes the parameter's Default"),
        Option("mode", "whether the address may be left out", default="required", choices=("required", "optional")),
    ),
    told_by=(
        r"\b(?:missing|no|lacks?|without|absent)\s+(?:\w+\s+){0,2}subscri(?:ptions?|bers?)\b(?! filter)",
        r"\btopics?\b.*\bsubscriptions?\b.*\b(?:missing|absent)\b",
        r"\b(?:alarms?|topics?|alerts?)\b.*\b(?:notif(?:y|ies)|reach(?:es)?|tells?)\s+(?:nobody|no ?-?one)\b",
    ),
    changes=(
        "+/Resources/AWS::SNS::Subscription",
        "+/Parameters/*",
        "+/Resources/{id}/Properties/Subscription",
        "$",
    ),
)
