"""The decisions of permissive-ingress: which rules are too wide, and what they become."""

from typing import Any

import pytest
from driver import context_of, found, only_patch, patches, repaired, template_of

from fixer.errors import BadConfig
from fixer.model import Json, Tier
from fixer.transforms.ec2.permissive_ingress import TRANSFORM

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}
OWN: Json = {"Fn::GetAtt": ["Vpc", "CidrBlock"]}
OWN_IPV6: Json = {"Fn::Select": [0, {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}
NO_VALUE: Json = {"Ref": "AWS::NoValue"}
INGRESS = "/Resources/Group/Properties/SecurityGroupIngress"


def rule(source: Json = "0.0.0.0/0", port: Any = 3306, **more: Any) -> dict[str, Any]:
    name = "CidrIpv6" if isinstance(source, str) and ":" in source else "CidrIp"
    made = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, name: source, "Description": "x", **more}
    return {key: value for key, value in made.items() if value is not None}


def group(*rules: Any, vpc: Json = None, **more: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"VpcId": vpc or {"Ref": "Vpc"}, "SecurityGroupIngress": list(rules)}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties, **more}


def stack(*rules: Any, **resources: Any) -> dict[str, Any]:
    """A VPC and a group with these rules."""
    return {"Resources": {"Vpc": VPC, "Group": group(*rules), **resources}}


