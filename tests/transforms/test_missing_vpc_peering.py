"""missing-vpc-peering: which pairs of VPCs are found, what is refused, what each side gets."""

from typing import Any

import pytest
from driver import context_of, only_patch, template_of

from fixer.cloudformation.template import Template
from fixer.engine.selection import chosen
from fixer.errors import BadConfig
from fixer.model import Json, Op, Patch, Tier
from fixer.settings import Settings
from fixer.transforms.ec2.missing_vpc_peering import TRANSFORM

EAST, WEST = "us-east-1", "eu-west-1"
VPC: Json = {"Ref": "VPC"}
CONDITIONS: Json = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
HERE, THERE = "stack.json", "east.json"


def resource(kind: str, condition: str = "", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, **({"Condition": condition} if condition else {}), "Properties": properties}


def table(vpc: Json = VPC, condition: str = "") -> dict[str, Any]:
    return resource("AWS::EC2::RouteTable", condition, VpcId=vpc)


def group(*rules: Any, condition: str = "") -> dict[str, Any]:
    return resource("AWS::EC2::SecurityGroup", condition, VpcId=VPC, SecurityGroupIngress=list(rules))


def rule(first: Json = 3306, last: Json = 3306, protocol: Json = "tcp") -> dict[str, Any]:
    return {"IpProtocol": protocol, "FromPort": first, "ToPort": last, "CidrIp": VPC}


def database(engine: Json = "aurora-mysql", **properties: Any) -> dict[str, Any]:
    groups = {"VpcSecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
    return resource("AWS::RDS::DBCluster", Engine=engine, **(properties or groups))


def stack(region: str = WEST, block: Json = "10.1.0.0/16", sections: Any = None, **resources: Any) -> dict[str, Any]:
    """A VPC with a route table for private subnets, and more; a resource that is None is left out."""
    made = {"VPC": resource("AWS::EC2::VPC", CidrBlock=block), "Table": table(), **resources}
    return {"Description": region, "Resources": {name: body for name, body in made.items() if body}, **(sections or {})}


def east(block: Json = "10.0.0.0/16", region: str = EAST, sections: Any = None, **resources: Any) -> Template:
    return template_of(stack(region, block, sections, **resources), THERE)


def places(data: Json, *others: Template, **options: str) -> list[str]:
    template = template_of(data)
    return [each.pointer for each in TRANSFORM.detect(template, context_of(TRANSFORM, template, options, {}, others))]


def made(data: Json, *others: Template, **options: str) -> Patch:
    return only_patch(TRANSFORM, data, options, {}, others)


def added(ops: tuple[Op, ...]) -> dict[str, Any]:
    return {str(op["path"]).removeprefix("/Resources/"): op["value"] for op in ops if op["op"] == "add"}


PEERING = resource("AWS::EC2::VPCPeeringConnection", VpcId=VPC)
SECOND = resource("AWS::EC2::VPC", CidrBlock="10.9.0.0/16")
BY_ROLE = {
    "primary": resource("AWS::RDS::DBCluster", MasterUsername="app", GlobalClusterIdentifier="ledger"),
    "secondary": resource("AWS::RDS::DBCluster", GlobalClusterIdentifier="ledger"),
}


@pytest.mark.parametrize(
    ("data", "others", "is_found"),
    [
        (stack(), (east(),), True),
        (stack(Peering=PEERING), (east(),), False),
        (stack(), (east(Peering=PEERING),), False),
        (stack(), (), False),
        (stack(), (east(VPC=None),), False),
        (stack(), (east(), template_of(stack(VPC=None), "third.json")), True),
        (stack(Second=SECOND), (east(),), False),
        (stack(), (east(Second=SECOND),), False),
        (stack(), (east(), template_of(stack("ap-south-1", "10.2.0.0/16"), "third.json")), False),
        (stack(EAST), (east(),), False),
        (stack("somewhere"), (east(),), False),
        (stack("", Db=BY_ROLE["secondary"]), (east(region="", Db=BY_ROLE["primary"]),), True),
        (stack("", Db=BY_ROLE["primary"]), (east(region="", Db=BY_ROLE["primary"]),), False),
    ],
)
def test_which_pairs_are_found(data: dict[str, Any], others: tuple[Template, ...], is_found: bool) -> None:
    assert places(data, *others) == (["/Resources/VPC"] if is_found else [])


@pytest.mark.parametrize(("side", "is_here"), [("secondary", True), ("primary", False)])
def test_the_side_that_holds_the_connection(side: str, is_here: bool) -> None:
    """The side that is found is the one that gets the connection; without roles the paths decide which is first."""
    assert bool(places(stack(Db=BY_ROLE["secondary"]), east(Db=BY_ROLE["primary"]), side=side)) == is_here
    assert bool(places(stack(Db=BY_ROLE["primary"]), east(Db=BY_ROLE["secondary"]), side=side)) != is_here
    assert bool(places(stack(), east(), side=side)) == is_here


def test_a_side_that_is_none() -> None:
    for side in ("primary", "secondary"):
        assert chosen(Settings(options={TRANSFORM.id: {"side": side}}))
    with pytest.raises(BadConfig, match="side must be one of primary, secondary, not 'both'"):
        chosen(Settings(options={TRANSFORM.id: {"side": "both"}}))


def test_the_transform_runs_only_where_it_is_asked_for() -> None:
    assert TRANSFORM not in chosen(Settings())
    for name in ("peering", TRANSFORM.id):
        assert TRANSFORM in chosen(Settings(require={name: ""}))


def test_what_the_finding_says() -> None:
    template = template_of(stack())
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template, others=(east(),)))
    assert finding.message == "VPC is not peered with VPC in east.json"


