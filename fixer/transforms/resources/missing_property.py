"""A resource without a property that it requires.

Why it fails:
CloudFormation rejects the resource only when its turn comes, after it has created the resources before it.

What the fix does:
It adds the property if only one value can be meant, or if AWS's default is the usual choice: IsLogging true for a
trail, an Id for the target of a rule, and for the VisibilityConfig of a web ACL or rule: metrics, sampled requests, and
the owner's name as the name of the metric. A property that names another resource, such as VpcId, gets the only
resource or parameter of the template that gives such a value, or the value that all other resources of the type have if
there are several. Everything else is only reported.

What to review:
A trail that logs costs money for everything beyond the first copy of management events. The other values are names, and
switches for metrics and sampled requests. Check that a resource that is named is the one that was meant.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-events-rule-target.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-wafv2-webacl-visibilityconfig.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.accepted_names import givers
from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping, target_of
from fixer.cloudformation.template import Resource, Template
from fixer.model import Finding, Json, Patch, Tier
from fixer.transforms.resources.property_names import properties
from fixer.transforms.transform import Told, Transform

# Matches "'IsLogging' is a required property". Must not match "'SSEType' is a dependency of 'KMSMasterKeyId'".
_MISSING = re.compile(r"'(\w+)' is a required property")


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each place where cfn-lint reports missing properties."""
    for match, place in ctx.reported(template):
        missing = ", ".join(_missing(template, place, ctx))
        message = f"{_title(place)} must have {missing}" if missing else match.message
        yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Adds the missing properties, if all their values are known."""
    resource = template.resources.get((*pointer.split(finding.pointer), "", "")[1])
    missing = _missing(template, finding.pointer, ctx)
    if resource is None or not missing:
        return Patch.none("it is not known what is missing")
    values = {
        name: _value(template, resource, finding, name) or _named(template, finding, name, ctx) for name in missing
    }
    if unknown := [name for name, value in values.items() if value is None]:
        return Patch.none(f"the value of {', '.join(unknown)} is not known")
    ops = [op for name, value in values.items() for op in pointer.add(f"{finding.pointer}/{name}", value)]
    return Patch.of(template.path, ops, Tier.REVIEW)


def _missing(template: Template, place: str, ctx: Context) -> list[str]:
    """All properties that cfn-lint reports as missing at a place."""
    return [
        found[1]
        for match in ctx.matches[template.path]
        if pointer.join(*match.path) == place and (found := _MISSING.match(match.message))
    ]


def _title(place: str) -> str:
    return "/".join(pointer.split(place)[1:2] + pointer.split(place)[3:])


def _value(template: Template, resource: Resource, finding: Finding, name: str) -> Json:
    """The value that is meant; None if it is not known."""
    tokens = pointer.split(finding.pointer)[3:]
    if resource.type == "AWS::CloudTrail::Trail" and (tokens, name) == ((), "IsLogging"):
        return True
    if resource.type == "AWS::Events::Rule" and tokens[:1] == ("Targets",) and (len(tokens), name) == (2, "Id"):
        return f"Target{int(tokens[1]) + 1}"
    if resource.type.startswith("AWS::WAFv2::") and name == "VisibilityConfig":
        owner = _owner(template, finding.pointer, resource)
        return (
            {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": owner} if owner else None
        )
    if tokens[-1:] == ("VisibilityConfig",):
        if name in ("SampledRequestsEnabled", "CloudWatchMetricsEnabled"):
            return True
        return _owner(template, pointer.parent(finding.pointer), resource) if name == "MetricName" else None
    return None


def _named(template: Template, finding: Finding, name: str, ctx: Context) -> Json:
    """The reference that the property is meant to have; None if more than one is possible, or none."""
    resource = template.resources[pointer.split(finding.pointer)[1]]
    known = properties(resource.type, ())
    if finding.pointer != resource.at() or not resource.properties.keys() <= known.keys():
        return None  # A property with an unknown name may be the one that is missing.
    found = [each for each in givers(template, resource, name) if _exists(template, each, resource, ctx)]
    if len(found) > 1:
        others = [each.properties.get(name) for each in template.of_type(resource.type) if each is not resource]
        found = [each for each in found if len(others) > 1 and all(other == each for other in others)]
    return found[0] if len(found) == 1 else None


def _exists(template: Template, value: Json, resource: Resource, ctx: Context) -> bool:
    named = template.resources.get(str(target_of(value)))
    return named is None or ctx.exists_with(template, named, resource)


def _owner(template: Template, place: str, resource: Resource) -> Json:
    """The Name of the rule or web ACL at a place, or the logical id if it has no Name; None if Name is not literal."""
    name = mapping(pointer.get(template.data, place)).get("Name")
    return name if isinstance(name, str) else resource.logical_id if name is None else None


TRANSFORM = Transform(
    id="missing-property",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3003",),
    changes=("+@",),
    told_by=(
        Told(
            title=r"\bmissing\b.*\brequired propert(?:y|ies)\b|\brequired propert(?:y|ies)\b.*\b(?:missing|omitted"
            r"|absent|not (?:set|specified|provided))\b|\bmissing (?:mandatory|required) (?:propert(?:y|ies)"
            r"|fields?)\b",
            example="Missing required property of the listener",
            unlike="Missing required tags",
        ),
        Told(
            title=r"\bmissing\b",
            body=r"""\bE3003\b|['\"`]\w+['\"`] is a required property\b""",
            example="Missing configuration of the table\ncfn-lint: 'KeySchema' is a required property",
            unlike="Missing configuration of the table\nThe team requires it.",
            ambiguous=True,
        ),
        Told(
            title=r"\b(?:required|mandatory) (?:\w+ )?(?:fields?|propert(?:y|ies))\b.*\b(?:missing|omitted"
            r"|absent|not (?:set|specified|provided))\b|\bpropert(?:y|ies) that (?:is|are) (?:required"
            r"|mandatory)\b.*\b(?:missing|absent)\b",
            example="Required field omitted",
            unlike="Required field of the form is blue",
        ),
    ),
)
