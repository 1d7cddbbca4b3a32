# mypy: disable-error-code="arg-type, dict-item, list-item"
"""manual-cross-stack-value: which parameters another stack's value is for, how it is read, what is refused."""

from typing import Any

import pytest
from driver import context_of, only_patch, template_of

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.selection import chosen
from fixer.errors import BadConfig
from fixer.model import Json, Patch, Tier
from fixer.settings import Declared, Settings
from fixer.transforms.cross_stack.manual_cross_stack_value import TRANSFORM
from fixer.transforms.cross_stack.value_source import source_of

REF: Json = {"Ref": "VpcId"}
CLUSTER = "AWS::RDS::DBCluster"
EAST, WEST = "us-east-1", "eu-west-1"
IS_EAST: Json = {"Fn::Equals": [{"Ref": "AWS::Region"}, EAST]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


SAID: Json = {"Type": "String", "Description": "Output of another stack"}


def consumer(value: Json = REF, declared: Any = None, description: str = "", **sections: Any) -> dict[str, Any]:
    """A template that takes VpcId as a parameter, and uses it in a security group."""
    return {
        **({"Description": description} if description else {}),
        "Parameters": {"VpcId": declared or SAID, "Stage": {"Type": "String"}},
        "Resources": {"Group": resource("AWS::EC2::SecurityGroup", VpcId=value)},
        **sections,
    }


def plain(description: str = "", declared: Any = None, value: Json = REF) -> dict[str, Any]:
    """A template that takes VpcId as a parameter, and uses it where any text may stand."""
    resources = {"Group": resource("Custom::Anything", VpcId=value)}
    return consumer(declared=declared, description=description, Resources=resources)


def network(description: str = "", path: str = "network.json", **output: Any) -> Template:
    """A template with a VPC and, if `output` is not empty, an output VpcId."""
    declared = {"Value": {"Ref": "VPC"}, **output}
    return template_of(
        {
            **({"Description": description} if description else {}),
            "Resources": {"VPC": resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")},
            "Outputs": {"VpcId": {name: value for name, value in declared.items() if value is not None}},
        },
        path,
    )


def places(data: Json, *others: Template, **options: str) -> list[str]:
    template = template_of(data)
    return [each.pointer for each in TRANSFORM.detect(template, context_of(TRANSFORM, template, options, {}, others))]


def made(data: Json, *others: Template, **options: str) -> Patch:
    return only_patch(TRANSFORM, data, options, {}, others)


def written(patch: Patch, place: str, path: str = "stack.json") -> Json:
    """What a patch writes at a place."""
    [op] = [op for op in patch.files.get(path, ()) if op["path"] == place and op["op"] in ("add", "replace")]
    return op["value"]


def test_a_value_that_another_stack_has() -> None:
    template = template_of(consumer())
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template, others=(network(),)))
    assert finding.pointer == "/Parameters/VpcId"
    assert finding.message == (
        "VpcId is passed by hand, and output VpcId of network.json is its value: its Description says that it comes "
        "from there"
    )


def test_a_value_that_has_no_output_yet() -> None:
    template = template_of(replica())
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template, others=(primary(),)))
    assert finding.message == (
        "GlobalId is passed by hand, and Global of primary.json is its value: the project has no other global cluster"
    )


@pytest.mark.parametrize(
    ("declared", "is_found"),
    [
        ({"Type": "AWS::EC2::VPC::Id"}, True),
        ({"Type": "String", "NoEcho": False}, True),
        ({"Type": "String", "NoEcho": True}, False),
        ({"Type": "String", "NoEcho": "true"}, False),
        ({"Type": "CommaDelimitedList"}, False),
        ({"Type": "List<AWS::EC2::VPC::Id>"}, False),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, False),
        ({"Type": "AWS::SSM::Parameter::Name"}, False),
    ],
)
def test_which_parameters_hold_one_plain_value(declared: dict[str, Any], is_found: bool) -> None:
    assert bool(places(consumer(declared=declared), network())) == is_found