BLOCK: Json = {"Ref": "Block"}
BY_PARAMETER = {"Parameters": {"Block": {"Type": "String", "Default": "10.1.0.0/16"}}}
ONE_VALUE = {"Parameters": {"Block": {"Type": "String", "AllowedValues": ["10.1.0.0/16"]}}}
TWO_VALUES = {"Parameters": {"Block": {"Type": "String", "AllowedValues": ["10.1.0.0/16", "10.2.0.0/16"]}}}
CONDITIONAL = resource("AWS::EC2::VPC", "C", CidrBlock="10.1.0.0/16")
GATEWAY_ROUTE = resource("AWS::EC2::Route", RouteTableId={"Ref": "Table"}, GatewayId={"Ref": "Gateway"})
NO_BLOCK = "the CIDR block of VPC in {} is known only at deployment"
NO_TABLE = "{} has no route table for private subnets"


@pytest.mark.parametrize(
    ("data", "there", "told"),
    [
        (stack(block=BLOCK, sections=BY_PARAMETER), east(), NO_BLOCK.format(HERE)),
        (stack(block=BLOCK, sections=TWO_VALUES), east(), NO_BLOCK.format(HERE)),
        (stack(block=None), east(), NO_BLOCK.format(HERE)),
        (stack(block="nonsense"), east(), NO_BLOCK.format(HERE)),
        (stack(), east(BLOCK, sections=BY_PARAMETER), NO_BLOCK.format(THERE)),
        (stack(VPC=CONDITIONAL), east(), "VPC in stack.json exists only under a condition"),
        (stack(), east(VPC=CONDITIONAL), "VPC in east.json exists only under a condition"),
        (stack(Table=None), east(), NO_TABLE.format(HERE)),
        (stack(), east(Table=None), NO_TABLE.format(THERE)),
        (stack(Table=table({"Ref": "VpcId"})), east(), NO_TABLE.format(HERE)),
        (stack(Table=table(condition="C")), east(), NO_TABLE.format(HERE)),
        (stack(Way=GATEWAY_ROUTE), east(), NO_TABLE.format(HERE)),
        (stack(block="10.0.0.0/16"), east(), "10.0.0.0/16 and 10.0.0.0/16 overlap"),
        (stack(block="10.0.128.0/20"), east(), "10.0.128.0/20 and 10.0.0.0/16 overlap"),
        (
            stack("", Db=BY_ROLE["secondary"]),
            east(region=EAST, Db=BY_ROLE["primary"]),
            "the region of stack.json is not known: set it in the configuration",
        ),
        (
            stack(WEST, Db=BY_ROLE["secondary"]),
            east(region="", Db=BY_ROLE["primary"]),
            "the region of east.json is not known: set it in the configuration",
        ),
    ],
)
def test_what_cannot_be_sure_gets_no_patch(data: dict[str, Any], there: Template, told: str) -> None:
    patch = made(data, there)
    assert not patch.files
    assert told in patch.reason


@pytest.mark.parametrize(
    ("data", "there"),
    [
        (stack(block=BLOCK, sections=ONE_VALUE), east()),
        (stack(Way=resource("AWS::EC2::Route", RouteTableId={"Ref": "Table"}, NatGatewayId={"Ref": "Nat"})), east()),
        (stack(block="10.1.0.0/16"), east("10.0.0.0/16")),
    ],
)
def test_what_is_sure(data: dict[str, Any], there: Template) -> None:
    assert set(made(data, there).files) == {HERE, THERE}


