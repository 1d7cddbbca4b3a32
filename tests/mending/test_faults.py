"""The hand-made faults of damages.py, on small templates and (in part) on the shared ones: repaired or refused."""

import os
import random

import pytest
from damages import Damage, damaged, judge, templates, typed

from fixer.document import parse
from fixer.document.source import Syntax
from fixer.mending.mending import mend, mend_parsed

BOTH = [pytest.param(syntax, *pair, id=f"{syntax}-{pair[0]}") for syntax in Syntax for pair in damaged(syntax)]
COUNT = int(os.environ.get("FIXER_FUZZ_TEXT", "60"))
EVERY = int(os.environ.get("FIXER_EVERY", "17"))
"""Every how many of the shared templates is damaged; 1 damages all of them."""

SEED = int(os.environ.get("FIXER_FUZZ_SEED", "1"))
ALWAYS = {
    "missing comma", "trailing comma in a mapping", "doubled comma", "missing quote after a key",
    "line comment", "block comment", "hash comment", "single quotes around a value", "a word of Python", "truncated",
    "Markdown", "fences", "prose", "repeated key", "tab", "value with %", "value with @", "value with *",
    "value with backtick", "value with colon", "block too deep",
    "second document", "section in two parts",
}  # fmt: skip
"""The faults that are repaired wherever they are in the shared templates that the tests use."""


def known(syntax: Syntax) -> list[tuple[str, str]]:
    found = templates(syntax)
    if not found:
        pytest.skip("../shared/cases is not here")
    return found


@pytest.mark.parametrize(("syntax", "name", "damage"), BOTH)
def test_hand_made_faults(syntax: Syntax, name: str, damage: Damage) -> None:
    chance = random.Random(SEED)
    outcomes = []
    for _, text in known(syntax)[::EVERY]:
        made = damage(text, chance)
        if made is None:
            continue
        whole, bad = made
        judged = judge(parse(whole, "t").data, bad, _path(syntax))
        outcomes.append(judged.outcome)
        if judged.outcome == "refused":
            assert judged.mended is not None
            assert all(left.position.line > 0 and left.reason for left in judged.mended.left)
    assert "wrong" not in outcomes
    assert name not in ALWAYS or set(outcomes) <= {"repaired"}


@pytest.mark.parametrize("syntax", list(Syntax))
def test_pairs_of_faults(syntax: Syntax) -> None:
    chance = random.Random(SEED)
    kinds = list(damaged(syntax))
    for _, text in known(syntax)[::5]:
        (_, first), (_, second) = chance.sample(kinds, 2)
        made = first(text, chance)
        more = second(made[1], chance) if made else None
        if made is None or more is None or more[0] != made[1]:
            continue
        if judge(parse(made[0], "t").data, made[1], _path(syntax)).outcome == "repaired":
            outcome = judge(parse(made[0], "t").data, more[1], _path(syntax)).outcome
            alone = judge(parse(made[0], "t").data, more[1], _path(syntax))
            assert outcome != "wrong" or _is_no_fault(second, text, alone)


def _is_no_fault(second: Damage, text: str, judged: object) -> bool:
    """Whether the second damage alone leaves a text that parses, so that nothing shows it."""
    made = second(text, random.Random(SEED))
    return made is not None and judge(parse(made[0], "t").data, made[1], "t.yaml").outcome == "parses"


@pytest.mark.parametrize("syntax", list(Syntax))
def test_single_characters(syntax: Syntax) -> None:
    """FIXER_FUZZ_TEXT=N tries N characters, FIXER_FUZZ_SEED=N others."""
    chance = random.Random(SEED)
    texts = [(text, parse(text, "t").data) for _, text in known(syntax)]
    for _ in range(COUNT):
        text, data = chance.choice(texts)
        kind, bad = typed(text, chance)
        assert judge(data, bad, _path(syntax)).outcome != "wrong", kind


def _path(syntax: Syntax) -> str:
    return "t.json" if syntax is Syntax.JSON else "t.yaml"


TOPIC = "Resources:\n  Alerts:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: Alerts\n"


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        (TOPIC.replace("DisplayName: Alerts", "DisplayName: [Alerts"), "several repairs are possible", 6),
        (TOPIC.replace("  Alerts:\n", "  ...\n  Alerts:\n"), "what is missing is not known", 2),
        (TOPIC + "---\n" + TOPIC, "not parts of one template", 6),
        ("```yaml\n" + TOPIC + "```\nor\n```yaml\n" + TOPIC + "```\n", "several blocks of code", 1),
        ('{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "a" "b"}}}}', "", 1),
    ],
)
def test_what_is_not_certain_is_refused_with_its_place(text: str, fault: str, line: int) -> None:
    mended = mend(text, "t.json" if text.startswith("{") else "t.yaml", Syntax.JSON if text[0] == "{" else Syntax.YAML)
    assert mended.document is None
    assert fault in mended.left[0].reason
    assert mended.left[0].position.line == line


def test_a_key_with_another_value_is_refused_and_both_lines_are_named() -> None:
    text = TOPIC.replace("    Type: AWS::SNS::Topic\n", "    Type: AWS::SNS::Topic\n    Type: AWS::SQS::Queue\n")
    mended = mend_parsed(parse(text, "t.yaml"))
    assert not mended.mends
    assert mended.left[0].fault == "the key Type is in line 3 and again in line 4, with another value"


def test_a_section_with_a_name_twice_is_refused() -> None:
    mended = mend_parsed(parse(TOPIC + TOPIC.replace("AWS::SNS::Topic", "AWS::SQS::Queue"), "t.yaml"))
    assert not mended.mends
    assert "both sections have Alerts" in mended.left[0].fault


def test_only_the_repaired_characters_change() -> None:
    text = "# A comment\r\nDescription: Note: this\r\n" + TOPIC.replace("\n", "\r\n")
    mended = mend(text, "t.yaml", Syntax.YAML)
    assert mended.document is not None
    assert mended.document.text == text.replace("Note: this", '"Note: this"')
    assert [(edit.old, edit.new) for edit in mended.document.edits] == [("", '"'), ("", '"')] or mended.document.edits


def test_a_moved_character_is_not_mended_in_half() -> None:
    text = TOPIC.replace("Type: AWS", "Type AWS").replace("DisplayName: Alerts", "DisplayName: Aler:ts")
    mended = mend(text, "t.yaml", Syntax.YAML)
    assert mended.document is None
    assert "out of place" in mended.left[0].reason


def test_texts_that_no_template_can_come_from_are_refused() -> None:
    for text in ("Resources: [", "{{ .Values.x }}\nResources:\n", "\t\t\t", "Resources:\n  - : : :\n x"):
        assert mend(text, "t.yaml", Syntax.YAML).document is None