@pytest.mark.parametrize(
    "data",
    [
        consumer("vpc-1"),
        consumer("vpc-1", Outputs={"Vpc": {"Value": REF}}),
        consumer("vpc-1", Conditions={"C": {"Fn::Equals": [REF, ""]}}),
        consumer({"Fn::ImportValue": {"Fn::Sub": "${VpcId}-VpcId"}}),
        consumer({"Fn::GetStackOutput": {"StackName": REF, "OutputName": "VpcId"}}),
        consumer(Resources={"Record": resource("AWS::Route53::RecordSet", HealthCheckId=REF)}),
        consumer(Resources={"Group": resource("AWS::Route53::RecordSetGroup", HealthCheckId=REF, Name=REF)}),
    ],
)
def test_uses_that_are_not_for_this_transform(data: dict[str, Any]) -> None:
    assert not places(data, network())


@pytest.mark.parametrize(
    "others",
    [
        (),
        (network(), network(path="second.json")),
        (network(Value={"Ref": "Stage"}),),
        (network(Value="vpc-1"),),
        (network(Condition="IsEast"),),
        (template_of({"Resources": {}, "Outputs": {"VpcID": {"Value": {"Ref": "VPC"}}}}, "network.json"),),
    ],
)
def test_outputs_that_are_not_the_value(others: tuple[Template, ...]) -> None:
    assert not places(consumer(), *others)


def elsewhere(kind: str, value: Json) -> Template:
    data: Json = {"Description": EAST, "Resources": {"VPC": resource(kind)}, "Outputs": {"VpcId": {"Value": value}}}
    return template_of(data, "there.json")


@pytest.mark.parametrize(
    ("kind", "value", "is_found"),
    [
        ("AWS::EC2::VPC", {"Ref": "VPC"}, False),
        ("AWS::RDS::GlobalCluster", {"Ref": "VPC"}, True),
        ("AWS::IAM::Role", {"Fn::GetAtt": ["VPC", "Arn"]}, True),
        ("AWS::S3::Bucket", {"Ref": "VPC"}, True),
        ("AWS::CloudFront::Distribution", {"Ref": "VPC"}, True),
        ("AWS::Route53::HostedZone", {"Ref": "VPC"}, True),
        ("AWS::RDS::DBCluster", {"Fn::GetAtt": ["VPC", "Endpoint.Address"]}, True),
        ("AWS::RDS::DBCluster", {"Fn::GetAtt": ["VPC", "ReadEndpoint.Address"]}, True),
        ("AWS::RDS::DBCluster", {"Fn::GetAtt": ["VPC", "Endpoint.Port"]}, False),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Fn::GetAtt": ["VPC", "DNSName"]}, True),
        ("AWS::ApiGateway::DomainName", {"Fn::GetAtt": ["VPC", "DomainName"]}, True),
        ("AWS::Thing", {"Fn::GetAtt": ["VPC", "WebsiteURL"]}, True),
        ("AWS::S3::Bucket", {"Fn::Sub": "x-${VPC}"}, False),
    ],
)
def test_what_means_the_same_in_another_region(kind: str, value: Json, is_found: bool) -> None:
    assert bool(places(plain(WEST), elsewhere(kind, value))) == is_found
    assert places(plain(EAST), elsewhere(kind, value))


def parent(url: str, parameters: Json = None, path: str = "root.json") -> Template:
    nested = resource("AWS::CloudFormation::Stack", TemplateURL=url, Parameters=parameters or {"VpcId": "vpc-1"})
    return template_of({"Resources": {"Nested": nested}}, path)


LOCAL, REMOTE = "./stack.json", "https://s3.amazonaws.com/bucket/stack.json"


@pytest.mark.parametrize("url", [LOCAL, REMOTE])
def test_a_parameter_that_a_parent_passes(url: str) -> None:
    assert not places(consumer(), network(), parent(url))
    template = template_of(consumer())
    assert source_of(Project.of([template, network()]), template, "VpcId") is not None
    assert source_of(Project.of([template, network(), parent(url)]), template, "VpcId") is None


