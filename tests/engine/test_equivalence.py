"""What each pattern of a declaration allows, and what it does not."""

from collections.abc import Mapping, Sequence

import pytest

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.applied import patched
from fixer.engine.equivalence import ANYTHING, PARENTS, Declaration, undeclared
from fixer.model import Finding, Json, Op
from fixer.pointer import add, move

PATH = "t.json"
BASE: Json = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["dev", "prod"]},
        "Owner": {"Type": "String"},
    },
    "Mappings": {"Sizes": {"all": {"Class": "db.t3.medium"}}, "Ports": {"all": {"Port": 5432}}},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Resources": {
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "database",
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "10.0.0.0/16"},
                    {"IpProtocol": "tcp", "FromPort": 443, "CidrIp": "10.1.0.0/16"},
                ],
            },
        },
        "Db": {
            "Type": "AWS::RDS::DBInstance",
            "DependsOn": ["Backups", "Group"],
            "DeletionPolicy": "Retain",
            "Properties": {
                "Engine": "postgres",
                "AllocatedStorage": "20",
                "DBInstanceClass": {"Fn::FindInMap": ["Sizes", "all", "Class"]},
                "Port": {"Fn::FindInMap": ["Ports", "all", "Port"]},
                "MultiAZ": {"Fn::If": ["IsProd", True, False]},
                "DBName": {"Ref": "Lost"},
            },
        },
        "Backups": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
        "Alerts": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"DisplayName": "Alerts", "TopicName": {"Fn::Sub": "alerts-${Owner}-${Group}"}},
        },
        "Child": {
            "Type": "AWS::CloudFormation::Stack",
            "DependsOn": "Group",
            "Properties": {"TemplateURL": "https://example.com/child.json", "Parameters": {"Old": "x", "Name": "y"}},
        },
    },
    "Outputs": {"Engine": {"Value": {"Fn::GetAtt": ["Db", "Endpoint.Address"]}}},
}
P = "/Resources/Db/Properties"
ENGINE, RULES = f"{P}/Engine", "/Resources/Group/Properties/SecurityGroupIngress"
TOPIC = "/Resources/Alerts/Properties"


def _set(place: str, value: Json) -> list[Op]:
    return pointer.replace(place, pointer.get(BASE, place), value)


def _drop(place: str) -> list[Op]:
    return pointer.remove(place, pointer.get(BASE, place))


def _reason(ops: Sequence[Op], patterns: Sequence[str], place: str = ENGINE, data: Json = BASE) -> str:
    """What `undeclared` says about operations for a finding at a place."""
    finding = Finding("stub", PATH, place, "wrong", None, f"stub:{PATH}:{place}")
    before = Project.of([Template.of_data(PATH, data)])
    after = Project.of([Template.of_data(PATH, patched(data, ops))])
    return undeclared(before, after, [Declaration(finding, tuple(patterns), {PATH: tuple(ops)})])