def database(engine: Json = "mysql", **more: Any) -> dict[str, Any]:
    """A database that the group protects."""
    properties = {"Engine": engine, "VPCSecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}], **more}
    return {"Type": "AWS::RDS::DBInstance", "Properties": properties}


def foreign(*rules: Any, **parameters: Any) -> dict[str, Any]:
    """A group with these rules in a VPC that comes by parameter."""
    return {
        "Parameters": {"VpcId": {"Type": "AWS::EC2::VPC::Id"}, **parameters},
        "Resources": {"Group": group(*rules, vpc={"Ref": "VpcId"})},
    }


def rules_of(data: Any) -> Any:
    return data["Resources"]["Group"]["Properties"].get("SecurityGroupIngress")


def sources(data: dict[str, Any], **options: str) -> list[Json]:
    """Where the rules of the group let in from, after the repair."""
    names = ("CidrIp", "CidrIpv6", "SourceSecurityGroupId")
    return [each.get(name) for each in rules_of(repaired(TRANSFORM, data, options)) for name in names if name in each]


@pytest.mark.parametrize(
    ("protocol", "first", "last", "is_found"),
    [
        *[("tcp", port, port, True) for port in (3306, 5432, 1433, 1521, 2484, 27017, 6379, 6380, 11211)],
        *[("tcp", port, port, True) for port in (5439, 8182, 9200, 50000)],
        ("tcp", 0, 65535, False),
        ("tcp", 3300, 3310, False),
        ("tcp", 32768, 65535, False),
        ("tcp", "3306", "3306", True),
        ("TCP", 3306, 3306, True),
        ("6", 3306, 3306, True),
        (6, 3306, 3306, True),
        ("-1", None, None, False),
        (-1, None, None, False),
        ("udp", 11211, 11211, True),
        ("17", 11211, 11211, True),
        ("tcp", {"Ref": "Port"}, {"Ref": "Port"}, True),
        ("tcp", {"Fn::FindInMap": ["Ports", "mysql", "port"]}, 3306, True),
        ("tcp", 443, 443, False),
        ("tcp", 22, 80, False),
        ("udp", 3306, 3306, False),
        ("icmp", -1, -1, False),
        ("tcp", None, None, False),
        ("tcp", None, 3306, False),
        ("tcp", 3306, None, False),
        ("132", 11211, 11211, False),
        ("tcp", {"Ref": "Unset"}, {"Ref": "Unset"}, False),
    ],
)
def test_ports_of_a_group_whose_use_is_not_known(protocol: Json, first: Json, last: Json, is_found: bool) -> None:
    data = stack(rule(IpProtocol=protocol, FromPort=first, ToPort=last))
    data["Parameters"] = {"Port": {"Type": "Number", "Default": 3306}, "Unset": {"Type": "Number"}}
    data["Mappings"] = {"Ports": {"mysql": {"port": 3306}}}
    assert [finding.pointer for finding in found(TRANSFORM, data)] == ([f"{INGRESS}/0/CidrIp"] if is_found else [])


@pytest.mark.parametrize(
    ("protocol", "first", "last", "is_found"),
    [
        ("tcp", 3306, 3306, True),
        ("tcp", 0, 65535, True),
        ("tcp", 3300, 3310, True),
        ("-1", None, None, True),
        (-1, 443, 443, True),
        ("tcp", {"Ref": "Port"}, {"Ref": "Port"}, True),
        ("tcp", 5432, 5432, True),
        ("tcp", 32768, 65535, False),
        ("tcp", 5000, 5500, False),
        ("tcp", 22, 22, False),
        ("udp", 0, 65535, False),
    ],
)
def test_ports_of_a_database_s_group(protocol: Json, first: Json, last: Json, is_found: bool) -> None:
    data = stack(rule(IpProtocol=protocol, FromPort=first, ToPort=last), Db=database())
    data["Parameters"] = {"Port": {"Type": "Number", "Default": 3306}}
    assert bool(found(TRANSFORM, data)) == is_found


@pytest.mark.parametrize(
    ("store", "port", "words"),
    [
        ({"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres"}}, 5432, "PostgreSQL (port 5432)"),
        ({"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "mysql", "Port": 3307}}, 3307, "MySQL (port 3307)"),
        ({"Type": "AWS::RDS::DBCluster", "Properties": {"Engine": "aurora"}}, 3306, "MySQL (port 3306)"),
        ({"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "oracle-ee"}}, 2484, "Oracle (port 2484)"),
        ({"Type": "AWS::RDS::DBProxy", "Properties": {}}, 5432, "PostgreSQL (port 5432)"),
        ({"Type": "AWS::RDS::DBCluster", "Properties": {"Port": 6033}}, 6033, "the database (port 6033)"),
        ({"Type": "AWS::DocDB::DBCluster"}, 27017, "MongoDB (port 27017)"),
        ({"Type": "AWS::Neptune::DBCluster", "Properties": {"DBPort": 8183}}, 8183, "Neptune (port 8183)"),
        ({"Type": "AWS::Redshift::Cluster"}, 5439, "Redshift (port 5439)"),
        ({"Type": "AWS::ElastiCache::ReplicationGroup"}, 6379, "Redis (port 6379)"),
        ({"Type": "AWS::ElastiCache::CacheCluster"}, 11211, "Memcached (port 11211)"),
        ({"Type": "AWS::MemoryDB::Cluster"}, 6379, "Redis (port 6379)"),
        ({"Type": "AWS::DAX::Cluster"}, 8111, "DAX (port 8111)"),
        ({"Type": "AWS::OpenSearchService::Domain"}, 443, "OpenSearch (port 443)"),
        ({"Type": "AWS::MSK::Cluster"}, 9098, "Kafka (port 9098)"),
        ({"Type": "AWS::AmazonMQ::Broker"}, 5671, "AMQP (port 5671)"),
    ],
)
def test_what_listens(store: dict[str, Any], port: int, words: str) -> None:
    user = {**store, "Properties": {**store.get("Properties", {}), "Groups": [{"Ref": "Group"}]}}
    [finding] = found(TRANSFORM, stack(rule(port=port), Store=user))
    assert finding.message == f"0.0.0.0/0, the whole internet, can reach {words}"
    assert found(TRANSFORM, stack(rule(port=port - 1, ToPort=port + 1), Store=user))
    assert not found(TRANSFORM, stack(rule(port=port + 6, ToPort=port + 8), Store=user))


BALANCER = {
    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "Properties": {"SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}]},
}
SERVICE = {"Type": "AWS::ECS::Service", "Properties": {"NetworkConfiguration": {"Groups": [{"Ref": "Group"}]}}}
SERVER = {"Type": "AWS::EC2::Instance", "Properties": {"SecurityGroupIds": {"Fn::If": ["C", [{"Ref": "Group"}], []]}}}
CLIENT = {"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": {"SecurityGroupIds": [{"Ref": "Group"}]}}}
OPEN: list[Any] = [
    rule(IpProtocol="-1", port=None),
    rule(port=0, ToPort=65535),
    rule(port=32768, ToPort=65535),
    rule(port=49152, ToPort=65534),
]


@pytest.mark.parametrize("user", [BALANCER, SERVICE, SERVER], ids=["load balancer", "task", "instance"])
def test_what_serves_the_public_stays_open(user: dict[str, Any]) -> None:
    assert not found(TRANSFORM, stack(*OPEN, rule(), rule("::/0", 9200), User=user))
    assert not found(TRANSFORM, stack(User=user, Rule=own_rule(port=3306), All=own_rule(IpProtocol="-1")))
    shared = found(TRANSFORM, stack(*OPEN, rule(), rule(port=5432), rule("::/0", 443), User=user, Db=database()))
    assert [finding.pointer for finding in shared] == [f"{INGRESS}/4/CidrIp"]


def test_a_client_accepts_no_connections() -> None:
    assert len(found(TRANSFORM, stack(*OPEN, User=CLIENT, Db=database()))) == 2
    assert not found(TRANSFORM, stack(*OPEN, rule(), User=CLIENT))


def test_another_order_of_creation_is_no_use() -> None:
    topic = {"Type": "AWS::SNS::Topic", "DependsOn": "Group"}
    assert found(TRANSFORM, stack(rule(), User=topic))
    assert not found(TRANSFORM, stack(*OPEN, User={**database(), "DependsOn": "Group", "Properties": {}}))


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("LbSecurityGroup", False),
        ("ALBSG", False),
        ("PublicGroup", False),
        ("web-sg", False),
        ("NatInstanceGroup", False),
        ("DbSecurityGroup", True),
        ("WebDbGroup", True),
        ("Group", True),
    ],
)
def test_a_name_that_says_what_the_group_is_for(name: str, is_found: bool) -> None:
    by_name = group(rule())
    by_name["Properties"]["GroupName"] = {"Fn::Sub": name + "-${AWS::Region}"}
    by_id: dict[str, Any] = {"Vpc": VPC, name.replace("-", ""): group(rule())}
    assert bool(found(TRANSFORM, stack(Group=by_name))) == is_found
    assert bool(found(TRANSFORM, {"Resources": by_id})) == is_found


def test_uses_in_other_templates_of_the_project() -> None:
    """The group goes by export, by a nested stack's output and by a nested stack's parameter."""
    exported = {"GroupId": {"Value": {"Ref": "Group"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-GroupId"}}}}
    owner = {**stack(*OPEN, rule()), "Outputs": exported}
    imported: Json = {"Fn::ImportValue": {"Fn::Sub": "${NetworkStack}-GroupId"}}
    assert _found(owner, {"Db": database(VPCSecurityGroups=[imported])}) == ["0", "1", "4"]
    assert _found(owner, {"Lb": {**BALANCER, "Properties": {"SecurityGroups": [imported]}}}) == []
    assert _found(owner, {"Db": database(VPCSecurityGroups=["sg-1"])}) == ["4"]
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "stack.json"}}
    output: Json = {"Fn::GetAtt": ["Network", "Outputs.GroupId"]}
    assert _found(owner, {"Network": nested, "Db": database(VPCSecurityGroups=[output])}) == ["0", "1", "4"]
    passing = {"TemplateURL": "other.json", "Parameters": {"DbGroup": {"Ref": "Group"}}}
    parent = stack(*OPEN, rule(), Child={"Type": "AWS::CloudFormation::Stack", "Properties": passing})
    assert _found(parent, {"Db": database(VPCSecurityGroups=[{"Ref": "DbGroup"}])}) == ["0", "1", "4"]
    assert _found(parent, {"Db": database(VPCSecurityGroups=[{"Ref": "Another"}])}) == ["4"]


def _found(data: Json, other: dict[str, Any]) -> list[str]:
    """The indices of the rules that are found, beside another template of the project."""
    template, sibling = template_of(data), template_of({"Resources": other}, "other.json")
    context = context_of(TRANSFORM, template, others=(sibling,))
    return [finding.pointer.split("/")[-2] for finding in TRANSFORM.detect(template, context)]


def test_a_group_from_outside_and_its_users() -> None:
    parameter: Json = {"Ref": "GroupId"}
    ports: Json = own_rule(GroupId=parameter, port=3300, ToPort=3310)
    given_group = database(VPCSecurityGroups=[parameter])
    assert found(TRANSFORM, {"Resources": {"Rule": ports, "Db": given_group}})
    assert not found(TRANSFORM, {"Resources": {"Rule": ports}})
    assert not found(TRANSFORM, {"Resources": {"Rule": own_rule(GroupId={"Ref": "AlbGroupId"})}})
    literal = own_rule(GroupId="sg-1", port=3300, ToPort=3310)
    assert found(TRANSFORM, {"Resources": {"Rule": literal, "Db": database(VPCSecurityGroups=["sg-1"])}})
    assert not found(TRANSFORM, {"Resources": {"Rule": literal, "Db": database(VPCSecurityGroups=["sg-2"])}})


@pytest.mark.parametrize("public", [True, "true", {"Ref": "Public"}])
def test_a_publicly_accessible_database_is_left_to_its_owner(public: Json) -> None:
    data = stack(rule(), rule("10.0.0.0/8"), Db=database(PubliclyAccessible=public), App=group())
    data["Parameters"] = {"Public": {"Type": "String", "Default": "true"}}
    for patch in patches(TRANSFORM, data):
        assert patch.wants
        assert "Db is publicly accessible" in patch.reason
    assert sources(data, source="App") == [{"Fn::GetAtt": ["App", "GroupId"]}]


@pytest.mark.parametrize(
    ("source", "by_parameter", "in_template"),
    [
        ("0.0.0.0/0", True, True),
        ("::/0", True, True),
        ("0::0/0", True, True),
        ("10.0.0.0/8", True, True),
        ("10.0.0.0/15", True, True),
        ("172.16.0.0/12", True, True),
        ("10.1.0.0/16", False, False),
        ("10.2.0.0/16", False, False),
        ("10.1.8.0/24", False, False),
        ("192.168.0.0/16", False, False),
        ("203.0.113.0/24", False, False),
        ("12.0.0.0/8", False, False),
        ("2001:db8::/32", False, False),
        ("nonsense", False, False),
        ("10.0.0.0/99", False, False),
        ({"Ref": "Anything"}, False, False),
        ({"Fn::Sub": "0.0.0.0/0"}, False, False),
        (OWN, False, False),
    ],
)
def test_sources(source: Json, by_parameter: bool, in_template: bool) -> None:
    assert bool(found(TRANSFORM, foreign(rule(source)))) == by_parameter
    assert bool(found(TRANSFORM, stack(rule(source)))) == in_template


def test_wider_than_the_known_block_of_the_vpc() -> None:
    small = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/20"}}
    data = stack(rule("10.1.0.0/16"), Vpc=small)
    [finding] = found(TRANSFORM, data)
    assert finding.message == "10.1.0.0/16, which is wider than the VPC's 10.1.0.0/20, can reach MySQL (port 3306)"
    assert sources(data) == [OWN]
    assert not found(TRANSFORM, stack(rule("10.2.0.0/16"), Vpc=small))
    assert not found(TRANSFORM, stack(Vpc=small, Rule=own_rule("10.1.0.0/16", GroupId={"Ref": "Elsewhere"})))
    home = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "192.168.4.0/24"}}
    assert found(TRANSFORM, stack(rule("192.168.0.0/16"), Vpc=home))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "0.0.0.0/0, the whole internet, can reach MySQL (port 3306)"),
        ({"source": "::/0"}, "::/0, the whole internet, can reach MySQL (port 3306)"),
        ({"source": "10.0.0.0/8"}, "10.0.0.0/8, which is wider than any VPC, can reach MySQL (port 3306)"),
        ({"port": 1433, "ToPort": 1521}, "SQL Server (port 1433) and Oracle (port 1521)"),
        ({"port": 1000, "ToPort": 9999}, "MySQL (port 3306), PostgreSQL (port 5432) and 3 more ports"),
        ({"IpProtocol": "-1", "port": None}, "MySQL (port 3306), PostgreSQL (port 5432) and 4 more ports"),
    ],
)
def test_messages(given: dict[str, Any], message: str) -> None:
    used = {"Db": database({"Ref": "Engine"})} if {"ToPort", "IpProtocol"} & set(given) else {}
    assert found(TRANSFORM, stack(rule(**given), **used))[0].message.endswith(message)


