"""Failure lists: the forms of entries, their bodies and fragments with roles, and what is listed but is no fault."""

import json
from pathlib import Path

import pytest

from fixer.inputs.failure_list import load, prose, read
from fixer.model.failures import About, Failure, Role


def _one(text: str) -> Failure:
    [failure] = read(text)
    return failure


def _titles(text: str) -> list[str]:
    return [failure.title for failure in read(text)]


def _pairs(text: str) -> list[tuple[str | None, str | None]]:
    return [
        (pair.faulty.text if pair.faulty else None, pair.corrected.text if pair.corrected else None)
        for pair in _one(text).pairs
    ]


def _block(text: str, language: str = "yaml") -> str:
    return f"```{language}\n{text}\n```\n"


OLD, NEW = _block("MultiAZ: false"), _block("MultiAZ: true")
BOTH = [("MultiAZ: false", "MultiAZ: true")]


@pytest.mark.parametrize(
    "text",
    [
        "## Category 4: Design\n\n**ERROR 34: No dashboard**\n- bad\n\n**ERROR 35: No network**\n- bad\n",
        "### 4. Security Issues\n\n**Issue 1: No dashboard**\nx\n\n**Issue 2: No network**\ny\n",
        "## Failures\n\n**Failure ID:** MF-1\n**Title:** No dashboard\n\n**Failure ID:** MF-2\n**Title:** No network\n",
        "1. Group\n   1.1 No dashboard\n   Issue: a\n   1.2 No network\n   Issue: b\n",
        "1. Group\n1.1 No dashboard\nIssue: a\n1.2 No network\nIssue: b\n",
        "# Review\n\n## Gaps\n\n### Issue: No dashboard\n\n## **FAULT #2: No network**\n",
        "## Deficiencies\n\n21. **No dashboard**\n    - **Failure**: a\n\n22. **No network**\n    - **Issue**: b"
        "\n\n## Other Issues\n\n### Issue: No alarm\n",
        "### 4. Flaws\n\n#### **No dashboard**\n- **Model Response**: a\n\n#### **No network**\n- **Issue**: b\n",
        "### 1. Flaws\n\n**No dashboard**\n- **Model Response**: a\n\n**No network**\n- **Model Response**: b\n",
        "### lib/a.yaml:3-5: No dashboard\nx\n\n### lib/a.yaml#L9 No network\ny\n",
    ],
)
def test_entries_below_headings_and_lines(text: str) -> None:
    assert _titles(text)[:2] == ["No dashboard", "No network"]


@pytest.mark.parametrize(
    "text",
    [
        "### 1. No dashboard\n\n**Failure ID:** MF-1\n**Impact:** high\n",
        "### 1. No dashboard\n\n**Issue**: none shows it\n\n**Fix**: add one\n",
        "### 1. No dashboard\n\n**Error 403: Forbidden**\n\nIt fails.\n",
        "### 1. No dashboard\n\n**The only part**\n- **Model Response**: a\n",
        "### 1. No dashboard\n\n1. **Root cause**: x\n2. **Impact**: y\n",
        "1. No dashboard\n   8.0 is old\n",
    ],
)
def test_fields_of_an_entry_are_no_entries(text: str) -> None:
    assert _titles(text) == ["No dashboard"]


def test_the_body_is_the_text_below_the_title_and_the_line_of_an_item() -> None:
    first, second = read("### 1. A\n\nOne.\n\n#### Fix\nTwo.\n\n### 2. B\nThree.\n")
    assert (first.body, second.body) == ("One.\n\n#### Fix\nTwo.", "Three.")
    assert [each.body for each in read("- **A**: nothing shows it\n- B\n")] == ["- **A**: nothing shows it", "- B"]
    [row] = read("| Issue | Problem |\n|---|---|\n| A | it is open |\n")
    assert row.title == "A" and "it is open" in row.body
    assert prose("a\n```\nb\n```\nc").split() == ["a", "c"]


