"""Which templates are read together, and what the project knows of them."""

import json
from pathlib import Path

import pytest

from fixer.cloudformation.project import Project
from fixer.cloudformation.regions import region_in, regions_named
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.errors import BadConfig
from fixer.inputs import config
from fixer.inputs.discovery import discover
from fixer.inputs.parameter_files import parameter_files
from fixer.inputs.projects import Part, parts
from fixer.model import Json, Tier
from fixer.run import commands as run
from fixer.settings import Declared, Settings

TOPIC: Json = {"Type": "AWS::SNS::Topic"}


def _template(path: str, data: Json) -> Template:
    return Template(path, parse(json.dumps(data), path))


def _write(file: Path, data: Json) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data))


def _stack(url: str, parameters: Json = None) -> Json:
    properties: Json = {"TemplateURL": url, "Parameters": parameters or {}}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def _parts(*paths: Path, settings: Settings | None = None) -> list[Part]:
    return list(parts(discover([str(path) for path in paths]), settings or Settings()))


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("Primary in us-east-1, standby in eu-west-1", ("us-east-1", "eu-west-1")),
        ("db-us-gov-west-1-x and ap-southeast-2b", ("us-gov-west-1", "ap-southeast-2")),
        ("status-east-1 bus-east-12 us-east-1x us-east", ()),
    ],
)
def test_regions_are_read_from_text(text: str, regions: tuple[str, ...]) -> None:
    assert regions_named(text) == regions


def test_the_strongest_evidence_of_a_region_counts_and_a_contradiction_none() -> None:
    subnet: Json = {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-west-1a"}}
    bucket: Json = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs-eu-west-1"}}
    known = region_in(_template("a.json", {"Description": "in eu-west-1", "Resources": {"S": subnet, "B": bucket}}))
    assert known is not None and (known.value, known.evidence) == ("eu-west-1", "its Availability Zones")
    named = region_in(_template("a.json", {"Resources": {"B": bucket}}))
    assert named is not None and named.evidence == "the names and tags in it"
    in_path = region_in(_template("x/stack-eu-west-1.json", {"Resources": {"T": TOPIC}}))
    assert in_path is not None and in_path.evidence == "its file name"
    assert region_in(_template("a.json", {"Description": "us-east-1", "Resources": {"S": subnet}})) is None
    assert region_in(_template("a.json", {"Description": "us-east-1 and eu-west-1", "Resources": {"T": TOPIC}})) is None


def test_roles_are_the_databases_or_what_the_configuration_says() -> None:
    cluster: Json = {"Type": "AWS::RDS::DBCluster", "Properties": {"GlobalClusterIdentifier": "g"}}
    writable: Json = {
        "Type": "AWS::RDS::DBCluster",
        "Properties": {"GlobalClusterIdentifier": "g", "MasterUsername": "a"},
    }
    record: Json = {"Type": "AWS::Route53::RecordSet", "Properties": {"Failover": "PRIMARY"}}
    project = Project.of(
        [
            _template("b-standby.json", {"Resources": {"C": cluster}}),
            _template("c-main.json", {"Resources": {"C": writable}}),
            _template("a-names.json", {"Resources": {"R": record}}),
            _template("d-else.json", {"Resources": {"T": TOPIC}}),
        ],
        {"d-else.json": Declared(role="dns", region="eu-west-3")},
    )
    roles = {path: project.role(template) for path, template in project.templates.items()}
    assert {path: role.value for path, role in roles.items() if role} == {
        "b-standby.json": "secondary", "c-main.json": "primary", "a-names.json": "dns", "d-else.json": "dns"
    }  # fmt: skip
    assert [template.path for template in project.ordered] == [
        "c-main.json", "b-standby.json", "a-names.json", "d-else.json"
    ]  # fmt: skip
    declared = project.region(project.templates["d-else.json"])
    assert declared is not None and (declared.value, declared.evidence) == ("eu-west-3", "configuration")
    assert project.apart(project.templates["c-main.json"], project.templates["b-standby.json"])
    assert not project.apart(project.templates["c-main.json"], project.templates["d-else.json"])


def test_parents_are_the_stacks_that_nest_a_template() -> None:
    passed: Json = {"Subnet": {"Fn::GetAtt": ["Net", "Outputs.SubnetId"]}, "Size": "big"}
    root = _template("root.json", {"Resources": {"Net": _stack("./net.json"), "App": _stack("app.json", passed)}})
    app = _template("app.json", {"Resources": {"T": TOPIC}})
    project = Project.of([root, app])
    assert [parent.path for parent, _ in project.parents(app)] == ["root.json"]
    assert project.is_passed(app, "Size")
    assert not project.is_passed(app, "VpcId")


def test_imports_are_matched_whatever_the_stack_is_called() -> None:
    name: Json = {"Fn::Sub": "${AWS::StackName}-Vpc"}
    user: Json = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"DisplayName": {"Fn::ImportValue": {"Fn::Sub": "${NetStackName}-Vpc"}}},
    }
    network = _template("net.json", {"Resources": {"T": TOPIC}})
    project = Project.of([network, _template("app.json", {"Resources": {"T": user}})])
    assert project.importer(network, name) == "app.json"
    assert project.importer(network, {"Fn::Sub": "${AWS::StackName}-Subnet"}) == ""
    assert project.importer(network, {"Fn::Join": ["", ["a", "b"]]}) == ""


