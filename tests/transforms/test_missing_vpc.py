"""missing-vpc: what it refuses, and how blocks and names are chosen."""

import pytest
from driver import only_patch, patches, template_of

from fixer.cloudformation.intrinsics import mapping
from fixer.errors import BadConfig
from fixer.model import Json, Tier
from fixer.transforms.ec2.missing_vpc import TRANSFORM

NEEDED = {"vpc": ""}


def _group(vpc: Json) -> Json:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x", "VpcId": vpc}}


def _subnets(value: Json) -> Json:
    properties: Json = {"DBSubnetGroupDescription": "x", "SubnetIds": value}
    return {"Type": "AWS::RDS::DBSubnetGroup", "Properties": properties}


def _stack(**more: Json) -> dict[str, Json]:
    return {
        "Parameters": {
            "VpcId": {"Type": "AWS::EC2::VPC::Id"},
            "SubnetIds": {"Type": "List<AWS::EC2::Subnet::Id>"},
        },
        "Resources": {"Group": _group({"Ref": "VpcId"}), "Subnets": _subnets({"Ref": "SubnetIds"})},
        **more,
    }


def _added(patch_ops: object) -> dict[str, Json]:
    assert isinstance(patch_ops, tuple)
    return {str(op["path"]): op.get("value") for op in patch_ops if op["op"] == "add"}


def _blocks(data: Json, **options: str) -> list[Json]:
    patch = only_patch(TRANSFORM, data, options, NEEDED)
    added = _added(patch.files["stack.json"])
    return [
        mapping(mapping(body).get("Properties")).get("CidrBlock") for body in added.values() if "CidrBlock" in str(body)
    ]


def test_it_is_unsafe_unless_nothing_is_deployed() -> None:
    patch = only_patch(TRANSFORM, _stack(), {}, NEEDED)
    assert (patch.tier, patch.undeployed) == (Tier.UNSAFE, Tier.REVIEW)


def test_blocks_are_cut_from_the_one_that_is_given() -> None:
    assert _blocks(_stack(), cidr="192.168.64.0/22", azs="2") == [
        "192.168.64.0/22",
        "192.168.64.0/26",
        "192.168.64.64/26",
    ]
    assert _blocks(_stack())[1:] == ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/16", "nonsense", "::/64"])
def test_a_block_that_is_none_is_told(cidr: str) -> None:
    with pytest.raises(BadConfig, match=r"--set missing-vpc\.cidr="):
        only_patch(TRANSFORM, _stack(), {"cidr": cidr}, NEEDED)


def test_a_block_without_room_gets_no_patch() -> None:
    patch = only_patch(TRANSFORM, _stack(), {"cidr": "10.0.0.0/28"}, NEEDED)
    assert not patch.files and "too small" in patch.reason


def test_blocks_of_other_vpcs_of_the_project_are_passed_over() -> None:
    there = template_of(
        {
            "Description": "eu-west-1",
            "Resources": {"VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.128.0/17"}}},
        },
        "there.json",
    )
    patch = only_patch(TRANSFORM, _stack(Description="us-east-1"), {}, NEEDED, (there,))
    assert (
        mapping(mapping(_added(patch.files["stack.json"])["/Resources/VPC"]).get("Properties"))["CidrBlock"]
        == "10.1.0.0/16"
    )


def test_two_templates_that_may_share_a_vpc_get_none() -> None:
    other = template_of(_stack(), "other.json")
    patch = only_patch(TRANSFORM, _stack(), {}, NEEDED, (other,))
    assert not patch.files and "other.json also takes a network" in patch.reason


def _with_resource(body: Json) -> dict[str, Json]:
    stack = _stack()
    return {**stack, "Resources": {**mapping(stack["Resources"]), "Else": body}}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            _stack(Conditions={"Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "VpcId"}, ""]}]}}),
            "condition Given depends on VpcId",
        ),
        (
            _with_resource({"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::Sub": "${SubnetIds}"}}}),
            "the list SubnetIds is used in a Fn::Sub",
        ),
        (
            _with_resource(
                {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Fn::Select": [3, {"Ref": "SubnetIds"}]}}}
            ),
            "takes item 4 of SubnetIds, which has 3",
        ),
        (
            _with_resource(
                {
                    "Type": "AWS::EC2::Instance",
                    "Properties": {"SubnetId": {"Fn::Select": [{"Ref": "N"}, {"Ref": "SubnetIds"}]}},
                }
            ),
            "only known at deployment",
        ),
        (
            _with_resource({"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "VpcId"}}}),
            "creates parts of a network in that VPC (Else)",
        ),
        (
            _with_resource({"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {"VpcId": {"Ref": "VpcId"}}}),
            "creates parts of a network in that VPC (Else)",
        ),
        (
            _with_resource({"Type": "AWS::RDS::DBInstance", "Properties": {"PubliclyAccessible": "true"}}),
            "Else is publicly accessible",
        ),
        (
            _stack(Rules={"R": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "VpcId"}, {"Ref": "Stage"}]}}]}}),
            "the rule R also uses Stage",
        ),
        (
            {**_stack(), "Parameters": {**mapping(_stack()["Parameters"]), "VpcCidr": {"Type": "String"}}},
            "VpcCidr, which has no Default",
        ),
    ],
)
def test_what_cannot_be_sure_gets_no_patch(data: Json, told: str) -> None:
    patch = only_patch(TRANSFORM, data, {}, NEEDED)
    assert not patch.files
    assert told in patch.reason


