"""Permissions that S3 checks when it creates a bucket with notifications. They must exist before the bucket.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
"""

from fixer import pointer
from fixer.cloudformation.references import references_in
from fixer.cloudformation.template import Resource, Template
from fixer.model import Op

BUCKET = "AWS::S3::Bucket"
_PERMISSIONS = ("AWS::Lambda::Permission", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")


def is_permission(template: Template, name: str) -> bool:
    """Whether a resource is a policy or a permission. What waits for it may not work without it: CloudTrail checks the
    policy of its bucket, S3 the permissions of its notifications, and an event source mapping the policy of its role.
    """
    return template.resources[name].type.endswith(("Policy", "Permission"))


def late_permissions(template: Template, bucket: Resource) -> list[str]:
    """The permissions for the notifications of a bucket that CloudFormation creates only after the bucket."""
    early, notified = template.needs(bucket.logical_id), _notified(bucket)
    return [
        each.logical_id
        for each in template.of_type(*_PERMISSIONS)
        if each.logical_id not in early
        and bucket.logical_id in template.needs(each.logical_id)
        and notified & {use.target for use in references_in(each.properties)}
    ]


def waiting_for(bucket: Resource, permissions: list[str]) -> list[Op]:
    """The operations that make a bucket wait for permissions that its DependsOn does not have."""
    place, now = f"{bucket.pointer}/DependsOn", bucket.data.get("DependsOn")
    if not permissions:
        return []
    if now is None:
        return pointer.add(place, permissions[0] if len(permissions) == 1 else [*permissions])
    return pointer.replace(place, now, [*(now if isinstance(now, list) else [now]), *permissions])


def _notified(bucket: Resource) -> set[str]:
    """What the notifications of a bucket name; empty for other resources."""
    notifications = bucket.properties.get("NotificationConfiguration") if bucket.type == BUCKET else None
    return {use.target for use in references_in(notifications)}
