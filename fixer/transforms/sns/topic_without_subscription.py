"""An SNS topic that alarms notify but nobody subscribes to.

Why it fails:
An alarm publishes to its SNS topic, and the topic delivers the message to its subscriptions. Without a subscription,
the message is lost: the alarm is visible only in the console, where nobody looks.

What the fix does:
It adds an email subscription to each topic that alarms notify (AlarmActions, OKActions, InsufficientDataActions), and a
parameter AlertEmail for the address. One parameter serves all topics, and an email parameter that the template already
has is used, unless its name shows another purpose, such as SenderEmail. `email` becomes the Default of the parameter.
Without `email`, the parameter has no Default, so every deployment must pass an address. The fix therefore adds it only
with the requirement alerts. With `mode` set to optional, the Default is empty, and a Condition omits the subscription
while the address is empty.

What to review:
The stack completes before the subscription is confirmed: AWS sends a message with a link to the address. An unconfirmed
subscription is deleted after 48 hours. Check that someone reads mail to the address.

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
from fixer.aws.patterns import fits
from fixer.cloudformation.databases import ALARM
from fixer.cloudformation.intrinsics import given, is_true, mapping, target_of, words
from fixer.cloudformation.project import NESTED
from fixer.cloudformation.references import Reference, references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Told, Transform

TOPIC, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_ALARMS = (ALARM, "AWS::CloudWatch::CompositeAlarm")
_LISTENERS = (
    "AWS::Chatbot::",
    "AWS::SSMIncidents::",
    "AWS::Serverless::Application",
    "AWS::CloudFormation::CustomResource",
    "Custom::",
)
# The whole value, also written to templates: matches "ops@example.com". Must not match "ops@localhost".
_ADDRESS = r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}"
# The end of a parameter's name: matches "AlertEmail" and "NotificationEmailAddress". Must not match "EmailSubject".
_EMAIL_NAME = re.compile(r"e-?mail(address)?$", re.I)
_NOT_FOR_ALERTS = {"sender", "from", "source", "reply", "to", "customer", "user", "contact", "owner", "verified"}


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each topic that alarms of the template notify and that has no subscription."""
    notified = _notified(template)
    for topic in template.of_type(TOPIC):
        alarms = notified.get(topic.logical_id, [])
        if alarms and not _is_inline(topic) and not _is_heard(template, topic, ctx):
            who = f"{alarms[0]} notifies" if len(alarms) == 1 else f"{alarms[0]} and {len(alarms) - 1} more notify"
            message = f"{who} {topic.logical_id}, which has no subscription in the project"
            yield ctx.finding(template, topic.pointer, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds an email subscription and the parameter for the address."""
    topic = template.resources[pointer.split(finding.pointer)[1]]
    if is_true(topic.properties.get("FifoTopic")):
        return Patch.none("a FIFO topic does not support email subscriptions")
    email = ctx.option("email")
    if email is not None and not re.fullmatch(_ADDRESS, email):
        raise ctx.bad_option("email", "is not an email address")
    name = _email_parameter(template)
    optional = ctx.option("mode") == "optional"
    if name is None and email is None and not optional and not ctx.asked("alerts"):
        reason = "without an address, the new parameter has no Default and every update must pass a value"
        return Patch.needs(reason, ctx.want("email", "ops@example.com"))
    if name is None:
        name = template.fresh_id("AlertEmail", "AlertEmailAddress")
        ops = pointer.add_entry(template.data, "/Parameters", name, _declaration(email, optional))
        may_be_empty = optional and email is None
    else:
        ops = _default(template, name, email) if email else []
        may_be_empty = mapping(template.parameter(name)).get("Default") == "" and not ops
    is_required = bool(ops) and email is None and not optional
    condition, conditions = _condition(template, topic, name if may_be_empty else "")
    ops += [*conditions, *_subscription(template, topic, name, condition)]
    notes = [
        f"AWS sends a message with a link to the address: {topic.logical_id} reaches nobody until someone follows it. "
        "After 48 hours, AWS deletes the unconfirmed subscription."
    ]
    if is_required:
        notes.append(f"{name} has no Default: every deployment must pass an address.")
    if email and ops and template.parameter(name) and not any(op.get("value") == email for op in ops):
        notes.append(f"{name} keeps its own Default, or takes the address that the stack update passes.")
    return Patch.of(template.path, ops, Tier.REVIEW, notes)


def _is_inline(topic: Resource) -> bool:
    """Whether the topic has subscriptions of its own, perhaps under a misspelled name (see `unknown-property`)."""
    return any(
        name.lower().startswith("subscription") and given(topic.properties, name) and topic.properties[name] != []
        for name in topic.properties
    )


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
    """Whether a resource subscribes to the topic, or a resource of another template subscribes to an unknown topic."""
    for other, resource in ctx.project.of_type(SUBSCRIPTION):
        arn = resource.properties.get("TopicArn")
        target = target_of(arn)
        if other.path == template.path:
            if any(each.target == topic.logical_id for each in references_in(arn)):
                return True
        elif target is None or target not in other.resources:
            return True
    return any(_listens(template, use, ctx) for use in template.references_to(topic.logical_id))


def _listens(template: Template, use: Reference, ctx: Context) -> bool:
    """Whether the resource that refers to the topic subscribes to it, or may subscribe to it: a custom resource, or a
    nested stack with an unknown template.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sns.html
    """
    section, name = use.owner
    user = template.resources.get(name)
    if section != "Resources" or user is None:
        return False
    if user.type == NESTED:
        return ctx.project.nested(template, user) is None
    if user.type == "AWS::Serverless::Function":
        return "Events" in pointer.split(use.pointer)
    is_misnamed = user.type.startswith("AWS::SNS::Subscription") and user.type != SUBSCRIPTION
    return is_misnamed or user.type.startswith(_LISTENERS)


def _email_parameter(template: Template) -> str | None:
    """The String parameter that is named like an email address for alerts; None if there is none."""
    for name, declared in template.section("Parameters").items():
        is_email = mapping(declared).get("Type") == "String" and _EMAIL_NAME.search(name)
        if is_email and not _NOT_FOR_ALERTS & set(words(name)):
            return name
    return None


def _default(template: Template, name: str, email: str) -> list[Op]:
    """The operations that make the address the Default of an existing parameter; none if it does not allow that."""
    declared = mapping(template.parameter(name))
    if declared.get("Default") not in (None, "") or "AllowedValues" in declared:
        return []
    pattern = declared.get("AllowedPattern")
    if pattern is not None and not fits(str(pattern), email):
        return []
    place = pointer.join("Parameters", name, "Default")
    return pointer.replace(place, "", email) if "Default" in declared else pointer.add(place, email)


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
    """The condition of the subscription: the topic's, that there is an address, or both; "" if there is none."""
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
        Option("email", "email address that receives alarms; becomes the Default of the parameter"),
        Option(
            "mode",
            "whether the email address is required or optional",
            default="required",
            choices=("required", "optional"),
        ),
    ),
    told_by=(
        Told(
            title=r"\b(?:missing|no|lacks?|without|absent)\s+(?:\w+\s+){0,2}subscri(?:ptions?|bers?)\b(?! filter)",
            example="SNS topic without subscription",
            unlike="Missing subscription filter",
        ),
        Told(
            title=r"\btopics?\b.*\bsubscriptions?\b.*\b(?:missing|absent)\b",
            example="Topic subscription is missing",
            unlike="Topic subscription is pending",
        ),
        Told(
            title=r"\b(?:alarms?|topics?|alerts?)\b.*\b(?:notif(?:y|ies)|reach(?:es)?|tells?)\s+(?:nobody"
            r"|no ?-?one)\b",
            example="Alarms notify nobody",
            unlike="Alarms notify the team twice",
        ),
        Told(
            title=r"\b(?:sns|topics?|notifications?|alarms?|alerts?|alerting)\b",
            body=r"\btopics?\b[^\n]{0,40}\b(?:no|without|lacks?|missing) (?:any )?(?:email )?subscriptions?\b",
            example="Alarm notifications\nThe topic has no subscriptions.",
            unlike="Alarm notifications\nThe topic has no key.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:no ?-?one|nobody|no ?-?body)\b.*\bsubscribe[sd]?\b|\b(?:topics?|sns)\b.*\b(?:has|have"
            r"|had) no (?:\w+ ){0,2}(?:subscri\w+|endpoints?|recipients?)\b|\bunsubscribed\b.*\btopics?\b",
            example="No one is subscribed to the alarm topic",
            unlike="Everyone is subscribed to the alarm topic",
        ),
    ),
    changes=(
        "+/Resources/AWS::SNS::Subscription",
        "+/Parameters/*",
        "+/Resources/{id}/Properties/Subscription",
        "$",
    ),
)