def test_a_folder_is_a_project_and_the_paths_limit_what_is_written(tmp_path: Path) -> None:
    for name in ("a", "b", "deeper/c"):
        _write(tmp_path / f"{name}.json", {"Resources": {"T": TOPIC}})
    [part] = _parts(tmp_path / "a.json")
    assert [Path(path).name for path in part.project.templates] == ["a.json", "b.json"]
    assert [Path(path).name for path in part.scope] == ["a.json"]
    assert [len(part.scope) for part in _parts(tmp_path)] == [2, 1]


def test_nested_stacks_belong_to_the_project_that_names_them(tmp_path: Path) -> None:
    _write(tmp_path / "root.json", {"Resources": {"N": _stack("nested/net.json")}})
    _write(tmp_path / "nested" / "net.json", {"Resources": {"D": _stack("../more/deep.json")}})
    _write(tmp_path / "more" / "deep.json", {"Resources": {"T": TOPIC}})
    _write(tmp_path / "nested" / "alone.json", {"Resources": {"T": TOPIC}})
    [part] = _parts(tmp_path / "root.json")
    assert sorted(Path(path).name for path in part.project.templates) == ["deep.json", "net.json", "root.json"]
    assert [Path(path).name for path in part.scope] == ["root.json"]
    whole = _parts(tmp_path / "root.json", tmp_path / "nested")
    assert [sorted(Path(path).name for path in part.scope) for part in whole] == [
        ["net.json", "root.json"],
        ["alone.json"],
    ]
    assert len([path for part in whole for path in part.scope]) == 3


def test_a_declared_project_has_its_paths_roles_regions_and_values(tmp_path: Path) -> None:
    for name in ("east/db", "west/db", "west/else"):
        _write(tmp_path / f"{name}.json", {"Resources": {"T": TOPIC}})
    (tmp_path / ".fixer.toml").write_text(
        '[tiers]\n"permissive-ingress" = "unsafe"\n'
        '[[project]]\npaths = ["*/db.json"]\n'
        '[project.roles]\n"east/db.json" = "primary"\n[project.regions]\n"west/db.json" = "eu-west-1"\n'
        '[project.stacks]\n"east/db.json" = "ledger-east"\n'
        '[project.set."west/db.json".permissive-ingress]\nvpc_cidr = "10.9.0.0/16"\n'
    )
    settings = config.load(tmp_path)
    assert settings.tiers == {"permissive-ingress": Tier.UNSAFE}
    declared, rest = _parts(tmp_path, settings=settings)
    east, west = (next(t for p, t in declared.project.templates.items() if side in p) for side in ("east", "west"))
    role, region = declared.project.role(east), declared.project.region(west)
    assert role is not None and role.value == "primary" and region is not None and region.value == "eu-west-1"
    assert declared.project.declared[east.path].stack == "ledger-east"
    assert declared.project.declared_option(west, "permissive-ingress", "vpc_cidr") == "10.9.0.0/16"
    assert declared.project.declared_option(east, "permissive-ingress", "vpc_cidr") is None
    assert [Path(path).name for path in rest.scope] == ["else.json"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[tiers]\nx = "needs-value"\n', "safe | review | unsafe"),
        ("[[project]]\nfolder = 'x'\n", "unknown key 'folder'"),
        ("[[project]]\nroles = {'a.json' = 'leader'}\n", "a role must be one of primary, secondary, dns, not 'leader'"),
        ("project = 3\n", "array of tables"),
    ],
)
def test_a_wrong_configuration_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / ".fixer.toml").write_text(text)
    with pytest.raises(BadConfig) as raised:
        config.load(tmp_path)
    assert told in str(raised.value)


