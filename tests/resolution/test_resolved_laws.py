"""Laws of `differences`, over generated templates: it finds what trying every value of every parameter finds."""

import copy
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixer import pointer
from fixer.cloudformation.intrinsics import intrinsic_name, ref_target, target_of
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.resolution.resolved_diff import differences
from fixer.resolution.resolved_template import resolve
from fixer.resolution.value_diff import value_differences

CASES = Path(__file__).parents[3] / "shared" / "cases"
FILES = sorted(file for file in CASES.rglob("*") if file.suffix in (".json", ".yaml", ".yml"))

Data = dict[str, Any]

PASSED = {"Env": ("dev", "prod"), "Size": ("s", "m", "s-x", "dev", "prod", "true", "other"), "Flag": ("true", "false")}
DEFAULTS = st.sampled_from(("s", "m", "dev"))
BOUNDED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NO_VALUE = {"Ref": "AWS::NoValue"}

names = st.sampled_from(("A", "B", "C"))
parameters = st.sampled_from(("Env", "Size", "Flag"))
references = st.builds(lambda name: {"Ref": name}, st.one_of(parameters, names))
literals = st.sampled_from(("x", "y", "1", 1, True, "true", "", "a,b"))
texts = st.sampled_from(("x", "${Env}", "${Size}-x", "${Env}/${Size}", "${A}", "${B.Arn}", "${!Env}", "x-${Flag}"))
found_in_map = st.builds(
    lambda key, second: {"Fn::FindInMap": ["M", {"Ref": "Env"} if key == "Env" else key, second]},
    st.sampled_from(("Env", "dev", "prod")),
    st.sampled_from(("k", "l")),
)
conditions = st.sampled_from(("IsOne", "IsTwo", "IsThree"))


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda name, one, other: {"Fn::If": [name, one, other]}, conditions, inner, inner),
        st.builds(lambda items: {"Fn::Join": ["-", items]}, st.lists(st.one_of(literals, references), max_size=3)),
        st.builds(
            lambda index, items: {"Fn::Select": [index, items]}, st.integers(0, 1), st.lists(references, max_size=3)
        ),
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("K", "L")), inner, max_size=2),
    )


leaves = st.one_of(
    literals,
    references,
    st.just(NO_VALUE),
    st.builds(lambda text: {"Fn::Sub": text}, texts),
    found_in_map,
    st.just({"Fn::Select": [0, {"Fn::Split": [",", "a,b"]}]}),
    st.just({"Fn::GetAtt": ["B", "Arn"]}),
)
values = st.recursive(leaves, _containers, max_leaves=5)

operands = st.sampled_from(({"Ref": "Env"}, {"Ref": "Size"}, {"Ref": "Flag"}, {"Fn::Sub": "${Size}-x"}))
constants = st.sampled_from(("dev", "prod", "s", "m", "s-x", "true"))
comparisons = st.builds(
    lambda one, other: {"Fn::Equals": [one, other]}, operands, st.one_of(constants, constants, operands)
)


def _conditions(declared: tuple[str, ...]) -> st.SearchStrategy[Any]:
    known = [comparisons, *(st.just({"Condition": name}) for name in declared)]
    return st.recursive(
        st.one_of(*known),
        lambda inner: st.one_of(
            st.builds(lambda part: {"Fn::Not": [part]}, inner),
            st.builds(lambda one, other: {"Fn::And": [one, other]}, inner, inner),
            st.builds(lambda one, other: {"Fn::Or": [one, other]}, inner, inner),
        ),
        max_leaves=3,
    )


parts = {
    "/Parameters/Size/Default": DEFAULTS,
    "/Conditions/IsOne": _conditions(()),
    "/Conditions/IsTwo": _conditions(("IsOne",)),
    "/Conditions/IsThree": _conditions(("IsOne", "IsTwo")),
    "/Mappings/M/dev/k": literals,
    "/Mappings/M/prod/l": literals,
    **{f"/Resources/{name}/Properties/{key}": values for name in "ABC" for key in "PQ"},
    **{f"/Resources/{name}/Condition": st.one_of(st.none(), conditions) for name in "BC"},
    **{f"/Resources/{name}/DependsOn": st.lists(names, max_size=2) for name in "ABC"},
    "/Outputs/O/Value": values,
}


@st.composite
def changed_templates(draw: st.DrawFn) -> tuple[Data, Data]:
    before = {place: draw(part) for place, part in parts.items()}
    after = dict(before)
    for place in draw(st.lists(st.sampled_from(sorted(parts)), min_size=0, max_size=3)):
        after[place] = draw(parts[place])
    return _template(before), _template(after)


