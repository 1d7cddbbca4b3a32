"""Diffs that git takes, whatever the files are called."""

import subprocess
from pathlib import Path

import pytest

from fixer.report.diff import unified

NAMES = [
    "a b.json",
    "line\nend.json",
    "x.json\n--- other\n+++ other\n@@ -0,0 +1 @@\n+pwned\n",
    'quote".json',
    "back\\slash.json",
    "tab\there.json",
    "gr\u00fc\u00df \U0001f600.json",
    "caf\u00e9\n.json",
    "\x1b[31mred.json",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_git_applies_it_to_that_file_alone(tmp_path: Path, name: str) -> None:
    before, after = '{"a": 1}\n', '{"a": 2}\n'
    (tmp_path / name).write_text(before)
    text = unified(name, before, after)
    done = subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, after)]


def test_a_plain_name_stays_plain() -> None:
    assert unified("lib/a.yaml", "a: 1\n", "a: 2\n").startswith("--- a/lib/a.yaml\n+++ b/lib/a.yaml\n@@")
