"""Rounds, roll-back, conflicts and cycles, with small transforms that do one thing wrong each."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import pytest
import yaml

from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse, yaml_nodes
from fixer.engine import pipeline, selection
from fixer.model import Finding, Json, LintMatch, LintResult, Outcome, Patch, Report, Tier, Verdict
from fixer.pointer import add, replace
from fixer.settings import Settings
from fixer.transforms.transform import Transform

Marks = Mapping[str, str]


def _template(path: str = "t.json", **resources: Json) -> Template:
    data: Json = {
        "Resources": {name: {"Type": "AWS::SNS::Topic", "Properties": body} for name, body in resources.items()}
    }
    return Template(path, parse(json.dumps(data, indent=2), path))


def _changing(name: str, old: str, new: str, key: str = "V", tier: Tier = Tier.SAFE) -> Transform:
    """A transform that finds `key: old` in any resource and makes it `new`."""

    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        for resource in template.resources.values():
            if resource.properties.get(key) == old:
                yield ctx.finding(template, resource.at(key), f"{key} is {old}")

    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        return Patch.of(template.path, replace(finding.pointer, finding.seen, new), tier)

    return Transform(name, f"{name}.", tier, detect, patch, changes=("@",))


def _lint(bad: Marks) -> Callable[[Sequence[tuple[str, str]]], list[LintResult]]:
    """A linter that reports a rule for every resource with a `V` that is bad."""

    def lint(texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        return [LintResult(tuple(_matches(text, bad))) for _, text in texts]

    return lint


def _matches(text: str, bad: Marks) -> Iterator[LintMatch]:
    for name, body in mapping(json.loads(text)["Resources"]).items():
        value = mapping(mapping(body)["Properties"]).get("V")
        if isinstance(value, str) and value in bad:
            yield LintMatch(bad[value], "Error", "bad", ("Resources", name, "Properties", "V"), 1, 1)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    def run(
        transforms: Sequence[Transform],
        *templates: Template,
        bad: Marks | None = None,
        scope: Sequence[str] = (),
        **given: object,
    ) -> Report:
        monkeypatch.setattr(selection, "TRANSFORMS", tuple(transforms))
        project = Project.of(list(templates))
        return pipeline.repair(project, scope or tuple(project.templates), Settings(**given), _lint(bad or {}))  # type: ignore[arg-type]

    return run


def _outcomes(report: Report) -> dict[str, Outcome]:
    return {f"{each.finding.id}{each.finding.pointer}": each.outcome for each in report.resolutions}


def _value(report: Report, name: str, key: str = "V") -> Json:
    data = json.loads(report.templates[0].after)
    return mapping(data["Resources"][name]["Properties"])[key]


def test_repairs_until_nothing_is_found(run: Callable[..., Report]) -> None:
    chain = [_changing("third", "c", "d"), _changing("second", "b", "c"), _changing("first", "a", "b")]
    report = run(chain, _template(A={"V": "a"}))
    assert _value(report, "A") == "d"
    assert report.count(Outcome.WOULD_APPLY) == 3
    assert [each.finding.id for each in sorted(report.resolutions, key=lambda each: each.order)] == [
        "first",
        "second",
        "third",
    ]


def test_what_brings_new_lint_is_rolled_back_alone(run: Callable[..., Report]) -> None:
    transforms = [_changing("good", "a", "b"), _changing("evil", "x", "y", "V")]
    report = run(transforms, _template(A={"V": "a"}, B={"V": "x"}, C={"V": "a"}), bad={"y": "E3012"})
    assert (_value(report, "A"), _value(report, "B"), _value(report, "C")) == ("b", "x", "b")
    assert _outcomes(report) == {
        "good/Resources/A/Properties/V": Outcome.WOULD_APPLY,
        "evil/Resources/B/Properties/V": Outcome.UNVERIFIED,
        "good/Resources/C/Properties/V": Outcome.WOULD_APPLY,
    }
    [evil] = [each for each in report.resolutions if each.finding.id == "evil"]
    assert "E3012" in evil.reason and "bad" in evil.reason


def test_the_culprit_is_found_by_bisection_where_the_place_does_not_tell(run: Callable[..., Report]) -> None:
    """The match stands on another resource than the four patches: only trying tells which brought it."""

    def lint(texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        match = LintMatch("E3004", "Error", "a cycle", ("Outputs",), 1, 1)
        return [
            LintResult(
                (match,)
                if '"C": {\n      "Type": "AWS::SNS::Topic",\n      "Properties": {\n        "V": "b"' in text
                else ()
            )
            for _, text in texts
        ]

    project = Project.of([_template(A={"V": "a"}, B={"V": "a"}, C={"V": "a"}, D={"V": "a"})])
    run([_changing("one", "a", "b")], *project.templates.values())
    report = pipeline.repair(project, ("t.json",), Settings(), lint)
    assert {name: _value(report, name) for name in "ABCD"} == {"A": "b", "B": "b", "C": "a", "D": "b"}
    assert report.count(Outcome.UNVERIFIED) == 1


def test_a_match_that_the_patch_uncovers_is_revealed(run: Callable[..., Report]) -> None:
    report = run([_changing("good", "a", "b")], _template(A={"V": "a"}), bad={"a": "E3002", "b": "E3012"})
    assert _value(report, "A") == "b"
    assert [match.rule for match in report.templates[0].lint_revealed] == ["E3012"]


def test_what_depended_on_a_rolled_back_patch_is_a_conflict(run: Callable[..., Report]) -> None:
    transforms = [_changing("base", "a", "y"), _changing("upon", "y", "z")]
    report = run(transforms, _template(A={"V": "a"}), bad={"z": "E1", "y": "E1"})
    assert _value(report, "A") == "a"
    assert all(outcome in (Outcome.UNVERIFIED, Outcome.CONFLICT) for outcome in _outcomes(report).values())
    assert len(_outcomes(report)) == 2


def test_findings_that_undo_each_other_are_rolled_back_and_name_each_other(run: Callable[..., Report]) -> None:
    report = run([_changing("ping", "a", "b"), _changing("pong", "b", "a")], _template(A={"V": "a"}))
    assert _value(report, "A") == "a"
    assert report.count(Outcome.WOULD_APPLY) == 0
    reasons = [each.reason for each in report.resolutions]
    assert reasons and all("ping and pong keep undoing each other" in reason for reason in reasons)


def test_so_are_findings_that_undo_each_other_from_round_to_round(run: Callable[..., Report]) -> None:
    report = run([_changing("pong", "b", "a"), _changing("ping", "a", "b")], _template(A={"V": "a"}))
    assert _value(report, "A") == "a"
    assert {each.reason for each in report.resolutions} == {
        "pong and ping keep undoing each other at /Resources/A/Properties/V"
    }


def test_a_patch_that_does_not_remove_its_failure_is_not_believed(run: Callable[..., Report]) -> None:
    report = run([_changing("idle", "a", "a")], _template(A={"V": "a"}))
    assert [(each.outcome, each.reason) for each in report.resolutions] == [
        (Outcome.UNVERIFIED, "the failure is still there after the patch")
    ]
    assert not report.templates[0].changed


def test_nothing_is_applied_where_cfn_lint_cannot_judge(run: Callable[..., Report]) -> None:
    project = Project.of([_template(A={"V": "a"})])
    run([_changing("good", "a", "b")], *project.templates.values())
    report = pipeline.repair(
        project, ("t.json",), Settings(), lambda texts: [LintResult(failed="it broke") for _ in texts]
    )
    assert [(each.outcome, "it broke" in each.reason) for each in report.resolutions] == [(Outcome.FAILED, True)]
    assert not report.templates[0].changed


def test_a_transform_that_breaks_is_an_error_and_stops_nobody(run: Callable[..., Report]) -> None:
    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        raise ZeroDivisionError("oops")
        yield

    broken = Transform("broken", "Broken.", Tier.SAFE, detect, lambda template, finding, ctx: Patch.none(""))
    report = run([broken, _changing("good", "a", "b")], _template(A={"V": "a"}))
    assert _value(report, "A") == "b"
    assert [("broken" in error.message, error.path) for error in report.errors] == [(True, "t.json")]


@pytest.mark.parametrize(
    ("tier", "given", "applied"),
    [
        (Tier.SAFE, {}, True),
        (Tier.REVIEW, {}, True),
        (Tier.UNSAFE, {}, False),
        (Tier.UNSAFE, {"unsafe": True}, True),
        (Tier.REVIEW, {"safe_only": True}, False),
        (Tier.SAFE, {"safe_only": True}, True),
    ],
)
def test_tiers_decide(run: Callable[..., Report], tier: Tier, given: Mapping[str, bool], applied: bool) -> None:
    report = run([_changing("one", "a", "b", tier=tier)], _template(A={"V": "a"}), **given)
    assert _value(report, "A") == ("b" if applied else "a")
    [resolution] = report.resolutions
    assert resolution.outcome is (Outcome.WOULD_APPLY if applied else Outcome.SKIPPED)
    assert applied or "--unsafe" in resolution.reason or "--safe-only" in resolution.reason


def test_a_patch_of_a_file_outside_the_paths_is_skipped(run: Callable[..., Report]) -> None:
    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        ops = tuple(replace(finding.pointer, finding.seen, "b"))
        return Patch({"t.json": ops, "u.json": tuple(add("/Description", "x"))}, Tier.SAFE)

    both = Transform("both", "Both.", Tier.SAFE, _changing("both", "a", "b").detect, patch, changes=("@",))
    templates = _template(A={"V": "a"}), _template("u.json", U={})
    report = run([both], *templates, scope=["t.json"])
    assert [(each.outcome, "u.json" in each.reason) for each in report.resolutions] == [(Outcome.SKIPPED, True)]
    report = run([both], *templates)
    assert [template.changed for template in report.templates] == [True, True]


def test_suppressed_findings_are_counted_and_left(run: Callable[..., Report]) -> None:
    template = _template(A={"V": "a"}, B={"V": "a"})
    data = template.document.apply(
        add("/Resources/A/Metadata", {"fixer": {"ignore": [{"id": "one", "reason": "wanted"}]}})
        + add("/Resources/B/Metadata", {"fixer": {"ignore": [{"id": "one", "until": "2000-01-01"}]}})
    )
    report = run([_changing("one", "a", "b")], Template("t.json", data), today=date(2026, 1, 1))
    assert (report.suppressed, report.count(Outcome.WOULD_APPLY)) == (1, 1)
    assert (_value(report, "A"), _value(report, "B")) == ("a", "b")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"Transform": "AWS::Include"}, "AWS::Include"),
        ({"Metadata": {"x": {"Fn::Transform": {"Name": "AWS::Include"}}}}, "Fn::Transform"),
        ({"Outputs": {"Fn::ForEach::Each": ["X", ["a"], {}]}}, "Fn::ForEach::Each"),
    ],
)
def test_what_expands_to_the_unknown_is_reported_and_not_patched(
    run: Callable[..., Report], extra: dict[str, Json], words: str
) -> None:
    template = _template(A={"V": "a"})
    ops = [op for key, value in extra.items() for op in add(f"/{key}", value)]
    report = run([_changing("one", "a", "b")], Template("t.json", template.document.apply(ops)))
    assert [(each.outcome, words in each.reason) for each in report.resolutions] == [(Outcome.SKIPPED, True)]


YAML = """Resources:
  A:
    Type: AWS::SNS::Topic
    Properties:
      V: 'a'
      W: 'a'
      Retries: 010