@pytest.mark.parametrize(
    ("url", "is_found"), [(LOCAL, False), (REMOTE, False), (REMOTE.replace("stack", "x"), True), ("./x.json", True)]
)
def test_a_parent_that_passes_another_parameter(url: str, is_found: bool) -> None:
    """A parent that names this template, by path or by the file name in a URL, hands over what it wants."""
    assert bool(places(consumer(), network(), parent(url, {"Stage": "dev"}))) == is_found


def test_a_parameter_that_the_template_itself_passes_on() -> None:
    data = consumer(
        Resources={"Nested": resource("AWS::CloudFormation::Stack", TemplateURL=REMOTE, Parameters={"VpcId": REF})}
    )
    assert places(data, network()) == ["/Parameters/VpcId"]


def cluster(**more: Any) -> dict[str, Any]:
    return {**resource(CLUSTER, MasterUsername="app", GlobalClusterIdentifier={"Ref": "Global"}), **more}


def primary(path: str = "primary.json", condition: Any = None, **outputs: Any) -> Template:
    """A template with a global cluster and its writable cluster."""
    more = {"Condition": condition} if condition else {}
    resources: dict[str, Any] = {"Global": {"Type": "AWS::RDS::GlobalCluster", **more}, "Cluster": cluster(**more)}
    data: dict[str, Any] = {"Description": EAST, "Resources": resources}
    return template_of({**data, "Outputs": outputs} if outputs else data, path)


def replica(name: str = "GlobalClusterIdentifier", kind: str = CLUSTER) -> dict[str, Any]:
    resources = {"Replica": resource(kind, **{name: {"Ref": "GlobalId"}})}
    return {"Description": WEST, "Parameters": {"GlobalId": {"Type": "String"}}, "Resources": resources}


def record(failover: str = "PRIMARY", **more: Any) -> dict[str, Any]:
    own = {"Failover": failover, "ResourceRecords": [{"Ref": "Endpoint"}], **more}
    resources = {"Record": resource("AWS::Route53::RecordSet", **own)}
    return {"Description": EAST, "Parameters": {"Endpoint": {"Type": "String"}}, "Resources": resources}


def two_records() -> dict[str, Any]:
    """The same parameter behind both records: it cannot be the endpoint of both clusters."""
    data = record()
    other = {"Failover": "SECONDARY", "ResourceRecords": [{"Ref": "Endpoint"}]}
    data["Resources"]["Other"] = resource("AWS::Route53::RecordSet", **other)
    return data


@pytest.mark.parametrize(
    ("data", "others", "is_found"),
    [
        (replica(), (primary(),), True),
        (replica("DatabaseName"), (primary(),), False),
        (replica(kind="AWS::DocDB::DBCluster"), (primary(),), False),
        (replica(), (primary(), primary("second.json")), False),
        (replica(), (primary(condition="C"),), False),
        (record(), (primary(),), True),
        (record("SECONDARY"), (primary(),), False),
        (record("x"), (primary(),), False),
        (record(ResourceRecords=["x"], Name={"Ref": "Endpoint"}), (primary(),), False),
        (record(), (network(),), False),
        (record(), (template_of({"Resources": {"Cluster": resource(CLUSTER, MasterUsername="a")}}, "a.json"),), False),
        (record(Alias={"Ref": "Endpoint"}), (primary(),), False),
        (two_records(), (primary(),), False),
        (
            {**replica(), "Resources": {"Broken": {"Properties": {"GlobalClusterIdentifier": {"Ref": "GlobalId"}}}}},
            (primary(),),
            False,
        ),
    ],
)
def test_values_known_by_what_they_feed(data: dict[str, Any], others: tuple[Template, ...], is_found: bool) -> None:
    assert bool(places(data, *others)) == is_found


ENDPOINT: Json = {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]}


