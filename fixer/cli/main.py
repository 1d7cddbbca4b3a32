"""The command line: arguments in, one call, exit code out.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from fixer.cli import console, files, options, repair
from fixer.cli.exit_codes import ERROR, INTERRUPTED
from fixer.cli.given import Given, gathered
from fixer.cli.help_pages import Group, Heading, command, option
from fixer.cli.options import several

if TYPE_CHECKING:
    from pathlib import Path

    from fixer.settings import Settings

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        ("fixer check .", "list the failures in all templates in this folder and below"),
        ("fixer apply lib/TapStack.json", "print the repair as a diff, and write nothing"),
        ("fixer apply lib/TapStack.json --write", "write the repair"),
        ("fixer apply . --review", "decide patch by patch"),
        ("fixer undo", "undo the last run"),
        ("fixer explain missing-vpc", "read about one transform"),
    ),
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *args: _version(*args),
    help="Show the versions of fixer and cfn-lint.",
)
def cli() -> None:
    """Repair AWS CloudFormation templates: find failures, patch them losslessly, and prove each repair."""


@command(
    "report",
    short_help="Print what templates document.",
    examples=(("fixer report . --inject README.md", "keep the table in the README up to date"),),
)
@options.paths
@option(
    Heading.ACTION,
    "--inject",
    "readme",
    metavar="FILE",
    help="Keep the table in FILE up to date, instead of printing it.",
)
def report(paths: tuple[str, ...], readme: str | None) -> None:
    """Print a Markdown table of the monitoring that the templates at PATH declare as required.

    With --inject, the table is between two comments. If the file does not have these comments, fixer appends them.
    """
    from fixer.run import commands as run

    if readme is not None:
        console.recover(os.path.dirname(readme))
    statement = run.documented(paths, readme, console.standard_input(paths))
    if readme is None:
        console.emit(statement, None)


@command(
    "pr",
    short_help="Keep a pull request with the repairs.",
    examples=(
        ("fixer pr --dry-run", "print everything that it would do, and push nothing"),
        ("fixer pr lib/ --label infrastructure", "keep one pull request for the templates in lib/"),
        ("fixer pr --per-transform", "keep one pull request per transform"),
        ("fixer pr --suggest 17", "suggest repairs on pull request 17 instead"),
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@option(Heading.PULL_REQUEST, "--dry-run", is_flag=True, help="Print everything that would be done, and push nothing.")
@option(
    Heading.PULL_REQUEST, "--per-transform", is_flag=True, help="Keep one pull request per transform, not one for all."
)
@option(
    Heading.PULL_REQUEST,
    "--suggest",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Suggest repairs in a review of this pull request instead.",
)
@option(
    Heading.PULL_REQUEST,
    "--branch",
    default="fixer/remediation",
    show_default=True,
    metavar="NAME",
    help="Keep the repairs on this branch.",
)
@option(
    Heading.PULL_REQUEST,
    "--base",
    default="",
    metavar="NAME",
    help="Repair this branch, and open the pull request against it, instead of the default branch.",
)
@option(
    Heading.PULL_REQUEST, "--remote", default="origin", show_default=True, metavar="NAME", help="Push to this remote."
)
@option(
    Heading.PULL_REQUEST,
    "--repo",
    "repository",
    default="",
    metavar="OWNER/NAME",
    help="Name the repository, if it does not follow from the remote.",
)
@several(Heading.PULL_REQUEST, "--label", "labels", metavar="NAME", help="Add this label to a new pull request.")
@several(
    Heading.PULL_REQUEST,
    "--reviewer",
    "reviewers",
    metavar="NAME",
    help="Ask this user or team (org/team) for a review of a new pull request.",
)
@option(Heading.PULL_REQUEST, "--draft", is_flag=True, help="Open the pull request as a draft.")
@options.selection
@options.limits
@options.speed
@gathered
def pr(paths: tuple[str, ...], suggest: int | None, repository: str, given: Given, **wishes: Any) -> None:
    """Repair the templates at PATH (by default all) and keep a pull request with the repairs.

    fixer reads the default branch of the remote, not your files. It opens and updates the pull request, rebuilds it
    when its base branch moves, and closes it when nothing is left to repair.

    Set GITHUB_TOKEN to a token that may push and open pull requests. GITHUB_SERVER_URL names the server if it is not
    github.com.
    """
    from fixer.bot import command as bot
    from fixer.bot.remediation import Wishes

    def settings_of(folder: "Path") -> "Settings":
        settings = given.settings(folder)
        console.warn(settings.warnings)
        return settings

    wished = Wishes(paths, arguments=given.arguments(pr), **wishes)
    bot.run(wished, suggest, repository, settings_of, click.echo)


@command("explain", short_help="Explain a transform.")
@click.argument("transform_id", metavar="ID", shell_complete=options.completed)
def explain(transform_id: str) -> None:
    """Explain what a transform finds, why that fails, what the repair does, and what to review.

    ID is the id of a transform, that of a cfn-lint rule, or a control of another tool such as CKV_AWS_18; the
    transforms that repair what the rule or the control reports are then explained.
    """
    from fixer.engine.renamed import current_ids, renaming
    from fixer.engine.selection import named
    from fixer.report import catalogue

    console.warn(renaming((transform_id,)))
    explained = [transform for each in current_ids(transform_id) for transform in named(each)]
    click.echo("\n".join(map(catalogue.explain, explained)), nl=False)


@command("config", short_help="Show the settings in force.", examples=(("fixer config", "show where each comes from"),))
def config() -> None:
    """Show the settings that hold in this folder, and the file that they come from."""
    from pathlib import Path

    from fixer.report import settings as shown

    click.echo(shown.in_force(Path.cwd()), nl=False)


@command("list", short_help="List the transforms.")
@option(Heading.FINDINGS, "--packs", "with_packs", is_flag=True, help="Also list the transforms of packs.")
def list_(with_packs: bool) -> None:
    """List the transforms: the id, the mildest tier, what a transform waits for, and a summary."""
    from fixer.report import catalogue
    from fixer.transforms import TRANSFORMS
    from fixer.transforms.packs import pack_transforms

    click.echo(catalogue.listing((*TRANSFORMS, *(pack_transforms() if with_packs else ()))), nl=False)


for each in (
    # In the order of the help: the common ones first.
    repair.check,
    repair.apply,
    files.patch,
    files.diff,
    files.undo,
    files.history,
    report,
    pr,
    explain,
    repair.map_,
    list_,
    config,
):
    cli.add_command(each)


def main() -> None:
    """The entry point: runs the command line and leaves at once, as tearing down cfn-lint's modules takes its time."""
    os._exit(_run())


