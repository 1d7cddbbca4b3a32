"""An Fn::GetAtt of an attribute that the resource type does not have.

Why it fails:
CloudFormation rejects a template that uses an attribute that the resource type does not return.

What the fix does:
If the table of known mistakes contains the attribute, or if exactly one attribute of the type differs from it only in
capitals and dots, the right attribute replaces it (ReaderEndpoint → ReadEndpoint.Address). Everything else is only
reported.

What to review:
Check that the new attribute is the one that was meant. For example, the reader endpoint of a cluster is not its writer
endpoint.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
"""

import ast
import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.transform import Transform

# Matches "'Arns' is not one of ['Arn', 'Id'] in ['us-east-1']" and captures only the first list, which ends at the
# first "]" before a space or the end. Must not match "'Arns' is not of type 'string'".
_ALLOWED = re.compile(r" is not one of (\[.*?\])(?: |$)", re.S)
_MEANT = {
    ("AWS::RDS::DBCluster", "Endpoint"): "Endpoint.Address",
    ("AWS::RDS::DBCluster", "ReaderEndpoint"): "ReadEndpoint.Address",
    ("AWS::RDS::DBCluster", "ReaderEndpoint.Address"): "ReadEndpoint.Address",
    ("AWS::RDS::DBCluster", "ReadEndpoint"): "ReadEndpoint.Address",
    ("AWS::RDS::DBInstance", "Endpoint"): "Endpoint.Address",
    ("AWS::RDS::DBInstance", "EndpointAddress"): "Endpoint.Address",
    ("AWS::ElastiCache::ReplicationGroup", "PrimaryEndPoint"): "PrimaryEndPoint.Address",
    ("AWS::ElastiCache::ReplicationGroup", "PrimaryEndpoint"): "PrimaryEndPoint.Address",
    ("AWS::Lambda::Function", "FunctionArn"): "Arn",
    ("AWS::SNS::Topic", "Arn"): "TopicArn",
    ("AWS::SQS::Queue", "QueueArn"): "Arn",
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Arn"): "TargetGroupArn",
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Arn"): "LoadBalancerArn",
    ("AWS::DynamoDB::Table", "TableArn"): "Arn",
    ("AWS::S3::Bucket", "BucketArn"): "Arn",
    ("AWS::KMS::Key", "KeyArn"): "Arn",
}
"""(resource type, attribute that is written) → the attribute that is meant."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each attribute that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if resource := _resource(template, place):
            attribute = pointer.get(template.data, place)
            yield ctx.finding(template, place, f"{resource.type} has no attribute {attribute}", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Replaces the attribute with the one that is meant."""
    resource = _resource(template, finding.pointer)
    assert resource is not None
    allowed = _allowed(finding)
    meant = _MEANT.get((resource.type, str(finding.seen)), "")
    same = [each for each in allowed if _letters(each) == _letters(str(finding.seen))]
    found = [meant] if meant in allowed else same
    if len(found) != 1:
        return Patch.none("it is not known which attribute is meant")
    return Patch.of(template.path, pointer.replace(finding.pointer, finding.seen, found[0]), Tier.REVIEW)


def _resource(template: Template, place: str) -> Resource | None:
    """The resource of the Fn::GetAtt whose attribute is at this place."""
    if pointer.split(place)[-2:] != ("Fn::GetAtt", "1"):
        return None
    name = pointer.get(template.data, pointer.sibling(place, "0"))
    return template.resources.get(name) if isinstance(name, str) else None


def _allowed(finding: Finding) -> list[str]:
    """The attributes that cfn-lint's message lists."""
    listed = _ALLOWED.search(finding.match.message if finding.match else "")
    try:
        return [str(each) for each in ast.literal_eval(listed[1])] if listed else []
    except (ValueError, SyntaxError):
        return []


def _letters(name: str) -> str:
    """The lower-case letters and digits of a name: "Read.Endpoint" and "ReadEndPoint" are both "readendpoint"."""
    return re.sub("[^a-z0-9]", "", name.lower())


TRANSFORM = Transform(
    id="unknown-attribute", doc=__doc__, tier=Tier.REVIEW, detect=detect, patch=patch, rules=("E1010",), changes=("@",)
)
