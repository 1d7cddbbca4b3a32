"""The names and the order of resources that are split off from a group or a role."""

from typing import Any

import pytest

from fixer.authoring.depends_on import depend
from fixer.authoring.split_resources import after_policies, policy_ids, rule_ids
from fixer.cloudformation.template import Template
from fixer.model import Json


def template(**resources: Any) -> Template:
    return Template.of_data("stack.json", {"Resources": resources})


def rule(first: Json, last: Json = None, protocol: Json = "tcp") -> dict[str, Json]:
    return {"IpProtocol": protocol, "FromPort": first, "ToPort": first if last is None else last}


TOPIC = {"Type": "AWS::SNS::Topic"}


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ([("App", rule(3306))], ["DbFromApp"]),
        ([("App", rule(3306)), ("Batch", rule(3306))], ["DbFromApp", "DbFromBatch"]),
        ([("App", rule(3306)), ("App", rule(33060))], ["Db3306FromApp", "Db33060FromApp"]),
        ([("App", rule(1024, 65535)), ("App", rule(443))], ["Db1024To65535FromApp", "Db443FromApp"]),
        ([("App", rule({"Ref": "DbPort"})), ("App", rule(443))], ["DbDbPortFromApp", "Db443FromApp"]),
        ([("App", rule(53)), ("App", rule(53, protocol="udp"))], ["Db53FromApp", "DbUdp53FromApp"]),
        ([("App", {"IpProtocol": "-1"}), ("App", rule(443))], ["DbFromApp", "Db443FromApp"]),
        ([("App", rule(443)), ("App", rule(443))], ["Db443FromApp", "DbTcp443FromApp"]),
        ([("Taken", rule(443))], ["Db443FromTaken"]),
    ],
)
def test_a_rule_is_called_by_its_peer_and_ports(rules: list[tuple[str, dict[str, Json]]], names: list[str]) -> None:
    assert rule_ids(template(DbFromTaken=TOPIC), "Db", rules) == names


@pytest.mark.parametrize(
    ("policies", "names"),
    [
        (["s3-access"], ["RolePolicy"]),
        (["s3-access", "WriteLogs"], ["RoleS3Access", "RoleWriteLogs"]),
        ([{"Fn::Sub": "${Stage}-queue"}, {"Ref": "Name"}], ["RoleQueue", "RolePolicy"]),
        (["same", "same"], ["RoleSame", "RoleSame2"]),
    ],
)
def test_a_policy_is_called_by_its_name(policies: list[Json], names: list[str]) -> None:
    bodies: list[dict[str, Json]] = [{"PolicyName": name} for name in policies]
    assert policy_ids(template(), "Role", bodies) == names


def test_what_uses_the_role_waits_for_its_policies() -> None:
    uses = {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}}
    own = template(Role=TOPIC, InCircle=uses, First=uses, Second={**uses, "DependsOn": "Role"}, Else=TOPIC)
    ops = list(after_policies(own, "Role", ["RoleA", "RoleB"], ["Role", "InCircle"]))
    assert [(op["path"], op["value"]) for op in ops if op["op"] != "test"] == [
        ("/Resources/First/DependsOn", ["RoleA", "RoleB"]),
        ("/Resources/Second/DependsOn", ["Role", "RoleA", "RoleB"]),
    ]


@pytest.mark.parametrize(
    ("now", "path", "value"),
    [(None, "", "New"), ("Old", "", ["Old", "New"]), (["Old"], "/-", "New")],
)
def test_depends_on_keeps_its_form(now: Json, path: str, value: Json) -> None:
    owner = {**TOPIC, "DependsOn": now} if now else TOPIC
    op = depend(template(Owner=owner).resources["Owner"], "New")[-1]
    assert (op["path"], op["value"]) == (f"/Resources/Owner/DependsOn{path}", value)
