"""health-check-parameter: which records and checks are found, which alarm is followed, what is refused."""

from typing import Any

import pytest
from driver import context_of, only_patch, patches, template_of

from fixer.authoring.context import Context
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.engine.selection import chosen
from fixer.errors import BadConfig
from fixer.model import Json, Patch, Tier
from fixer.settings import Declared, Settings
from fixer.transforms.route53.health_check_parameter import TRANSFORM

EAST, WEST = "us-east-1", "eu-west-1"
BY_HAND: Json = {"Ref": "CheckId"}
NO_VALUE: Json = {"Ref": "AWS::NoValue"}
RECORD, CHECK = "AWS::Route53::RecordSet", "AWS::Route53::HealthCheck"
PLACE = "/Resources/Record/Properties"


def resource(kind: str, condition: str = "", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, **({"Condition": condition} if condition else {}), "Properties": properties}


def record(check: Json = BY_HAND, failover: Json = "PRIMARY", condition: str = "", **more: Any) -> dict[str, Any]:
    given = {"HealthCheckId": check, "Failover": failover, **more}
    return resource(RECORD, condition, **{name: value for name, value in given.items() if value is not None})


def dns(*, parameters: Any = None, sections: Any = None, **resources: Any) -> dict[str, Any]:
    declared = {"CheckId": {"Type": "String"}, "Stage": {"Type": "String"}} if parameters is None else parameters
    return {"Parameters": declared, "Resources": resources or {"Record": record()}, **(sections or {})}


def alarm(name: Json = "writer-cpu", metric: str = "CPUUtilization", **more: Any) -> dict[str, Any]:
    dimensions: Json = [{"Name": "DBInstanceIdentifier", "Value": {"Ref": "One"}}]
    own = {"AlarmName": name, "Namespace": "AWS/RDS", "MetricName": metric, "Dimensions": dimensions}
    return resource("AWS::CloudWatch::Alarm", **{**own, "Statistic": "Average", "Period": 60, **more})


def regional(
    role: str = "primary", region: str = EAST, path: str = "", sections: Any = None, **resources: Any
) -> Template:
    """A template with the cluster of that role, an instance, an alarm on it, and more."""
    own = {"MasterUsername": "app"} if role == "primary" else {}
    cluster = resource("AWS::RDS::DBCluster", GlobalClusterIdentifier="ledger", **own)
    one = resource("AWS::RDS::DBInstance", DBClusterIdentifier={"Ref": "Cluster"})
    made = {"Cluster": cluster, "One": one, "Alarm": alarm(), **resources}
    return template_of({"Description": region, "Resources": made, **(sections or {})}, path or f"{role}.json")


def places(data: Json, *others: Template) -> list[str]:
    template = template_of(data)
    return [each.pointer for each in TRANSFORM.detect(template, context_of(TRANSFORM, template, others=others))]


def made(data: Json, *others: Template, **options: str) -> Patch:
    return only_patch(TRANSFORM, data, options, {}, others)


def written(patch: Patch) -> dict[str, Any]:
    """What the patch writes, by place."""
    return {str(op["path"]): op["value"] for op in patch.files["stack.json"] if op["op"] in ("add", "replace")}


def removed(patch: Patch) -> list[str]:
    return [str(op["path"]) for op in patch.files["stack.json"] if op["op"] == "remove"]


def config(patch: Patch, logical_id: str = "PrimaryHealthCheck") -> Any:
    return written(patch)[f"/Resources/{logical_id}"]["Properties"]["HealthCheckConfig"]


ALIAS = {"EvaluateTargetHealth": True, "DNSName": "x"}


