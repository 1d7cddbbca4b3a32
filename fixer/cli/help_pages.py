"""The help pages: options under headings, and examples. click alone."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import click

Examples = tuple[tuple[str, str], ...]
"""(command line, what it does) each."""

_F = TypeVar("_F", bound=Callable[..., Any])


class Heading(StrEnum):
    """What an option is about; a help page shows the headings in this order."""

    ACTION = "What to do"
    PULL_REQUEST = "The pull request"
    FINDINGS = "Which findings"
    FACTS = "What is known"
    LIMITS = "How far to go"
    OUTPUT = "Output"
    SPEED = "Speed"
    OTHER = "Other"


class Option(click.Option):
    """An option that knows its heading in the help."""

    def __init__(self, *args: Any, heading: Heading = Heading.OTHER, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


def option(heading: Heading, *names: str, help: str, **how: Any) -> Callable[[_F], _F]:
    """`click.option` with a heading and a help text, which every option of a command must have."""
    return click.option(*names, cls=Option, heading=heading, help=help, **how)


class Command(click.Command):
    """A command whose help groups its options and ends with examples."""

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under their headings, each aligned by itself."""
        rows: dict[Heading, list[tuple[str, str]]] = {heading: [] for heading in Heading}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                # The option --help is click's own.
                rows[param.heading if isinstance(param, Option) else Heading.OTHER].append(record)
        for heading, records in rows.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        _write_examples(formatter, self.examples)


def command(name: str, *, short_help: str, examples: Examples = ()) -> Callable[[Callable[..., Any]], Command]:
    """Makes a function a command with such a help."""
    return click.command(name, cls=Command, short_help=short_help, examples=examples)


class Group(click.Group):
    """A group of such commands, with examples of its own."""

    command_class = Command

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        _write_examples(formatter, self.examples)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added: the common ones first."""
        return list(self.commands)


def _write_examples(formatter: click.HelpFormatter, examples: Examples) -> None:
    if examples:
        with formatter.section("Examples"):
            formatter.write_dl(examples, col_max=60)
