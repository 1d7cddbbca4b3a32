"""The help pages and the completion of a shell: what they teach must work."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from fixer.cli.help_pages import GROUPS, Command
from fixer.cli.main import cli
from fixer.transforms import TRANSFORMS


def _commands() -> Iterator[Command]:
    for command in cli.commands.values():
        assert isinstance(command, Command)
        yield command


def _examples() -> list[str]:
    return [line for owner in (cli, *_commands()) for line, _ in owner.examples]  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", _examples())
def test_examples_are_commands(line: str) -> None:
    words = shlex.split(line.split("<")[0].split(">")[0])
    assert words[0] == "fixer"
    name, command, rest = cli.resolve_command(click.Context(cli), words[1:])
    assert command is not None and name
    command.make_context(name, list(rest), resilient_parsing=False)


def test_every_option_stands_in_one_group_and_has_a_help() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert len(named) == len(set(named))
    options = [param for command in _commands() for param in command.params if isinstance(param, click.Option)]
    assert {param.name for param in options} == set(named)
    for command in _commands():
        help_ = command.get_help(click.Context(command, info_name=command.name, max_content_width=100))
        assert "Other:\n  -h" in help_ or "Other:\n  --help" in help_
        assert not command.examples or "Examples:" in help_
    assert all(param.help or param.name == "form" for param in options)


def _completions(line: str) -> list[str]:
    words = line.split(" ")
    environment = {
        **os.environ,
        "_FIXER_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "from fixer.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return [text.partition(",")[2] for text in done.stdout.splitlines()]


def test_a_shell_completes_commands_options_and_ids() -> None:
    assert _completions("fixer exp") == ["explain"]
    assert "--undeployed" in _completions("fixer apply --un")
    assert _completions("fixer explain noe") == ["noecho-username"]
    assert _completions("fixer apply --select W3005,noe") == ["W3005,noecho-username"]
    assert len(_completions("fixer explain ")) == len(TRANSFORMS)
