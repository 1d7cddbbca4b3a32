"""One customer managed key for all data of a template: its policy, and the permission of its roles to use it.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.naming import Convention
from fixer.cloudformation.iam import ROLE
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json, Op
from fixer.transforms.properties.companion import Companion
from fixer.transforms.properties.key_refusals import delivering_services, refusal
from fixer.transforms.properties.role_policies import may_use

KEY = "AWS::KMS::Key"
_POLICY = "AWS::IAM::Policy"
_ADMIN = "AccountAdministersKey"
_USE = "UseDataKey"

_PUBLISHERS = ("cloudwatch", "events", "s3", "events.rds", "budgets", "codestar-notifications")
_SENDERS = ("sns", "events", "s3")
"""The services that publish to topics and send to queues, of which the template may not know."""

_CALLERS = ("s3", "sns", "sqs", "dynamodb", "secretsmanager", "kinesis")
"""The services that use the key with the permissions of the caller, so that roles need permissions for the key."""

_ARNS = ("logs", "lambda", "eks", "backup", "codebuild", "ec2")
"""The services that take the ARN of the key only; the others also take its id."""

_PRICE = "A customer managed key costs about 1 USD a month, and requests to it are charged."


def key_for(template: Template, resource: Resource, service: str, ctx: Context) -> Companion:
    """The key of the template, new if there is none, with a policy that lets `service` use it; its id or ARN."""
    if reason := refusal(template, resource, service):
        return Companion(refused=reason)
    names = (service, *delivering_services(template, resource)) if service == "s3" else (service,)
    ops: list[Op] = []
    key = _own_key(template)
    if key is None:
        name = template.fresh_id("DataKey", "StackDataKey")
        ops += pointer.add(pointer.join("Resources", name), _new_key(names))
    else:
        name = key.logical_id
        ops += _with_statements(key, names)
    changes = [f"/Resources/{name}"]
    use, use_ops = _usage(template, name, service)
    if use_ops:
        changes.append(f"/Resources/{use}")
    notes = [_PRICE] if key is None else []
    if service in _CALLERS:
        notes.append(
            f"Principals outside of this template that use {resource.logical_id} need kms:Decrypt and "
            f"kms:GenerateDataKey for the key."
        )
    value: Json = {"Fn::GetAtt": [name, "Arn"]} if service in _ARNS else {"Ref": name}
    return Companion(value, (*ops, *use_ops), tuple(changes), tuple(notes))


# Only AWS services may pass on the permission to use the key.
# https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
_GRANTS: Json = {
    "Sid": "GrantsAreForServices",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "kms:CreateGrant",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"}},
}


def _own_key(template: Template) -> Resource | None:
    for key in template.of_type(KEY):
        statements = sequence(mapping(key.properties.get("KeyPolicy")).get("Statement"))
        if key.condition is None and any(mapping(each).get("Sid") == _ADMIN for each in statements):
            return key
    return None


def _new_key(services: tuple[str, ...]) -> Json:
    administers: Json = {
        "Sid": _ADMIN,
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {
        "Type": KEY,
        # Without its key, all data that it encrypts is lost.
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": {"Fn::Sub": "Encrypts the data of the stack ${AWS::StackName}"},
            "EnableKeyRotation": True,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": [administers, _GRANTS, *_all_statements(services)]},
        },
    }


def _with_statements(key: Resource, services: tuple[str, ...]) -> list[Op]:
    given = sequence(mapping(key.properties.get("KeyPolicy")).get("Statement"))
    known = {mapping(each).get("Sid") for each in given}
    missing = [each for each in _all_statements(services) if mapping(each).get("Sid") not in known]
    return [op for each in missing for op in pointer.add(key.at("KeyPolicy", "Statement", "-"), each)]


def _all_statements(services: tuple[str, ...]) -> list[Json]:
    return [each for service in services for each in _statements(service)]


def _statements(service: str) -> list[Json]:
    """What the key policy must say for a service that uses the key on its own behalf."""
    if service == "logs":
        arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"
        condition: Json = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {"Fn::Sub": arn}}}
        actions: list[Json] = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        return [_allow("LogsUseKey", {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}, actions, condition)]
    if service == "cloudtrail":
        arn = "arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*"
        condition = {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": {"Fn::Sub": arn}}}
        return [
            _allow("TrailsEncrypt", "cloudtrail.amazonaws.com", ["kms:GenerateDataKey*"], condition),
            _allow("TrailsDescribeKey", "cloudtrail.amazonaws.com", ["kms:DescribeKey"]),
        ]
    if service in ("sns", "sqs"):
        services: list[Json] = [f"{each}.amazonaws.com" for each in (_PUBLISHERS if service == "sns" else _SENDERS)]
        sid = "ServicesPublish" if service == "sns" else "ServicesSend"
        return [_allow(sid, services, ["kms:Decrypt", "kms:GenerateDataKey*"])]
    if service == "delivery":
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
        # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-cmk-policy.html
        deliver: list[Json] = [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ]
        return [_allow("LogsAreDelivered", "delivery.logs.amazonaws.com", deliver)]
    if service == "config":
        # https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
        own: Json = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        return [_allow("ConfigDelivers", "config.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"], own)]
    return []


def _allow(sid: str, service: Json, actions: list[Json], condition: Json = None) -> Json:
    statement: dict[str, Json] = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": "*",
    }
    return {**statement, "Condition": condition} if condition else statement


def _usage(template: Template, key: str, service: str) -> tuple[str, list[Op]]:
    """The policy with which the template's roles use the key through the service, and the operations for it."""
    roles = [role for role in template.of_type(ROLE) if may_use(template, role, service)] if service in _CALLERS else []
    known = next((each for each in template.of_type(_POLICY) if _is_usage(each)), None)
    name = known.logical_id if known else template.fresh_id("DataKeyUse", "StackDataKeyUse")
    if not roles:
        return name, []
    old = sequence(known.properties.get("Roles")) if known else []
    via: Json = {"Fn::Sub": f"{service}.${{AWS::Region}}.amazonaws.com"}
    vias = [*_vias(known), *([] if via in _vias(known) else [via])]
    new = [*old, *(each for each in map(_named, roles) if each not in old)]
    body = _use_policy(template, key, vias, new)
    place = pointer.join("Resources", name)
    if known is None:
        return name, pointer.add(place, body)
    return name, pointer.replace(place, known.data, body) if body != known.data else []


def _use_policy(template: Template, key: str, vias: list[Json], roles: list[Json]) -> dict[str, Json]:
    statement: Json = {
        "Sid": _USE,
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
        "Resource": {"Fn::GetAtt": [key, "Arn"]},
        "Condition": {"StringEquals": {"kms:ViaService": vias}},
    }
    properties: dict[str, Json] = {
        "PolicyName": "use-data-key",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "Roles": roles,
    }
    return Convention(template).resource(_POLICY, properties)


def _is_usage(policy: Resource) -> bool:
    return any(mapping(each).get("Sid") == _USE for each in _policy_statements(policy))


def _vias(policy: Resource | None) -> list[Json]:
    statements = _policy_statements(policy) if policy else []
    condition = mapping(mapping(statements[0]).get("Condition")) if statements else {}
    return sequence(mapping(condition.get("StringEquals")).get("kms:ViaService"))


def _policy_statements(policy: Resource) -> list[Json]:
    return sequence(mapping(policy.properties.get("PolicyDocument")).get("Statement"))


def _named(role: Resource) -> Json:
    reference: Json = {"Ref": role.logical_id}
    return {"Fn::If": [role.condition, reference, {"Ref": "AWS::NoValue"}]} if role.condition else reference
