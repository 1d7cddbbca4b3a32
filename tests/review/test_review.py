"""The review without a terminal: answers are scripted, files and memory are real."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fixer.engine.selection import IN_REVIEW, by_id
from fixer.errors import BadConfig, FixerError
from fixer.model import Outcome, Report, RequirementLine
from fixer.outputs import journal
from fixer.outputs.undo import undo
from fixer.review.decisions import Memory
from fixer.review.questions import Answer, Choice, Question, Stopped
from fixer.run import commands as run
from fixer.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "lib" / "TapStack.json"
SETTINGS = Settings(lint=False)
Y, N, A, S, Q, W, U = (Answer(Choice(key)) for key in "ynasqwu")
DECISIONS = Path(".fixer/decisions.json")


@pytest.fixture(autouse=True)
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    (tmp_path / ".git").mkdir()
    shutil.copyfile(EXAMPLE, "stack.json")
    return Path("stack.json")


class Script:
    """Answers in turn, and keeps the questions; what is not foreseen is an error."""

    def __init__(self, *answers: Answer | Callable[[Question], Answer]) -> None:
        self._answers = iter(answers)
        self.questions: list[Question] = []

    def __call__(self, question: Question) -> Answer:
        self.questions.append(question)
        answer = next(self._answers)
        return answer(question) if callable(answer) else answer

    @property
    def ids(self) -> list[str]:
        return [question.resolution.finding.id for question in self.questions]


def review(*answers: Answer | Callable[[Question], Answer], forget: bool = False) -> tuple[Script, Report]:
    script = Script(*answers)
    report = run.review(["stack.json"], SETTINGS, script, forget)
    assert next(script._answers, None) is None, "an answer was not asked for"
    return script, report


def outcomes(report: Report) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in report.resolutions:
        found.setdefault(each.finding.id, []).append(str(each.outcome))
    return found


def skipped() -> list[str]:
    return [entry["id"] for entry in json.loads(DECISIONS.read_text())["skipped"]] if DECISIONS.exists() else []


def test_everything_is_asked_in_the_order_of_the_text_and_skipped() -> None:
    script, report = review(N, N, N, N, N, N)
    assert script.ids == [
        "noecho-username",
        "noecho-username",
        "permissive-ingress",
        "topic-without-subscription",
        "calculated-health-check",
        "health-check-parameter",
    ]
    assert Path("stack.json").read_bytes() == EXAMPLE.read_bytes()
    assert report.count(Outcome.APPLIED) == 0
    assert {str(each.outcome) for each in report.resolutions} == {"skipped"}
    assert len(skipped()) == 6
    assert journal.history(Path()) == []


def test_what_was_skipped_is_not_asked_again_until_it_changes() -> None:
    review(N, N, N, N, N, N)
    script, report = review()
    assert script.questions == []
    assert IN_REVIEW in {each.reason for each in report.resolutions}
    assert len(skipped()) == 6
    text = Path("stack.json").read_text()
    Path("stack.json").write_text("\n\n" + text)
    assert review()[0].questions == []
    Path("stack.json").write_text(text.replace('"HealthThreshold": 1', '"HealthThreshold": 2'))
    script, _ = review(N)
    assert script.ids == ["calculated-health-check"]


def test_forget_asks_again_and_forgets() -> None:
    review(N, N, N, N, N, N)
    script, _ = review(Y, W, forget=True)
    assert len(script.questions) == 2
    assert skipped() == []
    assert not DECISIONS.exists()


def test_what_is_accepted_is_written_proven_and_can_be_undone() -> None:
    script, report = review(Y, N, S, S, Y, W)
    assert script.ids[4] == "calculated-health-check"
    assert outcomes(report)["noecho-username"].count("applied") == 1
    text = Path("stack.json").read_text()
    assert text != EXAMPLE.read_text()
    [recorded] = journal.history(Path())
    assert set(recorded.files[0].ids) == {"noecho-username", "calculated-health-check"}
    undo(recorded)
    assert Path("stack.json").read_bytes() == EXAMPLE.read_bytes()


def test_each_question_shows_what_would_be_written_now() -> None:
    script, _ = review(Y, Y, S, S, S, S)
    first, second = script.questions[:2]
    assert first.before == {"stack.json": EXAMPLE.read_text()}
    assert second.before == first.after
    assert Path("stack.json").read_text() == second.after["stack.json"]


def test_all_of_a_transform() -> None:
    script, report = review(A, S, S, S, S)
    assert script.ids.count("noecho-username") == 1
    assert outcomes(report)["noecho-username"] == ["applied", "applied"]
    assert len(skipped()) == 4


def test_all_means_none_of_a_worse_tier() -> None:
    """The first finding of a transform is safe, the second for review: "all" said of the first asks again."""
    text = EXAMPLE.read_text()
    user = '"DBUsername": {\n      "Type": "String",'
    assert user in text
    first = '"AdminUsername": {"Type": "String", "NoEcho": true, "Default": "root"},\n    '
    Path("stack.json").write_text(text.replace(user, first + user))
    script, _ = review(A, W)
    tiers = [str(question.resolution.tier) for question in script.questions]
    assert tiers[:2] == ["safe", "review"]
    assert script.ids[:2] == ["noecho-username"] * 2


def test_a_value_is_set_and_the_patch_then_asked() -> None:
    value = Answer(Choice.VALUE, values=(("permissive-ingress", "vpc_cidr", "10.4.0.0/16"),))
    script, report = review(S, value, Y, S, S, S)
    assert script.ids[1:3] == ["permissive-ingress"] * 2
    assert script.questions[1].choices[0] is Choice.VALUE
    assert not script.questions[1].after
    assert outcomes(report)["permissive-ingress"] == ["applied"]
    assert "10.4.0.0/16" in Path("stack.json").read_text()


def test_a_value_that_is_none_is_told_and_asked_again() -> None:
    value = Answer(Choice.VALUE, values=(("permissive-ingress", "vpc_cidr", "ten"),))
    script, _ = review(S, value, S, S, S, S)
    assert script.ids[1:3] == ["permissive-ingress"] * 2
    assert "ten" in script.questions[2].notice
    assert script.questions[3].notice == ""


def test_undo_takes_back_choice_after_choice() -> None:
    script, report = review(Y, N, U, U, N, N, W)
    assert [question.can_undo for question in script.questions[:4]] == [False, True, True, True]
    assert script.questions[4].before == script.questions[0].before
    assert report.count(Outcome.APPLIED) == 0
    assert Path("stack.json").read_bytes() == EXAMPLE.read_bytes()


def test_undo_takes_back_a_skip_of_all() -> None:
    script, _ = review(S, U, Y, W)
    assert script.ids == ["noecho-username", "permissive-ingress", "noecho-username", "noecho-username"]


def test_stopping_writes_nothing_and_the_next_review_goes_on() -> None:
    with pytest.raises(Stopped) as stopped:
        review(Y, N, Q)
    assert stopped.value.kept == 2
    assert Path("stack.json").read_bytes() == EXAMPLE.read_bytes()
    assert not Path(".fixer").exists()
    script, report = review(W)
    assert script.ids == ["permissive-ingress"]
    assert "2 decided earlier" in script.questions[0].notice
    assert outcomes(report)["noecho-username"] == ["applied", "skipped"]
    assert skipped() == ["noecho-username"]
    assert "decided earlier" not in review(N, N, N, N, forget=False)[0].questions[0].notice


def test_an_error_while_asking_loses_no_decision() -> None:
    def breaks(question: Question) -> Answer:
        raise RuntimeError("the terminal is gone")

    with pytest.raises(RuntimeError):
        review(Y, N, breaks)
    assert review(W)[0].ids == ["permissive-ingress"]


def test_decisions_about_a_text_that_has_changed_do_not_count() -> None:
    with pytest.raises(Stopped):
        review(Y, N, Q)
    Path("stack.json").write_text("\n" + EXAMPLE.read_text())
    script, _ = review(W)
    assert script.ids == ["noecho-username"]
    assert "stack.json do not count" in script.questions[0].notice


def test_forget_begins_a_review_again() -> None:
    with pytest.raises(Stopped):
        review(Y, N, Q)
    script, _ = review(W, forget=True)
    assert (script.ids, script.questions[0].notice) == (["noecho-username"], "")


def test_damaged_decisions_begin_the_review_again() -> None:
    with pytest.raises(Stopped):
        review(A, N, Q)
    [kept] = Path(".state").rglob("reviews/*.json")
    text = kept.read_text()
    for damaged in ("", "{}", '{"version": 1, "decisions": 5}', text.replace('"key"', '"kay"'), text[: len(text) // 2]):
        kept.write_text(damaged)
        with pytest.raises(Stopped):
            assert review(Q)[0].ids == ["noecho-username"]


def test_undo_is_kept_as_well() -> None:
    with pytest.raises(Stopped):
        review(Y, N, U, U, Q)
    assert review(W)[0].ids == ["noecho-username"]


def test_skipped_in_a_review_is_skipped_everywhere() -> None:
    review(N, N, S, S, S, S)
    checked = run.check(["stack.json"], SETTINGS)
    assert {each.reason for each in checked.resolutions} == {IN_REVIEW}
    assert not any(each.patches for each in checked.resolutions)
    applied = run.apply(["stack.json"], SETTINGS, write=True)
    assert applied.count(Outcome.APPLIED) == 0
    assert Path("stack.json").read_bytes() == EXAMPLE.read_bytes()
    every = run.check(["stack.json"], replace(SETTINGS, include_skipped=True))
    assert any(each.patches for each in every.resolutions)
    Path("stack.json").write_text(EXAMPLE.read_text().replace('"HealthThreshold": 1', '"HealthThreshold": 2'))
    again = [each.finding.id for each in run.check(["stack.json"], SETTINGS).resolutions if each.reason != IN_REVIEW]
    assert again == ["calculated-health-check"]


def test_moving_between_undecided_findings() -> None:
    forward, back = Answer(Choice.NEXT), Answer(Choice.PREVIOUS)
    script, report = review(forward, forward, back, back, back, Answer(Choice.JUMP, goal=2), N, N, W)
    ids = [question.resolution.finding.id for question in script.questions]
    assert ids[:7] == [
        "noecho-username",
        "noecho-username",
        "permissive-ingress",
        "noecho-username",
        "noecho-username",
        "health-check-parameter",
        "permissive-ingress",
    ]
    assert ids[7] == "topic-without-subscription"
    assert [question.number for question in script.questions[:7]] == ["1/6", "2/6", "3/6", "2/6", "1/6", "6/6", "3/6"]
    assert script.questions[7].number == "4/6"
    assert report.count(Outcome.APPLIED) == 0


def test_all_of_a_file_and_all_of_a_tier() -> None:
    script, report = review(Answer(Choice.FILE, accept=False))
    assert len(script.questions) == 1
    assert {str(each.outcome) for each in report.resolutions} == {"skipped"}
    script, report = review(Answer(Choice.TIER), *[S] * 4, forget=True)
    tiers = [str(question.resolution.tier) for question in script.questions]
    assert tiers[0] not in tiers[1:]
    assert {str(each.tier) for each in report.resolutions if each.outcome is Outcome.APPLIED} == {tiers[0]}


def test_the_line_that_asks_for_the_repair_is_shown() -> None:
    line = RequirementLine("PROMPT.md", 7, "Alarms must reach somebody", "alerts", "")
    settings = replace(
        SETTINGS, require={"alerts": ""}, requirement_lines=(line,), select=("topic-without-subscription",)
    )
    script = Script(S)
    run.review(["stack.json"], settings, script)
    [question] = script.questions
    required = by_id("topic-without-subscription").requirement == "alerts"
    assert question.asked_for == ("PROMPT.md:7 asks for it: Alarms must reach somebody" if required else "")


def _edited(find: str, put: str) -> Callable[[Question], Answer]:
    def answer(question: Question) -> Answer:
        text = json.dumps({path: list(ops) for path, ops in question.resolution.patches.items()})
        assert find in text
        return Answer(Choice.EDIT, {path: tuple(ops) for path, ops in json.loads(text.replace(find, put)).items()})

    return answer


def test_an_edited_patch_is_applied_and_reported_as_it_is() -> None:
    script, report = review(_edited('"value": 16', '"value": 12'), S, S, S, S, S)
    assert '"MaxLength": 12' in Path("stack.json").read_text()
    [applied] = [each for each in report.resolutions if each.outcome is Outcome.APPLIED]
    assert any(op.get("value") == 12 for op in applied.patches["stack.json"])
    assert script.questions[0].refusal(applied.patches) == ""


def test_an_edited_patch_that_repairs_nothing_is_rolled_back_and_asked_again() -> None:
    def harmless(question: Question) -> Answer:
        return Answer(Choice.EDIT, {"stack.json": ({"op": "add", "path": "/Description", "value": "Mended"},)})

    script, report = review(harmless, S, S, S, S, S)
    assert script.ids[:2] == ["noecho-username"] * 2
    assert "still there" in script.questions[1].notice
    assert report.count(Outcome.APPLIED) == 0


def test_what_an_edited_patch_may_not_be() -> None:
    script, _ = review(W)
    [question] = script.questions
    assert "is not a file of this patch" in question.refusal({"other.json": ()})
    assert "no operations" in question.refusal({"stack.json": ()})
    assert question.refusal({"stack.json": ({"op": "remove", "path": "/Nowhere"},)})
    assert question.refusal({"stack.json": ({"op": "fly", "path": "/Resources"},)})


def test_a_file_that_changes_meanwhile_is_detected_before_the_next_question() -> None:
    def meddle(question: Question) -> Answer:
        Path("stack.json").write_text("{}")
        return Y

    with pytest.raises(FixerError, match="changed since it was read"):
        review(meddle)
    assert Path("stack.json").read_text() == "{}"
    assert not Path(".fixer").exists()


def test_projects_come_one_after_the_other_and_undo_goes_back() -> None:
    Path("more").mkdir()
    shutil.copyfile(EXAMPLE, "more/stack.json")
    script = Script(N, N, N, N, N, N, N, U, U, N, Y, W)
    report = run.review(["."], SETTINGS, script)
    places = [(str(Path(q.resolution.finding.path)), q.resolution.finding.id) for q in script.questions]
    assert [path for path, _ in places] == ["stack.json"] * 6 + ["more/stack.json"] * 3 + ["stack.json"] + [
        "more/stack.json"
    ] * 2
    assert places[9] == places[5]
    assert report.count(Outcome.APPLIED) == 1


def test_a_patch_of_several_files_shows_them_all_and_writes_them_together() -> None:
    Path("stack.json").unlink()
    for file in (EXAMPLE.parent.parent / "aurora-global-dr").glob("*.json"):
        shutil.copyfile(file, file.name)
    require = {"vpc": "", "peering": ""}
    settings = Settings(lint=False, undeployed=True, require=require, select=("missing-vpc", "missing-vpc-peering"))
    script = Script(*[Y] * 20)
    report = run.review(["."], settings, script)
    joined = [question for question in script.questions if len(question.after) > 1]
    assert joined
    for question in joined:
        assert set(question.before) == set(question.after) == set(question.resolution.patches)
        assert all(question.before[path] != question.after[path] for path in question.after)
    assert report.count(Outcome.APPLIED) == len(script.questions)
    [recorded] = journal.history(Path())
    assert len(recorded.files) > 1


@pytest.fixture
def memory() -> Iterator[Path]:
    DECISIONS.parent.mkdir()
    yield DECISIONS


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "skipped": []}', '{"version": 1, "skipped": [{}]}'])
def test_a_damaged_memory_is_told(memory: Path, text: str) -> None:
    memory.write_text(text)
    with pytest.raises(BadConfig, match=r"decisions\.json"):
        Memory.of(["stack.json"])


def test_decisions_about_other_files_are_kept() -> None:
    shutil.copyfile(EXAMPLE, "other.json")
    script = Script(*[S] * 5)
    run.review(["other.json"], SETTINGS, script)
    before = skipped()
    review(S, S, S, S, S)
    assert len(skipped()) == 2 * len(before) == 12
    review(A, W, forget=True)
    assert len(skipped()) == 6