def test_another_s_network_is_left_to_its_owner() -> None:
    patch = only_patch(TRANSFORM, stack(rule("172.16.0.0/12")))
    assert not patch.files
    assert "not the VPC's network (10.1.0.0/16)" in patch.reason
    data = foreign(rule("172.16.0.0/12"), VpcCidr={"Type": "String", "Default": "10.1.0.0/16"})
    assert not only_patch(TRANSFORM, data).files


def test_further_blocks_of_the_vpc() -> None:
    more = {"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.2.0.0/16"}}
    assert "More" in only_patch(TRANSFORM, stack(rule("10.0.0.0/8"), More=more)).reason
    elsewhere = {**more, "Properties": {**more["Properties"], "VpcId": {"Ref": "Other"}}}  # type: ignore[dict-item]
    assert sources(stack(rule("10.0.0.0/8"), More=elsewhere)) == [OWN]
    assert sources(stack(rule("10.0.0.0/8"), More=ipv6_block())) == [OWN]


def test_rules_in_branches() -> None:
    branch: Json = {"Fn::If": ["C", rule(), NO_VALUE]}
    data = stack(branch, {"Fn::If": ["C", NO_VALUE, rule("::/0")]})
    assert [finding.pointer for finding in found(TRANSFORM, data)] == [
        f"{INGRESS}/0/Fn::If/1/CidrIp",
        f"{INGRESS}/1/Fn::If/2/CidrIpv6",
    ]
    first, second = rules_of(repaired(TRANSFORM, data))
    assert first["Fn::If"][1]["CidrIp"] == OWN
    assert second == {"Fn::If": ["C", NO_VALUE, NO_VALUE]}