def test_the_connection_in_the_secondary() -> None:
    patch = made(stack(Db=BY_ROLE["secondary"]), east(Db=BY_ROLE["primary"]))
    own, other = added(patch.files[HERE]), added(patch.files[THERE])
    output = {"StackName": {"Ref": "PrimaryStackName"}, "OutputName": "VPCId", "Region": EAST}
    connection = own["VPCPeeringConnection"]
    assert "Condition" not in connection
    assert connection["Properties"]["PeerVpcId"] == {"Fn::GetStackOutput": output}
    assert connection["Properties"]["PeerRegion"] == EAST
    assert own["PeeringRoute"]["Properties"] == {
        "RouteTableId": {"Ref": "Table"},
        "DestinationCidrBlock": "10.0.0.0/16",
        "VpcPeeringConnectionId": {"Ref": "VPCPeeringConnection"},
    }
    assert own["/Outputs"]["VPCPeeringConnectionId"]["Value"] == {"Ref": "VPCPeeringConnection"}
    assert "Condition" not in own["/Outputs"]["VPCPeeringConnectionId"]
    assert other["/Parameters"]["PeeringConnectionId"]["Default"] == ""
    assert list(other["/Conditions"]) == ["HasPeeringConnectionId"]
    assert other["PeeringRoute"]["Condition"] == "HasPeeringConnectionId"
    assert other["PeeringRoute"]["Properties"]["DestinationCidrBlock"] == "10.1.0.0/16"
    assert other["PeeringRoute"]["Properties"]["VpcPeeringConnectionId"] == {"Ref": "PeeringConnectionId"}
    assert other["/Outputs"]["VPCId"]["Value"] == VPC


def test_the_connection_in_the_primary() -> None:
    patch = made(stack(Db=BY_ROLE["primary"]), east(Db=BY_ROLE["secondary"]), side="primary")
    own, other = added(patch.files[HERE]), added(patch.files[THERE])
    assert own["/Parameters"]["SecondaryVpcId"]["Type"] == "String"
    connection = own["VPCPeeringConnection"]
    assert connection["Properties"]["PeerVpcId"] == {"Ref": "SecondaryVpcId"}
    assert connection["Condition"] == own["PeeringRoute"]["Condition"] == "HasSecondaryVpcId"
    assert own["/Outputs"]["VPCPeeringConnectionId"]["Condition"] == "HasSecondaryVpcId"
    assert other["PeeringRoute"]["Condition"] == "HasPeeringConnectionId"


def test_a_side_without_a_role_is_called_by_its_file() -> None:
    patch = made(stack(), template_of(stack(EAST, "10.0.0.0/16"), "z/z.json"), side="primary")
    assert "PeerVpcId" in added(patch.files[HERE])["/Parameters"]
    assert "Id of the VPC of the z.json stack" in str(patch.files[HERE])


@pytest.mark.parametrize(
    ("outputs", "name"),
    [
        ({}, "VPCId"),
        ({"Network": {"Value": VPC}}, "Network"),
        ({"Network": {"Value": {"Fn::GetAtt": ["VPC", "VpcId"]}}}, "Network"),
        ({"Network": {"Value": VPC, "Condition": "C"}}, "VPCId"),
        ({"Network": {"Value": {"Fn::GetAtt": ["VPC", "CidrBlock"]}}}, "VPCId"),
        ({"VPCId": {"Value": "x"}}, "NetworkVPCId"),
    ],
)
def test_the_output_that_gives_the_vpc(outputs: dict[str, Json], name: str) -> None:
    patch = made(stack(), east(sections={"Outputs": outputs} if outputs else None))
    assert f"'OutputName': '{name}'" in str(patch.files[HERE])
    outputs_added = [op["path"] for op in patch.files[THERE] if str(op["path"]).startswith("/Outputs")]
    assert outputs_added == ([] if name in outputs else [f"/Outputs/{name}" if outputs else "/Outputs"])


def test_every_private_route_table_gets_a_route() -> None:
    second, public = table(), table()
    way = resource("AWS::EC2::Route", RouteTableId={"Ref": "Public"}, GatewayId={"Ref": "Gateway"})
    own = added(made(stack(Second=second, Public=public, Way=way), east()).files[HERE])
    routes = [own[name]["Properties"]["RouteTableId"] for name in ("PeeringRoute1", "PeeringRoute2")]
    assert routes == [{"Ref": "Table"}, {"Ref": "Second"}]
    assert "PeeringRoute3" not in own


