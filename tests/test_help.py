"""The help pages and the completion of a shell: what they teach must work."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import click
import pytest

from fixer.cli.given import Given
from fixer.cli.help_pages import Command, Heading, Option
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


def test_every_option_stands_under_its_heading_and_has_a_help() -> None:
    for command in _commands():
        help_ = command.get_help(click.Context(command, info_name=command.name, max_content_width=100))
        sections = dict(re.findall(r"^([A-Z].*):\n((?:  .*\n)+)", help_ + "\n", re.M))
        assert list(sections) == [name for name in [*Heading, "Examples"] if name in sections]
        for param in command.params:
            if isinstance(param, click.Option):
                assert isinstance(param, Option) and param.help and param.heading is not Heading.OTHER
                assert re.search(rf"^  (-\w, )?{param.opts[-1]}\b", sections[param.heading], re.M)
        assert "--help" in sections["Other"]
        assert bool(command.examples) == ("Examples" in sections)


def test_the_values_that_commands_get_are_those_of_their_options() -> None:
    names = {field.name for field in fields(Given)}
    found: dict[str, Any] = {}
    for command in _commands():
        arguments = ["x" for param in command.params if isinstance(param, click.Argument) and param.required]
        params = command.make_context(command.name, arguments).params
        found |= {name: value for name, value in params.items() if name in names}
    assert Given(**found) == Given()
    assert set(found) == names


def test_options_that_were_given_can_be_written_again() -> None:
    words = ["--select", "a,b", "--select", "c", "--baseline", "b.json", "--set", "x.y=1 2", "--undeployed"]
    speed = ["--jobs", "2", "--no-cache"]
    command = cli.commands["pr"]
    params = command.make_context("pr", [*words, *speed, "lib"]).params
    given = Given(**{field.name: params[field.name] for field in fields(Given) if field.name in params})
    assert (given.jobs, given.cache) == (2, False)
    assert list(given.arguments(command)) == words


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
