"""A DependsOn that means the only gateway attachment of the template by another name."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixer.model import Json, Outcome
from fixer.run import commands as run
from fixer.settings import Settings

VPC: dict[str, Any] = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
ATTACHED: dict[str, Any] = {"VpcId": {"Ref": "Net"}, "InternetGatewayId": {"Ref": "Door"}}
ATTACHMENT: dict[str, Any] = {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": ATTACHED}
BASE: dict[str, Any] = {"Net": VPC, "Door": {"Type": "AWS::EC2::InternetGateway"}, "Joined": ATTACHMENT}
ADDRESS: dict[str, Any] = {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}


def _after(folder: Path, suffix: str, resources: dict[str, Any]) -> tuple[dict[str, Any], list[Outcome]]:
    file = folder / f"stack.{suffix}"
    file.write_text(json.dumps({"Resources": resources}, indent=2))  # JSON is YAML too.
    report = run.apply([str(file)], Settings(select=("undefined-name",)), write=True)
    assert not report.errors
    return json.loads(file.read_text())["Resources"], [each.outcome for each in report.resolutions]


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("name", ["AttachGateway", "IGWAttachment", "VPCGatewayAttachment", "GatewayToInternet"])
@pytest.mark.parametrize("form", [lambda name: name, lambda name: ["Net", name]], ids=["text", "list"])
def test_it_is_meant(name: str, form: Any, suffix: str, tmp_path: Path) -> None:
    after, outcomes = _after(tmp_path, suffix, {**BASE, "Address": {**ADDRESS, "DependsOn": form(name)}})
    assert after["Address"]["DependsOn"] == form("Joined")
    assert outcomes == [Outcome.APPLIED]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("NatGateway", {}),
        ("Database", {}),
        ("AttachGateway", {"Second": {**ATTACHMENT, "Properties": {**ATTACHED, "VpcId": "vpc-0a1b2c3d"}}}),
        ("AttachGateway", {"Joined": {"Type": "AWS::SNS::Topic"}}),
    ],
)
def test_it_is_not_meant(name: str, more: dict[str, Json], tmp_path: Path) -> None:
    resources = {**BASE, **more, "Address": {**ADDRESS, "DependsOn": name}}
    after, outcomes = _after(tmp_path, "json", resources)
    assert after == resources
    assert outcomes == [Outcome.SKIPPED]


def test_what_the_attachment_needs_does_not_wait_for_it(tmp_path: Path) -> None:
    resources = {**BASE, "Net": {**VPC, "DependsOn": "AttachGateway"}}
    after, outcomes = _after(tmp_path, "json", resources)
    assert after == resources
    assert outcomes == [Outcome.SKIPPED]
