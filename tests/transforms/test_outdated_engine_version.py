# mypy: disable-error-code="arg-type, dict-item, list-item"
"""outdated-engine-version: what must agree changes together or not at all; a major version is not a fault."""

import json
from typing import Any

import pytest
from golden import linted

from fixer.aws.engines import is_major, newest
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import repair
from fixer.model import Json, Outcome, Report
from fixer.settings import Settings
from fixer.transforms.rds.extended_support import extended_support

INSTANCE, CLUSTER, GLOBAL = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster"
CACHE = "AWS::ElastiCache::CacheCluster"
OLD = "15.2"


def instance(version: Json = None, engine: str = "aurora-postgresql", **more: Json) -> dict[str, Any]:
    given: dict[str, Json] = {} if version is None else {"EngineVersion": version}
    return {"Type": INSTANCE, "Properties": {"Engine": engine, "DBInstanceClass": "db.r6g.large", **given, **more}}


def cluster(version: Json = None, **more: Json) -> dict[str, Any]:
    given: dict[str, Json] = {} if version is None else {"EngineVersion": version}
    return {"Type": CLUSTER, "Properties": {"Engine": "aurora-postgresql", **given, **more}}


def world(version: Json = OLD, **more: Json) -> dict[str, Any]:
    given: dict[str, Json] = {} if version is None else {"EngineVersion": version}
    return {"Type": GLOBAL, "Properties": {"Engine": "aurora-postgresql", **given, **more}}


def run(*templates: dict[str, Any], unsafe: bool = True) -> Report:
    """What the transform makes of templates t0.json, t1.json, ..."""
    texts = {f"t{index}.json": json.dumps(data, indent=2) for index, data in enumerate(templates)}
    project = Project.of([Template(path, parse(text, path)) for path, text in texts.items()])
    return repair(project, tuple(texts), Settings(select=("outdated-engine-version",), unsafe=unsafe), linted)


def versions(report: Report, index: int = 0) -> dict[str, Json]:
    resources = json.loads(report.templates[index].after)["Resources"]
    return {name: each["Properties"].get("EngineVersion") for name, each in resources.items()}


NEW = newest("aurora-postgresql", OLD, CLUSTER, INSTANCE)
JOINED: dict[str, Json] = {"GlobalClusterIdentifier": {"Ref": "World"}}
MEMBER: dict[str, Json] = {"DBClusterIdentifier": {"Ref": "C"}}


@pytest.mark.parametrize(
    ("resources", "changed"),
    [
        ({"C": cluster(OLD), "I": instance(OLD, **MEMBER)}, {"C", "I"}),
        ({"C": cluster(OLD), "I": instance(**MEMBER)}, {"C"}),
        ({"C": cluster(OLD), "I": instance("15.4", **MEMBER)}, {"C", "I"}),
        ({"C": cluster(OLD, DBClusterIdentifier="c"), "I": instance(OLD, DBClusterIdentifier="c")}, {"C", "I"}),
        ({"C": cluster(OLD, **JOINED), "World": world()}, {"C", "World"}),
        ({"C": cluster(OLD, **JOINED), "World": world(None)}, {"C"}),
        ({"C": cluster(OLD), "World": world(None, SourceDBClusterIdentifier={"Ref": "C"})}, {"C"}),
        (
            {"C": cluster(OLD, GlobalClusterIdentifier="W"), "World": world(GlobalClusterIdentifier="w")},
            {"C", "World"},
        ),
        ({"C": cluster(OLD), "Other": cluster("16.1")}, {"C"}),
    ],
)
def test_what_must_agree_changes_together(resources: dict[str, Any], changed: set[str]) -> None:
    report = run({"Resources": resources})
    assert {name for name, version in versions(report).items() if version == NEW} >= changed
    untouched = set(resources) - changed
    assert all(
        versions(report)[name] in (None, newest("aurora-postgresql", "16.1", CLUSTER), "16.1") for name in untouched
    )


def test_a_database_and_its_replica() -> None:
    source, replica = instance("8.0.28", "mysql"), instance("8.0.28", "mysql", SourceDBInstanceIdentifier={"Ref": "S"})
    found = set(versions(run({"Resources": {"S": source, "R": replica}})).values())
    assert found == {newest("mysql", "8.0.28", INSTANCE)}


