"""What the transforms of parameters refuse: optional-key-pair, parameter-without-default, hardcoded-ami."""

from typing import Any

import pytest
from driver import found, only_patch, patches

from fixer.engine.selection import by_id
from fixer.errors import BadConfig
from fixer.model import Tier

KEY, DEFAULT, AMI = (by_id(name) for name in ("optional-key-pair", "parameter-without-default", "hardcoded-ami"))
IMAGE = {"image": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"}


def _with_key(**more: Any) -> dict[str, Any]:
    return {
        "Parameters": {"Key": {"Type": "AWS::EC2::KeyPair::KeyName", **more}},
        "Resources": {"Web": {"Type": "AWS::EC2::Instance", "Properties": {"KeyName": {"Ref": "Key"}}}},
    }


def test_a_key_pair_that_is_used_elsewhere_stays() -> None:
    data = _with_key()
    data["Outputs"] = {"Key": {"Value": {"Ref": "Key"}}}
    assert "/Outputs/Key/Value" in only_patch(KEY, data).reason


@pytest.mark.parametrize(
    "value",
    [{"Fn::Sub": "${Key}"}, {"Fn::If": ["Never", {"Ref": "Key"}, {"Ref": "AWS::NoValue"}]}],
)
def test_a_key_name_that_is_more_than_the_reference_stays(value: Any) -> None:
    data = _with_key()
    data["Resources"]["Web"]["Properties"]["KeyName"] = value
    assert not only_patch(KEY, data).files


@pytest.mark.parametrize("more", [{"MinLength": 1}, {"AllowedValues": ["a"]}, {"AllowedPattern": ".+"}])
def test_a_key_pair_that_may_not_be_empty_stays(more: dict[str, Any]) -> None:
    assert "constraints" in only_patch(KEY, _with_key(**more)).reason


def test_a_key_pair_that_nothing_uses_stays() -> None:
    data = _with_key()
    data["Resources"]["Web"]["Properties"] = {}
    assert "unused-parameter" in only_patch(KEY, data).reason


def test_a_condition_of_the_name_is_left_alone() -> None:
    data = {**_with_key(), "Conditions": {"HasKeyPair": {"Fn::Equals": ["a", "b"]}}}
    [ops] = only_patch(KEY, data).files.values()
    assert "/Conditions/HasKey" in [op["path"] for op in ops]


def _default(name: str, values: str = "", **more: Any) -> Any:
    data: dict[str, Any] = {"Parameters": {name: {"Type": "String", **more}}, "Resources": {}}
    patch = only_patch(DEFAULT, data, {"values": values} if values else {})
    return next((op["value"] for ops in patch.files.values() for op in ops if op["op"] == "add"), patch.reason)


@pytest.mark.parametrize(
    ("name", "more", "value"),
    [
        ("Environment", {}, "dev"),
        ("EnvironmentSuffix", {"AllowedPattern": "[a-z]{4}"}, "test"),
        ("Stage", {"AllowedValues": ["production", "staging"]}, "staging"),
        ("VPCCIDR", {"MaxLength": 18}, "10.0.0.0/16"),
        ("InstanceType", {"AllowedValues": ["t3.small", "m5.large"]}, "t3.small"),
        ("DBInstanceClass", {"AllowedValues": ["db.r5.large"]}, "db.r5.large"),
    ],
)
def test_the_usual_value_that_is_allowed(name: str, more: dict[str, Any], value: str) -> None:
    assert _default(name, **more) == value


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("Environment", {"AllowedValues": ["blue", "green"]}),
        ("Environment", {"MinLength": 20}),
        ("Environment", {"AllowedPattern": "(?<broken"}),
        ("Environment", {"Type": "AWS::SSM::Parameter::Value<String>"}),
        ("ProjectName", {}),
        ("AlertEmail", {}),
        ("VpcId", {"Type": "AWS::EC2::VPC::Id"}),
        ("EnvironmentCertificateArn", {}),
    ],
)
def test_what_is_not_known_is_asked(name: str, more: dict[str, Any]) -> None:
    data: dict[str, Any] = {"Parameters": {name: {"Type": "String", **more}}, "Resources": {}}
    patch = only_patch(DEFAULT, data)
    assert (patch.tier, patch.wants) == (Tier.NEEDS_VALUE, (f"parameter-without-default.values={name}=VALUE",))


def test_numbers_are_numbers() -> None:
    assert _default("Days", "Days=30", Type="Number", MinValue=1, MaxValue="30") == 30
    assert _default("Days", "Days=30, Other=x", Type="String") == "30"
    assert _default("Days", "Days=0.5", Type="Number", MinValue=0.1) == "0.5"


@pytest.mark.parametrize(
    ("values", "more"),
    [
        ("Days=many", {"Type": "Number"}),
        ("Days=31", {"Type": "Number", "MaxValue": 30}),
        ("Days=0", {"Type": "Number", "MinValue": "1"}),
        ("Days=31", {"AllowedValues": [30]}),
        ("Days=31", {"MaxLength": 1}),
        ("Days=31", {"AllowedPattern": "[a-z]+"}),
        ("Days", {}),
        ("=3", {}),
    ],
)
def test_a_value_that_is_not_allowed_is_an_error(values: str, more: dict[str, Any]) -> None:
    with pytest.raises(BadConfig, match=r"parameter-without-default\.values"):
        _default("Days", values, **more)


