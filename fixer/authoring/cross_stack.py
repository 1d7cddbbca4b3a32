"""The expressions of one template, rewritten for another template of the project. Pure."""

import re

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, ref_target, sub_variables
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.model import Json, Op

_EVERYWHERE = ("AWS::AccountId", "AWS::Partition", "AWS::URLSuffix")


def portable(value: Json, here: Template, region: str = "", stack: str = "", there: Template | None = None) -> Json:
    """An expression of another template, rewritten for this one: a string, or a Fn::Sub whose parameters all exist here
    with the same names. If given, the other template's region and the parameter with its stack name replace
    ${AWS::Region} and ${AWS::StackName}, and its parameters must not contradict those of this one (`there`). None if
    the expression cannot be rewritten.
    """
    if (name := ref_target(value)) is not None:
        value = {"Fn::Sub": f"${{{name}}}"}
    text = value.get("Fn::Sub") if isinstance(value, dict) and len(value) == 1 else value
    if not isinstance(text, str):
        return None
    if region:
        text = re.sub(r"\$\{\s*AWS::Region\s*\}", region, text)
    if stack:
        text = re.sub(r"\$\{\s*AWS::StackName\s*\}", f"${{{stack}}}", text)
    names = [name for name in sub_variables(text) if name != stack]
    if not all(name in _EVERYWHERE or _is_shared(name, here, there) for name in names):
        return None
    if not names and f"${{{stack}}}" not in text:
        return text.replace("${!", "${")
    bare = re.fullmatch(r"\$\{([A-Za-z0-9:]+)\}", text)
    return {"Ref": bare[1]} if bare else {"Fn::Sub": text}


def _is_shared(name: str, here: Template, there: Template | None) -> bool:
    """Whether a parameter is declared in both templates, with the same Default and the same AllowedValues."""
    own, other = here.parameter(name), there.parameter(name) if there else here.parameter(name)
    if own is None or other is None:
        return False
    return all(own.get(key) == other.get(key) for key in ("Default", "AllowedValues"))


def lowered(value: Json) -> Json:
    """A physical id as RDS keeps it: the literal text in lower case, the variables unchanged.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    """
    if isinstance(value, str):
        return value.lower()
    text = mapping(value).get("Fn::Sub")
    if not isinstance(text, str):
        return value
    parts = re.split(r"(\$\{[^}]*\})", text)
    return {"Fn::Sub": "".join(part if part.startswith("${") else part.lower() for part in parts)}


def stack_name_parameter(project: Project, producer: Template, consumer: Template) -> tuple[str, list[Op]]:
    """The parameter with the name of another template's stack, and the operations that add it ([] if the template has
    it): PrimaryStackName, SecondaryStackName, or the file's name followed by StackName. Its Default is the stack name
    in the configuration.
    """
    role = project.role(producer)
    stem = producer.path.rpartition("/")[2].partition(".")[0]
    title = role.value if role else stem
    name = "".join(word[:1].upper() + word[1:] for word in re.findall("[A-Za-z0-9]+", title)) + "StackName"
    if (existing := consumer.parameter(name)) is not None and existing.get("Type") == "String":
        return name, []
    name = consumer.fresh_id(name, f"{name}Parameter")
    region = project.region(producer)
    where = f" in {region.value}" if region else ""
    declared: dict[str, Json] = {"Type": "String", "Description": f"Name of the {title} stack{where}"}
    if stack := project.stack(producer):
        declared["Default"] = stack
    return name, pointer.add_entry(consumer.data, "/Parameters", name, declared)
