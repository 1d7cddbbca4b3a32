"""bucket-name-case: what depends on the spelling of a value, in this template and in others, in JSON and in YAML."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixer.document import parse
from fixer.model import Json, Outcome, Report
from fixer.pointer import get
from fixer.run import commands as run
from fixer.settings import Settings

REF: Json = {"Ref": "Stage"}


def stack(declared: dict[str, Json], **resources: Any) -> dict[str, Any]:
    """A template with a bucket that the parameter Stage names."""
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    name: Json = {"Fn::Sub": "logs-${Stage}-${AWS::AccountId}"}
    bucket = {"Type": "AWS::S3::Bucket", **kept, "Properties": {"BucketName": name}}
    return {"Parameters": {"Stage": {"Type": "String", **declared}}, "Resources": {"Logs": bucket, **resources}}


def nested(value: Json, file: str = "inner", name: str = "Stage") -> dict[str, Any]:
    properties = {"TemplateURL": f"{file}.KIND", "Parameters": {name: value}}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def parameter(value: Json) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}


def run_on(folder: Path, kind: str, **templates: dict[str, Any]) -> Report:
    dumped = {
        "json": lambda data: json.dumps(data, indent=2),
        "yaml": lambda data: yaml.safe_dump(data, sort_keys=False),
    }
    for name, data in templates.items():
        (folder / f"{name}.{kind}").write_text(dumped[kind](data).replace("KIND", kind))
    settings = Settings(select=("bucket-name-case",), unsafe=True, undeployed=True)
    return run.apply([str(folder)], settings, write=True)


PLAIN: dict[str, Json] = {"Default": "Live"}
LISTED: dict[str, Json] = {"Default": "Live", "AllowedValues": ["Live", "Test"]}
INNER: dict[str, Any] = {
    "names": {"Parameters": {"Stage": {"Type": "String"}}, "Resources": {"P": parameter(REF)}},
    "lists": {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["Live"]}},
        "Resources": {"P": parameter(REF)},
    },
    "compares": {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsLive": {"Fn::Equals": [REF, "Live"]}},
        "Resources": {"P": {**parameter("a"), "Condition": "IsLive"}},
    },
    "nests": {"Parameters": {"Stage": {"Type": "String"}}, "Resources": {"N": nested(REF, "elsewhere", "Level")}},
    "nests itself": {"Parameters": {"Stage": {"Type": "String"}}, "Resources": {"N": nested(REF)}},
}


@pytest.mark.parametrize("kind", ["json", "yaml"])
@pytest.mark.parametrize(
    ("templates", "reason"),
    [
        ({"inner": stack(LISTED), "outer": {"Resources": {"N": nested("Live")}}}, "the stack N passes Stage"),
        ({"other": stack(PLAIN), "outer": {"Resources": {"N": nested("Live", "x")}}}, "the stack N passes Stage"),
        ({"outer": stack(PLAIN, N=nested(REF)), "inner": INNER["lists"]}, "Resources/N depends on the value"),
        ({"outer": stack(PLAIN, N=nested(REF)), "inner": INNER["compares"]}, "Resources/N depends on the value"),
        ({"outer": stack(PLAIN, N=nested(REF)), "inner": INNER["nests"]}, "Resources/N depends on the value"),
        ({"outer": stack(PLAIN, N=nested(REF)), "inner": INNER["nests itself"]}, "Resources/N depends on the value"),
        ({"outer": stack(PLAIN, N=nested(REF))}, "Resources/N depends on the value"),
        (
            {"a": stack(PLAIN, P=parameter({"Fn::ImportValue": {"Fn::Sub": "${Stage}-Url"}}))},
            "Resources/P depends on the value",
        ),
        (
            {"a": stack(PLAIN, P=parameter({"Fn::Sub": "{{resolve:ssm:/${Stage}/url}}"}))},
            "Resources/P depends on the value",
        ),
    ],
)
def test_what_depends_on_the_spelling(templates: Any, reason: str, kind: str, tmp_path: Path) -> None:
    [resolution] = run_on(tmp_path, kind, **templates).resolutions
    assert resolution.outcome is Outcome.SKIPPED
    assert resolution.reason.startswith(reason)


@pytest.mark.parametrize("kind", ["json", "yaml"])
@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (LISTED, {"Default": "live", "AllowedValues": ["live", "test"]}),
        (
            PLAIN,
            {
                "Default": "live",
                "AllowedPattern": "[a-z0-9-]+",
                "ConstraintDescription": "Must contain only lower-case letters, digits and hyphens",
            },
        ),
        (
            {"Default": "Live.Eu", "ConstraintDescription": "A stage"},
            {"Default": "live.eu", "AllowedPattern": "[a-z0-9.-]+", "ConstraintDescription": "A stage"},
        ),
    ],
)
def test_the_value_in_lower_case(
    declared: dict[str, Json], expected: dict[str, Json], kind: str, tmp_path: Path
) -> None:
    outer = stack(declared, N=nested(REF))
    [resolution] = run_on(tmp_path, kind, outer=outer, inner=INNER["names"]).resolutions
    assert resolution.outcome is Outcome.APPLIED, resolution.reason
    data = parse((tmp_path / f"outer.{kind}").read_text(), f"outer.{kind}").data
    assert get(data, "/Parameters/Stage") == {"Type": "String", **expected}