def test_values_for_one_template_and_tiers_of_the_project_hold(tmp_path: Path) -> None:
    rule: Json = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "CidrIp": "0.0.0.0/0"}
    group: Json = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "x", "VpcId": {"Ref": "VpcId"}, "SecurityGroupIngress": [rule]},
    }
    for name in ("a", "b"):
        parameters: Json = {"VpcId": {"Type": "AWS::EC2::VPC::Id"}}
        _write(tmp_path / f"{name}.json", {"Parameters": parameters, "Resources": {"G": group}})
    (tmp_path / ".fixer.toml").write_text(
        '[[project]]\npaths = ["*.json"]\n[project.set."b.json".permissive-ingress]\nvpc_cidr = "10.9.0.0/16"\n'
    )
    report = run.apply([str(tmp_path)], config.load(tmp_path))
    assert [(each.tier, bool(each.patches)) for each in report.resolutions] == [
        (Tier.NEEDS_VALUE, False), (Tier.REVIEW, True)
    ]  # fmt: skip
    with (tmp_path / ".fixer.toml").open("a") as file:
        file.write('[tiers]\n"permissive-ingress" = "unsafe"\n')
    report = run.apply([str(tmp_path)], config.load(tmp_path))
    assert [each.tier for each in report.resolutions] == [Tier.NEEDS_VALUE, Tier.UNSAFE]
    assert not any(template.changed for template in report.templates)


def test_parameter_files_of_every_shape(tmp_path: Path) -> None:
    shapes: dict[str, Json] = {
        "db.parameters.json": [{"ParameterKey": "VpcId", "ParameterValue": "vpc-1"}],
        "db-extra.prod.json": {"Parameters": {"VpcId": "vpc-1", "Size": "1"}, "Tags": {"a": "b"}},
        "params.json": {"VpcId": "vpc-1"},
        "overrides.json": ["VpcId=vpc-1", "Size=1"],
        "package.json": {"name": "web", "version": "1"},
        "db.json": {"Resources": {"T": TOPIC}, "Parameters": {"VpcId": {"Type": "String"}}},
        "broken.parameters.json": "[",
    }
    for name, data in shapes.items():
        _write(tmp_path / name, data)
    (tmp_path / "samconfig.toml").write_text(
        'version = 0.1\n[prod.deploy.parameters]\ntemplate_file = "db.json"\n'
        'parameter_overrides = "VpcId=vpc-1 ParameterKey=Size,ParameterValue=1"\n'
        '[dev.deploy.parameters]\nparameter_overrides = ["VpcId=vpc-2"]\n'
    )
    template = (tmp_path / "db.json").as_posix()
    found = [
        (Path(each.path).name, sorted(each.names), Path(each.template).name)
        for each in parameter_files([str(tmp_path)], [template])
    ]
    assert found == [
        ("db-extra.prod.json", ["Size", "VpcId"], "db.json"),
        ("db.parameters.json", ["VpcId"], "db.json"),
        ("overrides.json", ["Size", "VpcId"], ""),
        ("params.json", ["VpcId"], ""),
        ("samconfig.toml", ["Size", "VpcId"], "db.json"),
        ("samconfig.toml", ["VpcId"], ""),
    ]


def test_a_file_that_still_passes_a_removed_parameter_is_named(tmp_path: Path) -> None:
    group: Json = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "x", "VpcId": {"Ref": "VpcId"}},
    }
    parameters: Json = {"VpcId": {"Type": "AWS::EC2::VPC::Id"}}
    _write(tmp_path / "db.json", {"Parameters": parameters, "Resources": {"G": group}})
    _write(tmp_path / "db.parameters.json", [{"ParameterKey": "VpcId", "ParameterValue": "vpc-1"}])
    _write(tmp_path / "other.parameters.json", [{"ParameterKey": "Size", "ParameterValue": "1"}])
    report = run.apply([str(tmp_path / "db.json")], Settings(require={"vpc": ""}, undeployed=True, lint=False))
    [resolution] = report.resolutions
    told = [note for note in resolution.notes if "still passes" in note]
    assert len(told) == 1 and "db.parameters.json still passes VpcId" in told[0]
