"""A hard-coded AMI id: it exists in one Region only and can be deregistered.

Why it fails:
An AMI id belongs to one Region. In any other Region, the instance cannot be created. Publishers deprecate and
deregister AMIs when they publish newer ones. After that, the stack can no longer be created and its instances can no
longer be replaced.

What the fix does:
It takes the AMI from a public parameter of AWS Systems Manager, which gives the current AMI in every Region. An AMI id
does not show which operating system the AMI contains, so `image` must give the path of that parameter. If the id is the
Default of a parameter, the path becomes the Default and the type of the parameter changes to match. Otherwise, the fix
adds a parameter for all uses, and removes the mapping with the AMI ids if nothing else uses it. A template that uses
several AMIs is only reported, because one path cannot replace them all.

What to review:
Check that the new AMI has the same operating system, architecture and version. The stack update replaces the instances,
and so does every later update after a newer AMI was published. The fix is therefore unsafe.

References:
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
"""

import re
from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.cloudformation.intrinsics import mapping, ref_target, sequence
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op, Patch, Severity, Tier
from fixer.transforms.transform import Told, Transform

# The whole value: matches "ami-0abcdef1234567890" and "ami-1a2b3c4d". Must not match "ami-latest".
_ID = re.compile(r"ami-[0-9a-f]{8,17}")
_PLACES = {
    "AWS::EC2::Instance": ("ImageId",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "ImageId"),
    "AWS::AutoScaling::LaunchConfiguration": ("ImageId",),
}
_TYPE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
_EXAMPLE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each hard-coded AMI id: at its first use, or at the parameter or mapping that has it."""
    found: dict[str, str] = {}
    for place, value in _images(template):
        source = ref_target(value) or ""
        default = mapping(template.parameter(source)).get("Default")
        if _is_id(default):
            message = f"{source} has the Default {default}, an AMI id of one Region"
            found.setdefault(message, pointer.join("Parameters", source))
        elif _is_id(value):
            found.setdefault(f"{value} is an AMI id of one Region", place)
        elif (name := _map_of(template, value)) is not None:
            found.setdefault(f"the mapping {name} contains hard-coded AMI ids", pointer.join("Mappings", name))
    for message, place in found.items():
        yield ctx.finding(template, place, message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Takes the AMI from the public parameter in the option `image`, wherever the id is used."""
    path = ctx.option("image")
    if not path:
        return Patch.needs("the AMI id does not show which operating system is needed", ctx.want("image", _EXAMPLE))
    # The whole path: matches "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64". Must not match
    # "/own/path". A path that ends in /recommended has a JSON document as its value, not an AMI id.
    if not re.fullmatch(r"/aws/service/[\w./-]+", path) or path.endswith("/recommended"):
        raise ctx.bad_option("image", "must be the path of a public parameter with an AMI id, such as /aws/service/...")
    if len(_sources(template)) > 1:
        return Patch.none("the template uses several AMIs, which one path cannot replace")
    section, name, *_ = pointer.split(finding.pointer)
    if section == "Parameters":
        return _in_parameter(template, finding, path)
    mapped = name if section == "Mappings" else ""
    uses = {
        place: value
        for place, value in _images(template)
        if (_map_of(template, value) == mapped if mapped else value == finding.seen)
    }
    known = _known(template, path)
    parameter = known or template.fresh_id("ImageId", "LatestImageId")
    declared: Json = {"Type": _TYPE, "Default": path, "Description": "Image of the instances"}
    ops = [] if known else pointer.add_entry(template.data, "/Parameters", parameter, declared)
    ops += [op for place, value in uses.items() for op in pointer.replace(place, value, {"Ref": parameter})]
    if mapped and sum(1 for _, value in pointer.walk(template.data) if _may_name(value, mapped)) == len(uses):
        ops += pointer.remove_entries("/Mappings", template.section("Mappings"), [mapped])
    return Patch.of(template.path, ops, Tier.UNSAFE, changes=tuple(uses))