@pytest.mark.parametrize(
    ("given", "found_at"),
    [
        (record(), f"{PLACE}/HealthCheckId"),
        (record(failover="SECONDARY"), f"{PLACE}/HealthCheckId"),
        (record(failover="secondary"), f"{PLACE}/HealthCheckId"),
        (record(AliasTarget=ALIAS), f"{PLACE}/HealthCheckId"),
        (record(None), PLACE),
        (record(NO_VALUE), PLACE),
        (record(None, AliasTarget={**ALIAS, "EvaluateTargetHealth": False}), PLACE),
        (record(None, AliasTarget={**ALIAS, "EvaluateTargetHealth": "true"}), None),
        (record(None, AliasTarget=ALIAS), None),
        (record(None, "SECONDARY"), None),
        (record(NO_VALUE, "SECONDARY"), None),
        (record(failover=None), None),
        (record(failover={"Ref": "Stage"}), None),
        (record({"Ref": "Check"}), None),
        (record({"Fn::ImportValue": "check"}), None),
        (record("0123-4567"), None),
        (record({"Ref": "FromStore"}), None),
        (record({"Fn::If": ["C", BY_HAND, NO_VALUE]}), None),
        (resource("AWS::Route53::RecordSetGroup", RecordSets=[{}, record()["Properties"]]), "RecordSets/1"),
    ],
)
def test_records(given: dict[str, Any], found_at: str | None) -> None:
    data = dns(Record=given, Check=resource(CHECK))
    data["Parameters"]["FromStore"] = {"Type": "AWS::SSM::Parameter::Value<String>"}
    if found_at == "RecordSets/1":
        found_at = f"{PLACE}/RecordSets/1/HealthCheckId"
    assert places(data) == ([found_at] if found_at else [])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (record(), "the health check id of the PRIMARY record is passed by hand, as parameter CheckId"),
        (
            record(failover="SECONDARY"),
            "the health check id of the SECONDARY record is passed by hand, as parameter CheckId",
        ),
        (record(None), "the PRIMARY record has no health check: Route 53 rejects it"),
    ],
)
def test_what_the_finding_says(given: dict[str, Any], words: str) -> None:
    template = template_of(dns(Record=given))
    [finding] = TRANSFORM.detect(template, context_of(TRANSFORM, template))
    assert finding.message == words


@pytest.mark.parametrize(
    ("failover", "others", "why"),
    [
        ("PRIMARY", (), "no templates of the project serve the PRIMARY record"),
        ("PRIMARY", (template_of({"Resources": {}}, "none.json"),), "no templates of the project serve"),
        ("SECONDARY", (regional(),), "no templates of the project serve the SECONDARY record"),
        ("PRIMARY", (regional(), regional(path="p.json")), "2 templates of the project serve the PRIMARY record"),
        ("PRIMARY", (regional(Alarm=alarm(Period=30)),), "no alarm of the template shows that Cluster is lost"),
        ("SECONDARY", (regional("secondary", Alarm=alarm(metric="AuroraGlobalDBReplicationLag")),), "replication"),
        (
            "PRIMARY",
            (regional(Alarm=alarm({"Fn::Sub": "${Tenant}"})),),
            "cannot express the name of Alarm in primary.json",
        ),
        ("PRIMARY", (regional(Alarm=alarm(None)),), "cannot express the name of Alarm in primary.json"),
    ],
)
def test_a_public_endpoint_is_needed(failover: str, others: tuple[Template, ...], why: str) -> None:
    patch = made(dns(Record=record(failover=failover)), *others)
    assert not patch.files and patch.tier is Tier.NEEDS_VALUE
    assert why in patch.reason
    assert "name a public endpoint that reports the health of the database" in patch.reason
    assert patch.wants == ("health-check-parameter.fqdn=health.example.com",)


def test_a_template_with_two_databases_of_the_role() -> None:
    second = resource("AWS::RDS::DBCluster", GlobalClusterIdentifier="other", MasterUsername="app")
    assert "primary.json has 2 primary databases" in made(dns(), regional(Second=second)).reason


def test_a_region_that_is_not_known() -> None:
    patch = made(dns(), regional(region=""))
    assert not patch.files and patch.tier is Tier.REVIEW
    assert patch.reason == (
        "the region of primary.json is not known: set it in the configuration ([[project]] regions)"
    )


def test_the_region_may_come_from_the_configuration() -> None:
    template, there = template_of(dns()), regional(region="")
    context = Context(TRANSFORM.id, Project.of([template, there], {"primary.json": Declared(region=WEST)}))
    [finding] = TRANSFORM.detect(template, context)
    assert config(TRANSFORM.patch(template, finding, context))["AlarmIdentifier"]["Region"] == WEST


