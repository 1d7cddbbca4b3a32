"""Requirements documents: which line is understood as what, and that nothing else is."""

from pathlib import Path

import pytest

from fixer.errors import BadConfig
from fixer.inputs.requirements import declared, load, read
from fixer.run import commands as run
from fixer.settings import Settings

EXAMPLE = Path(__file__).parent.parent / "examples" / "aurora-global-dr" / "requirements.md"


def _understood(text: str) -> dict[str, str]:
    return declared(read(text))


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("1. Create VPC with public and private subnets in each region", {"vpc": "public"}),
        ("- Deploy a dedicated VPC with three private subnets", {"vpc": ""}),
        ("* **Set up** a Virtual Private Cloud and its subnets", {"vpc": ""}),
        ("Enable Enhanced Monitoring with 1-minute granularity", {"monitoring": "60"}),
        ("Enhanced monitoring: 15 seconds", {"monitoring": "15"}),
        ("Enhanced Monitoring at one minute", {"monitoring": "60"}),
        ("Create CloudWatch dashboard for database health metrics", {"dashboard": ""}),
        ("Establish VPC peering connection between primary and secondary regions", {"peering": ""}),
        ("Set up SNS topic for critical database alerts", {"alerts": ""}),
        ("Configure automatic failover with RTO < 5 minutes", {"rto": "300"}),
        ("RTO (Recovery Time Objective): under 15 minutes", {"rto": "900"}),
        ("Recovery time objective of 30 seconds", {"rto": "30"}),
    ],
)
def test_statements_are_recognised(line: str, understood: dict[str, str]) -> None:
    assert _understood(line) == understood


@pytest.mark.parametrize(
    "line",
    [
        "Do not create a VPC with subnets",
        "Deploy into the existing VPC and its subnets",
        "No dashboard: create alarms only",
        "Define CIDR blocks for the VPC and subnets",
        "Establish VPC peering connection (optional)",
        "Enable Enhanced Monitoring with 7-second granularity",
        "Enable Enhanced Monitoring",
        "RTO < some minutes",
        "Enable detailed monitoring with 1-minute granularity",
        "## Create CloudWatch dashboard",
        "",
    ],
)
def test_what_forbids_or_says_something_else_is_not(line: str) -> None:
    assert _understood(line) == {}


def test_what_stands_under_an_optional_heading_is_no_requirement() -> None:
    text = (
        "OPTIONAL ENHANCEMENTS (If time permits):\n- Create a dashboard\n\n"
        "## Monitoring\n- Establish VPC peering connection\n### Nice to have\n- Create SNS topic for alerts\n"
    )
    assert _understood(text) == {"peering": ""}


def test_each_sentence_is_read_by_itself() -> None:
    text = "Enable detailed monitoring every minute. Enable Enhanced Monitoring of databases. Do not create dashboards."
    assert _understood(text) == {}


def test_the_example_is_understood_line_by_line() -> None:
    found = [(each.line, each.name, each.value) for each in load(str(EXAMPLE))]
    lines = EXAMPLE.read_text().splitlines()
    assert [(name, value) for _, name, value in found] == [
        ("vpc", "public"), ("peering", ""), ("monitoring", "60"), ("alerts", ""), ("dashboard", ""), ("rto", "300")
    ]  # fmt: skip
    assert all(
        lines[number - 1].lstrip("- ") == each.text
        for (number, _, _), each in zip(found, load(str(EXAMPLE)), strict=True)
    )


def test_of_several_values_the_first_counts() -> None:
    assert _understood("Create VPC with subnets.\nCreate a VPC with public subnets.\n") == {"vpc": "public"}
    assert _understood("Enhanced Monitoring: 30 seconds\nEnhanced Monitoring: 60 seconds\n") == {"monitoring": "30"}


def test_a_document_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read: No such file"):
        load(str(tmp_path / "none.md"))
    (tmp_path / "x.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadConfig, match="is not UTF-8 text"):
        load(str(tmp_path / "x.md"))


def test_a_document_beside_the_templates_is_pointed_out_and_not_obeyed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')
    (tmp_path / "PROMPT.md").write_text("- Create a VPC with private subnets\n- Create CloudWatch dashboard\n")
    report = run.check([str(tmp_path)], Settings(require={"vpc": ""}))
    [warning] = report.warnings
    assert "was not read: --requirements" in warning and warning.endswith("declares dashboard")
    assert not list(report.resolutions)