MARKS: Mapping[str, tuple[tuple[str, ...], str, list[Op], list[Op]]] = {
    # name: patterns, place of the finding, operations that are allowed, operations that are not
    "@": (("@",), ENGINE, _set(ENGINE, "mysql"), _set(f"{P}/AllocatedStorage", "30")),
    "@ of a mapping": (("@",), P, add(f"{P}/Iops", 1000), _set("/Resources/Db/DeletionPolicy", "Delete")),
    "@ in a function": (
        ("@",),
        f"{TOPIC}/TopicName/Fn::Sub",
        _set(f"{TOPIC}/TopicName", "alerts"),
        _set(f"{TOPIC}/DisplayName", "Alarms"),
    ),
    "@/..": (("@/..",), ENGINE, add(f"{P}/Iops", 1000), _set("/Resources/Db/DeletionPolicy", "Delete")),
    "@/../..": (("@/../..",), ENGINE, _drop("/Resources/Db/DeletionPolicy"), _drop("/Resources/Backups")),
    "@/../Name": (("@/../EngineVersion",), ENGINE, add(f"{P}/EngineVersion", "16"), _set(ENGINE, "mysql")),
    "@/Name": (("@/Iops",), P, add(f"{P}/Iops", 1000), add(f"{P}/StorageType", "io1")),
    "{id}": (
        ("/Resources/{id}/DeletionPolicy",),
        ENGINE,
        _set("/Resources/Db/DeletionPolicy", "Delete"),
        _set("/Resources/Backups/DeletionPolicy", "Delete"),
    ),
    "logical id": (
        ("/Resources/Backups/DeletionPolicy",),
        ENGINE,
        _drop("/Resources/Backups/DeletionPolicy"),
        _drop("/Resources/Db/DeletionPolicy"),
    ),
    "type": (
        ("/Resources/AWS::RDS::DBInstance/Properties/Engine",),
        "",
        _set(ENGINE, "mysql"),
        add("/Resources/Group/Properties/Engine", "mysql"),
    ),
    "type pattern": (
        ("/Resources/AWS::EC2::*/Properties/GroupDescription",),
        "",
        _set("/Resources/Group/Properties/GroupDescription", "databases"),
        add(f"{TOPIC}/GroupDescription", "databases"),
    ),
    "type of what is added": (
        ("+/Resources/AWS::SNS::*",),
        "",
        add("/Resources/New", {"Type": "AWS::SNS::Topic"}),
        add("/Resources/New", {"Type": "AWS::SQS::Queue"}),
    ),
    "name pattern": (
        ("/Resources/Db/Properties/Allocated*",),
        "",
        _set(f"{P}/AllocatedStorage", "30"),
        _set(ENGINE, "mysql"),
    ),
    "any index": ((f"{RULES}/0/CidrIp",), "", _set(f"{RULES}/1/CidrIp", "10.2.0.0/16"), _set(f"{RULES}/1/FromPort", 1)),
    "+": ((f"+{P}",), ENGINE, add(f"{P}/Iops", 1000), _set(ENGINE, "mysql")),
    "+ does not remove": ((f"+{P}",), ENGINE, add(f"{P}/Iops", 1000), _drop(ENGINE)),
    "-": ((f"-{P}",), ENGINE, _drop(ENGINE), _set(ENGINE, "mysql")),
    "- does not add": ((f"-{P}",), ENGINE, _drop(ENGINE), add(f"{P}/Iops", 1000)),
    "~": (("~/Resources/Db",), ENGINE, _drop("/Resources/Db/DependsOn"), _set(ENGINE, "mysql")),
    "~ of another": (
        ("~/Resources/Db",),
        ENGINE,
        _drop("/Resources/Db/DependsOn/0"),
        _drop("/Resources/Child/DependsOn"),
    ),
    "no mark is not an order": (
        ("/Resources/Db",),
        ENGINE,
        _set(ENGINE, "mysql"),
        _drop("/Resources/Db/DependsOn"),
    ),
    "=": (
        ("=@",),
        "/Resources/Db/DeletionPolicy",
        _set("/Resources/Db/DeletionPolicy", "retain"),
        _set("/Resources/Db/DeletionPolicy", "Delete"),
    ),
    "= elsewhere": (("=@",), ENGINE, _set(ENGINE, "Postgres"), _set("/Resources/Db/DeletionPolicy", "retain")),
    "= does not remove": (("=@",), ENGINE, _set(ENGINE, ["postgres"]), _drop(ENGINE)),
    ">": (
        (f">{P}/*", f"+{P}/Storage"),
        ENGINE,
        move(f"{P}/AllocatedStorage", f"{P}/Storage", "20"),
        [*_drop(f"{P}/AllocatedStorage"), *add(f"{P}/Storage", "30")],
    ),
    "> needs an addition": (
        (f">{P}/*", f"+{P}/Storage"),
        ENGINE,
        [*_drop(f"{P}/AllocatedStorage"), *add(f"{P}/Storage", 20)],
        _drop(f"{P}/AllocatedStorage"),
    ),
    "> in the same entry": (
        ("/Resources/Alerts", ">/Resources/Db", "+/Resources/Db/Metadata"),
        ENGINE,
        [*_drop(f"{P}/AllocatedStorage"), *add("/Resources/Db/Metadata", {"Storage": "20"})],
        [*_drop(f"{P}/AllocatedStorage"), *add(f"{TOPIC}/Storage", "20")],
    ),
    "<": (
        (f"<{P}/*", f"-{P}/AllocatedStorage"),
        ENGINE,
        move(f"{P}/AllocatedStorage", f"{P}/Storage", "20"),
        [*_drop(f"{P}/AllocatedStorage"), *add(f"{P}/Storage", "30")],
    ),
    "< needs a removal": (
        (f"<{P}/*", f"-{P}/AllocatedStorage"),
        ENGINE,
        move(f"{P}/AllocatedStorage", f"{P}/Storage", "20"),
        add(f"{P}/Storage", "20"),
    ),
    "$ of a mapping": (
        ("$",),
        "/Mappings/Sizes",
        _set("/Mappings/Sizes/all/Class", "db.t3.large"),
        [*_set("/Mappings/Sizes/all/Class", "db.t3.large"), *_set(f"{P}/Port", 1)],
    ),
    "$ of a condition": (
        ("$",),
        "/Conditions/IsProd",
        _set("/Conditions/IsProd", {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}),
        [*_set("/Conditions/IsProd", {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}), *_set(ENGINE, "mysql")],
    ),
    "$ of a parameter": (
        ("$", "-/Parameters"),
        "/Parameters/Owner",
        _drop("/Parameters/Owner"),
        [*_drop("/Parameters/Owner"), *_set(f"{TOPIC}/DisplayName", "Alarms")],
    ),
    "$ of what the patch writes": (
        ("$",),
        "/Mappings/Sizes",
        [*_drop("/Mappings/Sizes"), *_set(f"{P}/DBInstanceClass", "db.t3.large")],
        _set(f"{P}/DBInstanceClass", "db.t3.large"),
    ),
    "$ of a whole section": (
        ("$",),
        "/Mappings",
        [*_drop("/Mappings"), *_set(f"{P}/DBInstanceClass", "a"), *_set(f"{P}/Port", 1)],
        [*_drop("/Mappings"), *_set(f"{P}/DBInstanceClass", "a"), *_set(f"{P}/Port", 1), *_set(ENGINE, "mysql")],
    ),
    "?": (("?",), ENGINE, _set(f"{P}/DBName", {"Ref": "Owner"}), _set(ENGINE, {"Ref": "Owner"})),
    "? must resolve": (("?",), ENGINE, _set(f"{P}/DBName", "shop"), _set(f"{P}/DBName", {"Ref": "Gone"})),
    "? of a declaration": (
        ("?", "+/Parameters/Lost"),
        ENGINE,
        add("/Parameters/Lost", {"Type": "String"}),
        add("/Parameters/Found", {"Type": "String"}),
    ),
    "nothing": (
        (),
        ENGINE,
        _set(f"{P}/Port", 5432),
        _set(f"{P}/Port", 5433),
    ),
    "PARENTS": (
        PARENTS,
        "",
        _drop("/Resources/Child/Properties/Parameters/Old"),
        _set("/Resources/Child/Properties/Parameters/Old", "z"),
    ),
    "PARENTS with all parameters": (
        PARENTS,
        "",
        _drop("/Resources/Child/Properties/Parameters"),
        _drop("/Resources/Child/Properties/TemplateURL"),
    ),
    "PARENTS with the order": (
        PARENTS,
        "",
        _drop("/Resources/Child/DependsOn"),
        _drop("/Resources/Db/DependsOn"),
    ),
    "PARENTS and an addition": (
        PARENTS,
        "",
        _drop("/Resources/Child/Properties/Parameters/Name"),
        add("/Resources/Child/Properties/Parameters/New", "z"),
    ),
    "one item becomes several": (
        ("@",),
        f"{RULES}/0",
        [
            *_set(f"{RULES}/0", {"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "10.0.0.0/17"}),
            *add(f"{RULES}/1", {"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "10.0.128.0/17"}),
        ],
        _set("/Resources/Group/Properties/GroupDescription", "databases"),
    ),
    "a place in an item does not become several": (
        ("@",),
        f"{RULES}/0/CidrIp",
        _set(f"{RULES}/0/CidrIp", "10.0.0.0/17"),
        [*_set(f"{RULES}/0/CidrIp", "10.0.0.0/17"), *add(f"{RULES}/1", {"IpProtocol": "tcp", "FromPort": 22})],
    ),
}


@pytest.mark.parametrize("mark", MARKS)
def test_what_is_declared_is_allowed(mark: str) -> None:
    patterns, place, allowed, _ = MARKS[mark]
    assert _reason(allowed, patterns, place) == ""


@pytest.mark.parametrize("mark", MARKS)
def test_what_is_not_declared_is_refused(mark: str) -> None:
    patterns, place, _, refused = MARKS[mark]
    reason = _reason(refused, patterns, place)
    assert reason.startswith("the patch would also ") and reason.endswith(", which is not part of this repair")


@pytest.mark.parametrize(
    "ops",
    [
        _set(ENGINE, "mysql"),
        _drop("/Resources/Backups"),
        _drop("/Resources/Db/DependsOn"),
        _drop("/Outputs/Engine"),
        _drop("/Parameters/Stage/AllowedValues"),
        add("/Transform", "AWS::Serverless-2016-10-31"),
        add("/Resources/New", {"Type": "AWS::SNS::Topic"}),
    ],
)
def test_anything(ops: list[Op]) -> None:
    assert _reason(ops, ANYTHING) == ""
    assert _reason(ops, ()) != ""


@pytest.mark.parametrize(
    ("ops", "reason"),
    [
        (_set(ENGINE, "mysql"), f'change {ENGINE} from "postgres" to "mysql" in t.json'),
        (add(f"{P}/Iops", 1000), f"add {P}/Iops in t.json"),
        (_drop(ENGINE), f"remove {ENGINE} in t.json"),
        (_drop("/Resources/Db/DependsOn"), "change what is created before Db in t.json"),
        (_set(f"{P}/MultiAZ", True), f"change {P}/MultiAZ from false to true in t.json where Stage=dev, "),
    ],
)
def test_the_reason_tells_the_difference(ops: list[Op], reason: str) -> None:
    assert _reason(ops, ()).startswith(f"the patch would also {reason}")


def test_what_depends_on_a_condition_that_the_patch_writes_refers_to_it() -> None:
    data = patched(BASE, add("/Resources/Alerts/Condition", "IsProd"))
    ops = _set("/Conditions/IsProd", {"Fn::Equals": [{"Ref": "Stage"}, "dev"]})
    assert _reason(ops, ("$",), "/Conditions/IsProd", data) == ""
    assert "/Resources/Alerts" in _reason(ops, ("@", P), "/Conditions/IsProd", data)


def test_what_a_patch_only_tests_it_does_not_write() -> None:
    sizes: Op = {"op": "test", "path": "/Mappings/Sizes", "value": pointer.get(BASE, "/Mappings/Sizes")}
    assert _reason([sizes, *_set(f"{P}/DBInstanceClass", "db.t3.large")], ("$",), "/Mappings/Sizes") != ""


# Renames

DEPENDS = [*_set("/Resources/Db/DependsOn/1", "Firewall"), *_set("/Resources/Child/DependsOn", "Firewall")]
SUB = _set(f"{TOPIC}/TopicName/Fn::Sub", "alerts-${Owner}-${Firewall}")
RENAMES: Mapping[str, tuple[list[Op], list[Op], list[Op] | None]] = {
    "resource": (
        move("/Resources/Group", "/Resources/Firewall", pointer.get(BASE, "/Resources/Group")),
        [*DEPENDS, *SUB],
        DEPENDS,
    ),
    "parameter": (
        move("/Parameters/Owner", "/Parameters/Team", {"Type": "String"}),
        _set(f"{TOPIC}/TopicName/Fn::Sub", "alerts-${Team}-${Group}"),
        [],
    ),
    "mapping": (
        move("/Mappings/Ports", "/Mappings/Numbers", pointer.get(BASE, "/Mappings/Ports")),
        _set(f"{P}/Port/Fn::FindInMap/0", "Numbers"),
        [],
    ),
    "condition": (
        move("/Conditions/IsProd", "/Conditions/InProduction", pointer.get(BASE, "/Conditions/IsProd")),
        _set(f"{P}/MultiAZ/Fn::If/0", "InProduction"),
        [],
    ),
    "output": (move("/Outputs/Engine", "/Outputs/Address", pointer.get(BASE, "/Outputs/Engine")), [], None),
}


@pytest.mark.parametrize("what", RENAMES)
def test_a_rename_with_all_references_is_not_a_difference(what: str) -> None:
    rename, all_uses, _ = RENAMES[what]
    assert _reason([*rename, *all_uses], ()) == ""


@pytest.mark.parametrize("what", [what for what in RENAMES if RENAMES[what][2] is not None])
def test_a_rename_that_forgets_a_reference_is_refused(what: str) -> None:
    rename, _, some_uses = RENAMES[what]
    assert _reason([*rename, *(some_uses or [])], ()) != ""


def test_a_rename_by_removal_and_addition_is_a_difference() -> None:
    """Only a move says that the new entry is the old one."""
    group = pointer.get(BASE, "/Resources/Group")
    ops = [*_drop("/Resources/Group"), *add("/Resources/Firewall", group), *DEPENDS, *SUB]
    assert "remove /Resources/Group" in _reason(ops, ())


def test_a_rename_does_not_excuse_another_change() -> None:
    rename, all_uses, _ = RENAMES["resource"]
    ops = [*rename, *all_uses, *pointer.replace("/Resources/Firewall/Properties/GroupDescription", "database", "x")]
    assert "change /Resources/Firewall/Properties/GroupDescription" in _reason(ops, ())


def test_the_place_of_a_finding_follows_the_rename() -> None:
    rename, all_uses, _ = RENAMES["resource"]
    ops = [*rename, *all_uses, *pointer.replace("/Resources/Firewall/Properties/GroupDescription", "database", "x")]
    assert _reason(ops, ("@",), "/Resources/Group/Properties/GroupDescription") == ""
    assert _reason(ops, ("@",), "/Resources/Db/Properties/GroupDescription") != ""


# What cannot be evaluated, and several declarations

MACRO: Json = {"Transform": "Company::Macro", "Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"V": "a"}}}}
A_V = "/Resources/A/Properties/V"


def test_a_place_that_cannot_be_evaluated_is_refused_unless_it_is_declared() -> None:
    ops = pointer.replace(A_V, "a", "b")
    assert _reason(ops, ("@",), A_V, MACRO).startswith("/Transform of t.json cannot be evaluated: Company::Macro is ")
    assert _reason(ops, ("?",), A_V, MACRO) != ""
    assert _reason(ops, ("@", "/Transform"), A_V, MACRO) == ""
    assert _reason(ops, ANYTHING, A_V, MACRO) == ""


def _deep(value: Json) -> Json:
    for _ in range(3000):
        value = [value]
    return {"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"V": value}}}}


def test_an_entry_that_is_nested_too_deeply_cannot_be_evaluated() -> None:
    before, after = (Project.of([Template.of_data(PATH, _deep(leaf))]) for leaf in ("a", "b"))
    finding = Finding("stub", PATH, "/Resources/B", "wrong", "a", "stub")
    reasons = [
        undeclared(before, after, [Declaration(finding, patterns, {PATH: ()})]) for patterns in (("@",), ANYTHING)
    ]
    assert reasons == ["/Resources/A of t.json cannot be evaluated: it is nested too deeply", ""]


def test_each_declaration_counts_for_its_own_files() -> None:
    before = Project.of([Template.of_data(path, BASE) for path in (PATH, "u.json")])
    ops = _set(ENGINE, "mysql")
    after = Project.of([Template.of_data(path, patched(BASE, ops)) for path in (PATH, "u.json")])
    both = [
        Declaration(Finding("stub", path, ENGINE, "wrong", None, f"stub:{path}"), patterns, {path: tuple(ops)})
        for path, patterns in ((PATH, ("@",)), ("u.json", ("@/../Port",)))
    ]
    assert undeclared(before, after, both[:1]) == ""
    assert f"change {ENGINE}" in undeclared(before, after, both) and "u.json" in undeclared(before, after, both)


def test_two_declarations_of_one_file_allow_what_each_of_them_allows() -> None:
    ops = [*_set(ENGINE, "mysql"), *_set(f"{P}/AllocatedStorage", "30")]
    places = ENGINE, f"{P}/AllocatedStorage"
    both = [
        Declaration(Finding("stub", PATH, place, "wrong", None, place), ("@",), {PATH: tuple(ops)}) for place in places
    ]
    before, after = (Project.of([Template.of_data(PATH, data)]) for data in (BASE, patched(BASE, ops)))
    assert undeclared(before, after, both) == ""
    assert undeclared(before, after, both[:1]) != "" and undeclared(before, after, both[1:]) != ""


def test_where_one_item_becomes_several_the_other_items_stay() -> None:
    ops = [
        *_set(f"{RULES}/0", {"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "10.0.0.0/17"}),
        *_set(f"{RULES}/1/CidrIp", "0.0.0.0/0"),
        *add(f"{RULES}/1", {"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "10.0.128.0/17"}),
    ]
    assert _reason(ops, ("@",), f"{RULES}/0") != ""