@pytest.mark.parametrize(
    ("data", "outputs", "name"),
    [
        (replica(), {}, "GlobalId"),
        (replica(), {"Other": {"Value": {"Ref": "Global"}}}, "Other"),
        (replica(), {"Other": {"Value": {"Fn::GetAtt": ["Global", "Arn"]}}}, "GlobalId"),
        (replica(), {"Other": {"Value": {"Ref": "Global"}, "Condition": "C"}}, "GlobalId"),
        (replica(), {"GlobalId": {"Value": "x"}}, "GlobalIdOutput"),
        (record(), {}, "ClusterEndpoint"),
        (record(), {"Writer": {"Value": ENDPOINT}}, "Writer"),
        (record(), {"Reader": {"Value": {"Fn::GetAtt": ["Cluster", "ReadEndpoint.Address"]}}}, "ClusterEndpoint"),
    ],
)
def test_which_output_is_read(data: dict[str, Any], outputs: dict[str, Any], name: str) -> None:
    patch = made(data, primary(**outputs), strategy="stack-output")
    assert f"'OutputName': '{name}'" in str(patch.files["stack.json"])
    assert ("primary.json" in patch.files) == (name not in outputs)
    if name not in outputs:
        added = written(patch, f"/Outputs/{name}" if outputs else "/Outputs", "primary.json")
        of_a_record = data == record()
        assert str(ENDPOINT if of_a_record else {"Ref": "Global"}) in str(added)
        assert ("Writer endpoint" if of_a_record else "Identifier of the global cluster") in str(added)


def imported(name: str = "${NetworkStackName}-VpcId") -> Json:
    return {"Fn::ImportValue": {"Fn::Sub": name} if "$" in name else name}


USE = "/Resources/Group/Properties/VpcId"


def read_from(region: str = "") -> Json:
    value: Json = {"StackName": {"Ref": "ThereStackName"}, "OutputName": "VpcId"}
    return {"Fn::GetStackOutput": {**value, "Region": region} if region and isinstance(value, dict) else value}


@pytest.mark.parametrize(
    ("here", "strategy", "expected"),
    [
        (EAST, None, "import"),
        (WEST, None, EAST),
        ("", None, EAST),
        (EAST, "stack-output", "own"),
    ],
)
def test_how_the_value_is_read(here: str, strategy: str | None, expected: str) -> None:
    options = {"strategy": strategy} if strategy else {}
    producer = elsewhere("AWS::S3::Bucket", {"Ref": "VPC"})
    patch = made(plain(here), producer, **options)
    by_output = read_from("" if expected == "own" else expected)
    assert written(patch, USE) == (imported("${ThereStackName}-VpcId") if expected == "import" else by_output)
    assert patch.tier is Tier.REVIEW


@pytest.mark.parametrize(
    ("here", "there", "strategy", "note"),
    [
        ("", "", "import", "Both stacks are assumed to be in the same Region"),
        (EAST, EAST, "import", ""),
        (WEST, EAST, "stack-output", "needs cloudformation:DescribeStacks"),
    ],
)
def test_notes(here: str, there: str, strategy: str, note: str) -> None:
    producer = template_of({**elsewhere("AWS::S3::Bucket", {"Ref": "VPC"}).data, "Description": there}, "there.json")
    first, *more = made(plain(here), producer, strategy=strategy).notes
    assert first == (
        "Deploy the stack of there.json first. An update that still passes VpcId fails: pass ThereStackName."
    )
    assert [note in each for each in more] == ([True] if note else [])


def test_the_strategy_that_leaves_everything_as_it_is() -> None:
    assert not places(consumer(), network(), strategy="parameter")


def test_a_strategy_that_is_none() -> None:
    for strategy in ("import", "stack-output", "parameter"):
        assert chosen(Settings(options={TRANSFORM.id: {"strategy": strategy}}))
    with pytest.raises(BadConfig, match="strategy must be one of import, stack-output, parameter, not 'export'"):
        chosen(Settings(options={TRANSFORM.id: {"strategy": "export"}}))


EXPORTED = {"Export": {"Name": {"Fn::Sub": "${AWS::StackName}-VpcId"}}}