IN_GROUP = [{"Fn::GetAtt": ["Group", "GroupId"]}]
PORT = {"Ref": "Port"}


@pytest.mark.parametrize(
    ("db", "sg", "ports"),
    [
        (database(), group(rule()), {"": (3306, 3306)}),
        (database(), group(rule(3300, 3310)), {"": (3306, 3306)}),
        (database(), group(rule(0, 65535)), {"": (3306, 3306)}),
        (database(), group(rule(protocol="6"), rule("3306", "3306", "TCP")), {"": (3306, 3306)}),
        (database(), group(rule(), rule(5432, 5432)), {"": (3306, 3306)}),
        (database({"Ref": "Unset"}), group(rule(), rule(5432, 5432)), {"3306": (3306, 3306), "5432": (5432, 5432)}),
        (database({"Ref": "Unset"}), group(rule(0, 65535)), {}),
        (database(Port=3307, VpcSecurityGroupIds=IN_GROUP), group(rule()), {"": (3307, 3307)}),
        (database(Port=PORT, VpcSecurityGroupIds=IN_GROUP), group(rule()), {"": (PORT, PORT)}),
        (database(), group(rule(443, 443), rule(5432, 5432, "-1"), rule(11211, 11211, "udp")), {"": (3306, 3306)}),
        (database("aurora-postgresql"), group(), {"": (5432, 5432)}),
        (database("sqlserver-ex"), group(), {"": (1433, 1433)}),
        (database({"Ref": "Engine"}), group(), {"": (50000, 50000)}),
        (database("sybase"), group(), {}),
        (database({"Ref": "Unset"}), group(), {}),
        (database(VPCSecurityGroups=IN_GROUP), group(), {"": (3306, 3306)}),
        (database(VpcSecurityGroupIds=[{"Ref": "Group"}]), group(), {"": (3306, 3306)}),
        (database(VpcSecurityGroupIds=["sg-1", {"Ref": "VPC"}]), group(), {}),
        (database(), group(rule(), condition="C"), {}),
    ],
)
def test_who_is_let_in_to_databases(db: dict[str, Any], sg: Any, ports: dict[str, tuple[Json, Json]]) -> None:
    declared = {"Engine": {"Type": "String", "Default": "db2-se"}, "Unset": {"Type": "String"}}
    data = stack(
        Group=sg, Db=db, Web=group(rule(1433, 1433)), sections={"Parameters": declared, "Conditions": CONDITIONS}
    )
    own = added(made(data, east()).files[HERE])
    rules = {name.removeprefix("GroupPeerIngress"): body for name, body in own.items() if "PeerIngress" in name}
    assert {
        name: (body["Properties"]["FromPort"], body["Properties"]["ToPort"]) for name, body in rules.items()
    } == ports
    assert all(body["Properties"]["CidrIp"] == "10.0.0.0/16" for body in rules.values())


def test_a_group_of_two_databases_lets_in_once() -> None:
    own = added(made(stack(Group=group(rule()), Db=database(), More=database()), east()).files[HERE])
    assert [name for name in own if "PeerIngress" in name] == ["GroupPeerIngress"]


def test_rules_of_the_side_that_waits_wait_too() -> None:
    other = added(made(stack(), east(Group=group(), Db=database("mysql"))).files[THERE])
    assert other["GroupPeerIngress"]["Condition"] == "HasPeeringConnectionId"


def test_names_that_are_taken_are_not_taken_again() -> None:
    names = ("VPCPeeringConnection", "VPCPeeringConnectionId", "PeeringRoute", "PeeringConnectionId")
    taken: dict[str, Any] = {name: resource("AWS::SNS::Topic") for name in names}
    patch = made(stack(**taken), east(**taken))
    assert {"RegionalVPCPeeringConnection", "PeeringRoute2"} <= set(added(patch.files[HERE]))
    assert list(added(patch.files[HERE])["/Outputs"]) == ["PeeringConnectionOutput"]
    assert list(added(patch.files[THERE])["/Parameters"]) == ["VpcPeeringConnectionId"]


@pytest.mark.parametrize(("side", "number"), [("secondary", "three"), ("primary", "four")])
def test_notes_say_how_often_to_deploy(side: str, number: str) -> None:
    here, there = ("primary", "secondary") if side == "primary" else ("secondary", "primary")
    patch = made(stack(Db=BY_ROLE[here]), east(Db=BY_ROLE[there]), side=side)
    assert patch.tier is Tier.REVIEW
    assert patch.notes[0].startswith(f"Deploy {number} times: primary; secondary")
    assert "ec2:AcceptVpcPeeringConnection" in patch.notes[1]