@pytest.mark.parametrize(
    ("faulty", "corrected"),
    [
        ("**MODEL_RESPONSE Issue**:", "**IDEAL_RESPONSE Fix**:"),
        ("**Issue**: The model used one zone:", "**Fix**:"),
        ("**Original (Broken):**", "**Fixed:**"),
        ("#### What's Wrong", "#### Correct Implementation"),
        ("- **Before**:", "- **After**:"),
        ("**Model's Code:**", "**Corrected Code:**"),
        ("**Problem**", "**Solution**"),
        ("**Incorrect:**", "**Should be:**"),
        ("Current:", "Expected:"),
        ("\u274c the template", "**\u2705 the template**"),
        ("**Model Configuration**:", "**Recommended**:"),
        ("**MODEL_RESPONSE Issue**:\nIt has one zone, which is not enough:", "**Fix**:\nUse two zones:"),
    ],
)
def test_labels_give_roles_in_either_order(faulty: str, corrected: str) -> None:
    ahead = f"### 1. X\n\n{faulty}\n{OLD}\n{corrected}\n{NEW}"
    behind = f"### 1. X\n\n{corrected}\n{NEW}\n{faulty}\n{OLD}"
    assert _pairs(ahead) == _pairs(behind) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        f"{OLD}\n{NEW}",
        f"The template says\n{OLD}\nand not\n{NEW}",
        _block("# WRONG - one zone\nMultiAZ: false\n\n# CORRECT - two zones\nMultiAZ: true"),
        _block("# \u274c MODEL ERROR\nMultiAZ: false\n# \u2705 FIXED\nMultiAZ: true"),
        _block("-MultiAZ: false\n+MultiAZ: true", "diff"),
        _block("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-MultiAZ: false\n+MultiAZ: true", "diff"),
        "   **Before**\n   ```yaml\n   MultiAZ: false\n   ```\n   **After**\n   ```yaml\n   MultiAZ: true\n   ```\n",
        "~~~yaml\nMultiAZ: false\n~~~\n~~~~yaml\nMultiAZ: true\n~~~~\n",
        f"**Error Message**:\n{_block('Boom: it failed', '')}\n**Issue**\n{OLD}\n**Fix**\n{NEW}",
        f"**Command**:\n{_block('aws s3 ls', 'bash')}\n{OLD}\n{NEW}",
    ],
)
def test_order_marks_diffs_and_blocks_that_show_neither(text: str) -> None:
    found = [tuple(each.strip().split("\n")[-1] for each in pair if each) for pair in _pairs(f"### 1. X\n\n{text}")]
    assert found == BOTH


def test_the_place_of_a_fragment_and_its_label() -> None:
    failure = _one(f"### 1. X\n\n**Issue**:\n{OLD}\n**Fix**:\n{NEW}")
    assert [(each.role, each.line, each.label) for each in failure.fragments] == [
        (Role.FAULTY, 5, "Issue"),
        (Role.CORRECTED, 10, "Fix"),
    ]


def test_a_correction_alone_is_an_addition_and_a_fault_alone_is_only_known() -> None:
    assert _pairs(f"### 1. X\n\n**Fix**:\n{NEW}") == [(None, "MultiAZ: true")]
    assert _pairs(f"### 1. X\n\n**Issue**:\n{OLD}") == [("MultiAZ: false", None)]
    assert _pairs(f"### 1. X\n\nSee:\n{OLD}") == []
    removed = _block("# MultiAZ removed")
    assert _pairs(f"### 1. X\n\n**Issue**:\n{OLD}\n**Fix**:\n{removed}") == [("MultiAZ: false", "# MultiAZ removed")]
    comment = _block("# Missing: MultiAZ")
    assert _pairs(f"### 1. X\n\n**Issue**:\n{comment}\n**Fix**:\n{NEW}") == [(None, "MultiAZ: true")]


def test_two_blocks_without_labels_that_have_nothing_in_common_are_no_pair() -> None:
    assert _pairs(f"### 1. X\n\n{_block('Encrypted: true')}\n{_block('Retention: 7')}") == []


def test_further_steps_of_a_correction_are_additions() -> None:
    steps = f"**Fix**:\n1. Added:\n{_block('Zones: 2')}\n2. Then:\n{NEW}"
    assert _pairs(f"### 1. X\n\n**Issue**:\n{OLD}\n{steps}") == [(None, "Zones: 2"), *BOTH]


def test_code_of_a_program_is_no_fragment() -> None:
    script = _block("const x = {\n  a: 1 };", "")
    failure = _one(f"### 1. X\n\n**Before**:\n{script}\n**After**:\n{_block('x = 1', 'python')}")
    assert failure.pairs == ()
    assert _one(f"### 1. X\n\n{_block('x = 1', 'python')}").about is About.OTHER


@pytest.mark.parametrize(
    "text",
    [
        '**Fix**: Changed `"MultiAZ": false` to `"MultiAZ": true`',
        "change MultiAZ from `false` to `true`",
        "Set it: update `MultiAZ` from `false` to `true`.",
        "- Model: `MultiAZ: false`\n- Ideal: `MultiAZ: true`",
        "  - **Original**: `MultiAZ: false`\n  - **Fixed**: `MultiAZ: true`",
    ],
)
def test_prose_that_names_an_exact_change_is_a_pair(text: str) -> None:
    assert _pairs(f"### 1. X\n\n{text}\n") == BOTH


@pytest.mark.parametrize(
    "text",
    [
        "change it from `false` to `true`",
        "changed `MultiAZ` to `Engine`",
        "changed `MultiAZ: false` to `Engine: mysql`",
        "- Model: `MultiAZ: false`\n- Ideal: `Engine: mysql`",
        "- Model: `MultiAZ: false` and `Engine: x`\n- Ideal: `MultiAZ: true`",
    ],
)
def test_prose_that_is_not_exact_is_no_pair(text: str) -> None:
    assert _pairs(f"### 1. X\n\n{text}\n") == []


def test_values_in_prose_are_text_unless_they_are_numbers_or_truth_values() -> None:
    assert _pairs("### 1. X\nchanged `EngineVersion` from `15.4` to `15.10`\n") == [
        ('EngineVersion: "15.4"', 'EngineVersion: "15.10"')
    ]


