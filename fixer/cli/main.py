"""The command line: arguments in, one call, exit code out.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from fixer.cli import options
from fixer.cli import output as console
from fixer.cli.help_pages import Group

if TYPE_CHECKING:
    from pathlib import Path

    from fixer.model import Report
    from fixer.settings import Settings

NOTHING, SOMETHING, ERROR = 0, 1, 2
"""Exit codes: nothing to do or all done; findings, changes to make, or a fix that failed; an error."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        ("fixer check .", "what is wrong in the templates below this folder"),
        ("fixer apply lib/TapStack.json", "the repair as a diff; nothing is written"),
        ("fixer apply lib/TapStack.json --write", "the repair, written"),
        ("fixer apply . --review", "decide patch by patch"),
        ("fixer undo", "take the last run back"),
        ("fixer explain missing-vpc", "all about one transform"),
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
    """Repairs AWS CloudFormation templates: finds what is broken, patches it losslessly, and proves the repair."""


@cli.command(
    short_help="List what is wrong.",
    examples=(
        ("fixer check .", "all templates below this folder"),
        ("fixer check . --select W3005,noecho-username", "by cfn-lint rule or transform"),
        ("fixer check . --write-baseline .fixer-baseline.json", "begin clean in an old repository"),
        ("fixer check . --format sarif --output fixer.sarif", "for code scanning"),
    ),
)
@options.paths
@options.selection
@options.skip_others
@click.option("--write-baseline", "new_baseline", metavar="FILE", help="Write what is found into a baseline; exit 0.")
@click.option("--region", "regions", multiple=True, metavar="R", help="The region(s) that cfn-lint checks for.")
@click.option("--no-lint", "lint", flag_value=False, default=True, help="Leave cfn-lint out.")
@options.speed
@options.output
def check(
    paths: tuple[str, ...], new_baseline: str | None, form: str, output: str | None, exit_zero: bool, **given: Any
) -> None:
    """List what is wrong in the templates at PATH (files, folders, globs, - for standard input).

    A star marks what `fixer apply` can repair.
    """
    from fixer.inputs import baseline
    from fixer.report import formats, text
    from fixer.run import commands as run

    report = run.check(paths, options.settings_of(given), _standard_input(paths))
    console.tell(report)
    if new_baseline:
        found = [each.finding for each in report.resolutions]
        console.emit(baseline.render(found, new_baseline), new_baseline)
        click.echo(f"{len(found)} findings written to {new_baseline}.", err=True)
        _leave(report, False)
    if form != "text":
        console.emit(formats.FORMATS[form](report), output)
    else:
        console.emit(text.findings(report, console.width(), output is None and console.colour(sys.stdout)), output)
        click.echo(text.found_line(report), err=True)
    _leave(report, any(True for _ in report.resolutions) and not exit_zero)


