"""The engine versions that cfn-lint knows: those that RDS and ElastiCache accept, and those only of older databases."""

import functools
import json
import re
from importlib import resources
from typing import Any

_PLAIN = re.compile(r"\d+(?:\.\d+)*(?:\.mysql_aurora(?:\.\d+)+)?")
_EXTENSIONS = "cfnlint.data.schemas.extensions"


_FOLDERS = {
    "AWS::RDS::DBInstance": "aws_rds_dbinstance",
    "AWS::RDS::DBCluster": "aws_rds_dbcluster",
    "AWS::RDS::GlobalCluster": "aws_rds_dbcluster",
    "AWS::ElastiCache::CacheCluster": "aws_elasticache_cachecluster",
}
_TWO_PARTS = ("mysql", "mariadb", "memcached", "sqlserver", "db2")
"""Engines whose major version has two numbers: 8.0, 10.6, 1.6, 15.00, 11.5."""

_UNORDERED = ("sqlserver", "db2", "custom")
"""Engines whose versions the numbers alone do not order."""


def newest(engine: str, version: str, *resource_types: str) -> str | None:
    """The newest version of the same major version that new resources of all these types can have; None if none is
    newer, as for a version newer than cfn-lint's data, or if the numbers alone do not order the engine's versions.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
    """
    family = _family(engine, version)
    if not family or engine.startswith(_UNORDERED):
        return None
    common = frozenset.intersection(*(_creatable(engine, _FOLDERS[each]) for each in resource_types))
    known = [each for each in common if _is_of(family, each) and _number(each) > _number(version)]
    return max(known, key=_number) if known else None


def is_major(engine: str, version: str, resource_type: str) -> bool:
    """Whether the version names a whole major version that is still offered: AWS then chooses the minor version.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
    """
    known = _creatable(engine, _FOLDERS[resource_type])
    if engine in ("redis", "valkey", "memcached"):
        return version.endswith(".x") and any(each.startswith(version[:-1]) for each in known)
    depth = 2 if engine.startswith((*_TWO_PARTS, "aurora-mysql")) else 1
    is_short = len(version.split(".")) == depth or version.startswith("9.")
    return is_short and any(each.startswith(f"{version}.") for each in known)


def major_of(engine: str, version: str) -> str:
    """The prefix of all versions of the same major version; "" for an unknown engine."""
    return _family(engine, version)


def _family(engine: str, version: str) -> str:
    parts = version.split(".")
    if engine == "aurora-mysql":
        found = re.match(r"\d+\.\d+\.mysql_aurora\.\d+", version)
        return found[0] if found else ""
    if engine.startswith(_TWO_PARTS):
        return ".".join(parts[:2]) if len(parts) >= 2 else ""
    if engine in ("postgres", "aurora-postgresql") and parts[0].isdigit():
        return parts[0] if int(parts[0]) >= 10 else ".".join(parts[:2])
    return parts[0] if engine in ("redis", "valkey") else ""


def _is_of(family: str, version: str) -> bool:
    return version.startswith(f"{family}.") and _PLAIN.fullmatch(version) is not None


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


@functools.lru_cache(maxsize=256)  # Bounded, because a template may name any engine.
def _creatable(engine: str, folder: str) -> frozenset[str]:
    known = _listed(f"{_EXTENSIONS}.{folder}", "engine_version.json", engine)
    return known - _listed(f"{_EXTENSIONS}.{folder}", "engine_version_deprecated.json", engine)


def _listed(folder: str, name: str, engine: str) -> frozenset[str]:
    """The versions that a cfn-lint schema lists for an engine: those of `then`, or of `if` where `then` rejects."""
    file = resources.files(folder).joinpath(name)
    if not file.is_file():
        return frozenset()
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for case in schema["allOf"]:
        asked = case["if"]["properties"]
        if asked["Engine"].get("const") == engine:
            rejects = case["then"] is False
            listed = asked if rejects else case["then"]["properties"]
            return frozenset(map(str, listed["EngineVersion"]["enum"]))
    return frozenset()