@pytest.mark.parametrize(
    ("output", "value", "is_exported"),
    [
        ({}, imported(), True),
        (EXPORTED, imported(), False),
        ({"Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Vpc"}}}, imported("${NetworkStackName}:Vpc"), False),
        ({"Export": {"Name": {"Fn::Sub": "${AWS::AccountId}-Vpc"}}}, imported("${AWS::AccountId}-Vpc"), False),
        ({"Export": {"Name": "shared-vpc"}}, imported("shared-vpc"), False),
    ],
)
def test_the_name_of_the_export(output: dict[str, Any], value: Json, is_exported: bool) -> None:
    patch = made(consumer(), network(**output))
    assert written(patch, USE) == value
    assert ("network.json" in patch.files) == is_exported
    if is_exported:
        assert written(patch, "/Outputs/VpcId/Export", "network.json") == EXPORTED["Export"]
    adds_a_stack_name = "/Parameters/NetworkStackName" in [op["path"] for op in patch.files["stack.json"]]
    assert adds_a_stack_name == ("NetworkStackName" in str(value))


def test_an_export_named_by_its_region() -> None:
    exported: dict[str, Any] = {"Export": {"Name": {"Fn::Sub": "${AWS::Region}-Vpc"}}}
    patch = made(consumer(description=EAST), network(EAST, **exported))
    assert written(patch, USE) == imported("us-east-1-Vpc")


def test_a_new_output_is_exported_only_to_be_imported() -> None:
    data = {**replica(), "Description": EAST}
    added: Any = written(made(data, primary()), "/Outputs", "primary.json")
    assert added["GlobalId"]["Export"] == {"Name": {"Fn::Sub": "${AWS::StackName}-GlobalId"}}
    added = written(made(data, primary(), strategy="stack-output"), "/Outputs", "primary.json")
    assert "Export" not in added["GlobalId"]


COLON: Json = {"Fn::Sub": "${AWS::StackName}:Arn"}


def test_a_new_output_is_exported_as_the_others_are() -> None:
    patch = made({**replica(), "Description": EAST}, primary(Arn={"Value": "x", "Export": {"Name": COLON}}))
    added: Any = written(patch, "/Outputs/GlobalId", "primary.json")
    assert added["Export"] == {"Name": {"Fn::Sub": "${AWS::StackName}:GlobalId"}}


def test_a_new_output_is_imported_by_the_name_of_its_export() -> None:
    patch = made({**replica(), "Description": EAST}, primary(Arn={"Value": "x", "Export": {"Name": COLON}}))
    value = written(patch, "/Resources/Replica/Properties/GlobalClusterIdentifier")
    assert value == imported("${PrimaryStackName}:GlobalId")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            consumer({"Fn::Select": [0, {"Fn::Split": ["-", REF]}]}),
            "VpcId is used in Fn::Split, which does not accept a value from another stack",
        ),
        (consumer({"Fn::Transform": {"Name": "M", "Parameters": {"Id": REF}}}), "VpcId is used in Fn::Transform"),
        (consumer(Outputs={"Out": {"Value": {"Fn::ImportValue": REF}}}), "VpcId is used in Fn::ImportValue"),
        (
            consumer(Outputs={"Out": {"Value": {"Fn::GetStackOutput": {"StackName": REF}}}}),
            "VpcId is used in Fn::GetStackOutput",
        ),
        (
            consumer(Outputs={"Out": {"Value": "x", "Export": {"Name": {"Fn::Sub": "${VpcId}-x"}}}}),
            "VpcId is used in Export",
        ),
        (
            consumer(Conditions={"Given": {"Fn::Not": [{"Fn::Equals": [REF, ""]}]}}),
            "the condition Given depends on VpcId",
        ),
        (consumer({"Fn::Sub": ["${VpcId}-${X}", {"X": "x"}]}), "cannot be combined with new ones"),
        (
            consumer(Rules={"R": {"Assertions": [{"Assert": {"Fn::Equals": [REF, {"Ref": "Stage"}]}}]}}),
            "the rule R also uses Stage",
        ),
    ],
)
@pytest.mark.parametrize("strategy", ["import", "stack-output"])
def test_uses_that_take_no_value_from_another_stack(data: dict[str, Any], told: str, strategy: str) -> None:
    patch = made({**data, "Description": EAST}, network(EAST), strategy=strategy)
    assert not patch.files
    assert told in patch.reason