def test_lists_in_branches() -> None:
    data = stack()
    data["Resources"]["Group"]["Properties"]["SecurityGroupIngress"] = {"Fn::If": ["C", [rule("::/0")], [rule()]]}
    assert rules_of(repaired(TRANSFORM, data)) == {"Fn::If": ["C", [], [rule(OWN)]]}
    nested: Json = {"Fn::If": ["C", [rule("::/0")], NO_VALUE]}
    assert rules_of(repaired(TRANSFORM, stack(nested))) == [{"Fn::If": ["C", [], NO_VALUE]}]


def own_rule(source: Json = "0.0.0.0/0", **more: Any) -> dict[str, Any]:
    properties = rule(source, **{"GroupId": {"Ref": "Group"}, **more})
    return {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": properties}


@pytest.mark.parametrize(
    "group_id", [{"Ref": "Group"}, {"Fn::GetAtt": ["Group", "GroupId"]}, {"Fn::GetAtt": "Group.GroupId"}]
)
def test_a_rule_resource_finds_the_vpc_of_its_group(group_id: Json) -> None:
    data: Any = repaired(TRANSFORM, stack(Rule=own_rule(GroupId=group_id)))
    assert data["Resources"]["Rule"]["Properties"]["CidrIp"] == OWN


@pytest.mark.parametrize(
    "resources",
    [
        {"Group": group(rule(), vpc={"Fn::If": ["C", {"Ref": "Vpc"}, {"Ref": "Other"}]})},
        {"Group": group(rule("::/0"), vpc={"Fn::If": ["C", {"Ref": "Vpc"}, {"Ref": "Other"}]})},
        {"Rule": own_rule(GroupId={"Fn::If": ["C", {"Ref": "Group"}, {"Ref": "Other"}]})},
    ],
)
def test_a_condition_decides_about_the_vpc(resources: dict[str, Any]) -> None:
    patch = only_patch(TRANSFORM, stack(**resources), {"vpc_cidr": "10.0.0.0/16"})
    assert not patch.files
    assert "condition" in patch.reason


CIDR = {"vpc_cidr": "10.9.0.0/16"}


def test_vpc_from_outside_asks_for_its_block() -> None:
    patch = only_patch(TRANSFORM, foreign(rule()))
    assert patch.tier is Tier.NEEDS_VALUE
    assert patch.wants == ("permissive-ingress.vpc_cidr=10.0.0.0/16",)


def test_vpc_from_outside_becomes_a_parameter_that_is_shared() -> None:
    after: Any = repaired(TRANSFORM, foreign(rule(), rule("10.0.0.0/8", 5432)), CIDR)
    assert after["Parameters"]["VpcCidr"]["Default"] == "10.9.0.0/16"
    assert list(after["Parameters"]) == ["VpcId", "VpcCidr"]
    assert [each["CidrIp"] for each in rules_of(after)] == [{"Ref": "VpcCidr"}] * 2


@pytest.mark.parametrize("vpc", [{"Fn::ImportValue": "vpc"}, {"Fn::GetAtt": ["Nested", "Outputs.VpcId"]}, "vpc-0a"])
def test_other_ways_to_name_a_vpc(vpc: Json) -> None:
    nested: Json = {"Type": "AWS::CloudFormation::Stack"}
    data: Any = repaired(TRANSFORM, {"Resources": {"Nested": nested, "Group": group(rule(), vpc=vpc)}}, CIDR)
    assert data["Parameters"]["VpcCidr"]["Type"] == "String"
    assert rules_of(data)[0]["CidrIp"] == {"Ref": "VpcCidr"}


def test_the_default_vpc_and_a_group_from_outside() -> None:
    default = group(rule())
    del default["Properties"]["VpcId"]
    templates: list[dict[str, Any]] = [{"Group": default}, {"Rule": own_rule(GroupId={"Ref": "GroupId"})}]
    for resources in templates:
        assert only_patch(TRANSFORM, {"Resources": resources}).wants
        assert only_patch(TRANSFORM, {"Resources": resources}, CIDR).files


@pytest.mark.parametrize("default", ["10.0.0.0/8", "172.16.0.0/12"])
def test_a_default_wider_than_any_vpc_is_not_reused(default: str) -> None:
    data = foreign(rule(), VpcCidr={"Type": "String", "Default": default})
    assert only_patch(TRANSFORM, data).wants


def test_a_group_of_a_nested_stack() -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"VpcId": {"Ref": "Vpc"}}}
    wide = own_rule(GroupId={"Fn::GetAtt": ["Nested", "Outputs.GroupId"]})
    assert only_patch(TRANSFORM, stack(Nested=nested, Rule=wide)).wants
    wide = own_rule("::/0", GroupId={"Fn::GetAtt": ["Nested", "Outputs.GroupId"]})
    after: Any = repaired(TRANSFORM, stack(Nested=nested, Rule=wide, Block=ipv6_block()))
    assert "Rule" not in after["Resources"]


