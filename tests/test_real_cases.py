"""The real flawed templates under ../shared/cases: what the tool was asked for, and the laws over all of them."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from twelve import TWELVE

from fixer import pointer
from fixer.aws.lint import Linter
from fixer.aws.lint_diff import compare
from fixer.aws.second_opinion import SecondOpinion
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse, revert_edits
from fixer.engine.pipeline import repair
from fixer.inputs.requirements import declared, load
from fixer.model import Json, LintResult, Outcome, Report
from fixer.run import commands as run
from fixer.settings import Settings

CASES = Path(__file__).parents[2] / "shared" / "cases"
FIVE = (
    "missing-vpc",
    "calculated-health-check",
    "noecho-username",
    "backup-window-overlap",
    "permissive-ingress",
)
"""The repairs that the project was asked for by name."""

ALL_REQUIRED = {
    **declared(load(str(CASES / "aurora-global-dr" / "PROMPT.md")) if CASES.exists() else ()),
    "log-export-permissions": "",
}
VALUES = {"permissive-ingress": {"vpc_cidr": "10.0.0.0/16"}}
ALL_ALLOWED = Settings(options=VALUES, unsafe=True, undeployed=True, require={"vpc": "public"})
ALL = sorted([*CASES.glob("*/*/*/*.json"), *CASES.glob("*/*/*/*.yaml")])
SAMPLE = ALL if os.environ.get("FIXER_ALL_CASES") else ALL[::4]

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="../shared/cases is absent: the real templates are not read")


@cache
def _linter() -> Linter:
    return Linter()


@cache
def _second_opinion() -> SecondOpinion:
    return SecondOpinion()


@pytest.fixture
def aurora(tmp_path: Path) -> list[Path]:
    files = sorted((CASES / "aurora-global-dr").glob("*.json"))
    for file in files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return [tmp_path / file.name for file in files]


def _values(data: Json, key: str) -> Iterator[Json]:
    for _, value in pointer.walk(data):
        if isinstance(value, dict) and key in value:
            yield value[key]


def test_the_case_that_started_this(aurora: list[Path]) -> None:
    before = {file: file.read_bytes() for file in aurora}
    settings = Settings(select=FIVE, undeployed=True, require={"vpc": ""})
    report = run.apply([str(file) for file in aurora], settings, write=True)
    assert not report.errors
    assert [len(template.resolutions) for template in report.templates] == [5, 4, 0]
    for template in report.templates:
        if template.changed:
            assert template.lint_before is not None and template.lint_after is not None
            assert len(template.lint_after) <= len(template.lint_before)
    data = [json.loads(file.read_text()) for file in aurora]
    assert not [config for each in data for config in _values(each, "HealthCheckConfig") if "CALCULATED" in str(config)]
    assert not any("NoEcho" in mapping(each["Parameters"].get("DBUsername")) for each in data)
    vpc_block = {"Fn::GetAtt": ["VPC", "CidrBlock"]}
    assert [cidr for each in data for cidr in _values(each, "CidrIp")] == [vpc_block, vpc_block]
    vpcs = [mapping(each["Resources"].get("VPC")).get("Properties") for each in data]
    assert [mapping(vpc).get("CidrBlock") for vpc in vpcs] == ["10.0.0.0/16", "10.1.0.0/16", None]
    assert not [name for each in data for name in each["Parameters"] if "Vpc" in name or "Subnet" in name]
    windows = [str(window) for each in data for window in _values(each, "PreferredBackupWindow")]
    assert windows == ["03:00-04:00", "01:00-02:00"]
    _laws(report.templates[0].before, report.templates[0].after, str(aurora[0]))
    _has_no_new_opinion(report)
    after = {file: file.read_bytes() for file in aurora}
    assert after != before
    again = run.apply([str(file) for file in aurora], settings, write=True)
    assert not list(again.resolutions) and {file: file.read_bytes() for file in aurora} == after


@pytest.mark.parametrize("syntax", ["json", "yaml"])
def test_all_twelve_failures_are_repaired_in_one_run(aurora: list[Path], syntax: str) -> None:
    if syntax == "yaml":
        for file in aurora:
            file.with_suffix(".yaml").write_text(
                yaml.safe_dump(json.loads(file.read_text()), sort_keys=False, width=200)
            )
            file.unlink()
        aurora = [file.with_suffix(".yaml") for file in aurora]
    email = {"topic-without-subscription": {"email": "ops@example.com"}}
    settings = Settings(undeployed=True, require=ALL_REQUIRED, options=email, select=TWELVE)
    report = run.apply([str(file) for file in aurora], settings, write=True)
    assert not report.errors
    assert [each.reason for each in report.resolutions if each.outcome is not Outcome.APPLIED] == []
    assert {each.finding.id for each in report.resolutions} == set(TWELVE)
    for template in report.templates:
        assert len(template.lint_after or ()) <= len(template.lint_before or ())
    _has_no_new_opinion(report)
    data = [parse(file.read_bytes(), str(file)).data for file in aurora]
    types = [str(mapping(body).get("Type")) for each in data for body in mapping(mapping(each)["Resources"]).values()]
    assert types.count("AWS::Route53::HealthCheck") == 2
    assert types.count("AWS::CloudWatch::Dashboard") == types.count("AWS::EC2::VPCPeeringConnection") == 1
    assert types.count("AWS::SNS::Subscription") == 2
    assert [sorted(mapping(mapping(each)["Parameters"])) for each in data] == [
        ["AlertEmail", "DBPassword", "DBUsername", "EnvironmentSuffix", "PeeringConnectionId"],
        ["AlertEmail", "EnvironmentSuffix", "PrimaryStackName"],
        ["DomainName", "EnvironmentSuffix", "HostedZoneId", "PrimaryStackName", "SecondaryStackName"],
    ]
    again = run.apply([str(file) for file in aurora], settings, write=True)
    assert not list(again.resolutions) and not any(template.changed for template in again.templates)


def test_without_flags_what_is_unsafe_is_listed_with_the_flag_that_unlocks_it(aurora: list[Path]) -> None:
    report = run.apply([str(file) for file in aurora], Settings(select=FIVE, require={"vpc": ""}), write=True)
    told = {each.reason for each in report.resolutions if each.finding.id == "missing-vpc"}
    assert told == {"unsafe: apply it with --unsafe (or --undeployed, if no stack exists yet)"}
    assert report.count(Outcome.APPLIED) == 5
    assert report.count(Outcome.NEEDS_VALUE) == 2


def test_the_order_of_the_paths_does_not_matter(aurora: list[Path]) -> None:
    before = {file: file.read_bytes() for file in aurora}
    texts = []
    for files in (aurora, aurora[::-1]):
        for file, data in before.items():
            file.write_bytes(data)
        run.apply([str(file) for file in files], Settings(undeployed=True, require=ALL_REQUIRED), write=True)
        texts.append([file.read_bytes() for file in aurora])
    assert texts[0] == texts[1]


def test_one_template_after_the_other_comes_to_the_same(aurora: list[Path]) -> None:
    settings = Settings(select=FIVE, undeployed=True, require={"vpc": ""})
    before = {file: file.read_bytes() for file in aurora}
    for file in aurora:
        run.apply([str(file)], settings, write=True)
    alone = [file.read_bytes() for file in aurora]
    for file, data in before.items():
        file.write_bytes(data)
    run.apply([str(file) for file in aurora], settings, write=True)
    assert alone == [file.read_bytes() for file in aurora]


def _laws(before: str, after: str, path: str) -> None:
    """Every resource, parameter and output whose data is the same has the same text."""
    old, new = parse(before, path), parse(after, path)
    for section in ("Parameters", "Resources", "Outputs", "Conditions", "Mappings"):
        for name, value in mapping(mapping(old.data).get(section)).items():
            place = pointer.join(section, name)
            if pointer.exists(new.data, place) and pointer.get(new.data, place) == value:
                start, end = old.span(place)
                begin, stop = new.span(place)
                assert before[start:end] == after[begin:stop], place


def _has_no_new_opinion(report: Report) -> None:
    """AWS's validator has no finding on a repaired template where it had none before, not even one that was hidden."""
    for template in report.templates:
        before, after = _second_opinion()([(template.path, template.before), (template.path, template.after)])
        assert before.failed == after.failed == ""
        difference = compare(before.matches, after.matches)
        assert (difference.new, difference.revealed) == ((), ())


