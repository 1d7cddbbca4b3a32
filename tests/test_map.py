"""Reviews: which failures they list, which transform each means, and how each stands in templates."""

import json
import shutil
from pathlib import Path

import pytest
from test_cli import fixer
from twelve import TWELVE

from fixer.engine.failure_map import State, reviewed, transform_of
from fixer.errors import BadConfig
from fixer.inputs.failure_list import load as load_review
from fixer.inputs.failure_list import read
from fixer.inputs.requirements import declared, load
from fixer.model.failures import About, Failure
from fixer.run import commands as run
from fixer.settings import Settings

EXAMPLE = Path(__file__).parent.parent / "examples" / "aurora-global-dr"
CASES = Path(__file__).parents[2] / "shared" / "cases"
REAL = CASES / "aurora-global-dr"
needs_cases = pytest.mark.skipif(not CASES.exists(), reason="../shared/cases is absent: the real reviews are not read")


def _titles(text: str) -> list[str]:
    return [failure.title for failure in read(text)]


@pytest.mark.parametrize(
    "text",
    [
        "# Review\n\n### 1. No dashboard\n\n### 2. No network\n",
        "# Review\n\n## 🔴 CRITICAL FAILURES\n\n### FAILURE-1: No dashboard\n### FAILURE-2: No network\n",
        "# Review\n\n## **Failure 1: No dashboard**\n\n## **Failure 2: No network**\n",
        "# Review\n\n## 1. Operations\n\n### Issue: No dashboard\n\n## 2. Network Issues\n\n### Issue: No network\n",
        "# Review\n\n### 1. Failures\n\n**1.1 No dashboard**\nSee it.\n\n**1.2 No network**\nNone.\n",
        "# Review\n\n## High Failures\n\n### No dashboard\n\n#### Fix\n\nOne.\n\n### No network\n",
        "1. No dashboard\n2. No network\n",
        "# Review\n\n1. **No dashboard**\n   - at all\n2) **No network:** nothing creates it\n",
        "# Review\n\n| Issue | Problem |\n|---|---|\n| **No dashboard** | none |\n| No network | none |\n",
        "## Failures vs. ideal\n\n- **No dashboard**: nothing shows it\n- No network:\n  - no VPC\n",
        "### 1. `No dashboard` ###\r\n\r\n### 2. No network\r\n",
    ],
)
def test_the_many_ways_in_which_failures_are_listed(text: str) -> None:
    assert _titles(text) == ["No dashboard", "No network"]
    assert [failure.number for failure in read(text)] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "# Failures\n\nAll is well.\n",
        "## Summary\n\n- 2 critical failures\n",
        "# Review\n\n## 1. Summary\n\nNothing.\n",
        "# Review\n\n## Fixes\n\n1. Added a dashboard\n",
        "```\n### 1. No dashboard\n```\n",
        "",
    ],
)
def test_what_lists_no_failure(text: str) -> None:
    assert _titles(text) == []


def test_a_code_block_that_is_never_closed_hides_nothing() -> None:
    assert _titles("### 1. No dashboard\n```\nx\n### 2. No network\n") == ["No dashboard", "No network"]


@pytest.mark.parametrize(
    ("text", "impact"),
    [
        ("### 1. X\n**Impact Level**: Critical\n", "critical"),
        ("### 1. X\n- **Severity:** HIGH - Y\n", "high"),
        ("## Medium Failures\n\n### 1. X\n\nText.\n", "medium"),
        ("## Medium Failures\n\n### 1. X\n\n**Impact**: Low\n", "low"),
        ("### 1. X\n**Impact**: it is highly annoying\n", ""),
        ("### 1. X\n\n### 2. Y\n**Severity**: Low\n", ""),
    ],
)
def test_the_impact_is_what_the_failure_says_or_its_group(text: str, impact: str) -> None:
    assert read(text)[0].impact == impact


def test_numbers_that_begin_anew_are_counted_instead() -> None:
    text = "## High Failures\n### 1. A\n### 2. B\n## Low Failures\n### 1. C\n"
    assert [(failure.number, failure.title, failure.line) for failure in read(text)] == [
        (1, "A", 2),
        (2, "B", 3),
        (3, "C", 5),
    ]
    assert [failure.number for failure in read("### 3. A\n### 7. B\n")] == [3, 7]