def test_a_new_parameter_does_not_collide() -> None:
    data = foreign(rule())
    data["Resources"]["VpcCidr"] = {"Type": "AWS::SNS::Topic"}
    after: Any = repaired(TRANSFORM, data, CIDR)
    assert rules_of(after)[0]["CidrIp"] == {"Ref": "VpcCidrBlock"}


@pytest.mark.parametrize(
    ("name", "parameter", "is_reused"),
    [
        ("VpcCidr", {}, True),
        ("VPCCIDR", {}, True),
        ("vpcCidrBlock", {}, True),
        ("VpcCidrRange", {"Default": "10.3.0.0/16"}, True),
        ("VpcCidr", {"Default": "10.3.0.0/20"}, True),
        ("VpcCidr", {"Default": "10.0.0.0/8"}, False),
        ("VpcCidr", {"Default": "0.0.0.0/0"}, False),
        ("VpcCidr", {"Default": ""}, False),
        ("VpcCidr", {"Type": "CommaDelimitedList"}, False),
        ("PeerVpcCidr", {}, False),
        ("Cidr", {}, False),
    ],
)
def test_an_existing_parameter_is_reused(name: str, parameter: dict[str, Any], is_reused: bool) -> None:
    data = foreign(rule("10.0.0.0/8"), **{name: {"Type": "String", **parameter}})
    patch = only_patch(TRANSFORM, data)
    assert bool(patch.wants) == (not is_reused)
    if is_reused:
        assert sources(data) == [{"Ref": name}]
    else:
        assert sources(data, **CIDR) != [{"Ref": name}]
        assert sources(data, **CIDR) != ["10.0.0.0/8"]