@pytest.mark.parametrize(
    ("here", "there", "options"),
    [
        (consumer(), network(), {"strategy": "stack-output"}),
        (consumer(description=EAST), network(), {}),
        (
            {**replica(), "Description": "no region"},
            template_of({"Resources": primary().data["Resources"]}, "network.json"),
            {},
        ),
    ],
)
def test_a_region_that_is_not_known(here: dict[str, Any], there: Template, options: dict[str, str]) -> None:
    """The last pair is known to be apart, by its roles, and not where."""
    patch = made(here, there, **options)
    assert not patch.files
    assert patch.reason == (
        "the region of network.json is not known: set it in the configuration ([[project]] regions)"
    )


@pytest.mark.parametrize("name", [{"Fn::Sub": "${Tenant}-Vpc"}, {"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]}])
def test_an_export_whose_name_cannot_be_said(name: Json) -> None:
    patch = made(consumer(), network(Export={"Name": name}))
    assert not patch.files
    assert patch.reason == "this template cannot express the name with which network.json exports VpcId"


@pytest.mark.parametrize(
    ("parameters", "used", "is_added"),
    [
        ({}, "NetworkStackName", True),
        ({"NetworkStackName": {"Type": "String"}}, "NetworkStackName", False),
        ({"NetworkStackName": {"Type": "CommaDelimitedList"}}, "NetworkStackNameParameter", True),
    ],
)
def test_the_parameter_for_the_stack_s_name(parameters: dict[str, Any], used: str, is_added: bool) -> None:
    data = consumer()
    data["Parameters"] = data["Parameters"] | parameters
    patch = made(data, network())
    assert written(patch, USE) == imported(f"${{{used}}}-VpcId")
    assert (f"/Parameters/{used}" in [op["path"] for op in patch.files["stack.json"]]) == is_added


def test_the_stack_s_name_that_the_configuration_gives() -> None:
    template = template_of(consumer())
    declared = {"network.json": Declared(role="primary", region=EAST, stack="prod-network")}
    context = Context(TRANSFORM.id, Project.of([template, network()], declared))
    [finding] = TRANSFORM.detect(template, context)
    patch = TRANSFORM.patch(template, finding, context)
    added: Any = written(patch, "/Parameters/PrimaryStackName")
    assert added["Default"] == "prod-network"
    assert added["Description"] == "Name of the primary stack in us-east-1"


def test_an_export_with_a_plain_name_needs_no_stack_s_name() -> None:
    patch = made(consumer(), network(Export={"Name": "shared-vpc"}))
    assert "NetworkStackName" not in str(patch.notes)


def test_a_health_check_of_a_record_in_a_group() -> None:
    item: Json = {"Failover": "PRIMARY", "HealthCheckId": REF}
    group = resource("AWS::Route53::RecordSetGroup", RecordSets=[item])
    assert not places(consumer(Resources={"Group": group}), network())


VPC: Json = {"Type": "AWS::EC2::VPC::Id"}
EXPORTS = {"Export": {"Name": "shared-vpc"}}


@pytest.mark.parametrize(
    ("declared", "evidence"),
    [
        ({"Description": "VPC of the network stack"}, "its Description says that it comes from there"),
        ({"Description": "from network"}, "its Description says that it comes from there"),
        ({"Description": "output of the shared template"}, "its Description says that it comes from there"),
        ({"Description": "imported from another stack"}, "its Description says that it comes from there"),
        ({"Type": "AWS::EC2::VPC::Id"}, "it is exported, and no other value of the project has this name and kind"),
    ],
)
def test_what_shows_that_it_is_the_same_value(declared: dict[str, Any], evidence: str) -> None:
    template = template_of(consumer(declared={"Type": "String", **declared}))
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template, others=(network(**EXPORTS),)))
    assert finding.message == f"VpcId is passed by hand, and output VpcId of network.json is its value: {evidence}"


@pytest.mark.parametrize(
    "declared",
    [
        VPC,
        {**VPC, "Description": "VPC of this stack"},
        {**VPC, "Description": "VPC for the stack"},
        {**VPC, "Description": "an existing VPC"},
        {**VPC, "Description": "VPC of the legacy stack"},
        {**VPC, "Description": "where output files go"},
    ],
)
def test_a_name_alone_shows_nothing(declared: dict[str, Any]) -> None:
    template = template_of(consumer(declared=declared))
    context = context_of(TRANSFORM, template, others=(network(),))
    [finding] = TRANSFORM.detect(template, context)
    assert finding.message == "VpcId is passed by hand, and output VpcId of network.json may be its value"
    patch = TRANSFORM.patch(template, finding, context)
    assert not patch.files
    assert patch.tier is Tier.NEEDS_VALUE
    assert patch.wants == ("manual-cross-stack-value.strategy=import",)
    assert made(consumer(declared=declared), network(), strategy="import").files


def test_an_export_shows_nothing_about_something_that_exists_already() -> None:
    assert not made(consumer(declared={**VPC, "Description": "an existing VPC"}), network(**EXPORTS)).files
    assert made(consumer(declared=VPC), network(**EXPORTS)).files


def test_other_values_of_that_stack_are_read_already() -> None:
    reads = {"Topic": resource("AWS::SNS::Topic", DisplayName={"Fn::ImportValue": "shared-subnet"})}
    data = consumer(declared=VPC)
    data["Resources"] = data["Resources"] | reads
    producer = template_of(
        {
            **network().data,
            "Outputs": {
                "VpcId": {"Value": {"Ref": "VPC"}},
                "Subnet": {"Value": "x", "Export": {"Name": "shared-subnet"}},
            },
        },
        "network.json",
    )
    assert made(data, producer).files


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"Default": "vpc-0123456789abcdef0"}, "its Default is vpc-0123456789abcdef0"),
        ({"Default": ""}, "its Default is empty"),
        ({"AllowedValues": ["vpc-1", "vpc-2"]}, "its AllowedValues"),
        ({"AllowedPattern": "vpc-[0-9a-f]{8}"}, "its AllowedPattern does not accept a value such as vpc-"),
        ({"AllowedPattern": "subnet-.*"}, "its AllowedPattern does not accept"),
        ({"AllowedPattern": "("}, "its AllowedPattern does not accept"),
        ({"MinLength": 30}, "its MinLength does not accept"),
        ({"Description": "VPC of the network stack of the hub account"}, "mentions an account"),
        ({"Description": "VPC of the network stack in eu-west-1"}, "VpcId is a value of eu-west-1"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"strategy": "import"}])