@pytest.mark.parametrize(
    ("title", "transform"),
    [
        ("Health check is CALCULATED without children", "calculated-health-check"),
        ("Incorrect Health Check Configuration", None),
        ("Missing Container Health Check", None),
        ("Health check ids are passed manually", "health-check-parameter"),
        ("Missing VPC Endpoints for Cost Optimization", None),
        ("Missing VPC Flow Logs", None),
        ("Missing Lambda VPC Configuration", None),
        ("Missing VPC Peering Connection Properties", None),
        ("Non-Self-Sufficient Infrastructure - Missing VPC Resources", "missing-vpc"),
        ("VPC and subnets are expected as parameters", "missing-vpc"),
        ("No VPC peering and no dashboard", None),
        ("cfn-lint: W2001", "unused-parameter"),
        ("cfn-lint: W2001 and W3005", None),
        ("cfn-lint: E3012", None),
        ("Unused Parameter (W2001)", "unused-parameter"),
        ("SNS Topic Inline Subscription Without Conditional Logic", None),
        ("Overly Permissive IAM Role", None),
        ("Overly permissive security group", "permissive-ingress"),
        ("Missing Backup Vault Name Parameter", None),
        ("DBUsername has NoEcho", "noecho-username"),
        ("NoEcho missing on the password", None),
    ],
)
def test_a_title_means_one_transform_or_none(title: str, transform: str | None) -> None:
    found = transform_of(Failure(1, title, "", 1))
    assert (found.id if found else None) == transform


@pytest.mark.parametrize(
    ("body", "transform"),
    [
        ("The database password is exposed in parameters.", "password-in-template"),
        ("W3005 'Role' dependency already enforced by a 'Ref'", "redundant-depends-on"),
        ("The bucket is public.", None),
        ("W3005 and W2001 are reported.", None),
        ("", None),
    ],
)
def test_the_body_decides_where_the_title_is_ambiguous(body: str, transform: str | None) -> None:
    found = transform_of(Failure(1, "Security vulnerabilities", "", 1, body=body))
    assert (found.id if found else None) == transform


def test_what_is_not_about_a_template_means_no_transform(tmp_path: Path) -> None:
    assert transform_of(Failure(1, "Unused parameter", "", 1, about=About.NOISE)) is None
    (tmp_path / "review.md").write_text("1. Unused parameter - PASS\n2. Missing unit tests\n")
    done = fixer("map", "review.md", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == "2 listed: 2 not about the template.\n"
    assert "it is about tests" in fixer("map", "review.md", "-v", cwd=tmp_path).stdout


def test_several_failure_lists_are_mapped_together(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("1. No dashboard\n")
    comment = {"path": "a.yaml", "line": 1, "body": "Unused parameter\n```suggestion\nB: 2\n```", "diff_hunk": "+A: 1"}
    (tmp_path / "b.json").write_text(json.dumps([comment]))
    told = json.loads(fixer("map", "a.md", "--failures", "b.json", "--format", "json", cwd=tmp_path).stdout)
    first, second = told["failures"]
    assert (first["path"], second["path"]) == ("a.md", "b.json")
    assert [each["role"] for each in second["fragments"]] == ["faulty", "corrected"]
    assert second["fragments"][0]["lines"] == [1, 1] and second["pairs"] == [{"faulty": 1, "corrected": 1}]
    (tmp_path / "c.json").write_text("{}")
    both = ("--failures", "a.md", "--failures", "b.json")
    done = fixer("check", "c.json", *both, cwd=tmp_path)
    assert "understood as missing-dashboard" in done.stderr and "understood as unused-parameter" in done.stderr


def test_a_title_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "review.md").write_text("### 1. A\x1b[2J\x07 b\u2028c " + "x" * 900 + "\n")
    [line] = fixer("map", "review.md", cwd=tmp_path).stdout.splitlines()
    assert "\\x1b[2J\\x07" in line and len(line) < 200


def test_the_twelve_of_the_example_are_present_then_absent(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "dr")
    _twelve(tmp_path / "dr", "FAILURES.md", "requirements.md")


@needs_cases
def test_the_twelve_of_the_real_case_are_present_then_absent(tmp_path: Path) -> None:
    shutil.copytree(REAL, tmp_path / "dr")
    _twelve(tmp_path / "dr", "MODEL_FAILURES.md", "PROMPT.md")


def _twelve(folder: Path, review: str, requirements: str) -> None:
    given = ("--requirements", requirements, "--set", "topic-without-subscription.email=ops@example.com")
    before = fixer("map", review, ".", "--format", "json", *given, cwd=folder)
    assert before.returncode == 1
    told = json.loads(before.stdout)
    assert {failure["transform"] for failure in told["failures"]} == set(TWELVE)
    assert [failure["state"] for failure in told["failures"]] == ["present"] * 12
    assert all(set(place) == {"path", "pointer"} for failure in told["failures"] for place in failure["where"])
    assert all(failure["where"] for failure in told["failures"])

    command = ("apply", ".", "--write", "--undeployed", "--failures", review, *given)
    applied = fixer(*command, cwd=folder)
    assert applied.returncode == 0 and "none new" in applied.stdout and "25 applied." in applied.stdout

    after = fixer("map", review, ".", "--format", "json", *given, cwd=folder)
    assert after.returncode == 0
    assert [failure["state"] for failure in json.loads(after.stdout)["failures"]] == ["absent"] * 12
    again = fixer(*command, cwd=folder)
    assert again.returncode == 0 and "nothing to repair" in again.stdout


def test_a_failure_that_cannot_be_patched_says_why(tmp_path: Path) -> None:
    (tmp_path / "review.md").write_text("1. Missing VPC\n2. Missing VPC peering\n3. No cake\n")
    network = {"VpcId": {"Type": "AWS::EC2::VPC::Id"}}
    table = {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "VpcId"}}}
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps({"Parameters": network, "Resources": {"Table": table}}))
    done = fixer("map", "review.md", "a.json", "b.json", cwd=tmp_path)
    told = "3 listed: 1 absent, 1 not repairable by a patch (-v shows why), 1 unknown.\n"
    assert done.returncode == 1 and done.stderr.endswith(told)
    assert done.stdout == (
        "1.  no-patch  missing-vpc          Missing VPC  a.json:1 (+1)\n"
        "2.  absent    missing-vpc-peering  Missing VPC peering\n"
        "3.  unknown   -                    No cake\n"
    )
    details = fixer("map", "review.md", "a.json", "b.json", "-v", cwd=tmp_path).stdout
    assert "\n      listed in review.md, line 1\n      a.json:1: the stack takes its" in details
    assert "b.json also takes a network, maybe the same" in details
    assert "No cake\n      listed in review.md, line 3\n      no transform finds this failure" in details


