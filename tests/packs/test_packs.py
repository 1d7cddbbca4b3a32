"""Packs: what runs, what does not, how it is named; findings of other tools and Guard rules as input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fixer.cli.main import cli
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine.pipeline import repair
from fixer.engine.selection import chosen, named
from fixer.errors import BadConfig
from fixer.inputs.scanner_findings import load
from fixer.model import Outcome, Report
from fixer.model.reported import Reported
from fixer.settings import Settings
from fixer.transforms import TRANSFORMS
from fixer.transforms.packs import PACKS, answering, pack_transforms

ROOT = Path(__file__).parents[2]
BUCKETS = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
  Invoices:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
"""


def _play(text: str, **settings: Any) -> Report:
    project = Project.of([Template("template.yaml", parse(text, "template.yaml"))])
    return repair(project, ("template.yaml",), Settings(lint=False, **settings))


def _applied(report: Report) -> set[tuple[str, str]]:
    done = (each for each in report.resolutions if each.outcome is Outcome.WOULD_APPLY)
    return {(each.finding.id, each.finding.pointer.split("/")[2]) for each in done}


def test_nothing_of_a_pack_runs_by_default() -> None:
    assert chosen(Settings()) == tuple(each for each in TRANSFORMS if each.requirement is None)
    assert _play(BUCKETS).templates[0].after == BUCKETS


def test_a_default_run_does_not_read_the_table(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(BUCKETS)
    code = (
        "import sys; from fixer.cli.main import cli\n"
        f"try: cli.main(['check', {str(file)!r}, '--no-lint', '-j', '1'], prog_name='fixer')\n"
        "except SystemExit: pass\n"
        "loaded = ('fixer.transforms.properties', 'fixer.transforms.posture')\n"
        "assert not [m for m in sys.modules if m.startswith(loaded)]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_a_pack_runs_besides_the_other_transforms() -> None:
    ids = {each.id for each in chosen(Settings(packs=("resilience",)))}
    assert {"s3-versioning", "redundant-depends-on"} <= ids
    assert "s3-encryption" not in ids
    assert {name for name, _ in _applied(_play(BUCKETS, packs=("resilience",)))} == {"s3-versioning"}


@pytest.mark.parametrize("name", ["s3-versioning", "CKV_AWS_21", "AWS-0090", "avd-aws-0090", "S3.14"])
def test_a_control_selects_what_answers_it(name: str) -> None:
    assert [each.id for each in chosen(Settings(select=(name,)))] == ["s3-versioning"]


def test_the_name_of_a_pack_selects_it_alone() -> None:
    ids = {each.id for each in chosen(Settings(select=("resilience",)))}
    assert ids == {each.id for each in pack_transforms() if each.pack == "resilience"}


def test_an_unknown_pack_is_an_error() -> None:
    with pytest.raises(BadConfig, match="unknown pack 'comfort': use security, resilience, operations"):
        chosen(Settings(packs=("comfort",)))


def test_ignore_wins_over_the_pack() -> None:
    assert "s3-versioning" not in {each.id for each in chosen(Settings(packs=PACKS, ignore=("CKV_AWS_21",)))}


def test_a_suppression_may_name_a_control() -> None:
    text = BUCKETS.replace(
        "  Invoices:\n", "  Invoices:\n    Metadata:\n      fixer:\n        ignore:\n          - id: CKV_AWS_21\n"
    )
    report = _play(text, select=("s3-versioning",))
    assert _applied(report) == {("s3-versioning", "Orders")}
    assert report.suppressed == 1


def test_settings_name_packs(tmp_path: Path) -> None:
    (tmp_path / ".fixer.toml").write_text('packs = ["resilience"]\n')
    from fixer.inputs.config import load as settings_of

    assert settings_of(tmp_path).packs == ("resilience",)


def test_explain_takes_a_control() -> None:
    result = CliRunner().invoke(cli, ["explain", "CKV_AWS_21"])
    assert result.exit_code == 0
    assert result.output.startswith("s3-versioning\n")
    assert "Runs only with: --pack resilience or --select s3-versioning" in result.output
    assert [each.id for each in named("AWS-0089")] == ["s3-access-logs"]


def test_list_shows_packs_on_request() -> None:
    assert "s3-versioning" not in CliRunner().invoke(cli, ["list"]).output
    assert "with resilience" in CliRunner().invoke(cli, ["list", "--packs"]).output


def test_findings_limit_the_run_to_their_resource() -> None:
    found = (Reported("Checkov", "CKV_AWS_21", "lib/template.yaml", "Invoices"),)
    assert _applied(_play(BUCKETS, reported=found, limited=True)) == {("s3-versioning", "Invoices")}


def test_a_finding_with_a_line_is_about_the_resource_there() -> None:
    found = (Reported("Trivy", "AWS-0090", "template.yaml", "", 4, 6),)
    assert _applied(_play(BUCKETS, reported=found, limited=True)) == {("s3-versioning", "Orders")}


def test_a_file_without_findings_changes_nothing() -> None:
    assert list(_play(BUCKETS, limited=True).resolutions) == []


CHECKOV = {
    "check_type": "cloudformation",
    "results": {
        "failed_checks": [
            {
                "check_id": "CKV_AWS_21",
                "file_path": "/t.yaml",
                "repo_file_path": "/lib/t.yaml",
                "resource": "AWS::S3::Bucket.Orders",
                "file_line_range": [3, 6],
                "check_name": "Versioning",
            }
        ]
    },
}
TRIVY = {
    "Results": [
        {
            "Target": "t.yaml",
            "Misconfigurations": [
                {"ID": "AWS-0090", "Status": "FAIL", "CauseMetadata": {"Resource": "Orders", "StartLine": 3}},
                {"ID": "AWS-0088", "Status": "PASS"},
            ],
        }
    ]
}
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Trivy"}},
            "results": [
                {
                    "ruleId": "AWS-0090",
                    "message": {"text": "Versioning"},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": "t.yaml"}, "region": {"startLine": 3}}}
                    ],
                },
                {"ruleId": "AWS-0091", "suppressions": [{"kind": "inSource"}], "locations": [{}]},
            ],
        }
    ],
}
GUARD = [
    {
        "name": "t.yaml",
        "not_compliant": [
            {
                "Rule": {
                    "name": "S3_BUCKET_VERSIONING_ENABLED",
                    "checks": [{"Clause": {"path": "/Resources/Orders/Properties"}}],
                }
            }
        ],
    }
]
LINT = [
    {
        "Filename": "t.yaml",
        "Rule": {"Id": "W3005"},
        "Message": "obsolete",
        "Location": {"Path": ["Resources", "Orders"], "Start": {"LineNumber": 3}, "End": {"LineNumber": 3}},
    }
]


