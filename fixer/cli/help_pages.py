"""The help pages: options in groups, and examples. click alone."""

import click

GROUPS = {
    "What to do": ("write", "review", "forget", "patches", "readme", "run_id", "new_baseline"),
    "The pull request": (
        *(
            "dry_run",
            "per_transform",
            "suggest",
            "branch",
            "base",
            "remote",
            "repository",
            "labels",
            "reviewers",
            "draft",
        ),
    ),
    "Which findings": ("select", "ignore", "baselines", "reviews", "skip_others"),
    "What is known": ("require", "documents", "values", "undeployed", "regions"),
    "How far to go": ("safe_only", "unsafe", "lint", "allow_plugins"),
    "Output": ("form", "output", "exit_zero"),
    "Speed": ("jobs", "cache"),
}
"""Heading to the parameters of any command that stand under it; what is named nowhere stands under "Other"."""


class Command(click.Command):
    """A command whose help groups its options and ends with examples: (command line, what it does) each."""

    def __init__(self, *args: object, examples: tuple[tuple[str, str], ...] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under their headings, each aligned by itself."""
        known = {name: heading for heading, names in GROUPS.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {heading: [] for heading in [*GROUPS, "Other"]}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                rows[known.get(param.name or "", "Other")].append(record)
        for heading, records in rows.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_dl(self.examples, col_max=60)


class Group(click.Group):
    """A group of such commands, with examples of its own."""

    command_class = Command

    def __init__(self, *args: object, examples: tuple[tuple[str, str], ...] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        with formatter.section("Examples"):
            formatter.write_dl(self.examples, col_max=60)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were made: the common ones first."""
        return list(self.commands)
