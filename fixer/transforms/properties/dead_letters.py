"""A dead-letter queue for the failed asynchronous invocations of a function, with the permission to send to it. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.iam import ROLE
from fixer.cloudformation.intrinsics import target_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json
from fixer.transforms.properties.companion import Companion

_POLICY = "SendDeadLetters"
_FOURTEEN_DAYS = 1_209_600


def queue_for(template: Template, resource: Resource, detail: str, ctx: Context) -> Companion:
    """A queue for the function; refused if the role of the function is not in the template, or admits no policy."""
    role = template.resources.get(target_of(resource.properties.get("Role")) or "")
    if role is None or role.type != ROLE:
        return Companion(refused="its role is not in this template, so it may not be allowed to send to a queue")
    if not isinstance(role.properties.get("Policies", []), list):
        return Companion(refused=f"a function gives the policies of {role.logical_id}: add the permission there")
    name = template.fresh_id(f"{resource.logical_id}DeadLetters")
    arn: Json = {"Fn::GetAtt": [name, "Arn"]}
    queue = Convention(template).resource(
        "AWS::SQS::Queue",
        {"MessageRetentionPeriod": _FOURTEEN_DAYS, "RedriveAllowPolicy": {"redrivePermission": "allowAll"}},
        condition=resource.condition,
    )
    statement: Json = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    allowed: Json = {
        "PolicyName": f"{_POLICY}-{resource.logical_id}"[:128],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    if resource.condition and role.condition != resource.condition:
        return Companion(refused="the function exists only under a condition, and its role under another one")
    place = role.at("Policies")
    ops = pointer.add(f"{place}/-", allowed) if "Policies" in role.properties else pointer.add(place, [allowed])
    changes = (f"/Resources/{name}", f"/Resources/{role.logical_id}/Properties/Policies")
    note = f"Watch {name}: nothing reads the messages of failed invocations yet."
    return Companion(arn, (*pointer.add(pointer.join("Resources", name), queue), *ops), changes, (note,))