def test_more_single_subnets_than_zones() -> None:
    names = ("SubnetA", "SubnetB", "SubnetC", "SubnetD")
    resources: dict[str, Json] = {
        name + "Instance": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": name}}} for name in names
    }
    data: Json = {"Parameters": {name: {"Type": "AWS::EC2::Subnet::Id"} for name in names}, "Resources": resources}
    patch = only_patch(TRANSFORM, data, {}, NEEDED)
    assert not patch.files and "4 parameters for subnets" in patch.reason


def test_lists_are_flattened_into_lists() -> None:
    data = _stack()
    mapping(data["Resources"])["Subnets"] = _subnets([{"Ref": "SubnetIds"}, "subnet-1"])
    patch = only_patch(TRANSFORM, data, {}, NEEDED)
    [new] = [
        op["value"] for op in patch.files["stack.json"]
        if op["op"] == "replace" and op["path"] == "/Resources/Subnets/Properties/SubnetIds"
    ]  # fmt: skip
    assert new == [{"Ref": "PrivateSubnet1"}, {"Ref": "PrivateSubnet2"}, {"Ref": "PrivateSubnet3"}, "subnet-1"]


def test_names_that_are_taken_are_not_taken_again() -> None:
    data = _stack()
    mapping(data["Resources"])["VPC"] = {"Type": "AWS::SNS::Topic"}
    patch = only_patch(TRANSFORM, data, {}, NEEDED)
    assert "/Resources/NetworkVPC" in _added(patch.files["stack.json"])


def test_a_group_of_the_old_vpc_and_what_may_belong_to_it_are_named() -> None:
    data = _stack()
    parameters = mapping(data["Parameters"])
    parameters["AppGroup"] = {"Type": "AWS::EC2::SecurityGroup::Id"}
    parameters["RouteTableId"] = {"Type": "String"}
    patch = only_patch(TRANSFORM, data, {}, NEEDED)
    notes = " ".join(patch.notes)
    assert "AppGroup is a security group of the old VPC" in notes
    assert "RouteTableId may also belong to the old VPC" in notes


def test_an_internet_facing_load_balancer_gets_public_subnets() -> None:
    data = _stack()
    balancer: Json = {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"Subnets": {"Ref": "SubnetIds"}},
    }
    mapping(data["Resources"])["Subnets"] = balancer
    patch = only_patch(TRANSFORM, data, {}, NEEDED)
    replaced = {op["path"]: op["value"] for op in patch.files["stack.json"] if op["op"] == "replace"}
    assert replaced["/Resources/Subnets/Properties/Subnets"] == [{"Ref": f"PublicSubnet{zone}"} for zone in (1, 2, 3)]


def test_nothing_is_found_in_a_stack_that_a_parent_feeds() -> None:
    nested: Json = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://bucket/stack.json", "Parameters": {"VpcId": "vpc-1"}},
    }
    parent = template_of({"Resources": {"S": nested}}, "root.json")
    assert not patches(TRANSFORM, _stack(), {}, NEEDED, (parent,))


def _resource(kind: str, **properties: Json) -> dict[str, Json]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