each_template = pytest.mark.parametrize("file", SAMPLE, ids=lambda file: "-".join(file.parts[-3:]))


@cache
def _repaired(file: Path) -> Report:
    """What becomes of a template when all is allowed; repaired once for all tests."""

    def lint(texts: object) -> list[LintResult]:
        return _linter().lint_all(texts)  # type: ignore[arg-type]

    template = Template(str(file), parse(file.read_bytes(), str(file)))
    return repair(Project.of([template]), (str(file),), ALL_ALLOWED, lint)


@each_template
def test_every_template_is_repaired_without_new_lint_and_only_once(file: Path) -> None:
    data = file.read_bytes()
    document = parse(data, str(file))
    assert document.apply([]).text.encode() == data
    report = _repaired(file)
    [template] = report.templates
    assert not report.errors
    assert not [each.reason for each in template.resolutions if each.outcome in ("unverified", "conflict", "failed")]
    _laws(template.before, template.after, str(file))
    repaired = document
    for resolution in sorted(template.resolutions, key=lambda each: each.order):
        if resolution.order:
            repaired = repaired.apply(resolution.patches[str(file)])
    assert repaired.text == template.after
    assert revert_edits(repaired.text, repaired.edits) == template.before
    again = repair(Project.of([Template(str(file), repaired)]), (str(file),), ALL_ALLOWED)
    assert not again.templates[0].changed


@each_template
def test_the_second_opinion_has_nothing_new_to_say_of_what_is_repaired(file: Path) -> None:
    _has_no_new_opinion(_repaired(file))
