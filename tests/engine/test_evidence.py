"""Whether a lint match that appeared or disappeared is the effect of a patch, with linters that know one fault each."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from fixer.authoring.context import Context
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.engine import pipeline, selection
from fixer.engine.applied import Applied
from fixer.engine.evidence import hidden, is_revealed
from fixer.model import Finding, Json, LintMatch, LintResult, Op, Outcome, Patch, Report, Suspicion, Tier
from fixer.pointer import move, remove, replace
from fixer.settings import Settings
from fixer.transforms.transform import Transform

PATH = "t.json"
V, W = "/Resources/A/Properties/V", "/Resources/A/Properties/W"
Fault = Callable[[Mapping[str, Json]], list[LintMatch]]


def _template(properties: Json, **sections: Json) -> Template:
    data: Json = {**sections, "Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": properties}}}
    return Template(PATH, parse(json.dumps(data, indent=2), PATH))


def _changing(name: str, place: str, old: str, new: str) -> Transform:
    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        if _at(template.data, place) == old:
            yield ctx.finding(template, place, f"{place} is {old}")

    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        return Patch.of(template.path, replace(place, old, new), Tier.SAFE)

    return Transform(name, f"{name}.", Tier.SAFE, detect, patch, changes=("@",))


def _on_parameter(name: str, make: Callable[[Json], list[Op]]) -> Transform:
    """A transform that finds a parameter of that name and does something with it."""

    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        if name in template.section("Parameters"):
            yield ctx.finding(template, f"/Parameters/{name}", f"{name} is not used")

    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        return Patch.of(template.path, make(finding.seen), Tier.SAFE, changes=("-/Parameters/*", "?"))

    return Transform("tidy", "Tidy.", Tier.SAFE, detect, patch)


def _at(data: Json, place: str) -> Json:
    for token in place.split("/")[1:]:
        data = mapping(data).get(token)
    return data


def _match(rule: str, place: str, message: str = "bad") -> LintMatch:
    return LintMatch(rule, "Error", message, tuple(place.split("/")[1:]), 1, 1)


def _lint(fault: Fault, failed: str = "") -> Callable[[Sequence[tuple[str, str]]], list[LintResult]]:
    return lambda texts: [LintResult(tuple(fault(json.loads(text))), failed) for _, text in texts]


def _run(monkeypatch: pytest.MonkeyPatch, template: Template, fault: Fault, *transforms: Transform) -> Report:
    monkeypatch.setattr(selection, "TRANSFORMS", transforms)
    return pipeline.repair(Project.of([template]), (PATH,), Settings(unsafe=True), _lint(fault))


def _applied(name: str, ops: list[Op], rule: str = "") -> Applied:
    match = _match(rule, V) if rule else None
    finding = Finding(name, PATH, str(ops[0]["path"]), "found", None, f"{name}:{PATH}", match)
    return Applied(finding, Patch.of(PATH, ops, Tier.SAFE))


# What appears


def _masked(fault: Callable[[Json, Json], bool]) -> Fault:
    """E3002 on the properties while V is `a`, which hides them; below it E3012 of W, by the values of V and W."""

    def matches(data: Mapping[str, Json]) -> list[LintMatch]:
        first, second = _at(dict(data), V), _at(dict(data), W)
        if first == "a":
            return [_match("E3002", "/Resources/A/Properties")]
        return [_match("E3012", W)] if fault(first, second) else []

    return matches


UNMASK, CHANGE = _changing("unmask", V, "a", "b"), _changing("change", W, "a", "b")


@pytest.mark.parametrize("transforms", [(UNMASK, CHANGE), (CHANGE, UNMASK)], ids=["unmask first", "unmask last"])
def test_what_two_patches_bring_together_is_new(
    monkeypatch: pytest.MonkeyPatch, transforms: tuple[Transform, ...]
) -> None:
    report = _run(monkeypatch, _template({"V": "a", "W": "a"}), _masked(lambda v, w: w == "b"), *transforms)
    assert report.templates[0].lint_revealed == ()
    blamed = [each for each in report.resolutions if each.outcome is Outcome.UNVERIFIED]
    assert len(blamed) == 1 and "E3012" in blamed[0].reason
    assert report.count(Outcome.WOULD_APPLY) == 1


@pytest.mark.parametrize("transforms", [(UNMASK,), (UNMASK, CHANGE), (CHANGE, UNMASK)], ids=len)
def test_what_one_patch_alone_brings_to_light_is_revealed(
    monkeypatch: pytest.MonkeyPatch, transforms: tuple[Transform, ...]
) -> None:
    report = _run(monkeypatch, _template({"V": "a", "W": "a"}), _masked(lambda v, w: True), *transforms)
    assert [match.rule for match in report.templates[0].lint_revealed] == ["E3012"]
    assert report.count(Outcome.WOULD_APPLY) == len(transforms) == len(list(report.resolutions))


def test_a_patch_that_does_not_apply_alone_reveals_nothing() -> None:
    """W is `a` in the text before: a patch that tests for `x` needs another patch first."""
    template = _template({"V": "a", "W": "a"})
    applied = [_applied("first", replace(W, "a", "x")), _applied("second", replace(W, "x", "b"))]
    lint = _lint(_masked(lambda v, w: True))
    assert not is_revealed(_match("E3012", W), PATH, Project.of([template]), applied, lint)


def test_a_linter_that_fails_on_the_trial_reveals_nothing() -> None:
    before = Project.of([_template({"V": "a", "W": "a"})])
    applied = [_applied("unmask", replace(V, "a", "b")), _applied("change", replace(W, "a", "b"))]
    match = _match("E3012", W)
    assert is_revealed(match, PATH, before, applied, _lint(_masked(lambda v, w: True)))
    failing = _lint(_masked(lambda v, w: True), failed="it broke")
    assert not is_revealed(match, PATH, before, applied, failing)


def test_only_the_match_itself_counts() -> None:
    before = Project.of([_template({"V": "a", "W": "a"})])
    applied = [_applied("unmask", replace(V, "a", "b")), _applied("change", replace(W, "a", "b"))]
    assert not is_revealed(_match("E3030", W), PATH, before, applied, _lint(_masked(lambda v, w: True)))


def test_the_patches_of_other_files_do_not_count() -> None:
    before = Project.of([_template({"V": "a", "W": "a"})])
    other = _applied("change", replace(W, "a", "b"))
    elsewhere = Applied(other.finding, Patch.of("u.json", other.patch.files[PATH], Tier.SAFE))
    applied = [_applied("unmask", replace(V, "a", "b")), elsewhere]
    assert is_revealed(_match("E3012", W), PATH, before, applied, _lint(_masked(lambda v, w: False)))


# What disappears

EMBEDDED = 'Found an embedded parameter "${Name}" outside of an "Fn::Sub"'


def _embedded(data: Mapping[str, Json]) -> list[LintMatch]:
    """As E1029: a variable outside of Fn::Sub is reported only if there is a parameter of that name."""
    parameters = mapping(data.get("Parameters"))
    return [_match("E1029", V, EMBEDDED)] if "Name" in parameters and "${Name}" in str(_at(dict(data), V)) else []


STRING: Json = {"Type": "String", "Default": "x"}


@pytest.mark.parametrize("others", [{}, {"Other": STRING}], ids=["the whole section", "one parameter"])
def test_a_removal_of_a_name_that_the_message_mentions_hides_the_fault(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, Json]
) -> None:
    def make(seen: Json) -> list[Op]:
        return remove("/Parameters/Name", seen) if others else remove("/Parameters", {"Name": seen})

    template = _template({"V": "a-${Name}"}, Parameters={"Name": STRING, **others})
    report = _run(monkeypatch, template, _embedded, _on_parameter("Name", make))
    [resolution] = report.resolutions
    assert resolution.outcome is Outcome.UNVERIFIED
    assert "would no longer report E1029" in resolution.reason and "hides that fault" in resolution.reason
    assert not report.templates[0].changed


def test_of_several_patches_the_removal_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    template = _template({"V": "a-${Name}", "W": "a"}, Parameters={"Name": STRING, "Other": STRING})
    tidy = _on_parameter("Name", lambda seen: remove("/Parameters/Name", seen))
    report = _run(monkeypatch, template, _embedded, tidy, CHANGE)
    outcomes = {each.finding.id: each.outcome for each in report.resolutions}
    assert outcomes == {"tidy": Outcome.UNVERIFIED, "change": Outcome.WOULD_APPLY}


def test_a_removal_with_the_repair_of_the_place_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    template = _template({"V": "a-${Name}"}, Parameters={"Name": STRING, "Other": STRING})
    tidy = _on_parameter("Name", lambda seen: remove("/Parameters/Name", seen))
    report = _run(monkeypatch, template, _embedded, _changing("good", V, "a-${Name}", "a-x"), tidy)
    assert {each.outcome for each in report.resolutions} == {Outcome.WOULD_APPLY}


def test_a_rename_that_makes_the_name_resolve_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def undeclared(data: Mapping[str, Json]) -> list[LintMatch]:
        message = f"'Name' is not one of {list(mapping(data['Parameters']))}"
        return [] if "Name" in mapping(data["Parameters"]) else [_match("E1020", V + "/Ref", message)]

    template = _template({"V": {"Ref": "Name"}}, Parameters={"Nmae": STRING})
    rename = _on_parameter("Nmae", lambda seen: move("/Parameters/Nmae", "/Parameters/Name", seen))
    report = _run(monkeypatch, template, undeclared, rename)
    assert [(each.outcome, each.reason) for each in report.resolutions] == [(Outcome.WOULD_APPLY, "")]


def test_a_removal_of_a_name_that_the_message_does_not_mention_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(data: Mapping[str, Json]) -> list[LintMatch]:
        return [_match("E1029", V, EMBEDDED)] if "Other" in mapping(data["Parameters"]) else []

    template = _template({"V": "a-${Name}"}, Parameters={"Name": STRING, "Other": STRING})
    report = _run(monkeypatch, template, few, _on_parameter("Other", lambda seen: remove("/Parameters/Other", seen)))
    assert [(each.outcome, each.reason) for each in report.resolutions] == [(Outcome.WOULD_APPLY, "")]


GONE = _match("E1029", V, EMBEDDED)
REMOVES = remove("/Parameters/Name", STRING)


@pytest.mark.parametrize(
    ("applied", "keys"),
    [
        ([_applied("tidy", REMOVES)], [("tidy:t.json",)]),
        ([_applied("tidy", move("/Parameters/Name", "/Parameters/Other", STRING))], [("tidy:t.json",)]),
        ([_applied("tidy", remove("/Mappings", {"Name": {}}))], [("tidy:t.json",)]),
        ([_applied("one", REMOVES), _applied("two", remove("/Conditions/Sub", True))], [("one:t.json", "two:t.json")]),
        ([_applied("answers", REMOVES, "E1029")], []),
        ([_applied("tidy", REMOVES, "E3012")], [("tidy:t.json",)]),
        ([_applied("tidy", remove("/Parameters/Name/Default", "x"))], []),
        ([_applied("tidy", remove("/Metadata/Name", "x"))], []),
        ([_applied("tidy", REMOVES), _applied("good", replace(V, "a-${Name}", "a"))], []),
        ([_applied("tidy", REMOVES), _applied("good", replace("/Resources/A/Properties", {}, {"W": 1}))], []),
        ([_applied("tidy", REMOVES), _applied("good", replace(W, "a", "b"))], [("tidy:t.json",)]),
        ([], []),
    ],
)
def test_hidden(applied: list[Applied], keys: list[tuple[str, ...]]) -> None:
    found = list(hidden(PATH, [GONE], applied))
    assert [each.keys for each in found] == keys
    assert all(each.hides and each.match == GONE for each in found)


# What an earlier round found


def _only_finding(name: str, place: str, old: str) -> Transform:
    def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
        return Patch.none("it is not certain")

    return Transform(name, f"{name}.", Tier.SAFE, _changing(name, place, old, "").detect, patch)


def test_what_is_no_longer_found_is_reported_with_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    transforms = _only_finding("waits", V, "a"), _changing("good", V, "a", "b"), _only_finding("stays", W, "a")
    report = _run(monkeypatch, _template({"V": "a", "W": "a"}), lambda data: [], *transforms)
    assert {each.finding.id: (each.outcome, each.reason) for each in report.resolutions} == {
        "waits": (Outcome.SKIPPED, "no longer found after the repair by good"),
        "good": (Outcome.WOULD_APPLY, ""),
        "stays": (Outcome.SKIPPED, "it is not certain"),
    }


def test_all_repairs_of_the_place_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    transforms = _only_finding("waits", V, "a"), _changing("second", V, "b", "c"), _changing("first", V, "a", "b")
    report = _run(monkeypatch, _template({"V": "a"}), lambda data: [], *transforms)
    [waits] = [each for each in report.resolutions if each.finding.id == "waits"]
    assert waits.reason == "no longer found after the repair by first and second"


def test_a_repair_elsewhere_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def detect(template: Template, ctx: Context) -> Iterator[Finding]:
        if _at(template.data, W) == "a":
            yield ctx.finding(template, V, "V does not fit W")

    waits = Transform("waits", "Waits.", Tier.SAFE, detect, lambda template, finding, ctx: Patch.none("not certain"))
    report = _run(monkeypatch, _template({"V": "a", "W": "a"}), lambda data: [], waits, CHANGE)
    [found] = [each for each in report.resolutions if each.finding.id == "waits"]
    assert (found.outcome, found.reason) == (
        Outcome.SKIPPED,
        "no longer found after the repair by other patches of this run",
    )


@pytest.mark.parametrize("hides", [True, False])
def test_a_message_that_lists_every_name_is_cut(hides: bool) -> None:
    names = [f"Resource{number}" for number in range(500)]
    match = LintMatch("E1019", "error", f"'Environment' is not one of {names}", ("Resources",), 3, 1)
    reason = Suspicion("stack.yaml", match, ("key",), hides).reason
    assert "E1019 at stack.yaml:3: 'Environment' is not one of ['Resource0'" in reason
    assert len(reason) < 400 and " ..." in reason
