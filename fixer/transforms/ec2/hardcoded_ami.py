"""An image named by its id, which exists in one region and is one day gone.

Why it fails:
The id of an AMI belongs to one region: in any other the instance cannot be created. AMIs are deprecated and removed
when newer ones are published, after which the stack can no longer be made, nor its instances replaced.

What the fix does:
The image comes from a public parameter of Systems Manager, which names the current image in every region. An id does
not tell which system is on it, so that `image` must say it, as the path of that parameter. A parameter that holds the
id takes the path as its Default; else a parameter is added, and a mapping that holds nothing but ids goes. A template
with several images is reported only: one path cannot stand for them.

What to review:
That it is the same operating system, architecture and version. Instances are replaced, now and whenever the stack is
updated after a newer image came out: it is unsafe.

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
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.transform import Transform

_ID = re.compile(r"ami-[0-9a-f]{8,17}")
_PLACES = {
    "AWS::EC2::Instance": ("ImageId",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "ImageId"),
    "AWS::AutoScaling::LaunchConfiguration": ("ImageId",),
}
_TYPE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
_EXAMPLE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per image that an id names: where it is used, or the parameter with the id."""
    seen = set()
    for place, value in _images(template):
        source = ref_target(value)
        if source is not None and source in template.section("Parameters"):
            declared = mapping(template.parameter(source))
            if source not in seen and _is_id(declared.get("Default")):
                seen.add(source)
                where = pointer.join("Parameters", source)
                yield ctx.finding(template, where, f"{source} is {declared['Default']}, an image of one region")
        elif _is_id(value):
            yield ctx.finding(template, place, f"{value} is an image of one region")
        elif (name := _map_of(template, value)) is not None:
            yield ctx.finding(template, place, f"the mapping {name} names images by their ids")


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The image of the public parameter that `image` names."""
    path = ctx.option("image")
    if not path:
        return Patch.needs("which system is on the image is not known", ctx.want("image", _EXAMPLE))
    if not re.fullmatch(r"/aws/service/[\w./-]+", path) or path.endswith("/recommended"):
        raise ctx.bad_option("image", "must be the path of a public parameter with an image's id, as /aws/service/...")
    if len(_sources(template)) > 1:
        return Patch.none("the template names several images, for which one path cannot stand")
    if pointer.split(finding.pointer)[0] == "Parameters":
        return _in_parameter(template, finding, path)
    known = _known(template, path)
    name = known or template.fresh_id("ImageId", "LatestImageId")
    ops: list[Op] = []
    if not known:
        declared: Json = {"Type": _TYPE, "Default": path, "Description": "Image of the instances"}
        ops += pointer.add_entry(template.data, "/Parameters", name, declared)
    ops += pointer.replace(finding.pointer, finding.seen, {"Ref": name})
    mapped = _map_of(template, finding.seen)
    if mapped and sum(1 for _, value in pointer.walk(template.data) if _may_name(value, mapped)) == 1:
        ops += pointer.remove_entries("/Mappings", template.section("Mappings"), [mapped])
    return Patch.of(template.path, ops, Tier.UNSAFE)


def _in_parameter(template: Template, finding: Finding, path: str) -> Patch:
    """The parameter with the id becomes one of the type that follows a path."""
    name = pointer.split(finding.pointer)[1]
    declared = mapping(finding.seen)
    images = {place for place, _ in _images(template)}
    if other := next((use for use in template.references_to(name) if use.pointer not in images), None):
        return Patch.none(f"{name} is used at {other.pointer} too")
    ops: list[Op] = [
        *pointer.replace(f"{finding.pointer}/Type", declared.get("Type"), _TYPE),
        *pointer.replace(f"{finding.pointer}/Default", declared.get("Default"), path),
    ]
    for key in ("AllowedValues", "AllowedPattern", "ConstraintDescription", "MinLength", "MaxLength"):
        if key in declared:
            ops += pointer.remove(f"{finding.pointer}/{key}", declared[key])
    note = (
        f"{name} takes the path of a parameter of Systems Manager now: what passes an id must pass a path, or nothing."
    )
    return Patch.of(template.path, ops, Tier.UNSAFE, [note])


def _images(template: Template) -> Iterator[tuple[str, Json]]:
    """(place, value) of each ImageId."""
    for resource in template.of_type(*_PLACES):
        tokens = _PLACES[resource.type]
        place = resource.at(*tokens)
        if pointer.exists(template.data, place):
            yield place, pointer.get(template.data, place)


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _map_of(template: Template, value: Json) -> str | None:
    """The mapping that a Fn::FindInMap takes an image from, if it holds nothing but ids."""
    keys = sequence(mapping(value).get("Fn::FindInMap"))
    name = keys[0] if len(keys) == 3 else None
    entries = mapping(template.section("Mappings").get(name)) if isinstance(name, str) else {}
    leaves = [leaf for entry in entries.values() for leaf in mapping(entry).values()]
    return name if isinstance(name, str) and leaves and all(map(_is_id, leaves)) else None


def _may_name(value: Json, name: str) -> bool:
    """Whether it is a Fn::FindInMap of that mapping, or of one that only a deployment can tell."""
    keys = sequence(mapping(value).get("Fn::FindInMap"))
    return bool(keys) and (keys[0] == name or not isinstance(keys[0], str))


def _sources(template: Template) -> set[str]:
    """What the images are taken from: ids, and columns of mappings by region. More than one means several images."""
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
    """A parameter that follows the path already."""
    for name, declared in template.section("Parameters").items():
        if mapping(declared).get("Type") == _TYPE and mapping(declared).get("Default") == path:
            return name
    return ""


TRANSFORM = Transform(
    id="hardcoded-ami",
    doc=__doc__,
    tier=Tier.UNSAFE,
    detect=detect,
    patch=patch,
    options=(Option("image", "path of the public parameter that names the image, such as " + _EXAMPLE),),
    changes=(
        "@",
        "$",
        "+/Parameters/*",
    ),
)
