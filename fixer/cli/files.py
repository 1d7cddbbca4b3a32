"""The commands that work on files without looking for failures: patch, diff, undo and history.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import sys

import click

from fixer.cli import console
from fixer.cli.exit_codes import NOTHING, SOMETHING
from fixer.cli.help_pages import Heading, command, option


@command(
    "patch",
    short_help="Apply an RFC 6902 patch losslessly.",
    examples=(("fixer patch stack.yaml change.json --write", "apply a patch; comments and layout are kept"),),
)
@click.argument("file")
@click.argument("patch_file", metavar="PATCH.json")
@option(
    Heading.ACTION, "--write", is_flag=True, help="Write the result. Without this option, patch prints it as a diff."
)
def patch(file: str, patch_file: str, write: bool) -> None:
    """Apply an RFC 6902 patch to FILE without changing any other byte.

    If FILE is -, fixer reads standard input, and --write writes to standard output.
    """
    from fixer.outputs import patch_files as patches
    from fixer.report import text
    from fixer.report.diff import unified

    before, after = patches.apply_to(file, patch_file, console.standard_input((file,)), write)
    if write:
        if file == "-":
            console.emit(after, None)
        return
    console.emit(text.diff(unified(file, before, after), console.colour(sys.stdout)), None)
    sys.exit(SOMETHING if before != after else NOTHING)


@command(
    "diff",
    short_help="Print the patch from A to B.",
    examples=(("fixer diff old.yaml new.json > change.json", "compare two templates, JSON or YAML"),),
)
@click.argument("a")
@click.argument("b")
def diff(a: str, b: str) -> None:
    """Print the RFC 6902 patch that turns template A into template B."""
    from fixer.outputs import patch_files as patches

    ops = patches.between(a, b)
    console.emit(patches.render(ops), None)
    sys.exit(SOMETHING if ops else NOTHING)


@command(
    "undo",
    short_help="Undo what a run wrote.",
    examples=(
        ("fixer undo", "undo the last run"),
        ("fixer undo --run 20261124T10", "undo a run that `fixer history` lists"),
    ),
)
@option(
    Heading.ACTION,
    "--run",
    "run_id",
    default="",
    metavar="ID",
    help="Undo this run instead of the last one; the start of its id is enough.",
)
def undo(run_id: str) -> None:
    """Undo what the last run wrote into the repository of this folder, byte for byte.

    If a file has changed since, fixer undoes the edits whose surroundings are unchanged, and reports the others.
    """
    from pathlib import Path

    from fixer.outputs import journal

    run = journal.chosen(Path.cwd(), run_id)
    results = journal.undo(run)
    for result in results:
        undone = f"{result.path}: {console.counted(result.reverted, 'edit')} undone"
        click.echo(undone + (":" if result.hindered else ""))
        for reason in result.hindered:
            click.echo(f"  not undone: {reason}")
    hindered = any(result.hindered for result in results)
    click.echo(f"run {run.id} is {'undone in part' if hindered else 'undone'}.", err=True)
    sys.exit(SOMETHING if hindered else NOTHING)


@command("history", short_help="List the runs that wrote files.")
def history() -> None:
    """List the runs that wrote into the repository of this folder, and the state of the files they wrote."""
    from pathlib import Path

    from fixer.outputs import journal

    console.emit("".join(f"{line}\n" for line in journal.summary(journal.history(Path.cwd()))), None)
