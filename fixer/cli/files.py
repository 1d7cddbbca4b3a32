"""The commands that work on files without looking for failures: patch, diff, undo and history.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import os
import sys
from typing import TYPE_CHECKING

import click

from fixer.cli import console
from fixer.cli.exit_codes import ERROR, NOTHING, SOMETHING
from fixer.cli.help_pages import Heading, command, option

if TYPE_CHECKING:
    from fixer.outputs.undo import Plan


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

    if write:
        console.recover(os.path.dirname(file))
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
        ("fixer undo --dry-run", "print what undo would change, as a diff"),
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
@option(Heading.ACTION, "--dry-run", is_flag=True, help="Print what would be undone as a diff, and write nothing.")
def undo(run_id: str, dry_run: bool) -> None:
    """Undo what the last run wrote into the repository of this folder, byte for byte.

    If a file has changed since, fixer undoes the edits whose surroundings are unchanged, and reports the others. Before
    it writes, it prints the files and the lines.
    """
    from pathlib import Path

    from fixer.outputs import journal
    from fixer.outputs import undo as undoing

    console.recover(os.curdir)
    plan = undoing.planned(journal.chosen(Path.cwd(), run_id))
    _announce(plan, dry_run)
    hindered = any(result.hindered for result in plan.results)
    if dry_run:
        _show(plan)
        sys.exit(SOMETHING if hindered else NOTHING)
    for result in undoing.perform(plan):
        undone = f"{console.one_line(result.path)}: {console.counted(result.reverted, 'edit')} undone"
        click.echo(undone + (":" if result.hindered else ""))
        for reason in result.hindered:
            click.echo(f"  not undone: {reason}")
    click.echo(f"run {plan.run.id} is {'undone in part' if hindered else 'undone'}.", err=True)
    sys.exit(SOMETHING if hindered else NOTHING)


@command("history", short_help="List the runs that wrote files.")
def history() -> None:
    """List the runs that wrote into the repository of this folder, and the state of the files they wrote."""
    from pathlib import Path

    from fixer.errors import BadConfig
    from fixer.outputs import journal

    console.recover(os.curdir)
    runs = journal.records(Path.cwd())
    console.emit("".join(f"{console.one_line(line)}\n" for line in journal.summary(runs)), None)
    damaged = [run for run in runs if isinstance(run, BadConfig)]
    console.warn(map(str, damaged))
    sys.exit(ERROR if damaged else NOTHING)


def _announce(plan: "Plan", dry_run: bool) -> None:
    """Prints what undo is about to do: the files, and the lines of the edits in the text that the run wrote."""
    click.echo(f"run {plan.run.id}: fixer {'would undo' if dry_run else 'undoes'}", err=True)
    for result in plan.results:
        lines = f" at {'line' if result.reverted == 1 else 'lines'} {', '.join(map(str, result.lines))}"
        edits = console.counted(result.reverted, "edit") + (lines if result.lines else "")
        click.echo(f"  {console.one_line(result.path)}: {edits}", err=True)
        if dry_run:
            for reason in result.hindered:
                click.echo(f"    not undone: {reason}", err=True)


def _show(plan: "Plan") -> None:
    """Prints the diffs of a dry run."""
    from fixer.report import text
    from fixer.report.diff import unified

    for entry in plan.entries:
        changed = unified(entry.place.path, entry.before.decode(), entry.after.decode())
        console.emit(text.diff(changed, console.colour(sys.stdout)), None)