def _web(image: Any, **more: Any) -> dict[str, Any]:
    return {"Resources": {"Web": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": image}}}, **more}


def test_an_image_needs_the_path_of_its_parameter() -> None:
    patch = only_patch(AMI, _web("ami-0abcdef1234567890"))
    assert patch.tier is Tier.NEEDS_VALUE
    assert patch.wants[0].startswith("hardcoded-ami.image=/aws/service/")


@pytest.mark.parametrize(
    "path", ["ami-0abcdef1234567890", "/own/path", "/aws/service/a b", "/aws/service/ecs/recommended"]
)
def test_a_path_that_is_no_public_parameter_is_an_error(path: str) -> None:
    with pytest.raises(BadConfig, match="public parameter"):
        only_patch(AMI, _web("ami-0abcdef1234567890"), {"image": path})


def test_a_parameter_that_is_used_elsewhere_stays() -> None:
    data = _web({"Ref": "Image"}, Parameters={"Image": {"Type": "String", "Default": "ami-0abcdef1234567890"}})
    data["Outputs"] = {"Image": {"Value": {"Ref": "Image"}}}
    assert "/Outputs/Image/Value" in only_patch(AMI, data, IMAGE).reason


def test_constraints_of_an_id_go_with_it() -> None:
    declared = {"Type": "String", "Default": "ami-0abcdef1234567890", "AllowedPattern": "ami-.*", "MinLength": 4}
    [ops] = only_patch(AMI, _web({"Ref": "Image"}, Parameters={"Image": declared}), IMAGE).files.values()
    assert [op["path"] for op in ops if op["op"] == "remove"] == [
        "/Parameters/Image/AllowedPattern",
        "/Parameters/Image/MinLength",
    ]


def test_a_mapping_with_other_things_is_no_finding() -> None:
    mapped = {"us-east-1": {"AMI": "ami-0abcdef1234567890", "Zones": "3"}}
    image = {"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "AMI"]}
    assert not found(AMI, _web(image, Mappings={"Regions": mapped}))


def test_all_uses_of_a_mapping_change_together() -> None:
    image = {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "AMI"]}
    data = _web(image, Mappings={"Images": {"us-east-1": {"AMI": "ami-0abcdef1234567890"}}})
    for name in ("Second", "Third", "Fourth"):
        data["Resources"][name] = {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": image}}
    [finding] = found(AMI, data)
    assert finding.pointer == "/Mappings/Images"
    [ops] = only_patch(AMI, data, IMAGE).files.values()
    assert [op["value"] for op in ops if op["op"] == "replace"] == [{"Ref": "ImageId"}] * 4
    assert [op["path"] for op in ops if op["op"] == "remove"] == ["/Mappings"]
    data["Outputs"] = {"Image": {"Value": image}}
    [ops] = only_patch(AMI, data, IMAGE).files.values()
    assert not [op for op in ops if op["op"] == "remove"]


def test_all_uses_of_an_id_change_together() -> None:
    data = _web("ami-0abcdef1234567890")
    data["Resources"]["Other"] = {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-0abcdef1234567890"}}
    [finding] = found(AMI, data)
    [ops] = only_patch(AMI, data, IMAGE).files.values()
    assert [op["path"] for op in ops if op["op"] == "replace"] == [
        finding.pointer,
        "/Resources/Other/Properties/ImageId",
    ]


@pytest.mark.parametrize(
    "images",
    [
        ("ami-0abcdef1234567890", "ami-0fedcba9876543210"),
        (
            {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "Linux"]},
            {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "Windows"]},
        ),
        ({"Fn::FindInMap": ["Images", {"Ref": "Architecture"}, "Linux"]},),
    ],
)
def test_several_images_stay(images: tuple[Any, ...]) -> None:
    row = {"Linux": "ami-0abcdef1234567890", "Windows": "ami-0fedcba9876543210"}
    resources = {f"R{n}": _web(image)["Resources"]["Web"] for n, image in enumerate(images)}
    data: dict[str, Any] = {"Mappings": {"Images": {"us-east-1": row}}, "Resources": resources}
    found_patches = patches(AMI, data, IMAGE)
    assert found_patches
    assert all("several AMIs" in patch.reason for patch in found_patches)


def test_a_mapping_that_may_be_named_elsewhere_stays() -> None:
    image = {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "AMI"]}
    data = _web(image, Mappings={"Images": {"us-east-1": {"AMI": "ami-0abcdef1234567890"}}})
    data["Outputs"] = {"Any": {"Value": {"Fn::FindInMap": [{"Ref": "Map"}, "us-east-1", "AMI"]}}}
    [ops] = only_patch(AMI, data, IMAGE).files.values()
    assert not any(str(op["path"]).startswith("/Mappings") for op in ops)


@pytest.mark.parametrize(
    ("name", "type_", "property_"),
    [
        ("InstanceType", "AWS::SageMaker::NotebookInstance", "InstanceType"),
        ("InstanceType", "AWS::RDS::DBInstance", "DBInstanceClass"),
        ("DBInstanceClass", "AWS::Neptune::DBInstance", "DBInstanceClass"),
        ("VpcCidr", "AWS::SSM::Parameter", "Value"),
    ],
)
def test_a_value_is_usual_only_for_its_use(name: str, type_: str, property_: str) -> None:
    data: dict[str, Any] = {
        "Parameters": {name: {"Type": "String"}},
        "Resources": {"R": {"Type": type_, "Properties": {property_: {"Ref": name}}}},
    }
    assert only_patch(DEFAULT, data).tier is Tier.NEEDS_VALUE


def test_a_parameter_with_the_path_is_used() -> None:
    known = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": IMAGE["image"]}
    data = _web("ami-0abcdef1234567890", Parameters={"Linux": known})
    [ops] = only_patch(AMI, data, IMAGE).files.values()
    assert [op["path"] for op in ops if op["op"] != "test"] == ["/Resources/Web/Properties/ImageId"]
    assert ops[-1]["value"] == {"Ref": "Linux"}
