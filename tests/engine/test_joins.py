"""Plausible wrong joins: transforms that read a value from the wrong stack. The proof must refuse them.

The mutants keep the id and the declarations of the real transform, but read whatever a test says. What refuses them is
the proof alone, not the transform.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "transforms"))
from golden import linted

from fixer import pointer
from fixer.authoring.context import Context
from fixer.authoring.replace_parameters import rewire
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine import pipeline, selection
from fixer.engine.selection import by_id
from fixer.model import Finding, Json, Outcome, Patch, Report, Resolution, Tier
from fixer.settings import Settings
from fixer.transforms.transform import Transform

REAL = by_id("manual-cross-stack-value")
VPC, SUBNET = "AWS::EC2::VPC::Id", "AWS::EC2::Subnet::Id"


def resource(kind: str, **properties: Json) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def app(declared: Any = VPC, value: Any = None, **sections: Any) -> dict[str, Any]:
    """A template that takes one parameter, Value, and uses it as the VPC of a security group."""
    used = {"Ref": "Value"} if value is None else value
    group = resource("AWS::EC2::SecurityGroup", GroupDescription="app", VpcId=used)
    parameter = {"Type": declared} if isinstance(declared, str) else declared
    return {"Parameters": {"Value": parameter}, "Resources": {"Group": group}, **sections}


def network(name: str = "shared-vpc", output: Any = None, **sections: Any) -> dict[str, Any]:
    """A template with a VPC and a subnet, which exports the VPC."""
    resources = {
        "Vpc": resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"),
        "Subnet": resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24"),
    }
    given = {"Value": {"Ref": "Vpc"}, "Export": {"Name": name}} if output is None else output
    return {"Resources": resources, "Outputs": {"VpcId": given}, **sections}


def exported(value: Json, name: str = "shared-vpc") -> dict[str, Json]:
    return {"Value": value, "Export": {"Name": name}}


IMPORT: Json = {"Fn::ImportValue": "shared-vpc"}
OUTPUT: Json = {"Fn::GetStackOutput": {"StackName": "network", "OutputName": "VpcId", "Region": "us-east-1"}}
EAST, WEST = {"Description": "for us-east-1"}, {"Description": "for eu-west-1"}
NAMED: Json = {"Fn::Sub": "${AWS::StackName}-VpcId"}


def _mutant(value: Json) -> Transform:
    """The real transform, which replaces the parameter Value of app with this value."""

    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        if template.parameter("Value") is not None:
            yield ctx.finding(template, "/Parameters/Value", "the value is passed by hand")

    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        return Patch.of(template.path, rewire(template, {"Value": value}).ops, Tier.REVIEW)

    return replace(REAL, detect=detect, patch=patch)


def _run(monkeypatch: pytest.MonkeyPatch, transform: Transform, syntax: str, files: dict[str, Any]) -> Report:
    monkeypatch.setattr(selection, "TRANSFORMS", (transform,))
    templates = []
    for name, data in files.items():
        path, text = f"{name}.{syntax}", json.dumps(data, indent=2)
        templates.append(Template(path, parse(f"# {name}\n{text}" if syntax == "yaml" else text, path)))
    project = Project.of(templates)
    return pipeline.repair(project, tuple(project.templates), Settings(unsafe=True), linted)


def _only(report: Report) -> Resolution:
    [resolution] = report.resolutions
    return resolution


syntaxes = pytest.mark.parametrize("syntax", ["json", "yaml"])

RIGHT: dict[str, tuple[Json, dict[str, Any]]] = {
    "the only export": (IMPORT, {"app": app(), "network": network()}),
    "a String parameter": (IMPORT, {"app": app("String"), "network": network()}),
    "an export named by its stack": (
        {"Fn::ImportValue": "prod-network-VpcId"},
        {"app": app(), "network": network(output={"Value": {"Ref": "Vpc"}, "Export": {"Name": NAMED}})},
    ),
    "an attribute": (
        IMPORT,
        {"app": app(), "network": network(output=exported({"Fn::GetAtt": ["Subnet", "VpcId"]}))},
    ),
    "a pattern that accepts it": (
        IMPORT,
        {"app": app({"Type": VPC, "AllowedPattern": "vpc-[0-9a-f]+"}), "network": network()},
    ),
    "the same region": (IMPORT, {"app": {**app(), **EAST}, "network": {**network(), **EAST}}),
    "the export of the own region": (
        IMPORT,
        {"app": {**app(), **EAST}, "network": {**network(), **EAST}, "far": {**network(), **WEST}},
    ),
    "part of a text": (
        IMPORT,
        {
            "app": app("String", "vpc-1")
            | {"Resources": {"Topic": resource("AWS::SNS::Topic", DisplayName={"Fn::Sub": "in ${Value}"})}},
            "network": network(),
        },
    ),
    "an output of the own region": (OUTPUT, {"app": {**app(), **EAST}, "network": {**network(), **EAST}}),
}


@syntaxes
@pytest.mark.parametrize("right", RIGHT)
def test_a_join_that_is_certain_is_made(monkeypatch: pytest.MonkeyPatch, right: str, syntax: str) -> None:
    value, files = RIGHT[right]
    report = _run(monkeypatch, _mutant(value), syntax, files)
    assert _only(report).outcome is Outcome.WOULD_APPLY, _only(report).reason


TEST_ROLE = resource(
    "AWS::IAM::Role",
    AssumeRolePolicyDocument={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*"}],
    },
)
WRONG: dict[str, tuple[Json, dict[str, Any], str]] = {
    "an export that nothing has": ({"Fn::ImportValue": "other"}, {"app": app(), "network": network()}, "no other"),
    "its own export": (
        IMPORT,
        {"app": app(Outputs={"Own": exported({"Ref": "Group"})}), "network": network("another-vpc")},
        "no other template of the project has the export shared-vpc",
    ),
    "an export that two stacks have": (
        IMPORT,
        {"app": app(), "network": network(), "staging": network()},
        "several templates have the export shared-vpc: network",
    ),
    "the export of the wrong stack by its name": (
        {"Fn::ImportValue": {"Fn::Sub": "${AWS::AccountId}-VpcId"}},
        {"app": app(), "network": network(output={"Value": {"Ref": "Vpc"}, "Export": {"Name": NAMED}})},
        "no other template",
    ),
    "a subnet for a VPC": (
        IMPORT,
        {"app": app(), "network": network(output=exported({"Ref": "Subnet"}))},
        "takes AWS::EC2::VPC.Id",
    ),
    "a subnet for a VPC in a String parameter": (
        IMPORT,
        {"app": app("String"), "network": network(output=exported({"Ref": "Subnet"}))},
        "is AWS::EC2::Subnet.Id",
    ),
    "a subnet for a parameter of VPCs where the schema is silent": (
        IMPORT,
        {
            "app": {
                "Parameters": {"Value": {"Type": VPC}},
                "Resources": {"Topic": resource("AWS::SNS::Topic", DisplayName={"Ref": "Value"})},
            },
            "network": network(output=exported({"Ref": "Subnet"})),
        },
        "does not take AWS::EC2::Subnet.Id",
    ),
    "a name for an ARN": (
        IMPORT,
        {
            "app": {
                "Parameters": {"Value": {"Type": "String"}},
                "Resources": {
                    "Subscription": resource("AWS::SNS::Subscription", Protocol="sms", TopicArn={"Ref": "Value"})
                },
            },
            "network": {
                "Resources": {"Topic": resource("AWS::SNS::Topic")},
                "Outputs": {"VpcId": exported({"Fn::GetAtt": ["Topic", "TopicName"]})},
            },
        },
        "takes AWS::SNS::Topic.Arn",
    ),
    "a value for a list": (
        IMPORT,
        {
            "app": {
                "Parameters": {"Value": {"Type": f"List<{SUBNET}>"}},
                "Resources": {
                    "Subnets": resource(
                        "AWS::RDS::DBSubnetGroup", DBSubnetGroupDescription="db", SubnetIds={"Ref": "Value"}
                    )
                },
            },
            "network": network(output=exported({"Ref": "Subnet"})),
        },
        "the parameter is a list",
    ),
    "text for a number": (
        IMPORT,
        {
            "app": {
                "Parameters": {"Value": {"Type": "Number"}},
                "Resources": {"Topic": resource("AWS::SNS::Topic", DisplayName={"Ref": "Value"})},
            },
            "network": network(),
        },
        "takes a number",
    ),
    "an import across regions": (
        IMPORT,
        {"app": {**app(), **WEST}, "network": {**network(), **EAST}},
        "in another region than app",
    ),
    "a VPC of another region": (
        OUTPUT,
        {"app": {**app(), **WEST}, "network": {**network(), **EAST}},
        "belongs to another region than Value",
    ),
    "an output of the wrong region": (
        OUTPUT,
        {"app": {**app(), **EAST}, "network": {**network(), **WEST}},
        "in another region",
    ),
    "an import across accounts by a parameter": (
        IMPORT,
        {
            "app": app()
            | {
                "Parameters": {"Value": {"Type": VPC}, "HubAccountId": {"Type": "String"}},
                "Resources": {
                    **app()["Resources"],
                    "T": resource("AWS::SNS::Topic", DisplayName={"Ref": "HubAccountId"}),
                },
            },
            "network": network(),
        },
        "may be in another account",
    ),
    "an import across accounts by a Description": (
        IMPORT,
        {"app": app(Description="deployed in every member account"), "network": network()},
        "its Description mentions accounts",
    ),
    "an import across accounts by a principal": (
        IMPORT,
        {"app": app(), "network": network() | {"Resources": {**network()["Resources"], "Role": TEST_ROLE}}},
        "it names the account 111122223333",
    ),
    "an import into a stack set": (
        IMPORT,
        {
            "app": app(),
            "network": network(),
            "fleet": {
                "Resources": {"Set": resource("AWS::CloudFormation::StackSet", TemplateURL="https://x/app.json")}
            },
        },
        "the stack set Set of fleet",
    ),
    "another version of the stack": (
        IMPORT,
        {
            "app": app() | {"Resources": {**app()["Resources"], "Queue": resource("AWS::SQS::Queue")}},
            "network": network()
            | {
                "Resources": {
                    **network()["Resources"],
                    "Group": app(value={"Ref": "Vpc"})["Resources"]["Group"],
                    "Queue": resource("AWS::SQS::Queue"),
                }
            },
        },
        "are versions of one stack",
    ),
    "a Default that is another value": (
        IMPORT,
        {"app": app({"Type": VPC, "Default": "vpc-0123456789abcdef0"}), "network": network()},
        "its Default is vpc-0123456789abcdef0",
    ),
    "a Default that is empty": (
        IMPORT,
        {"app": app({"Type": "String", "Default": ""}), "network": network()},
        "its Default is empty",
    ),
    "a choice of values": (
        IMPORT,
        {"app": app({"Type": "String", "AllowedValues": ["vpc-1", "vpc-2"]}), "network": network()},
        "its AllowedValues",
    ),
    "a pattern that rejects it": (
        IMPORT,
        {"app": app({"Type": "String", "AllowedPattern": "vpc-[0-9a-f]{8}"}), "network": network()},
        "its AllowedPattern does not accept",
    ),
    "a length that rejects it": (
        IMPORT,
        {"app": app({"Type": "String", "MaxLength": 12}), "network": network()},
        "its MaxLength does not accept",
    ),
    "an output under a condition": (
        IMPORT,
        {
            "app": app(),
            "network": network(
                output={**exported({"Ref": "Vpc"}), "Condition": "Big"},
                Conditions={"Big": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
            ),
        },
        "exists only under a condition",
    ),
    "two stacks that wait for each other": (
        IMPORT,
        {
            "app": app(Outputs={"GroupId": exported({"Ref": "Group"}, "app-group")}),
            "network": network()
            | {
                "Resources": {
                    **network()["Resources"],
                    "Rule": resource(
                        "AWS::EC2::SecurityGroupIngress", IpProtocol="tcp", GroupId={"Fn::ImportValue": "app-group"}
                    ),
                }
            },
        },
        "reads from app",
    ),
}


@syntaxes
@pytest.mark.parametrize("wrong", WRONG)
def test_the_proof_refuses(monkeypatch: pytest.MonkeyPatch, wrong: str, syntax: str) -> None:
    value, files, reason = WRONG[wrong]
    if syntax == "yaml":
        files = json.loads(json.dumps(files).replace("app.json", "app.yaml"))
    report = _run(monkeypatch, _mutant(value), syntax, files)
    assert not any(template.changed for template in report.templates)
    assert _only(report).outcome is Outcome.UNVERIFIED
    assert reason in _only(report).reason


@syntaxes
def test_other_transforms_are_held_to_it_too(monkeypatch: pytest.MonkeyPatch, syntax: str) -> None:
    """A new resource that reads a subnet where a VPC belongs."""

    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        group = resource("AWS::EC2::SecurityGroup", GroupDescription="new", VpcId=IMPORT)
        return Patch.of(template.path, pointer.add("/Resources/New", group), Tier.REVIEW)

    host = replace(_mutant(IMPORT), id="missing-vpc", patch=patch, changes=("+/Resources/*",))
    files = {"app": app(), "network": network(output=exported({"Ref": "Subnet"}))}
    assert "takes AWS::EC2::VPC.Id" in _only(_run(monkeypatch, host, syntax, files)).reason