def _template(chosen: Data) -> Data:
    data: Data = {
        "Parameters": {
            "Env": {"Type": "String", "AllowedValues": ["dev", "prod"]},
            "Size": {"Type": "String"},
            "Flag": {"Type": "String", "AllowedValues": [True, False]},
        },
        "Conditions": {},
        "Mappings": {"M": {"dev": {"k": 1, "l": "x"}, "prod": {"k": "y", "l": "x"}}},
        "Resources": {name: {"Type": "T", "Properties": {}} for name in "ABC"},
        "Outputs": {"O": {}},
    }
    for place, value in chosen.items():
        *path, last = pointer.split(place)
        inside = data
        for token in path:
            inside = inside[token]
        if value is not None:
            inside[last] = value
    return data


def _scenarios(before: Data, after: Data) -> Iterator[tuple[Data, Data]]:
    """What is passed to both; where nothing is passed for Size, each takes its own Default."""
    for env, size, flag in itertools.product(*PASSED.values()):
        both = {"Env": env, "Size": size, "Flag": flag}
        yield both, both
    for env, flag in itertools.product(PASSED["Env"], PASSED["Flag"]):
        first, second = (data["Parameters"]["Size"]["Default"] for data in (before, after))
        yield {"Env": env, "Size": first, "Flag": flag}, {"Env": env, "Size": second, "Flag": flag}


def _order(data: Data, resolved: Data) -> dict[str, list[str]]:
    """Which resources are created before each that exists, as sorted lists."""
    existing = resolved["Resources"]
    needs = {name: set(data["Resources"][name]["DependsOn"]) & existing.keys() for name in existing}
    for name, body in existing.items():
        named = {target_of(value) for _, value in pointer.walk(body)}
        needs[name] |= named & existing.keys()
    for _ in existing:
        for name in needs:
            needs[name] |= {further for need in needs[name] for further in needs[need]}
    return {name: sorted(others) for name, others in needs.items()}


def _place(found: str) -> str:
    """A place without what is below a list: an index before, after, as written or as resolved."""
    return pointer.join(*itertools.takewhile(lambda token: not token.isdigit(), pointer.split(found)))


def _tried(before: Data, after: Data) -> tuple[set[str], set[str]]:
    """The places that differ for some values, and the resources whose order does."""
    found: set[str] = set()
    reordered: set[str] = set()
    for first, second in _scenarios(before, after):
        old, new = resolve(Template.of_data("t", before), first), resolve(Template.of_data("t", after), second)
        found |= {_place(each.place) for each in value_differences(old, new, "")}
        was, now = _order(before, old), _order(after, new)
        reordered |= {name for name in was.keys() & now.keys() if was[name] != now[name]}
    return found, reordered


def _compares_symbols(data: Data) -> bool:
    return any(
        isinstance(value, dict) and place.endswith("/Fn::Equals/1") for place, value in pointer.walk(data["Conditions"])
    )


@BOUNDED
@given(changed_templates())
def test_what_differs_for_some_values_is_found_and_nothing_else(templates: tuple[Data, Data]) -> None:
    before, after = templates
    diff = differences(Template.of_data("t", before), Template.of_data("t", after))
    assert not diff.unresolved
    tried, reordered = _tried(before, after)
    told = [_place(each.place) for each in diff.differences if each.place.split("/")[1] != "Parameters"]
    missed = [place for place in tried if not any(pointer.overlap(place, each) for each in told)]
    assert not missed
    if reordered:
        assert told
    if _compares_symbols(before) or _compares_symbols(after):
        return  # Whether two parameters are equal is not connected to what each of them is.
    orders = {f"/Resources/{name}/DependsOn" for name in reordered}
    invented = [each for each in told if not any(pointer.overlap(place, each) for place in tried | orders)]
    assert not invented


@BOUNDED
@given(changed_templates())
def test_a_template_equals_itself_and_differences_have_two_sides(templates: tuple[Data, Data]) -> None:
    before, after = (Template.of_data("t", data) for data in templates)
    for same in (before, after):
        assert differences(same, Template.of_data("t", _template({}) | same.data)).is_empty
    there, back = differences(before, after), differences(after, before)
    assert sorted(_place(each.place) for each in there.differences) == sorted(
        _place(each.place) for each in back.differences
    )


Rewrite = Callable[[Data], Data]


def _everywhere(rewrite: Callable[[Any], Any], value: Any) -> Any:
    """The value with each part of it rewritten, the inner parts first."""
    if isinstance(value, dict):
        return rewrite({key: _everywhere(rewrite, item) for key, item in value.items()})
    return rewrite([_everywhere(rewrite, item) for item in value] if isinstance(value, list) else value)


