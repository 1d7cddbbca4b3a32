"""A hard-coded Availability Zone, which exists in one Region only.

Why it fails:
The template works in one Region only. It may even fail in some accounts of that Region, because accounts differ in the
Availability Zones that they can use.

What the fix does:
It replaces the names with zones of the Region's list: of the zones that the template names, the first in alphabetical
order becomes the first in the list, the next one the second. Different zones stay different, and the template does not
require a zone that the list may not have: us-west-1a and us-west-1c become the first and the second zone. It does not
change a template that also names zones in another way (by their position, or as ${AWS::Region}a), because it is not
known which of the zones are the same. It does not change a zone that must be the zone of a subnet from outside the
template.

What to review:
AvailabilityZone is create-only for a subnet and an instance, so a stack update replaces them. For a resource that keeps
data, such as a volume, the fix is unsafe. The first zone in the list of an account is not
always the zone whose name ends in a: the list has only the zones with a default subnet, if there is one.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import given, intrinsic_name, mapping, sequence, target_of
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.transform import Told, Transform

# The whole value: matches "us-east-1a" and "us-gov-west-1b". Must not match the Region "us-east-1" or the Local Zone
# "us-west-2-lax-1a", which the list does not have.
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")
# Part of the text: matches "${AWS::Region}a". Must not match "${AWS::Region}-app".
_BY_LETTER = re.compile(r"\$\{AWS::Region\}[a-z](?![a-z0-9-])")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each zone name that cfn-lint reports."""
    for match, place in ctx.reported(template):
        if isinstance(pointer.get(template.data, place), str):
            yield ctx.finding(template, place, f"{pointer.get(template.data, place)} is a zone of one Region", match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Selects the zone by its rank among the zones that the template names."""
    zone = _ZONE.fullmatch(str(finding.seen))
    if zone is None:
        return Patch.none(f"{finding.seen} is not the name of an Availability Zone that Fn::GetAZs lists")
    if other := _named_otherwise(template):
        return Patch.none(f"{other} names zones in another way, and it is not known whether one of them is {zone[0]}")
    if subnet := _fixed_by(template, finding.pointer):
        return Patch.none(f"the zone must be that of {subnet}, which the template does not create")
    places = {place: found[0] for place, found in _zones(template) if found[1] == zone[1]}
    owners = [pointer.split(place)[1] for place in places if place.startswith("/Resources/")]
    if misnamed := next((owner for owner in owners if not owner.isalnum()), ""):
        return Patch.later(f"{misnamed} must be renamed first, so that all zones change together", "bad-logical-id")
    ranked = sorted(set(places.values()))
    value: Json = {"Fn::Select": [ranked.index(zone[0]), {"Fn::GetAZs": ""}]}
    ops = pointer.replace(finding.pointer, finding.seen, value)
    note = f"The stack can be created only where the account has {len(ranked)} zones."
    return Patch.of(template.path, ops, Tier.REVIEW, [note] if len(ranked) > 2 else ())


def _zones(template: Template) -> Iterator[tuple[str, re.Match[str]]]:
    """Yields (pointer, match) for each zone that the template names."""
    for place, value in pointer.walk(template.data):
        if isinstance(value, str) and (zone := _ZONE.fullmatch(value)):
            yield place, zone


def _fixed_by(template: Template, place: str) -> str:
    """The subnet from outside the template that decides the zone at a place: the subnet of the same resource or, for a
    volume, of the instance to which it is attached. "" if there is none.
    """
    owner = pointer.split(place)[1]
    instances = [
        mapping(pointer.get(template.data, pointer.parent(place))),
        *(
            template.resources[target].properties
            for attachment in template.of_type("AWS::EC2::VolumeAttachment")
            if target_of(attachment.properties.get("VolumeId")) == owner
            and (target := target_of(attachment.properties.get("InstanceId"))) in template.resources
        ),
    ]
    for subnet in (each.get("SubnetId") for each in instances if given(each, "SubnetId")):
        if (name := target_of(subnet)) not in template.resources:
            return name or "a subnet"
    return ""


def _named_otherwise(template: Template) -> str:
    """The pointer of a zone that is named by its position, or with the Region as a variable; "" if there is none."""
    for place, value in pointer.walk(template.section("Resources"), "/Resources"):
        function = intrinsic_name(value)
        is_letter = function == "Fn::Sub" and any(_BY_LETTER.search(text) for text in _texts(value))
        if function == "Fn::GetAZs" or is_letter or (function == "Fn::Join" and _is_joined(value)):
            return place
    return ""


def _texts(value: Json) -> list[str]:
    return [text for _, text in pointer.walk(value) if isinstance(text, str)]


def _is_joined(value: Json) -> bool:
    """Whether the Fn::Join joins the Region and one letter."""
    separator, parts = [*sequence(mapping(value).get("Fn::Join")), None, None][:2]
    joined = sequence(parts)
    return separator == "" and len(joined) == 2 and joined[0] == {"Ref": "AWS::Region"} and len(str(joined[1])) == 1


TRANSFORM = Transform(
    id="hardcoded-zone",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("W3010",),
    changes=("@",),
    told_by=(
        Told(
            title=r"\b(?:hard-?cod(?:ed|ing)|fixed|static|literal)\b.*\b(?:availability zones?|azs?)\b"
            r"|\b(?:availability zones?|azs?)\b.*\b(?:hard-?coded|hard-?coding|literal)\b",
            example="Hardcoded Availability Zones",
            unlike="Hardcoded region in Fn::GetAZs",
        ),
        Told(
            title=r"\b(?:availability zones?|azs?|subnets?)\b",
            body=r"\b(?:hard-?cod\w+)\b[^\n]{0,60}\b(?:availability zones?|azs?)\b|\b(?:availability zones?"
            r"|azs?)\b[^\n]{0,60}\bhard-?cod\w+",
            example="Subnets work in one region only\nThe Availability Zones are hard-coded.",
            unlike="Subnets work in one region only\nThe CIDR blocks are hard-coded.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:hard-?cod(?:ed|ing)|static|fixed|literal|region-specific)\b.*\bAvailability ?Zones?\b"
            r"|\bAvailability ?Zones?\b.*\b(?:hard-?cod\w+|not dynamic\w*|literal|static|pinned)\b"
            r"|\b(?:pin|pinned|pins)\b.*\bavailability ?zones?\b"
            r"|\bhard-?coded\b.*\b[a-z]{2}-[a-z]+-\d[a-f]\b",
            example="AvailabilityZone hardcoded",
            unlike="AvailabilityZone missing",
        ),
    ),
)
