"""A resource with only one of DeletionPolicy and UpdateReplacePolicy.

Why it fails:
DeletionPolicy applies when a resource is removed from the stack, and UpdateReplacePolicy when an update replaces it. A
template that sets only one of the two loses the data in the other case.

What the fix does:
It adds the other policy with the same value. UpdateReplacePolicy does not support RetainExceptOnCreate: it becomes
Retain. A function is repeated if the template has the transform AWS::LanguageExtensions, which such a function needs.
Snapshot is only reported where nothing has a snapshot: on a type without snapshots, and on an instance in a database
cluster, because RDS takes the snapshot of the cluster.

Why it is safe:
The new policy repeats what the template already says. An update changes only what happens to the resource when it is
removed or replaced. With Delete, nothing is kept that was not kept before. With Retain, what is kept outlives the
stack: a note says so for resources that keep no data.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
"""

import json
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.aws.schemas import stateful_types
from fixer.cloudformation.intrinsics import given, mapping, ref_target
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

TWINS = ("DeletionPolicy", "UpdateReplacePolicy")


_WITH_SNAPSHOTS = (
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
)
"""The types that DeletionPolicy: Snapshot supports, according to its page."""


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each resource that cfn-lint reports."""
    for match, place in ctx.reported(template):
        yield ctx.finding(template, place, match.message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the missing policy, with the value of the existing one."""
    resource = mapping(finding.seen)
    stated = [name for name in TWINS if name in resource]
    if len(stated) != 1:
        return Patch.none("the resource has both policies, or none")
    if not isinstance(resource[stated[0]], str):
        return _computed(template, finding, stated[0])
    [(missing, value)] = twin(resource, stated[0]).items()
    if value == "Snapshot" and (reason := without_snapshot(resource)):
        return Patch.none(f"{reason}: choose another {stated[0]}")
    notes = _notes(finding, str(resource.get("Type")), value)
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/{missing}", value), Tier.SAFE, notes)


def without_snapshot(resource: dict[str, Json]) -> str:
    """Why the policy Snapshot protects nothing of a resource; "" if CloudFormation can take a snapshot of it."""
    kind = resource.get("Type")
    if kind not in _WITH_SNAPSHOTS:
        return f"{kind} has no snapshots"
    if kind == "AWS::RDS::DBInstance" and given(mapping(resource.get("Properties")), "DBClusterIdentifier"):
        return "RDS takes the snapshot of the DB cluster, and not of the instances in it"
    return ""


def _notes(finding: Finding, kind: str, value: Json) -> Iterator[str]:
    if value == "Retain" and kind not in stateful_types():
        yield (
            f"{pointer.split(finding.pointer)[1]} ({kind}) keeps no data, but outlives the stack with Retain: while it "
            "exists, nothing else can be created under the same name."
        )


def twin(resource: dict[str, Json], stated: str) -> dict[str, Json]:
    """The other policy and its value: what the mapping states for it, or the value of the stated one."""
    [other] = set(TWINS) - {stated}
    value = resource.get(other, resource[stated])
    return {other: "Retain" if (other, value) == ("UpdateReplacePolicy", "RetainExceptOnCreate") else value}


def _computed(template: Template, finding: Finding, stated: str) -> Patch:
    """The same function for the other policy, if no value that it can give is valid for one of the two only."""
    value = mapping(finding.seen)[stated]
    transforms = template.data.get("Transform")
    if "AWS::LanguageExtensions" not in (transforms if isinstance(transforms, list) else [transforms]):
        return Patch.none("only templates with Transform: AWS::LanguageExtensions may compute a policy")
    names = {each for _, inner in pointer.walk(value) if (each := ref_target(inner))}
    sources: list[Json] = [value, *(template.parameter(name) for name in names)]
    if "Fn::FindInMap" in json.dumps(value):
        sources.append(template.section("Mappings"))
    if "RetainExceptOnCreate" in json.dumps(sources):
        return Patch.none("the function may give RetainExceptOnCreate, which UpdateReplacePolicy does not support")
    [missing] = set(TWINS) - {stated}
    return Patch.of(template.path, pointer.add(f"{finding.pointer}/{missing}", value), Tier.SAFE)


TRANSFORM = Transform(
    id="missing-update-replace-policy",
    doc=__doc__,
    tier=Tier.SAFE,
    detect=detect,
    patch=patch,
    rules=("W3011",),
    told_by=(
        Told(
            title=r"^(?!.*\bDeletion ?Policy\b.*(?:\band\b|/|&"
            r"|,).*Update ?Replace)(?!.*Update ?Replace ?Policy\b.*(?:\band\b|/|&"
            r"|,).*\bDeletion ?Policy\b).*\bUpdate ?Replace ?Policy\b",
            body="DeletionPolicy|W3011",
            example="Missing UpdateReplacePolicy\nThe cluster has DeletionPolicy: Snapshot only.",
            unlike="Missing DeletionPolicy and UpdateReplacePolicy\nThe table is lost.",
        ),
        Told(
            title=r"\b(?:W3011|both policies)\b|\bDeletion ?Policy without Update ?Replace ?Policy\b",
            example="DeletionPolicy without UpdateReplacePolicy",
            unlike="DeletionPolicy without Snapshot",
        ),
        Told(
            title=r"\bDeletion ?Policy\b|\bdata (?:loss|protection)\b|\bretention\b",
            body=r"\bDeletionPolicy\b[^\n]{0,60}\b(?:but|without|no|missing|lacks?"
            r"|not)\b[^\n]{0,30}UpdateReplacePolicy",
            example="Data loss in an update\nThe table has a DeletionPolicy but no UpdateReplacePolicy.",
            unlike="Data loss in an update\nThe table has no DeletionPolicy.",
            ambiguous=True,
        ),
        Told(
            title=r"\bboth\b.*\bUpdateReplacePolicy\b.*\bDeletionPolicy\b.*\b(?:needed|required)\b",
            example="Both UpdateReplacePolicy and DeletionPolicy are needed",
            unlike="Both UpdateReplacePolicy and DeletionPolicy are absent",
        ),
        Told(
            title=r"\b(?:deletion|stateful|data|replacement|retention)\b.*\b(?:protection|policy|policies)\b",
            body=r"\bDeletionPolicy\b[^\n]{0,60}\b(?:but|without|no|missing"
            r"|lacks?)\b[^\n]{0,30}UpdateReplacePolicy|\bBoth 'UpdateReplacePolicy' and 'DeletionPolicy'",
            ambiguous=True,
            example="Incomplete deletion protection\nDeletionPolicy is set without UpdateReplacePolicy.",
            unlike="Incomplete deletion protection\nDeletionProtection is false.",
        ),
    ),
    changes=(
        "+@/UpdateReplacePolicy",
        "+@/DeletionPolicy",
    ),
)