def test_groups_in_several_vpcs_from_outside() -> None:
    data = foreign(rule())
    data["Resources"]["Other"] = group(vpc={"Ref": "OtherVpcId"})
    patch = only_patch(TRANSFORM, data, CIDR)
    assert not patch.files
    assert "several VPCs" in patch.reason
    data["Resources"]["Other"] = group(vpc={"Ref": "VpcId"})
    data["Resources"]["Vpc"] = VPC
    data["Resources"]["Third"] = group(vpc={"Ref": "Vpc"})
    assert only_patch(TRANSFORM, data, CIDR).files


@pytest.mark.parametrize(
    "cidr", ["10.0.0.0/8", "10.0.0.0/29", "10.0.0.1/16", "fd00::/16", "10.0.0.0", "everywhere", ""]
)
def test_blocks_that_no_vpc_has(cidr: str) -> None:
    with pytest.raises(BadConfig, match=r"^--set permissive-ingress\.vpc_cidr="):
        only_patch(TRANSFORM, foreign(rule()), {"vpc_cidr": cidr})


def ipv6_block(**more: Any) -> dict[str, Any]:
    properties = {"VpcId": {"Ref": "Vpc"}, "AmazonProvidedIpv6CidrBlock": True}
    return {"Type": "AWS::EC2::VPCCidrBlock", "Properties": properties, **more}


@pytest.mark.parametrize(
    "properties",
    [
        {"AmazonProvidedIpv6CidrBlock": "true"},
        {"Ipv6Pool": "p", "Ipv6CidrBlock": "2001:db8::/56"},
        {"Ipv6CidrBlock": "2001:db8::/56"},
        {"Ipv6Pool": "p"},
        {"Ipv6IpamPoolId": "i"},
    ],
)
def test_kinds_of_ipv6_blocks(properties: dict[str, Any]) -> None:
    block = {"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "Vpc"}, **properties}}
    ipv4 = {"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.2.0.0/16"}}
    assert rules_of(repaired(TRANSFORM, stack(rule("::/0"), Block=block, More=ipv4)))[0]["CidrIpv6"] == OWN_IPV6


@pytest.mark.parametrize(
    ("depends", "after"),
    [
        (None, "Block"),
        ("Vpc", ["Vpc", "Block"]),
        (["Vpc"], ["Vpc", "Block"]),
        ("Block", "Block"),
        (["Block"], ["Block"]),
        ("Waiter", "Waiter"),
    ],
)
def test_ipv6_of_the_vpc_and_the_order_of_creation(depends: Json, after: Json) -> None:
    more = {} if depends is None else {"DependsOn": depends}
    waiter = {"Type": "AWS::SNS::Topic", "DependsOn": "Block"}
    data = stack(Block=ipv6_block(), Group=group(rule("::/0"), **more), Waiter=waiter)
    made: Any = repaired(TRANSFORM, data)
    assert rules_of(made)[0]["CidrIpv6"] == OWN_IPV6
    assert made["Resources"]["Group"]["DependsOn"] == after