@pytest.mark.parametrize(
    "text",
    [
        "### 1. Resource Naming - PASS\n",
        "### 1. Severity breakdown\n",
        "### 2. No Critical Failures\n",
        "### 1. Missing Outputs\n**Actual**: \u2705 CORRECT - five of them\n",
        "### 1. Missing Outputs\n**Impact**: LOW - No fix needed\n",
        "### 1. Newer runtime\nThis is an improvement, not a failure.\n",
        "## Prevention of issues\n\n- Always pin versions\n- Ensure two zones\n",
        "- Total issues: 11\n",
    ],
)
def test_what_states_no_fault_is_noise(text: str) -> None:
    assert {each.about for each in read(text)} == {About.NOISE}
    assert all(each.about_why for each in read(text))


@pytest.mark.parametrize(
    "title",
    [
        "Missing Unit Tests",
        "Integration Test Hardcoded Stack Name",
        "File Naming Convention",
        "Missing README",
        "AWS SDK v3 in the Lambda code",
    ],
)
def test_what_is_about_something_else_is_told_apart(title: str) -> None:
    assert _one(f"### 1. {title}\n").about is About.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "### 1. Missing Outputs for Integration Testing\n",
        "### 1. Insufficient Parameter Documentation\n",
        "### 1. Correct the ARN\n**Fix**: Correct it\n**Status**: FIXED\n",
        "### 1. No encryption\n**Status**: \u2705 FIXED\n",
        "### 1. Rollback NOT IMPLEMENTED\n",
        "- A subnet is missing\n- Missing zones\n",
    ],
)
def test_faults_of_templates_are_not_taken_for_something_else(text: str) -> None:
    assert {each.about for each in read(text)} == {About.TEMPLATE}


COMMENT = {
    "path": "lib/stack.yaml",
    "line": 12,
    "start_line": 11,
    "side": "RIGHT",
    "body": "Use two zones.\n\n```suggestion\n  MultiAZ: true\n  Zones: 2\n```\n",
    "diff_hunk": "@@ -8,3 +9,4 @@\n Db:\n-  Old: 1\n   Type: x\n+  MultiAZ: false\n+  Zones: 1",
}


def test_the_comments_of_a_pull_request_are_failures_with_the_suggested_lines() -> None:
    reply = {**COMMENT, "in_reply_to_id": 3, "body": "Yes."}
    for text in (json.dumps([COMMENT, reply]), json.dumps({"comments": [COMMENT]}), json.dumps(COMMENT)):
        failure = _one(text)
        [pair] = failure.pairs
        assert (failure.number, failure.title) == (1, "Use two zones")
        assert pair.faulty and pair.corrected
        assert (pair.faulty.text, pair.corrected.text) == (
            "  MultiAZ: false\n  Zones: 1",
            "  MultiAZ: true\n  Zones: 2",
        )
        assert (pair.faulty.path, pair.faulty.first, pair.faulty.last) == ("lib/stack.yaml", 11, 12)


@pytest.mark.parametrize(
    "change",
    [
        {"body": "Only words."},
        {"body": "```suggestion\nnever closed"},
        {"side": "LEFT"},
    ],
)
def test_a_comment_without_a_usable_suggestion_is_a_failure_without_pairs(change: dict[str, str]) -> None:
    assert _one(json.dumps([{**COMMENT, **change}])).pairs == ()


@pytest.mark.parametrize("change", [{"diff_hunk": ""}, {"line": None}, {"start_line": 1}, {"line": 10**9}])
def test_a_suggestion_whose_lines_are_unknown_is_never_an_addition(change: dict[str, object]) -> None:
    [failure] = read(json.dumps([{**COMMENT, **change}]))
    assert all(pair.faulty for pair in failure.pairs)


@pytest.mark.parametrize("text", ["[]", "{}", "[1, null]", '[{"body": 3}]', "[" * 100_000, '"x"', "[link](x)"])
def test_other_json_lists_nothing(text: str) -> None:
    assert read(text) == ()


def test_suggestions_in_markdown_replace_the_last_lines_of_the_diff() -> None:
    hunk = _block(str(COMMENT["diff_hunk"]), "diff")
    suggestion = _block("  MultiAZ: true\n  Zones: 2", "suggestion")
    failure = _one(f"### lib/stack.yaml:11-12 One zone\n\n{hunk}\nUse two:\n\n{suggestion}")
    [pair] = failure.pairs
    assert failure.title == "One zone" and pair.faulty and pair.corrected
    assert pair.faulty.text == "  MultiAZ: false\n  Zones: 1"
    assert (pair.corrected.path, pair.corrected.first, pair.corrected.last) == ("lib/stack.yaml", 11, 12)
    assert _one(f"### 1. One zone\n\n{suggestion}").pairs == ()


def test_a_document_keeps_its_path(tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    file.write_text("### 1. X\n")
    assert [each.path for each in load(str(file))] == [str(file)]