@cli.command(
    short_help="Repair: a diff, or --write.",
    examples=(
        ("fixer apply lib/", "the repair as a diff that `git apply` takes"),
        ("fixer apply lib/ --write", "write what is safe or for review"),
        ("fixer apply lib/ --write --undeployed", "no stack exists yet: more is allowed"),
        ("fixer apply lib/ --review", "decide patch by patch"),
        ("fixer apply . --requirements PROMPT.md", "what a document requires counts as required"),
        ("fixer apply - < in.yaml --write > out.yaml", "in a pipe"),
    ),
)
@options.paths
@click.option("--write", is_flag=True, help="Write what is proven. Without it: a dry run, the diff on standard output.")
@options.selection
@click.option("--review", is_flag=True, help="Ask for each patch, then write what was accepted.")
@click.option("--forget", is_flag=True, help="With --review: ask also of what was skipped in earlier reviews.")
@options.skip_others
@click.option("--safe-only", is_flag=True, help="Apply only what changes no deployed resource for the worse.")
@click.option("--unsafe", is_flag=True, help="Apply also what may replace or remove deployed resources.")
@click.option("--region", "regions", multiple=True, metavar="R", help="The region(s) that cfn-lint checks for.")
@click.option("--no-lint", "lint", flag_value=False, default=True, help="Leave cfn-lint out of the proof.")
@click.option("--allow-plugins", is_flag=True, help="Let .cfnlintrc load rules, schemas and overrides of its own.")
@click.option("--patches", metavar="DIR", help="Write each patch (RFC 6902) into this folder.")
@options.speed
@options.output
def apply(
    paths: tuple[str, ...],
    write: bool,
    review: bool,
    forget: bool,
    patches: str | None,
    form: str,
    output: str | None,
    exit_zero: bool,
    **given: Any,
) -> None:
    """Repair the templates at PATH: a dry run that prints a diff, or --write.

    What is safe or for review is applied; what may harm a deployed stack is listed with the flag that unlocks it.
    Every patch is proven before it counts: same data as jsonpatch, the finding gone, nothing new from cfn-lint.
    """
    from fixer.outputs.patch_files import write_patches
    from fixer.report import formats
    from fixer.run import commands as run

    if review:
        if form != "text":
            raise click.UsageError("--review is for a person: it has no --format")
        report, write = _reviewed(paths, options.settings_of(given), forget), True
    else:
        report = run.apply(paths, options.settings_of(given), write, _standard_input(paths), console.with_progress)
    if patches:
        write_patches(report, patches)
    console.tell(report)
    if form != "text":
        console.emit(formats.FORMATS[form](report), output)
    else:
        console.show_repair(report, write, output)
    _leave(report, _has_more_to_do(report, write) and not exit_zero)


@cli.command(
    short_help="Apply an RFC 6902 patch losslessly.",
    examples=(("fixer patch stack.yaml change.json --write", "any patch, comments and layout kept"),),
)
@click.argument("file")
@click.argument("patch_file", metavar="PATCH.json")
@click.option("--write", is_flag=True, help="Write the result. Without it: a dry run, the diff on standard output.")
def patch(file: str, patch_file: str, write: bool) -> None:
    """Apply any RFC 6902 patch to FILE without disturbing another byte (FILE - : standard input to standard output)."""
    from fixer.outputs import patch_files as patches
    from fixer.report import text
    from fixer.report.diff import unified

    before, after = patches.apply_to(file, patch_file, _standard_input((file,)), write)
    if write:
        if file == "-":
            console.emit(after, None)
        return
    console.emit(text.diff(unified(file, before, after), console.colour(sys.stdout)), None)
    sys.exit(SOMETHING if before != after else NOTHING)


@cli.command(
    short_help="Print the patch from A to B.",
    examples=(("fixer diff old.yaml new.json > change.json", "JSON and YAML may be mixed"),),
)
@click.argument("a")
@click.argument("b")
def diff(a: str, b: str) -> None:
    """Print the RFC 6902 patch that leads from template A to template B."""
    from fixer.outputs import patch_files as patches

    ops = patches.between(a, b)
    console.emit(patches.render(ops), None)
    sys.exit(SOMETHING if ops else NOTHING)


@cli.command(
    short_help="Take back what a run wrote.",
    examples=(("fixer undo", "the last run"), ("fixer undo --run 20261124T10", "a run that `fixer history` lists")),
)
@click.option("--run", "run_id", default="", metavar="ID", help="The run to take back, instead of the last one.")
def undo(run_id: str) -> None:
    """Take back what the last run wrote into the repository of this folder, byte for byte.

    Where a file has changed since, the edits whose surroundings are as they were are taken back, the others told of.
    """
    from pathlib import Path

    from fixer.outputs import journal

    run = journal.chosen(Path.cwd(), run_id)
    results = journal.undo(run)
    for result in results:
        click.echo(f"{result.path}: {result.taken_back} edits taken back" + (":" if result.hindered else ""))
        for reason in result.hindered:
            click.echo(f"  left: {reason}")
    hindered = any(result.hindered for result in results)
    click.echo(f"run {run.id} is {'undone in part' if hindered else 'undone'}.", err=True)
    sys.exit(SOMETHING if hindered else NOTHING)


