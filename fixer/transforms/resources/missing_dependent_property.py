"""A property without another property that it requires.

Why it fails:
Some properties mean nothing without another one: a key for encryption without the type of encryption, or provisioned
capacity without its numbers. CloudFormation rejects the resource.

What the fix does:
It adds SSEType KMS next to a KMSMasterKeyId, unless SSEEnabled is false: then it is not known whether the key or the
switch is meant. It adds BillingMode PAY_PER_REQUEST to a table that sets neither a billing
mode nor a throughput. A security group with egress rules and without VpcId gets the only VPC of the template.

What to review:
PAY_PER_REQUEST is billed per request and needs no capacity numbers. Set ProvisionedThroughput instead if the load is
steady and known.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-ssespecification.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

_TABLE, _GROUP, _VPC = "AWS::DynamoDB::Table", "AWS::EC2::SecurityGroup", "AWS::EC2::VPC"
_DEFAULT_KEY = "alias/aws/dynamodb"
# Matches "'SSEType' is a dependency of 'KMSMasterKeyId'" and "'VpcId' is a required property". Must not match
# "Additional properties are not allowed ('VpcID' was unexpected)".
_COMPANION = re.compile(r"'(\w+)' is a (?:dependency of '\w+'|required property)")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each place where cfn-lint reports that a required property is missing."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the required property, if its value is known."""
    found = _COMPANION.match(finding.match.message if finding.match else "")
    name = found[1] if found else ""
    resource = template.resources.get((*pointer.split(finding.pointer), "", "")[1])
    if not name or resource is None:
        return Patch.none("it is not known which of the properties is meant")
    here = mapping(finding.seen)
    if name == "SSEType" and "KMSMasterKeyId" in here:
        return _with_type(template, finding, here)
    if name == "ProvisionedThroughput" and resource.type == _TABLE:
        if "BillingMode" in here:
            return Patch.none("the table is provisioned, and it is not known with how much capacity")
        return Patch.of(template.path, pointer.add(f"{finding.pointer}/BillingMode", "PAY_PER_REQUEST"), Tier.REVIEW)
    vpcs = [each.logical_id for each in template.of_type(_VPC) if ctx.exists_with(template, each, resource)]
    if name == "VpcId" and resource.type == _GROUP and len(vpcs) == 1:
        return Patch.of(template.path, pointer.add(f"{finding.pointer}/VpcId", {"Ref": vpcs[0]}), Tier.REVIEW)
    return Patch.none(f"the value of {name} is not known")


def _with_type(template: Template, finding: Finding, here: dict[str, Json]) -> Patch:
    """SSEType KMS for the key of a table that encrypts. DynamoDB's default key needs no entry, which a note says.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-ssespecification.html
    """
    if str(here.get("SSEEnabled")).lower() == "false":
        return Patch.none("KMSMasterKeyId names a key, but SSEEnabled is false: keep one of the two")
    notes = []
    if template.literal(here["KMSMasterKeyId"]) == _DEFAULT_KEY:
        notes.append(f"{_DEFAULT_KEY} is the key that DynamoDB uses anyway: AWS advises to leave KMSMasterKeyId out.")
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/SSEType", "KMS"), Tier.SAFE, notes)


TRANSFORM = Transform(
    id="missing-dependent-property",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("E3021", "E3639"),
    told_by=(
        Told(
            title=r"\b(?:dependent|companion|accompanying) propert(?:y|ies)\b|\bpropert(?:y"
            r"|ies)\b.*\b(?:also requires?|requires? (?:another|the other))\b|\bwithout (?:its "
            r"|the )?(?:dependent|companion)\b",
            example="Missing companion property of the volume",
            unlike="Missing dependent resource",
        ),
        Told(
            title=r"\b(?:KmsKeyId|KmsKey|KMS key)\b.*\bwithout\b.*\bStorageEncrypted\b"
            r"|\bProvisionedThroughput\b.*\b(?:missing|absent)\b|\b(?:missing|without"
            r"|no)\b.*\bProvisionedThroughput\b(?! (?:alarm|auto|scal))",
            example="PROVISIONED BillingMode without ProvisionedThroughput",
            unlike="Missing ProvisionedThroughput alarm",
        ),
        Told(
            title=r"\b(?:missing|without|incomplete)\b|\bdependen",
            body=r"""['\"`]\w+['\"`] is a dependency of ['\"`]\w+['\"`]""",
            ambiguous=True,
            example="StorageEncrypted is missing\n'StorageEncrypted' is a dependency of 'KmsKeyId'",
            unlike="StorageEncrypted is missing\nData at rest must be encrypted.",
        ),
    ),
    changes=("+@",),
)
