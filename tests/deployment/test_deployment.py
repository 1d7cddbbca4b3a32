"""The repaired projects deploy, in their order, where the originals are refused; safe patches update without harm."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

pytest.importorskip("moto", reason="moto is not installed (pip install -e '.[dev]'): deployment is not proven")
pytest.importorskip("boto3", reason="boto3 is not installed (pip install -e '.[dev]'): deployment is not proven")

import cloud
import harness
from botocore.exceptions import ClientError
from cloud import Cloud, NotProven, Stack
from harness import UNPROVEN

from fixer.run import commands as run
from fixer.settings import Settings

ROOT = Path(__file__).parents[2]
REPAIR = Settings(
    undeployed=True,
    require={
        "vpc": "public",
        "peering": "",
        "monitoring": "60",
        "dashboard": "",
        "alerts": "",
        "log-export-permissions": "",
    },
)
"""All twelve failures."""

NETWORK = re.compile(r"AWS::EC2::(VPC|Subnet)::Id")


@dataclass(frozen=True)
class Project:
    """Three templates that belong together, with (file name, stack name, region) in the order of deployment."""

    folder: Path
    order: tuple[tuple[str, str, str], ...]


CASES = (
    Project(
        ROOT.parent / "shared" / "cases" / "aurora-global-dr",
        (
            ("aurora-global-primary.json", "trading-primary", "us-east-1"),
            ("aurora-global-secondary.json", "trading-secondary", "eu-west-1"),
            ("route53-failover.json", "trading-dns", "us-east-1"),
        ),
    ),
    Project(
        ROOT / "examples" / "aurora-global-dr",
        (
            ("primary.json", "ledger-primary", "us-east-1"),
            ("secondary.json", "ledger-secondary", "eu-west-1"),
            ("dns.json", "ledger-dns", "us-east-1"),
        ),
    ),
)


@dataclass
class World:
    """What a deployment can draw values from: the cloud, the stacks so far, and a network if there is one."""

    cloud: Cloud
    stacks: dict[str, Stack]
    networks: dict[str, tuple[str, list[str]]]
    subnets_given: int = 0

    def role(self, name: str) -> Stack:
        """The stack that a parameter's name speaks of: PrimaryEndpoint, SecondaryStackName..."""
        wanted = "secondary" if re.match("secondary|replica|standby|peer", name, re.I) else "primary"
        [stack] = [each for each in self.stacks.values() if each.name.endswith(wanted)]
        return stack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    fake = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
            patch.delenv(name)
        nowhere = str(tmp_path_factory.mktemp("none") / "none")
        for name, value in {**fake, "AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere}.items():
            patch.setenv(name, value)
        process, running = cloud.start(tmp_path_factory.mktemp("emulator"))
        try:
            yield running
        finally:
            cloud.stop(process)


@pytest.fixture
def world(server: Cloud) -> World:
    server.reset()
    server.complaints()
    return World(server, {}, {})


@pytest.fixture(params=CASES, ids=lambda project: project.order[0][1].split("-")[0])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """A copy of the project that may be written."""
    given: Project = request.param
    if not given.folder.exists():
        pytest.skip("../shared/cases is absent: the real templates are not deployed")
    for file, _, _ in given.order:
        shutil.copyfile(given.folder / file, tmp_path / file)
    return Project(tmp_path, given.order)


def _load(project: Project, file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((project.folder / file).read_text())
    return loaded


def _repair(project: Project, settings: Settings) -> int:
    """Repairs the files; how many patches were applied."""
    report = run.apply([str(project.folder / file) for file, _, _ in project.order], settings, write=True)
    assert not report.errors
    return sum(1 for each in report.resolutions if each.outcome == "applied")


def _endpoint(world: World, name: str) -> str:
    outputs = world.role(name).outputs
    named = [key for key in outputs if key == name] or [key for key in outputs if re.search("(?<!Read)Endpoint$", key)]
    return outputs[named[0]]


def _one(world: World, kind: str, stack: Stack | None = None) -> str:
    found = [each for one in ([stack] if stack else world.stacks.values()) for each in one.of_type(kind)]
    assert len(found) == 1, f"{kind}: {found}"
    return found[0]


def _zone(world: World, _: str) -> str:
    route53 = world.cloud.client("route53", "us-east-1")
    zone: str = route53.create_hosted_zone(Name="example.com", CallerReference="test")["HostedZone"]["Id"]
    return zone.rpartition("/")[2]


VALUES: tuple[tuple[str, Callable[[World, str], str]], ...] = (
    ("HostedZoneId$", _zone),
    ("Password$", lambda _, __: "not-a-secret-1"),
    ("Email(Address)?$", lambda _, __: "on-call@example.com"),
    ("StackName$", lambda world, name: world.role(name).name),
    ("StackRegion$|^(Primary|Secondary)Region$", lambda world, name: world.role(name).region),
    ("HealthCheckId$", lambda world, name: _one(world, "AWS::Route53::HealthCheck", world.role(name))),
    ("Endpoint$", _endpoint),
    ("^Global(Cluster|Database)", lambda world, _: _one(world, "AWS::RDS::GlobalCluster")),
)
"""Pattern of a parameter's name, and where its value comes from; the first that fits."""


def _value(world: World, name: str, kind: str, region: str) -> str | None:
    """A value for a required parameter, None where nobody knows one."""
    if NETWORK.search(kind):
        if region not in world.networks:
            return None
        vpc, subnets = world.networks[region]
        if "VPC" in kind:
            return vpc
        if kind.startswith("List"):
            return ",".join(subnets)
        world.subnets_given += 1
        return subnets[world.subnets_given % len(subnets)]
    return next((value(world, name) for pattern, value in VALUES if re.search(pattern, name)), None)


def _values(world: World, template: Mapping[str, Any], region: str) -> dict[str, str]:
    """A value for every parameter without default; a parameter that nobody knows a value for fails the test."""
    values = {}
    for name, each in harness.required(template).items():
        value = _value(world, name, each["Type"], region)
        if value is None:
            raise NotProven(f"parameter {name} is required, and nothing deployed before gives its value")
        values[name] = value
    return values


def _deploy_all(world: World, project: Project) -> None:
    for file, name, region in project.order:
        template = _load(project, file)
        world.stacks[name] = harness.deploy(world.cloud, template, name, region, _values(world, template, region))


def _network(world: World, region: str) -> tuple[str, list[str]]:
    """A VPC made beforehand with a subnet in each of three zones."""
    ec2 = world.cloud.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    blocks: Sequence[tuple[str, str]] = [(zone, f"10.0.{number}.0/24") for number, zone in enumerate("abc")]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{region}{zone}")["Subnet"]["SubnetId"]
        for zone, block in blocks
    ]
    return vpc, subnets


def test_the_originals_are_refused_for_want_of_a_network(world: World, project: Project) -> None:
    for file, name, region in project.order[:2]:
        template = _load(project, file)
        network = [key for key, each in harness.required(template).items() if NETWORK.search(each["Type"])]
        assert network
        others = {key: "not-a-secret-1" for key in harness.required(template) if key not in network}
        with pytest.raises(ClientError) as refused:
            harness.deploy(world.cloud, template, name, region, others)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert any(key in str(refused.value) for key in network)


def test_the_repaired_project_deploys_in_its_order(
    world: World, project: Project, record_property: Callable[[str, object], None]
) -> None:
    assert _repair(project, REPAIR)
    _deploy_all(world, project)
    for stack in world.stacks.values():
        print(f"{stack.name} in {stack.region}: {len(stack.physical)} resources, {len(stack.outputs)} outputs")
    for line in UNPROVEN:
        print(f"unproven: {line}")
        record_property("unproven", line)


def test_safe_patches_update_working_stacks_in_place(world: World, project: Project) -> None:
    world.networks = {region: _network(world, region) for region in ("us-east-1", "eu-west-1")}
    _deploy_all(world, project)
    originals = {file: _load(project, file) for file, _, _ in project.order}
    assert _repair(project, Settings(safe_only=True))
    changed = [each for each in project.order if _load(project, each[0]) != originals[each[0]]]
    assert changed
    for file, name, region in changed:
        template, before = _load(project, file), world.stacks[name]
        after = harness.update(world.cloud, template, name, region, _values(world, template, region))
        kept = {key: after.physical.get(key) for key in before.physical}
        assert kept == dict(before.physical)
        assert before.outputs.items() <= after.outputs.items()


def _topic(name: Any, kind: str = "AWS::SNS::Topic") -> dict[str, Any]:
    return {"Resources": {"Topic": {"Type": kind, "Properties": {"TopicName": name}}}}


def _output_of(stack: str, output: str, region: str) -> dict[str, Any]:
    return {"Fn::GetStackOutput": {"StackName": stack, "OutputName": output, "Region": region}}


def _vpc(block: str, more: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    return {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": block, **more}}


def _named_vpc(name: str) -> dict[str, Any]:
    return {"Resources": {"VPC": _vpc("10.0.0.0/16", {"Tags": [{"Key": "Name", "Value": name}]})}}


TOO_LAX = {
    "No Moto CloudFormation support": _topic("a", "AWS::SNS::TopicInlinePolicy"),
    "computes no Fn::Cidr": _topic({"Fn::Cidr": ["10.0.0.0/16", 1, 8]}),
    "no stack absent in eu-west-1": _topic(_output_of("absent", "Name", "eu-west-1")),
    "no stack first in us-east-1": _topic(_output_of("first", "Name", "us-east-1")),
    "has no output Other": _topic(_output_of("first", "Other", "eu-west-1")),
    "describe_vpcs: unresolved": _named_vpc("${Unresolved}"),
    "constraints forbid": {"Parameters": {"A": {"Type": "String", "Default": "b", "MinLength": 2}}, **_topic("a")},
    "HTTP 500: .*Enginge": {"Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"Enginge": "x"}}}},
}
"""What the harness says, and a template that it says it of."""


@pytest.mark.parametrize(("told", "template"), TOO_LAX.items())
def test_the_harness_refuses_what_the_emulator_lets_pass(world: World, told: str, template: dict[str, Any]) -> None:
    first = {**_topic("first"), "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}}}}
    harness.deploy(world.cloud, first, "first", "eu-west-1", {})
    with pytest.raises(NotProven, match=told):
        harness.deploy(world.cloud, template, "second", "us-east-1", {})


def test_an_update_that_replaces_a_database_is_refused(world: World) -> None:
    properties = {"DBClusterIdentifier": "ledger", "Engine": "aurora-mysql", "MasterUsername": "admin"}
    properties["MasterUserPassword"] = "not-a-secret-1"
    template = {"Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": properties}}}
    harness.deploy(world.cloud, template, "ledger", "us-east-1", {})
    changed = {**properties, "MasterUsername": "owner"}
    template = {"Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": changed}}}
    with pytest.raises(NotProven, match=r"HTTP 500: .*no update in place of {'MasterUsername'}"):
        harness.update(world.cloud, template, "ledger", "us-east-1", {})


def test_peering_across_regions_by_the_outputs_of_a_stack(world: World) -> None:
    near = {"Resources": {"VPC": _vpc("10.0.0.0/16")}, "Outputs": {"VpcId": {"Value": {"Ref": "VPC"}}}}
    first = harness.deploy(world.cloud, near, "near", "us-east-1", {})
    peer = {"Fn::GetStackOutput": {"StackName": {"Ref": "Peer"}, "OutputName": "VpcId", "Region": "us-east-1"}}
    peering = {"VpcId": {"Ref": "VPC"}, "PeerVpcId": peer, "PeerRegion": "us-east-1"}
    route = {"RouteTableId": {"Ref": "Table"}, "DestinationCidrBlock": "10.0.0.0/16"}
    route_by = {"VpcPeeringConnectionId": {"Ref": "Peering"}}
    body = {"Fn::Sub": '{"widgets": [{"type": "text", "properties": {"markdown": "${AWS::Region}"}}]}'}
    email = {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "on-call@example.com"}
    far = {
        "Parameters": {"Peer": {"Type": "String"}},
        "Resources": {
            "VPC": _vpc("10.1.0.0/16"),
            "Peering": {"Type": "AWS::EC2::VPCPeeringConnection", "Properties": peering},
            "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "VPC"}}},
            "Route": {"Type": "AWS::EC2::Route", "Properties": {**route, **route_by}},
            "Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": body}},
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": email},
        },
    }
    second = harness.deploy(world.cloud, far, "far", "eu-west-1", {"Peer": "near"})
    [made] = world.cloud.client("ec2", "eu-west-1").describe_vpc_peering_connections()["VpcPeeringConnections"]
    assert made["AccepterVpcInfo"]["VpcId"] == first.physical["VPC"]
    assert made["VpcPeeringConnectionId"] == second.physical["Peering"]
