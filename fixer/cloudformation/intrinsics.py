"""How to read one value of a template: intrinsics and their operands, booleans, numbers, names. Pure."""

import re

from fixer.model import Json

NO_VALUE: Json = {"Ref": "AWS::NoValue"}

_SUB_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def mapping(value: Json) -> dict[str, Json]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Json) -> list[Json]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def intrinsic_name(value: Json) -> str | None:
    """The name of the function a value calls (`Ref`, `Fn::Sub`, `Condition`...), None for plain data.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    name = next(iter(value))
    return name if name == "Ref" or name.startswith("Fn::") else None


def ref_target(value: Json) -> str | None:
    """X of {"Ref": X}, else None."""
    target = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else None
    return target if isinstance(target, str) else None


def getatt_target(value: Json) -> tuple[str, str] | None:
    """(logical id, attribute) of a Fn::GetAtt in its list or its dotted form, else None."""
    target = value.get("Fn::GetAtt") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(target, str) and "." in target:
        logical_id, _, attribute = target.partition(".")
        return logical_id, attribute
    if isinstance(target, list) and len(target) >= 2 and all(isinstance(part, str) for part in target):
        return str(target[0]), ".".join(str(part) for part in target[1:])
    return None


def target_of(value: Json) -> str | None:
    """The logical id that a Ref or a Fn::GetAtt names, else None."""
    attribute = getatt_target(value)
    return attribute[0] if attribute else ref_target(value)


def given(properties: dict[str, Json], name: str) -> bool:
    """Whether a property has a value: it is present and is not AWS::NoValue, which CloudFormation treats as absent."""
    return properties.get(name) is not None and properties[name] != NO_VALUE


def branches(value: Json) -> tuple[Json, Json] | None:
    """(if true, if false) of a Fn::If, else None."""
    arguments = value.get("Fn::If") if isinstance(value, dict) and len(value) == 1 else None
    return (arguments[1], arguments[2]) if isinstance(arguments, list) and len(arguments) == 3 else None


def literal_text(value: Json) -> str:
    """The literal text of an expression (a string, a Fn::Sub or a Fn::Join), without the variables."""
    if isinstance(value, str):
        return value
    argument = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
    match intrinsic_name(value), argument:
        case "Fn::Sub", str() as text:
            return _SUB_VARIABLE.sub(" ", text)
        case "Fn::Sub", [str() as text, *_]:
            return _SUB_VARIABLE.sub(" ", text)
        case "Fn::Join", [str() as separator, list() as parts]:
            return separator.join(literal_text(part) for part in parts)
    return ""


def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a name: ("db", "instance", "writer") of DBInstanceWriter and of db-instance_writer."""
    return tuple(word.lower() for word in _WORD.findall(name))


def sub_variables(text: str) -> tuple[str, ...]:
    """The names in the ${Name} and ${Name.Attribute} of a Fn::Sub string; ${!Literal} is not one."""
    return tuple(name.strip() for name in _SUB_VARIABLE.findall(text))


def is_true(value: Json) -> bool:
    """Whether CloudFormation reads the value as true: true, or "true" in upper or lower case."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def as_int(value: Json) -> int | None:
    """The whole number that a value represents (5, "5", 5.0), else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value):
        return int(value)
    if isinstance(value, int | float) and value == int(value):
        return int(value)
    return None