def _in_parameter(template: Template, finding: Finding, path: str) -> Patch:
    """Changes the parameter with the id into one that takes the path of a Systems Manager parameter."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(finding.seen)
    images = {place for place, _ in _images(template)}
    if other := next((use for use in template.references_to(name) if use.pointer not in images), None):
        return Patch.none(f"{name} is also used at {other.pointer}")
    ops: list[Op] = [
        *pointer.replace(f"{finding.pointer}/Type", declared.get("Type"), _TYPE),
        *pointer.replace(f"{finding.pointer}/Default", declared.get("Default"), path),
    ]
    for key in ("AllowedValues", "AllowedPattern", "ConstraintDescription", "MinLength", "MaxLength"):
        if key in declared:
            ops += pointer.remove(f"{finding.pointer}/{key}", declared[key])
    note = (
        f"{name} now takes the path of a Systems Manager parameter: pass a path instead of an AMI id, or pass nothing."
    )
    return Patch.of(template.path, ops, Tier.UNSAFE, [note])


def _images(template: Template) -> Iterator[tuple[str, Json]]:
    """Yields (pointer, value) for each ImageId."""
    for resource in template.of_type(*_PLACES):
        tokens = _PLACES[resource.type]
        place = resource.at(*tokens)
        if pointer.exists(template.data, place):
            yield place, pointer.get(template.data, place)


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _map_of(template: Template, value: Json) -> str | None:
    """The mapping from which a Fn::FindInMap takes an AMI; None unless all its values are AMI ids."""
    keys = sequence(mapping(value).get("Fn::FindInMap"))
    name = keys[0] if len(keys) == 3 else None
    entries = mapping(template.section("Mappings").get(name)) if isinstance(name, str) else {}
    leaves = [leaf for entry in entries.values() for leaf in mapping(entry).values()]
    return name if isinstance(name, str) and leaves and all(map(_is_id, leaves)) else None


def _may_name(value: Json, name: str) -> bool:
    """Whether the value is a Fn::FindInMap that reads this mapping, or a mapping that is known only at deployment."""
    keys = sequence(mapping(value).get("Fn::FindInMap"))
    return bool(keys) and (keys[0] == name or not isinstance(keys[0], str))


def _sources(template: Template) -> set[str]:
    """The sources of the AMIs: ids, and columns of mappings by Region. More than one source means several AMIs."""
    found = set()
    for _, value in _images(template):
        declared = template.parameter(ref_target(value) or "")
        if declared is not None and _is_id(declared.get("Default")):
            found.add(str(declared["Default"]))
        elif _is_id(value):
            found.add(str(value))
        elif (name := _map_of(template, value)) is not None:
            _, row, column = sequence(mapping(value)["Fn::FindInMap"])
            is_region = row == {"Ref": "AWS::Region"} and isinstance(column, str)
            found |= {f"{name}/{column}"} if is_region else {f"{name}/", "several"}
    return found


def _known(template: Template, path: str) -> str:
    """The parameter that already takes its AMI from the path; "" if there is none."""
    for name, declared in template.section("Parameters").items():
        if mapping(declared).get("Type") == _TYPE and mapping(declared).get("Default") == path:
            return name
    return ""


TRANSFORM = Transform(
    id="hardcoded-ami",
    doc=__doc__,
    severity=Severity.ADVICE,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    options=(Option("image", "path of the public parameter with the AMI id, such as " + _EXAMPLE),),
    told_by=(
        Told(
            title=r"\b(?:hard-?cod(?:ed|ing)|static|obsolete|outdated|stale|placeholder|fixed|old|invalid"
            r"|region-specific|deprecated|non-?existent)\b.*\bAMIs?\b",
            body=r"\A(?![\s\S]*\bhard-?coded SSM\b)",
            example="Hardcoded AMI IDs",
            unlike="Missing AMI encryption",
        ),
        Told(
            title=r"\bAMIs?\b.*\b(?:hard-?coded|hard-?coding|static|outdated|obsolete|not (?:found|available"
            r"|exist)|no longer|(?:does not|doesn't) exist)\b|^AMI (?:id )?(?:selection"
            r"|lookup)(?: method)?\W*$",
            body=r"\A(?![\s\S]*\bhard-?coded SSM\b)",
            example="AMI ID is hard-coded for one region",
            unlike="AMI parameter has no description",
        ),
        Told(
            title=r"\b(?:hard-?cod(?:ed|ing)|literal|fixed|static|fake|dummy|placeholder|made-?up|bogus"
            r"|fictitious)\b.*\b(?:image ?-?ids?|AMIs?)\b|\bimage ?-?ids?\b.*\b(?:hard-?coded|literal"
            r"|placeholder|static)\b",
            body=r"\A(?![\s\S]*\bhard-?coded SSM\b)"
            r"[\s\S]*(?:\bamis?\b|\bami-|\bec2\b|launch ?template|\binstances?\b)",
            example="Hardcoded ImageId in the launch template",
            unlike="Hardcoded image tag of the container",
        ),
        Told(
            title=r"\bAMIs?\b.*\b(?:not portable|only (?:exists?|valid|works?)|region-specific"
            r"|not region-agnostic)\b|\b(?:missing|no|lacks?|lack of|without)\b.*\b(?:dynamic|ssm|latest"
            r"|automatic)\b.*\bAMIs?\b.*\b(?:lookup|resolution|retrieval|parameters?)\b",
            body=r"\A(?![\s\S]*\bhard-?coded SSM\b)",
            example="AMI is not portable across regions",
            unlike="AMI is not encrypted",
        ),
    ),
    changes=(
        "@",
        "$",
        "+/Parameters/*",
    ),
)