def test_a_declaration_that_speaks_against_it(declared: dict[str, Any], reason: str, options: dict[str, str]) -> None:
    template = template_of(consumer(declared={**SAID, **declared}, description=EAST))
    context = context_of(TRANSFORM, template, options, others=(network(EAST),))
    [finding] = TRANSFORM.detect(template, context)
    assert finding.message == (
        "VpcId is passed by hand, and output VpcId of network.json has its name, but may be another value"
    )
    patch = TRANSFORM.patch(template, finding, context)
    assert not patch.files
    assert reason in patch.reason


def with_more(data: dict[str, Any], section: str, **entries: Any) -> dict[str, Any]:
    return {**data, section: {**data.get(section, {}), **entries}}


TRUSTS: Json = {"Statement": [{"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}]}


@pytest.mark.parametrize(
    "data",
    [
        {**consumer(), "Description": "deployed in all accounts"},
        with_more(consumer({"Fn::Sub": "${VpcId}${OwnerAccount}"}), "Parameters", OwnerAccount={"Type": "String"}),
        with_more(
            consumer({"Fn::Sub": "${VpcId}${Hub}"}), "Parameters", Hub={"Type": "String", "AllowedPattern": "[0-9]{12}"}
        ),
        with_more(consumer(), "Resources", Role=resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUSTS)),
        with_more(consumer(), "Resources", Share=resource("AWS::RAM::ResourceShare")),
    ],
)
def test_a_value_of_another_account(data: dict[str, Any]) -> None:
    for patch in (made(data, network()), made(data, network(), strategy="import")):
        assert not patch.files
        assert "may be in another account than" in patch.reason


@pytest.mark.parametrize(
    "data",
    [
        {**consumer(), "Description": "the user accounts service"},
        with_more(consumer({"Fn::Sub": "${VpcId}${ServiceAccount}"}), "Parameters", ServiceAccount={"Type": "String"}),
        with_more(consumer(), "Parameters", AccountId={"Type": "String"}),
        with_more(consumer({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${VpcId}"}), "Outputs"),
    ],
)
def test_what_says_nothing_about_another_account(data: dict[str, Any]) -> None:
    assert made(data, network()).files


def test_two_stacks_that_need_each_other() -> None:
    """Each takes an output of the other: whichever is deployed first would wait for the second."""
    data = consumer(Outputs={"GroupId": {"Value": {"Ref": "Group"}}})
    there = template_of(
        {
            **network().data,
            "Parameters": {"GroupId": SAID},
            "Resources": {
                "VPC": resource("AWS::EC2::VPC"),
                "Rule": resource("AWS::EC2::SecurityGroupIngress", GroupId={"Ref": "GroupId"}),
            },
        },
        "network.json",
    )
    patch = made(data, there)
    assert not patch.files
    assert patch.reason == "network.json needs a value of this stack (GroupId): neither could be deployed first"


def test_a_nested_producer_has_no_name_to_pass() -> None:
    root = parent("./network.json", {"X": "x"})
    patch = made(consumer(), network(), root)
    assert patch.reason == "network.json is a nested stack, whose name CloudFormation generates"
    assert made(consumer(), network(Export={"Name": "shared-vpc"}), root).files


@pytest.mark.parametrize("kind", ["AWS::EC2::Subnet", "AWS::SNS::Topic", "AWS::IAM::Role"])
@pytest.mark.parametrize("declared", [None, VPC])
def test_an_output_of_another_kind(kind: str, declared: Any) -> None:
    there = template_of(
        {"Resources": {"X": {"Type": kind}}, "Outputs": {"VpcId": {"Value": {"Ref": "X"}}}}, "network.json"
    )
    assert not places(consumer(declared=declared), there)


def test_versions_of_one_stack() -> None:
    shared = {"Queue": {"Type": "AWS::SQS::Queue"}, "Table": {"Type": "AWS::DynamoDB::Table"}}
    data = with_more(consumer(), "Resources", **shared)
    there = with_more(network(**EXPORTS).data, "Resources", **shared)
    assert not places(data, template_of(there, "network.json"))
    assert places(data, network(**EXPORTS))


def test_versions_of_one_stack_with_a_global_cluster() -> None:
    """The secondary of another region declares what the primary declares, and still joins its global cluster; two
    versions of one stack do not.
    """
    shared = {"Key": {"Type": "AWS::KMS::Key"}, "Alarms": {"Type": "AWS::SNS::Topic"}}
    data, there = with_more(replica(), "Resources", **shared), with_more(primary().data, "Resources", **shared)
    assert places(data, template_of(there, "primary.json"))
    data["Resources"]["Replica"]["Properties"]["MasterUsername"] = "app"
    assert not places({**data, "Description": ""}, template_of({**there, "Description": ""}, "primary.json"))


@pytest.mark.parametrize(("engine", "is_found"), [("aurora-mysql", True), ("aurora-postgresql", False), (None, True)])
def test_the_global_cluster_of_another_engine(engine: str | None, is_found: bool) -> None:
    data = replica()
    data["Resources"]["Replica"]["Properties"]["Engine"] = engine
    there = dict(primary().data)
    there["Resources"] = {**there["Resources"], "Global": resource("AWS::RDS::GlobalCluster", Engine="aurora-mysql")}
    assert bool(places(data, template_of(there, "primary.json"))) == is_found


def test_an_export_named_by_a_parameter_that_differs() -> None:
    stage = {"Type": "String", "Default": "dev"}
    exports: dict[str, Any] = {"Export": {"Name": {"Fn::Sub": "${Stage}-Vpc"}}}
    data = with_more(consumer(), "Parameters", Stage=stage)
    there = with_more(network(**exports).data, "Parameters", Stage=stage)
    assert written(made(data, template_of(there, "network.json")), USE) == imported("${Stage}-Vpc")
    for other in ({**stage, "Default": "prod"}, {**stage, "AllowedValues": ["prod"]}):
        there = with_more(network(**exports).data, "Parameters", Stage=other)
        assert not made(data, template_of(there, "network.json")).files