PLACED: Json = {"Ref": "SubnetIds"}
FIRST: Json = {"Fn::Select": [0, PLACED]}
INTERFACE: Json = [{"DeviceIndex": "0", "AssociatePublicIpAddress": True, "SubnetId": FIRST}]
TASKS: Json = {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED", "Subnets": PLACED}}
LAUNCHED: Json = {"LaunchTemplateId": {"Ref": "Launch"}, "Version": "1"}
GIVING: Json = {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": "true"}]}


@pytest.mark.parametrize(
    ("moved", "waits"),
    [
        (_resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=PLACED), True),
        (_resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=PLACED, Scheme={"Ref": "Scheme"}), True),
        (_resource("ElasticLoadBalancing::LoadBalancer", Subnets=PLACED), True),
        (_resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=PLACED, Scheme="internal"), False),
        (_resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=PLACED, Type="gateway"), False),
        (_resource("EC2::NatGateway", SubnetId=FIRST, AllocationId="eipalloc-1"), True),
        (_resource("EC2::NatGateway", SubnetId=FIRST, ConnectivityType="private"), False),
        (_resource("EC2::Instance", NetworkInterfaces=INTERFACE), True),
        (_resource("EC2::Instance", SubnetId=FIRST), False),
        (_resource("AutoScaling::AutoScalingGroup", VPCZoneIdentifier=PLACED, LaunchTemplate=LAUNCHED), True),
        (_resource("AutoScaling::AutoScalingGroup", VPCZoneIdentifier=PLACED, LaunchTemplate={}), False),
        (_resource("ECS::Service", NetworkConfiguration=TASKS), True),
        (_resource("Lambda::Function", VpcConfig={"SubnetIds": PLACED}), False),
    ],
)
def test_what_has_a_public_address_waits_for_the_gateway(moved: dict[str, Json], waits: bool) -> None:
    launch = _resource("EC2::LaunchTemplate", LaunchTemplateData=GIVING)
    data = _stack(Resources={"Moved": moved, "Launch": launch})
    mapping(data["Parameters"])["Scheme"] = {"Type": "String", "Default": "internet-facing"}
    added = _added(only_patch(TRANSFORM, data, {}, NEEDED).files["stack.json"])
    assert added.get("/Resources/Moved/DependsOn") == ("InternetGatewayAttachment" if waits else None)
    assert ("/Resources/InternetGatewayAttachment" in added) == waits


def test_an_elastic_address_waits_and_so_does_its_server() -> None:
    server = {**_resource("EC2::Instance", SubnetId=FIRST), "DependsOn": "Log"}
    resources: dict[str, Json] = {"Log": _resource("Logs::LogGroup"), "Server": server}
    resources["Address"] = {**_resource("EC2::EIP", InstanceId={"Ref": "Server"}), "DependsOn": ["Log"]}
    ops = only_patch(TRANSFORM, _stack(Resources=resources), {}, NEEDED).files["stack.json"]
    written = {str(op["path"]): op["value"] for op in ops if op["op"] in ("add", "replace")}
    assert written["/Resources/Server/DependsOn"] == ["Log", "InternetGatewayAttachment"]
    assert written["/Resources/Address/DependsOn/-"] == "InternetGatewayAttachment"


@pytest.mark.parametrize(
    ("names", "azs", "count"),
    [
        (("SubnetA", "SubnetB"), None, 2),
        (("SubnetA",), None, 2),
        (("SubnetA", "SubnetB", "SubnetC"), None, 3),
        (("SubnetA", "SubnetB"), "3", 3),
        (("PublicSubnetA", "PublicSubnetB", "PrivateSubnetA", "PrivateSubnetB"), None, 4),
    ],
)
def test_as_many_zones_as_the_template_asks_for(names: tuple[str, ...], azs: str | None, count: int) -> None:
    parameters: Json = {name: {"Type": "AWS::EC2::Subnet::Id"} for name in names}
    resources: Json = {f"On{name}": _resource("EC2::Instance", SubnetId={"Ref": name}) for name in names}
    data: Json = {"Parameters": parameters, "Resources": resources}
    added = _added(only_patch(TRANSFORM, data, {"azs": azs} if azs else {}, NEEDED).files["stack.json"])
    assert sum(mapping(body).get("Type") == "AWS::EC2::Subnet" for body in added.values()) == count


def test_what_runs_code_in_private_subnets_is_named() -> None:
    data = _with_resource(_resource("Lambda::Function", VpcConfig={"SubnetIds": PLACED}))
    [note] = [each for each in only_patch(TRANSFORM, data, {}, NEEDED).notes if each.startswith("Else ")]
    assert "loses access to the internet and to AWS APIs" in note and "nat=one" in note
    with_nat = only_patch(TRANSFORM, data, {"nat": "one"}, NEEDED).notes
    assert not [each for each in with_nat if each.startswith("Else ")]


def test_a_function_in_public_subnets_has_no_way_out() -> None:
    data = _with_resource(_resource("Lambda::Function", VpcConfig={"SubnetIds": [{"Ref": "PublicSubnet"}]}))
    data["Parameters"] = {**mapping(data["Parameters"]), "PublicSubnet": {"Type": "AWS::EC2::Subnet::Id"}}
    for nat in ("none", "one"):
        notes = only_patch(TRANSFORM, data, {"nat": nat}, NEEDED).notes
        assert [each for each in notes if each.startswith("Else loses access")]
    assert not [each for each in only_patch(TRANSFORM, _stack(), {}, NEEDED).notes if "loses access" in each]


def test_databases_that_share_the_subnets_of_a_load_balancer_are_named() -> None:
    data = _with_resource(_resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=PLACED))
    notes = only_patch(TRANSFORM, data, {}, NEEDED).notes
    assert any(note.startswith("Subnets shares SubnetIds with public resources") for note in notes)
