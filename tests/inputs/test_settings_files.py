"""Configuration files and what walks leave out, through the command."""

from pathlib import Path

import pytest
from test_cli import fixer

TEMPLATE = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name in (
        "a.yaml",
        "cdk.out/b.yaml",
        "vendor/c.yaml",
        "out/d.yaml",
        "out/keep.yaml",
        "lib/e.yaml",
        "lib/old.yaml",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(TEMPLATE)
    return tmp_path


def _count(repository: Path, *paths: str) -> str:
    done = fixer("check", "--no-lint", *paths, cwd=repository)
    assert done.returncode == 0, done.stderr
    return done.stderr.split(" in ")[1].split()[0]


def test_walks_leave_out_what_git_ignores_and_what_is_excluded(repository: Path) -> None:
    assert _count(repository) == "5"
    (repository / ".gitignore").write_text("out/*\n!keep.yaml\n")
    assert _count(repository) == "4"
    (repository / "lib" / ".gitignore").write_text("/old.yaml\n")
    assert _count(repository, ".") == "3"
    (repository / ".fixer.toml").write_text('exclude = ["lib/"]\n')
    assert _count(repository) == "2"
    assert _count(repository, "lib/e.yaml") == "1"  # what is named counts
    assert _count(repository, "out/*.yaml") == "1"


def test_gitignore_counts_in_a_repository_only(repository: Path) -> None:
    (repository / ".git").rmdir()
    (repository / ".gitignore").write_text("*.yaml\n")
    assert _count(repository) == "5"


def test_a_shared_file_is_extended(repository: Path) -> None:
    (repository / "shared.toml").write_text('unsafe = true\nselect = ["null-value"]\nexclude = ["out"]\n')
    (repository / "lib" / ".fixer.toml").write_text('extends = "../shared.toml"\nselect = ["unused-mapping"]\n')
    shown = fixer("config", cwd=repository / "lib").stdout
    lines = {line.split()[0]: line.split()[1:] for line in shown.splitlines()}
    assert lines["file"] == [str(repository / "lib" / ".fixer.toml")]
    assert lines["select"] == ["unused-mapping", "this", "file"]
    assert lines["unsafe"] == ["true", "extended", "file"]
    assert lines["safe-only"] == ["false", "default"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# x\nunsafe = 1\n", ".fixer.toml:2: unsafe: must be true or false"),
        ("\n\nunsave = true\n", ".fixer.toml:3: unknown key 'unsave'; did you mean 'unsafe'?"),
        ("unsafe = true\n[tiers]\nnull-value = 5\n", ".fixer.toml:2: tiers: must be a table"),
        ("[[project]]\nroles = 5\n", ".fixer.toml:1: project: roles must be a table"),
        ('extends = "nowhere.toml"\n', ".fixer.toml:1: extends: nowhere.toml does not exist"),
        ('extends = ".fixer.toml"\n', "extends: the files extend each other"),
        ('extends = "../x.toml"\n', "extends: ../x.toml is outside of the repository"),
        ("extends = 5\n", ".fixer.toml:1: extends: must be the path"),
    ],
)
def test_a_wrong_setting_names_file_and_line(repository: Path, text: str, said: str) -> None:
    (repository.parent / "x.toml").write_text("")
    (repository / ".fixer.toml").write_text(text)
    done = fixer("check", "a.yaml", cwd=repository)
    assert done.returncode == 2
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_two_kinds_of_configuration_are_an_error(repository: Path) -> None:
    (repository / ".fixer.toml").write_text("")
    (repository / "pyproject.toml").write_text("[tool.fixer]\nunsafe = true\n")
    done = fixer("check", "a.yaml", cwd=repository)
    assert (done.returncode, "also has [tool.fixer] in pyproject.toml" in done.stderr) == (2, True)


def test_contradictions_and_prefixes(repository: Path) -> None:
    done = fixer("apply", "a.yaml", "--safe-only", "--unsafe", cwd=repository)
    assert (done.returncode, "contradict each other" in done.stderr) == (2, True)
    done = fixer("check", "a.yaml", "--select", "unused", cwd=repository)
    assert "did you mean 'unused-" in done.stderr
    assert "redundant-depends-on" in fixer("explain", "W3005", cwd=repository).stdout
    assert fixer("explain", "E9999", cwd=repository).returncode == 2
