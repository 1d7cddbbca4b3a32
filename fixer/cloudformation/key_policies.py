"""KMS keys of the template and the services that their policies let use them. Pure."""

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence, target_of
from fixer.cloudformation.template import Template
from fixer.model import Json

_KEY = "AWS::KMS::Key"
_USING = {
    "AWS::CloudTrail::Trail": "cloudtrail.amazonaws.com",
    "AWS::Logs::LogGroup": "logs.REGION.amazonaws.com",
}
"""Types that need a key whose policy names their service: the service creates none of them with another key.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""


def shut_out(template: Template, resource_type: str, value: Json) -> tuple[str, str] | None:
    """(the key of the template that a value names, the service that its policy does not let use it) for a resource of a
    type that needs that; None if the policy allows the service or everybody, or if the template does not show it.
    """
    service = _USING.get(resource_type)
    key = template.resources.get(str(target_of(value)))
    if service is None or key is None or key.type != _KEY:
        return None
    statements = sequence(mapping(key.properties.get("KeyPolicy")).get("Statement"))
    allowed = [mapping(each).get("Principal") for each in statements if mapping(each).get("Effect") == "Allow"]
    if any(template.parameter(ref_target(value) or "") for each in allowed for _, value in pointer.walk(each)):
        return None
    names = [text for each in allowed for _, text in pointer.walk(each) if isinstance(text, str)]
    is_plain = statements and all({"Effect", "Principal"} <= mapping(each).keys() for each in statements)
    if not is_plain or any(name == "*" or name.startswith(service.partition(".")[0] + ".") for name in names):
        return None
    return key.logical_id, service