def test_ipv6_block_that_will_not_do() -> None:
    several = stack(rule("::/0"), One=ipv6_block(), Two=ipv6_block())
    assert "several IPv6" in only_patch(TRANSFORM, several).reason
    sometimes = stack(rule("::/0"), One=ipv6_block(Condition="C"))
    sometimes["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
    assert "does not exist whenever" in only_patch(TRANSFORM, sometimes).reason
    circle = stack(rule("::/0"), One=ipv6_block(DependsOn="Group"))
    assert "depends on the rule" in only_patch(TRANSFORM, circle).reason


def test_ipv6_rule_goes_where_the_vpc_has_none() -> None:
    other = rule("10.1.0.0/16")
    assert rules_of(repaired(TRANSFORM, stack(rule("::/0"), other, rule("::/0", 5432)))) == [other]
    assert rules_of(repaired(TRANSFORM, stack(rule("::/0")))) is None
    assert rules_of(repaired(TRANSFORM, stack(rule("::/0"), rule("::/0", 5432)))) is None
    assert rules_of(repaired(TRANSFORM, foreign(rule("::/0")))) is None


@pytest.mark.parametrize("name", ["CidrIp", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId"])
def test_a_rule_with_another_source_stays(name: str) -> None:
    [both] = rules_of(repaired(TRANSFORM, stack(rule("::/0", **{name: "10.1.0.0/16"}))))
    assert both == rule(None, **{name: "10.1.0.0/16"})


def test_ipv6_rule_resource_goes_unless_it_is_needed() -> None:
    wide = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule("::/0", GroupId={"Ref": "Group"})}
    after: Any = repaired(TRANSFORM, stack(Rule=wide))
    assert list(after["Resources"]) == ["Vpc", "Group"]
    needed = stack(Rule=wide, Topic={"Type": "AWS::SNS::Topic", "DependsOn": "Rule"})
    patch = only_patch(TRANSFORM, needed)
    assert not patch.files
    assert "Rule" in patch.reason


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("App", {"Fn::GetAtt": ["App", "GroupId"]}),
        ("AppGroupId", {"Ref": "AppGroupId"}),
        ("AppGroupText", {"Ref": "AppGroupText"}),
        ("sg-0123456789abcdef0", "sg-0123456789abcdef0"),
    ],
)
def test_a_security_group_as_source(source: str, value: Json) -> None:
    data = stack(rule(Description=None), App=group())
    data["Parameters"] = {"AppGroupId": {"Type": "AWS::EC2::SecurityGroup::Id"}, "AppGroupText": {"Type": "String"}}
    [made] = rules_of(repaired(TRANSFORM, data, {"source": source}))
    assert made["SourceSecurityGroupId"] == value
    assert "CidrIp" not in made
    assert "Description" not in made