@pytest.mark.parametrize(
    ("failover", "there", "insufficient_data", "status"),
    [
        ("PRIMARY", regional(), None, "Unhealthy"),
        ("SECONDARY", regional("secondary"), None, "Healthy"),
        ("PRIMARY", regional(), "LastKnownStatus", "LastKnownStatus"),
        ("SECONDARY", regional("secondary"), "Unhealthy", "Unhealthy"),
    ],
)
def test_the_check_follows_the_alarm(
    failover: str, there: Template, insufficient_data: str | None, status: str
) -> None:
    options = {"insufficient_data": insufficient_data} if insufficient_data else {}
    patch = made(dns(Record=record(failover=failover)), there, **options)
    name = f"{failover.title()}HealthCheck"
    assert config(patch, name) == {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": "writer-cpu", "Region": EAST},
        "InsufficientDataHealthStatus": status,
    }
    assert written(patch)[f"{PLACE}/HealthCheckId"] == {"Ref": name}
    assert patch.notes[0].startswith("Deploy the stack in us-east-1 first")
    assert any(f"counts as {status}." in note for note in patch.notes)
    assert any("so the alarm's threshold decides when DNS fails over" in note for note in patch.notes)
    told = any("inactive until the secondary is promoted" in note for note in patch.notes)
    assert told == (failover == "SECONDARY")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ({"Fn::Sub": "cpu-${Stage}"}, {"Fn::Sub": "cpu-${Stage}"}),
        ({"Ref": "Stage"}, {"Ref": "Stage"}),
        ({"Fn::Sub": "cpu-${AWS::Region}"}, "cpu-us-east-1"),
    ],
)
def test_the_name_of_the_alarm_as_it_reads_here(name: Json, said: Json) -> None:
    assert config(made(dns(), regional(Alarm=alarm(name))))["AlarmIdentifier"]["Name"] == said


@pytest.mark.parametrize(("option", "value"), [("insufficient_data", "Unknown"), ("secondary", "primary")])
def test_choices(option: str, value: str) -> None:
    known = TRANSFORM.option(option)
    assert known is not None
    for each in known.choices:
        assert chosen(Settings(options={TRANSFORM.id: {option: each}}))
    with pytest.raises(BadConfig, match=f"{option} must be one of {', '.join(known.choices)}, not '{value}'"):
        chosen(Settings(options={TRANSFORM.id: {option: value}}))


def test_an_endpoint_that_is_named() -> None:
    patch = made(dns(), regional(), fqdn="health.example.com")
    assert config(patch) == {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "health.example.com",
        "Port": 443,
        "ResourcePath": "/health",
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }
    assert patch.notes == ()


@pytest.mark.parametrize(
    ("fqdn", "why"),
    [
        ("ledger.cluster-abc.us-east-1.rds.amazonaws.com", "a database endpoint does not speak HTTP"),
        ("https://health.example.com", "is not a domain name"),
        ("localhost", "is not a domain name"),
    ],
)
def test_an_endpoint_that_will_not_do(fqdn: str, why: str) -> None:
    with pytest.raises(BadConfig, match=rf"health-check-parameter\.fqdn={fqdn}: {why}"):
        made(dns(), fqdn=fqdn)


@pytest.mark.parametrize(("failover", "goes"), [("SECONDARY", True), ("PRIMARY", False)])
def test_a_secondary_without_a_check(failover: str, goes: bool) -> None:
    patch = made(dns(Record=record(failover=failover)), regional(), regional("secondary"), secondary="none")
    assert (removed(patch)[0] == f"{PLACE}/HealthCheckId") == goes
    assert (patch.notes == ("Without a health check, the SECONDARY record is always eligible.",)) == goes
    assert "/Parameters/CheckId" in removed(patch)


ELSEWHERE = {"Outputs": {"Check": {"Value": BY_HAND}}}
CONDITIONS = {"Conditions": {"C": {"Fn::Equals": [BY_HAND, ""]}}}


@pytest.mark.parametrize(
    ("data", "goes"),
    [
        (dns(), ["/Parameters/CheckId"]),
        (dns(parameters={"CheckId": {"Type": "String"}}), ["/Parameters"]),
        (dns(sections=ELSEWHERE), []),
        (dns(sections=CONDITIONS), []),
        (dns(Record=record(None)), []),
    ],
)
def test_the_parameter_goes_if_nothing_else_uses_it(data: dict[str, Any], goes: list[str]) -> None:
    assert removed(made(data, regional())) == goes


def test_a_parameter_of_two_records_stays_for_the_second() -> None:
    both = dns(Record=record(), Other=record(failover="SECONDARY"))
    assert [removed(patch) for patch in patches(TRANSFORM, both, {"fqdn": "h.example.com"})] == [[], []]


@pytest.mark.parametrize(("more", "tested"), [({}, True), ({"Stage": {"Type": "String"}}, False)])
def test_patches_that_empty_the_parameters_wait_for_each_other(more: dict[str, Any], tested: bool) -> None:
    parameters = {"CheckId": {"Type": "String"}, "OtherId": {"Type": "String"}, **more}
    data = dns(parameters=parameters, Record=record(), Other=record({"Ref": "OtherId"}, "SECONDARY"))
    for patch in patches(TRANSFORM, data, {"fqdn": "h.example.com"}):
        ops = [op for op in patch.files["stack.json"] if op["path"] == "/Parameters"]
        assert ops == ([{"op": "test", "path": "/Parameters", "value": parameters}] if tested else [])


