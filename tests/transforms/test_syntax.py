"""The same template in JSON and in YAML: the same findings, the same patches, the same data after them."""

import json

import pytest
import yaml
from golden import Case, cases, play

from fixer.document import parse
from fixer.document.operations import identical
from fixer.model import Report

CASES = [
    pytest.param(case, id=f"{case.transform_id}/{case.name}")
    for case in cases()
    if case.transform_id != "unparsable-template"  # Its texts cannot be said in the other syntax.
]


def _essence(report: Report) -> list[object]:
    return [
        (
            each.finding.id,
            each.finding.pointer,
            each.finding.message.replace(".yaml", ".json"),
            each.tier,
            list(each.patches.values()),
        )
        for each in sorted(report.resolutions, key=lambda each: each.finding.pointer)
    ]


@pytest.mark.parametrize("case", CASES)
def test_both_syntaxes_say_the_same(case: Case) -> None:
    texts = {path: text for path, text in case.texts.items() if path.endswith(".json")}
    as_yaml = {
        path.replace(".json", ".yaml"): yaml.safe_dump(json.loads(text.replace('.json"', '.yaml"')), sort_keys=False)
        for path, text in texts.items()
    }
    ours, theirs = play(case, texts), play(case, as_yaml)
    assert _essence(theirs) == _essence(ours)
    for template, other in zip(ours.templates, theirs.templates, strict=True):
        after = template.after.replace('.json"', '.yaml"')
        assert identical(parse(after, template.path).data, parse(other.after, other.path).data)
