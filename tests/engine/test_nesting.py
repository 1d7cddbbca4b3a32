"""A nested template and its parents change together, and a patch that cannot change both is refused."""

import json
from collections.abc import Callable, Iterator, Sequence

import pytest

from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine import pipeline, selection
from fixer.model import Finding, Json, Op, Outcome, Patch, Report, Tier
from fixer.pointer import add, move, remove
from fixer.settings import Settings
from fixer.transforms.transform import Transform

CHILD: Json = {
    "Parameters": {"Old": {"Type": "String", "Default": "x"}, "Name": {"Type": "String"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Name"}}}},
}
BOTH: dict[str, Json] = {"Old": "passed", "Name": "shop"}
Make = Callable[[Template], list[Op]]
CHANGES = ("-/Parameters/*", "+/Parameters/*", "+/Parameters/*/*")


def _read(path: str, data: Json) -> Template:
    """JSON, or block style of YAML."""
    if path.endswith(".json"):
        return Template(path, parse(json.dumps(data, indent=2), path))
    return Template(path, parse("\n".join(_lines(data, "")) + "\n", path))


def _lines(data: Json, indent: str) -> Iterator[str]:
    for key, value in mapping(data).items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{key}: {json.dumps(value)}"


def _parent(path: str, *urls: Json, passed: Json = None) -> Template:
    stacks: dict[str, Json] = {
        f"Child{number}": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": url, "Parameters": BOTH if passed is None else passed},
        }
        for number, url in enumerate(urls, 1)
    }
    return _read(path, {"Parameters": {"Bucket": {"Type": "String"}}, "Resources": stacks})


def _drop(template: Template) -> list[Op]:
    return remove("/Parameters/Old", template.section("Parameters")["Old"])


def _rename(template: Template) -> list[Op]:
    return move("/Parameters/Old", "/Parameters/New", template.section("Parameters")["Old"])


def _adding(declared: Json) -> Make:
    return lambda template: add("/Parameters/New", declared)


class _Change:
    """A transform that changes the parameters of each template that has the parameter Old."""

    def __init__(self, make: Make) -> None:
        self.make = make

    def detect(self, template: Template, ctx: Context) -> Iterator[Finding]:
        parameters = template.section("Parameters")
        if "Old" in parameters and "New" not in parameters:
            yield ctx.finding(template, "/Parameters/Old", "Old is there")

    def patch(self, template: Template, finding: Finding, ctx: Context) -> Patch:
        return Patch.of(template.path, self.make(template), Tier.SAFE)


def _run(
    monkeypatch: pytest.MonkeyPatch, *templates: Template, scope: Sequence[str] = (), make: Make = _drop
) -> Report:
    change = _Change(make)
    transform = Transform("change", "Change.", Tier.SAFE, change.detect, change.patch, changes=CHANGES)
    monkeypatch.setattr(selection, "TRANSFORMS", (transform,))
    project = Project.of(list(templates))
    return pipeline.repair(project, scope or tuple(project.templates), Settings(unsafe=True))


def _after(report: Report, path: str) -> dict[str, Json]:
    [text] = [each.after for each in report.templates if each.path == path]
    return Template(path, parse(text, path)).data


def _passed(report: Report, path: str, stack: str = "Child1") -> Json:
    return mapping(mapping(mapping(_after(report, path)["Resources"])[stack])["Properties"]).get("Parameters")


def _declared(report: Report, path: str) -> list[str]:
    return list(mapping(_after(report, path)["Parameters"]))


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize(
    "url",
    [
        "child.%",
        "./child.%",
        "https://bucket.s3.amazonaws.com/v1/child.%",
        "https://bucket.s3.amazonaws.com/child.%?versionId=3",
        {"Fn::Sub": "https://${Bucket}.s3.amazonaws.com/child.%"},
        {"Fn::Sub": ["https://${B}.s3.amazonaws.com/child.%", {"B": {"Ref": "Bucket"}}]},
        {"Fn::Join": ["/", ["https://s3.amazonaws.com", {"Ref": "Bucket"}, "child.%"]]},
        {"Fn::Join": ["", ["https://", {"Ref": "Bucket"}, ".s3.amazonaws.com/child.%"]]},
    ],
    ids=json.dumps,
)
def test_the_parent_no_longer_passes_what_is_removed(monkeypatch: pytest.MonkeyPatch, url: Json, suffix: str) -> None:
    child, parent = f"child.{suffix}", f"parent.{suffix}"
    named: Json = json.loads(json.dumps(url).replace("%", suffix))
    report = _run(monkeypatch, _read(child, CHILD), _parent(parent, named))
    assert _declared(report, child) == ["Name"]
    assert _passed(report, parent) == {"Name": "shop"}
    [resolution] = report.resolutions
    assert (resolution.outcome, set(resolution.patches)) == (Outcome.WOULD_APPLY, {child, parent})


@pytest.mark.parametrize(
    "url",
    [
        {"Ref": "Bucket"},
        {"Fn::Sub": "https://example.com/${Bucket}"},
        {"Fn::Join": ["/", ["https://example.com", "child.json", {"Ref": "Bucket"}]]},
        "https://example.com/grandchild.json",
        "elsewhere/child.json",
    ],
    ids=json.dumps,
)
def test_a_url_that_does_not_name_the_file_is_not_followed(monkeypatch: pytest.MonkeyPatch, url: Json) -> None:
    report = _run(monkeypatch, _read("child.json", CHILD), _parent("parent.json", url))
    assert _declared(report, "child.json") == ["Name"]
    assert _passed(report, "parent.json") == BOTH


def test_a_local_path_starts_at_the_folder_of_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = _parent("apps/parent.json", "../nested/child.json"), _parent("parent.json", "nested/child.json")
    report = _run(monkeypatch, _read("nested/child.json", CHILD), *parents)
    assert [_passed(report, each.path) for each in parents] == [{"Name": "shop"}, {"Name": "shop"}]


def test_both_parents_change_in_the_same_patch(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = _parent("one.json", "child.json"), _parent("two.yaml", "https://example.com/child.json")
    report = _run(monkeypatch, _read("child.json", CHILD), *parents)
    assert [_passed(report, each.path) for each in parents] == [{"Name": "shop"}, {"Name": "shop"}]
    [resolution] = report.resolutions
    assert set(resolution.patches) == {"child.json", "one.json", "two.yaml"}


def test_a_parent_that_does_not_pass_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    report = _run(
        monkeypatch, _read("child.json", CHILD), _parent("parent.json", "child.json", passed={"Name": "shop"})
    )
    assert [each.changed for each in report.templates] == [True, False]


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_parameters_that_become_empty_are_removed(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    child, parent = f"child.{suffix}", f"parent.{suffix}"
    report = _run(monkeypatch, _read(child, CHILD), _parent(parent, child, passed={"Old": "passed"}))
    properties = mapping(mapping(mapping(_after(report, parent)["Resources"])["Child1"])["Properties"])
    assert properties == {"TemplateURL": child}


def test_two_stacks_of_one_parent_change_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    report = _run(
        monkeypatch, _read("child.json", CHILD), _parent("parent.json", "child.json", "https://example.com/child.json")
    )
    passes = [_passed(report, "parent.json", stack) for stack in ("Child1", "Child2")]
    assert passes == ([BOTH] * 2 if "Old" in _declared(report, "child.json") else [{"Name": "shop"}] * 2)
    [resolution] = report.resolutions
    assert resolution.outcome is Outcome.WOULD_APPLY or "parent.json" in resolution.reason


def test_a_parent_outside_of_the_paths_keeps_the_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = _read("child.json", CHILD), _parent("parent.json", "child.json")
    report = _run(monkeypatch, *templates, scope=["child.json"])
    assert not any(each.changed for each in report.templates)
    [resolution] = report.resolutions
    assert resolution.outcome is Outcome.SKIPPED
    assert resolution.reason == "the repair also changes parent.json: add it to the PATHs"


def test_a_new_parameter_that_the_parent_does_not_pass_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = _read("child.json", CHILD), _parent("parent.json", "child.json")
    report = _run(monkeypatch, *templates, make=_adding({"Type": "String"}))
    assert not any(each.changed for each in report.templates)
    [resolution] = report.resolutions
    assert resolution.outcome is Outcome.SKIPPED
    expected = "parent.json nests this template (Child1) and does not pass New, which has no Default"
    assert resolution.reason == expected


@pytest.mark.parametrize(
    ("declared", "passed"),
    [({"Type": "String", "Default": ""}, BOTH), ({"Type": "String"}, {**BOTH, "New": "passed"})],
    ids=["has a Default", "is passed"],
)
def test_a_new_parameter_with_a_value_is_added(
    monkeypatch: pytest.MonkeyPatch, declared: Json, passed: dict[str, Json]
) -> None:
    parent = _parent("parent.json", "child.json", passed=passed)
    report = _run(monkeypatch, _read("child.json", CHILD), parent, make=_adding(declared))
    assert _declared(report, "child.json") == ["Old", "Name", "New"]
    assert _passed(report, "parent.json") == passed


def test_the_value_of_a_renamed_parameter_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new name has a Default, so nothing fails, but the nested stack would get another value."""
    report = _run(monkeypatch, _read("child.json", CHILD), _parent("parent.json", "child.json"), make=_rename)
    name = "New" if "New" in _declared(report, "child.json") else "Old"
    assert mapping(_passed(report, "parent.json")).get(name) == "passed"


def test_a_renamed_parameter_without_default_is_renamed_in_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    child: Json = {**mapping(CHILD), "Parameters": {"Old": {"Type": "String"}, "Name": {"Type": "String"}}}
    report = _run(monkeypatch, _read("child.json", child), _parent("parent.json", "child.json"), make=_rename)
    assert "New" in _declared(report, "child.json")
    assert mapping(_passed(report, "parent.json")).get("New") == "passed"


def test_of_two_files_with_the_same_name_neither_is_nested_by_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    other: Json = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    twins = _read("a/child.json", CHILD), _read("b/child.json", other)
    report = _run(monkeypatch, *twins, _parent("parent.json", "https://example.com/child.json"))
    assert _declared(report, "a/child.json") == ["Name"]
    assert _passed(report, "parent.json") == BOTH
    project = Project.of([*twins, parent := _parent("parent.json", "https://example.com/child.json")])
    assert project.nested(parent, parent.resources["Child1"]) is None


def test_of_two_files_with_the_same_name_a_local_path_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = _read("a/child.json", CHILD), _read("b/child.json", CHILD)
    report = _run(monkeypatch, *twins, _parent("one.json", "a/child.json"), scope=["a/child.json", "one.json"])
    assert _declared(report, "a/child.json") == ["Name"]
    assert _passed(report, "one.json") == {"Name": "shop"}


def test_parameters_that_a_function_gives_are_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: Json = {"Fn::If": ["IsProd", BOTH, {"Name": "test"}]}
    report = _run(monkeypatch, _read("child.json", CHILD), _parent("parent.json", "child.json", passed=chosen))
    still_passed = '"Old"' in json.dumps(_passed(report, "parent.json"))
    assert not still_passed or "Old" in _declared(report, "child.json")


_CONSTRAINTS: list[tuple[str, Json]] = [
    ("AllowedValues", ["x", "y"]),
    ("AllowedPattern", "[a-z]"),
    ("MinLength", 2),
    ("MaxLength", 1),
]


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("through_parameter", [False, True])
@pytest.mark.parametrize(("key", "value"), _CONSTRAINTS, ids=[key for key, _ in _CONSTRAINTS])
def test_a_constraint_that_the_value_of_the_parent_violates(
    monkeypatch: pytest.MonkeyPatch, key: str, value: Json, through_parameter: bool, suffix: str
) -> None:
    """A nested template must not begin to reject what its parent passes, literally or as a Default."""
    child, parent = f"child.{suffix}", f"parent.{suffix}"
    for passed, is_allowed in (
        ("x" if key != "MinLength" else "xy", True),
        ("P" if key == "MinLength" else "P1", False),
    ):
        resources: dict[str, Json] = {
            "Child1": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": child,
                    "Parameters": {"Old": {"Ref": "Given"} if through_parameter else passed, "Name": "shop"},
                },
            }
        }
        data: Json = {"Parameters": {"Given": {"Type": "String", "Default": passed}}, "Resources": resources}
        made = _run(
            monkeypatch,
            _read(child, CHILD),
            _read(parent, data),
            make=lambda template: (
                add(f"/Parameters/Old/{key}", value) + add("/Parameters/New", {"Type": "String", "Default": ""})
            ),
        )
        [resolution] = made.resolutions
        if is_allowed:
            assert resolution.outcome is Outcome.WOULD_APPLY, resolution.reason
        else:
            assert (
                resolution.reason
                == f"{parent} nests this template (Child1) and passes a value for Old that the patch would forbid"
            )