def test_without_templates_the_transforms_are_named(tmp_path: Path) -> None:
    (tmp_path / "review.md").write_text("1. No dashboard\n")
    done = fixer("map", "review.md", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == (
        "1.  unknown  missing-dashboard  No dashboard  "
        "looks for: A project with databases but without a dashboard that shows their health\n"
    )


def test_a_template_that_cannot_be_read_leaves_what_is_not_found_unknown(tmp_path: Path) -> None:
    (tmp_path / "review.md").write_text("1. No dashboard\n")
    (tmp_path / "a.json").write_text('{"Resources": {')
    done = fixer("map", "review.md", "a.json", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout.startswith("1.  unknown  missing-dashboard")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"All is well.\n", "does not list failures"),
        (b"\xff\xfe1. X", "is not UTF-8 text"),
        (b"1. X\n" * 300_000, "is too large for a failure list"),
        (None, "cannot be read"),
    ],
)
def test_a_review_that_is_none_is_one_line(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "review.md"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadConfig, match=message):
        load_review(str(file))


def test_failures_select_what_they_list_and_make_it_required(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "dr")
    review = tmp_path / "dr" / "review.md"
    review.write_text("1. No dashboard\n2. No cake\n")
    done = fixer("apply", "primary.json", "--failures", "review.md", "--format", "json", cwd=tmp_path / "dr")
    [template] = json.loads(done.stdout)["templates"]
    assert {finding["id"] for finding in template["findings"]} == {"missing-dashboard"}
    assert "review.md:1: understood as missing-dashboard: No dashboard" in done.stderr
    both = ("--failures", "review.md", "--select", "noecho-username")
    done = fixer("apply", "primary.json", *both, "--format", "json", cwd=tmp_path / "dr")
    [template] = json.loads(done.stdout)["templates"]
    assert {finding["id"] for finding in template["findings"]} == {"missing-dashboard", "noecho-username"}


def test_a_review_of_other_things_selects_nothing_rather_than_everything(tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    file.write_text("1. No cake\n")
    with pytest.raises(BadConfig, match="does not list a failure that a transform repairs"):
        reviewed([str(file)])


@needs_cases
@pytest.mark.parametrize("review", sorted(CASES.glob("tapstack/*/MODEL_FAILURES.md")), ids=lambda path: path.parts[-2])
def test_every_real_review_lists_failures_with_titles(review: Path) -> None:
    failures = load_review(str(review))
    assert len(failures) >= 3
    assert all(failure.title[0].isalnum() or failure.title[0] in "'\"(" for failure in failures)
    assert len({failure.number for failure in failures}) == len(failures)


def test_a_peering_waits_for_the_network(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "dr")
    folder = tmp_path / "dr"
    required = declared(load(str(folder / "requirements.md")))
    mapped, _ = run.map_failures([str(folder / "FAILURES.md")], [str(folder)], Settings(require=required))
    peering = next(each for each in mapped if each.transform and each.transform.id == "missing-vpc-peering")
    assert peering.state is State.PRESENT and "missing-vpc must create them first" in peering.why
