"""The database engine versions that cfn-lint knows: those that RDS accepts, and those for existing databases only."""

import functools
import json
import re
from importlib import resources
from typing import Any

_PLAIN = re.compile(r"\d+(?:\.\d+)*(?:\.mysql_aurora(?:\.\d+)+)?")
_EXTENSIONS = "cfnlint.data.schemas.extensions"


def newest(engine: str, version: str, is_cluster: bool) -> str | None:
    """The newest version of the same major version that a new database can have; None if there is none, or if the
    numbers alone do not order the engine's versions.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
    """
    family = _family(engine, version)
    known = [each for each in _creatable(engine, is_cluster) if family and _is_of(family, each)]
    return max(known, key=_number) if known else None


def _family(engine: str, version: str) -> str:
    """The prefix of all versions of the same major version; "" for an unknown engine."""
    parts = version.split(".")
    if engine == "aurora-mysql":
        found = re.match(r"\d+\.\d+\.mysql_aurora\.\d+", version)
        return found[0] if found else ""
    if engine in ("mysql", "mariadb"):
        return ".".join(parts[:2]) if len(parts) >= 2 else ""
    if engine in ("postgres", "aurora-postgresql") and parts[0].isdigit():
        return parts[0] if int(parts[0]) >= 10 else ".".join(parts[:2])
    return ""


def _is_of(family: str, version: str) -> bool:
    return version.startswith(f"{family}.") and _PLAIN.fullmatch(version) is not None


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


@functools.cache
def _creatable(engine: str, is_cluster: bool) -> frozenset[str]:
    folder = f"{_EXTENSIONS}.aws_rds_{'dbcluster' if is_cluster else 'dbinstance'}"
    return _listed(folder, "engine_version.json", engine) - _listed(folder, "engine_version_deprecated.json", engine)


def _listed(folder: str, name: str, engine: str) -> frozenset[str]:
    """The versions that a cfn-lint schema lists for an engine: those of `then`, or of `if` where `then` rejects."""
    schema: dict[str, Any] = json.loads(resources.files(folder).joinpath(name).read_text(encoding="utf-8"))
    for case in schema["allOf"]:
        asked = case["if"]["properties"]
        if asked["Engine"].get("const") == engine:
            rejects = case["then"] is False
            listed = asked if rejects else case["then"]["properties"]
            return frozenset(map(str, listed["EngineVersion"]["enum"]))
    return frozenset()
