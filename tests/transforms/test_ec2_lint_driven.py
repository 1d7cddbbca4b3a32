"""hardcoded-zone and ports-with-all-protocols, with cfn-lint itself: what becomes of a zone, and what stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.model import Json, Outcome
from fixer.run import commands as run
from fixer.settings import Settings


def subnet(zone: Json, block: int = 1, **more: Any) -> dict[str, Any]:
    properties = {"VpcId": "vpc-0a1b2c3d", "CidrBlock": f"10.0.{block}.0/24", "AvailabilityZone": zone, **more}
    return {"Type": "AWS::EC2::Subnet", "Properties": properties}


def by_index(index: int) -> Json:
    return {"Fn::Select": [index, {"Fn::GetAZs": ""}]}


def zones(*names: Json, **resources: Any) -> dict[str, Any]:
    made = {f"Subnet{index}": subnet(name, index) for index, name in enumerate(names)}
    return {"Resources": {**made, **resources}}


class Repaired:
    """What a transform makes of a template: the data, the reasons and the notes."""

    def __init__(self, transform_id: str, data: Any, folder: Path) -> None:
        file = folder / "stack.json"
        file.write_text(json.dumps(data, indent=2))
        report = run.apply([str(file)], Settings(select=(transform_id,), unsafe=True, undeployed=True), write=True)
        assert not report.errors
        self.template = Template("stack.json", parse(file.read_text(), "stack.json"))
        self.reasons = [each.reason for each in report.resolutions if each.outcome is not Outcome.APPLIED]
        self.notes = [note for each in report.resolutions for note in each.notes]

    @property
    def zones(self) -> list[Json]:
        return [each.properties.get("AvailabilityZone") for each in self.template.resources.values()]


@pytest.mark.parametrize(
    ("names", "indices"),
    [
        (("us-west-1a", "us-west-1c"), (0, 1)),
        (("us-west-1c", "us-west-1a", "us-west-1c"), (1, 0, 1)),
        (("us-east-1f",), (0,)),
        (("ca-central-1a", "ca-central-1b", "ca-central-1d"), (0, 1, 2)),
        (("us-gov-east-1b", "us-gov-east-1c"), (0, 1)),
        (("us-east-1b", "us-west-2a", "us-east-1c"), (0, 0, 1)),
    ],
)
def test_zones_are_ranked_among_those_that_the_template_names(
    names: tuple[str, ...], indices: tuple[int, ...], tmp_path: Path
) -> None:
    made = Repaired("hardcoded-zone", zones(*names), tmp_path)
    assert made.zones == [by_index(index) for index in indices]
    assert bool(made.notes) == (max(indices) > 1)


def test_zones_that_parameters_and_branches_name_count(tmp_path: Path) -> None:
    data = zones("us-east-1c", {"Ref": "Zone"}, {"Fn::If": ["C", "us-east-1b", "us-east-1d"]}, "us-east-1d")
    data["Parameters"] = {"Zone": {"Type": "String", "Default": "us-east-1a"}}
    data["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    made = Repaired("hardcoded-zone", data, tmp_path)
    assert (made.zones[0], made.zones[3]) == (by_index(2), by_index(3))


@pytest.mark.parametrize(
    "other",
    [
        by_index(0),
        {"Fn::Select": ["0", {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
        {"Fn::Sub": "${AWS::Region}a"},
        {"Fn::Sub": ["${AWS::Region}${Letter}", {"Letter": {"Fn::Sub": "${AWS::Region}b"}}]},
        {"Fn::Join": ["", [{"Ref": "AWS::Region"}, "a"]]},
    ],
)
def test_a_template_that_names_zones_in_two_ways_stays(other: Json, tmp_path: Path) -> None:
    made = Repaired("hardcoded-zone", zones("us-east-1b", other), tmp_path)
    assert made.zones == ["us-east-1b", other]
    assert [reason.partition(" names zones")[0].startswith("/Resources/Subnet1") for reason in made.reasons] == [True]


@pytest.mark.parametrize("name", ["us-west-2-lax-1a", "use1-az1", "us-east-1-wl1-bos-wlz-1"])
def test_zones_that_the_list_does_not_have(name: str, tmp_path: Path) -> None:
    made = Repaired("hardcoded-zone", zones(name), tmp_path)
    assert made.zones == [name]
    assert made.reasons == [f"{name} is not the name of an Availability Zone that Fn::GetAZs lists"]


IMAGE = "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"


def instance(subnet_id: Json, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": IMAGE, "SubnetId": subnet_id, **more}}


@pytest.mark.parametrize(("subnet_id", "stays"), [("subnet-0a1b2c3d", True), ({"Ref": "Home"}, False)])
def test_a_subnet_from_outside_decides_about_the_zone(subnet_id: Json, stays: bool, tmp_path: Path) -> None:
    volume = {
        "Type": "AWS::EC2::Volume",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {"Size": 8, "AvailabilityZone": "us-east-1a"},
    }
    attached = {"Device": "/dev/sdh", "InstanceId": {"Ref": "Server"}, "VolumeId": {"Ref": "Disk"}}
    resources = {
        "Home": subnet("us-east-1a"),
        "Server": instance(subnet_id),
        "Disk": volume,
        "Attachment": {"Type": "AWS::EC2::VolumeAttachment", "Properties": attached},
        "Other": instance(subnet_id, AvailabilityZone="us-east-1a"),
    }
    made = Repaired("hardcoded-zone", {"Resources": resources}, tmp_path)
    zone = "us-east-1a" if stays else by_index(0)
    assert made.zones == [by_index(0), None, zone, None, zone]


def test_zones_change_together(tmp_path: Path) -> None:
    """A resource that another transform is about to rename holds the others back."""
    data = zones("us-east-1a", **{"Subnet-B": subnet("us-east-1b", 7)})
    made = Repaired("hardcoded-zone", data, tmp_path)
    assert made.zones == ["us-east-1a", "us-east-1b"]
    assert all("Subnet-B must be renamed first" in reason for reason in made.reasons)


@pytest.mark.parametrize(
    ("first", "last", "is_removed"),
    [
        (-1, -1, True),
        (0, 65535, True),
        ("0", "0", True),
        (1, 65535, True),
        (443, 443, False),
        (0, 1024, False),
        (3306, 3306, False),
        ({"Ref": "Port"}, {"Ref": "Port"}, False),
    ],
)
@pytest.mark.parametrize("prop", ["SecurityGroupIngress", "SecurityGroupEgress"])
def test_ports_that_name_a_port_stay(first: Json, last: Json, is_removed: bool, prop: str, tmp_path: Path) -> None:
    rule = {"IpProtocol": "-1", "FromPort": first, "ToPort": last, "CidrIp": "10.0.0.0/16"}
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "Service", prop: [rule]}}
    data = {"Parameters": {"Port": {"Type": "Number", "Default": 443}}, "Resources": {"Group": group}}
    made = Repaired("ports-with-all-protocols", data, tmp_path)
    shown = made.template.resources["Group"].properties[prop]
    assert shown == ([{"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}] if is_removed else [rule])
    assert [("opens all" in reason) for reason in made.reasons] == ([] if is_removed else [True])