def _run() -> int:
    _fill_closed_streams()
    try:
        code = cli.main(prog_name="fixer", standalone_mode=False)
    except click.exceptions.Exit as left:
        code = left.exit_code
    except click.ClickException as error:
        error.show()
        code = ERROR
    except click.Abort:
        code = INTERRUPTED
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = ERROR
    except Exception as error:
        code = _failed(error)
    return _flushed(int(code or 0))


def _failed(error: Exception) -> int:
    from fixer.errors import FixerError

    with contextlib.suppress(OSError):  # Standard error may be full, too.
        if isinstance(error, FixerError):
            click.echo(f"fixer: {console.one_line(str(error))}", err=True)
        elif isinstance(error, RecursionError):
            click.echo("fixer: an input is nested too deeply; give the files one by one to find it", err=True)
        elif isinstance(error, MemoryError):
            click.echo("fixer: the memory is not sufficient for these inputs; give fewer files at once", err=True)
        elif isinstance(error, OSError) and error.filename is None and error.errno in _FULL:
            click.echo(f"fixer: the result cannot be printed: {error.strerror}", err=True)
        else:
            import traceback

            traceback.print_exception(error)
            click.echo("fixer: this is a bug in fixer; please report it with the lines above", err=True)
    return ERROR


def _flushed(code: int) -> int:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            code = code or ERROR
    return code


def _fill_closed_streams() -> None:
    """Opens the null device, for reading, in place of each standard stream that was closed. Otherwise, a file that is
    opened later would get its number, and what a library or a child prints would land in that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # It gets the lowest free number, which is this one.
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)  # Each write is an error, which is told.


def _version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked:
        from fixer import __version__
        from fixer.aws.lint import version

        click.echo(f"fixer {__version__} (cfn-lint {version()})")
        ctx.exit()