def test_the_clusters_of_all_regions() -> None:
    here = {"Resources": {"World": world(), "C": cluster(OLD, **JOINED)}}
    there = {
        "Parameters": {"World": {"Type": "String"}},
        "Resources": {"Far": cluster(OLD, **JOINED), "I": instance(OLD, DBClusterIdentifier={"Ref": "Far"})},
    }
    report = run(here, there)
    assert set(versions(report).values()) == set(versions(report, 1).values()) == {NEW}


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"C": cluster(OLD, **JOINED)}, "C is in a global database of another stack"),
        ({"C": cluster(OLD, GlobalClusterIdentifier="w"), "X": world()}, "C is in a global database of another stack"),
        ({"C": cluster(OLD, **JOINED), "A": world(), "B": world()}, "C is in a global database of another stack"),
        ({"I": instance(OLD, DBClusterIdentifier={"Ref": "World"})}, "I has the version of another database"),
        (
            {"I": instance("8.0.28", "mysql", SourceDBInstanceIdentifier="arn:aws:rds:us-east-1:1:db:x")},
            "I has the version of another database (SourceDBInstanceIdentifier)",
        ),
        (
            {"C": cluster(OLD, ReplicationSourceIdentifier={"Ref": "World"})},
            "C has the version of another database (ReplicationSourceIdentifier)",
        ),
        (
            {"C": cluster(OLD), "I": instance("14.4", **MEMBER)},
            "versions that must agree have different major versions",
        ),
        ({"C": cluster(OLD), "I": instance({"Ref": "Choice"}, **MEMBER)}, "the parameter Choice has AllowedValues"),
        ({"C": cluster(OLD), "I": instance({"Ref": "World"}, **MEMBER)}, "the version of I is not literal"),
        (
            {
                "C": cluster(OLD),
                "I": instance({"Ref": "Version"}, **MEMBER),
                "T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Version"}}},
            },
            "the parameter Version is also used in Resources/T",
        ),
        ({"I": instance("17.99", "postgres")}, "cfn-lint lists nothing newer"),
        ({"I": instance("9.6.1", "postgres")}, "cfn-lint lists nothing newer"),
        ({"C": {"Type": CLUSTER, "Properties": {"Engine": "aurora"}}}, "AWS does not offer the engine aurora"),
    ],
)
def test_versions_that_stay(resources: dict[str, Any], reason: str) -> None:
    parameters = {
        "World": {"Type": "String"},
        "Choice": {"Type": "String", "Default": OLD, "AllowedValues": [OLD]},
        "Version": {"Type": "String", "Default": OLD},
    }
    parameters = {name: each for name, each in parameters.items() if name not in resources}
    report = run({"Parameters": parameters, "Resources": resources})
    assert not report.templates[0].changed
    assert report.resolutions
    for resolution in report.resolutions:
        assert resolution.outcome is Outcome.SKIPPED
        assert resolution.reason.startswith(reason)


@pytest.mark.parametrize(
    ("engine", "version", "kind", "expected"),
    [
        ("mysql", "8.0", INSTANCE, True),
        ("mysql", "5.6", INSTANCE, False),
        ("mysql", "8", INSTANCE, False),
        ("mysql", "8.0.28", INSTANCE, False),
        ("mariadb", "10.11", INSTANCE, True),
        ("postgres", "15", INSTANCE, True),
        ("postgres", "9.6", INSTANCE, False),
        ("aurora-mysql", "8.0", CLUSTER, True),
        ("aurora-postgresql", "15", CLUSTER, True),
        ("sqlserver-ex", "15.00", INSTANCE, True),
        ("redis", "6.x", CACHE, True),
        ("redis", "3.x", CACHE, False),
        ("redis", "6", CACHE, False),
        ("memcached", "1.6", CACHE, False),
    ],
)
def test_major_versions(engine: str, version: str, kind: str, expected: bool) -> None:
    assert is_major(engine, version, kind) == expected


@pytest.mark.parametrize("version", ["8.0", 8.0])
def test_a_major_version_is_not_a_finding(version: Json) -> None:
    assert not list(run({"Resources": {"I": instance(version, "mysql")}}).resolutions)
    assert list(run({"Resources": {"I": instance("5.6", "mysql")}}).resolutions)


def test_notes_and_tiers() -> None:
    report = run({"Resources": {"World": world(), "C": cluster(OLD, **JOINED)}}, unsafe=False)
    [resolution] = report.resolutions
    assert resolution.outcome is Outcome.SKIPPED
    assert resolution.notes[1:3] == (
        "World and C must have the same version, so they change together.",
        "Upgrade the secondaries of a running global database before its primary.",
    )


@pytest.mark.parametrize(
    ("engine", "version", "until"),
    [
        ("mysql", "8.0.25", "July 2026"),
        ("postgres", "13.4", "February 2026"),
        ("aurora-postgresql", "14.3", "February 2027"),
        ("aurora-mysql", "8.0.mysql_aurora.3.02.0", "April 2028"),
    ],
)
def test_a_note_says_when_extended_support_begins(engine: str, version: str, until: str) -> None:
    [note] = extended_support(engine, version)
    assert f"has standard support until {until}. After that, RDS charges for Extended Support" in note
    assert "AllowMajorVersionUpgrade: true and parameter groups of the new family" in note


@pytest.mark.parametrize(
    ("engine", "version"), [("mysql", "8.4.3"), ("postgres", "17.2"), ("oracle-ee", "19"), ("", None)]
)
def test_other_versions_have_no_such_note(engine: str, version: Json) -> None:
    assert not list(extended_support(engine, version))


def test_a_version_that_stays_has_the_note_as_its_reason() -> None:
    [resolution] = run({"Resources": {"I": instance("5.7.12", "mysql")}}).resolutions
    assert "nothing newer" in resolution.reason and "until February 2024" in resolution.reason