def _in_values(rewrite: Callable[[Any], Any]) -> Rewrite:
    """Rewrites the properties of resources and the values of outputs."""

    def whole(data: Data) -> Data:
        data = copy.deepcopy(data)
        for section, key in (("Resources", "Properties"), ("Outputs", "Value")):
            for entry in (data.get(section) or {}).values():
                if key in entry:
                    entry[key] = _everywhere(rewrite, entry[key])
        return data

    return whole


def _texts_as_subs(value: Any) -> Any:
    """In a mapping that calls no function, every text as a Fn::Sub without variables."""
    if not isinstance(value, dict) or intrinsic_name(value) is not None:
        return value
    return {
        key: {"Fn::Sub": item} if isinstance(item, str) and "${" not in item else item for key, item in value.items()
    }


def _ref_as_sub(value: Any) -> Any:
    target = ref_target(value)
    return {"Fn::Sub": f"${{{target}}}"} if target and target != "AWS::NoValue" else value


def _sub_as_join(value: Any) -> Any:
    text = value.get("Fn::Sub") if isinstance(value, dict) else None
    return {"Fn::Join": ["", ["", {"Fn::Sub": text}]]} if isinstance(text, str) else value


def _renamed(section: str) -> Rewrite:
    """Gives every condition, or every mapping, another name, wherever it stands as a text of its own."""

    def whole(data: Data) -> Data:
        names = {name: f"{name}Renamed" for name in data.get(section) or {}}

        def rename(value: Any) -> Any:
            if isinstance(value, dict):
                values = {
                    key: names.get(item, item) if key == "Condition" and isinstance(item, str) else item
                    for key, item in value.items()
                }
                for function in ("Fn::If", "Fn::FindInMap"):
                    if isinstance(found := values.get(function), list) and isinstance(found[0], str):
                        values[function] = [names.get(found[0], found[0]), *found[1:]]
                return values
            return value

        data = _everywhere(rename, data)
        return {**data, section: {names[name]: entry for name, entry in data.get(section, {}).items()}}

    return whole


def _negated(data: Data) -> Data:
    """Says every Fn::If by the opposite of its condition."""

    def negate(value: Any) -> Any:
        if isinstance(value, dict) and isinstance(found := value.get("Fn::If"), list):
            return {"Fn::If": [f"Not{found[0]}", found[2], found[1]]}
        return value

    data = _in_values(negate)(data)
    conditions = data.get("Conditions") or {}
    return {
        **data,
        "Conditions": {**conditions, **{f"Not{name}": {"Fn::Not": [{"Condition": name}]} for name in conditions}},
    }


def _reversed(data: Data) -> Data:
    """Writes the keys of every mapping in the opposite order."""
    found: Data = _everywhere(lambda value: dict(reversed(value.items())) if isinstance(value, dict) else value, data)
    return found


SAME: dict[str, Rewrite] = {
    "texts as Fn::Sub": _in_values(_texts_as_subs),
    "Ref as Fn::Sub": _in_values(_ref_as_sub),
    "Fn::Sub as Fn::Join": _in_values(_sub_as_join),
    "conditions renamed": _renamed("Conditions"),
    "mappings renamed": _renamed("Mappings"),
    "conditions negated": _negated,
    "keys in another order": _reversed,
}


@pytest.mark.parametrize("rewrite", [pytest.param(rewrite, id=name) for name, rewrite in SAME.items()])
@BOUNDED
@given(changed_templates())
def test_what_is_said_otherwise_is_equal(rewrite: Rewrite, templates: tuple[Data, Data]) -> None:
    before, after = templates
    rewritten = rewrite(after)
    assert differences(Template.of_data("t", after), Template.of_data("t", rewritten)).is_empty
    direct, other = (
        differences(Template.of_data("t", before), Template.of_data("t", each)) for each in (after, rewritten)
    )
    assert sorted(_place(each.place) for each in direct.differences) == sorted(
        _place(each.place) for each in other.differences
    )


@pytest.mark.skipif(not FILES, reason="../shared/cases is absent: the real templates are not rewritten")
@pytest.mark.parametrize("rewrite", [pytest.param(rewrite, id=name) for name, rewrite in SAME.items()])
def test_a_real_template_that_is_said_otherwise_is_equal(rewrite: Rewrite) -> None:
    for file in FILES[::3]:
        template = Template(file.name, parse(file.read_bytes(), file.name))
        if "AWS::Serverless-" in template.document.text:
            continue  # SAM names a deployment after a digest of the API's text: said otherwise, it is another one.
        diff = differences(template, Template.of_data(file.name, rewrite(template.data)))
        assert not diff.differences, file
        assert all("macro" in each.reason for each in diff.unresolved), file
