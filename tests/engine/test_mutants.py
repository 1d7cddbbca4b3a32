"""Plausible wrong patches: transforms that do their work and something else with it. The proof must refuse them.

The mutants keep the id and the declarations of a real transform. No test of that transform runs here: what refuses the
patch is the proof alone, whatever the transform thinks.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "transforms"))
from golden import linted

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine import pipeline, selection
from fixer.engine.selection import by_id
from fixer.model import Finding, Json, Op, Outcome, Patch, Report
from fixer.settings import Settings
from fixer.transforms.transform import Transform

SHOP: Json = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["dev", "prod"]},
        "OfficeCidr": {"Type": "String", "Default": "10.0.0.0/16"},
        "OwnerName": {"Type": "String", "Default": "ops"},
    },
    "Mappings": {
        "Sizes": {"dev": {"Class": "db.t3.medium"}, "prod": {"Class": "db.r6g.large"}},
        "Unused": {"dev": {"Class": "db.t3.micro"}},
    },
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "database",
                "VpcId": {"Ref": "Vpc"},
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": {"Ref": "OfficeCidr"}},
                    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.1.0.0/16"},
                ],
            },
        },
        "Db": {
            "Type": "AWS::RDS::DBInstance",
            "DependsOn": ["Group", "Backups"],
            "DeletionPolicy": "Retain",
            "Properties": {
                "Engine": "postgres",
                "DBInstanceClass": {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Class"]},
                "AllocatedStorage": "20",
                "StorageEncrypted": True,
                "PubliclyAccessible": False,
                "MultiAZ": {"Fn::If": ["IsProd", True, False]},
                "ManageMasterUserPassword": True,
                "MasterUsername": "shop",
                "VPCSecurityGroups": [{"Ref": "Group"}],
            },
        },
        "Backups": {
            "Type": "AWS::S3::Bucket",
            "Condition": "IsProd",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
        "Alerts": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "DisplayName": {"Fn::Sub": "Alerts"},
                "TopicName": {"Fn::Sub": "alerts-${Stage}-${OwnerName}"},
            },
        },
    },
    "Outputs": {
        "DbAddress": {
            "Value": {"Fn::GetAtt": ["Db", "Endpoint.Address"]},
            "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-DbAddress"}},
        },
    },
}
# `Db` depends on Backups, which only production has: that order is needed there and not redundant for cfn-lint.

Also = Callable[[Template], list[Op]]


def _replace(place: str, new: Json) -> Also:
    return lambda template: pointer.replace(place, pointer.get(template.data, place), new)


def _remove(place: str) -> Also:
    return lambda template: pointer.remove(place, pointer.get(template.data, place))


def _add(place: str, value: Json) -> Also:
    return lambda template: pointer.add(place, value)


R = "/Resources"
MUTANTS: dict[str, Also] = {
    "removes a parameter that is used": _remove("/Parameters/OwnerName"),
    "removes a mapping that is used": _remove("/Mappings/Sizes"),
    "removes a condition that is used": _remove("/Conditions/IsProd"),
    "turns a Default of prod into dev": _replace("/Parameters/Stage/Default", "dev"),
    "opens a Default": _replace("/Parameters/OfficeCidr/Default", "0.0.0.0/0"),
    "lets a parameter take less": _replace("/Parameters/Stage/AllowedValues", ["prod"]),
    "drops a condition": _remove(f"{R}/Backups/Condition"),
    "puts a resource under a condition": _add(f"{R}/Alerts/Condition", "IsProd"),
    "turns a condition round": _replace("/Conditions/IsProd", {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}),
    "flips a boolean": _replace(f"{R}/Db/Properties/PubliclyAccessible", True),
    "flips a boolean that is spelled": _replace(f"{R}/Db/Properties/StorageEncrypted", "false"),
    "swaps the branches of Fn::If": _replace(f"{R}/Db/Properties/MultiAZ", {"Fn::If": ["IsProd", False, True]}),
    "takes one branch of Fn::If": _replace(f"{R}/Db/Properties/MultiAZ", False),
    "widens a block": _replace(f"{R}/Group/Properties/SecurityGroupIngress/1/CidrIp", "10.0.0.0/8"),
    "edits a sibling": _replace(f"{R}/Group/Properties/SecurityGroupIngress/1/FromPort", 80),
    "drops a rule": _remove(f"{R}/Group/Properties/SecurityGroupIngress/1"),
    "removes an order that production needs": _replace(f"{R}/Db/DependsOn", ["Group"]),
    "writes the value of today": _replace(f"{R}/Db/Properties/DBInstanceClass", "db.r6g.large"),
    "loses a variable": _replace(f"{R}/Alerts/Properties/TopicName", {"Fn::Sub": "alerts-${Stage}"}),
    "replaces a variable with its Default": _replace(
        f"{R}/Alerts/Properties/TopicName", {"Fn::Sub": "alerts-${Stage}-ops"}
    ),
    "keeps the data no longer": _replace(f"{R}/Backups/DeletionPolicy", "Delete"),
    "changes an engine": _replace(f"{R}/Db/Properties/Engine", "mysql"),
    "adds a resource": _add(f"{R}/Role", {"Type": "AWS::SNS::Topic"}),
    "removes a resource": _remove(f"{R}/Backups"),
    "removes an output": _remove("/Outputs/DbAddress"),
    "renames an export": _replace("/Outputs/DbAddress/Export/Name", {"Fn::Sub": "${AWS::StackName}-Address"}),
    "gives out another attribute": _replace("/Outputs/DbAddress/Value", {"Fn::GetAtt": ["Db", "Endpoint.Port"]}),
    "renames a resource and forgets its users": lambda template: [
        *pointer.move(f"{R}/Group", f"{R}/DatabaseGroup", pointer.get(template.data, f"{R}/Group")),
    ],
}
HOSTS = ("redundant-depends-on", "missing-update-replace-policy", "needless-sub", "unused-mapping")
"""Transforms of tier safe that find something in SHOP, each at another kind of place."""


def _mutant(host: Transform, also: Also) -> Transform:
    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        right = host.patch(template, finding, ctx)
        return replace(right, files={path: (*ops, *also(template)) for path, ops in right.files.items()})

    return replace(host, patch=patch)


@pytest.fixture(params=["json", "yaml"])
def shop(request: pytest.FixtureRequest) -> Template:
    """The template in both syntaxes; YAML takes JSON's flow style, with its own reader and writer."""
    text = json.dumps(SHOP, indent=2)
    path = f"shop.{request.param}"
    return Template(path, parse(f"# a shop\n{text}" if request.param == "yaml" else text, path))


def _run(monkeypatch: pytest.MonkeyPatch, transform: Transform, *templates: Template) -> Report:
    monkeypatch.setattr(selection, "TRANSFORMS", (transform,))
    project = Project.of(list(templates))
    return pipeline.repair(project, tuple(project.templates), Settings(unsafe=True), linted)


@pytest.mark.parametrize("host", HOSTS)
def test_without_the_mutation_the_patch_is_proven(monkeypatch: pytest.MonkeyPatch, shop: Template, host: str) -> None:
    report = _run(monkeypatch, by_id(host), shop)
    assert report.count(Outcome.WOULD_APPLY) == 1
    assert report.templates[0].changed


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("wrong", MUTANTS)
def test_the_proof_refuses(monkeypatch: pytest.MonkeyPatch, shop: Template, host: str, wrong: str) -> None:
    report = _run(monkeypatch, _mutant(by_id(host), MUTANTS[wrong]), shop)
    assert not report.templates[0].changed
    [resolution] = report.resolutions
    assert resolution.outcome in (Outcome.UNVERIFIED, Outcome.FAILED)
    assert resolution.reason
