"""Where settings come from, and which files a run may read."""

from pathlib import Path

import pytest

from fixer.bot.checkout import confined, with_settings_of
from fixer.bot.git import Git
from fixer.inputs import config
from fixer.inputs.discovery import discover
from fixer.inputs.projects import parts
from fixer.settings import DeclaredProject, Settings

TOPIC = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n"
STACK = "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {}}}\n"


def _file(place: Path, text: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


def test_settings_are_not_sought_above_the_repository(tmp_path: Path) -> None:
    _file(tmp_path / ".fixer.toml", 'ignore = ["missing-vpc"]\n')
    (tmp_path / "repository" / "lib").mkdir(parents=True)
    assert config.load(tmp_path / "repository" / "lib").ignore == ("missing-vpc",)
    (tmp_path / "repository" / ".git").mkdir()
    assert config.load(tmp_path / "repository" / "lib").ignore == ()
    _file(tmp_path / "repository" / ".fixer.toml", 'ignore = ["bad-rate"]\n')
    assert config.load(tmp_path / "repository" / "lib").ignore == ("bad-rate",)


def test_settings_in_a_folder_that_others_may_write_do_not_count(tmp_path: Path) -> None:
    _file(tmp_path / "shared" / ".fixer.toml", 'ignore = ["missing-vpc"]\n')
    (tmp_path / "shared" / "mine").mkdir()
    (tmp_path / "shared").chmod(0o777)
    assert config.load(tmp_path / "shared" / "mine").ignore == ()
    assert config.load(tmp_path / "shared").ignore == ("missing-vpc",)


@pytest.mark.parametrize("name", ["../outside.yaml", "../../secret/x.yaml", "link.yaml"])
def test_a_nested_template_outside_of_the_checkout_is_not_read(tmp_path: Path, name: str) -> None:
    checkout = tmp_path / "checkout"
    stack = _file(checkout / "stack.yaml", STACK.format(name))
    for outside in (tmp_path / "outside.yaml", tmp_path.parent / "secret" / "x.yaml"):
        _file(outside, TOPIC)
    (checkout / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    read = {
        path
        for part in parts(discover([str(stack)]), confined(Settings(), checkout))
        for path in part.project.templates
    }
    assert read <= {str(stack)}


def test_a_glob_of_the_settings_reads_below_the_checkout_only(tmp_path: Path) -> None:
    stack = _file(tmp_path / "checkout" / "stack.yaml", TOPIC)
    _file(tmp_path / "outside.yaml", TOPIC)
    settings = Settings(projects=(DeclaredProject((str(tmp_path / "**" / "*.yaml"),)),))
    for given, count in ((settings, 2), (confined(settings, tmp_path / "checkout"), 1)):
        [part] = parts(discover([str(stack)]), given)
        assert len(part.project.templates) == count


def test_the_settings_of_a_pull_request_are_those_of_its_base(tmp_path: Path) -> None:
    git = Git(
        tmp_path,
        {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    )
    git.run("init", "--quiet")
    _file(tmp_path / ".fixer.toml", 'ignore = ["bad-rate"]\n')
    git.run("add", ".")
    git.run("commit", "--quiet", "--message", "base")
    base = git.run("rev-parse", "HEAD").strip()
    _file(tmp_path / ".fixer.toml", '[[project]]\npaths = ["../../*.yaml"]\n')
    _file(tmp_path / "pyproject.toml", "[tool.fixer]\nignore = []\n")
    git.run("add", ".")
    git.run("commit", "--quiet", "--message", "head")
    with_settings_of(git, base)
    assert config.load(tmp_path) == Settings(ignore=("bad-rate",))
    assert not (tmp_path / "pyproject.toml").exists()