"""


class _DecimalConstructor(yaml.constructor.SafeConstructor):
    """A fault of the first reader of YAML: 010 is read as ten."""


_DecimalConstructor.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def _repaired(monkeypatch: pytest.MonkeyPatch, **texts: str) -> Report:
    """What a run without a linter makes of YAML templates in which `a` is to become `b`."""
    monkeypatch.setattr(selection, "TRANSFORMS", (_changing("good", "a", "b"), _changing("too", "a", "b", "W")))
    project = Project.of([Template(f"{name}.yaml", parse(text, f"{name}.yaml")) for name, text in texts.items()])
    return pipeline.repair(project, tuple(project.templates), Settings())


def test_a_template_that_yaml_readers_read_differently_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _repaired(monkeypatch, t=YAML).count(Outcome.WOULD_APPLY) == 2
    plain = YAML.replace("010", "10")
    disputed, other = _repaired(monkeypatch, t=YAML.replace("010", "1e3"), u=plain).templates
    assert disputed.after == disputed.before and other.after == plain.replace("'a'", "'b'")
    monkeypatch.setattr(yaml_nodes, "_CONSTRUCTOR", _DecimalConstructor())
    report = _repaired(monkeypatch, t=YAML)
    assert report.templates[0].after == YAML and report.count(Outcome.SKIPPED) == 2
    assert all("/Resources/A/Properties/Retries is 10 or 8" in each.reason for each in report.resolutions)


@pytest.mark.parametrize("proof_of_rounds", [True, False])
def test_a_text_that_a_second_reader_does_not_confirm_is_not_reported(
    monkeypatch: pytest.MonkeyPatch, proof_of_rounds: bool
) -> None:
    """The patched text reads well to the reader that made it. The proof of its round sees that, and so does the end."""
    monkeypatch.setattr(yaml_nodes, "_CONSTRUCTOR", _DecimalConstructor())
    monkeypatch.setattr("fixer.document.yaml_style.YamlStyle.scalar", lambda *_: "'b'\n      X: 010")
    monkeypatch.setattr("fixer.document.document.identical", lambda *_: True)
    monkeypatch.setattr("fixer.engine.verify._canonical", lambda data: "")
    if proof_of_rounds:
        monkeypatch.setattr(pipeline, "disputed", lambda *_: {})
    else:
        monkeypatch.setattr(pipeline, "verify", lambda *_: Verdict())
    text = YAML.replace("010", "10")
    report = _repaired(monkeypatch, t=text)
    assert report.templates[0].after == text and report.count(Outcome.UNVERIFIED) == 2
    reason = "in the patched text of t.yaml, YAML readers disagree on whether /Resources/A/Properties/X is 10 or 8"
    assert all(each.reason.startswith(reason) for each in report.resolutions)


def test_patches_in_order_do_what_the_run_did(run: Callable[..., Report]) -> None:
    template = _template(A={"V": "a"}, B={"V": "x"})
    report = run([_changing("second", "b", "c"), _changing("first", "a", "b"), _changing("other", "x", "y")], template)
    document = template.document
    for resolution in sorted(report.resolutions, key=lambda each: each.order):
        document = document.apply(resolution.patches["t.json"])
    assert document.text == report.templates[0].after