@pytest.mark.parametrize("check", [None, NO_VALUE, BY_HAND])
def test_a_check_is_added_or_replaced(check: Json) -> None:
    patch = made(dns(Record=record(check)), regional())
    ops = [op["op"] for op in patch.files["stack.json"] if op["path"] == f"{PLACE}/HealthCheckId"]
    assert ops == (["add"] if check is None else ["test", "replace"])


@pytest.mark.parametrize("condition", ["", "C"])
def test_the_check_exists_when_the_record_does(condition: str) -> None:
    body = written(made(dns(Record=record(condition=condition)), regional()))["/Resources/PrimaryHealthCheck"]
    assert list(body) == ["Type", *(["Condition"] if condition else []), "Properties"]
    assert body.get("Condition", "") == condition


def test_a_check_takes_no_logical_id_that_is_taken() -> None:
    data = dns(Record=record(), PrimaryHealthCheck=resource("AWS::SNS::Topic"))
    assert "/Resources/PrimaryRecordHealthCheck" in written(made(data, regional()))


def check(name: Json = "writer-cpu", region: Json = EAST) -> dict[str, Any]:
    identifier = {"Name": name, "Region": region}
    return resource(CHECK, HealthCheckConfig={"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": identifier})


REGIONAL = check({"Ref": "Alarm"}, {"Ref": "AWS::Region"})
IMPORTED = {"Value": {"Ref": "Check"}, "Export": {"Name": "check"}}


def beside(section: Any = None, **resources: Any) -> Template:
    """A DNS template with a check on the same alarm, and more."""
    more = {"Twin": check(), "Record": record({"Ref": "Twin"}), **resources}
    return template_of(dns(parameters=section, **more), "dns.json")


@pytest.mark.parametrize(
    ("here", "there", "is_found"),
    [
        (regional(Check=REGIONAL), beside(), True),
        (regional(Check=REGIONAL, sections={"Outputs": {"Id": {"Value": {"Ref": "Check"}}}}), beside(), True),
        (regional(Check=REGIONAL, Other=record({"Ref": "Check"})), beside(), False),
        (regional(Check=REGIONAL, sections={"Outputs": {"CheckId": {"Value": {"Ref": "Check"}}}}), beside(), False),
        (regional(Check=REGIONAL), beside(Other=record()), False),
        (
            regional(Check=REGIONAL, sections={"Outputs": {"Id": IMPORTED}}),
            beside(Other=record({"Fn::ImportValue": "check"}, "SECONDARY")),
            False,
        ),
        (regional(Check=REGIONAL, sections={"Outputs": {"Id": IMPORTED}}), beside(), True),
        (regional(Check=REGIONAL, region=""), beside(), False),
        (regional(Check=check()), beside(), False),
        (regional(Check=REGIONAL, Alarm=alarm(None)), beside(), False),
        (regional(Check=REGIONAL), beside(Twin=check("other")), False),
        (regional(Check=REGIONAL), beside(Twin=check(region=WEST)), False),
        (regional(Check=REGIONAL), beside(Twin=resource(CHECK)), False),
        (regional(Check=REGIONAL, Twin=check()), beside(Twin=check("other")), False),
    ],
)
def test_checks_that_became_superfluous(here: Template, there: Template, is_found: bool) -> None:
    context = context_of(TRANSFORM, here, others=(there,))
    found = [finding for finding in TRANSFORM.detect(here, context) if finding.pointer == "/Resources/Check"]
    assert [finding.message for finding in found] == (
        ["nothing uses Check: Twin in dns.json follows the same alarm"] if is_found else []
    )


@pytest.mark.parametrize(
    ("outputs", "goes"),
    [
        (None, ["/Resources/Check"]),
        ({"Id": {"Value": {"Ref": "Check"}}}, ["/Resources/Check", "/Outputs"]),
        ({"Id": {"Value": {"Ref": "Check"}}, "Name": {"Value": "x"}}, ["/Resources/Check", "/Outputs/Id"]),
        (
            {"Id": {"Value": {"Fn::Sub": "${Check}${Check}"}}, "Name": {"Value": "x"}},
            ["/Resources/Check", "/Outputs/Id"],
        ),
        ({"Name": {"Value": "x"}}, ["/Resources/Check"]),
    ],
)
def test_a_superfluous_check_goes_with_its_outputs(outputs: Json, goes: list[str]) -> None:
    here = regional(Check=REGIONAL, path="stack.json", sections={"Outputs": outputs} if outputs else None)
    patch = made(here.data, beside())
    assert removed(patch) == goes
    assert "Update the stack of the records first" in patch.notes[0]
