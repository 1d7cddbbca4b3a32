"""The command line: arguments in, one call, exit code out. Level 10.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from fixer.teaching import Group

if TYPE_CHECKING:
    from pathlib import Path

    from fixer.model import Report, Settings
    from fixer.run import Done

NOTHING, SOMETHING, ERROR = 0, 1, 2
"""Exit codes: nothing to do or all done; findings, changes to make, or a fix that failed; an error."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

_PROGRESS_FROM = 5
_F = TypeVar("_F", bound=Callable[..., Any])


def _options(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    def decorate(command: _F) -> _F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The ids that a shell may complete the last of several to."""
    from fixer.transforms import TRANSFORMS

    before, comma, start = incomplete.rpartition(",")
    return [before + comma + transform.id for transform in TRANSFORMS if transform.id.startswith(start)]


_paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...")
_requirements = _options(
    click.option("--require", multiple=True, metavar="NAME[=VALUE],..", help="Requirements that hold."),
    click.option(
        "--requirements", "documents", multiple=True, metavar="FILE", help="Requirements read from a document."
    ),
    click.option("--set", "values", multiple=True, metavar="ID.NAME=VALUE", help="A value that a repair takes."),
)
_selection = _options(
    click.option(
        "--select",
        multiple=True,
        metavar="ID,..",
        help="Only these (transform or cfn-lint rule).",
        shell_complete=_completed,
    ),
    click.option("--ignore", multiple=True, metavar="ID,..", help="All but these.", shell_complete=_completed),
    click.option("--baseline", "baselines", multiple=True, metavar="FILE", help="Findings not to be told of."),
    click.option("--failures", "reviews", multiple=True, metavar="FILE", help="Only what these failure reviews list."),
    _requirements,
    click.option(
        "--undeployed", is_flag=True, help="No stack exists yet: what only a deployed one makes unsafe is not."
    ),
)
_speed = _options(
    click.option("-j", "--jobs", type=click.IntRange(0), default=0, help="Processes side by side; 0: one per core."),
    click.option("--no-cache", "cache", flag_value=False, default=True, help="Lint anew what was linted today."),
)
_result = _options(
    click.option("--output", metavar="FILE", help="Write the result there instead of to standard output."),
    click.option("--exit-zero", is_flag=True, help="Exit 0 also when there are findings (errors still exit 2)."),
)
_output = _options(
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "sarif", "markdown", "github"]),
        default="text",
        show_default=True,
        help="For people, for programs, for code scanning, for a pull request, for a workflow run.",
    ),
    _result,
)


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


_skip_others = click.option(
    "--skip-others", is_flag=True, help="Pass over named files that are no templates, as pre-commit names them."
)


@cli.command(
    short_help="List what is wrong.",
    examples=(
        ("fixer check .", "all templates below this folder"),
        ("fixer check . --select W3005,noecho-username", "by cfn-lint rule or transform"),
        ("fixer check . --write-baseline .fixer-baseline.json", "begin clean in an old repository"),
        ("fixer check . --format sarif --output fixer.sarif", "for code scanning"),
    ),
)
@_paths
@_selection
@_skip_others
@click.option("--write-baseline", "new_baseline", metavar="FILE", help="Write what is found into a baseline; exit 0.")
@click.option("--region", "regions", multiple=True, metavar="R", help="The region(s) that cfn-lint checks for.")
@click.option("--no-lint", "lint", flag_value=False, default=True, help="Leave cfn-lint out.")
@_speed
@_output
def check(
    paths: tuple[str, ...], new_baseline: str | None, form: str, output: str | None, exit_zero: bool, **given: Any
) -> None:
    """List what is wrong in the templates at PATH (files, folders, globs, - for standard input).

    A star marks what `fixer apply` can repair.
    """
    from fixer import baseline, run
    from fixer.report import formats, text

    report = run.check(paths, _settings(given), _standard_input(paths))
    _tell(report)
    if new_baseline:
        found = [each.finding for each in report.resolutions]
        _emit(baseline.render(found, new_baseline), new_baseline)
        click.echo(f"{len(found)} findings written to {new_baseline}.", err=True)
        _leave(report, False)
    if form != "text":
        _emit(formats.FORMATS[form](report), output)
    else:
        _emit(text.findings(report, _width(), output is None and _colour(sys.stdout)), output)
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
@_paths
@click.option("--write", is_flag=True, help="Write what is proven. Without it: a dry run, the diff on standard output.")
@_selection
@click.option("--review", is_flag=True, help="Ask for each patch, then write what was accepted.")
@click.option("--forget", is_flag=True, help="With --review: ask also of what was skipped in earlier reviews.")
@_skip_others
@click.option("--safe-only", is_flag=True, help="Apply only what changes no deployed resource for the worse.")
@click.option("--unsafe", is_flag=True, help="Apply also what may replace or remove deployed resources.")
@click.option("--region", "regions", multiple=True, metavar="R", help="The region(s) that cfn-lint checks for.")
@click.option("--no-lint", "lint", flag_value=False, default=True, help="Leave cfn-lint out of the proof.")
@click.option("--allow-plugins", is_flag=True, help="Let .cfnlintrc load rules, schemas and overrides of its own.")
@click.option("--patches", metavar="DIR", help="Write each patch (RFC 6902) into this folder.")
@_speed
@_output
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
    from fixer import run
    from fixer.patch_file import write_patches
    from fixer.report import formats

    if review:
        if form != "text":
            raise click.UsageError("--review is for a person: it has no --format")
        report, write = _reviewed(paths, _settings(given), forget), True
    else:
        report = run.apply(paths, _settings(given), write, _standard_input(paths), _with_progress)
    if patches:
        write_patches(report, patches)
    _tell(report)
    if form != "text":
        _emit(formats.FORMATS[form](report), output)
    else:
        _show_repair(report, write, output)
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
    from fixer import patch_file as patches
    from fixer.report import text
    from fixer.report.diff import unified

    before, after = patches.apply_to(file, patch_file, _standard_input((file,)), write)
    if write:
        if file == "-":
            _emit(after, None)
        return
    _emit(text.diff(unified(file, before, after), _colour(sys.stdout)), None)
    sys.exit(SOMETHING if before != after else NOTHING)


@cli.command(
    short_help="Print the patch from A to B.",
    examples=(("fixer diff old.yaml new.json > change.json", "JSON and YAML may be mixed"),),
)
@click.argument("a")
@click.argument("b")
def diff(a: str, b: str) -> None:
    """Print the RFC 6902 patch that leads from template A to template B."""
    from fixer import patch_file as patches

    ops = patches.between(a, b)
    _emit(patches.render(ops), None)
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

    from fixer import journal

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

    from fixer import journal

    _emit("".join(f"{line}\n" for line in journal.summary(journal.history(Path.cwd()))), None)


@cli.command(
    short_help="State what templates document.",
    examples=(("fixer report . --inject README.md", "keep the table in the README up to date"),),
)
@_paths
@click.option("--inject", "readme", metavar="FILE", help="Keep it between two markers of this file.")
def report(paths: tuple[str, ...], readme: str | None) -> None:
    """Print, as Markdown, the monitoring that the templates at PATH state to be required, or keep it in a README.

    The markers are two comments, which come to the end of the file if it has none.
    """
    from fixer import run

    statement = run.documented(paths, readme, _standard_input(paths))
    if readme is None:
        _emit(statement, None)


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
@_selection
@click.option("--safe-only", is_flag=True, help="Only what changes no deployed resource for the worse.")
@click.option("--unsafe", is_flag=True, help="Also what may replace or remove deployed resources.")
@click.option("--region", "regions", multiple=True, metavar="R", help="The region(s) that cfn-lint checks for.")
@_speed
def pr(paths: tuple[str, ...], suggest: int | None, repository: str, **given: Any) -> None:
    """Repair the templates at PATH (all, without) as the default branch of the remote has them, and keep a pull request
    with the repairs: opened, updated, rebuilt when its base moves, closed when nothing is left.

    The token comes from GITHUB_TOKEN, the server from GITHUB_SERVER_URL. Your files are not touched.
    """
    from fixer.bot import command

    wishes = {name: given.pop(name) for name in command.WISHES}
    said = command.arguments(given)

    def settings_of(folder: "Path") -> "Settings":
        return _settings(dict(given), folder)

    command.run(paths, suggest, repository, wishes, said, settings_of, click.echo)


@cli.command(short_help="Tell all about a transform.")
@click.argument("transform_id", metavar="ID", shell_complete=_completed)
def explain(transform_id: str) -> None:
    """Tell what a transform finds, why that fails, what the fix does, and what to review."""
    from fixer.report import catalogue
    from fixer.selection import by_id

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
@_requirements
@_speed
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_result
def map_(document: str, paths: tuple[str, ...], form: str, output: str | None, exit_zero: bool, **given: Any) -> None:
    """Tell of each failure that a review lists which transform repairs it and, in the templates at PATH, whether it is
    present, absent, or not to be repaired by a patch, and why. What the review lists counts as required.
    """
    from fixer import run
    from fixer.listed import State
    from fixer.report import map as map_report

    failures, report = run.map_failures(document, paths, _settings(given), _standard_input(paths))
    if report:
        _tell(report)
    if form == "json":
        _emit(map_report.as_json(failures), output)
    else:
        _emit(map_report.as_text(failures, _width(), output is None and _colour(sys.stdout)), output)
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
    from fixer.model import FixerError

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


def _settings(given: dict[str, Any], folder: "Path | None" = None) -> "Settings":
    """The settings of the configuration file of a folder (the working folder) with the command line's over them."""
    from dataclasses import replace
    from datetime import date
    from pathlib import Path

    from fixer import baseline, config, listed, requirements

    base = config.load(folder or Path.cwd())
    select, ignore, require = (_flat(given.pop(name, ())) for name in ("select", "ignore", "require"))
    values = [config.parse_option(text) for text in given.pop("values")]
    reviewed = tuple(each for review in given.pop("reviews", ()) for each in listed.statements(review))
    statements = reviewed + tuple(each for document in given.pop("documents") for each in requirements.load(document))
    select += tuple(each.name for each in reviewed)
    named = dict(config.parse_requirement(text) for text in require)
    baselines = [baseline.load(path) for path in given.pop("baselines", ())]
    own = {name: given.pop(name) for name in ("lint", "cache", "jobs") if name in given}
    flags = {name: value or getattr(base, name) for name, value in given.items()}
    return replace(
        base,
        select=select or base.select,
        ignore=base.ignore + ignore,
        require={**base.require, **requirements.declared(statements), **named},
        statements=statements,
        options=config.merge_options(base.options, values),
        today=date.today(),
        baseline=base.baseline.union(*baselines),
        **own,
        **flags,
    )


def _flat(lists: Iterable[str]) -> tuple[str, ...]:
    """The items of lists separated by commas; an option that takes one may be given several times."""
    return tuple(item for text in lists for part in text.split(",") if (item := part.strip()))


def _standard_input(paths: tuple[str, ...]) -> bytes:
    return sys.stdin.buffer.read() if "-" in paths else b""


def _reviewed(paths: tuple[str, ...], settings: "Settings", forget: bool) -> "Report":
    """The report of a review by the person at the terminal; leaves where they stop without writing."""
    if "-" in paths or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--review asks a person: standard input and output must be a terminal")
    from fixer import run
    from fixer.review import Stopped
    from fixer.terminal import Screen

    screen = Screen()
    try:
        return run.review(paths, settings, screen.ask, forget, screen.busy)
    except Stopped:
        click.echo("Nothing was written.", err=True)
        sys.exit(SOMETHING)
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        sys.exit(INTERRUPTED)


def _show_repair(report: "Report", write: bool, output: str | None) -> None:
    from fixer.report import text
    from fixer.report.diff import all_diffs

    piped = [template.after for template in report.templates if template.path == "-"]
    if write:
        _emit("".join(piped), output) if piped else None
        stream = sys.stderr if piped else sys.stdout
        _put(text.summary(report, _width(), _colour(stream)), stream)
        return
    colour = output is None and _colour(sys.stdout)
    _emit("".join(text.diff(each, colour) for each in all_diffs(report)), output)
    _put(text.summary(report, _width(), _colour(sys.stderr)), sys.stderr)


def _has_more_to_do(report: "Report", write: bool) -> bool:
    from fixer.model import Outcome

    failed = report.count(Outcome.FAILED, Outcome.UNVERIFIED, Outcome.CONFLICT)
    return bool(failed if write else failed + report.count(Outcome.WOULD_APPLY))


def _tell(report: "Report") -> None:
    from fixer.report import text

    click.echo(text.understood(report), err=True, nl=False)
    for warning in report.warnings:
        click.echo(f"fixer: warning: {warning}", err=True)
    for error in report.errors:
        click.echo(f"fixer: {error}", err=True)


def _leave(report: "Report", something: bool) -> None:
    sys.exit(ERROR if report.errors else SOMETHING if something else NOTHING)


def _emit(text: str, output: str | None) -> None:
    """Writes the command's result, byte for byte as it is."""
    if output is None:
        _put(text, sys.stdout)
        return
    from fixer.model import BadConfig

    try:
        with open(output, "wb") as file:
            file.write(text.encode())
    except OSError as error:
        raise BadConfig(f"cannot be written: {error.strerror or error}", output) from error


def _put(text: str, stream: TextIO) -> None:
    """Writes text as UTF-8 whatever the locale, line ends as they are."""
    stream.flush()
    stream.buffer.write(text.encode())
    stream.buffer.flush()


def _colour(stream: TextIO) -> bool:
    """Whether to colour what goes to a stream: a terminal, unless NO_COLOR (no-color.org) is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((120, 24)).columns


def _with_progress(played: "Iterable[Done]", total: int) -> "Iterator[Done]":
    """The projects as they are done, with a progress bar on standard error where it is a terminal and there is much to
    do; `total` counts templates.
    """
    if total < _PROGRESS_FROM or not sys.stderr.isatty():
        yield from played
        return
    with click.progressbar(length=total, label="repairing", file=sys.stderr) as bar:
        for part, report in played:
            yield part, report
            bar.update(len(part.scope))