@cli.command(short_help="List the runs that wrote.")
def history() -> None:
    """List the runs that wrote into the repository of this folder, and what became of their files."""
    from pathlib import Path

    from fixer.outputs import journal

    console.emit("".join(f"{line}\n" for line in journal.summary(journal.history(Path.cwd()))), None)


@cli.command(
    short_help="State what templates document.",
    examples=(("fixer report . --inject README.md", "keep the table in the README up to date"),),
)
@options.paths
@click.option("--inject", "readme", metavar="FILE", help="Keep it between two markers of this file.")
def report(paths: tuple[str, ...], readme: str | None) -> None:
    """Print, as Markdown, the monitoring that the templates at PATH state to be required, or keep it in a README.

    The markers are two comments, which come to the end of the file if it has none.
    """
    from fixer.run import commands as run

    statement = run.documented(paths, readme, _standard_input(paths))
    if readme is None:
        console.emit(statement, None)


@cli.command(
    short_help="Keep a pull request with the repairs.",
    examples=(
        ("fixer pr --dry-run", "all that it would do; nothing is pushed"),
        ("fixer pr lib/ --label infrastructure", "one pull request for the templates in lib/"),
        ("fixer pr --per-transform", "a pull request per transform"),
        ("fixer pr --suggest 17", "suggestions on pull request 17 instead"),
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("--dry-run", is_flag=True, help="Print all that would be done.")
@click.option("--per-transform", is_flag=True, help="A pull request per transform instead of one for all.")
@click.option(
    "--suggest", type=click.IntRange(1), metavar="NUMBER", help="Suggest repairs on that pull request instead."
)
@click.option("--branch", default="fixer/remediation", show_default=True, help="The branch to keep.")
@click.option("--base", default="", help="The branch that the pull request goes to, instead of the default branch.")
@click.option("--remote", default="origin", show_default=True, help="Where to push.")
@click.option(
    "--repo", "repository", default="", metavar="OWNER/NAME", help="The repository, if the remote does not tell."
)
@click.option("--label", "labels", multiple=True, help="Labels of a new pull request.")
@click.option(
    "--reviewer", "reviewers", multiple=True, metavar="NAME", help="Who is asked for a review: name or org/team."
)
@click.option("--draft", is_flag=True, help="Open it as a draft.")
@options.selection
@click.option("--safe-only", is_flag=True, help="Only what changes no deployed resource for the worse.")
@click.option("--unsafe", is_flag=True, help="Also what may replace or remove deployed resources.")
@click.option("--region", "regions", multiple=True, metavar="R", help="The region(s) that cfn-lint checks for.")
@options.speed
def pr(paths: tuple[str, ...], suggest: int | None, repository: str, **given: Any) -> None:
    """Repair the templates at PATH (all, without) as the default branch of the remote has them, and keep a pull request
    with the repairs: opened, updated, rebuilt when its base moves, closed when nothing is left.

    The token comes from GITHUB_TOKEN, the server from GITHUB_SERVER_URL. Your files are not touched.
    """
    from fixer.bot import command

    wishes = {name: given.pop(name) for name in command.WISHES}
    said = command.arguments(given)

    def settings_of(folder: "Path") -> "Settings":
        return options.settings_of(dict(given), folder)

    command.run(paths, suggest, repository, wishes, said, settings_of, click.echo)


@cli.command(short_help="Tell all about a transform.")
@click.argument("transform_id", metavar="ID", shell_complete=options.completed)
def explain(transform_id: str) -> None:
    """Tell what a transform finds, why that fails, what the fix does, and what to review."""
    from fixer.engine.selection import by_id
    from fixer.report import catalogue

    click.echo(catalogue.explain(by_id(transform_id)), nl=False)


@cli.command(
    name="map",
    short_help="How the failures of a review stand.",
    examples=(
        ("fixer map FAILURES.md", "which transform repairs which failure"),
        ("fixer map FAILURES.md lib/ --requirements PROMPT.md", "and how each stands in these templates"),
    ),
)
@click.argument("document", metavar="FAILURES.md")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@options.required
@options.speed
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@options.result
def map_(document: str, paths: tuple[str, ...], form: str, output: str | None, exit_zero: bool, **given: Any) -> None:
    """Tell of each failure that a review lists which transform repairs it and, in the templates at PATH, whether it is
    present, absent, or not to be repaired by a patch, and why. What the review lists counts as required.
    """
    from fixer.engine.failure_map import State
    from fixer.report import failure_map as map_report
    from fixer.run import commands as run

    failures, report = run.map_failures(document, paths, options.settings_of(given), _standard_input(paths))
    if report:
        console.tell(report)
    if form == "json":
        console.emit(map_report.as_json(failures), output)
    else:
        console.emit(
            map_report.as_text(failures, console.width(), output is None and console.colour(sys.stdout)), output
        )
        click.echo(map_report.totals(failures), err=True)
    open_ = any(each.state in (State.PRESENT, State.NO_PATCH) for each in failures)
    sys.exit(ERROR if report and report.errors else SOMETHING if open_ and not exit_zero else NOTHING)


@cli.command(name="list", short_help="List the transforms.")
def list_() -> None:
    """List the transforms: id, mildest tier, the requirement it waits for, and one line."""
    from fixer.report import catalogue
    from fixer.transforms import TRANSFORMS

    click.echo(catalogue.listing(TRANSFORMS), nl=False)


def main() -> None:
    """The entry point: runs the command line and leaves at once, as tearing down cfn-lint's modules takes its time."""
    os._exit(_run())


def _run() -> int:
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ERROR
    except Exception as error:
        code = _failed(error)
    return _flushed(int(code or 0))


def _failed(error: Exception) -> int:
    from fixer.errors import FixerError

    if isinstance(error, FixerError):
        click.echo(f"fixer: {error}", err=True)
        return ERROR
    import traceback

    traceback.print_exception(error)
    click.echo("fixer: this is a bug of fixer's, please report it with the lines above", err=True)
    return ERROR


def _flushed(code: int) -> int:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or ERROR
    return code


def _version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked:
        from fixer import __version__
        from fixer.aws.lint import version

        click.echo(f"fixer {__version__} (cfn-lint {version()})")
        ctx.exit()


def _reviewed(paths: tuple[str, ...], settings: "Settings", forget: bool) -> "Report":
    """The report of a review by the person at the terminal; leaves where they stop without writing."""
    if "-" in paths or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--review asks a person: standard input and output must be a terminal")
    from fixer.review.screen import Screen
    from fixer.review.session import Stopped
    from fixer.run import commands as run

    screen = Screen()
    try:
        return run.review(paths, settings, screen.ask, forget, screen.busy)
    except Stopped:
        click.echo("Nothing was written.", err=True)
        sys.exit(SOMETHING)
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        sys.exit(INTERRUPTED)


def _has_more_to_do(report: "Report", write: bool) -> bool:
    from fixer.model import Outcome

    failed = report.count(Outcome.FAILED, Outcome.UNVERIFIED, Outcome.CONFLICT)
    return bool(failed if write else failed + report.count(Outcome.WOULD_APPLY))


def _leave(report: "Report", something: bool) -> None:
    sys.exit(ERROR if report.errors else SOMETHING if something else NOTHING)


def _standard_input(paths: tuple[str, ...]) -> bytes:
    return sys.stdin.buffer.read() if "-" in paths else b""