@pytest.mark.parametrize(
    ("document", "tool", "rule", "resource"),
    [
        (CHECKOV, "Checkov", "CKV_AWS_21", "Orders"),
        ([CHECKOV], "Checkov", "CKV_AWS_21", "Orders"),
        (TRIVY, "Trivy", "AWS-0090", "Orders"),
        (SARIF, "Trivy", "AWS-0090", ""),
        (GUARD, "cfn-guard", "S3_BUCKET_VERSIONING_ENABLED", "Orders"),
        (LINT, "cfn-lint", "W3005", "Orders"),
    ],
)
def test_findings_of_each_tool_are_read(document: Any, tool: str, rule: str, resource: str, tmp_path: Path) -> None:
    file = tmp_path / "findings.json"
    file.write_text(json.dumps(document))
    (found,) = load(str(file))
    assert (found.tool, found.rule, found.resource) == (tool, rule, resource)
    assert found.path.endswith("t.yaml")


@pytest.mark.parametrize("text", ["", "[1]", "{}", "not JSON", '{"Results": [{"Misconfigurations": [1]}]}'])
def test_other_files_are_rejected(text: str, tmp_path: Path) -> None:
    file = tmp_path / "findings.json"
    file.write_text(text)
    with pytest.raises(BadConfig, match="is not a file of findings"):
        load(str(file))


def _apply(tmp_path: Path, *options: str) -> tuple[str, Any]:
    file = tmp_path / "t.yaml"
    file.write_text(BUCKETS)
    result = CliRunner().invoke(cli, ["apply", str(file), *options, "--write", "--no-lint", "-j", "1"])
    return file.read_text(), result


def test_apply_repairs_findings_and_says_what_stays(tmp_path: Path) -> None:
    document = json.loads(json.dumps(TRIVY))
    document["Results"][0]["Misconfigurations"].append({"ID": "AWS-9999", "CauseMetadata": {"Resource": "Orders"}})
    (tmp_path / "trivy.json").write_text(json.dumps(document))
    after, result = _apply(tmp_path, "--findings", str(tmp_path / "trivy.json"))
    assert after.count("Status: Enabled") == 1
    assert after.index("Status: Enabled") < after.index("Invoices")
    assert "Trivy AWS-9999 at t.yaml: Orders stays: no transform of fixer repairs it" in result.output
    assert "1 of 2 findings of other tools should be gone" in result.output


RULE = """\
let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]
rule COMPANY_KEEPS_VERSIONS when %buckets !empty {
  %buckets.Properties.VersioningConfiguration.Status == 'Enabled'
  <<Keep versions>>
}
"""


def test_guard_repairs_what_makes_a_rule_of_a_company_fail(tmp_path: Path) -> None:
    pytest.importorskip("cloudformation_validate")
    (tmp_path / "company.guard").write_text(RULE)
    after, result = _apply(tmp_path, "--guard", str(tmp_path))
    assert after.count("Status: Enabled") == 2
    assert "2 of 2 findings of other tools should be gone" in result.output
    again = CliRunner().invoke(cli, ["apply", str(tmp_path / "t.yaml"), "--guard", str(tmp_path), "--no-lint"])
    assert again.exit_code == 0


def test_a_repair_that_leaves_the_rule_failing_is_not_offered(tmp_path: Path) -> None:
    pytest.importorskip("cloudformation_validate")
    rule = RULE.replace("== 'Enabled'", "== 'Suspended'")
    rule = rule.replace("COMPANY_KEEPS_VERSIONS", "S3_BUCKET_VERSIONING_ENABLED")
    (tmp_path / "company.guard").write_text(rule)
    after, result = _apply(tmp_path, "--guard", str(tmp_path))
    assert after == BUCKETS
    assert "S3_BUCKET_VERSIONING_ENABLED still fails after the repair" in result.output


def test_a_rule_with_a_syntax_error_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("cloudformation_validate")
    (tmp_path / "company.guard").write_text("rule {")
    _, result = _apply(tmp_path, "--guard", str(tmp_path))
    assert isinstance(result.exception, BadConfig)
    assert "cannot read the Guard rules" in str(result.exception)


def test_every_control_leads_to_transforms() -> None:
    ids = {each.id for each in pack_transforms()}
    for transform in pack_transforms():
        assert transform.controls
        for control in transform.controls:
            assert transform.id in answering(control)
            assert set(answering(control)) <= ids