@pytest.mark.parametrize("source", ["Nowhere", "Vpc", "Group", "Circle", "Subnets", "Sometimes"])
def test_a_source_that_will_not_do(source: str) -> None:
    resources = {"Circle": group(rule({"Ref": "X"}), DependsOn="Group"), "Sometimes": group(Condition="C")}
    data = stack(rule(), **resources)
    data["Parameters"] = {"Subnets": {"Type": "List<AWS::EC2::SecurityGroup::Id>"}}
    data["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
    patch = only_patch(TRANSFORM, data, {"source": source})
    assert not patch.files
    assert source in patch.reason


def test_a_source_beside_another() -> None:
    [made] = rules_of(repaired(TRANSFORM, stack(rule(SourceSecurityGroupId="sg-1")), {"source": "sg-0123456789"}))
    assert made == rule(None, SourceSecurityGroupId="sg-1")


def test_a_source_that_is_none() -> None:
    with pytest.raises(BadConfig, match="source"):
        only_patch(TRANSFORM, stack(rule()), {"source": "my group"})


def test_duplicates_go() -> None:
    assert sources(stack(rule("10.0.0.0/8"), rule("0.0.0.0/0"))) == [OWN]
    assert sources(stack(rule("10.0.0.0/8"), rule(OWN))) == [OWN]
    assert sources(stack(rule("10.0.0.0/8"), rule("10.1.0.0/16"))) == ["10.1.0.0/16"]
    assert sources(stack(rule("10.0.0.0/8"), rule("0.0.0.0/0", 5432))) == [OWN, OWN]
    assert sources(stack(rule("10.0.0.0/8"), rule(IpProtocol=6))) == [OWN]
    assert sources(stack(rule("172.16.0.0/12"), rule())) == ["172.16.0.0/12", OWN]
    assert sources(stack(rule(), rule("::/0"), App=group()), source="App") == [{"Fn::GetAtt": ["App", "GroupId"]}]
    conditional: Json = {"Fn::If": ["C", rule(OWN), NO_VALUE]}
    assert rules_of(repaired(TRANSFORM, stack(rule(), conditional)))[0]["CidrIp"] == OWN


def test_duplicates_across_resources() -> None:
    after: Any = repaired(TRANSFORM, stack(rule(), Rule=own_rule()))
    assert list(after["Resources"]) == ["Vpc", "Group"]
    other = group(rule("10.0.0.0/8"))
    kept: Any = repaired(TRANSFORM, stack(rule(), Other=other))
    assert kept["Resources"]["Other"]["Properties"]["SecurityGroupIngress"][0]["CidrIp"] == OWN


def test_no_duplicates_are_rules_of_other_groups_protocols_or_times() -> None:
    unrelated: list[Any] = [
        rule(OWN, IpProtocol="udp"),
        rule(OWN, FromPort=3300),
        rule(OWN, ToPort=3310),
        rule({"Ref": "Peer"}),
        NO_VALUE,
    ]
    assert rules_of(repaired(TRANSFORM, stack(*unrelated, rule())))[-1]["CidrIp"] == OWN
    data = foreign(rule({"Ref": "Peer"}), rule(), VpcCidr={"Type": "String"})
    assert sources(data) == [{"Ref": "Peer"}, {"Ref": "VpcCidr"}]
    sometimes = stack(rule(), Rule={**own_rule(OWN), "Condition": "C"})
    sometimes["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
    assert sources(sometimes) == [OWN]


def test_duplicates_for_all_protocols_whatever_the_ports() -> None:
    every = {"IpProtocol": "-1"}
    assert sources(stack(rule(OWN, **every), rule(port=None, **every), Db=database())) == [OWN]


@pytest.mark.parametrize(("second", "stays"), [("GroupId", False), ("OtherGroupId", True)])
def test_duplicates_for_groups_from_outside(second: str, stays: bool) -> None:
    """Rules for groups whose VPC is not known: only the block of the same group is a duplicate."""
    rules: dict[str, Any] = {"One": own_rule(GroupId={"Ref": "GroupId"}), "Two": own_rule(GroupId={"Ref": second})}
    source: Any = repaired(TRANSFORM, {"Resources": rules}, {"source": "sg-0123456789"})
    assert ("Two" in source["Resources"]) == stays
    with_own: dict[str, Any] = {"Vpc": VPC, "Group": group(rule()), "One": own_rule(GroupId={"Ref": second})}
    kept: Any = repaired(TRANSFORM, {"Resources": with_own}, {"source": "sg-0123456789"})
    assert "One" in kept["Resources"]


def test_duplicates_by_source_in_one_round() -> None:
    data = stack(rule(), rule("::/0"), App=group())
    first, second = patches(TRANSFORM, data, {"source": "App"})
    assert first.files["stack.json"][1] == {"op": "remove", "path": f"{INGRESS}/0/CidrIp"}
    assert second.files["stack.json"][-1] == {"op": "remove", "path": f"{INGRESS}/1"}
    first, second = patches(TRANSFORM, stack(rule("::/0"), rule(), App=group()), {"source": "App"})
    assert second.files["stack.json"][-1] == {"op": "remove", "path": f"{INGRESS}/1"}
    both = patches(TRANSFORM, stack(rule("::/0"), rule(), Block=ipv6_block()))
    assert [patch.files["stack.json"][-1]["op"] for patch in both] == ["replace", "replace"]


def test_duplicates_in_one_round_leave_the_first() -> None:
    """Patches made from the same text must not each take the other for the one that stays."""
    first, second = patches(TRANSFORM, stack(rule("10.0.0.0/8"), rule("0.0.0.0/0")))
    assert first.files["stack.json"][-1]["op"] == "replace"
    assert second.files["stack.json"][-1] == {"op": "remove", "path": f"{INGRESS}/1"}


@pytest.mark.parametrize("given", [None, "mine"])
def test_a_rule_keeps_its_description_and_gets_none(given: str | None) -> None:
    [after] = rules_of(repaired(TRANSFORM, stack(rule(Description=given))))
    assert after.get("Description") == given


def test_notes_say_who_loses_access() -> None:
    [note] = only_patch(TRANSFORM, stack(rule())).notes
    assert note == "Then only the VPC can reach MySQL (port 3306): all other clients in 0.0.0.0/0 lose access."
    every = rule(IpProtocol="-1", FromPort=None, ToPort=None)
    assert len(only_patch(TRANSFORM, stack(every, Db=database())).notes) == 2
    assert len(only_patch(TRANSFORM, stack(rule(port=3306, ToPort=3307), Db=database())).notes) == 2
